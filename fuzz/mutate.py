"""New inputs from old ones. Bytes are changed blindly; text, JSON and tables along what they are made of."""

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

from fuzz.harness import Harness

# What programs stumble over, whatever they read.
TEXTS = (
    *(
        "",
        " ",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\ufeff",
        "\u202e",
        "\u200b",
        "\u2028",
        "\x1b[31m",
        "\x85",
        "\ud800",
    ),
    *(
        "é",
        "ß",
        "İ",
        "ſ",
        "ﬁ",
        "ﷺ",
        "…",
        "½",
        "٣",
        "𝟗",
        "👩‍👧",
        "e\u0301\u0301",
        "\U000e0001",
        "ა",
        "հ",
        "Ж",
        "ς",
    ),
    *(
        "<b>",
        "</",
        "&#0;",
        "<!--",
        "]]>",
        "{{",
        "%s",
        "=1+1",
        '"',
        "'",
        "\\",
        '\\"',
        ",",
        ";",
        "|",
        "\\u0000",
    ),
    *("null", "NaN", "-0", "1e999", "0x10", "9" * 20, "9" * 5000, "-1", "1.5", "true", "1.02938E+12"),
    *("2024-02-30", "2024-05-01T10:00:00Z", "03/04/2026 10:00", "1714557600000", "24:00", "UTC", "+99:99"),
    *("a@b.example", "4111 1111 1111 1111", "+44 20 7946 0958", "https://x.example/?q=1", "10.0.0.1"),
    *("customer", "agent", "private", "@", "#", ">", "- ", "-- \n", "On 1 May 2024, A wrote:\n> "),
)
NUMBERS: tuple[Any, ...] = (
    *(
        0,
        -1,
        1,
        2**31,
        2**53 + 1,
        2**63,
        2**64,
        10**30,
        -(2**63) - 1,
        0.1,
        -0.0,
        1e308,
        1.7e9,
        1.7e12,
        1.7e15,
    ),
    *(True, False, None, [], {}, "", [[]], [{}], {"": None}, [None]),
)


def mutate(
    one: Harness, data: bytes, rng: random.Random, other: bytes = b"", longest: int | None = None
) -> bytes:
    """A changed copy of an input, at most `longest` bytes. `other` is another input to take parts from."""
    ways = [*_WAYS["bytes"], *_WAYS["text"]]
    if one.shape != "text":
        ways = [*_WAYS[one.shape] * 3, *ways]
    words = (*one.words * (1 + len(TEXTS) // max(len(one.words), 1)), *TEXTS)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
        data = rng.choice(ways)(data, rng, words, other)
    return data[: one.longest if longest is None else min(longest, one.longest)]


Way = Callable[[bytes, random.Random, Sequence[str], bytes], bytes]


# --- bytes


def _place(data: bytes, rng: random.Random) -> int:
    return rng.randint(0, len(data))


def _slice(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = _place(data, rng)
    return start, min(len(data), start + rng.choice((1, 2, 4, 16, 64, 256)))


def _flip(data: bytes, rng: random.Random, words: Sequence[str], other: bytes) -> bytes:
    if not data:
        return b"\0"
    place = rng.randrange(len(data))
    return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]


def _cut(data: bytes, rng: random.Random, words: Sequence[str], other: bytes) -> bytes:
    start, end = _slice(data, rng)
    return data[:start] + data[end:]


def _double(data: bytes, rng: random.Random, words: Sequence[str], other: bytes) -> bytes:
    start, end = _slice(data, rng)
    return data[:end] + data[start:end] * rng.choice((1, 2, 10, 50)) + data[end:]


def _splice(data: bytes, rng: random.Random, words: Sequence[str], other: bytes) -> bytes:
    start, end = _slice(other, rng)
    place = _place(data, rng)
    return data[:place] + other[start:end] + data[place:]


# --- text


def _encoded(text: str) -> bytes:
    """As bytes, those that were no UTF-8 as they stood."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _insert(data: bytes, rng: random.Random, words: Sequence[str], other: bytes) -> bytes:
    place = _place(data, rng)
    word = _encoded(rng.choice(words))
    if rng.random() < 0.5:  # between two words rather than inside one
        place = data.rfind(b" ", 0, place) + 1
        word += b" "
    return data[:place] + word + data[place:]


def _exchange(data: bytes, rng: random.Random, words: Sequence[str], other: bytes) -> bytes:
    parts = data.split(b" ")
    parts[rng.randrange(len(parts))] = _encoded(rng.choice(words))
    return b" ".join(parts)


def _swap_lines(data: bytes, rng: random.Random, words: Sequence[str], other: bytes) -> bytes:
    lines = data.split(b"\n")
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def _repeat_line(data: bytes, rng: random.Random, words: Sequence[str], other: bytes) -> bytes:
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    lines[place:place] = [lines[rng.randrange(len(lines))]] * rng.choice((1, 1, 5))
    return b"\n".join(lines)


# --- JSON: the first document, or one of several lines, behind whatever stands before it


def _json_node(data: bytes, rng: random.Random, words: Sequence[str], other: bytes) -> bytes:
    found = _document(data, rng)
    if found is None:
        return _insert(data, rng, words, other)
    start, end, document = found
    changed = _changed(document, rng, words)
    written = json.dumps(changed, ensure_ascii=rng.random() < 0.2)
    return data[:start] + _encoded(written) + data[end:]


def _document(data: bytes, rng: random.Random) -> tuple[int, int, Any] | None:
    starts = [
        n for n in range(len(data)) if data[n : n + 1] in (b"{", b"[") and data[n - 1 : n] in (b"", b"\n")
    ]
    rng.shuffle(starts)
    for start in starts[:4]:
        text = data[start:].decode("utf-8", "surrogateescape")
        try:
            document, length = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            continue
        return start, start + len(_encoded(text[:length])), document
    return None


def _changed(document: Any, rng: random.Random, words: Sequence[str]) -> Any:
    places: list[tuple[Any, Any]] = []
    todo = [document]
    while todo:
        node = todo.pop()
        keys = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for key in keys:
            places.append((node, key))
            todo.append(node[key])
    if not places:
        return rng.choice(NUMBERS)
    node, key = rng.choice(places)
    other, again = rng.choice(places)
    what = rng.randrange(7)
    if what == 0:
        del node[key]
    elif what == 1:
        node[key] = rng.choice(words)
    elif what == 2:
        node[key] = rng.choice(NUMBERS)
    elif what == 3:
        node[key] = json.loads(json.dumps(other[again]))  # a copy: an object may not hold itself
    elif what == 4:
        node[key] = [node[key]] if rng.random() < 0.5 else {"id": node[key]}
    elif isinstance(node, list):
        node.insert(key, json.loads(json.dumps(node[key])))
    elif what == 5:
        node[rng.choice(words)] = node.pop(key)
    elif isinstance(node[key], str) and node[key]:
        place = rng.randrange(len(node[key]))
        node[key] = node[key][:place] + rng.choice(words) + node[key][place:]
    else:
        node[key] = str(node[key])
    return document


# --- tables


def _cell(data: bytes, rng: random.Random, words: Sequence[str], other: bytes) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    delimiter = max(",;\t|", key=text.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return _insert(data, rng, words, other)
    filled = [row for row in rows if row]
    if not filled:
        return _insert(data, rng, words, other)
    row = rng.choice(filled)
    place = rng.randrange(len(row))
    what = rng.randrange(6)
    if what == 0:
        row[place] = rng.choice(words)
    elif what == 1:
        row[place] += rng.choice(words)
    elif what == 2:
        del row[place]
    elif what == 3:
        row.insert(place, rng.choice(words))
    elif what == 4:
        rows.insert(rng.randrange(len(rows) + 1), list(row))
    else:
        row[place] = rng.choice(rng.choice(filled))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=rng.choice((delimiter,) * 6 + (",", ";", "\t", "|")), escapechar="\\")
    writer.writerows(rows)
    return _encoded(out.getvalue())


_WAYS: dict[str, list[Way]] = {
    "bytes": [_flip, _cut, _double, _splice],
    "text": [_insert, _insert, _exchange, _swap_lines, _repeat_line],
    "json": [_json_node],
    "table": [_cell],
}
