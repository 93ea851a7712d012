"""One small desk for all faults: an export, two results, a history and a labelled sample."""

import csv
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.faults.machine import Nursery

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # /proc, /dev/full, mount: a machine that we can break


UNSURE = ("a1", "a2")


def export_of(days: int) -> str:
    """An export in which one customer a day is failed in several ways and one is not."""
    rows = ["conversation_id,created_at,role,author_name,channel,text"]
    for day in range(1, days + 1):
        date = f"2026-09-{day:02}"
        rows += [
            f"a{day},{date}T08:00:00Z,customer,Ann {day},email,Where is my order? I am ann{day}@mail.example.",
            f"a{day},{date}T09:30:00Z,agent,Tom,email,I will check this and get back to you by tomorrow morning.",
            f"a{day},{date}T20:00:00Z,customer,Ann {day},email,You promised an answer. This is the third time I ask!",
            f"b{day},{date}T10:00:00Z,customer,Bo {day},chat,How do I change my password?",
            f'b{day},{date}T10:02:00Z,agent,Eve,chat,"Open Settings, then Security, and choose a new password."',
            f"b{day},{date}T10:05:00Z,customer,Bo {day},chat,That worked. Thank you!",
        ]
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "week.csv"
    path.write_text(export_of(7), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def nursery(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    made = Nursery(export, tmp_path_factory.mktemp("told"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def made_desk(export: Path, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    shutil.copy(export, folder / "week.csv")
    (folder / "day.csv").write_text(export_of(1), encoding="utf-8")
    for name in ("day", "week"):
        told = nursery.run(
            "scan", f"{name}.csv", "-o", f"json={name}.json", "--history", "audits.db", folder=folder
        )
        assert told.code == 0, told
    assert nursery.run("sample", "week.csv", "-o", "to-label.csv", folder=folder).code == 0
    review(folder)
    return folder


def review(folder: Path) -> None:
    """Fill in the sheet as a reviewer would who holds the two findings that we were least sure of to be wrong."""
    found = json.loads((folder / "week.json").read_bytes())
    for finding in found["findings"]:
        finding["confidence"] = 0.6 if finding["conversation_id"] in UNSURE else 0.9
    (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")
    sheet = folder / "to-label.csv"
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows, names = list(reader), reader.fieldnames or ()
    for row in rows:
        name = row["conversation"]
        row["broken-promise"] = "yes" if name.startswith("a") and name not in UNSURE else "no"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def desk(made_desk: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(made_desk, tmp_path / "desk"))


@pytest.fixture
def shared_desk(made_desk: Path) -> Iterator[Path]:
    """A copy that every user of the machine may look into; the folders of tests are their user's alone."""
    with TemporaryDirectory(prefix="faults-", dir="/tmp") as folder:
        copy = Path(shutil.copytree(made_desk, folder, dirs_exist_ok=True))
        copy.chmod(0o755)
        yield copy
