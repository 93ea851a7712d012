"""Business hours: open time between two moments, across nights, weekends, holidays and changes of the clock."""

import pickle
import subprocess
import sys
import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportaudit.settings.hours import ALWAYS, Hours, Week, country_fault, public_holidays, subdivision_fault

HOUR = 3600
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE: Week = (((9 * HOUR, 18 * HOUR),),) * 5 + ((), ())
ZONES = (
    *("UTC", "Europe/Berlin", "Europe/Athens", "America/New_York", "Asia/Kathmandu", "America/St_Johns"),
    *("Australia/Lord_Howe", "America/Havana", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia"),
)


def moment(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


def opened(hours: Hours, since: str, until: str, channel: str = "") -> float:
    """Open hours between two times of the desk's clock."""
    return hours.open_seconds(moment(since, hours.zone), moment(until, hours.zone), channel) / HOUR


# --- plain weeks; 2 March 2026 is a Monday


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-03-02 10:00", "2026-03-02 11:30", 1.5),
        ("2026-03-02 07:00", "2026-03-02 10:00", 1),
        ("2026-03-02 17:00", "2026-03-02 23:00", 1),
        ("2026-03-02 17:00", "2026-03-03 10:00", 2),
        ("2026-03-02 18:00", "2026-03-03 09:00", 0),
        ("2026-03-06 17:00", "2026-03-09 10:00", 2),
        ("2026-03-07 10:00", "2026-03-08 20:00", 0),
        ("2026-03-02 00:00", "2026-03-09 00:00", 45),
        ("2026-03-02 12:00", "2026-03-02 12:00", 0),
        ("2026-03-03 12:00", "2026-03-02 12:00", 0),
    ],
)
def test_nights_and_weekends_are_closed(since: str, until: str, hours: float) -> None:
    assert opened(Hours(BERLIN, OFFICE), since, until) == hours


def test_a_break_at_noon_is_closed_and_spans_that_overlap_count_once() -> None:
    week: Week = (((8 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR), (11 * HOUR, 12 * HOUR)),) * 7
    assert opened(Hours(BERLIN, week), "2026-03-02 11:00", "2026-03-02 14:00") == 2


def test_a_span_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    night: Week = (((22 * HOUR, 30 * HOUR),),) + ((),) * 6
    hours = Hours(BERLIN, night)
    assert opened(hours, "2026-03-02 00:00", "2026-03-02 06:00") == 0
    assert opened(hours, "2026-03-02 23:00", "2026-03-03 09:00") == 7


def test_a_channel_may_keep_hours_of_its_own() -> None:
    hours = Hours(BERLIN, OFFICE, {"chat": (((8 * HOUR, 22 * HOUR),),) * 7})
    assert opened(hours, "2026-03-07 07:00", "2026-03-07 09:00", "chat") == 1
    assert opened(hours, "2026-03-07 07:00", "2026-03-07 09:00", "email") == 0
    assert opened(hours, "2026-03-07 07:00", "2026-03-07 09:00", "some channel of the export") == 0


# --- changes of the clock


@pytest.mark.parametrize(
    ("week", "since", "until", "hours"),
    [
        (ALWAYS, "2026-03-29 00:00", "2026-03-30 00:00", 23),
        (ALWAYS, "2026-10-25 00:00", "2026-10-26 00:00", 25),
        ((((9 * HOUR, 18 * HOUR),),) * 7, "2026-03-28 17:00", "2026-03-29 10:00", 2),
        ((((9 * HOUR, 18 * HOUR),),) * 7, "2026-10-24 17:00", "2026-10-25 10:00", 2),
        ((((1 * HOUR, 5 * HOUR),),) * 7, "2026-03-29 00:00", "2026-03-29 12:00", 3),
        ((((1 * HOUR, 5 * HOUR),),) * 7, "2026-10-25 00:00", "2026-10-25 12:00", 5),
        ((((22 * HOUR, 30 * HOUR),),) * 7, "2026-03-28 12:00", "2026-03-29 12:00", 7),
        ((((22 * HOUR, 30 * HOUR),),) * 7, "2026-10-24 12:00", "2026-10-25 12:00", 9),
        # From 02:30 in the hour that is skipped: open as soon as the clock shows three.
        ((((9000, 5 * HOUR),),) * 7, "2026-03-29 00:00", "2026-03-29 12:00", 2),
        # Until 02:30 in the hour that comes twice: open twice.
        ((((1 * HOUR, 9000),),) * 7, "2026-10-25 00:00", "2026-10-25 12:00", 2),
    ],
)
def test_a_day_has_as_many_open_hours_as_the_clock_on_the_wall_shows(
    week: Week, since: str, until: str, hours: float
) -> None:
    assert opened(Hours(BERLIN, week), since, until) == hours


# --- holidays


def test_public_holidays_are_closed_unless_they_are_worked() -> None:
    wednesday = "2026-03-25"  # in Greece
    span = ("2026-03-24 17:00", "2026-03-26 10:00")
    assert opened(Hours(BERLIN, OFFICE), *span) == 11
    assert opened(Hours(BERLIN, OFFICE, country="GR"), *span) == 2
    worked = Hours(BERLIN, OFFICE, country="GR", opened=frozenset({date.fromisoformat(wednesday)}))
    assert opened(worked, *span) == 11
    private = Hours(BERLIN, OFFICE, closed=frozenset({date.fromisoformat(wednesday)}))
    assert opened(private, *span) == 2


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    epiphany = ("2026-01-06 09:00", "2026-01-06 18:00")
    assert opened(Hours(BERLIN, OFFICE, country="DE"), *epiphany) == 9
    assert opened(Hours(BERLIN, OFFICE, country="DE", subdivision="BY"), *epiphany) == 0


def test_a_night_shift_that_began_before_the_holiday_is_worked_to_its_end() -> None:
    night: Week = (((22 * HOUR, 30 * HOUR),),) * 7
    hours = Hours(BERLIN, night, closed=frozenset({date(2026, 3, 3)}))
    assert opened(hours, "2026-03-02 12:00", "2026-03-03 12:00") == 8
    assert opened(hours, "2026-03-03 12:00", "2026-03-04 12:00") == 0


def test_without_a_week_all_days_but_the_holidays_are_open() -> None:
    hours = Hours(BERLIN, country="DE")
    assert opened(hours, "2026-12-24 12:00", "2026-12-27 12:00") == 24
    assert date(2026, 12, 25) in public_holidays("DE", "", 2026)


@pytest.mark.parametrize(
    ("country", "meant"), [("gr", "GR"), ("Greece", "GR"), ("Germny", "DE"), ("fra", "FR"), ("zz", "such as")]
)
def test_a_country_that_is_not_known_gets_the_code_that_was_meant(country: str, meant: str) -> None:
    assert meant in country_fault(country)
    assert (country_fault("GR"), subdivision_fault("DE", "BY")) == ("", "")


@pytest.mark.parametrize(
    ("country", "part", "said"),
    [("DE", "by", "did you mean 'BY'"), ("DE", "Bayern", "known are"), ("GR", "A", "leave it out")],
)
def test_a_part_that_is_not_known_is_told(country: str, part: str, said: str) -> None:
    assert said in subdivision_fault(country, part)


def test_the_calendar_of_holidays_is_loaded_for_those_who_ask_for_it() -> None:
    code = "import sys, supportaudit.settings.file, supportaudit.auditing.engine; print('holidays' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


# --- properties

WEEKS = st.lists(
    st.lists(
        st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda s: (s[0] * 60, (s[0] + s[1]) * 60)),
        max_size=3,
    ).map(tuple),
    min_size=7,
    max_size=7,
).map(tuple)
SPRING_AND_AUTUMN = [
    *("2026-03-06", "2026-03-27", "2026-04-02", "2026-04-23", "2026-10-02", "2026-10-23", "2026-10-30"),
    *("2026-06-12", "2011-12-28", "1999-12-30"),
]
MINUTES = st.builds(
    lambda day, minutes: int(datetime.fromisoformat(day + "T00:00+00:00").timestamp()) + 60 * minutes,
    st.sampled_from(SPRING_AND_AUTUMN),
    st.integers(0, 4 * 1440),
)
MOMENTS = st.floats(1.5e9, 1.9e9, allow_nan=False)
CLOSED = st.frozensets(
    st.sampled_from(SPRING_AND_AUTUMN).map(lambda day: date.fromisoformat(day) + timedelta(1)), max_size=2
)


@st.composite
def some_hours(draw: st.DrawFn) -> Hours:
    return Hours(ZoneInfo(draw(st.sampled_from(ZONES))), draw(WEEKS), closed=draw(CLOSED))


def open_minutes(hours: Hours, since: int, until: int) -> int:
    """The same counted by looking at the clock on the wall every minute."""
    count = 0
    for now in range(since, until, 60):
        wall = datetime.fromtimestamp(now, hours.zone).replace(tzinfo=None)
        today = wall.replace(hour=0, minute=0, second=0, microsecond=0)
        for begun in (today, today - timedelta(days=1)):
            if begun.date() in hours.closed:
                continue
            seconds = (wall - begun).total_seconds()
            if any(begin <= seconds < end for begin, end in hours.week[begun.weekday()]):
                count += 1
                break
    return count


@given(some_hours(), MINUTES, st.integers(0, 5 * 1440))
@settings(max_examples=80, deadline=None)
def test_it_is_what_one_sees_who_looks_at_the_clock_every_minute(
    hours: Hours, since: int, length: int
) -> None:
    until = since + 60 * length
    assert hours.open_seconds(since, until) == 60 * open_minutes(hours, since, until)


@given(some_hours(), st.lists(MOMENTS, min_size=3, max_size=3).map(sorted))
@settings(max_examples=60, deadline=None)
def test_two_waits_in_a_row_are_as_long_as_both_together(hours: Hours, moments: list[float]) -> None:
    a, b, c = moments
    whole = hours.open_seconds(a, c)
    assert hours.open_seconds(a, b) + hours.open_seconds(b, c) == pytest.approx(whole, abs=1e-4)
    assert whole >= hours.open_seconds(a, b) - 1e-4
    assert 0 <= whole <= c - a


@given(st.sampled_from(ZONES), MOMENTS, MOMENTS)
@settings(max_examples=60, deadline=None)
def test_who_is_always_there_has_all_the_time(zone: str, a: float, b: float) -> None:
    since, until = sorted((a, b))
    assert Hours(ZoneInfo(zone)).open_seconds(since, until) == pytest.approx(until - since, abs=1e-5)


@pytest.mark.parametrize("until", [-1e11, 1e6, 2.5e11, 1e12])
def test_times_beyond_the_calendar_are_no_crash(until: float) -> None:
    hours = Hours(BERLIN, OFFICE, country="DE")
    assert 0 < hours.open_seconds(until - 1e6, until) < 1e6


# --- cost


def test_a_wait_of_ten_years_costs_little() -> None:
    hours = Hours(BERLIN, OFFICE, country="DE", subdivision="BY")
    hours.open_seconds(moment("2015-06-01"), moment("2015-06-02"))  # the library of holidays is loaded
    begun = time.perf_counter()
    total = hours.open_seconds(moment("2016-01-01 12:00"), moment("2026-01-01 12:00"))
    assert time.perf_counter() - begun < 1
    assert 20_000 < total / HOUR < 24_000
    begun = time.perf_counter()
    for n in range(1000):
        hours.open_seconds(moment("2016-01-01 12:00") + n, moment("2026-01-01 12:00"))
    assert time.perf_counter() - begun < 1


def test_hours_are_sent_to_other_processes_without_what_they_remember() -> None:
    hours = Hours(BERLIN, OFFICE, {"chat": ALWAYS}, "DE", "BY", frozenset({date(2026, 3, 3)}), frozenset())
    fresh = len(pickle.dumps(hours))
    before = opened(hours, "2020-01-01 00:00", "2026-01-01 00:00")
    assert len(pickle.dumps(hours)) == fresh
    again = pickle.loads(pickle.dumps(hours))
    assert again == hours
    assert opened(again, "2020-01-01 00:00", "2026-01-01 00:00") == before
