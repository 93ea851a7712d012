"""JSON in its shapes: lines, arrays, wrapped, in a row; flat and nested."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportaudit.errors import InputError, SettingsError
from supportaudit.model import Row
from supportaudit.read import Export, ReadOptions, open_export

FLAT: list[dict[str, Any]] = [
    {
        "ticket_id": 7,
        "id": 70.0,
        "created_at": 1714980000,
        "author": {"id": 5, "name": "Ana", "type": "user"},
        "body": "Hi",
    },
    {
        "ticket_id": 7,
        "id": "x",
        "created_at": "2024-05-06T08:02:11Z",
        "author": {"name": "Bo", "type": "admin"},
        "body": "Yes?",
    },
]
NESTED: list[dict[str, Any]] = [
    {
        "id": 1, "via": {"channel": "email"}, "brand": "Acme", "subject": "Jug",
        "lang": "en", "truncated": True,
        "customer": {"id": 9, "name": "Ana", "email": "ana@example.com"}, "group": {"name": "Returns"},
        "comments": [
            {"id": 11, "author_id": 9, "public": True, "plain_body": "Broken", "html_body": "<p>Broken</p>"},
            {"author_id": 3, "public": False, "html_body": "<b>ask</b>", "channel": "web"},
        ],
    },
    {"id": 2, "comments": []},
]  # fmt: skip


def read(
    tmp_path: Path, content: str | bytes, name: str = "a.json", **options: Any
) -> tuple[Export, list[Row]]:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    export = open_export(path, ReadOptions(**options))
    rows = [row for row in export.rows() if row.kind != "gap"]
    assert export.rows_read == export.rows_used + export.rows_rejected + export.rows_not_messages
    return export, rows


def lines(records: list[Any]) -> str:
    return "\n".join(json.dumps(record) for record in records)


SHAPES: dict[str, tuple[Callable[[list[Any]], str], str]] = {
    "lines": (lines, "JSON Lines"),
    "array": (json.dumps, "JSON array"),
    "pretty array": (lambda records: json.dumps(records, indent=2), "JSON array"),
    "object": (
        lambda records: json.dumps({"count": 2, "results": records, "tags": ["a"]}),
        'under "results"',
    ),
    "wrapped": (
        lambda records: json.dumps({"meta": {}, "data": {"payload": records}}),
        'under "data.payload"',
    ),
    "rivals": (lambda records: json.dumps({"users": [{"id": 1, "name": "Bo"}], "z": records}), 'under "z"'),
    "in a row": (lambda records: "\n".join(json.dumps(r, indent=1) for r in records), "one after another"),
    "with a mark": (lambda records: "\ufeff" + json.dumps(records), "JSON array"),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["a.json", "a.txt"])
def test_every_shape_gives_the_same_flat_rows(tmp_path: Path, shape: str, name: str) -> None:
    write, source = SHAPES[shape]
    export, rows = read(tmp_path, write(FLAT), name)
    assert source in export.source
    assert export.source.endswith("one message a record")
    assert [(row.conversation_id, row.message_id, row.at) for row in rows] == [
        ("7", "70", 1714980000.0), ("7", "x", 1714982531.0)
    ]  # fmt: skip
    assert (rows[0].author_id, rows[0].author_name, rows[0].role, rows[0].text) == ("5", "Ana", "user", "Hi")


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_nested_rows(tmp_path: Path, shape: str) -> None:
    write, source = SHAPES[shape]
    export, rows = read(tmp_path, write(NESTED))
    assert source in export.source
    assert export.source.endswith("messages nested in conversations")
    assert (export.rows_read, export.rows_used, export.rows_not_messages) == (3, 2, 1)
    one, two = rows
    assert (one.conversation_id, one.message_id, two.message_id) == ("1", "11", "2")
    assert (one.channel, one.brand, one.subject, one.language, one.truncated, one.team) == (
        "email", "Acme", "Jug", "en", True, "Returns"
    )  # fmt: skip
    assert (one.customer_id, one.customer_name, one.author_id) == ("9", "Ana", "9")
    assert (one.text, one.is_html, one.public) == ("Broken", False, True)
    assert (two.text, two.is_html, two.public, two.channel) == ("<b>ask</b>", True, False, "web")
    assert export.mapping["text"] == "comments[].plain_body"
    assert export.mapping["conversation_id"] == "id"


@pytest.mark.parametrize(
    "key", ["messages", "comments", "thread", "threads", "events", "parts", "Conversation"]
)
def test_keys_that_hold_messages(tmp_path: Path, key: str) -> None:
    _, rows = read(tmp_path, json.dumps([{"id": "c", key: [{"from": "Ana", "text": "hi"}]}]))
    assert [row.text for row in rows] == ["hi"]


@pytest.mark.parametrize(
    "record",
    [
        {
            "id": "c",
            "conversation_parts": {
                "total": 1,
                "conversation_parts": [{"author": {"name": "A"}, "body": "hi"}],
            },
        },
        {"id": "c", "_embedded": {"threads": [{"createdBy": {"type": "user"}, "body": "hi"}]}},
        {"id": "c", "thread": {"active": False, "events": [{"author_id": "A", "text": "hi"}]}},
        {"id": "c", "messages": [{"conversation_id": "c", "sender": {"name": "A"}, "content": "hi"}]},
    ],
)
def test_lists_one_level_down_and_single_objects(tmp_path: Path, record: dict[str, Any]) -> None:
    for content in (json.dumps(record), json.dumps([record]), json.dumps(record) + "\n" + json.dumps(record)):
        _, rows = read(tmp_path, content)
        assert {(row.conversation_id, row.text) for row in rows} == {("c", "hi")}


def test_line_numbers(tmp_path: Path) -> None:
    one, two, three = (f'{{"ticket":"{n}",%s"from":"a","text":"b"}}' for n in "123")
    text = f"[\n{one % ''},\n\n{two % chr(10)},{three % ''}]"
    assert [row.line for row in read(tmp_path, text)[1]] == [2, 4, 5]
    text = '\n{"ticket":"1","from":"a","text":"b"}\n\n{"ticket":"2","from":"a","text":"b"}\n'
    assert [row.line for row in read(tmp_path, text)[1]] == [2, 4]
    pretty = "\n".join(json.dumps(record, indent=1) for record in [FLAT[0], FLAT[0]])
    assert [row.line for row in read(tmp_path, pretty)[1]] == [
        1,
        json.dumps(FLAT[0], indent=1).count("\n") + 2,
    ]


def test_a_bad_line_is_one_rejected_row(tmp_path: Path) -> None:
    good = '{"ticket":"1","from":"a","text":"b"}\n'
    deep = "[" * 100_000 + "]" * 100_000
    bad = ['{"ticket": "1",', "[1]", "7", '{"ticket":{},"from":"a","text":"b"}', f'{{"ticket":{deep}}}']
    export, rows = read(tmp_path, good + "\n".join(bad) + "\n" + good)
    assert len(rows) == 2
    assert [r.line for r in export.rejected] == [2, 3, 4, 5, 6]
    reasons = [r.reason for r in export.rejected]
    assert reasons[0].startswith("not valid JSON: ")
    assert reasons[1] == "a record that is not an object: a list"
    assert reasons[3] == "no conversation id"
    assert reasons[4] == "JSON nested too deeply"


def test_a_bad_first_line_does_not_hide_the_others(tmp_path: Path) -> None:
    export, rows = read(tmp_path, '{"ticket": oops\n' + lines(FLAT))
    assert (len(rows), export.rows_rejected) == (2, 1)


def test_a_broken_object_in_a_row_is_skipped(tmp_path: Path) -> None:
    pretty = json.dumps(FLAT[0], indent=1)
    export, rows = read(tmp_path, pretty + '\n{\n"ticket_id": oops\n}\n' + pretty)
    assert (len(rows), export.rows_rejected) == (2, 1)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_cut_document_gives_its_records_and_tells_the_break(
    tmp_path: Path, wrapped: bool, indent: int | None
) -> None:
    records = [{"ticket": n, "text": "x", "from": "a"} for n in range(9)]
    whole = json.dumps({"count": 9, "records": records} if wrapped else records, indent=indent)
    export, rows = read(tmp_path, whole[: whole.index("8") - 4])
    assert [row.conversation_id for row in rows] == list("01234567")
    assert [r.reason for r in export.rejected] == [
        "not valid JSON: the file ends in the middle of a record; it may have been cut short"
    ]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_broken_record_of_an_array_costs_only_itself(tmp_path: Path, indent: int | None) -> None:
    messages = [{"id": m, "from": "a", "text": "x"} for m in range(3)]
    records = [{"id": f"c{n}", "subject": "s", "messages": messages} for n in range(5)]
    text = json.dumps(records, indent=indent)
    place = text.index("c2") - 1
    for broken in (text[:place] + "oops" + text[place:], text[:place] + text[place + 1 :]):
        export, rows = read(tmp_path, broken)
        assert {row.conversation_id for row in rows} == {"c0", "c1", "c3", "c4"}
        assert (len(rows), export.rows_rejected) == (12, 1)


def test_what_follows_the_records_and_is_broken_is_told(tmp_path: Path) -> None:
    record = json.dumps({"ticket": 1, "text": "x", "from": "a"})
    export, rows = read(tmp_path, f'{{"records": [{record}, {record}], "page": {{"next": ')
    assert (len(rows), export.rows_rejected) == (2, 1)
    talk = json.dumps({"id": 1, "messages": [{"text": "x", "from": "a"}] * 2})
    for whole in (f"[{record}, {record}]", f'{{"records": [{record}, {record}]}}', talk):
        export, rows = read(tmp_path, f"{whole} and so on")
        assert (len(rows), export.rows_rejected) == (2, 1)
    assert "nothing after it could be read" in export.rejected[0].reason


def test_arrays_one_after_another_are_all_read(tmp_path: Path) -> None:
    text = json.dumps([{"ticket": n, "text": "x", "from": "a"} for n in range(3)])
    assert len(read(tmp_path, text + "\n" + text)[1]) == 6


def test_records_on_one_line_are_told_apart_by_number(tmp_path: Path) -> None:
    records = [{"ticket": n, "text": "x", "from": "a"} for n in range(3)]
    for whole in (records, {"records": records}):
        export, rows = read(tmp_path, json.dumps(whole))
        assert [row.line for row in rows] == [1, 2, 3]
        assert any("numbers of records" in note for note in export.notes)


def test_what_python_writers_leave_is_mended(tmp_path: Path) -> None:
    for content in (
        '{"ticket":"1","from":"a","text":"cut \\ud83d","at":NaN}\n' * 2,
        '[{"ticket":"1","from":"a","text":"cut \\ud83d","at":NaN}]',
    ):
        _, rows = read(tmp_path, content)
        assert rows[0].text in ("cut \ufffd", "cut ?")
        assert rows[0].at is None


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    line = '{"ticket":"1","from":"Zoë","text":"déjà"}\n'
    export, rows = read(tmp_path, (line * 9).encode() + b'{"ticket":"1","from":"a","text":"caf\xe9"}\n')
    assert rows[-1].text == "caf\ufffd"
    assert any("UTF-8" in note for note in export.notes)
    _, rows = read(tmp_path, (line * 2).encode("utf-16"))
    assert rows[1].text == "déjà"


@pytest.mark.parametrize(
    ("value", "text", "reason"),
    [
        (12, "12", ""),
        (None, "", ""),
        ([], "", "the text is not text: a list"),
        ({"a": 1}, "", "the text is not text: an object"),
        (True, "", "the text is not text: a truth value"),
    ],
)
def test_text_of_a_wrong_type(tmp_path: Path, value: Any, text: str, reason: str) -> None:
    good = {"ticket": "1", "from": "a", "text": "b"}
    export, rows = read(tmp_path, lines([good, {**good, "text": value}]))
    if reason:
        assert export.rejected[0].reason == reason
    else:
        assert rows[1].text == text


def test_conversations_that_cannot_be_used(tmp_path: Path) -> None:
    good = {"id": "1", "messages": [{"from": "a", "text": "b"}, "odd", {"from": "a", "text": ["x"]}]}
    export, rows = read(tmp_path, json.dumps([good, {"id": "2"}, {"messages": [{"text": "x"}]}, 5]))
    assert len(rows) == 1
    assert [r.reason for r in export.rejected] == [
        "a message that is not an object: a text",
        "the text is not text: a list",
        "a conversation without a list of messages",
        "no conversation id",
        "a record that is not an object: a number",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "empty list"),
        ("{}", "no list"),
        ("5", "single JSON value"),
        ("[1, 2]", "no record that is an object"),
        ('{"a": [{"text": "x", "from": 1}], "b": [{"text": "y", "from": 2}]}', "several lists"),
        ('[{"tick', "not valid JSON"),
        ('{"records": [{"tick', "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"data": [{"text": "x", "from": "a"}]}', "--map conversation_id=COLUMN"),
        ("<html>", "not valid JSON"),
    ],
)
def test_documents_without_messages(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, content)
    assert words in f"{error.value.message} {error.value.hint}"


def test_a_map_of_dotted_paths(tmp_path: Path) -> None:
    record = {"attributes": {"t": {"x": "hi"}, "w": "Ana"}, "rel": {"conv": {"data": {"id": 5}}}}
    mapping = {"conversation_id": "rel.conv.data.id", "text": "attributes.t.x", "author_name": "attributes.w"}
    _, rows = read(tmp_path, lines([record] * 2), mapping=mapping)
    assert (rows[0].conversation_id, rows[0].text, rows[0].author_name) == ("5", "hi", "Ana")
    with pytest.raises(SettingsError) as error:
        read(tmp_path, lines([record] * 2), mapping={**mapping, "author_name": "attributes.ww"})
    assert "Did you mean attributes.w" in error.value.hint


def test_a_map_into_nested_messages(tmp_path: Path) -> None:
    record = {"key": "k", "nr": "n", "messages": [{"who": "Ana", "was": "hi", "text": "no"}]}
    mapping = {"conversation_id": "nr", "text": "messages[].was", "author_name": "who"}
    export, rows = read(tmp_path, json.dumps([record]), mapping=mapping)
    assert (rows[0].conversation_id, rows[0].text, rows[0].author_name) == ("n", "hi", "Ana")
    assert export.mapping["text"] == "messages[].was"


def test_day_order_and_times_in_json(tmp_path: Path) -> None:
    def told(*stamps: object) -> str:
        return json.dumps([{"id": "1", "messages": [{"from": "a", "text": "b", "at": at} for at in stamps]}])

    with pytest.raises(InputError, match="two ways"):
        read(tmp_path, told("03/04/2026"))
    export, rows = read(tmp_path, told("03/04/2026", "31/01/2026", 1714980000.5, None, True, 5))
    assert [row.at for row in rows] == [1775174400.0, 1769817600.0, 1714980000.5, None, None]
    assert "1995–2100" in export.rejected[0].reason


def test_rare_fields_past_the_sample_are_found(tmp_path: Path) -> None:
    plain = {"id": "1", "messages": [{"from": "a", "text": "b"}]}
    _, rows = read(tmp_path, lines([plain] * 2100 + [{**plain, "truncated": True, "lang": "ka"}]))
    assert (rows[-1].truncated, rows[-1].language) == (True, "ka")


def test_a_single_conversation_whose_messages_repeat_its_id_keeps_its_own_fields(tmp_path: Path) -> None:
    record = {"id": 9, "subject": "Size", "messages": [{"id": 1, "ticket_id": 9, "from": "a", "text": "b"}]}
    _, rows = read(tmp_path, json.dumps(record))
    assert (rows[0].conversation_id, rows[0].subject) == ("9", "Size")
    _, rows = read(tmp_path, json.dumps({**record, "id": "export 5"}))
    assert (rows[0].conversation_id, rows[0].subject) == ("9", "")


def test_notes_told_by_their_type_are_not_public(tmp_path: Path) -> None:
    threads = [{"type": kind, "createdBy": {"type": "user"}, "body": "b"} for kind in ("message", "note")]
    _, rows = read(tmp_path, json.dumps([{"id": 1, "_embedded": {"threads": threads}}]))
    assert [(row.role, row.public) for row in rows] == [("user", None), ("user", False)]


def test_text_outside_the_list_of_messages_is_told(tmp_path: Path) -> None:
    record = {"id": 1, "source": {"body": "Where is it?"}, "messages": [{"from": "a", "text": "b"}]}
    export, _ = read(tmp_path, json.dumps([record]))
    assert any("source.body" in note for note in export.notes)
