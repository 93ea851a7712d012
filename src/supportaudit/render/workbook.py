"""The result as an Excel workbook: summary, checks, signals, segments, gate, findings, each on a sheet of its own.

Texts are written as texts, so no formula, link or date can come of them, whatever a customer typed. Times are dates of
the spreadsheet, in UTC; rates are shown in per cent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from typing import Any

from supportaudit.errors import SettingsError
from supportaudit.render.sentences import change_words, rule_name, rule_words
from supportaudit.render.tables import (
    CHANGES,
    CHECKS,
    FINDINGS,
    REPLIES,
    SEGMENTS,
    SIGNALS,
    SUPPRESSED,
    Cell,
    Column,
    change_rows,
    check_rows,
    finding_rows,
    reply_rows,
    segment_rows,
    signal_rows,
    summary_rows,
    suppressed_rows,
)
from supportaudit.render.text import count, moment, printable
from supportaudit.results.report import Report
from supportaudit.sheet import MAX_CELL

MAX_FINDINGS = 200_000
"""Findings on the sheet; of more, the gravest and surest. Excel itself ends at 1,048,576 rows."""

_WIDTHS = {"id": 14, "ids": 24, "number": 11, "share": 9, "whole": 11, "time": 19, "text": 24}
_WIDE = {"quote": 70, "reason": 60, "title": 50, "value": 30, "file": 30, "Gate what": 70}
_SHOWN = {"share": "0.0%", "time": "yyyy-mm-dd hh:mm:ss"}
_SUMMARY = (Column("what"), Column("value"))
_GATE = (Column("status"), Column("rule"), Column("what"), Column("origin"))


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
        kinds = {kind: book.add_format({"num_format": shown}) for kind, shown in _SHOWN.items()}
        formats = {"": book.add_format({"bold": True}), **kinds}
        for name, columns, rows in (
            ("Summary", _SUMMARY, summary_rows(report)),
            ("Checks", CHECKS, check_rows(report)),
            ("Signals", SIGNALS, signal_rows(report)),
            ("Segments", SEGMENTS, segment_rows(report)),
            ("Reply times", REPLIES, reply_rows(report)),
            ("Gate", _GATE, _gate_rows(report)),
            ("Baseline", CHANGES, change_rows(report)),
            ("Suppressed", SUPPRESSED, suppressed_rows(report)),
        ):
            # What an audit has nothing of gets no sheet.
            if written := list(rows):
                _sheet(book, formats, name, columns, written)
        findings = islice(finding_rows(report), MAX_FINDINGS)
        left = len(report.findings) - MAX_FINDINGS
        note = f"{count(left)} more findings left out" if left > 0 else ""
        _sheet(book, formats, "Findings", FINDINGS, findings, note)
    return out.getvalue()


def _gate_rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    gate = report.gate
    for result in gate.results:
        yield str(result.status), rule_name(result.rule), rule_words(result), result.rule.origin
    for change in gate.worse:
        yield "failed", f"{change.check} against the baseline", change_words(change), ""
    for failure in gate.new:
        yield "failed", "new failure", f"{failure.conversation_id}: {failure.check} ({failure.severity})", ""


def _sheet(
    book: Any,
    formats: Mapping[str, Any],
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    note: str = "",
) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)  # printed as wide as the paper, as long as it takes
    sheet.repeat_rows(0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.name, formats[""])
        usual = max(_WIDTHS[column.kind], len(column.name) + 4)  # room for the button of the filter
        width = _WIDE.get(f"{name} {column.name}", _WIDE.get(column.name, usual))
        sheet.set_column(place, place, width)
    line = 0
    for line, row in enumerate(rows, 1):
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            _write(sheet, line, place, value, column.kind, formats)
    if line and columns is not _SUMMARY:
        sheet.autofilter(0, 0, line, len(columns) - 1)
    if note:
        sheet.write_string(line + 1, 0, note)


def _write(sheet: Any, line: int, place: int, value: Cell, kind: str, formats: Mapping[str, Any]) -> None:
    if isinstance(value, str):
        if kind == "time" and value >= _FIRST_DAY:
            sheet.write_datetime(
                line, place, datetime.fromisoformat(value).replace(tzinfo=None), formats[kind]
            )
        else:
            sheet.write_string(line, place, _clean(value))
    elif value is not None:
        sheet.write_number(line, place, value, formats.get(kind))


_FIRST_DAY = "1900-03-01"
"""From here on all spreadsheets count days alike: Excel knows a 29 February 1900."""


def _clean(text: str) -> str:
    """One line without what XML cannot hold or what turns the reading direction round; ends at Excel's limit."""
    clean = printable(text[: 2 * MAX_CELL])
    return clean if len(clean) <= MAX_CELL // 2 else clean[: MAX_CELL // 2 - 1] + "…"
