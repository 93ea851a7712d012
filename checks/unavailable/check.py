"""unavailable: see check.yaml for what it means and cases.yaml for examples."""

from collections.abc import Iterator

from supportaudit.checkkit import Hit, NotApplicable, Params, Severity, Talk, reported


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """A request never answered, nobody there and no alternative, or the customer could not get through."""
    never = list(_never_answered(talk))
    yield from never or _nobody_there(talk)
    yield from reported(
        talk,
        "cannot_reach",
        reason="the customer reports that they could not get through",
        confidence=0.85,
        severity=Severity.MEDIUM,
    )
    if not never and not talk.has_wording and not talk.has_clock:
        raise NotApplicable("no language pack")


def _never_answered(talk: Talk) -> Iterator[Hit]:
    wait = talk.open_wait
    if wait is None or talk.agents or talk.conversation.truncated or not talk.has_clock:
        return
    if any(t.message.role == "unknown" for t in talk.turns):
        return  # somebody answered; whether for the company, the log does not say
    if not _reached_otherwise(talk) and wait.exceeds(talk.limit):
        chases = len(wait.asked) - 1
        yield Hit(
            wait.asked,
            wait.asked[0].quote("question", "request", "problem"),
            "no person answered within {wait}" + (f", {chases} more messages" * bool(chases)),
            confidence=0.9 if chases or talk.channel != "social" else 0.75,
            wait=wait,
        )


def _reached_otherwise(talk: Talk) -> bool:
    """The help desk logged a call or mail to the customer, or another conversation took the case up."""
    return any(t.is_system and t.has("event_contact") for t in talk.turns)


def _nobody_there(talk: Talk) -> Iterator[Hit]:
    for turn in talk.turns:
        if not (turn.is_agent or turn.is_bot) or not turn.says("nobody_there", "channel_closed"):
            continue
        before = talk.before(turn.index, customer=True)
        if before is None or before.has("asks_hours") or turn.has("push", "alternative"):
            continue
        answered = bool(talk.agents) and talk.agents[-1].index > turn.index and not turn.is_agent
        if answered or (turn.is_agent and turn.has("done")):
            continue
        if turn.is_agent and not turn.has("channel_closed") and talk.after(turn.index, agent=True):
            continue  # the agent speaks of somebody else's hours and goes on helping
        yield Hit(
            (turn, before),
            turn.quote("nobody_there", "channel_closed"),
            "the company's side says that nobody is there and offers no way that works",
            confidence=0.7,
        )
        return
