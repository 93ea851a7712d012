"""The laws that let one machine and a cluster give the same bytes, and who a failure counts against."""

import copy
import random

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.score.sample import conversations, tally_of

from supportaudit.model import Audited, Basis, Finding, Observation, Outcome, Severity, Status
from supportaudit.results.tally import KEPT_WORST, Tally

NAMES = st.sampled_from(("", "Ana", "Ben", "Χλόη", "\ud83d"))
TIMES = st.none() | st.floats(-1e9, 3e9)


@st.composite
def outcomes(draw: st.DrawFn, check: str) -> Outcome:
    status = draw(st.sampled_from(Status))
    findings = tuple(
        Finding(
            check=check,
            conversation_id="T",
            messages=(),
            quote="",
            reason="",
            severity=draw(st.sampled_from(Severity)),
            confidence=1.0,
            basis=Basis.OBSERVED,
            agent=draw(st.none() | NAMES),
        )
        for _ in range(draw(st.integers(0, 2)) if status is Status.FAILED else 0)
    )
    return Outcome(check, status, findings, draw(st.sampled_from(("", "no clock"))))


@st.composite
def audits(draw: st.DrawFn) -> Audited:
    checks = draw(st.lists(st.sampled_from(("slow-reply", "rudeness", "arguing")), unique=True))
    return Audited(
        conversation_id=draw(st.sampled_from(("T-1", "T-2", "T-3"))),
        outcomes=tuple(draw(outcomes(check)) for check in checks),
        channel=draw(st.sampled_from(("", "chat", "e\udc00mail"))),
        team=draw(NAMES),
        week=draw(st.sampled_from(("2026-W01", "2026-W02"))),
        agents=tuple(draw(st.lists(NAMES, unique=True, max_size=3))),
        messages=draw(st.integers(0, 20)),
        first_at=draw(TIMES),
        last_at=draw(TIMES),
        first_response=draw(st.none() | st.floats(0, 1e7)),
        next_responses=tuple(draw(st.lists(st.floats(0, 1e7), max_size=3))),
    )


@given(st.lists(audits(), max_size=12), st.integers(1, 5), st.randoms())
def test_any_split_in_any_order_gives_the_same_bytes(
    items: list[Audited], shards: int, rng: random.Random
) -> None:
    whole = tally_of(items).encode()
    shuffled = rng.sample(items, len(items))
    parts = [Tally.decode(tally_of(shuffled[i::shards]).encode()) for i in range(shards)]
    rng.shuffle(parts)
    while len(parts) > 1:  # merged as a tree of random shape
        left = parts.pop(rng.randrange(len(parts)))
        parts[rng.randrange(len(parts))].merge(left)
    assert parts[0].encode() == whole


def test_examples_are_chosen_by_the_ids_that_are_kept() -> None:
    """An id with half a surrogate pair sorts elsewhere once it is written as "?"."""
    seen = tuple(Observation("signed-replies", 1, 1, ("m1",), "-", name) for name in ("Ana", "Ben"))
    item = msgspec.structs.replace(conversations(1)[0], conversation_id="\ud83d", observations=seen)
    parts = tally_of([item, item])
    parts.merge(tally_of([item, item]))
    assert parts.encode() == tally_of([item] * 4).encode()


@given(audits())
def test_an_empty_tally_changes_nothing(item: Audited) -> None:
    tally, empty = tally_of([item]), Tally()
    before = tally.encode()
    tally.merge(Tally())
    empty.merge(tally)
    assert tally.encode() == empty.encode() == before


def test_merging_leaves_the_other_tally_alone() -> None:
    items = conversations(40)
    first, second = tally_of(items[:20]), tally_of(items[20:])
    kept = copy.deepcopy(second)
    merged = Tally()
    merged.merge(second)
    merged.merge(first)
    assert second == kept


def test_a_large_sample_in_shards_keeps_the_same_worst_conversations() -> None:
    items = conversations(400)
    whole = tally_of(items)
    merged = Tally()
    for start in range(0, 400, 37):
        merged.merge(tally_of(items[start : start + 37]))
    assert merged.encode() == whole.encode()
    assert len(whole.worst) == KEPT_WORST
    assert whole.worst == sorted(whole.worst)


def failure(check: str, *agents: str | None, severity: Severity = Severity.HIGH) -> Outcome:
    findings = tuple(
        Finding(check, "T-1", ("m1",), "", "", severity, 1.0, Basis.OBSERVED, agent) for agent in agents
    )
    return Outcome(check, Status.FAILED, findings)


def test_a_failure_counts_only_against_the_agent_it_names() -> None:
    item = Audited(
        "T-1",
        (failure("rudeness", "Ben", None), failure("slow-reply", None), Outcome("arguing", Status.PASSED)),
        agents=("Ana", "Ben"),
    )
    agents = tally_of([item]).groups["agent"]
    assert (agents["Ana"].conversations, agents["Ana"].failing, agents["Ana"].failed) == (1, 0, {})
    assert (agents["Ben"].failing, agents["Ben"].failed) == (1, {"rudeness": 1})
    assert agents["Ana"].judged == {"rudeness": 1, "slow-reply": 1, "arguing": 1}


def test_outcomes_are_counted_by_kind() -> None:
    item = Audited(
        "T-1",
        (
            Outcome("arguing", Status.NOT_APPLICABLE, reason="no clock"),
            Outcome("rudeness", Status.ERROR, reason="KeyError"),
            failure("slow-reply", None),
        ),
        messages=3,
    )
    tally = tally_of([item, item])
    assert (tally.conversations, tally.messages, tally.failing) == (2, 6, 2)
    assert (tally.checks["arguing"].judged, tally.checks["arguing"].not_applicable) == (0, {"no clock": 2})
    assert (tally.checks["rudeness"].judged, tally.checks["rudeness"].errors) == (0, {"KeyError": 2})
    assert (tally.checks["slow-reply"].failed, tally.checks["slow-reply"].failed_by_severity) == (
        2,
        {"high": 2},
    )
    assert tally.groups["channel"][""].judged == {"slow-reply": 2}
