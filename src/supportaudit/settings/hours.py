"""Business hours: how much of a wait the team was open for, across clock changes and public holidays.

A moment is open when the clock on the wall in the desk's zone stands inside a span of its day. So an hour that
the clock skips in spring is nobody's, and one that it repeats in autumn counts twice.
"""

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

from supportaudit.suggest import did_you_mean

DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_CHUNK = 64  # days whose sum is kept, so that waits of many years stay cheap

Span = tuple[int, int]
"""Seconds since the local midnight of the day it begins on, half-open; more than a day for one over midnight."""
Week = tuple[tuple[Span, ...], ...]
"""The spans of each day, Monday first."""
ALWAYS: Week = (((0, DAY),),) * 7


@dataclass(frozen=True)
class Hours:
    """When the team works. `channels` have weeks of their own; dates `opened` are no holidays, `closed` ones are.

    On a holiday no span begins; one that began on the day before runs on past midnight.
    """

    zone: ZoneInfo
    week: Week = ALWAYS
    channels: Mapping[str, Week] = field(default_factory=dict)
    country: str = ""
    subdivision: str = ""
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    _memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to other processes without what it remembers."""
        return Hours, (self.zone, self.week, self.channels, self.country, self.subdivision, self.closed,
                       self.opened)  # fmt: skip

    def open_seconds(self, start: float, end: float, channel: str = "") -> float:
        """How many of the seconds between two moments (since the epoch) were open; 0 if `end` is not later."""
        if not start < end:
            return 0.0
        name = channel if channel in self.channels else ""
        first, last = floor(start / DAY), floor(end / DAY)
        if first == last:
            total = self._part(first, start, end, name)
        else:
            total = self._part(first, start, (first + 1) * DAY, name) + self._part(
                last, last * DAY, end, name
            )
            total += self._days(first + 1, last, name)
        return min(round(total, 6), end - start)

    def _part(self, day: int, start: float, end: float, channel: str) -> float:
        return sum(max(0.0, min(end, until) - max(start, since)) for since, until in self._open(day, channel))

    def _days(self, first: int, last: int, channel: str) -> float:
        """Open seconds of whole days of UTC, `last` not among them."""
        total = 0.0
        while first < last:
            if first % _CHUNK == 0 and first + _CHUNK <= last:
                total += self._chunk(first, channel)
                first += _CHUNK
            else:
                total += sum(until - since for since, until in self._open(first, channel))
                first += 1
        return total

    def _chunk(self, first: int, channel: str) -> float:
        key = ("chunk", first, channel)
        if key not in self._memo:
            days = range(first, first + _CHUNK)
            self._memo[key] = sum(until - since for d in days for since, until in self._open(d, channel))
        total: float = self._memo[key]
        return total

    def _open(self, day: int, channel: str) -> tuple[tuple[int, int], ...]:
        """When a day of UTC is open: (since, until) in seconds since the epoch, apart and in order."""
        key = (day, channel)
        if key not in self._memo:
            week = self.channels.get(channel, self.week)
            self._memo[key] = tuple(_merged(sorted(self._spans_in(day, week))))
        found: tuple[tuple[int, int], ...] = self._memo[key]
        return found

    def _spans_in(self, day: int, week: Week) -> Iterator[tuple[int, int]]:
        for since, until, offset in self._stretches(day):
            # Local days that touch the stretch, and the one before: its spans may run over midnight.
            for local in range((since + offset) // DAY - 1, (until + offset - 1) // DAY + 1):
                if self._is_holiday(local):
                    continue
                midnight = local * DAY - offset
                for begin, end in week[(local + 3) % 7]:  # 1970-01-01 was a Thursday
                    low, high = max(since, midnight + begin), min(until, midnight + end)
                    if low < high:
                        yield low, high

    def _stretches(self, day: int) -> tuple[tuple[int, int, int], ...]:
        """A day of UTC as (since, until, offset): one stretch, or two when the clocks change."""
        since, until = day * DAY, (day + 1) * DAY
        first, last = self._offset(since), self._offset(until - 1)
        if first == last:
            return ((since, until, first),)
        change = since + bisect_left(range(since, until), True, key=lambda t: self._offset(t) != first)
        return (since, change, first), (change, until, last)

    def _offset(self, moment: int) -> int:
        try:
            offset = datetime.fromtimestamp(moment, self.zone).utcoffset()
        except (OverflowError, ValueError, OSError):  # beyond the calendar
            return 0
        return round(offset.total_seconds()) if offset is not None else 0

    def _is_holiday(self, local: int) -> bool:
        try:
            day = date.fromordinal(local + _EPOCH)
        except (OverflowError, ValueError):
            return False
        if day in self.opened:
            return False
        return day in self.closed or (bool(self.country) and day in self._public(day.year))

    def _public(self, year: int) -> frozenset[date]:
        key = ("public", year)
        if key not in self._memo:
            self._memo[key] = public_holidays(self.country, self.subdivision, year)
        days: frozenset[date] = self._memo[key]
        return days


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans in order, those that touch or overlap made one."""
    current: tuple[int, int] | None = None
    for since, until in spans:
        if current is not None and since <= current[1]:
            current = current[0], max(current[1], until)
            continue
        if current is not None:
            yield current
        current = since, until
    if current is not None:
        yield current


def public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    """A country's public holidays of a year, with the days off that stand in for them."""
    import holidays  # a tenth of a second: only for those who ask for it

    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))


def country_fault(country: str) -> str:
    """Why there are no public holidays for a country, with the code that was meant; "" if there are."""
    import holidays

    known = holidays.list_supported_countries()
    if country in known:
        return ""
    from holidays.registry import COUNTRIES

    by_name = {name.replace("_", " "): codes[1] for name, codes in COUNTRIES.items()}
    by_code = {code: codes[1] for codes in COUNTRIES.values() for code in codes[1:3]}
    meant = by_code.get(country.upper()) or _near(country.casefold(), by_name)
    hint = f"did you mean '{meant}'?" if meant else "write its code, such as GR"
    return f"{country!r} is not a country whose holidays are known; {hint}"


def _near(word: str, by_name: Mapping[str, str]) -> str:
    close = difflib.get_close_matches(word, by_name, n=1, cutoff=0.8)
    return by_name[close[0]] if close else ""


def subdivision_fault(country: str, subdivision: str) -> str:
    """Why a country has no such part, with the one that was meant; "" if it has."""
    import holidays

    known = holidays.list_supported_countries(include_aliases=True).get(country, [])
    if subdivision in known:
        return ""
    if not known:
        return f"{subdivision!r} is not known: {country} has the same holidays everywhere; leave it out"
    folded = {name.casefold(): name for name in known}
    meant = folded.get(subdivision.casefold())
    hint = f"; did you mean '{meant}'?" if meant else did_you_mean(subdivision, known)
    return f"{subdivision!r} is not a part of {country} whose holidays are known{hint or _listed(known)}"


def _listed(known: Iterable[str]) -> str:
    return f"; known are {', '.join(sorted(known)[:12])}"
