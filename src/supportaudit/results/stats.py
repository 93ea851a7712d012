"""The statistics behind every printed number: intervals for rates, and reply times that add up.

Rates are shares from 0 to 1, times are seconds. docs/scoring.md explains the choices and names the sources.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from statistics import NormalDist

import msgspec


class Interval(msgspec.Struct, frozen=True):
    """Where a number may lie: `low <= number <= high`, in the number's own unit."""

    low: float
    high: float


def wilson(failed: int, n: int, confidence: float = 0.95) -> Interval:
    """The score interval for a rate of `failed` in `n` (Wilson 1927, JASA 22:209-212).

    Chosen because it holds for small samples and for rates at 0 and 1, where the textbook interval has no
    width. With nothing judged (n = 0) nothing is known: 0 to 1.
    """
    if n == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = failed / n
    scale = 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    # The bounds are exact at the ends; rounding must not put a rate outside its own interval.
    return Interval(min(rate, max(0.0, centre - half)), max(rate, min(1.0, centre + half)))


class Term(msgspec.Struct, frozen=True):
    """One rate in a weighted sum: `factor * failed / n`, n > 0."""

    factor: float
    failed: int
    n: int


def weighted_sum(terms: Iterable[Term], confidence: float = 0.95) -> Interval:
    """The interval of a weighted sum of rates, from the Wilson interval of each.

    Square-and-add, also called MOVER: Newcombe 1998 (Statistics in Medicine 17:873-890) for a difference,
    Zou, Huang & Zhang 2009 (Computational Statistics & Data Analysis 53:1080-1085) for any weights. Unlike
    the delta method it always holds the sum itself, also when every rate is 0. The rates are taken as
    independent.
    """
    total = below = above = 0.0
    for term in terms:
        rate = term.failed / term.n
        own = wilson(term.failed, term.n, confidence)
        down, up = term.factor * (rate - own.low), term.factor * (own.high - rate)
        total += term.factor * rate
        # A negative factor turns the rate's interval round.
        below += down * down if term.factor >= 0 else up * up
        above += up * up if term.factor >= 0 else down * down
    return Interval(total - math.sqrt(below), total + math.sqrt(above))


RELATIVE_ERROR = 0.02
"""A quantile from `ReplyTimes` is at most this share away from the true one."""

MARKS = (300, 3_600, 86_400)
"""Seconds for which `ReplyTimes.share_within` is exact: the default limits of chat, social and e-mail."""

_GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)


def _bucket_tops() -> tuple[float, ...]:
    """Upper ends of the buckets: 1 second to ten years.

    Built by multiplication, not by logarithms: IEEE 754 fixes the result of `*`, but not of `log`, so every
    machine of a cluster puts a time into the same bucket.
    """
    tops = [1.0]
    while tops[-1] < 10 * 366 * 86_400:
        tops.append(tops[-1] * _GROWTH)
    return tuple(tops)


_TOPS = _bucket_tops()


class ReplyTimes(msgspec.Struct):
    """How long replies took: a histogram with buckets that grow by 4 %, so that medians can be merged.

    The sketch of Masson, Rim & Lee 2019 (DDSketch, PVLDB 12:2195-2205): counts only, hence exact to merge in
    any order, and every quantile within `RELATIVE_ERROR`, from one second to ten years. `buckets` holds a
    count for each of some 490 buckets, `within` the number of times at or under each of `MARKS`.
    """

    count: int = 0
    within: list[int] = msgspec.field(default_factory=lambda: [0] * len(MARKS))
    buckets: list[int] = msgspec.field(default_factory=lambda: [0] * len(_TOPS))

    def add(self, seconds: float) -> None:
        """Count one reply. Times under a second fall in the first bucket, over ten years in the last."""
        self.count += 1
        self.buckets[min(bisect_left(_TOPS, seconds), len(_TOPS) - 1)] += 1
        for index, mark in enumerate(MARKS):
            self.within[index] += seconds <= mark

    def merge(self, other: "ReplyTimes") -> None:
        """Add the counts of `other`, which stays as it is."""
        self.count += other.count
        self.within = [mine + theirs for mine, theirs in zip(self.within, other.within, strict=True)]
        self.buckets = [mine + theirs for mine, theirs in zip(self.buckets, other.buckets, strict=True)]

    def quantile(self, q: float) -> float | None:
        """The time in seconds that a share `q` of the replies did not exceed; None without replies."""
        if self.count == 0:
            return None
        rank = q * (self.count - 1)
        seen = accumulate(self.buckets)
        top = next(top for top, number in zip(_TOPS, seen, strict=True) if number > rank)
        # The point that is equally far, relatively, from both ends of the bucket.
        return 2 * top / (_GROWTH + 1)

    def shares(self, edges: Iterable[float]) -> tuple[float, ...]:
        """The share of replies up to each edge in seconds, within `RELATIVE_ERROR`; () without replies."""
        if not self.count:
            return ()
        seen = list(accumulate(self.buckets))
        return tuple(seen[min(bisect_left(_TOPS, edge), len(_TOPS) - 1)] / self.count for edge in edges)

    def share_within(self, mark: int) -> float | None:
        """The exact share of replies within `mark` seconds, one of `MARKS`; None without replies."""
        if mark not in MARKS:
            raise ValueError(f"counted are only replies within {MARKS} seconds, not {mark}")
        return self.within[MARKS.index(mark)] / self.count if self.count else None
