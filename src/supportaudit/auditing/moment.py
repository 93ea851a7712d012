"""The moment of judgement, asked so that it is known in which other moments a judgement would be the same.

The export's newest time moves with every week, and what was judged of an old conversation mostly does not change with
it. So nothing reads the moment as a number unless it measures up to it: all else asks a question, and each answer
narrows `span`. A cache may use a judgement again in any moment of its span.
"""

from math import inf, nextafter

from supportaudit.auditing.measured import Measured

Span = tuple[float, float]
"""From the first moment up to, and without, the second; seconds since the epoch."""

ALWAYS: Span = (-inf, inf)
_SLACK = 1.0  # seconds left aside for the rounding of sums


class Moment:
    """When silence is judged. `at` is None where the export holds no time.

    `measured` is what was said of waits that last.
    """

    __slots__ = ("_at", "_high", "_low", "measured")

    def __init__(self, at: float | None) -> None:
        self._at = at
        self._low, self._high = ALWAYS
        self.measured: list[Measured] = []

    @property
    def known(self) -> bool:
        """Whether there is a moment at all; where there is none, no question is answered with yes."""
        return self._at is not None

    @property
    def span(self) -> Span:
        """The moments in which everything asked so far has the same answer."""
        return self._low, self._high

    def exactly(self) -> float | None:
        """The moment itself, in seconds since the epoch. What is measured up to it is the same in no other."""
        if self._at is not None:
            self._narrow(self._at, _next(self._at))
        return self._at

    def peek(self) -> float | None:
        """The moment, only for sums that are then given to `exceeded`."""
        return self._at

    def reached(self, when: float) -> bool:
        """Whether a time has come."""
        if self._at is None:
            return False
        return self._split(when, self._at >= when)

    def passed(self, when: float) -> bool:
        """Whether a time is over."""
        if self._at is None:
            return False
        return self._split(_next(when), self._at > when)

    def exceeded(self, seconds: float, limit: float) -> bool:
        """Whether `seconds`, a time that ran up to this moment, are more than a limit.

        A second later they may be one more (or none: the team had closed), so the answer holds as far as the two are
        apart at least.
        """
        if self._at is None:
            return False
        if seconds > limit:
            self._narrow(min(self._at, self._at - (seconds - limit) + _SLACK), inf)
            return True
        self._narrow(-inf, max(_next(self._at), self._at + (limit - seconds) - _SLACK))
        return False

    def _split(self, border: float, behind: bool) -> bool:
        if behind:
            self._narrow(border, inf)
        else:
            self._narrow(-inf, border)
        return behind

    def _narrow(self, low: float, high: float) -> None:
        self._low, self._high = max(self._low, low), min(self._high, high)


def _next(moment: float) -> float:
    return nextafter(moment, inf)
