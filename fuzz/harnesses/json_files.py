"""JSON of no known desk: arrays, lines, objects that hold lists.

The first byte says which ending the file has, whether the first line is what `--map` says, and whether the file is
read once more through a narrow window, as a file of many megabytes is read through a wide one.
"""

import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

from fuzz.auditing import audit_read, mapped, read_files
from fuzz.harness import READERS, Harness
from supportaudit.read import ReadOptions, json_cursor
from supportaudit.read.mapping import MAPPABLE

NAMES = ("week.json", "week.jsonl", "week.txt")
NESTED = (
    "messages",
    "comments",
    "data",
    "conversations",
    "author",
    "from",
    "customer",
    "events",
    "id",
    "name",
)
MESSAGES: list[dict[str, Any]] = [
    {
        "conversation_id": "1",
        "role": "customer",
        "author": "Ana",
        "at": "2026-05-01T10:00:00Z",
        "text": "Where is it?",
    },
    {
        "conversation_id": "1",
        "role": "agent",
        "author": "Tom",
        "at": 1777630800,
        "text": "I will call tomorrow.",
    },
    {"conversation_id": 2, "role": "customer", "author": {"name": "Leo"}, "at": None, "body": "<p>Hi</p>"},
]
_MAPPED, _NARROW = 0x80, 0x40


def check(data: bytes) -> None:
    """Rows are read and audited, or the file is refused; the same through a narrow window."""
    flags, body = data[0] if data else 0, data[1:]
    options = ReadOptions()
    if flags & _MAPPED:
        body, options = mapped(body, options)
    files = {NAMES[flags % len(NAMES)]: body}
    rows = read_files(files, options)
    if flags & _NARROW:
        with mock.patch.object(json_cursor, "_WINDOW", 150):
            assert read_files(files, options) == rows, "read otherwise through a narrow window"
    audit_read(rows)


def seeds() -> Iterator[bytes]:
    """The shapes that exports come in."""
    nested: dict[str, Any] = {"id": 7, "customer": {"id": "c1", "email": "a@b.example"}, "messages": MESSAGES}
    shapes: tuple[Any, ...] = (
        *(MESSAGES, {"data": MESSAGES}, {"result": {"messages": MESSAGES}, "next": None}, [nested], nested),
        *([[m] for m in MESSAGES], {"conversations": [nested, nested], "users": [{"id": 1, "name": "Tom"}]}),
        *([], {}, [{}], {"messages": []}, "text", 7),
    )
    for shape in shapes:
        yield b"\0" + json.dumps(shape).encode()
        yield b"\2" + json.dumps(shape, indent=1).encode("utf-16")
    yield b"\1" + b"\n".join(json.dumps(message).encode() for message in MESSAGES)
    yield b"\1" + b"\n\n".join(json.dumps(nested).encode() for _ in range(2))
    yield b"\x80text=messages[].body,conversation_id=id\n" + json.dumps([nested, nested]).encode()
    for shape in (MESSAGES * 4, {"data": MESSAGES * 4}, [nested] * 3):
        yield b"\x40" + json.dumps(shape).encode()
        yield b"\x41" + json.dumps(shape).encode().replace(b"1777630800", b"17776308.", 2)
    yield b"\0[" + b"[" * 2000
    yield b"\1" + b'{"a":' * 500


HARNESS = Harness(check, seeds, shape="json", words=(*MAPPABLE, *NESTED), led_by=READERS)
