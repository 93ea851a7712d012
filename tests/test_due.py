"""When a promise falls due: the latest reading of its words, in the desk's own zone."""

from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportaudit.wording.due import DueParser
from supportaudit.wording.fold import fold
from supportaudit.wording.lexicon import load_lexicon
from supportaudit.wording.pack import supported_languages

PARSER = DueParser(load_lexicon("en").due)
LANGUAGES = [code for code in supported_languages() if load_lexicon(code).due]


def due(text: str, said: str, zone: str = "UTC") -> list[str]:
    """Due moments as the desk's clock shows them."""
    tz = ZoneInfo(zone)
    said_at = datetime.fromisoformat(said).replace(tzinfo=tz).timestamp()
    return [f"{datetime.fromtimestamp(d.at, tz):%Y-%m-%d %H:%M:%S}" for d in PARSER.find(text, said_at, tz)]


# 2026-03-02 is a Monday.
MONDAY = "2026-03-02T10:00"
TABLE = [
    # days of the week
    ("you will have it by Friday", MONDAY, "2026-03-06 23:59:59"),
    ("It will arrive on Wednesday.", MONDAY, "2026-03-04 23:59:59"),
    ("we will call you on Monday", MONDAY, "2026-03-02 23:59:59"),
    ("by Sunday", MONDAY, "2026-03-08 23:59:59"),
    ("you will have it by Tuesday", "2026-03-06T10:00", "2026-03-10 23:59:59"),
    ("BY FRIDAY AT THE LATEST", MONDAY, "2026-03-06 23:59:59"),
    ("by Friday", "2026-03-06T23:00", "2026-03-06 23:59:59"),
    # hours and minutes
    ("we will reply within 24 hours", MONDAY, "2026-03-03 10:00:00"),
    ("within 24 hrs", "2026-03-31T10:00", "2026-04-01 10:00:00"),
    ("I will call you in an hour", MONDAY, "2026-03-02 11:00:00"),
    ("I will be back in ten minutes", MONDAY, "2026-03-02 10:10:00"),
    ("in the next 30 minutes", MONDAY, "2026-03-02 10:30:00"),
    ("in 2 to 3 hours", MONDAY, "2026-03-02 13:00:00"),
    ("give me a couple of minutes", MONDAY, "2026-03-02 10:02:00"),
    # days, working days, weeks
    ("in 3-5 business days", MONDAY, "2026-03-09 23:59:59"),
    ("within 3 – 5 working days", MONDAY, "2026-03-09 23:59:59"),
    ("within two working days", "2026-03-06T10:00", "2026-03-10 23:59:59"),
    ("within one business day", "2026-03-07T10:00", "2026-03-09 23:59:59"),
    ("within 3 days", MONDAY, "2026-03-05 23:59:59"),
    ("within two weeks", MONDAY, "2026-03-16 23:59:59"),
    ("on the next working day", MONDAY, "2026-03-03 23:59:59"),
    ("next business day", "2026-03-06T10:00", "2026-03-09 23:59:59"),
    ("the next working day", "2026-03-07T10:00", "2026-03-09 23:59:59"),
    # today and tomorrow
    ("you will get it today", MONDAY, "2026-03-02 23:59:59"),
    ("by end of day", MONDAY, "2026-03-02 23:59:59"),
    ("I will call tomorrow", MONDAY, "2026-03-03 23:59:59"),
    ("tomorrow before 5pm", MONDAY, "2026-03-03 17:00:59"),
    ("tomorrow between 12 and 5", MONDAY, "2026-03-03 17:00:59"),
    ("today by 18:30", MONDAY, "2026-03-02 18:30:59"),
    ("today by 5 p.m.", MONDAY, "2026-03-02 17:00:59"),
    ("by noon on Thursday", MONDAY, "2026-03-05 12:59:59"),
    ("on Friday between 9am and 1pm", MONDAY, "2026-03-06 13:00:59"),
    # hours alone
    ("the technician comes at 3 o'clock", MONDAY, "2026-03-02 15:00:59"),
    ("by 4pm", MONDAY, "2026-03-02 16:00:59"),
    ("by 12 pm", MONDAY, "2026-03-02 12:00:59"),
    # dates
    ("no later than Friday 20 March", MONDAY, "2026-03-20 23:59:59"),
    ("by Friday the 20th of March", MONDAY, "2026-03-20 23:59:59"),
    ("it is valid from the 1st of May", MONDAY, "2026-05-01 23:59:59"),
    ("by March 20th", MONDAY, "2026-03-20 23:59:59"),
    ("before the 12th", MONDAY, "2026-03-12 23:59:59"),
    ("before the 1st", MONDAY, "2026-04-01 23:59:59"),
    ("by the 31st", "2026-04-02T10:00", "2026-05-31 23:59:59"),
    ("by 29 February", "2028-02-01T10:00", "2028-02-29 23:59:59"),
    # weeks
    ("by the end of the week", MONDAY, "2026-03-08 23:59:59"),
    ("it will be fixed next week", MONDAY, "2026-03-15 23:59:59"),
    # change of year
    ("by 5 January", "2026-12-28T10:00", "2027-01-05 23:59:59"),
    ("within 5 working days", "2026-12-30T10:00", "2027-01-06 23:59:59"),
    ("tomorrow", "2026-12-31T23:59", "2027-01-01 23:59:59"),
    ("by Friday", "2026-12-31T10:00", "2027-01-01 23:59:59"),
]


@pytest.mark.parametrize(("text", "said", "at"), TABLE, ids=[f"{t} ({s[:10]})" for t, s, _ in TABLE])
def test_words_fall_due_at_their_latest_reading(text: str, said: str, at: str) -> None:
    found = due(text, said)
    assert found, "no due time found"
    assert max(found) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Thank you for your order.",
        "I will look into it.",
        "order 24 of 48",
        "it costs 5 pounds",
        "we are open from 9",
        "by 30 February",
        "within 100000 days",
        "within 99999999999999999999 hours",
    ],
)
def test_words_without_a_time_that_can_be_kept_fall_due_never(text: str) -> None:
    assert due(text, MONDAY) == []


def test_a_date_gone_by_is_no_promise_for_next_year() -> None:
    assert due("you wrote on 20 February", MONDAY) == []


def test_an_hour_gone_by_is_no_promise() -> None:
    assert due("the parcel left at 9 am", MONDAY) == []


def test_two_promises_in_one_text_are_both_found_in_order() -> None:
    text = "I will call you tomorrow. The refund will be there within 5 working days."
    assert due(text, MONDAY) == ["2026-03-03 23:59:59", "2026-03-09 23:59:59"]


def test_an_hour_belongs_to_the_day_in_its_own_sentence() -> None:
    assert due("I will call you tomorrow. We close at 5pm.", MONDAY)[0] == "2026-03-03 23:59:59"


@pytest.mark.parametrize(
    ("zone", "text", "said", "at_utc"),
    [
        # Athens is two hours ahead of UTC in winter, three in summer (from 29 March 2026, 03:00).
        ("Europe/Athens", "today", "2026-03-02T10:00", "2026-03-02T21:59:59"),
        ("Europe/Athens", "by Monday", "2026-03-27T10:00", "2026-03-30T20:59:59"),
        ("Europe/Athens", "tomorrow before 5pm", "2026-03-28T10:00", "2026-03-29T14:00:59"),
        # New York leaves summer time on 1 November 2026.
        ("America/New_York", "by Sunday", "2026-10-30T10:00", "2026-11-02T04:59:59"),
        ("Asia/Kolkata", "by end of day", "2026-03-02T10:00", "2026-03-02T18:29:59"),
        ("Pacific/Auckland", "today", "2026-03-02T08:00", "2026-03-02T10:59:59"),
    ],
)
def test_days_end_when_they_end_for_the_desk(zone: str, text: str, said: str, at_utc: str) -> None:
    tz = ZoneInfo(zone)
    said_at = datetime.fromisoformat(said).replace(tzinfo=tz).timestamp()
    found = PARSER.find(text, said_at, tz)
    assert max(datetime.fromtimestamp(d.at, UTC).replace(tzinfo=None).isoformat() for d in found) == at_utc


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Athens", "2026-03-28T23:00"),
        ("Europe/Athens", "2026-10-24T23:00"),
        ("America/New_York", "2026-11-01T00:30"),
    ],
)
def test_hours_are_hours_on_the_night_the_clocks_change(zone: str, said: str) -> None:
    """A promise of 24 hours is kept for 24 hours, whatever the wall clock says meanwhile."""
    tz = ZoneInfo(zone)
    said_at = datetime.fromisoformat(said).replace(tzinfo=tz).timestamp()
    for text, hours in (("within 24 hours", 24), ("within 4 hours", 4)):
        assert [d.at - said_at for d in PARSER.find(text, said_at, tz)] == [hours * 3600]


def test_the_place_of_the_words_is_given_in_the_folded_text() -> None:
    text = "Ça va — I’ll call TOMORROW…"
    (found,) = PARSER.find(text, 0.0)
    assert fold(text)[found.start : found.end] == "tomorrow"


WORDS = """
by on at in within the next no later than before until 0 1 3 5 24 31 99 400 401 9999999999999 ² ٣ ５ hours
days minutes working day business days weeks month months friday sat 20 march may february 1st 31st 99th 0th
tomorrow today noon pm 13pm 25:99 17:61 o'clock . , - to or an a few half end of this week
"""


@cache
def parser_of(code: str) -> DueParser:
    return DueParser(load_lexicon(code).due)


@settings(max_examples=400, deadline=None)
@given(
    text=st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join)),
    said_at=st.floats(0, 4_102_444_800),
    zone=st.sampled_from(["UTC", "Europe/Athens", "Asia/Kathmandu", "America/St_Johns"]),
)
@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_makes_it_stumble(code: str, text: str, said_at: float, zone: str) -> None:
    folded = fold(text)
    found = parser_of(code).find(text, said_at, ZoneInfo(zone))
    assert all(0 <= d.start < d.end <= len(folded) for d in found)
    assert all(first.end <= second.start for first, second in pairwise(found))


@pytest.mark.parametrize("said_at", [788_918_400.0, 4_102_444_799.0])
def test_the_first_and_the_last_moment_that_readers_let_through(said_at: float) -> None:
    for text in (
        "within 400 weeks",
        "tomorrow",
        "by Friday",
        "next week",
        "by the 31st",
        "within 5 working days",
    ):
        PARSER.find(text, said_at)
