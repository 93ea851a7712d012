"""Rows of one customer become conversations: in order, cleaned, with their hand-overs."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportaudit.model import Conversation, HandOver, Role, Row
from supportaudit.normalise import build_journey, journey_key
from supportaudit.normalise.conversations import normalise_channel


def row(number: int, role: str = "customer", text: str = "hello", **more: Any) -> Row:
    values: dict[str, Any] = {"conversation_id": "t1", "message_id": f"m{number}", "line": number + 1}
    return Row(**values | {"role": role, "text": text, "at": 60.0 * number} | more)


def conversation(*rows: Row) -> Conversation:
    (only,) = build_journey(rows).conversations
    return only


def ids(talk: Conversation) -> list[str]:
    return [m.id for m in talk.messages]


# --- order


def test_messages_stand_in_time_order() -> None:
    assert ids(conversation(row(1, at=300.0), row(2, at=100.0), row(3, at=200.0))) == ["m2", "m3", "m1"]


def test_equal_times_keep_the_order_of_the_export() -> None:
    talk = conversation(row(1, at=60.0), row(2, at=60.0), row(3, at=0.0), row(4, at=60.0))
    assert ids(talk) == ["m3", "m1", "m2", "m4"]
    assert [m.index for m in talk.messages] == [0, 1, 2, 3]


def test_a_message_without_a_time_stays_behind_the_one_before_it() -> None:
    talk = conversation(row(1, at=300.0), row(2, at=None), row(3, at=100.0), row(4, at=None))
    assert ids(talk) == ["m3", "m4", "m1", "m2"]


def test_messages_without_any_time_keep_the_order_of_the_export() -> None:
    assert ids(conversation(*(row(n, at=None) for n in (3, 1, 2)))) == ["m3", "m1", "m2"]


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(0, 3).map(float), min_size=1, max_size=8))
def test_every_row_becomes_one_message_whatever_the_times(times: list[float | None]) -> None:
    talk = conversation(*(row(n, at=at) for n, at in enumerate(times)))
    assert sorted(ids(talk)) == sorted(f"m{n}" for n in range(len(times)))
    stamped = [m.at for m in talk.messages if m.at is not None]
    assert stamped == sorted(stamped)


# --- journeys


def test_a_journey_holds_the_customers_conversations_by_their_beginning() -> None:
    rows = [
        row(1, conversation_id="late", customer_id="c1", at=900.0),
        row(2, conversation_id="timeless", customer_id="c1", at=None),
        row(3, conversation_id="early", customer_id="c1", at=500.0),
        row(4, conversation_id="early", customer_id="c1", at=100.0),
        row(5, conversation_id="tie", customer_id="c1", at=900.0),
    ]
    journey = build_journey(rows)
    assert journey.customer_id == "c1"
    assert [c.id for c in journey.conversations] == ["early", "late", "tie", "timeless"]


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ({"customer_id": "c1"}, {"customer_id": "c1", "conversation_id": "t2"}, True),
        ({"customer_id": "c1"}, {"customer_id": "c2"}, False),
        ({}, {}, True),
        ({}, {"conversation_id": "t2"}, False),
        ({"customer_id": "t1"}, {}, False),
    ],
)
def test_rows_belong_together_by_customer_or_else_by_conversation(
    first: dict[str, str], second: dict[str, str], together: bool
) -> None:
    assert (journey_key(row(1, **first)) == journey_key(row(2, **second))) is together


# --- who speaks


def test_notes_and_private_messages_are_not_public() -> None:
    talk = conversation(row(1), row(2, "note"), row(3, "agent", public=False), row(4, "agent", public=True))
    assert [m.role for m in talk.messages] == [Role.CUSTOMER, Role.NOTE, Role.NOTE, Role.AGENT]
    assert [m.public for m in talk.messages] == [True, False, False, True]


@pytest.mark.parametrize(
    ("channel", "bystanders"), [("twitter", ["m2"]), ("chat", []), ("email", []), ("phone", []), ("", [])]
)
def test_others_are_bystanders_only_in_public(channel: str, bystanders: list[str]) -> None:
    talk = conversation(
        row(1, author_id="ana", channel=channel),
        row(2, author_id="bob", channel=channel),
        row(3, "agent", author_id="tom", channel=channel),
        row(4, author_id="ana", channel=channel),
    )
    assert [m.id for m in talk.messages if m.bystander] == bystanders


def test_the_customer_is_who_opened_the_case_also_after_the_company_spoke_first() -> None:
    talk = conversation(
        row(1, "agent", author_id="shop", channel="social"),
        row(2, author_id="ana", channel="social"),
        row(3, author_id="bob", channel="social"),
    )
    assert [m.bystander for m in talk.messages] == [False, False, True]
    assert talk.customer_name == "ana"


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ({"author_name": "visitor4410"}, "visitor4410"),
        ({"author_id": "ana"}, "ana"),
        ({"author_id": "V-600"}, ""),
        ({"author_id": "c-1", "author_name": "Luka"}, "Luka"),
        ({"author_email": "ana@example.com"}, ""),
    ],
)
def test_an_id_is_no_name(author: dict[str, str], name: str) -> None:
    assert conversation(row(1, **author)).customer_name == name


def test_where_agents_are_named_an_unnamed_one_in_public_is_nobody_we_know() -> None:
    named = row(2, "agent", author_name="Tom", channel="social")
    unnamed = row(3, "agent", channel="social")
    assert [m.role for m in conversation(row(1, channel="social"), named, unnamed).messages] == [
        Role.CUSTOMER,
        Role.AGENT,
        Role.UNKNOWN,
    ]


@pytest.mark.parametrize("channel", ["chat", "email", ""])
def test_on_private_channels_an_unnamed_agent_is_an_agent(channel: str) -> None:
    talk = conversation(
        row(1, channel=channel),
        row(2, "agent", author_name="Tom", channel=channel),
        row(3, "agent", channel=channel),
    )
    assert [m.role for m in talk.messages] == [Role.CUSTOMER, Role.AGENT, Role.AGENT]


def test_unnamed_agents_in_public_are_agents_where_none_is_named() -> None:
    talk = conversation(row(1, channel="social"), row(2, "agent", channel="social"))
    assert [m.role for m in talk.messages] == [Role.CUSTOMER, Role.AGENT]


def test_an_author_is_shown_by_name_then_id_then_address() -> None:
    talk = conversation(
        row(1, author_name="Ana", author_id="7", author_email="ana@example.org"),
        row(2, author_id="7", author_email="ana@example.org"),
        row(3, author_email="ana@example.org"),
        row(4),
    )
    assert [m.author for m in talk.messages] == ["Ana", "7", "ana@example.org", ""]


# --- facts of the conversation


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("Live Chat", "chat"), ("web_chat", "chat"), ("SMS", "chat"), ("WhatsApp", "chat"),
        ("Twitter", "social"), ("Instagram", "social"), ("E-Mail", "email"), ("Web Form", "email"),
        ("Phone call", "phone"), ("voicemail", "phone"), ("", ""),
        ("Fax", "fax"), ("Pigeon Post", "pigeon post"),
    ],
)  # fmt: skip
def test_channels_have_four_names_and_others_keep_their_own(word: str, channel: str) -> None:
    assert normalise_channel(word) == channel


def test_facts_are_taken_from_the_first_row_that_gives_them() -> None:
    talk = conversation(
        row(1),
        row(
            2, "agent", brand="Shop", team="Orders", customer_id="c1", channel="Chat", subject="Lamp", file=0
        ),
        row(3, brand="Other", customer_name="Ana", truncated=True),
    )
    assert (talk.brand, talk.team, talk.customer_id, talk.channel) == ("Shop", "Orders", "c1", "chat")
    assert (talk.subject, talk.customer_name, talk.truncated) == ("Lamp", "Ana", True)


def test_a_subject_may_be_markup() -> None:
    assert conversation(row(1, subject="<p>Lamp &amp; shade</p>")).subject == "Lamp & shade"
    assert conversation(row(1, subject="5 < 6")).subject == "5 < 6"


def test_an_opening_that_a_message_repeats_leaves_its_facts_only() -> None:
    first = "The lamp came broken, what now? Order 55-118."
    talk = conversation(
        row(1, kind="opening", text=f"<p>{first}</p>", is_html=True, subject="Lamp", file=1),
        row(2, text=f"{first}\n-- \nAna"),
        row(3, "agent", text="Sorry!"),
    )
    assert (ids(talk), talk.subject, talk.truncated) == (["m2", "m3"], "Lamp", False)


def test_an_opening_that_nothing_repeats_is_a_message() -> None:
    talk = conversation(row(1, kind="opening", text="It is broken"), row(2, "agent", text="It is a pity"))
    assert (ids(talk), talk.truncated) == (["m1", "m2"], False)


@pytest.mark.parametrize("more", [(), (row(2, "agent", text="ask L2", public=False),)])
def test_an_opening_without_the_messages_does_not_prove_silence(more: tuple[Row, ...]) -> None:
    assert conversation(row(1, kind="opening"), *more).truncated


@pytest.mark.parametrize(("given_code", "code"), [("de", "de"), ("EN-gb", "en"), ("pt_BR", "pt"), ("", "el")])
def test_the_language_is_the_exports_or_else_what_is_written(given_code: str, code: str) -> None:
    assert conversation(row(1, text="Πού είναι η παραγγελία μου;", language=given_code)).language == code


# --- what was written


@pytest.mark.parametrize(
    ("body", "is_html", "text"),
    [
        ("<p>Where is <b>my</b> lamp?</p>", True, "Where is my lamp?"),
        ("<p>Where is <b>my</b> lamp?</p>", False, "Where is my lamp?"),
        ("one<br>two", False, "one\ntwo"),
        ("Tom &amp; Ana", True, "Tom & Ana"),
        ("3 < 5 and 7 > 2", False, "3 < 5 and 7 > 2"),
    ],
)
def test_markup_is_taken_off(body: str, is_html: bool, text: str) -> None:
    assert conversation(row(1, text=body, is_html=is_html)).messages[0].text == text


def test_quoted_history_of_a_mail_is_set_apart() -> None:
    history = "On Mon, 2 Mar 2026 at 10:00, Shop <help@shop.example> wrote:\n> Please restart it."
    body = f"It is still broken.\n\n{history}"
    message = conversation(row(1, text=body, channel="email")).messages[0]
    assert message.text == "It is still broken."
    assert "Please restart it." in message.quoted


def test_a_signature_is_set_apart() -> None:
    message = conversation(row(1, "agent", text="It is on its way.\n\n-- \nTom Fields\nShop Ltd")).messages[0]
    assert message.text == "It is on its way."
    assert "Tom Fields" in message.signature


def test_words_of_systems_and_notes_are_left_as_they_are() -> None:
    body = "moved\n> quoted\n-- \nx"
    talk = conversation(row(1), row(2, "system", body), row(3, "note", body))
    assert [m.text for m in talk.messages[1:]] == [body, body]


# --- hand-overs


def test_a_change_of_agent_is_a_hand_over_that_nobody_stated() -> None:
    talk = conversation(
        row(1),
        row(2, "agent", author_name="Tom"),
        row(3),
        row(4, "agent", author_name="Tom"),
        row(5, "agent", author_name="Kim"),
    )
    assert talk.handovers == (HandOver(4, "Tom", "Kim", warm=False, explicit=False),)


def test_a_note_of_a_colleague_is_no_hand_over() -> None:
    talk = conversation(
        row(1),
        row(2, "agent", author_name="Tom"),
        row(3, "note", author_name="Kim"),
        row(4, "agent", public=False, author_name="Kim"),
        row(5, "agent", author_name="Tom"),
    )
    assert talk.handovers == ()


def test_an_event_states_the_hand_over_and_the_change_that_follows_is_the_same_one() -> None:
    talk = conversation(
        row(1),
        row(2, "agent", author_name="Tom"),
        row(3, "system", "Transferred from Support to Billing"),
        row(4, "agent", author_name="Kim"),
    )
    (handover,) = talk.handovers
    assert (handover.index, handover.explicit, handover.warm) == (2, True, False)
    assert (handover.source, handover.target) == ("Support", "Billing")


@pytest.mark.parametrize("text", ["Conversation rated 5 of 5", "Ticket closed", "Tag 'vip' added", ""])
def test_other_events_are_no_hand_over(text: str) -> None:
    talk = conversation(row(1), row(2, "system", text), row(3, "agent", author_name="Tom"))
    assert talk.handovers == ()


def test_a_shared_account_changes_hands_where_the_signature_changes() -> None:
    talk = conversation(
        row(1, channel="social"),
        row(2, "agent", "Sorry about that, which order is it? ^JK", author_name="Shop", channel="social"),
        row(3, channel="social"),
        row(4, "agent", "It comes tomorrow. ^MB", author_name="Shop", channel="social"),
    )
    assert [(h.index, h.source, h.target) for h in talk.handovers] == [(3, "JK", "MB")]


def test_the_first_agent_takes_over_from_nobody() -> None:
    talk = conversation(row(1), row(2, "bot", author_name="Robo"), row(3, "agent", author_name="Tom"))
    assert talk.handovers == ()


# --- what the help desk recorded


def event(number: int, kind: str, source: str = "", target: str = "", **more: Any) -> Row:
    return row(number, "system", "", kind="event", event=kind, event_from=source, event_to=target, **more)


def stated(*rows: Row) -> list[tuple[str, str]]:
    return [(h.source, h.target) for h in conversation(*rows).handovers if h.explicit]


def test_giving_a_new_case_to_somebody_is_no_hand_over() -> None:
    assert stated(row(1), event(2, "assign", "", "Rob"), row(3, "agent", author_name="Rob")) == []


def test_passing_a_case_on_is_one() -> None:
    talked = (row(1), row(2, "agent", author_name="Rob"))
    assert stated(*talked, event(3, "assign", "", "Billing")) == [("Rob", "Billing")]
    assert stated(*talked, event(3, "assign", "", "Rob")) == [], "who has been talking keeps it"
    assert stated(row(1), event(2, "transfer", "Sales", "Billing")) == [("Sales", "Billing")]
    assert stated(row(1), event(2, "status", "open", "closed")) == []


def test_taking_a_case_up_from_a_queue_is_none() -> None:
    talked = (row(1), row(2, "agent", author_name="Rob"), event(3, "assign", "", "Billing"))
    assert stated(*talked, event(4, "assign", "", "Ida"), row(5, "agent", author_name="Ida")) == [
        ("Rob", "Billing")
    ]


def test_team_and_agent_changed_in_one_second_are_one_hand_over() -> None:
    both = (event(3, "transfer", "Sales", "Billing", at=180.0), event(4, "assign", "Rob", "Ida", at=180.0))
    assert stated(row(1), row(2, "agent", author_name="Rob"), *both) == [("Sales", "Ida")]


def test_a_reply_and_the_assignment_it_brings_are_one_hand_over() -> None:
    talk = conversation(
        row(1),
        row(2, "agent", author_name="Rob"),
        row(3, "agent", author_name="Ida", at=180.0),
        event(4, "assign", "Rob", "Ida", at=180.0),
    )
    assert [(h.source, h.target) for h in talk.handovers] == [("Rob", "Ida")]


def test_facts_come_from_wherever_they_are_said_the_newest_status_counts() -> None:
    talk = conversation(
        row(0, kind="facts", status="open", tags=("vip",), csat="bad", csat_share=0.0, csat_comment="slow"),
        row(1, priority="urgent"),
        row(2, kind="facts", status="closed", tags=("vip", "refund")),
    )
    assert (talk.status, talk.priority, talk.tags) == ("closed", "urgent", ("vip", "refund"))
    assert talk.rating is not None and (talk.rating.share, talk.rating.comment) == (0.0, "slow")
    assert len(talk.messages) == 1


def test_a_conversation_of_which_only_facts_are_known_is_none() -> None:
    assert build_journey([row(1, kind="facts", subject="Lamp"), row(2, kind="gap")]).conversations == ()


def test_where_a_row_was_rejected_the_conversation_counts_as_cut_short() -> None:
    talk = conversation(row(1), row(2, kind="gap", truncated=True))
    assert talk.truncated and len(talk.messages) == 1


def test_an_agent_who_signs_with_the_first_name_is_the_same_agent() -> None:
    first, second = (
        "You are in the book for Thursday.\n\nDenise Platt\nBookings",
        "I am sorry, that is my fault.\n\nDenise",
    )
    talk = conversation(
        row(1),
        row(2, "agent", first, author_name="Denise Platt"),
        row(3),
        row(4, "agent", second, author_name="Denise Platt"),
    )
    assert talk.handovers == ()
