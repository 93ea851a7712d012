"""Strengths and signals: what went well, and why people write. Tallied beside the checks, never in the score.

A signal is a small function over a `Talk` that yields a `Seen` for every case it can judge: it was so, or it was
not. What it cannot judge it leaves out; where it lacks a clock or a language pack it is not applicable.
`docs/signals.md` says what each means, whence it comes and what it cannot tell.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import msgspec

from supportaudit.checkkit import DAY, NotApplicable, Promise, Talk, Turn, clip, duration, shared
from supportaudit.model import Observation, SignalInfo, SignalKind
from supportaudit.wording.fold import fold

QUICK = 300.0
"""Seconds within which an answer keeps its effect even where the problem is not solved."""

ANY_REASON = "reason-other"
"""Its cases are those of all reasons: a reason that is not shown is not observed."""

SOON = 7 * DAY
"""Who writes again within this time has come back."""

_GRACE = 3_600.0  # a promise kept an hour late is not held against anybody; broken-promise allows the same
_SHORT, _LONG = 200, 400
_LOOKED_AT = 20  # so many of a customer's next conversations are looked at, however many there are
_WORD = re.compile(r"[^\W\d_]+")
_LONG_WORD = re.compile(r"[^\W_][\w-]{3,}")
_MISSING = ("promise_reported", "follow_up_reported", "chase", "still")
_COURTESIES = (
    "courtesy",
    "greeting",
    "introduces_self",
    "impersonal_address",
    "apology",
    "asks_more",
    "farewell",
)


class Seen(msgspec.Struct, frozen=True, gc=False):
    """Cases of one agent: `shown` of so many `cases` were so, the messages that show one, and its words.

    `agent` is None where it concerns everybody who wrote in the conversation, "" where the log gives no name.
    `quote` is called only for the case that is kept as the proof.
    """

    shown: int
    turns: tuple[Turn, ...] = ()
    quote: Callable[[], str] = str
    agent: str | None = None
    cases: int = 1


@dataclass(frozen=True)
class Signal:
    """A signal: what it says of itself, what it needs ("wording", "clock"), and its function.

    Reasons have none of their own: one function looks for all of them.
    """

    info: SignalInfo
    needs: frozenset[str]
    see: Callable[[Talk], Iterator[Seen]] | None


def observe(talk: Talk) -> list[Observation]:
    """What every signal sees in a conversation, one observation for each agent concerned."""
    found: list[Observation] = []
    lacking = _lacking(talk)
    for signal in SIGNALS:
        name = signal.info.id
        if signal.see is None and name != ANY_REASON:
            continue
        try:
            if reason := next((why for need, why in lacking if need in signal.needs), ""):
                found.append(Observation(name, reason=reason))
            elif signal.see is not None:
                found += _by_agent(name, list(signal.see(talk)))
            else:
                found += [_observation(reason, seen) for reason, seen in _reasons(talk)]
        except NotApplicable as why:
            found.append(Observation(name, reason=str(why)))
        except Exception as error:  # a signal's crash is shown and must not end the audit
            reason = f"{type(error).__name__} in signal '{name}'"
            found.append(Observation(name, reason=reason, crashed=True))
    return found


def _lacking(talk: Talk) -> list[tuple[str, str]]:
    """What a signal may need that the talk has not, and how that is said."""
    lacking = []
    if not talk.customers:
        lacking.append(("customer", "no message of a customer"))
    if not talk.has_wording:
        lacking.append(("wording", "no language pack"))
    if not talk.has_clock:
        lacking.append(("clock", "no time stamps"))
    return lacking


def _by_agent(name: str, seen: list[Seen]) -> list[Observation]:
    if len(seen) < 2:
        return [_observation(name, one) for one in seen]
    agents: dict[str | None, list[Seen]] = {}
    for one in seen:
        agents.setdefault(one.agent, []).append(one)
    return [_observation(name, _together(theirs)) for theirs in agents.values()]


def _together(seen: list[Seen]) -> Seen:
    """Several cases of one agent; the first that was so, or else the first, is the proof."""
    proof = next((one for one in seen if one.shown), seen[0])
    shown, cases = sum(one.shown for one in seen), sum(one.cases for one in seen)
    return msgspec.structs.replace(proof, shown=shown, cases=cases)


def _observation(name: str, seen: Seen) -> Observation:
    messages = [turn.message for turn in seen.turns]
    line = messages[0].line if messages else 0
    ids = tuple([message.id for message in messages])
    return Observation(name, seen.cases, int(seen.shown), ids, seen.quote(), seen.agent, line)


def _all(turn: Turn) -> str:
    """A message as a quote; it is made one line where it is kept."""
    return turn.text[:_LONG]


def _words(turn: Turn, marker: str) -> str:
    """The sentence in which a marker stands; a short text as a whole, which is cheaper to find."""
    return turn.text if len(turn.text) <= _SHORT else turn.quote(marker)


@lru_cache(maxsize=1)
def _told(talk: Talk) -> dict[str, list[Turn]]:
    """The customer's messages by those of their markers that more than one signal would look for."""
    told: dict[str, list[Turn]] = {"signal_angry": [], "signal_self_service": [], "praise": []}
    for turn in talk.customers:
        markers = turn.markers
        if "praise" in markers or "thanks" in markers:
            told["praise"].append(turn)
        for marker in ("signal_angry", "signal_self_service"):
            if marker in markers and turn.says(marker):
                told[marker].append(turn)
    return told


# ---- praise

_NOT_PLEASED = ("complaint", "resigned", "chase", "question", "signal_angry", "signal_no_praise")
_TROUBLE = ("problem", "signal_fault", "contradicts")


def _is_pleased(talk: Talk, turn: Turn) -> bool:
    """Praise or thanks in earnest: no thanks in advance, no polite no, nothing left to ask."""
    marks = turn.markers
    if (
        marks.isdisjoint(("praise", "thanks"))
        or talk.needs_answer(turn)
        or not marks.isdisjoint(_NOT_PLEASED)
    ):
        return False
    if "solved" not in marks and not marks.isdisjoint(_TROUBLE):
        return False
    if turn.folded.strip(" .!,:)\n") in talk.list_of("yes_no"):
        return False
    if marks.isdisjoint(("thanks", "solved")):
        before = talk.before(turn.index, agent=True)
        if before is not None and before.asks:
            return False  # "Yes, that would be super" answers an offer
    return "accepts" not in marks or turn.says("praise", "solved")


@lru_cache(maxsize=1)
def _last_pleased(talk: Talk) -> Turn | None:
    return next((turn for turn in reversed(_told(talk)["praise"]) if _is_pleased(talk, turn)), None)


def _praise_answered(talk: Talk) -> Iterator[Seen]:
    """The customer's last praise or thanks, and whether a person answered it."""
    turn = _last_pleased(talk)
    if turn is not None:
        yield from _answered(talk, turn)


def _praise_unanswered(talk: Talk) -> Iterator[Seen]:
    """The same for words of praise only, seen from the other side: nobody took it up."""
    turn = _last_pleased(talk)
    if turn is not None and turn.has("praise") and turn.words >= 4:
        yield from (Seen(not s.shown, s.turns[:1], s.quote, s.agent) for s in _answered(talk, turn))


def _answered(talk: Talk, turn: Turn) -> Iterator[Seen]:
    reply = _reply_after(talk, turn)
    if reply is not None:
        yield Seen(True, (turn, reply), partial(_all, turn), reply.author)
    elif not (turn.has("farewell") or talk.conversation.truncated) and talk.is_overdue(turn.at):
        before = talk.before(turn.index, agent=True)
        author = before.author if before is not None else None
        yield Seen(False, (turn,), partial(_all, turn), author)


def _reply_after(talk: Talk, turn: Turn) -> Turn | None:
    """The next message of a person of the company."""
    reply = talk.after(turn.index, agent=True)
    while reply is not None and talk.is_automatic(reply):
        reply = talk.after(reply.index, agent=True)
    return reply


# ---- anger met with understanding


def _empathy(talk: Talk) -> Iterator[Seen]:
    """Each answer to an angry message: whether it takes up the feeling or apologises before it comes to facts."""
    answers: dict[int, tuple[Turn, Turn]] = {}
    for turn in _told(talk)["signal_angry"]:
        if (reply := _reply_after(talk, turn)) is not None:
            answers.setdefault(reply.index, (turn, reply))
    for angry, reply in answers.values():
        telling, shown = _takes_up(talk, reply)
        quote = partial(_words, telling, "signal_feels") if shown else partial(_all, telling)
        yield Seen(shown, (angry, telling), quote, telling.author)


def _takes_up(talk: Talk, reply: Turn) -> tuple[Turn, bool]:
    """The message that decides it, for a greeting may stand in a message of its own, and whether it does."""
    turn: Turn | None = reply
    while turn is not None and not turn.is_customer:
        if turn.is_agent and (turn.has("signal_feels") or talk.moves_case(turn)):
            return turn, _feels_first(turn)
        turn = talk.after(turn.index, customer=True, agent=True)
    return reply, False


def _feels_first(turn: Turn) -> bool:
    """Only courtesies and short beginnings stand before the words of feeling."""
    feeling = set(turn.sentences_with("signal_feels"))
    courteous = set(turn.sentences_with(*_COURTESIES))
    for _, _, sentence in turn.sentences():
        if sentence in feeling:
            return True
        if len(sentence.split()) > (8 if sentence in courteous else 3):
            return False
    return False


# ---- speed, names, promises


def _quick_reply(talk: Talk) -> Iterator[Seen]:
    """The first human reply on a channel where people wait for it, by the real clock; asked while somebody is there."""
    if talk.channel not in ("chat", "social"):
        return
    wait = next((w for w in talk.waits if w.is_first), None)
    if wait is None or not talk.waited(wait.asked[0].at, (wait.asked[0].at or 0.0) + 1.0):
        return
    if wait.reply is None:
        if not talk.conversation.truncated and wait.exceeds(QUICK, all_hours=True):
            yield Seen(
                False, wait.asked[:1], lambda: wait.measured("no answer within {wait}", all_hours=True).said
            )
    elif wait.reply.at is not None:
        turns = (wait.asked[0], wait.reply)
        yield Seen(
            wait.elapsed <= QUICK,
            turns,
            lambda: f"answered after {duration(wait.elapsed)}",
            wait.reply.author,
        )


def _signed_replies(talk: Talk) -> Iterator[Seen]:
    """The public messages of each agent, and how many carry a name or initials."""
    written: dict[str, list[Turn]] = {}
    for turn in talk.agents:
        written.setdefault(turn.author, []).append(turn)
    for author, turns in written.items():
        signed = [turn for turn in turns if turn.has("signal_gives_name") or _is_signature(talk, turn)]
        proof = signed[0] if signed else turns[0]
        yield Seen(len(signed), (proof,), partial(_name_given, talk, proof), author, len(turns))


def _name_given(talk: Talk, turn: Turn) -> str:
    if _is_signature(talk, turn):
        return clip(turn.message.signature, 80)
    return _words(turn, "signal_gives_name") if turn.has("signal_gives_name") else clip(turn.text[:_LONG], 80)


def _is_signature(talk: Talk, turn: Turn) -> bool:
    """Whether a person's name is left in the signature without closings and the company's name."""
    signature = turn.message.signature
    if not signature:
        return False
    words = _names(signature) - talk.list_of("closings") - _names(talk.conversation.brand)
    author = _names(turn.author)
    return bool(words - author if author & talk.list_of("shared_accounts") else words)


@lru_cache(maxsize=512)
def _names(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(text)))


def _promises_kept(talk: Talk) -> Iterator[Seen]:
    """Promises that have fallen due and of which the log shows what became."""
    for promise in talk.promises:
        if promise.estimate or not talk.now.reached(promise.due):
            continue
        if promise.sentence in promise.turn.sentences_with("signal_offer"):
            continue  # what would be done if the customer wants it
        outcome = _outcome(talk, promise)
        if outcome is not None:
            turn, kept = outcome
            yield Seen(kept, (promise.turn, *turn), partial(clip, promise.sentence), promise.turn.author)


def _outcome(talk: Talk, promise: Promise) -> tuple[tuple[Turn, ...], bool] | None:
    """The message that shows it and whether it was kept; None where the log does not tell."""
    anybody = asked = False
    first = talk.after(promise.turn.index, customer=True)
    for turn in talk.told_after(promise.turn):
        if turn.at is None:
            continue
        in_time = turn.at <= promise.due + _GRACE
        own = (turn,) if turn.talk is talk else ()
        if turn.is_system and turn.has("event_done", *(("event_contact",) if promise.contact else ())):
            return own, in_time
        if turn.is_customer:
            if not in_time and turn.has(*_MISSING):
                return own, False
            if turn.has("solved") and in_time and turn.talk is talk and turn is not first:
                return own, True
            asked = turn.talk.needs_answer(turn)
        elif turn.is_agent and not turn.talk.is_automatic(turn):
            anybody = True
            if _delivers(promise, turn, asked):
                return own, in_time
    silent = promise.contact and not anybody and talk.told_to_the_end(promise.turn)
    if silent and not talk.conversation.truncated and talk.now.passed(promise.due + _GRACE):
        return (), False
    return None


def _delivers(promise: Promise, turn: Turn, asked: bool) -> bool:
    """An agent comes back unasked after a pause, or says that just this was done."""
    said = promise.turn.at or 0.0
    if turn.has("done") and turn.content & turn.talk.words_of(promise.sentence):
        return True
    pause = 60.0 if promise.due - said <= 3_600 else 900.0
    return promise.contact and not asked and (turn.at or 0.0) - said >= pause and turn.talk.moves_case(turn)


# ---- solved, and coming back


def _first_contact(talk: Talk) -> Iterator[Seen]:
    """A request that is not the sequel of an earlier one: the customer says it is settled and does not return."""
    if not talk.waits or talk.conversation.truncated:
        return
    if any(_soon_after(e, talk) and _same_matter(e, talk) for e in talk.earlier[-_LOOKED_AT:]):
        return
    settled = talk.is_solved and (bool(talk.conversation.customer_id) or len(talk.waits) == 1)
    if settled:
        settled = not any(_soon_after(talk, o) and _same_matter(talk, o) for o in talk.later[:_LOOKED_AT])
    last = talk.customers[-1]
    asked = talk.waits[0].asked[0]
    yield Seen(settled, (asked, last) if last is not asked else (asked,), partial(_all, last))


def _soon_after(first: Talk, second: Talk) -> bool:
    """Whether the second began after the first, and at most seven days after its end."""
    if first.span is None or second.span is None:
        return False
    return first.span[0] <= second.span[0] <= first.span[1] + SOON


def _same_matter(first: Talk, second: Talk) -> bool:
    """The same number or code, or half of the words that carry meaning."""
    one, other = _matter(first), _matter(second)
    common = one & other
    return any(map(_is_code, common)) or (len(common) >= 3 and shared(one, other) >= 0.5)


def _is_code(word: str) -> bool:
    """An order number or the like."""
    return len(word) >= 4 and sum(map(str.isdigit, word)) >= 2


@lru_cache(maxsize=8)
def _matter(talk: Talk) -> frozenset[str]:
    words = frozenset(word for turn in _opening(talk) for word in _LONG_WORD.findall(turn.folded[:_LONG]))
    return words - talk.list_of("stopwords")


def _came_back(talk: Talk) -> Iterator[Seen]:
    """Whether the customer's next conversation began within seven days of this one's end."""
    if not talk.conversation.customer_id:
        raise NotApplicable("customers are not identified")
    following = next((o for o in talk.later[:1] if _soon_after(talk, o)), None)
    if following is None:
        yield Seen(False)
    else:
        first = next(iter(following.customers), following.turns[0])
        yield Seen(
            True, talk.customers[-1:], partial(clip, f"{following.conversation.id}: {first.text[:300]}")
        )


# ---- why people write


def _self_service(talk: Talk) -> Iterator[Seen]:
    """Only where it was so; the cases are all conversations whose reason is looked for."""
    turn = next((t for t in _told(talk)["signal_self_service"] if not t.has("not_ours")), None)
    if turn is not None:
        yield Seen(True, (turn,), partial(_words, turn, "signal_self_service"))


#: Reason -> title, meaning, and the markers that show it.
_REASONS = {
    "delivery": ("Delivery", "A delivery, a parcel, or where an order is.", ("signal_delivery",)),
    "refund": ("Money or goods back", "Money back, or something sent back.", ("signal_refund",)),
    "billing": ("Bill or payment", "A bill, a charge, a payment or a price.", ("signal_billing",)),
    "account": ("Account or login", "Logging in, a password, an account.", ("signal_account",)),
    "fault": ("Fault or bug", "Something is broken, wrong or does not work.", ("signal_fault",)),
    "change": ("Change or cancel", "An order, booking or contract to be changed.", ("signal_change",)),
    "how-to": ("How-to question", "How something is done, works or fits.", ("signal_how_to",)),
    "product": (
        "Question about a product",
        "Its price, stock or make, or when a shop is open.",
        ("signal_product",),
    ),
    "staff": (
        "Complaint about staff",
        "A person of the company.",
        ("signal_staff", "rude_reported", "argued_reported", "clueless_reported"),
    ),
    "chasing": (
        "Chasing an earlier request",
        "An answer, a call or a promise that did not come.",
        (
            "chase",
            "promise_reported",
            "follow_up_reported",
            "wait_reported",
            "cannot_reach",
            "passed_reported",
        ),
    ),
}
_REASON_OF: Mapping[str, str] = {
    marker: reason for reason, (_, _, markers) in _REASONS.items() for marker in markers
}
# A bare "hello?" is found to chase an answer: no reason to write.
_ANY_REASON = frozenset(_REASON_OF) - {"chase"}


@lru_cache(maxsize=2)
def _opening(talk: Talk) -> tuple[Turn, ...]:
    """The customer's messages up to the first answer; up to the second where a greeting was all they said."""
    answers = [turn.index for turn in talk.agents[:2]]
    opening = tuple(t for t in talk.customers if not answers or t.index < answers[0]) or talk.customers[:1]
    if (
        not all(_ANY_REASON.isdisjoint(t.markers) for t in opening)
        or sum(t.words for t in opening) > 12
        or not answers
    ):
        return opening
    # Where the agent began the talk, both answers may stand before the customer's first word.
    return tuple(t for t in talk.customers if len(answers) < 2 or t.index < answers[1]) or opening


def _reasons_of(talk: Talk) -> dict[str, Turn]:
    """Each reason that the opening shows, with the message that shows it."""
    opening = _opening(talk)
    found: dict[str, Turn] = {}
    for turn in opening:
        for reason in {_REASON_OF[marker] for marker in turn.markers & _REASON_OF.keys()}:
            # "hello? anybody?" after a few minutes chases this request, not an earlier one.
            if reason != "chasing" or (turn is opening[0] and turn.words > 2):
                found.setdefault(reason, turn)
    if not any(talk.needs_answer(turn) for turn in opening):
        pleased = next((turn for turn in opening if _is_pleased(talk, turn)), None)
        if pleased is not None:
            found["praise"] = pleased
    return found or {"other": opening[0]}


def _reasons(talk: Talk) -> Iterator[tuple[str, Seen]]:
    """Each reason by its signal's id. `reason-other` always has a case: it counts the conversations looked at."""
    found = _reasons_of(talk)
    for reason in sorted(found):
        yield f"reason-{reason}", Seen(True, (found[reason],), partial(_all, found[reason]))
    if "other" not in found:
        yield ANY_REASON, Seen(False)


# ---- the registry

_TWITTER = "Study of airline and mobile-operator customers on Twitter (Harvard Business Review)"
_SURVEY = "Survey of 1,500 consumers on what enrages them (ClickFox)"
_JITBIT = "“11 ways bad customer service burns your bottom line” (Jitbit)"
_PHONE = "Article on mail and telephone service and customers' satisfaction"


def _signal(
    name: str,
    kind: SignalKind,
    unit: str,
    title: str,
    about: str,
    source: str,
    see: Callable[[Talk], Iterator[Seen]] | None,
    needs: str = "wording",
    among: str = "",
) -> Signal:
    return Signal(
        SignalInfo(name, kind, unit, title, about, source, among),
        frozenset(("customer", *needs.split())),
        see,
    )


def _why(name: str, title: str, about: str) -> Signal:
    among = ANY_REASON if name != "other" else ""
    return _signal(
        f"reason-{name}", SignalKind.REASON, "conversations", title, about, _SURVEY, None, among=among
    )


SIGNALS = (
    _signal(
        "praise-answered", SignalKind.STRENGTH, "conversations", "Praise and thanks were answered",
        "Of conversations in which the customer praises or thanks: those in which a person answered it.",
        _TWITTER, _praise_answered, "wording clock",
    ),
    _signal(
        "empathy-shown", SignalKind.STRENGTH, "answers", "Anger was met with understanding",
        "Of answers to an angry customer: those that take up the feeling or apologise before they come to facts.",
        _TWITTER, _empathy,
    ),
    _signal(
        "quick-reply", SignalKind.STRENGTH, "conversations", "The first reply came within five minutes",
        "Of requests by chat or social media: those that a person answered within five minutes.",
        _TWITTER, _quick_reply, "clock",
    ),
    _signal(
        "signed-replies", SignalKind.STRENGTH, "messages", "Agents signed their messages",
        "Of agents' public messages: those with a signature, initials or a name in them.",
        _TWITTER, _signed_replies,
    ),
    _signal(
        "promises-kept", SignalKind.STRENGTH, "promises", "Promises were kept",
        "Of promises that fell due and of which the log shows what became: those kept within an hour of the time.",
        _JITBIT, _promises_kept, "wording clock",
    ),
    _signal(
        "solved-at-first-contact", SignalKind.STRENGTH, "conversations", "Solved at the first contact",
        "Of first requests: those that the customer says are settled and does not raise again within seven days.",
        _PHONE, _first_contact, "wording clock",
    ),
    _signal(
        "praise-unanswered", SignalKind.SIGNAL, "conversations", "Praise was left lying",
        "Of conversations in which the customer praises in words: those in which nobody answered it in time.",
        _TWITTER, _praise_unanswered, "wording clock",
    ),
    _signal(
        "self-service-failed", SignalKind.SIGNAL, "conversations", "Self-service was tried first and failed",
        "Of conversations: those in which the customer says that help pages, bot, app or website did not help.",
        _SURVEY, _self_service, among=ANY_REASON,
    ),
    _signal(
        "came-back", SignalKind.SIGNAL, "conversations", "The customer came back within seven days",
        "Of conversations of known customers: those after which the customer's next one began within seven days.",
        _SURVEY, _came_back, "clock",
    ),
    *(_why(name, title, about) for name, (title, about, _) in _REASONS.items()),
    _why("praise", "Praise", "Praise or thanks, and nothing to ask."),
    _why("other", "Other or unknown", "The wording shows none of these reasons."),
)  # fmt: skip


def signal_infos() -> tuple[SignalInfo, ...]:
    """What the signals say of themselves, in the order of reports."""
    return tuple(signal.info for signal in SIGNALS)
