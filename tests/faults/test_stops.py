"""Asked to stop, a run tidies up: temporary files and processes are gone, one line says so, the code says by what."""

import gzip
import shutil
import tempfile
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, Signals

import pytest
from tests.faults.machine import Ended, Nursery, kills, moments, run

from supportaudit.scratch import scratch_folder

OUTPUTS = [word for name in ("json", "html", "xlsx") for word in ("-o", f"{name}=audit.{name}")]
NAMES = {SIGINT: "Ctrl-C", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP"}


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def packed(desk: Path) -> Path:
    path = desk / "week.csv.gz"
    path.write_bytes(gzip.compress((desk / "week.csv").read_bytes()))
    return path


def stopped(ended: Ended, number: Signals) -> None:
    """A run that the signal stopped, and all that it says."""
    assert ended.code == 128 + number, ended
    assert (
        ended.err == f"stopped by {NAMES[number]}: files that were written are whole, others as they were\n"
    )
    assert ended.left == 0


@pytest.mark.parametrize("number", [SIGTERM, SIGINT, SIGHUP])
def test_a_run_stopped_at_any_moment_leaves_nothing(
    number: Signals, packed: Path, temporary: Path, nursery: Nursery
) -> None:
    command = ("scan", str(packed), *OUTPUTS)
    desk, env = packed.parent, {"TMPDIR": str(temporary)}
    done = nursery.run(*command, folder=desk, env=env)
    whole = {path.name: path.read_bytes() for path in desk.iterdir()}
    times = 0
    for moment in moments(kills(4), done.seconds):
        ended = nursery.run(*command, folder=desk, env=env, signal=number, delay=moment)
        if ended.code == -number:  # before there was anything to tidy up, or after
            assert (ended.err, ended.left) == ("", 0)
        elif ended.code:
            stopped(ended, number)
            times += 1
        assert list(temporary.iterdir()) == [], f"after {moment} s"
        assert {path.name: path.read_bytes() for path in desk.iterdir()} == whole
    assert times


@pytest.mark.parametrize(("number", "to"), [(SIGTERM, "parent"), (SIGINT, "all")])
def test_workers_end_with_the_run(
    number: Signals, to: str, packed: Path, temporary: Path, nursery: Nursery
) -> None:
    """A service manager stops the parent, Ctrl-C reaches all: workers that are starting must not show a traceback."""
    ended = nursery.run(
        "scan", packed, "--jobs", "2", env={"TMPDIR": str(temporary)}, workers=True, signal=number, to=to
    )
    stopped(ended, number)
    assert list(temporary.iterdir()) == []


def test_workers_of_a_run_that_is_killed_end_too(packed: Path, nursery: Nursery) -> None:
    ended = nursery.run("scan", packed, "--jobs", "2", workers=True, signal=SIGKILL)
    assert (ended.code, ended.left) == (-SIGKILL, 0)


def test_a_worker_that_is_killed_is_told(packed: Path, nursery: Nursery) -> None:
    """As Linux does it when memory runs out."""
    ended = nursery.run("scan", packed, "--jobs", "2", workers=True, signal=SIGKILL, to="worker")
    ended.refused("a worker process was killed", "memory", "--jobs 1")


def test_a_signal_that_the_caller_ignores_stops_nothing(desk: Path) -> None:
    """`nohup` ignores SIGHUP for what it starts."""
    hang_up_and_scan = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from supportaudit import cli\nfrom supportaudit.auditing import scan\nbefore = scan.scan\n"
        "scan.scan = lambda *a: (os.kill(os.getpid(), signal.SIGHUP), before(*a))[1]\n"
        "sys.argv = ['supportaudit', 'scan', 'week.csv', '--select', 'slow-reply']; cli.main()\n"
    )
    assert run(command=["-c", hang_up_and_scan], cwd=desk).code == 0


def test_the_interrupt_of_modules_that_are_loading_shows_no_traceback(desk: Path) -> None:
    """Before there is anything to tidy up, the process just ends by the signal, as any other does."""
    while_loading = (
        "import sys, os, signal\n"
        "def stop(event, arguments):\n"
        "    if event == 'import' and arguments[0] == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.addaudithook(stop)\n"
        "from supportaudit.__main__ import main\nmain()\n"
    )
    ended = run("scan", "week.csv", command=["-c", while_loading], cwd=desk)
    assert (ended.code, ended.out, ended.err) == (-SIGINT, "", "")


def test_what_a_killed_run_unpacked_is_removed_by_the_next(
    packed: Path, temporary: Path, nursery: Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds what customers wrote. What another run is using, and what is not ours, stays."""
    env = {"TMPDIR": str(temporary)}
    left: list[Path] = []
    for at in range(4, 20):
        nursery.run("scan", packed, env=env, at_change=at)
        left = list(temporary.glob("supportaudit-*/*.part"))
        if left:
            break
        shutil.rmtree(temporary)  # killed before it had anything to leave
        temporary.mkdir()
    assert gzip.decompress(packed.read_bytes()) == left[0].read_bytes()
    (temporary / "supportaudit-of-somebody").mkdir()
    (temporary / "supportaudit-link").symlink_to(packed.parent)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with scratch_folder() as used:
        (used / "kept").touch()
        assert nursery.run("scan", packed, env=env).code == 0
        names = {path.name for path in temporary.iterdir()}
        assert names == {used.name, "supportaudit-of-somebody", "supportaudit-link"}
        assert (used / "kept").exists()
    assert packed.exists()
