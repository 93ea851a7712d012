"""Who is speaking: the export's own word, then the direction, then the requester's id, then unknown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportaudit.model import Role, Row, RowKind
from supportaudit.normalise.roles import Roster, judge, role_of, role_word


def row(
    role: str = "",
    *,
    inbound: bool | None = None,
    public: bool | None = None,
    author: str = "",
    customer: str = "",
) -> Row:
    return Row(
        "t1", "m1", 2, role=role, inbound=inbound, public=public, author_id=author, customer_id=customer
    )


@pytest.mark.parametrize(
    ("words", "role"),
    [
        (["customer", "Customer", " CUSTOMER ", "end-user", "end_user", "End User", "requester", "visitor"],
         Role.CUSTOMER),
        (["contact", "lead", "guest", "client", "incoming", "inbound", "user"], Role.CUSTOMER),
        (["agent", "Agent", "admin", "operator", "support agent", ["Support", "Rep"][0], "teammate"],
         Role.AGENT),
        (["outgoing", "outbound", "representative", "Manager", "light_agent"], Role.AGENT),
        (["bot", "Chatbot", "auto-reply", "automation", "virtual assistant", "workflow"], Role.BOT),
        (["system", "event", "log", "Activity"], Role.SYSTEM),
        (["note", "internal note", "private", "Internal", "private note"], Role.NOTE),
    ],
)  # fmt: skip
def test_the_usual_words_of_help_desks_are_known(words: list[str], role: Role) -> None:
    assert {word: role_word(word) for word in words} == dict.fromkeys(words, role)


@pytest.mark.parametrize("word", ["", " ", "-", "tier 2", "zombie", "42", "🙂", "custom", "agentx"])
def test_a_word_that_is_not_known_names_nobody(word: str) -> None:
    assert role_word(word) is None


@pytest.mark.parametrize(
    ("given_row", "role"),
    [
        # the word beats the direction, the direction beats the ids
        (row("agent", inbound=True), Role.AGENT),
        (row("customer", inbound=False, author="a1", customer="c1"), Role.CUSTOMER),
        (row(inbound=True, author="a1", customer="c1"), Role.CUSTOMER),
        (row(inbound=False, author="c1", customer="c1"), Role.AGENT),
        (row(author="c1", customer="c1"), Role.CUSTOMER),
        (row(author="a1", customer="c1"), Role.AGENT),
        # a word that is not known leaves it to what comes next
        (row("zombie", inbound=True), Role.CUSTOMER),
        (row("zombie", author="c1", customer="c1"), Role.CUSTOMER),
        (row("zombie"), Role.UNKNOWN),
        # nothing to go by
        (row(), Role.UNKNOWN),
        (row(author="a1"), Role.UNKNOWN),
        (row(customer="c1"), Role.UNKNOWN),
        # what a customer cannot read is a note
        (row("agent", public=False), Role.NOTE),
        (row(inbound=False, public=False), Role.NOTE),
        (row(author="a1", customer="c1", public=False), Role.NOTE),
        (row("note", public=True), Role.NOTE),
        (row("agent", public=True), Role.AGENT),
        (row("customer", public=False), Role.CUSTOMER),
        (row("system", public=False), Role.SYSTEM),
        (row("bot", public=False), Role.BOT),
        (row(public=False), Role.UNKNOWN),
    ],
)  # fmt: skip
def test_the_order_of_trust(given_row: Row, role: Role) -> None:
    assert role_of(given_row) is role


@settings(deadline=None)
@given(st.text(max_size=30), st.none() | st.booleans(), st.none() | st.booleans(), st.text(max_size=3))
def test_any_row_has_a_role(word: str, inbound: bool | None, public: bool | None, author: str) -> None:
    assert role_of(row(word, inbound=inbound, public=public, author=author, customer="c")) in Role


def test_a_private_message_of_an_agent_is_never_the_agents_public_word() -> None:
    assert all(
        role_of(row(word, public=False)) is not Role.AGENT for word in ("agent", "admin", "staff", "sent")
    )


def test_a_note_is_a_note_whoever_wrote_it() -> None:
    row = Row(conversation_id="t", message_id="1", line=1, text="vip", author_id="12", kind=RowKind.NOTE)
    assert role_of(row) is Role.NOTE


def test_a_requester_known_by_address_is_told_by_address() -> None:
    ana, bo = (
        Row("t1", "m1", 2, author_email=f"{name}@example.org", author_id="7") for name in ("Ana", "bo")
    )
    assert judge(ana, customer_id="ana@example.org") == (Role.CUSTOMER, "has the requester's id")
    assert judge(bo, customer_id="ana@example.org") == (Role.AGENT, "is not the requester")


def test_the_settings_know_best() -> None:
    roster = Roster(
        frozenset({"rob ray", "12"}), frozenset({"auto@acme.example"}), frozenset({"acme.example"})
    )
    named = Row("t1", "m1", 2, role="customer", author_name="Rob Ray")
    assert judge(named, roster) == (Role.AGENT, "named in the settings")
    assert judge(Row("t1", "m1", 2, author_id="12", public=False), roster)[0] is Role.NOTE
    assert judge(Row("t1", "m1", 2, author_email="auto@acme.example"), roster)[0] is Role.BOT
    assert judge(Row("t1", "m1", 2, author_email="eve@ACME.example"), roster)[0] is Role.AGENT
    assert judge(Row("t1", "m1", 2, author_email="ana@example.org"), roster)[0] is Role.CUSTOMER
    assert judge(Row("t1", "m1", 2, role="system", author_name="Rob Ray"), roster)[0] is Role.SYSTEM
    assert judge(Row("t1", "m1", 2, author_name="Ana"), roster) == (Role.UNKNOWN, "nothing tells")
