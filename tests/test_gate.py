"""The gate: what a team agreed on, held against a scorecard; and the exit code that follows."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportaudit.auditing.engine import AsOf
from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.errors import InputError, SettingsError
from supportaudit.exits import Exit, verdict
from supportaudit.model import Severity
from supportaudit.output import Target, targets
from supportaudit.render import FORMATS, View
from supportaudit.results.comparison import CheckCounts, Failure, Movement, Period, compare, holm
from supportaudit.results.gate import Gate, JudgeBy, Measure, RuleStatus, Silence, judge
from supportaudit.results.report import Report
from supportaudit.results.saved import period_of, read_result
from supportaudit.results.suppressions import SuppressionStatus
from supportaudit.settings.gate import Typed
from supportaudit.settings.written import parse_settings

WEEK = Path(__file__).parents[1] / "examples" / "shop-week.csv"
VIEW = View(by=None, width=80, color=False, unicode=True)


def audit(text: str = "", baseline: Path | None = None, **typed: Any) -> Report:
    reading = Reading(settings=parse_settings(text, "s")) if text else Reading()
    return scan([WEEK], ScanSettings(reading=reading, gate=Typed(**typed), baseline=baseline, jobs=1))


@pytest.fixture(scope="module")
def plain() -> Report:
    return audit()


def held(report: Report) -> dict[str, str]:
    return {r.rule.name: str(r.status) for r in report.gate.results}


def against(report: Report, text: str = "", **typed: Any) -> Gate:
    """The rules of a settings file against a result that is there already."""
    reading = Reading(settings=parse_settings(text, "s")) if text else Reading()
    return judge(ScanSettings(reading=reading, gate=Typed(**typed)).rules(), report.scorecard)


# --- rules


def test_without_rules_everything_passes(plain: Report) -> None:
    assert plain.gate == Gate()
    assert verdict(plain) is Exit.PASSED


def test_each_limit_is_one_result_that_passes_at_the_limit_itself(plain: Report) -> None:
    card = plain.scorecard
    slow = next(c for c in card.checks if c.check == "slow-reply")
    rate = slow.failed / slow.judged
    limits = f"gate: {{checks: {{slow-reply: {{max-rate: {rate:.16f}, max-count: {slow.failed}}}}}}}"
    assert against(plain, limits).passed
    under = (
        f"gate: {{checks: {{slow-reply: {{max-rate: {rate - 1e-6:.16f}, max-count: {slow.failed - 1}}}}}}}"
    )
    assert [r.status for r in against(plain, under).results] == [RuleStatus.FAILED] * 2
    assert against(plain, fail_under=card.score).passed
    assert not against(plain, fail_under=min(100.0, (card.score or 0) + 0.1)).passed
    assert against(plain, max_failures=card.failing).passed
    assert not against(plain, max_failures=card.failing - 1).passed


def test_by_the_interval_only_what_is_sure_fails(plain: Report) -> None:
    text = "gate: {min-score: 75, checks: {slow-reply: 3 %, rudeness: 0.1 %}}"
    assert len(against(plain, text).failed) == 3
    sure = against(plain, text.replace("gate: {", "gate: {judge-by: interval, "))
    assert {r.rule.judge_by for r in sure.results} == {JudgeBy.INTERVAL}
    assert [r.rule.name for r in sure.failed] == ["rudeness/max-rate"]


def test_too_few_conversations_say_nothing_aloud_but_counts_do(plain: Report) -> None:
    text = "gate: {min-judged: 1000, min-score: 99, checks: {rudeness: {max-rate: 0, max-count: 0}}}"
    gate = against(plain, text)
    assert [(r.rule.measure, r.status, r.silence) for r in gate.results] == [
        (Measure.SCORE, RuleStatus.SKIPPED, Silence.TOO_FEW),
        (Measure.RATE, RuleStatus.SKIPPED, Silence.TOO_FEW),
        (Measure.COUNT, RuleStatus.FAILED, None),
    ]


def test_a_segment_has_limits_of_its_own(plain: Report) -> None:
    text = """
gate:
  segments:
    - {by: channel, value: chat, max-rate: 90 %, checks: {slow-reply: {max-count: 0}}}
    - {by: channel, value: fax, max-count: 0}
    - {by: channel, value: email, min-judged: 5, max-rate: 1 %}
"""
    gate = against(plain, text)
    assert [(r.rule.name, r.status) for r in gate.results] == [
        ("channel=chat/any/max-rate", RuleStatus.PASSED),
        ("channel=chat/slow-reply/max-count", RuleStatus.FAILED),
        ("channel=fax/any/max-count", RuleStatus.SKIPPED),
        ("channel=email/any/max-rate", RuleStatus.FAILED),
    ]
    chat = next(s for s in plain.scorecard.segments["channel"] if s.value == "chat")
    assert (gate.results[1].failed, gate.results[1].judged) == (
        chat.failed["slow-reply"],
        chat.judged["slow-reply"],
    )


def test_what_is_typed_stands_over_the_files_rule_of_the_same_name_and_beside_the_others(
    plain: Report,
) -> None:
    text = "gate: {min-score: 99, checks: {slow-reply: 1 %, rudeness: 1 %}}"
    gate = against(plain, text, fail_under=10.0, fail_on=("slow-reply:90%", "arguing", "any:0.99"))
    assert {r.rule.name: (r.rule.limit, r.rule.origin) for r in gate.results} == {
        "min-score": (10.0, "--fail-under"),
        "slow-reply/max-rate": (0.9, "--fail-on"),
        "rudeness/max-rate": (0.01, "settings file"),
        "arguing/max-count": (0.0, "--fail-on"),
        "any/max-rate": (0.99, "--fail-on"),
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [("slow-repl", "did you mean 'slow-reply'"), ("slow-reply:", "must be a share"), ("rudeness:5", "did you mean '5"),
     ("rudeness:x", "must be a share"), ("", "is not known")],
)  # fmt: skip
def test_a_typed_limit_that_cannot_be_read_is_refused_before_the_audit(typed: str, said: str) -> None:
    with pytest.raises(SettingsError, match="--fail-on") as caught:
        scan([Path("there-is-no-such.csv")], ScanSettings(gate=Typed(fail_on=(typed,))))
    assert said in caught.value.message


# --- exit code


def test_the_exit_code_is_decided_in_one_place(plain: Report) -> None:
    failed = msgspec.structs.replace(plain, gate=against(plain, max_failures=0))
    assert verdict(failed) is Exit.FAILED
    assert verdict(failed, exit_zero=True) is Exit.PASSED


def test_a_crashed_check_and_nothing_judged_are_never_green(plain: Report) -> None:
    card = plain.scorecard
    first = card.checks[0]
    crashed = msgspec.structs.replace(first, errors={"ValueError in check": 1})
    unjudged = tuple(msgspec.structs.replace(c, judged=0, failed=0, rate=None) for c in card.checks)
    for checks, message in (((crashed, *card.checks[1:]), "crashed"), (unjudged, "no check could judge")):
        report = msgspec.structs.replace(plain, scorecard=msgspec.structs.replace(card, checks=checks))
        for exit_zero in (False, True):
            with pytest.raises((InputError, Exception), match=message):
                verdict(report, exit_zero=exit_zero)


# --- against an earlier audit


def period(name: str = "p", failures: tuple[Failure, ...] = (), **checks: tuple[int, int]) -> Period:
    counts = {check: CheckCounts(judged, failed) for check, (failed, judged) in checks.items()}
    return Period(name, 100, 70.0, None, counts, failures)


def moved(before: tuple[int, int], after: tuple[int, int]) -> Movement:
    [change] = compare(period(rudeness=before), period(rudeness=after)).changes
    return change.movement


@pytest.mark.parametrize(
    ("before", "after", "movement"),
    [
        ((10, 300), (40, 300), Movement.WORSE),
        ((40, 300), (10, 300), Movement.BETTER),
        ((10, 300), (14, 300), Movement.ALIKE),
        ((0, 300), (0, 300), Movement.TOO_FEW),
        ((0, 5), (4, 5), Movement.TOO_FEW),
        ((1, 2), (300, 300), Movement.TOO_FEW),
        ((0, 0), (3, 300), Movement.TOO_FEW),
    ],
)
def test_a_rate_moved_only_if_chance_hardly_explains_it(
    before: tuple[int, int], after: tuple[int, int], movement: Movement
) -> None:
    assert moved(before, after) is movement


def test_the_test_is_the_one_of_the_textbook() -> None:
    """Campbell's N - 1 chi-squared for 7 of 20 against 1 of 20: (N - 1)(ad - bc)^2 / (row and column products)."""
    [change] = compare(period(x=(1, 20)), period(x=(7, 20))).changes
    chi = 39 * (7 * 19 - 13 * 1) ** 2 / (20 * 20 * 8 * 32)
    assert chi == pytest.approx(5.4844, abs=1e-4)
    assert change.p == pytest.approx(0.01919, abs=1e-4)  # 1 degree of freedom


def test_eleven_checks_together_err_no_oftener_than_one() -> None:
    ps = {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}
    assert holm(ps) == pytest.approx({"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06})


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=12))
def test_an_adjusted_p_is_never_smaller_and_keeps_the_order(ps: dict[str, float]) -> None:
    adjusted = holm(ps)
    assert all(ps[k] <= adjusted[k] <= 1 for k in ps)
    assert all(adjusted[a] <= adjusted[b] for a in ps for b in ps if ps[a] < ps[b])


def test_failures_are_new_gone_or_still_there() -> None:
    grave, light = Failure("T1", "rudeness", Severity.HIGH), Failure("T1", "slow-reply", Severity.LOW)
    other = Failure("T2", "slow-reply", Severity.MEDIUM)
    found = compare(period("a", (light, other)), period("b", (grave, light)))
    assert (found.new, found.gone, found.still) == ((grave,), (other,), (light,))


def test_an_earlier_result_fails_the_gate_on_worsening_or_on_grave_new_failures(tmp_path: Path) -> None:
    before = audit()
    last = tmp_path / "last.json"
    last.write_text(str(FORMATS["json"](before, VIEW)), encoding="utf-8")
    assert read_result(last) == msgspec.structs.replace(
        period_of(before, "last.json"), began=read_result(last).began, ended=read_result(last).ended
    )
    same = audit(baseline=last)
    assert same.comparison is not None
    assert (same.comparison.new, same.comparison.gone, same.gate.passed) == ((), (), True)

    document = msgspec.json.decode(last.read_bytes())
    document["findings"] = [f for f in document["findings"] if f["check"] != "rudeness"]
    for check in document["scorecard"]["checks"]:
        if check["check"] == "slow-reply":
            check["judged"], check["failed"] = 3000, 1
    last.write_bytes(msgspec.json.encode(document))
    worse = audit(baseline=last)
    assert [change.check for change in worse.gate.worse] == ["slow-reply"]
    assert worse.gate.new == ()
    assert verdict(worse) is Exit.FAILED
    chosen = audit("gate: {worsening: false, new-findings: high}", baseline=last)
    assert chosen.gate.worse == ()
    assert {f.check for f in chosen.gate.new} == {"rudeness"}
    assert audit("gate: {worsening: false}", baseline=last).gate.passed


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no result"), ("[]", "is no result"), ('{"schema_version": "2.0"}', "schema version '2.0'"),
        ('{"schema_version": "1.2"}', "is no result"), ("\xff", "is no result"),
    ],
)  # fmt: skip
def test_a_baseline_that_is_none_is_refused_in_one_sentence(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "last.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match=r"last\.json") as caught:
        read_result(path)
    assert said in caught.value.message
    with pytest.raises(InputError, match="cannot be read"):
        read_result(tmp_path / "missing.json")


# --- suppressions

ENTRY = 'ignore: [{{{what}, reason: agreed, author: Rob, expires: "{day}"}}]'


@pytest.mark.parametrize(
    "what", ["conversation: '50028'", "check: slow-reply", "check: rudeness, channel: social"]
)
def test_what_is_accepted_leaves_rates_and_findings_and_is_counted_aloud(plain: Report, what: str) -> None:
    report = audit(ENTRY.format(what=what, day="2026-11-15"))
    [one] = report.suppressed
    assert one.status is SuppressionStatus.USED
    assert one.findings == len(plain.findings) - len(report.findings) > 0
    assert "suppressed" in str(FORMATS["text"](report, VIEW))
    lost = sum(c.failed for c in plain.scorecard.checks) - sum(c.failed for c in report.scorecard.checks)
    assert lost > 0
    assert [c.judged for c in plain.scorecard.checks] == [c.judged for c in report.scorecard.checks]


def test_a_suppression_goes_by_message_agent_or_everything_given_at_once(plain: Report) -> None:
    finding = next(f for f in plain.findings if f.agent)
    by_message = audit(ENTRY.format(what=f"message: '{finding.messages[0]}'", day="2027-01-01"))
    assert finding not in by_message.findings
    by_agent = audit(ENTRY.format(what=f"agent: '{finding.agent}', check: {finding.check}", day="2027-01-01"))
    assert not [f for f in by_agent.findings if (f.agent, f.check) == (finding.agent, finding.check)]
    nobody = audit(ENTRY.format(what=f"agent: Nobody, check: {finding.check}", day="2027-01-01"))
    assert len(nobody.findings) == len(plain.findings)


@pytest.mark.parametrize(
    ("what", "day", "status"),
    [
        ("conversation: T-none", "2027-01-01", SuppressionStatus.UNUSED),
        ("check: slow-reply", "2026-11-14", SuppressionStatus.EXPIRED),
    ],
)
def test_a_stale_one_changes_nothing_and_is_reported(
    plain: Report, what: str, day: str, status: SuppressionStatus
) -> None:
    report = audit(ENTRY.format(what=what, day=day))
    assert report.findings == plain.findings
    assert [one.status for one in report.stale] == [status]
    words = {SuppressionStatus.UNUSED: "matches nothing", SuppressionStatus.EXPIRED: "has expired"}
    assert words[status] in " ".join(str(FORMATS["text"](report, VIEW)).split())


def test_the_day_is_that_of_the_log_never_the_machines() -> None:
    text = ENTRY.format(what="check: slow-reply", day="2026-11-20")
    reading = Reading(settings=parse_settings(text, "s"))

    def status(day: int) -> SuppressionStatus:
        as_of = AsOf(at=1_763_200_000.0 + 365 * 86_400 + day * 86_400)  # 2026-11-15 and so many days
        return scan([WEEK], ScanSettings(reading=reading, as_of=as_of, jobs=1)).suppressed[0].status

    assert (status(1), status(6)) == (SuppressionStatus.USED, SuppressionStatus.EXPIRED)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{reason: x, author: y, expires: 2026-12-31}", "accepts everything"),
        ("{check: slow-reply, author: y, expires: 2026-12-31}", "needs 'reason'"),
        ("{check: slow-reply, reason: x, expires: 2026-12-31}", "needs 'author'"),
        ("{check: slow-reply, reason: x, author: y}", "needs 'expires'"),
        ("{check: slow-repl, reason: x, author: y, expires: 2026-12-31}", "did you mean 'slow-reply'"),
        ("{chek: slow-reply, reason: x, author: y, expires: 2026-12-31}", "did you mean 'check'"),
        ("{check: slow-reply, reason: x, author: y, expires: soon}", "must be a date"),
    ],
)
def test_an_entry_that_is_not_complete_is_refused(entry: str, said: str) -> None:
    with pytest.raises(SettingsError, match="line 1") as caught:
        parse_settings(f"ignore: [{entry}]", "s")
    assert said in caught.value.message


# --- several outputs


def test_each_output_names_its_format_and_a_bare_one_gets_the_printed() -> None:
    known = ("text", "json", "junit")
    assert targets([], "text", known) == (Target("text", None),)
    assert targets(["a.json"], "json", known) == (Target("json", Path("a.json")),)
    assert targets(["json=a.json", "junit=b/c.xml"], "text", known) == (
        Target("json", Path("a.json")), Target("junit", Path("b/c.xml")), Target("text", None),
    )  # fmt: skip
    assert targets(["./json=x"], "text", known) == (Target("text", Path("json=x")),)
    for wrong, said in (
        (["jsn=a"], "did you mean 'json'"),
        (["json=a", "junit=a"], "named twice"),
        (["json="], ""),
    ):
        with pytest.raises(SettingsError, match="--output") as caught:
            targets(wrong, "text", known)
        assert said in caught.value.message
