"""Findings as GitHub workflow commands: annotations on the run, ten of each level, the number left out stated.

The runner takes a line that begins with "::" for a command, so foreign text stands only behind one, escaped as the
runner unescapes it (actions/toolkit, packages/core/src/command.ts).
"""

from collections.abc import Iterator, Sequence

from supportaudit.model import Finding, Severity
from supportaudit.render.sentences import change_words, gate_words, rule_name, rule_words
from supportaudit.render.tables import path_of
from supportaudit.render.text import count, fit, plural
from supportaudit.results.report import Report

PER_LEVEL = 10
"""Annotations of each level that GitHub shows for a step."""

_LEVELS = ((Severity.HIGH, "error"), (Severity.MEDIUM, "warning"), (Severity.LOW, "notice"))


def render_github(report: Report) -> str:
    """Lines for a step's log; the gate's own come first and count among the errors."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    gate = list(_gate(report))
    for severity, level in _LEVELS:
        own = [f for f in report.findings if f.severity is severity]
        commands = gate if level == "error" else []
        room = max(0, PER_LEVEL - len(commands))
        yield from commands[:PER_LEVEL]
        yield from (_finding(f, level, report.input.files) for f in own[:room])
        left = len(own) - room + max(0, len(commands) - PER_LEVEL)
        if left > 0:
            yield f"supportaudit: {count(left)} more of level {level} are not shown as annotations"
    yield f"supportaudit: {_summary(report)}"


def _summary(report: Report) -> str:
    card, gate = report.scorecard, report.gate
    grade = card.letter if card.enough else f"({card.letter}), too few to grade"
    words = "no score" if card.score is None else f"{grade}, {card.score:.1f} of 100"
    failing = f"{count(card.failing)} of {plural(card.conversations, 'conversation')} failed their customer"
    ruled = gate.results or not gate.passed
    return f"{words}; {failing}; {f'gate {gate_words(gate)}' if ruled else 'no gate'}"


def _gate(report: Report) -> Iterator[str]:
    for result in report.gate.failed:
        yield _command("error", {"title": f"gate: {fit(rule_name(result.rule), 80)}"}, rule_words(result))
    for change in report.gate.worse:
        yield _command("error", {"title": f"gate: {change.check} worse than before"}, change_words(change))
    if report.gate.new:
        first = ", ".join(f"{fit(f.conversation_id, 30)} {f.check}" for f in report.gate.new[:5])
        yield _command("error", {"title": f"gate: {count(len(report.gate.new))} new failures"}, first)


def _finding(finding: Finding, level: str, files: Sequence[str]) -> str:
    properties = {"title": f"{finding.check}: {fit(finding.conversation_id, 60)}"}
    if file := path_of(files, finding.file):
        properties["file"] = file
        if finding.line:
            properties["line"] = str(finding.line)
    return _command(level, properties, f"{fit(finding.reason, 200)}: “{fit(finding.quote, 300)}”")


def _command(level: str, properties: dict[str, str], message: str) -> str:
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
