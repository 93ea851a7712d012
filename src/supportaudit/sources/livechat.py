"""LiveChat: chats of one or many threads, forms as the customer's words, system messages as events."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from supportaudit.read.desks import Place
from supportaudit.read.paths import plain

_BOT_ID = re.compile(r"[0-9a-f]{32}")
"""Agents are known by their addresses, customers by UUIDs, chat bots by 32 hexadecimal digits."""

_ENDS = {
    "manual_archived_agent": "closed by the agent",
    "manual_archived_customer": "closed by the customer",
    "archived_customer_disconnected": "closed: the customer left",
    "customer_banned": "closed: the customer was banned",
    "system_archived": "closed",
    "routing.archived_offline": "closed: no agent available",
    "routing.archived_inactive": "closed: nobody wrote",
    "routing.archived_deleted": "closed: the agent was gone",
    "routing.archived_disconnected": "closed: the agent was gone",
    "routing.archived_remotely_signed_out": "closed: the agent was gone",
    "routing.archived_signed_out": "closed: the agent was gone",
    "routing.archived_other": "closed",
}
_SURVEY = "postchat"


def prepare(_shape_name: str, record: dict[str, Any], _place: Place) -> dict[str, Any]:
    """The record with the events of all its threads under `events`, each with the facts of its thread."""
    for user in _objects(record.get("users")):
        user["_bot"] = user.get("type") == "agent" and _BOT_ID.fullmatch(plain(user.get("id"))) is not None
    threads = record.get("threads")
    threads = threads if isinstance(threads, list) else [record.get("thread")]
    groups = _groups(record)
    record["events"] = [event for thread in _objects(threads) for event in _events(thread, groups)]
    return record


def _events(thread: dict[str, Any], groups: str) -> Iterator[Any]:
    events = thread.get("events")
    if not isinstance(events, list):
        return
    facts = {name: value for name, value in thread.items() if name != "events"}
    facts["rating"] = _rating(thread, events)
    group = _groups(thread) or groups
    said = False
    for event in events:
        if not isinstance(event, dict):
            yield event
            continue
        yield {**event, "thread": facts, "group": group, **_read(event, said)}
        said = said or event.get("type") == "message"


def _read(event: Mapping[str, Any], said: bool) -> dict[str, Any]:
    """What an event says in its own way; `said`: whether a message came before."""
    match event.get("type"):
        case "rich_message":
            cards = _objects(event.get("elements"))
            return {"text": _lines(plain(card.get(part)) for card in cards for part in ("title", "subtitle"))}
        case "filled_form":
            kind = event.get("form_type")
            survey = kind == _SURVEY or (kind is None and said)
            return {"text": "" if survey else _lines(map(_answer, _objects(event.get("fields"))))}
        case "system_message":
            return {"recorded": _recorded(event)}
        case _:
            return {}


def _answer(field: Mapping[str, Any]) -> str:
    answer = field.get("answer")
    answers = answer if isinstance(answer, list) else [answer]
    given = [plain(one.get("label")) if isinstance(one, dict) else plain(one) for one in answers]
    said = ", ".join(filter(None, (one.strip() for one in given)))
    label = plain(field.get("label")).strip().rstrip(":")
    return f"{label}: {said}" if said and label else said


def _recorded(event: Mapping[str, Any]) -> dict[str, str] | None:
    """A system message as an event; None if it is none, or does not tell between whom."""
    kind = plain(event.get("system_message_type"))
    if kind in _ENDS:
        return {"type": "status", "to": _ENDS[kind]}
    if kind.startswith("routing.unassigned"):
        return {"type": "status", "to": "queued"}
    if kind == "rating.chat_rated":
        return {"type": "rating", "to": _told(event, "score")}
    if kind == "chat_transferred" and (target := _told(event, "targets", "target")):
        return {"type": "transfer", "from": _told(event, "initiator"), "to": target}
    if kind.startswith("routing.assigned") and (target := _told(event, "addedAgent", "agent_added", "agent")):
        return {"type": "assign", "from": _told(event, "removedAgent", "agent_removed"), "to": target}
    return None


def _told(event: Mapping[str, Any], *names: str) -> str:
    told = event.get("text_vars")
    return next(filter(None, (plain(told.get(name)) for name in names)), "") if isinstance(told, dict) else ""


def _rating(thread: Mapping[str, Any], events: Iterable[Any]) -> dict[str, str]:
    """The rating among the thread's properties, else what the system messages say of it."""
    properties = thread.get("properties")
    rating = properties.get("rating") if isinstance(properties, dict) else None
    if isinstance(rating, dict):
        return {name: plain(rating.get(name)) for name in ("score", "comment")}
    found = {"score": "", "comment": ""}
    for event in _objects(events):
        match event.get("system_message_type"):
            case "rating.chat_rated":
                found["score"] = _told(event, "score")
            case "rating.chat_rating_canceled":
                found["score"] = ""
            case "rating.chat_commented":
                found["comment"] = _told(event, "comment")
    return found


def _groups(holder: Mapping[str, Any]) -> str:
    access = holder.get("access")
    return plain(access.get("group_ids")) if isinstance(access, dict) else ""


def _objects(values: object) -> list[dict[str, Any]]:
    return [one for one in values if isinstance(one, dict)] if isinstance(values, Iterable) else []


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(filter(None, parts))
