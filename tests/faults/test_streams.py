"""Standard input, output and error that are closed, full, or read by nobody any more."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.machine import ROOT, Nursery, run
from typer.main import get_command

from supportaudit.cli import app

ARGUMENTS = {
    "scan": ("scan", "week.csv"),
    "report": ("report", "week.csv", "-o", "page.html"),
    "compare": ("compare", "day.json", "week.json"),
    "trend": ("trend", "audits.db"),
    "config": ("config",),
    "checks": ("checks",),
    "explain": ("explain", "rudeness"),
    "init": ("init", "week.csv"),
    "sources": ("sources",),
    "schema": ("schema",),
    "inspect": ("inspect", "week.csv"),
    "sample": ("sample", "week.csv", "-o", "sheet.csv"),
    "calibrate": ("calibrate", "to-label.csv", "week.csv"),
}
"""`languages` loads the words of every language, which takes seconds, and prints as the others do."""

TO_FILES = ("report", "init", "sample")
COMMANDS = sorted(getattr(get_command(app), "commands"))  # noqa: B009 - typer's type does not tell


def arguments(command: str) -> tuple[str, ...]:
    return ARGUMENTS.get(command, (command, "--help"))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_that_nobody_reads_ends_no_command_badly(command: str, nursery: Nursery, desk: Path) -> None:
    """Like `supportaudit ... | head -1`, and `2>&1 | head -1`."""
    for stream in ({"out": "broken"}, {"out": "broken", "err": "broken"}):
        for name in ("page.html", "supportaudit.yaml", "sheet.csv"):
            (desk / name).unlink(missing_ok=True)
        told = nursery.run(*arguments(command), folder=desk, **stream)
        assert (told.code, told.out) == (0, ""), told
        assert "rror" not in told.err, told


@pytest.mark.parametrize("stream", ["closed", "full"])
@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in TO_FILES])
def test_what_cannot_be_printed_is_said(command: str, stream: str, nursery: Nursery, desk: Path) -> None:
    told = nursery.run(*arguments(command), folder=desk, out=stream)
    told.refused("standard output cannot be written", "No space left" if stream == "full" else "Bad file")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_that_cannot_be_printed_is_said(option: str, nursery: Nursery) -> None:
    nursery.run(option, out="full").refused("standard output cannot be written")
    assert nursery.run(option, out="broken").code == 0


@pytest.mark.parametrize("command", TO_FILES)
def test_what_goes_to_a_file_needs_no_standard_output(command: str, nursery: Nursery, desk: Path) -> None:
    before = set(desk.iterdir())
    assert nursery.run(*ARGUMENTS[command], folder=desk, out="closed").code == 0
    assert len(set(desk.iterdir()) - before) == 1


@pytest.mark.parametrize("stream", ["closed", "broken", "full"])
def test_the_exit_code_tells_though_no_error_can_be_printed(
    stream: str, nursery: Nursery, desk: Path
) -> None:
    run = ("scan", "week.csv", "-o", "json=new.json", "--history", "audits.db")
    assert nursery.run(*run, folder=desk, err=stream).code == 0
    assert json.loads((desk / "new.json").read_bytes()) == json.loads((desk / "week.json").read_bytes())
    assert nursery.run("scan", "week.csv", "--fail-on", "any", folder=desk, err=stream).code == 1
    assert nursery.run("scan", "nothing.csv", folder=desk, err=stream).code == 2
    assert nursery.run("scan", "--nonsense", folder=desk, err=stream).code == 2


def test_nothing_is_written_into_a_file_that_took_a_closed_streams_number(
    nursery: Nursery, desk: Path
) -> None:
    told = nursery.run(
        "scan", "week.csv", "-o", "json=new.json", **dict.fromkeys(("in", "out", "err"), "closed")
    )
    assert told.code == 2
    told = nursery.run(
        "scan",
        "week.csv",
        "-f",
        "json",
        "-o",
        "new.json",
        folder=desk,
        **dict.fromkeys(("in", "out", "err"), "closed"),
    )
    assert told.code == 0
    assert (desk / "new.json").read_bytes() == (desk / "week.json").read_bytes()


def test_a_closed_standard_input_is_said(nursery: Nursery, desk: Path) -> None:
    nursery.run("scan", "-", folder=desk, **{"in": "closed"}).refused("standard input cannot be read")
    nursery.run("scan", "-", folder=desk).refused("standard input", "empty")


def test_streams_that_a_shell_closed(desk: Path) -> None:
    """As Python itself starts then: without `sys.stdout`."""
    command = f"{sys.executable} -m supportaudit scan week.csv"
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    for closing, code, said in (
        (">&-", 2, "error: standard output cannot be written"),
        ("<&- >&- 2>&-", 2, ""),
    ):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{command} {closing}"], cwd=desk, capture_output=True, text=True, env=env, timeout=60,
            check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr[: len(said)]) == (code, said)
        assert "Traceback" not in done.stderr


def test_a_pipe_that_does_not_wait_gets_everything(desk: Path) -> None:
    """Some programs (node) leave their pipe non-blocking to those they start."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with subprocess.Popen(
        [sys.executable, "-m", "supportaudit", "schema", "result"], stdout=writer, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    ) as process:  # fmt: skip
        os.close(writer)
        with os.fdopen(reader, "rb") as file:
            printed = file.read()
        assert process.stderr is not None
        assert (process.stderr.read(), process.wait(60)) == (b"", 0)
    assert printed == run("schema", "result").out.encode()
    assert len(printed) > 1 << 16 or json.loads(printed)


def test_an_export_may_come_through_a_pipe(desk: Path, nursery: Nursery) -> None:
    expected = json.loads((desk / "week.json").read_bytes())
    os.mkfifo(desk / "pipe")
    with subprocess.Popen(["/bin/sh", "-c", "cat week.csv > pipe"], cwd=desk):
        told = nursery.run("scan", "pipe", "-f", "json", folder=desk)
    assert told.code == 0, told
    audit = json.loads(told.out)
    assert audit["input"]["files"] == ["pipe"]
    assert audit["input"]["digest"] == expected["input"]["digest"]
    with (desk / "week.csv").open("rb") as file:
        told = run("scan", "-", "-f", "json", cwd=desk, stdin=file)
    assert json.loads(told.out.replace('"standard input"', '"pipe"')) == audit


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty0", "/dev/null"])
def test_a_device_is_no_export(device: str, nursery: Nursery) -> None:
    nursery.run("scan", device).refused(device)
