"""`python -m fuzz`: fuzz for a while, try an input again, make one smaller, keep those that reach something new."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fuzz.harness import HERE, attempt, harness, names
from fuzz.keep import keep
from fuzz.shrink import shrink

FOUND = HERE / "found"
_STATISTICS = {
    "tried": re.compile(r"number_of_executed_units: (\d+)"),
    "covered": re.compile(r"\bcov: (\d+)"),
    "kept": re.compile(r"\bcorp: (\d+)"),
}
_LEAST = 3.0  # seconds of a harness
_LAST_LINES = 40
_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, files in memory take half the time


def main(arguments: Sequence[str]) -> int:
    """0 if nothing was found, 1 if an input shows a fault."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("harness", nargs="*", help=f"which; left out: all of {', '.join(names())}")
    parser.add_argument("--seconds", type=float, default=60.0, help="in all, divided among the harnesses")
    parser.add_argument(
        "--corpus", type=Path, metavar="FOLDER", help="keep what reaches something new, to go on later"
    )
    again = parser.add_mutually_exclusive_group()
    again.add_argument(
        "--replay", type=Path, nargs="+", metavar="FILE", help="try these inputs, with the traceback"
    )
    again.add_argument(
        "--shrink", type=Path, metavar="FILE", help="make an input with a fault as small as can be"
    )
    again.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="add inputs that reach new lines to fuzz/corpus"
    )
    given = parser.parse_args(arguments)
    if unknown := sorted({*given.harness} - {*names()}):
        parser.error(f"there is no harness {unknown[0]}; there are {', '.join(names())}")
    if (given.replay or given.shrink or given.keep) and len(given.harness) != 1:
        parser.error("name one harness")
    if given.replay:
        for path in given.replay:
            attempt(harness(given.harness[0]), path.read_bytes())
            print(f"{path}: nothing wrong")
        return 0
    if given.shrink:
        small = given.shrink.with_suffix(".small")
        small.write_bytes(shrink(harness(given.harness[0]), given.shrink.read_bytes()))
        print(f"{small}: {small.stat().st_size:,} of {given.shrink.stat().st_size:,} bytes")
        return 0
    if given.keep:
        return keep(given.harness[0], given.keep)
    return fuzz(given.harness or names(), given.seconds, given.corpus)


@dataclass(frozen=True)
class Run:
    """What came of one harness: `found` are the inputs that show a fault, `said` the end of what it printed."""

    name: str
    tried: int
    covered: int
    kept: int
    seconds: float
    found: tuple[Path, ...]
    said: str


def fuzz(chosen: Sequence[str], seconds: float, corpus: Path | None) -> int:
    """Run harnesses one after another and print a line for each."""
    FOUND.mkdir(exist_ok=True)
    print(f"{'harness':<12} {'inputs':>9} {'a second':>9} {'coverage':>9} {'kept':>6}  found", flush=True)
    runs = []
    until = time.monotonic() + seconds
    for number, name in enumerate(chosen):
        left = (
            until - time.monotonic()
        )  # what one did not use is the others', and none goes without for one that was late
        share = max(_LEAST, left / (len(chosen) - number))
        run = _run(name, share, corpus)
        runs.append(run)
        rate = run.tried / run.seconds
        line = f"{name:<12} {run.tried:>9,} {rate:>9,.0f} {run.covered:>9,} {run.kept:>6,}  {len(run.found)}"
        print(line, flush=True)
    print(f"{sum(run.tried for run in runs):,} inputs tried")
    faults = [run for run in runs if run.found or run.said]
    for run in faults:
        print(f"\n== {run.name}\n{run.said}")
        for path in run.found:
            print(f"again: python -m fuzz {run.name} --replay {os.path.relpath(path)}")
    return 1 if faults else 0


def _run(name: str, seconds: float, corpus: Path | None) -> Run:
    before = {*FOUND.glob(f"{name}-*")}
    begun = time.monotonic()
    folder = corpus / name if corpus is not None else None
    command = [
        sys.executable,
        "-m",
        "fuzz.drive",
        name,
        f"{seconds:.1f}",
        str(FOUND),
        *([str(folder)] if folder else []),
    ]
    memory = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryFile() as output, tempfile.TemporaryDirectory(dir=memory) as scratch:
        environment = {**os.environ, "TMPDIR": scratch}
        done = subprocess.run(
            command, cwd=HERE.parent, env=environment, stdout=output, stderr=output, check=False
        )
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    last = {what: int((pattern.findall(said) or ["0"])[-1]) for what, pattern in _STATISTICS.items()}
    found = sorted({*FOUND.glob(f"{name}-*")} - before)
    lines = [line for line in said.splitlines() if not line.startswith(("#", "INFO", "MS:", "0x"))]
    told = "\n".join(lines[-_LAST_LINES:]) if found or done.returncode else ""
    return Run(
        name, last["tried"], last["covered"], last["kept"], time.monotonic() - begun, tuple(found), told
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
