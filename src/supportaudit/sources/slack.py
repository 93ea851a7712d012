"""Slack: which thread or talk a message belongs to, and what its text says once its marks are read."""

import html
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from supportaudit.read.account import RowFaultError
from supportaudit.read.desks import Place

PAUSE = 4 * 3600.0
"""Seconds of silence in a channel that end a talk outside threads. A talk never goes on in the next day's file."""

_SPOKEN = (
    "",
    "bot_message",
    "file_share",
    "thread_broadcast",
    "reply_broadcast",
    "me_message",
    "slackbot_response",
)
"""Kinds of messages that somebody wrote; joins, topics, pins, ... are the others."""
_MARK = re.compile(r"<((?:[@#!]|[a-z][a-z0-9+.-]*:)[^<>\n]+)>")


def prepare(_shape: str, record: dict[str, Any], place: Place) -> dict[str, Any]:
    """The message with its `conversation`, `channel_name`, `loose` where no thread holds it, and its plain text.

    What nobody wrote stays as it is, without a conversation.
    """
    if (record.get("subtype") or "") not in _SPOKEN or record.get("hidden") is True:
        return record
    path = PurePosixPath((place.member or place.name).replace("\\", "/"))
    channel = path.parent.name
    thread = record.get("thread_ts")
    talk = thread or _talk(record, place)
    return {
        **record,
        "channel_name": channel,
        "conversation": f"{channel}/{talk}" if channel else str(talk),
        "loose": not thread,
        "text": _plain(_said(record), place),
    }


def _talk(record: dict[str, Any], place: Place) -> str:
    """The first message of the talk outside threads that this one goes on with."""
    stamp = str(record.get("ts", ""))
    try:
        at = float(stamp)
    except ValueError:
        raise RowFaultError("the time cannot be read", stamp) from None
    first, last = place.memory.get("talk", ("", float("-inf")))
    if abs(at - last) > PAUSE:
        first = stamp
    place.memory["talk"] = (first, at)
    return str(first)


def _said(record: dict[str, Any]) -> str:
    """The text; what only blocks say, and of bots what stands in attachments, where there is none."""
    if text := record.get("text"):
        return str(text)
    if words := " ".join(_words(record.get("blocks"))).strip():
        return words
    if record.get("bot_id") and isinstance(cards := record.get("attachments"), list):
        told = (
            card.get(key) for card in cards if isinstance(card, dict) for key in ("pretext", "title", "text")
        )
        return "\n".join(str(part) for part in told if part)
    return ""


def _words(block: object) -> Iterator[str]:
    """All text in blocks, however deep they nest it."""
    if isinstance(block, list):
        for one in block:
            yield from _words(one)
    elif isinstance(block, dict):
        kind, text = block.get("type"), block.get("text")
        if kind == "user":
            yield f"<@{block.get('user_id')}>"
        elif kind == "link" and not text:
            yield str(block.get("url", ""))
        elif isinstance(text, str):
            yield text
        else:
            for inner in (text, block.get("elements"), block.get("fields")):
                yield from _words(inner)


def _plain(text: str, place: Place) -> str:
    """Mentions by name, links by what is shown, entities resolved."""
    if "<" in text:
        text = _MARK.sub(lambda mark: _mark(mark[1], place), text)
    return html.unescape(text) if "&" in text else text


def _mark(inside: str, place: Place) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return "@" + (place.lookup("people", target[1:], "name") or label or target[1:])
    if target.startswith("#"):
        return "#" + (label or place.lookup("channels", target[1:], "name") or target[1:])
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    return label or target.removeprefix("mailto:")
