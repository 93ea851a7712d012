"""Findings as GitLab's code quality report (a JSON list): gravest first, bounded, each with its place in the export."""

from collections.abc import Sequence
from typing import Any

from supportaudit.model import Finding, Severity
from supportaudit.render.json_text import json_document
from supportaudit.render.sarif import fingerprint
from supportaudit.render.tables import path_of
from supportaudit.render.text import fit, plural
from supportaudit.results.report import Report

MAX_FINDINGS = 2_000
"""More than anybody reads in a merge request."""

_SEVERITY = {Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor"}


def render_gitlab(report: Report) -> str:
    """The list; what is left out is the least grave, and a last entry of severity info says how many."""
    # GitLab wants every fingerprint once; two findings of one check in one conversation are one issue.
    issues: dict[str, Finding] = {}
    left = 0
    for finding in report.findings:
        key = fingerprint(finding)
        if key not in issues and len(issues) == MAX_FINDINGS:
            left += 1
        else:
            issues.setdefault(key, finding)
    files = report.input.files
    entries = [_issue(finding, key, files) for key, finding in issues.items()]
    if left:
        words = f"{plural(left, 'more finding')}, the least grave, left out"
        entries.append(_entry(words, "supportaudit", "supportaudit-left-out", "info", path_of(files, 0), 1))
    return json_document(entries)


def _issue(finding: Finding, key: str, files: Sequence[str]) -> dict[str, Any]:
    words = f"{fit(finding.conversation_id, 60)}: {fit(finding.reason, 200)}: “{fit(finding.quote, 240)}”"
    severity = _SEVERITY[finding.severity]
    return _entry(words, finding.check, key, severity, path_of(files, finding.file), finding.line)


def _entry(words: str, check: str, key: str, severity: str, path: str, line: int) -> dict[str, Any]:
    return {
        "description": words,
        "check_name": check,
        "fingerprint": key,
        "severity": severity,
        "location": {"path": path or "unknown", "lines": {"begin": max(1, line)}},
    }
