"""What `supportaudit report` does: from exports or earlier results to one page, and what is beside it."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from supportaudit.address import Address
from supportaudit.auditing.intake import Progress
from supportaudit.auditing.scan import Engine, ScanSettings, scan
from supportaudit.errors import SettingsError
from supportaudit.results.comparison import Period, compare
from supportaudit.results.readback import is_result, read_report
from supportaudit.results.report import Report
from supportaudit.results.saved import period_of, read_result


class Paged(msgspec.Struct, frozen=True):
    """A report for a page, and the audits before it, oldest first."""

    report: Report
    earlier: tuple[Period, ...] = ()


def gather(
    given: Sequence[Path | Address],
    settings: ScanSettings,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Paged:
    """Audit the exports among those given, read back the results among them.

    Exports are the page, and all results stand before it; of results alone the newest is the page. The comparison is
    with the baseline if there is one, else with the newest of those before.
    """
    results = [one for one in given if isinstance(one, Path) and is_result(one)]
    exports = [one for one in given if one not in results]
    if exports:
        report, before = scan(exports, settings, progress, engine), results
    else:
        report, before = _newest(results, settings)
    earlier = tuple(sorted(map(read_result, before), key=_age))
    return Paged(_compared(report, earlier, settings.baseline), earlier)


def _newest(results: Sequence[Path], settings: ScanSettings) -> tuple[Report, list[Path]]:
    if settings.select or settings.ignore or settings.since is not None or settings.until is not None:
        raise SettingsError(
            "a result is shown as it was judged: --select, --ignore, --since and --until need an export",
            hint="Name the export instead of the JSON result.",
        )
    if not results:
        raise SettingsError("name an export, or JSON results of earlier scans")
    ordered = sorted(results, key=lambda path: _age(read_result(path)))
    return read_report(ordered[-1]), ordered[:-1]


def _age(period: Period) -> tuple[float, float]:
    """Order in time; audits without any clock stand first, in the order they were named."""
    return (period.ended or 0.0, period.began or 0.0)


def _compared(report: Report, earlier: Sequence[Period], baseline: Path | None) -> Report:
    before = read_result(baseline) if baseline is not None else earlier[-1] if earlier else None
    if before is None:
        return report
    return msgspec.structs.replace(report, comparison=compare(before, period_of(report, "this audit")))
