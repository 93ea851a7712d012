"""Help Scout's threads: what changed between them is told from who held the conversation at each."""

from typing import Any

import pytest

from supportaudit.read.account import RowFaultError
from supportaudit.read.desks import Place
from supportaudit.sources.help_scout import prepare

JO, SAM, LIA = ({"id": n, "type": "user", "first": name} for n, name in enumerate(("Jo", "Sam", "Lia"), 1))
TIER = {"id": 4, "type": "team", "first": "Tier 2"}


def stamp(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise RowFaultError("the time cannot be read", text) from None


def place() -> Place:
    return Place("threads.json", "", stamp, lambda *_: "")


def thread(at: object, holder: object = None, **more: object) -> dict[str, Any]:
    return {"createdAt": str(at), "type": "customer", "assignedTo": holder, **more}


def moves(*threads: dict[str, Any]) -> list[object]:
    prepare("conversation", {"_embedded": {"threads": list(threads)}}, place())
    return [one.get("_moved") for one in threads]


@pytest.mark.parametrize(
    ("first", "then", "moved"),
    [
        (JO, JO, None),
        (JO, SAM, {"from": "Jo", "to": "Sam"}),
        (JO, TIER, {"from": "Jo", "to": "Tier 2"}),
        (TIER, SAM, {"from": "", "to": "Sam"}),
        (None, SAM, {"from": "", "to": "Sam"}),
        (JO, None, None),
        (JO, {"id": 7, "type": "user"}, {"from": "Jo", "to": "7"}),
    ],
)
def test_a_change_of_holder_is_marked_on_the_thread_that_brings_it(
    first: object, then: object, moved: object
) -> None:
    assert moves(thread(1, first), thread(2, then)) == [None, moved]
    assert moves(thread(2, then), thread(1, first)) == [moved, None], "newest first"


def test_who_answers_takes_the_conversation_without_being_given_it() -> None:
    assert moves(thread(1, JO), thread(2, SAM, type="message", createdBy=SAM)) == [None, None]
    assert moves(thread(1, JO), thread(2, SAM, type="message", createdBy=JO))[1] == {
        "from": "Jo",
        "to": "Sam",
    }


def test_a_thread_that_names_nobody_does_not_end_the_holding() -> None:
    assert moves(thread(1, JO), thread(2), thread(3, SAM))[2] == {"from": "Jo", "to": "Sam"}


def test_drafts_and_threads_without_a_time_change_nothing() -> None:
    assert moves(thread(1, JO), thread(2, SAM, state="draft"), thread(3, JO), thread("?", LIA)) == [None] * 4


def test_the_status_of_a_line_that_changes_none_is_passed_over() -> None:
    threads = [thread(1, status="active"), thread(2, status="nochange"), thread(3, status="closed")]
    prepare("conversation", {"_embedded": {"threads": threads}}, place())
    assert [one.get("_status") for one in threads] == [None, None, {"from": "active", "to": "closed"}]


@pytest.mark.parametrize("newest_first", [False, True])
def test_threads_alone_are_compared_with_the_last_of_their_conversation(newest_first: bool) -> None:
    both = [
        thread(1, JO, conversationId=5, status="active"),
        thread(2, SAM, conversationId=5, status="closed"),
    ]
    there = place()
    for one in reversed(both) if newest_first else both:
        prepare("thread", one, there)
        prepare("thread", thread(3, LIA, conversationId=6), there)
    marked = both[0] if newest_first else both[1]
    assert marked["_moved"] == {"from": "Jo", "to": "Sam"}
    assert marked["_status"] == {"from": "active", "to": "closed"}


def test_a_line_that_says_assigned_tells_for_itself() -> None:
    line = thread(2, SAM, conversationId=5, type="lineitem", action={"text": "Jo assigned to Sam"})
    older = thread(1, JO, conversationId=5)
    there = place()
    prepare("thread", line, there)
    prepare("thread", older, there)
    assert line["_moved"] == {"from": "", "to": "Sam"}
    assert "_moved" not in older


def test_keys_of_the_singer_tap_are_the_ones_of_the_api() -> None:
    record = {
        "conversation_id": 5,
        "created_by": {"photo_url": None},
        "_embedded": {"threads": []},
        "cc": ["a_b"],
    }
    made = prepare("thread by the Singer tap", record, place())
    assert made == {
        "conversationId": 5,
        "createdBy": {"photoUrl": None},
        "_embedded": {"threads": []},
        "cc": ["a_b"],
        "_people": [],
    }


def test_threads_that_a_script_put_into_their_conversation_are_read() -> None:
    first, then = thread(1, JO), thread(2, SAM)
    made = prepare("conversation", {"threads": [first, then]}, place())
    assert made["_embedded"]["threads"] == [first, then]
    assert then["_moved"] == {"from": "Jo", "to": "Sam"}
