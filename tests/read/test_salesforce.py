"""Salesforce: ids, mail between colleagues, and what a change of owner means."""

from typing import Any

import pytest

from supportaudit.read.desks import Place
from supportaudit.sources.salesforce import long_id, prepare

ANA, BO, QUEUE = "0055f000001AnaA", "0055f000001BoBo", "00G5f000001QuEu"
LISTS = {
    ("people", ANA, "name"): "Ana Lee",
    ("people", "Ana Lee", "name"): "Ana Lee",
    ("people", long_id(BO), "name"): "Bo Ito",
    ("teams", "Care queue", "name"): "Care queue",
}


def place() -> Place:
    return Place("CaseHistory.csv", "", float, lambda of, key, what: LISTS.get((of, key, what), ""))


def change(before: str, after: str, **more: str) -> Any:
    row = {"caseid": "500A", "field": "Owner", "oldvalue": before, "newvalue": after, **more}
    return prepare("case history", row, place())["change"]


@pytest.mark.parametrize(
    ("short", "long"),
    [("5003000000D8cuI", "5003000000D8cuIAAR"), ("001A0000006Vm9r", "001A0000006Vm9rIAC"), ("500A", "500A")],
)
def test_a_short_id_has_one_long_form(short: str, long: str) -> None:
    assert long_id(short) == long


@pytest.mark.parametrize("key", [ANA, long_id(ANA), "Ana Lee"])
def test_people_are_found_by_either_id_or_name(key: str) -> None:
    assert prepare("case comment", {"parentid": "500A", "createdbyid": key}, place())["creator"] == "Ana Lee"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (long_id(ANA), BO, ("assign", "Ana Lee", "Bo Ito")),
        ("Ana Lee", "Care queue", ("transfer", "Ana Lee", "Care queue")),
        (ANA, QUEUE, ("transfer", "Ana Lee", QUEUE)),
        ("Care queue", "Ana Lee", ("assign", "", "Ana Lee")),
        ("Web queue", "Somebody", ("assign", "", "Somebody")),
        ("0055f000001UnKn", "Ana Lee", ("assign", "0055f000001UnKn", "Ana Lee")),
    ],
)
def test_a_source_is_told_only_where_it_is_a_person(before: str, after: str, told: tuple[str, ...]) -> None:
    found = change(before, after)
    assert (found["type"], found["from"], found["to"]) == told


@pytest.mark.parametrize(
    "more", [{"field": "created"}, {"newvalue": ""}, {"field": "Status", "newvalue": ""}]
)
def test_other_rows_tell_no_change(more: dict[str, str]) -> None:
    assert change("x", "y", **more) is None


def test_the_change_of_an_owner_is_told_once() -> None:
    where = place()
    rows = [
        {"caseid": "500A", "field": "Owner", "oldvalue": "x", "newvalue": new, "createddate": "1"}
        for new in ("Ana Lee", long_id(ANA))
    ]
    first, second = (prepare("case history", row, where)["change"] for row in rows)
    assert (first["to"], second) == ("Ana Lee", None)


@pytest.mark.parametrize(
    ("visible", "recipient", "internal"),
    [
        ("false", "risk@acme.example", True),
        ("0", "Risk <risk@acme.example>; B <b@ACME.example>", True),
        ("false", "lili@example.com", False),
        ("false", "risk@acme.example, lili@example.com", False),
        ("true", "risk@acme.example", False),
        ("", "risk@acme.example", False),
        ("false", "", False),
    ],
)
def test_mail_is_internal_where_it_stays_in_the_house_unseen(
    visible: str, recipient: str, internal: bool
) -> None:
    mail = {"fromaddress": "help@acme.example", "toaddress": recipient, "isexternallyvisible": visible}
    assert prepare("e-mail", mail, place())["internal"] is internal


def test_a_body_as_long_as_its_field_is_marked_as_cut() -> None:
    assert prepare("e-mail", {"textbody": "x" * 32_000}, place())["cut"] is True
    assert prepare("e-mail record", {"TextBody": None, "HtmlBody": "x"}, place())["cut"] is False
