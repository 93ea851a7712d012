"""What is out of all proportion: one conversation without end, one message without end, nesting without end.

Growth is counted in calls, never in seconds. Where a whole program runs it has little memory, and a time that is many
times what it needs.
"""

import cProfile
import pstats
from collections.abc import Iterator

import pytest

from supportaudit.auditing.collect import Collector
from supportaudit.auditing.engine import AsOf, Plan, audit_journey
from supportaudit.auditing.registry import load_checks
from supportaudit.model import Row
from supportaudit.normalise import build_journey

QUESTION = "Where is my parcel?"
TALKS = {
    "mixed": ("Still broken, my order number is 4711-{n}.", "Could you give me your order number?"),
    "promises": (QUESTION, "I will check and get back to you tomorrow, reference {n}."),
    "does not know": (QUESTION, "I don't know."),
    "asks for facts": (QUESTION, "Could you give me your order number? Have you tried to restart it?"),
    "passes on": (QUESTION, "I transfer you to my colleague of Billing."),
    "another channel": (QUESTION, "Please send us a private message."),
    "denies": ("?", "There is no outage, that is not true."),
    "repeats itself": (
        "I asked {n} times: where is my parcel, the blue one for my sister?",
        "Please be patient.",
    ),
    "tried": ("I already tried to restart the router {n} times.", "Have you tried to restart the router?"),
    "nobody there": (QUESTION, "Nobody is available at the moment."),
    "thanks": ("Thanks, that works!", "You are welcome, your refund was issued."),
}
"""What the customer writes and what they are answered, over and over."""


def rows(said: tuple[str, str], messages: int, agents: int = 3) -> Iterator[Row]:
    """One conversation; the agent changes every other message."""
    for n in range(messages):
        customer = n % 2 == 0
        role = "customer" if customer else "agent"
        yield Row(
            conversation_id="t1", message_id=f"m{n}", line=n + 1, at=1_760_000_000.0 + 3_600 * n, role=role,
            author_name="Ann" if customer else f"Tom {n % agents}", text=said[n % 2].format(n=n), channel="chat",
            customer_id="c1", language="en",
        )  # fmt: skip


def calls(said: tuple[str, str], messages: int) -> int:
    """How many functions are called to audit one conversation of so many messages."""
    checks = load_checks()
    plan = Plan(checks, {check.id: check.defaults() for check in checks}, as_of=AsOf(after=7 * 86_400.0))
    profile = cProfile.Profile()
    profile.enable()
    list(audit_journey(build_journey(list(rows(said, messages))), plan, Collector(plan, 5)))
    profile.disable()
    counted: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
    return counted


@pytest.mark.parametrize("name", TALKS)
def test_twice_the_messages_are_twice_the_work(name: str) -> None:
    """Each held against each would be four times."""
    said = TALKS[name]
    calls(said, 20)  # patterns are compiled when first asked for
    few, many = (calls(said, messages) for messages in (400, 800))
    assert many < 2.4 * few
