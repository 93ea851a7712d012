"""What was read of our own files is kept, and never used for another text."""

import stat
from pathlib import Path
from typing import Any

import pytest

from supportaudit.errors import CheckError
from supportaudit.kept import kept, kept_documents
from supportaudit.read.desks import load_desks
from supportaudit.yaml12 import load_yaml

SOURCES = Path(__file__).parents[1] / "src/supportaudit/sources"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.yaml").write_text("z: 1\na: [yes, {no: 2.5}]\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("x: Ω\n", encoding="utf-8")
    return tmp_path


def read_all(folder: Path) -> dict[str, Any]:
    return kept_documents(folder, "*.yaml", folder / "compiled/all.msgpack")


def test_documents_come_in_the_order_of_their_names_with_their_keys_as_written(folder: Path) -> None:
    for _ in range(2):  # read, then kept
        found = read_all(folder)
        assert list(found) == ["a.yaml", "b.yaml"]
        assert repr(found["b.yaml"]) == "{'z': 1, 'a': ['yes', {'no': 2.5}]}"
    assert (folder / "compiled/all.msgpack").is_file()


def test_a_text_that_changed_is_read_anew(folder: Path) -> None:
    read_all(folder)
    (folder / "a.yaml").write_text("x: 2\n", encoding="utf-8")
    assert read_all(folder)["a.yaml"] == {"x": 2}
    (folder / "c.yaml").write_text("y: 3\n", encoding="utf-8")
    assert list(read_all(folder)) == ["a.yaml", "b.yaml", "c.yaml"]


@pytest.mark.parametrize("damage", [b"", b"\x92\xc4", b"not at all", b"\x93\x01\x02\x03"])
def test_what_is_damaged_is_made_anew(folder: Path, damage: bytes) -> None:
    whole = read_all(folder)
    (folder / "compiled/all.msgpack").write_bytes(damage)
    assert read_all(folder) == whole
    assert (folder / "compiled/all.msgpack").read_bytes() != damage


def test_a_fault_names_its_file_and_nothing_is_kept(folder: Path) -> None:
    (folder / "a.yaml").write_text("x: 1\nx: 2\n", encoding="utf-8")
    with pytest.raises(CheckError, match=r"a\.yaml: .*'x' stands twice"):
        read_all(folder)
    assert not (folder / "compiled").exists()


def test_where_nobody_may_write_it_is_read_each_time(tmp_path: Path) -> None:
    (tmp_path / "compiled").write_text("a file where a folder would be", encoding="utf-8")
    made: list[int] = []

    def make() -> list[int]:
        made.append(1)
        return [7]

    for _ in range(2):
        assert kept(tmp_path / "compiled/x.msgpack", [b"a"], list[int], make) == [7]
    assert made == [1, 1]


def test_everybody_may_read_what_is_kept(folder: Path) -> None:
    read_all(folder)
    assert stat.S_IMODE((folder / "compiled/all.msgpack").stat().st_mode) == 0o644
    assert [path.name for path in (folder / "compiled").iterdir()] == ["all.msgpack"]


def test_all_desks_are_kept_as_they_are_written() -> None:
    load_desks()
    kept_now = kept_documents(SOURCES, "*.yaml", SOURCES / "compiled/desks.msgpack")
    written = {
        path.name: load_yaml(path.read_text("utf-8"), path.name) for path in sorted(SOURCES.glob("*.yaml"))
    }
    assert list(kept_now) == list(written)
    assert [name for name in written if repr(kept_now[name]) != repr(written[name])] == []
