"""The exit code, decided here and nowhere else: 0 passed, 1 the gate failed, 2 the audit could not be done.

A run in which a check crashed, or in which nothing could be judged, is never green, whatever was asked for.
"""

from enum import IntEnum
from typing import TYPE_CHECKING

from supportaudit.errors import InputError, UserError

if TYPE_CHECKING:
    from supportaudit.results.report import Report


class Exit(IntEnum):
    """What the command ends with."""

    PASSED = 0
    FAILED = 1
    ERROR = 2
    INTERRUPTED = 130


def verdict(report: "Report", *, exit_zero: bool = False) -> Exit:
    """How a scan ends. Raises `UserError` (which ends with 2) where the result cannot be trusted as a whole."""
    if any(check.errors for check in report.scorecard.checks):
        raise UserError(
            "a check crashed on some conversations; the rest of the result stands",
            hint="Please report it with the reason shown in the result.",
        )
    if not any(check.judged for check in report.scorecard.checks):
        raise InputError(
            "no check could judge any conversation",
            hint="`supportaudit inspect EXPORT` shows how it was understood.",
        )
    return Exit.PASSED if report.gate.passed or exit_zero else Exit.FAILED
