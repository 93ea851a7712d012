"""The report for a person at a terminal: calm, one page, readable in a pipe and without colour.

Foreign text (quotes, ids, names) is cleaned by `fit` and only ever becomes `rich.text.Text`, never markup.
Lines are built here and never wrapped by rich, so that what is tested at 80 columns is what is shown.
Its own words are in the language spoken (`supportaudit.ui`); ids stay, for they are what commands take.
"""

import re
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from supportaudit.harmless import visible
from supportaudit.model import Finding, SignalKind
from supportaudit.render.sentences import (
    comparison_words,
    finding_words,
    gate_words,
    moved_words,
    note_words,
    reason_words,
    rule_name,
    rule_words,
    severity_word,
    suppressed_words,
    test_words,
)
from supportaudit.render.text import (
    count,
    day,
    decimal,
    duration,
    first_sentence,
    fit,
    in_unit,
    instant,
    moment,
    pad,
    percent,
    percent_range,
    plural,
    printable,
)
from supportaudit.results.comparison import Change, Movement
from supportaudit.results.gate import RuleStatus
from supportaudit.results.report import Report
from supportaudit.results.score import MIN_GROUP, CheckScore, Scorecard, Segment, SignalScore, Standing
from supportaudit.results.stats import MARKS
from supportaudit.results.suppressions import SuppressionStatus
from supportaudit.ui import ENGLISH, figures, gettext, ngettext, pgettext, spoken

MIN_WIDTH, MAX_WIDTH = 72, 110
_BAR = 10
_REASONS = 8
_LEVEL = "95 %"
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
        "„": '"',
        "«": '"',
        "»": '"',
        "\u00a0": " ",
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
        if (seen := visible(line.plain)) != line.plain:  # words that somebody forgot to clean
            line = Text(seen, line.style)
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
        failed = ngettext(
            "{n} of {total} conversation failed their customer:",
            "{n} of {total} conversations failed their customer:",
            card.conversations,
            n=count(card.failing),
            total=count(card.conversations),
        )
        yield Text.assemble(
            f"      {failed} ",
            (percent(card.failing / card.conversations), "bold"),
            (f" ({percent_range(card.failing_interval)})", "dim"),
        )
    else:
        yield Text("      " + gettext("no conversations"))
    yield from _prose(_scope(report), 6, width, "dim")
    if not report.gate.passed:
        words = gettext("gate {words}, see the end", words=gate_words(report.gate))
        yield from _prose(words, 6, width, "bold red")
    if kept := sum(one.findings for one in report.suppressed):
        words = ngettext(
            "{n} finding suppressed, see the end", "{n} findings suppressed, see the end", kept, n=count(kept)
        )
        yield Text("      " + words, "yellow")
    errors = sum(sum(check.errors.values()) for check in card.checks)
    if errors:
        words = ngettext(
            "not complete: checks crashed {n} time, see below",
            "not complete: checks crashed {n} times, see below",
            errors,
            n=count(errors),
        )
        yield Text("      " + words, "bold red")


def _against(report: Report, width: int) -> Iterator[Text]:
    """The earlier audit beside this one, rates first."""
    comparison = report.comparison
    if comparison is None:
        return
    yield Text(gettext("Against {name}", name=fit(comparison.before.name, width - 24)), "bold")
    titles = (
        "",
        pgettext("audit", "Before"),
        pgettext("audit", "Now"),
        gettext("Points, {level} interval", level=_LEVEL),
        "",
    )
    rows = [[Text(title, "dim") for title in titles]]
    rows += [_change_row(change) for change in comparison.changes]
    yield from _columns(rows, "lrrll")
    yield from _prose(comparison_words(comparison), 2, width)
    yield from _prose(test_words(len(comparison.changes)), 2, width, "dim")


_MOVEMENT_STYLE = {Movement.WORSE: "red", Movement.BETTER: "green"}


def _change_row(change: Change) -> list[Text]:
    before, after = (
        percent(c.failed / c.judged if c.judged else None) for c in (change.before, change.after)
    )
    points = Text("")
    if change.difference is not None and change.interval is not None:
        points = Text(figures(f"{100 * change.difference:+5.1f}  "))
        low, high = (figures(f"{100 * end:+.1f}") for end in (change.interval.low, change.interval.high))
        points.append(gettext("{low} to {high}", low=low, high=high), "dim")
    moved = Text(moved_words(change), _MOVEMENT_STYLE.get(change.movement, ""))
    return [Text(f"  {change.check}"), Text(before), Text(after), points, moved]


def _suppressed(report: Report, width: int) -> Iterator[Text]:
    if not report.suppressed:
        return
    yield Text(pgettext("findings", "Suppressed"), "bold")
    for one in report.suppressed:
        stale = one.status is not SuppressionStatus.USED
        yield from _prose(suppressed_words(one), 2, width, "yellow" if stale else "")


_STATUS_STYLE = {RuleStatus.FAILED: "red", RuleStatus.PASSED: "green", RuleStatus.SKIPPED: "dim"}


def _gate(report: Report, width: int) -> Iterator[Text]:
    """Every rule and what became of it; the last thing that a CI log shows."""
    gate = report.gate
    if not gate.results and gate.passed:
        return
    title = gettext("Gate")
    verdict, *more = _prose(gate_words(gate), cell_len(title) + 2, width, "")
    style = "green" if gate.passed else "bold red"
    yield Text.assemble((title, "bold"), (verdict.plain[cell_len(title) :], style))
    yield from (Text(line.plain, style) for line in more)
    words = {
        RuleStatus.PASSED: pgettext("a rule", "passed"),
        RuleStatus.FAILED: pgettext("a rule", "failed"),
        RuleStatus.SKIPPED: pgettext("a rule", "skipped"),
    }
    cells = max(map(cell_len, words.values())) + 1
    for result in gate.results:
        yield Text.assemble(
            "  ",
            (pad(words[result.status], cells), _STATUS_STYLE[result.status]),
            f"{fit(rule_name(result.rule), width - cells - 4)}",
            (f"  {result.rule.origin}", "dim"),
        )
        yield from _prose(rule_words(result), cells + 2, width, "")
    failed = (pad(words[RuleStatus.FAILED], cells), "red")
    for change in gate.worse:
        yield Text.assemble("  ", failed, gettext("{check} is worse than the baseline", check=change.check))
    for failure in gate.new[:_ROWS]:
        about = gettext(
            "new: {conversation} {check} ({severity})",
            conversation=fit(failure.conversation_id, 30),
            check=failure.check,
            severity=severity_word(failure.severity),
        )
        yield Text.assemble("  ", failed, about)
    if (left := len(gate.new) - _ROWS) > 0:
        about = ngettext("and {n} more new failure", "and {n} more new failures", left, n=count(left))
        yield Text(" " * (cells + 2) + about, "dim")


def _grade(card: Scorecard) -> Iterator[Text]:
    style = _LETTER_STYLE.get(card.letter, "bold")
    if card.score is None or card.interval is None:
        yield Text.assemble(
            "  ", (card.letter, style), "   ", gettext("no score: no check could judge anything")
        )
        return
    letter = card.letter if card.enough else f"({card.letter})"
    interval = gettext(
        "{level} interval {low}–{high}",
        level=_LEVEL,
        low=decimal(card.interval.low),
        high=decimal(card.interval.high),
    )
    # TRANSLATORS: behind the score, as in "72.4 of 100".
    of = gettext("of 100")
    yield Text.assemble(
        "  ", (letter, style), "   ", (decimal(card.score), "bold"), f" {of}   ", (interval, "dim")
    )
    if not card.enough:
        words = ngettext(
            "too few to grade: fewer than {n} conversation",
            "too few to grade: fewer than {n} conversations",
            card.min_sample,
            n=count(card.min_sample),
        )
        yield Text("      " + words, "yellow")


def _files(report: Report) -> str:
    files = report.input.files
    if len(files) == 1:
        return _base_name(files[0])
    if not files:
        return ""
    more = len(files) - 1
    return ngettext(
        "{file} and {n} more", "{file} and {n} more", more, file=_base_name(files[0]), n=count(more)
    )


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
        parts.append(gettext("{first} to {last}", first=day(first), last=day(last)))
    parts.append(gettext("as of {time}", time=fit(instant(report.run.as_of), 40)))
    return ", ".join(parts)


def _checks(report: Report, width: int) -> Iterator[Text]:
    """The checks, costliest first; under each the gravest example in its own words."""
    scores = sorted(report.scorecard.checks, key=lambda c: (-c.demerits, not c.judged, c.check))
    if not scores:
        return
    examples = _examples(report.findings)
    titles = {info.id: info.title for info in report.checks}
    header = [pgettext("table", "Checks"), _failed_title(), _rate_title(), gettext("Lost points")]
    rows = [_header(header)]
    dearest = max(
        score.cost or 0.0 for score in scores
    )  # the first one's, but for a result that was read back
    rows += [_check_row(score, dearest) for score in scores]
    lines = iter(_columns(rows, "lrll"))
    yield next(lines)
    for score, line in zip(scores, lines, strict=True):
        yield line
        example = examples.get(score.check)
        if example:
            yield from _titled(titles.get(score.check, ""), width)
            yield _example(example, width)
    if any(check.judged and not check.enough for check in scores):
        bound = report.scorecard.min_sample
        words = ngettext(
            "* judged fewer than {n} time: trust the interval, not the rate",
            "* judged fewer than {n} times: trust the interval, not the rate",
            bound,
            n=count(bound),
        )
        yield from _prose(words, 2, width, "dim")
    if added := report.run.settings.get("added_checks"):
        yield from _prose(gettext("Added checks: {checks}", checks=printable(added)), 2, width, "dim")


def _failed_title() -> str:
    # TRANSLATORS: a column: how many conversations failed, "13 of 329". At most 10 columns.
    return pgettext("table", "Failed")


def _rate_title() -> str:
    # TRANSLATORS: a column: "4.0 %  2.3–6.6". At most 20 columns.
    return gettext("Rate, {level} interval", level=_LEVEL)


def _of(number: int, total: int) -> str:
    # TRANSLATORS: in a column of a table, so as short as can be.
    return pgettext("table", "{n} of {total}", n=count(number), total=count(total))


def _header(titles: Sequence[str]) -> list[Text]:
    return [Text(title, "dim" if place else "bold") for place, title in enumerate(titles)]


def _titled(title: str, width: int) -> Iterator[Text]:
    """What an id means, to whom its English says little."""
    if spoken() != ENGLISH and title:
        yield Text("    " + fit(gettext(title), width - 4))


def _check_row(score: CheckScore, dearest: float) -> list[Text]:
    """One line of the table; the bar is as long as the check's cost is part of the `dearest` one's."""
    name = Text("  ")
    name.append(fit(score.check, 22), "bold" if score.failed else "")
    if score.judged and not score.enough:
        name.append(" *", "yellow")
    if not score.judged:
        return [name, Text(pgettext("a check", "not judged"), "dim"), Text(), Text()]
    rate = Text(f"{percent(score.rate):>7}")
    rate.append(f"  {percent_range(score.interval)}", "dim")
    cost = Text()
    if score.cost:
        cost.append(figures(f"{100 * score.cost:3.0f} %  "))
        cost.append("━" * max(1, round(_BAR * score.cost / dearest)), "red")
    return [name, Text(_of(score.failed, score.judged)), rate, cost]


def _examples(findings: Iterable[Finding]) -> dict[str, Finding]:
    """The first finding of each check: findings stand gravest and surest first."""
    examples: dict[str, Finding] = {}
    for finding in findings:
        examples.setdefault(finding.check, finding)
    return examples


def _example(finding: Finding, width: int) -> Text:
    # The id first: a quote in a right-to-left script then turns round nothing that follows it.
    name = fit(finding.conversation_id, 20)
    quote = fit(finding_words(finding), width - 4 - cell_len(name) - 4)
    return Text(f"    {name}  " + gettext("“{quote}”", quote=quote), "dim")


def _worst(report: Report, width: int) -> Iterator[Text]:
    worst = report.worst[:5]
    if not worst:
        return
    yield Text(gettext("Worst conversations"), "bold")
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
    by_dimension = {
        "agent": (gettext("By agent"), gettext("The export gives no agent.")),
        "team": (gettext("By team"), gettext("The export gives no team.")),
        "channel": (gettext("By channel"), gettext("The export gives no channel.")),
        "brand": (gettext("By brand"), gettext("The export gives no brand.")),
        "week": (gettext("By week"), gettext("The export gives no week.")),
        "language": (gettext("By language"), gettext("The export gives no language.")),
    }
    title, lacking = by_dimension[by]
    if not segments:
        yield Text(title, "bold")
        yield Text("  " + lacking, "dim")
        return
    outstanding = [s for standing in _STANDING_STYLE for s in segments if s.standing is standing]
    alike = [s for s in segments if s.standing is Standing.ALIKE]
    few = [s for s in segments if s.standing is Standing.TOO_FEW]
    everyone_listed = len(segments) <= _ROWS
    listed = outstanding + (alike + few if everyone_listed else [])
    header = _header([title, _failed_title(), _rate_title(), ""])
    yield from _columns([header, *(_group_row(segment) for segment in listed)], "lrll")
    if alike and not outstanding:
        yield from _prose(gettext("None stands out: the differences may be chance."), 2, width, "dim")
    if not everyone_listed:
        yield from _names(gettext("Cannot be told apart"), alike, width)
        fewer = ngettext(
            "Fewer than {n} conversation", "Fewer than {n} conversations", MIN_GROUP, n=count(MIN_GROUP)
        )
        yield from _names(fewer, few, width)


def _group_row(segment: Segment) -> list[Text]:
    # TRANSLATORS: these four stand in the last column of a table and have 20 columns.
    words = {
        Standing.WORSE: pgettext("a group", "worse than the rest"),
        Standing.BETTER: pgettext("a group", "better than the rest"),
        Standing.ALIKE: pgettext("a group", "cannot be told apart"),
        Standing.TOO_FEW: pgettext("a group", "too few to compare"),
    }
    rate = Text(f"{percent(segment.rate):>7}")
    rate.append(f"  {percent_range(segment.interval)}", "dim")
    return [
        Text("  " + _value(segment)),
        Text(_of(segment.failing, segment.conversations)),
        rate,
        Text(words[segment.standing], _STANDING_STYLE.get(segment.standing, "dim")),
    ]


def _value(segment: Segment) -> str:
    return fit(segment.value, 20) or gettext("(not given)")


def _names(label: str, segments: Sequence[Segment], width: int) -> Iterator[Text]:
    if not segments:
        return
    shown = ", ".join(_value(segment) for segment in segments[: 3 * _ROWS])
    more = len(segments) - 3 * _ROWS
    if more > 0:
        shown = ngettext("{names} and {n} more", "{names} and {n} more", more, names=shown, n=count(more))
    yield from _prose(f"{label} ({count(len(segments))}): {shown}", 2, width, "dim")


def _reply_times(card: Scorecard) -> Iterator[Text]:
    if not card.reply_times:
        return
    # TRANSLATORS: columns of a table; beside the first all are narrow: 8 columns are enough for each.
    titles = [
        gettext("Reply times"),
        "",
        pgettext("table", "Replies"),
        gettext("Median"),
        gettext("{share} in", share="90 %"),
        "≤" + in_unit("min", "5"),
        "≤" + in_unit("h", "1"),
        "≤" + in_unit("h", "24"),
    ]
    replies = {"first": pgettext("reply", "first"), "later": pgettext("reply", "later")}
    rows = [_header(titles)]
    previous = None
    for row in card.reply_times:
        channel = "" if row.channel == previous else fit(row.channel, 16) or gettext("(no channel)")
        previous = row.channel
        # A result that was read back may lack a mark, or have others.
        shares = [Text(f"{100 * row.within[mark]:.0f} %" if mark in row.within else "") for mark in MARKS]
        times = [Text(count(row.count)), Text(duration(row.median)), Text(duration(row.p90))]
        rows.append([Text("  " + channel), Text(replies.get(row.reply, row.reply)), *times, *shares])
    yield from _columns(rows, "llrrrrrr")


def _signals(report: Report, width: int) -> Iterator[Text]:
    """What went well and what else shows, in the order of the registry; then why people write, commonest first."""
    seen = [signal for signal in report.scorecard.signals if signal.eligible]
    listed = [signal for signal in seen if signal.kind is not SignalKind.REASON]
    if listed:
        # TRANSLATORS: a column: in how many cases it was so, "78 of 185".
        shown = pgettext("table", "Shown")
        header = _header([gettext("Strengths and signals"), shown, _rate_title(), ""])
        first, *lines = _columns([header, *map(_signal_row, listed)], "lrll")
        yield first
        names = {info.id: info.title for info in report.signals}
        for signal, row in zip(listed, lines, strict=True):
            yield row
            yield from _titled(names.get(signal.signal, ""), width)
    if any(not signal.enough for signal in listed):
        bound = report.scorecard.min_sample
        few = ngettext(
            "* in fewer than {n} conversation: trust the interval",
            "* in fewer than {n} conversations: trust the interval",
            bound,
            n=count(bound),
        )
        yield Text("  " + few, "dim")
    reasons = [signal for signal in seen if signal.kind is SignalKind.REASON and signal.shown]
    if reasons:
        # Commonest first; what the wording does not tell stands last, however common.
        reasons.sort(key=lambda s: (s.signal == "reason-other", -s.shown, s.signal))
        said = ((info.id, gettext(info.title)) for info in report.signals)
        titled = {name: title[:1].lower() + title[1:] for name, title in said}
        shares = (f"{titled[r.signal]} {percent(r.rate)} ({percent_range(r.interval)})" for r in reasons)
        # A blank beside a number must not end a line; textwrap breaks at no U+00A0.
        words = re.sub(r" (?=[%(])", "\u00a0", ", ".join(shares))
        looked_at = reasons[0].eligible
        about = ngettext(
            "Why people write, of {n} conversation:",
            "Why people write, of {n} conversations:",
            looked_at,
            n=count(looked_at),
        )
        wrapped = textwrap.wrap(
            f"{about} {words}", width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        for line in wrapped:
            yield Text(line.replace("\u00a0", " "))


def _signal_row(score: SignalScore) -> list[Text]:
    name = Text("  " + score.signal)
    if not score.enough:
        name.append(" *", "yellow")
    rate = Text(f"{percent(score.rate):>7}")
    rate.append(f"  {percent_range(score.interval)}", "dim")
    units = {
        "conversations": "",
        "answers": pgettext("unit", "answers"),
        "messages": pgettext("unit", "messages"),
        "promises": pgettext("unit", "promises"),
    }
    shown = Text(_of(score.shown, score.eligible))
    return [name, shown, rate, Text(units.get(score.unit, score.unit), "dim")]


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
    yield Text(gettext("Not judged, and why"), "bold")
    # Crashes first: they are ours to mend, and the audit is not complete until then.
    ranked = sorted(reasons.items(), key=lambda item: (not item[0][1], -item[1][0], item[0][0]))
    rows = []
    for (reason, crashed), (number, checks) in ranked[:_REASONS]:
        why = reason_words(reason) if reason else gettext("no reason given")
        words = fit(gettext("crashed: {reason}", reason=reason_words(reason)) if crashed else why, width - 38)
        where = plural(len(checks), "check") if len(checks) > 1 else fit(checks[0], 22)
        rows.append([Text("  " + count(number)), Text(words, "red" if crashed else ""), Text(where, "dim")])
    yield from _columns(rows, "rll")
    if len(ranked) > _REASONS:
        left = len(ranked) - _REASONS
        more = ngettext("and {n} more reason", "and {n} more reasons", left, n=count(left))
        yield Text("  " + more, "dim")


def _input(report: Report, width: int) -> Iterator[Text]:
    account = report.input
    title = gettext("Input")
    source = fit(f"{account.source} · {account.encoding}", width - cell_len(title) - 3)
    yield Text.assemble((title, "bold"), "  ", (source, "dim"))
    rows = ngettext(
        "{n} row read = {used} used + {rejected} rejected + {other} not messages",
        "{n} rows read = {used} used + {rejected} rejected + {other} not messages",
        account.rows_read,
        n=count(account.rows_read),
        used=count(account.rows_used),
        rejected=count(account.rows_rejected),
        other=count(account.rows_not_messages),
    )
    yield from _prose(rows, 2, width)
    for rejected in account.rejected[:3]:
        place = f"{_base_name(rejected.file)}:{rejected.line}"
        words = gettext("rejected {place}: {reason}", place=place, reason=rejected.reason)
        yield Text("  " + fit(words, width - 2), "dim")
    if (left := account.rows_rejected - 3) > 0:
        yield Text(
            "  " + ngettext("and {n} more rejected", "and {n} more rejected", left, n=count(left)), "dim"
        )
    for note in account.notes:
        yield from _prose(fit(note_words(note), 4 * width), 2, width, "dim")


def _next_steps(report: Report, width: int) -> Iterator[Text]:
    """The three checks that cost most, what mends each, and the commands that show more."""
    fixes = {check.id: first_sentence(gettext(check.fix)) for check in report.checks}
    costly = sorted((c for c in report.scorecard.checks if c.cost), key=lambda c: (-c.demerits, c.check))[:3]
    if not costly:
        return
    yield Text(gettext("What to do next"), "bold")
    for number, score in enumerate(costly, 1):
        lines = _prose(f"{score.check}: {fixes[score.check]}", 5, width)
        first = next(lines)
        yield Text.assemble(f"  {number}. ", first[5:])
        yield from lines
    added = report.run.settings.get("added_checks", "")
    check = next((score.check for score in costly if f"{score.check} (" not in added), None)
    if check is None:
        return  # they would have to be named again, by words that are not known here
    yield Text()
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
    """Running text, broken between words; foreign words in it, such as the name of a group, are cleaned."""
    console = Console(file=StringIO(), width=width, _environ={})
    for line in Text(printable(text), style).wrap(console, width - indent):
        yield Text.assemble(" " * indent, line)
