"""The file of rejected rows: what was refused, where, why, and the row itself, to be mended and read again."""

import csv
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import msgspec

from supportaudit.errors import SettingsError
from supportaudit.model import Rejected

HEADER = ("file", "line", "reason", "row")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class RejectFile:
    """Written as rows are refused; appears whole when the block ends well, or not at all.

    A name that ends in .csv makes a table whose cells no spreadsheet takes for formulas; any other, JSON Lines.
    Raises SettingsError where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._as_csv = path.suffix.lower() == ".csv"

    def __enter__(self) -> Self:
        try:
            number, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        except OSError as error:
            raise self._unwritable(error) from error
        self._made = Path(name)
        self._file: TextIO = os.fdopen(number, "w", encoding="utf-8", errors="replace", newline="")
        self._table = csv.writer(self._file)
        if self._as_csv:
            self._table.writerow(HEADER)
        return self

    def __call__(self, rejected: Rejected, row: object) -> None:
        """Write one refused row."""
        try:
            if self._as_csv:
                cells = (rejected.file, str(rejected.line), rejected.reason, _text(row))
                self._table.writerow([_plain(cell) for cell in cells])
            else:
                whole = {"file": rejected.file, "line": rejected.line, "reason": rejected.reason, "row": row}
                self._file.write(_text(whole) + "\n")
        except OSError as error:
            raise self._unwritable(error) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
            if kind is None:
                mask = os.umask(0)
                os.umask(mask)
                self._made.chmod(0o666 & ~mask)  # a temporary file is private; the result is an ordinary one
                self._made.replace(self._path)
        except OSError as fault:
            raise self._unwritable(fault) from fault
        finally:
            self._made.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> SettingsError:
        return SettingsError(f"{self._path}: cannot be written: {error.strerror or error}")


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
