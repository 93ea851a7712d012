"""From a tally to a scorecard: rates with their uncertainty, one score, and groups compared with care.

The formula, the weights, their sources and the limits are in docs/scoring.md.
"""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from supportaudit.model import CheckInfo, SignalInfo, SignalKind
from supportaudit.results.stats import MARKS, Interval, ReplyTimes, Term, weighted_sum, wilson
from supportaudit.results.tally import CheckTally, Example, GroupTally, SignalTally, Tally

CONFIDENCE = 0.95
MIN_SAMPLE = 30
MIN_GROUP = 10
"""A group with fewer conversations is shown, but not compared with the others."""

EDGES = (60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0, 259_200.0)
"""Seconds between which replies are drawn: 1, 5, 15 minutes, 1, 4 hours, 1, 3 days."""

_LETTERS = ((90.0, "A"), (80.0, "B"), (70.0, "C"), (60.0, "D"))
NO_LETTER = "–"


class CheckScore(msgspec.Struct, frozen=True):
    """One check over all conversations.

    `rate` is `failed / judged` (None when nothing was judged), `demerits` is `weight * rate`, and `cost` is
    the check's share of all demerits (None while there are none).
    """

    check: str
    weight: float
    judged: int
    failed: int
    failed_by_severity: dict[str, int]
    not_applicable: int
    not_applicable_reasons: dict[str, int]
    errors: dict[str, int]
    rate: float | None
    interval: Interval | None
    demerits: float
    cost: float | None
    enough: bool


class SignalScore(msgspec.Struct, frozen=True):
    """One strength or signal over all conversations; it has no part in the score.

    `rate` is `shown / eligible` (None without a case), counted in `unit`, over `conversations` with any case.
    `examples` were so, `missed` were not.
    """

    signal: str
    kind: SignalKind
    unit: str
    conversations: int
    eligible: int
    shown: int
    not_applicable: int
    not_applicable_reasons: dict[str, int]
    errors: dict[str, int]
    rate: float | None
    interval: Interval | None
    enough: bool
    examples: tuple[Example, ...]
    missed: tuple[Example, ...]


class Standing(StrEnum):
    """How a group's rate compares with that of all the others together."""

    WORSE = "worse"
    BETTER = "better"
    ALIKE = "cannot-tell-apart"
    TOO_FEW = "too-few"


class Segment(msgspec.Struct, frozen=True):
    """One group, say channel "chat": its conversations, how many failed, and how it stands.

    `value` is "" where the export gives none. `judged` and `failed` map a check to conversations, `eligible`
    and `shown` a signal to its cases.
    """

    value: str
    conversations: int
    failing: int
    messages: int
    rate: float
    interval: Interval
    standing: Standing
    judged: dict[str, int]
    failed: dict[str, int]
    eligible: dict[str, int]
    shown: dict[str, int]


class ReplySummary(msgspec.Struct, frozen=True):
    """Reply times of one channel in seconds. `reply` is "first" or "later"; `within`: mark -> share.

    `upto` is the share of replies up to each of `EDGES`, for drawing.
    """

    channel: str
    reply: str
    count: int
    median: float
    p90: float
    within: dict[int, float]
    upto: tuple[float, ...] = ()


class Scorecard(msgspec.Struct, frozen=True):
    """The result in numbers. `score` and its `interval` run from 0 to 100, None when nothing was judged.

    `enough` says whether there were conversations enough to grade. `checks` stand in the order they were
    given, every dimension's segments by value: nothing here is a ranking.
    """

    score: float | None
    interval: Interval | None
    letter: str
    enough: bool
    min_sample: int
    conversations: int
    failing: int
    failing_interval: Interval | None
    messages: int
    first_at: float | None
    last_at: float | None
    demerits: float
    checks: tuple[CheckScore, ...]
    segments: dict[str, tuple[Segment, ...]]
    reply_times: tuple[ReplySummary, ...]
    signals: tuple[SignalScore, ...]


def make_scorecard(
    tally: Tally,
    checks: Sequence[CheckInfo],
    min_sample: int = MIN_SAMPLE,
    signals: Sequence[SignalInfo] = (),
) -> Scorecard:
    """Score `tally` by the weights of `checks`; fewer than `min_sample` conversations are not graded.

    `signals` are the strengths and signals to show beside it.
    """
    unknown = tally.checks.keys() - {check.id for check in checks}
    if unknown:
        raise ValueError(f"counted, but without a description: {', '.join(sorted(unknown))}")
    scored = _check_scores(tally, checks, min_sample)
    judged = [check for check in scored if check.judged]
    demerits = math.fsum(check.demerits for check in judged)
    score = _score(demerits) if judged else None
    return Scorecard(
        score=score,
        interval=_score_interval(judged) if judged else None,
        letter=letter(score),
        enough=tally.conversations >= min_sample,
        min_sample=min_sample,
        conversations=tally.conversations,
        failing=tally.failing,
        failing_interval=wilson(tally.failing, tally.conversations) if tally.conversations else None,
        messages=tally.messages,
        first_at=tally.first_at,
        last_at=tally.last_at,
        demerits=demerits,
        checks=scored,
        segments={
            name: _segments(groups, signals) for name, groups in sorted(tally.groups.items()) if any(groups)
        },
        reply_times=_reply_times(tally),
        signals=tuple(_signal_score(signal, tally, min_sample) for signal in signals),
    )


def letter(score: float | None) -> str:
    """A from 90, B from 80, C from 70, D from 60, else F; a dash without a score."""
    if score is None:
        return NO_LETTER
    return next((name for bound, name in _LETTERS if score >= bound), "F")


def _score(demerits: float) -> float:
    """0 to 100, to one decimal: no sample supports a second, and the letter must fit the number shown."""
    return round(100 * math.exp(-demerits), 1)


def _score_interval(judged: Sequence[CheckScore]) -> Interval:
    """The score's interval: the ends of the demerits' interval, scored (more demerits, lower score)."""
    demerits = weighted_sum((Term(c.weight, c.failed, c.judged) for c in judged), CONFIDENCE)
    return Interval(_score(demerits.high), _score(max(0.0, demerits.low)))


def _check_scores(tally: Tally, checks: Sequence[CheckInfo], min_sample: int) -> tuple[CheckScore, ...]:
    counted = [(check, tally.checks.get(check.id, CheckTally())) for check in checks]
    total = math.fsum(check.weight * c.failed / c.judged for check, c in counted if c.judged)
    return tuple(_check_score(check, counts, total, min_sample) for check, counts in counted)


def _check_score(check: CheckInfo, counts: CheckTally, total: float, min_sample: int) -> CheckScore:
    rate = counts.failed / counts.judged if counts.judged else None
    demerits = check.weight * (rate or 0.0)
    return CheckScore(
        check=check.id,
        weight=check.weight,
        judged=counts.judged,
        failed=counts.failed,
        failed_by_severity=dict(sorted(counts.failed_by_severity.items())),
        not_applicable=sum(counts.not_applicable.values()),
        not_applicable_reasons=dict(sorted(counts.not_applicable.items())),
        errors=dict(sorted(counts.errors.items())),
        rate=rate,
        interval=wilson(counts.failed, counts.judged, CONFIDENCE) if counts.judged else None,
        demerits=demerits,
        cost=demerits / total if total else None,
        enough=counts.judged >= min_sample,
    )


def _signal_score(signal: SignalInfo, tally: Tally, min_sample: int) -> SignalScore:
    counts = tally.signals.get(signal.id, SignalTally())
    if signal.among:
        counts = _among(counts, tally.signals.get(signal.among, SignalTally()))
    return SignalScore(
        signal=signal.id,
        kind=signal.kind,
        unit=signal.unit,
        conversations=counts.conversations,
        eligible=counts.eligible,
        shown=counts.shown,
        not_applicable=sum(counts.not_applicable.values()),
        not_applicable_reasons=dict(sorted(counts.not_applicable.items())),
        errors=dict(sorted(counts.errors.items())),
        rate=counts.shown / counts.eligible if counts.eligible else None,
        interval=_signal_interval(counts) if counts.eligible else None,
        enough=counts.conversations >= min_sample,
        examples=tuple(counts.examples),
        missed=tuple(counts.missed),
    )


def _among(counts: SignalTally, all_cases: SignalTally) -> SignalTally:
    """What was so, of all cases of another signal; both have one case a conversation."""
    return msgspec.structs.replace(
        all_cases,
        shown=counts.shown,
        eligible_shown=counts.shown,
        shown_squared=counts.shown,
        examples=counts.examples,
        missed=[],
    )


def _signal_interval(counts: SignalTally) -> Interval:
    """Wilson's interval, made wider by the root of the design effect (Kish 1965, Survey Sampling, 8.2).

    Cases of one conversation resemble each other, so they say less than as many conversations would. With one
    case a conversation the effect is 1 and the interval is Wilson's own.
    """
    rate = counts.shown / counts.eligible
    own = wilson(counts.shown, counts.eligible, CONFIDENCE)
    wider = math.sqrt(max(1.0, _design_effect(counts, rate)))
    return Interval(max(0.0, rate - wider * (rate - own.low)), min(1.0, rate + wider * (own.high - rate)))


def _design_effect(counts: SignalTally, rate: float) -> float:
    """How much more the rate varies than if every case stood alone; cases per conversation where none differ."""
    if counts.shown in (0, counts.eligible):
        return counts.eligible / counts.conversations
    # The sum over conversations of (shown - rate * eligible) squared.
    between = counts.shown_squared - 2 * rate * counts.eligible_shown + rate * rate * counts.eligible_squared
    return between / (counts.eligible * rate * (1 - rate))


def _segments(groups: Mapping[str, GroupTally], signals: Sequence[SignalInfo]) -> tuple[Segment, ...]:
    """All groups of one dimension by value, each compared with all the others together."""
    conversations = sum(group.conversations for group in groups.values())
    failing = sum(group.failing for group in groups.values())
    compared = sum(group.conversations >= MIN_GROUP for group in groups.values())
    # Bonferroni: of k comparisons one may be wrong by chance, so each must be k times surer.
    confidence = 1 - (1 - CONFIDENCE) / max(1, compared)
    return tuple(
        Segment(
            value=value,
            conversations=group.conversations,
            failing=group.failing,
            messages=group.messages,
            rate=group.failing / group.conversations,
            interval=wilson(group.failing, group.conversations, CONFIDENCE),
            standing=_standing(
                group, failing - group.failing, conversations - group.conversations, confidence
            ),
            judged=dict(sorted(group.judged.items())),
            failed=dict(sorted(group.failed.items())),
            eligible={s.id: number for s in signals if (number := group.eligible.get(s.among or s.id))},
            shown={s.id: number for s in signals if (number := group.shown.get(s.id))},
        )
        for value, group in sorted(groups.items())
    )


def _standing(group: GroupTally, others_failing: int, others: int, confidence: float) -> Standing:
    """Better or worse only if the interval of the difference to all the others leaves out 0."""
    if group.conversations < MIN_GROUP:
        return Standing.TOO_FEW
    if others == 0:
        return Standing.ALIKE
    difference = weighted_sum(
        (Term(1, group.failing, group.conversations), Term(-1, others_failing, others)), confidence
    )
    if difference.low > 0:
        return Standing.WORSE
    return Standing.BETTER if difference.high < 0 else Standing.ALIKE


def _reply_times(tally: Tally) -> tuple[ReplySummary, ...]:
    rows = [(channel, "first", times) for channel, times in tally.first_replies.items()]
    rows += [(channel, "later", times) for channel, times in tally.later_replies.items()]
    return tuple(_reply_summary(*row) for row in sorted(rows, key=lambda row: row[:2]))


def _reply_summary(channel: str, reply: str, times: ReplyTimes) -> ReplySummary:
    return ReplySummary(
        channel=channel,
        reply=reply,
        count=times.count,
        median=times.quantile(0.5) or 0.0,
        p90=times.quantile(0.9) or 0.0,
        within={mark: times.share_within(mark) or 0.0 for mark in MARKS},
        upto=times.shares(EDGES),
    )
