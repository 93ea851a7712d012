"""Several audits in a row: does a rate rise or fall over them?

The Cochran-Armitage test (Armitage 1955, Biometrics 11:375-386) for a trend in proportions, periods one apart,
two-sided, with Holm's correction over all checks, at the 5 % level. It sees the slow drift that no two weeks alone
would show.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

import msgspec

from supportaudit.results.comparison import LEVEL, MIN_EXPECTED, CheckCounts, Movement, Period, holm
from supportaudit.results.score import MIN_GROUP

MIN_PERIODS = 3
"""With fewer, two audits are compared with each other."""


class CheckTrend(msgspec.Struct, frozen=True):
    """One check over all periods; None in `counts` where a period did not run it.

    `p` is the test's, `adjusted` Holm's; both None where there is too little to test.
    """

    check: str
    counts: tuple[CheckCounts | None, ...]
    movement: Movement
    p: float | None = None
    adjusted: float | None = None


class Trend(msgspec.Struct, frozen=True):
    """Periods in the order they were given, and how each check moved over them."""

    periods: tuple[Period, ...]
    checks: tuple[CheckTrend, ...]


def trend_of(periods: Sequence[Period]) -> Trend:
    """The trend of every check that any period ran."""
    names = list(dict.fromkeys(check for period in periods for check in period.checks))
    counts = {name: tuple(period.checks.get(name) for period in periods) for name in names}
    tested = {name: _test(of) for name, of in counts.items()}
    adjusted = holm({name: p for name, (p, _) in tested.items() if p is not None})
    return Trend(
        tuple(periods),
        tuple(_trend(name, counts[name], *tested[name], adjusted.get(name)) for name in names),
    )


def _trend(
    check: str, counts: tuple[CheckCounts | None, ...], p: float | None, z: float, adjusted: float | None
) -> CheckTrend:
    movement = Movement.ALIKE
    if adjusted is None:
        movement = Movement.TOO_FEW
    elif adjusted < LEVEL:
        movement = Movement.WORSE if z > 0 else Movement.BETTER
    return CheckTrend(check, counts, movement, p, adjusted)


def _test(counts: Sequence[CheckCounts | None]) -> tuple[float | None, float]:
    """The two-sided p and the z of the trend; (None, 0) where there is too little."""
    known = [(place, c) for place, c in enumerate(counts) if c is not None and c.judged >= MIN_GROUP]
    n = sum(c.judged for _, c in known)
    failed = sum(c.failed for _, c in known)
    if len(known) < MIN_PERIODS or failed in (0, n):
        return None, 0.0
    pooled = failed / n
    if min(c.judged for _, c in known) * min(pooled, 1 - pooled) < MIN_EXPECTED:
        return None, 0.0
    shift = math.fsum(place * (c.failed - c.judged * pooled) for place, c in known)
    spread = math.fsum(c.judged * place**2 for place, c in known)
    spread -= math.fsum(c.judged * place for place, c in known) ** 2 / n
    z = shift / math.sqrt(pooled * (1 - pooled) * spread)
    return 2 * (1 - NormalDist().cdf(abs(z))), z
