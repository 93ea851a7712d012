"""The report for a person at a terminal: calm, one page, readable in a pipe and without colour.

Foreign text (quotes, ids, names) is cleaned by `fit` and only ever becomes `rich.text.Text`, never markup.
Lines are built here and never wrapped by rich, so that what is tested at 80 columns is what is shown.
"""

import re
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from supportaudit.comparison import Change, Movement
from supportaudit.gate import RuleStatus
from supportaudit.model import Finding, SignalKind
from supportaudit.render.sentences import (
    comparison_words,
    gate_words,
    moved_words,
    rule_name,
    rule_words,
    suppressed_words,
    test_words,
)
from supportaudit.render.text import (
    count,
    duration,
    first_sentence,
    fit,
    moment,
    percent,
    percent_range,
    plural,
    printable,
)
from supportaudit.report import Report
from supportaudit.score import MIN_GROUP, CheckScore, Scorecard, Segment, SignalScore, Standing
from supportaudit.suppressions import SuppressionStatus

MIN_WIDTH, MAX_WIDTH = 72, 110
_BAR = 10
_REASONS = 8
_ROWS = 12
"""Groups up to this number get a line each; of more, only those that stand out do."""

_LETTER_STYLE = {"A": "bold green", "B": "bold green", "C": "bold yellow", "D": "bold red", "F": "bold red"}
_STANDING_STYLE = {Standing.WORSE: "red", Standing.BETTER: "green"}

# One column for one column, so that lines keep their length.
_ASCII = str.maketrans(
    {
        "→": ">",
        "─": "-",
        "━": "=",
        "–": "-",
        "…": "~",
        "·": "|",
        "≤": "<",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
    }
)


def render_terminal(
    report: Report, by: str | None = None, width: int = 80, color: bool = False, unicode: bool = True
) -> str:
    """The report as lines of at most `width` columns (72 to 110), with ANSI colours if `color`.

    `by` is the dimension whose groups are compared, agents if None. Without `unicode` the typography is
    ASCII; foreign text keeps its letters and is the caller's to encode.
    """
    width = max(MIN_WIDTH, min(width, MAX_WIDTH))
    sections = (
        _headline(report, width),
        _checks(report, width),
        _worst(report, width),
        _groups(report.scorecard, by or "agent", width),
        _reply_times(report.scorecard),
        _signals(report, width),
        _not_judged(report.scorecard, width),
        _input(report, width),
        _next_steps(report, width),
        _against(report, width),
        _suppressed(report, width),
        _gate(report, width),
    )
    blocks = [lines for section in sections if (lines := list(section))]
    text = "\n\n".join("\n".join(_ansi(block, width, color)) for block in blocks) + "\n"
    return text if unicode else text.translate(_ASCII)


def _ansi(lines: Iterable[Text], width: int, color: bool) -> Iterator[str]:
    """Lines as strings. The environment is left out: what is shown depends on the arguments alone."""
    console = Console(
        file=StringIO(),
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        legacy_windows=False,
        highlight=False,
        _environ={},
    )
    for line in lines:
        line.rstrip()
        line.truncate(width, overflow="ellipsis")
        with console.capture() as capture:
            console.print(line, no_wrap=True, overflow="ignore", crop=False, end="")
        yield capture.get()


def _headline(report: Report, width: int) -> Iterator[Text]:
    card = report.scorecard
    name = f"supportaudit {report.run.version}"
    files = fit(_files(report), width - len(name) - 2)
    yield Text.assemble((name, "bold"), " " * (width - len(name) - cell_len(files)), (files, "dim"))
    yield Text("─" * width, "dim")
    yield Text()
    yield from _grade(card)
    yield Text()
    if card.conversations:
        share = percent(card.failing / card.conversations)
        yield Text.assemble(
            f"      {count(card.failing)} of {plural(card.conversations, 'conversation')}",
            " failed their customer: ",
            (share, "bold"),
            (f" ({percent_range(card.failing_interval)})", "dim"),
        )
    else:
        yield Text("      no conversations")
    yield from _prose(_scope(report), 6, width, "dim")
    if not report.gate.passed:
        yield Text(f"      gate {gate_words(report.gate)}, see the end", "bold red")
    if kept := sum(one.findings for one in report.suppressed):
        yield Text(f"      {plural(kept, 'finding')} suppressed, see the end", "yellow")
    errors = sum(sum(check.errors.values()) for check in card.checks)
    if errors:
        yield Text(f"      not complete: checks crashed {plural(errors, 'time')}, see below", "bold red")


def _against(report: Report, width: int) -> Iterator[Text]:
    """The earlier audit beside this one, rates first."""
    comparison = report.comparison
    if comparison is None:
        return
    yield Text(f"Against {fit(comparison.before.name, width - 12)}", "bold")
    rows = [[Text(title, "dim") for title in ("", "Before", "Now", "Points, 95 % interval", "")]]
    rows += [_change_row(change) for change in comparison.changes]
    yield from _columns(rows, "lrrll")
    yield Text(f"  {comparison_words(comparison)}")
    yield from _prose(test_words(len(comparison.changes)), 2, width, "dim")


_MOVEMENT_STYLE = {Movement.WORSE: "red", Movement.BETTER: "green"}


def _change_row(change: Change) -> list[Text]:
    before, after = (
        percent(c.failed / c.judged if c.judged else None) for c in (change.before, change.after)
    )
    points = Text("")
    if change.difference is not None and change.interval is not None:
        points = Text(f"{100 * change.difference:+5.1f}  ")
        points.append(f"{100 * change.interval.low:+.1f} to {100 * change.interval.high:+.1f}", "dim")
    moved = Text(moved_words(change), _MOVEMENT_STYLE.get(change.movement, ""))
    return [Text(f"  {change.check}"), Text(before), Text(after), points, moved]


def _suppressed(report: Report, width: int) -> Iterator[Text]:
    if not report.suppressed:
        return
    yield Text("Suppressed", "bold")
    for one in report.suppressed:
        stale = one.status is not SuppressionStatus.USED
        yield from _prose(printable(suppressed_words(one)), 2, width, "yellow" if stale else "")


_STATUS_STYLE = {RuleStatus.FAILED: "red", RuleStatus.PASSED: "green", RuleStatus.SKIPPED: "dim"}


def _gate(report: Report, width: int) -> Iterator[Text]:
    """Every rule and what became of it; the last thing that a CI log shows."""
    gate = report.gate
    if not gate.results and gate.passed:
        return
    yield Text.assemble(("Gate", "bold"), "  ", (gate_words(gate), "green" if gate.passed else "bold red"))
    for result in gate.results:
        yield Text.assemble(
            "  ",
            (f"{result.status:<8}", _STATUS_STYLE[result.status]),
            f"{fit(rule_name(result.rule), width - 12)}",
            (f"  {result.rule.origin}", "dim"),
        )
        yield from _prose(rule_words(result), 10, width, "")
    for change in gate.worse:
        yield Text.assemble("  ", ("failed  ", "red"), f"{change.check} is worse than the baseline")
    for failure in gate.new[:_ROWS]:
        words = f"new: {fit(failure.conversation_id, 30)} {failure.check} ({failure.severity})"
        yield Text.assemble("  ", ("failed  ", "red"), words)
    if len(gate.new) > _ROWS:
        yield Text(f"          and {count(len(gate.new) - _ROWS)} more new failures", "dim")


def _grade(card: Scorecard) -> Iterator[Text]:
    style = _LETTER_STYLE.get(card.letter, "bold")
    if card.score is None or card.interval is None:
        yield Text.assemble("  ", (card.letter, style), "   no score: no check could judge anything")
        return
    letter = card.letter if card.enough else f"({card.letter})"
    interval = f"95 % interval {card.interval.low:.1f}–{card.interval.high:.1f}"
    yield Text.assemble(
        "  ", (letter, style), "   ", (f"{card.score:.1f}", "bold"), " of 100   ", (interval, "dim")
    )
    if not card.enough:
        yield Text(f"      too few to grade: fewer than {plural(card.min_sample, 'conversation')}", "yellow")


def _files(report: Report) -> str:
    files = report.input.files
    if len(files) == 1:
        return _base_name(files[0])
    return f"{_base_name(files[0])} and {count(len(files) - 1)} more" if files else ""


_HOLDS = re.compile(r"\.(?:xlsx|zip|gz|xz|zst|bz2)$", re.IGNORECASE)


def _base_name(path: str) -> str:
    """The file's own name; of a sheet or a packed file, with what it lies in."""
    *_, above, name = ["", *path.replace("\\", "/").split("/")]
    return f"{above}/{name}" if _HOLDS.search(above) else name


def _scope(report: Report) -> str:
    card = report.scorecard
    parts = [plural(card.messages, "message")]
    first, last = moment(card.first_at), moment(card.last_at)
    if first and last:
        parts.append(f"{first:%Y-%m-%d} to {last:%Y-%m-%d}")
    parts.append(f"as of {fit(report.run.as_of, 40)}")
    return ", ".join(parts)


def _checks(report: Report, width: int) -> Iterator[Text]:
    """The checks, costliest first; under each the gravest example in its own words."""
    scores = sorted(report.scorecard.checks, key=lambda c: (-c.demerits, not c.judged, c.check))
    if not scores:
        return
    examples = _examples(report.findings)
    header = ["Checks", "Failed", "Rate, 95 % interval", "Lost points"]
    rows = [[Text(title, "bold" if title == "Checks" else "dim") for title in header]]
    dearest = scores[0].cost or 0.0
    rows += [_check_row(score, dearest) for score in scores]
    lines = iter(_columns(rows, "lrll"))
    yield next(lines)
    for score, line in zip(scores, lines, strict=True):
        yield line
        example = examples.get(score.check)
        if example:
            yield _example(example, width)
    if any(check.judged and not check.enough for check in scores):
        bound = report.scorecard.min_sample
        yield Text(f"  * judged fewer than {bound} times: trust the interval, not the rate", "dim")


def _check_row(score: CheckScore, dearest: float) -> list[Text]:
    """One line of the table; the bar is as long as the check's cost is part of the `dearest` one's."""
    name = Text("  ")
    name.append(fit(score.check, 22), "bold" if score.failed else "")
    if score.judged and not score.enough:
        name.append(" *", "yellow")
    if not score.judged:
        return [name, Text("not judged", "dim"), Text(), Text()]
    rate = Text(f"{percent(score.rate):>7}")
    rate.append(f"  {percent_range(score.interval)}", "dim")
    cost = Text()
    if score.cost:
        cost.append(f"{100 * score.cost:3.0f} %  ")
        cost.append("━" * max(1, round(_BAR * score.cost / dearest)), "red")
    return [name, Text(f"{count(score.failed)} of {count(score.judged)}"), rate, cost]


def _examples(findings: Iterable[Finding]) -> dict[str, Finding]:
    """The first finding of each check: findings stand gravest and surest first."""
    examples: dict[str, Finding] = {}
    for finding in findings:
        examples.setdefault(finding.check, finding)
    return examples


def _example(finding: Finding, width: int) -> Text:
    # The id first: a quote in a right-to-left script then turns round nothing that follows it.
    name = fit(finding.conversation_id, 20)
    quote = fit(finding.quote or finding.reason, width - 4 - cell_len(name) - 4)
    return Text(f"    {name}  “{quote}”", "dim")


def _worst(report: Report, width: int) -> Iterator[Text]:
    worst = report.worst[:5]
    if not worst:
        return
    yield Text("Worst conversations", "bold")
    names = [fit(conversation.conversation_id, 24) for conversation in worst]
    indent = max(map(cell_len, names)) + 4
    for name, conversation in zip(names, worst, strict=True):
        number = plural(len(conversation.failed_checks), "check")
        about = " · ".join(filter(None, (number, conversation.channel, ", ".join(conversation.agents))))
        yield Text.assemble("  ", name, " " * (indent - 2 - cell_len(name)), fit(about, width - indent))
        yield from _prose(fit(", ".join(conversation.failed_checks), 4 * width), indent, width, "dim")


def _groups(card: Scorecard, by: str, width: int) -> Iterator[Text]:
    """Groups that stand out, worse first; then the others by name, which is no ranking."""
    segments = card.segments.get(by)
    title = Text(f"By {by}", "bold")
    if not segments:
        yield title
        yield Text(f"  The export gives no {by}.", "dim")
        return
    outstanding = [s for standing in _STANDING_STYLE for s in segments if s.standing is standing]
    alike = [s for s in segments if s.standing is Standing.ALIKE]
    few = [s for s in segments if s.standing is Standing.TOO_FEW]
    everyone_listed = len(segments) <= _ROWS
    listed = outstanding + (alike + few if everyone_listed else [])
    header = [title, Text("Failed", "dim"), Text("Rate, 95 % interval", "dim"), Text()]
    yield from _columns([header, *(_group_row(segment) for segment in listed)], "lrll")
    if alike and not outstanding:
        yield Text("  None stands out: the differences may be chance.", "dim")
    if not everyone_listed:
        yield from _names("Cannot be told apart", alike, width)
        yield from _names(f"Fewer than {MIN_GROUP} conversations", few, width)


def _group_row(segment: Segment) -> list[Text]:
    words = {
        Standing.WORSE: "worse than the rest",
        Standing.BETTER: "better than the rest",
        Standing.ALIKE: "cannot be told apart",
        Standing.TOO_FEW: "too few to compare",
    }
    rate = Text(f"{percent(segment.rate):>7}")
    rate.append(f"  {percent_range(segment.interval)}", "dim")
    return [
        Text("  " + _value(segment)),
        Text(f"{count(segment.failing)} of {count(segment.conversations)}"),
        rate,
        Text(words[segment.standing], _STANDING_STYLE.get(segment.standing, "dim")),
    ]


def _value(segment: Segment) -> str:
    return fit(segment.value, 20) or "(not given)"


def _names(label: str, segments: Sequence[Segment], width: int) -> Iterator[Text]:
    if not segments:
        return
    shown = ", ".join(_value(segment) for segment in segments[: 3 * _ROWS])
    more = len(segments) - 3 * _ROWS
    rest = f" and {count(more)} more" if more > 0 else ""
    yield from _prose(f"{label} ({count(len(segments))}): {shown}{rest}", 2, width, "dim")


def _reply_times(card: Scorecard) -> Iterator[Text]:
    if not card.reply_times:
        return
    titles = ["Reply times", "", "Replies", "Median", "90 % in", "≤5 min", "≤1 h", "≤24 h"]
    rows = [[Text(title, "bold" if title == "Reply times" else "dim") for title in titles]]
    previous = None
    for row in card.reply_times:
        channel = "" if row.channel == previous else fit(row.channel, 16) or "(no channel)"
        previous = row.channel
        shares = [Text(f"{100 * share:.0f} %") for share in row.within.values()]
        times = [Text(count(row.count)), Text(duration(row.median)), Text(duration(row.p90))]
        rows.append([Text("  " + channel), Text(row.reply), *times, *shares])
    yield from _columns(rows, "llrrrrrr")


def _signals(report: Report, width: int) -> Iterator[Text]:
    """What went well and what else shows, in the order of the registry; then why people write, commonest first."""
    seen = [signal for signal in report.scorecard.signals if signal.eligible]
    listed = [signal for signal in seen if signal.kind is not SignalKind.REASON]
    if listed:
        titles = ("Strengths and signals", "Shown", "Rate, 95 % interval", "")
        rows = [[Text(title, "bold" if title == titles[0] else "dim") for title in titles]]
        yield from _columns([*rows, *map(_signal_row, listed)], "lrll")
    if any(not signal.enough for signal in listed):
        yield Text(
            f"  * in fewer than {report.scorecard.min_sample} conversations: trust the interval", "dim"
        )
    reasons = [signal for signal in seen if signal.kind is SignalKind.REASON and signal.shown]
    if reasons:
        # Commonest first; what the wording does not tell stands last, however common.
        reasons.sort(key=lambda s: (s.signal == "reason-other", -s.shown, s.signal))
        titled = {info.id: info.title[:1].lower() + info.title[1:] for info in report.signals}
        shares = (f"{titled[r.signal]} {percent(r.rate)} ({percent_range(r.interval)})" for r in reasons)
        # A blank beside a number must not end a line; textwrap breaks at no U+00A0.
        words = re.sub(r" (?=[%(])", "\u00a0", ", ".join(shares))
        about = f"Why people write, of {plural(reasons[0].eligible, 'conversation')}: "
        wrapped = textwrap.wrap(
            about + words, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        for line in wrapped:
            yield Text(line.replace("\u00a0", " "))


def _signal_row(score: SignalScore) -> list[Text]:
    name = Text("  " + score.signal)
    if not score.enough:
        name.append(" *", "yellow")
    rate = Text(f"{percent(score.rate):>7}")
    rate.append(f"  {percent_range(score.interval)}", "dim")
    shown = Text(f"{count(score.shown)} of {count(score.eligible)}")
    return [name, shown, rate, Text("" if score.unit == "conversations" else score.unit, "dim")]


def _not_judged(card: Scorecard, width: int) -> Iterator[Text]:
    """Why conversations were left out of a check's rate, the commonest reason first; a signal's crash too."""
    reasons: dict[tuple[str, bool], tuple[int, list[str]]] = {}
    for signal in card.signals:
        for reason, number in signal.errors.items():
            reasons[reason, True] = (number, [signal.signal])
    for check in card.checks:
        for kind, counts in ((True, check.errors), (False, check.not_applicable_reasons)):
            for reason, number in counts.items():
                total, names = reasons.get((reason, kind), (0, []))
                reasons[reason, kind] = (total + number, [*names, check.check])
    if not reasons:
        return
    yield Text("Not judged, and why", "bold")
    # Crashes first: they are ours to mend, and the audit is not complete until then.
    ranked = sorted(reasons.items(), key=lambda item: (not item[0][1], -item[1][0], item[0][0]))
    rows = []
    for (reason, crashed), (number, checks) in ranked[:_REASONS]:
        words = fit(f"crashed: {reason}" if crashed else reason or "no reason given", width - 38)
        where = f"{len(checks)} checks" if len(checks) > 1 else fit(checks[0], 22)
        rows.append([Text("  " + count(number)), Text(words, "red" if crashed else ""), Text(where, "dim")])
    yield from _columns(rows, "rll")
    if len(ranked) > _REASONS:
        yield Text(f"  and {plural(len(ranked) - _REASONS, 'more reason')}", "dim")


def _input(report: Report, width: int) -> Iterator[Text]:
    account = report.input
    yield Text.assemble(
        ("Input", "bold"), "  ", (fit(f"{account.source} · {account.encoding}", width - 8), "dim")
    )
    yield Text(
        f"  {plural(account.rows_read, 'row')} read = {count(account.rows_used)} used"
        f" + {count(account.rows_rejected)} rejected + {count(account.rows_not_messages)} not messages"
    )
    for rejected in account.rejected[:3]:
        words = f"rejected {_base_name(rejected.file)}:{rejected.line}: {rejected.reason}"
        yield Text("  " + fit(words, width - 2), "dim")
    if account.rows_rejected > 3:
        yield Text(f"  and {count(account.rows_rejected - 3)} more rejected", "dim")
    for note in account.notes:
        yield from _prose(fit(note, 4 * width), 2, width, "dim")


def _next_steps(report: Report, width: int) -> Iterator[Text]:
    """The three checks that cost most, what mends each, and the commands that show more."""
    fixes = {check.id: first_sentence(check.fix) for check in report.checks}
    costly = sorted((c for c in report.scorecard.checks if c.cost), key=lambda c: (-c.demerits, c.check))[:3]
    if not costly:
        return
    yield Text("What to do next", "bold")
    for number, score in enumerate(costly, 1):
        lines = _prose(f"{score.check}: {fixes[score.check]}", 5, width)
        first = next(lines)
        yield Text.assemble(f"  {number}. ", first[5:])
        yield from lines
    yield Text()
    check = costly[0].check
    yield Text(f"  supportaudit explain {check}", "cyan")
    scan = f"  supportaudit scan {{}} --select {check} --format json"
    yield Text(scan.format(_argument(report, width - len(scan) + 2)), "cyan")


def _argument(report: Report, cells: int) -> str:
    """The audited file as a shell takes it, or FILE where that would not be one short harmless word."""
    if len(report.input.files) != 1:
        return "FILE"
    file = report.input.files[0]
    quoted = shlex.quote(file)
    return quoted if printable(quoted) == quoted and cell_len(quoted) <= cells else "FILE"


def _columns(rows: Sequence[Sequence[Text]], align: str) -> Iterator[Text]:
    """Rows as lines with columns two blanks apart; `align` holds "l" or "r" for each column."""
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        line = Text()
        for index, (cell, width, side) in enumerate(zip(row, widths, align, strict=True)):
            blank = " " * (width - cell.cell_len)
            line.append("  " if index else "")
            line = Text.assemble(line, blank, cell) if side == "r" else Text.assemble(line, cell, blank)
        yield line


def _prose(text: str, indent: int, width: int, style: str = "") -> Iterator[Text]:
    """Running text, broken between words."""
    console = Console(file=StringIO(), width=width, _environ={})
    for line in Text(text, style).wrap(console, width - indent):
        yield Text.assemble(" " * indent, line)
