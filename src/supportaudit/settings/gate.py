"""`gate:` of the settings file, and what is typed over it: from limits as a team writes them to rules.

Meaning and examples: docs/gate.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

import msgspec
from msgspec import Meta, Struct

from supportaudit.auditing.registry import declared_checks
from supportaudit.model import Severity
from supportaudit.results.gate import ANY, JudgeBy, Measure, Rule
from supportaudit.settings.checks import Grade, is_number
from supportaudit.settings.notation import Share
from supportaudit.settings.typed import Fault, Leaf, read_struct, show, unknown

FILE = "settings file"
DIMENSIONS = ("channel", "team", "brand", "agent", "language", "week")
MIN_JUDGED = 30
"""The conversations that a rule on a rate or the score wants before it says anything, as for a grade."""


class Points(float, Leaf):
    """A score from 0 to 100."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": "number", "minimum": 0, "maximum": 100}

    @classmethod
    def read(cls, value: object) -> Self:
        """From a number."""
        if not is_number(value) or not 0 <= value <= 100:
            raise Fault(f"must be a score from 0 to 100, such as 75, not {show(value)}")
        return cls(value)


class Number(int, Leaf):
    """A number of conversations."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": "integer", "minimum": 0}

    @classmethod
    def read(cls, value: object) -> Self:
        """From a whole number."""
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise Fault(f"must be a whole number such as 20, not {show(value)}")
        return cls(value)


class Way(str, Leaf):
    """By what a rate is judged: number or interval."""

    __slots__ = ()
    SCHEMA: ClassVar[Mapping[str, Any]] = {"enum": [way.value for way in JudgeBy]}

    @classmethod
    def read(cls, value: object) -> Self:
        """From one of the two words."""
        if not isinstance(value, str) or value not in list(JudgeBy):
            raise Fault(f"must be number or interval, not {show(value)}")
        return cls(value)


class Dimension(str, Leaf):
    """What a segment is a part of: channel, team, brand, agent, language or week."""

    __slots__ = ()
    SCHEMA: ClassVar[Mapping[str, Any]] = {"enum": list(DIMENSIONS)}

    @classmethod
    def read(cls, value: object) -> Self:
        """From its name."""
        if not isinstance(value, str) or value not in DIMENSIONS:
            raise Fault(unknown(str(value), DIMENSIONS) if isinstance(value, str) else "must be text")
        return cls(value)


class CheckLimits(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Limits of one check."""

    max_rate: Share | None = None
    max_count: Number | None = None


class LimitTable(dict[str, CheckLimits], Leaf):
    """Limits by a check's id; a bare share such as "5 %" limits the rate."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": {
            "type": ["object", "string", "number"],
            "properties": {"max-rate": Share.SCHEMA, "max-count": Number.SCHEMA},
            "additionalProperties": False,
        },
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """From a mapping of the ids of checks."""
        if not isinstance(value, dict):
            raise Fault(f"must name checks, such as 'rudeness', not {show(value)}")
        known = [check.info.id for check in declared_checks()]
        table = cls()
        for name, body in value.items():
            if name not in known:
                raise Fault(unknown(str(name), known), (str(name),))
            try:
                table[name] = (
                    read_struct(CheckLimits, body)
                    if isinstance(body, dict)
                    else CheckLimits(max_rate=Share.read(body))
                )
            except Fault as fault:
                raise Fault(fault.words, (name, *fault.path)) from None
        return table


class SegmentLimits(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Limits within one segment, say channel chat."""

    by: Annotated[Dimension, Meta(description="What it is a part of.", examples=["channel"])]
    value: Annotated[str, Meta(description="Its name in the scorecard.", examples=["chat"])]
    max_rate: Annotated[Share | None, Meta(description="Share of failing conversations.")] = None
    max_count: Annotated[Number | None, Meta(description="Failing conversations.")] = None
    checks: Annotated[LimitTable | None, Meta(description="Limits by check.")] = None
    min_judged: Annotated[Number | None, Meta(description="Instead of the gate's own.")] = None


class GateSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What a result must hold to pass. Without any limit everything passes."""

    min_score: Annotated[Points | None, Meta(description="The least score that passes.", examples=[75])] = (
        None
    )
    max_rate: Annotated[
        Share | None, Meta(description="Share of conversations that fail any check.", examples=["40 %"])
    ] = None
    max_count: Annotated[
        Number | None, Meta(description="Conversations that fail any check.", examples=[200])
    ] = None
    checks: Annotated[
        LimitTable | None,
        Meta(
            description="Limits by check: a share, or max-rate and max-count.",
            examples=[{"slow-reply": "10 %", "rudeness": {"max-count": 0}}],
        ),
    ] = None
    segments: Annotated[tuple[SegmentLimits, ...], Meta(description="Limits within segments.")] = ()
    judge_by: Annotated[
        Way | None,
        Meta(
            description="What is held against a rate or score: the number, or the nearer end of its interval.",
            examples=["interval"],
        ),
    ] = None
    min_judged: Annotated[
        Number | None,
        Meta(description="With fewer conversations a rate or score says nothing; usually 30.", examples=[30]),
    ] = None
    worsening: Annotated[
        bool | None,
        Meta(description="Whether a rate that rose significantly over the baseline fails; usually true."),
    ] = None
    new_findings: Annotated[
        Grade | None,
        Meta(
            description="Fail on any failure of this severity or graver that the baseline has not.",
            examples=["high"],
        ),
    ] = None

    @property
    def fails_on_worsening(self) -> bool:
        """Whether significant worsening over a baseline fails."""
        return self.worsening is not False

    @property
    def fails_on_new(self) -> Severity | None:
        """The severity from which a new failure fails; None for none."""
        return Severity(self.new_findings) if self.new_findings is not None else None

    def rules(self) -> tuple[Rule, ...]:
        """All limits as rules, the score first, then everything, then checks, then segments."""
        return tuple(self._rules())

    def _rules(self) -> Iterator[Rule]:
        if self.min_score is not None:
            yield self._rule(Measure.SCORE, float(self.min_score))
        yield from self._of(self.max_rate, self.max_count, ANY, None)
        yield from self._of_checks(self.checks, None)
        for segment in self.segments:
            yield from self._of(segment.max_rate, segment.max_count, ANY, segment)
            yield from self._of_checks(segment.checks, segment)

    def _of_checks(self, table: LimitTable | None, segment: SegmentLimits | None) -> Iterator[Rule]:
        for check, limits in (table or {}).items():
            yield from self._of(limits.max_rate, limits.max_count, check, segment)

    def _of(
        self, rate: Share | None, number: Number | None, check: str, segment: SegmentLimits | None
    ) -> Iterator[Rule]:
        if rate is not None:
            yield self._rule(Measure.RATE, float(rate), check, segment)
        if number is not None:
            yield self._rule(Measure.COUNT, float(number), check, segment)

    def _rule(
        self, measure: Measure, limit: float, check: str = ANY, segment: SegmentLimits | None = None
    ) -> Rule:
        own = segment.min_judged if segment is not None else None
        least = own if own is not None else self.min_judged
        return Rule(
            measure=measure,
            limit=limit,
            check=check,
            dimension=str(segment.by) if segment is not None else "",
            value=segment.value if segment is not None else "",
            judge_by=JudgeBy(self.judge_by) if self.judge_by is not None else JudgeBy.NUMBER,
            min_judged=MIN_JUDGED if least is None else int(least),
            origin=FILE,
        )


class Typed(msgspec.Struct, frozen=True):
    """What was typed: `--fail-under`, `--fail-on` and `--max-failures`."""

    fail_under: float | None = None
    fail_on: tuple[str, ...] = ()
    max_failures: int | None = None


def gate_rules(settings: GateSettings, typed: Typed) -> tuple[Rule, ...]:
    """The rules of the file and those typed; a typed rule stands in the place of the file's of the same name.

    Raises `Fault` for a typed rule that cannot be read.
    """
    rules = {rule.name: rule for rule in settings.rules()}
    for rule in _typed_rules(settings, typed):
        rules[rule.name] = rule
    return tuple(rules.values())


def _typed_rules(settings: GateSettings, typed: Typed) -> Iterator[Rule]:
    shape = settings._rule(Measure.SCORE, 0.0)
    if typed.fail_under is not None:
        try:
            least = float(Points.read(typed.fail_under))
        except Fault as fault:
            raise Fault(fault.words, ("--fail-under",)) from None
        yield msgspec.structs.replace(shape, limit=least, origin="--fail-under")
    if typed.max_failures is not None:
        yield msgspec.structs.replace(
            shape, measure=Measure.COUNT, limit=float(typed.max_failures), origin="--max-failures"
        )
    for text in typed.fail_on:
        check, sign, share = text.partition(":")
        known: Sequence[str] = [c.info.id for c in declared_checks()]
        if check not in known and check != "any":
            raise Fault(unknown(check, ["any", *known]), ("--fail-on",))
        measure, limit = (Measure.RATE, _share(share)) if sign else (Measure.COUNT, 0.0)
        yield msgspec.structs.replace(
            shape, measure=measure, limit=limit, check="" if check == "any" else check, origin="--fail-on"
        )


def _share(text: str) -> float:
    text = text.strip()
    try:
        return float(Share.read(float(text) if text.replace(".", "", 1).isdecimal() else text))
    except Fault as fault:
        raise Fault(fault.words, ("--fail-on",)) from None
