"""Front: lists that name their conversation by a link, and replies that an event says were never delivered."""

from typing import Any

from supportaudit.read.desks import Place
from supportaudit.read.paths import path, plain

_UNDELIVERED = frozenset(("sending_error", "message_bounce_error"))
_LISTS = ("messages", "comments", "events")
_LINK = path("_links.related.conversation")
_NESTED = path("conversation.id")
_TARGET, _RECIPIENT_ROLE = path("target.data.id"), path("source.data.role")


def prepare(shape_name: str, record: dict[str, Any], _place: Place) -> dict[str, Any]:
    """The record with the id of its conversation; a conversation beside its messages, with the people they name."""
    if shape_name == "conversation":
        record = {"conversation": record, **{key: record.get(key) for key in _LISTS}}
    if shape_name.startswith("conversation"):
        everything = [one for key in _LISTS[:2] for one in _objects(record.get(key))]
        record["_people"] = [one["author"] for one in everything if _is_named(one.get("author"))]
        _mark_undelivered(record)
    else:
        link = plain(_LINK(record, record)).rstrip("/").rpartition("/")[2]
        given = plain(record.get("conversation_id")) or plain(_NESTED(record, record))
        record = {
            **record,
            "_links": None,
            "conversation_id": given or (link if link.startswith("cnv_") else ""),
        }
    return record


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _is_named(author: object) -> bool:
    return isinstance(author, dict) and bool(author.get("first_name") or author.get("username"))


def _mark_undelivered(record: dict[str, Any]) -> None:
    """Write to a message what an event tells of it: that it did not reach whom it was meant for."""
    failed = {
        plain(_TARGET(event, event)): plain(event["type"])
        for event in _objects(record.get("events"))
        if plain(event.get("type")) in _UNDELIVERED
        and plain(_RECIPIENT_ROLE(event, event)) not in ("cc", "bcc")
    }
    for message in _objects(record.get("messages")):
        if kind := failed.get(plain(message.get("id"))):
            message["error_type"] = message.get("error_type") or kind
