"""JSON of no known desk: arrays, lines, objects that hold lists. The first byte says which ending the file has."""

import json
from collections.abc import Iterator
from typing import Any

from fuzz.auditing import audit, read_files
from fuzz.harness import Harness
from supportaudit.read import ReadOptions
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


def check(data: bytes) -> None:
    """Rows are read and audited, or the file is refused."""
    name = NAMES[data[0] % len(NAMES)] if data else NAMES[0]
    audit(read_files({name: data[1:]}, ReadOptions()))


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
    yield b"\0[" + b"[" * 2000
    yield b"\1" + b'{"a":' * 500


HARNESS = Harness(check, seeds, shape="json", words=(*MAPPABLE, *NESTED))
