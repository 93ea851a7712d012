"""Findings come back in one order, whether they fit in memory or not."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportaudit.model import Basis, Finding, Severity
from supportaudit.results.findings import Findings, Gathered, finding_order

FINDINGS = st.builds(
    Finding,
    check=st.sampled_from(["arguing", "slow-reply"]),
    conversation_id=st.sampled_from("abcdef"),
    messages=st.lists(st.sampled_from(["m1", "m2"]), min_size=1, max_size=2).map(tuple),
    quote=st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    reason=st.just("why"),
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from([0.6, 0.75, 0.9]),
    basis=st.sampled_from(Basis),
    agent=st.none() | st.just("Ana"),
    at=st.none() | st.floats(0, 2e9),
    line=st.integers(0, 3),
)
PARTS = st.lists(st.lists(FINDINGS, max_size=12), max_size=6)


@given(PARTS, st.integers(0, 8))
def test_parts_come_back_as_one_in_order(parts: list[list[Finding]], few: int) -> None:
    gathered = Gathered(few)
    for part in parts:
        gathered.add(part)
    found = gathered.all()
    wanted = tuple(sorted(chain(*parts), key=finding_order))
    assert tuple(found) == wanted
    assert tuple(zip(found, found, strict=True)) == tuple(zip(wanted, wanted, strict=True)), (
        "read twice at once"
    )
    assert len(found) == len(wanted)
    assert bool(found) is bool(wanted)
    assert found == wanted
    assert found[:3] == wanted[:3]
    assert found[::-2] == wanted[::-2]
    assert found[2:1:-1] == wanted[2:1:-1]
    if wanted:
        assert (found[0], found[-1]) == (wanted[0], wanted[-1])
        assert found != wanted[1:]
    with pytest.raises(IndexError):
        found[len(wanted)]


@given(st.lists(FINDINGS, max_size=30))
def test_chunks_do_not_show(findings: list[Finding]) -> None:
    found = Findings()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("supportaudit.results.findings._CHUNK", 4)
        found.keep([])
        found.keep(sorted(findings, key=finding_order))
    assert list(found) == sorted(findings, key=finding_order)
