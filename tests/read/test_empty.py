"""Files that hold nothing: no fault beside others, for exports are full of them."""

from pathlib import Path

import pytest

from supportaudit.errors import EmptyError
from supportaudit.read import ReadOptions, open_exports
from supportaudit.read.document import Document

EMPTY = {
    "list.json": "[]",
    "page.json": '{"data": [], "info": {"count": 0}}',
    "inner.json": '{"data": {"items": []}}',
    "header.csv": "ticket_id,author,message\n",
    "nothing.csv": "",
}
FULL = "ticket_id,author,message\n1,Ana,hello\n"


def documents(folder: Path, **files: str) -> list[Document]:
    for name, text in files.items():
        (folder / name).write_text(text)
    return [Document.of(folder / name) for name in files]


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_file_beside_another_is_told_and_passed_over(name: str, tmp_path: Path) -> None:
    given = documents(tmp_path, **{name: EMPTY[name], "full.csv": FULL})
    nothing, full = open_exports(given, lambda _: ReadOptions())
    assert list(nothing.rows()) == []
    assert (nothing.rows_read, nothing.recognised.id) == (0, full.recognised.id)
    assert name in nothing.notes[0]
    assert [(row.conversation_id, row.file) for row in full.rows()] == [("1", 1)]


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_file_alone_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(EmptyError, match=name):
        open_exports(documents(tmp_path, **{name: EMPTY[name]}), lambda _: ReadOptions())


def test_nothing_but_empty_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EmptyError):
        open_exports(documents(tmp_path, **EMPTY), lambda _: ReadOptions())
