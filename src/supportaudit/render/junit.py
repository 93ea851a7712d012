"""The result as JUnit XML, red exactly where the gate is red.

One suite holds a case for each rule of the gate, the other a case for each check, with its rate and its worst
conversations as output. A case for each conversation would turn a week that passed its gate red in Jenkins, and bury a
pipeline in GitLab under thousands of lines; those who want every finding have SARIF, NDJSON and CSV.
"""

from collections.abc import Iterator, Sequence

from supportaudit.gate import RuleResult, RuleStatus
from supportaudit.model import CheckInfo, Finding
from supportaudit.render.sentences import change_words, rule_name, rule_words
from supportaudit.render.text import percent, percent_range, plural, printable
from supportaudit.report import Report
from supportaudit.score import CheckScore

WORST = 10
"""Findings shown for each check."""


def render_junit(report: Report) -> bytes:
    """UTF-8 XML of the form that Jenkins, GitLab and GitHub's reporters read."""
    from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

    document = JUnitXml("supportaudit")
    gate = TestSuite("supportaudit.gate")
    for result in report.gate.results:
        case = TestCase(rule_name(result.rule), "supportaudit.gate", 0)
        words = printable(rule_words(result))
        if result.status is RuleStatus.FAILED:
            case.result = [Failure(words, "rule")]
        elif result.status is RuleStatus.SKIPPED:
            case.result = [Skipped(words)]
        case.system_out = words
        gate.add_testcase(case)
    if report.comparison is not None:
        case = TestCase("against the baseline", "supportaudit.gate", 0)
        if lines := list(_against(report)):
            case.result = [Failure("; ".join(lines[:3]), "baseline")]
        case.system_out = "\n".join(lines) or "nothing worse than the baseline"
        gate.add_testcase(case)
    checks = TestSuite("supportaudit.checks")
    titles = {check.id: check for check in report.checks}
    for score in report.scorecard.checks:
        case = TestCase(score.check, "supportaudit.checks", 0)
        if score.errors:
            case.result = [Error("; ".join(score.errors), "crash")]
        elif not score.judged:
            case.result = [Skipped("nothing judged")]
        elif failed := list(_failures(report, score.check)):
            case.result = [Failure("; ".join(failed), "check")]
        case.system_out = "\n".join(_about(score, titles.get(score.check), report.findings))
        checks.add_testcase(case)
    for suite in (gate, checks):
        if len(suite):
            document.add_testsuite(suite)
    document.update_statistics()
    return bytes(document.tostring())


def _against(report: Report) -> Iterator[str]:
    for change in report.gate.worse:
        yield f"{change.check}: {change_words(change)}"
    for failure in report.gate.new[:WORST]:
        yield f"new: {printable(failure.conversation_id)} {failure.check} ({failure.severity})"
    if len(report.gate.new) > WORST:
        yield f"and {plural(len(report.gate.new) - WORST, 'more new failure')}"


def _failures(report: Report, check: str) -> Iterator[str]:
    """Why the gate is red about a check."""
    about: Sequence[RuleResult] = [r for r in report.gate.failed if r.rule.check == check]
    yield from (printable(f"{rule_name(r.rule)}: {rule_words(r)}") for r in about)
    yield from (change_words(c) for c in report.gate.worse if c.check == check)
    new = sum(f.check == check for f in report.gate.new)
    if new:
        yield plural(new, "new failure")


def _about(score: CheckScore, info: CheckInfo | None, findings: Sequence[Finding]) -> Iterator[str]:
    if info is not None:
        yield info.title
    yield f"{score.failed} of {score.judged} failed: {percent(score.rate)} ({percent_range(score.interval)})"
    own = [f for f in findings if f.check == score.check]
    for finding in own[:WORST]:
        agent = f", {printable(finding.agent)}" if finding.agent else ""
        where = f"{printable(finding.conversation_id)}{agent}"
        yield f"{where}: {printable(finding.reason)}: “{printable(finding.quote)}”"
    if len(own) > WORST:
        yield f"and {plural(len(own) - WORST, 'more finding')}"
