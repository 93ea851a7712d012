"""Zoho Desk: which ticket a file is of, and what its history says changed."""

from typing import Any

import pytest

from supportaudit.read.desks import Place
from supportaudit.sources.zoho import prepare


def place(name: str, member: str = "") -> Place:
    return Place(name, member, float, lambda _list, _key, _what: "")


@pytest.mark.parametrize(
    ("name", "member", "ticket"),
    [
        ("57440000.json", "", "57440000"),
        ("C:\\desk\\57440000_threads.json", "", "57440000"),
        ("out.zip/t/57440000/threads.json", "t/57440000/threads.json", "57440000"),
        ("20240501/a.json", "", "a"),
        ("threads.json", "", "threads"),
    ],
)
def test_the_ticket_is_told_by_the_files_name(name: str, member: str, ticket: str) -> None:
    assert prepare("thread of a ticket not named", {}, place(name, member))["ticketId"] == ticket


def test_a_ticket_that_is_named_stays() -> None:
    assert prepare("thread", {"ticketId": "9"}, place("57440000.json"))["ticketId"] == "9"


@pytest.mark.parametrize(
    ("info", "change"),
    [
        ({"propertyName": "Case Owner", "propertyValue": "Mona"}, ("assign", "", "Mona")),
        (
            {"propertyName": "Case Owner", "propertyValue": {"name": "Mona", "id": "1"}},
            ("assign", "", "Mona"),
        ),
        (
            {"propertyName": "Status", "propertyValue": {"previousValue": "Open", "updatedValue": "Closed"}},
            ("status", "Open", "Closed"),
        ),
        (
            {
                "propertyName": "Department",
                "propertyValue": {"previousValue": None, "updatedValue": {"id": 7}},
            },
            ("transfer", "", "7"),
        ),
    ],
)
def test_history_tells_changes(info: dict[str, Any], change: tuple[str, str, str]) -> None:
    [told] = prepare("history of a ticket", {"eventInfo": [info]}, place("1.json"))["changes"]
    assert (told["type"], told["from"], told["to"]) == change


@pytest.mark.parametrize("info", [None, [], ["x"], [{"propertyName": "Due Date", "propertyValue": "x"}],
                                  [{"propertyName": "Status", "propertyValue": {"updatedValue": None}}]])  # fmt: skip
def test_other_history_tells_none(info: object) -> None:
    assert prepare("history of a ticket", {"eventInfo": info}, place("1.json"))["changes"] == []


def test_lists_inside_a_ticket_may_be_the_apis_answers() -> None:
    ticket = {"id": "1", "threads": {"data": [{"id": "2"}]}, "comments": [{"id": "3"}]}
    read = prepare("ticket", ticket, place("t.json"))
    assert (read["threads"], read["comments"]) == ([{"id": "2"}], [{"id": "3"}])
