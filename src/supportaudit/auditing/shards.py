"""Rows gathered by customer, in bounded memory: small exports stay in memory, large ones go to temporary files.

A shard holds all rows of its customers, in input order, so each can be audited by any process on its own.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import BinaryIO, Self
from zlib import crc32

import msgspec

from supportaudit.auditing.customers import CROWD, Customers, address_of, alone
from supportaudit.model import Row
from supportaudit.normalise import journey_key
from supportaudit.scratch import close_quietly, no_room

_LENGTH = 4
MEMORY = 192 << 20  # bytes of encoded rows kept in memory before they go to files


class Shards:
    """Collects rows; afterwards `shard(i)` gives each part as encoded bytes for `decode_rows`.

    A conversation belongs to the first customer id that any of its rows names, and two ids with one e-mail address
    are one customer; how many there are, and which of them are a crowd, is known once all rows have come. Use as a
    context manager: the temporary files are gone when it ends, however it ends. All methods raise `UserError` where
    these cannot be written.
    """

    def __init__(self, count: int = 64, memory: int = MEMORY) -> None:
        self.count = count
        self.rows = 0
        self._memory = memory
        self._held = 0
        self._parts: list[bytearray] = [bytearray() for _ in range(count)]
        self._files: list[BinaryIO] = []
        self._encoder = msgspec.msgpack.Encoder()
        self._customers: dict[str, str] = {}
        self._customerless: set[str] = set()
        self._late: dict[str, str] = {}
        self._people = Customers()
        self.customers = 0  # known once all rows have come
        self.crowded: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            close_quietly(file)

    def add(self, row: Row) -> None:
        """Take one row."""
        self._put(self._with_customer(row))
        self.rows += 1

    def _with_customer(self, row: Row) -> Row:
        known = self._customers.get(row.conversation_id)
        if row.customer_id:
            if address := address_of(row):
                self._people.meet(row.customer_id, address)
            if known is None:
                self._customers[row.conversation_id] = row.customer_id
                if row.conversation_id in self._customerless:
                    self._late[row.conversation_id] = row.customer_id
                return row
            return row if known == row.customer_id else msgspec.structs.replace(row, customer_id=known)
        if known is not None:
            return msgspec.structs.replace(row, customer_id=known)
        self._customerless.add(row.conversation_id)
        return row

    def _put(self, row: Row) -> None:
        data = self._encoder.encode(row)
        part = self._parts[self._number(journey_key(row))]
        part += len(data).to_bytes(_LENGTH, "little")
        part += data
        self._held += len(data) + _LENGTH
        if self._held > self._memory:
            self._spill()

    def _spill(self) -> None:
        with _told():
            while len(self._files) < self.count:  # without a name: of a run that is killed nothing stays
                self._files.append(tempfile.TemporaryFile(prefix="supportaudit-"))  # noqa: SIM115
            for part, file in zip(self._parts, self._files, strict=True):
                file.write(part)
                part.clear()
        self._held = 0

    def finish(self) -> None:
        """Bring together conversations whose customer was named late, and customers who turned out to be one."""
        homes = self._people.moved()
        told = Counter(map(self._people.home, self._customers.values()))
        self.customers = len(told)
        self.crowded = frozenset(home for home, conversations in told.items() if conversations > CROWD)
        named = {*self._late.values(), *homes, *self.crowded}
        sources = {self._number(f"t\0{c}") for c in self._late} | {self._number(f"c\0{c}") for c in named}
        early: list[Row] = []  # of conversations whose customer was named late: they come before the others
        moving: list[Row] = []
        for number in sorted(sources):
            for row in decode_rows(self.take(number)):
                settled = self._settled(row, homes)
                if self._number(journey_key(settled)) == number:
                    self._put(settled)
                else:
                    (moving if row.customer_id else early).append(settled)
        arriving: dict[int, tuple[list[Row], list[Row]]] = {}
        for place, rows in enumerate((early, moving)):
            for row in rows:
                arriving.setdefault(self._number(journey_key(row)), ([], []))[place].append(row)
        for number, (before, after) in sorted(arriving.items()):  # back into the order of the export
            there = decode_rows(self.take(number))
            for row in sorted([*before, *there, *after], key=lambda row: (row.file, row.line)):
                self._put(row)
        self._late.clear()

    def _settled(self, row: Row, homes: dict[str, str]) -> Row:
        late = self._late.get(row.conversation_id)
        if late is not None and not row.customer_id:
            row = msgspec.structs.replace(row, customer_id=late)
        home = homes.get(row.customer_id, "")
        if (home or row.customer_id) in self.crowded:
            home = alone(row.conversation_id)
        return msgspec.structs.replace(row, journey=home) if home else row

    def _number(self, key: str) -> int:
        return crc32(key.encode("utf-8", "surrogatepass")) % self.count

    def _clear(self, number: int) -> None:
        self._parts[number].clear()
        if self._files:
            with _told():
                self._files[number].seek(0)
                self._files[number].truncate()

    def portions(self, rows: int) -> list[range]:
        """The shards, as many together as it takes to hold that many rows or more, on the average."""
        step = min(self.count, max(1, -(-rows * self.count // max(1, self.rows))))
        return [range(first, min(first + step, self.count)) for first in range(0, self.count, step)]

    def shard(self, number: int) -> bytes:
        """One part's encoded rows."""
        if not self._files:
            return bytes(self._parts[number])
        file = self._files[number]
        with _told():
            file.seek(0)
            data = file.read() + bytes(self._parts[number])
            file.seek(0, os.SEEK_END)
        return data

    def take(self, number: int) -> bytes:
        """One part's encoded rows, given up by this object so that memory shrinks as the audit goes on."""
        data = self.shard(number)
        self._clear(number)
        return data


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise no_room(error) from error


def decode_rows(data: bytes) -> Iterator[Row]:
    """The rows of a shard, in input order (but for conversations whose customer was named late)."""
    decoder = msgspec.msgpack.Decoder(Row)
    position = 0
    view = memoryview(data)
    while position < len(view):
        start = position + _LENGTH
        position = start + int.from_bytes(view[position:start], "little")
        yield decoder.decode(view[start:position])
