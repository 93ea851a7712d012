"""What runs on Spark's workers: functions from Arrow batches to Arrow batches.

They stand at the top of a module so that they travel by name: a worker needs the package, in the driver's version, and
nothing else; what it is to do comes with the task.
"""

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Self

import msgspec

from supportaudit import __version__
from supportaudit.auditing.scan import Job, audit_journeys, journeys
from supportaudit.errors import UserError
from supportaudit.model import Finding, Row, RowKind

if TYPE_CHECKING:
    import pyarrow

    Batches = Iterable[pyarrow.RecordBatch]
    Made = Iterator[pyarrow.RecordBatch]

RESULTS = "audit binary, findings binary"
"""What comes of a task: one encoded `Audit` without its findings, and then these in pieces."""

_PIECE = 2_000  # findings


@dataclass(frozen=True)
class Order:
    """Work for workers, which must be of the version that packed it."""

    version: str
    data: bytes

    @classmethod
    def of(cls, work: object) -> Self:
        """Pack what is to be done."""
        return cls(__version__, pickle.dumps(work))

    def unpacked(self) -> Any:
        """The same in a worker. Raises `UserError` where another version is installed there."""
        if self.version != __version__:
            raise UserError(
                f"the workers have supportaudit {__version__} and this program has {self.version}: "
                "install the same in both"
            )
        return pickle.loads(self.data)  # noqa: S301 - from our own driver


def audit_part(order: Order, offsets: Mapping[int, int], batches: "Batches") -> "Made":
    """Audit a partition, which holds whole customers, each one's rows together and in the order of the input.

    `offsets` are as in `place`.
    """
    job: Job = order.unpacked()
    said = ([numbered(row, offsets) if offsets else row for row in rows] for rows in customers_in(batches))
    done = audit_journeys(job, journeys(said, job))
    findings, done.findings = done.findings, []
    yield _batch(audit=msgspec.msgpack.encode(done), findings=None)
    for start in range(0, len(findings), _PIECE):
        yield _batch(audit=None, findings=msgspec.msgpack.encode(findings[start : start + _PIECE]))


def customers_in(batches: "Batches") -> Iterator[list[Row]]:
    """The rows of one customer after the other; the last one of a batch may go on in the next."""
    decode = msgspec.msgpack.Decoder(Row).decode
    names = ("journey", "customer", "row")
    cells = (
        cells
        for batch in batches
        for cells in zip(*(batch.column(name).to_pylist() for name in names), strict=True)
    )
    for _, together in groupby(cells, itemgetter(0)):
        yield [_given(decode(data), customer) for _, customer, data in together]


def _given(row: Row, customer: str | None) -> Row:
    if customer is None or customer == row.customer_id:
        return row
    return msgspec.structs.replace(row, customer_id=customer)


# --- the numbers of rows


BITS = 33
"""Spark numbers the rows of a data frame by partition and, in these lower bits, by place in it."""


def place(line: int, offsets: Mapping[int, int]) -> int:
    """The row's number in the whole data frame, from 1, if `line` is Spark's number plus 1.

    `offsets` tell how many rows stand in the partitions before each.
    """
    number = line - 1
    return offsets[number >> BITS] + (number & ((1 << BITS) - 1)) + 1


def numbered(row: Row, offsets: Mapping[int, int]) -> Row:
    """The row with its number in the whole data frame, which is also its id where it has none."""
    line = place(row.line, offsets)
    nameless = row.message_id == str(row.line) and row.kind != RowKind.GAP
    return msgspec.structs.replace(row, line=line, message_id=str(line) if nameless else row.message_id)


# --- what adds up


Kind = type[Any]
"""A struct that adds up with `merge` in any order and grouping; made without arguments, it is nothing yet."""


def sum_of(kind: Kind, parts: Iterable[bytes]) -> Any:
    """The sum of encoded parts."""
    decode = msgspec.msgpack.Decoder(kind).decode
    whole = kind()
    for part in parts:
        whole.merge(decode(part))
    return whole


def add_part(kind: Kind, batches: "Batches") -> "Made":
    """The sum of a partition's parts, encoded."""
    parts = (part for batch in batches for part in batch.column(0).to_pylist())
    yield _batch(part=msgspec.msgpack.encode(sum_of(kind, parts)))


def findings_of(data: bytes) -> list[Finding]:
    """A piece of findings."""
    return msgspec.msgpack.decode(data, type=list[Finding])


def findings_part(files: tuple[str, ...], batches: "Batches") -> "Made":
    """Findings as a table for analysts: the columns of the Parquet result."""
    import pyarrow as pa

    from supportaudit.render.parquet import findings_table

    for batch in batches:
        for data in batch.column(0).to_pylist():
            table = findings_table(findings_of(data), files)
            schema = pa.schema(
                [f.with_type(pa.timestamp("us", "UTC")) if f.name == "at" else f for f in table.schema]
            )
            yield from table.cast(schema).to_batches()


def _batch(**cells: bytes | None) -> "pyarrow.RecordBatch":
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([pa.array([cell], pa.binary()) for cell in cells.values()], list(cells))
