"""Findings as GitLab's code quality report (a JSON list): gravest first, bounded, each with its place in the export."""

from typing import Any

import msgspec

from supportaudit.model import Finding, Severity
from supportaudit.render.sarif import fingerprint
from supportaudit.render.tables import file_of
from supportaudit.render.text import fit
from supportaudit.report import Report

MAX_FINDINGS = 2_000
"""GitLab shows these in a merge request; it gives up on reports of tens of megabytes."""

_SEVERITY = {Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor"}


def render_gitlab(report: Report) -> str:
    """The list; what is left out is the least grave, and a last entry of severity info says how many."""
    kept = report.findings[:MAX_FINDINGS]
    # GitLab wants every fingerprint once; two findings of one check in one conversation are one issue.
    issues = {fingerprint(finding): finding for finding in reversed(kept)}
    entries = [_issue(finding, key, report) for key, finding in reversed(issues.items())]
    left = len(report.findings) - len(kept)
    if left:
        entries.append(
            {
                "description": f"{left} more findings, the least grave, are left out",
                "check_name": "supportaudit",
                "fingerprint": "supportaudit-left-out",
                "severity": "info",
                "location": {"path": file_of(report.input.files, 0), "lines": {"begin": 1}},
            }
        )
    return msgspec.json.format(msgspec.json.encode(entries), indent=2).decode() + "\n"


def _issue(finding: Finding, key: str, report: Report) -> dict[str, Any]:
    words = f"{fit(finding.conversation_id, 60)}: {fit(finding.reason, 200)}: “{fit(finding.quote, 240)}”"
    return {
        "description": words,
        "check_name": finding.check,
        "fingerprint": key,
        "severity": _SEVERITY[finding.severity],
        "location": {
            "path": file_of(report.input.files, finding.file),
            "lines": {"begin": max(1, finding.line)},
        },
    }
