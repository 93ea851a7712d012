"""An export in which every field that a customer or a help desk fills holds a payload, and the audit of it."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.security.payloads import PAYLOADS, Payload

from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.results.dossier import ALL
from supportaudit.results.report import Report

FIELDS = (
    *(
        "conversation",
        "channel",
        "customer",
        "customername",
        "team",
        "brand",
        "subject",
        "tag",
        "rating",
        "comment",
    ),
    *("priority", "status", "assignee", "message", "author", "agent", "question", "answer", "file"),
)
"""Words of the fields that a payload stands in; `file` is the export's own name."""


AT_ONCE = 8
"""Payloads in a group: no more than any format shows of a kind."""


def conversation(payload: Payload) -> dict[str, Any]:
    """A customer who is failed in several ways, with the payload in every field."""
    at = payload.at

    def message(number: int, time: str, role: str, author: str, text: str) -> dict[str, Any]:
        return {
            "id": f"{at('message')} {number}", "at": f"2026-11-09T{time}:00Z", "role": role, "author": at(author),
            "author_id": at(f"{author}id"), "author_email": at(f"{author}mail"), "text": text,
        }  # fmt: skip

    return {
        "id": at("id"), "channel": at("channel"), "customer_id": at("customer"),
        "customer_name": at("customername"), "team": at("team"), "brand": at("brand"), "subject": at("subject"),
        "tags": [at("tag")], "csat": at("rating"), "csat_comment": at("comment"), "priority": at("priority"),
        "status": at("status"), "assignee": at("assignee"), "language": "en",
        "messages": [
            message(1, "10:00", "customer", "author", f"{at('question')} where is my parcel, can you tell me?"),
            message(2, "12:00", "agent", "agent", f"I don't know {at('answer')} you idiot"),
            message(3, "12:05", "customer", "author", f"{at('question')} where is my parcel, can you tell me?"),
            message(4, "15:05", "agent", "agent", at("answer")),
            message(5, "16:05", "customer", "author", f"Your colleague was so rude to me {at('question')} again"),
        ],
    }  # fmt: skip


def written(folder: Path, payloads: Iterable[Payload] = PAYLOADS) -> list[Path]:
    """A file for each payload, named by it where the file system takes such a name."""
    paths = []
    for number, payload in enumerate(payloads):
        path = folder / file_name(payload, number)
        path.write_text(json.dumps(conversation(payload)) + "\n", "utf-8")
        paths.append(path)
    return paths


def file_name(payload: Payload, number: int = 0) -> str:
    """A name that holds the payload, as far as one can."""
    name = payload.at("file").replace("/", "∕").replace("\0", "")
    try:
        return name.encode("utf-8")[:200].decode("utf-8", "ignore") + ".ndjson"
    except UnicodeEncodeError:
        return f"{number}.ndjson"


def audited(paths: Sequence[Path], **settings: Any) -> Report:
    """All of it with every failing conversation as evidence."""
    return scan(paths, ScanSettings(**({"jobs": 1, "evidence": ALL} | settings), reading=Reading()))
