"""The result as JUnit XML, red exactly where the gate is red.

One suite holds a case for each rule of the gate, the other a case for each check, with its rate and its worst
conversations as output. A case for each conversation would turn a week that passed its gate red in Jenkins, and bury a
pipeline in GitLab under thousands of lines; those who want every finding have SARIF, NDJSON and CSV.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from supportaudit.model import CheckInfo, Finding
from supportaudit.render.sentences import change_words, rule_name, rule_words
from supportaudit.render.text import count, fit, percent, percent_range, plural
from supportaudit.results.gate import RuleResult, RuleStatus
from supportaudit.results.report import Report
from supportaudit.results.score import CheckScore

if TYPE_CHECKING:
    from junitparser import TestCase

WORST = 10
"""Findings shown for each check."""


def render_junit(report: Report) -> bytes:
    """UTF-8 XML of the form that Jenkins, GitLab and GitHub's reporters read."""
    from junitparser import JUnitXml, TestSuite

    document = JUnitXml("supportaudit")
    for name, cases in (
        ("supportaudit.gate", _gate_cases(report)),
        ("supportaudit.checks", _check_cases(report)),
    ):
        suite = TestSuite(name)
        for case in cases:
            case.classname = name
            suite.add_testcase(case)
        if len(suite):
            document.add_testsuite(suite)
    document.update_statistics()
    return _written(document.tostring())


def _written(made: bytes) -> bytes:
    # The library writes with lxml where that is installed: without this, other bytes for the same report.
    from xml.etree import ElementTree

    root = ElementTree.fromstring(made)  # noqa: S314 - our own document
    root.attrib.pop("skipped", None)  # the schema of Jenkins knows it on suites only
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, "utf-8", xml_declaration=True)) + b"\n"


def _gate_cases(report: Report) -> "Iterator[TestCase]":
    if not any(score.judged for score in report.scorecard.checks):
        yield _case("anything to judge", ("error", "audit", "no check could judge any conversation"))
    for result in report.gate.results:
        words, element = rule_words(result), _ELEMENTS.get(result.status)
        outcome = None if element is None else (element, "rule", words)
        # The rule's own name: a check may have a rule on its rate and one on its count, and names must differ.
        yield _case(
            result.rule.name, outcome, [f"{rule_name(result.rule)}: {words}", f"origin: {result.rule.origin}"]
        )
    if report.comparison is not None:
        lines = list(_against(report))
        yield _case(
            "against the baseline",
            ("failure", "baseline", "; ".join(lines[:3])) if lines else None,
            lines or ["nothing worse than the baseline"],
        )


_ELEMENTS = {RuleStatus.FAILED: "failure", RuleStatus.SKIPPED: "skipped"}


def _check_cases(report: Report) -> "Iterator[TestCase]":
    titles = {check.id: check for check in report.checks}
    for score in report.scorecard.checks:
        outcome = None
        if score.errors:
            crashes = (f"{reason} ({plural(n, 'conversation')})" for reason, n in score.errors.items())
            outcome = ("error", "crash", "crashed: " + "; ".join(crashes))
        elif not score.judged:
            reasons = (f"{reason} ({count(n)})" for reason, n in score.not_applicable_reasons.items())
            outcome = ("skipped", "not judged", "; ".join(("nothing judged", *reasons)))
        elif failed := list(_failures(report, score.check)):
            outcome = ("failure", "check", "; ".join(failed))
        yield _case(score.check, outcome, _about(score, titles.get(score.check), report.findings))


def _case(name: str, outcome: tuple[str, str, str] | None, lines: Iterable[str] = ()) -> "TestCase":
    """A case and what became of it: (element, type, words), None where it passed.

    A failure says everything in its text too: of a failed case GitLab shows nothing else.
    """
    from junitparser import Error, Failure, Skipped, TestCase

    case = TestCase(_xml(name), time=0)
    shown = [_xml(line) for line in lines]
    if outcome is not None:
        element, kind, words = outcome
        result = {"error": Error, "failure": Failure, "skipped": Skipped}[element](_xml(words), kind)
        if element != "skipped":
            result.text = "\n".join((_xml(words), *shown))
        case.result = [result]
    if shown:
        case.system_out = "\n".join(shown)
    return case


def _xml(text: str) -> str:
    """Foreign text on one line of bounded length."""
    return fit(text, 1000)


def _against(report: Report) -> Iterator[str]:
    for change in report.gate.worse:
        yield f"{change.check}: {change_words(change)}"
    for failure in report.gate.new[:WORST]:
        yield f"new: {failure.conversation_id} {failure.check} ({failure.severity})"
    if len(report.gate.new) > WORST:
        yield f"and {plural(len(report.gate.new) - WORST, 'more new failure')}"


def _failures(report: Report, check: str) -> Iterator[str]:
    """Why the gate is red about a check."""
    about: Sequence[RuleResult] = [r for r in report.gate.failed if r.rule.check == check]
    yield from (f"{rule_name(r.rule)}: {rule_words(r)}" for r in about)
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
        agent = f", {fit(finding.agent, 60)}" if finding.agent else ""
        where = f"{fit(finding.conversation_id, 60)}{agent}"
        yield f"{where}: {fit(finding.reason, 200)}: “{fit(finding.quote, 300)}”"
    if len(own) > WORST:
        yield f"and {plural(len(own) - WORST, 'more finding')}"
