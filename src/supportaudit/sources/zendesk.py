"""Zendesk: what its records say between the lines, and the ticket table, whose columns tell of messages it lacks."""

import re
from itertools import pairwise
from typing import Any

from supportaudit.read.account import RowFaultError
from supportaudit.read.desks import Place

_COUNT = re.compile(r"\d{1,9}(?:\.\d{1,9})?|\d{1,3}(?:,\d{3}){1,2}", re.ASCII)
_HOW = 'it has no ticket_id; save each ticket\'s list as {"ticket_id": 1, "comments": [...]}'
_NO_TEXT = "(the table holds no text)"
_REMEMBERED = 200_000
"""Tickets whose newest update is remembered; updates of further ones are taken to come in order."""


def prepare(shape: str, record: dict[str, Any], place: Place) -> dict[str, Any]:
    """The record as the desk's file expects it."""
    if shape.startswith("ticket table"):
        return _table_row(record, place)
    if shape in ("ticket and its comments", "ticket under its name"):
        return {**record, **record["ticket"]}
    if shape in ("comment", "comment of an update") and record.get("ticket_id") in (None, ""):
        raise RowFaultError("a comment that does not name its ticket", _HOW)
    if shape == "audit":
        return _update(record, "events", place)
    if shape == "ticket event":
        return _update(record, "child_events", place)
    return record


def _update(record: dict[str, Any], key: str, place: Place) -> dict[str, Any]:
    """One update of a ticket, with the tags it added, and whether it is the newest so far: some lists run backwards."""
    changes = [_with_added_tags(one) if isinstance(one, dict) else one for one in record[key]]
    newest: dict[str, str] = place.memory.setdefault("newest", {})
    ticket, at = str(record.get("ticket_id")), str(record.get("timestamp") or record.get("created_at") or "")
    known = newest.get(ticket, "")
    if at >= known and (known or len(newest) < _REMEMBERED):
        newest[ticket] = at
    return {**record, key: changes, "newest": at >= known}


def _with_added_tags(change: dict[str, Any]) -> dict[str, Any]:
    tags, before = change.get("added_tags"), None
    if change.get("field_name") == "tags":
        tags, before = change.get("value"), change.get("previous_value")
    if not isinstance(tags, list):
        return change
    old = {str(tag) for tag in before} if isinstance(before, list) else set()
    return {**change, "added": ", ".join(tag for tag in map(str, tags) if tag not in old)}


# --- the ticket table


def _table_row(row: dict[str, Any], place: Place) -> dict[str, Any]:
    """The row with what it tells of messages and events: `told`."""
    row = {column: "" if cell == "-" else cell for column, cell in row.items()}
    created = _stamp(row, "createdat", place)
    told: list[dict[str, Any]] = [_contact(row, created), *_transfers(row, place)]
    minutes = _number(row, "firstreplytimeinminutes")
    if minutes is None:
        minutes = _number(row, "firstreplytimeinminuteswithinbusinesshours")
    if minutes is not None and created is not None:
        told.append(
            {
                "id": "reply",
                "at": created + 60 * minutes,
                "role": "agent",
                "author": row.get("assignee", ""),
                "text": _NO_TEXT,
            }
        )
    solved = _stamp(row, "solvedat", place)
    if solved is not None:
        told.append({"id": "solved", "at": solved, "status": "solved"})
    tags = str(row.get("tags", "")).replace(",", " ").split()
    return {**row, "told": told, "tagged": {"names": "\n".join(tags)}}


def _contact(row: dict[str, Any], created: float | None) -> dict[str, Any]:
    """The ticket's opening: the requester's, unless another opened it, whose side the table does not tell."""
    requester, submitter = str(row.get("requester", "")).strip(), str(row.get("submitter", "")).strip()
    own = submitter in ("", requester)
    return {
        "id": "contact",
        "at": created,
        "role": "customer" if own else "unknown",
        "author": requester if own else submitter,
        "authorid": (row.get("requesterid") or row.get("requesteremail") or "") if own else "",
        "text": str(row.get("subject", "")).strip() or "(no subject)",
    }


def _transfers(row: dict[str, Any], place: Place) -> list[dict[str, Any]]:
    """A hand-over for each station after the first; where they lay is not told, but for the last."""
    groups, agents = _number(row, "groupstations") or 0, _number(row, "assigneestations") or 0
    stations, kind, last = (
        (int(groups), "group", row.get("group"))
        if groups >= agents
        else (int(agents), "agent", row.get("assignee"))
    )
    names = [f"{kind} {number} of {stations}" for number in range(1, min(stations, 100) + 1)]
    if names and last:
        names[-1] = str(last)
    moves: list[dict[str, Any]] = [
        {"id": f"transfer {number}", "from": source, "transfer": target, "at": None}
        for number, (source, target) in enumerate(pairwise(names), 1)
    ]
    if moves:
        moves[-1]["at"] = _stamp(row, "assignedat", place)
    return moves


def _stamp(row: dict[str, Any], column: str, place: Place) -> float | None:
    """The column's time; None if it is empty. Raises RowFaultError if it is no time."""
    cell = str(row.get(column, "")).strip()
    return place.stamp(cell) if cell else None


def _number(row: dict[str, Any], column: str) -> float | None:
    cell = str(row.get(column, "")).strip()
    return float(cell.replace(",", "")) if _COUNT.fullmatch(cell) else None
