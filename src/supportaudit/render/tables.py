"""The result as tables: the same rows for CSV, workbooks and Parquet, in one order and with one set of names."""

import os
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from supportaudit.harmless import visible
from supportaudit.model import Finding
from supportaudit.render.text import moment
from supportaudit.results.report import Report
from supportaudit.results.tally import encodable

Cell = str | float | int | None


class Column(msgspec.Struct, frozen=True):
    """A column: its name as in the JSON report, and what it holds.

    That is "text", "id", "ids" (several, with blanks between), "number", "share", "whole" or "time".
    """

    name: str
    kind: str = "text"


FINDINGS = (
    Column("conversation_id", "id"), Column("check"), Column("severity"), Column("confidence", "number"),
    Column("basis"), Column("agent"), Column("at", "time"), Column("reason"), Column("quote"),
    Column("gap_seconds", "number"), Column("messages", "ids"), Column("file"), Column("line", "whole"),
)  # fmt: skip
CHECKS = (
    Column("check"), Column("title"), Column("judged", "whole"), Column("failed", "whole"), Column("rate", "share"),
    Column("low", "share"), Column("high", "share"), Column("not_applicable", "whole"), Column("weight", "number"),
    Column("demerits", "number"), Column("enough"),
)  # fmt: skip
SEGMENTS = (
    Column("dimension"), Column("value"), Column("conversations", "whole"), Column("failing", "whole"),
    Column("rate", "share"), Column("low", "share"), Column("high", "share"), Column("standing"),
)  # fmt: skip
SIGNALS = (
    Column("signal"), Column("title"), Column("kind"), Column("unit"), Column("conversations", "whole"),
    Column("eligible", "whole"), Column("shown", "whole"), Column("rate", "share"), Column("low", "share"),
    Column("high", "share"), Column("enough"),
)  # fmt: skip
REPLIES = (
    Column("channel"), Column("reply"), Column("count", "whole"), Column("median_seconds", "number"),
    Column("p90_seconds", "number"),
)  # fmt: skip
SUPPRESSED = (
    Column("status"), Column("findings", "whole"), Column("what"), Column("reason"), Column("author"),
    Column("expires"),
)  # fmt: skip
CHANGES = (
    Column("check"), Column("judged_before", "whole"), Column("failed_before", "whole"), Column("judged", "whole"),
    Column("failed", "whole"), Column("difference", "share"), Column("low", "share"), Column("high", "share"),
    Column("p_adjusted", "number"), Column("movement"),
)  # fmt: skip


def finding_rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    """One row for each finding, gravest and surest first."""
    return rows_of(report.findings, report.input.files)


def rows_of(findings: Iterable[Finding], files: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    """The same of any findings; `files` are the names of those audited."""
    return (_finding(finding, files) for finding in findings)


def _finding(finding: Finding, files: Sequence[str]) -> tuple[Cell, ...]:
    return (
        encodable(finding.conversation_id), finding.check, str(finding.severity), round(finding.confidence, 4),
        str(finding.basis), None if finding.agent is None else encodable(finding.agent), iso(finding.at),
        encodable(finding.reason), encodable(finding.quote), rounded(finding.gap),
        encodable(" ".join(finding.messages)), file_of(files, finding.file), finding.line or None,
    )  # fmt: skip


def check_rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    """One row for each check, as the scorecard has them."""
    titles = {check.id: check.title for check in report.checks}
    for score in report.scorecard.checks:
        low, high = (score.interval.low, score.interval.high) if score.interval is not None else (None, None)
        yield (
            score.check, titles.get(score.check, ""), score.judged, score.failed, rounded(score.rate), rounded(low),
            rounded(high), score.not_applicable, score.weight, rounded(score.demerits), "yes" if score.enough else "no",
        )  # fmt: skip


def segment_rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    """One row for each segment of each dimension."""
    for dimension, segments in report.scorecard.segments.items():
        for one in segments:
            yield (
                dimension, encodable(one.value), one.conversations, one.failing, rounded(one.rate),
                rounded(one.interval.low), rounded(one.interval.high), str(one.standing),
            )  # fmt: skip


def signal_rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    """One row for each strength, signal and reason, as the scorecard has them."""
    titles = {signal.id: signal.title for signal in report.signals}
    for score in report.scorecard.signals:
        low, high = (score.interval.low, score.interval.high) if score.interval is not None else (None, None)
        yield (
            score.signal, titles.get(score.signal, ""), str(score.kind), score.unit, score.conversations,
            score.eligible, score.shown, rounded(score.rate), rounded(low), rounded(high),
            "yes" if score.enough else "no",
        )  # fmt: skip


def reply_rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    """One row for each channel and kind of reply."""
    for row in report.scorecard.reply_times:
        yield (encodable(row.channel), row.reply, row.count, rounded(row.median), rounded(row.p90))


def suppressed_rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    """One row for each suppression and what it did."""
    for one in report.suppressed:
        entry = one.suppression
        yield (
            str(one.status),
            one.findings,
            entry.name,
            entry.reason,
            entry.author,
            entry.expires.isoformat(),
        )


def change_rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    """One row for each check that the baseline ran too."""
    for change in report.comparison.changes if report.comparison is not None else ():
        low, high = (
            (change.interval.low, change.interval.high) if change.interval is not None else (None, None)
        )
        yield (
            change.check, change.before.judged, change.before.failed, change.after.judged, change.after.failed,
            rounded(change.difference), rounded(low), rounded(high), rounded(change.adjusted), str(change.movement),
        )  # fmt: skip


def summary_rows(report: Report) -> Iterator[tuple[str, Cell]]:
    """What an audit is in a dozen lines: name and value."""
    card, account = report.scorecard, report.input
    yield "score", card.score
    yield "score_low", card.interval.low if card.interval is not None else None
    yield "score_high", card.interval.high if card.interval is not None else None
    yield "grade", card.letter if card.enough else f"({card.letter})"
    yield "conversations", card.conversations
    yield "failing", card.failing
    yield "messages", card.messages
    yield "first_at", iso(card.first_at)
    yield "last_at", iso(card.last_at)
    yield "as_of", report.run.as_of
    yield "rows_read", account.rows_read
    yield "rows_used", account.rows_used
    yield "rows_rejected", account.rows_rejected
    yield "rows_not_messages", account.rows_not_messages
    yield "findings", len(report.findings)
    yield "suppressed", sum(one.findings for one in report.suppressed)
    ruled = report.gate.results or report.comparison is not None
    yield "gate", "failed" if not report.gate.passed else "passed" if ruled else "none"
    yield "version", report.run.version
    if added := report.run.settings.get("added_checks"):
        yield "added_checks", encodable(added)
    yield "files", encodable(", ".join(account.files))


def iso(seconds: float | None) -> str | None:
    """A time as "2026-09-01T08:30:00Z"; None for none."""
    time = moment(seconds)
    return None if time is None else f"{time.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def rounded(number: float | None) -> float | None:
    """Four places, as in the JSON report."""
    return None if number is None else round(number, 4)


def file_of(files: Sequence[str], index: int) -> str:
    """The name of the export that a finding stands in."""
    return encodable(files[index]) if index < len(files) else ""


def path_of(files: Sequence[str], index: int) -> str:
    """The same as code hosts write paths: forward slashes, no "./" in front, nothing that no one can see."""
    path = file_of(files, index)
    path = (path.replace("\\", "/") if os.sep == "\\" else path).removeprefix("./")
    joiners = "\u200c\u200d"  # Persian and emoji need them
    return "".join(c for c in visible(path) if c.isprintable() or c in joiners)
