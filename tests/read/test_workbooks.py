"""Excel workbooks as users save them."""

import builtins
import datetime
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from supportaudit.errors import InputError
from supportaudit.read.container import inspect
from supportaudit.read.csv_rows import Table
from supportaudit.read.inputs import Inputs, Limits

HEAD = ["ticket", "from", "text", "date"]
ROW = ["t1", "Ana", "hello", ""]


def workbook(path: Path, fill: Callable[[Any, Any], None]) -> Path:
    book = xlsxwriter.Workbook(path)
    fill(book, book.add_worksheet("Tickets"))
    book.close()
    return path


def sheet(path: Path, *rows: list[Any]) -> Path:
    def fill(_: Any, page: Any) -> None:
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)

    return workbook(path, fill)


def tables(path: Path, **limits: int) -> tuple[dict[str, list[tuple[int, list[str]]]], tuple[str, ...]]:
    with Inputs([path], Limits(**limits)) as inputs:
        found = {}
        for document in inputs.documents:
            table = Table(inspect(document))
            found[document.name] = [(1, table.columns), *table.rows()]
        return found, inputs.notes


def refusal(path: Path, **limits: int) -> str:
    with pytest.raises(InputError) as error:
        tables(path, **limits)
    said = f"{error.value.message} {error.value.hint}"
    assert ".part" not in said
    return said


def test_every_sheet_with_rows_is_a_document(tmp_path: Path) -> None:
    def fill(book: Any, first: Any) -> None:
        second = book.add_worksheet("Mai & Juni")
        for page in (first, second):
            page.write_row(0, 0, HEAD)
            page.write_row(1, 0, ROW)
        book.add_worksheet("Empty")
        hidden = book.add_worksheet("Secret")
        hidden.write_row(0, 0, HEAD)
        hidden.hide()

    found, notes = tables(workbook(tmp_path / "desk.xlsx", fill))
    assert list(found) == ["desk.xlsx/Tickets", "desk.xlsx/Mai & Juni"]
    assert found["desk.xlsx/Tickets"] == [(1, HEAD), (2, ROW)]
    assert [note.partition(": ")[2] for note in notes] == [
        "the sheet Empty has no rows and was not read.",
        "the sheet Secret is hidden and was not read.",
    ]


def test_a_workbook_in_an_archive_or_with_another_name(tmp_path: Path) -> None:
    from .test_unpack import zipped

    data = sheet(tmp_path / "desk.xlsx", HEAD, ROW).read_bytes()
    found, _ = tables(zipped(tmp_path / "a.zip", {"in/desk.xlsx": data}))
    assert list(found) == ["a.zip/in/desk.xlsx/Tickets"]
    (tmp_path / "desk.csv").write_bytes(data)
    assert list(tables(tmp_path / "desk.csv")[0]) == ["desk.csv/Tickets"]


def test_cells_are_written_as_an_export_would(tmp_path: Path) -> None:
    def fill(book: Any, page: Any) -> None:
        def formatted(style: str) -> Any:
            return book.add_format({"num_format": style})

        page.write_row(0, 0, ["c"] * 12)
        page.write_row(1, 0, [14251426, 1.5, True, False, "00123", 123456789012345])
        page.write_datetime(1, 6, datetime.datetime(2024, 5, 6, 7, 8, 9), formatted("yyyy-mm-dd hh:mm"))
        page.write_datetime(1, 7, datetime.datetime(2024, 5, 6), formatted("dd.mm.yyyy"))
        page.write_datetime(1, 8, datetime.time(3, 4, 5), formatted("hh:mm:ss"))
        page.write_number(1, 9, 1.5, formatted("[h]:mm:ss"))
        page.write_formula(1, 10, "=1/0", None, "#DIV/0!")
        page.write_formula(1, 11, '="a"&"b"', None, "ab")

    found, notes = tables(workbook(tmp_path / "a.xlsx", fill))
    assert found["a.xlsx/Tickets"][1][1] == [
        *("14251426", "1.5", "true", "false", "00123", "123456789012345"),
        *("2024-05-06 07:08:09", "2024-05-06", "03:04:05", "36:00:00", "", "ab"),
    ]
    assert not notes


def test_numbers_that_excel_has_changed_are_told(tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "a.xlsx", HEAD, [2**53 - 1, "Ana", "a", ""], [1727392819209312345, "Ana", "b", ""]
    )
    found, notes = tables(path)
    assert found["a.xlsx/Tickets"][1][1][0] == "9007199254740991"
    assert len(notes) == 1
    assert "Tickets: 1 numbers are too long for Excel" in notes[0]


def test_rows_keep_their_numbers_below_blank_rows_and_titles(tmp_path: Path) -> None:
    found, _ = tables(
        sheet(tmp_path / "a.xlsx", [], ["Tickets of May"], [], HEAD, ROW, [], ["t2", "Bo", "x\ny", ""])
    )
    assert found["a.xlsx/Tickets"] == [(1, HEAD), (5, ROW), (7, ["t2", "Bo", "x\ny", ""])]


def test_merged_cells_count_once(tmp_path: Path) -> None:
    def fill(_: Any, page: Any) -> None:
        page.merge_range(0, 0, 0, 3, "Tickets of May")
        page.write_row(1, 0, HEAD)
        page.merge_range(2, 0, 3, 0, "t1")
        page.write_row(2, 1, ["Ana", "hello", ""])
        page.write_row(3, 1, ["Bo", "yes?", ""])

    found, _ = tables(workbook(tmp_path / "a.xlsx", fill))
    rows = found["a.xlsx/Tickets"]
    assert rows[0][1] == HEAD
    assert [row[0] for _, row in rows[1:]] == ["t1", "t1"], "a merged cell stands for each of its rows"


def test_a_workbook_without_rows_is_refused(tmp_path: Path) -> None:
    assert "no sheet with a header and rows" in refusal(sheet(tmp_path / "a.xlsx", HEAD))


def test_one_cell_in_the_far_corner_is_refused_not_a_crash(tmp_path: Path) -> None:
    def fill(_: Any, page: Any) -> None:
        page.write_row(0, 0, HEAD)
        page.write(1048575, 16383, "x")

    said = refusal(workbook(tmp_path / "a.xlsx", fill))
    assert "a sheet of 1,048,576 rows and 16,384 columns: too big" in said


def test_a_workbook_that_promises_too_much_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", HEAD, *([ROW] * 2000))
    assert "times its size" in refusal(path, slack=1, ratio=2)
    assert "too big" in refusal(path, cells=100)


def test_damaged_workbooks_are_told(tmp_path: Path) -> None:
    from .test_unpack import zipped

    files = {"xl/workbook.xml": b"<oops", "[Content_Types].xml": b""}
    assert "damaged or cut Excel workbook" in refusal(zipped(tmp_path / "a.xlsx", files))
    data = sheet(tmp_path / "b.xlsx", HEAD, *([ROW] * 100)).read_bytes()
    (tmp_path / "b.xlsx").write_bytes(data[: len(data) // 2])
    assert "damaged or cut" in refusal(tmp_path / "b.xlsx")


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (("[Content_Types].xml", "word/document.xml"), "an Office document, no workbook"),
        (("[Content_Types].xml", "xl/workbook.bin"), ".xlsb"),
        (("mimetype", "content.xml"), "OpenDocument"),
    ],
)
def test_other_office_documents_are_refused(tmp_path: Path, members: tuple[str, str], words: str) -> None:
    from .test_unpack import zipped

    assert words in refusal(zipped(tmp_path / "a.xlsx", dict.fromkeys(members, b"x")))


def test_the_reader_is_an_extra_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sheet(tmp_path / "a.xlsx", HEAD, ROW)
    imported = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name == "python_calamine":
            raise ImportError(name)
        return imported(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "pip install 'supportaudit[xlsx]'" in refusal(path)


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\r"), max_size=40)
        .filter(lambda text: text[:1] not in ("'", "=")),
        min_size=1, max_size=20,
    )
)  # fmt: skip
def test_every_text_of_a_sheet_comes_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    def fill(_: Any, page: Any) -> None:
        page.write_row(0, 0, HEAD)
        for number, text in enumerate(texts, 1):
            page.write_string(number, 0, f"t{number}")
            page.write_string(number, 1, "Ana")
            page.write_string(number, 2, text)

    found, _ = tables(workbook(tmp_path_factory.mktemp("book") / "a.xlsx", fill))
    assert [cells[2] for _, cells in found["a.xlsx/Tickets"][1:]] == texts


@pytest.mark.parametrize(
    "place",
    [
        b'r="ZZZ99999999"',
        b"r='A99999999999'",
        b'r = "' + b"Z" * 40 + b'99"',
        b"r" + b" " * 3_000_000 + b'="ZZZ99999999"',
    ],
)
def test_a_cell_beyond_all_columns_and_rows_is_refused_before_it_takes_memory(
    tmp_path: Path, place: bytes
) -> None:
    """The library for workbooks ends the process where memory is refused."""
    path = tmp_path / "changed.xlsx"
    with (
        zipfile.ZipFile(sheet(tmp_path / "desk.xlsx", HEAD, ROW)) as whole,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in whole.namelist():
            archive.writestr(name, whole.read(name).replace(b'r="B2"', place))
    said = refusal(path)
    assert "too big" in said or "damaged" in said


def test_a_large_picture_in_a_workbook_is_no_sheet(tmp_path: Path) -> None:
    path = sheet(tmp_path / "desk.xlsx", HEAD, ROW)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.bmp", b"\0" * 5_000_000)
    assert tables(path)[0]["desk.xlsx/Tickets"][1] == (2, ROW)
