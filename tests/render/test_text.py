"""Foreign text made harmless, and numbers as people read them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from supportaudit.render.text import (
    count,
    duration,
    first_sentence,
    fit,
    moment,
    percent,
    percent_range,
    plural,
    printable,
)
from supportaudit.results.stats import Interval

JOINERS = "\u200c\u200d"


@given(st.text(st.characters(codec=None)))
def test_nothing_that_acts_on_a_terminal_survives(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    acting = [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    turning = [c for c in shown if unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI")]
    assert not acting
    assert not turning


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\tc  d", "a b c d"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x9b31mred", "31mred"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2028b\x85c", "a b c"),
        ("\ud83dx", "\ufffdx"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
    ],
)
def test_printable(text: str, expected: str) -> None:
    assert printable(text) == expected


@given(st.text(), st.integers(4, 60))
def test_fitted_text_never_takes_more_columns(text: str, cells: int) -> None:
    assert cell_len(fit(text, cells)) <= cells


def test_cuts_show() -> None:
    assert fit("a long sentence", 7) == "a long…"
    assert fit("短い文章です", 7) == "短い文…"
    assert fit("short", 7) == "short"
    assert len(fit("e" + "\u0301" * 10_000, 10)) <= 41


def test_numbers() -> None:
    assert count(1_204) == "1,204"
    assert [plural(n, "row") for n in (0, 1, 2_000)] == ["0 rows", "1 row", "2,000 rows"]
    assert [percent(x) for x in (None, 0, 0.0001, 0.0421, 1)] == ["–", "0.0 %", "<0.1 %", "4.2 %", "100.0 %"]
    assert percent_range(Interval(0.021, 0.08)) == "2.1–8.0"
    assert percent_range(None) == ""
    assert [duration(s) for s in (0.98, 45, 59.7, 3_599, 12_000, 200_000)] == [
        "1 s",
        "45 s",
        "1 min",
        "1.0 h",
        "3.3 h",
        "2.3 d",
    ]


def test_moments_outside_the_calendar_are_no_moments() -> None:
    assert moment(None) is None
    assert moment(1e30) is None
    assert moment(float("nan")) is None
    before = moment(-1.0)
    assert before is not None
    assert before.isoformat() == "1969-12-31T23:59:59+00:00"


def test_first_sentence() -> None:
    assert first_sentence("Send a short answer.\nThen solve.") == "Send a short answer."
    assert first_sentence("No full stop") == "No full stop"
