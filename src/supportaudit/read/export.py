"""One export file, opened: what it is, what its columns mean, its rows, and what became of each."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from supportaudit.errors import InputError
from supportaudit.model import Rejected, Row
from supportaudit.read import container as containers
from supportaudit.read.account import Tally
from supportaudit.read.build import ReadOptions
from supportaudit.read.container import Container
from supportaudit.read.csv_rows import Table, TableSource
from supportaudit.read.document import Document
from supportaudit.read.json_records import open_json
from supportaudit.read.twitter import TwitterSource, is_twitter


class Source(Protocol):
    """What a format must offer: its name, the columns used, notes, and rows counted into a tally."""

    source: str
    mapping: dict[str, str]
    notes: list[str]

    def rows(self, tally: Tally) -> Iterator[Row]:
        """Usable rows in file order."""

    def run_notes(self) -> list[str]:
        """Notes that only reading could bring."""


class Export:
    """An opened export. Counters, `rejected` and `notes` are complete once `rows()` is exhausted.

    `mapping` is our field name to the column used. `rejected` keeps the first 1,000; `reject_reasons`
    counts all, by kind of reason. `rows()` may be called again: the counters start afresh.
    """

    def __init__(self, path: Path, container: Container, source: Source) -> None:
        self.path = path
        self.source = source.source
        self.encoding = container.encoding
        self.mapping: Mapping[str, str] = dict(source.mapping)
        self._notes = [*container.notes, *source.notes]
        self._source = source
        self._tally = Tally(str(path))

    def rows(self) -> Iterator[Row]:
        """Every usable row in file order, streamed. Raises InputError if the file goes away meanwhile."""
        tally = self._tally = Tally(str(self.path))
        try:
            yield from self._source.rows(tally)
        except OSError as error:
            raise _unreadable(self.path, error) from error

    @property
    def rows_read(self) -> int:
        """Rows met so far: used, rejected and not messages together."""
        return self._tally.read

    @property
    def rows_used(self) -> int:
        """Rows handed out."""
        return self._tally.used

    @property
    def rows_rejected(self) -> int:
        """Rows that could not be used."""
        return self._tally.rejected_count

    @property
    def rows_not_messages(self) -> int:
        """Rows that are well formed but hold no message."""
        return self._tally.not_messages

    @property
    def rejected(self) -> list[Rejected]:
        """The first 1,000 rejected rows with their places."""
        return self._tally.rejected

    @property
    def reject_reasons(self) -> Counter[str]:
        """How many rows were rejected for each kind of reason."""
        return self._tally.reasons

    @property
    def notes(self) -> list[str]:
        """What the user should know about how the file was read."""
        return [*self._notes, *self._source.run_notes()]


def open_export(path: Path, options: ReadOptions | None = None, file_index: int = 0) -> Export:
    """Open an export of any supported format; `file_index` is written to each row's `file`.

    Raises InputError if the file cannot be read or understood, SettingsError if an option is wrong.
    """
    path = Path(path)
    options = options or ReadOptions()
    container = containers.inspect(Document.of(path))
    try:
        if container.is_json:
            return Export(path, container, open_json(container, options, file_index))
        table = Table(container)
        if is_twitter(table) and not options.mapping:
            return Export(path, container, TwitterSource(table, file_index))
        return Export(path, container, TableSource(table, options, file_index))
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{path} cannot be read: {error.strerror or error}.", "Check the path and its permissions."
    )
