"""The terminal report: complete, at most as wide as asked, and deaf to what is written in the export."""

import re

import msgspec
import pytest
from rich.cells import cell_len
from tests.score.sample import CHECKS, RUN, account, conversations, findings_of, report_of, tally_of

from supportaudit.model import Audited, CheckInfo, Outcome, Rejected, Status
from supportaudit.render import FORMATS, View
from supportaudit.render.terminal import render_terminal
from supportaudit.results.report import Report, make_report
from supportaudit.results.tally import GroupTally, Tally

ANSI = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
    "[bold red]x[/bold red][/quote]",
    "\u202egnp.exe\u2066",
    "line\nbreak\r\ttab\u2028sep\x85nel",
    "x" * 10_000,
    "e" + "\u0301" * 10_000,
    "漢字" * 200,
    "\ud83d lone",
    "a\x00b\x9b31m",
)


def widest(text: str) -> int:
    return max(cell_len(ANSI.sub("", line)) for line in text.split("\n"))


@pytest.mark.parametrize("width", [72, 80, 100, 200])
@pytest.mark.parametrize("by", [None, "team", "channel", "week", "language", "brand"])
def test_no_line_is_wider_than_asked(width: int, by: str | None) -> None:
    assert widest(render_terminal(report_of(conversations()), by, width)) <= min(width, 110)


def test_the_facts_are_there() -> None:
    report = report_of(conversations())
    text = render_terminal(report)
    card = report.scorecard
    assert f"{card.letter}   {card.score:.1f} of 100" in text
    assert f"{card.failing} of 240 conversations failed their customer" in text
    assert "2026-09-01 to 2026-09-30, as of 2026-09-30T18:00:00Z" in text
    for check in card.checks:
        assert check.check in text
        if check.judged:
            assert f"{check.failed} of {check.judged}" in text
    assert "Erik" in text
    assert "worse than the rest" in text
    assert "the export shows no hand-overs" in text
    assert "2,034 rows read = 1,899 used + 5 rejected + 130 not messages" in text
    assert "supportaudit explain slow-reply" in text
    assert text.endswith("\n")
    assert not re.search(r" $", text, re.MULTILINE), "no blanks at line ends"


def test_costly_checks_come_first_and_their_mends_last() -> None:
    text = render_terminal(report_of(conversations()))
    table = text[text.index("Checks") : text.index("Worst conversations")]
    assert table.index("slow-reply") < table.index("missing-follow-up") < table.index("no-knowledge")
    assert "1. slow-reply: Send a short human first answer, then solve.\n" in text


def test_without_colour_there_is_no_escape_and_with_colour_the_same_words() -> None:
    report = report_of(conversations())
    plain, coloured = render_terminal(report), render_terminal(report, color=True)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert ANSI.sub("", coloured) == plain


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(conversations(40))
    before = render_terminal(report, color=True)
    for name, value in (("NO_COLOR", "1"), ("FORCE_COLOR", "1"), ("COLUMNS", "20"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)
    assert render_terminal(report, color=True) == before


def test_ascii_typography_keeps_every_line_in_its_place() -> None:
    report = report_of(conversations())
    unicode, ascii_only = render_terminal(report), render_terminal(report, unicode=False)
    assert re.sub("Chloé", "", ascii_only).isascii()
    assert [len(line) for line in unicode.split("\n")] == [len(line) for line in ascii_only.split("\n")]


def hostile_report(text: str) -> Report:
    """The sample with `text` for every word that comes from the export."""
    items = [
        msgspec.structs.replace(
            item,
            conversation_id=text,
            agents=(text, *item.agents),
            channel=text,
            team=text,
            outcomes=tuple(
                msgspec.structs.replace(
                    outcome,
                    reason=text,
                    findings=tuple(
                        msgspec.structs.replace(f, conversation_id=text, quote=text, agent=text)
                        for f in outcome.findings
                    ),
                )
                for outcome in item.outcomes
            ),
        )
        for item in conversations(40)
    ]
    hostile = msgspec.structs.replace(
        account(40), files=(text,), source=text, rejected=(Rejected(text, 1, text),), notes=(text,)
    )
    return make_report(tally_of(items), findings_of(items), hostile, RUN, CHECKS)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("by", ["agent", "team", "channel"])
def test_hostile_text_neither_acts_nor_breaks_the_page(text: str, by: str) -> None:
    shown = render_terminal(hostile_report(text), by)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", shown)
    shown.encode("utf-8")
    assert widest(shown) <= 80
    assert len(shown) < 20_000


def test_markup_of_customers_is_shown_as_it_was_written() -> None:
    assert "“[bold red]x[/bold red][/quote]”" in render_terminal(hostile_report(HOSTILE[1]))


@pytest.mark.parametrize("items", [[], [Audited("T-1", (Outcome("slow-reply", Status.NOT_APPLICABLE),))]])
def test_nothing_judged_is_said_and_not_graded(items: list[Audited]) -> None:
    text = render_terminal(report_of(items))
    assert "no score: no check could judge anything" in text
    assert "not judged" in text
    assert "100" not in text


def test_too_few_are_scored_in_parentheses() -> None:
    text = render_terminal(report_of(conversations(8)))
    assert re.search(r"\([A-F]\)   \d+\.\d of 100", text)
    assert "too few to grade: fewer than 30 conversations" in text
    assert "* judged fewer than 30 times" in text


def test_a_crashed_check_is_not_overlooked() -> None:
    item = Audited("T-1", (Outcome("slow-reply", Status.ERROR, reason="ZeroDivisionError"),))
    text = render_terminal(report_of([item]))
    assert "not complete: checks crashed 1 time" in text
    assert "crashed: ZeroDivisionError" in text


def test_many_alike_groups_are_named_and_not_ranked() -> None:
    agents = {f"agent {i:02}": GroupTally(conversations=20, failing=4 + i % 2) for i in range(50)}
    agents["agent 17"].failing = 20
    agents |= {"few": GroupTally(conversations=3, failing=3)}
    tally = Tally(conversations=1_000, groups={"agent": agents})
    text = render_terminal(make_report(tally, (), account(1_000), RUN, ()))
    assert "agent 17  20 of 20" in text
    assert "Cannot be told apart (49): agent 00, agent 01," in text
    assert "and 13 more" in text
    assert "Fewer than 10 conversations (1): few" in text


def test_a_harmless_file_name_is_put_into_the_command() -> None:
    files = {
        "a.csv": "scan a.csv ",
        "my a.csv": "scan 'my a.csv' ",
        "a\x1b.csv": "scan FILE ",
        "a" * 99: "FILE",
    }
    for name, expected in files.items():
        items = conversations(40)
        named = msgspec.structs.replace(account(40), files=(name,))
        text = render_terminal(make_report(tally_of(items), findings_of(items), named, RUN, CHECKS))
        assert expected in text


def test_a_check_with_a_long_name_does_not_move_the_page() -> None:
    long = CheckInfo("x" * 300, "", CHECKS[0].severity, 1, "", "", "Mend it.")
    items = [Audited("T-1", (Outcome(long.id, Status.NOT_APPLICABLE, reason="why"),))]
    assert widest(render_terminal(report_of(items, (long,)))) <= 80


def test_every_format_renders_by_name() -> None:
    report = report_of(conversations(40))
    for render in FORMATS.values():
        assert render(report, View()) == render(report, View())


def test_strengths_and_signals_stand_below_the_failures() -> None:
    text = render_terminal(report_of(conversations()))
    block = text[text.index("Strengths and signals") : text.index("Not judged, and why")]
    assert text.index("Worst conversations") < text.index("Strengths and signals")
    assert re.search(r"praise-answered \* +13 of 27 +48\.1 %  30\.7–66\.0\n", block)
    assert re.search(r"signed-replies +\d+ of \d,\d+ +\d+\.\d %  \d+\.\d–\d+\.\d +messages\n", block)
    assert "* in fewer than 30 conversations" in block
    assert "came-back" not in block, "no case, no line"
    assert "Why people write, of 240 conversations: delivery 33.3 % (" in block
    assert block.index("delivery 33.3 %") < block.index("66.7 %"), "what is unknown stands last"
    assert "6  crashed: ZeroDivisionError in signal" in text


def test_a_share_is_never_torn_from_its_number() -> None:
    for width in range(72, 111):
        lines = render_terminal(report_of(conversations()), width=width).split("\n")
        assert not [line for line in lines if line.strip().startswith("%")]


@pytest.mark.parametrize("within", [{}, {300: 0.5}, {60: 0.1, 300: 0.5, 3_600: 0.7, 86_400: 0.9}])
def test_reply_times_of_a_result_with_other_marks_are_shown(within: dict[int, float]) -> None:
    report = report_of(conversations(60))
    assert report.scorecard.reply_times
    odd = tuple(msgspec.structs.replace(row, within=within) for row in report.scorecard.reply_times)
    card = msgspec.structs.replace(report.scorecard, reply_times=odd)
    text = render_terminal(msgspec.structs.replace(report, scorecard=card), None, 80)
    [line] = (line for line in text.splitlines() if line.startswith("  chat  "))
    assert ("50 %" in line) is (300 in within)
    assert "10 %" not in line
