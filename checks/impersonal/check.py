"""impersonal: see check.yaml for what it means and cases.yaml for examples."""

import re
from collections.abc import Iterator
from itertools import combinations

from supportaudit.checkkit import Hit, Params, Talk, Turn, capitalised, clip, fold, reported, same_wording

_PLACEHOLDER = re.compile(
    r"\{\{?!?\s?[\w.| ]{2,40}\s?\}?\}|\$\{[\w.]{2,40}\}|%%?(?:first|last|customer|name)_?\w{0,12}%%?"
    r"|\[\[[\w.| -]{2,40}\]\]|<<[\w.| ]{2,40}>>|#{1,2}(?:first|last|customer|agent)_?\w{2,20}#"
    r"|\[(?:first|last|customer|your|client|agent|title|name|surname|order|vorname|nachname|kunde|anrede|bestellnummer"
    r"|voornaam|achternaam|klant|naam|prénom|prenom|nom|numéro|numero|nome|cognome|cliente|nombre|apellido|imię|imie"
    r"|nazwisko|klient|имя|фамилия|клиент|ім'я|прізвище|клієнт|όνομα|επώνυμο|πελάτη|სახელი|გვარი|անուն)[\w ]{0,20}\]"
    r"|<(?:first|last|customer|insert|agent)[\w ]{0,20}>",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"[ ,]*((?:(?:mr|mrs|ms|miss|mx|dr)\.? )?[^\W\d_][\w'-]*(?: [^\W\d_][\w'-]*)?)\s*[,!.\n:–-]",
    re.IGNORECASE,
)
_VOCATIVE = re.compile(r"\b([^\W\d_]{2,15})(,?) ([^\W\d_]{3,16})\b")
_LAST_WORD = re.compile(r"[^\w\s,'-]\s?([^\W\d_]{2,15})\.?$")
_CUT = 2000  # what stands further down in a reply is no greeting and no placeholder


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """The same canned reply twice, an unfilled or wrongly addressed template, or no name anywhere."""
    hit = (
        _unfilled(talk)
        or _canned_twice(talk, params.number("same-percent") / 100)
        or _wrong_name(talk)
        or _answers_nothing(talk)
        or _no_names(talk)
    )
    if hit is not None:
        yield hit
    else:
        yield from reported(
            talk,
            "canned_reported",
            reason="the customer reports canned or automatic answers",
            confidence=0.6,
        )


def _unfilled(talk: Talk) -> Hit | None:
    for turn in talk.agents:
        found = _PLACEHOLDER.search(turn.text[:2000])
        if found is not None and not any("{" in t.text for t in talk.customers):
            start = max(0, found.start() - 40)
            quote = clip(turn.text[start : found.end() + 60])
            return Hit((turn,), quote, "a template was sent with its placeholders unfilled", confidence=0.95)
    return None


def _canned_twice(talk: Talk, alike: float) -> Hit | None:
    if len(talk.agents) < 2:
        return None
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
    return {word for word in re.findall(r"[^\W\d_]+", fold(text)) if len(word) > 1}


def _wrong_name(talk: Talk) -> Hit | None:
    name = talk.conversation.customer_name
    names = _names_of(name)
    if not names or any(c.isdigit() for c in name) or "@" in name:
        return None
    known: set[str] = set()
    for turn in talk.agents:
        greeted = _greeted(talk, turn)
        if not greeted or greeted & names:
            continue
        if not known:
            known = names | _names_of(talk.conversation.brand)
            known |= _names_of(" ".join(t.text + " " + t.message.signature for t in talk.customers))
        if greeted & known or any(_short_for(g, n) for g in greeted for n in names):
            continue
        if greeted & _names_of(turn.author) or (turn.has("introduces_self") and turn.words < 12):
            continue  # "Hiya, Jordan here!"
        return Hit((turn,), clip(turn.text[:80]), "the reply is addressed to another name", confidence=0.75)
    return None


def _greeted(talk: Talk, turn: Turn) -> set[str]:
    """The name that the reply opens with, without titles and words that are no names."""
    if not turn.has("greeting"):
        return set()
    end = turn.spans("greeting")[0][1]
    found = _NAME.match(turn.text[end : end + 60])
    if found is None:
        return set()
    words = _names_of(found.group(1)) - talk.list_of("titles")
    return set() if words & talk.list_of("not_names") else words


def _short_for(greeted: str, name: str) -> bool:
    """Kate for Katherine, Rob for Robert; and a name with another ending, as many languages call by it."""
    return greeted[:3] == name[:3]


def _answers_nothing(talk: Talk) -> Hit | None:
    """A long reply to "Dear customer" that has hardly a word of what the customer wrote."""
    for turn in talk.agents:
        asked = talk.before(turn.index, customer=True)
        if asked is None or turn.words < 10 or len(asked.content) < 3:
            continue
        if len(turn.content & asked.content) > 1 or turn.has("done", "follow_up", "looks_up"):
            continue
        addressed = turn.has("impersonal_address") and turn.words >= 15 and not turn.asks
        if addressed or (turn.has("boilerplate") and not talk.moves_case(turn)):
            return Hit(
                (turn, asked),
                clip(turn.text),
                "a general text that does not take up what the customer wrote",
                confidence=0.6,
            )
    return None


def _no_names(talk: Talk) -> Hit | None:
    """Neither side has a name: nobody signs, nobody is greeted, though the channel shows names."""
    if len(talk.agents) < 2:
        return None
    name = talk.conversation.customer_name
    customer_names = _names_of(name) if not any(c.isdigit() for c in name) else set()
    for turn in talk.agents:
        if _signed(talk, turn) or turn.has("introduces_self") or _greeted(talk, turn):
            return None
        if (
            (any(name in turn.folded for name in customer_names) and customer_names & _names_of(turn.text))
            or _calls_by_name(talk, turn)
            or _agent_name_shown(talk, turn)
        ):
            return None
    substantive = _substantive(talk)
    if len(substantive) < 2:
        return None
    return Hit(
        tuple(substantive[:3]),
        clip(substantive[0].text),
        f"in {len(substantive)} messages no agent uses the customer's name or gives their own",
        confidence=0.75,
    )


def _signed(talk: Talk, turn: Turn) -> bool:
    """A person's name or initials below the message; the company's name is nobody's."""
    signature = turn.message.signature
    if not signature:
        return False
    words = set(re.findall(r"[^\W\d_]+", fold(signature)))
    return bool(
        words - talk.list_of("closings") - _names_of(talk.conversation.brand) - _names_of(turn.author)
    ) or (bool(words & _names_of(turn.author)) and _agent_is_person(talk, turn))


def _calls_by_name(talk: Talk, turn: Turn) -> bool:
    """ "You're welcome, William." or a first name alone at the end; the customer's name need not be known."""
    no_names = talk.list_of("not_names") | talk.list_of("closings")
    text = turn.text[:_CUT]
    before = talk.list_of("before_name")
    called = [
        name
        for word, comma, name in _VOCATIVE.findall(text)
        # A script without capitals tells a name only by the comma that a call stands behind.
        if fold(word) in before and (name[0].isupper() or (comma and capitalised(name)))
    ]
    last = _LAST_WORD.search(text.rstrip())
    if last is not None and capitalised(last[1]):
        called.append(last[1])
    return any(fold(name) not in no_names for name in called)


def _agent_is_person(talk: Talk, turn: Turn) -> bool:
    words = _names_of(turn.author)
    own = words - _names_of(talk.conversation.brand)  # in a family firm the owner bears its name
    return bool(own) and not words & talk.list_of("shared_accounts")


def _agent_name_shown(talk: Talk, turn: Turn) -> bool:
    """The channel shows a person's name beside each message, so the customer knows who writes."""
    return talk.channel != "social" and capitalised(turn.author) and _agent_is_person(talk, turn)


def _substantive(talk: Talk) -> list[Turn]:
    """Messages that move the case; two in a row within one answer count once."""
    found: list[Turn] = []
    answered = True  # what the company posts before anybody asked is no answer
    for turn in talk.turns:
        if turn.is_customer:
            answered = False
        elif not answered and turn in talk.agents and talk.moves_case(turn):
            found.append(turn)
            answered = True
    return found
