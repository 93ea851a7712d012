"""run-around: see check.yaml for what it means and cases.yaml for examples."""

from collections.abc import Iterator
from itertools import pairwise

from supportaudit.checkkit import (
    Hit,
    NotApplicable,
    Params,
    Severity,
    Talk,
    Turn,
    has_link_or_number,
    reported,
)

NO_WORDS = "zxx"  # the language code of an export that holds no text, only counts


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """Passed on twice without a solution, passed on once in vain, or the customer reports it."""
    if not talk.has_wording:
        yield from _counted(talk)
        return
    hit = _passed_on(talk) or _nobody_behind(talk)
    if hit is not None:
        yield hit
    else:
        yield from reported(
            talk,
            "passed_reported",
            reason="the customer reports being passed around",
            confidence=0.7,
        )


def _passed_on(talk: Talk) -> Hit | None:
    transfers = [talk.turns[h.index] for h in talk.transfers]
    announced = [t for t in talk.agents if t.says("transfers") and not transfers]
    pushes = [t for t in talk.agents if _is_push(t)]
    steps = sorted({t.index: t for t in (*transfers, *announced, *pushes)}.values(), key=lambda t: t.index)
    if not steps:
        return None
    objection = _objection(talk, steps)
    unsolved = not talk.is_solved
    handed_on = bool(transfers) or len(announced) >= 2
    if len(steps) >= 2 and (unsolved or objection is not None) and (handed_on or objection is not None):
        return _hit(talk, steps, objection, f"passed on {len(steps)} times", 0.85)
    if objection is not None:
        return _hit(talk, steps, objection, "passed on, and the customer objects", 0.8)
    if unsolved and (back := _back_again(talk, pushes)) is not None:
        return _hit(talk, steps, back, "sent elsewhere, came back, and was sent elsewhere again", 0.75)
    if transfers and unsolved and _left_unhappy(talk, transfers[-1]):
        return _hit(talk, steps, None, "passed on and left without a solution", 0.6)
    return None


def _counted(talk: Talk) -> Iterator[Hit]:
    """Where an export but counts its hand-overs, two are a hint, unless the customer was content."""
    if talk.conversation.language != NO_WORDS:
        raise NotApplicable("no language pack")
    rating = talk.conversation.rating
    content = rating is not None and rating.share is not None and rating.share > 0.5
    times = len(talk.transfers)
    if times >= 2 and not content:
        steps = tuple(talk.turns[h.index] for h in talk.transfers)
        yield Hit(
            steps,
            f"{times} hand-overs are recorded",
            f"passed on {times} times; what was said is not in the export",
            confidence=0.5,
            severity=Severity.MEDIUM,
        )


def _back_again(talk: Talk, pushes: list[Turn]) -> Turn | None:
    """The customer's message between two pushes, if it is not content with the first."""
    for first, second in pairwise(sorted(pushes, key=lambda t: t.index)):
        answer = talk.after(first.index, customer=True)
        if answer is None or answer.index > second.index:
            continue
        if not answer.has("thanks", "solved", "accepts", "farewell"):
            return answer
    return None


def _left_unhappy(talk: Talk, transfer: Turn) -> bool:
    """After the hand-over the customer gave up, or ended on a question or a complaint that nobody took up."""
    last = talk.customers[-1]
    if last.index < transfer.index:
        return False
    wait = talk.open_wait
    waited = wait is not None and wait.exceeds(talk.limit)  # sooner, the new agent may still answer
    return talk.is_resigned or (waited and last.has("question", "complaint", "still", "chase"))


def _nobody_behind(talk: Talk) -> Hit | None:
    """Moved to a private channel where, the customer says, nobody answers."""
    for turn in talk.agents:
        if not turn.has("secure_channel"):
            continue
        for later in talk.turns_after(turn, customer=True):
            if later.says("cannot_reach"):
                quote = later.quote("cannot_reach")
                return Hit((turn, later), quote, "sent to a private channel where nobody answered", 0.7)
    return None


def _is_push(turn: Turn) -> bool:
    """Sent elsewhere; a private message to the same team is a security step and none."""
    return turn.says("push") and not turn.has("secure_channel") and not turn.has("done")


def _objection(talk: Talk, steps: list[Turn]) -> Turn | None:
    for step in steps:
        answer = talk.after(step.index, customer=True)
        if answer is not None and answer.has("objects_to_push", "passed_reported", "tried_already"):
            if answer.has("thanks", "solved", "accepts") and not answer.has("passed_reported"):
                continue
            return answer
    return None


def _hit(talk: Talk, steps: list[Turn], objection: Turn | None, reason: str, confidence: float) -> Hit:
    proof = (*steps, objection) if objection is not None else tuple(steps)
    quote = (
        objection.quote("objects_to_push", "passed_reported", "question", "problem")
        if objection is not None
        else steps[-1].quote("push", "transfers")
    )
    working = objection is None and has_link_or_number(steps[-1].text)
    agent = next((t.author for t in steps if t.is_agent), None)
    return Hit(proof, quote, reason, confidence - 0.15 * working, agent=agent)
