"""Salesforce: ids of 15 and of 18 characters, mail between colleagues, and owners that may be queues."""

import re
from email.utils import getaddresses
from typing import Any

from supportaudit.read.desks import Place
from supportaudit.read.mapping import normalise

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BODY_LIMIT = 32_000
"""Characters that an e-mail's field holds; what is longer has been cut."""
_FALSE = ("false", "0", "no", "f")


def prepare(shape: str, record: dict[str, Any], place: Place) -> dict[str, Any]:
    """The record keyed by normalised names, with its `case`, the names behind its ids, and what a change means."""
    row = {normalise(key): value for key, value in record.items()}
    is_case = shape in ("case", "case record")
    case = row.get("id") if is_case else row.get("parentid") or row.get("caseid")
    row["case"] = str(case or "").strip()[:15]
    author = str(row.get("createdbyid") or "")
    row["creator"] = _named("people", author, place)
    row["creatorrole"] = _said("people", author, "role", place)
    if shape.startswith("case history"):
        row["change"] = _change(row, place)
    elif is_case:
        owner = str(row.get("ownerid") or "")
        row["queue"] = _named("teams", owner, place) or (owner if owner.startswith("00G") else "")
        row["owneruser"] = "" if row["queue"] else _named("people", owner, place) or owner
        contact = str(row.get("contactid") or "").strip()
        row["contactid"] = contact[:15]
        row["contact"] = _named("contacts", contact, place)
        row["contactaddress"] = _said("contacts", contact, "email", place)
    elif shape.startswith("e-mail"):
        row["internal"] = _between_colleagues(row)
        row["cut"] = any(len(str(row.get(key) or "")) >= _BODY_LIMIT for key in ("textbody", "htmlbody"))
    return row


def long_id(short: str) -> str:
    """The id with the three letters that tell the case of its first 15."""
    if len(short) != 15:
        return short
    marks = (sum(char.isupper() << bit for bit, char in enumerate(short[n : n + 5])) for n in (0, 5, 10))
    return short + "".join(_CHECK[mark] for mark in marks)


def _said(of: str, key: str, what: str, place: Place) -> str:
    """What a list says of an id, however long the list writes its ids."""
    key = key.strip()
    if not key:
        return ""
    if _ID.fullmatch(key) is None:
        return place.lookup(of, key, what)
    ways = (key, key[:15], long_id(key[:15]))
    return next(filter(None, (place.lookup(of, way, what) for way in ways)), "")


def _named(of: str, key: str, place: Place) -> str:
    return _said(of, key, "name", place)


def _between_colleagues(row: dict[str, Any]) -> bool:
    """Whether a mail went out to the sender's own domain only, and the customer cannot see it.

    The flag alone says no more than that a portal does not show it.
    """
    if str(row.get("isexternallyvisible", "")).strip().lower() not in _FALSE:
        return False
    sender = _domains(row.get("fromaddress"))
    return bool(sender) and _domains(row.get("toaddress")) == sender


def _domains(addresses: object) -> set[str]:
    text = str(addresses or "").replace(";", ",")
    return {address.rpartition("@")[2].lower() for _, address in getaddresses([text]) if "@" in address}


def _change(row: dict[str, Any], place: Place) -> dict[str, str] | None:
    """What a row of the history changed. An owner's change has two rows, one with names and one with ids."""
    what = normalise(str(row.get("field") or "")).removeprefix("case")
    before, after = (str(row.get(key) or "").strip() for key in ("oldvalue", "newvalue"))
    if what in ("status", "priority"):
        return {"type": what, "from": before, "to": after} if after else None
    if what not in ("owner", "ownerid") or not after:
        return None
    source = _named("people", before, place) or (before if before.startswith("005") else "")
    queue = _named("teams", after, place) or (after if after.startswith("00G") else "")
    target = queue or _named("people", after, place) or after
    told = (row["case"], str(row.get("createddate")), target)
    if told == place.memory.get("owner"):
        return None
    place.memory["owner"] = told
    # Taking a case out of a queue is no hand-over: a source is told only where it is known to be a person.
    return {"type": "transfer" if queue and source else "assign", "from": source, "to": target}
