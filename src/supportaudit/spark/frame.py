"""A data frame as an export: its columns recognised as those of a CSV file, each of its rows accounted for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, partial
from hashlib import blake2b, sha256
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from supportaudit.auditing.intake import Intake, Reading, refuse_misleading
from supportaudit.errors import EmptyError, InputError, SettingsError
from supportaudit.model import InputAccount, Recognition, Rejected, Row
from supportaudit.read import mapping
from supportaudit.read.account import KEPT, Tally
from supportaudit.read.arrow import ArrowTable
from supportaudit.read.build import Met, ReadOptions
from supportaudit.read.container import Container
from supportaudit.read.csv_dialect import Dialect
from supportaudit.read.csv_rows import Table, TableSource, places_of
from supportaudit.read.detect import GENERIC, recognise_table
from supportaudit.read.document import Document, printable
from supportaudit.read.typed_table import text_of
from supportaudit.spark.adding import added_up
from supportaudit.spark.rows import COLUMNS, NAMES, Packed, batch_of, in_batches, packed
from supportaudit.spark.worker import BITS, Order, place

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame

_SAMPLE = 2000
_ROWS = f"{COLUMNS}, account binary"


class Taken(NamedTuple):
    """A data frame taken in. `kept` holds its rows in Spark until it is let go; `offsets` are those of `place`."""

    kept: "DataFrame"
    intake: Intake
    offsets: dict[int, int]
    rows: int
    has_addresses: bool


def take_in_frame(df: "DataFrame", name: str, reading: Reading) -> Taken:
    """Read a data frame, once. Raises InputError for what cannot be read or would mislead, and SettingsError."""
    if reading.rejects is not None:
        raise SettingsError(
            "rejected rows of a data frame are not written to a file", hint="Scan files for that."
        )
    options = reading.options_for(Document(name, Path(), name))
    columns = [printable(column.strip()) for column in df.columns]
    found = recognise_table(columns, name, GENERIC if options.mapping else options.source)
    if found.desk is not None:
        raise InputError(
            f"{name} has the columns of {found.desk.title}, whose exports are read from files.",
            "Scan those with --engine spark, or give the source 'generic' to go by the columns' names.",
        )
    frame = Frame(columns, name, df, options)
    source = TableSource(frame, options, 0)
    read = partial(_read_part, Order.of((source, frame)))
    kept = frame.numbered().mapInArrow(read, _ROWS).persist()
    account = added_up(_Account, kept.where("account IS NOT NULL").select("account"))
    assert isinstance(account, _Account)
    if not account.parts:
        kept.unpersist()
        raise EmptyError(f"{name} has no rows.", "Give another data frame.")
    offsets = account.offsets()
    told = account.told(source, frame, offsets)
    refuse_misleading(told, Counter(account.reasons), reading)
    return Taken(kept, Intake(account.newest, told), offsets, account.used, account.has_addresses)


class Frame(Table):
    """The columns and rows of a data frame as the reader of tables takes them.

    The driver looks at the first rows, and at later ones only where they have to tell the order of day and month; it
    then sends this to workers, where each is fed the rows of its partition. `parts` and `digest` are of these.
    """

    def __init__(self, columns: list[str], where: str, df: "DataFrame", options: ReadOptions) -> None:
        self.container = Container(where, Path(), "utf-8", is_json=False)
        self.where = where
        self.dialect = Dialect(",")
        self.columns = columns
        self.notes = ["Places in this data frame are row numbers."]
        self.parts: Counter[int] = Counter()
        self.digest = 0
        self._mends = {}
        self._profile = None
        self._options = options
        self._df: DataFrame | None = df.toDF(*map(str, range(len(columns))))
        self._sample: list[list[str]] | None = None
        self._batches: Iterable[Any] = ()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "used": self.used, "_df": None, "_sample": None}

    @cached_property
    def places(self) -> dict[str, int]:
        """The column of each field; -1 where it has none."""
        return places_of(mapping.propose(self.columns, fixed=self._options.mapping), self.columns)

    @cached_property
    def used(self) -> list[int]:
        """The columns that are read: the others stay where they are."""
        return sorted({place for place in self.places.values() if place >= 0})

    def numbered(self) -> "DataFrame":
        """The used columns, and Spark's number of each row."""
        assert self._df is not None
        return self._df.selectExpr(
            *(f"`{place}`" for place in self.used), "monotonically_increasing_id() AS number"
        )

    def feed(self, batches: "Iterable[pyarrow.RecordBatch]") -> None:
        """In a worker: the rows of its partition."""
        self._batches = batches

    def rows(self, tally: Tally | None = None) -> Iterator[tuple[int, list[str]]]:
        """(number, cells) of each row. On the driver, of those that it looks at."""
        if self._df is not None:
            yield from enumerate(self._looked_at(self._df), 1)
            return
        tally = tally or Tally(self.where)
        mends = self._mends.items()
        for batch in self._batches:
            table = ArrowTable(batch.schema, partial(list, (batch,)))
            for *texts, number in table.texts():
                tally.read += 1
                self.parts[int(number) >> BITS] += 1
                self.digest += int.from_bytes(blake2b(msgspec.msgpack.encode(texts), digest_size=16).digest())
                cells = self._widened(self.used, texts)
                for index, mend in mends:
                    cells[index] = mend(cells[index])
                yield int(number) + 1, cells

    def _looked_at(self, df: "DataFrame") -> Iterator[list[str]]:
        """The first rows, then of the others the times alone."""
        if self._sample is None:
            self._sample = [list(map(text_of, row)) for row in df.take(_SAMPLE)]
        yield from self._sample
        times = [self.places[name] for name in ("at", "clock") if self.places[name] >= 0]
        if len(self._sample) == _SAMPLE and times:
            rest = df.select(*(f"`{place}`" for place in times)).toLocalIterator()
            for row in islice(rest, _SAMPLE, None):
                yield self._widened(times, map(text_of, row))

    def _widened(self, places: Iterable[int], texts: Iterable[str]) -> list[str]:
        cells = [""] * len(self.columns)
        for index, text in zip(places, texts, strict=True):
            cells[index] = text
        return cells


class _Account(msgspec.Struct):
    """What became of the rows of some partitions; `parts` counts them by the partition in their number."""

    parts: dict[int, int] = {}
    used: int = 0
    rejected_count: int = 0
    not_messages: int = 0
    rejected: list[Rejected] = []
    reasons: dict[str, int] = {}
    met: Met = Met()
    newest: float | None = None
    has_addresses: bool = False
    digest: bytes = b""

    def merge(self, other: "_Account") -> None:
        """Add another one."""
        self.parts = dict(Counter(self.parts) + Counter(other.parts))  # Spark may part what it has numbered
        self.used += other.used
        self.rejected_count += other.rejected_count
        self.not_messages += other.not_messages
        self.rejected = sorted(self.rejected + other.rejected, key=lambda one: one.line)[:KEPT]
        self.reasons = dict(Counter(self.reasons) + Counter(other.reasons))
        self.met += other.met
        self.newest = max((at for at in (self.newest, other.newest) if at is not None), default=None)
        self.has_addresses = self.has_addresses or other.has_addresses
        self.digest = _wrapped(int.from_bytes(self.digest) + int.from_bytes(other.digest))

    def offsets(self) -> dict[int, int]:
        """How many rows stand in the partitions before each."""
        parts = sorted(self.parts.items())
        return dict(
            zip((part for part, _ in parts), accumulate((n for _, n in parts), initial=0), strict=False)
        )

    def told(self, source: TableSource, frame: Frame, offsets: Mapping[int, int]) -> InputAccount:
        """The account as a result shows it."""
        columns = "\0".join(frame.columns).encode("utf-8", "replace")
        return InputAccount(
            files=(frame.where,),
            source="Spark data frame",
            encoding="utf-8",
            mapping=source.mapping,
            rows_read=sum(self.parts.values()),
            rows_used=self.used,
            rows_rejected=self.rejected_count,
            rows_not_messages=self.not_messages,
            rejected=tuple(
                msgspec.structs.replace(one, line=place(one.line, offsets)) for one in self.rejected
            ),
            notes=(*source.notes, *self.met.notes()),
            recognised=(Recognition(frame.where, GENERIC, 0.0, "", 0.0),),
            digest=sha256(columns + self.digest).hexdigest(),
        )


def _wrapped(number: int) -> bytes:
    return (number % (1 << 128)).to_bytes(16)


def _read_part(order: Order, batches: "Iterable[pyarrow.RecordBatch]") -> "Iterator[pyarrow.RecordBatch]":
    """The rows of a partition, and at the end the account of them."""
    import pyarrow as pa

    source, frame = order.unpacked()
    frame.feed(batches)
    tally, account = Tally(frame.where), _Account()
    for batch in in_batches(_seen(source.rows(tally), account)):
        yield batch.append_column("account", pa.nulls(batch.num_rows, pa.binary()))
    account.used, account.rejected_count, account.not_messages = (
        tally.used, tally.rejected_count, tally.not_messages
    )  # fmt: skip
    account.rejected, account.reasons, account.met = tally.rejected, dict(tally.reasons), source.met
    account.digest = _wrapped(frame.digest)
    account.parts = dict(frame.parts)
    data = msgspec.msgpack.encode(account)
    columns = [pa.nulls(1, field.type) for field in batch_of(()).schema] + [pa.array([data], pa.binary())]
    yield pa.RecordBatch.from_arrays(columns, [*NAMES, "account"])


def _seen(rows: Iterable[Row], account: _Account) -> Iterator[Packed]:
    """Rows as they travel. Every one of them has its own number: one row of a table makes one row at most."""
    for row in rows:
        one = packed(row, row.line)
        if row.at is not None and (account.newest is None or row.at > account.newest):
            account.newest = row.at
        account.has_addresses = account.has_addresses or bool(one[3])
        yield one
