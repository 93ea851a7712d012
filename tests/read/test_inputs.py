"""From what was typed to documents: files, folders, patterns, and what is passed over."""

import gzip
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from supportaudit.errors import InputError
from supportaudit.read.inputs import Inputs

CSV = "ticket,from,text\nt1,Ana,hello\n"


def write(folder: Path, *names: str, content: str = CSV) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def names(*paths: Path) -> list[str]:
    with Inputs(paths) as inputs:
        return [document.name for document in inputs.documents]


def refusal(*paths: Path) -> str:
    with pytest.raises(InputError) as error, Inputs(paths):
        pass
    return f"{error.value.message} {error.value.hint}"


def test_a_file_is_itself_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path, "week.dump")
    with Inputs([tmp_path / "week.dump"]) as inputs:
        [document] = inputs.documents
        assert (document.name, document.member, document.by_record) == ("week.dump", "", False)
        assert document.root == str(tmp_path / "week.dump")
        assert document.path == tmp_path / "week.dump"
        assert inputs.notes == ()


def test_a_folder_gives_its_exports_in_order_and_tells_what_it_passed_over(tmp_path: Path) -> None:
    week = tmp_path / "week"
    write(week, "b.CSV", "a/z.json", "a/b.tsv.gz", "a.ndjson", "c.txt", "d.xlsx.zst")
    write(
        week,
        "x.png",
        "y.pdf",
        "sub/z.xml",
        ".hidden.csv",
        "__MACOSX/a.csv",
        "~$d.xlsx",
        ".git/a.csv",
        ".DS_Store",
    )
    with Inputs([week]) as inputs:
        assert [document.member for document in inputs.documents] == [
            *("a/b.tsv.gz", "a/z.json", "a.ndjson", "b.CSV", "c.txt", "d.xlsx.zst"),
        ]
        assert [document.name for document in inputs.documents][:2] == ["week/a/b.tsv.gz", "week/a/z.json"]
        assert {document.root for document in inputs.documents} == {str(week)}
        assert inputs.notes == (
            f"3 files in {week} are no exports and were not read: sub/z.xml, x.png, y.pdf",
        )


def test_the_order_does_not_depend_on_the_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, *(f"{folder}/{n}.csv" for folder in "ba" for n in (10, 9)))
    first = names(tmp_path)
    walk = os.walk

    def shuffled(*args: Any, **options: Any) -> Any:
        for where, folders, files in walk(*args, **options):
            folders.reverse()
            yield where, folders, files[::-1]

    monkeypatch.setattr(os, "walk", shuffled)
    assert names(tmp_path) == first == sorted(first)


def test_patterns_that_no_shell_expanded(tmp_path: Path) -> None:
    write(tmp_path, "b.csv", "a.csv", "c.json", "[x].csv")
    assert names(tmp_path / "?.csv") == ["a.csv", "b.csv"]
    assert names(tmp_path / "[x].csv") == ["[x].csv"], "a file of that name is meant before the pattern"
    assert "No file matches" in refusal(tmp_path / "*.xlsx")


def test_a_file_named_twice_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "week/a.csv", "week/b.csv")
    monkeypatch.chdir(tmp_path)
    with Inputs([Path("week"), Path("week/../week/a.csv")]) as inputs:
        assert [document.name for document in inputs.documents] == ["week/a.csv", "week/b.csv"]
        assert inputs.notes == ("Named more than once, read once: week/../week/a.csv.",)


def test_files_of_one_name_are_shown_with_their_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "may/export.csv", "june/export.csv", "all.csv")
    monkeypatch.chdir(tmp_path)
    assert names(Path("may/export.csv"), Path("june/export.csv"), Path("all.csv")) == [
        *("may/export.csv", "june/export.csv", "all.csv"),
    ]


def test_the_folder_one_is_in_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "here/a.csv")
    monkeypatch.chdir(tmp_path / "here")
    assert names(Path()) == ["here/a.csv"]


def test_a_folder_without_exports_says_what_was_looked_for(tmp_path: Path) -> None:
    write(tmp_path, "a.png", "b.pdf")
    said = refusal(tmp_path)
    assert "holds no export, only a.png, b.pdf" in said
    assert ".ndjson" in said
    assert ".zip" in said


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.csv")
    assert "device" in refusal(Path("/dev/null"))
    assert "cannot be read" in refusal(Path("a\0b"))


def test_links_to_folders_are_told_and_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "week/a.csv", "other/b.csv")
    (tmp_path / "week" / "loop").symlink_to(tmp_path)
    with Inputs([tmp_path / "week"]) as inputs:
        assert len(inputs.documents) == 1
        assert inputs.notes == (f"Links to folders in {tmp_path / 'week'} were not followed: loop.",)


@pytest.mark.parametrize("failing", [False, True])
def test_what_was_unpacked_is_gone_however_it_ends(tmp_path: Path, failing: bool) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode()))
    unpacked: list[Path] = []
    try:
        with Inputs([path]) as inputs:
            unpacked = [document.path for document in inputs.documents]
            assert unpacked[0].read_text() == CSV
            if failing:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert not any(path.parent.exists() for path in unpacked)


def test_nothing_is_left_when_opening_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("good.csv", CSV)
    assert "No such file" in refusal(tmp_path / "a.zip", tmp_path / "none.csv")
    assert not any((tmp_path / "tmp").iterdir())


def test_names_that_cannot_be_printed_are_escaped(tmp_path: Path) -> None:
    write(tmp_path, "a\x1b[31m\nb.csv")
    assert names(tmp_path / "a\x1b[31m\nb.csv") == ["a\\x1b[31m\\nb.csv"]
    assert names(tmp_path) == [f"{tmp_path.name}/a\\x1b[31m\\nb.csv"]
