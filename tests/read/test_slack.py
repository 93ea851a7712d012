"""Slack: the talk a message belongs to, and its text in plain words."""

from typing import Any

import pytest

from supportaudit.read.account import RowFaultError
from supportaudit.read.desks import Place
from supportaudit.sources.slack import PAUSE, prepare

NAMES = {("people", "U1", "name"): "Mari", ("channels", "C1", "name"): "help"}


def place(name: str = "day.json", member: str = "") -> Place:
    return Place(name, member, float, lambda of, key, what: NAMES.get((of, key, what), ""))


def message(at: float, where: Place, **more: Any) -> dict[str, Any]:
    return prepare("message", {"type": "message", "ts": f"{at:.6f}", "text": "x", **more}, where)


@pytest.mark.parametrize(
    ("name", "member", "conversation"),
    [
        ("day.json", "", "9.000000"),
        ("export/help/day.json", "", "help/9.000000"),
        ("C:\\export\\help\\day.json", "", "help/9.000000"),
        ("out.zip/help/day.json", "help/day.json", "help/9.000000"),
    ],
)
def test_a_conversation_is_named_by_its_channel(name: str, member: str, conversation: str) -> None:
    assert message(9, place(name, member))["conversation"] == conversation


def test_talk_outside_threads_ends_with_a_pause() -> None:
    where = place()
    times = [100, 100 + PAUSE, 101 + 2 * PAUSE, 102 + 2 * PAUSE]
    talks = [message(at, where)["conversation"] for at in times]
    assert talks == ["100.000000", "100.000000", f"{times[2]:.6f}", f"{times[2]:.6f}"]


def test_talk_may_run_backwards_as_the_api_tells_it() -> None:
    where = place()
    assert {message(at, where)["conversation"] for at in (300, 200, 100)} == {"300.000000"}


def test_threads_and_what_nobody_wrote_leave_the_talk_alone() -> None:
    where = place()
    assert "conversation" not in message(100, where, subtype="channel_join")
    assert "conversation" not in message(100, where, hidden=True)
    threaded = message(150, where, thread_ts="20.000000")
    assert (threaded["conversation"], threaded["loose"]) == ("20.000000", False)
    assert message(200, where)["conversation"] == "200.000000"


def test_a_time_that_is_none_is_rejected() -> None:
    with pytest.raises(RowFaultError):
        prepare("message", {"type": "message", "ts": "soon"}, place())


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<@U1> and <@U9|zed> and <@U8>", "@Mari and @zed and @U8"),
        ("<#C1> <#C2|random> <#C3>", "#help #random #C3"),
        ("<!here> <!subteam^S1|@care> <!date^1717^{date}|3 June>", "@here @care 3 June"),
        ("<https://a.example|the page> <https://b.example>", "the page https://b.example"),
        ("<mailto:a@b.example|a@b.example> <mailto:c@d.example>", "a@b.example c@d.example"),
        ("5 &lt; 6 &amp; 7 &gt; 6", "5 < 6 & 7 > 6"),
        ("a < b > c", "a < b > c"),
        ("&lt;@U1&gt; is no mention", "<@U1> is no mention"),
    ],
)
def test_marks_are_read(text: str, plain: str) -> None:
    assert message(1, place(), text=text)["text"] == plain


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "hi <@U1>"}}]}, "hi @Mari"),
        (
            {"blocks": [{"type": "rich_text", "elements": [{"elements": [
                {"type": "text", "text": "see"}, {"type": "link", "url": "https://a.example"},
                {"type": "user", "user_id": "U1"}]}]}]},
            "see https://a.example @Mari",
        ),
        ({"bot_id": "B1", "attachments": [{"title": "Down", "text": "again"}, "none"]}, "Down\nagain"),
        ({"attachments": [{"title": "a page that was linked"}]}, ""),
        ({"blocks": None, "attachments": None, "bot_id": "B1"}, ""),
    ],
)  # fmt: skip
def test_text_may_stand_in_blocks_and_a_bots_in_attachments(more: dict[str, Any], text: str) -> None:
    assert message(1, place(), **{"text": "", **more})["text"] == text
