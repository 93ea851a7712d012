"""Nothing that merely lies in the working folder is run: not by the command, not by its workers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from supportaudit.render import pdf

ROOT = Path(__file__).parents[1]
WEEK = ROOT / "examples" / "shop-week.csv"
#: As the installed command does it: the script's folder comes first, not the working folder.
COMMAND = """
import supportaudit.auditing.scan

supportaudit.auditing.scan.SMALL = 0  # two processes, however small the export is
from supportaudit.cli import main

if __name__ == "__main__":
    main()
"""
MODULES = (
    "socket", "pickle", "tempfile", "random", "json", "csv", "yaml", "typer", "rich", "msgspec", "re2", "jinja2",
    "holidays", "sitecustomize", "usercustomize", "conftest", "plugin", "supportaudit_plugin",
)  # fmt: skip


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A working folder full of code, none of which may run: whatever does leaves `ran` behind."""
    folder = tmp_path / "export"
    code = f"open({str(tmp_path / 'ran')!r}, 'a').write(__file__ + chr(10))\n"
    check = folder / "checks" / "late-refund"
    check.mkdir(parents=True)
    (check / "check.py").write_text(code)
    (check / "check.yaml").write_text("id: late-refund\ntitle: Late\nseverity: low\nabout: a\nfix: f\n")
    (check / "cases.yaml").write_text("cases: {}\n")
    for name in MODULES:
        (folder / f"{name}.py").write_text(code)
    (folder / "supportaudit.yaml").write_text("checks: {rudeness: {enabled: true}}\n")
    offered = folder / "evil-1.0.dist-info"
    offered.mkdir()
    (offered / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (offered / "entry_points.txt").write_text("[supportaudit.checks]\nevil = plugin\n")
    return folder


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_scan_in_two_processes_runs_nothing_of_the_working_folder(trap: Path, tmp_path: Path) -> None:
    script = tmp_path / "bin" / "command.py"
    script.parent.mkdir()
    script.write_text(COMMAND)
    done = run(trap, str(script), "scan", str(WEEK), "-j", "2", "-f", "json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["scorecard"]["checks"]) == 11
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()


def test_nor_does_the_module_run_as_a_program(trap: Path, tmp_path: Path) -> None:
    done = run(trap, "-m", "supportaudit", "scan", str(WEEK), "-j", "1", "-f", "json")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()


def test_no_browser_is_taken_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = tmp_path / "chromium"
    found.write_text("#!/bin/sh\n")
    found.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf, "_PLACES", ())
    assert pdf.browser() == str(found)
    monkeypatch.chdir(tmp_path)
    assert list(pdf._browsers()) == []
