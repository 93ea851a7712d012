"""Small inline SVG drawings. Each says in words what it shows; numbers stand beside it in a table or a caption.

Own templates rather than a plotting library: matplotlib or altair would add tens of megabytes to draw a line and a
ring, and none of them emits SVG that takes its colours from the page, so that dark mode and print stay readable.
"""

from collections.abc import Sequence

from markupsafe import Markup

from supportaudit.render.text import count, duration, percent
from supportaudit.score import EDGES
from supportaudit.stats import Interval

_LETTERS = ((0, 60, "F"), (60, 70, "D"), (70, 80, "C"), (80, 90, "B"), (90, 100, "A"))


def _svg(width: float, height: float, words: str, *parts: Markup, fluid: bool = False) -> Markup:
    size = Markup('width="100%"') if fluid else Markup('width="{0:g}" height="{1:g}"').format(width, height)
    return Markup('<svg {} viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>').format(
        size, width, height, words, Markup("").join(parts)
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
    words = f"Score {score:.1f} on a scale from 0 to 100, interval {interval.low:.1f} to {interval.high:.1f}"
    words += f", before {before:.1f}" if before is not None else ""
    return _svg(width, 48, words, *parts, fluid=True)


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
    width, left = 180.0, 8.0
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
    words = f"{percent(rate)}, between {percent(interval.low)} and {percent(interval.high)}"
    words += f", before {percent(before)}" if before is not None else ""
    words += f", drawn towards the mean {percent(shrunk)}" if shrunk is not None else ""
    return _svg(width, 20, words, *parts)


_BINS = ("≤1 min", "1–5 min", "5–15 min", "15–60 min", "1–4 h", "4–24 h", "1–3 d", ">3 d")
_SHORT = ("≤1 m", "≤5 m", "≤15 m", "≤1 h", "≤4 h", "≤24 h", "≤3 d", "more")


def replies(upto: Sequence[float], limit: float, name: str) -> Markup:
    """How long replies took, as a bar for each span; those beyond the limit in another colour, the limit dashed."""
    if not upto:
        return Markup("")
    shares = [b - a for a, b in zip((0.0, *upto), (*upto, 1.0), strict=True)]
    width, height, base = 460.0, 150.0, 118.0
    step = (width - 16) / len(shares)
    most = max(shares) or 1.0
    parts = [_line(8, base, width - 8, base, "rule")]
    starts = (0.0, *EDGES)
    for place, (share, label) in enumerate(zip(shares, _BINS, strict=True)):
        tall = 88 * share / most
        late = starts[place] >= limit
        parts.append(
            _rect(
                8 + place * step + 4,
                base - tall,
                step - 8,
                tall,
                "bar bad" if late else "bar",
                f"{label}: {percent(share)}",
            )
        )
        parts.append(
            _text(
                8 + (place + 0.5) * step,
                base - tall - 5,
                f"{share:.0%}" if share >= 0.005 else "",
                kind="ink",
            )
        )
        parts.append(_text(8 + (place + 0.5) * step, base + 16, _SHORT[place]))
    if limit in EDGES:
        x = 8 + (EDGES.index(limit) + 1) * step
        parts.append(_line(x, 14, x, base, "limit"))
        parts.append(_text(x + 4, 12, f"limit {duration(limit)}", "start"))
    words = f"{name}: " + ", ".join(
        f"{label} {share:.0%}" for label, share in zip(_BINS, shares, strict=True)
    )
    return _svg(width, height, words, *parts, fluid=True)


def contacts(made: Sequence[tuple[float, str, Sequence[str]]]) -> Markup:
    """A customer's conversations on a line in time: (seconds, channel, failed checks) each."""
    width, left = 620.0, 50.0
    first, last = made[0][0], made[-1][0]
    span = (last - first) or 1.0
    parts = [_line(left, 22, width - left, 22, "rule")]
    at = -99.0
    for place, (when, channel, failed) in enumerate(made):
        # Contacts of one hour would hide each other: each keeps its room.
        x = max(left + (width - 2 * left) * (when - first) / span, at + 16)
        at = min(x, width - 12)
        told = f"{channel or 'conversation'}: " + (", ".join(failed) if failed else "no failure")
        parts.append(_dot(at, 22, 7, "dot bad" if failed else "dot", told))
        if place in (0, len(made) - 1) or len(made) <= 5:
            parts.append(_text(at, 44, channel or "?"))
    words = "; ".join(
        f"{channel or 'conversation'} {'failed ' + ', '.join(f) if f else 'without failure'}"
        for _, channel, f in made
    )
    return _svg(width, 50, f"{count(len(made))} contacts: {words}", *parts, fluid=True)
