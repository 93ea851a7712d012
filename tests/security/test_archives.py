"""Names that reach for other files, documents that grow without end, links and devices: read safely or refused."""

import gzip
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from tests.security import sinks
from tests.security.payloads import PAYLOADS

from supportaudit.errors import InputError
from supportaudit.read.inputs import Inputs, Limits
from supportaudit.read.unpack import clean_name, hidden

CSV = b"ticket,from,text\nt1,Ana,hello\n"
NAMES = (
    "/etc/a.csv", "../../a.csv", "a/../../../a.csv", "..\\..\\a.csv", "a.csv/../../b.csv", "./././a.csv",
    "C:\\x\\a.csv", "C:a.csv", "\\\\host\\share\\a.csv", "//host/a.csv", "\\\\?\\C:\\a.csv",
    "CON.csv", "aux.csv", "a.csv:stream.csv", "a.csv.", "a.csv ", " .csv", "-o.csv", "~/a.csv", "`id`.csv",
    "a\x01.csv", "a\nb.csv", "a\0.csv", "\u202evsc.exe.csv", "x" * 4_000 + ".csv", "dir/" * 2_000 + "a.csv",
)  # fmt: skip


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Path]:
    """A folder beside which nothing may appear."""
    inside = tmp_path / "in" / "side"
    inside.mkdir(parents=True)
    yield inside
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["side"]


@pytest.mark.parametrize("number", range(len(NAMES) + len(PAYLOADS)))
def test_a_name_in_an_archive_is_shown_harmlessly_and_leads_nowhere(number: int, alone: Path) -> None:
    name = (*NAMES, *(f"{payload.at('member')}.csv" for payload in PAYLOADS))[number]
    name = name.encode("utf-8", "replace").decode()
    with zipfile.ZipFile(alone / "a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("first.csv"), CSV)
        info = zipfile.ZipInfo("second.csv")
        info.filename = name  # as it is: the class cuts at NUL and turns backslashes
        archive.writestr(info, CSV)
    with Inputs([alone / "a.zip"]) as inputs:
        folder = inputs.documents[0].path.parent
        for document in inputs.documents:
            assert document.path.read_bytes() == CSV
            assert document.path.parent == folder
            assert document.path.name.removesuffix(".part").isdigit()
            shown = document.name
            assert shown.startswith("a.zip/")
            assert not {"..", "."} & set(shown.split("/"))
            assert not sinks.acting(shown)
            assert shown.isprintable()
        # A name that is no export's is told and not read; one of a hidden file is passed over.
        assert len(inputs.documents) == 2 or inputs.notes or hidden(clean_name(name))
    assert sorted(path.name for path in alone.iterdir()) == ["a.zip"]


def refused(path: Path, **limits: int) -> str:
    with pytest.raises(InputError) as error, Inputs([path], Limits(**limits)):
        pass
    said = f"{error.value.message} {error.value.hint}"
    assert "\n" not in said
    return said


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_archives_in_archives_are_refused_at_the_second(tmp_path: Path) -> None:
    """However they are packed: 42.zip and its like unpack nothing."""
    bomb = zipped({"a.csv": CSV})
    for _ in range(6):
        bomb = zipped({f"{n}.zip": bomb for n in range(16)})
    kinds = {"zips.zip": bomb, "zips.zip.gz": gzip.compress(bomb), "gz.gz": gzip.compress(gzip.compress(CSV)),
             "gz.zip": zipped({"a.csv.gz": gzip.compress(gzip.compress(CSV))})}  # fmt: skip
    for name, content in kinds.items():
        (tmp_path / name).write_bytes(content)
        assert "ZIP file inside a ZIP file" in refused(tmp_path / name) or "more than once" in refused(
            tmp_path / name
        )


def workbook(replaced: dict[str, tuple[bytes, bytes]]) -> bytes:
    """A workbook whose parts were changed by hand."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Week")
        sheet.write_row(0, 0, ["ticket", "from", "text"])
        sheet.write_row(1, 0, ["t1", "Ana", "hello"])
    made = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            for part, (before, after) in replaced.items():
                if name == part:
                    assert before in data
                    data = data.replace(before, after)
            new.writestr(name, data)
    return made.getvalue()


LAUGHS = (
    b"<!DOCTYPE sst [<!ENTITY a0 'ha'>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]>"
)
OUTSIDE = b"<!DOCTYPE sst [<!ENTITY a11 SYSTEM 'file:///etc/passwd'>]>"
SQUARE = b"<!DOCTYPE sst [<!ENTITY a11 '" + b"x" * 50_000 + b"'>]>"
STRINGS = "xl/sharedStrings.xml"


@pytest.mark.parametrize(("declared", "used"), [(LAUGHS, 1), (OUTSIDE, 1), (SQUARE, 2_000)])
def test_entities_of_a_workbook_stay_what_they_are(declared: bytes, used: int, tmp_path: Path) -> None:
    """Nothing grows, and nothing is fetched from elsewhere."""
    data = workbook({STRINGS: (b"<sst ", declared + b"<sst ")})
    path = tmp_path / "week.xlsx"
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"hello", b"&a11;" * used))
    try:
        with Inputs([path]) as inputs:
            text = inputs.documents[0].path.read_text("utf-8")
            assert len(text) < 100_000
            assert "root:" not in text
            assert "xxx" not in text
    except InputError as error:
        assert "damaged" in error.message


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own")
def test_links_and_devices_in_a_folder(tmp_path: Path) -> None:
    """A link that leads in circles, nowhere, to a device or to a folder: passed over, and the rest is read."""
    desk = tmp_path / "desk"
    (desk / "sub").mkdir(parents=True)
    (desk / "a.csv").write_bytes(CSV)
    links = {
        "loop.csv": "loop.csv",
        "nowhere.csv": "missing",
        "endless.csv": "/dev/zero",
        "up": "..",
        "sub/root": "/",
    }
    for name, target in links.items():
        (desk / name).symlink_to(target)
    os.mkfifo(desk / "pipe.csv")
    with Inputs([desk]) as inputs:
        assert [document.member for document in inputs.documents] == ["a.csv"]
        assert "Links to folders" in " ".join(inputs.notes)
    for name in (
        "loop.csv",
        "nowhere.csv",
        "endless.csv",
    ):  # a pipe that is named is read, as it was asked for
        assert refused(desk / name)
