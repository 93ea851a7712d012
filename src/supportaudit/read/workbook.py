"""Excel workbooks: every sheet with a header and rows becomes a temporary CSV, cell for cell."""

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from supportaudit.errors import InputError
from supportaudit.read.document import printable
from supportaudit.read.unpack import Archive, Budget, clean_name

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Cell = int | float | str | bool | time | date | datetime | timedelta

_EXACT = 2**53
_COLUMNS = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)\d""")
_ROWS = re.compile(rb"""\br\s*=\s*["'][A-Za-z]*(\d{1,16})""")
_LONGEST_TAG = 1 << 20
"""Bytes from one "<" of a sheet to the next: a cell of Excel's holds a tenth of that."""


def read_sheets(path: Path, archive: Archive, budget: Budget, notes: list[str]) -> list[tuple[str, Path]]:
    """(name, CSV file) of each sheet that is shown and has rows. Row n of a sheet is record n of its file.

    Raises InputError if the workbook is damaged or too big, or if the reader for workbooks is not installed.
    """
    where = archive.where
    budget.count(archive.unpacked_size(), where)
    _refuse_sparse(archive, budget.limits.cells)
    found = []
    calamine = _reader(where)
    with _told(where):
        with path.open("rb") as stream:
            workbook = calamine.CalamineWorkbook.from_filelike(stream)
        for sheet in workbook.sheets_metadata:
            if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            name = clean_name(sheet.name) or "sheet"
            if sheet.visible != calamine.SheetVisibleEnum.Visible:
                notes.append(f"{where}: the sheet {name} is hidden and was not read.")
                continue
            target = budget.path()
            rows = _unmerged(workbook.get_sheet_by_name(sheet.name))
            filled, ruined = _write(rows, target, f"{where}/{name}", budget)
            if filled < 2:
                notes.append(f"{where}: the sheet {name} has no rows and was not read.")
                continue
            if ruined:
                notes.append(
                    f"{where}/{name}: {ruined:,} numbers are too long for Excel, which changes their last digits."
                    " If they are ids, format the column as text before the export."
                )
            found.append((name, target))
    return found


def _reader(where: str) -> ModuleType:
    try:
        import python_calamine
    except ImportError:
        raise InputError(
            f"{where} is an Excel workbook, and the reader for workbooks is not installed.",
            "Install it with `pip install 'supportaudit[xlsx]'`, or save the sheet as CSV UTF-8.",
        ) from None
    return python_calamine


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Failures of the reader as one sentence; it is native code that panics where others raise."""
    try:
        yield
    except InputError:
        raise
    except BaseException as error:
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if isinstance(error, OSError) and error.errno is not None:
            raise InputError(
                f"{where} cannot be unpacked: {error.strerror or error}.",
                "Unpacking needs room in the temporary folder (TMPDIR names another).",
            ) from error
        if not kinds & {"CalamineError", "PanicException", "OSError", "ValueError", "MemoryError"}:
            raise
        why = str(error).strip(" .").partition("\n")[0] or type(error).__name__
        message = f"{where} is a damaged or cut Excel workbook ({printable(why)})."
        raise InputError(message, "Save it again in Excel, or save the sheet as CSV UTF-8.") from error


def _unmerged(sheet: "CalamineSheet") -> Iterator[list[Cell]]:
    """The rows, where a cell merged downwards stands in each row it covers: an id over its messages."""
    rows = sheet.iter_rows()
    start = sheet.start
    left = start[1] if start else 0
    covered: dict[int, list[tuple[int, int]]] = {}
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top:
            covered.setdefault(top, []).append((bottom, column - left))
    if not covered:
        yield from rows
        return
    open_cells: dict[int, tuple[int, Cell]] = {}
    for number, cells in enumerate(rows):
        for column, (bottom, value) in list(open_cells.items()):
            if number > bottom:
                del open_cells[column]
            else:
                cells[column] = value
        for bottom, column in covered.get(number, ()):
            if 0 <= column < len(cells):
                open_cells[column] = (bottom, cells[column])
        yield cells


def _refuse_sparse(archive: Archive, limit: int) -> None:
    """One cell in the last corner would make the reader take memory for 17 thousand million.

    Every part is looked at, since a part's name does not tell what it is; this also proves the promised sizes.
    """
    for name in archive.names:
        width = height = 0
        tail, is_sheet = b"", False
        for chunk in archive.chunks(name):
            text = tail + chunk
            width = max(width, max(map(_number, set(_COLUMNS.findall(text))), default=0))
            height = max(height, max(map(int, set(_ROWS.findall(text))), default=0))
            is_sheet = is_sheet or b"sheetData" in text
            tail = text[max(text.rfind(b"<"), 0) :]  # a tag may go on in the next chunk
            if len(tail) > _LONGEST_TAG:
                if is_sheet:
                    raise InputError(
                        f"{archive.where} is a damaged Excel workbook ({name} has a cell without an end).",
                        "Save it again in Excel, or save the sheet as CSV UTF-8.",
                    )
                tail = b""  # a picture
        if width * height > limit:
            raise InputError(
                f"{archive.where} has a sheet of {height:,} rows and {width:,} columns: too big.",
                "Delete what stands far from the table, or save the sheet as CSV UTF-8.",
            )


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters[:16].upper():
        number = number * 26 + letter - 64
    return number


def _write(rows: Iterable[list[Cell]], target: Path, where: str, budget: Budget) -> tuple[int, int]:
    """How many rows hold anything, and how many whole numbers are beyond what Excel keeps."""
    filled = ruined = 0
    with target.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream)
        for cells in rows:
            texts = [cell if isinstance(cell, str) else _text(cell) for cell in cells]
            ruined += sum(1 for cell in cells if isinstance(cell, float) and abs(cell) > _EXACT)
            if any(texts):
                filled += 1
                budget.count(sum(map(len, texts)), where)
                writer.writerow(texts)
            else:
                stream.write("\r\n")
    return filled, ruined


def _text(cell: Cell) -> str:
    """The cell as an export would write it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e21 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
