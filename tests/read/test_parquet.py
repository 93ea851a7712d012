"""Parquet and Arrow files, as the libraries of analysts write them."""

import builtins
import csv
import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import polars
import pyarrow as pa
import pytest
from pyarrow import parquet

from supportaudit.errors import EmptyError, InputError, NoMessagesError
from supportaudit.model import Row
from supportaudit.read import Export, ReadOptions, open_exports
from supportaudit.read.inputs import Inputs

START = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)
COLUMNS = ("ticket_id", "message_id", "created_at", "from", "is_agent", "text")
MESSAGES = [
    (7, "7-1", START, "Ana", False, "Where is it?"),
    (7, "7-2", START + dt.timedelta(minutes=3, microseconds=5), "Rob", True, 'He said "soon",\nand left.'),
    (8, "8-1", START + dt.timedelta(hours=1), "Ben", False, '="001"'),
    (8, "8-2", None, "Rob", True, None),
]


def table() -> pa.Table:
    columns = dict(zip(COLUMNS, map(list, zip(*MESSAGES, strict=True)), strict=True))
    return pa.table(columns).cast(
        pa.schema(
            [
                ("ticket_id", pa.int64()), ("message_id", pa.string()), ("created_at", pa.timestamp("us", "UTC")),
                ("from", pa.string()), ("is_agent", pa.bool_()), ("text", pa.string()),
            ]
        )
    )  # fmt: skip


def read(*paths: Path, **options: Any) -> tuple[list[Export], list[Row]]:
    with Inputs(paths) as inputs:
        exports = open_exports(inputs.documents, lambda _: ReadOptions(**options))
        return exports, [row for export in exports for row in export.rows()]


def rows(*paths: Path, **options: Any) -> list[Row]:
    return read(*paths, **options)[1]


def facts(read_rows: list[Row]) -> list[tuple[Any, ...]]:
    return [(r.conversation_id, r.message_id, r.at, r.author_name, r.inbound, r.text) for r in read_rows]


EXPECTED = [
    (str(ticket), message, at and at.timestamp(), name, not agent, text or "")
    for ticket, message, at, name, agent, text in MESSAGES
]


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as error:
        read(path)
    said = f"{error.value.message} {error.value.hint}"
    assert "Traceback" not in said and "\n" not in said
    return said


def with_pyarrow(path: Path) -> None:
    parquet.write_table(table(), path)


def with_old_spark(path: Path) -> None:
    columns = table().set_column(1, "message_id", table()["message_id"].cast(pa.binary()))
    parquet.write_table(columns, path, use_deprecated_int96_timestamps=True)


def with_categories(path: Path) -> None:
    names = table()["from"].dictionary_encode()
    texts = table()["text"].cast(pa.large_string())
    parquet.write_table(table().set_column(3, "from", names).set_column(5, "text", texts), path)


def with_zone(path: Path) -> None:
    stamps = table()["created_at"].cast(pa.timestamp("ns", "Europe/Athens"))
    parquet.write_table(table().set_column(2, "created_at", stamps), path, row_group_size=1)


def with_pandas(path: Path) -> None:
    table().to_pandas().to_parquet(path)


def with_polars(path: Path) -> None:
    frame = polars.DataFrame(table()).with_columns(polars.col("from").cast(polars.Categorical))
    frame.write_parquet(path)


def with_duckdb(path: Path) -> None:
    messages = table()
    with duckdb.connect() as db:
        db.register("messages", messages)
        db.execute(f"copy messages to '{path}' (format parquet)")


def as_feather(path: Path) -> None:
    polars.DataFrame(table()).write_ipc(path, compression="lz4")


def as_stream(path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table().schema) as writer:
        writer.write_table(table(), max_chunksize=1)


WRITERS = [
    with_pyarrow, with_old_spark, with_categories, with_zone, with_pandas, with_polars, with_duckdb, as_feather,
    as_stream,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_every_writer_is_read_exactly(write: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path / "week.parquet")
    exports, found = read(tmp_path / "week.parquet")
    assert facts(found) == EXPECTED
    assert [row.line for row in found] == [1, 2, 3, 4]
    assert (exports[0].rows_read, exports[0].rows_used, exports[0].recognised.id) == (4, 4, "generic")


def test_what_a_file_is_its_first_bytes_tell(tmp_path: Path) -> None:
    with_pyarrow(tmp_path / "week.csv")
    assert facts(rows(tmp_path / "week.csv")) == EXPECTED
    (tmp_path / "week.parquet").write_text("ticket_id,from,text,date\n1,Ana,hello,2026-05-04\n")
    assert [row.text for row in rows(tmp_path / "week.parquet")] == ["hello"]


def test_folders_patterns_and_archives(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    with_pyarrow(folder / "a.parquet")
    as_feather(folder / "b.feather")
    with zipfile.ZipFile(tmp_path / "week.zip", "w") as archive:
        archive.write(folder / "a.parquet", "in/a.parquet")
    assert facts(rows(folder)) == EXPECTED * 2
    assert facts(rows(folder / "*.parquet")) == EXPECTED
    exports, found = read(tmp_path / "week.zip")
    assert (exports[0].name, facts(found)) == ("week.zip/in/a.parquet", EXPECTED)


def test_names_of_folders_are_columns(tmp_path: Path) -> None:
    folder = tmp_path / "lake" / "channel=live%20chat"
    folder.mkdir(parents=True)
    with_pyarrow(folder / "part-0.parquet")
    assert {row.channel for row in rows(tmp_path / "lake")} == {"live chat"}


def test_the_same_as_a_csv_file_with_these_columns(tmp_path: Path) -> None:
    texts = [[str(cell) for cell in message] for message in MESSAGES[:2]]
    with (tmp_path / "week.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *texts])
    parquet.write_table(table().slice(0, 2), tmp_path / "week.parquet")
    of_csv, of_parquet = rows(tmp_path / "week.csv"), rows(tmp_path / "week.parquet")
    assert [msgspec.structs.replace(row, line=0) for row in of_csv] == [
        msgspec.structs.replace(row, line=0) for row in of_parquet
    ]


def test_a_desk_is_known_by_its_columns(tmp_path: Path) -> None:
    source = Path(__file__).parents[1] / "sources" / "zendesk-csv"
    [export] = sorted(source.glob("*.csv"))
    polars.read_csv(export, infer_schema_length=0).write_parquet(tmp_path / "tickets.parquet")
    exports, _ = read(tmp_path / "tickets.parquet")
    assert (exports[0].recognised.id, exports[0].source) == ("zendesk", "Zendesk, Parquet")


def test_objects_are_read_by_paths(tmp_path: Path) -> None:
    messages = [
        {"id": 7, "sent": START, "author": {"name": "Ana", "role": "customer"}, "body": {"text": "Hello?"}},
        {"id": 7, "sent": None, "author": {"name": "Rob", "role": "agent"}, "body": None},
    ]
    parquet.write_table(pa.Table.from_pylist(messages), tmp_path / "week.parquet")
    exports, found = read(tmp_path / "week.parquet", mapping={"conversation_id": "id", "text": "body.text"})
    assert exports[0].mapping["author_name"] == "author.name"
    assert [(r.conversation_id, r.at, r.author_name, r.role, r.text) for r in found] == [
        ("7", START.timestamp(), "Ana", "customer", "Hello?"),
        ("7", None, "Rob", "agent", ""),
    ]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_messages_in_conversations(unit: str, tmp_path: Path) -> None:
    kind = pa.struct([("sent_at", pa.timestamp(unit, "UTC")), ("role", pa.string()), ("text", pa.string())])
    column = pa.array([[{"sent_at": START, "role": "customer", "text": "Hello?"}], [], None], pa.list_(kind))
    parquet.write_table(pa.table({"ticket_id": [7, 8, 9], "messages": column}), tmp_path / "week.parquet")
    exports, found = read(tmp_path / "week.parquet")
    assert [(r.conversation_id, r.at, r.role, r.text) for r in found] == [
        ("7", START.timestamp(), "customer", "Hello?")
    ]
    assert (exports[0].rows_read, exports[0].rows_not_messages, exports[0].rows_rejected) == (3, 1, 1)


def test_rejected_rows_bear_their_number(tmp_path: Path) -> None:
    far = pa.array([1_777_885_200, 10**15, None, 0], pa.timestamp("s", "UTC"))
    messages = table().set_column(2, "created_at", far)
    messages = messages.set_column(0, "ticket_id", pa.array([7, 7, None, 8]))
    parquet.write_table(messages, tmp_path / "week.parquet")
    exports, found = read(tmp_path / "week.parquet")
    assert [(r.line, r.reason.partition(":")[0]) for r in exports[0].rejected] == [
        (2, "the time cannot be read"),
        (3, "no conversation id"),
        (4, "the time lies outside the years 1995–2100"),
    ]
    assert [row.line for row in found if not row.truncated] == [1]


def test_times_without_a_zone_take_the_named_one(tmp_path: Path) -> None:
    naive = table()["created_at"].cast(pa.timestamp("us"))
    parquet.write_table(table().set_column(2, "created_at", naive), tmp_path / "week.parquet")
    exports, found = read(tmp_path / "week.parquet")
    assert exports[0].saw_no_zone and found[0].at == START.timestamp()
    exports, found = read(tmp_path / "week.parquet", tz="Europe/Athens")
    assert not exports[0].saw_no_zone and found[0].at == START.timestamp() - 3 * 3600


def test_a_date_beside_a_time_of_day(tmp_path: Path) -> None:
    messages = table().drop_columns("created_at")
    messages = messages.append_column("date", pa.array([START.date()] * 4))
    messages = messages.append_column("time", pa.array([9 * 3600 * 10**9 + 1] * 4, pa.time64("ns")))
    parquet.write_table(messages, tmp_path / "week.parquet")
    assert {row.at for row in rows(tmp_path / "week.parquet")} == {START.timestamp()}


def test_ids_stay_exact_and_those_that_cannot_are_told(tmp_path: Path) -> None:
    large = 2**63 + 11
    parquet.write_table(
        table().set_column(0, "ticket_id", pa.array([large] * 4, pa.uint64())), tmp_path / "a.parquet"
    )
    assert {row.conversation_id for row in rows(tmp_path / "a.parquet")} == {str(large)}
    parquet.write_table(table().set_column(0, "ticket_id", pa.array([7.0] * 4)), tmp_path / "b.parquet")
    assert {row.conversation_id for row in rows(tmp_path / "b.parquet")} == {"7"}
    parquet.write_table(
        table().set_column(0, "ticket_id", pa.array([float(large)] * 4)), tmp_path / "c.parquet"
    )
    exports, _ = read(tmp_path / "c.parquet")
    assert any(note.startswith("Column ticket_id holds floats too long") for note in exports[0].notes)


def test_text_that_is_not_utf8_is_shown_and_told(tmp_path: Path) -> None:
    texts = pa.array([b"caf\xe9", b"ok", None, b"\0"], pa.binary())
    damaged = pa.Array.from_buffers(pa.string(), 4, texts.buffers())
    parquet.write_table(table().set_column(5, "text", damaged), tmp_path / "week.parquet")
    exports, found = read(tmp_path / "week.parquet")
    assert [row.text for row in found] == ["caf\ufffd", "ok", "", ""]
    assert "Some bytes are not valid UTF-8; they are shown as \ufffd." in exports[0].notes


def test_a_file_without_rows_or_without_messages(tmp_path: Path) -> None:
    parquet.write_table(table().slice(0, 0), tmp_path / "week.parquet")
    with pytest.raises(EmptyError, match=r"week\.parquet has no rows \(columns: ticket_id, message_id"):
        read(tmp_path / "week.parquet")
    parquet.write_table(pa.table({"a": [1], "b": [2]}), tmp_path / "other.parquet")
    with pytest.raises(NoMessagesError, match="the columns are: a, b"):
        read(tmp_path / "other.parquet")


@pytest.mark.parametrize("write", [with_pyarrow, as_feather, as_stream], ids=lambda write: write.__name__)
def test_damaged_files_are_refused_in_a_sentence_or_read(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "week.parquet"
    write(path)
    whole = path.read_bytes()
    for size in (8, 12, len(whole) // 2, len(whole) - 20):
        path.write_bytes(whole[:size])
        assert refusal(path).startswith(f"{path} ")
    for place in range(8, len(whole), 29):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read(path)
        except InputError as error:
            assert "\n" not in error.message


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"PARE" * 9, "is an encrypted Parquet file. Save it without encryption."),
        (b"FEA1" * 9, "is a Feather file of the first version."),
        (b"PAR1 is what Parquet files begin with", "is a damaged or cut Parquet file ("),
        (b"\xff\xff\xff\xff" * 9, "is a damaged or cut Arrow file ("),
    ],
)
def test_foreign_files_are_refused(head: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "week.parquet").write_bytes(head)
    assert said in refusal(tmp_path / "week.parquet")


def test_a_file_that_promises_more_rows_than_its_size_can_hold_is_refused(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"text": pa.nulls(5_000_000, pa.string())}), tmp_path / "bomb.parquet")
    assert (tmp_path / "bomb.parquet").stat().st_size < 20_000
    assert "unpacks to far more than its size" in refusal(tmp_path / "bomb.parquet")


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return importing(name, *rest, **more)

    importing = builtins.__import__
    with_pyarrow(tmp_path / "week.parquet")
    monkeypatch.setattr(builtins, "__import__", without)
    assert refusal(tmp_path / "week.parquet") == (
        f"{tmp_path / 'week.parquet'} is a Parquet file, and the reader for those is not installed. "
        "Install it with `pip install 'supportaudit[parquet]'`."
    )
