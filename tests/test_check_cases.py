"""Every check says of its own `cases.yaml` exactly what the cases say must and must not be found."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
import yaml

from supportaudit.auditing.casefile import Case, load_cases
from supportaudit.auditing.registry import ORDER, builtin_dir, check_named
from supportaudit.model import Finding, Outcome, Status

CHECKS = builtin_dir()


@cache
def cases_of(check: str) -> tuple[Case, ...]:
    return load_cases(CHECKS / check)


def pasteable(outcome: Outcome) -> str:
    """What was found, in the form in which `cases.yaml` writes it."""
    if not outcome.findings:
        return f"# {outcome.status}: no findings {outcome.reason}".rstrip()
    return yaml.safe_dump(
        {"finds": [_entry(finding) for finding in outcome.findings]},
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=None,
        width=140,
    )


def _entry(finding: Finding) -> Mapping[str, Any]:
    return {
        "at": list(finding.messages),
        "quote": finding.quote,
        "severity": str(finding.severity),
        "basis": str(finding.basis),
        "agent": finding.agent,
        "says": finding.reason,
    }


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=f"{case.check}: {case.name}") for check in ORDER for case in cases_of(check)],
)
def test_a_case_is_judged_as_it_says(case: Case) -> None:
    outcome = case.audit(check_named(case.check))
    expected = Status.FAILED if case.finds else Status.PASSED
    faults = case.mismatches(outcome.findings)
    if outcome.status is not expected:
        faults.insert(0, f"expected the check to say '{expected}', it says '{outcome.status}'")
    if faults:
        pytest.fail("\n".join([*faults, "actual:", pasteable(outcome)]), pytrace=False)


@pytest.mark.parametrize("check", ORDER)
def test_a_check_has_cases_of_both_kinds(check: str) -> None:
    cases = cases_of(check)
    assert len(cases) >= 8
    assert any(case.finds for case in cases)
    assert any(not case.finds for case in cases)
