"""The file of rejected rows: what was refused, where, why, and the row itself, to be mended and read again."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from supportaudit.model import Rejected
from supportaudit.whole import WholeFile

HEADER = ("file", "line", "reason", "row")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
            cells = (rejected.file, str(rejected.line), rejected.reason, _text(row))
            self._write(_line([_plain(cell) for cell in cells]))
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
    """JSON on one line; half a surrogate pair, which UTF-8 cannot hold, is a question mark."""
    if value is None:
        return ""
    try:
        return msgspec.json.encode(value).decode()
    except (UnicodeError, TypeError, OverflowError):
        return str(value).encode("utf-8", "replace").decode()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
