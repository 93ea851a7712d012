"""Chatwoot says what happened in sentences ("Assigned to Ana by Bo"), and a dump of its tables holds JSON in cells."""

import re
from typing import Any

import msgspec

from supportaudit.read.desks import Place

# The product's English wording, the part after "by" first tried from the end: names may hold "by" too.
_SENTENCES = tuple(
    (kind, re.compile(pattern, re.DOTALL))
    for kind, pattern in (
        ("assign", r"Assigned to (?P<to>.+?) via (?P<team>.+) by (?P<by>.+)"),
        ("assign", r"Assigned to (?P<to>.+) by (?P<by>.+)"),
        ("assign", r"(?P<by>(?P<to>.+)) self-assigned this conversation"),
        ("status", r"Conversation was (?:marked )?(?P<resolved>resolved)(?: by (?P<by>.+))?"),
        ("status", r"Conversation was (?P<open>reopened)(?: by (?P<by>.+))?"),
        ("status", r"Conversation was marked as (?P<pending>pending)(?: by (?P<by>.+))?"),
        ("status", r"Conversation was (?P<snoozed>snoozed)(?: by (?P<by>.+))?"),
        ("priority", r"(?P<by>.+) set the priority to (?P<to>\w+)"),
        ("priority", r"(?P<by>.+) changed the priority from (?P<from>\w+) to (?P<to>\w+)"),
        ("tag", r"(?P<by>.+?) added (?P<to>.+)"),
        ("tag", r"(?P<by>.+?) removed (?P<from>.+)"),
    )
)
_STATES = ("resolved", "open", "pending", "snoozed")
_ACTIVITY = (2, "2", "activity")
_MESSAGES_UNDER = {"conversation with messages": "messages", "messages of a conversation": "payload"}


def prepare(shape: str, record: dict[str, Any], _place: Place) -> dict[str, Any]:
    """The record with `activity` {type, from, to, by} where a sentence tells an event, and cells of JSON read."""
    under = _MESSAGES_UNDER.get(shape)
    if under is None:
        return _told(record)
    messages = record.get(under)
    if not isinstance(messages, list):
        return record
    return {**record, under: [_told(one) if isinstance(one, dict) else one for one in messages]}


def _told(message: dict[str, Any]) -> dict[str, Any]:
    told = dict(message)
    for key in ("content_attributes", "contentattributes", "additional_attributes", "additionalattributes"):
        if isinstance(told.get(key), str):
            told[key] = _object(told[key])
    kind = told.get("message_type", told.get("messagetype"))
    if kind in _ACTIVITY and isinstance(content := told.get("content"), str):
        told["activity"] = _activity(content.strip())
    return told


def _object(cell: str) -> object:
    """The object in a cell; some versions have written it as a JSON string of JSON."""
    for _ in range(2):
        try:
            value = msgspec.json.decode(cell)
        except msgspec.DecodeError:
            return None
        if not isinstance(value, str):
            return value
        cell = value
    return None


def _activity(sentence: str) -> dict[str, str] | None:
    """What a sentence says happened; None in another language, which leaves it a sentence."""
    for kind, pattern in _SENTENCES:
        if (found := pattern.fullmatch(sentence)) is None:
            continue
        words = found.groupdict(default="")
        state = next((state for state in _STATES if words.get(state)), "")
        told = {"from": words.get("from", ""), "to": words.get("to", "") or state, "by": words.get("by", "")}
        return {"type": kind, **told}
    return None
