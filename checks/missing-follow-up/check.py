"""missing-follow-up: see check.yaml for what it means and cases.yaml for examples."""

from collections.abc import Iterator

from supportaudit.checkkit import ASKS_FACT, Hit, Params, Talk, Turn, reported


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """An open question at the end, an open promise without a time, or the customer reports one."""
    if talk.has_clock and not talk.conversation.truncated:
        hit = _open_question(talk) or _closed_over(talk) or _open_promise(talk)
        if hit is not None:
            yield hit
    yield from reported(
        talk,
        "follow_up_reported",
        reason="the customer reports that a follow-up never came",
        confidence=0.6,
        unless=("promise_reported",),  # with a definite time it is a broken promise
    )


def _open_question(talk: Talk) -> Hit | None:
    wait = talk.open_wait
    if wait is None or not talk.agents or talk.is_resigned or not wait.exceeds(talk.limit):
        return None
    asked = next((t for t in reversed(wait.asked) if _is_open(talk, t)), None)
    if asked is None:
        return None
    if any(t.is_system and t.has("event_contact", "event_done") for t in talk.turns[wait.asked[0].index :]):
        return None
    clear = asked.has("question", "chase")
    return Hit(
        wait.asked,
        asked.quote("question", "request", "problem"),
        "the conversation ends on an open question, unanswered for {wait}",
        confidence=0.65 if clear else 0.6,
        agent=talk.agents[-1].author or None,
        wait=wait,
    )


def _closed_over(talk: Talk) -> Hit | None:
    """The customer's last question got nothing but a goodbye."""
    asked = talk.customers[-1]
    after = [t for t in talk.agents if t.index > asked.index]
    if not after or any(talk.moves_case(t) or t.content & asked.content for t in after):
        return None
    if not asked.has("question", "request"):
        return None
    if not _is_open(talk, asked) or not any(t.has("courtesy", "farewell") for t in after):
        return None
    if not talk.is_overdue(asked.at):
        return None  # the agent may still come back
    return Hit(
        (asked, after[-1]),
        asked.quote("question", "request"),
        "the customer's last question got nothing but a closing phrase",
        confidence=0.7,
    )


def _is_open(talk: Talk, turn: Turn) -> bool:
    """Asks, or answers what the agent asked; a last remark or a sigh wants no answer."""
    asks = any(len(sentence.split()) > 2 for sentence in turn.sentences_with("question"))
    if turn.has("chase", "request") or (turn.has("question") and turn.words > 2):
        # "Already?! Thank you both": beside thanks, a word with a question mark asks nothing.
        return not turn.has("solved") and (asks or not turn.has("thanks", "accepts"))
    if turn.has("thanks", "solved", "praise", "accepts", "farewell"):
        return False
    before = talk.before(turn.index, agent=True)
    return turn.has("tried_already", "contradicts") or (before is not None and before.has(*ASKS_FACT))


def _open_promise(talk: Talk) -> Hit | None:
    timed = {p.turn.index for p in talk.promises}
    for turn in reversed(talk.agents):
        if turn.index in timed or not turn.says("follow_up") or turn.has("secure_channel"):
            continue
        if turn.asks and talk.after(turn.index, customer=True) is None:
            return None  # the customer has to answer first
        if _kept(talk, turn) or (talk.is_solved and _asked_after(talk, turn) is None and turn.has("done")):
            return None
        if not talk.is_overdue(turn.at):
            return None
        return Hit(
            (turn,),
            turn.quote("follow_up"),
            "said they would come back, and no message of an agent followed",
            confidence=0.75,
        )
    return None


def _kept(talk: Talk, turn: Turn) -> bool:
    """Any later message of an agent, or a contact that the help desk logged."""
    if any(a.index > turn.index and talk.moves_case(a) for a in talk.agents):
        return True
    if any(t.is_system and t.index > turn.index and t.has("event_contact", "event_done") for t in talk.turns):
        return True
    after = [t for t in talk.customers if t.index > turn.index]
    return any(t.has("solved") for t in after)


def _asked_after(talk: Talk, turn: Turn) -> Turn | None:
    return next((t for t in talk.customers if t.index > turn.index and talk.needs_answer(t)), None)
