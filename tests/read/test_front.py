"""Front's lists apart name their conversation by a link; events tell which replies were never delivered."""

from typing import Any

import pytest

from supportaudit.read.desks import Place
from supportaudit.sources.front import prepare

PLACE = Place("messages.json", "", float, lambda *_: "")


@pytest.mark.parametrize(
    ("record", "conversation"),
    [
        (
            {"_links": {"related": {"conversation": "https://api2.frontapp.com/conversations/cnv_a1"}}},
            "cnv_a1",
        ),
        (
            {"_links": {"related": {"conversation": "https://acme.api.frontapp.com/conversations/cnv_a1/"}}},
            "cnv_a1",
        ),
        ({"conversation": {"id": "cnv_a1"}, "_links": {"related": None}}, "cnv_a1"),
        ({"conversation_id": "cnv_a1"}, "cnv_a1"),
        ({"_links": {"related": {"conversation": None}}}, ""),
        ({"_links": {"self": "https://api2.frontapp.com/messages/msg_1"}}, ""),
        ({"_links": {"related": {"conversation": "https://api2.frontapp.com/conversations/"}}}, ""),
    ],
)
def test_a_record_alone_belongs_to_the_conversation_of_its_link(
    record: dict[str, Any], conversation: str
) -> None:
    assert prepare("message", record, PLACE)["conversation_id"] == conversation


@pytest.mark.parametrize(
    ("event", "undelivered"),
    [
        ({"type": "sending_error", "target": {"data": {"id": "msg_1"}}}, "sending_error"),
        ({"type": "message_bounce_error", "target": {"data": {"id": "msg_1"}}}, "message_bounce_error"),
        (
            {
                "type": "message_bounce_error",
                "source": {"data": {"role": "cc"}},
                "target": {"data": {"id": "msg_1"}},
            },
            None,
        ),
        ({"type": "sending_error", "target": {"data": {"id": "msg_2"}}}, None),
        ({"type": "sending_error", "target": None}, None),
        ({"type": "outbound", "target": {"data": {"id": "msg_1"}}}, None),
        ({"type": ["sending_error"], "target": {"data": {"id": "msg_1"}}}, "sending_error"),
        ({"type": {}, "target": {"data": {"id": "msg_1"}}}, None),
        ("not an event", None),
    ],
)
def test_a_reply_that_did_not_reach_the_customer_is_marked(event: object, undelivered: str | None) -> None:
    record: dict[str, Any] = {"messages": [{"id": "msg_1"}, None], "events": [event]}
    prepare("conversation with its messages", record, PLACE)
    assert record["messages"][0] == (
        {"id": "msg_1", "error_type": undelivered} if undelivered else {"id": "msg_1"}
    )


def test_people_are_taken_from_the_messages_and_comments_that_name_them() -> None:
    leo, rule, bare = {"id": "tea_7", "first_name": "Leo"}, {"id": "rul_1"}, {"id": "tea_8"}
    record = {
        "messages": [{"author": leo}, {"author": rule}, {"author": None}],
        "comments": [{"author": bare}],
    }
    assert prepare("conversation with its messages", record, PLACE)["_people"] == [leo]
