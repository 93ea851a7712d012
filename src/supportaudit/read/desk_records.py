"""A desk's records out of JSON or a table, one at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from supportaudit.read import mapping
from supportaudit.read.account import RowFaultError, Tally, show
from supportaudit.read.csv_rows import Table
from supportaudit.read.detect import Recognised, follow
from supportaudit.read.json_shapes import JsonDocument


class JsonRecords:
    """Records of a JSON file: its values, or the lists inside them."""

    table = False

    def __init__(self, document: JsonDocument, found: Recognised) -> None:
        self._document = document
        self._inside = found.inside
        self.shape = document.shape
        if self._inside:
            self.shape += f", records under {show(self._inside)}"
        self.notes = list(document.notes)
        if document.by_number:
            self.notes.append("Places in this file are numbers of records, not lines.")

    def __call__(self, tally: Tally) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every record that is an object; the others are read and rejected."""
        for line, value in self._values():
            if isinstance(value, dict):
                yield line, value
                continue
            tally.read += 1
            if isinstance(value, RowFaultError):
                tally.reject(line, value.kind, value.detail)
            else:
                tally.reject(line, "a record that is not an object", row=value)

    def _values(self) -> Iterator[tuple[int, object]]:
        document = self._document
        if not self._inside:
            yield from document.values()
        elif document.preview is not None:
            yield from document.list_items(self._inside)
        else:
            for line, value in document.values():
                found = follow(value, self._inside)
                # A page without the list holds nothing; whatever is no page is for the caller to reject.
                for element in (
                    found if isinstance(found, list) else [] if isinstance(value, dict) else [value]
                ):
                    yield line, element

    def beside(self, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The objects that hold the list of records, as far as these keys go: lists of people may lie there."""
        if not self._inside or not keys:
            return
        if self._document.preview is not None:
            for key in keys:
                if key in self._document.preview:
                    yield {key: self._document.member(key)}
        else:
            for _, value in self._document.values():
                if isinstance(value, dict):
                    yield value


class TableRecords:
    """Rows of a table as objects, keyed by the normalised header."""

    table = True

    def __init__(self, table: Table) -> None:
        self._table = table
        self._keys = [mapping.normalise(column) for column in table.columns]
        self.shape = "CSV"
        self.notes: list[str] = list(table.notes)
        table.mend_ids([place for place, key in enumerate(self._keys) if key.endswith("id")])

    def __call__(self, tally: Tally) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every row that fits the header; the others are rejected."""
        for line, cells in self._table.rows(tally):
            yield line, dict(zip(self._keys, cells, strict=False))

    def beside(self, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Nothing stands beside a table."""
        yield from ()
