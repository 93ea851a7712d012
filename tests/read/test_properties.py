"""What must hold for any input: nothing but UserError comes out, and every row is accounted for."""

import csv
import io
import json
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from supportaudit.errors import UserError
from supportaudit.model import Row
from supportaudit.read import Export, ReadOptions, open_export
from supportaudit.read.timestamps import StampReader

RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(data: bytes, name: str, **options: Any) -> tuple[Export, list[Row]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        export = open_export(path, ReadOptions(**options))
        rows = [row for row in export.rows() if row.kind != "gap"]
    assert export.rows_used == len(rows)
    assert export.rows_read == export.rows_used + export.rows_rejected + export.rows_not_messages
    assert sum(export.reject_reasons.values()) == export.rows_rejected
    assert all(rejected.reason.isprintable() for rejected in export.rejected)
    assert all(note.isprintable() for note in export.notes)
    return export, rows


def survive(data: bytes, name: str) -> None:
    try:
        read(data, name)
    except UserError as error:
        assert error.message


texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=60)


@RELAXED
@given(
    rows=st.lists(texts, min_size=1, max_size=30),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_every_table_gives_back_its_texts(rows: list[str], delimiter: str, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        with path.open("w", newline="", encoding=encoding) as stream:
            writer = csv.writer(stream, delimiter=delimiter)
            writer.writerow(["Ticket ID", "From", "Message", "Date"])
            writer.writerows(
                [f"t{i % 3}", "Ana", text, "2026-01-02T03:04:05Z"] for i, text in enumerate(rows)
            )
        data = path.read_bytes()
    export, got = read(data, "any.csv")
    assert [row.text for row in got] == rows
    assert export.rows_rejected == 0


KEYS = "id messages comments text body conversation_id author at from data name role"
keys = st.sampled_from(KEYS.split())
odd = st.text(max_size=8) | st.sampled_from(["a", "1e5", "1.2E+11", ""])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | odd
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(keys | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=25,
)


@RELAXED
@given(records=st.lists(values, max_size=5), shape=st.sampled_from(["lines", "array", "object", "row"]))
@example(records=[{"id": "\ud800", "messages": [{"text": "x", "from": "y"}]}], shape="array")
@example(records=[{}, []], shape="row")
def test_no_json_value_breaks_the_reader(records: list[Any], shape: str) -> None:
    if shape == "lines":
        text = "\n".join(json.dumps(record) for record in records)
    elif shape == "row":
        text = "".join(json.dumps(record, indent=1) for record in records)
    else:
        text = json.dumps(records if shape == "array" else {"meta": 1, "records": records}, ensure_ascii=True)
    survive(text.encode(), "any.json")


message = st.fixed_dictionaries(
    {"conversation_id": values, "from": values, "text": values}, optional={"at": values, "id": values}
)


@RELAXED
@given(records=st.lists(message, max_size=5), nested=st.booleans())
def test_wrong_types_in_messages_are_counted(records: list[Any], nested: bool) -> None:
    good = {"conversation_id": "c", "from": "Ana", "text": "hello", "at": "2026-01-02T03:04:05Z"}
    many = [good, *records]
    text = (
        json.dumps([{"id": "c1", "messages": many}]) if nested else "\n".join(json.dumps(one) for one in many)
    )
    try:
        export, rows = read(text.encode(), "any.json")
    except UserError:
        return
    assert export.rows_read == len(many)
    assert rows[0].text == "hello"


@RELAXED
@given(data=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.json", "a.jsonl", "a.txt"]))
@example(data=b'{"id":1}\n\xff\xfe', name="a.jsonl")
@example(data=b'ticket,from,text\n"', name="a.csv")
@example(data=b"\xff\xfe", name="a.csv")
@example(data=b"\xff\xfea", name="a.csv")
@example(data=b"sep=", name="a.csv")
@example(data=b'sep="\na"b\n', name="a.csv")
@example(data=b"sep=\r\na\n", name="a.csv")
def test_no_bytes_break_the_reader(data: bytes, name: str) -> None:
    survive(data, name)


HEAD = b"ticket,from,text,date\nt1,Ana,hello,2026-01-01\n"


@RELAXED
@given(tail=st.binary(max_size=200) | st.text(",\"\\\n\r;'\t ab", max_size=100).map(str.encode))
def test_no_bytes_after_a_header_break_the_reader(tail: bytes) -> None:
    survive(HEAD + tail, "a.csv")
    survive(b'{"ticket":"1","from":"a","text":"b"}\n' + tail, "a.jsonl")
    survive(
        b"tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n1,a,True,,x,,\n"
        + tail,
        "twcs.csv",
    )


STYLES = {
    "%Y-%m-%dT%H:%M:%SZ": 1.0,
    "%Y-%m-%d %H:%M:%S.%f": 1e-6,
    "%Y-%m-%d %H:%M": 60.0,
    "%Y-%m-%d %H:%M:%S UTC": 1.0,
    "%Y/%m/%d %H:%M": 60.0,
    "%Y%m%d%H%M%S": 1.0,
    "%a %b %d %H:%M:%S +0000 %Y": 1.0,
    "%a, %d %b %Y %H:%M:%S +0000": 1.0,
    "%d %B %Y %H:%M": 60.0,
    "%b %d, %Y at %I:%M %p": 60.0,
    "%d-%b-%Y %H:%M:%S": 1.0,
    "%A, %B %d, %Y %I:%M:%S %p": 1.0,
    "%m/%d/%Y %I:%M %p": 60.0,
    "%m/%d/%y %H:%M": 60.0,
    "%m-%d-%Y %H:%M:%S": 1.0,
    "%d.%m.%Y %H:%M": 60.0,
    "%d.%m.%Y, %H:%M:%S": 1.0,
    "%H:%M:%S %m/%d/%Y": 1.0,
    "%Y-%m-%d": 86400.0,
}
moments = st.datetimes(datetime(1995, 1, 1), datetime(2068, 12, 31))


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=40, deadline=None)
@given(moment=moments)
def test_every_style_of_stamp_gives_back_its_instant(style: str, moment: datetime) -> None:
    unit = STYLES[style]
    reader = StampReader(day_first=False)
    for at in (moment, moment + timedelta(days=1)):
        want = at.replace(tzinfo=UTC).timestamp()
        whole = want // unit * unit if unit >= 1 else want
        assert reader(at.strftime(style)) == pytest.approx(whole, rel=0, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(moment=moments, minutes=st.integers(-12 * 60, 14 * 60), scale=st.sampled_from([1, 1000, 1_000_000]))
def test_offsets_and_epochs_give_back_the_instant(moment: datetime, minutes: int, scale: int) -> None:
    at = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    if at.timestamp() < 800_000_000:
        return
    assert StampReader()(at.isoformat()) == at.timestamp()
    assert StampReader()(at.strftime("%d.%m.%Y %H:%M:%S %z")) == at.timestamp()
    assert StampReader()(str(int(at.timestamp()) * scale)) == at.timestamp()
    assert StampReader(day_first=True)(at.strftime("%d/%m/%Y %H:%M:%S %z")) == at.timestamp()


@settings(max_examples=300, deadline=None)
@given(stamp=st.text(max_size=25) | st.text("0123456789-/.: TZapmUTC+", max_size=25))
def test_no_stamp_breaks_the_reader(stamp: str) -> None:
    survive(json.dumps({"ticket": "1", "from": "a", "text": "b", "date": stamp}).encode(), "a.jsonl")


# Tables as Python's csv module writes them.

WORDS = {
    "utf-8": "Where is my order? Πού είναι; Где мой заказ? 注文はどこ 😀 naïve",
    "cp1252": "Où est ma commande ? Déjà réclamée à l’équipe « clients » : rien reçu, très déçu.",
    "cp1251": "Где мой заказ? Я пишу вам уже в третий раз, прошла целая неделя, и никто не отвечает.",
    "cp1253": "Πού είναι η παραγγελία μου; Έχω γράψει ήδη τρεις φορές και δεν απαντά κανείς.",
}
ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-8", "utf-16-le": "utf-8"} | {
    name: name for name in ("cp1252", "cp1251", "cp1253")
}
COLUMNS = ("Ticket ID", "From", "Message", "Date")


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], list[str], dict[str, Any], str]:
    """Messages, the order of the columns, a dialect, an encoding."""
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    words = WORDS[ENCODINGS[encoding]].split()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_NONE]))
    escaped = quoting == csv.QUOTE_NONE or draw(st.booleans())
    ending = draw(st.sampled_from(["\n", "\r\n", "\r"])) if not escaped else "\n"
    breaks = (
        [] if ending == "\r" else ["\n", "\n\n"]
    )  # which the writer does not quote then, up to Python 3.12
    signs = [*breaks, ",", ";", "\t", "|", '"', '""', "'", "a,b", "=1", "#", "x" * 300]
    if not escaped:
        signs += ["\\", "\\n", "C:\\temp\\"]  # a lone backslash and an escaped one cannot be told apart
    piece = st.sampled_from(words) | st.sampled_from(signs)
    text = st.lists(piece, min_size=1, max_size=12).map(" ".join)
    messages = [
        [f"t{n % 3}", draw(st.sampled_from(["Ana", "Bo Li", "support"])), body, f"2026-01-02T03:04:{n:02d}Z"]
        for n, body in enumerate(draw(st.lists(text, min_size=3, max_size=12)))
    ]
    messages[0][2] = WORDS[ENCODINGS[encoding]] + (' "so", she said\n' if escaped else "")
    dialect = {
        "delimiter": draw(st.sampled_from(",;\t|")),
        "quoting": quoting,
        "lineterminator": ending,
        **({"escapechar": "\\", "doublequote": False} if escaped else {}),
    }
    return messages, draw(st.permutations(COLUMNS)), dialect, encoding


@RELAXED
@given(tables())
def test_every_dialect_encoding_and_order_of_columns_gives_back_the_messages(
    table: tuple[list[list[str]], list[str], dict[str, Any], str],
) -> None:
    messages, order, dialect, encoding = table
    out = io.StringIO(newline="")
    writer = csv.writer(out, **dialect)
    writer.writerow(order)
    writer.writerows([message[COLUMNS.index(column)] for column in order] for message in messages)
    export, rows = read(out.getvalue().encode(encoding), "any.csv")
    assert export.rows_rejected == export.rows_not_messages == 0
    assert [(row.conversation_id, row.author_name, row.text) for row in rows] == [
        (ticket, name, text) for ticket, name, text, _ in messages
    ]
    assert [row.at for row in rows] == [1767323040.0 + n for n in range(len(rows))]
