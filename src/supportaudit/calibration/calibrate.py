"""How right our verdicts are on the user's own data: a reviewed sample, weighted back to the whole export.

For each check the sample is post-stratified (Cochran 1977, Sampling Techniques, 5A.9) by our verdict, for verdicts are
drawn at different rates, and within it by the rarest check that fails the conversation, for that set its chance to be
drawn. docs/accuracy.md holds the formulas.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from supportaudit.calibration.agreement import (
    ROUNDS,
    Counts,
    Measure,
    Pair,
    agreement,
    f1,
    kappa,
    precision,
    recall,
)
from supportaudit.calibration.labels import Labels
from supportaudit.calibration.population import Cell, Population, Strata
from supportaudit.calibration.verdicts import Found
from supportaudit.errors import InputError
from supportaudit.results.stats import Interval
from supportaudit.settings.typed import show

ENOUGH = 5
"""Findings judged, or failures by the reader, below which a measure that rests on them says nothing."""


class Judged(msgspec.Struct, frozen=True):
    """One check on one conversation that a reader judged.

    `found` is our surest finding or None, `failed` the share of the reviewers who see a failure (0, 1, or 0.5 where
    two disagree), `votes` what each said, `weight` how many conversations of the export it stands for.
    """

    conversation: str
    channel: str
    found: Found | None
    failed: float
    votes: tuple[bool, ...]
    weight: float


class Figure(msgspec.Struct, frozen=True):
    """A measure, and whether the sample is enough to say it. `rests_on` so many findings or failures."""

    value: float | None
    interval: Interval | None
    enough: bool
    rests_on: float


class Threshold(msgspec.Struct, frozen=True):
    """The lowest confidence that reaches the target precision.

    `kept` of `true` findings of the sample that the reader shares stay, `share` of those of the export by estimate.
    """

    least: float
    precision: float
    kept: float
    true: float
    share: float


class Calibrated(msgspec.Struct, frozen=True):
    """One check beside the reader. `found` and `passed` count the export, the rest the sample.

    `reviewers` is the kappa of the two reviewers with each other, over `both` pairs that both judged.
    `not_judged` are pairs that our check could not judge, and `missed_there` those of them that the reader fails.
    """

    check: str
    found: int
    passed: int
    pairs: int
    failed: float
    precision: Figure
    recall: Figure
    f1: Figure
    kappa: Figure
    reviewers: Figure | None
    both: int
    not_judged: int
    missed_there: int
    current: float
    threshold: Threshold | None
    too_few_for_threshold: bool
    false_alarms: tuple[Judged, ...]
    misses: tuple[Judged, ...]
    disputed: tuple[Judged, ...]


class Calibration(msgspec.Struct, frozen=True):
    """All checks that somebody judged.

    `unknown` are conversations of the labels that the export does not hold, `not_run` checks of the labels that were
    not run.
    """

    conversations: int
    labelled: int
    reviewers: tuple[str, ...]
    unsure: int
    unknown: tuple[str, ...]
    not_run: tuple[str, ...]
    target: float
    checks: tuple[Calibrated, ...]


def calibrate(labels: Labels, population: Population, target: float = 0.9) -> Calibration:
    """Measure every check that the labels judge; `target` is the precision that thresholds must reach.

    Raises `InputError` where the labels are of other conversations.
    """
    said: dict[str, dict[str, dict[str, bool]]] = {}
    for label in labels.labels:
        if label.failed is not None:
            said.setdefault(label.check, {}).setdefault(label.conversation, {})[label.reviewer] = label.failed
    names = sorted({label.conversation for label in labels.labels})
    unknown = tuple(name for name in names if population.of(name) is None)
    if len(unknown) == len(names):
        raise InputError(
            f"none of the {len(names)} labelled conversations is in the export; the first is {show(names[0])}",
            "A spreadsheet may have changed the ids, or the sample was drawn from other files.",
        )
    return Calibration(
        conversations=population.conversations,
        labelled=len(names),
        reviewers=labels.reviewers,
        unsure=labels.unsure,
        unknown=unknown,
        not_run=tuple(sorted(said.keys() - set(population.checks))),
        target=target,
        checks=tuple(
            _calibrated(check, said[check], labels.reviewers, population, target)
            for check in population.checks
            if check in said
        ),
    )


def _calibrated(
    check: str,
    said: dict[str, dict[str, bool]],
    reviewers: Sequence[str],
    population: Population,
    target: float,
) -> Calibrated:
    strata = population.strata(check)
    judged = weighted(check, said, population, strata)
    mine = [one for one in judged if one.found is not None]
    failed = sum(one.failed for one in judged)
    measured = _measured(judged, strata)
    unjudged = [votes for name, votes in said.items() if _not_judged(check, name, population)]
    threshold = _threshold(mine, population.thresholds[check], target)
    both = [one for one in judged if len(one.votes) > 1]
    return Calibrated(
        check=check,
        found=strata.found,
        passed=strata.passed,
        pairs=len(judged),
        failed=failed,
        precision=_figure(measured[0], len(mine)),
        recall=_figure(measured[1], failed),
        f1=_figure(measured[2], failed),
        kappa=_figure(measured[3], failed),
        reviewers=_between(both) if len(reviewers) > 1 else None,
        both=len(both),
        not_judged=len(unjudged),
        missed_there=sum(any(votes.values()) for votes in unjudged),
        current=population.thresholds[check],
        threshold=threshold,
        too_few_for_threshold=len(mine) < ENOUGH,
        false_alarms=tuple(
            sorted((j for j in mine if j.failed < 0.5), key=lambda j: (-_sure(j), j.conversation))
        ),
        misses=tuple(one for one in judged if one.found is None and one.failed > 0.5),
        disputed=tuple(one for one in judged if one.failed == 0.5),
    )


def _not_judged(check: str, conversation: str, population: Population) -> bool:
    verdicts = population.of(conversation)
    return verdicts is not None and population.cell(verdicts, check) is None


def weighted(
    check: str, said: dict[str, dict[str, bool]], population: Population, strata: Strata
) -> list[Judged]:
    """The judged pairs of a check by conversation, each with its weight.

    Of N conversations in a stratum n were judged: each weighs N / n. Strata without any judged conversation are
    stood for by the others of the same verdict, so that the weights of a verdict always sum to its conversations.
    """
    pairs: list[tuple[Cell, Judged]] = []
    for name, votes in sorted(said.items()):
        verdicts = population.of(name)
        cell = population.cell(verdicts, check) if verdicts is not None else None
        if verdicts is None or cell is None:
            continue
        each = tuple(votes[reviewer] for reviewer in sorted(votes))
        found = verdicts.found.get(check)
        pairs.append((cell, Judged(name, verdicts.channel, found, sum(each) / len(each), each, 0.0)))
    sizes = strata.cells
    judged = Counter(cell for cell, _ in pairs)
    reached = Counter[bool]()
    for cell in judged:
        reached[cell[0]] += sizes[cell]
    return [
        msgspec.structs.replace(
            one, weight=sizes[cell] / judged[cell] * strata.of(cell[0]) / reached[cell[0]]
        )
        for cell, one in pairs
    ]


def _measured(judged: Sequence[Judged], strata: Strata) -> list[Measure]:
    """Precision, recall, F1 and kappa. Where a verdict was given but none of its conversations judged: nothing."""
    mine = [one for one in judged if one.found is not None]
    others = [one for one in judged if one.found is None]
    nothing = Measure(None, None)
    if strata.found and not mine:
        return [nothing] * 4
    total = sum(map(_counts, judged), Counts())
    drawn = list(_drawn(mine, others))
    if strata.passed and not others:  # nothing is known of what we missed
        return [_with_interval(precision, total, drawn), nothing, nothing, nothing]
    return [_with_interval(of, total, drawn) for of in (precision, recall, f1, kappa)]


def _counts(one: Judged) -> Counts:
    yes, no = one.weight * one.failed, one.weight * (1 - one.failed)
    return Counts(both=yes, only_ours=no) if one.found is not None else Counts(only_theirs=yes, neither=no)


def _drawn(mine: Sequence[Judged], others: Sequence[Judged]) -> Iterable[Counts]:
    """Rounds of a parametric bootstrap, seeded: in each verdict the share of failures is drawn anew.

    From Beta(k + 1/2, n - k + 1/2), the law of Jeffreys (Brown, Cai & DasGupta 2001, Statistical Science 16:101-133),
    with n the effective number judged (Kish 1965, Survey Sampling: the square of the sum of weights over the sum of
    their squares). Drawing conversations anew would take what no sample of sixty holds for what does not exist.
    """
    chance = random.Random(0)  # noqa: S311 - a bootstrap, not a secret
    (n_mine, share_mine, size_mine), (n_others, share_others, size_others) = _stratum(mine), _stratum(others)
    for _ in range(ROUNDS):
        hits = size_mine * _beta(chance, n_mine, share_mine)
        missed = size_others * _beta(chance, n_others, share_others)
        yield Counts(hits, size_mine - hits, missed, size_others - missed)


def _stratum(judged: Sequence[Judged]) -> tuple[float, float, float]:
    """Effective number, share of failures, conversations stood for."""
    size = sum(one.weight for one in judged)
    if not size:
        return 0.0, 0.0, 0.0
    share = min(1.0, sum(one.weight * one.failed for one in judged) / size)
    return size * size / sum(one.weight**2 for one in judged), share, size


def _beta(chance: random.Random, n: float, share: float) -> float:
    return chance.betavariate(n * share + 0.5, n * (1 - share) + 0.5)


def _with_interval(of: Callable[[Counts], float | None], total: Counts, drawn: Sequence[Counts]) -> Measure:
    value = of(total)
    values = sorted(v for counts in drawn if (v := of(counts)) is not None)
    if value is None or not values:
        return Measure(value, None)
    low, high = (values[round(q * (len(values) - 1))] for q in (0.025, 0.975))
    return Measure(value, Interval(min(low, value), max(high, value)))


def _figure(measure: Measure, rests_on: float) -> Figure:
    return Figure(measure.value, measure.interval, measure.value is not None and rests_on >= ENOUGH, rests_on)


def _between(both: Sequence[Judged]) -> Figure:
    """Kappa of the two reviewers with each other, weighted like ours, so that the two can be compared."""
    found = agreement(Pair(one.conversation, one.votes[0], one.votes[1], one.weight) for one in both)
    return _figure(found.kappa, sum(any(one.votes) for one in both))


def _sure(one: Judged) -> float:
    return one.found.confidence if one.found is not None else 0.0


def _threshold(mine: Sequence[Judged], current: float, target: float) -> Threshold | None:
    """The lowest confidence, not below the one in force, from which on findings reach the target; None if none does."""
    true = sum(one.failed for one in mine)
    all_true = sum(one.weight * one.failed for one in mine)
    for least in sorted({current, *map(_sure, mine)}):
        kept = [one for one in mine if _sure(one) >= least]
        if least < current or len(kept) < ENOUGH:
            continue
        right = sum(one.weight * one.failed for one in kept)
        reached = right / sum(one.weight for one in kept)
        if reached >= target:
            return Threshold(
                least, reached, sum(one.failed for one in kept), true, right / all_true if all_true else 0.0
            )
    return None
