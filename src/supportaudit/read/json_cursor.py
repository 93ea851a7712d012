"""A place in a JSON text that only moves forward, so that a file of any size is read in flat memory.

The standard library's scanner decodes one value at a time out of a window of the text. It is twice as fast
as the streaming parsers, tells where a value ends, and takes what Python writes (NaN). What is broken costs
its own record: the cursor goes on where the text next looks like the records before.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from supportaudit.read.account import RowFaultError

Item = tuple[int, object]
"""(line or record number, decoded value or the RowFaultError that stands for it)."""

MAX_RECORD = 1 << 28
"""Characters in one record: above, the window no longer grows and the record is refused."""

_WINDOW = 1 << 20
_NEAR_THE_END = 64  # longer than any token that the window's end can cut, strings apart
_TAIL_OF_NUMBER = 4
_FIRST_LOOK = 200  # characters of a record that tell how it begins
_MANY_BLANKS = 1000
_SPACE = re.compile(r"[ \t\r\n]*")
_BETWEEN = re.compile("[\\s,\x1e\ufeff]*")
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_FIRST_KEY = re.compile(r'\{[ \t\r\n]*"[^"\\]{1,100}"|\{')
CUT_SHORT = "the file ends in the middle of a record; it may have been cut short"


def _long_number(digits: str) -> int | float:
    return int(digits) if len(digits) < 4000 else float(digits)


_scanner = json.JSONDecoder(parse_constant=lambda _: None)
_patient = json.JSONDecoder(parse_constant=lambda _: None, parse_int=_long_number)


def mended(value: object) -> object:
    """The value with halves of surrogate pairs replaced: Python writers cut emoji in half."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [mended(item) for item in value]
    if isinstance(value, dict):
        return {mended(key): mended(item) for key, item in value.items()}
    return value


class Cursor:
    """Reads JSON values one after another. `broken` is the first fault met, with its line."""

    def __init__(self, stream: TextIO, drop_nul: bool = False) -> None:
        self.broken: tuple[int, RowFaultError] | None = None
        self._stream = stream
        self._drop_nul = drop_nul
        self._text = ""
        self._at = 0
        self._ended = False
        self._counted = (0, 1)  # up to this place of the window the lines are counted

    @property
    def line(self) -> int:
        """The line the cursor stands on."""
        place, line = self._counted
        line += self._text.count("\n", place, self._at)
        self._counted = (self._at, line)
        return line

    def _more(self) -> bool:
        """Read on; what lies behind the cursor is let go. At the end of the file False, and nothing has moved."""
        if self._ended:
            return False
        room = max(_WINDOW, len(self._text) - self._at)
        new = self._stream.read(room)
        if not new:
            self._ended = True
            return False
        line = self.line
        self._text = self._text[self._at :] + (new.replace("\0", "") if self._drop_nul else new)
        self._at, self._counted = 0, (0, line)
        return True

    def peek(self, loose: bool = False) -> str:
        """The next character that means something, "" at the end. `loose` also passes commas between values."""
        sign = self._text[self._at : self._at + 1]
        if sign > " " and not loose:
            return sign
        space = _BETWEEN if loose else _SPACE
        while True:
            found = space.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def value(self) -> object:
        """The value under the cursor, decoded. Raises RowFaultError, and stays where it stood."""
        if not self.peek():
            raise RowFaultError("not valid JSON", CUT_SHORT)
        while True:
            start = self._at
            try:
                value, end = self._decode(start)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos >= len(self._text) - _NEAR_THE_END
                if cut and len(self._text) - start > MAX_RECORD:
                    raise RowFaultError(f"a record longer than {MAX_RECORD:,} characters") from None
                if cut and self._more():
                    continue
                at_end = error.msg.startswith("Unterminated") or error.pos >= len(self._text.rstrip())
                raise RowFaultError("not valid JSON", CUT_SHORT if cut and at_end else error.msg) from None
            except (ValueError, RecursionError) as error:
                deep = isinstance(error, RecursionError)
                raise RowFaultError("JSON nested too deeply" if deep else "not valid JSON") from None
            cut = end > len(self._text) - _TAIL_OF_NUMBER and not isinstance(value, str | dict | list)
            if cut and self._more():
                continue  # "10." is taken for 10 while the rest is not there
            half = _HALF_PAIR.search(self._text, start, end)
            self._at = end
            return mended(value) if half else value

    def _decode(self, start: int) -> tuple[object, int]:
        try:
            return _scanner.raw_decode(self._text, start)
        except json.JSONDecodeError:
            raise
        except ValueError:  # an integer of thousands of digits
            return _patient.raw_decode(self._text, start)

    def elements(self) -> Iterator[Item]:
        """At a "[": its elements with their lines. A broken one comes as its fault."""
        self._at += 1
        if self.peek() == "]":
            self._at += 1
            return
        look = _Look()
        faulty = False
        comma = ""
        while True:
            self._look_ahead()
            window, place = self._text, self._at
            sign, line = self.peek(), self.line
            if sign == "{" and window is self._text and look.wanted(comma):
                look.start = comma + self._text[place : self._at] + self._first_key()
            try:
                value = self.value()
                yield line, value
                look.learn(value)
                sign = self.peek()
                if sign not in (",", "]"):
                    line = self.line
                    raise RowFaultError("not valid JSON", "Expecting ',' delimiter" if sign else CUT_SHORT)
            except RowFaultError as fault:
                faulty = True
                yield line, self._break(fault, line, look)
                comma = ""
                if not self.peek():
                    return
                continue
            self._at += 1
            comma = sign
            if sign == "]" and not (faulty and self._find(look)):
                return

    def values(self) -> Iterator[Item]:
        """All top-level values, arrays opened; between them may stand white space, commas, or nothing."""
        while sign := self.peek(loose=True):
            if sign == "[":
                yield from self.elements()
                continue
            line = self.line
            try:
                value = self.value()
            except RowFaultError as fault:
                yield line, self._break(fault, line, _Look("\n{"))
            else:
                yield line, value

    def members(self) -> Iterator[str]:
        """At a "{": each key, the cursor at its value, which is to be taken before the next key is asked for.

        Raises RowFaultError where the object is broken.
        """
        self._at += 1
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            self.peek()
            key = self.value()
            if not isinstance(key, str) or self.peek() != ":":
                raise RowFaultError("not valid JSON", "Expecting a name and a colon")
            self._at += 1
            yield key
            sign = self.peek()
            if sign not in (",", "}"):
                raise RowFaultError("not valid JSON", "Expecting ',' delimiter" if sign else CUT_SHORT)
            self._at += 1
            if sign == "}":
                return

    def _look_ahead(self) -> None:
        """Have the beginning of the next record in the window, and the blanks before it, unless they are very many."""
        while True:
            found = _SPACE.match(self._text, self._at)
            begin = found.end() if found is not None else self._at
            if begin - self._at > _MANY_BLANKS or len(self._text) - begin >= _FIRST_LOOK or not self._more():
                return

    def _first_key(self) -> str:
        """How the record under the cursor begins: what the next one will look like."""
        found = _FIRST_KEY.match(self._text, self._at)
        return found[0] if found else "{"

    def _break(self, fault: RowFaultError, line: int, look: "_Look") -> RowFaultError:
        """Note the fault and go on to the next record that looks alike; says so if there is none."""
        self.broken = self.broken or (line, fault)
        self._at = min(self._at + 1, len(self._text))
        if self._find(look) or fault.detail == CUT_SHORT:
            return fault
        return RowFaultError(fault.kind, f"{fault.detail}; nothing after it could be read".removeprefix("; "))

    def _find(self, look: "_Look") -> bool:
        """Move to the next record that looks alike; to the end of the file if there is none."""
        start = look.start
        while start:
            found = self._text.find(start, self._at)
            if found < 0:
                self._at = max(self._at, len(self._text) - len(start) + 1)
                if not self._more():
                    break
                continue
            self._at = place = found + start.index("{")
            window = self._text
            try:
                fits = look.fits(self.value())
            except RowFaultError:
                fits = False
            self._at = place if window is self._text else 0  # reading on moves the window to the record
            if fits:
                return True
            self._at += 1
        while self._more():
            self._at = len(self._text)
        self._at = len(self._text)
        return False


@dataclass
class _Look:
    """What records of an array look like: the text they start with, and the keys of the first good one."""

    start: str = ""
    keys: frozenset[str] = frozenset()

    def wanted(self, comma: str) -> bool:
        """Whether the start is still to be learnt: one after a comma is better than the array's first."""
        return not self.start or (comma == "," and not self.start.startswith(","))

    def learn(self, value: object) -> None:
        if not self.keys and isinstance(value, dict):
            self.keys = frozenset(value)

    def fits(self, value: object) -> bool:
        if not isinstance(value, dict):
            return False
        return not self.keys or 2 * len(self.keys & value.keys()) >= len(self.keys)
