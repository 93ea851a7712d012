"""What is out of all proportion: one conversation without end, one message without end, nesting without end.

Growth is counted in calls, never in seconds. Where a whole program runs it has little memory, and a time that is many
times what it needs.
"""

import cProfile
import csv
import json
import pstats
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

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


# --- the whole program, in little memory

MEMORY = 1_500 << 20
"""Bytes of addresses that a run may have."""
PATIENCE = 400
"""Seconds after which a run is given up; an idle machine needs about ten."""
_LIMITED = f"""
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
except (ImportError, ValueError):
    pass  # no such limit on this system
from supportaudit.cli import main
main()
"""


def audited(path: Path) -> dict[str, Any]:
    """The result of a scan that had to do with little memory."""
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, "scan", str(path), "--format", "json", "--jobs", "1"],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def written(path: Path, said: Iterable[tuple[str, str]]) -> Path:
    """A table with one conversation of these roles and texts, three minutes apart."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(
            ("conversation_id", "created_at", "channel", "customer_id", "author_name", "role", "text")
        )
        for n, (role, text) in enumerate(said):
            name = "Ann" if role == "customer" else f"Tom {n % 7}"
            table.writerow(("t1", 1_760_000_000 + 180 * n, "chat", "c1", name, role, text))
    return path


def test_a_conversation_of_100_000_messages(tmp_path: Path) -> None:
    asks = ("Where is my parcel?", "It is order 4711.", "Still nothing, please help.", "ok")
    says = (
        "Could you give me your order number?",
        "I will check.",
        "I transfer you to Billing.",
        "It is on its way.",
    )
    said = (("agent", says[n // 2 % 4]) if n % 2 else ("customer", asks[n // 2 % 4]) for n in range(100_000))
    result = audited(written(tmp_path / "long.csv", said))
    assert result["scorecard"]["messages"] == 100_000
    assert {finding["conversation_id"] for finding in result["findings"]} == {"t1"}


def test_a_message_of_10_megabytes(tmp_path: Path) -> None:
    """Nothing of its size gets into the result."""
    line = "Where is my parcel? I told you already: order 4711, <b>ann@post.example</b>, https://shop.example/?a=b\n"
    long = line * (10_000_000 // len(line))
    said = (("customer", long), ("agent", "I don't know, calm down."), ("customer", "Where is my parcel?"))
    result = audited(written(tmp_path / "large.csv", said))
    assert result["scorecard"]["messages"] == 3
    assert len(json.dumps(result)) < 100_000
