"""A conversation as text for a cell of a spreadsheet: a line a message, and told what was left out."""

from collections.abc import Sequence
from datetime import tzinfo

from supportaudit.model import Conversation, Message, Role
from supportaudit.render.text import moment, plural, printable
from supportaudit.sheet import MAX_CELL, units

LINES = 250
"""Lines in a cell: Excel documents 253 line ends as its limit."""
MESSAGE = 4_000
"""Units of one message, so that seven fit whatever they hold."""

_ROOM = MAX_CELL - 1_500
_HEAD = 400
_ROLES = {Role.NOTE: "internal note", Role.UNKNOWN: "somebody"}


def transcript(talk: Conversation, others: Sequence[str], as_of: float | None, zone: tzinfo) -> str:
    """Who wrote what and when, as the checks read it. `others` are ids of the customer's other conversations.

    Quoted mail is left out, signatures are kept; where all of it is too long for a cell the middle is left out.
    """
    lines = [_line(message, zone) for message in talk.messages if _says(message)]
    head = []
    if talk.subject:
        head.append(f"Subject: {_cut(printable(talk.subject), _HEAD)}")
    if others:
        head.append(_cut(f"The same customer wrote in: {', '.join(map(printable, others))}", _HEAD))
    if talk.rating is not None:
        comment = f" “{printable(talk.rating.comment)}”" if talk.rating.comment else ""
        head.append(_cut(f"The customer's rating: {printable(talk.rating.written)}{comment}", _HEAD))
    end = f"[no more messages up to {_time(as_of, zone)}]" if as_of is not None else "[no more messages]"
    return "\n".join([*head, *_within(lines), end])


def _says(message: Message) -> bool:
    return bool(message.text.strip() or message.attachments)


def _line(message: Message, zone: tzinfo) -> str:
    role = "bystander" if message.bystander else _ROLES.get(message.role, message.role.value)
    hidden = message.role in (Role.AGENT, Role.CUSTOMER) and not message.public
    name = f" ({printable(message.author)})" if message.author else ""
    parts = [_cut(_text(message), MESSAGE)]
    if message.attachments:
        parts.append(f"[{plural(message.attachments, 'attachment')}]")
    if message.quoted:
        parts.append("[quoted text left out]")
    when = f"{_time(message.at, zone)} " if message.at is not None else ""
    return (
        f"{when}{role}{', not public' if hidden else ''}{_cut(name, _HEAD)}: {' '.join(filter(None, parts))}"
    )


def _text(message: Message) -> str:
    """The message on one line: no line of it can pass for another message."""
    lines = [printable(line) for line in f"{message.text}\n{message.signature}".splitlines()]
    return " ⏎ ".join(filter(None, lines))


def _cut(text: str, room: int) -> str:
    if units(text) <= room:
        return text
    kept = text[: room // 2] if units(text[:room]) > room else text[:room]
    return f"{kept}… [{len(text) - len(kept):,} characters left out]"


def _within(lines: list[str]) -> list[str]:
    """The lines that fit, taken in turn from both ends, and between them what was left out."""
    if sum(units(line) + 1 for line in lines) <= _ROOM and len(lines) <= LINES:
        return lines
    first, last, room = 0, len(lines), _ROOM
    while first < last and first + len(lines) - last < LINES - 10:
        from_front = first <= len(lines) - last
        room -= units(lines[first if from_front else last - 1]) + 1
        if room < 0:
            break
        first, last = (first + 1, last) if from_front else (first, last - 1)
    out = lines[first:last]
    gap = f"[… {plural(len(out), 'message')} left out here, {sum(map(len, out)):,} characters …]"
    return [*lines[:first], gap, *lines[last:]]


def _time(at: float | None, zone: tzinfo) -> str:
    when = moment(at)
    try:
        return when.astimezone(zone).strftime("%Y-%m-%d %H:%M") if when is not None else "?"
    except (OverflowError, ValueError):
        return "?"
