"""The gate: does a scorecard hold what a team has agreed on?

A rule limits the score, a rate or a count, over everything or within a segment, and gives one result. A rule on a rate
or the score says nothing where too few conversations were judged: it is skipped, aloud.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from supportaudit.model import Severity
from supportaudit.results.comparison import Change, Comparison, Failure
from supportaudit.results.score import Scorecard
from supportaudit.results.stats import Interval, wilson

ANY = ""
"""In place of a check's id: a conversation that failed any check."""


class Measure(StrEnum):
    """What a rule limits."""

    SCORE = "min-score"
    RATE = "max-rate"
    COUNT = "max-count"


class JudgeBy(StrEnum):
    """What a rule holds against its limit: the number itself, or the end of its interval that is nearer to the limit.

    By the interval a rule fails only if the limit is missed even in the best case that the data allow.
    """

    NUMBER = "number"
    INTERVAL = "interval"


class Rule(msgspec.Struct, frozen=True):
    """One limit. `check` is an id or `ANY`; `dimension` and `value` name a segment, "" and "" everything.

    `limit` is 0 to 100 for the score, a share from 0 to 1 for a rate, conversations for a count; the limit itself still
    passes. `origin` says where the rule was written, for people.
    """

    measure: Measure
    limit: float
    check: str = ANY
    dimension: str = ""
    value: str = ""
    judge_by: JudgeBy = JudgeBy.NUMBER
    min_judged: int = 0
    origin: str = ""

    @property
    def name(self) -> str:
        """A stable name, such as "slow-reply/max-rate" or "channel=chat/any/max-count"."""
        parts = (
            f"{self.dimension}={self.value}" if self.dimension else "",
            self.check or "any",
            self.measure,
        )
        return "/".join(filter(None, parts if self.measure is not Measure.SCORE else (self.measure,)))


class RuleStatus(StrEnum):
    """What became of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Silence(StrEnum):
    """Why a rule was skipped."""

    TOO_FEW = "too-few"
    NO_SEGMENT = "no-segment"


class RuleResult(msgspec.Struct, frozen=True):
    """A rule's word on a scorecard. `number` and `interval` are in the unit of its limit, None where not known.

    `judged` conversations were looked at; of a rate and a count, `failed` of them failed.
    """

    rule: Rule
    status: RuleStatus
    number: float | None = None
    interval: Interval | None = None
    judged: int = 0
    failed: int = 0
    silence: Silence | None = None


class Gate(msgspec.Struct, frozen=True):
    """All rules and what became of them, in the order they were given.

    Beside an earlier audit: `worse` are the checks whose rate rose significantly, `new` the failures that it has
    not, as far as a team wants either to fail.
    """

    results: tuple[RuleResult, ...] = ()
    worse: tuple[Change, ...] = ()
    new: tuple[Failure, ...] = ()

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The rules that failed."""
        return tuple(r for r in self.results if r.status is RuleStatus.FAILED)

    @property
    def passed(self) -> bool:
        """Whether nothing failed; also without any rule."""
        return not (self.failed or self.worse or self.new)


def judge(
    rules: Iterable[Rule],
    card: Scorecard,
    comparison: Comparison | None = None,
    *,
    worsening: bool = True,
    new: Severity | None = None,
) -> Gate:
    """Hold a scorecard against rules, and beside an earlier audit against what `worsening` and `new` say.

    `new` is the severity from which a failure that the earlier audit has not fails the gate.
    """
    results = tuple(_result(rule, card) for rule in rules)
    if comparison is None:
        return Gate(results)
    return Gate(
        results,
        comparison.worse if worsening else (),
        tuple(f for f in comparison.new if new is not None and f.severity.rank >= new.rank),
    )


class _Counts(msgspec.Struct, frozen=True):
    failed: int
    judged: int


def _result(rule: Rule, card: Scorecard) -> RuleResult:
    if rule.measure is Measure.SCORE:
        return _score_result(rule, card)
    counts = _counts(rule, card)
    if counts is None:
        return RuleResult(rule, RuleStatus.SKIPPED, silence=Silence.NO_SEGMENT)
    failed, judged = counts.failed, counts.judged
    if rule.measure is Measure.COUNT:
        return RuleResult(rule, _status(failed > rule.limit), float(failed), None, judged, failed)
    if not judged:
        return RuleResult(rule, RuleStatus.SKIPPED, silence=Silence.TOO_FEW)
    rate, interval = failed / judged, wilson(failed, judged)
    if judged < rule.min_judged:
        return RuleResult(rule, RuleStatus.SKIPPED, rate, interval, judged, failed, Silence.TOO_FEW)
    held = interval.low if rule.judge_by is JudgeBy.INTERVAL else rate
    return RuleResult(rule, _status(held > rule.limit), rate, interval, judged, failed)


def _score_result(rule: Rule, card: Scorecard) -> RuleResult:
    judged, failed = card.conversations, card.failing
    if card.score is None or card.interval is None or judged < rule.min_judged:
        return RuleResult(
            rule, RuleStatus.SKIPPED, card.score, card.interval, judged, failed, Silence.TOO_FEW
        )
    held = card.interval.high if rule.judge_by is JudgeBy.INTERVAL else card.score
    return RuleResult(rule, _status(held < rule.limit), card.score, card.interval, judged, failed)


def _status(failed: bool) -> RuleStatus:
    return RuleStatus.FAILED if failed else RuleStatus.PASSED


def _counts(rule: Rule, card: Scorecard) -> _Counts | None:
    """What the rule counts; None where the segment is not in the data."""
    if rule.dimension:
        segment = next((s for s in card.segments.get(rule.dimension, ()) if s.value == rule.value), None)
        if segment is None:
            return None
        if rule.check == ANY:
            return _Counts(segment.failing, segment.conversations)
        return _Counts(segment.failed.get(rule.check, 0), segment.judged.get(rule.check, 0))
    if rule.check == ANY:
        return _Counts(card.failing, card.conversations)
    score = next((c for c in card.checks if c.check == rule.check), None)
    return _Counts(score.failed, score.judged) if score is not None else _Counts(0, 0)
