"""When a promise falls due: time expressions resolved against the message that carries them.

Every due moment is the *latest* reading of the words ("by Friday" is Friday 23:59:59 where no hour is named):
a promise must not be called broken while it may still be kept. Business days skip Saturday and Sunday.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import re2

from supportaudit.wording.fold import fold
from supportaudit.wording.patterns import fold_pattern

_DAY_END = time(23, 59, 59)
_UNIT_SECONDS = {"minute": 60, "hour": 3600}


@dataclass(frozen=True, slots=True)
class Due:
    """A due moment (seconds since the epoch, UTC) and where its words stand in the folded text."""

    at: float
    start: int
    end: int


class DueParser:
    """Finds due times by a pack's patterns. `zone` is where the desk's days begin and end.

    `read` makes of a text what the patterns are for; folding, where nothing else is said.
    """

    def __init__(self, rules: Mapping[str, Any], read: Callable[[str], str] = fold) -> None:
        self._read = read
        self._weekdays: Mapping[str, int] = _folded(rules["weekdays"])
        self._months: Mapping[str, int] = _folded(rules["months"])
        self._units: Mapping[str, str] = _folded(rules["units"])
        self._numbers: Mapping[str, int] = _folded(rules["numbers"])
        words = {
            "weekday": _alternation(self._weekdays),
            "month": _alternation(self._months),
            "unit": _alternation(self._units),
            "number": _alternation(self._numbers),
        }
        self._patterns = [
            (p["kind"], re2.compile(_fill(fold_pattern(p["find"]), words))) for p in rules["patterns"]
        ]
        self._clock = re2.compile(fold_pattern(rules["clock"]))
        # Most sentences name no time: one pass over all patterns says which are worth a search.
        self._worth = re2.Filter()
        for _, pattern in self._patterns:
            self._worth.Add(pattern.pattern)
        self._worth.Compile()

    def find(self, text: str, said_at: float, zone: tzinfo = UTC) -> list[Due]:
        """All due times in `text`, in order of position; overlapping readings keep the longest words."""
        folded = self._read(text)
        worth = self._worth.Match(folded)
        if not worth:
            return []
        said = datetime.fromtimestamp(said_at, zone)
        found: list[Due] = []
        for kind, pattern in (self._patterns[i] for i in sorted(worth)):
            for match in pattern.finditer(folded):
                moment = self._resolve(kind, match, said, folded)
                if moment is not None:
                    found.append(Due(moment.timestamp(), *match.span()))
        found.sort(key=lambda due: (due.start, due.start - due.end))
        kept: list[Due] = []
        for due in found:
            if not kept or due.start >= kept[-1].end:
                kept.append(due)
        return kept

    def _resolve(self, kind: str, match: Any, said: datetime, folded: str) -> datetime | None:
        groups = match.groupdict()
        if kind == "within":
            return self._within(groups, said)
        if kind == "hour":
            hour = _read_clock(groups)
            moment = datetime.combine(said.date(), hour, said.tzinfo) if hour else None
            return moment if moment and moment > said else None
        day = self._day(kind, groups, said)
        if day is None:
            return None
        clock = self._clock_time(folded, *match.span())
        return datetime.combine(day, clock or _DAY_END, said.tzinfo)

    def _within(self, groups: Mapping[str, str], said: datetime) -> datetime | None:
        words = groups.get("number") or ""  # "in an hour" is one word in many languages
        number = int(words) if words.isdecimal() else self._numbers.get(words, None if words else 1)
        unit = self._units.get(" ".join(groups["unit"].split()))
        if number is None or unit is None or number > 400:
            return None
        if unit in _UNIT_SECONDS:
            # By the clock of the world, not of the wall: the night the clocks change has 23 or 25 hours.
            return datetime.fromtimestamp(said.timestamp() + number * _UNIT_SECONDS[unit], said.tzinfo)
        days = {"day": 1, "week": 7, "month": 31, "workday": 1}[unit] * number
        last = _add_workdays(said.date(), days) if unit == "workday" else said.date() + timedelta(days=days)
        return datetime.combine(last, _DAY_END, said.tzinfo)

    def _day(self, kind: str, groups: Mapping[str, str], said: datetime) -> date | None:
        today = said.date()
        if kind == "end_of_day":
            return today
        if kind == "tomorrow":
            return today + timedelta(days=1)
        if kind == "next_workday":
            return _add_workdays(today, 1)
        if kind == "day_after_tomorrow":
            return today + timedelta(days=2)
        if kind == "end_of_month":
            return (today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        if kind == "end_of_week":
            return today + timedelta(days=6 - today.weekday())
        if kind == "next_week":
            return today + timedelta(days=13 - today.weekday())
        if groups.get("month"):
            return _next_date(today, int(groups["day"] or 0), self._months[groups["month"]])
        if kind == "day_of_month" or groups.get("day"):
            return _next_day_of_month(today, int(groups["day"]))
        ahead = (self._weekdays[groups["weekday"]] - today.weekday()) % 7
        return today + timedelta(days=ahead)

    def _clock_time(self, folded: str, start: int, end: int) -> time | None:
        """The latest hour named close by in the same sentence."""
        before = re.split(r"[.!?\n](?:\s|$)", folded[max(0, start - 25) : start])[-1]
        after = re.split(r"[.!?\n](?:\s|$)", folded[end : end + 60])[0]
        latest: time | None = None
        for match in (*self._clock.finditer(before), *self._clock.finditer(after)):
            found = _read_clock(match.groupdict())
            if found is not None and (latest is None or found > latest):
                latest = found
        return latest


def _read_clock(groups: Mapping[str, str | None]) -> time | None:
    if groups.get("hour24"):
        hour, minute = int(groups["hour24"] or 0), int(groups.get("minute24") or 0)
    elif groups.get("hour"):
        hour, minute = int(groups["hour"] or 0), int(groups.get("minute") or 0)
        half = groups.get("half") or ""
        afternoon = groups.get("afternoon") or half.startswith("p")
        if (afternoon and hour < 12) or (half.startswith("o") and hour < 7):
            hour += 12
    elif groups.get("hourbare"):
        hour, minute = int(groups["hourbare"] or 0), 0
        if hour < 8:  # "between 12 and 5": desks do not call at five in the morning
            hour += 12
    else:
        hour, minute = 12, 59  # noon, lunchtime
    return time(hour, minute, 59) if hour < 24 and minute < 60 else None


def _next_date(today: date, day: int, month: int) -> date | None:
    """The next such date, at most ten months ahead: "4 March" said on 6 March is a date gone by."""
    for year in (today.year, today.year + 1):
        try:
            candidate = date(year, month, day)
        except ValueError:
            return None
        if candidate >= today:
            return candidate if (candidate - today).days < 300 else None
    return None


def _next_day_of_month(today: date, day: int) -> date | None:
    for ahead in range(62):
        candidate = today + timedelta(days=ahead)
        if candidate.day == day:
            return candidate
    return None


def _add_workdays(day: date, number: int) -> date:
    while number > 0:
        day += timedelta(days=1)
        if day.weekday() < 5:
            number -= 1
    return day


def _folded(words: Mapping[str, Any]) -> dict[str, Any]:
    return {fold(str(word)): value for word, value in words.items()}


def _alternation(words: Mapping[str, Any]) -> str:
    """Longest first, because RE2 like Perl takes the first alternative that fits."""
    return "(?:" + "|".join(sorted((re.escape(w) for w in words), key=lambda w: (-len(w), w))) + ")"


def _fill(pattern: str, words: Mapping[str, str]) -> str:
    for name, alternation in words.items():
        pattern = pattern.replace("{" + name + "}", alternation)
    return pattern
