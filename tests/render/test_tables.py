"""CSV, workbooks and Parquet, read by what people read them with: csv, LibreOffice, calamine, DuckDB, pyarrow."""

import csv
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest
from lxml import etree
from python_calamine import CalamineWorkbook
from tests.render import reports

from supportaudit.render.tables import FINDINGS
from supportaudit.render.text import printable
from supportaudit.results.report import Report
from supportaudit.sheet import MAX_CELL, id_of, units

NAMES = [column.name for column in FINDINGS]
FORMULA = tuple("=+-@|%\t\r\n＝＋－＠")
REPORTS = [reports.ordinary(), reports.empty(), reports.nothing(), *map(reports.hostile, reports.HOSTILE)]
IDS = ["ordinary", "empty", "nothing", *reports.IDS]
every_report = pytest.mark.parametrize("report", REPORTS, ids=IDS)


def findings_of(report: Report) -> list[dict[str, Any]]:
    """The findings as the JSON report has them."""
    found: list[dict[str, Any]] = json.loads(reports.made("json", report))["findings"]
    return found


def all_hostile() -> Report:
    """The ordinary report with a finding for each hostile text."""
    report = reports.ordinary()
    first = report.findings[0]
    return msgspec.structs.replace(
        report,
        findings=tuple(
            msgspec.structs.replace(
                first, conversation_id=text, quote=text, reason=text, agent=text, messages=(text, text)
            )
            for text in reports.HOSTILE
        ),
    )


def bare(text: str) -> str:
    """A text as it may be compared: without the apostrophe, on one line, cut."""
    clean = printable(text.removeprefix("'")).replace("\ufffe", "").replace("\uffff", "")
    return clean.replace("\ufffd", "").replace("?", "")[: MAX_CELL // 2 - 1].strip()


# --- CSV


def csv_rows(report: Report) -> list[dict[str, str]]:
    text = reports.made("csv", report).decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(StringIO(text[1:], newline=""), strict=True))
    assert text.count("\r\n") == len(rows) + 1 == text.count("\n")
    return rows


@every_report
def test_csv_has_a_line_for_each_finding(report: Report) -> None:
    rows = csv_rows(report)
    found = findings_of(report)
    assert len(rows) == len(found)
    for row, finding in zip(rows, found, strict=True):
        assert list(row) == NAMES
        assert row["check"] == finding["check"]
        assert row["at"] == (finding["at"] or "")
        assert float(row["confidence"]) == finding["confidence"]
        assert row["gap_seconds"] == ("" if finding["gap_seconds"] is None else str(finding["gap_seconds"]))
        assert row["line"] == str(finding["line"] or "")
        for name in ("conversation_id", "agent", "quote", "reason"):
            assert bare(row[name]) == bare(finding[name] or "")


@every_report
def test_no_cell_of_csv_can_act_or_is_too_long(report: Report) -> None:
    for row in csv_rows(report):
        for value in row.values():
            assert not value.startswith(FORMULA)
            assert units(value) <= MAX_CELL
            assert not set(value) & {"\x00", "\x1b", "\n", "\r", "\u202e"}


@pytest.mark.parametrize("text", ["1/2", "001", "1e5", "-1", "TRUE", "MAR-1", "2026-09-01", "4.50"])
def test_ids_stay_as_they_are(text: str) -> None:
    """A spreadsheet would make a date or a number of each of these."""
    for row in csv_rows(reports.hostile(text)):
        assert row["conversation_id"] == f"'{text}"
        assert id_of(row["conversation_id"]) == text


# --- workbooks


def sheets(report: Report) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_object(BytesIO(reports.made("xlsx", report)))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@every_report
def test_a_workbook_has_the_findings_with_real_times_and_numbers(report: Report) -> None:
    header, *rows = sheets(report)["Findings"]
    found = findings_of(report)
    assert header == NAMES
    assert len(rows) == len(found)
    for row, finding in zip(rows, found, strict=True):
        cells = dict(zip(NAMES, row, strict=True))
        assert cells["check"] == finding["check"]
        assert cells["confidence"] == finding["confidence"]
        assert cells["gap_seconds"] in (finding["gap_seconds"], "")
        assert cells["line"] == (finding["line"] or "")
        assert cells["at"].isoformat() + "Z" == finding["at"]
        for name in ("conversation_id", "agent", "quote", "reason"):
            assert isinstance(cells[name], str)
            assert bare(cells[name]) == bare(finding[name] or "")
            assert len(cells[name]) <= MAX_CELL


def test_a_workbook_has_a_sheet_for_everything_that_there_is() -> None:
    found = sheets(reports.ordinary())
    assert list(found) == [
        "Summary", "Checks", "Signals", "Segments", "Reply times", "Gate", "Baseline", "Suppressed", "Findings",
    ]  # fmt: skip
    card = json.loads(reports.made("json", reports.ordinary()))["scorecard"]
    summary = dict(found["Summary"])
    assert (summary["score"], summary["failing"], summary["gate"]) == (
        card["score"],
        card["failing"],
        "failed",
    )
    assert [row[0] for row in found["Checks"][1:]] == [check["check"] for check in card["checks"]]
    assert [row[4] for row in found["Checks"][1:]] == [
        "" if check["rate"] is None else check["rate"] for check in card["checks"]
    ]
    assert [row[6] for row in found["Signals"][1:]] == [signal["shown"] for signal in card["signals"]]
    assert len(found["Segments"]) == 1 + sum(map(len, card["segments"].values()))
    assert [row[3] for row in found["Reply times"][1:]] == [r["median_seconds"] for r in card["reply_times"]]
    assert "failed" in {row[0] for row in found["Gate"]}
    assert {row[-1] for row in found["Baseline"][1:]} == {"cannot-tell-apart", "too-few"}
    assert [row[:2] for row in found["Suppressed"][1:]] == [["used", 2.0], ["expired", 0.0]]


def test_an_empty_workbook_says_so() -> None:
    found = sheets(reports.nothing())
    assert list(found) == ["Summary", "Checks", "Signals", "Findings"]
    assert found["Findings"] == [NAMES]
    assert dict(found["Summary"])["score"] == ""


def test_findings_over_the_cap_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportaudit.render.workbook.MAX_FINDINGS", 10)
    report = msgspec.structs.replace(reports.ordinary())
    rows = sheets(report)["Findings"]
    assert len(rows) == 12
    assert rows[-1][0] == f"{len(report.findings) - 10} more findings left out"


# --- LibreOffice

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
ODF = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


def opened(folder: Path, *files: Path, options: str = "") -> dict[str, list[list[tuple[str, str]]]]:
    """Sheet (or the file's own) -> rows of (kind, what is shown or the value), as LibreOffice opened it."""
    assert OFFICE is not None
    command = [
        OFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
        *([f"--infilter={options}"] if options else []), "--convert-to", "fods", "--outdir", str(folder),
        *map(str, files),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    found = {}
    for file in files:
        tree = etree.parse(str(folder / f"{file.stem}.fods"), etree.XMLParser(huge_tree=True))
        assert not tree.xpath("//@table:formula", namespaces=ODF), "a formula came out of a text"
        assert not tree.xpath("//text:a", namespaces=ODF), "a link came out of a text"
        for table in tree.iterfind(".//table:table", ODF):
            name = table.get(f"{{{ODF['table']}}}name")
            found[f"{file.suffix} {file.stem} {name}"] = list(_rows(table))
    return found


def _rows(table: Any) -> Iterator[list[tuple[str, str]]]:
    for row in table.iterfind(".//table:table-row", ODF):
        cells: list[tuple[str, str]] = []
        for cell in row.iterfind("table:table-cell", ODF):
            kind = cell.get(f"{{{ODF['office']}}}value-type", "")
            text = "\n".join("".join(_text(p)) for p in cell.iterfind("text:p", ODF))
            value = (
                cell.get(f"{{{ODF['office']}}}value") or cell.get(f"{{{ODF['office']}}}date-value") or text
            )
            cells += [(kind, value)] * min(int(cell.get(f"{{{ODF['table']}}}number-columns-repeated", 1)), 20)
        while cells and not cells[-1][0]:
            cells.pop()
        if cells:
            yield cells


def _text(node: Any) -> Iterator[str]:
    if node.tag == f"{{{ODF['text']}}}s":
        yield " " * int(node.get(f"{{{ODF['text']}}}c", 1))
    yield node.text or ""
    for child in node:
        yield from _text(child)
        yield child.tail or ""


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: apt-get install libreoffice-calc")
def test_libreoffice_opens_both_and_sees_the_same(tmp_path: Path) -> None:
    files = []
    for name, report in (("ordinary", reports.ordinary()), ("hostile", all_hostile())):
        for suffix in ("csv", "xlsx"):
            files.append(tmp_path / f"{name}.{suffix}")
            files[-1].write_bytes(reports.made(suffix, report))
    # Comma, quote, UTF-8, from line 1, every number and date recognised that can be: as careless as people are.
    seen = opened(tmp_path / "csv", *files[0::2], options="CSV:44,34,76,1,,0,false,true")
    seen |= opened(tmp_path / "xlsx", *files[1::2])
    for name in ("ordinary", "hostile"):
        lines, cells = seen[f".csv {name} {name}"], seen[f".xlsx {name} Findings"]
        assert len(lines) == len(cells) > 20
        assert [value for _, value in lines[0]] == [value for _, value in cells[0]] == NAMES
        for line, row in zip(lines[1:], cells[1:], strict=True):
            for column, (kind, value), (kind_there, there) in zip(FINDINGS, line, row, strict=False):
                if column.kind in ("number", "whole") and value:
                    assert (kind, kind_there) == ("float", "float")
                    assert float(value) == float(there)
                elif column.kind == "time":
                    assert (kind_there, value.removesuffix("Z")) == ("date", there)
                else:
                    assert {kind, kind_there} <= {"string", ""}
                    assert bare(value) == bare(there)


# --- Parquet


@every_report
def test_parquet_has_the_findings_with_their_types(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "findings.parquet"
    file.write_bytes(reports.made("parquet", report))
    found = findings_of(report)
    rows = pq.read_table(file).to_pylist()
    assert [{**row, "at": None, "line": row["line"] or 0} for row in rows] == [
        {name: {**finding, "at": None}[name] for name in NAMES} for finding in found
    ]
    assert [row["at"] for row in rows] == [
        datetime.fromisoformat(finding["at"].replace("Z", "+00:00")) for finding in found
    ]


@every_report
def test_duckdb_reads_it(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "findings.parquet"
    file.write_bytes(reports.made("parquet", report))
    found = findings_of(report)
    with duckdb.connect() as base:
        kinds = dict(
            base.execute(
                "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(?))", [str(file)]
            ).fetchall()
        )
        assert kinds["messages"] == "VARCHAR[]"
        assert kinds["at"] == "TIMESTAMP WITH TIME ZONE"
        assert (kinds["confidence"], kinds["line"]) == ("DOUBLE", "BIGINT")
        counted = base.execute(
            'SELECT "check", count(*), sum(len(messages)) FROM read_parquet(?) GROUP BY ALL', [str(file)]
        ).fetchall()
    checks = {finding["check"] for finding in found}
    assert {row[0]: row[1:] for row in counted} == {
        check: (
            sum(f["check"] == check for f in found),
            sum(len(f["messages"]) for f in found if f["check"] == check),
        )
        for check in checks
    }


def test_parquet_carries_the_score() -> None:
    about = pq.read_schema(BytesIO(reports.made("parquet", reports.ordinary()))).metadata
    card = reports.ordinary().scorecard
    assert about[b"supportaudit.score"] == str(card.score).encode()
    assert about[b"supportaudit.as_of"] == b"2026-09-30T18:00:00Z"
    assert (
        pq.read_schema(BytesIO(reports.made("parquet", reports.nothing()))).metadata[b"supportaudit.score"]
        == b""
    )


@pytest.mark.parametrize("at", [None, 1e30, float("nan"), float("inf"), -1.5, 0.0, -2_300_000_000.0])
def test_odd_times_break_no_table(at: float | None) -> None:
    report = reports.ordinary()
    report = msgspec.structs.replace(report, findings=(msgspec.structs.replace(report.findings[0], at=at),))
    expected = findings_of(report)[0]["at"]
    assert csv_rows(report)[0]["at"] == (expected or "")
    (row,) = pq.read_table(BytesIO(reports.made("parquet", report))).to_pylist()
    moment = None if expected is None else datetime.fromisoformat(expected.replace("Z", "+00:00"))
    assert row["at"] == moment
    (cells,) = sheets(report)["Findings"][1:]
    shown = cells[NAMES.index("at")]
    assert shown == (expected or "") or f"{shown}"[:10] == expected[:10]
