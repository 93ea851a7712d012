"""impersonal: see check.yaml for what it means and cases.yaml for examples."""

import re
from collections.abc import Iterator
from itertools import combinations

from supportaudit.checkkit import Hit, Params, Talk, Turn, clip, same_wording

_PLACEHOLDER = re.compile(
    r"\{\{?\s?[\w.| ]{2,40}\s?\}?\}|\[(?:first|last|customer|your|client|agent|title|name|surname|order)[\w ]{0,20}\]"
    r"|<(?:first|last|customer|insert|agent)[\w ]{0,20}>|%(?:first|last|customer)_?\w{0,12}%|\$\{[\w.]{2,40}\}",
    re.IGNORECASE,
)
_GREETED = re.compile(r"^\W*(?:@\w+\W+)*(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening|day))[ ,]+((?:(?:mr|mrs|ms|miss|dr)\.? )?[\w'-]+(?: [\w'-]+)?)\s*[,!.\n:-]", re.IGNORECASE)  # fmt: skip


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """The same canned reply twice, an unfilled or wrongly addressed template, or no name anywhere."""
    hit = (
        _unfilled(talk)
        or _canned_twice(talk, params.number("same-percent") / 100)
        or _wrong_name(talk)
        or _no_names(talk)
    )
    if hit is not None:
        yield hit


def _unfilled(talk: Talk) -> Hit | None:
    for turn in talk.agents:
        found = _PLACEHOLDER.search(turn.text[:2000])
        if found is not None:
            start = max(0, found.start() - 40)
            quote = clip(turn.text[start : found.end() + 60])
            return Hit((turn,), quote, "a template was sent with its placeholders unfilled", confidence=0.95)
    return None


def _canned_twice(talk: Talk, alike: float) -> Hit | None:
    long = [
        (t, " ".join(t.folded.split())) for t in talk.agents if t.words >= 9 and not t.has("asks_account")
    ]
    for (first, one), (second, other) in combinations(long[:60], 2):
        if (
            min(len(one), len(other)) >= alike * max(len(one), len(other))
            and same_wording(one, other) >= alike
        ):
            return Hit(
                (first, second),
                clip(second.text),
                "the same reply was sent to this customer twice",
                confidence=0.9 if one == other else 0.8,
                agent=second.author or None,
            )
    return None


def _names_of(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]+", text.casefold()) if len(word) > 2}


def _wrong_name(talk: Talk) -> Hit | None:
    names = _names_of(talk.conversation.customer_name)
    if not names or any(c.isdigit() for c in talk.conversation.customer_name):
        return None
    for turn in talk.agents:
        found = _GREETED.search(turn.text[:200])
        if found is None:
            continue
        greeted = _names_of(found.group(1)) - talk.list_of("titles")
        if not greeted or greeted & talk.list_of("not_names") or greeted & names:
            continue
        known = names | _names_of(" ".join(t.text + " " + t.message.signature for t in talk.customers))
        company = _names_of(talk.conversation.brand)
        if not greeted & known and not greeted & company and not _nickname(greeted, names):
            return Hit(
                (turn,), clip(turn.text[:80]), "the reply is addressed to another name", confidence=0.75
            )
    return None


def _nickname(greeted: set[str], names: set[str]) -> bool:
    return any(a[:3] == b[:3] for a in greeted for b in names)


def _no_names(talk: Talk) -> Hit | None:
    """Neither side has a name: nobody signs, nobody is greeted, though the channel shows names."""
    substantive = _substantive(talk)
    if len(substantive) < 2:
        return None
    name = talk.conversation.customer_name
    customer_names = _names_of(name) if not any(c.isdigit() for c in name) else set()
    for turn in talk.agents:
        if turn.message.signature or turn.has("introduces_self"):
            return None
        words = _names_of(turn.text)
        if customer_names & words or _greets_somebody(talk, turn):
            return None
        if _agent_name_shown(talk, turn):
            return None
    return Hit(
        tuple(substantive[:3]),
        clip(substantive[0].text),
        f"in {len(substantive)} messages no agent uses the customer's name or gives their own",
        confidence=0.65,
    )


def _greets_somebody(talk: Talk, turn: Turn) -> bool:
    found = _GREETED.search(turn.text[:120])
    return found is not None and bool(
        _names_of(found.group(1)) - talk.list_of("not_names") - talk.list_of("titles")
    )


def _agent_name_shown(talk: Talk, turn: Turn) -> bool:
    """The channel shows a person's name beside each message, so the customer knows who writes."""
    author, brand = turn.author.strip(), talk.conversation.brand
    if not author or talk.channel == "social":
        return False
    generic = {
        "support",
        "care",
        "team",
        "service",
        "agent",
        "desk",
        "relations",
        "customer",
        "help",
        "admin",
        "info",
    }
    words = _names_of(author)
    return bool(words) and not words & generic and not words & _names_of(brand) and author[0].isupper()


def _substantive(talk: Talk) -> list[Turn]:
    """Messages that move the case; two in a row within one answer count once."""
    found: list[Turn] = []
    last_agent: Turn | None = None
    for turn in talk.turns:
        if turn.is_customer:
            last_agent = None
        elif turn in talk.agents:
            if _moves(turn) and last_agent is None:
                found.append(turn)
                last_agent = turn
    return found


def _moves(turn: Turn) -> bool:
    courteous = set(turn.sentences_with("courtesy", "greeting", "apology", "auto_reply"))
    rest = [s for _, _, s in turn.sentences() if s not in courteous and len(s.split()) >= 3]
    return bool(rest) or turn.asks or turn.has("push", "asks_steps", "done")
