"""Rows as Spark carries them: what decides where a row belongs stands in columns, the row itself is encoded.

Measured against a column for each of a row's 36 fields: half the time to make a row again in a worker, and a seventh
of the columns for Spark to move (docs/spark.md).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from supportaudit.auditing.customers import address_of
from supportaudit.model import Row

if TYPE_CHECKING:
    import pyarrow

NAMES = ("seq", "conversation_id", "customer_id", "address", "row")
COLUMNS = "seq long, conversation_id string, customer_id string, address string, row binary"
"""`seq` orders the rows as the input does. The texts are "" where a row does not tell them."""

AT_ONCE = 50_000  # rows in a file of Parquet, at most
ENOUGH = 32 << 20  # bytes of encoded rows in one, about
_BATCH = 4096

Packed = tuple[int, str, str, str, bytes]
_encode = msgspec.msgpack.Encoder().encode


def packed(row: Row, seq: int) -> Packed:
    """A row as it travels."""
    return seq, row.conversation_id, row.customer_id, address_of(row), _encode(row)


def batch_of(rows: Iterable[Packed]) -> "pyarrow.RecordBatch":
    """Rows as an Arrow batch."""
    import pyarrow as pa

    columns: list[Any] = list(zip(*rows, strict=True)) or [()] * len(NAMES)
    types = (pa.int64(), pa.string(), pa.string(), pa.string(), pa.binary())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, list(NAMES))


def in_batches(rows: Iterable[Packed]) -> "Iterator[pyarrow.RecordBatch]":
    """Rows as Arrow batches, while they come."""
    held: list[Packed] = []
    for row in rows:
        held.append(row)
        if len(held) == _BATCH:
            yield batch_of(held)
            held = []
    if held:
        yield batch_of(held)


class RowWriter:
    """Takes the rows of the local readers and hands them on, some at a time, as Arrow batches."""

    def __init__(self, put: "Callable[[pyarrow.RecordBatch], None]") -> None:
        self.rows = 0
        self.has_addresses = False
        self._put = put
        self._held: list[Packed] = []
        self._bytes = 0

    def add(self, row: Row) -> None:
        """Take one row."""
        one = packed(row, self.rows)
        self.rows += 1
        self.has_addresses = self.has_addresses or bool(one[3])
        self._held.append(one)
        self._bytes += len(one[4])
        if len(self._held) >= AT_ONCE or self._bytes >= ENOUGH:
            self.finish()

    def finish(self) -> None:
        """Hand on what is held."""
        if self._held:
            self._put(batch_of(self._held))
            self._held, self._bytes = [], 0
