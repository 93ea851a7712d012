"""Everything a check may import. Stable: built-in checks, plugins and a user's own take the same road.

A check is a folder with `check.yaml` (meaning and parameters), `check.py` (a function
`run(talk: Talk, params: Params) -> Iterator[Hit]`) and `cases.yaml` (what it must and must not find). It sees
one `Talk`, yields a `Hit` for each failure it can prove, raises `NotApplicable` where it cannot judge.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from supportaudit.auditing.measured import duration, time_waited
from supportaudit.auditing.talk import (
    ASKS_FACT,
    DAY,
    NEAR,
    Promise,
    Talk,
    Turn,
    Wait,
    clip,
    codes_in,
    has_link_or_number,
)
from supportaudit.errors import SettingsError
from supportaudit.model import Basis, HandOver, Severity
from supportaudit.wording.fold import capitalised, fold
from supportaudit.wording.similarity import same_wording, shared

__all__ = [
    "ASKS_FACT",
    "DAY",
    "NEAR",
    "Basis",
    "HandOver",
    "Hit",
    "NotApplicable",
    "Params",
    "Promise",
    "Severity",
    "Talk",
    "Turn",
    "Wait",
    "capitalised",
    "clip",
    "codes_in",
    "duration",
    "fold",
    "has_link_or_number",
    "reported",
    "same_wording",
    "shared",
    "time_waited",
]


class NotApplicable(Exception):  # noqa: N818 (it is no error: it says that a check has nothing to judge)
    """The check cannot judge this conversation. The reason must come from a small fixed vocabulary."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One failure that a check can prove; the engine adds check, conversation, time and place.

    `turns` are the messages that prove it, the telling one first. `quote` is taken from the customer's or the
    agent's own words. `agent` is whom it concerns: by default the author of the first agent turn in `turns`.
    `wait` is one that the failure is about: `gap` is its length, and in `reason` it stands for {wait} in words.
    """

    turns: tuple[Turn, ...]
    quote: str
    reason: str
    confidence: float
    severity: Severity | None = None
    basis: Basis = Basis.OBSERVED
    agent: str | None = None
    gap: float | None = None
    wait: Wait | None = None

    def __post_init__(self) -> None:
        """Raises `TypeError` or `ValueError`, so that a check's mistake is told as the check's, not as ours."""
        if not self.turns or not all(isinstance(turn, Turn) for turn in self.turns):
            raise TypeError("turns must hold the messages that prove it, the telling one first")
        if not isinstance(self.quote, str) or not isinstance(self.reason, str):
            raise TypeError("quote and reason must be text")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"confidence must be from 0 to 1, not {self.confidence}")


class Params:
    """A check's parameters, defaults from its `check.yaml` overlaid with the user's settings."""

    def __init__(self, values: Mapping[str, float | str | bool]) -> None:
        self._values = dict(values)

    def number(self, name: str) -> float:
        """A numeric parameter. Raises `SettingsError` if it is none."""
        value = self._values[name]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise SettingsError(f"parameter '{name}' must be a number, not {value!r}")
        return float(value)


def reported(
    talk: Talk,
    *markers: str,
    reason: str,
    confidence: float,
    severity: Severity | None = None,
    unless: Collection[str] = (),
) -> Iterator[Hit]:
    """The first customer message that tells of such a failure by the company; it accuses nobody by name.

    A message with one of the markers of `unless` tells of something else.
    """
    for turn in talk.customers:
        if turn.says(*markers) and not turn.has("not_ours", *unless):
            quote = turn.quote(*markers)
            yield Hit((turn,), quote, reason, confidence, severity, basis=Basis.REPORTED)
            return
