"""Rows of one customer become a journey of conversations: ordered, cleaned, hand-overs found."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import msgspec
import re2

from supportaudit.model import Conversation, Event, HandOver, Journey, Message, Rating, Role, Row, RowKind
from supportaudit.normalise.roles import NOBODY, Roster, role_of
from supportaudit.normalise.text import html_to_text, split_mail
from supportaudit.wording.fold import fold
from supportaudit.wording.language import detect_language
from supportaudit.wording.lexicon import load_lexicon

_CHANNELS = {
    "chat": "chat livechat webchat messenger messaging inapp widget conversation intercom whatsapp sms text web_chat",
    "social": "social twitter facebook instagram x tiktok reddit youtube linkedin telegram viber tweet post review",
    "email": "email mail e_mail webform form web api ticket inbox contactform helpdesk portal postbox letter",
    "phone": "phone voice call telephone tel ivr callcenter inboundcall voicemail phonecall",
}
_CHANNEL_OF = {word: channel for channel, words in _CHANNELS.items() for word in words.split()}
_PARTIES = r"\s*([^:>→,]{1,40}?)\s*(?:->|→|>|\bto\b)\s*([^>→(,.]{1,40})"
_ARROW = re2.compile(r"(?:[:,]|\bfrom\b)" + _PARTIES)
_BARE_ARROW = re2.compile(_PARTIES)
_TELLING = 20
"""Letters from which on two texts with the same beginning are taken for one."""
_MARKUP = ("<p", "<br", "<div", "<span", "<html", "<table", "</")


def journey_key(row: Row) -> str:
    """What the rows of one customer share; without a customer id a conversation stands alone."""
    return f"c\0{row.journey or row.customer_id}" if row.customer_id else f"t\0{row.conversation_id}"


def build_journey(rows: Sequence[Row], roster: Roster = NOBODY, language: str = "") -> Journey:
    """All conversations of one customer, ordered by their first time stamp, ties in input order.

    `rows` are one customer's rows in input order; a conversation of which only facts are known is left out.
    `language` is that of all of them, where it is known; else the export's word counts, else what the text tells.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.conversation_id, []).append(row)
    conversations = [
        made for group in groups.values() if (made := _conversation(group, roster, language)) is not None
    ]
    conversations.sort(key=lambda c: min((m.at for m in c.messages if m.at is not None), default=math.inf))
    return Journey(rows[0].customer_id if rows else "", tuple(conversations))


def normalise_channel(word: str) -> str:
    """chat, social, email or phone; the export's word where it is none of them; "" where it says nothing."""
    letters = "".join(c for c in fold(word) if c.isalpha() or c == "_")
    return _CHANNEL_OF.get(letters) or _CHANNEL_OF.get(letters.replace("_", "")) or word.strip().lower()


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")


def _last(values: Iterable[str]) -> str:
    return _first(reversed(list(values)))


def _conversation(everything: list[Row], roster: Roster, language: str) -> Conversation | None:
    everything = _opened(everything)
    said = [row for row in everything if row.kind not in (RowKind.FACTS, RowKind.GAP)]
    if not any(row.kind != RowKind.EVENT for row in said):
        return None
    # Python's sort is stable: equal times keep the input order; a message without a time stays where it is.
    rows = _in_time_order(said)
    channel = normalise_channel(_first(r.channel for r in everything))
    customer_id = _first(r.customer_id for r in everything)
    roles = _roles(rows, channel, roster, customer_id)
    opener = next((_author_key(r) for r, role in zip(rows, roles, strict=True) if role is Role.CUSTOMER), "")
    messages = tuple(
        _message(index, row, role, channel, opener)
        for index, (row, role) in enumerate(zip(rows, roles, strict=True))
    )
    spoken = (m.text for m in messages if m.role in (Role.CUSTOMER, Role.AGENT))
    language = language or _language(_first(r.language for r in rows)) or detect_language(spoken)
    events = tuple(
        Event(index, row.event, row.event_from, row.event_to) for index, row in enumerate(rows) if row.event
    )
    return Conversation(
        id=rows[0].conversation_id,
        messages=messages,
        channel=channel,
        brand=_first(r.brand for r in everything),
        team=_first(r.team for r in everything),
        customer_id=customer_id,
        customer_name=_first(r.customer_name for r in everything) or _customer_name(rows, messages),
        subject=_unmarked(_first(r.subject for r in everything)),
        language=language,
        truncated=any(r.truncated for r in everything),
        handovers=_handovers(messages, events),
        file=rows[0].file,
        events=events,
        # What changes over a conversation's life is told best by the newest export.
        status=_last(r.status for r in everything),
        priority=_last(r.priority for r in everything),
        tags=tuple(dict.fromkeys(tag for r in everything for tag in r.tags)),
        assignee=_last(r.assignee for r in everything),
        rating=_rating(everything),
    )


def _opened(rows: list[Row]) -> list[Row]:
    """The rows without an opening that a message repeats; of it only the facts stay.

    One without any public message beside it marks the conversation as truncated: an answer would stand among the
    messages, and their file was not given.
    """
    if not any(row.kind == RowKind.OPENING for row in rows):
        return rows
    said = [_letters(row) for row in rows if row.kind == "" and not row.event and row.public is not False]
    opened: list[Row] = []
    for row in rows:
        if row.kind == RowKind.OPENING:
            words = _letters(row)
            if any(_repeats(words, other) for other in said):
                row = msgspec.structs.replace(row, kind=RowKind.FACTS)
            elif not said:
                row = msgspec.structs.replace(row, truncated=True)
            said.append(words)
        opened.append(row)
    return opened


def _letters(row: Row) -> str:
    text = html_to_text(row.text) if row.is_html else row.text
    return "".join(filter(str.isalnum, text.casefold()))


def _repeats(words: str, other: str) -> bool:
    """Whether one begins with the other: desks cut the one or the other, and mail goes on with a signature."""
    short, long = sorted((words, other), key=len)
    return words == other != "" or (len(short) >= _TELLING and long.startswith(short))


def _language(word: str) -> str:
    """The primary tag of a language code: "en-US" is en; "" for a name such as "English"."""
    tag = re.split(r"[-_]", word.strip(), maxsplit=1)[0].lower()
    return tag if len(tag) in (2, 3) else ""


def _rating(rows: Iterable[Row]) -> Rating | None:
    row = next((r for r in reversed(list(rows)) if r.csat or r.csat_comment), None)
    return None if row is None else Rating(row.csat, row.csat_share, row.csat_comment)


def _in_time_order(rows: list[Row]) -> list[Row]:
    times: list[float] = []
    last = -math.inf
    for row in rows:
        last = row.at if row.at is not None else last
        times.append(last)
    if all(a <= b for a, b in pairwise(times)):
        return rows
    if all(row.message_id == str(number) for number, row in enumerate(rows, 1)):
        return _without_stray_times(rows)
    order = sorted(range(len(rows)), key=times.__getitem__)
    return [rows[i] for i in order]


def _without_stray_times(rows: list[Row]) -> list[Row]:
    """Messages that the export numbers 1, 2, 3, ... stay in that order; a stamp that contradicts it is no clock."""
    kept: list[Row] = []
    last = -math.inf
    for row in rows:
        if row.at is not None and row.at < last:
            row = msgspec.structs.replace(row, at=None)
        elif row.at is not None:
            last = row.at
        kept.append(row)
    return kept


def _author_key(row: Row) -> str:
    return row.author_id or row.author_name or row.author_email


def _roles(rows: Sequence[Row], channel: str, roster: Roster, customer_id: str) -> list[Role]:
    roles = [role_of(row, roster, customer_id) for row in rows]
    agents = [row for row, role in zip(rows, roles, strict=True) if role is Role.AGENT]
    if channel == "social" and any(map(_author_key, agents)):
        # In a public thread where agents are named, an unnamed one is somebody passing by.
        return [
            Role.UNKNOWN if role is Role.AGENT and not _author_key(row) else role
            for row, role in zip(rows, roles, strict=True)
        ]
    return roles


def _message(index: int, row: Row, role: Role, channel: str, opener: str) -> Message:
    text = row.text or _event_text(row)
    text = html_to_text(text) if row.is_html else _unmarked(text)
    signature = quoted = ""
    if role in (Role.CUSTOMER, Role.AGENT):
        parts = split_mail(text)
        text, signature, quoted = parts.body, parts.signature, parts.quoted
        if parts.subject:
            text = f"{parts.subject}\n{text}" if index == 0 else text
    return Message(
        id=row.message_id,
        index=index,
        at=row.at,
        role=role,
        author=row.author_name or row.author_id or row.author_email,
        text=text,
        signature=signature,
        quoted=quoted,
        public=row.public is not False and role is not Role.NOTE,
        # In a public thread others join in; on private channels a second name is the same household.
        bystander=role is Role.CUSTOMER
        and channel == "social"
        and bool(opener)
        and _author_key(row) != opener,
        line=row.line,
        file=row.file,
        canned=row.canned,
        attachments=row.attachments,
    )


def _unmarked(text: str) -> str:
    """The text, without its markup where the export does not say that it is HTML."""
    return html_to_text(text) if "<" in text and any(mark in text for mark in _MARKUP) else text


def _event_text(row: Row) -> str:
    """An event in words, for whoever reads the conversation."""
    if not row.event:
        return ""
    between = " → ".join(filter(None, (row.event_from, row.event_to)))
    return f"{row.event}: {between}" if between else row.event


_HANDLE = re.compile(r"(?<=\S)\s*\(@\w+\)$")


def _customer_name(rows: Sequence[Row], messages: Sequence[Message]) -> str:
    """Who writes most as the customer."""
    names = Counter(
        name
        for row, m in zip(rows, messages, strict=True)
        if m.role is Role.CUSTOMER and not m.bystander
        and _is_name(name := _HANDLE.sub("", m.author), from_id=not row.author_name)
    )  # fmt: skip
    return min(names, key=lambda n: (-names[n], n), default="")


def _is_name(author: str, *, from_id: bool) -> bool:
    """Where an export gives but an id or an address, nobody is named."""
    return (
        any(map(str.isalpha, author))
        and "@" not in author
        and not (from_id and any(map(str.isdigit, author)))
    )


# --- hand-overs


def _voice(message: Message) -> str:
    """Who is writing: the signature's name under a shared account ("^JK"), else the author."""
    signature = message.signature.strip(" ^*-/~").split("\n")[0].strip()
    if signature.casefold() in message.author.casefold():
        return message.author
    return signature if len(signature) <= 12 and "\n" not in message.signature else message.author


def _handovers(messages: Sequence[Message], events: Sequence[Event]) -> tuple[HandOver, ...]:
    found: list[HandOver] = []
    recorded = {event.index: event for event in events}
    agent: Message | None = None  # who spoke last
    holder = ""  # to whom the case was last given
    announced = False
    together = 0  # from here on nothing but events stands, all of one second
    for place, message in enumerate(messages):
        before = messages[place - 1] if place else None
        if before is None or message.role is not Role.SYSTEM or message.at is None or message.at != before.at:
            together = place
        if message.role is Role.SYSTEM:
            event = recorded.get(message.index)
            handover = _from_text(message) if event is None else _from_record(event, agent, holder, announced)
            if event is not None and event.type in ("assign", "transfer"):
                holder = event.target or holder
            if handover is None:
                continue
            if found and event is not None and found[-1].index >= together:
                handover = msgspec.structs.replace(
                    found.pop(), target=handover.target
                )  # team and agent at once
            found.append(handover)
            announced = True
        elif message.role is Role.AGENT and message.public:
            changed = agent is not None and _voice(agent) != _voice(message) and message.author != ""
            if agent is not None and changed and not announced:
                source, target = _voice(agent), _voice(message)
                found.append(HandOver(message.index, source, target, warm=False, explicit=False))
            agent, announced = message, False
    return tuple(found)


def _from_record(event: Event, agent: Message | None, holder: str, announced: bool) -> HandOver | None:
    """A hand-over, if the recorded event is one: giving a new case to somebody, or taking it up, is none."""
    if event.type not in ("assign", "transfer"):
        return None
    if event.source and event.target:
        passed_on = event.source != event.target
    elif event.type == "transfer":
        passed_on = bool(event.target)
    else:
        # Only the new holder is told: it was passed on if another had been talking to the customer.
        passed_on = bool(event.target) and agent is not None and not announced
        passed_on = passed_on and event.target not in (agent.author if agent else "", holder)
    if not passed_on:
        return None
    source = event.source or holder or (agent.author if agent else "")
    return HandOver(event.index, source, event.target, warm=False, explicit=True)


@lru_cache(maxsize=4096)
def _event_markers(text: str) -> frozenset[str]:
    # Help desks write their events in the language of the product, which is English.
    return frozenset(load_lexicon("en").find(text, fold(text), "system"))


def _from_text(message: Message) -> HandOver | None:
    markers = _event_markers(message.text[:400])
    if "event_transfer" not in markers and "event_warm" not in markers:
        return None
    arrow = _ARROW.search(message.text[:400]) or _BARE_ARROW.search(message.text[:400])
    source, target = (arrow.group(1).strip(), arrow.group(2).strip()) if arrow else ("", "")
    return HandOver(message.index, source, target, warm="event_warm" in markers, explicit=True)
