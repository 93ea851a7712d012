"""What `compare` and `trend` print: one column a period, a line and a small plot a check; text for people, or JSON."""

from collections.abc import Iterator, Sequence

from supportaudit.render.json_text import json_document
from supportaudit.render.text import fit, moment, page_of, percent, plural
from supportaudit.results.comparison import LEVEL, CheckCounts, Movement, Period
from supportaudit.results.trend import MIN_PERIODS, CheckTrend, Trend

COLUMNS = 5
"""Periods printed side by side, the newest; the test knows all of them."""

PLOTTED = 12
"""Periods in the small plot, the newest."""

_BARS = "▁▂▃▄▅▆▇█"
_MOVED = {
    Movement.WORSE: "rising",
    Movement.BETTER: "falling",
    Movement.ALIKE: "no trend",
    Movement.TOO_FEW: "too little",
}


def text_page(trend: Trend) -> str:
    """The periods side by side, the score first, then every check."""
    shown = trend.periods[-COLUMNS:]
    left = len(trend.periods) - len(shown)
    lines = [plural(len(trend.periods), "audit") + (f", the newest {len(shown)} shown" if left else "")]
    lines += ["", *_legend(shown), "", *_table(trend, shown), "", *_method(trend)]
    return page_of(lines)


def _legend(shown: Sequence[Period]) -> Iterator[str]:
    for number, period in enumerate(shown, 1):
        began, ended = moment(period.began), moment(period.ended)
        when = f"{began:%Y-%m-%d} to {ended:%Y-%m-%d}" if began and ended else "no times"
        yield f"  {number}  {when:<24}  {plural(period.conversations, 'conversation'):<20}  {fit(period.name, 26)}"


def _table(trend: Trend, shown: Sequence[Period]) -> Iterator[str]:
    header = "".join(f"{number:>6}" for number in range(1, len(shown) + 1))
    width = max(len("score"), *(len(c.check) for c in trend.checks)) if trend.checks else 5
    yield f"  {'':<{width}}{header}  rates in per cent"
    scores = "".join(f"{'–' if p.score is None else f'{p.score:.1f}':>6}" for p in shown)
    yield f"  {'score':<{width}}{scores}  {plot([p.score for p in trend.periods[-PLOTTED:]])}"
    for check in trend.checks:
        rates = [rate(counts) for counts in check.counts]
        cells = "".join(f"{percent(one).removesuffix(' %'):>6}" for one in rates[-len(shown) :])
        yield f"  {check.check:<{width}}{cells}  {plot(rates[-PLOTTED:])}  {moved(check)}".rstrip()


def rate(counts: CheckCounts | None) -> float | None:
    """The share that failed; None where nothing was judged."""
    return counts.failed / counts.judged if counts is not None and counts.judged else None


def plot(values: Sequence[float | None]) -> str:
    """A line of small bars from the least value to the greatest; a blank where there is none."""
    known = [v for v in values if v is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    return "".join(
        " " if v is None else _BARS[min(len(_BARS) - 1, int((v - low) / span * len(_BARS)))] for v in values
    )


def moved(check: CheckTrend) -> str:
    """Whether a rate rises or falls over the periods."""
    if len(check.counts) < MIN_PERIODS:
        return ""
    known = check.movement in (Movement.WORSE, Movement.BETTER) and check.adjusted is not None
    return _MOVED[check.movement] + (f", p {check.adjusted:.2g}" if known else "")


def _method(trend: Trend) -> Iterator[str]:
    if len(trend.periods) < MIN_PERIODS:
        yield "Trends are tested from three audits on; of two, `scan EXPORT --baseline`"
        yield "says which differences are more than chance."
        return
    yield f"Cochran-Armitage test for a trend, p corrected by Holm for {plural(len(trend.checks), 'check')};"
    yield f"rising or falling only below {LEVEL:g}. Bars run from a line's least value to its"
    yield "greatest."


def json_page(trend: Trend) -> str:
    """The same as JSON: periods, and by check the counts of each and the test."""
    document = {
        "periods": [
            {
                "name": period.name,
                "began": _iso(period.began),
                "ended": _iso(period.ended),
                "conversations": period.conversations,
                "score": period.score,
                "interval": [period.interval.low, period.interval.high]
                if period.interval is not None
                else None,
            }
            for period in trend.periods
        ],
        "checks": [
            {
                "check": check.check,
                "judged": [c.judged if c is not None else None for c in check.counts],
                "failed": [c.failed if c is not None else None for c in check.counts],
                "movement": check.movement,
                "p": _rounded(check.p),
                "p_adjusted": _rounded(check.adjusted),
            }
            for check in trend.checks
        ],
    }
    return json_document(document)


def _iso(seconds: float | None) -> str | None:
    time = moment(seconds)
    return None if time is None else f"{time.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
