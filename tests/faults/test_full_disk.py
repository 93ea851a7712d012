"""No room, and no right to write: a sentence says where, what stood there stays, and no half file is left."""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.machine import FORMATS, OTHERS_MAY_READ_US, ROOT_ONLY, Ended, Nursery

from supportaudit import cli, render
from supportaudit.auditing import scan
from supportaudit.auditing.shards import Shards
from supportaudit.errors import UserError
from supportaudit.model import Basis, Finding, Row, Severity
from supportaudit.results.findings import Gathered
from supportaudit.results.history import periods
from supportaudit.scratch import scratch_folder

NOBODY = 65534
WRITING = {
    "init": ("init", "week.csv", "-o", "TARGET"),
    "sample": ("sample", "week.csv", "-o", "TARGET"),
    "report": ("report", "week.csv", "-o", "TARGET"),
    "history": ("scan", "week.csv", "--history", "TARGET"),
    "rejects": ("scan", "bad.csv", "--rejects", "TARGET"),
    "calibrate": (
        *("calibrate", "to-label.csv", "--against", "found.json", "--target-precision", "1"),
        *("--write", "TARGET"),
    ),
    **{name: ("scan", "week.csv", "-f", name, "-o", "TARGET") for name in FORMATS},
}


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own that holds 64 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass


def test_every_way_to_write_a_file_is_tried() -> None:
    assert set(FORMATS) == set(render.FORMATS)


def written(name: str, desk: Path, target: Path) -> tuple[str, ...]:
    rows = [f"z{n},{'no date' if n < 5 else '2026-09-01'},customer,Zoe,email,Hello" for n in range(90)]
    head = "conversation_id,created_at,role,author_name,channel,text"
    (desk / "bad.csv").write_text("\n".join([head, *rows]))
    return tuple(str(target) if word == "TARGET" else word for word in WRITING[name])


@ROOT_ONLY
@pytest.mark.parametrize("name", WRITING)
def test_a_full_disk_is_told_and_leaves_nothing(
    name: str, mounted: Path, desk: Path, nursery: Nursery
) -> None:
    fill(mounted)
    before = {path.name: path.read_bytes() for path in mounted.iterdir()}
    told = nursery.run(*written(name, desk, mounted / "target"), folder=desk)
    told.refused(str(mounted / "target"))
    assert "full" in told.err or "No space left" in told.err
    assert {path.name: path.read_bytes() for path in mounted.iterdir() if path.name != "target"} == before
    assert not (mounted / "target").exists() or not (mounted / "target").read_bytes()


@ROOT_ONLY
@pytest.mark.parametrize("name", ["json", "history", "rejects", "calibrate"])
def test_what_stood_on_a_full_disk_stays(name: str, mounted: Path, desk: Path, nursery: Nursery) -> None:
    target = mounted / "target"
    if name == "history":
        shutil.copy(desk / "audits.db", target)
        with (desk / "week.csv").open("a", encoding="utf-8") as file:
            file.write("c9,2026-09-09T08:00:00Z,customer,Cy,email,Another export.\n")
    else:
        target.write_text("language: en\n")
    before = target.read_bytes()
    fill(mounted)
    nursery.run(*written(name, desk, target), folder=desk).refused(str(target))
    (mounted / "filler").unlink()
    if name == "history":
        found = periods(target)
        assert [one.name for one in found] == ["day.csv", "week.csv"]
        (mounted / "target-journal").unlink(missing_ok=True)
    assert target.read_bytes() == before
    assert [path.name for path in mounted.iterdir()] == ["target"]


@ROOT_ONLY
@pytest.mark.parametrize("name", ["json", "history", "init", "calibrate"])
def test_a_disk_that_can_only_be_read_is_told(name: str, mounted: Path, desk: Path, nursery: Nursery) -> None:
    shutil.copy(desk / "audits.db", mounted / "audits.db")
    subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)
    nursery.run(*written(name, desk, mounted / "target"), folder=desk).refused(str(mounted / "target"))
    if name == "history":
        nursery.run(*written(name, desk, mounted / "audits.db"), folder=desk).refused("audits.db")
        assert nursery.run("trend", mounted / "audits.db").code == 0, "what is read needs no right to write"


@ROOT_ONLY
@OTHERS_MAY_READ_US
@pytest.mark.parametrize("name", ["json", "history", "rejects", "init", "calibrate"])
@pytest.mark.parametrize("refusing", ["folder", "file"])
def test_a_file_or_folder_of_somebody_else_is_left_alone(
    name: str, refusing: str, shared_desk: Path, nursery: Nursery
) -> None:
    """As a user who may read everything and write nothing; a file may not be replaced because its folder is free."""
    target = shared_desk / "there" / "target"
    target.parent.mkdir()
    command = written(name, shared_desk, target)
    if refusing == "file":
        target.write_bytes(
            (shared_desk / "audits.db").read_bytes() if name == "history" else b"language: en\n"
        )
        target.chmod(0o444)
        os.chown(target.parent, NOBODY, NOBODY)
        command += ("--force",) if name == "init" else ()
    before = {path.name: path.read_bytes() for path in target.parent.iterdir()}
    nursery.run(*command, folder=shared_desk, user=NOBODY).refused(str(target))
    assert {path.name: path.read_bytes() for path in target.parent.iterdir()} == before


def test_a_device_that_is_full_is_told(desk: Path, nursery: Nursery) -> None:
    nursery.run("scan", "week.csv", "-o", "/dev/full", folder=desk).refused("/dev/full", "No space left")


def test_a_limit_on_the_size_of_files_is_told(desk: Path, nursery: Nursery) -> None:
    before = set(desk.iterdir())
    for name in ("json", "history"):
        command = written(name, desk, desk / "target")
        told = nursery.run(*command, folder=desk, out="broken", limits={"RLIMIT_FSIZE": 2000})
        told.refused(str(desk / "target"), "Make room")
        (desk / "target").unlink(missing_ok=True)
    assert set(desk.iterdir()) - before == {desk / "bad.csv"}


@ROOT_ONLY
def test_temporary_files_that_find_no_room_are_told(mounted: Path, desk: Path, nursery: Nursery) -> None:
    rows = [f"c{n},2026-09-01T08:00:00Z,customer,Ann,email,Where is order {n}?" for n in range(3000)]
    export = "conversation_id,created_at,role,author_name,channel,text\n" + "\n".join(rows)
    (desk / "big.csv").write_text(export)
    (desk / "big.csv.gz").write_bytes(gzip.compress(export.encode()))
    env = {"TMPDIR": str(mounted)}
    nursery.run("scan", "big.csv.gz", folder=desk, env=env).refused("big.csv.gz", "No space left", "TMPDIR")
    told = nursery.run("scan", "big.csv", folder=desk, env=env, memory=1000)
    told.refused(str(mounted), "No space left", "TMPDIR")
    assert list(mounted.iterdir()) == []
    fill(mounted)  # none is needed, another folder is found
    for name in ("week.csv", "big.csv.gz"):
        assert nursery.run("scan", name, "--select", "slow-reply", folder=desk, env=env).code == 0, (
            "none is needed, another is found"
        )


def test_the_reading_of_temporary_files_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with Shards(2, memory=0) as shards:
        shards.add(Row("t1", "m1", 1))
        for file in shards._files:
            os.close(file.fileno())
        with pytest.raises(UserError, match="temporary files"):
            shards.shard(0)


def test_findings_that_find_no_room_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = Finding("rudeness", "c1", ("m1",), "q", "r", Severity.LOW, 0.9, Basis.OBSERVED)
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: open("/dev/full", "wb"))  # noqa: SIM115, PTH123
    gathered = Gathered(few=0)
    with pytest.raises(UserError, match="temporary files cannot be written: No space left"):
        gathered.add([finding])


@pytest.mark.parametrize("places", [[], ["/proc/1/nowhere"]])
def test_no_folder_for_temporary_files(places: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: places)
    with pytest.raises(UserError, match="temporary files cannot be written"), scratch_folder():
        pass
    with pytest.raises(UserError, match="temporary files cannot be written"), Shards(2, memory=0) as shards:
        shards.add(Row("t1", "m1", 1))


@pytest.mark.parametrize("option", ["-o", "--rejects", "--history"])
def test_a_folder_that_is_not_there_is_told_before_the_audit(
    option: str, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def audited(*_: object) -> None:
        pytest.fail("an audit may take an hour")

    monkeypatch.setattr(scan, "scan", audited)
    monkeypatch.setattr(sys, "argv", ["supportaudit", "scan", str(desk / "week.csv"), option, "no/such/file"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    told = Ended(end.value.code if isinstance(end.value.code, int) else 0, *capsys.readouterr())
    told.refused("no/such/file: there is no folder no/such")
