"""The result as an Excel workbook: summary, checks, segments, gate and findings, each on a sheet of its own.

Texts are written as texts, so no formula, link or date can come of them, whatever a customer typed.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from supportaudit.errors import SettingsError
from supportaudit.render.sentences import rule_name, rule_words
from supportaudit.render.tables import (
    CHECKS,
    FINDINGS,
    SEGMENTS,
    Cell,
    Column,
    check_rows,
    finding_rows,
    segment_rows,
    summary_rows,
)
from supportaudit.render.text import count, moment
from supportaudit.report import Report
from supportaudit.sheet import MAX_CELL

MAX_FINDINGS = 200_000
"""Findings on the sheet; of more, the gravest and surest. Excel itself ends at 1,048,576 rows."""

_WIDTHS = {"id": 14, "number": 11, "whole": 11, "time": 21, "text": 24}
_WIDE = {"quote": 70, "reason": 60, "title": 30, "value": 30, "file": 30}
_GATE = (Column("status"), Column("rule"), Column("what", "text"), Column("origin"))


def render_workbook(report: Report) -> bytes:
    """The bytes of an .xlsx file; equal reports give equal bytes. Raises `SettingsError` without the library."""
    try:
        import xlsxwriter
    except ImportError:
        raise SettingsError(
            "writing workbooks needs XlsxWriter", hint="Run `pip install 'supportaudit[xlsx]'`."
        ) from None
    out = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        # The library would write the machine's clock into the file.
        made = moment(report.scorecard.last_at) or datetime(2000, 1, 1, tzinfo=UTC)
        book.set_properties({"created": made.replace(tzinfo=None), "title": "supportaudit"})
        bold = book.add_format({"bold": True})
        _sheet(book, bold, "Summary", (Column("what"), Column("value")), summary_rows(report))
        _sheet(book, bold, "Checks", CHECKS, check_rows(report))
        _sheet(book, bold, "Segments", SEGMENTS, segment_rows(report))
        if report.gate.results:
            rows = (
                (str(r.status), rule_name(r.rule), rule_words(r), r.rule.origin) for r in report.gate.results
            )
            _sheet(book, bold, "Gate", _GATE, rows)
        findings = list(finding_rows(report))[:MAX_FINDINGS]
        left = len(report.findings) - len(findings)
        _sheet(
            book,
            bold,
            "Findings",
            FINDINGS,
            findings,
            f"{count(left)} more findings left out" if left else "",
        )
    return out.getvalue()


def _sheet(
    book: Any, bold: Any, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], note: str = ""
) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.name, bold)
        sheet.set_column(place, place, _WIDE.get(column.name, _WIDTHS[column.kind]))
    line = 0
    for line, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, place, _clean(value))
            elif value is not None:
                sheet.write_number(line, place, value)
    if line:
        sheet.autofilter(0, 0, line, len(columns) - 1)
    if note:
        sheet.write_string(line + 1, 0, note)


def _clean(text: str) -> str:
    """What XML cannot hold is left out; a cell ends at Excel's limit."""
    clean = "".join(c for c in text if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))
    return clean if len(clean) <= MAX_CELL // 2 else clean[: MAX_CELL // 2 - 1] + "…"
