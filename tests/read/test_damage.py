"""Files cut short, damaged and mixed, in every container: rows and an account that adds up, or a refusal."""

import bz2
import csv
import gzip
import io
import json
import lzma
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportaudit.errors import UserError
from supportaudit.model import RowKind
from supportaudit.read import Export, ReadOptions, open_exports
from supportaudit.read.inputs import Inputs

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MESSAGES = [
    {
        "ticket": f"t{n // 3}",
        "id": n,
        "from": "Ana",
        "text": f'Where, "is" it?\nNo. {n}; née',
        "date": "2026-01-02",
    }
    for n in range(40)
]


def as_csv() -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(MESSAGES[0]))
    writer.writeheader()
    writer.writerows(MESSAGES)
    return out.getvalue().encode()


def as_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("general/a.csv", PLAIN["csv"])
        archive.writestr("b.json", PLAIN["json"])
    return out.getvalue()


def as_xlsx() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, list(MESSAGES[0]))
    for number, message in enumerate(MESSAGES, 1):
        sheet.write_row(number, 0, list(message.values()))
    book.close()
    return out.getvalue()


PLAIN = {
    "csv": as_csv(),
    "json": json.dumps(MESSAGES, indent=1).encode(),
    "wrapped.json": json.dumps({"count": 40, "messages": MESSAGES, "page": {"next": None}}).encode(),
    "ndjson": "".join(json.dumps(message) + "\n" for message in MESSAGES).encode(),
}
CONTAINERS = {
    **PLAIN,
    "zip": as_zip(),
    "xlsx": as_xlsx(),
    "csv.gz": gzip.compress(PLAIN["csv"]),
    "json.xz": lzma.compress(PLAIN["json"]),
    "ndjson.zst": zstd.compress(PLAIN["ndjson"]),
    "csv.bz2": bz2.compress(PLAIN["csv"]),
}


def audit(data: bytes, name: str) -> list[Export]:
    """Read it as a user would; every document's account adds up."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        with Inputs([path]) as inputs:
            exports = open_exports(inputs.documents, lambda _: ReadOptions())
            for export in exports:
                used = sum(1 for row in export.rows() if row.kind != RowKind.GAP)
                assert export.rows_used == used
                assert export.rows_read == used + export.rows_rejected + export.rows_not_messages
                assert sum(export.reject_reasons.values()) == export.rows_rejected
                assert not any("supportaudit-" in text for text in (*export.notes, export.name))
    return exports


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_is_read_whole(name: str) -> None:
    exports = audit(CONTAINERS[name], f"a.{name}")
    assert {export.rows_used for export in exports} == {40}
    assert {export.rows_read for export in exports} == {40}


def survive_audit(data: bytes, name: str) -> list[Export]:
    try:
        return audit(data, name)
    except UserError as error:
        assert "supportaudit-" not in f"{error.message} {error.hint}"
        assert f"{error.message}".isprintable()
        return []


@pytest.mark.parametrize("name", CONTAINERS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_file_cut_anywhere_is_read_with_its_break_or_refused(name: str, data: st.DataObject) -> None:
    whole = CONTAINERS[name]
    survive_audit(whole[: data.draw(st.integers(0, len(whole)))], f"a.{name}")


@pytest.mark.parametrize("name", CONTAINERS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_bytes_break_nothing(name: str, data: st.DataObject) -> None:
    damaged = bytearray(CONTAINERS[name])
    place = st.integers(0, len(damaged) - 1)
    for at, byte in data.draw(st.lists(st.tuples(place, st.integers(0, 255)), min_size=1, max_size=8)):
        damaged[at] = byte
    survive_audit(bytes(damaged), f"a.{name}")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=st.tuples(st.sampled_from(sorted(CONTAINERS)), st.sampled_from(sorted(CONTAINERS))))
def test_two_files_in_one_break_nothing(names: tuple[str, str]) -> None:
    one, two = names
    exports = survive_audit(CONTAINERS[one] + CONTAINERS[two], f"a.{one}")
    if one == two and one in ("csv", "json", "ndjson", "csv.gz", "json.xz", "ndjson.zst", "csv.bz2"):
        assert [export.rows_used for export in exports] == [80]
    if one in PLAIN and one != two:
        assert all(export.rows_used >= 40 for export in exports)
        assert all(export.rows_rejected or export.rows_used == 80 for export in exports), "the rest is told"


@pytest.mark.parametrize("name", ["csv", "ndjson"])
@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 40))
def test_a_cut_between_rows_gives_exactly_the_rows_before_it(name: str, count: int) -> None:
    lines = PLAIN[name].splitlines(keepends=True)
    keep = lines[: 1 + 2 * count] if name == "csv" else lines[:count]
    [export] = audit(b"".join(keep), f"a.{name}")
    assert (export.rows_used, export.rows_rejected) == (count, 0)


@pytest.mark.parametrize("name", ["json", "ndjson", "wrapped.json", "csv"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_cut_in_a_row_gives_the_rows_before_it_and_never_more_than_one_reject(
    name: str, data: st.DataObject
) -> None:
    whole = PLAIN[name]
    cut = data.draw(st.integers(whole.index(b"t1"), len(whole)))
    [export] = audit(whole[:cut], f"a.{name}")
    complete = whole[:cut].count(b"2026-01-02")
    assert complete - 1 <= export.rows_used <= complete + 1
    assert export.rows_rejected <= 1
    assert export.rows_read >= complete
