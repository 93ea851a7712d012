"""The scorecard as a notebook shows it: one small block that fits a light page and a dark one.

Only inline styles, for notebooks take others away, and no quotes: what is saved in a notebook gets about.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from supportaudit.harmless import visible
from supportaudit.render.sentences import gate_words
from supportaudit.render.text import count, decimal, percent, percent_range, plural, printable
from supportaudit.results.report import Report
from supportaudit.results.score import CheckScore
from supportaudit.results.tally import encodable

_SHOWN_FILES = 3
# Colours that can be read on white and on black; all else takes the page's own.
_RED = "#d1495b"
_SOFT = "opacity:.65"
# Some notebooks set what stands between dollar signs as a formula.
_BLOCK = Markup(
    '<div class="tex2jax_ignore mathjax_ignore" style="font-family:system-ui,sans-serif;max-width:44em">{}</div>'
)
_LINE = Markup('<div style="margin:.2em 0;{}">{}</div>')
_CELL = Markup(
    '<td style="padding:.1em .8em .1em 0;text-align:{};background:none;white-space:nowrap">{}</td>'
)
_BAR = Markup('<span style="display:inline-block;height:.6em;width:{}em;background:{}"></span>')
_ROW = Markup('<tr style="background:none;{}">{}</tr>')
_TABLE = Markup(
    '<table style="border-collapse:collapse;margin:.6em 0;color:inherit;font-size:inherit">{}</table>'
)
_TITLES = (("left", "check"), ("right", "failed"), ("right", "rate, 95 % interval"), ("left", "lost points"))


def render_notebook(report: Report) -> str:
    """HTML of grade, counts, gate and checks, the dearest first."""
    checks = sorted(report.scorecard.checks, key=lambda check: (-(check.cost or 0), check.check))
    dearest = max((check.cost or 0 for check in checks), default=0)
    rows = Markup("").join((_cells(_TITLES, _SOFT), *(_row(check, dearest) for check in checks)))
    table = _TABLE.format(rows)
    block = str(_BLOCK.format(Markup("").join((*_headline(report), table, *_below(report)))))
    return encodable(visible(block, lines=True))


def _headline(report: Report) -> Iterator[Markup]:
    card = report.scorecard
    if card.score is None or card.interval is None:
        yield _LINE.format("font-size:1.2em", "no score: no check could judge anything")
    else:
        low, high = decimal(card.interval.low), decimal(card.interval.high)
        grade = Markup('<b style="font-size:1.6em">{}</b> &ensp;<b>{}</b> of 100 <span style="{}">{}</span>')
        letter = card.letter if card.enough else f"({card.letter})"
        if not card.enough:
            grade += Markup(" <span>too few to grade</span>")
        yield _LINE.format(
            "", grade.format(letter, decimal(card.score), _SOFT, f"95 % interval {low}–{high}")
        )
    if card.conversations:
        failed = f"{count(card.failing)} of {count(card.conversations)} conversations failed their customer: "
        share = Markup('<b>{}</b> <span style="{}">({})</span>').format(
            percent(card.failing / card.conversations), _SOFT, percent_range(card.failing_interval)
        )
        yield _LINE.format("", Markup("{}{}").format(failed, share))
    files = report.input.files
    names = ", ".join(printable(name) for name in files[:_SHOWN_FILES])
    more = f" and {len(files) - _SHOWN_FILES} more" if len(files) > _SHOWN_FILES else ""
    yield _LINE.format(_SOFT, f"{names}{more} · {count(card.messages)} messages")
    if crashed := sum(sum(check.errors.values()) for check in card.checks):
        yield _LINE.format(f"color:{_RED}", f"not complete: checks crashed {plural(crashed, 'time')}")
    if not report.gate.passed:
        yield _LINE.format(f"color:{_RED}", f"gate {gate_words(report.gate)}")


def _row(check: CheckScore, dearest: float) -> Markup:
    if not check.judged:
        cells = [("left", check.check), ("right", "not judged"), ("right", ""), ("left", "")]
    else:
        name = check.check if check.enough else f"{check.check} *"
        rate = Markup('{} <span style="{}">{}</span>').format(
            percent(check.rate), _SOFT, percent_range(check.interval)
        )
        bar = _BAR.format(decimal(8 * check.cost / dearest), _RED) if check.cost else ""
        cells = [
            ("left", name),
            ("right", f"{count(check.failed)} of {count(check.judged)}"),
            ("right", rate),
            ("left", bar),
        ]
    return _cells(cells)


def _cells(cells: Sequence[tuple[str, str]], style: str = "") -> Markup:
    return _ROW.format(style, Markup("").join(_CELL.format(*cell) for cell in cells))


def _below(report: Report) -> Iterator[Markup]:
    card, account = report.scorecard, report.input
    if any(check.judged and not check.enough for check in card.checks):
        bound = count(card.min_sample)
        yield _LINE.format(_SOFT, f"* judged fewer than {bound} times: trust the interval, not the rate")
    if account.rows_rejected:
        yield _LINE.format(
            _SOFT, f"{count(account.rows_rejected)} of {count(account.rows_read)} rows were rejected"
        )
