"""Finding the records in a JSON file: JSON Lines, an array, an object around lists, or objects in a row.

Everything is streamed: no more than a window of the file and one record are in memory.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

import msgspec

from supportaudit.errors import EmptyError, InputError, NoMessagesError
from supportaudit.read import mapping
from supportaudit.read.account import RowFaultError, listed, show
from supportaudit.read.container import Container
from supportaudit.read.json_cursor import Cursor, Item, mended

MESSAGE_LISTS = (
    *("messages", "comments", "threads", "thread", "events", "parts", "conversationparts", "conversation"),
    *("conversations", "history", "chathistory", "transcript", "turns", "utterances", "replies", "posts"),
    *("embedded", "notes"),
)
"""Keys (normalised) that may hold a conversation's messages, the likelier first."""
_LIST_RANK = {name: rank for rank, name in enumerate(MESSAGE_LISTS)}

_PEEK = 20
_WINDOW = 1 << 20
_MEMBERS = 1000
_DEPTH = 3
_FORGIVABLE = re.compile(rb"NaN|Infinity|\\u[dD][89a-fA-F]")
_decoder = msgspec.json.Decoder()

key_word = lru_cache(maxsize=4096)(mapping.normalise)


@dataclass
class Records:
    """Where the records are. `items` starts from the first each time; `by_number`: lines are ordinals."""

    shape: str
    items: Callable[[], Iterator[Item]]
    by_number: bool = False
    notes: list[str] = field(default_factory=list)


@dataclass
class JsonDocument:
    """A JSON file whose shape is known. Every iterator starts from the beginning and may be abandoned.

    Places are lines, or, with `by_number`, ordinals of records: where many records stand on one line. `preview`
    is there for a single object only: lists cut to 20 elements and inner objects to 1,000 members, three
    levels deep; what lies deeper is whole. `paths` are its lists, by dotted path down to the second level.
    `broken` is where and why a single object ends too early, or, if it is `whole`, what stands after it.
    """

    shape: str
    container: Container
    by_number: bool = False
    notes: list[str] = field(default_factory=list)
    preview: dict[str, object] | None = None
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    broken: tuple[int, RowFaultError] | None = None
    whole: bool = True

    def values(self) -> Iterator[Item]:
        """The top-level values. A single object comes decoded whole, however big it is."""
        if self.shape == LINES:
            return _lines(self.container)
        return self._placed(_top_values(self.container))

    def list_items(self, path: str) -> Iterator[Item]:
        """The records of the list under that path; at the end the fault that cut the object short, if any."""
        return self._placed(self._under(self.paths[path]))

    def member(self, key: str) -> object:
        """One member of the single object, decoded; None if there is none, or it is broken."""
        with self.container.open_text() as stream:
            cursor = Cursor(stream, self.container.nul)
            cursor.peek(loose=True)
            try:
                for name in cursor.members():
                    if name == key:
                        return cursor.value()
                    _pass_over(cursor)
            except RowFaultError:
                pass
        return None

    def _placed(self, items: Iterator[Item]) -> Iterator[Item]:
        return ((number, value) for number, (_, value) in enumerate(items, 1)) if self.by_number else items

    def _under(self, path: tuple[str, ...]) -> Iterator[Item]:
        told = False
        with self.container.open_text() as stream:
            cursor = Cursor(stream, self.container.nul)
            cursor.peek(loose=True)
            try:
                for line, value in _descend(cursor, path):
                    told = told or isinstance(value, RowFaultError)
                    yield line, value
            except RowFaultError:
                pass
        if self.broken is not None and not told:
            yield self.broken


LINES, ARRAY, OBJECT, SEQUENCE = (
    *("JSON Lines", "JSON array", "single JSON object", "JSON objects one after another"),
)


def decode(data: bytes) -> object:
    """One JSON value. Raises RowFaultError with the parser's reason.

    Python writers put NaN where a value is missing and cut emoji in half; both are mended, not refused.
    """
    try:
        return _decoder.decode(data)
    except RecursionError:
        raise RowFaultError("JSON nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        if _FORGIVABLE.search(data):
            try:
                return _forgiving(data)
            except (ValueError, RecursionError):
                pass
        raise RowFaultError("not valid JSON", str(error)) from None


def _forgiving(data: bytes) -> object:
    return mended(json.loads(data, parse_constant=lambda _: None))


def _attempt(data: bytes) -> object:
    """The decoded value, or the fault as a value."""
    try:
        return decode(data)
    except RowFaultError as fault:
        return fault


def open_document(container: Container) -> JsonDocument:
    """Tell the shape. Raises InputError if the file holds no value that could be a record."""
    where = container.name
    objects = [isinstance(_attempt(line), dict) for line in _head(container)]
    if len(objects) > 1 and objects[0]:
        return JsonDocument(LINES, container)
    with container.open_text() as stream:
        cursor = Cursor(stream, container.nul)
        sign = cursor.peek(loose=True)
        if sign == "{":
            found = _in_object(cursor, container)
            if found.whole or any(_holds_objects(found, path) for path in found.paths):
                return found
            assert found.broken is not None
            fault = found.broken
        elif sign == "[":
            values = list(islice(cursor.values(), _PEEK))
            good = [line for line, value in values if not isinstance(value, RowFaultError)]
            if not values:
                raise EmptyError(f"{where} holds an empty list.", "Export the conversations again.")
            if good:
                return JsonDocument(ARRAY, container, len(good) > 1 and good[0] == good[1])
            fault = _fault(values[0])
        else:
            fault = _fault(next(cursor.values(), (1, RowFaultError("not valid JSON", "no value in it"))))
    if sum(objects[1:]) * 2 > len(objects[1:]):
        return JsonDocument(LINES, container)
    line, why = fault
    if not why.kind:
        raise InputError(f"{where} holds a single JSON value, no records.", "Export it again.")
    said = why.detail if why.kind == "not valid JSON" else "; ".join(filter(None, (why.kind, why.detail)))
    raise InputError(
        f"{where} is not valid JSON: {said} (line {line}).", "Export it again; it may have been cut short."
    )


def _head(container: Container) -> list[bytes]:
    """The first lines that are not blank and no array, of what a window holds: one line may be the whole file."""
    with container.open_text() as stream:
        text = stream.read(_WINDOW).replace("\0", "").lstrip("\ufeff")
    lines = text.split("\n")
    if len(text) == _WINDOW and len(lines) > 1:
        lines.pop()
    head = [line.encode("utf-8", "replace") for line in islice(filter(str.strip, lines), _PEEK)]
    return [] if head and head[0].lstrip().startswith(b"[") else head


def _fault(item: Item) -> tuple[int, RowFaultError]:
    line, value = item
    return line, value if isinstance(value, RowFaultError) else RowFaultError("")


def _in_object(cursor: Cursor, container: Container) -> JsonDocument:
    """A document that begins with an object: that one alone, or the first of several."""
    found = JsonDocument(OBJECT, container, preview={})
    assert found.preview is not None
    first = cursor.line
    try:
        _fill(cursor, found.preview, (), found)
    except RowFaultError as fault:
        cursor.broken = cursor.broken or (cursor.line, fault)
    found.broken, found.whole = cursor.broken, cursor.broken is None
    if found.whole and cursor.peek(loose=True):
        together = cursor.line == first
        line, after = next(cursor.values(), (first, None))  # nothing but empty arrays may follow
        if not isinstance(after, RowFaultError):
            return JsonDocument(SEQUENCE, container, together)
        found.broken = (line, after)
    return found


def _fill(cursor: Cursor, into: dict[str, object], path: tuple[str, ...], found: JsonDocument) -> None:
    """Preview the object under the cursor. Raises RowFaultError where it is broken, keeping what came before."""
    for key in cursor.members():
        here = (*path, key)
        target = into if len(into) < _MEMBERS or not path else {}
        sign = cursor.peek()
        if sign == "{" and len(here) < _DEPTH:
            inner: dict[str, object] = {}
            target[key] = inner
            _fill(cursor, inner, here, found)
        elif sign == "[":
            kept: list[object] = []
            target[key] = kept
            if len(here) < _DEPTH:
                found.paths[".".join(here)] = here
            lines = []
            for line, value in cursor.elements():
                if len(kept) < _PEEK and not isinstance(value, RowFaultError):
                    kept.append(value)
                    lines.append(line)
            together = len(kept) > 1 and lines[0] == lines[1] and isinstance(kept[0], dict)
            found.by_number = found.by_number or together
        else:
            target[key] = cursor.value()


def _holds_objects(document: JsonDocument, path: str) -> bool:
    value: object = follow(document.preview, document.paths[path])
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _top_values(container: Container) -> Iterator[Item]:
    with container.open_text() as stream:
        yield from Cursor(stream, container.nul).values()


def _lines(container: Container) -> Iterator[Item]:
    for number, line in enumerate(container.lines(), 1):
        if not line.isspace():
            yield number, _attempt(line)


def _descend(cursor: Cursor, path: tuple[str, ...]) -> Iterator[Item]:
    """The elements of every list under that path of the object at the cursor."""
    for key in cursor.members():
        if key != path[0]:
            _pass_over(cursor)
        elif cursor.peek() == "{" and len(path) > 1:
            yield from _descend(cursor, path[1:])
        elif cursor.peek() == "[" and len(path) == 1:
            yield from cursor.elements()
        else:
            _pass_over(cursor)


def _pass_over(cursor: Cursor, depth: int = 1) -> None:
    """Move behind the value without keeping it, however big."""
    sign = cursor.peek()
    if sign == "[":
        for _ in cursor.elements():
            pass
    elif sign == "{" and depth < _DEPTH:
        for _ in cursor.members():
            _pass_over(cursor, depth + 1)
    else:
        cursor.value()


def find_records(document: JsonDocument) -> Records:
    """The records of the document. Raises InputError if it holds none."""
    top = document.preview
    if top is None:
        return Records(document.shape, document.values, document.by_number, document.notes)
    if document.whole and (is_conversation(top) or is_message(top)):
        return Records(document.shape, document.values)
    path = _choose(document, document.container.name)
    shape = f"JSON object, records under {show(path)}"
    return Records(shape, lambda: document.list_items(path), document.by_number, document.notes)


def _choose(document: JsonDocument, where: str) -> str:
    """The path of the one list that holds messages or conversations."""
    full = {path: keys for path, keys in document.paths.items() if _holds_objects(document, path)}
    shallow = [path for path, keys in full.items() if len(keys) == 1]
    candidates = shallow or list(full)
    if len(candidates) == 1:
        return candidates[0]
    scores = {path: _score(follow(document.preview, full[path])) for path in candidates}
    best = [path for path, score in scores.items() if score and score == max(scores.values())]
    if len(best) == 1:
        return best[0]
    if candidates:
        raise InputError(
            f"{where}: several lists could hold the messages: {listed(candidates)}.",
            "Save the right one alone, for example with `jq .NAME export.json > messages.json`.",
        )
    raise NoMessagesError(
        f"{where} holds no list of messages or conversations; its keys are: {listed(list(document.preview or ()))}.",
        "Export the conversations as a JSON array or JSON Lines.",
    )


def _score(values: object) -> int:
    """How much the first records look like conversations (2) or messages (1)."""
    assert isinstance(values, list)
    records = [value for value in values[:5] if isinstance(value, dict)]
    if not records:
        return 0
    return max(2 if message_list(value) is not None else int(_speaks(value)) for value in records)


def _speaks(record: dict[str, object]) -> bool:
    proposal = mapping.propose([path for path, _ in paths_of(record)], every=True)
    columns = proposal.columns
    told = "conversation_id" in columns or "at" in columns or proposal.has_author
    return ("text" in columns or "html" in columns) and told


def message_list(record: dict[str, object]) -> tuple[str, list[object]] | None:
    """The path and the messages of a record that holds a list of them; None if it does not."""
    best: tuple[tuple[bool, int], str, list[object]] | None = None
    for key, value in record.items():
        rank = _LIST_RANK.get(key_word(key))
        if rank is None:
            continue
        path = key
        if isinstance(value, dict):
            inner = [
                (name, v) for name, v in value.items() if isinstance(v, list) and key_word(name) in _LIST_RANK
            ]
            if not inner:
                continue
            path, value = f"{key}.{inner[0][0]}", inner[0][1]
        if not isinstance(value, list) or (value and not any(isinstance(v, dict) for v in value)):
            continue
        order = (not value, rank)
        if best is None or order < best[0]:
            best = (order, path, value)
    return None if best is None else (best[1], best[2])


def is_conversation(record: dict[str, object]) -> bool:
    """Whether this object is one conversation, not a wrapper around records of their own."""
    found = message_list(record)
    if found is None:
        return False
    outer = dict(paths_of(record))
    named = mapping.propose(list(outer), mapping.CONVERSATION_SYNONYMS, every=True).columns
    names = {str(follow(record, outer[column])) for column in named.get("conversation_id", ())}
    first = next((value for value in found[1] if isinstance(value, dict)), {})
    if not names or message_list(first) is not None:
        return False
    inner = dict(paths_of(first))
    repeated = mapping.propose(list(inner), every=True).columns.get("conversation_id", [])
    return not repeated or str(follow(first, inner[repeated[0]])) in names


def is_message(record: dict[str, object]) -> bool:
    """Whether this object alone is a message: it names its conversation and holds text of its own."""
    columns = mapping.propose(
        [path for path, tail in paths_of(record) if isinstance(follow(record, tail), str | int)], every=True
    ).columns
    return "conversation_id" in columns and "text" in columns


def paths_of(record: dict[str, object]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Columns of a record: its keys, and for objects in it their keys after a dot."""
    for key, value in record.items():
        if isinstance(value, dict) and value:
            for name in value:
                yield f"{key}.{name}", (key, name)
        else:
            yield key, (key,)


def follow(record: object, path: tuple[str, ...]) -> object:
    """The value at the end of the path; None where it breaks off."""
    for key in path:
        if not isinstance(record, dict):
            return None
        record = record.get(key)
    return record
