"""What is known of the help desks: one file a desk in `supportaudit/sources/`, loaded and compiled here.

A file says how to tell the desk's exports (`detect`) and where each fact stands; where a mapping cannot say it,
a module of the same name prepares the records first. CONTRIBUTING.md shows how to add one.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import msgspec

from supportaudit.errors import CheckError
from supportaudit.kept import kept_documents
from supportaudit.read import mapping
from supportaudit.read.paths import Condition, FieldSpec, Filler, Getter, Lookup, condition, filler, path

FACTS = ("subject", "status", "priority", "tags", "csat", "csat_share", "csat_comment", "assignee")
"""Fields said once a conversation, not with every message."""

_INDEX = {name: index for index, name in enumerate(mapping.FIELDS)}


class Detect(msgspec.Struct, forbid_unknown_fields=True):
    """How a record is told: it must satisfy `needs`; each of `signs` (paths) makes it surer."""

    needs: dict[str, Any]
    signs: list[str] = []


class EventSpec(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """An event in a message or beside it: its `type` (model.Event), if `when` holds."""

    type: Literal["assign", "transfer", "status", "rating", "tag", "priority", "merge"]
    when: dict[str, Any]
    source: FieldSpec = ""
    target: FieldSpec = ""


class ItemSpec(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """Where messages or events stand in a record: a list, an object, or "." for the record itself."""

    each: str
    fields: dict[str, FieldSpec]
    when: dict[str, Any] = {}
    skip: list[dict[str, Any]] = []
    events: list[EventSpec] = []


class ShapeSpec(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """One kind of record that a desk exports.

    `dates`: a table's columns that settle the order of day and month. `notes`: what its users must know.
    """

    name: str
    detect: Detect
    conversation: dict[str, FieldSpec]
    items: list[ItemSpec]
    table: bool = False
    dates: list[str] = []
    notes: list[str] = []


class DirectorySpec(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """A list of people, teams, ...: under `each` beside or inside the records, or (`detect`) a file of its own."""

    of: str
    id: list[str]
    name: FieldSpec = ""
    email: FieldSpec = ""
    role: FieldSpec = ""
    each: list[str] = []
    detect: Detect | None = None
    table: bool = False


class DeskSpec(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """A file of `sources/`. `proves` says what the desk's exports can show (docs/sources.md is made from it)."""

    id: str
    title: str
    proves: dict[str, str]
    tested: str
    untested: str = ""
    shapes: list[ShapeSpec] = []
    directories: list[DirectorySpec] = []


PROVES = ("clock", "authors", "notes", "transfers", "bots", "canned", "csat", "text")
"""What a source may prove, as the field guide's columns; each `yes`, `no` or `partly`, with a word why."""


@dataclass(frozen=True)
class Event:
    """A compiled `EventSpec`."""

    type: str
    when: Condition
    source: Filler
    target: Filler


@dataclass(frozen=True)
class Item:
    """A compiled `ItemSpec`. `fields` are (place in FIELDS, filler)."""

    when: Condition | None
    skip: tuple[Condition, ...]
    fields: tuple[tuple[int, Filler], ...]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Shape:
    """A compiled `ShapeSpec`. `items` are grouped by where they stand; `facts` are said once a conversation."""

    name: str
    table: bool
    needs: Condition
    signs: tuple[Condition, ...]
    conversation: tuple[tuple[int, Filler], ...]
    facts: tuple[tuple[int, Filler], ...]
    items: tuple[tuple[Getter, bool, tuple[Item, ...]], ...]
    dates: tuple[str, ...]
    notes: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Directory:
    """A compiled `DirectorySpec`."""

    of: str
    table: bool
    ids: tuple[Getter, ...]
    name: Filler
    email: Filler
    role: Filler
    each: tuple[str, ...]
    needs: Condition | None
    signs: tuple[Condition, ...]


Prepare = Callable[[str, dict[str, Any], "Place"], dict[str, Any]]
"""From (shape's name, record, place) to the record as the desk's file expects it; raises RowFaultError."""


@dataclass
class Place:
    """Where a record being prepared comes from, and room for what the module wants to remember of the file.

    `stamp` reads a time as the messages' times are read; it raises RowFaultError. `lookup` is what the lists of
    people, teams, ... say: (list, id, what) to a text, "" if nothing.
    """

    name: str
    member: str
    stamp: Callable[[str], float]
    lookup: Lookup
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """A help desk whose exports are understood."""

    spec: DeskSpec
    _compiled: dict[bool, tuple[Shape, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def id(self) -> str:
        """Its name for `--source`."""
        return self.spec.id

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.spec.title

    def shapes(self, *, table: bool) -> tuple[Shape, ...]:
        """Its kinds of rows, or of other records, compiled: an export needs either, and those of every desk."""
        if table not in self._compiled:
            self._compiled[table] = tuple(_shape(shape) for shape in self.spec.shapes if shape.table is table)
        return self._compiled[table]

    @cached_property
    def directories(self) -> tuple[Directory, ...]:
        """Its lists of people and teams, compiled."""
        return tuple(_directory(one) for one in self.spec.directories)

    @cached_property
    def prepare(self) -> Prepare | None:
        """The module's hand on a record before it is mapped, if the desk has a module."""
        name = self.id.replace("-", "_")
        if not (resources.files("supportaudit.sources") / f"{name}.py").is_file():
            return None
        prepare: Prepare = importlib.import_module(f"supportaudit.sources.{name}").prepare
        return prepare


@cache
def load_desks() -> tuple[Desk, ...]:
    """All desks, by name. Raises CheckError if a file is not well formed."""
    folder = Path(str(resources.files("supportaudit.sources")))
    documents = kept_documents(folder, "*.yaml", folder / "compiled" / "desks.msgpack")
    return tuple(_desk(document, name) for name, document in documents.items())


def _desk(document: Any, name: str) -> Desk:
    try:
        spec = msgspec.convert(document, DeskSpec)
    except msgspec.ValidationError as error:
        raise CheckError(f"sources/{name}: {error}") from error
    if f"{spec.id}.yaml" != name:
        raise CheckError(f"sources/{name}: the id must be the file's name")
    if set(spec.proves) != set(PROVES):
        raise CheckError(f"sources/{name}: proves must say: {', '.join(PROVES)}")
    return Desk(spec)


def _shape(spec: ShapeSpec) -> Shape:
    at = mapping.normalise if spec.table else str
    groups: dict[str, list[Item]] = {}
    for item in spec.items:
        groups.setdefault(item.each, []).append(_item(item, spec.table))
    conversation = {name: one for name, one in spec.conversation.items() if name not in FACTS}
    facts = {name: one for name, one in spec.conversation.items() if name in FACTS}
    return Shape(
        name=spec.name,
        table=spec.table,
        needs=condition({at(key): what for key, what in spec.detect.needs.items()}),
        signs=tuple(condition({at(sign): "has"}) for sign in spec.detect.signs),
        conversation=_fields(conversation, spec.table),
        facts=_fields(facts, spec.table),
        items=tuple((path(each), each == ".", tuple(items)) for each, items in groups.items()),
        dates=tuple(map(mapping.normalise, spec.dates)),
        notes=tuple(spec.notes),
        columns=_columns(spec),
    )


def _item(spec: ItemSpec, table: bool) -> Item:
    return Item(
        when=_condition(spec.when, table) if spec.when else None,
        skip=tuple(_condition(one, table) for one in spec.skip),
        fields=_fields(spec.fields, table),
        events=tuple(
            Event(e.type, _condition(e.when, table), _filler(e.source, table), _filler(e.target, table))
            for e in spec.events
        ),
    )


def _directory(spec: DirectorySpec) -> Directory:
    detect = spec.detect
    return Directory(
        of=spec.of,
        table=spec.table,
        ids=tuple(path(mapping.normalise(one) if spec.table else one) for one in spec.id),
        name=_filler(spec.name, spec.table),
        email=_filler(spec.email, spec.table),
        role=_filler(spec.role, spec.table),
        each=tuple(spec.each),
        needs=_condition(detect.needs, spec.table) if detect else None,
        signs=tuple(_condition({sign: "has"}, spec.table) for sign in (detect.signs if detect else ())),
    )


def _fields(specs: Mapping[str, FieldSpec], table: bool) -> tuple[tuple[int, Filler], ...]:
    if unknown := sorted(specs.keys() - _INDEX.keys()):
        raise CheckError(f"'{unknown[0]}' is no field; fields are {', '.join(mapping.FIELDS)}")
    return tuple((_INDEX[name], _filler(spec, table)) for name, spec in specs.items())


def _condition(wanted: Mapping[str, Any], table: bool) -> Condition:
    return condition({_column(key): what for key, what in wanted.items()} if table else wanted)


def _filler(spec: FieldSpec, table: bool) -> Filler:
    if spec == "":
        return lambda _item, _record, _lookup: ""
    return filler(_for_table(spec)) if table else filler(spec)


def _for_table(spec: FieldSpec) -> FieldSpec:
    """The field with its paths written as a table's rows are keyed."""
    if isinstance(spec, str):
        return _column(spec)
    if isinstance(spec, list):
        return [one for part in spec for one in [_for_table(part)] if not isinstance(one, list)]
    return msgspec.structs.replace(
        spec,
        when={_column(key): what for key, what in spec.when.items()},
        **{
            name: _column(value)
            for name in ("path", "count", "all", "lookup")
            if (value := getattr(spec, name))
        },
        join=[_column(one) for one in spec.join],
    )


def _column(text: str) -> str:
    """The key of a table's column; a path into what a desk's module made of a row stays as it is."""
    return text if "[" in text or "." in text or text.startswith("^") else mapping.normalise(text)


def _columns(spec: ShapeSpec) -> dict[str, tuple[str, ...]]:
    """For people: which paths may fill which field, the preferred first, in the words of the desk's file."""
    found: dict[str, tuple[str, ...]] = {}
    for item in spec.items:
        prefix = "" if item.each == "." else f"{item.each}[]."
        for name, one in item.fields.items():
            shown = tuple(
                way.removeprefix("^") if way.startswith("^") else f"{prefix}{way}" for way in _paths(one)
            )
            if name not in found and shown:
                found[name] = shown
    for name, one in spec.conversation.items():
        if shown := tuple(_paths(one)):
            found.setdefault(name, shown)
    return {name: found[name] for name in mapping.FIELDS if name in found}


def _paths(spec: FieldSpec) -> Iterator[str]:
    """Where the field is taken from, then what its conditions look at."""
    choices = spec if isinstance(spec, list) else [spec]
    for one in choices:
        yield from (
            [one]
            if isinstance(one, str)
            else filter(None, (one.path, one.count, one.all, one.lookup, *one.join))
        )
    yield from (key for one in choices if not isinstance(one, str) for key in one.when)
