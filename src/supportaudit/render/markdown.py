"""The result as Markdown, for a job summary or a comment: grade, gate, checks, comparison and the gravest findings.

Foreign text stands in code spans, where no markup works and nobody is mentioned; outside of them only plain words. The
whole stays under the size of a comment (65,536 characters); what does not fit is counted.
"""

import re
from collections.abc import Iterator, Sequence

from supportaudit.render.sentences import (
    comparison_words,
    gate_words,
    moved_words,
    rule_name,
    rule_words,
    suppressed_words,
    test_words,
)
from supportaudit.render.text import count, fit, percent, percent_range, plural, printable
from supportaudit.results.gate import RuleStatus
from supportaudit.results.report import Report

MAX_SIZE = 60_000
WORST = 25
MAX_LINES = 60
"""Lines of a table or list: a gate may have hundreds of rules."""

_MARK = {RuleStatus.PASSED: "✅ passed", RuleStatus.FAILED: "❌ failed", RuleStatus.SKIPPED: "➖ skipped"}
_ORDER = (RuleStatus.FAILED, RuleStatus.SKIPPED, RuleStatus.PASSED)
_WORDS = re.compile(r"(?:[^\W_]|[ ,;()'’“”…–%→+-]|(?<![^\W_])\.|\.(?![^\W_])|(?<=[0-9])\.(?=[0-9])|: )*")


def render_markdown(report: Report) -> str:
    """GitHub-flavoured Markdown with tables."""
    parts = ["\n".join(_head(report)), "\n".join(_account(report))]
    room = MAX_SIZE - sum(len(part.encode()) + 2 for part in parts)
    # The account stands last, and what matters most is the last to be left out.
    for name, section in (
        ("gate", _gate),
        ("checks", _checks),
        ("comparison", _against),
        ("findings", _findings),
        ("suppressions", _suppressed),
    ):
        text = "\n".join(section(report))
        if name == "findings":  # rather fewer than none
            shown = WORST
            while shown and len(text.encode()) + 2 > room:
                shown //= 2
                text = "\n".join(_findings(report, shown))
        size = len(text.encode()) + 2
        if size > room:
            text = f"Left out, too long for this page: {name}."
        elif text:
            room -= size
        if text:
            parts.insert(-1, text)
    return "\n\n".join(parts) + "\n"


def _head(report: Report) -> Iterator[str]:
    card = report.scorecard
    yield "## Support audit"
    yield ""
    if card.score is None or card.interval is None:
        yield "**No score**: no check could judge anything."
    else:
        grade = card.letter if card.enough else f"({card.letter}), too few to grade"
        yield f"**{grade} · {card.score:.1f} of 100** (95 % interval {card.interval.low:.1f}–{card.interval.high:.1f})"
    yield ""
    failing = f"{count(card.failing)} of {plural(card.conversations, 'conversation')} failed their customer"
    interval = f" ({percent_range(card.failing_interval)})" if card.failing_interval is not None else ""
    yield (
        f"{failing}: {percent(card.failing / card.conversations)}{interval}"
        if card.conversations
        else failing
    )


def _gate(report: Report) -> Iterator[str]:
    gate = report.gate
    if not gate.results and gate.passed:
        return
    yield f"### Gate {gate_words(gate)}"
    yield ""
    yield from _table(
        ("Rule", "", "What"),
        [(code(c.check), "❌ failed", "worse than the baseline") for c in gate.worse]
        + ([("new failures", "❌ failed", count(len(gate.new)))] if gate.new else [])
        + [
            (code(fit(rule_name(r.rule), 80)), _MARK[r.status], words(fit(rule_words(r), 200)))
            for r in sorted(gate.results, key=lambda r: _ORDER.index(r.status))
        ],
    )


def _checks(report: Report) -> Iterator[str]:
    scores = sorted(report.scorecard.checks, key=lambda c: (-c.demerits, not c.judged, c.check))
    yield from _table(
        ("Check", "Failed", "Rate", "95 % interval"),
        [
            (
                code(s.check),
                f"{count(s.failed)} of {count(s.judged)}",
                percent(s.rate),
                percent_range(s.interval),
            )
            for s in scores
        ],
    )


def _against(report: Report) -> Iterator[str]:
    comparison = report.comparison
    if comparison is None:
        return
    yield f"### Against {code(fit(comparison.before.name, 100))}"
    yield ""
    rows = []
    for change in comparison.changes:
        before, after = (
            percent(c.failed / c.judged if c.judged else None) for c in (change.before, change.after)
        )
        rows.append((code(change.check), before, after, moved_words(change)))
    yield from _table(("Check", "Before", "Now", ""), rows)
    yield ""
    yield f"{comparison_words(comparison)} · {test_words(len(comparison.changes))}"


def _suppressed(report: Report) -> Iterator[str]:
    if not report.suppressed:
        return
    yield "### Suppressed"
    yield ""
    yield from (f"- {code(fit(suppressed_words(one), 200))}" for one in report.suppressed[:MAX_LINES])
    if len(report.suppressed) > MAX_LINES:
        yield f"- and {count(len(report.suppressed) - MAX_LINES)} more"


def _account(report: Report) -> Iterator[str]:
    account = report.input
    yield (
        f"{count(account.rows_read)} rows read = {count(account.rows_used)} used + {count(account.rows_rejected)} "
        f"rejected + {count(account.rows_not_messages)} not messages · as of {printable(report.run.as_of)} · "
        f"supportaudit {report.run.version}"
    )
    if added := report.run.settings.get("added_checks"):
        yield ""
        yield f"Added checks: {words(printable(added))}"


def _findings(report: Report, shown: int = WORST) -> Iterator[str]:
    """The gravest findings, and how many are left out."""
    if not report.findings:
        return
    yield "### Gravest findings"
    yield ""
    yield from _table(
        ("Conversation", "Check", "Proof"),
        [
            (
                code(fit(finding.conversation_id, 40)),
                code(finding.check),
                f"{words(fit(finding.reason, 160))}: {code(fit(finding.quote, 160))}",
            )
            for finding in report.findings[:shown]
        ],
    )
    if len(report.findings) > shown:
        yield ""
        yield f"{plural(len(report.findings) - shown, 'more finding')} not shown."


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    yield from ("| " + " | ".join(map(_cell, row)) + " |" for row in rows[:MAX_LINES])
    if len(rows) > MAX_LINES:
        yield f"| {count(len(rows) - MAX_LINES)} more |" + " |" * (len(header) - 1)


def _cell(text: str) -> str:
    # Inside a table a bar ends the cell even in a code span, unless it is escaped.
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def words(text: str) -> str:
    """A text of ours that may hold a foreign one: as it is if nothing in it could be markup, else a code span."""
    clean = printable(text)
    is_plain = _WORDS.fullmatch(clean) and not clean[:1].isspace() and "www." not in clean.lower()
    return clean if is_plain else code(clean)


def code(text: str) -> str:
    """Any text as a code span: fenced by one backtick more than it holds in a row."""
    clean = printable(text).replace("\\|", "|")
    longest = max((len(run) for run in re.findall(r"`+", clean)), default=0)
    fence = "`" * (longest + 1)
    blank = " " if clean[:1] == "`" or clean[-1:] == "`" or not clean else ""
    return f"{fence}{blank}{clean}{blank}{fence}"
