"""Words and numbers as people read them, and foreign text made harmless. Shared by all renderers."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from rich.cells import cell_len, set_cell_size

from supportaudit.harmless import visible
from supportaudit.results.stats import Interval
from supportaudit.ui import ENGLISH, figures, gettext, ngettext, pgettext, spoken

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Line ends, tabs and every other separator: a foreign text is always shown on one line.
_SPACES = re.compile(r"\s+")
_SURROGATES = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """`text` on one line, without anything that acts on a terminal, hides, or turns the reading direction round."""
    text = visible(_SPACES.sub(" ", text))
    return _SURROGATES.sub("\ufffd", text).strip()


def page_of(lines: Iterable[str]) -> str:
    """A page of plain lines as it is printed: whatever names stand in them, nothing of it acts."""
    return "\n".join(visible(line).rstrip() for line in lines)


def fit(text: str, cells: int) -> str:
    """`printable(text)`, cut to at most `cells` terminal columns; a cut shows as an ellipsis."""
    # Combining marks take no column, so columns alone would not bound a hostile text.
    longest = 4 * cells
    shown = printable(text[: 4 * longest])
    if cell_len(shown) <= cells and len(shown) <= longest:
        return shown
    return set_cell_size(shown[:longest], cells - 1).rstrip() + "…"


def pad(text: str, cells: int) -> str:
    """`text` with blanks up to so many terminal columns."""
    return text + " " * (cells - cell_len(text))


def count(number: int) -> str:
    """1204 -> "1,204"."""
    return figures(f"{number:,}")


def decimal(number: float, digits: int = 1) -> str:
    """3.14159 -> "3.1"."""
    return figures(f"{number:.{digits}f}")


# Each noun in a call of its own, so that its forms stand in the catalogues.
_NOUNS: Mapping[str, Callable[[int, str], str]] = {
    "conversation": lambda n, c: ngettext("{n} conversation", "{n} conversations", n, n=c),
    "message": lambda n, c: ngettext("{n} message", "{n} messages", n, n=c),
    "check": lambda n, c: ngettext("{n} check", "{n} checks", n, n=c),
    "finding": lambda n, c: ngettext("{n} finding", "{n} findings", n, n=c),
    "failure": lambda n, c: ngettext("{n} failure", "{n} failures", n, n=c),
    "new failure": lambda n, c: ngettext("{n} new failure", "{n} new failures", n, n=c),
    "rule": lambda n, c: ngettext("{n} rule", "{n} rules", n, n=c),
    "row": lambda n, c: ngettext("{n} row", "{n} rows", n, n=c),
    "hand-over": lambda n, c: ngettext("{n} hand-over", "{n} hand-overs", n, n=c),
    "group": lambda n, c: ngettext("{n} group", "{n} groups", n, n=c),
}


def plural(number: int, noun: str) -> str:
    """1, "message" -> "1 message"; 1204, "message" -> "1,204 messages"."""
    if spoken() != ENGLISH and noun in _NOUNS:
        return _NOUNS[noun](number, count(number))
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def percent(share: float | None) -> str:
    """0.0421 -> "4.2 %"; something is never shown as nothing; None is a dash."""
    if share is None:
        return "–"
    return figures("<0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %")


def percent_range(interval: Interval | None) -> str:
    """Interval(0.021, 0.08) -> "2.1–8.0"; "" for None. In per cent, for use beside `percent`."""
    return "" if interval is None else figures(f"{100 * interval.low:.1f}–{100 * interval.high:.1f}")


def duration(seconds: float) -> str:
    """A time short enough for a column: "45 s", "12 min", "3.3 h", "2.2 d"."""
    if seconds < 59.5:
        return in_unit("s", f"{seconds:.0f}")
    if seconds < 59.5 * 60:
        return in_unit("min", f"{seconds / 60:.0f}")
    if seconds < 48 * 3600:
        return in_unit("h", f"{seconds / 3600:.1f}")
    return in_unit("d", f"{seconds / 86_400:.1f}")


_UNITS: Mapping[str, Callable[[str], str]] = {
    "s": lambda n: gettext("{n} s", n=n),
    "min": lambda n: gettext("{n} min", n=n),
    "h": lambda n: gettext("{n} h", n=n),
    "d": lambda n: gettext("{n} d", n=n),
}


def in_unit(unit: str, number: str) -> str:
    """A number, written as in English, with the short form of a unit of time: s, min, h or d."""
    return _UNITS[unit](figures(number))


def day(when: date) -> str:
    """A date: in English as ISO 8601 has it, for that is read alike on both sides of the Atlantic."""
    # TRANSLATORS: all in figures: 2026-11-15.
    pattern = pgettext("date", "{year}-{month}-{day}")
    return pattern.format(year=f"{when.year:04}", month=f"{when.month:02}", day=f"{when.day:02}")


def instant(written: str) -> str:
    """A time as a record of a run has it, "2026-11-15T19:14:23Z"; another word stays as it is."""
    if spoken() == ENGLISH:
        return written
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        return written
    zone = " UTC" if when.utcoffset() == timedelta(0) else f"{when:%z}"
    return f"{day(when)} {when:%H:%M}{zone}"


def moment(seconds: float | None) -> datetime | None:
    """Seconds since 1970 as a UTC time; None for no time and for one that no calendar holds."""
    if seconds is None:
        return None
    try:
        # Not fromtimestamp: it refuses times before 1970 on Windows.
        return _EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def first_sentence(text: str) -> str:
    """The first sentence of a paragraph, on one line."""
    text = printable(text)
    ends = "։" if "։" in text else ".!?"  # Armenian has its own full stop, and a point is its colon
    return re.split(rf"(?<=[{ends}])\s", text, maxsplit=1)[0]
