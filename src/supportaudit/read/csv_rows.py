"""Tables as text: CSV in its dialects, read record by record with the line each one starts on."""

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter

from supportaudit.errors import EmptyError, InputError
from supportaudit.model import Row
from supportaudit.read import mapping
from supportaudit.read.account import RowFaultError, Tally, listed, show
from supportaudit.read.build import Met, ReadOptions, gap, make_builder
from supportaudit.read.container import Container
from supportaudit.read.csv_dialect import (
    MAX_CELL,
    MAX_COLUMNS,
    Dialect,
    detect_dialect,
    header_place,
    sample_records,
)
from supportaudit.read.table_repairs import Mend, Profile, is_footer, lonely, mend_of_ids, unguard
from supportaudit.read.timestamps import Order, settle_order

_SAMPLE = 1 << 16
_SAMPLE_ROWS = 2000
_SWALLOWED_LINES = 50
_FOOTER_ROWS = 20
_EDGES = "\ufeff \t\r\n"
_UNCLOSED = "a quote is not closed"
# Fed after the last line: if it comes back inside a cell, a quote was open at the end of the file.
_END = "\x00end of the export\x00"


@dataclass(frozen=True)
class Broken:
    """A record that cannot be read: why, and what stands there."""

    why: str
    text: str


Record = tuple[int, list[str] | Broken, int]
"""(line a record starts on, its cells or how it is broken, line it ends on)."""


class Table:
    """A table with its header read. `columns` are the header's cells, stripped; `notes` what was passed over.

    Places are lines, or row numbers where the container says so.
    """

    def __init__(self, container: Container) -> None:
        self.container = container
        self.where = container.name
        self.notes: list[str] = []
        self._mends: dict[int, Mend] = {}
        self._profile: Profile | None = None
        with container.open_text() as stream:
            sample = stream.read(_SAMPLE).replace("\0", "")
        whole = len(sample) < _SAMPLE
        self.dialect = Dialect(",") if container.by_record else detect_dialect(sample, whole)
        records = sample_records(self.dialect, _after(sample, self.dialect.skip), whole)
        self._titles = header_place(records) if records else 0
        self.columns = self._header()
        fitting = [row for row in records[self._titles + 1 :] if len(row) == len(self.columns)]
        self._profile = Profile(
            [row for row in fitting if not any("\n" in c for c in row)], len(self.columns)
        )

    def _header(self) -> list[str]:
        first = [
            cells if isinstance(cells, list) else []
            for _, cells, _ in islice(self._records(), self._titles + 2)
        ]
        columns = [cell.strip() for cell in first[self._titles]] if len(first) > self._titles else []
        while columns and columns[-1] == "":  # a separator at the end of every line
            columns.pop()
        if not columns or len(columns) > MAX_COLUMNS:
            raise InputError(
                f"{self.where} does not begin with the header line of a table.",
                "Export as CSV with column names in the first line, or as JSON.",
            )
        if len(first) == self._titles + 1:
            raise EmptyError(
                f"{self.where} has a header but no rows (columns: {listed(columns)}).",
                "Export the conversations again.",
            )
        if self._titles:
            above = [cell for cells in first[: self._titles] for cell in cells if cell.strip()]
            self.notes.append(f"Lines above the header were passed over: {listed(above, 5)}.")
        return columns

    def _records(self) -> Iterator[Record]:
        """The records that are not blank."""
        by_record = self.container.by_record
        with self.container.open_text() as stream:
            lines: Iterator[str] = stream
            if self.container.nul:
                lines = (line.replace("\0", "") for line in stream)
            for _ in range(self.dialect.skip):
                next(stream, None)
            feed = _Feed(lines)
            taken = feed.taken
            start, ordinal = 1 + self.dialect.skip, 0
            reader = self.dialect.reader(feed.lines())
            while True:
                try:
                    cells: list[str] | Broken = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    why = str(error)
                    if "field limit" in why:
                        why = f"a cell is longer than {MAX_CELL:,} characters; a quote may not be closed"
                    cells = Broken(why, "".join(taken))
                count = len(taken)
                ordinal += 1
                ended = taken[-1] == _END
                if ended and count == 1:
                    return
                if isinstance(cells, list) and (not cells or (len(cells) == 1 and not cells[0].strip())):
                    start += count
                    taken.clear()
                    continue
                place = ordinal if by_record else start
                end = place if by_record else start + count - 1
                if (count > 1 or ended) and (resume := self._resume(taken, cells, ended)):
                    yield place, Broken(_UNCLOSED, "".join(taken[:resume])), place + resume - 1
                    feed.put_back(resume)
                    reader = self.dialect.reader(feed.lines())
                    start += resume
                    continue
                if ended:
                    why = f"{_UNCLOSED} before the end of the file"
                    yield place, Broken(why, "".join(taken[:-1])), end - 1
                    return
                if isinstance(cells, list) and ("'" in taken[0] or "=" in taken[0] or count > 1):
                    unguard(cells)
                yield place, cells, end
                start += count
                taken.clear()

    def _resume(self, lines: list[str], cells: list[str] | Broken, ended: bool) -> int:
        """The index of the first line after an open quote that is a row of its own; 0 if none is.

        A quote counts as open if it runs to the end of the file or over the limit, if the cells are too many, if
        text follows the quote that closes it, or if most of many lines are rows. A table that a customer quotes
        inside a letter stays where it is.
        """
        if self._profile is None:
            return 0
        first = next((n for n, line in enumerate(lines) if n and self._is_row(line)), 0)
        if not first or ended or isinstance(cells, Broken) or len(cells) > len(self.columns):
            return first
        if len(lines) > _SWALLOWED_LINES and 2 * sum(map(self._is_row, lines)) > len(lines):
            return first
        try:
            list(self.dialect.reader(lines, strict=True))
        except csv.Error:
            return first
        return 0

    def _is_row(self, line: str) -> bool:
        if line.count(self.dialect.delimiter) < len(self.columns) - 1 or self._profile is None:
            return False
        try:
            return self._profile.fits(next(self.dialect.reader([line]), []))
        except csv.Error:
            return False

    def rows(self, tally: Tally | None = None) -> Iterator[tuple[int, list[str]]]:
        """(line, cells) of each data row, each as wide as the header; what is no row goes to `tally`.

        Rows of nothing but a footer's words at the end, and headers repeated inside, are no messages.
        """
        tally = tally or Tally(self.where)
        width, first = len(self.columns), self.columns[0]
        second = min(1, width - 1)
        mends = self._mends.items()
        held: list[tuple[int, list[str]]] = []
        last, apart = 0, False
        for line, cells, end in islice(self._records(), self._titles + 1, None):
            tally.read += 1
            if isinstance(cells, Broken):
                where = f"lines {line} to {end} are in it" if end > line else ""
                tally.reject(line, cells.why, where, cells.text)
            elif len(cells) != width and not self._fit(cells, line, end, tally):
                pass
            elif first in cells[0] and self._repeats_header(cells):
                tally.not_messages += 1
            else:
                for index, mend in mends:
                    cells[index] = mend(cells[index])
                # The second cell is looked at first: where it is filled, the row is an ordinary one.
                if not cells[second] and not any(cells):
                    apart = True
                    yield line, cells
                elif not cells[second] and lonely(cells) and len(held) < _FOOTER_ROWS:
                    apart = apart or line > last + 1
                    held.append((line, cells))
                else:
                    if held:
                        yield from held
                        held = []
                    apart = False
                    yield line, cells
            last = end
        if held and is_footer([cells[0] for _, cells in held], apart):
            tally.not_messages += len(held)
        else:
            yield from held

    def _fit(self, cells: list[str], line: int, end: int, tally: Tally) -> bool:
        """Make the row as wide as the header; or count why it cannot be."""
        width = len(self.columns)
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) > width:
            where = f" (lines {line} to {end}: is a quote missing?)" if end > line else ""
            tally.reject(
                line, "more fields than the header", f"{len(cells)} where {width} were expected{where}", cells
            )
            return False
        cells.extend([""] * (width - len(cells)))
        return True

    def _repeats_header(self, cells: list[str]) -> bool:
        return [cell.strip(_EDGES) for cell in cells] == self.columns

    def mend_ids(self, places: Sequence[int]) -> None:
        """Undo what a spreadsheet did to the ids in these columns, judged by the first 2,000 rows."""
        sample = [cells for _, cells in islice(self.rows(), _SAMPLE_ROWS)]
        for place in places:
            if mend := mend_of_ids(cells[place] for cells in sample):
                self._mends[place] = mend


class _Feed:
    """Lines for the csv reader. Those of the record at hand are `taken`; what is put to `again` comes next."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.taken: list[str] = []
        self.again: deque[str] = deque()
        self._lines = chain(lines, (_END,))

    def put_back(self, first: int) -> None:
        """Lines from the `first` of those taken are to come again."""
        self.again.extendleft(reversed(self.taken[first:]))
        self.taken.clear()

    def lines(self) -> Iterator[str]:
        """The lines still to come; ask for a new iterator after putting some back."""
        taken, again = self.taken, self.again
        while again:
            taken.append(again.popleft())
            yield taken[-1]
        for line in self._lines:
            taken.append(line)
            yield line


def _after(sample: str, skip: int) -> str:
    """The sample without its first lines."""
    return "".join(islice(io.StringIO(sample, newline=""), skip, None)) if skip else sample


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
        self._places = places_of(proposal, columns)
        self.mapping = {name: found[0] for name, found in proposal.columns.items() if name != "clock"}
        if "clock" in proposal.columns:
            self.mapping["at"] += "+" + proposal.columns["clock"][0]
        table.mend_ids([place for name in _IDS if (place := self._places[name]) >= 0])
        self._inverted = {
            name
            for name, words in mapping.INVERTED.items()
            if name in self.mapping and mapping.normalise(self.mapping[name]) in words
        }
        self.notes = [*table.notes, *_notes(columns, self._places, "at" in self.mapping)]
        if table.container.by_record:
            self.notes.append("Places in this file are row numbers of the sheet.")
        order = Order(options.day_first) if options.day_first is not None else self._settle()
        self.day_first = order.day_first
        if order.note:
            self.notes.append(order.note)
        # A wrong zone name must show at once, not at the first row.
        self._builder = make_builder(options, self.day_first, self._inverted, file_index)

    def _settle(self) -> Order:
        """The order of day and month. Raises InputError if there are no rows, or nothing decides."""
        place = self._places["at"]
        if place < 0:
            return Order(None)
        stamps = ((line, cells[place].strip()) for line, cells in self._table.rows())
        return settle_order(stamps, self._table.where)

    def rows(self, tally: Tally) -> Iterator[Row]:
        """Every usable row in file order."""
        builder = self._builder = make_builder(self._options, self.day_first, self._inverted, self._file)
        build = builder.build
        columns = self._table.columns
        # Fields without a column read the empty cell put after the last one.
        pick = itemgetter(*(self._places[name] for name in mapping.FIELDS))
        for line, cells in self._table.rows(tally):
            cells.append("")
            try:
                row = build(pick(cells), line)
            except RowFaultError as fault:
                if not any(cells):
                    tally.not_messages += 1  # spreadsheets pad tables with rows of empty cells
                    continue
                tally.reject(line, fault.kind, fault.detail, dict(zip(columns, cells, strict=False)))
                if conversation := cells[self._places["conversation_id"]].strip():
                    yield gap(conversation, line, self._file)
                continue
            tally.used += 1
            yield row

    @property
    def saw_no_zone(self) -> bool:
        """Whether a time without a zone was read as UTC."""
        return self._builder.stamps.saw_no_zone

    @property
    def met(self) -> Met:
        """What only the rows themselves could tell; of several parts of a table it adds up."""
        return self._builder.met

    def run_notes(self) -> list[str]:
        """The same in words."""
        return self._builder.notes()


_IDS = ("conversation_id", "message_id", "customer_id", "author_id")
_NAMES = {
    ",": "generic CSV",
    ";": "generic CSV, separated by semicolons",
    "\t": "generic TSV, separated by tabs",
    "|": "generic CSV, separated by bars",
}


def places_of(proposal: mapping.Proposal, columns: list[str]) -> dict[str, int]:
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
