"""Whatever the format: personal data planted in an export is nowhere in what is written, unless it is asked for."""

import csv
import io
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.render import FORMATS, View
from supportaudit.results.report import Report

VIEW = View(by=None, width=110, color=False, unicode=True)
PLANTED = (
    "maria.petrou@post.example", "+44 20 7946 0958", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00",
    "192.168.77.14", "hunter2x", "token=9f8e7d6c", "Petrou",
)  # fmt: skip
HEAD = "conversation_id,message_id,created_at,channel,customer_id,author_name,role,text".split(",")  # noqa: SIM905


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each planted thing in the question that nobody answers, so that it is what findings quote."""
    path = tmp_path_factory.mktemp("planted") / "week.csv"
    lines = []
    for n, secret in enumerate(PLANTED):
        said = f"password: {secret}" if secret == "hunter2x" else secret
        said = f"https://shop.example/track?{secret}" if secret.startswith("token") else said
        text = f"Where is my parcel, {said} by the way?"
        talk = f"t{n}"
        lines += [
            [talk, f"{talk}-1", "2026-01-05T09:00:00Z", "chat", f"c{n}", "Maria Petrou", "customer", text],
            [talk, f"{talk}-2", "2026-01-05T12:00:00Z", "chat", f"c{n}", "Tom", "agent",
             f"Dear Maria Petrou, I don't know, and it says {said} here."],
            [talk, f"{talk}-3", "2026-01-05T12:05:00Z", "chat", f"c{n}", "Maria Petrou", "customer",
             f"Your colleague was so rude to me, he laughed at me about {said}. When will it come?"],
        ]  # fmt: skip
    lines.append(["x", "x-1", "2026-01-08T12:00:00Z", "email", "c99", "Ann", "customer", "thanks"])
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *lines])
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def written(report: Report, name: str) -> str:
    """All text of a result, packed formats unpacked."""
    content = FORMATS[name](report, VIEW)
    if isinstance(content, str):
        return content
    if name == "parquet":
        return str(pq.read_table(io.BytesIO(content)).to_pylist())
    if name == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return " ".join(book.read(part).decode("utf-8", "replace") for part in book.namelist())
    return content.decode("utf-8")


def audit(export: Path, *, redact: bool) -> Report:
    return scan([export], ScanSettings(jobs=1, redact=redact, evidence=20, reading=Reading()))


@pytest.fixture(scope="module")
def hidden(export: Path) -> Report:
    return audit(export, redact=True)


@pytest.fixture(scope="module")
def shown(export: Path) -> Report:
    return audit(export, redact=False)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_nothing_planted_is_in_any_format(hidden: Report, name: str) -> None:
    text = written(hidden, name)
    assert [secret for secret in PLANTED if secret in text] == []


def test_the_planted_data_would_be_there_if_it_were_not_hidden(shown: Report) -> None:
    """Else the test above could not fail."""
    assert [secret for secret in PLANTED if secret not in written(shown, "html")] == []
    for name in ("json", "csv", "ndjson", "sarif", "parquet", "xlsx"):  # these hold the proofs alone
        text = written(shown, name)
        assert sum(secret in text for secret in PLANTED) >= len(PLANTED) // 2, name
    assert shown.run.settings["redact"] == "off"
