"""slow-reply: see check.yaml for what it means and cases.yaml for examples."""

from collections.abc import Iterator

from supportaudit.checkkit import (
    Hit,
    NotApplicable,
    Params,
    Severity,
    Talk,
    Wait,
    duration,
    reported,
    time_waited,
)

SHORT_OF = 3.0  # a wait of three limits is a serious one


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """A human reply later than the channel's limit, a chase after it, or the customer's own words."""
    if not talk.has_clock and not talk.has_wording:
        raise NotApplicable("no time stamps")
    limit = talk.limit * (1 + params.number("grace-percent") / 100)
    if talk.has_clock:
        for wait in talk.waits:
            hit = _late(talk, wait, limit) if wait.reply else _chased(talk, wait, limit)
            if hit is not None:
                yield hit
    yield from reported(
        talk,
        "wait_reported",
        reason="the customer says how long they waited",
        confidence=0.75,
    )


def _late(talk: Talk, wait: Wait, limit: float) -> Hit | None:
    assert wait.reply is not None
    if wait.reply.at is None or wait.seconds <= limit or _agreed(talk, wait):
        return None
    what = "first reply" if wait.is_first else "reply"
    return Hit(
        (wait.asked[0], wait.reply),
        f"waited {time_waited(wait.seconds, wait.elapsed, f' for the {what}')} (limit {duration(talk.limit)})",
        f"{what} after {time_waited(wait.seconds, wait.elapsed)}",
        confidence=0.95 if wait.seconds > limit * 1.5 else 0.85,
        severity=Severity.HIGH if wait.seconds > limit * SHORT_OF else None,
        gap=wait.seconds,
    )


def _agreed(talk: Talk, wait: Wait) -> bool:
    """The agent announced the delay and the customer was content to wait."""
    first = wait.asked[0]
    agent = talk.before(first.index, agent=True)
    if agent is None or not first.has("leaves_politely"):
        return False
    return agent.has("looks_up", "follow_up", "commits", "estimate", "transfers") or not first.has("question")


def _chased(talk: Talk, wait: Wait, limit: float) -> Hit | None:
    """No answer yet, and the customer asked again after the limit."""
    start = wait.asked[0].at
    for turn in wait.asked[1:]:
        gap = talk.waited(start, turn.at)
        if start is not None and turn.at is not None and gap > limit and talk.needs_answer(turn):
            elapsed = turn.at - start
            words = time_waited(gap, elapsed, " without an answer")
            return Hit(
                (wait.asked[0], turn),
                f"asked again after {words} (limit {duration(talk.limit)})",
                f"still no answer after {time_waited(gap, elapsed)}",
                confidence=0.7,
                gap=gap,
            )
    return None
