"""Packed exports: told by content, read whole or refused whole, never trusted."""

import bz2
import errno
import gzip
import io
import lzma
import struct
import sys
import tarfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportaudit.errors import InputError
from supportaudit.read.container import inspect
from supportaudit.read.inputs import Inputs, Limits
from supportaudit.read.unpack import Archive

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CSV = b"ticket,from,text\nt1,Ana,hello\n"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd.compress,
}


def zipped(path: Path, files: dict[str, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def contents(*paths: Path, **limits: int) -> dict[str, bytes]:
    with Inputs(paths, Limits(**limits)) as inputs:
        for document in inputs.documents:
            inspect(document)
        return {document.name: document.path.read_bytes() for document in inputs.documents}


def refusal(*paths: Path, **limits: int) -> str:
    with pytest.raises(InputError) as error:
        contents(*paths, **limits)
    said = f"{error.value.message} {error.value.hint}"
    assert ".part" not in said, "no temporary path is ever shown"
    return said


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("name", ["week.csv", "week.csv.gz", "week"])
def test_packed_files_are_told_by_content_not_by_name(tmp_path: Path, kind: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PACKERS[kind](CSV))
    assert contents(path) == {name: CSV}


@pytest.mark.parametrize("kind", PACKERS)
def test_parts_packed_one_after_another_are_one_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(PACKERS[kind](CSV) + PACKERS[kind](b"t2,Ana,again\n"))
    assert contents(path) == {"a.csv": CSV + b"t2,Ana,again\n"}


@pytest.mark.parametrize("kind", PACKERS)
def test_a_cut_or_damaged_packed_file_is_refused_not_half_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.csv"
    packed = PACKERS[kind](CSV * 1000)
    for data in (packed[:-9], packed[: len(packed) // 2], packed[:9], packed[:40] + bytes(20) + packed[60:]):
        path.write_bytes(data)
        said = refusal(path)
        assert "a.csv is a damaged or cut" in said
        assert "again" in said


def test_a_packed_json_is_known_by_its_inner_name(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b"oops"))
    with Inputs([path]) as inputs:
        assert inspect(inputs.documents[0]).is_json
    path = path.rename(tmp_path / "a.json.csv")
    with Inputs([path]) as inputs:
        assert not inspect(inputs.documents[0]).is_json


def test_an_archive_gives_its_exports_and_tells_the_rest(tmp_path: Path) -> None:
    files = {
        "general/2024-05-07.json": b"[1]",
        "general/2024-05-06.json": b"[2]",
        "a.csv.gz": gzip.compress(CSV),
        "logo.png": b"\x89PNG",
        "__MACOSX/a.csv": b"",
        ".DS_Store": b"",
        "empty/": b"",
    }
    path = zipped(tmp_path / "export.zip", files)
    with Inputs([path]) as inputs:
        assert [(d.name, d.member, d.root) for d in inputs.documents] == [
            ("export.zip/a.csv.gz", "a.csv.gz", str(path)),
            ("export.zip/general/2024-05-06.json", "general/2024-05-06.json", str(path)),
            ("export.zip/general/2024-05-07.json", "general/2024-05-07.json", str(path)),
        ]
        assert inputs.documents[0].path.read_bytes() == CSV
        assert inputs.notes == (f"1 file in {path} is no export and was not read: logo.png",)


def test_a_file_alone_in_its_archive_is_read_whatever_its_name(tmp_path: Path) -> None:
    assert contents(zipped(tmp_path / "a.zip", {"export": CSV})) == {"a.zip/export": CSV}


def test_an_archive_in_a_folder_and_files_that_are_no_archives(tmp_path: Path) -> None:
    week = tmp_path / "week"
    week.mkdir()
    zipped(week / "export.zip", {"a.csv": CSV})
    (week / "liar.zip").write_bytes(CSV)
    assert contents(week) == {"week/export.zip/a.csv": CSV, "week/liar.zip": CSV}


def test_archives_that_hold_nothing_to_read(tmp_path: Path) -> None:
    assert "holds no export." in refusal(zipped(tmp_path / "a.zip", {}))
    assert "holds no export." in refusal(zipped(tmp_path / "a.zip", {"folder/": b"", ".x": b""}))
    said = refusal(zipped(tmp_path / "a.zip", {"a.png": b"", "b.png": b""}))
    assert "holds no export, only a.png, b.png" in said
    assert ".ndjson" in said


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"a.csv": CSV}).read_bytes()
    assert "outer.zip/inner.zip is a ZIP file inside" in refusal(
        zipped(tmp_path / "outer.zip", {"inner.zip": inner})
    )
    assert "inside" in refusal(zipped(tmp_path / "outer.zip", {"a.csv": gzip.compress(inner)}))
    (tmp_path / "twice.gz").write_bytes(gzip.compress(gzip.compress(CSV)))
    assert "packed more than once" in refusal(tmp_path / "twice.gz")


def test_a_packed_tar_archive_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(CSV)
        archive.addfile(info, io.BytesIO(CSV))
    assert "tar archive" in refusal(tmp_path / "a.tar.gz")


@pytest.mark.parametrize("name", ["/etc/a.csv", "../../a.csv", "C:\\x\\a.csv", "..\\a.csv", "a/./b/../a.csv"])
def test_names_that_climb_out_are_only_shown_and_cleaned(tmp_path: Path, name: str) -> None:
    before = set(tmp_path.parent.rglob("*.csv"))
    [shown] = contents(zipped(tmp_path / "a.zip", {name: CSV}))
    assert shown.startswith("a.zip/")
    assert ".." not in shown
    assert ":" not in shown
    assert set(tmp_path.parent.rglob("*.csv")) == before


def test_members_of_one_name_are_told_apart(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("a.csv", CSV)
            archive.writestr("a.csv", CSV + b"t2,Ana,x\n")
            archive.writestr("../a.csv", CSV)
    found = contents(tmp_path / "a.zip")
    assert sorted(found) == ["a.zip/a (2).csv", "a.zip/a (3).csv", "a.zip/a.csv"]
    assert len(found["a.zip/a (2).csv"]) == len(CSV) + 9


def test_thousands_of_members_of_one_name_take_no_longer_than_others(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "w") as archive:
            for _ in range(5_000):
                archive.writestr("a.csv", b"")
    begun = time.process_time()
    with Archive(path, "a.zip", Limits()) as archive_read:
        assert "a (5000).csv" in archive_read.names
    assert time.process_time() - begun < 10, "each name was sought from the beginning"


def test_links_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("passwords.csv")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.csv", CSV)
    with Inputs([tmp_path / "a.zip"]) as inputs:
        assert [document.member for document in inputs.documents] == ["a.csv"]
        assert "1 links in it were not followed" in inputs.notes[0]


def patched(path: Path, local: int, central: int, value: int) -> Path:
    """The archive's only member with a 16-bit header field changed in both its headers."""
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        struct.pack_into("<H", data, data.index(signature) + offset, value)
    path.write_bytes(data)
    return path


def test_locked_members_and_unknown_methods_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    assert "a.zip/a.csv is locked with a password" in refusal(patched(zipped(path, {"a.csv": CSV}), 6, 8, 1))
    said = refusal(patched(zipped(path, {"a.csv": CSV}), 8, 10, 9))  # deflate64
    assert "a.zip/a.csv is packed by a method that cannot be read here (number 9)" in said


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": CSV * 1000, "b.csv": CSV})
    data = path.read_bytes()
    for broken in (data[:-30], data[:100], data[:45] + bytes(9) + data[54:]):
        path.write_bytes(broken)
        assert "damaged or cut" in refusal(path)


def test_an_archive_of_the_large_kind_is_read(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "a.zip", "w") as archive,
        archive.open("a.csv", "w", force_zip64=True) as out,
    ):
        out.write(CSV)
    assert contents(tmp_path / "a.zip") == {"a.zip/a.csv": CSV}


@pytest.mark.parametrize("kind", [*PACKERS, "zip"])
def test_a_bomb_is_stopped_by_its_ratio(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bomb"
    lines = b"a,b\n" * 1_000_000
    if kind == "zip":
        zipped(path, {"a.csv": lines, "b.csv": lines})
    else:
        path.write_bytes(PACKERS[kind](lines))
    said = refusal(path, slack=1 << 20)
    assert "unpacks to more than 200 times its size" in said
    assert "unpack it yourself" in said
    assert contents(path), "below the slack nothing is suspected"


def test_the_sum_over_all_files_is_limited(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(CSV * 100))
    assert "came out of the packed files" in refusal(tmp_path, total=250 * len(CSV))
    assert len(contents(tmp_path, total=300 * len(CSV))) == 3


def test_members_that_overlap_count_each_time(tmp_path: Path) -> None:
    """As in the known bomb of 42 kB: many names for one piece of packed data."""
    path = zipped(tmp_path / "a.zip", {"a.csv": b"a,b\n" * 100_000})
    with zipfile.ZipFile(path, "a") as archive:
        first = archive.infolist()[0]
        for number in range(50):
            copy = zipfile.ZipInfo(f"{number}.csv")
            for name in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(copy, name, getattr(first, name))
            copy.filename = copy.orig_filename = "a.csv"
            archive.filelist.append(copy)
        archive._didModify = True  # type: ignore[attr-defined]
    assert "times its size" in refusal(path, slack=1 << 20) or "damaged" in refusal(path, slack=1 << 20)


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{n}.csv": b"" for n in range(11)})
    assert "holds 11 files, more than 10" in refusal(path, members=10)


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    opened = Path.open

    def full(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        return Full() if "w" in mode else opened(path, mode, *args, **options)

    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(CSV))
    zipped(tmp_path / "a.zip", {"a.csv": CSV})
    monkeypatch.setattr(Path, "open", full)
    for packed in (path, tmp_path / "a.zip"):
        said = refusal(packed)
        assert "cannot be unpacked: No space left on device" in said
        assert "TMPDIR" in said
