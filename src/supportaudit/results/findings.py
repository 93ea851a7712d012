"""All findings of an audit in one order, however many there are: encoded as they come, decoded as they are read."""

import heapq
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, overload
from weakref import finalize

import msgspec

from supportaudit.model import Finding
from supportaudit.scratch import close_quietly, no_room

#: Findings up to which they stay as they are: 40 MB.
FEW = 50_000
_CHUNK = 500  # findings that are decoded at once while a run is read
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Finding])


def finding_order(finding: Finding) -> tuple[int, float, str, str, int, int, tuple[str, ...], str, str, str]:
    """Gravest, then surest first; the rest only breaks ties, so that equal input gives equal bytes."""
    return (
        -finding.severity.rank,
        -finding.confidence,
        finding.conversation_id,
        finding.check,
        finding.file,
        finding.line,
        finding.messages,
        finding.quote,
        finding.reason,
        finding.agent or "",
    )


class Gathered:
    """Takes findings part by part; `all` gives them in order. Many go to a temporary file, sorted part by part."""

    def __init__(self, few: int = FEW) -> None:
        self._few = few
        self._held: list[Finding] = []
        self._kept = Findings()

    def add(self, findings: Iterable[Finding]) -> None:
        """Take some more. Raises `UserError` where there is no room for them."""
        self._held.extend(findings)
        if len(self._held) > self._few:
            self._kept.keep(sorted(self._held, key=finding_order))
            self._held.clear()

    def all(self) -> Sequence[Finding]:
        """All that were taken, in order."""
        if not self._kept:
            return tuple(sorted(self._held, key=finding_order))
        self._kept.keep(sorted(self._held, key=finding_order))
        self._held.clear()
        return self._kept


class Findings(Sequence[Finding]):
    """Findings in order, on disk in sorted runs that are merged anew whenever they are read from the beginning.

    The file has no name and is gone with this object, however the process ends.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._runs: list[list[tuple[int, int]]] = []  # of each its chunks: place in the file and length
        self._count = 0

    def keep(self, run: Sequence[Finding]) -> None:
        """Add findings that are in order among themselves. Raises `UserError` where there is no room for them."""
        if run:
            try:
                self._keep(run)
            except OSError as error:
                raise no_room(error) from error

    def _keep(self, run: Sequence[Finding]) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="supportaudit-")  # noqa: SIM115 (lives as long as this object)
            finalize(self, close_quietly, self._file)
        chunks = []
        place = self._file.seek(0, 2)
        for start in range(0, len(run), _CHUNK):
            data = _ENCODER.encode(run[start : start + _CHUNK])
            self._file.write(data)
            chunks.append((place, len(data)))
            place += len(data)
        self._file.flush()
        self._runs.append(chunks)
        self._count += len(run)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Finding]:
        return heapq.merge(*map(self._read, self._runs), key=finding_order)

    def _read(self, chunks: Iterable[tuple[int, int]]) -> Iterator[Finding]:
        for place, length in chunks:
            assert self._file is not None
            self._file.seek(place)
            yield from _DECODER.decode(self._file.read(length))

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, index: int | slice) -> Finding | tuple[Finding, ...]:
        """One or several; those that stand first are found quickly."""
        if isinstance(index, int):
            return next(islice(self, range(self._count)[index], None))
        places = range(self._count)[index]
        if places.step < 0:
            return self[places[-1] : places[0] + 1 : -places.step][::-1] if places else ()
        return tuple(islice(self, places.start, places.stop, places.step))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]
