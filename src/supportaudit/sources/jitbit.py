"""Jitbit: bodies in HTML or BBCode, attachments beside the comments, and events told as system comments."""

import re
from collections import Counter
from typing import Any

from supportaudit.read.account import RowFaultError
from supportaudit.read.desks import Place

_HOW = 'it has no TicketID or IssueID; save each ticket\'s list in it, as "Comments"'
_HTML = "<!--html-->"
_CODES = re.compile(
    r"\[/?(?:b|i|u|s|code|url|email|size|color|font|list|left|center|right)(?:=[^\[\]\n]{0,300})?\]",
    re.IGNORECASE,
)
_IMAGE = re.compile(r"\[img\][^\[\]\n]{0,2000}\[/img\]", re.IGNORECASE)
_ASSIGNED = re.compile(r"\bassigned to:? +([^\n]{1,80})", re.IGNORECASE)
_TURNED = re.compile(
    r"\bticket (?:has been |was )?(closed|re-?opened)\b|\bstatus[^\n]{0,40} to:? +([^\n]{1,40})", re.I
)
_TAG = re.compile(r"<[^<>]{0,500}>")
_BY = re.compile(r" by [^\n]+$")
_TRUE = ("true", "1")


def prepare(shape: str, record: dict[str, Any], _place: Place) -> dict[str, Any]:
    """The record with its bodies read and its system comments understood."""
    if shape == "table of comments":
        return _comment(record, record.get("body"), record.get("issystem"), {})
    if shape == "comment":
        if not (record.get("TicketID") or record.get("IssueID")):
            raise RowFaultError("a comment that does not name its ticket", _HOW)
        return _with_body(record, {})
    files = _attachments(record)
    tags = record.get("Tags")
    labels = (
        [one.get("Name") if isinstance(one, dict) else one for one in tags] if isinstance(tags, list) else []
    )
    ready = {
        **record,
        "opening": {**_body(record.get("Body")), "attachments": str(files[""])},
        "labels": [*labels, record.get("CategoryName") or record.get("Category")],
    }
    if isinstance(record.get("Comments"), list):
        ready["Comments"] = [_with_body(c, files) if isinstance(c, dict) else c for c in record["Comments"]]
    return ready


def _attachments(ticket: dict[str, Any]) -> Counter[str]:
    """How many files each comment carries; under "" those of the opening."""
    found = ticket.get("Attachments")
    ids = [one.get("CommentID") for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return Counter(str(one) if one else "" for one in ids)


def _with_body(comment: dict[str, Any], files: dict[str, int]) -> dict[str, Any]:
    system = comment.get("IsSystem") or comment.get("CommentIsSystem")
    return _comment(comment, comment.get("Body"), system, files)


def _comment(comment: dict[str, Any], body: object, system: object, files: dict[str, int]) -> dict[str, Any]:
    """The comment with its text; of a system comment that tells an event, the event instead."""
    told = _body(body)
    if str(system).casefold() in _TRUE and (event := _event(told["text"] or told["html"])):
        return {**comment, **event}
    own = comment.get("Attachments")
    attached = len(own) if isinstance(own, list) else files.get(str(comment.get("CommentID")), 0)
    return {**comment, **told, "attached": str(attached)}


def _event(text: str) -> dict[str, str]:
    text = _TAG.sub("", text)
    if found := _ASSIGNED.search(text):
        return {"assigned": _BY.sub("", found[1]).strip(" .\"'")}
    if found := _TURNED.search(text):
        return {"turned": (found[1] or _BY.sub("", found[2])).strip(" .\"'").lower()}
    return {}


def _body(body: object) -> dict[str, str]:
    """A body as text or HTML: a marker in front tells HTML, all else may hold BBCode."""
    text = body if isinstance(body, str) else ""
    if text.lstrip().startswith(_HTML):
        return {"text": "", "html": text.lstrip().removeprefix(_HTML)}
    return {"text": _plain(text), "html": ""}


def _plain(text: str) -> str:
    """BBCode as plain text: quotes get the sign of a quoting mail, list items a dash, images go."""
    if "[" not in text:
        return text
    text = _IMAGE.sub("", _quoted(text)).replace("[*]", "\n- ")
    return _CODES.sub("", text).strip()


def _quoted(text: str) -> str:
    lower = text.lower()
    parts: list[str] = []
    at = 0
    while (start := lower.find("[quote", at)) >= 0 and (end := lower.find("[/quote]", start)) >= 0:
        inner = text[text.find("]", start) + 1 : end].strip()
        parts += [text[at:start].rstrip(), "\n", *(f"> {line}\n" for line in inner.splitlines())]
        at = end + len("[/quote]")
    return "".join([*parts, text[at:]])
