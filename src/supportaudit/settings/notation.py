"""How values of the settings file are written: durations, shares, days, spans of hours, zones, people."""

import difflib
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from supportaudit.settings.hours import DAY, Span, Week
from supportaudit.settings.limits import PRIORITIES, fold_priority
from supportaudit.settings.typed import Fault, Leaf, show
from supportaudit.suggest import did_you_mean
from supportaudit.wording.language import known_languages

_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
}
_AMOUNT = rf"[0-9]{{1,6}}(?:\.[0-9]{{1,3}})? ?(?:{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
_DURATION = rf"(?=.*[1-9]){_AMOUNT}(?: {_AMOUNT})*"
_SHARE = r"(?:100|[0-9]{1,2}(?:\.[0-9]{1,3})?) ?%"
_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"
_SPAN = rf"{_CLOCK} ?[-–] ?(?:{_CLOCK}|24:00)"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_RANGE = rf"(?:{'|'.join(_DAYS)})(?:-(?:{'|'.join(_DAYS)}))?"
_DAY_LIST = rf"{_DAY_RANGE}(?:, ?{_DAY_RANGE})*"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DOMAIN = r"[^\s@.,;:/]+(?:\.[^\s@.,;:/]+)+"
_DURATION_SCHEMA = {"type": "string", "pattern": f"^{_DURATION}$"}


class Duration(float, Leaf):
    """Seconds, written "5 min", "24 h", "1 h 30 min"."""

    SCHEMA: ClassVar[Mapping[str, Any]] = _DURATION_SCHEMA

    @classmethod
    def read(cls, value: object) -> Self:
        """From its notation; a bare number is refused, for it does not tell minutes from hours."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            raise Fault(f"must say its unit: '{value} min' or '{value} h', not {value}")
        if not isinstance(value, str) or not re.fullmatch(_DURATION, value):
            meant = isinstance(value, str) and re.fullmatch(r"([0-9]+) ?m", value)
            near = f"; did you mean '{meant[1]} min'?" if meant else ""
            raise Fault(
                f"must be a duration such as '5 min', '24 h' or '1 h 30 min', not {show(value)}{near}"
            )
        amounts = re.findall(r"([0-9.]+) ?([a-z]+)", value)
        return cls(sum(float(number) * _UNITS[unit] for number, unit in amounts))


class Limit(dict[str, float], Leaf):
    """Seconds by priority, "" for any other: a duration, or a mapping of priorities and `default`."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": ["string", "object"],
        "pattern": _DURATION_SCHEMA["pattern"],
        "minProperties": 1,
        "propertyNames": {"pattern": r"\S"},
        "additionalProperties": _DURATION_SCHEMA,
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """From one duration or one for each priority."""
        if not isinstance(value, dict):
            return cls({"": Duration.read(value)})
        if not value:
            raise Fault("is empty; write a duration, or one for each priority")
        table = cls()
        for key, body in value.items():
            name = _priority(str(key))
            if name in table:
                raise Fault("stands twice", (str(key),))
            try:
                table[name] = Duration.read(body)
            except Fault as fault:
                raise Fault(fault.words, (str(key),)) from None
        return table


def _priority(key: str) -> str:
    """A priority as it is compared. A desk may have words of its own; a near miss of a usual one is an error."""
    word = fold_priority(key)
    if word == "default":
        return ""
    known = (*PRIORITIES, "default")
    if not word:
        raise Fault("is no priority", (key,))
    if not word.startswith(
        tuple(name for name in known if len(name) > 2)
    ):  # "urgente" is a word, "urgnt" is none
        near = difflib.get_close_matches(word, known, n=1, cutoff=0.8)
        if near and word not in known and len(word) > 2:
            raise Fault(f"is not known; did you mean '{near[0]}'?", (key,))
    return word


class Share(float, Leaf):
    """A share between 0 and 1, written "10 %" or 0.1."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": ["string", "number"],
        "pattern": f"^{_SHARE}$",
        "minimum": 0,
        "exclusiveMaximum": 1,
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """From its notation; 1 is refused, for it may mean 1 % or all."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if 0 <= value < 1:
                return cls(value)
            raise Fault(f"must be a share such as '10 %' or 0.1, not {value}; did you mean '{value} %'?")
        if not isinstance(value, str) or not re.fullmatch(_SHARE, value):
            raise Fault(f"must be a share such as '10 %' or 0.1, not {show(value)}")
        return cls(float(value.rstrip("% ")) / 100)


class WeekPlan(Leaf):
    """Spans by day, written `{mon-fri: "09:00-18:00", sat: ["10:00-13:00", "14:00-16:00"]}`."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{_DAY_LIST}$"},
        "additionalProperties": {
            "type": ["string", "array"],
            "pattern": f"^{_SPAN}$",
            "items": {"type": "string", "pattern": f"^{_SPAN}$"},
        },
    }

    def __init__(self, week: Week) -> None:
        self.week = week

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WeekPlan) and self.week == other.week

    def __hash__(self) -> int:
        return hash(self.week)

    def __repr__(self) -> str:
        return f"WeekPlan({self.week})"

    @classmethod
    def read(cls, value: object) -> Self:
        """From days and their spans; each day may stand once."""
        if not isinstance(value, dict) or not value:
            raise Fault(f'must hold days, such as mon-fri: "09:00-18:00", not {show(value)}')
        week: list[tuple[Span, ...] | None] = [None] * 7
        for key, body in value.items():
            try:
                days, spans = _days(key), _spans(body)
            except Fault as fault:
                raise Fault(fault.words, (str(key), *fault.path)) from None
            for day in days:
                if week[day] is not None:
                    raise Fault(f"names {_DAYS[day]} once more; give each day once", (str(key),))
                week[day] = spans
        return cls(tuple(spans or () for spans in week))


def _days(key: object) -> list[int]:
    """0 for Monday to 6; a range may run over the week's end."""
    if not isinstance(key, str) or not re.fullmatch(_DAY_LIST, key):
        near = did_you_mean(str(key).casefold(), _DAYS) or "; write days as mon, mon-fri or 'mon, wed'"
        raise Fault(f"is not known{near}")
    days: list[int] = []
    for part in key.split(","):
        first, _, last = part.strip().partition("-")
        begin = _DAYS.index(first)
        count = (_DAYS.index(last or first) - begin) % 7 + 1
        days += [(begin + n) % 7 for n in range(count)]
    return days


def _spans(body: object) -> tuple[Span, ...]:
    if isinstance(body, list):
        return tuple(_span(text, (number,)) for number, text in enumerate(body))
    return (_span(body, ()),)


def _span(text: object, path: tuple[int, ...]) -> Span:
    if not isinstance(text, str) or not re.fullmatch(_SPAN, text):
        raise Fault(f"must be hours such as '09:00-18:00', not {show(text)}; leave a closed day out", path)
    begin, end = (
        int(hour) * 3600 + int(minute) * 60 for hour, minute in re.findall(r"([0-9]+):([0-9]+)", text)
    )
    if begin == end:
        raise Fault(f"opens for no time at {text}; write '00:00-24:00' for the whole day", path)
    return begin, end if end > begin else end + DAY


class Day(date, Leaf):
    """A date, written 2026-12-24."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": "string", "format": "date", "pattern": f"^{_DATE}$"}

    @classmethod
    def read(cls, value: object) -> Self:
        """From its ISO form; a `date` is taken as it is."""
        text = value.isoformat() if isinstance(value, date) else value
        try:
            if isinstance(text, str) and re.fullmatch(_DATE, text):
                return cls.fromisoformat(text)
        except ValueError:
            pass  # a thirty-first of February
        raise Fault(f"must be a date such as 2026-12-24, not {show(value)}")


class Zone(str, Leaf):
    """A time zone of the IANA data base, written Europe/Athens."""

    __slots__ = ()
    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": "string", "pattern": r"\S"}

    @classmethod
    def read(cls, value: object) -> Self:
        """From its name, which must exist."""
        if not isinstance(value, str):
            raise Fault(f"must be a zone such as Europe/Athens, not {show(value)}")
        try:
            return cls(ZoneInfo(value).key)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Fault(
                f"must be a zone such as Europe/Athens, not {show(value)}{_zone_meant(value)}"
            ) from None


class LanguageCode(str, Leaf):
    """The ISO 639-1 code of a language, written de."""

    __slots__ = ()
    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": "string", "pattern": "^[a-z]{2}$"}

    @classmethod
    def read(cls, value: object) -> Self:
        """From its code, which must be one that the project knows."""
        known = known_languages()
        if value in known:
            return cls(value)
        meant = did_you_mean(value, known) if isinstance(value, str) else ""
        raise Fault(f"must be the code of a language such as de, not {show(value)}{meant}")


def _zone_meant(value: str) -> str:
    zones = available_timezones()
    cities = {zone.rsplit("/", 1)[-1].casefold(): zone for zone in sorted(zones)}
    city = cities.get(value.strip().replace(" ", "_").casefold())
    return f"; did you mean '{city}'?" if city else did_you_mean(value, zones)


class Domain(str, Leaf):
    """A mail domain, written acme.example; lower case."""

    __slots__ = ()
    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": "string", "pattern": f"^{_DOMAIN}$"}

    @classmethod
    def read(cls, value: object) -> Self:
        """From its notation; a whole address is refused."""
        if not isinstance(value, str) or not re.fullmatch(_DOMAIN, value):
            raise Fault(f"must be a mail domain such as acme.example, not {show(value)}")
        return cls(value.casefold())


class Person(str, Leaf):
    """A name, an address or an id; ids may be written as numbers."""

    __slots__ = ()
    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": ["string", "integer"], "pattern": r"\S"}

    @classmethod
    def read(cls, value: object) -> Self:
        """From text or a whole number."""
        if isinstance(value, bool) or not isinstance(value, (str, int)) or not str(value).strip():
            raise Fault(f"must be a name, an address or an id, not {show(value)}")
        return cls(value)
