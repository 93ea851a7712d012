"""Chatwoot's sentences and cells of JSON."""

from typing import Any

import pytest

from supportaudit.read.desks import Place
from supportaudit.sources.chatwoot import prepare

PLACE = Place("messages.json", "", float, lambda _list, _key, _what: "")


def told(content: Any, **more: Any) -> dict[str, Any]:
    return prepare("message", {"message_type": 2, "content": content, **more}, PLACE)


@pytest.mark.parametrize(
    ("sentence", "event"),
    [
        ("Assigned to Ana by Bo", "assign  Ana Bo"),
        ("Assigned to Stand by Me by Bo", "assign  Stand by Me Bo"),
        ("Assigned to Ana via second line by Bo", "assign  Ana Bo"),
        ("Ana self-assigned this conversation", "assign  Ana Ana"),
        ("Conversation was marked resolved by Ana", "status  resolved Ana"),
        ("Conversation was resolved by Zura", "status  resolved Zura"),
        ("Conversation was reopened by Ana", "status  open Ana"),
        ("Conversation was marked as pending by Ana", "status  pending Ana"),
        ("Conversation was snoozed by Ana", "status  snoozed Ana"),
        ("Ana set the priority to urgent", "priority  urgent Ana"),
        ("Ana changed the priority from low to high", "priority low high Ana"),
        ("Ana added vip, refund", "tag  vip, refund Ana"),
        ("Ana removed vip", "tag vip  Ana"),
    ],
)
def test_an_english_sentence_tells_an_event(sentence: str, event: str) -> None:
    activity = told(sentence)["activity"]
    assert " ".join(activity[key] for key in ("type", "from", "to", "by")) == event


@pytest.mark.parametrize("sentence", ["Conversation unassigned by Ana", "Zugewiesen an Ana von Bo", ""])
def test_another_sentence_stays_one(sentence: str) -> None:
    assert told(sentence)["activity"] is None


def test_what_people_write_is_no_activity() -> None:
    assert "activity" not in told("Assigned to Ana by Bo", message_type=0)
    assert "activity" not in told(None)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('{"deleted":true}', {"deleted": True}),
        ('"{\\"deleted\\":true}"', {"deleted": True}),
        ("", None),
        ("{", None),
    ],
)
def test_cells_of_json_are_read(cell: str, value: object) -> None:
    assert told("x", content_attributes=cell)["content_attributes"] == value


def test_messages_inside_a_record_are_prepared_too() -> None:
    record = {"messages": [{"message_type": "activity", "content": "Ana added vip"}, "none"]}
    first, second = prepare("conversation with messages", record, PLACE)["messages"]
    assert (first["activity"]["type"], second) == ("tag", "none")
    assert prepare("messages of a conversation", {"payload": None}, PLACE) == {"payload": None}
