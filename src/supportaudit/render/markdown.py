"""The result as Markdown, for a job summary or a comment: grade, gate, checks, comparison and the gravest findings.

Foreign text stands in code spans only: there no markup works and nobody is mentioned. The whole stays under the size
of a comment (65,536 characters); what does not fit is counted.
"""

import re
from collections.abc import Iterator, Sequence

from supportaudit.gate import RuleStatus
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
from supportaudit.report import Report

MAX_SIZE = 60_000
WORST = 25
_MARK = {RuleStatus.PASSED: "✅ passed", RuleStatus.FAILED: "❌ failed", RuleStatus.SKIPPED: "➖ skipped"}


def render_markdown(report: Report) -> str:
    """GitHub-flavoured Markdown with tables."""
    parts = [
        "\n".join(section) for section in (_head(report), _gate(report), _checks(report), _against(report))
    ]
    parts += ["\n".join(_suppressed(report)), "\n".join(_account(report))]
    text = "\n\n".join(filter(None, parts)) + "\n"
    return text + _findings(report, MAX_SIZE - len(text.encode()))


def _head(report: Report) -> Iterator[str]:
    card = report.scorecard
    yield "## Support audit"
    yield ""
    if card.score is None or card.interval is None:
        yield "**No score**: no check could judge anything."
    else:
        grade = card.letter if card.enough else f"({card.letter}), too few to grade"
        yield f"**{grade} · {card.score:.1f} of 100** (95 % interval {card.interval.low:.1f}–{card.interval.high:.1f})"
    share = percent(card.failing / card.conversations if card.conversations else None)
    yield ""
    yield (
        f"{count(card.failing)} of {plural(card.conversations, 'conversation')} failed their customer: "
        f"{share} ({percent_range(card.failing_interval)})"
    )


def _gate(report: Report) -> Iterator[str]:
    gate = report.gate
    if not gate.results and gate.passed:
        return
    yield f"### Gate {gate_words(gate)}"
    yield ""
    yield from _table(
        ("Rule", "", "What"),
        [(code(rule_name(r.rule)), _MARK[r.status], printable(rule_words(r))) for r in gate.results]
        + [(code(c.check), "❌ failed", "worse than the baseline") for c in gate.worse]
        + ([("new failures", "❌ failed", count(len(gate.new)))] if gate.new else []),
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
    yield f"### Against {code(comparison.before.name)}"
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
    if report.suppressed:
        yield "### Suppressed"
        yield ""
    yield from (f"- {code(fit(suppressed_words(one), 300))}" for one in report.suppressed)


def _account(report: Report) -> Iterator[str]:
    account = report.input
    yield (
        f"{count(account.rows_read)} rows read = {count(account.rows_used)} used + {count(account.rows_rejected)} "
        f"rejected + {count(account.rows_not_messages)} not messages · as of {printable(report.run.as_of)} · "
        f"supportaudit {report.run.version}"
    )


def _findings(report: Report, room: int) -> str:
    """As many of the gravest findings as fit, and how many are left out."""
    head = "\n### Gravest findings\n\n| Conversation | Check | Proof |\n|---|---|---|\n"
    lines: list[str] = []
    room -= len(head) + 100
    for finding in report.findings[:WORST]:
        cells = (
            code(fit(finding.conversation_id, 40)),
            code(finding.check),
            f"{printable(finding.reason)}: {code(fit(finding.quote, 160))}",
        )
        line = "| " + " | ".join(map(_cell, cells)) + " |\n"
        room -= len(line.encode())
        if room < 0:
            break
        lines.append(line)
    left = len(report.findings) - len(lines)
    if not lines:
        return ""
    return head + "".join(lines) + (f"\n{plural(left, 'more finding')} not shown.\n" if left else "")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    yield from ("| " + " | ".join(map(_cell, row)) + " |" for row in rows)


def _cell(text: str) -> str:
    # Inside a table a bar ends the cell even in a code span, unless it is escaped.
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def code(text: str) -> str:
    """Any text as a code span: fenced by one backtick more than it holds in a row."""
    clean = printable(text).replace("\\|", "|")
    longest = max((len(run) for run in re.findall(r"`+", clean)), default=0)
    fence = "`" * (longest + 1)
    blank = " " if clean[:1] == "`" or clean[-1:] == "`" or not clean else ""
    return f"{fence}{blank}{clean}{blank}{fence}"
