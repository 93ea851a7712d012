"""Rows gathered by customer come out whole, from memory or files, in any order; nothing stays behind."""

import os
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportaudit.auditing.shards import Shards, decode_rows
from supportaudit.model import Row
from supportaudit.normalise import journey_key

TEMPORARY_FILE = tempfile.TemporaryFile
texts = st.text(max_size=20)
conversations = st.integers(0, 5).map("t{}".format)
# A conversation's customer: named in some rows, not in others, rarely two of them.
customers = st.sampled_from(["", "", "c0", "c1", "c2"])


@st.composite
def row_lists(draw: st.DrawFn) -> list[Row]:
    drawn = draw(st.lists(st.tuples(conversations, customers, texts), max_size=30))
    return [Row(c, f"m{n}", n, customer_id=who, text=text) for n, (c, who, text) in enumerate(drawn)]


def out_of(shards: Shards) -> list[list[Row]]:
    return [list(decode_rows(shards.take(number))) for number in range(shards.count)]


def gather(rows: list[Row], count: int, memory: int) -> list[list[Row]]:
    with Shards(count, memory) as shards:
        for row in rows:
            shards.add(row)
        assert shards.rows == len(rows)
        shards.finish()
        return out_of(shards)


@settings(deadline=None)
@given(row_lists(), st.integers(1, 7), st.sampled_from([0, 60, 1 << 20]))
def test_all_rows_come_out_once_with_their_customer(rows: list[Row], count: int, memory: int) -> None:
    parts = gather(rows, count, memory)
    out = sorted((row for part in parts for row in part), key=lambda row: row.line)
    named: dict[str, str] = {}
    for row in rows:
        if row.customer_id:
            named.setdefault(row.conversation_id, row.customer_id)
    assert [(r.conversation_id, r.message_id, r.text) for r in out] == [
        (r.conversation_id, r.message_id, r.text) for r in rows
    ]
    assert [r.customer_id for r in out] == [named.get(r.conversation_id, "") for r in rows]


@settings(deadline=None)
@given(row_lists(), st.integers(1, 7), st.sampled_from([0, 60, 1 << 20]))
def test_a_customers_rows_lie_in_one_shard(rows: list[Row], count: int, memory: int) -> None:
    where: dict[str, set[int]] = defaultdict(set)
    for number, part in enumerate(gather(rows, count, memory)):
        for row in part:
            where[journey_key(row)].add(number)
            where[f"conversation {row.conversation_id}"].add(number)
    assert all(len(numbers) == 1 for numbers in where.values())


@settings(deadline=None)
@given(row_lists(), st.integers(1, 7), st.sampled_from([0, 60, 1 << 20]))
def test_a_conversations_rows_keep_the_order_of_the_export(rows: list[Row], count: int, memory: int) -> None:
    for part in gather(rows, count, memory):
        lines: dict[str, list[int]] = defaultdict(list)
        for row in part:
            lines[row.conversation_id].append(row.line)
        assert all(numbers == sorted(numbers) for numbers in lines.values())


@settings(deadline=None)
@given(row_lists(), st.integers(1, 7))
def test_files_hold_what_memory_would_hold(rows: list[Row], count: int) -> None:
    assert gather(rows, count, 0) == gather(rows, count, 1 << 20)


def test_every_field_survives() -> None:
    rows = [
        Row(
            "t1", "m1", 7, 1.5, "customer", True, False, "a", "Ana", "ana@example.org", "häß 🙂\n\0", True,
            "chat", "Shop", "Orders", "c1", "Ana B", "Tom", "Lamp", "de", True, 2,
                "event", "transfer", "Sales", "Orders", True, 1, "high", "open", ("vip", "x"), "bad", 0.25, "slow",
                "ana@example.org", "c0",
        ),
        Row("t2", "m1", 8),
    ]  # fmt: skip
    assert all(value not in ("", None) for value in msgspec.structs.astuple(rows[0]))
    for memory in (0, 1 << 20):
        out = [row for part in gather(rows, 3, memory) for row in part]
        assert sorted(out, key=lambda row: row.line) == rows


def test_a_customer_named_late_takes_the_earlier_rows_along() -> None:
    rows = [
        Row("t1", "m1", 1),
        Row("t2", "m1", 2, customer_id="c1"),
        Row("t1", "m2", 3, customer_id="c1"),
        Row("t1", "m3", 4),
    ]
    for memory in (0, 1 << 20):
        (part,) = [part for part in gather(rows, 16, memory) if part]
        assert {row.customer_id for row in part} == {"c1"}
        assert [row.line for row in part if row.conversation_id == "t1"] == [1, 3, 4]


@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_one_address_makes_two_ids_one_customer(memory: int) -> None:
    rows = [
        Row("z1", "m1", 1, customer_id="zendesk:7", customer_email="ana@example.org"),
        Row("z1", "m2", 2),
        Row("f1", "m1", 1, customer_id="front:c", file=1),
        Row("f1", "m2", 2, customer_id="front:c", customer_email="ana@example.org", file=1),
        Row("f2", "m1", 3, customer_id="front:d", customer_email="bo@example.org", file=1),
    ]
    parts = gather(rows, 64, memory)
    [together] = [part for part in parts if any(row.conversation_id == "z1" for row in part)]
    assert [(row.conversation_id, row.line) for row in together] == [
        ("z1", 1),
        ("z1", 2),
        ("f1", 1),
        ("f1", 2),
    ]
    assert {journey_key(row) for row in together} == {"c\0zendesk:7"}
    assert {row.customer_id for row in together} == {"zendesk:7", "front:c"}, "ids tell who is the requester"


@pytest.mark.parametrize("fails", [False, True])
def test_temporary_files_are_gone_afterwards_even_after_an_error(
    fails: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []

    def temporary_file(**options: Any) -> Any:
        made.append(TEMPORARY_FILE(**options))
        return made[-1]

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(tempfile, "TemporaryFile", temporary_file)
    try:
        with Shards(4, memory=0) as shards:
            for number in range(50):
                shards.add(Row(f"t{number}", "m1", number, text="x" * 100))
            assert len(made) == 4
            if os.name == "posix":
                assert list(tmp_path.iterdir()) == [], "a run that is killed would leave them"
            if fails:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        assert fails
    assert all(file.closed for file in made)
    assert list(tmp_path.iterdir()) == []


def test_a_small_export_never_touches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Shards() as shards:
        for number in range(1000):
            shards.add(Row(f"t{number}", "m1", number, text="x" * 100))
        shards.finish()
        assert list(tmp_path.iterdir()) == []


def test_memory_shrinks_as_shards_are_taken() -> None:
    with Shards(1, memory=0) as shards:
        shards.add(Row("t1", "m1", 1))
        assert len(list(decode_rows(shards.take(0)))) == 1
        assert shards.take(0) == b""


def test_ids_that_share_addresses_in_turn_are_one_customer() -> None:
    rows = [
        Row("t1", "m1", 1, customer_id="a", customer_email="one@example.org"),
        Row("t2", "m1", 2, customer_id="b", customer_email="two@example.org"),
        Row("t3", "m1", 3, customer_id="a", customer_email="two@example.org"),
        Row("t4", "m1", 4, customer_id="b", customer_email="one@example.org"),
        Row("t5", "m1", 5, customer_id="c", customer_email="three@example.org"),
        Row("t6", "m1", 6, customer_id="c", customer_email="two@example.org"),
    ]
    with Shards() as shards:
        for row in rows:
            shards.add(row)
        shards.finish()
        assert shards.customers == 1
        assert len({journey_key(row) for part in out_of(shards) for row in part}) == 1


@pytest.mark.parametrize("count", range(1, 12))
def test_messages_of_one_record_stay_in_order_though_their_customer_is_named_late(count: int) -> None:
    rows = [
        Row("t1", "m1", 1),
        Row("t1", "m2", 1, customer_id="c1"),
        Row("t1", "m3", 1),
        Row("t2", "m1", 2, customer_id="c0", customer_email="ana@example.org"),
        Row("t3", "m1", 3, customer_id="c1", customer_email="ana@example.org"),
    ]
    out = [row for part in gather(rows, count, 0) for row in part if row.conversation_id == "t1"]
    assert [row.message_id for row in out] == ["m1", "m2", "m3"]


@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_an_id_of_a_crowd_parts_into_its_conversations(memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportaudit.auditing.shards.CROWD", 3)
    rows = [
        Row(f"t{n % 4}", f"m{n}", n, customer_id="" if n == 0 else "guest" if n % 8 < 6 else "Guest@example.org",
            customer_email="guest@example.org" if n % 2 else "")
        for n in range(24)
    ] + [Row(f"u{n % 3}", f"m{n}", n, customer_id="ana") for n in range(24, 30)]  # fmt: skip
    with Shards(5, memory) as shards:
        for row in rows:
            shards.add(row)
        shards.finish()
        assert (shards.customers, shards.crowded) == (2, frozenset({"guest"}))
        parts = out_of(shards)
    journeys: dict[str, list[Row]] = defaultdict(list)
    for row in (row for part in parts for row in part):
        journeys[journey_key(row)].append(row)
    assert sorted(len({row.conversation_id for row in journey}) for journey in journeys.values()) == [
        1,
        1,
        1,
        1,
        3,
    ]
    assert all(
        [row.line for row in journey] == sorted(row.line for row in journey) for journey in journeys.values()
    )
