"""Which help desk wrote a file: told from its records, never from its name."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from supportaudit.errors import InputError, SettingsError
from supportaudit.read import mapping
from supportaudit.read.account import listed
from supportaudit.read.desks import Desk, Shape, load_desks
from supportaudit.read.json_shapes import paths_of
from supportaudit.read.paths import path
from supportaudit.suggest import did_you_mean

GENERIC = "generic"
LEAST = 0.5
"""Below this a file is read by its column names instead."""

_NEEDS_WEIGHT = 0.6
_TORN_OUT = 0.5
_LOOKED_AT = 50


@dataclass(frozen=True)
class Recognised:
    """What a file was taken for. `desk` None: by its column names. `inside`: where the records stand in it."""

    desk: Desk | None
    confidence: float
    runner_up: str = ""
    runner_confidence: float = 0.0
    inside: str = ""
    why: str = ""

    @property
    def id(self) -> str:
        """The name for `--source`."""
        return self.desk.id if self.desk else GENERIC


@dataclass(frozen=True)
class _Guess:
    confidence: float
    desk: Desk
    inside: str
    shapes: tuple[str, ...]
    speaks: bool

    @property
    def rank(self) -> tuple[bool, bool, int, float]:
        """Which of one desk's guesses to follow: conversations before lists of people, the whole before its parts."""
        depth = self.inside.count(".") + bool(self.inside)
        return (self.confidence < LEAST, not self.speaks, depth, -self.confidence)


def source_names() -> list[str]:
    """The names that `--source` takes."""
    return [*(desk.id for desk in load_desks()), GENERIC]


def find_desk(name: str) -> Desk | None:
    """The desk of that name; None for "generic". Raises SettingsError with a suggestion if unknown."""
    if name == GENERIC:
        return None
    for desk in load_desks():
        if desk.id == name.strip().casefold():
            return desk
    known = source_names()
    raise SettingsError(
        f"'{name}' is no source{did_you_mean(name, known)}", f"Known are: {', '.join(known)}."
    )


def recognise_table(columns: Sequence[str], where: str, wanted: str | None = None) -> Recognised:
    """What a table is, from its header. `wanted` overrides; raises InputError if the file cannot be that."""
    header = {mapping.normalise(column): "" for column in columns}
    return _settle([("", [header])], mapping.propose(list(columns)), where, wanted, table=True)


def recognise_json(
    records: Mapping[str, Sequence[object]], where: str, wanted: str | None = None
) -> Recognised:
    """What a JSON file is, from the first records of each list that could hold them ("": the file itself)."""
    samples = [
        (inside, [record for record in sample[:_LOOKED_AT] if isinstance(record, dict)])
        for inside, sample in records.items()
    ]
    first = next((record for _, sample in samples for record in sample), {})
    names = [name for name, _ in paths_of(first)]
    return _settle(samples, mapping.propose(names, every=True), where, wanted, table=False)


def lists_inside(values: Iterable[object]) -> dict[str, list[object]]:
    """Lists of objects one or two keys below the given objects, by path, their elements together."""
    found: dict[str, list[object]] = {}
    for value in values:
        for name, elements in _lists(value, 2):
            found.setdefault(name, []).extend(elements[:_LOOKED_AT])
    return found


def _lists(value: object, depth: int, before: str = "") -> Iterator[tuple[str, list[object]]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            name = f"{before}{key}"
            if isinstance(inner, list) and any(isinstance(element, dict) for element in inner):
                yield name, inner
            elif depth > 1:
                yield from _lists(inner, depth - 1, f"{name}.")


def _settle(
    samples: Sequence[tuple[str, Sequence[dict[str, Any]]]], columns: mapping.Proposal, where: str,
    wanted: str | None, *, table: bool,
) -> Recognised:  # fmt: skip
    guesses = [
        min(found, key=lambda guess: guess.rank)
        for desk in load_desks()
        if (found := [g for inside, sample in samples if (g := _guess(desk, inside, sample, table))])
    ]
    guesses.sort(key=lambda guess: (-guess.confidence, guess.desk.id))
    generic = _by_names(columns)
    if wanted is not None:
        return _as_wanted(find_desk(wanted), guesses, generic, where)
    if not guesses or guesses[0].confidence < LEAST:
        runner = (guesses[0].desk.title, guesses[0].confidence) if guesses else ("", 0.0)
        return Recognised(None, generic, *runner, why="its column names")
    best = guesses[0]
    others = [(guess.desk.title, guess.confidence) for guess in guesses if guess.desk is not best.desk]
    runner = max([*others, ("generic", generic)], key=lambda other: other[1])
    return Recognised(
        best.desk, best.confidence, *runner, inside=best.inside, why=f"its records ({', '.join(best.shapes)})"
    )


def _as_wanted(desk: Desk | None, guesses: Sequence[_Guess], generic: float, where: str) -> Recognised:
    if desk is None:
        return Recognised(None, generic, why="--source")
    fitting = next((guess for guess in guesses if guess.desk is desk), None)
    if fitting is None:
        kinds = listed([shape.name for shape in desk.spec.shapes])
        raise InputError(
            f"{where}: no record looks like an export of {desk.title} ({kinds}).",
            "Leave --source out, or read it by its column names with --source generic.",
        )
    return Recognised(desk, fitting.confidence, inside=fitting.inside, why="--source")


def _guess(desk: Desk, inside: str, sample: Sequence[dict[str, Any]], table: bool) -> _Guess | None:
    """How well a desk's shapes fit the records; None if none does."""
    if not sample:
        return None
    shapes = [(one.name, one.needs, one.signs, _names_conversation(one)) for one in desk.shapes(table=table)]
    shapes += [
        (f"list of {one.of}", one.needs, one.signs, _always)
        for one in desk.directories
        if one.needs is not None and one.table is table
    ]
    total = 0.0
    seen: dict[str, None] = {}
    for record in sample:
        best = 0.0
        for name, needs, signs, belongs in shapes:
            if needs(record, record):
                share = sum(sign(record, record) for sign in signs) / len(signs) if signs else 1.0
                sure = _NEEDS_WEIGHT + (1 - _NEEDS_WEIGHT) * share
                # Messages torn out of the records around them look like a desk's own, but belong nowhere.
                best = max(best, sure if belongs(record) or not inside else sure * _TORN_OUT)
                seen[name] = None
        total += best
    speaks = any(shape.name in seen for shape in desk.shapes(table=table))
    return _Guess(round(total / len(sample), 3), desk, inside, tuple(seen), speaks) if total else None


def _names_conversation(shape: Shape) -> Callable[[dict[str, Any]], bool]:
    """Whether the shape finds the conversation's id in a record."""
    fill = next((fill for index, fill in shape.conversation if index == 0), None)
    return _always if fill is None else lambda record: fill(record, record, lambda *_: "") not in ("", None)


def _always(_record: dict[str, Any]) -> bool:
    return True


def _by_names(columns: mapping.Proposal) -> float:
    """How much of a message the column names alone tell: never as sure as a desk's own file."""
    told = sum(
        (
            "conversation_id" in columns.columns,
            "text" in columns.columns or "html" in columns.columns,
            "at" in columns.columns,
            columns.has_author,
        )
    )
    return told / 8


def follow(value: object, inside: str) -> object:
    """The value at a dotted path inside another."""
    return path(inside)(value, value) if inside else value
