"""One harness for some time, in a process of its own: led by coverage if atheris is there, else by chance alone.

`python -m fuzz.drive NAME SECONDS FOUND [FOLDER]`: inputs that show a fault go to FOUND, those that reach something new
to FOLDER. Says how many inputs it tried, and ends with another code than 0 if one shows a fault.
"""

import gc
import random
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from fuzz.harness import CORPUS, Harness, attempt, corpus, harness, name_of
from fuzz.mutate import mutate

_HANG = 600
"""Seconds on the clock after which an input hangs: in native code, which no timer of ours stops."""
_MEGABYTES = 3072
_SEEDS_A_SECOND = 10


def drive(name: str, seconds: float, found: Path, folder: Path | None) -> int:
    """Run one harness; the process's exit code, though atheris ends the process by itself."""
    until = time.monotonic() + seconds
    if find_spec("atheris") is None:
        return _by_chance(_loaded(name), name, until, found)
    import atheris

    one = _loaded(name)
    _instrument(atheris, one.led_by)
    made = Path(tempfile.mkdtemp())  # atheris ends the process: whoever began it tidies up
    seeds, new = made / "seeds", folder or made / "new"
    for path in (seeds, new, CORPUS / name):
        path.mkdir(exist_ok=True, parents=True)
    known = list(one.seeds())
    # All that is given is tried first, whatever the time: of little time a part must be left.
    for seed in random.sample(known, min(len(known), round(_SEEDS_A_SECOND * seconds))):
        (seeds / name_of(seed)).write_bytes(seed)
    left = max(1, round(until - time.monotonic()))
    atheris.Setup(
        [
            sys.argv[0], str(new), str(seeds), str(CORPUS / name), f"-max_total_time={left}",
            f"-max_len={one.longest}", f"-timeout={_HANG}", f"-rss_limit_mb={_MEGABYTES}",
            f"-artifact_prefix={found / name}-", "-print_final_stats=1", "-report_slow_units=3600", "-reload=0",
        ],
        lambda data: attempt(one, data),
        custom_mutator=lambda data, longest, seed: _mutated(atheris, one, data, known, longest, seed),
    )  # fmt: skip
    atheris.Fuzz()
    return 0


def _loaded(name: str) -> Harness:
    """The harness with whatever is loaded on first use."""
    one = harness(name)
    with suppress(Exception):  # tried again as an input, where a fault is told
        one.check(next(iter(one.seeds())))
    return one


def _instrument(atheris: Any, packages: tuple[str, ...]) -> None:
    """Let the functions of these packages tell which ways are taken; those made of one text tell the same."""
    made: dict[CodeType, CodeType] = {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and (thing.__module__ or "").startswith(packages):
            plain = thing.__code__
            if plain not in made:
                made[plain] = atheris.instrument_func(thing).__code__
            thing.__code__ = made[plain]


def _mutated(atheris: Any, one: Harness, data: bytes, known: list[bytes], longest: int, seed: int) -> bytes:
    """Some of the changes are the library's own, which knows what was compared with what."""
    rng = random.Random(seed)
    if rng.random() < 0.4:
        made: bytes = atheris.Mutate(data, longest)
        return made
    return mutate(one, data, rng, rng.choice(known), longest)


def _by_chance(one: Harness, name: str, until: float, found: Path) -> int:
    print("atheris is not installed: inputs are changed by chance, led by no coverage", file=sys.stderr)
    rng = random.Random()
    known = list(dict.fromkeys([*(path.read_bytes() for path in corpus(name)), *one.seeds()]))
    tried, todo = 0, list(known)
    while todo or time.monotonic() < until:
        data = todo.pop() if todo else mutate(one, rng.choice(known), rng, rng.choice(known))
        tried += 1
        try:
            attempt(one, data)
        except BaseException:
            traceback.print_exc()
            (found / f"{name}-crash-{name_of(data)}").write_bytes(data)
            break
    else:
        print(f"stat::number_of_executed_units: {tried}", file=sys.stderr)
        return 0
    print(f"stat::number_of_executed_units: {tried}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    _, name, seconds, found, *rest = sys.argv
    sys.exit(drive(name, float(seconds), Path(found), Path(rest[0]) if rest else None))
