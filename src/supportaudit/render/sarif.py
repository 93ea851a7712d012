"""The result as SARIF 2.1.0: a rule for each check, a result for each finding, with its place in the export.

Code hosts take a bounded number of results (GitHub: 25,000 a run, 5,000 of them shown); what is left out is the least
grave, and the run says how many.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from supportaudit.model import CheckInfo, Finding, Severity
from supportaudit.render.json_text import json_document
from supportaudit.render.tables import path_of, rounded
from supportaudit.render.text import fit, plural, printable
from supportaudit.results.report import Report
from supportaudit.results.score import Scorecard

MAX_RESULTS = 5_000
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}


def render_sarif(report: Report) -> str:
    """One run; `findings` stand gravest first, so a cap cuts the least grave."""
    kept = report.findings[:MAX_RESULTS]
    left = len(report.findings) - len(kept)
    notes = [_note("note", f"{plural(left, 'finding')} of the least grave left out")] if left else []
    rules = {check.id: place for place, check in enumerate(report.checks)}
    card = report.scorecard
    crashes = [_note("error", words) for words in _crashes(card)]
    run = {
        "tool": {
            "driver": {
                "name": "supportaudit",
                "version": report.run.version,
                "semanticVersion": report.run.version,
                "rules": [_rule(check) for check in report.checks],
            }
        },
        "invocations": [{"executionSuccessful": not crashes, "toolExecutionNotifications": notes + crashes}],
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
    return json_document(document)


def _crashes(card: Scorecard) -> Iterator[str]:
    for score in card.checks:
        for reason, number in score.errors.items():
            yield f"{score.check} crashed on {plural(number, 'conversation')}: {reason}"


def _note(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _plain(text)}}


def _rule(check: CheckInfo) -> dict[str, Any]:
    name = "".join(part.title() for part in check.id.split("-"))
    why, fix = " ".join(check.why.split()), " ".join(check.fix.split())
    return {
        "id": check.id,
        "name": name,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": " ".join(check.about.split())},
        "help": {
            "text": f"{why}\n\n{fix}",
            "markdown": f"**Why it matters.** {why}\n\n**What helps.** {fix}",
        },
        "defaultConfiguration": {"level": _LEVEL[check.severity]},
        "properties": {"tags": ["support-quality"], "weight": rounded(check.weight)},
    }


def _result(finding: Finding, rules: dict[str, int], files: Sequence[str]) -> dict[str, Any]:
    words = f"{fit(finding.conversation_id, 100)}: {fit(finding.reason, 300)}: “{fit(finding.quote, 1000)}”"
    key = fingerprint(finding)
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "level": _LEVEL[finding.severity],
        "message": {"text": _plain(f"Conversation {words}")},
        # The second is the only one that GitHub looks at; without it, it takes the line's text in the checkout.
        "partialFingerprints": {"conversationCheck/v1": key, "primaryLocationLineHash": f"{key}:1"},
        "properties": {
            "conversation": printable(finding.conversation_id),
            "messages": [printable(m) for m in finding.messages],
            "agent": printable(finding.agent) if finding.agent else None,
            "basis": str(finding.basis),
            "confidence": rounded(finding.confidence),
        },
    }
    if finding.check in rules:
        result["ruleIndex"] = rules[finding.check]
    if file := path_of(files, finding.file):
        place: dict[str, Any] = {"artifactLocation": {"uri": uri_of(file)}}
        if finding.line:
            place["region"] = {"startLine": finding.line}
        result["locations"] = [{"physicalLocation": place}]
    return result


def uri_of(file: str) -> str:
    """A path with forward slashes as the relative URI that SARIF wants; an absolute one becomes a file URI."""
    if file[1:3] == ":/":  # C:/exports
        return f"file:///{file[:2]}{quote(file[2:], safe='/')}"
    quoted = quote(file, safe="/")
    return f"file://{quoted}" if file.startswith("/") else quoted


def _plain(text: str) -> str:
    """Foreign text for a message: `[words](address)` would become a link, `{0}` is a place to fill in."""
    text = printable(text).replace("](", "] (")
    return re.sub(r"\{([0-9]+)\}", r"{{\1}}", text)


def fingerprint(finding: Finding) -> str:
    """The same for the same failure of the same conversation, in whatever file and line it stands."""
    parts = (finding.check, finding.conversation_id, *finding.messages[:1])
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
