"""Reads plain values (from YAML or JSON) into msgspec Structs, and says in words what does not fit, and where.

msgspec's own messages cannot be mended into sentences: they name no key of a mapping and suggest nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self, TypeVar

import msgspec
from msgspec import inspect

from supportaudit.suggest import did_you_mean

Path = tuple[str | int, ...]
_SHOWN = 60
S = TypeVar("S", bound=msgspec.Struct)


class Fault(Exception):  # noqa: N818 (it becomes a SettingsError once file and line are known)
    """A value that does not fit: what is wrong with it, and the keys and places that lead to it."""

    def __init__(self, words: str, path: Path = ()) -> None:
        super().__init__(words)
        self.words = words
        self.path = path

    def __str__(self) -> str:
        return f"{written(self.path) or 'the file'} {self.words}"


class Leaf:
    """A value with a notation of its own, such as "5 min". `read` raises `Fault`, its path relative to the value."""

    #: What the JSON Schema says of the notation.
    SCHEMA: ClassVar[Mapping[str, Any]]

    @classmethod
    def read(cls, value: object) -> Self:
        """The value that was written."""
        raise NotImplementedError


def read_struct(kind: type[S], value: object) -> S:
    """A Struct from a mapping. Raises `Fault` for the first thing that does not fit."""
    read: S = _read(inspect.type_info(kind), value, ())
    return read


def written(path: Path) -> str:
    """A path as people write it: `limits.email.urgent`, `sources[1].tz`; places are counted from 1."""
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{plain(step)}" for step in path).lstrip(
        "."
    )


def plain(text: str) -> str:
    """Text of a file on one line, without anything that a terminal would obey."""
    short = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return short if short.isprintable() else repr(short)[1:-1]


def show(value: object) -> str:
    """A refused value, short and on one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str() if len(value) > _SHOWN:
            return repr(value[:_SHOWN] + "…")
        case _:
            return repr(value)


def unknown(word: str, known: Iterable[str]) -> str:
    """What to say of a word that is none of the known ones."""
    names = list(known)
    near = did_you_mean(word, names) or did_you_mean(word.casefold(), names)
    return f"is not known{near or '; known are ' + ', '.join(names)}"


def _read(kind: inspect.Type, value: object, path: Path) -> Any:
    match kind:
        case inspect.Metadata():
            return _read(kind.type, value, path)
        case inspect.CustomType():
            return _leaf(kind.cls, value, path)
        case inspect.UnionType():  # a Struct's field that may be left out
            if value is None:
                return None
            (only,) = (t for t in kind.types if not isinstance(t, inspect.NoneType))
            return _read(only, value, path)
        case inspect.StructType():
            return _struct(kind, value, path)
        case inspect.VarTupleType():
            if not isinstance(value, list):
                raise Fault(f"must be a list, not {show(value)}", path)
            return tuple(_read(kind.item_type, item, (*path, n)) for n, item in enumerate(value))
        case inspect.BoolType():
            if not isinstance(value, bool):
                raise Fault(f"must be true or false, not {show(value)}", path)
            return value
        case inspect.StrType():
            if not isinstance(value, str) or not value.strip():
                raise Fault(f"must be text, not {show(value)}", path)
            return value
    raise TypeError(f"no reader for {kind}")


def _leaf(leaf: type[Leaf], value: object, path: Path) -> Leaf:
    try:
        return leaf.read(value)
    except Fault as fault:
        raise Fault(fault.words, (*path, *fault.path)) from None


def _struct(kind: inspect.StructType, value: object, path: Path) -> Any:
    fields = {field.encode_name: field for field in kind.fields}
    if not isinstance(value, dict):
        raise Fault(f"must hold keys such as {_some(fields)}, not {show(value)}", path)
    for key in value:
        if key not in fields:
            raise Fault(unknown(str(key), fields), (*path, str(key)))
    for name, field in fields.items():
        if field.required and name not in value:
            raise Fault(f"needs '{name}'", path)
    read = {fields[key].name: _read(fields[key].type, body, (*path, key)) for key, body in value.items()}
    return kind.cls(**read)


def _some(names: Iterable[str]) -> str:
    return " or ".join(f"'{name}'" for name in list(names)[:2])
