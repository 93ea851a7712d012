"""What a sample stands for: our verdicts on all conversations, of an audit made now or of a result written earlier."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec

from supportaudit.auditing.engine import MIN_CONFIDENCE
from supportaudit.auditing.intake import Progress
from supportaudit.auditing.scan import ScanSettings
from supportaudit.calibration.verdicts import Found, Verdicts, judge
from supportaudit.errors import InputError, SettingsError
from supportaudit.read.inputs import Given
from supportaudit.settings.typed import plain
from supportaudit.sheet import comparable

Cell = tuple[bool, str]
"""Our verdict on a check, and the rarest check that fails the conversation ("" where none does)."""


@dataclass(frozen=True)
class Population:
    """Our verdicts by conversation, as ids are compared.

    `thresholds` is the least confidence of each check. Where a result tells nothing of conversations without
    findings, `unnamed` is how many there are, and `judged` how many each check passed, by check.
    """

    verdicts: Mapping[str, Verdicts]
    thresholds: Mapping[str, float]
    unnamed: int = 0
    judged: Mapping[str, int] = field(default_factory=dict)

    @property
    def conversations(self) -> int:
        """How many there are."""
        return len(self.verdicts) + self.unnamed

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that ran, in order."""
        return tuple(self.thresholds)

    def of(self, conversation: str) -> Verdicts | None:
        """Our verdicts on one. An unknown one is None, unless it can be one of the unnamed."""
        known = self.verdicts.get(conversation)
        return Verdicts(conversation, "", self.checks, {}) if known is None and self.unnamed else known

    @cached_property
    def _failed(self) -> Counter[str]:
        return Counter(check for verdicts in self.verdicts.values() for check in verdicts.found)

    def cell(self, verdicts: Verdicts, check: str) -> Cell | None:
        """The stratum of a conversation for a check; None where the check could not judge it."""
        if check not in verdicts.found and check not in verdicts.passed:
            return None
        return check in verdicts.found, min(verdicts.found, key=lambda c: (self._failed[c], c), default="")

    def strata(self, check: str) -> "Strata":
        """How the conversations of a check fall apart."""
        known = (self.cell(verdicts, check) for verdicts in self.verdicts.values())
        cells = Counter(cell for cell in known if cell is not None)
        if self.unnamed:
            cells[False, ""] += self.unnamed
        found, passed = (
            sum(n for (verdict, _), n in cells.items() if verdict is which) for which in (True, False)
        )
        return Strata(cells, found, self.judged.get(check, passed))


@dataclass(frozen=True)
class Strata:
    """How many conversations each stratum of a check holds, and how many the check failed and passed in all."""

    cells: Counter[Cell]
    found: int
    passed: int

    def of(self, found: bool) -> int:
        """The conversations with that verdict."""
        return self.found if found else self.passed


def population_of(
    paths: Sequence[Given],
    settings: ScanSettings,
    against: Path | None = None,
    progress: Progress | None = None,
) -> Population:
    """What to measure: an audit of the exports, an earlier result, or its findings on the exports' conversations."""
    result = read_result(against) if against is not None else None
    if not paths:
        if result is None:
            raise SettingsError("there is nothing to measure", "Give the export, or --against a JSON result.")
        return of_result(result)
    verdicts = judge(paths, settings, progress)
    return audited(verdicts, settings.thresholds()) if result is None else with_result(verdicts, result)


def audited(verdicts: Iterable[Verdicts], thresholds: Mapping[str, float]) -> Population:
    """The population of an audit made now."""
    return Population({comparable(v.conversation): v for v in verdicts}, thresholds)


class _Finding(msgspec.Struct):
    check: str
    conversation_id: str
    confidence: float
    quote: str = ""
    reason: str = ""


class _Check(msgspec.Struct):
    check: str
    judged: int
    failed: int


class _Card(msgspec.Struct):
    conversations: int
    checks: list[_Check]


class _Run(msgspec.Struct):
    settings: dict[str, str] = {}


class Result(msgspec.Struct):
    """What is needed of a result of `scan --format json` (docs/json.md)."""

    scorecard: _Card
    findings: list[_Finding]
    run: _Run = msgspec.field(default_factory=_Run)

    @property
    def thresholds(self) -> dict[str, float]:
        """The least confidence for all checks, as the result records it."""
        try:
            least = float(self.run.settings.get("min_confidence", MIN_CONFIDENCE))
        except ValueError:
            least = MIN_CONFIDENCE
        return {check.check: least for check in self.scorecard.checks}

    def found(self) -> dict[str, dict[str, Found]]:
        """By conversation, as ids are compared: the surest finding of each check."""
        by_talk: dict[str, dict[str, Found]] = {}
        for finding in sorted(self.findings, key=lambda f: f.confidence):
            checks = by_talk.setdefault(comparable(finding.conversation_id), {})
            checks[finding.check] = Found(finding.confidence, finding.quote, finding.reason)
        return by_talk


def read_result(path: Path) -> Result:
    """Read a JSON result. Raises `InputError` where it is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Result)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {(error.strerror or 'no such file').lower()}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"{path}: is no result of `supportaudit scan --format json`: {plain(str(error))}"
        ) from error


def of_result(result: Result) -> Population:
    """The population of a result alone. It names conversations with findings only, and tells not why one passed."""
    checks = [check.check for check in result.scorecard.checks]
    found = result.found()
    verdicts = {
        name: Verdicts(name, "", tuple(c for c in checks if c not in failed), failed)
        for name, failed in found.items()
    }
    passed = {check.check: max(0, check.judged - check.failed) for check in result.scorecard.checks}
    unnamed = max(0, result.scorecard.conversations - len(found))
    return Population(verdicts, result.thresholds, unnamed, passed)


def with_result(verdicts: Sequence[Verdicts], result: Result) -> Population:
    """The conversations of an export under the findings of an earlier result, and what could not be judged of ours."""
    found = result.found()
    ran = result.thresholds
    return Population(
        {
            (name := comparable(v.conversation)): Verdicts(
                v.conversation,
                v.channel,
                tuple(c for c in (*v.passed, *v.found) if c in ran and c not in found.get(name, {})),
                found.get(name, {}),
            )
            for v in verdicts
        },
        ran,
    )
