"""Everything a renderer may show, in one value: renderers neither count nor filter nor sort by themselves."""

from collections.abc import Iterable, Sequence

import msgspec

from supportaudit.model import CheckInfo, Finding, InputAccount, RunInfo, SignalInfo
from supportaudit.results.comparison import Comparison
from supportaudit.results.dossier import Dossier
from supportaudit.results.findings import Findings, finding_order
from supportaudit.results.gate import Gate
from supportaudit.results.score import MIN_SAMPLE, Scorecard, make_scorecard
from supportaudit.results.suppressions import Suppressed, SuppressionStatus
from supportaudit.results.tally import Tally, WorstConversation


class Report(msgspec.Struct, frozen=True):
    """One audit. `findings` stand gravest and surest first, `worst` the conversations failed most first."""

    scorecard: Scorecard
    findings: Sequence[Finding]
    worst: tuple[WorstConversation, ...]
    input: InputAccount
    run: RunInfo
    checks: tuple[CheckInfo, ...]
    signals: tuple[SignalInfo, ...] = ()
    gate: Gate = Gate()
    suppressed: tuple[Suppressed, ...] = ()
    comparison: Comparison | None = None
    dossier: Dossier | None = None

    @property
    def stale(self) -> tuple[Suppressed, ...]:
        """The suppressions that did nothing: expired, or nothing to suppress."""
        return tuple(s for s in self.suppressed if s.status is not SuppressionStatus.USED)


def make_report(
    tally: Tally,
    findings: Iterable[Finding],
    account: InputAccount,
    run: RunInfo,
    checks: Sequence[CheckInfo],
    min_sample: int = MIN_SAMPLE,
    signals: Sequence[SignalInfo] = (),
) -> Report:
    """Put an audit's parts together; the same parts give the same report in whatever order findings come."""
    return Report(
        scorecard=make_scorecard(tally, checks, min_sample, signals),
        findings=findings if isinstance(findings, Findings) else tuple(sorted(findings, key=finding_order)),
        worst=tuple(tally.worst),
        input=account,
        run=run,
        checks=tuple(checks),
        signals=tuple(signals),
    )
