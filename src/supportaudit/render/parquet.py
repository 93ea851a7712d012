"""Findings as Parquet for analysts: one row each, the columns of the JSON report with real types."""

from io import BytesIO

from supportaudit.errors import SettingsError
from supportaudit.render.tables import FINDINGS, finding_rows
from supportaudit.report import Report


def render_parquet(report: Report) -> bytes:
    """The bytes of a Parquet file (zstd); the scorecard's numbers stand in its metadata.

    Raises `SettingsError` where pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise SettingsError(
            "writing Parquet needs pyarrow", hint="Run `pip install 'supportaudit[parquet]'`."
        ) from None
    types = {
        "text": pa.string(), "id": pa.string(), "number": pa.float64(), "whole": pa.int64(),
        "time": pa.timestamp("s", tz="UTC"),
    }  # fmt: skip
    seconds = [int(f.at) if f.at is not None else None for f in report.findings]
    columns = list(zip(*finding_rows(report), strict=True)) or [()] * len(FINDINGS)
    arrays = [
        pa.array(seconds if column.kind == "time" else values, types[column.kind])
        for column, values in zip(FINDINGS, columns, strict=True)
    ]
    schema = pa.schema([pa.field(column.name, types[column.kind]) for column in FINDINGS])
    card = report.scorecard
    about = {
        "supportaudit.version": report.run.version, "supportaudit.score": str(card.score),
        "supportaudit.conversations": str(card.conversations), "supportaudit.failing": str(card.failing),
    }  # fmt: skip
    out = BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema.with_metadata(about)), out, compression="zstd")
    return out.getvalue()
