"""Finding the records in a JSON file: JSON Lines, an array, an object around one, or objects in a row.

JSON Lines is streamed. A whole document is loaded as bytes and cut into undecoded records, which are
decoded one at a time: about the file's size in memory, plus 100 bytes a record.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import msgspec

from supportaudit.errors import InputError
from supportaudit.read import mapping
from supportaudit.read.account import RowFaultError, listed, show
from supportaudit.read.container import Container

Item = tuple[int, object]
"""(line or record number, decoded value or the RowFaultError that stands for it)."""

MESSAGE_LISTS = (
    *("messages", "comments", "threads", "thread", "events", "parts", "conversationparts", "conversation"),
    *("conversations", "history", "chathistory", "transcript", "turns", "utterances", "replies", "posts"),
    *("embedded", "notes"),
)
"""Keys (normalised) that may hold a conversation's messages, the likelier first."""
_LIST_RANK = {name: rank for rank, name in enumerate(MESSAGE_LISTS)}

_PEEK = 20
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
    return _mended(json.loads(data, parse_constant=lambda _: None))


def _mended(value: object) -> object:
    """The value with halves of surrogate pairs replaced by U+FFFD."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def _attempt(data: bytes) -> object:
    """The decoded value, or the fault as a value."""
    try:
        return decode(data)
    except RowFaultError as fault:
        return fault


def find_records(container: Container) -> Records:
    """Tell the shape and give the records. Raises InputError if the file holds none."""
    head: list[bytes] = []
    for line in container.lines():
        if line.strip():
            head.append(line)
            if len(head) == _PEEK or head[0].lstrip().startswith(b"["):
                break
    where = container.path.name
    if not head:
        raise InputError(f"{where} is empty.", "Export the conversations again.")
    array = head[0].lstrip().startswith(b"[")
    objects = [] if array else [isinstance(_attempt(line), dict) for line in head]
    if len(head) > 1 and not array and objects[0]:
        return _lines(container)
    data = container.content()
    try:
        return _in_document(data, where)
    except _NotADocumentError as broken:
        if sum(objects[1:]) * 2 > len(objects[1:]):
            return _lines(container)
        return _in_sequence(data, where, str(broken))


class _NotADocumentError(Exception):
    pass


def _lines(container: Container) -> Records:
    def items() -> Iterator[Item]:
        for number, line in enumerate(container.lines(), 1):
            if not line.isspace():
                yield number, _attempt(line)

    return Records("JSON Lines", items)


def _in_document(data: bytes, where: str) -> Records:
    """Records of one whole document. Raises _NotADocumentError if it does not parse."""
    mended = False
    if (top := _cut(data)) is None:
        if not isinstance(_attempt(data), RowFaultError | dict | list):
            raise InputError(f"{where} holds a single JSON value, no records.", "Export it again.")
        try:
            if not _FORGIVABLE.search(data):
                raise ValueError
            data = msgspec.json.encode(_forgiving(data))
            mended = True
        except (ValueError, RecursionError, TypeError):
            raise _NotADocumentError(_why(data)) from None
        top = _cut(data)
    if isinstance(top, list):
        return _array("JSON array", data, top, 0, mended, where)
    if top is None:
        raise _NotADocumentError(_why(data))
    whole = decode(data)
    if isinstance(whole, dict) and (is_conversation(whole) or is_message(whole)):
        return Records("single JSON object", lambda: iter([(1, whole)]), mended)
    key, pieces = _choose(top, where)
    start = max(data.find(bytes(top[key])), 0) if key in top else 0
    return _array(f"JSON object, records under {show(key)}", data, pieces, start, mended, where)


def _why(data: bytes) -> str:
    """The parser's complaint with the line it stands on."""
    try:
        _decoder.decode(data)
    except RecursionError:
        return "it is nested too deeply"
    except (msgspec.DecodeError, UnicodeError) as error:
        at = re.search(r"byte (\d+)", str(error))
        line = f" on line {data.count(10, 0, int(at[1])) + 1}" if at else ""
        return f"{error}{line}"
    return "it cannot be cut into records"


def _cut(data: bytes) -> list[msgspec.Raw] | dict[str, msgspec.Raw] | None:
    """The top level with its values undecoded; an empty list for a bare value, None if it does not parse."""
    kind: object = list[msgspec.Raw] if data.lstrip()[:1] == b"[" else dict[str, msgspec.Raw]
    try:
        return msgspec.json.decode(data, type=kind)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _array(
    shape: str, data: bytes, pieces: list[msgspec.Raw], start: int, mended: bool, where: str
) -> Records:
    if not pieces:
        raise InputError(f"{where} holds an empty list.", "Export the conversations again.")

    def items() -> Iterator[Item]:
        position, line = start, data.count(b"\n", 0, start) + 1
        for number, piece in enumerate(pieces, 1):
            raw = bytes(piece)
            found = data.find(raw, position)  # between records stand only a comma and white space
            line += data.count(b"\n", position, found)
            yield (number if mended else line), _attempt(raw)
            line += raw.count(b"\n")
            position = found + len(raw)

    return Records(shape, items, mended)


def _choose(top: dict[str, msgspec.Raw], where: str) -> tuple[str, list[msgspec.Raw]]:
    """The key and the records of the one list that holds messages or conversations."""
    lists = _lists(top)
    if not lists:
        for key, raw in top.items():
            inner = _cut(bytes(raw)) if _begins(raw, "{") else None
            if isinstance(inner, dict):
                lists.update({f"{key}.{name}": pieces for name, pieces in _lists(inner).items()})
    full = {key: pieces for key, pieces in lists.items() if any(_begins(p, "{") for p in pieces)}
    if len(full) == 1:
        return next(iter(full.items()))
    scores = {key: _score(pieces) for key, pieces in full.items()}
    best = [key for key, score in scores.items() if score and score == max(scores.values())]
    if len(best) == 1:
        return best[0], full[best[0]]
    if full:
        raise InputError(
            f"{where}: several lists could hold the messages: {listed(list(full))}.",
            "Save the right one alone, for example with `jq .NAME export.json > messages.json`.",
        )
    raise InputError(
        f"{where} holds no list of messages or conversations; its keys are: {listed(list(top))}.",
        "Export the conversations as a JSON array or JSON Lines.",
    )


def _begins(raw: msgspec.Raw, bracket: str) -> bool:
    return memoryview(raw)[0] == ord(bracket)  # without copying what may be most of the file


def _lists(top: dict[str, msgspec.Raw]) -> dict[str, list[msgspec.Raw]]:
    found = {}
    for key, raw in top.items():
        if _begins(raw, "["):
            pieces = _cut(bytes(raw))
            if isinstance(pieces, list):
                found[key] = pieces
    return found


def _score(pieces: list[msgspec.Raw]) -> int:
    """How much the first records look like conversations (2) or messages (1)."""
    values = [value for piece in pieces[:5] if isinstance(value := _attempt(bytes(piece)), dict)]
    if not values:
        return 0
    return max(2 if message_list(value) is not None else int(_speaks(value)) for value in values)


def _speaks(record: dict[str, object]) -> bool:
    proposal = mapping.propose([path for path, _ in paths_of(record)], every=True)
    columns = proposal.columns
    told = "conversation_id" in columns or "at" in columns or proposal.has_author
    return ("text" in columns or "html" in columns) and told


def _in_sequence(data: bytes, where: str, broken: str) -> Records:
    """Objects one after another, each over many lines if it likes; a broken one is skipped to the next."""
    text = data.decode("utf-8", "replace")
    decoder = json.JSONDecoder(parse_constant=lambda _: None)

    def items() -> Iterator[Item]:
        position, line = 0, 1
        while True:
            start = _skip_space(text, position)
            line += text.count("\n", position, start)
            if start >= len(text):
                return
            value: object
            try:
                value, position = decoder.raw_decode(text, start)
                value = _mended(value)
            except (ValueError, RecursionError) as error:
                why = "JSON nested too deeply" if isinstance(error, RecursionError) else "not valid JSON"
                value = RowFaultError(why, getattr(error, "msg", ""))
                position = text.find("\n{", start)
                position = len(text) if position < 0 else position
            if isinstance(value, list):
                for element in value:
                    yield line, element
            else:
                yield line, value
            line += text.count("\n", start, position)

    first = next(items(), (1, None))[1]
    if not isinstance(first, dict):
        raise InputError(
            f"{where} is not valid JSON: {broken}.", "Export it again; it may have been cut short."
        )
    return Records("JSON objects one after another", items)


_SPACE = re.compile(r"[\s,\x1e]*")


def _skip_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


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
