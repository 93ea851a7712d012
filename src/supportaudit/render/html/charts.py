"""Small inline SVG drawings. Each says in words what it shows; numbers stand beside it in a table or a caption.

Own templates rather than a plotting library: matplotlib or altair would add tens of megabytes to draw a line and a
ring, and none of them emits SVG that takes its colours from the page, so that dark mode and print stay readable.
"""

from bisect import bisect_left
from collections.abc import Sequence

from markupsafe import Markup

from supportaudit.render.text import count, decimal, duration, in_unit, percent
from supportaudit.results.score import EDGES
from supportaudit.results.stats import MARKS, Interval
from supportaudit.ui import gettext, ngettext, pgettext

_LETTERS = ((0, 60, "F"), (60, 70, "D"), (70, 80, "C"), (80, 90, "B"), (90, 100, "A"))


def _svg(
    width: float, height: float, words: str, *parts: Markup, fluid: bool = False, kind: str = "chart"
) -> Markup:
    size = Markup('width="100%"') if fluid else Markup('width="{0:g}" height="{1:g}"').format(width, height)
    return Markup('<svg class="{}" {} viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>').format(
        kind, size, width, height, words, Markup("").join(parts)
    )


def _rect(x: float, y: float, width: float, height: float, kind: str, title: str = "") -> Markup:
    told = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup(
        '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2">{}</rect>'
    ).format(kind, x, y, max(0.0, width), height, told)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
        kind, x1, y1, x2, y2
    )


def _text(x: float, y: float, words: str, anchor: str = "middle", kind: str = "") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, words
    )


def _dot(x: float, y: float, r: float, kind: str, title: str = "") -> Markup:
    told = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}">{}</circle>').format(
        kind, x, y, r, told
    )


def scale(score: float, interval: Interval, before: float | None) -> Markup:
    """The score on a line from 0 to 100 with its grades, its interval, and the earlier score."""
    width, left = 560.0, 8.0
    room = width - 2 * left

    def x(value: float) -> float:
        return left + room * value / 100

    parts = [_rect(x(low) + 1, 16, x(high) - x(low) - 2, 10, "track") for low, high, _ in _LETTERS]
    parts += [_text(x((low + high) / 2), 42, letter) for low, high, letter in _LETTERS]
    if before is not None:
        parts.append(_line(x(before), 8, x(before), 34, "was"))
    parts.append(_line(x(interval.low), 21, x(interval.high), 21, "range"))
    parts.append(_dot(x(score), 21, 7, "dot"))
    words = gettext(
        "Score {score} on a scale from 0 to 100, interval {low} to {high}",
        score=decimal(score),
        low=decimal(interval.low),
        high=decimal(interval.high),
    )
    if before is not None:
        words += ", " + gettext("before {number}", number=decimal(before))
    return _svg(width, 48, words, *parts, fluid=True, kind="scale")


def rate_bar(
    rate: float | None,
    interval: Interval | None,
    most: float,
    before: float | None = None,
    shrunk: float | None = None,
    *,
    bad: bool = False,
) -> Markup:
    """A rate as a ring on its interval, up to `most`; the rate before dashed, one drawn towards the mean as a mark."""
    width, left = 160.0, 8.0
    if rate is None or interval is None or most <= 0:
        return Markup('<span class="soft">–</span>')

    def x(value: float) -> float:
        return left + (width - 2 * left) * min(1.0, value / most)

    parts = [
        _rect(left, 8, width - 2 * left, 4, "track"),
        _line(x(interval.low), 10, x(interval.high), 10, "range"),
    ]
    if before is not None:
        parts.append(_line(x(before), 1, x(before), 19, "was"))
    if shrunk is not None:
        parts.append(_rect(x(shrunk) - 1.5, 3, 3, 14, "shrunk"))
    parts.append(_dot(x(rate), 10, 5, "dot bad" if bad else "dot"))
    words = gettext(
        "{rate}, between {low} and {high}",
        rate=percent(rate),
        low=percent(interval.low),
        high=percent(interval.high),
    )
    if before is not None:
        words += ", " + gettext("before {number}", number=percent(before))
    if shrunk is not None:
        words += ", " + gettext("drawn towards the mean {rate}", rate=percent(shrunk))
    return _svg(width, 20, words, *parts)


EXCELLENT = 300.0
"""Five minutes, the mark of an excellent reply on chat and social."""


def span(seconds: float) -> str:
    """A limit as people say it: "5 min", "24 h", "3 d"."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= (2 * size if unit == "d" else size) and seconds % size == 0:
            return in_unit(unit, f"{seconds / size:.0f}")
    return duration(seconds)


def replies(edges: Sequence[float], upto: Sequence[float], limit: float, name: str, *, fast: bool) -> Markup:
    """How long replies took, as a bar for each span up to the `edges`; the limit dashed, five minutes dotted if `fast`.

    Bars wholly beyond the limit have another colour and a hatch of their own in words: their share is in the title.
    """
    shares = [b - a for a, b in zip((0.0, *upto), (*upto, 1.0), strict=True)]
    last = span(edges[-1])
    labels = [span(edge) for edge in edges] + [f">{last}"]
    told = [gettext("up to {time}", time=span(edge)) for edge in edges] + [gettext("over {time}", time=last)]
    width, height, base, left = 420.0, 142.0, 116.0, 4.0
    step = (width - 2 * left) / len(shares)
    most = max(shares) or 1.0

    def x(seconds: float) -> float:
        place = bisect_left(edges, seconds)
        low = edges[place - 1] if place else 0.0
        part = (seconds - low) / (edges[place] - low) if place < len(edges) else 0.5
        return left + (place + part) * step

    parts = [_line(left, base, width - left, base, "rule")]
    for place, (share, label, words) in enumerate(zip(shares, labels, told, strict=True)):
        tall = 76 * share / most
        late = (edges[place - 1] if place else 0.0) >= limit
        middle = left + (place + 0.5) * step
        kind = "bar bad" if late else "bar"
        parts.append(
            _rect(
                left + place * step + 4,
                base - tall,
                step - 8,
                tall,
                kind,
                f"{words}: {percent(share)}",
            )
        )
        if share >= 0.005:
            parts.append(_text(middle, base - tall - 5, f"{100 * share:.0f} %", kind="ink"))
        parts.append(_text(middle, base + 17, label))
    if fast and limit != EXCELLENT:
        parts += [
            _line(x(EXCELLENT), 18, x(EXCELLENT), base, "mark"),
            _text(x(EXCELLENT), 12, span(EXCELLENT)),
        ]
    words = gettext("limit {time}", time=span(limit))
    near_end = x(limit) > width - max(90, 7.5 * len(words))
    parts.append(_line(x(limit), 18, x(limit), base, "limit"))
    parts.append(
        _text(
            x(limit) + (-4 if near_end else 4),
            12,
            words,
            "end" if near_end else "start",
            "over",
        )
    )
    all_ = ", ".join(f"{words} {100 * share:.0f} %" for words, share in zip(told, shares, strict=True))
    words = gettext("{replies}, limit {time}: {shares}", replies=name, time=span(limit), shares=all_)
    return _svg(width, height, words, *parts, fluid=True)


def known_edges(
    upto: Sequence[float], within: dict[int, float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The edges up to which shares of replies are known, and the shares: a result read back knows only three."""
    if upto:
        return EDGES, tuple(upto)
    return tuple(map(float, MARKS)), tuple(within.get(mark, 0.0) for mark in MARKS)


def spark(points: Sequence[tuple[str, float | None]]) -> Markup:
    """Rates over time as a small line, the newest as a ring; from 0 to the highest."""
    known = [(place, label, rate) for place, (label, rate) in enumerate(points) if rate is not None]
    if len(known) < 2:
        return Markup('<span class="soft">–</span>')
    width, height, pad = 112.0, 28.0, 6.0
    most = max(max(rate for _, _, rate in known), 0.01)

    def at(place: int, rate: float) -> tuple[float, float]:
        return (
            pad + (width - 2 * pad) * place / (len(points) - 1),
            height - pad - (height - 2 * pad) * rate / most,
        )

    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(place, rate) for place, _, rate in known))
    parts = [
        _line(pad, height - pad, width - pad, height - pad, "rule"),
        Markup('<polyline class="trend" points="{}"/>').format(path),
    ]
    parts += [
        _dot(*at(place, rate), 2, "point", f"{label}: {percent(rate)}") for place, label, rate in known[:-1]
    ]
    place, label, rate = known[-1]
    parts.append(_dot(*at(place, rate), 4, "dot", f"{label}: {percent(rate)}"))
    words = ", ".join(f"{label} {percent(rate)}" for _, label, rate in known)
    return _svg(width, height, gettext("Over time: {rates}", rates=words), *parts)


def timeline(points: Sequence[tuple[str, float, Interval]]) -> Markup:
    """The score of one audit after another, each with its interval, on the grades."""
    width, top, base, left = 640.0, 14.0, 150.0, 34.0
    low = min((interval.low for _, _, interval in points), default=0.0)
    floor = max(0.0, min(50.0, low // 10 * 10))

    def y(score: float) -> float:
        return base - (base - top) * (score - floor) / (100 - floor)

    parts = []
    for start, end, letter in _LETTERS:
        if end > floor:
            parts.append(_line(left, y(max(start, floor)), width - 8, y(max(start, floor)), "rule"))
            parts.append(_text(left - 14, (y(max(start, floor)) + y(end)) / 2 + 4, letter))
    step = (width - left - 8) / max(1, len(points))
    middles = [left + (place + 0.5) * step for place in range(len(points))]
    path = " ".join(f"{x:.1f},{y(score):.1f}" for x, (_, score, _) in zip(middles, points, strict=True))
    parts.append(Markup('<polyline class="trend" points="{}"/>').format(path))
    every = -(-len(points) // 8)
    for place, (x, (label, score, interval)) in enumerate(zip(middles, points, strict=True)):
        told = gettext(
            "{period}: {score}, between {low} and {high}",
            period=label,
            score=decimal(score),
            low=decimal(interval.low),
            high=decimal(interval.high),
        )
        parts.append(_line(x, y(interval.low), x, y(interval.high), "range"))
        parts.append(_dot(x, y(score), 5, "dot", told))
        if len(points) <= 12:
            parts.append(_text(x, y(interval.high) - 6, decimal(score), kind="ink"))
        if (len(points) - 1 - place) % every == 0:
            parts.append(_text(x, base + 20, label))
    words = ", ".join(f"{label} {decimal(score)}" for label, score, _ in points)
    return _svg(
        width,
        base + 28,
        gettext("Score over time: {scores}", scores=words),
        *parts,
        fluid=True,
        kind="timeline",
    )


def shares(parts: Sequence[tuple[str, int, str]]) -> Markup:
    """Parts of a whole on one bar: (name, number, kind) each."""
    width, whole = 640.0, sum(number for _, number, _ in parts) or 1
    drawn, x = [], 0.0
    for name, number, kind in parts:
        if number:
            wide = width * number / whole
            drawn.append(_rect(x, 0, max(2.0, wide - 2), 22, kind, f"{name}: {count(number)}"))
            x += wide
    words = ", ".join(f"{name} {count(number)}" for name, number, _ in parts)
    return _svg(width, 22, words, *drawn, fluid=True)


def contacts(made: Sequence[tuple[str, str, Sequence[str]]]) -> Markup:
    """A customer's conversations in the order of time: (moment, channel, failed checks) each, evenly spaced.

    Not to scale: gaps between contacts run from minutes to months, and the moments stand beside.
    """
    shown = made if len(made) <= _CONTACTS else (*made[: _CONTACTS - 1], made[-1])
    width, left = 420.0, 36.0
    step = (width - 2 * left) / max(1, len(shown) - 1)
    parts = [_line(left, 16, width - left, 16, "rule")]
    for place, (when, channel, failed) in enumerate(shown):
        x = left + place * step
        told = f"{when} {channel or _contact()}: " + (", ".join(failed) if failed else gettext("no failure"))
        parts.append(_dot(x, 16, 7, "dot bad" if failed else "dot", told))
        parts.append(_text(x, 40, channel or "–", kind="ink"))
        parts.append(_text(x, 55, when))
    each = "; ".join(
        f"{when} {channel or _contact()} "
        + (gettext("failed {checks}", checks=", ".join(failed)) if failed else gettext("without failure"))
        for when, channel, failed in made
    )
    words = ngettext("{n} contact: {each}", "{n} contacts: {each}", len(made), n=count(len(made)), each=each)
    return _svg(width, 60, words, *parts, fluid=True)


def _contact() -> str:
    """What stands for a channel that is not known."""
    return pgettext("a contact", "conversation")


_CONTACTS = 6
