"""Words and numbers as people read them, and foreign text made harmless. Shared by all renderers."""

import re
from datetime import UTC, datetime, timedelta

from rich.cells import cell_len, set_cell_size

from supportaudit.stats import Interval

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Line ends, tabs and every other separator: a foreign text is always shown on one line.
_SPACES = re.compile(r"\s+")
# What can act on a terminal or reorder a line: C0 and C1 controls (ESC, CSI), bidirectional marks,
# embeddings, overrides and isolates, invisible operators, byte order mark, annotation anchors, tag
# characters. The joiners U+200C and U+200D stay: Persian and emoji need them.
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """`text` on one line, without anything that acts on a terminal or turns the reading direction round."""
    text = _HARMFUL.sub("", _SPACES.sub(" ", text))
    return _SURROGATES.sub("\ufffd", text).strip()


def fit(text: str, cells: int) -> str:
    """`printable(text)`, cut to at most `cells` terminal columns; a cut shows as an ellipsis."""
    # Combining marks take no column, so columns alone would not bound a hostile text.
    longest = 4 * cells
    shown = printable(text[: 4 * longest])
    if cell_len(shown) <= cells and len(shown) <= longest:
        return shown
    return set_cell_size(shown[:longest], cells - 1).rstrip() + "…"


def count(number: int) -> str:
    """1204 -> "1,204"."""
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    """1, "message" -> "1 message"; 1204, "message" -> "1,204 messages"."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def percent(share: float | None) -> str:
    """0.0421 -> "4.2 %"; something is never shown as nothing; None is a dash."""
    if share is None:
        return "–"
    return "<0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"


def percent_range(interval: Interval | None) -> str:
    """Interval(0.021, 0.08) -> "2.1–8.0"; "" for None. In per cent, for use beside `percent`."""
    return "" if interval is None else f"{100 * interval.low:.1f}–{100 * interval.high:.1f}"


def duration(seconds: float) -> str:
    """A time short enough for a column: "45 s", "12 min", "3.3 h", "2.2 d"."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    if seconds < 59.5 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86_400:.1f} d"


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
    return re.split(r"(?<=[.!?])\s", printable(text), maxsplit=1)[0]
