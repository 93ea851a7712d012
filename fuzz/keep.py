"""Which inputs are worth keeping: the smallest that together reach every line that any of them reaches."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from fuzz.harness import CORPUS, Harness, attempt, corpus, harness, name_of

LARGEST = 1200
"""Bytes of an input that is kept: the whole corpus has to stay small."""

Step = tuple[str, int, int]


def keep(name: str, folder: Path) -> int:
    """Add inputs of a folder to the corpus that take a step no kept one takes and no seed; none that shows a fault."""
    one = harness(name)
    known = [path.read_bytes() for path in corpus(name)]
    steps: set[Step] = set()
    for data in (*one.seeds(), *known):
        steps |= steps_of(one, data) or set()
    added = 0
    target = CORPUS / name
    target.mkdir(parents=True, exist_ok=True)
    for data in _smallest(folder.rglob("*")):
        new = steps_of(one, data)
        if new is None:
            print(f"{name_of(data)}: shows a fault, and is not kept", file=sys.stderr)
        elif not new <= steps:
            steps |= new
            (target / name_of(data)).write_bytes(data)
            added += 1
    print(f"{name}: {added} inputs added to {len(known)}")
    return 0


def _smallest(paths: Iterable[Path]) -> list[bytes]:
    every = {path.read_bytes() for path in paths if path.is_file() and path.stat().st_size <= LARGEST}
    return sorted(every, key=lambda data: (len(data), data))


def steps_of(one: Harness, data: bytes) -> set[Step] | None:
    """The steps from line to line of our own code that an input takes; None if it shows a fault."""
    steps: set[Step] = set()

    def call(frame: FrameType, event: str, _argument: Any) -> Callable[..., Any] | None:
        name = frame.f_code.co_filename
        if "supportaudit" not in name and "checks" not in name:
            return None
        last = frame.f_lineno

        def line(frame: FrameType, event: str, _argument: Any) -> Any:
            nonlocal last
            steps.add((name, last, frame.f_lineno))
            last = frame.f_lineno
            return line

        return line

    before = sys.gettrace()
    sys.settrace(call)
    try:
        attempt(one, data)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        return None
    finally:
        sys.settrace(before)
    return steps
