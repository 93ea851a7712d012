"""LiveChat's events: forms, cards, and what the system records."""

from typing import Any

import pytest

from supportaudit.read.desks import Place
from supportaudit.sources.livechat import prepare

PLACE = Place("chats.json", "", float, lambda *_: "")


def events(*given: object, **thread: object) -> list[Any]:
    record = {"users": [], "thread": {"id": "T1", "events": list(given), **thread}}
    made: list[Any] = prepare("archived chat", record, PLACE)["events"]
    return made


def system(kind: str, **told: object) -> dict[str, object]:
    return {"type": "system_message", "system_message_type": kind, "text_vars": told, "text": "..."}


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (system("chat_transferred", initiator="May", targets="Billing"), ("transfer", "May", "Billing")),
        (
            system("chat_transferred", initiator="May", targets=["Billing", "Sales"]),
            ("transfer", "May", "Billing"),
        ),
        (system("chat_transferred"), None),
        (system("routing.assigned", agent="May"), ("assign", "", "May")),
        (
            system("routing.assigned_signed_out", addedAgent="Tom", removedAgent="May"),
            ("assign", "May", "Tom"),
        ),
        (system("routing.assigned_other"), None),
        (system("routing.unassigned_disconnected", agent="May"), ("status", None, "queued")),
        (system("routing.archived_offline"), ("status", None, "closed: no agent available")),
        (system("rating.chat_rated", score="good"), ("rating", None, "good")),
        (system("agent_added", initiator="May", agent="Tom"), None),
        ({"type": "system_message", "text_vars": None}, None),
    ],
)
def test_system_messages_become_events_where_they_tell_enough(
    message: dict[str, object], event: tuple[str, str | None, str] | None
) -> None:
    [made] = events(message)
    told = made["recorded"]
    assert (told and (told["type"], told.get("from"), told["to"])) == event


FIELD = {"label": "Question:", "answer": "Where is it?"}


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (FIELD, "Question: Where is it?"),
        ({"label": None, "answer": "Where is it?"}, "Where is it?"),
        ({"label": "E-mail:", "answer": " "}, ""),
        ({"label": "Topic", "answer": {"id": "0", "label": "Returns"}}, "Topic: Returns"),
        ({"label": "Items", "answer": [{"label": "lamp"}, {"label": None}, "bulb"]}, "Items: lamp, bulb"),
        ({"label": "Nothing"}, ""),
    ],
)
def test_answers_to_a_form_are_the_customers_words(field: dict[str, object], words: str) -> None:
    [made] = events({"type": "filled_form", "form_type": "prechat", "fields": [field, "no field"]})
    assert made["text"] == words


@pytest.mark.parametrize(
    ("kind", "before", "kept"),
    [("prechat", False, True), ("prechat", True, True), ("ticket", True, True), ("postchat", False, False),
     (None, False, True), (None, True, False)],
)  # fmt: skip
def test_a_survey_after_the_chat_is_no_message(kind: str | None, before: bool, kept: bool) -> None:
    form = {"type": "filled_form", "fields": [FIELD]} | ({"form_type": kind} if kind else {})
    made = events(*[{"type": "message", "text": "hi"}] * before, form)
    assert bool(made[-1]["text"]) is kept


def test_the_rating_is_found_among_the_properties_or_the_system_messages() -> None:
    rated = [system("rating.chat_rated", score="bad"), system("rating.chat_commented", comment="slow")]
    assert events(*rated)[0]["thread"]["rating"] == {"score": "bad", "comment": "slow"}
    taken_back = events(*rated, system("rating.chat_rating_canceled"))
    assert taken_back[0]["thread"]["rating"] == {"score": "", "comment": "slow"}
    said = events(*rated, properties={"rating": {"score": 1}})
    assert said[0]["thread"]["rating"] == {"score": "1", "comment": ""}


def test_a_bot_is_told_by_its_id() -> None:
    users = [
        {"id": "5c9871d5372c824cbf22d860a707a578", "type": "agent"},
        {"id": "may@shop.example", "type": "agent"},
        {"id": "5c9871d5372c824cbf22d860a707a578", "type": "customer"},
        {"id": None, "type": "agent"},
    ]
    made = prepare("archived chat", {"users": users, "thread": None}, PLACE)
    assert [user["_bot"] for user in made["users"]] == [True, False, False, False]
    assert made["events"] == []


def test_events_know_their_own_thread_and_its_group_or_the_chats() -> None:
    threads = [
        {"id": "T1", "events": [{"id": "1"}], "access": {"group_ids": [7]}},
        {"id": "T2", "events": [{"id": "2"}]},
        {"id": "T3", "events": None},
    ]
    record = {"users": None, "threads": threads, "access": {"group_ids": [0]}}
    made = prepare("chat with its threads", record, PLACE)["events"]
    assert [(one["thread"]["id"], one["group"]) for one in made] == [("T1", "7"), ("T2", "0")]
