"""Intervals against published values; the sketch against exact quantiles."""

import math
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportaudit.results.stats import MARKS, RELATIVE_ERROR, ReplyTimes, Term, weighted_sum, wilson

COUNTS = st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("failed", "n", "low", "high"),
    [
        (10, 100, 0.0552, 0.1744),
        # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_published_values(failed: int, n: int, low: float, high: float) -> None:
    interval = wilson(failed, n)
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


@given(COUNTS)
def test_wilson_holds_the_rate_and_stays_a_share(counts: tuple[int, int]) -> None:
    failed, n = counts
    interval = wilson(failed, n)
    assert 0 <= interval.low <= failed / n <= interval.high <= 1


def test_nothing_judged_means_nothing_known() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_a_difference_of_rates_agrees_with_published_values(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    interval = weighted_sum([Term(1, *first), Term(-1, *second)])
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


@given(st.lists(st.tuples(st.floats(0.1, 5), COUNTS), min_size=1, max_size=11))
def test_a_weighted_sum_lies_in_its_own_interval(parts: list[tuple[float, tuple[int, int]]]) -> None:
    terms = [Term(weight, failed, n) for weight, (failed, n) in parts]
    total = sum(term.factor * term.failed / term.n for term in terms)
    interval = weighted_sum(terms)
    assert interval.low <= total + 1e-12
    assert interval.high >= total - 1e-12


def times_of(seconds: list[float]) -> ReplyTimes:
    times = ReplyTimes()
    for value in seconds:
        times.add(value)
    return times


@given(st.lists(st.floats(1, 3e8), min_size=1, max_size=300), st.floats(0, 1))
def test_quantiles_are_within_the_relative_error(seconds: list[float], q: float) -> None:
    exact = sorted(seconds)[math.floor(q * (len(seconds) - 1))]
    estimate = times_of(seconds).quantile(q)
    assert estimate is not None
    assert abs(estimate - exact) <= RELATIVE_ERROR * exact * (1 + 1e-9)


def test_shares_within_the_marks_are_exact() -> None:
    times = times_of([0, 300, 300.1, 3_600, 86_400, 86_401])
    assert [times.share_within(mark) for mark in MARKS] == [2 / 6, 4 / 6, 5 / 6]
    with pytest.raises(ValueError, match="not 60"):
        times.share_within(60)


def test_no_replies_have_no_median() -> None:
    assert ReplyTimes().quantile(0.5) is None
    assert ReplyTimes().share_within(300) is None


def test_times_beyond_the_buckets_are_counted_at_the_ends() -> None:
    assert times_of([0.0, -3.0]).quantile(1) == pytest.approx(0.98)
    assert times_of([1e12]).count == 1


def test_merged_reply_times_equal_those_counted_at_once() -> None:
    rng = random.Random(1)
    seconds = [rng.lognormvariate(7, 2) for _ in range(1_000)]
    merged = times_of(seconds[:300])
    merged.merge(times_of(seconds[300:]))
    assert merged == times_of(seconds)
    assert msgspec.json.decode(msgspec.json.encode(merged), type=ReplyTimes) == merged
