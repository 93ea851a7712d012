"""The result as SARIF 2.1.0: a rule for each check, a result for each finding, with its place in the export.

Code hosts take a bounded number of results (GitHub: 25,000 a run, 5,000 of them shown); what is left out is the least
grave, and the run says how many.
"""

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from supportaudit.model import CheckInfo, Finding, Severity
from supportaudit.render.tables import file_of, rounded
from supportaudit.render.text import plural, printable
from supportaudit.report import Report

MAX_RESULTS = 5_000
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_PRECISION = ((0.9, "very-high"), (0.75, "high"), (0.6, "medium"), (0.0, "low"))


def render_sarif(report: Report) -> str:
    """One run; `findings` stand gravest first, so a cap cuts the least grave."""
    kept = report.findings[:MAX_RESULTS]
    left = len(report.findings) - len(kept)
    notes = [_note(f"{plural(left, 'finding')} of the least grave left out")] if left else []
    rules = {check.id: place for place, check in enumerate(report.checks)}
    card = report.scorecard
    crashed = any(check.errors for check in card.checks)
    run = {
        "tool": {
            "driver": {
                "name": "supportaudit",
                "version": report.run.version,
                "semanticVersion": report.run.version,
                "rules": [_rule(check) for check in report.checks],
            }
        },
        "invocations": [{"executionSuccessful": not crashed, "toolExecutionNotifications": notes}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules, report.input.files) for finding in kept],
        "properties": {
            "score": card.score,
            "conversations": card.conversations,
            "failing": card.failing,
            "leftOut": left,
        },
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _note(text: str) -> dict[str, Any]:
    return {"level": "note", "message": {"text": text}}


def _rule(check: CheckInfo) -> dict[str, Any]:
    name = "".join(part.title() for part in check.id.split("-"))
    return {
        "id": check.id,
        "name": name,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": " ".join(check.about.split())},
        "help": {"text": f"{' '.join(check.why.split())}\n\n{' '.join(check.fix.split())}"},
        "defaultConfiguration": {"level": _LEVEL[check.severity]},
        "properties": {"tags": ["support-quality"], "weight": rounded(check.weight)},
    }


def _result(finding: Finding, rules: dict[str, int], files: Sequence[str]) -> dict[str, Any]:
    words = f"{printable(finding.reason)}: “{printable(finding.quote)}”"
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "level": _LEVEL[finding.severity],
        "message": {"text": f"Conversation {printable(finding.conversation_id)}: {words}"},
        "partialFingerprints": {"conversationCheck/v1": fingerprint(finding)},
        "properties": {
            "conversation": printable(finding.conversation_id),
            "messages": [printable(m) for m in finding.messages],
            "agent": printable(finding.agent) if finding.agent else None,
            "basis": str(finding.basis),
            "confidence": rounded(finding.confidence),
            "precision": next(word for bound, word in _PRECISION if finding.confidence >= bound),
        },
    }
    if finding.check in rules:
        result["ruleIndex"] = rules[finding.check]
    if file := file_of(files, finding.file):
        place: dict[str, Any] = {"artifactLocation": {"uri": uri_of(file)}}
        if finding.line:
            place["region"] = {"startLine": finding.line}
        result["locations"] = [{"physicalLocation": place}]
    return result


def uri_of(file: str) -> str:
    """A path as the relative URI that SARIF wants; an absolute one becomes a file URI."""
    path = file.replace("\\", "/")
    quoted = quote(path, safe="/")
    if path.startswith("/"):
        return "file://" + quoted
    return f"file:///{quoted}" if len(path) > 1 and path[1] == ":" else quoted


def fingerprint(finding: Finding) -> str:
    """The same for the same failure of the same conversation, in whatever file and line it stands."""
    parts = (finding.check, finding.conversation_id, *finding.messages[:1])
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
