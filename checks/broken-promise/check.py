"""broken-promise: see check.yaml for what it means and cases.yaml for examples."""

from collections.abc import Iterator

from supportaudit.checkkit import DAY, NEAR, Hit, Params, Promise, Talk, Turn, reported

HOUR = 3600.0


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """A commitment whose time passed unfulfilled, or the customer says that one was broken."""
    grace = params.number("grace-hours") * HOUR
    broken = list(_broken(talk, grace))
    yield from broken[:1]
    if not broken:
        yield from reported(
            talk,
            "promise_reported",
            reason="the customer reports that an earlier commitment was not kept",
            confidence=0.75,
        )


def _broken(talk: Talk, grace: float) -> Iterator[Hit]:
    for promise in talk.promises:
        complaint = _came_back(talk, promise)
        if complaint is not None:
            yield Hit(
                (promise.turn, complaint) if complaint.talk is talk else (promise.turn,),
                promise.sentence.strip(),
                "the customer came back after the promised time because it had not happened",
                confidence=0.9,
            )
        elif not promise.estimate and _passed_in_silence(talk, promise, grace):
            yield Hit(
                (promise.turn,),
                promise.sentence.strip(),
                "the promised time passed and no message shows that it was kept",
                confidence=0.6,
            )


def _came_back(talk: Talk, promise: Promise) -> Turn | None:
    """A customer message past the due time that asks for what was promised or says that it is missing."""
    pasts = (other.customer_past(promise.due) for other in (talk, *talk.later))
    turn = next((t for t in pasts if t is not None), None)
    if turn is None:
        return None
    missing = turn.has("promise_reported", "follow_up_reported", "chase", "still")
    if turn.has("solved", "thanks", "praise") and not missing:
        return None
    about = turn.content & promise.turn.content
    if (missing and (turn.talk is talk or about)) or (turn.has("problem", "complaint") and len(about) >= 2):
        return turn
    if turn.talk is not talk or promise.estimate:
        return None
    return turn if _regretted(talk, turn) or _nothing_since(talk, promise, turn) else None


def _nothing_since(talk: Talk, promise: Promise, turn: Turn) -> bool:
    """The customer is the first to write after the promise fell due, and wants something."""
    if turn.index - promise.turn.index > NEAR:
        return False  # so much was said that nobody can tell
    between = talk.turns[promise.turn.index + 1 : turn.index]
    heard = any((t.is_agent and t.has("done")) or (t.is_system and t.has("event_done")) for t in between)
    late = any(t.is_agent and t.at is not None and t.at >= promise.due - DAY / 24 for t in between)
    return not heard and not late and talk.needs_answer(turn) and not turn.has("accepts", "leaves_politely")


def _regretted(talk: Talk, turn: Turn) -> bool:
    """The customer is back, and the first thing the agent does is to apologise or to admit it."""
    answer = talk.after(turn.index, agent=True)
    return talk.needs_answer(turn) and answer is not None and answer.has("apology", "takes_back")


def _passed_in_silence(talk: Talk, promise: Promise, grace: float) -> bool:
    """Promises to get in touch need a message; of a delivery the log tells only what the help desk noted."""
    if not talk.now.passed(promise.due + grace):
        return False
    answer = talk.after(promise.turn.index, customer=True)  # "Perfect, thanks" takes note of the promise
    for turn in talk.told_after(promise.turn):
        if turn.at is None:
            continue
        noted = turn.is_system and turn.has("event_done")
        if promise.contact and (turn.is_agent or noted or (turn.is_system and turn.has("event_contact"))):
            return turn.at > promise.due + grace
        if noted:
            return turn.at > promise.due + grace
        if turn.is_customer and turn.has("solved") and (turn is not answer or turn.at > promise.due):
            return False
    return promise.contact and talk.told_to_the_end(promise.turn)
