"""The committed example week is what its script writes, and both files tell the same."""

import csv
import json
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
FILES = ("shop-week.csv", "shop-week.json")
CHECKS = {
    "unavailable", "slow-reply", "no-knowledge", "arguing", "broken-promise", "siloed-records", "impersonal",
    "not-listening", "missing-follow-up", "rudeness", "run-around",
}  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (EXAMPLES / "shop-week.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_script_writes_the_committed_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLES / "make_week.py", tmp_path], check=True, timeout=60)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes()


def test_both_files_hold_the_same_messages(rows: list[dict[str, str]]) -> None:
    conversations = json.loads((EXAMPLES / "shop-week.json").read_text(encoding="utf-8"))["conversations"]
    nested = {
        (
            c["id"],
            m["id"],
            m["at"],
            c["channel"],
            c["team"],
            c["customer_id"],
            m["author"],
            m["role"],
            m["text"],
        )
        for c in conversations
        for m in c["messages"]
    }
    flat = {
        (
            row["conversation_id"], row["message_id"], row["created_at"], row["channel"], row["team"],
            row["customer_id"], row["author_name"],
            "note" if row["public"] == "false" else row["role"], row["text"],
        )
        for row in rows
    }  # fmt: skip
    assert nested == flat
    assert len(flat) == len(rows)


def test_the_week_has_its_size_and_order(rows: list[dict[str, str]]) -> None:
    stamps = [row["created_at"] for row in rows]
    conversations = {row["conversation_id"] for row in rows}
    customers = Counter(row["customer_id"] for row in rows if row["message_id"].endswith("-1"))
    agents = {row["author_name"] for row in rows if row["role"] == "agent"}
    assert stamps == sorted(stamps)
    assert stamps[0] >= "2026-11-09"
    assert stamps[-1] < "2026-11-16"
    assert 300 <= len(conversations) <= 340
    assert 1500 <= len(rows) <= 1800
    assert {row["channel"] for row in rows} == {"email", "chat", "social", "phone"}
    assert len(agents) == 8
    assert sum(count > 1 for count in customers.values()) >= 15


def test_agents_write_in_opening_hours(rows: list[dict[str, str]]) -> None:
    for row in rows:
        if row["role"] == "agent":
            at = datetime.fromisoformat(row["created_at"])
            assert at.weekday() < 6
            assert 8 <= at.hour < 18


def test_no_slot_is_left_open(rows: list[dict[str, str]]) -> None:
    for row in rows:
        text = row["text"].replace("{{first_name}}", "")  # left open on purpose: that is the failure
        assert text.strip()
        assert (
            not any(mark in text for mark in "{}|[]")
            or "[DM]" in text
            or "[Call back]" in text
            or "| Copper" in text
        )


def test_the_scenarios_show_every_failure() -> None:
    heads = [
        [field.strip() for field in line[4:].split("|")]
        for line in (EXAMPLES / "week_scenarios.txt").read_text(encoding="utf-8").splitlines()
        if line.startswith("=== ")
    ]
    copies = Counter(
        check.strip() for head in heads for check in head[6].split(",") for _ in range(int(head[3]))
    )
    fine, total = copies.pop(""), sum(int(head[3]) for head in heads)
    assert set(copies) == CHECKS
    assert len(heads) >= 60
    assert 0.7 <= fine / total <= 0.8
    assert all(0.015 <= count / total <= 0.05 for count in copies.values())
