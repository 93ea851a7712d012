"""docs/formats.md: every format stands in it, its numbers are the program's, and every command it shows works."""

import csv
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from supportaudit.cli import app
from supportaudit.render import FORMATS, github, gitlab, junit, markdown, sarif, workbook
from supportaudit.sheet import MAX_CELL

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "formats.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.S | re.M)


def shell_lines(body: Any) -> Iterator[str]:
    """The commands of a workflow: texts under run, and lists under script."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key == "run":
                yield str(value)
            elif key == "script":
                yield from map(str, value)
            else:
                yield from shell_lines(value)
    elif isinstance(body, list):
        for value in body:
            yield from shell_lines(value)


def commands() -> list[str]:
    found = [line for block in blocks("console") for line in block.splitlines()]
    found += [line for block in blocks("yaml") for line in shell_lines(yaml.safe_load(block))]
    found += [line for block in blocks("groovy") for line in re.findall(r"sh '(.+)'", block)]
    return [line for line in found if not line.startswith("pip ")]


def test_every_format_has_its_line() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(?:[^|]*\|){3}$", PAGE, re.M)
    assert sorted(rows) == sorted(FORMATS)


def test_the_numbers_are_those_of_the_program() -> None:
    for line in (
        f"{markdown.MAX_SIZE:,} bytes, {markdown.WORST} findings, {markdown.MAX_LINES} lines a table",
        f"{MAX_CELL:,} characters a cell",
        f"{workbook.MAX_FINDINGS:,} findings",
        f"{junit.WORST} findings a check",
        f"{sarif.MAX_RESULTS:,} results",
        f"{gitlab.MAX_FINDINGS:,} issues",
        f"{github.PER_LEVEL} of each level",
    ):
        assert f"{line} |\n" in PAGE


def test_the_page_is_found_from_the_readme() -> None:
    assert "(docs/formats.md)" in (ROOT / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short export."""
    folder = tmp_path_factory.mktemp("desk")
    with (ROOT / "examples" / "shop-week.csv").open(encoding="utf-8", newline="") as export:
        rows = list(csv.reader(export))[:300]
    with (folder / "week.csv").open("w", encoding="utf-8", newline="") as export:
        csv.writer(export).writerows(rows)
    return folder


@pytest.mark.skipif(os.name == "nt", reason="the commands are for a POSIX shell")
def test_every_command_works(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "step.md")
    found = commands()
    assert len(found) >= 7
    for line in found:
        typed, _, file = line.partition(" > ")
        if not typed.startswith("supportaudit "):
            subprocess.run(["sh", "-c", line], check=True, timeout=20)
            continue
        # In this process: a new one for each would take most of the time.
        done = CliRunner().invoke(app, shlex.split(typed)[1:])
        assert done.exit_code == 0, done.output
        assert done.stdout_bytes
        if file:
            Path(file).write_bytes(done.stdout_bytes)
    written = {path.name for path in desk.iterdir()}
    assert written >= {
        "audit.json", "audit.xml", "summary.md", "result.schema.json", "findings.ndjson", "findings.csv", "audit.xlsx",
        "findings.parquet", "audit.sarif", "codequality.json", "step.md",
    }  # fmt: skip
    assert (desk / "step.md").read_bytes() == (desk / "summary.md").read_bytes()


def test_the_query_works(desk: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    if not (desk / "findings.parquet").exists():
        pytest.skip("nothing was written")
    (query,) = blocks("sql")
    place = str(desk / "findings.parquet").replace("'", "''")
    assert duckdb.sql(query.replace("findings.parquet", place)).fetchall()
