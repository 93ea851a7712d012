"""The file of rejected rows: what was refused, where, why, and the row itself, to be mended and read again."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from supportaudit.harmless import inert_json
from supportaudit.model import Rejected
from supportaudit.sheet import cell
from supportaudit.whole import WholeFile

HEADER = ("file", "line", "reason", "row")


class RejectFile:
    """Written as rows are refused; appears whole when the block ends well, or not at all.

    A name that ends in .csv makes a table whose cells no spreadsheet takes for formulas; any other, JSON Lines.
    Raises SettingsError where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = WholeFile(path)
        self._as_csv = path.suffix.lower() == ".csv"

    def __enter__(self) -> Self:
        self._file.__enter__()
        if self._as_csv:
            self._write(_line(HEADER))
        return self

    def __call__(self, rejected: Rejected, row: object) -> None:
        """Write one refused row."""
        if self._as_csv:
            self._write(_line((cell(rejected.file), str(rejected.line), cell(rejected.reason), _text(row))))
        else:
            whole = {"file": rejected.file, "line": rejected.line, "reason": rejected.reason, "row": row}
            self._write(_text(whole) + "\n")

    def _write(self, text: str) -> None:
        self._file.write(text.encode("utf-8", "replace"))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _text(value: object) -> str:
    """JSON on one line, which begins with no sign of a formula; "" for nothing."""
    if value is None:
        return ""
    try:
        return inert_json(msgspec.json.encode(value).decode())
    except (UnicodeError, TypeError, OverflowError):
        # Half a surrogate pair, which UTF-8 does not hold, or a number without end: Python's own writes them.
        return inert_json(json.dumps(value, default=str))
