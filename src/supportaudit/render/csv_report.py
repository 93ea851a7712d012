"""Findings as CSV for spreadsheets: one a line, no cell that a spreadsheet would compute or turn into a date."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from supportaudit.render.tables import FINDINGS, Cell, Column, finding_rows
from supportaudit.results.report import Report
from supportaudit.sheet import MAX_CELL, cell, id_cell, units

SHORT = 40
"""Characters of a text that a spreadsheet might take for a date, a time or a number."""
_SOME = 1 << 16


def render_csv(report: Report) -> bytes:
    """UTF-8 with a byte order mark, without which Excel takes it for another encoding; lines end as RFC 4180 says."""
    return b"".join(csv_pieces(report))


def csv_pieces(report: Report) -> Iterator[bytes]:
    """The same, some lines at a time."""
    out = StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in FINDINGS])
    for row in finding_rows(report):
        if out.tell() >= _SOME:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
        writer.writerow(_line(FINDINGS, row))
    yield out.getvalue().encode("utf-8", "replace")


def _line(columns: Sequence[Column], row: Sequence[Cell]) -> list[Cell]:
    return [_cell(column.kind, value) for column, value in zip(columns, row, strict=True)]


def _cell(kind: str, value: Cell) -> Cell:
    if not isinstance(value, str) or kind == "time":
        return value
    # A customer may write "1/2" and nothing else; no spreadsheet takes a whole sentence for a date or a number.
    made_else = kind in ("id", "ids") or len(value) <= SHORT
    return _capped(id_cell(value) if made_else else cell(" ".join(value.split())))


def _capped(text: str) -> str:
    # Half of what Excel holds: every character may count twice there.
    return text if units(text) <= MAX_CELL else text[: MAX_CELL // 2 - 1] + "…"
