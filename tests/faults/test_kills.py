"""Killed at any moment, a run leaves whole files, a history that opens, and nobody who waits for it.

FAULT_KILLS=300 tries more moments than the usual dozen, FAULT_SEED others.
"""

import shutil
import sqlite3
from pathlib import Path
from signal import SIGKILL

import pytest
from tests.faults.machine import Nursery, chosen, kills, moments

from supportaudit.results.history import periods
from supportaudit.settings.written import load_settings

OUTPUTS = [word for name in ("json", "html", "xlsx", "csv") for word in ("-o", f"{name}=out/audit.{name}")]
SCAN = ("scan", "week.csv", *OUTPUTS, "--history", "audits.db", "--rejects", "out/rejects.csv")
AGAINST = ("to-label.csv", "--against", "found.json", "--target-precision", "1")
CALIBRATE = ("calibrate", *AGAINST, "--write", "team.yaml")
SETTINGS = "language: en  # ours\n"


def spoilt(desk: Path, before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """What stands in the desk's `out` that is neither as before nor as after the run; of a new name, as neither."""
    found = []
    for path in (desk / "out").iterdir():
        content = path.read_bytes()
        whole = [files[path.name] for files in (before, after) if path.name in files]
        # Between two steps a whole file may have a name of its own.
        if content not in whole and not (path.suffix == ".part" and content in after.values()):
            found.append(f"{path.name}, {len(content)} bytes")
    return found


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def intact(history: Path) -> int:
    """How many audits are in a history, which must be whole and free to write."""
    with sqlite3.connect(history, timeout=1) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("BEGIN EXCLUSIVE")
        db.execute("ROLLBACK")
    db.close()
    return len(periods(history))


@pytest.fixture
def folder(desk: Path) -> Path:
    (desk / "out").mkdir()
    with (desk / "week.csv").open("a", encoding="utf-8") as file:
        file.write("z,no date,customer,Zoe,email,This row is rejected.\n")
    return desk


def reset(folder: Path, old: dict[str, bytes], history: bytes) -> None:
    shutil.rmtree(folder / "out")
    (folder / "out").mkdir()
    for name, content in old.items():
        (folder / "out" / name).write_bytes(content)
    (folder / "audits.db").write_bytes(history)
    (folder / "audits.db-journal").unlink(missing_ok=True)


@pytest.mark.parametrize("over", [False, True], ids=["new files", "old files"])
def test_a_scan_killed_at_any_moment(over: bool, folder: Path, nursery: Nursery) -> None:
    history = (folder / "audits.db").read_bytes()
    done = nursery.run(*SCAN, folder=folder)
    assert done.code == 0, done
    after = files_of(folder / "out")
    assert len(after) == 5
    old = dict.fromkeys(after, b"old\n") if over else {}
    died = 0
    for moment in moments(kills(6), done.seconds):
        reset(folder, old, history)
        ended = nursery.run(*SCAN, folder=folder, signal=SIGKILL, delay=moment)
        assert ended.code in (0, -SIGKILL), ended
        assert ended.left == 0
        died += ended.code != 0
        assert spoilt(folder, old, after) == [], f"after {moment} s"
        assert intact(folder / "audits.db") in (2, 3)
    assert died
    assert nursery.run(*SCAN, folder=folder).code == 0
    assert spoilt(folder, {}, after) == [], "a run after all these is as the first"


def test_a_scan_killed_before_any_change_to_a_file(folder: Path, nursery: Nursery) -> None:
    """Every step of writing that Python knows of, in turn, however short the moment between two of them is."""
    history = (folder / "audits.db").read_bytes()
    assert nursery.run(*SCAN, folder=folder).code == 0
    after = files_of(folder / "out")
    for there in ({}, dict.fromkeys(after, b"old\n")):
        reset(folder, there, history)
        steps = nursery.run(*SCAN, folder=folder, at_change=-1).changes
        assert steps > 3 * len(after)
        for at in chosen(steps, kills(4)):
            reset(folder, there, history)
            assert nursery.run(*SCAN, folder=folder, at_change=at).code == -SIGKILL
            assert spoilt(folder, there, after) == [], f"before change {at}"
            assert intact(folder / "audits.db") in (2, 3)


def test_a_history_killed_while_it_is_begun(folder: Path, nursery: Nursery) -> None:
    run = ("scan", "week.csv", "-o", "/dev/null", "--history", "new.db")
    longest = nursery.run(*run, folder=folder).seconds
    for moment in moments(kills(6), longest * 0.7):
        for path in folder.glob("new.db*"):
            path.unlink()
        # The end of the run is what writes.
        ended = nursery.run(*run, folder=folder, signal=SIGKILL, delay=longest * 0.4 + moment)
        if (folder / "new.db").exists():
            assert intact(folder / "new.db") == (ended.code == 0) or intact(folder / "new.db") == 1
        again = nursery.run(*run, folder=folder)
        assert again.code == 0, again
        assert intact(folder / "new.db") == 1


def test_settings_killed_while_thresholds_are_written(desk: Path, nursery: Nursery) -> None:
    settings = desk / "team.yaml"
    settings.write_text(SETTINGS)
    done = nursery.run(*CALIBRATE, folder=desk)
    assert done.code == 0, done
    after = settings.read_text()
    assert after.startswith(SETTINGS) and "min-confidence" in after
    for moment in moments(kills(4), done.seconds):
        settings.write_text(SETTINGS)
        nursery.run(*CALIBRATE, folder=desk, signal=SIGKILL, delay=moment)
        assert settings.read_text() in (SETTINGS, after)
    for at in range(1, nursery.run(*CALIBRATE, folder=desk, at_change=-1).changes + 1):
        settings.write_text(SETTINGS)
        assert nursery.run(*CALIBRATE, folder=desk, at_change=at).code == -SIGKILL
        assert settings.read_text() in (SETTINGS, after)
        assert load_settings(settings).language == "en"
