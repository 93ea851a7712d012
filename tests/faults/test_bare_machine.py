"""Machines that lack what others have: a home, a locale, a width, memory, descriptors, a folder to be in, the time."""

import json
import os
import pty
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path
from threading import Thread

import pytest
from tests.faults.machine import FORMATS, OTHERS_MAY_READ_US, ROOT, ROOT_ONLY, Ended, Nursery, run

from supportaudit.auditing import pool, scan
from supportaudit.auditing.scan import ScanSettings
from supportaudit.render.json_report import render_json

OUTPUTS = [word for name in FORMATS for word in ("-o", f"{name}=new.{name}")]


def same_as_ever(told: Ended, desk: Path) -> None:
    assert (told.code, told.err) == (0, ""), told
    assert told.out.replace(f"{desk}/", "") == (desk / "week.json").read_text("utf-8")


@pytest.mark.parametrize(
    "env",
    [
        {"HOME": "/nowhere", "XDG_CONFIG_HOME": "/nowhere", "XDG_CACHE_HOME": "/nowhere"},
        {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "xx_YY.nonsense", "LANG": "\udcff", "LANGUAGE": "::"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        {"TZ": "Mars/Olympus", "PATH": "", "TMPDIR": "/nowhere", "COLUMNS": "nonsense"},
    ],
    ids=["no home", "no locale", "a locale that is not there", "ASCII only", "nonsense"],
)
def test_an_environment_without_what_others_have(env: dict[str, str], desk: Path) -> None:
    same_as_ever(run("scan", "week.csv", "-f", "json", cwd=desk, env=env), desk)


@ROOT_ONLY
@OTHERS_MAY_READ_US
def test_a_user_whom_the_system_does_not_know(shared_desk: Path, nursery: Nursery) -> None:
    """As containers are run with `-u 12345`: no name, no home."""
    env = {"HOME": "/root"}
    told = nursery.run("scan", "week.csv", "-f", "json", folder=shared_desk, user=12345, env=env)
    same_as_ever(told, shared_desk)


def test_a_name_that_the_locale_cannot_spell(desk: Path) -> None:
    (desk / "week.csv").rename(desk / "wöche-日本.csv")
    env = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    told = run("scan", "wöche-日本.csv", "-o", "json=wöche.json", cwd=desk, env=env)
    assert (told.code, told.err) == (0, "")
    assert (desk / "wöche.json").exists()
    told = run("scan", "nichtß.csv", cwd=desk, env=env)
    told.refused("cannot be read")


@pytest.mark.parametrize("columns", [0, 1, 10, 65535])
def test_a_terminal_of_any_width(columns: int, desk: Path, nursery: Nursery) -> None:
    for arguments, word in (
        (["scan", "week.csv"], "week.csv"),
        (["checks"], "slow-reply"),
        (["--help"], "Usage"),
    ):
        told, shown = on_a_terminal(nursery, arguments, columns, desk, TERM="xterm")
        assert told.code == 0, told
        assert word in shown or 0 < columns < 10


def test_a_dumb_terminal_gets_plain_text(desk: Path, nursery: Nursery) -> None:
    for kind, coloured in (("xterm", True), ("dumb", False)):
        _, shown = on_a_terminal(nursery, ["scan", "week.csv"], 80, desk, TERM=kind)
        assert ("\x1b" in shown) == coloured


def on_a_terminal(
    nursery: Nursery, arguments: list[str], columns: int, folder: Path, **env: str
) -> tuple[Ended, str]:
    """How a command ended, and what a terminal of such a width was sent."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", min(columns, 24), columns, 0, 0))
    shown: list[bytes] = []

    def read() -> None:
        try:
            while some := os.read(ours, 1 << 16):
                shown.append(some)
        except OSError:
            pass  # Linux ends a terminal so

    reader = Thread(target=read)
    reader.start()
    terminal = os.ttyname(theirs)
    told = nursery.run(*arguments, folder=folder, out=terminal, err=terminal, env=env)
    os.close(theirs)
    reader.join()
    os.close(ours)
    return told, b"".join(shown).decode("utf-8", "replace")


@pytest.mark.parametrize("now", [0, 3600, 10**9, 2**31 - 1, 4 * 10**9])
def test_a_clock_that_is_wrong(now: int, desk: Path, nursery: Nursery) -> None:
    """1970, before any year that a ZIP archive can hold, up to 2096: no result depends on it."""
    whole = nursery.run("scan", "week.csv", *OUTPUTS, folder=desk)
    assert whole.code == 0, whole
    before = {name: (desk / f"new.{name}").read_bytes() for name in FORMATS}
    os.utime(desk / "week.csv", (now, now))
    told = nursery.run("scan", "week.csv", *OUTPUTS, "--history", "audits.db", folder=desk, now=now)
    assert told.code == 0, told
    assert {name: (desk / f"new.{name}").read_bytes() for name in FORMATS} == before
    assert nursery.run("report", "week.csv", "-o", "page.html", folder=desk, now=now).code == 0


def test_a_working_folder_that_was_deleted(desk: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    scan = f"{sys.executable} -m supportaudit scan {desk}/week.csv -f json --jobs 2 $MORE"
    command = f"mkdir {gone} && cd {gone} && rmdir {gone} && exec {scan}"
    for more, code in (("", 0), ("-o new.json", 2), ("--history new.db", 2)):
        done = subprocess.run(
            ["/bin/sh", "-c", command], env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "MORE": more},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        told = Ended(done.returncode, done.stdout, done.stderr)
        if code:
            told.refused("new.")
        else:
            same_as_ever(told, desk)


def test_too_few_open_files(desk: Path, nursery: Nursery) -> None:
    limits = {"RLIMIT_NOFILE": 20}
    told = nursery.run("scan", "week.csv", "-f", "json", folder=desk, limits=limits)
    same_as_ever(told, desk)
    told = nursery.run("scan", "week.csv", folder=desk, limits=limits, memory=1000)
    told.refused("temporary files", "Too many open files", "ulimit")


def test_too_little_memory(desk: Path, nursery: Nursery) -> None:
    with (desk / "big.csv").open("w", encoding="utf-8") as file:
        file.write("conversation_id,created_at,role,text\n")
        for number in range(10):
            file.write(f"c{number},2026-09-01T08:00:00Z,customer,{'Where is my order? ' * 200_000}\n")
    told = nursery.run("scan", "big.csv", folder=desk, room=24 << 20)
    told.refused("memory")


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("deep"), OSError(5, "Input/output error")])
def test_whatever_is_raised_is_a_sentence(
    error: BaseException, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from supportaudit import cli

    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(scan, "scan", failing)
    monkeypatch.setattr(sys, "argv", ["supportaudit", "scan", str(desk / "week.csv")])
    with pytest.raises(SystemExit) as end:
        cli.main()
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert err.startswith("error: ") and err.count("\n") == 2 and "  hint: " in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left"), ImportError("_multiprocessing"), NotImplementedError()]
)
def test_a_machine_without_semaphores_audits_in_one_process(
    error: Exception, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As some sandboxes are that run functions: the number of processes never changes the result."""

    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(scan, "SMALL", 0)
    monkeypatch.setattr(pool, "ProcessPoolExecutor", failing)
    monkeypatch.chdir(desk)
    report = scan.scan([Path("week.csv")], ScanSettings(jobs=2))
    assert json.loads(render_json(report)) == json.loads((desk / "week.json").read_bytes())


def test_a_process_that_cannot_be_started_is_told(desk: Path, nursery: Nursery) -> None:
    told = nursery.run("scan", "week.csv", "--jobs", "2", folder=desk, workers=True, no_processes=True)
    told.refused("a worker process cannot be started", "--jobs 1")
