"""What was read of our own files is kept, and never used for another text."""

import stat
from pathlib import Path

import pytest

from supportaudit.errors import CheckError
from supportaudit.kept import kept
from supportaudit.read.desks import load_desks
from supportaudit.yaml12 import load_own, load_yaml

SOURCES = Path(__file__).parents[1] / "src/supportaudit/sources"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.yaml").write_text("z: 1\na: [yes, {no: 2.5}]\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("x: Ω\n", encoding="utf-8")
    return tmp_path


def test_documents_come_in_the_order_of_their_names_with_their_keys_as_written(folder: Path) -> None:
    for _ in range(2):  # read, then kept
        found = load_own(folder, "*.yaml", "all")
        assert list(found) == ["a.yaml", "b.yaml"]
        assert repr(found["b.yaml"]) == "{'z': 1, 'a': ['yes', {'no': 2.5}]}"
    assert (folder / "compiled/all.msgpack").is_file()


def test_a_text_that_changed_is_read_anew(folder: Path) -> None:
    load_own(folder, "*.yaml", "all")
    (folder / "a.yaml").write_text("x: 2\n", encoding="utf-8")
    assert load_own(folder, "*.yaml", "all")["a.yaml"] == {"x": 2}
    (folder / "c.yaml").write_text("y: 3\n", encoding="utf-8")
    assert list(load_own(folder, "*.yaml", "all")) == ["a.yaml", "b.yaml", "c.yaml"]


@pytest.mark.parametrize("damage", [b"", b"\x92\xc4", b"not at all", b"\x93\x01\x02\x03"])
def test_what_is_damaged_is_made_anew(folder: Path, damage: bytes) -> None:
    whole = load_own(folder, "*.yaml", "all")
    (folder / "compiled/all.msgpack").write_bytes(damage)
    assert load_own(folder, "*.yaml", "all") == whole
    assert (folder / "compiled/all.msgpack").read_bytes() != damage


def test_a_fault_names_its_file_and_nothing_is_kept(folder: Path) -> None:
    (folder / "a.yaml").write_text("x: 1\nx: 2\n", encoding="utf-8")
    with pytest.raises(CheckError, match=r"a\.yaml: .*'x' stands twice"):
        load_own(folder, "*.yaml", "all")
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
    load_own(folder, "*.yaml", "all")
    assert stat.S_IMODE((folder / "compiled/all.msgpack").stat().st_mode) == 0o644
    assert [path.name for path in (folder / "compiled").iterdir()] == ["all.msgpack"]


def test_all_desks_are_kept_as_they_are_written() -> None:
    load_desks()
    kept_now = load_own(SOURCES, "*.yaml", "desks")
    written = {
        path.name: load_yaml(path.read_text("utf-8"), path.name) for path in sorted(SOURCES.glob("*.yaml"))
    }
    assert list(kept_now) == list(written)
    assert [name for name in written if repr(kept_now[name]) != repr(written[name])] == []
