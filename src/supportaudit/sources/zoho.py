"""Zoho Desk: lists that do not name their ticket, and a history of changes told by labels."""

import re
from pathlib import PurePosixPath
from typing import Any

from supportaudit.read.desks import Place

_LONG_NUMBER = re.compile(r"\d{6,}", re.ASCII)
_LISTS = ("conversations", "threads", "comments", "history")
_PROPERTIES = {
    **dict.fromkeys(("caseowner", "ticketowner", "owner", "assignee"), "assign"),
    **dict.fromkeys(("department", "team"), "transfer"),
    "status": "status",
    "priority": "priority",
    **dict.fromkeys(("tag", "tags"), "tag"),
}


def prepare(shape: str, record: dict[str, Any], place: Place) -> dict[str, Any]:
    """The record with its ticket, from the file's name where nothing else tells; of history, with `changes`."""
    if shape == "history of a ticket":
        record = {**record, "changes": _changes(record.get("eventInfo"))}
    if shape == "ticket":
        record = {**record, **{key: _data(record[key]) for key in _LISTS if key in record}}
    if shape.startswith(("thread", "comment", "history")) and not record.get("ticketId"):
        record = {**record, "ticketId": _ticket(place)}
    return record


def _data(found: object) -> object:
    """A list, also where it is kept as the API answered it, under `data`."""
    return found.get("data") if isinstance(found, dict) else found


def _ticket(place: Place) -> str:
    """The long number in the file's name ("threads-57440000.json"), else the name; the folder for "threads"."""
    path = PurePosixPath((place.member or place.name).replace("\\", "/"))
    stem = path.name.split(".")[0]
    if found := _LONG_NUMBER.findall(stem):
        return str(found[-1])
    return (path.parent.name if stem.casefold() in _LISTS else "") or stem


def _changes(told: object) -> list[dict[str, str]]:
    changes = []
    for one in told if isinstance(told, list) else [told]:
        if not isinstance(one, dict):
            continue
        label = "".join(filter(str.isalpha, str(one.get("propertyName", "")).casefold()))
        value = one.get("propertyValue")
        before = after = value
        if isinstance(value, dict) and not value.keys().isdisjoint(("previousValue", "updatedValue")):
            before, after = value.get("previousValue"), value.get("updatedValue")
        else:
            before = None
        if (kind := _PROPERTIES.get(label)) and (target := _name(after)):
            changes.append({"type": kind, "from": _name(before), "to": target})
    return changes


def _name(value: object) -> str:
    """What a value is called: owners and departments come as objects."""
    if isinstance(value, dict):
        return str(value.get("name") or value.get("id") or "")
    return str(value) if isinstance(value, str | int) else ""
