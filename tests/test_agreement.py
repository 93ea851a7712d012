"""Agreement between verdicts: known values, weights, intervals that hold the value."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportaudit.calibration.agreement import Counts, Pair, agreement, f1, kappa, precision, recall


def test_the_textbook_example_of_kappa() -> None:
    """Cohen's own way of counting: 20 and 15 of 50 agree, 5 and 10 differ: kappa 0.4."""
    counts = Counts(both=20, only_ours=5, only_theirs=10, neither=15)
    assert kappa(counts) == pytest.approx(0.4)
    assert precision(counts) == pytest.approx(20 / 25)
    assert recall(counts) == pytest.approx(20 / 30)
    assert f1(counts) == pytest.approx(2 * 0.8 * (2 / 3) / (0.8 + 2 / 3))


def test_what_nothing_defines_is_not_a_number() -> None:
    nothing_found = agreement([Pair("a", False, False), Pair("b", False, False)])
    assert nothing_found.precision.value is None and nothing_found.precision.interval is None
    assert nothing_found.kappa.value is None
    assert agreement([]).pairs == 0


def test_a_weight_stands_for_so_many_pairs() -> None:
    heavy = agreement(
        [Pair("a", True, True, 3.0), Pair("b", True, False), Pair("c", False, True, 9.0)], rounds=10
    )
    assert heavy.precision.value == pytest.approx(3 / 4)
    assert heavy.recall.value == pytest.approx(3 / 12)
    assert heavy.pairs == 3


pairs = st.lists(
    st.builds(Pair, st.sampled_from("abcdefgh"), st.booleans(), st.booleans()), min_size=1, max_size=40
)


@settings(deadline=None, max_examples=60)
@given(pairs)
def test_measures_lie_in_their_intervals_and_the_same_input_gives_the_same(drawn: list[Pair]) -> None:
    found = agreement(drawn, rounds=100)
    assert found == agreement(reversed(drawn), rounds=100)
    for measure, low in ((found.precision, 0), (found.recall, 0), (found.f1, 0), (found.kappa, -1)):
        if measure.value is not None:
            assert low <= measure.value <= 1
        if measure.interval is not None:
            assert low <= measure.interval.low <= measure.interval.high <= 1


def test_conversations_not_pairs_are_drawn_anew() -> None:
    """Twenty verdicts of one conversation are one observation: there is nothing to vary."""
    one = agreement([Pair("a", True, n % 2 == 0) for n in range(20)])
    many = agreement([Pair(str(n), True, n % 2 == 0) for n in range(20)])
    assert one.precision.interval is not None and many.precision.interval is not None
    assert one.precision.interval.low == one.precision.interval.high == 0.5
    assert many.precision.interval.low < 0.4 < 0.6 < many.precision.interval.high
