"""Results read back: what `scan --format json` wrote, as far as it can be compared with another."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from supportaudit.errors import InputError
from supportaudit.model import Severity
from supportaudit.results.comparison import CheckCounts, Failure, Period
from supportaudit.results.report import Report
from supportaudit.results.stats import Interval

MAJOR = "1"
"""The schema version whose results can be read, to the first dot."""


# What a file raises that is none, holds a time that is none, or nests beyond reason.
_FAULTS = (msgspec.DecodeError, ValueError, OverflowError, OSError, RecursionError)


class _Check(msgspec.Struct):
    check: str
    judged: int
    failed: Annotated[int, msgspec.Meta(ge=0)]

    def __post_init__(self) -> None:
        if self.failed > self.judged:
            raise ValueError("more conversations failed than were judged")


class _Card(msgspec.Struct):
    score: float | None
    interval: tuple[float, float] | None
    conversations: int
    checks: list[_Check]
    first_at: str | None = None
    last_at: str | None = None


class _Finding(msgspec.Struct):
    check: str
    conversation_id: str
    severity: Severity


class _Result(msgspec.Struct):
    schema_version: str
    scorecard: _Card
    findings: list[_Finding]


class _Version(msgspec.Struct):
    schema_version: str


def read_result(path: Path) -> Period:
    """A result that `scan` wrote. Raises `InputError` for a file that is none, or of another schema."""
    hint = "Write one with `supportaudit scan EXPORT --format json -o last.json`."
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}", hint=hint) from error
    try:
        version = msgspec.json.decode(data, type=_Version).schema_version
        if version.split(".")[0] != MAJOR:
            raise InputError(
                f"{path}: has schema version {version!r}, and {MAJOR}.x is read",
                hint="Audit the export anew.",
            )
        return _period(path.name, msgspec.json.decode(data, type=_Result))
    except _FAULTS as error:
        raise InputError(f"{path}: is no result of supportaudit ({error})", hint=hint) from error


def _period(name: str, result: _Result) -> Period:
    card = result.scorecard
    return Period(
        name=name,
        conversations=card.conversations,
        score=card.score,
        interval=Interval(*card.interval) if card.interval is not None else None,
        checks={c.check: CheckCounts(c.judged, c.failed) for c in card.checks},
        failures=_failures((f.conversation_id, f.check, f.severity) for f in result.findings),
        began=_seconds(card.first_at),
        ended=_seconds(card.last_at),
    )


def period_of(report: Report, name: str) -> Period:
    """What of a report can be compared."""
    card = report.scorecard
    return Period(
        name=name,
        conversations=card.conversations,
        score=card.score,
        interval=card.interval,
        checks={c.check: CheckCounts(c.judged, c.failed) for c in card.checks},
        failures=_failures((f.conversation_id, f.check, f.severity) for f in report.findings),
        began=card.first_at,
        ended=card.last_at,
    )


def _failures(findings: Iterable[tuple[str, str, Severity]]) -> tuple[Failure, ...]:
    """The failed pairs of conversation and check, each with its gravest severity."""
    gravest: dict[tuple[str, str], Severity] = {}
    for conversation, check, severity in findings:
        known = gravest.get((conversation, check))
        if known is None or severity.rank > known.rank:
            gravest[conversation, check] = severity
    return tuple(Failure(*pair, severity) for pair, severity in sorted(gravest.items()))


def _seconds(text: str | None) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None
