"""Jitbit's bodies and system comments."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportaudit.read.desks import Place
from supportaudit.sources.jitbit import prepare

PLACE = Place("f", "", lambda _: 0.0, lambda *_: "")


def comment(body: Any, **more: Any) -> dict[str, Any]:
    return prepare("comment", {"CommentID": 1, "TicketID": 2, "Body": body, **more}, PLACE)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("[b]Hi[/b] [url=http://x.example]there[/url]", "Hi there"),
        ("[size=4][color=red]Red[/color][/size]", "Red"),
        ("[img]http://x.example/a.png[/img]Look", "Look"),
        ("[list][*]one[*]two[/list]", "- one\n- two"),
        ("[quote=Rob]When?\nWhere?[/quote]\nNow.", "> When?\n> Where?\n\nNow."),
        ("[quote]never closed", "[quote]never closed"),
        ("see [1] and a[i] = b", "see [1] and a = b"),
        ("plain", "plain"),
        (None, ""),
    ],
)
def test_bbcode_becomes_plain_text(body: str | None, text: str) -> None:
    assert comment(body)["text"] == text


def test_the_marker_tells_html() -> None:
    made = comment("\n<!--html--><p>[b]Hi[/b]</p>")
    assert (made["text"], made["html"]) == ("", "<p>[b]Hi[/b]</p>")


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ("Ticket has been assigned to Network team", {"assigned": "Network team"}),
        ('Assigned to: "Rob Hay" by Admin.', {"assigned": "Rob Hay"}),
        ("<!--html-->Ticket has been assigned to <b>Rob</b>", {"assigned": "Rob"}),
        ("Ticket closed", {"turned": "closed"}),
        ("Ticket has been re-opened by Ana", {"turned": "re-opened"}),
        ("Status changed to: In progress", {"turned": "in progress"}),
    ],
)
def test_system_comments_tell_events(body: str, event: dict[str, str]) -> None:
    made = comment(body, IsSystem=True)
    assert {key: made[key] for key in event} == event
    assert "text" not in made


def test_what_a_system_comment_says_else_stays_a_text() -> None:
    assert comment("Due date removed", IsSystem=True)["text"] == "Due date removed"


def test_people_who_write_of_assignments_make_no_event() -> None:
    assert "assigned" not in comment("Was this assigned to Rob?", IsSystem=False)


@given(st.text(alphabet="[quote]/*b= \n", max_size=300))
def test_any_brackets_come_to_an_end(body: str) -> None:
    assert isinstance(comment(body)["text"], str)


def test_thousands_of_open_quotes_take_no_time(tmp_path: Path) -> None:
    assert comment("[quote]" * 100_000)["text"].startswith("[quote]")
    assert comment("[quote]" * 100_000 + "[/quote]")["text"].startswith("> [quote]")
