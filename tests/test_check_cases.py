"""Every check says of its own `cases.yaml` exactly what the cases say must and must not be found."""

from functools import cache

import pytest

from supportaudit.auditing.casefile import Case, load_cases, pasteable
from supportaudit.auditing.registry import ORDER, builtin_dir, check_named

CHECKS = builtin_dir()


@cache
def cases_of(check: str) -> tuple[Case, ...]:
    return load_cases(CHECKS / check)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=f"{case.check}: {case.name}") for check in ORDER for case in cases_of(check)],
)
def test_a_case_is_judged_as_it_says(case: Case) -> None:
    outcome = case.audit(check_named(case.check))
    faults = case.faults(outcome)
    if faults:
        pytest.fail("\n".join([*faults, "actual:", pasteable(outcome)]), pytrace=False)


@pytest.mark.parametrize("check", ORDER)
def test_a_check_has_cases_of_both_kinds(check: str) -> None:
    cases = cases_of(check)
    assert len(cases) >= 8
    assert any(case.finds for case in cases)
    assert any(not case.finds for case in cases)
