"""How well verdicts agree with a reader's: precision, recall, F1 and kappa, each with its interval.

Intervals are percentile bootstraps over conversations (Efron & Tibshirani 1993, An Introduction to the Bootstrap,
chapter 13): pairs of one conversation stand or fall together. Seeded, so the same input gives the same numbers.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import msgspec

from supportaudit.results.stats import Interval

ROUNDS = 1000
_DEFINED = 0.95
"""Below this share of rounds in which a measure is defined, it gets no interval."""


class Pair(msgspec.Struct, frozen=True):
    """One check on one conversation: whether we found a failure, and whether the reader did.

    `weight` is how many pairs of the population it stands for.
    """

    conversation: str
    ours: bool
    theirs: bool
    weight: float = 1.0


class Counts(msgspec.Struct, frozen=True):
    """Weighted pairs: both found a failure, only we, only the reader, neither."""

    both: float = 0.0
    only_ours: float = 0.0
    only_theirs: float = 0.0
    neither: float = 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.both + other.both,
            self.only_ours + other.only_ours,
            self.only_theirs + other.only_theirs,
            self.neither + other.neither,
        )


class Measure(msgspec.Struct, frozen=True):
    """A number from 0 to 1 (kappa from -1) with its 95 % interval; None where nothing defines it."""

    value: float | None
    interval: Interval | None


class Agreement(msgspec.Struct, frozen=True):
    """What `agreement` measures. `pairs` are counted unweighted, `counts` with their weights."""

    pairs: int
    counts: Counts
    precision: Measure
    recall: Measure
    f1: Measure
    kappa: Measure


def precision(counts: Counts) -> float | None:
    """The share of our findings that the reader shares."""
    return _ratio(counts.both, counts.both + counts.only_ours)


def recall(counts: Counts) -> float | None:
    """The share of the reader's failures that we found."""
    return _ratio(counts.both, counts.both + counts.only_theirs)


def f1(counts: Counts) -> float | None:
    """The harmonic mean of precision and recall (van Rijsbergen 1979, Information Retrieval, chapter 7)."""
    return _ratio(2 * counts.both, 2 * counts.both + counts.only_ours + counts.only_theirs)


def kappa(counts: Counts) -> float | None:
    """Agreement beyond chance (Cohen 1960, Educational and Psychological Measurement 20:37-46)."""
    total = counts.both + counts.only_ours + counts.only_theirs + counts.neither
    if not total:
        return None
    ours, theirs = counts.both + counts.only_ours, counts.both + counts.only_theirs
    by_chance = (ours * theirs + (total - ours) * (total - theirs)) / (total * total)
    observed = (counts.both + counts.neither) / total
    return _ratio(observed - by_chance, 1 - by_chance)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def agreement(pairs: Iterable[Pair], rounds: int = ROUNDS, seed: int = 0) -> Agreement:
    """All measures of some pairs, which may be of one check or of several."""
    ordered = sorted(pairs, key=lambda pair: pair.conversation)
    clusters = [
        sum(map(_counts, group), Counts())
        for _, group in groupby(ordered, key=lambda pair: pair.conversation)
    ]
    total = sum(clusters, Counts())
    drawn = list(_resampled(clusters, rounds, seed))
    return Agreement(
        pairs=len(ordered),
        counts=total,
        precision=_measured(precision, total, drawn),
        recall=_measured(recall, total, drawn),
        f1=_measured(f1, total, drawn),
        kappa=_measured(kappa, total, drawn),
    )


def _counts(pair: Pair) -> Counts:
    w = pair.weight
    if pair.ours:
        return Counts(both=w) if pair.theirs else Counts(only_ours=w)
    return Counts(only_theirs=w) if pair.theirs else Counts(neither=w)


def _resampled(clusters: Sequence[Counts], rounds: int, seed: int) -> Iterable[Counts]:
    chance = random.Random(seed)  # noqa: S311 - a bootstrap, not a secret
    plain = [(c.both, c.only_ours, c.only_theirs, c.neither) for c in clusters]
    for _ in range(rounds if plain else 0):
        sums = map(sum, zip(*chance.choices(plain, k=len(plain)), strict=True))
        yield Counts(*sums)


def _measured(of: Callable[[Counts], float | None], total: Counts, drawn: Sequence[Counts]) -> Measure:
    values = [value for counts in drawn if (value := of(counts)) is not None]
    return Measure(of(total), _percentiles(values, len(drawn)))


def _percentiles(values: Sequence[float], rounds: int) -> Interval | None:
    if not rounds or len(values) < _DEFINED * rounds:
        return None
    ordered = sorted(values)
    last = len(ordered) - 1
    return Interval(ordered[round(0.025 * last)], ordered[round(0.975 * last)])
