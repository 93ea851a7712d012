"""Two audits side by side: which failures are new, gone or still there, and which rates really moved.

A rate moved only if chance hardly explains the difference: the two-proportion test in its "N - 1" form (Campbell 2007,
Statistics in Medicine 26:3661-3675, recommended wherever all expected counts are 1 or more), two-sided, with Holm's
correction (Holm 1979, Scandinavian Journal of Statistics 6:65-70) over all checks compared, at the 5 % level. The
interval of the difference is Newcombe's. docs/gate.md explains both.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import accumulate
from statistics import NormalDist

import msgspec

from supportaudit.model import Severity
from supportaudit.results.score import MIN_GROUP
from supportaudit.results.stats import Interval, Term, weighted_sum

LEVEL = 0.05
"""The chance of calling any of the rates changed although none is."""

MIN_EXPECTED = 1.0
"""The least expected count of the test; with less it says nothing."""


class CheckCounts(msgspec.Struct, frozen=True):
    """One check in one audit: conversations judged, and how many of them failed."""

    judged: int
    failed: int


class Failure(msgspec.Struct, frozen=True, order=True):
    """A conversation that failed a check; `severity` is that of its gravest finding."""

    conversation_id: str
    check: str
    severity: Severity = Severity.LOW


class Period(msgspec.Struct, frozen=True):
    """What of an audit can be compared. `name` is for people, `began` and `ended` are seconds since 1970."""

    name: str
    conversations: int
    score: float | None
    interval: Interval | None
    checks: Mapping[str, CheckCounts]
    failures: tuple[Failure, ...] = ()
    began: float | None = None
    ended: float | None = None


class Movement(StrEnum):
    """How a rate stands against the earlier one."""

    WORSE = "worse"
    BETTER = "better"
    ALIKE = "cannot-tell-apart"
    TOO_FEW = "too-few"


class Change(msgspec.Struct, frozen=True):
    """One check in two audits.

    `difference` is the new rate less the old, `interval` its 95 % interval. `p` is the test's, `adjusted` Holm's over
    all checks compared; both None where there are too few conversations for the test.
    """

    check: str
    before: CheckCounts
    after: CheckCounts
    movement: Movement
    difference: float | None = None
    interval: Interval | None = None
    p: float | None = None
    adjusted: float | None = None


class Comparison(msgspec.Struct, frozen=True):
    """An audit against an earlier one.

    `new` failures are not in the earlier one, `gone` are not in this one, `still` are in both, the
    gravest first. Where many conversations are in both, the two are not independent, and the test is too sure.
    """

    before: Period
    after: Period
    changes: tuple[Change, ...]
    new: tuple[Failure, ...]
    gone: tuple[Failure, ...]
    still: tuple[Failure, ...]

    @property
    def worse(self) -> tuple[Change, ...]:
        """The checks whose rate rose by more than chance explains."""
        return tuple(c for c in self.changes if c.movement is Movement.WORSE)


def compare(before: Period, after: Period) -> Comparison:
    """Compare two audits, check by check and failure by failure; a check that only one of them ran is left out."""
    shared = [check for check in after.checks if check in before.checks]
    ps = {check: _p(before.checks[check], after.checks[check]) for check in shared}
    adjusted = holm({check: p for check, p in ps.items() if p is not None})
    earlier = {(f.conversation_id, f.check) for f in before.failures}
    later = {(f.conversation_id, f.check) for f in after.failures}
    return Comparison(
        before=before,
        after=after,
        changes=tuple(
            _change(check, before.checks[check], after.checks[check], ps[check], adjusted.get(check))
            for check in shared
        ),
        new=_sorted(f for f in after.failures if (f.conversation_id, f.check) not in earlier),
        gone=_sorted(f for f in before.failures if (f.conversation_id, f.check) not in later),
        still=_sorted(f for f in after.failures if (f.conversation_id, f.check) in earlier),
    )


def _sorted(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    return tuple(sorted(failures, key=lambda f: (-f.severity.rank, f.check, f.conversation_id)))


def _change(
    check: str, before: CheckCounts, after: CheckCounts, p: float | None, adjusted: float | None
) -> Change:
    if not before.judged or not after.judged:
        return Change(check, before, after, Movement.TOO_FEW)
    difference = after.failed / after.judged - before.failed / before.judged
    interval = weighted_sum(
        (Term(1, after.failed, after.judged), Term(-1, before.failed, before.judged)), 1 - LEVEL
    )
    movement = Movement.ALIKE
    if adjusted is None:
        movement = Movement.TOO_FEW
    elif adjusted < LEVEL:
        movement = Movement.WORSE if difference > 0 else Movement.BETTER
    return Change(check, before, after, movement, difference, interval, p, adjusted)


def _p(before: CheckCounts, after: CheckCounts) -> float | None:
    """The two-sided p of the "N - 1" test; None for groups too small or an expected count under `MIN_EXPECTED`."""
    n = before.judged + after.judged
    failed = before.failed + after.failed
    if min(before.judged, after.judged) < MIN_GROUP:
        return None
    least = min(before.judged, after.judged) * min(failed, n - failed) / n
    if least < MIN_EXPECTED:
        return None
    pooled = failed / n
    spread = math.sqrt(pooled * (1 - pooled) * (1 / before.judged + 1 / after.judged))
    z = (after.failed / after.judged - before.failed / before.judged) / spread * math.sqrt((n - 1) / n)
    return 2 * (1 - NormalDist().cdf(abs(z)))


def holm(ps: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down adjustment: with it, calling changed what is under `LEVEL` errs anywhere at most so often."""
    ranked: Sequence[tuple[str, float]] = sorted(ps.items(), key=lambda item: item[1])
    steps = accumulate(((len(ranked) - n) * p for n, (_, p) in enumerate(ranked)), max)
    return {check: min(1.0, p) for (check, _), p in zip(ranked, steps, strict=True)}
