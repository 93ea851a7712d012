"""The score's formula by a worked example, and groups that are not ranked without cause."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.score.sample import CHECKS, conversations, report_of, tally_of

from supportaudit.model import CheckInfo, Severity
from supportaudit.results.score import Standing, letter, make_scorecard
from supportaudit.results.tally import CheckTally, GroupTally, Tally

DOCS = Path(__file__).parents[2] / "docs" / "scoring.md"


def check(name: str, weight: float) -> CheckInfo:
    return CheckInfo(name, name, Severity.MEDIUM, weight, "", "", "")


def tally(**counts: tuple[int, int]) -> Tally:
    checks = {name: CheckTally(judged=judged, failed=failed) for name, (failed, judged) in counts.items()}
    return Tally(conversations=200, checks=checks)


def test_the_worked_example_of_the_documentation() -> None:
    card = make_scorecard(
        tally(slow=(40, 200), impersonal=(16, 160), rude=(4, 200), silent=(0, 0)),
        (check("slow", 0.5), check("impersonal", 0.25), check("rude", 1), check("silent", 1)),
    )
    assert card.demerits == pytest.approx(0.145)
    assert card.score == round(100 * math.exp(-0.145), 1) == 86.5
    assert card.interval is not None
    assert (card.interval.low, card.interval.high) == (82.7, 89.1)
    assert card.letter == "B"
    assert [c.cost and round(c.cost, 2) for c in card.checks] == [0.69, 0.17, 0.14, 0.0]
    text = DOCS.read_text(encoding="utf-8")
    assert "exp(−0.145) = 86.5" in text
    assert "82.7 to 89.1" in text


@pytest.mark.parametrize(
    ("score", "expected"),
    [(100, "A"), (90, "A"), (89.9, "B"), (70, "C"), (60, "D"), (59.9, "F"), (None, "–")],
)
def test_letters(score: float | None, expected: str) -> None:
    assert letter(score) == expected


def test_nothing_judged_is_no_score_and_no_hundred() -> None:
    card = make_scorecard(Tally(), CHECKS)
    assert (card.score, card.interval, card.letter, card.enough) == (None, None, "–", False)
    assert all(c.rate is None and c.interval is None and c.cost is None for c in card.checks)
    assert (card.segments, card.reply_times) == ({}, ())


def test_few_conversations_are_scored_but_not_graded() -> None:
    card = make_scorecard(tally_of(conversations(8)), CHECKS)
    assert card.score is not None
    assert not card.enough
    assert not any(c.enough for c in card.checks)


def test_a_spotless_sample_scores_100_and_keeps_its_doubt() -> None:
    card = make_scorecard(tally(slow=(0, 50)), (check("slow", 1),))
    assert (card.score, card.interval and card.interval.high) == (100.0, 100.0)
    assert card.interval is not None
    assert card.interval.low < 95


@given(st.dictionaries(st.sampled_from("abcde"), st.tuples(st.integers(0, 30), st.just(30)), min_size=1))
def test_the_score_lies_in_its_interval(counts: dict[str, tuple[int, int]]) -> None:
    card = make_scorecard(tally(**counts), tuple(check(name, 2) for name in counts))
    assert card.score is not None
    assert card.interval is not None
    assert 0 <= card.interval.low <= card.score <= card.interval.high <= 100


def test_a_check_without_description_is_refused_and_not_lost() -> None:
    with pytest.raises(ValueError, match="slow"):
        make_scorecard(tally(slow=(0, 1)), ())


def standings(**groups: tuple[int, int]) -> dict[str, Standing]:
    agents = {
        name: GroupTally(conversations=n, failing=failing) for name, (failing, n) in sorted(groups.items())
    }
    card = make_scorecard(Tally(conversations=1_000, groups={"agent": agents}), ())
    segments = card.segments["agent"]
    assert [s.value for s in segments] == sorted(groups), "by name, which is no ranking"
    return {s.value: s.standing for s in segments}


def test_agents_whose_rates_may_be_chance_are_not_told_apart() -> None:
    assert set(standings(ana=(5, 40), ben=(8, 40), eva=(11, 40)).values()) == {Standing.ALIKE}


def test_an_agent_far_from_all_the_others_stands_out() -> None:
    found = standings(ana=(30, 100), ben=(28, 100), eva=(31, 100), max=(70, 100), zoe=(2, 100))
    assert found == {
        "ana": Standing.ALIKE,
        "ben": Standing.ALIKE,
        "eva": Standing.ALIKE,
        "max": Standing.WORSE,
        "zoe": Standing.BETTER,
    }


def test_many_comparisons_need_more_proof() -> None:
    """A difference that stands out alone does not among forty groups."""
    pair = standings(ana=(11, 50), rest=(500, 5_000))
    forty = standings(ana=(11, 50), **{f"agent{i}": (13, 130) for i in range(39)})
    assert pair["ana"] is Standing.WORSE
    assert forty["ana"] is Standing.ALIKE


def test_small_groups_are_not_compared_and_a_single_group_has_no_others() -> None:
    assert standings(ana=(9, 9), ben=(0, 50))["ana"] is Standing.TOO_FEW
    assert standings(ana=(20, 50)) == {"ana": Standing.ALIKE}


def test_a_dimension_that_the_export_never_gives_is_left_out() -> None:
    segments = make_scorecard(tally_of(conversations(50)), CHECKS).segments
    assert "brand" not in segments
    assert [s.value for s in segments["channel"]] == ["", "chat", "email"]


def test_findings_stand_gravest_and_surest_first_in_whatever_order_they_come() -> None:
    items = conversations(60)
    report = report_of(items)
    assert report == report_of(items[::-1])
    keys = [(-f.severity.rank, -f.confidence) for f in report.findings]
    assert keys == sorted(keys)
