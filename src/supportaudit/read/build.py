"""From the cells of one message to a `Row`: the same for tables and JSON."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

import msgspec

from supportaudit.errors import SettingsError
from supportaudit.model import Row, RowKind
from supportaudit.read.account import RowFaultError, show
from supportaudit.read.timestamps import StampReader, load_zone

_TRUE = ("true", "yes", "1", "y", "t", "x", "on", "1.0")
_FALSE = ("false", "no", "0", "n", "f", "off", "0.0")
_BOOL = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
_PUBLIC_WORDS = {
    **dict.fromkeys(("public", "external", "all", "visible"), True),
    **dict.fromkeys(("private", "internal", "agents", "note", "hidden"), False),
}
_DIRECTION_WORDS = {
    **dict.fromkeys(("in", "inbound", "incoming", "received"), True),
    **dict.fromkeys(("out", "outbound", "outgoing", "sent"), False),
}
_TRUNCATED_WORDS = {**_BOOL, "truncated": True, "truncated_to_most_recent_reply": True}
# Names that are roles: exports without a role column often write them where the author belongs.
_ROLE_NAMES = frozenset(
    (
        *("customer", "client", "user", "end-user", "visitor"),
        *("agent", "operator", "support", "admin", "bot", "system"),
    )
)
_RUINED_ID = re.compile(r"-?\d(?:[.,]\d+)?[eE]\+\d{1,3}", re.ASCII)
_ADDRESS = re.compile(r"\s*\"?([^<>\"]*?)\"?\s*<([^<>\s]+@[^<>\s]+)>\s*")
_TAG_SIGNS = re.compile(r"[,;|]")
_RATINGS = {
    **dict.fromkeys(("good", "great", "positive", "satisfied", "happy", "thumbs up"), 1.0),
    **dict.fromkeys(("okay", "ok", "neutral"), 0.5),
    **dict.fromkeys(("bad", "not good", "negative", "dissatisfied", "unhappy", "thumbs down"), 0.0),
}
_MEMO = 4096


@dataclass(frozen=True)
class ReadOptions:
    """How the user wants an export read.

    `source`: what it is (`detect.source_names`), None to tell by its content. `mapping`: our field name to the
    export's column (for JSON, a dotted path). `tz`: IANA zone of stamps that carry none; None reads them as UTC
    and says so. `day_first`: for 03/04/2026; None refuses where the file leaves it open.
    """

    source: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    tz: str | None = None
    day_first: bool | None = None


class RowBuilder:
    """Builds rows of one file. `inverted` names the fields whose column says the opposite."""

    def __init__(
        self, zone: tzinfo | None, day_first: bool | None, inverted: Collection[str] = (), file_index: int = 0
    ) -> None:
        self.stamps = StampReader(zone, day_first)
        self.lost_customers = 0
        self._file = file_index
        self._day_first = day_first
        self._zoned: dict[str, StampReader] = {}
        self._public = _bool_words("public" in inverted, _PUBLIC_WORDS)
        self._direction = _bool_words("inbound" in inverted, _DIRECTION_WORDS)
        self._spoken: dict[tuple[str, str, str], tuple[str, bool | None, str, str]] = {}

    def build(self, cells: tuple[str, ...], line: int, at: float | None = None) -> Row:
        """One row from cells in the order of `mapping.FIELDS`; `at` where the stamp was a number.

        Raises RowFaultError if the row cannot be used. A row without text is kept if its author is known: it
        may have carried only an attachment, and it still answers somebody.
        """
        (conversation, message, stamp, clock, role, inbound, public, author_id, author_name, author_email,
         text, html, channel, brand, team, customer_id, customer_name, assignee, subject, language,
         truncated, zone, kind, event, event_from, event_to, canned, attachments, priority, status,
         tags, csat, csat_share, csat_comment, customer_email) = cells  # fmt: skip
        conversation = conversation.strip()
        if not conversation:
            raise RowFaultError("no conversation id")
        message = message.strip()
        if "+" in conversation or "+" in message:
            _refuse_ruined(conversation, message)
        if "+" in customer_id and _RUINED_ID.fullmatch(customer_id.strip()):
            self.lost_customers += 1
            customer_id = ""
        if at is None:
            stamp = f"{stamp.strip()} {clock.strip()}".strip() if clock else stamp.strip()
            if stamp:
                at = self.stamps(stamp) if not zone else self.stamps_in(zone)(stamp)
        key = (role, inbound, author_name)
        spoken = self._spoken.get(key)
        if spoken is None:
            spoken = self._speak(key)
        role, direction, name, address = spoken
        is_html = False
        if not text and html:
            text, is_html = html, True
        author_id = author_id.strip()
        if not (text or role or name or author_id or author_email or kind):
            raise RowFaultError("neither text nor author")
        shown = self._public.get(public.strip().lower()) if public else None
        cut = _TRUNCATED_WORDS.get(truncated.strip().lower(), False) if truncated else False
        # By position: naming 22 arguments costs a tenth of the reading time.
        return Row(
            conversation, message or str(line), line, at, role, direction, shown,
            author_id, name, author_email.strip() or address, text, is_html,
            channel.strip(), brand.strip(), team.strip(), customer_id.strip(), customer_name.strip(),
            assignee.strip(), subject.strip(), language.strip(), cut, self._file,
            kind, event, event_from, event_to, canned == "true", int(attachments or 0),
            priority.strip(), status.strip(), split_tags(tags) if tags else (),
            csat.strip(), float(csat_share) if csat_share else share_of(csat) if csat else None,
            csat_comment.strip(), customer_email.strip().lower(),
        )  # fmt: skip

    def stamps_in(self, zone: str) -> StampReader:
        """The reader of stamps for rows that name their own zone. Raises RowFaultError if there is no such zone."""
        reader = self._zoned.get(zone)
        if reader is None:
            try:
                reader = StampReader(load_zone(zone.strip()), self._day_first)
            except SettingsError:
                raise RowFaultError("the row names an unknown time zone", show(zone)) from None
            if len(self._zoned) < _MEMO:
                self._zoned[zone] = reader
        return reader

    def _speak(self, key: tuple[str, str, str]) -> tuple[str, bool | None, str, str]:
        """Role, direction, author's name and address; remembered, since few people write many rows."""
        role, inbound, name = (part.strip() for part in key)
        direction = self._direction.get(inbound.lower())
        if direction is None:
            direction = _DIRECTION_WORDS.get(role.lower())
            role = role or inbound
        address = ""
        found = _ADDRESS.fullmatch(name) if "<" in name and len(name) < 500 else None
        if found is not None:
            name, address = found[1].strip() or found[2], found[2]
        elif "@" in name and " " not in name:
            address = name
        if not role and name.lower() in _ROLE_NAMES:
            role = name
        if len(self._spoken) >= _MEMO:
            self._spoken.clear()
        spoken = self._spoken[key] = (role, direction, name, address)
        return spoken

    @property
    def met(self) -> "Met":
        """What the rows built so far have shown."""
        doubtful = sum(reader.doubtful for reader in (self.stamps, *self._zoned.values()))
        return Met(self.stamps.saw_no_zone, doubtful, self.lost_customers)

    def notes(self) -> list[str]:
        """What the rows built so far have shown and the user should know."""
        return self.met.notes()


class Met(msgspec.Struct, frozen=True):
    """What only the rows of a file could show: times without a zone, times that occur twice, ids that are lost."""

    saw_no_zone: bool = False
    doubtful: int = 0
    lost_customers: int = 0

    def __add__(self, other: "Met") -> "Met":
        return Met(
            self.saw_no_zone or other.saw_no_zone,
            self.doubtful + other.doubtful,
            self.lost_customers + other.lost_customers,
        )

    def notes(self) -> list[str]:
        """The same in words."""
        notes = []
        if self.saw_no_zone:
            notes.append("Times carry no zone and were read as UTC; set --tz.")
        if self.doubtful:
            times = "time falls" if self.doubtful == 1 else "times fall"
            notes.append(
                f"{self.doubtful:,} {times} into an hour in which the clocks change: each was read as the earlier one."
            )
        if self.lost_customers:
            notes.append(
                f"{self.lost_customers} customer ids were damaged by a spreadsheet (1.02938E+12): left out."
            )
        return notes


def gap(conversation: str, line: int, file: int) -> Row:
    """Stands where a message had to be rejected: what the rest does not show, the conversation may still hold."""
    return Row(conversation, "", line, kind=RowKind.GAP, truncated=True, file=file)


def split_tags(cell: str) -> tuple[str, ...]:
    """The tags in a cell: one a line where a reader joined them, else separated by commas, semicolons or bars."""
    parts = cell.split("\n") if "\n" in cell else _TAG_SIGNS.split(cell)
    return tuple(filter(None, (part.strip() for part in parts)))


def share_of(rating: str) -> float | None:
    """A rating in words between 0 and 1; None for a number, whose scale a column does not tell."""
    return _RATINGS.get(rating.strip().lower().replace("_", " ").removesuffix(" with comment"))


def make_builder(
    options: ReadOptions, day_first: bool | None, inverted: Collection[str], file_index: int
) -> RowBuilder:
    """A builder for one file. Raises SettingsError if the zone is unknown."""
    return RowBuilder(load_zone(options.tz), day_first, inverted, file_index)


def _bool_words(inverted: bool, words: dict[str, bool]) -> dict[str, bool]:
    return {**{word: value != inverted for word, value in _BOOL.items()}, **words}


def _refuse_ruined(*ids: str) -> None:
    for value in ids:
        if _RUINED_ID.fullmatch(value):
            raise RowFaultError(
                "an id was damaged by a spreadsheet (format the column as text before saving the export)",
                show(value),
            )
