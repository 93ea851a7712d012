"""A whole report from the JSON that a scan wrote: every key of docs/json.md, back in the report's own types.

Conversations are not in a result, so nothing that needs them (threads, busy hours) comes back. Checks and signals are
described as this version describes them; one that it does not know is shown by its id.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from supportaudit.auditing.registry import load_checks
from supportaudit.auditing.signals import signal_infos
from supportaudit.errors import InputError
from supportaudit.model import (
    Basis,
    CheckInfo,
    Finding,
    InputAccount,
    Recognition,
    Rejected,
    RunInfo,
    Severity,
    SignalInfo,
    SignalKind,
)
from supportaudit.results.comparison import Change, CheckCounts, Comparison, Failure, Movement, Period
from supportaudit.results.gate import ANY, Gate, JudgeBy, Measure, Rule, RuleResult, RuleStatus, Silence
from supportaudit.results.report import Report
from supportaudit.results.saved import period_of, read_result
from supportaudit.results.score import CheckScore, ReplySummary, Scorecard, Segment, SignalScore, Standing
from supportaudit.results.stats import Interval
from supportaudit.results.suppressions import Suppressed, Suppression, SuppressionStatus
from supportaudit.results.tally import Example, WorstConversation
from supportaudit.settings.notation import Day

_Object = dict[str, Any]
_HEAD = 4_096


def is_result(path: Path) -> bool:
    """Whether a file is a result of ours and no export, by its first keys."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        return False
    first = head[1:].lstrip()
    return head.startswith(b"{") and (
        first.startswith(b'"schema_version"') or (b'"comparison"' in head and b'"gate"' in head)
    )


def read_report(path: Path) -> Report:
    """A result as a report. Raises `InputError` for a file that is none, or of another schema."""
    read_result(path)  # says what is wrong with a file that is no result at all
    try:
        return _typed(_report(msgspec.json.decode(path.read_bytes())))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise InputError(
            f"{path}: lacks something that a result has ({type(error).__name__}: {error})",
            hint="Write it anew with `supportaudit scan EXPORT --format json -o result.json`.",
        ) from error


def _typed(report: Report) -> Report:
    """The report, if all in it is of its type, at which Structs do not look. Raises `ValueError` where it is not."""
    plain = msgspec.to_builtins(report, enc_hook=Day.isoformat)
    msgspec.convert(plain, Report, dec_hook=lambda kind, value: kind.read(value))
    return report


def _report(result: _Object) -> Report:
    files: tuple[str, ...] = tuple(result["input"]["files"])
    findings = tuple(_finding(one, files) for one in result["findings"])
    report = Report(
        scorecard=_card(result["scorecard"], files),
        findings=findings,
        worst=tuple(_worst(one, files, findings) for one in result["worst"]),
        input=_account(result["input"]),
        run=RunInfo(result["run"]["version"], result["run"]["as_of"], dict(result["run"]["settings"])),
        checks=tuple(_check_info(one) for one in result["scorecard"]["checks"]),
        signals=tuple(_signal_info(one) for one in result["scorecard"]["signals"]),
        suppressed=tuple(map(_suppressed, result.get("suppressed", ()))),
    )
    compared = result.get("comparison")
    comparison = _comparison(compared, report) if compared is not None else None
    gate = _gate(result["gate"], comparison) if "gate" in result else Gate()
    return msgspec.structs.replace(report, comparison=comparison, gate=gate)


def _check_info(score: _Object) -> CheckInfo:
    known = next((check.info for check in load_checks() if check.id == score["check"]), None)
    if known is None:
        name = score["check"]
        known = CheckInfo(name, name, Severity.MEDIUM, 0.0, "This version does not know the check.", "", "")
    return msgspec.structs.replace(known, weight=score["weight"])


def _signal_info(score: _Object) -> SignalInfo:
    known = next((signal for signal in signal_infos() if signal.id == score["signal"]), None)
    name = score["signal"]
    return known or SignalInfo(name, SignalKind(score["kind"]), score["unit"], name, "", "")


def _account(account: _Object) -> InputAccount:
    return InputAccount(
        files=tuple(account["files"]),
        source=account["source"],
        encoding=account["encoding"],
        mapping=account["mapping"],
        rows_read=account["rows_read"],
        rows_used=account["rows_used"],
        rows_rejected=account["rows_rejected"],
        rows_not_messages=account["rows_not_messages"],
        rejected=tuple(Rejected(one["file"], one["line"], one["reason"]) for one in account["rejected"]),
        notes=tuple(account["notes"]),
        conversations=account["conversations"],
        customers=account["customers"],
        recognised=tuple(Recognition(**one) for one in account.get("recognised", ())),
        digest=account.get("digest", ""),
    )


def _card(card: _Object, files: tuple[str, ...]) -> Scorecard:
    return Scorecard(
        score=card["score"],
        interval=_interval(card["interval"]),
        letter=card["letter"],
        enough=card["enough"],
        min_sample=card["min_sample"],
        conversations=card["conversations"],
        failing=card["failing"],
        failing_interval=_interval(card["failing_interval"]),
        messages=card["messages"],
        first_at=_seconds(card["first_at"]),
        last_at=_seconds(card["last_at"]),
        demerits=card["demerits"],
        checks=tuple(map(_check, card["checks"])),
        segments={name: tuple(map(_segment, all_)) for name, all_ in card["segments"].items()},
        reply_times=tuple(map(_replies, card["reply_times"])),
        signals=tuple(_signal(one, files) for one in card.get("signals", ())),
    )


def _check(score: _Object) -> CheckScore:
    return CheckScore(
        check=score["check"],
        weight=score["weight"],
        judged=score["judged"],
        failed=score["failed"],
        failed_by_severity={level: n for level, n in score["failed_by_severity"].items() if n},
        not_applicable=score["not_applicable"],
        not_applicable_reasons=score["not_applicable_reasons"],
        errors=score["errors"],
        rate=score["rate"],
        interval=_interval(score["interval"]),
        demerits=score["demerits"],
        cost=score["cost"],
        enough=score["enough"],
    )


def _segment(segment: _Object) -> Segment:
    checks: dict[str, dict[str, int]] = segment["checks"]
    signals: dict[str, dict[str, int]] = segment.get("signals", {})
    return Segment(
        value=segment["value"],
        conversations=segment["conversations"],
        failing=segment["failing"],
        messages=segment["messages"],
        rate=segment["rate"],
        interval=Interval(*segment["interval"]),
        standing=Standing(segment["standing"]),
        judged={check: counts["judged"] for check, counts in checks.items()},
        failed={check: counts["failed"] for check, counts in checks.items() if counts["failed"]},
        eligible={signal: counts["eligible"] for signal, counts in signals.items()},
        shown={signal: counts["shown"] for signal, counts in signals.items() if counts["shown"]},
    )


def _replies(row: _Object) -> ReplySummary:
    return ReplySummary(
        channel=row["channel"],
        reply=row["reply"],
        count=row["count"],
        median=row["median_seconds"],
        p90=row["p90_seconds"],
        within={int(mark): share for mark, share in row["within_seconds"].items()},
    )


def _signal(score: _Object, files: tuple[str, ...]) -> SignalScore:
    return SignalScore(
        signal=score["signal"],
        kind=SignalKind(score["kind"]),
        unit=score["unit"],
        conversations=score["conversations"],
        eligible=score["eligible"],
        shown=score["shown"],
        not_applicable=score["not_applicable"],
        not_applicable_reasons=score["not_applicable_reasons"],
        errors=score["errors"],
        rate=score["rate"],
        interval=_interval(score["interval"]),
        enough=score["enough"],
        examples=tuple(_example(one, files) for one in score["examples"]),
        missed=tuple(_example(one, files) for one in score["missed"]),
    )


def _example(one: _Object, files: tuple[str, ...]) -> Example:
    return Example(
        one["conversation_id"], _file(one["file"], files), one["line"], tuple(one["messages"]), one["quote"],
        one["agent"],
    )  # fmt: skip


def _finding(one: _Object, files: tuple[str, ...]) -> Finding:
    return Finding(
        check=one["check"],
        conversation_id=one["conversation_id"],
        messages=tuple(one["messages"]),
        quote=one["quote"],
        reason=one["reason"],
        severity=Severity(one["severity"]),
        confidence=one["confidence"],
        basis=Basis(one["basis"]),
        agent=one["agent"],
        gap=one["gap_seconds"],
        at=_seconds(one["at"]),
        line=one["line"],
        file=_file(one["file"], files),
    )


def _worst(one: _Object, files: tuple[str, ...], findings: tuple[Finding, ...]) -> WorstConversation:
    gravest: dict[str, int] = {}
    for finding in findings:
        if finding.conversation_id == one["conversation_id"]:
            gravest[finding.check] = max(gravest.get(finding.check, 0), finding.severity.rank + 1)
    return WorstConversation(
        minus_failed=-len(one["failed_checks"]),
        minus_severity=-sum(gravest.values()),
        conversation_id=one["conversation_id"],
        file=_file(one["file"], files),
        channel=one["channel"],
        agents=tuple(one["agents"]),
        failed_checks=tuple(one["failed_checks"]),
    )


def _gate(gate: _Object, comparison: Comparison | None) -> Gate:
    changes = {change.check: change for change in comparison.changes} if comparison is not None else {}
    return Gate(
        results=tuple(map(_rule, gate["rules"])),
        worse=tuple(changes[check] for check in gate["worse"] if check in changes),
        new=tuple(map(_failure, gate["new"])),
    )


def _rule(one: _Object) -> RuleResult:
    rule = Rule(
        Measure(one["measure"]), one["limit"], one["check"] or ANY, one["dimension"] or "", one["value"] or "",
        JudgeBy(one["judge_by"]), one["min_judged"], one["origin"],
    )  # fmt: skip
    silence = one["skipped_because"]
    return RuleResult(
        rule, RuleStatus(one["status"]), one["number"], _interval(one["interval"]), one["judged"], one["failed"],
        Silence(silence) if silence else None,
    )  # fmt: skip


def _comparison(one: _Object, report: Report) -> Comparison:
    before = Period(
        name=one["before"],
        conversations=one["conversations_before"],
        score=one["score_before"],
        interval=_interval(one["interval_before"]),
        checks={c["check"]: CheckCounts(c["judged_before"], c["failed_before"]) for c in one["checks"]},
        failures=tuple(sorted(map(_failure, (*one["gone"], *one["still"])))),
    )
    return Comparison(
        before=before,
        after=period_of(report, "this audit"),
        changes=tuple(
            Change(
                check=c["check"],
                before=before.checks[c["check"]],
                after=CheckCounts(c["judged"], c["failed"]),
                movement=Movement(c["movement"]),
                difference=c["difference"],
                interval=_interval(c["interval"]),
                p=c["p"],
                adjusted=c["p_adjusted"],
            )
            for c in one["checks"]
        ),
        new=tuple(map(_failure, one["new"])),
        gone=tuple(map(_failure, one["gone"])),
        still=tuple(map(_failure, one["still"])),
    )


def _failure(one: _Object) -> Failure:
    return Failure(one["conversation_id"], one["check"], Severity(one["severity"]))


def _suppressed(one: _Object) -> Suppressed:
    expires = date.fromisoformat(one["expires"])
    given = {
        name: one[name] for name in ("check", "conversation", "message", "agent", "channel", "team", "brand")
    }
    entry = Suppression(one["reason"], one["author"], Day(expires.year, expires.month, expires.day), **given)
    return Suppressed(entry, SuppressionStatus(one["status"]), one["findings"])


def _interval(ends: list[float] | None) -> Interval | None:
    return Interval(*ends) if ends is not None else None


def _file(name: str, files: tuple[str, ...]) -> int:
    """The place of a file in the account; behind the last for one that is not there."""
    return files.index(name) if name in files else len(files)


def _seconds(text: str | None) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None
