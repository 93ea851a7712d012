"""An export that grows, shrinks or vanishes while it is read: refused, for counts and digest would not agree."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.faults.machine import Nursery, moments

from supportaudit.auditing import intake
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.errors import InputError

ROW = {
    "conversation_id": "a",
    "created_at": "2026-09-01T08:00:00Z",
    "role": "customer",
    "text": "Where is my order?",
}


def as_csv(rows: int) -> str:
    return (
        "\n".join([",".join(ROW), *(",".join(ROW.values()).replace("a,", f"c{n},", 1) for n in range(rows))])
        + "\n"
    )


def as_lines(rows: int) -> str:
    return "".join(json.dumps(ROW | {"conversation_id": f"c{n}"}) + "\n" for n in range(rows))


def as_array(rows: int) -> str:
    return json.dumps([ROW | {"conversation_id": f"c{n}"} for n in range(rows)])


FORMS = {"export.csv": as_csv, "export.jsonl": as_lines, "export.json": as_array}
CHANGES: dict[str, Callable[[Path, Callable[[int], str]], object]] = {
    "grows": lambda path, form: path.write_text(form(60)),
    "shrinks": lambda path, form: path.write_text(form(50)[:-100]),
    "is emptied": lambda path, form: path.write_text(""),
    "is replaced": lambda path, form: path.with_name("new").rename(path),
    "vanishes": lambda path, form: path.unlink(),
}


@pytest.mark.parametrize("moment", ["open_exports", "_gather", "_digest"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", FORMS)
def test_a_file_that_changes_is_refused(
    name: str, change: str, moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_text(FORMS[name](50))
    (tmp_path / "new").write_text(FORMS[name](50))
    (tmp_path / "rejects").write_text("as before")
    step = getattr(intake, moment)

    def changed_before(*arguments: Any) -> Any:
        CHANGES[change](path, FORMS[name])
        return step(*arguments)

    monkeypatch.setattr(intake, moment, changed_before)
    reading = intake.Reading(rejects=tmp_path / "rejects")
    with pytest.raises(InputError) as error:
        scan([tmp_path], ScanSettings(reading=reading, select=("slow-reply",)))
    told = "vanished" if change == "vanishes" else "changed"
    assert error.value.message.endswith(f"{name} {told} while it was read.")
    assert (tmp_path / "rejects").read_text() == "as before"


def test_a_file_of_arrow_that_is_cut_does_not_end_the_process(tmp_path: Path, nursery: Nursery) -> None:
    """As it would if the file were mapped into memory."""
    arrow = pytest.importorskip("pyarrow")
    rows = arrow.Table.from_pylist(
        [ROW | {"conversation_id": f"c{n}", "text": "x" * 500} for n in range(20_000)]
    )
    path = tmp_path / "export.arrow"
    with arrow.OSFile(str(path), "wb") as sink, arrow.ipc.new_file(sink, rows.schema) as writer:
        writer.write_table(rows, max_chunksize=1000)
    nursery.run("scan", path, "--select", "slow-reply", cut=str(path)).refused(
        str(path), "changed while it was read"
    )


def test_of_a_file_that_is_being_written_all_or_nothing_counts(tmp_path: Path, nursery: Nursery) -> None:
    """Another program appends line by line: what is accepted is the file as it stood at one moment."""
    path = tmp_path / "log.jsonl"
    lines = as_lines(400).encode().splitlines(keepends=True)
    digests, whole = {}, b""
    for number, line in enumerate(lines, 1):
        whole += line
        digests[hashlib.sha256(hashlib.sha256(whole).digest()).hexdigest()] = number
    appending = (
        "import sys, time\nwith open(sys.argv[1], 'ab', buffering=0) as file:\n"
        "    for line in sys.stdin.buffer: file.write(line); time.sleep(0.001)"
    )
    accepted = 0
    for pause in moments(5, 0.5):
        path.write_bytes(b"".join(lines[:100]))
        with subprocess.Popen([sys.executable, "-c", appending, str(path)], stdin=subprocess.PIPE) as writer:
            assert writer.stdin is not None
            writer.stdin.write(b"".join(lines[100:]))
            writer.stdin.flush()
            told = nursery.run("scan", path, "-f", "json", "--select", "slow-reply", pause=pause)
            writer.stdin.close()
        if told.code == 0:
            account = json.loads(told.out)["input"]
            assert account["rows_read"] == digests[account["digest"]]
            accepted += 1
        else:
            told.refused(str(path), "changed while it was read", "copy")
    print(f"{accepted} of 5 accepted")
