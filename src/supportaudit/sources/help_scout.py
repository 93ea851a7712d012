"""Help Scout: what changed from one thread to the next, and records as the Singer tap renames them.

A thread names who held the conversation and in which status it was, not that they changed. `_moved` and `_status`
({from, to}) are written to the thread that brought the change.
"""

import re
from collections.abc import Mapping
from typing import Any

from supportaudit.read.account import RowFaultError
from supportaudit.read.desks import Place
from supportaudit.read.paths import plain

_OF_PAGE = re.compile(r"/conversations/(\d+)/threads")
_SNAKE = re.compile(r"(?<=[a-z0-9])_([a-z])")
_STATUSES = frozenset(("active", "pending", "closed", "spam"))


def prepare(shape_name: str, record: dict[str, Any], place: Place) -> dict[str, Any]:
    """The record with the changes between its threads; a thread that comes alone is compared with the last one."""
    if shape_name.endswith("tap"):
        record = _camel(record)
    if shape_name == "page of threads":
        found = _OF_PAGE.search(plain(record["_links"]["self"].get("href")))
        record["conversationId"] = found[1] if found else None
    if isinstance(record.get("threads"), list):  # where a script put them; the API has their number there
        record = {**record, "_embedded": {"threads": record["threads"]}, "threads": None}
    embedded = record.get("_embedded")
    threads = embedded.get("threads") if isinstance(embedded, dict) else None
    if isinstance(threads, list):
        threads = [thread for thread in threads if isinstance(thread, dict)]
        record["_people"] = [person for thread in threads for person in _named(thread)]
        _compare_all(threads, place)
    elif shape_name.startswith("thread"):
        _compare_with_last(record, place)
    return record


def _named(thread: Mapping[str, Any]) -> list[Any]:
    """The colleagues whom a thread names: others give but their ids."""
    people = [one for key in ("createdBy", "assignedTo") if isinstance(one := thread.get(key), dict)]
    return [
        one
        for one in people
        if one.get("type") != "customer" and (one.get("last") or one.get("type") == "team")
    ]


def _camel(value: Any) -> Any:
    """The value with all keys as the API writes them."""
    if isinstance(value, dict):
        return {_SNAKE.sub(lambda m: m[1].upper(), key): _camel(inner) for key, inner in value.items()}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value


def _compare_all(threads: list[dict[str, Any]], place: Place) -> None:
    """Mark the changes in one conversation's threads, whatever their order."""
    timed = []
    for thread in threads:
        try:
            timed.append((place.stamp(plain(thread.get("createdAt"))), thread))
        except RowFaultError:
            continue
    holder, status, first = None, "", True
    for _, thread in sorted(timed, key=lambda one: one[0]):
        if thread.get("state") not in (None, "", "published"):
            continue
        if not first:
            _mark_holder(thread, holder, thread, place)
            _mark_status(thread, status, thread)
        holder, status, first = _holder(thread, place) or holder, _status(thread) or status, False


def _compare_with_last(thread: dict[str, Any], place: Place) -> None:
    """Threads alone come one by one: a change is marked on that of the two which is read later.

    A line that says "assigned" needs no other thread to be told from.
    """
    try:
        at = place.stamp(plain(thread.get("createdAt")))
    except RowFaultError:
        return
    kept = (at, {name: thread.get(name) for name in ("type", "createdBy", "assignedTo", "status", "action")})
    conversation = plain(thread.get("conversationId"))
    if holder := _holder(thread, place):
        last_at, last = place.memory.get(f"holder {conversation}") or (at, None)
        if last is not None and last_at <= at:
            _mark_holder(thread, _holder(last, place), thread, place)
        elif last is not None and not _says_assigned(last):
            _mark_holder(thread, holder, last, place)
        if _says_assigned(thread):
            thread.setdefault("_moved", {"from": "", "to": holder[2]})
        place.memory[f"holder {conversation}"] = kept
    if _status(thread):
        last_at, last = place.memory.get(f"status {conversation}") or (at, None)
        if last is not None:
            older, newer = (last, thread) if last_at <= at else (thread, last)
            _mark_status(thread, _status(older), newer)
        place.memory[f"status {conversation}"] = kept


def _mark_holder(
    thread: dict[str, Any], before: tuple[bool, str, str] | None, after: Mapping[str, Any], place: Place
) -> None:
    holder = _holder(after, place)
    if holder is None or (before is not None and holder[:2] == before[:2]) or _took_it_up(after):
        return
    # A team's case taken up by a person is not passed on.
    source = before[2] if before is not None and (holder[0] or not before[0]) else ""
    thread["_moved"] = {"from": source, "to": holder[2]}


def _mark_status(thread: dict[str, Any], before: str, after: Mapping[str, Any]) -> None:
    status = _status(after)
    if status and before and status != before:
        thread["_status"] = {"from": before, "to": status}


def _holder(thread: Mapping[str, Any], place: Place) -> tuple[bool, str, str] | None:
    """Who held the conversation: (a team, id, name)."""
    given = thread.get("assignedTo")
    if not isinstance(given, dict):
        return None
    key = plain(given.get("id"))
    name = " ".join(filter(None, (plain(given.get("first")), plain(given.get("last")))))
    name = name or place.lookup("people", key, "name") or key
    return (given.get("type") == "team", key, name) if name else None


def _status(thread: Mapping[str, Any]) -> str:
    status = plain(thread.get("status"))
    return status if status in _STATUSES else ""


def _took_it_up(thread: Mapping[str, Any]) -> bool:
    """Whether the change is but somebody answering, to whom Help Scout then gives the conversation."""
    author, holder = thread.get("createdBy"), thread.get("assignedTo")
    if thread.get("type") not in ("message", "reply") or not isinstance(author, dict):
        return False
    return isinstance(holder, dict) and plain(author.get("id")) == plain(holder.get("id"))


def _says_assigned(thread: Mapping[str, Any]) -> bool:
    action = thread.get("action")
    words = plain(action.get("text")) if isinstance(action, dict) else ""
    return thread.get("type") == "lineitem" and "assign" in words.casefold()
