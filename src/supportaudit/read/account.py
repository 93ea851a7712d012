"""What became of each row: the counters behind `read == used + rejected + not messages`."""

from collections import Counter
from collections.abc import Callable

from supportaudit.model import Rejected

Sink = Callable[[Rejected, object], None]
"""Takes every rejected row: where and why, and the row itself (a record, cells, or None where there is none)."""

KEPT = 1000
"""Rejected rows kept in memory with their place; the counters go on beyond it."""


class RowFaultError(Exception):
    """One row cannot be used. `kind` is one of a small set (it is counted by), `detail` names the value."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail


class Tally:
    """Counts rows of one file. Sources count `read` where they take a record up, not where they drop it."""

    def __init__(self, file: str, sink: Sink | None = None) -> None:
        self.file = file
        self._sink = sink
        self.read = 0
        self.used = 0
        self.rejected_count = 0
        self.not_messages = 0
        self.rejected: list[Rejected] = []
        self.reasons: Counter[str] = Counter()

    def reject(self, line: int, kind: str, detail: str = "", row: object = None) -> None:
        """Note one row as unusable; `row` is what stood there."""
        self.rejected_count += 1
        self.reasons[kind] += 1
        if self._sink is None and len(self.rejected) >= KEPT:
            return
        rejected = Rejected(self.file, line, f"{kind}: {detail}" if detail else kind)
        if len(self.rejected) < KEPT:
            self.rejected.append(rejected)
        if self._sink is not None:
            self._sink(rejected, row)


def show(value: str, limit: int = 40) -> str:
    """The value in quotes, fit to print: cut after `limit` characters, control characters escaped."""
    cut = value[:limit]
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
    return f'"{safe}…"' if len(value) > limit else f'"{safe}"'


def listed(names: list[str], limit: int = 20) -> str:
    """Column names in one line, fit to print, the tail of a long list counted instead of named."""
    shown = ", ".join(show(name)[1:-1] or '""' for name in names[:limit])
    return f"{shown} and {len(names) - limit} more" if len(names) > limit else shown
