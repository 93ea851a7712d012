"""The report for a program: stable keys, fixed order, equal bytes for equal reports.

docs/json.md documents every key; a change that removes or redefines one raises `SCHEMA_VERSION`.
"""

from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from supportaudit.model import Finding, InputAccount, Recognition
from supportaudit.render.json_text import json_document, json_line
from supportaudit.render.tables import file_of, iso, rounded
from supportaudit.results.comparison import Comparison, Failure
from supportaudit.results.gate import Gate
from supportaudit.results.report import Report
from supportaudit.results.score import CheckScore, ReplySummary, Scorecard, Segment, SignalScore
from supportaudit.results.stats import Interval
from supportaudit.results.suppressions import Suppressed
from supportaudit.results.tally import Example, WorstConversation

SCHEMA_VERSION = "1.4"

_Object = dict[str, Any]


def render_json(report: Report) -> str:
    """The report as JSON: indented by two blanks, one line for each finding, ended by a line end."""
    return "".join(json_pieces(report))


def json_pieces(report: Report) -> Iterator[str]:
    """The same, finding by finding."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "run": {
            "version": report.run.version,
            "as_of": report.run.as_of,
            "settings": _sorted(report.run.settings),
        },
        "input": _input(report.input),
        "scorecard": _scorecard(report.scorecard, report.input.files),
        "gate": _gate(report.gate),
        "comparison": _comparison(report.comparison),
        "suppressed": [_suppressed(one) for one in report.suppressed],
        "worst": [_worst(conversation, report.input.files) for conversation in report.worst],
        "findings": [],
    }
    head = json_document(document)
    files = report.input.files
    before = head.removesuffix("[]\n}\n") + "[\n"
    for finding in report.findings:
        yield f"{before}    {json_line(_finding(finding, files))}"
        before = ",\n"
    yield "\n  ]\n}\n" if report.findings else head


def render_ndjson(report: Report) -> str:
    """The findings alone, one JSON object a line, in the order and with the keys of the report."""
    return "".join(ndjson_pieces(report))


def ndjson_pieces(report: Report) -> Iterator[str]:
    """The same, finding by finding."""
    yield from (json_line(_finding(finding, report.input.files)) + "\n" for finding in report.findings)


def result_schema() -> str:
    """The JSON Schema of the report, as it is shipped."""
    return (resources.files("supportaudit") / "result.schema.json").read_text("utf-8")


def _recognised(one: Recognition) -> _Object:
    return {
        "file": one.file,
        "source": one.source,
        "confidence": one.confidence,
        "runner_up": one.runner_up,
        "runner_up_confidence": one.runner_up_confidence,
    }


def _input(account: InputAccount) -> _Object:
    return {
        "files": account.files,
        "digest": account.digest,
        "source": account.source,
        "recognised": [_recognised(one) for one in account.recognised],
        "encoding": account.encoding,
        "mapping": _sorted(account.mapping),
        "rows_read": account.rows_read,
        "rows_used": account.rows_used,
        "rows_rejected": account.rows_rejected,
        "rows_not_messages": account.rows_not_messages,
        "rejected": [{"file": r.file, "line": r.line, "reason": r.reason} for r in account.rejected],
        "notes": account.notes,
        "conversations": account.conversations,
        "customers": account.customers,
    }


def _scorecard(card: Scorecard, files: tuple[str, ...]) -> _Object:
    return {
        "score": card.score,
        "interval": _interval(card.interval),
        "letter": card.letter,
        "enough": card.enough,
        "min_sample": card.min_sample,
        "demerits": rounded(card.demerits),
        "conversations": card.conversations,
        "failing": card.failing,
        "failing_interval": _interval(card.failing_interval),
        "messages": card.messages,
        "first_at": iso(card.first_at),
        "last_at": iso(card.last_at),
        "checks": [_check(check) for check in card.checks],
        "segments": {name: [_segment(s) for s in segments] for name, segments in card.segments.items()},
        "reply_times": [_reply_times(row) for row in card.reply_times],
        "signals": [_signal(signal, files) for signal in card.signals],
    }


def _check(check: CheckScore) -> _Object:
    return {
        "check": check.check,
        "weight": rounded(check.weight),
        "judged": check.judged,
        "failed": check.failed,
        "failed_by_severity": {
            level: check.failed_by_severity.get(level, 0) for level in ("low", "medium", "high")
        },
        "not_applicable": check.not_applicable,
        "not_applicable_reasons": check.not_applicable_reasons,
        "errors": check.errors,
        "rate": rounded(check.rate),
        "interval": _interval(check.interval),
        "demerits": rounded(check.demerits),
        "cost": rounded(check.cost),
        "enough": check.enough,
    }


def _segment(segment: Segment) -> _Object:
    return {
        "value": segment.value,
        "conversations": segment.conversations,
        "failing": segment.failing,
        "messages": segment.messages,
        "rate": rounded(segment.rate),
        "interval": _interval(segment.interval),
        "standing": segment.standing,
        "checks": {
            check: {"judged": judged, "failed": segment.failed.get(check, 0)}
            for check, judged in segment.judged.items()
        },
        "signals": {
            signal: {"eligible": eligible, "shown": segment.shown.get(signal, 0)}
            for signal, eligible in segment.eligible.items()
        },
    }


def _signal(score: SignalScore, files: tuple[str, ...]) -> _Object:
    return {
        "signal": score.signal,
        "kind": score.kind,
        "unit": score.unit,
        "conversations": score.conversations,
        "eligible": score.eligible,
        "shown": score.shown,
        "not_applicable": score.not_applicable,
        "not_applicable_reasons": score.not_applicable_reasons,
        "errors": score.errors,
        "rate": rounded(score.rate),
        "interval": _interval(score.interval),
        "enough": score.enough,
        "examples": [_example(example, files) for example in score.examples],
        "missed": [_example(example, files) for example in score.missed],
    }


def _example(example: Example, files: tuple[str, ...]) -> _Object:
    return {
        "conversation_id": example.conversation_id,
        "messages": example.messages,
        "quote": example.quote,
        "agent": example.agent,
        "line": example.line,
        "file": file_of(files, example.file),
    }


def _reply_times(row: ReplySummary) -> _Object:
    return {
        "channel": row.channel,
        "reply": row.reply,
        "count": row.count,
        "median_seconds": rounded(row.median),
        "p90_seconds": rounded(row.p90),
        "within_seconds": {str(mark): rounded(share) for mark, share in row.within.items()},
    }


def _worst(conversation: WorstConversation, files: tuple[str, ...]) -> _Object:
    return {
        "conversation_id": conversation.conversation_id,
        "channel": conversation.channel,
        "agents": conversation.agents,
        "failed_checks": conversation.failed_checks,
        "file": file_of(files, conversation.file),
    }


def _finding(finding: Finding, files: tuple[str, ...]) -> _Object:
    return {
        "check": finding.check,
        "conversation_id": finding.conversation_id,
        "messages": finding.messages,
        "quote": finding.quote,
        "reason": finding.reason,
        "gap_seconds": rounded(finding.gap),
        "severity": finding.severity,
        "confidence": rounded(finding.confidence),
        "basis": finding.basis,
        "agent": finding.agent,
        "at": iso(finding.at),
        "line": finding.line,
        "file": file_of(files, finding.file),
    }


def _gate(gate: Gate) -> _Object:
    return {
        "passed": gate.passed,
        "rules": [
            {
                "rule": result.rule.name,
                "measure": result.rule.measure,
                "check": result.rule.check or None,
                "dimension": result.rule.dimension or None,
                "value": result.rule.value if result.rule.dimension else None,
                "limit": rounded(result.rule.limit),
                "judge_by": result.rule.judge_by,
                "min_judged": result.rule.min_judged,
                "origin": result.rule.origin,
                "status": result.status,
                "skipped_because": result.silence,
                "number": rounded(result.number),
                "interval": _interval(result.interval),
                "judged": result.judged,
                "failed": result.failed,
            }
            for result in gate.results
        ],
        "worse": [change.check for change in gate.worse],
        "new": [_failure(failure) for failure in gate.new],
    }


def _comparison(comparison: Comparison | None) -> _Object | None:
    if comparison is None:
        return None
    return {
        "before": comparison.before.name,
        "score_before": comparison.before.score,
        "interval_before": _interval(comparison.before.interval),
        "conversations_before": comparison.before.conversations,
        "checks": [
            {
                "check": change.check,
                "judged_before": change.before.judged,
                "failed_before": change.before.failed,
                "judged": change.after.judged,
                "failed": change.after.failed,
                "difference": rounded(change.difference),
                "interval": _interval(change.interval),
                "p": rounded(change.p),
                "p_adjusted": rounded(change.adjusted),
                "movement": change.movement,
            }
            for change in comparison.changes
        ],
        "new": [_failure(failure) for failure in comparison.new],
        "gone": [_failure(failure) for failure in comparison.gone],
        "still": [_failure(failure) for failure in comparison.still],
    }


def _failure(failure: Failure) -> _Object:
    return {
        "conversation_id": failure.conversation_id,
        "check": failure.check,
        "severity": failure.severity,
    }


def _suppressed(one: Suppressed) -> _Object:
    entry = one.suppression
    return {
        "status": one.status,
        "findings": one.findings,
        "reason": entry.reason,
        "author": entry.author,
        "expires": entry.expires.isoformat(),
        "check": entry.check,
        "conversation": entry.conversation,
        "message": entry.message,
        "agent": entry.agent,
        "channel": entry.channel,
        "team": entry.team,
        "brand": entry.brand,
    }


def _interval(interval: Interval | None) -> list[float | None] | None:
    return None if interval is None else [rounded(interval.low), rounded(interval.high)]


def _sorted(texts: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(texts.items()))
