"""Findings as Parquet for analysts: one row each, the columns of the JSON report with real types."""

import math
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from supportaudit.errors import SettingsError
from supportaudit.model import Finding
from supportaudit.render.tables import FINDINGS, rows_of
from supportaudit.render.text import moment
from supportaudit.results.report import Report
from supportaudit.results.tally import encodable

if TYPE_CHECKING:
    import pyarrow


def render_parquet(report: Report) -> bytes:
    """The bytes of a Parquet file (zstd); the scorecard's numbers stand in its metadata.

    Raises `SettingsError` where pyarrow is not installed.
    """
    table = findings_table(report.findings, report.input.files)
    import pyarrow.parquet as pq

    card = report.scorecard
    about = {
        "supportaudit.version": report.run.version, "supportaudit.as_of": report.run.as_of,
        "supportaudit.score": "" if card.score is None else str(card.score),
        "supportaudit.conversations": str(card.conversations), "supportaudit.failing": str(card.failing),
    }  # fmt: skip
    out = BytesIO()
    pq.write_table(table.replace_schema_metadata(about), out, compression="zstd")
    return out.getvalue()


def findings_table(findings: Sequence[Finding], files: Sequence[str]) -> "pyarrow.Table":
    """Findings as an Arrow table, in the order given; `files` are the names of those audited.

    Raises `SettingsError` where pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise SettingsError(
            "writing Parquet needs pyarrow", hint="Run `pip install 'supportaudit[parquet]'`."
        ) from None
    types = {
        "text": pa.string(), "id": pa.string(), "ids": pa.list_(pa.string()), "number": pa.float64(),
        "whole": pa.int64(), "time": pa.timestamp("s", tz="UTC"),
    }  # fmt: skip
    columns = list(zip(*rows_of(findings, files), strict=True)) or [()] * len(FINDINGS)
    typed: dict[str, list[Any]] = {
        "ids": [[encodable(message) for message in finding.messages] for finding in findings],
        "time": [_second(finding.at) for finding in findings],
    }
    arrays = [
        pa.array(typed.get(column.kind, values), types[column.kind])
        for column, values in zip(FINDINGS, columns, strict=True)
    ]
    schema = pa.schema([pa.field(column.name, types[column.kind]) for column in FINDINGS])
    return pa.Table.from_arrays(arrays, schema=schema)


def _second(seconds: float | None) -> int | None:
    """The second in which it was, as `iso` cuts it; None for what no calendar holds."""
    return None if seconds is None or moment(seconds) is None else math.floor(seconds)
