"""Stamps with one reading are read; stamps with two are refused."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from supportaudit.errors import InputError, SettingsError
from supportaudit.read.account import RowFaultError
from supportaudit.read.timestamps import StampReader, load_zone, settle_order


def utc(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("stamp", "want"),
    [
        ("2024-05-06T08:02:11Z", utc(2024, 5, 6, 8, 2, 11)),
        ("2024-05-06T08:02:11.000+02:00", utc(2024, 5, 6, 6, 2, 11)),
        ("2024-05-06 08:02:11 +0200", utc(2024, 5, 6, 6, 2, 11)),
        ("2017-10-31 21:45:10 UTC", utc(2017, 10, 31, 21, 45, 10)),
        ("20240506T080211Z", utc(2024, 5, 6, 8, 2, 11)),
        ("20240506", utc(2024, 5, 6)),
        ("1714980000", 1714980000.0),
        ("1714980000123", 1714980000.123),
        ("1714980000123456", 1714980000.123456),
        ("1701292649.333", 1701292649.333),
        ("1355517523.000005", 1355517523.000005),
        ("Wed Oct 11 06:55:44 +0000 2017", utc(2017, 10, 11, 6, 55, 44)),
        ("Wed, 11 Oct 2017 06:55:44 +0000", utc(2017, 10, 11, 6, 55, 44)),
        ("Wed, 11 Oct 2017 06:55:44 -0500 (CDT)", utc(2017, 10, 11, 11, 55, 44)),
        ("31.01.2026 9:05", utc(2026, 1, 31, 9, 5)),
        ("5.6.2026", utc(2026, 6, 5)),
        ("12/31/2026 12:00 AM", utc(2026, 12, 31)),
        ("12/31/2026 12:30 p.m.", utc(2026, 12, 31, 12, 30)),
        ("12/31/2026, 9:15\u202fPM", utc(2026, 12, 31, 21, 15)),
        ("31st December 2026 at 9pm", utc(2026, 12, 31, 21)),
        ("2026/1/2 03:04", utc(2026, 1, 2, 3, 4)),
        ("2024-05-06 10:00 PST", utc(2024, 5, 6, 18)),
    ],
)
def test_known_forms(stamp: str, want: float) -> None:
    assert StampReader()(stamp) == pytest.approx(want, abs=1e-6)


@pytest.mark.parametrize(
    ("stamp", "reason"),
    [
        ("03/04/2026 10:00", "two ways"),
        ("10:00 03/04/2026", "two ways"),
        ("1970-01-01T00:00:00Z", "1995–2100"),
        ("2101-01-01", "1995–2100"),
        ("0", "1995–2100"),
        ("45233.4", "1995–2100"),
        ("1.71498E+09", "spreadsheet"),
        ("2024-02-30", "cannot be read"),
        ("yesterday", "cannot be read"),
        ("10:30", "cannot be read"),
        ("Monday", "cannot be read"),
        ("May 2024", "cannot be read"),
        ("2024-05-06 10:00 IST", "no one zone"),
        ("13:00 PM 31/12/2026", "cannot be read"),
        ("n/a", "cannot be read"),
        ("9" * 31 + " M", "cannot be read"),  # minutes beyond what the library's decimals hold
    ],
)
def test_refused_forms(stamp: str, reason: str) -> None:
    with pytest.raises(RowFaultError) as fault:
        StampReader()(stamp)
    assert reason in f"{fault.value.kind} {fault.value.detail}"
    assert stamp[:40] in fault.value.detail or "IST" in fault.value.detail


def test_the_reason_quotes_forty_characters_and_escapes_control_ones() -> None:
    with pytest.raises(RowFaultError) as fault:
        StampReader()("\x1b[31m" + "x" * 80)
    assert fault.value.detail.isprintable()
    assert fault.value.detail.count("x") <= 40


def test_a_zone_setting_is_used_for_bare_stamps_only() -> None:
    reader = StampReader(load_zone("Europe/Athens"))
    assert reader("2026-01-10 10:00") == utc(2026, 1, 10, 8)
    assert reader("2026-07-10 10:00") == utc(2026, 7, 10, 7)
    assert reader("2026-07-10T10:00Z") == utc(2026, 7, 10, 10)
    # The hour that occurs twice is taken the first time.
    twice = datetime(2026, 10, 25, 3, 30, tzinfo=ZoneInfo("Europe/Athens"))
    assert reader("2026-10-25 03:30") == twice.timestamp()
    assert not reader.saw_no_zone


def test_bare_stamps_without_a_setting_are_remarked() -> None:
    reader = StampReader()
    reader("2026-01-10T10:00Z")
    assert not reader.saw_no_zone
    reader("2026-01-10 10:00")
    assert reader.saw_no_zone


@pytest.mark.parametrize("name", ["Europe/Athns", "athens", "", "../../etc/passwd", "Nowhere/At All", "\0"])
def test_unknown_zones_are_refused(name: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_zone(name)
    if "th" in name.lower() and "/e" not in name:
        assert "Europe/Athens" in error.value.hint


def test_order_is_read_from_a_number_above_twelve() -> None:
    order = settle_order([(2, "03/04/2026"), (3, "31/01/2026")], "a.csv")
    assert order.day_first is True
    assert 'line 3 says "31/01/2026"' in order.note
    assert settle_order([(2, "3-4-2026 10:00"), (3, "1-31-2026 9:00")], "a.csv").day_first is False


def test_order_is_looked_for_beyond_the_sample() -> None:
    stamps = [(n, "03/04/2026") for n in range(2, 5000)] + [(5000, "13/04/2026")]
    assert settle_order(stamps, "a.csv").day_first is True


def test_order_left_open_is_refused() -> None:
    with pytest.raises(InputError) as error:
        settle_order([(2, "03/04/2026"), (3, "05/05/2026")], "a.csv")
    assert '"03/04/2026" can be read two ways' in error.value.message
    assert "--day-first" in error.value.hint


def test_two_orders_in_one_file_are_refused() -> None:
    with pytest.raises(InputError, match="two orders"):
        settle_order([(2, "31/01/2026"), (3, "01/31/2026")], "a.csv")


@pytest.mark.parametrize("stamp", ["2024-05-06", "06.05.2024", "05/05/2024", "1714980000", "hello", ""])
def test_order_does_not_matter_to_other_stamps(stamp: str) -> None:
    assert settle_order([(2, stamp)], "a.csv").day_first is None


def test_a_contradicting_date_is_refused() -> None:
    reader = StampReader(day_first=True)
    assert reader("03/04/2026") == utc(2026, 4, 3)
    with pytest.raises(RowFaultError, match="contradicts"):
        reader("04/13/2026")


def test_the_hour_in_which_clocks_change_is_read_as_the_first_and_counted() -> None:
    read = StampReader(load_zone("Europe/Athens"))
    # Clocks go back at 04:00 on 25 October 2026 and forward at 03:00 on 29 March 2026.
    before, twice, after = map(read, ("2026-10-25 02:30", "2026-10-25 03:30", "2026-10-25 04:30"))
    assert (twice - before, after - twice) == (3600, 7200)
    assert read.doubtful == 1
    assert read("2026-03-29 04:10") - read("2026-03-29 02:50") == 20 * 60
    assert read.doubtful == 1
    read("2026-03-29 03:30")  # there was no such time
    assert read.doubtful == 2
