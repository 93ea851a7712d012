"""Tables whose cells have types: in Parquet files and in memory. No text to guess a dialect or an encoding from."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from supportaudit.errors import EmptyError, InputError
from supportaudit.read.account import Tally, listed
from supportaudit.read.container import Container
from supportaudit.read.csv_dialect import MAX_COLUMNS, Dialect
from supportaudit.read.csv_rows import Table
from supportaudit.read.json_cursor import Item
from supportaudit.read.json_shapes import JsonDocument

Batch = Sequence[Sequence[object]]
"""Some rows, column by column: as many cells in each, None for an empty one."""

BATCH = 4096
"""Rows handed out at once: of 50 columns of text some 10 MB."""

_EXACT = 2**53
_JSON_LARGEST = 2**64


class TypedTable(ABC):
    """A table of Python values, read from its first row as often as needed; rows are counted from 1.

    `kind` says in results what it is, `name` what to call it where it is no file. `nested`: cells hold objects, or
    lists of them, so that rows are records as in JSON. `notes` may grow while it is read.
    """

    kind = "table"
    name = "table"
    in_file = False
    columns: tuple[str, ...]
    nested: bool

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._digest: bytes | None = None

    @abstractmethod
    def batches(self) -> Iterator[Batch]:
        """All rows, some at a time. Raises InputError where the data is damaged."""

    def texts(self) -> Iterator[list[str]]:
        """All rows as the cells of a CSV file would say them; "" for an empty one."""
        whole = None if self.in_file else sha256(msgspec.json.encode(self.columns))
        for batch in self.batches():
            for cells in map(list, zip(*map(_texts, batch), strict=True)):
                if whole is not None:
                    whole.update(_packed(cells))
                yield cells
        self._digest = None if whole is None else whole.digest()

    def records(self) -> Iterator[dict[str, object]]:
        """All rows as objects of JSON values, empty cells left out."""
        whole = None if self.in_file else sha256()
        for batch in self.batches():
            for values in zip(*batch, strict=True):
                pairs = zip(self.columns, values, strict=True)
                record = {name: plain(value) for name, value in pairs if value is not None}
                if whole is not None:
                    whole.update(msgspec.msgpack.encode(record))
                yield record
        self._digest = None if whole is None else whole.digest()

    def digest(self) -> bytes:
        """SHA-256 of names and cells in order: the same table gives the same, whichever library holds it.

        Of a table in memory; of a file the bytes tell.
        """
        if self._digest is None:  # known once all rows were read
            for _ in self.records() if self.nested else self.texts():
                pass
        assert self._digest is not None
        return self._digest


def _packed(cells: list[str]) -> bytes:
    """The cells as bytes; where half a surrogate pair keeps them from that, it is replaced in them, too."""
    try:
        return msgspec.msgpack.encode(cells)
    except UnicodeEncodeError:
        cells[:] = map(encodable, cells)
        return msgspec.msgpack.encode(cells)


def _texts(column: Sequence[object]) -> list[str]:
    return [
        value if type(value) is str and "\0" not in value else "" if value is None else text_of(value)
        for value in column
    ]


def text_of(value: object) -> str:
    """A cell as an export would write it: exact, times in ISO form, whole numbers without a point."""
    if isinstance(value, str):
        return value.replace("\0", "")
    value = plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value)  # tags: one a line, as they are split
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    return "" if value is None else str(value).replace("\0", "")


def plain(value: Any) -> Any:
    """The value as JSON knows it: text, number, truth value, None, or lists and objects of these."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, int):
        return value if -_JSON_LARGEST < 2 * value < _JSON_LARGEST else str(value)
    if isinstance(value, float):
        return _number(value)
    return _plain_other(value)


def _number(value: float) -> int | float | None:
    """Whole where it is whole: a column of ids with an empty cell is one of floats in pandas."""
    if value - value != 0:
        return None  # NaN and infinity stand where nothing is
    return int(value) if value.is_integer() and abs(value) <= _EXACT else float(value)


def _plain_other(value: Any) -> Any:
    if isinstance(value, datetime):
        return None if value != value else _moment(value)  # pandas' NaT is no time and not itself
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, Decimal):
        whole = value.is_finite() and value == value.to_integral()
        return f"{value.to_integral() if whole else value:f}" if value.is_finite() else None
    if isinstance(value, Mapping):
        return {encodable(str(key)): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return [plain(one) for one in sorted(value, key=str)]
    if isinstance(value, bytes | bytearray | memoryview):
        return decoded(bytes(value))
    return _plain_numpy(value)


def _moment(value: datetime) -> str:
    """ "2026-05-01 08:30:00Z", without the Z where no zone is told."""
    if value.tzinfo is None:
        return value.isoformat(sep=" ")
    try:
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}Z"
    except OverflowError:  # the first or the last day of all calendars
        return value.isoformat(sep=" ")


def _plain_numpy(value: Any) -> Any:
    """numpy's numbers, times and arrays; pandas' NA; for anything else its text."""
    if hasattr(value, "tolist"):
        if getattr(value, "ndim", 0):
            return [plain(one) for one in value]
        if value.dtype.kind not in "mM":  # times of a nanosecond would come as bare numbers
            return plain(value.item())
    text = str(value)
    return None if text in ("<NA>", "NaT") else encodable(text)


def decoded(data: bytes) -> str:
    """Bytes as text: UTF-8, an id of 16 bytes in hexadecimal, and in damaged text U+FFFD."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.hex() if len(data) == 16 else data.decode("utf-8", "replace")


def encodable(text: str) -> str:
    """Half a surrogate pair, which UTF-8 cannot hold, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class TextTable(Table):
    """A typed table as the readers of tables take it: the same columns and cells as in a CSV file, nothing guessed.

    Raises EmptyError if it has no rows.
    """

    def __init__(self, data: TypedTable, where: str) -> None:
        self.container = Container(where, Path(), "utf-8", is_json=False)
        self.where = where
        self.dialect = Dialect(",")
        self.columns = [name.strip() for name in data.columns]
        self.kind = data.kind
        self.notes = ["Places in this file are numbers of records, not lines."]
        self._mends = {}
        self._data = data
        if len(self.columns) > MAX_COLUMNS:
            raise InputError(
                f"{where} has {len(self.columns):,} columns.", f"At most {MAX_COLUMNS:,} are read."
            )
        if next(data.texts(), None) is None:
            raise EmptyError(
                f"{where} has no rows (columns: {listed(self.columns)}).", "Export the conversations again."
            )

    def mend_ids(self, places: Sequence[int]) -> None:
        """As in any table; ids that are floats and too long for them cannot be mended."""
        super().mend_ids(places)
        for batch in islice(self._data.batches(), 1):
            for place in places:
                if any(isinstance(value, float) and abs(value) > _EXACT for value in batch[place]):
                    note = "holds floats too long to be exact; if they are ids, keep them as text or whole numbers."
                    self._data.notes.append(f"Column {listed([self.columns[place]])} {note}")

    def rows(self, tally: Tally | None = None) -> Iterator[tuple[int, list[str]]]:
        """(row number, cells) of every row."""
        tally = tally or Tally(self.where)
        mends = self._mends.items()
        for number, cells in enumerate(self._data.texts(), 1):
            tally.read += 1
            for index, mend in mends:
                cells[index] = mend(cells[index])
            yield number, cells


@dataclass
class RecordDocument(JsonDocument):
    """A typed table as the readers of JSON take it: a record for each row."""

    data: TypedTable | None = None

    def values(self) -> Iterator[Item]:
        """The records, each with the number of its row."""
        assert self.data is not None
        return enumerate(self.data.records(), 1)


def open_records(data: TypedTable, where: str) -> RecordDocument:
    """The rows as JSON records. Raises EmptyError if there are none."""
    if next(data.records(), None) is None:
        raise EmptyError(f"{where} has no rows.", "Export the conversations again.")
    container = Container(where, Path(), "utf-8", is_json=True)
    return RecordDocument(data.kind, container, by_number=True, data=data)
