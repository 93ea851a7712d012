"""Tables as text: CSV in its dialects, read record by record with the line each one starts on."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter

from supportaudit.errors import InputError
from supportaudit.model import Row
from supportaudit.read import mapping
from supportaudit.read.account import RowFaultError, Tally, listed, show
from supportaudit.read.build import ReadOptions, make_builder
from supportaudit.read.container import Container
from supportaudit.read.timestamps import Order, settle_order

DELIMITERS = (",", ";", "\t", "|")
MAX_CELL = 1 << 26
"""Characters in one cell: above, a quote was left open (mail with every attachment inlined stays below)."""

_SAMPLE = 1 << 16
_MAX_COLUMNS = 2000
_SWALLOWED_LINES = 1000
# Fed after the last line: if it comes back inside a cell, a quote was open at the end of the file.
_END = "\x00end of the export\x00"
_SEP_LINE = re.compile(r"\ufeff?sep=(.)\r?\n?", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart. `skip` lines stand before the header."""

    delimiter: str
    escape: str | None = None
    spaces: bool = False
    skip: int = 0

    def reader(self, lines: Iterable[str]) -> "csv._reader":  # type: ignore[name-defined]
        """A csv reader of this dialect over lines."""
        # The limit is the process's; it is only ever raised.
        if csv.field_size_limit() < MAX_CELL:
            csv.field_size_limit(MAX_CELL)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            escapechar=self.escape,
            skipinitialspace=self.spaces,
            doublequote=self.escape is None,
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
    escapes = (None, "\\") if '\\"' in sample else (None,)
    best = Dialect(delimiters[0], skip=skip)
    best_score = (-1, -1.0, -1)
    for escape in escapes:
        for delimiter in delimiters:
            dialect = Dialect(delimiter, escape, skip=skip)
            header, alike = _try(dialect, sample, whole)
            if len(header) > 1 and all(cell[:1] == " " for cell in header[1:]):
                dialect = Dialect(delimiter, escape, True, skip)
                header, alike = _try(dialect, sample, whole)
            score = (mapping.known_headers(header), alike, len(header))
            if score > best_score:
                best, best_score = dialect, score
    return best


def _try(dialect: Dialect, sample: str, whole: bool) -> tuple[list[str], float]:
    """The header and the share of records as wide as it, under one dialect."""
    records: list[list[str]] = []
    try:
        # More than 200 records tell no more; a header of thousands of cells is no header.
        reader = dialect.reader(io.StringIO(sample, newline=""))
        records.extend(record[:_MAX_COLUMNS] for record in islice(reader, 200) if record)
    except csv.Error:
        return [], 0.0
    if not whole and len(records) > 2:
        records.pop()
    if not records:
        return [], 0.0
    width = len(records[0])
    rows = records[1:]
    return records[0], sum(1 for row in rows if len(row) == width) / len(rows) if rows else 1.0


class Table:
    """A table with its header read. `columns` are the header's cells, stripped."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.where = container.name
        with container.open_text() as stream:
            sample = stream.read(_SAMPLE).replace("\0", "")
        self.dialect = detect_dialect(sample, len(sample) < _SAMPLE)
        self.columns: list[str] = []
        first = list(islice(self._records(), 2))
        if first and isinstance(first[0][1], list):
            self.columns = [cell.strip() for cell in first[0][1]]
        while self.columns and self.columns[-1] == "":  # a separator at the end of every line
            self.columns.pop()
        if not self.columns or len(self.columns) > _MAX_COLUMNS:
            raise InputError(
                f"{self.where} does not begin with the header line of a table.",
                "Export as CSV with column names in the first line, or as JSON.",
            )
        if len(first) == 1:
            raise InputError(
                f"{self.where} has a header but no rows (columns: {listed(self.columns)}).",
                "Export the conversations again.",
            )

    def _records(self) -> Iterator[tuple[int, list[str] | str, int]]:
        """(line a record starts on, its cells or why it cannot be read, line it ends on); no blank lines."""
        with self.container.open_text() as stream:
            lines: Iterable[str] = chain(stream, (_END,))
            if self.container.nul:
                lines = chain((line.replace("\0", "") for line in stream), (_END,))
            for _ in range(self.dialect.skip):
                next(stream, None)
            skipped = self.dialect.skip
            reader = self.dialect.reader(lines)
            start = 1 + skipped
            while True:
                try:
                    for cells in reader:
                        end = reader.line_num + skipped
                        if not cells or (len(cells) == 1 and not cells[0].strip()):
                            start = end + 1
                            continue
                        if cells[-1].endswith(_END):
                            if len(cells) > 1 or cells[0] != _END:
                                yield start, "a quote is not closed before the end of the file", end - 1
                            return
                        yield start, cells, end
                        start = end + 1
                    return
                except csv.Error as error:
                    why = str(error)
                    if "field limit" in why:
                        why = f"a cell is longer than {MAX_CELL:,} characters; a quote may not be closed"
                    yield start, why, reader.line_num + skipped
                    start = reader.line_num + skipped + 1

    def rows(self, tally: Tally | None = None) -> Iterator[tuple[int, list[str]]]:
        """(line, cells) of each data row, each as wide as the header; faulty ones go to `tally`."""
        width = len(self.columns)
        records = self._records()
        next(records, None)
        for line, cells, end in records:
            if tally is not None:
                tally.read += 1
            if isinstance(cells, str):
                fault: tuple[str, str] | None = (
                    cells,
                    f"lines {line} to {end} are in it" if end > line else "",
                )
            elif len(cells) == width and end - line < _SWALLOWED_LINES:
                yield line, cells
                continue
            else:
                fault = self._fit(cells, line, end)
                if fault is None:
                    yield line, cells
            if fault is not None and tally is not None:
                tally.reject(line, *fault)

    def _fit(self, cells: list[str], line: int, end: int) -> tuple[str, str] | None:
        """Make the row as wide as the header, in place; or say (kind, detail) why it cannot be."""
        width = len(self.columns)
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) > width:
            return (
                "more fields than the header",
                f"{len(cells)} where {width} were expected{_span(line, end)}",
            )
        if end - line >= _SWALLOWED_LINES and width > 1 and self._swallowed(cells):
            return "a quote is not closed and swallows the rows after it", f"lines {line} to {end}"
        cells.extend([""] * (width - len(cells)))
        return None

    def _swallowed(self, cells: list[str]) -> bool:
        """Whether the longest cell is made of lines that look like rows of this table."""
        lines = max(cells, key=len).split("\n")
        like = sum(1 for text in lines if text.count(self.dialect.delimiter) >= len(self.columns) - 1)
        return like > len(lines) / 2


def _span(line: int, end: int) -> str:
    return f" (lines {line} to {end}: is a quote missing?)" if end > line else ""


class TableSource:
    """Rows of a generic table, columns matched by name."""

    def __init__(self, table: Table, options: ReadOptions, file_index: int) -> None:
        self.source = _NAMES.get(table.dialect.delimiter, f"table separated by {table.dialect.delimiter!r}")
        self._table = table
        self._options = options
        self._file = file_index
        columns = table.columns
        mapping.check_fields(options.mapping)
        for name, column in options.mapping.items():
            mapping.check_column(name, column, columns)
            if columns.count(column) > 1:
                raise InputError(
                    f"{table.where} has {columns.count(column)} columns named {show(column)}.",
                    "Give each column its own name in the header.",
                )
        proposal = mapping.propose(columns, fixed=options.mapping)
        mapping.require(proposal, columns, table.where, ("conversation_id", "text", "author"))
        self._places = _places(proposal, columns)
        self.mapping = {name: found[0] for name, found in proposal.columns.items() if name != "clock"}
        if "clock" in proposal.columns:
            self.mapping["at"] += "+" + proposal.columns["clock"][0]
        self._inverted = {
            name
            for name, words in mapping.INVERTED.items()
            if name in self.mapping and mapping.normalise(self.mapping[name]) in words
        }
        self.notes = _notes(columns, self._places, "at" in self.mapping)
        order = Order(options.day_first) if options.day_first is not None else self._settle()
        self._day_first = order.day_first
        if order.note:
            self.notes.append(order.note)
        # A wrong zone name must show at once, not at the first row.
        self._builder = make_builder(options, self._day_first, self._inverted, file_index)

    def _settle(self) -> Order:
        """The order of day and month. Raises InputError if there are no rows, or nothing decides."""
        place = self._places["at"]
        if place < 0:
            return Order(None)
        stamps = ((line, cells[place].strip()) for line, cells in self._table.rows())
        return settle_order(stamps, self._table.where)

    def rows(self, tally: Tally) -> Iterator[Row]:
        """Every usable row in file order."""
        builder = self._builder = make_builder(self._options, self._day_first, self._inverted, self._file)
        build = builder.build
        # Fields without a column read the empty cell put after the last one.
        pick = itemgetter(*(self._places[name] for name in mapping.FIELDS))
        for line, cells in self._table.rows(tally):
            cells.append("")
            try:
                row = build(pick(cells), line)
            except RowFaultError as fault:
                if any(cells):
                    tally.reject(line, fault.kind, fault.detail)
                else:
                    tally.not_messages += 1  # spreadsheets pad tables with rows of empty cells
                continue
            tally.used += 1
            yield row

    def run_notes(self) -> list[str]:
        """What only the rows themselves could tell."""
        return self._builder.notes()


_NAMES = {
    ",": "generic CSV",
    ";": "generic CSV, separated by semicolons",
    "\t": "generic TSV, separated by tabs",
    "|": "generic CSV, separated by bars",
}


def _places(proposal: mapping.Proposal, columns: list[str]) -> dict[str, int]:
    """The index of each field's column; -1 where it has none."""
    places = dict.fromkeys(mapping.FIELDS, -1)
    for name, found in proposal.columns.items():
        column = found[0]
        if name == "at" and column not in columns:
            column, _, clock = column.partition("+")
            places["clock"] = columns.index(clock)
        places[name] = columns.index(column)
    return places


def _notes(columns: list[str], places: dict[str, int], has_time: bool) -> list[str]:
    notes = []
    if not has_time:
        notes.append("No column tells the time of a message: checks that need a clock do not apply.")
    used = set(places.values())
    unused = [column for index, column in enumerate(columns) if index not in used and column]
    if unused:
        notes.append(f"Columns not used: {listed(unused)}.")
    return notes
