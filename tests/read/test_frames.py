"""Tables that a program holds in memory: whichever library holds them, the cells are the same."""

import datetime as dt
import enum
import json
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import msgspec
import numpy
import pandas
import polars
import pyarrow as pa
import pytest

from supportaudit.errors import EmptyError, InputError
from supportaudit.model import Row
from supportaudit.read import Export, ReadOptions, open_exports
from supportaudit.read.frames import held
from supportaudit.read.inputs import Inputs

SOURCES = Path(__file__).parents[1] / "sources"
ATHENS = ZoneInfo("Europe/Athens")
# The hour that comes twice: its first and its second half past three.
TWICE = [dt.datetime(2026, 10, 25, 3, 30, tzinfo=ATHENS, fold=fold) for fold in (0, 1)]
MESSAGES: list[dict[str, Any]] = [
    {
        "ticket_id": 7, "created_at": at, "from": name, "is_agent": agent, "text": text, "csat": rating,
        "tags": ["late", "vip"], "day": dt.date(2026, 10, 25), "naive": dt.datetime(2026, 10, 25, 3, 30),
    }
    for at, name, agent, text, rating in (
        (TWICE[0], "Ana", False, 'Where is "it"?\n', 4.5), (TWICE[1], "Rob", True, "Soon.", None),
        (None, "Ana", None, None, float("nan")),
    )
]  # fmt: skip
NESTED: list[dict[str, Any]] = [
    {"ticket_id": 7, "messages": [{"sent_at": TWICE[1], "role": "customer", "text": "Hello?", "csat": 4.0}]},
    {"ticket_id": 8, "messages": []},
]


def as_pandas(messages: list[dict[str, Any]]) -> Any:
    return pandas.DataFrame(messages)


def as_pandas_of_arrow(messages: list[dict[str, Any]]) -> Any:
    return pa.Table.from_pylist(messages).to_pandas(types_mapper=pandas.ArrowDtype)


def as_pandas_with_categories(messages: list[dict[str, Any]]) -> Any:
    frame = pandas.DataFrame(messages)
    return frame.astype({"from": "category"}) if "from" in frame else frame


def as_pandas_with_an_index(messages: list[dict[str, Any]]) -> Any:
    return pandas.DataFrame(messages).set_index("ticket_id")


def as_polars(messages: list[dict[str, Any]]) -> Any:
    return polars.DataFrame(messages)


def as_lazy_polars(messages: list[dict[str, Any]]) -> Any:
    return polars.DataFrame(messages).lazy()


def as_arrow(messages: list[dict[str, Any]]) -> Any:
    return pa.Table.from_pylist(messages)


def as_batch(messages: list[dict[str, Any]]) -> Any:
    return pa.RecordBatch.from_pylist(messages)


def as_reader(messages: list[dict[str, Any]]) -> Any:
    return pa.Table.from_pylist(messages).to_reader(max_chunksize=1)


def as_duckdb(messages: list[dict[str, Any]]) -> Any:
    return duckdb.from_arrow(pa.Table.from_pylist(messages))


LIBRARIES = [
    as_pandas, as_pandas_of_arrow, as_pandas_with_categories, as_pandas_with_an_index, as_polars, as_lazy_polars,
    as_arrow, as_batch, as_reader, as_duckdb, iter,
]  # fmt: skip


def read(data: Any, **options: Any) -> tuple[Export, list[Row]]:
    with held(data) as table, Inputs([table]) as inputs:
        [export] = open_exports(inputs.documents, lambda _: ReadOptions(**options))
        return export, list(export.rows())


def cells(data: Any) -> tuple[tuple[str, ...], list[Any], bytes]:
    with held(data) as table:
        found: list[Any] = list(table.records() if table.nested else table.texts())
        assert found == list(table.records() if table.nested else table.texts())  # as often as needed
        return table.columns, found, table.digest()


@pytest.mark.parametrize("hold", LIBRARIES, ids=lambda hold: hold.__name__)
@pytest.mark.parametrize("messages", [MESSAGES, NESTED], ids=["flat", "nested"])
def test_all_libraries_say_the_same(hold: Callable[[Any], Any], messages: list[dict[str, Any]]) -> None:
    assert cells(hold(messages)) == cells(messages)


def test_cells_are_exact() -> None:
    columns, rows, _ = cells(MESSAGES)
    assert columns == tuple(MESSAGES[0])
    assert rows[0] == [
        "7", "2026-10-25 00:30:00Z", "Ana", "false", 'Where is "it"?\n', "4.5", "late\nvip", "2026-10-25",
        "2026-10-25 03:30:00",
    ]  # fmt: skip
    assert rows[1][1] == "2026-10-25 01:30:00Z"
    assert rows[2][1:6] == ["", "Ana", "", "", ""]


def test_rows_are_numbered_and_accounted_for() -> None:
    export, rows = read([*MESSAGES, {"ticket_id": None, "from": "Ana", "text": "lost"}, {}])
    assert [row.line for row in rows] == [1, 2, 3]
    assert [(one.file, one.line, one.reason) for one in export.rejected] == [
        ("rows", 4, "no conversation id")
    ]
    assert (export.rows_read, export.rows_used, export.rows_not_messages) == (5, 3, 1)
    assert rows[0].at == TWICE[0].timestamp() and rows[0].tags == ("late", "vip")


class Kind(enum.Enum):
    MAIL = "email"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2**70, str(2**70)), (Decimal("12.00"), "12"), (Decimal("1.50"), "1.50"), (Decimal("NaN"), ""),
        (b"abc", "abc"), (b"caf\xe9", "caf\ufffd"), (bytes(range(240, 256)), bytes(range(240, 256)).hex()),
        (uuid.UUID(int=7), str(uuid.UUID(int=7))), (Kind.MAIL, "email"), (dt.time(9, 5), "09:05:00"),
        (dt.timedelta(hours=3), "3:00:00"), (numpy.int64(5), "5"), (numpy.bool_(True), "true"),
        (numpy.datetime64("2026-05-04T09:00:00", "ns"), "2026-05-04T09:00:00.000000000"),
        (numpy.float64("nan"), ""), (pandas.NA, ""), (pandas.NaT, ""), (float("inf"), ""),
        (pandas.Timestamp("2026-05-04 09:00:00.000000001"), "2026-05-04 09:00:00.000000001"),
        ("half \ud83d of it\0", "half ? of it"), ({"b", "a"}, "a\nb"), ([1, 2], "[1,2]"),
        (dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))), "0001-01-01 00:00:00+02:00"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_values_of_any_kind_become_text(value: object, text: str) -> None:
    assert cells([{"a": value, "b": "x"}])[1] == [[text, "x"]]


def test_values_inside_objects() -> None:
    row = {"a": {"x": numpy.array([1, 2]), "y": Decimal("1.5"), 3: [pandas.NaT]}, "b": None}
    assert cells([row])[1] == [{"a": {"x": [1, 2], "y": "1.5", "3": [None]}}]


def test_columns_that_are_no_texts() -> None:
    frame = pandas.DataFrame([[1, 2]], columns=pandas.MultiIndex.from_tuples([("ticket", "id"), ("n", 2)]))
    assert cells(frame)[0] == ("ticket id", "n 2")
    assert cells([{1: "a", "b": "c"}, {"d": 5}])[:2] == (("1", "b", "d"), [["a", "c", ""], ["", "", "5"]])


def test_rows_that_come_once_are_kept() -> None:
    def messages() -> Iterator[dict[str, Any]]:
        yield from MESSAGES

    assert read(messages())[1] == read(MESSAGES)[1]


def test_tables_of_many_batches() -> None:
    many = [{"ticket_id": n, "from": "Ana", "text": str(n)} for n in range(10_000)]
    frame = pandas.DataFrame(many)
    for data in (many, frame, polars.DataFrame(many), pa.Table.from_pandas(frame).to_reader(7)):
        _, rows = read(data)
        assert [(row.conversation_id, row.line) for row in rows] == [(str(n), n + 1) for n in range(10_000)]


@pytest.mark.parametrize(
    "data",
    [[], pandas.DataFrame({"text": []}), polars.DataFrame(), iter(())],
    ids=lambda value: type(value).__name__,
)
def test_nothing_is_said(data: Any) -> None:
    with pytest.raises(EmptyError, match="has no rows"):
        read(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (5, "This is no table of messages but an int."),
        (["a", "b"], "Row 1 is no mapping but a str."),
        ([{"text": "x"}, ("y",)], "Row 2 is no mapping but a tuple."),
        (b"abc", "This is no table of messages but a bytes."),
        (pandas.Series([1]), "This is no table of messages but a Series."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_table_is_refused(data: Any, said: str) -> None:
    with pytest.raises(InputError) as error, held(data):
        pass
    assert error.value.message == said


def test_a_desks_json_is_known_in_flat_rows() -> None:
    said = json.loads((SOURCES / "freshdesk-apart" / "conversations.json").read_text("utf-8"))
    as_rows, from_rows = read(said)
    as_frame, from_frame = read(pandas.DataFrame(said))
    assert as_rows.recognised.id == as_frame.recognised.id == "freshdesk"
    assert from_rows and from_rows == from_frame


def test_a_named_source_counts() -> None:
    export, _ = read(MESSAGES, source="generic")
    assert export.recognised.why == "--source"
    with pytest.raises(InputError, match="no record looks like an export of Intercom"):
        read(MESSAGES, source="intercom")


def test_a_mapping_counts_for_one_row_alone() -> None:
    _, rows = read(
        [{"no": 5, "who": "Ana", "said": "Hello?"}],
        mapping={"conversation_id": "no", "author_name": "who", "text": "said"},
    )
    assert [msgspec.structs.astuple(row)[:1] for row in rows] == [("5",)]
