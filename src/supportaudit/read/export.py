"""Export files, opened: what each is, what its columns mean, its rows, and what became of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

from supportaudit.errors import EmptyError, InputError, NoMessagesError, SettingsError
from supportaudit.model import Rejected, Row
from supportaudit.read import container as containers
from supportaudit.read import detect
from supportaudit.read.account import Sink, Tally
from supportaudit.read.arrow import open_typed
from supportaudit.read.build import ReadOptions
from supportaudit.read.container import Container
from supportaudit.read.csv_rows import Table, TableSource
from supportaudit.read.desk_records import JsonRecords, TableRecords
from supportaudit.read.desk_source import DeskSource, People, Records
from supportaudit.read.detect import Recognised, recognise_json, recognise_table
from supportaudit.read.document import Document
from supportaudit.read.json_records import open_json
from supportaudit.read.json_shapes import JsonDocument, open_document
from supportaudit.read.typed_table import TextTable, TypedTable, open_records
from supportaudit.sources.twitter import TwitterSource


class Source(Protocol):
    """What a format must offer: its name, the columns used, notes, and rows counted into a tally."""

    source: str
    mapping: dict[str, str]
    notes: list[str]
    day_first: bool | None

    @property
    def saw_no_zone(self) -> bool:
        """Whether a time without a zone was read as UTC."""

    def rows(self, tally: Tally) -> Iterator[Row]:
        """Usable rows in file order."""

    def run_notes(self) -> list[str]:
        """Notes that only reading could bring."""


class Export:
    """An opened export. Counters, `rejected` and `notes` are complete once `rows()` is exhausted.

    `mapping` is our field name to the column used. `rejected` keeps the first 1,000; `reject_reasons`
    counts all, by kind of reason. `rows()` may be called again: the counters start afresh. `while_reading` are
    notes of the container itself that only reading brings.
    """

    def __init__(
        self, document: Document, container: Container | None, source: Source, recognised: Recognised
    ) -> None:
        self.name = document.where
        self.recognised = recognised
        self.source = source.source
        self.encoding = container.encoding if container else "utf-8"
        self.mapping: Mapping[str, str] = dict(source.mapping)
        self._notes = [*(container.notes if container else ()), *source.notes]
        self._source = source
        self._tally = Tally(self.name)
        self.while_reading: Sequence[str] = ()

    def rows(self, sink: Sink | None = None) -> Iterator[Row]:
        """Every usable row in file order, streamed; the rejected go to `sink`.

        Raises InputError if the file goes away meanwhile.
        """
        tally = self._tally = Tally(self.name, sink)
        try:
            yield from self._source.rows(tally)
        except OSError as error:
            raise _unreadable(self.name, error) from error

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
    def day_first(self) -> bool | None:
        """How 03/04/2026 is read; None where the file has no such dates."""
        return self._source.day_first

    @property
    def saw_no_zone(self) -> bool:
        """Whether a time without a zone was read as UTC, for nobody named one."""
        return self._source.saw_no_zone

    @property
    def notes(self) -> list[str]:
        """What the user should know about how the file was read."""
        return [*self._notes, *self.while_reading, *self._source.run_notes()]


class _Nothing:
    """The rows of a file that holds none."""

    source = "an empty file"
    day_first: bool | None = None
    saw_no_zone = False

    def __init__(self, why: str) -> None:
        self.mapping: dict[str, str] = {}
        self.notes = [why]

    def rows(self, tally: Tally) -> Iterator[Row]:
        """None."""
        yield from ()

    def run_notes(self) -> list[str]:
        """None."""
        return []


class _Opener:
    """Opens the files of one run; those of one desk share its list of people."""

    def __init__(self) -> None:
        self._people: dict[str, People] = {}

    def open(self, document: Document, options: ReadOptions, file_index: int) -> Export:
        try:
            if (data := document.table or open_typed(document)) is not None:
                return self._typed(document, data, options, file_index)
            container = containers.inspect(document)
            if container.is_json:
                return self._records(document, open_document(container), options, file_index)
            table = Table(container)
            found = recognise_table(table.columns, container.name, _wanted(options))
            return self._of_table(document, table, found, options, file_index)
        except OSError as error:
            raise _unreadable(document.where, error) from error

    def _typed(self, document: Document, data: TypedTable, options: ReadOptions, index: int) -> Export:
        as_table = None if data.nested else self._columns(document, data, options, index)
        export = as_table or self._records(document, open_records(data, document.name), options, index)
        export.while_reading = data.notes
        return export

    def _columns(
        self, document: Document, data: TypedTable, options: ReadOptions, index: int
    ) -> Export | None:
        """By its columns, as a CSV file with the same; None if only the desk's JSON has such."""
        table = TextTable(data, document.name)
        wanted = _wanted(options)
        try:
            found = recognise_table(table.columns, document.name, wanted)
        except InputError:
            return None
        if found.desk is None and wanted is None:
            records = open_records(data, document.name)
            if self._recognise_json(records, options).desk is not None:
                return None
        return self._of_table(document, table, found, options, index)

    def _records(self, document: Document, shape: JsonDocument, options: ReadOptions, index: int) -> Export:
        container = shape.container
        found = self._recognise_json(shape, options)
        if found.desk is None and shape.preview is not None and _holds_empty_lists_only(shape.preview):
            raise EmptyError(f"{container.name} holds an empty list.", "Export the conversations again.")
        if found.desk is None:
            return Export(document, container, open_json(shape, options, index), found)
        return self._desk(document, container, JsonRecords(shape, found), found, options, index)

    def _recognise_json(self, shape: JsonDocument, options: ReadOptions) -> Recognised:
        if shape.preview is not None:
            samples: dict[str, Sequence[object]] = {
                "": [shape.preview],
                **detect.lists_inside([shape.preview]),
            }
        else:
            first = [value for _, value in islice(shape.values(), 200)]
            samples = {"": first, **detect.lists_inside(first)}
        return recognise_json(samples, shape.container.name, _wanted(options))

    def _of_table(
        self, document: Document, table: Table, found: Recognised, options: ReadOptions, index: int
    ) -> Export:
        container = table.container
        if found.desk is None:
            source = TableSource(table, options, index)
            if isinstance(table, TextTable):
                source.source = table.kind
            return Export(document, container, source, found)
        if found.desk.id == "twitter":
            return Export(document, container, TwitterSource(table, index), found)
        records = TableRecords(table)
        if isinstance(table, TextTable):
            records.shape = table.kind
        return self._desk(document, container, records, found, options, index)

    def _desk(
        self, document: Document, container: Container, records: Records, found: Recognised,
        options: ReadOptions, index: int,
    ) -> Export:  # fmt: skip
        assert found.desk is not None
        people = self._people.setdefault(found.desk.id, People())
        source = DeskSource(
            found.desk, records, document.where, document.member,
            options=options, file_index=index, people=people,
        )  # fmt: skip
        return Export(document, container, source, found)


def _wanted(options: ReadOptions) -> str | None:
    """The source that the user names; `--map` names columns, and only the generic reader has any."""
    if options.mapping and options.source not in (None, detect.GENERIC):
        raise SettingsError(
            f"--source {options.source} knows its columns; --map is for exports read by their column names.",
            "Leave one of the two out.",
        )
    return detect.GENERIC if options.mapping else options.source


def open_exports(
    documents: Sequence[Document], options_for: Callable[[Document], ReadOptions]
) -> list[Export]:
    """Open all files of a run; a row's `file` is its document's place in the list.

    Raises InputError if a file cannot be read or understood, SettingsError if an option is wrong. Passed over with
    a note are an empty file, if others are not, and in a folder or an archive with files of a desk one that tells
    no messages: desks export lists of other things as well.
    """
    opener = _Opener()
    exports: dict[int, Export] = {}
    faults: dict[int, InputError] = {}
    for number, document in enumerate(documents):
        try:
            exports[number] = opener.open(document, options_for(document), number)
        except (EmptyError, NoMessagesError) as error:
            faults[number] = error
    opened = list(exports.values())
    desks = {documents[n].root: found for n, one in exports.items() if (found := one.recognised.desk)}
    for number, fault in faults.items():
        document = documents[number]
        desk, note = desks.get(document.root), fault.message
        if isinstance(fault, NoMessagesError):
            if desk is None or not document.member:
                raise fault
            note = f"{document.where} tells no messages and is no file of {desk.title} that is known; it was not read."
        elif not opened:
            raise fault
        nothing = Recognised(desk or opened[0].recognised.desk, 0.0, why="the files beside it")
        exports[number] = Export(document, None, _Nothing(note), nothing)
    return [exports[number] for number in range(len(documents))]


def _holds_empty_lists_only(value: Mapping[str, object]) -> bool:
    """Whether an object holds lists, itself or one key down, and nothing in any: a page of nothing."""
    inner = [one for one in value.values() if isinstance(one, dict)]
    lists = [one for part in (value, *inner) for one in part.values() if isinstance(one, list)]
    return bool(lists) and not any(lists)


def open_export(path: Path, options: ReadOptions | None = None, file_index: int = 0) -> Export:
    """Open one plain file; `file_index` is written to each row's `file`. Raises as `open_exports` does."""
    return _Opener().open(Document.of(Path(path)), options or ReadOptions(), file_index)


def _unreadable(name: str, error: OSError) -> InputError:
    return InputError(
        f"{name} cannot be read: {error.strerror or error}.", "Check the path and its permissions."
    )
