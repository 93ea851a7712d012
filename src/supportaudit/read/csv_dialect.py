"""Which dialect of CSV a table is written in, and in which line its header stands."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from supportaudit.read import mapping

DELIMITERS = (",", ";", "\t", "|")
MAX_CELL = 1 << 26
"""Characters in one cell: above, a quote was left open (mail with every attachment inlined stays below)."""
MAX_COLUMNS = 2000

_TITLES = 10
_SEP_LINE = re.compile(r"\ufeff?sep=([^\s\"\\]|\t)\r?\n?", re.IGNORECASE)  # else Python refuses it
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_ESCAPED = re.compile(r'\\["\n\r,;\t|]')
_DOUBLED = re.compile(r'""[^,;|\t\r\n]|[^,;|\t\r\n ]""')


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart. `skip` lines stand before the table."""

    delimiter: str
    escape: str | None = None
    spaces: bool = False
    skip: int = 0

    def reader(self, lines: Iterable[str], strict: bool = False) -> "csv._reader":  # type: ignore[name-defined]
        """A csv reader of this dialect over lines. `strict` raises csv.Error where a quote ends amid a cell."""
        # The limit is the process's; it is only ever raised.
        if csv.field_size_limit() < MAX_CELL:
            csv.field_size_limit(MAX_CELL)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            escapechar=self.escape,
            skipinitialspace=self.spaces,
            doublequote=self.escape is None,
            strict=strict,
        )


def detect_dialect(sample: str, whole: bool) -> Dialect:
    """The dialect under which the header is best known and the rows are most alike.

    `whole`: the sample is all there is; else its last record may be cut and is not counted.
    """
    stated = _SEP_LINE.match(sample)
    skip = 0
    delimiters: tuple[str, ...] = DELIMITERS
    if stated:
        delimiters, skip = (stated[1],), 1
        sample = sample[stated.end() :]
    escapes = _escapes(sample)
    best = Dialect(delimiters[0], skip=skip)
    best_score = (-1, -1.0, False, -1)
    for escape in escapes:
        for delimiter in delimiters:
            dialect = Dialect(delimiter, escape, skip=skip)
            header, alike = _try(dialect, sample, whole)
            if len(header) > 1 and all(cell[:1] == " " for cell in header[1:]):
                dialect = Dialect(delimiter, escape, True, skip)
                header, alike = _try(dialect, sample, whole)
            clean = len(escapes) > 1 and _clean(dialect, sample, whole)
            score = (mapping.known_headers(header), alike, clean, len(header))
            if score > best_score:
                best, best_score = dialect, score
    return best


def _escapes(sample: str) -> tuple[str | None, ...]:
    """The escape characters that may be in use, the likelier first: it wins where the rows fit both ways.

    Who doubles a quote inside a cell escapes none; who writes a single one after a backslash does.
    """
    if not _ESCAPED.search(sample) or _DOUBLED.search(_ESCAPE.sub("", sample)):
        return (None,)
    return ("\\", None) if '\\"' in sample else (None, "\\")


def _try(dialect: Dialect, sample: str, whole: bool) -> tuple[list[str], float]:
    """The header and the share of records as wide as it, under one dialect."""
    records = sample_records(dialect, sample, whole)
    if not records:
        return [], 0.0
    place = _known_header(records)
    width = len(records[place])
    rows = records[place + 1 :]
    return records[place], sum(1 for row in rows if len(row) == width) / len(rows) if rows else 1.0


def _clean(dialect: Dialect, sample: str, whole: bool) -> bool:
    """Whether every quote stands where the dialect has it: what tells escapes from stray backslashes."""
    read = 0
    try:
        for _ in dialect.reader(io.StringIO(sample, newline=""), strict=True):
            read += 1
    except csv.Error as error:
        return not whole and "unexpected end" in str(error)
    return read > 0


def sample_records(dialect: Dialect, sample: str, whole: bool) -> list[list[str]]:
    """The first records, blank lines left out; none if the sample cannot be read under the dialect."""
    records: list[list[str]] = []
    try:
        # More than 200 records tell no more; a header of thousands of cells is no header.
        reader = dialect.reader(io.StringIO(sample, newline=""))
        filled = (record for record in reader if len(record) > 1 or any(map(str.strip, record)))
        records.extend(record[:MAX_COLUMNS] for record in islice(filled, 200))
    except csv.Error:
        return []
    if not whole and len(records) > 2:
        records.pop()
    return records


def header_place(records: Sequence[Sequence[str]]) -> int:
    """Which of the records is the header: the first, but for titles above it, which fill one cell only.

    Below a title, the header is the record with the most known names, else the first that fills several cells
    and has rows of its width below it.
    """
    place = _known_header(records)
    if place or not records or _filled(records[0]) > 1:
        return place
    for number, record in enumerate(records[1:_TITLES], 1):
        below = records[number + 1 :]
        if _filled(record) > 1 and 2 * sum(1 for row in below if len(row) == len(record)) > len(below):
            return number
    return 0


def _known_header(records: Sequence[Sequence[str]]) -> int:
    if _filled(records[0]) > 1:
        return 0
    known = [mapping.known_headers(record) for record in records[:_TITLES]]
    best = max(known)
    return known.index(best) if best > 1 else 0


def _filled(record: Sequence[str]) -> int:
    return sum(1 for cell in record if cell.strip())
