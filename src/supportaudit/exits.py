"""How a run ends, decided here and nowhere else: 0 passed, 1 the gate failed, 2 the audit could not be done.

A run in which a check crashed, or in which nothing could be judged, is never green, whatever was asked for. One that is
stopped tidies up first and ends with 128 and the signal's number, as a shell has it. No way out shows a traceback.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from supportaudit import streams
from supportaudit.errors import InputError, UserError, mend

if TYPE_CHECKING:
    from supportaudit.results.report import Report


class Exit(IntEnum):
    """What the command ends with."""

    PASSED = 0
    FAILED = 1
    ERROR = 2
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


def verdict(report: "Report", *, exit_zero: bool = False) -> Exit:
    """How a scan ends. Raises `UserError` (which ends with 2) where the result cannot be trusted as a whole."""
    if any(check.errors for check in report.scorecard.checks):
        raise UserError(
            "a check crashed on some conversations; the rest of the result stands",
            hint="The result names it with the reason. If it is not one of your own, please report it.",
        )
    if not any(check.judged for check in report.scorecard.checks):
        raise InputError(
            "no check could judge any conversation",
            hint="`supportaudit inspect EXPORT` shows how it was understood.",
        )
    return Exit.PASSED if report.gate.passed or exit_zero else Exit.FAILED


class Stopped(BaseException):
    """A signal asked the run to end: whatever holds a temporary file or a process lets go of it on the way out."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run(command: Callable[[], object]) -> NoReturn:
    """Call a command line that ends with SystemExit, and end as it does; what it raises is said in a sentence."""
    streams.set_up()
    with _stoppable():
        code = _called(command)
    sys.exit(code)


def _called(command: Callable[[], object]) -> int:
    try:
        try:
            command()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else Exit.PASSED
        finally:
            sys.stdout.flush()
    except UserError as error:
        _say(error.message, error.hint)
    except Stopped as stopped:
        name = "Ctrl-C" if stopped.number == signal.SIGINT else signal.Signals(stopped.number).name
        print(f"stopped by {name}: files that were written are whole, others as they were", file=sys.stderr)
        return 128 + stopped.number
    except MemoryError:
        _say("the machine has no memory left", "Try --jobs 1, or fewer files at a time.")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _say(f"{where}{error.strerror or error}", mend(error))
    except Exception as error:
        _say(
            f"supportaudit failed: {type(error).__name__} in {_place(error)}",
            "Please report this. SUPPORTAUDIT_TRACEBACK=1 shows more, and may show words of customers.",
        )
        if os.environ.get("SUPPORTAUDIT_TRACEBACK"):
            traceback.print_exception(error)
    return Exit.ERROR


def _say(message: str, hint: str) -> None:
    try:
        from supportaudit.render.text import printable
    except (OSError, MemoryError):  # what is wrong may keep a module from loading, too
        clean: Callable[[str], str] = ascii
    else:
        clean = printable
    print(f"error: {clean(message)}", file=sys.stderr)
    if hint:
        print(f"  hint: {clean(hint)}", file=sys.stderr)


def _place(error: Exception) -> str:
    """Where in our own code it happened: its message may hold what customers wrote."""
    ours = Path(__file__).parent
    steps = [
        step for step in traceback.extract_tb(error.__traceback__) if ours in Path(step.filename).parents
    ]
    return (
        f"{Path(steps[-1].filename).relative_to(ours).as_posix()}, line {steps[-1].lineno}"
        if steps
        else "a library"
    )


@contextmanager
def _stoppable() -> Iterator[None]:
    """Meanwhile the signals that ask a run to end are raised as `Stopped`, but for those that the caller ignores."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    unraisable = sys.unraisablehook
    sys.unraisablehook = lambda lost: _raise_later(lost, unraisable)
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _stop)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = unraisable


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    raise Stopped(number)


def _raise_later(
    lost: "sys.UnraisableHookArgs", otherwise: Callable[["sys.UnraisableHookArgs"], object]
) -> None:
    """A signal that came while a destructor ran, which swallows what is raised, is given once more."""
    if isinstance(lost.exc_value, Stopped) and hasattr(signal, "pthread_kill"):
        main = threading.main_thread().ident
        threading.Timer(0.01, signal.pthread_kill, (main, lost.exc_value.number)).start()
    else:
        otherwise(lost)
