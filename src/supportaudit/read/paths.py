"""The small language in which a desk's file says where facts stand: paths, conditions, fields.

A path is keys joined by dots: `author.name`. `tags[].name` takes every element of a list, `recipients[role=from]`
those whose key has that value, and `^` in front starts from the whole record instead of the message in it. In a
table the path is the column's header; case, blanks and underscores do not count.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from supportaudit.errors import CheckError

Getter = Callable[[Any, Any], Any]
"""From (message, record) to a value; None where the path breaks off, a list where it passes through lists."""
Condition = Callable[[Any, Any], bool]

_SEGMENT = re.compile(r"([^.\[\]]+)(?:\[(?:([^\[\]=]+)=([^\[\]]*))?(\]))?(?:\.|$)")
_NOT_WORDS = (None, "", False)


def path(text: str) -> Getter:
    """Compile a path. Raises CheckError if it is not one."""
    if text.startswith("^"):
        inner = path(text[1:])
        return lambda _item, record: inner(record, record)
    if text == ".":
        return lambda item, _record: item
    steps: list[tuple[str, str | None, str, bool]] = []
    position = 0
    while position < len(text):
        found = _SEGMENT.match(text, position)
        if found is None:
            raise CheckError(f"'{text}' is not a path: a.b, a[].b, a[key=value].b or ^a")
        steps.append((found[1], found[2], found[3] or "", found[4] is not None))
        position = found.end()
    if not any(is_list for _, _, _, is_list in steps):
        return _plain(tuple(name for name, _, _, _ in steps))
    return lambda item, _record: list(_through(item, steps, 0))


def _plain(keys: tuple[str, ...]) -> Getter:
    if len(keys) == 1:
        key = keys[0]
        return lambda item, _record: item.get(key) if isinstance(item, dict) else None

    def follow(item: Any, _record: Any) -> Any:
        for key in keys:
            if not isinstance(item, dict):
                return None
            item = item.get(key)
        return item

    return follow


def _through(value: Any, steps: Sequence[tuple[str, str | None, str, bool]], number: int) -> Iterator[Any]:
    if number == len(steps):
        if value is not None:
            yield value
        return
    name, key, wanted, is_list = steps[number]
    value = value.get(name) if isinstance(value, dict) else None
    if not is_list:
        yield from _through(value, steps, number + 1)
    elif isinstance(value, list):
        for element in value:
            if key is None or (isinstance(element, dict) and plain(element.get(key)) == wanted):
                yield from _through(element, steps, number + 1)


def plain(value: Any) -> str:
    """A value as an export would write it; of a list the first that says something; "" for an object."""
    if isinstance(value, str):
        return value.replace("\0", "") if "\0" in value else value
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return next(filter(None, map(plain, value)), "")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


# --- conditions


def condition(wanted: Mapping[str, Any]) -> Condition:
    """All of `{path: what}` hold. `what`: a value, a list of values (case does not count), or one of the tests.

    Tests: `has` (the key is there, even empty), `present`, `absent`, `list`, and as an object `{starts: text}`
    (or several texts), `{not: values}`, `{same: path}`, `{over: path}` (a number above another, or above the
    length of a list).
    """
    parts = [_test(name, what) for name, what in wanted.items()]
    if len(parts) == 1:
        return parts[0]
    return lambda item, record: all(part(item, record) for part in parts)


def _test(name: str, what: Any) -> Condition:
    get = path(name)
    if what == "has":
        return _has(name)
    if what == "present":
        return lambda item, record: get(item, record) not in (None, "", [], {})
    if what == "absent":
        return lambda item, record: get(item, record) in (None, "", [], {})
    if what == "list":
        return lambda item, record: isinstance(get(item, record), list)
    if isinstance(what, dict):
        return _object_test(get, what)
    values = frozenset(plain(value).casefold() for value in (what if isinstance(what, list) else [what]))
    return lambda item, record: plain(get(item, record)).casefold() in values


def _has(name: str) -> Condition:
    """Whether the last key of the path is there at all."""
    parent, _, key = name.rpartition(".")
    get = path(parent) if parent.strip("^") else path("^." if name.startswith("^") else ".")
    key = key.removeprefix("^")
    return lambda item, record: isinstance(found := get(item, record), dict) and key in found


def _object_test(get: Getter, what: Mapping[str, Any]) -> Condition:
    [(test, value)] = what.items()
    if test == "starts":
        starts = tuple(value) if isinstance(value, list) else value
        return lambda item, record: plain(get(item, record)).startswith(starts)
    if test == "not":
        values = frozenset(plain(v).casefold() for v in (value if isinstance(value, list) else [value]))
        return lambda item, record: plain(get(item, record)).casefold() not in values
    if test == "count":
        return lambda item, record: _length(get(item, record)) == value
    other = path(value) if isinstance(value, str) else (lambda _item, _record: value)
    if test == "same":
        return lambda item, record: plain(get(item, record)) == plain(other(item, record)) != ""
    if test == "over":
        return lambda item, record: _number(get(item, record)) > _number(other(item, record))
    raise CheckError(f"'{test}' is no test: starts, not, same, over, count")


def _number(value: Any) -> float:
    if isinstance(value, list):
        return len(value)
    return float(value) if isinstance(value, int | float) else 0.0


# --- fields


class Choice(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """One way to fill a field, taken if `when` holds and something comes of it.

    `is_` a fixed word; `path` a value, through `words` where they are given (a value they do not name gives
    nothing), or from a rating's `scale` [worst, best] to 0..1; `join` several values with blanks; `count` how
    many; `lookup` what a directory (`in`, else people) says of the id at that path, its `get`.
    """

    when: dict[str, Any] = {}
    is_: str = msgspec.field(default="", name="is")
    path: str = ""
    words: dict[str, str] = {}
    scale: tuple[float, float] | None = None
    join: list[str] = []
    count: str = ""
    all: str = ""
    lookup: str = ""
    in_: str = msgspec.field(default="people", name="in")
    get: str = "name"


FieldSpec = str | Choice | list[str | Choice]
Lookup = Callable[[str, str, str], str]
"""From (directory, id, what) to what that directory says; "" if nothing."""
Filler = Callable[[Any, Any, Lookup], Any]
"""From (message, record, lookup) to a text, or a number for times."""


def filler(spec: FieldSpec) -> Filler:
    """Compile a field: the first choice that gives something."""
    choices = [_choice(one) for one in (spec if isinstance(spec, list) else [spec])]
    if len(choices) == 1:
        return choices[0]

    def first(item: Any, record: Any, lookup: Lookup) -> Any:
        for choice in choices:
            value = choice(item, record, lookup)
            if value not in _NOT_WORDS:
                return value
        return ""

    return first


def _choice(spec: str | Choice) -> Filler:
    if isinstance(spec, str):
        get = path(spec)
        return lambda item, record, _lookup: _scalar(get(item, record))
    fill = _value(spec)
    if not spec.when:
        return fill
    holds = condition(spec.when)
    return lambda item, record, lookup: fill(item, record, lookup) if holds(item, record) else ""


def _scalar(value: Any) -> Any:
    """Numbers stay numbers: a time may be one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return plain(value)


def _value(spec: Choice) -> Filler:
    if spec.is_:
        return lambda _item, _record, _lookup: spec.is_
    if spec.join:
        parts = [path(part) for part in spec.join]
        return lambda item, record, _lookup: " ".join(filter(None, (plain(p(item, record)) for p in parts)))
    if spec.count:
        many = path(spec.count)
        return lambda item, record, _lookup: str(_length(many(item, record)))
    if spec.all:
        each = path(spec.all)
        return lambda item, record, _lookup: _lines(each(item, record))
    if spec.lookup:
        key = path(spec.lookup)
        return lambda item, record, lookup: lookup(spec.in_, plain(key(item, record)), spec.get)
    get = path(spec.path)
    if spec.words:
        words = {word.casefold(): meaning for word, meaning in spec.words.items()}
        return lambda item, record, _lookup: words.get(plain(get(item, record)).casefold(), "")
    if spec.scale is not None:
        low, high = spec.scale
        return lambda item, record, _lookup: _on_scale(get(item, record), low, high)
    return lambda item, record, _lookup: _scalar(get(item, record))


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(value not in (None, "", False))


def _lines(value: Any) -> str:
    return "\n".join(filter(None, map(plain, value))) if isinstance(value, list) else plain(value)


def _on_scale(value: Any, low: float, high: float) -> str:
    """Where a rating lies between the worst and the best; "" if it is no number on the scale."""
    try:
        share = (float(plain(value)) - low) / (high - low)
    except ValueError:
        return ""
    return repr(round(share, 6)) if 0 <= share <= 1 else ""
