"""The same input, settings and version give the same bytes in every format, whatever else differs.

The clock is turned in faults/test_bare_machine.py. A PDF is the browser's, which writes the time of printing into it.
"""

import csv
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from supportaudit.auditing import scan as scan_module
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.auditing.shards import Shards
from supportaudit.render import FORMATS, View
from supportaudit.results.report import Report

ROOT = Path(__file__).parents[1]
WEEK = ROOT / "examples" / "shop-week.csv"
CONVERSATIONS = 60

Rows = list[list[str]]


def first_rows() -> Rows:
    """The example's header and its first conversations."""
    with WEEK.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    names = list(dict.fromkeys(row[0] for row in rows))[:CONVERSATIONS]
    return [head, *(row for row in rows if row[0] in names)]


def write(path: Path, rows: Rows, newline: str = "\n", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator=newline).writerows(rows)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    write(folder / "week.csv", first_rows())
    return folder


@pytest.fixture(autouse=True)
def in_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def audited(*names: str | Path, **settings: Any) -> Report:
    return scan([Path(name) for name in names], ScanSettings(**{"jobs": 1, "evidence": 8, **settings}))


def every_format(report: Report) -> dict[str, bytes]:
    made = {name: render(report, View()) for name, render in FORMATS.items()}
    return {
        name: text.encode("utf-8", "replace") if isinstance(text, str) else text
        for name, text in made.items()
    }


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, bytes]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        return every_format(audited("week.csv"))
    finally:
        os.chdir(before)


def same(made: Mapping[str, bytes], expected: Mapping[str, bytes]) -> None:
    """Fails with the first place where two differ; a whole diff of such files takes minutes."""
    assert made.keys() == expected.keys()
    for name, data in made.items():
        one, other = data.rstrip(b"\n"), expected[name].rstrip(b"\n")
        if one != other:
            at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), -1)
            around = slice(max(at - 60, 0), at + 60)
            pytest.fail(f"{name} differs at byte {at}: {one[around]!r} where {other[around]!r} is expected")


def test_two_runs(expected: dict[str, bytes]) -> None:
    same(every_format(audited("week.csv")), expected)
    assert all(expected.values())


@pytest.mark.parametrize("jobs", [2, 3])
def test_any_number_of_processes(
    jobs: int, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_module, "SMALL", 0)
    same(every_format(audited("week.csv", jobs=jobs)), expected)


@pytest.mark.parametrize(("count", "memory"), [(64, 0), (1, 1 << 30), (7, 5000)])
def test_rows_on_disk_or_in_memory(
    count: int, memory: int, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_module, "Shards", partial(Shards, count, memory))
    same(every_format(audited("week.csv")), expected)


@pytest.mark.parametrize(
    ("options", "env", "umask"),
    [
        ((), {"PYTHONHASHSEED": "0"}, 0o022),
        ((), {"PYTHONHASHSEED": "1"}, 0o077),
        ((), {"PYTHONHASHSEED": "random", "TZ": "Asia/Kathmandu"}, 0o777),
        ((), {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "America/St_Johns"}, 0o022),
        ((), {"LC_ALL": "tr_TR.UTF-8", "LANG": "el_GR.UTF-8", "LANGUAGE": "de", "COLUMNS": "40"}, 0o022),
        (("-OO", "-X", "utf8=1"), {"FORCE_COLOR": "1", "TERM": "xterm-256color"}, 0o022),
    ],
    ids=["seed 0, umask", "seed 1, umask", "any seed, time zone", "no locale", "another locale", "optimised, colour"],
)  # fmt: skip
def test_any_environment(
    options: Sequence[str], env: Mapping[str, str], umask: int, expected: dict[str, bytes], tmp_path: Path
) -> None:
    outputs = [word for name in FORMATS for word in ("-o", f"{name}={tmp_path / name}")]
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))
    }
    before = os.umask(umask)
    try:
        done = subprocess.run(
            [sys.executable, *options, "-m", "supportaudit", "scan", "week.csv", *outputs], capture_output=True,
            env={**kept, "PYTHONPATH": str(ROOT / "src"), **env}, timeout=120, check=False,
        )  # fmt: skip
    finally:
        os.umask(before)
    assert (done.returncode, done.stderr) == (0, b"")
    if os.geteuid() != 0:
        for path in tmp_path.iterdir():
            path.chmod(0o600)
    made = {name: (tmp_path / name).read_bytes() for name in FORMATS}
    same(made, expected)


def test_any_working_folder(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = every_format(audited(folder / "week.csv"))
    monkeypatch.chdir(tmp_path)
    same(every_format(audited(folder / "week.csv")), here)


def halves(folder: Path) -> tuple[str, str]:
    """The export in two files, in each of which stand some messages of every conversation."""
    head, *rows = first_rows()
    write(folder / "a.csv", [head, *rows[::2]])
    write(folder / "b.csv", [head, *rows[1::2]])
    return "a.csv", "b.csv"


def test_any_order_of_files(folder: Path) -> None:
    one, other = halves(folder)
    same(every_format(audited(one, other)), every_format(audited(other, one)))
    assert audited(one, other).input.files == (one, other)


def test_messages_of_one_moment_in_two_files(folder: Path) -> None:
    """Which of them was said first no stamp tells; the answer must not hang on the order in which files are named."""
    head = ["conversation_id", "created_at", "role", "author_name", "text"]
    asked = ["c1", "2026-09-01T08:00:00Z", "customer", "Ann", "Where is my order?"]
    other = ["c1", "2026-09-01T08:00:00Z", "agent", "Tom", "I do not know where your order is."]
    write(folder / "asked.csv", [head, asked])
    write(folder / "said.csv", [head, other])
    same(every_format(audited("asked.csv", "said.csv")), every_format(audited("said.csv", "asked.csv")))


@pytest.mark.parametrize("name", ["z.csv", "week without an ending", "a b'\"<&>.txt"])
def test_any_name_of_the_file(name: str, folder: Path, expected: dict[str, bytes]) -> None:
    (folder / name).write_bytes((folder / "week.csv").read_bytes())
    report, usual = audited(name), audited("week.csv")
    assert usual.input.digest == report.input.digest
    named = repr(report).replace(repr(name), repr("week.csv")).replace(repr((name,)), repr(("week.csv",)))
    same({"report": named.encode()}, {"report": repr(usual).encode()})


def forgetting(report: Report, **account: Any) -> Report:
    """The report without what tells of the file's own bytes."""
    return msgspec.structs.replace(report, input=msgspec.structs.replace(report.input, digest="", **account))


@pytest.mark.parametrize("newline", ["\r\n", "\r"], ids=["CRLF", "CR"])
def test_any_line_ends(newline: str, folder: Path) -> None:
    """Of the file, and of the texts in its cells."""
    rows = [[cell.replace("\n", newline) for cell in row] for row in first_rows()]
    usual = every_format(forgetting(audited("week.csv")))
    lf = (folder / "week.csv").read_bytes()
    try:
        write(folder / "week.csv", rows, newline)
        assert (folder / "week.csv").read_bytes() != lf
        same(every_format(forgetting(audited("week.csv"))), usual)
    finally:
        (folder / "week.csv").write_bytes(lf)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be-bom", "utf-32"])
def test_any_encoding(encoding: str, folder: Path) -> None:
    usual = every_format(forgetting(audited("week.csv"), encoding=""))
    plain = (folder / "week.csv").read_bytes()
    text = plain.decode()
    data = ("\ufeff" + text).encode("utf-16-be") if encoding == "utf-16-be-bom" else text.encode(encoding)
    try:
        (folder / "week.csv").write_bytes(data)
        same(every_format(forgetting(audited("week.csv"), encoding="")), usual)
    finally:
        (folder / "week.csv").write_bytes(plain)


LINES = re.compile(rb'"line":\s*\d+|week\.csv(:|, (line )?)\d+|line \d+|\b[0-9a-f]{64}\b')


def shuffled(rows: Rows) -> Rows:
    random.Random(7).shuffle(rows)
    return rows


@pytest.mark.parametrize("order", [shuffled, lambda rows: rows[::-1]], ids=["shuffled", "reversed"])
def test_any_order_of_rows_whose_times_differ(order: Callable[[Rows], Rows], folder: Path) -> None:
    """But for the lines that are pointed at; of messages of one moment the order of the file tells which came first."""
    head, *rows = first_rows()
    moments = {(row[0], row[2]) for row in rows}
    assert len(moments) > len(rows) * 0.9
    seen: set[tuple[str, str]] = set()
    apart = [row for row in rows if (row[0], row[2]) not in seen and not seen.add((row[0], row[2]))]  # type: ignore[func-returns-value]
    plain = (folder / "week.csv").read_bytes()
    made = []
    try:
        for some in (apart, order(list(apart))):
            write(folder / "week.csv", [head, *some])
            report = every_format(audited("week.csv"))
            made.append({name: LINES.sub(b"", report[name]) for name in ("json", "html", "markdown", "text")})
    finally:
        (folder / "week.csv").write_bytes(plain)
    same(made[1], made[0])
