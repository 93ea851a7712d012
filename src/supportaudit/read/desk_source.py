"""Rows of a help desk's export, read by the desk's file."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from supportaudit.model import Row, RowKind
from supportaudit.read import mapping
from supportaudit.read.account import RowFaultError, Tally
from supportaudit.read.build import ReadOptions, gap, make_builder
from supportaudit.read.desks import Desk, Directory, Item, Place, Shape
from supportaudit.read.paths import Lookup, plain
from supportaudit.read.timestamps import from_number, settle_order

_INDEX = {name: index for index, name in enumerate(mapping.FIELDS)}
_AT, _TEXT, _HTML, _KIND = (_INDEX[name] for name in ("at", "text", "html", "kind"))
_CONVERSATION, _MESSAGE, _ROLE = (_INDEX[name] for name in ("conversation_id", "message_id", "role"))
_AUTHOR = tuple(_INDEX[name] for name in ("author_id", "author_name", "author_email"))
_CUSTOMER = tuple(_INDEX[name] for name in ("customer_id", "customer_name", "customer_email"))
_EVENT, _FROM, _TO = (_INDEX[name] for name in ("event", "event_from", "event_to"))
_ATTACHMENTS, _PUBLIC, _CANNED = (_INDEX[name] for name in ("attachments", "public", "canned"))
_ZEROS = ("", "0")
_BLANK = re.compile(r"(?:\s|&nbsp;|<(?!img\b)[^<>]*>)*", re.IGNORECASE)
"""HTML that shows nothing, as `<p></p>`."""


class People:
    """Who is who in one desk: directories by name, each id -> {name, email, role}. Shared by all its files."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, dict[str, str]]] = {}

    def add(self, directory: Directory, record: Any) -> None:
        """Remember one entry under all its ids."""
        entry = {
            "name": str(directory.name(record, record, self.lookup)).strip(),
            "email": str(directory.email(record, record, self.lookup)).strip(),
            "role": str(directory.role(record, record, self.lookup)),
        }
        table = self._of.setdefault(directory.of, {})
        for ids in directory.ids:
            if key := plain(ids(record, record)):
                table[key] = {
                    what: value or table.get(key, {}).get(what, "") for what, value in entry.items()
                }

    def lookup(self, directory: str, key: str, what: str) -> str:
        """What a directory says of an id; "" if nothing."""
        return self._of.get(directory, {}).get(key, {}).get(what, "")


class Records(Protocol):
    """A file's records, however they stand in it; `table`: as rows."""

    table: bool
    shape: str
    notes: list[str]

    def __call__(self, tally: Tally) -> Iterator[tuple[int, dict[str, Any]]]:
        """(line, record) of every record; what is none is rejected to `tally`. A table counts what it reads."""

    def beside(self, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Objects around the records that may hold lists of people under these keys: sideloads."""


class DeskSource:
    """Rows of one file of a desk. Raises InputError or SettingsError where its dates or its zone cannot be settled."""

    def __init__(
        self, desk: Desk, records: Records, name: str, member: str, *,
        options: ReadOptions, file_index: int, people: People,
    ) -> None:  # fmt: skip
        self.source = f"{desk.title}, {records.shape}"
        self._desk = desk
        self._records = records
        self._name, self._member = name, member
        self._options = options
        self._file = file_index
        self._people = people
        self.mapping: dict[str, str] = {}
        self.notes: list[str] = list(records.notes)
        self.day_first = options.day_first
        self._settle()
        self._builder = make_builder(options, self.day_first, (), file_index)
        self._learn()

    def _settle(self) -> None:
        """What the first records show: the fields in use, and for tables the order of day and month."""
        first: dict[str, tuple[Shape, dict[str, Any]]] = {}
        for record in self._sample():
            if shape := self._shape_of(record):
                first.setdefault(shape.name, (shape, record))
        shapes = [shape for shape, _ in first.values()]
        for shape, record in first.values():
            for name, ways in shape.columns.items():
                here = [way for way in ways if mapping.normalise(way) in record]
                # A table names all its columns; what one JSON record lacks the next may have. Which conversation
                # a row belongs to may have to be found by the desk's module.
                if here or not shape.table or name == "conversation_id":
                    self.mapping.setdefault(name, here[0] if shape.table and here else ways[0])
            self.notes.extend(note for note in shape.notes if note not in self.notes)
        dates = [column for shape in shapes for column in shape.dates]
        if dates and self.day_first is None:
            stamps = (
                (line, plain(record.get(column)).strip())
                for line, record in self._records(Tally(self._name))
                for column in dates
                if record.get(column)
            )
            order = settle_order(stamps, self._name)
            self.day_first = order.day_first
            if order.note:
                self.notes.append(order.note)

    def _sample(self) -> Iterator[dict[str, Any]]:
        for number, (_, record) in enumerate(self._records(Tally(self._name))):
            if number == 200:
                return
            yield record

    def _learn(self) -> None:
        """Lists of people come first, wherever they stand."""
        keys = [key.split(".")[0] for directory in self._desk.directories for key in directory.each]
        for around in self._records.beside(list(dict.fromkeys(keys))):
            self._learn_inside(around)
        alone = [one for one in self._desk.directories if one.needs is not None]
        if alone and any(self._directory_of(record) for record in self._sample()):
            for _, record in self._records(Tally(self._name)):
                directory = self._directory_of(record)
                if directory is not None:
                    self._people.add(directory, record)

    def _learn_inside(self, record: dict[str, Any]) -> None:
        for directory in self._desk.directories:
            for key in directory.each:
                found: Any = record
                for part in key.split("."):
                    found = found.get(part) if isinstance(found, dict) else None
                for entry in found if isinstance(found, list) else [found]:
                    if isinstance(entry, dict):
                        self._people.add(directory, entry)

    def _shape_of(self, record: dict[str, Any]) -> Shape | None:
        table = self._records.table
        return next(
            (shape for shape in self._desk.shapes(table=table) if shape.needs(record, record)),
            None,
        )

    def _directory_of(self, record: dict[str, Any]) -> Directory | None:
        return next(
            (
                one
                for one in self._desk.directories
                if one.needs is not None and one.table is self._records.table and one.needs(record, record)
            ),
            None,
        )

    def rows(self, tally: Tally) -> Iterator[Row]:
        """Every usable message and event in file order, and the facts of each conversation."""
        self._builder = builder = make_builder(self._options, self.day_first, (), self._file)
        place = Place(self._name, self._member, builder.stamps, self._people.lookup)
        prepare = self._desk.prepare
        for line, record in self._records(tally):
            shape = self._shape_of(record)
            if shape is None:
                self._strange(record, line, tally)
                continue
            if prepare is not None:
                try:
                    record = prepare(shape.name, record, place)
                except RowFaultError as fault:
                    tally.read += not shape.table
                    tally.reject(line, fault.kind, fault.detail, record)
                    continue
            reader = _Record(shape, record, line, self)
            yield from reader.rows(tally) if not shape.table else reader.row_of_table(tally)

    def _strange(self, record: dict[str, Any], line: int, tally: Tally) -> None:
        directory = self._directory_of(record)
        tally.read += not self._records.table
        if directory is not None:
            tally.not_messages += 1
        else:
            tally.reject(line, f"not a record of {self._desk.title}", row=record)

    @property
    def saw_no_zone(self) -> bool:
        """Whether a time without a zone was read as UTC."""
        return self._builder.stamps.saw_no_zone

    def run_notes(self) -> list[str]:
        """What only the rows themselves could tell."""
        return self._builder.notes()


class _Record:
    """One record on its way to rows."""

    def __init__(self, shape: Shape, record: dict[str, Any], line: int, source: DeskSource) -> None:
        self._shape = shape
        self._record = record
        self._line = line
        self._build = source._builder.build
        self._people = source._people
        self._file = source._file
        self._number = 0
        source._learn_inside(record)
        lookup = self._people.lookup
        self._base = [""] * len(mapping.FIELDS)
        for index, fill in shape.conversation:
            self._base[index] = str(fill(record, record, lookup))
        self._facts = [
            (index, value) for index, fill in shape.facts if (value := fill(record, record, lookup))
        ]
        self._complete(self._base, _CUSTOMER)

    def row_of_table(self, tally: Tally) -> Iterator[Row]:
        """Rows of a table's row, which counts as one whatever comes of it."""
        own = Tally(tally.file)
        rows = list(self.rows(own))
        if own.rejected:
            kind = next(iter(own.reasons))
            tally.reject(
                self._line, kind, own.rejected[0].reason.removeprefix(kind).removeprefix(": "), self._record
            )
        elif own.used:
            tally.used += 1
        else:
            tally.not_messages += 1
        yield from rows

    def rows(self, tally: Tally) -> Iterator[Row]:
        """Facts first, then messages and events as they stand."""
        groups = [(self._elements(get), flat, items) for get, flat, items in self._shape.items]
        flat = bool(groups) and all(flat for _, flat, _ in groups)
        if (self._facts or not groups) and not flat and self._base[_CONVERSATION]:
            yield from self._built(self._with_facts(RowKind.FACTS), tally, None, counted=False)
        empty = True
        for elements, _, items in groups:
            for element in elements:
                empty = False
                yield from self._element(element, items, tally, flat=flat)
        if empty:
            tally.read += 1
            if self._base[_CONVERSATION]:
                tally.not_messages += 1
            else:
                tally.reject(self._line, "no conversation id", row=self._record)

    def _elements(self, get: Callable[[Any, Any], Any]) -> list[Any]:
        found = get(self._record, self._record)
        if found is None:
            return []
        return found if isinstance(found, list) else [found]

    def _with_facts(self, kind: str = "") -> list[str]:
        cells = self._base.copy()
        for index, value in self._facts:
            cells[index] = str(value)
        cells[_KIND] = kind
        return cells

    def _element(self, element: Any, items: tuple[Item, ...], tally: Tally, *, flat: bool) -> Iterator[Row]:
        tally.read += 1
        if not isinstance(element, dict):
            tally.reject(self._line, "a message that is not an object", row=element)
            return
        self._number += 1
        item = next((one for one in items if one.when is None or one.when(element, self._record)), None)
        if item is None or any(skip(element, self._record) for skip in item.skip):
            tally.not_messages += 1
            if flat and self._facts and self._base[_CONVERSATION]:
                yield from self._built(self._with_facts(RowKind.FACTS), tally, None, counted=False)
            return
        lookup = self._people.lookup
        cells = self._with_facts() if flat else self._base.copy()
        at = self._fill(cells, item, element, lookup)
        events = [event for event in item.events if event.when(element, self._record)]
        says = cells[_TEXT].strip() or not _BLANK.fullmatch(cells[_HTML]) or cells[_ATTACHMENTS] not in _ZEROS
        if not says and not events:
            tally.not_messages += 1
            if flat and self._facts:
                yield from self._built(self._with_facts(RowKind.FACTS), tally, None, counted=False)
            return
        if isinstance(at, RowFaultError):
            yield from self._rejected(cells, at, tally, element)
            return
        built = list(self._built(cells, tally, element, at=at)) if says else []
        for number, event in enumerate(events):
            happened = cells.copy()
            for of_the_message in (_TEXT, _HTML, _PUBLIC, _ATTACHMENTS, _CANNED):
                happened[of_the_message] = ""
            happened[_ROLE], happened[_KIND] = "system", RowKind.EVENT
            happened[_EVENT] = event.type
            happened[_FROM] = str(event.source(element, self._record, lookup))
            happened[_TO] = str(event.target(element, self._record, lookup))
            if says or number:
                happened[_MESSAGE] += f"/{event.type}"
            built.extend(self._built(happened, tally, element, at=at, counted=not says and number == 0))
        yield from built

    def _fill(
        self, cells: list[str], item: Item, element: Any, lookup: Lookup
    ) -> float | RowFaultError | None:
        """Write the element's fields into `cells`; returns its time if that is a number, or what is wrong with it."""
        at: float | RowFaultError | None = None
        for index, fill in item.fields:
            value = fill(element, self._record, lookup)
            if isinstance(value, str):
                if value:
                    cells[index] = value
            elif index == _AT:
                try:
                    at = from_number(value)
                except RowFaultError as fault:
                    at = RowFaultError(fault.kind, fault.detail or plain(value))
            else:
                cells[index] = plain(value)
        cells[_MESSAGE] = cells[_MESSAGE] or str(self._number)
        self._complete(cells, _AUTHOR)
        if not cells[_ROLE]:
            cells[_ROLE] = lookup("people", cells[_AUTHOR[0]], "role")
        return at

    def _complete(self, cells: list[str], places: tuple[int, ...]) -> None:
        """Name and address from the list of people, where the record has but the id."""
        who, name, email = places
        if not cells[name]:
            cells[name] = self._people.lookup("people", cells[who], "name")
        if not cells[email]:
            cells[email] = self._people.lookup("people", cells[who], "email")

    def _built(
        self,
        cells: list[str],
        tally: Tally,
        element: object,
        *,
        at: float | None = None,
        counted: bool = True,
    ) -> Iterator[Row]:
        try:
            row = self._build(tuple(cells), self._line, at)
        except RowFaultError as fault:
            if counted:
                yield from self._rejected(cells, fault, tally, element)
            return
        tally.used += counted
        yield row

    def _rejected(
        self, cells: list[str], fault: RowFaultError, tally: Tally, element: object
    ) -> Iterator[Row]:
        tally.reject(self._line, fault.kind, fault.detail, element)
        if conversation := cells[_CONVERSATION].strip():
            yield gap(conversation, self._line, self._file)
