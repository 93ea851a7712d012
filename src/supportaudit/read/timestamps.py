"""Time stamps of any export to seconds since 1970 UTC: known formats first, python-dateutil last.

No stamp is ever read two ways: the order of day and month is settled for a whole file (`settle_order`),
and a stamp without a zone is read in the zone the user named, or as UTC with a note.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from supportaudit.errors import InputError, SettingsError
from supportaudit.read.account import RowFaultError, show

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(2101, 1, 1, tzinfo=UTC).timestamp()
LOOK_AHEAD = 2000
"""Rows looked at before a file without numeric dates is taken to have none."""

_EPOCH = datetime(1970, 1, 1)

_TIME = (
    r"(?P<H>\d{1,2})(?::(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"\s?(?P<p>[AaPp]\.?\s?[Mm]\.?)?\s?(?P<z>[A-Za-z]{1,5}|(?:UTC|GMT)?[+-]\d{2}:?\d{2})?"
)
_GAP = r"(?:[ T,]|\sat\s|\s-\s)+"
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
         "aug august", "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip
_MONTH = "(?P<mon>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]*\s+)?"
_YEAR_FIRST = re.compile(rf"(?P<Y>\d{{4}})([-/.])(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}})(?:{_GAP}{_TIME})?")
_NUMERIC = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})(?P=sep)(?P<Y>\d{{4}}|\d{{2}})(?:{_GAP}{_TIME})?"
)
_NAMED = re.compile(
    rf"{_WEEKDAY}(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?[ -]{_MONTH}[ ,-]+(?P<Y>\d{{4}})"
    rf"|{_MONTH.replace('mon', 'mon2', 1)} (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<Y2>\d{{4}}))"
    rf"(?:{_GAP}{_TIME})?",
    re.IGNORECASE,
)
_TWITTER = re.compile(
    r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?: (?:[A-Z]{2,5}|[+-]\d{4}))? \d{4}", re.ASCII
)
_MEMO = 200_000
_COMPACT = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_NUMBER = re.compile(r"\d{1,20}(?:\.\d*)?", re.ASCII)
_RUINED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,3}", re.ASCII)
_INNER = re.compile(r"(?<!\d)(\d{1,2})([-/])(\d{1,2})\2(\d{4}|\d{2})(?!\d)", re.ASCII)
# RFC 2822's own and the European ones; BST, IST and their like mean two zones and are refused.
_ZONES = {
    **dict.fromkeys(("Z", "UTC", "GMT", "UT", "WET"), 0),
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
    **{"CET": 1, "CEST": 2, "WEST": 1, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9},
}


@dataclass(frozen=True)
class Order:
    """Whether 03/04/2026 is the third of April; None: the file has no such dates, or none seen yet."""

    day_first: bool | None
    note: str = ""


def _order_of(stamp: str) -> tuple[int, int] | None:
    """The first two numbers of a numeric date with slashes or dashes; dots are always day first."""
    if stamp[:4].isdigit():
        return None
    found = _INNER.search(stamp)
    if found is None:
        return None
    first, second = int(found[1]), int(found[3])
    return (first, second) if 1 <= first <= 31 and 1 <= second <= 31 and min(first, second) <= 12 else None


def settle_order(stamps: Iterable[tuple[int, str]], where: str) -> Order:
    """Day first or month first, from the column itself: only a number above 12 can tell.

    `stamps` are (line, cell). The first 2,000 are looked at; if they hold numeric dates but leave it open,
    all that follow, until one decides. Raises InputError if nothing decides, or if both orders occur.
    """
    proof: dict[bool, tuple[int, str]] = {}
    open_example = ""
    for count, (line, stamp) in enumerate(stamps):
        if count >= LOOK_AHEAD and (proof or not open_example):
            break
        parts = _order_of(stamp)
        if parts is None:
            continue
        first, second = parts
        if first > 12 or second > 12:
            proof.setdefault(first > 12, (line, stamp))
        elif first != second:
            open_example = open_example or stamp
    if len(proof) == 2:
        (day_line, day), (month_line, month) = proof[True], proof[False]
        raise InputError(
            f"{where} writes dates in two orders: line {day_line} says {show(day)}, line {month_line} "
            f"says {show(month)}.",
            "Pass --day-first or --month-first; rows in the other order are then rejected.",
        )
    if proof:
        [(day_first, (line, stamp))] = proof.items()
        word = "day" if day_first else "month"
        return Order(day_first, f"Dates are {word} first: line {line} says {show(stamp)}.")
    if open_example:
        raise InputError(
            f"{where}: dates like {show(open_example)} can be read two ways.",
            "Pass --day-first or --month-first.",
        )
    return Order(None)


def load_zone(name: str | None) -> tzinfo | None:
    """The IANA zone of that name; None for None. Raises SettingsError with close names if unknown."""
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError: below
        pass
    except KeyError:
        pass
    known = {zone.casefold(): zone for zone in available_timezones()}
    by_city = {zone.rsplit("/", 1)[-1].casefold(): zone for zone in sorted(known.values())}
    wanted = name.strip().casefold().replace(" ", "_")
    near = difflib.get_close_matches(wanted, [*known, *by_city], n=3, cutoff=0.6)
    names = list(dict.fromkeys(known.get(word) or by_city[word] for word in near))
    hint = f"Did you mean {' or '.join(names)}?" if names else "Use an IANA name such as Europe/Athens."
    raise SettingsError(f"--tz {show(name)} is not a known time zone.", hint)


def in_range(seconds: float) -> float:
    """The seconds, if the year lies within 1995–2100. Raises RowFaultError otherwise."""
    if EARLIEST <= seconds < LATEST:
        return seconds
    raise RowFaultError("the time lies outside the years 1995–2100")


def from_number(value: float) -> float:
    """Seconds from an epoch in seconds, milliseconds or microseconds, told apart by size."""
    if value < 1e11:
        return in_range(float(value))
    return in_range(value / (1e3 if value < 1e14 else 1e6))


class StampReader:
    """Reads the stamps of one column; remembers the format that worked last.

    `saw_no_zone` becomes true when a stamp without zone was read as UTC for want of a setting. `doubtful` counts
    stamps in the hour that a zone repeats or leaves out when its clocks change: the first reading is taken.
    """

    def __init__(self, zone: tzinfo | None = None, day_first: bool | None = None) -> None:
        self.saw_no_zone = False
        self.doubtful = 0
        self._zone = zone
        self._changes: dict[date, bool] = {}
        self._day_first = day_first
        self._formats: list[Callable[[str], datetime | None]] = [
            _iso,
            _twitter,
            self._numeric,
            _year_first,
            _named,
        ]
        self._last: Callable[[str], datetime | None] = _iso
        self._failures: dict[str, int] = {}
        self._dates: dict[str, tuple[int, int, int]] = {}
        self._clocks: dict[str, tuple[int, int, int, int, tzinfo | None]] = {}

    def __call__(self, cell: str) -> float:
        """Seconds since 1970 UTC. Raises RowFaultError saying why the cell cannot be read."""
        try:
            at: datetime | float | None = self._last(cell)
            if at is None:
                at = self._search(cell)
            if isinstance(at, float):
                return at
            if at.tzinfo is not None:
                return in_range(at.timestamp())
            if self._zone is not None:
                local = at.replace(tzinfo=self._zone)
                if self._clocks_change(local):
                    self.doubtful += local.utcoffset() != local.replace(fold=1).utcoffset()
                return in_range(local.timestamp())
            self.saw_no_zone = True
            return in_range((at - _EPOCH).total_seconds())
        except RowFaultError as fault:
            raise RowFaultError(fault.kind, fault.detail or show(cell)) from None
        except (ValueError, OverflowError):
            raise RowFaultError("the time cannot be read", show(cell)) from None

    def _clocks_change(self, local: datetime) -> bool:
        """Whether the zone's clocks change on that day; remembered, for it costs as much as reading the stamp."""
        day = local.date()
        changes = self._changes.get(day)
        if changes is None:
            start = local.replace(hour=0, minute=0, second=0, microsecond=0)
            changes = start.utcoffset() != (start + timedelta(days=1)).utcoffset()
            self._changes[day] = changes
        return changes

    def _search(self, cell: str) -> datetime | float:
        stamp = cell if cell.isascii() else " ".join(cell.split())  # ICU puts U+202F before AM and PM
        if _NUMBER.fullmatch(stamp):
            return _digits(stamp)
        if _RUINED.fullmatch(stamp):
            raise RowFaultError("the time was damaged by a spreadsheet")
        for parse in self._formats:
            at = parse(stamp)
            if at is not None:
                self._last = parse
                return at
        return self._guess(stamp)

    def _numeric(self, stamp: str) -> datetime | None:
        # Days and clock times recur: half the time of a regex and nine int() a row.
        day_word, _, clock_word = stamp.partition(" ")
        date = self._dates.get(day_word)
        clock = self._clocks.get(clock_word)
        if date is not None and clock is not None:
            return datetime(*date, clock[0], clock[1], clock[2], clock[3], clock[4])
        found = _NUMERIC.fullmatch(stamp)
        if found is None:
            return None
        first, second = int(found["a"]), int(found["b"])
        day, month = self._ordered(first, second, found["sep"] == ".")
        at = _assemble(found, _full_year(found["Y"]), month, day)
        if found.end("Y") == len(day_word):
            if len(self._dates) + len(self._clocks) > _MEMO:
                self._dates.clear()
                self._clocks.clear()
            self._dates[day_word] = (at.year, at.month, at.day)
            self._clocks[clock_word] = (at.hour, at.minute, at.second, at.microsecond, at.tzinfo)
        return at

    def _ordered(self, first: int, second: int, dotted: bool = False) -> tuple[int, int]:
        """(day, month) of a numeric date. Raises RowFaultError where the file's order does not fit."""
        day_first = True if dotted else self._day_first
        if day_first is None:
            if first <= 12 and second <= 12 and first != second:
                raise RowFaultError("the date can be read two ways (pass --day-first or --month-first)")
            day_first = first > 12
        day, month = (first, second) if day_first else (second, first)
        if month > 12 and day <= 12:
            word = "day" if day_first else "month"
            raise RowFaultError(f"the date contradicts the file's order, {word} first")
        return day, month

    def _guess(self, stamp: str) -> datetime:
        """The last resort. A shape (digits masked) that failed often without success is given up."""
        shape = re.sub(r"\d", "0", stamp[:64])
        if self._failures.get(shape, 0) > 50 or len(stamp) > 100:
            raise ValueError(stamp)
        inner = None if stamp[:4].isdigit() else _INNER.search(stamp)
        if inner is not None:
            day, month = self._ordered(int(inner[1]), int(inner[3]))
            iso = f"{_full_year(inner[4]):04d}-{month:02d}-{day:02d}"
            stamp = stamp[: inner.start()] + iso + stamp[inner.end() :]
        try:
            at = _by_dateutil(stamp)
        except ValueError:
            if shape in self._failures or len(self._failures) < 1000:
                self._failures[shape] = self._failures.get(shape, 0) + 1
            raise
        self._failures[shape] = -(1 << 30)
        return at


def _iso(stamp: str) -> datetime | None:
    # fromisoformat also takes bare digits and any separator; those belong to the other formats.
    if stamp[4:5] != "-" and stamp[8:9] != "T":
        return None
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None


def _twitter(stamp: str) -> datetime | None:
    """`Wed Oct 11 06:55:44 +0000 2017`, and C's own form without the zone."""
    month = _MONTHS.get(stamp[4:7].lower())
    if month is None or _TWITTER.fullmatch(stamp) is None:
        return None
    day, hour, minute, second = int(stamp[8:10]), int(stamp[11:13]), int(stamp[14:16]), int(stamp[17:19])
    zone = _zone_of(stamp[20:-5]) if len(stamp) > 24 else None
    return datetime(int(stamp[-4:]), month, day, hour, minute, second, 0, zone)


def _year_first(stamp: str) -> datetime | None:
    found = _YEAR_FIRST.fullmatch(stamp)
    return None if found is None else _assemble(found, int(found["Y"]), int(found["m"]), int(found["d"]))


def _named(stamp: str) -> datetime | None:
    found = _NAMED.fullmatch(stamp)
    if found is None:
        return None
    month = _MONTHS[(found["mon"] or found["mon2"]).lower()]
    return _assemble(found, int(found["Y"] or found["Y2"]), month, int(found["d"] or found["d2"]))


def _assemble(found: re.Match[str], year: int, month: int, day: int) -> datetime:
    """The date with the clock and zone that _TIME found. Raises ValueError if no such moment exists."""
    hour = int(found["H"] or 0)
    half = found["p"]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    elif found["H"] and not found["M"]:
        raise ValueError("an hour alone")
    micro = int((found["f"] or "0").ljust(6, "0")[:6])
    zone = _zone_of(found["z"]) if found["z"] else None
    return datetime(year, month, day, hour, int(found["M"] or 0), int(found["S"] or 0), micro, zone)


@lru_cache(maxsize=1024)
def _zone_of(word: str) -> tzinfo:
    hours = _ZONES.get(word.upper())
    if hours is not None:
        return timezone(timedelta(hours=hours))
    sign = max(word.find("+"), word.find("-"))
    if sign < 0:
        raise RowFaultError(f"the zone {show(word)} stands for no one zone or is unknown")
    digits = word[sign + 1 :].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if word[sign] == "-" else offset)


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 69 else 1900)


def _digits(stamp: str) -> float | datetime:
    try:
        return from_number(float(stamp))
    except RowFaultError:
        form = _COMPACT.get(len(stamp))
        if form is None or "." in stamp:
            raise
        return datetime.strptime(stamp, form)


@lru_cache(maxsize=4096)
def _by_dateutil(stamp: str) -> datetime:
    """dateutil's reading, refused where it would fill gaps in the date from a default. ~5,000 a second."""
    # Imported here: most runs never need it.
    from dateutil import parser

    def zones(name: str | None, offset: int | None) -> tzinfo:
        # Without this dateutil would take the machine's own zone for a name it knows from there.
        if offset is not None:
            return timezone(timedelta(seconds=offset))
        return _zone_of(name or "Z")

    try:
        one, two = (
            parser.parse(stamp, default=default, tzinfos=zones)
            for default in (datetime(2000, 1, 1), datetime(2003, 2, 2))
        )
    except (ArithmeticError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ValueError(stamp) from error  # the library raises all of them, a decimal's among them
    if one != two:
        raise ValueError(stamp)
    return one
