"""What a harness is, which there are, and how one input is tried: with an allowance of time that grows with it."""

import importlib
import pkgutil
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import FrameType

from supportaudit.errors import UserError

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"

READERS = ("supportaudit.read", "supportaudit.sources", "supportaudit.normalise")

BASE_SECONDS = 5.0
"""What any input may cost: the first of a process loads language packs and checks."""


@dataclass(frozen=True)
class Harness:
    """One part of the program under test.

    `check` raises for an input that shows a fault, and for no other; it is plain Python and decides by the bytes
    alone. `seeds` are inputs to begin with, `words` what is worth putting into them. `shape` says how they are built:
    "text", "json" or "table". `longest` is in bytes, `milliseconds` is the processor time that each byte may cost.
    `led_by` are the packages whose ways through the code lead the search: few, for telling them takes time.
    """

    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    shape: str = "text"
    words: tuple[str, ...] = ()
    longest: int = 4096
    milliseconds: float = 1.0
    led_by: tuple[str, ...] = ("supportaudit",)


class TooSlowError(BaseException):
    """An input that takes more time than its length allows. No `Exception`: nothing may catch it on the way."""


def names() -> list[str]:
    """All harnesses: the modules of `harnesses/`."""
    return sorted(module.name for module in pkgutil.iter_modules([str(HERE / "harnesses")]))


@cache
def harness(name: str) -> Harness:
    """The harness of that name. Raises `ModuleNotFoundError` if there is none."""
    found: Harness = importlib.import_module(f"fuzz.harnesses.{name}").HARNESS
    return found


def corpus(name: str) -> list[Path]:
    """The inputs of a harness that are kept, by their names."""
    return sorted(path for path in (CORPUS / name).glob("*") if path.is_file())


def name_of(data: bytes) -> str:
    """What an input is called: the beginning of its digest, so that nothing is kept twice."""
    return sha256(data).hexdigest()[:16]


def attempt(one: Harness, data: bytes) -> None:
    """Try one input. Raises whatever is wrong: `TooSlowError`, a failed property, an exception of the program."""
    with _allowance(BASE_SECONDS + len(data) * one.milliseconds / 1000):
        one.check(data)


@contextmanager
def _allowance(seconds: float) -> Iterator[None]:
    """Processor time of this process, not the clock on the wall: a busy machine makes no input slow.

    Where there is no such timer (Windows, a thread) time is not judged.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(_number: int, _frame: FrameType | None) -> None:
        raise TooSlowError(f"more than {seconds:.1f} seconds of processor time")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def told(error: UserError) -> None:
    """A refusal is one sentence, and so is its hint. What a terminal would obey is escaped where it is printed."""
    assert error.message, f"{type(error).__name__} without a word"
    assert "\n" not in error.message + error.hint, f"a refusal of several lines: {error.message!r}"
