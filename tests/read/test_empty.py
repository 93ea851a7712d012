"""Files that hold nothing, or nothing of messages: no fault beside others, for exports are full of them."""

from pathlib import Path

import pytest

from supportaudit.errors import EmptyError, NoMessagesError
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


ACCOUNTS = "Id,Name,Industry\n001A,Acme,Toys\n"
CASES = "Id,CaseNumber,Status,Subject,Description\n500A,1,New,Lamp,The lamp is broken.\n"
OTHERS = {"Account.csv": ACCOUNTS, "plans.json": '{"plans": "none", "of": 3}'}


def inside(folder: Path, **files: str) -> list[Document]:
    documents(folder, **files)
    return [Document(name, folder / name, str(folder), name) for name in files]


@pytest.mark.parametrize("name", OTHERS)
def test_a_list_of_something_else_in_a_desks_folder_is_told_and_passed_over(
    name: str, tmp_path: Path
) -> None:
    other, cases = open_exports(
        inside(tmp_path, **{name: OTHERS[name], "Case.csv": CASES}), lambda _: ReadOptions()
    )
    assert (list(other.rows()), other.recognised.id) == ([], "salesforce")
    assert name in other.notes[0]
    assert [row.conversation_id for row in cases.rows()] == ["500A"]


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_was_named_must_tell_messages(name: str, tmp_path: Path) -> None:
    with pytest.raises(NoMessagesError, match=name):
        open_exports(documents(tmp_path, **{name: OTHERS[name], "Case.csv": CASES}), lambda _: ReadOptions())


def test_a_folder_without_a_desks_files_must_tell_messages(tmp_path: Path) -> None:
    given = inside(tmp_path, **{"Account.csv": ACCOUNTS, "full.csv": FULL})
    with pytest.raises(NoMessagesError):
        open_exports(given, lambda _: ReadOptions())
