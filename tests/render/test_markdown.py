"""The Markdown page as a renderer of GitHub's dialect shows it: its words are ours, foreign ones stand in code."""

import re
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from tests.render import reports
from tests.score.sample import report_of

from supportaudit.render.markdown import MAX_LINES, WORST, code, words
from supportaudit.render.text import printable
from supportaudit.results.gate import Gate, Measure, Rule, RuleResult, RuleStatus
from supportaudit.results.report import Report
from supportaudit.results.suppressions import Suppressed, Suppression, SuppressionStatus
from supportaudit.settings.notation import Day

GFM = MarkdownIt("gfm-like")
COMMENT = 65_536
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


def page(report: Report) -> str:
    return reports.made("markdown", report).decode("utf-8")


def tokens(text: str) -> Iterator[Token]:
    for token in GFM.parse(text):
        yield token
        yield from token.children or ()


def outside_code(text: str) -> str:
    return "\n".join(token.content for token in tokens(text) if token.type == "text")


def check_harmless(text: str) -> None:
    kinds = {token.type for token in tokens(text)}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "fence", "code_block", "s_open"}
    plain = outside_code(text)
    assert not re.search(r"[<>\[\]`@#|*_~\\$&]|://|www\.", plain), plain
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text
    )


@every_report
def test_no_markup_comes_out_of_foreign_text(report: Report) -> None:
    check_harmless(page(report))


@every_report
def test_it_fits_into_a_comment(report: Report) -> None:
    text = page(report)
    assert len(text.encode("utf-8")) < COMMENT
    assert "Left out" not in text
    assert text.endswith(f" · supportaudit {report.run.version}\n")


@every_report
def test_no_cell_is_torn(report: Report) -> None:
    bars = 0
    for line in page(report).split("\n"):
        found = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not (bars and found) or found == bars, line
        bars = found


def test_what_a_reviewer_needs_stands_on_it() -> None:
    report = reports.ordinary()
    text = page(report)
    card = report.scorecard
    assert f"**{card.letter} · {card.score:.1f} of 100**" in text
    assert next(token.content for token in GFM.parse(text) if token.type == "inline") == "Support audit"
    for heading in ("### Gate failed: ", "### Against `last.json`", "### Gravest findings", "### Suppressed"):
        assert f"\n{heading}" in text
    for score in card.checks:
        assert f"| `{score.check}` | {score.failed:,} of {score.judged:,} |" in text
    assert f"{len(report.findings) - WORST} more findings not shown." in text
    assert text.index("Gate failed") < text.index("Gravest findings")
    assert text.index("❌ failed") < text.index("➖ skipped")


def test_of_nothing_little_is_said() -> None:
    assert "**No score**" in page(reports.nothing())
    assert "Gravest" not in page(reports.empty())
    assert "Gate" not in page(reports.empty())


def test_hundreds_of_rules_and_suppressions_fit_and_are_counted() -> None:
    rule = RuleResult(
        Rule(Measure.COUNT, 0, "rudeness", "agent", "x" * 500), RuleStatus.FAILED, 1.0, None, 1, 1
    )
    entry = Suppressed(
        Suppression("y" * 500, "Rob", Day(2026, 12, 31), check="rudeness"), SuppressionStatus.UNUSED
    )
    report = msgspec.structs.replace(
        reports.ordinary(), gate=Gate((rule,) * 500), suppressed=(entry,) * 500, comparison=None
    )
    text = page(report)
    check_harmless(text)
    assert len(text.encode()) < COMMENT
    assert f"| {500 - MAX_LINES} more |" in text
    assert f"- and {500 - MAX_LINES} more" in text
    assert "Gravest findings" in text


def test_long_words_leave_room_for_fewer_findings_but_not_for_none() -> None:
    report = report_of([])
    wide = msgspec.structs.replace(
        reports.ordinary().findings[0],
        conversation_id="🏳\u200d" * 9_000,
        reason="🏳\u200d" * 9_000,
        quote="🏳\u200d" * 9_000,
    )
    text = page(msgspec.structs.replace(report, findings=(wide,) * 1_000))
    assert len(text.encode()) < COMMENT
    shown = text.count("\n| `🏳")
    assert 0 < shown < WORST
    assert f"{1_000 - shown} more findings not shown." in text


@example("www.")  # what would be a link with a name behind it
@given(st.text(st.sampled_from("ab1 `|\\<>[]()*_~@#:/.&!-+=\n$w\u202e\ud800"), max_size=30))
def test_any_text_stays_in_its_code(text: str) -> None:
    check_harmless(f"- {code(text)}\n- {words(text)}")
    (span,) = (token for token in tokens(code(text)) if token.type == "code_inline")
    assert span.content.strip() == printable(text).replace("\\|", "|").strip()


@pytest.mark.parametrize(
    "text", ["first reply after 3 h 3 min", "passed on, and the customer objects", "99.5 % (1–2; x)"]
)
def test_plain_words_stay_words(text: str) -> None:
    assert words(text) == text
