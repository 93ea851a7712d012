"""Fail when an audit executes much more instructions than it did: they do not depend on what else the machine does.

    python -m benchmarks.instructions [--update]

A small audit is counted twice, with few messages and with more: the difference is what a message costs, the rest is
what starting and loading packs cost; `--help` is counted too. Each may grow by 15 % over `instructions.json`. It is
counted by `perf stat` where the processor's counters can be had, else by valgrind's cachegrind: what callgrind counts,
in a third of its time.

Counts hold for one minor version of Python, one of RE2, one architecture and one counter. For others than those in the
file, the audit is compared with a yardstick counted beside it, a plain script over the same messages, and may grow by
half: interpreters differ, but not by that much from one kind of work to another.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from benchmarks.make_corpus import make
from benchmarks.measuring import quiet_environment

BASELINE = Path(__file__).with_name("instructions.json")
FEW, MORE = 300, 1_200  # enough for the first of them to have met most patterns
GROWTH = 0.15
GROWTH_BESIDE_YARDSTICK = 0.5
YARDSTICK = "yardstick"
"""The entry of the file that holds ratios, by whatever was counted last."""

# Work of the kinds that an audit does, none of it ours: rows, expressions, words in sets, JSON.
PLAIN_SCRIPT = """
import csv, json, re, sys
seen, find = {}, re.compile(r"\\b(?:order|refund|sorry|thanks|when|where)\\b|\\d+").findall
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file):
        for _ in range(20):
            words = row["text"].lower().split()
            seen.setdefault(row["conversation_id"], set()).update(words, find(row["text"]))
        json.loads(json.dumps(row))
"""

Count = Callable[[Sequence[str]], int]


class Cost(NamedTuple):
    """Instructions of `--help`, of the start of an audit, and of each message on top of it.

    Of the yardstick, those of a bare Python stand for `help`.
    """

    help: float
    start: float
    message: float


def main() -> int:
    """Parse the command line, count, compare or write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--update", action="store_true", help="write what is counted into instructions.json")
    options = parser.parse_args()
    known: dict[str, dict[str, float]] = json.loads(BASELINE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        kind, count = _counter(quiet_environment(folder / "bytecode"))
        if count is None:
            print("skipped: neither perf's counters nor valgrind can be had")
            return 0
        key = f"{kind}, {platform.machine()}, Python {'.'.join(platform.python_version_tuple()[:2])}, "
        key += f"google-re2 {version('google-re2')}"
        files = [folder / f"{size}.csv" for size in (FEW, MORE)]
        for path, size in zip(files, (FEW, MORE), strict=True):
            make(path, size, time_styles="mixed")
        audit = _cost(count, [sys.executable, "-m", "supportaudit", "--help"], _audit, files)
        known_here = key in known and not options.update
        yardstick = None if known_here else _cost(count, [sys.executable, "-c", "pass"], _plain, files)
    counted = ", ".join(f"{what} {value / 1e6:,.3f}" for what, value in audit._asdict().items())
    print(f"{key}, millions of instructions: {counted}")
    if options.update and yardstick is not None:
        known |= {key: audit._asdict(), YARDSTICK: beside(audit, yardstick)._asdict()}
        BASELINE.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        print(f"{BASELINE.name} is written")
        return 0
    if yardstick is None:
        faults = grown(audit, Cost(**known[key]), GROWTH, "instructions")
    else:
        print(f"{BASELINE.name} knows nothing of these: compared with a plain script over the same messages")
        ratios = beside(audit, yardstick)
        faults = grown(ratios, Cost(**known[YARDSTICK]), GROWTH_BESIDE_YARDSTICK, "times the plain script's")
    print("\n".join(faults) or "within what is allowed")
    if faults:
        print(
            "If it is worth that: python -m benchmarks.instructions --update, and say in the commit what for."
        )
    return int(bool(faults))


def beside(audit: Cost, yardstick: Cost) -> Cost:
    """How many times the yardstick's the cost is."""
    return Cost(*(ours / others for ours, others in zip(audit, yardstick, strict=True)))


def grown(now: Cost, before: Cost, allowed: float, unit: str) -> list[str]:
    """What grew by more than is allowed, a sentence each; nothing where all is well. Prints every growth."""
    faults = []
    for what, counted, expected in zip(now._fields, now, before, strict=True):
        growth = counted / expected - 1
        print(f"  {what}: {growth:+.1%}")
        if growth > allowed:
            faults.append(
                f"{what} costs {counted:,.2f} {unit}: {growth:.0%} more than {expected:,.2f}, "
                f"and {allowed:.0%} is allowed"
            )
    return faults


# --- Counting ---------------------------------------------------------------------------------------------


def _cost(
    count: Count, asked: Sequence[str], command: Callable[[Path], list[str]], files: Sequence[Path]
) -> Cost:
    few, more = (count(command(path)) for path in files)
    message = (more - few) / (MORE - FEW)
    return Cost(count(asked), few - FEW * message, message)


def _audit(path: Path) -> list[str]:
    return [
        sys.executable, "-m", "supportaudit", "scan", str(path), "--no-config", "--jobs", "1",
        "--format", "json", "-o", os.devnull,
    ]  # fmt: skip


def _plain(path: Path) -> list[str]:
    return [sys.executable, "-c", PLAIN_SCRIPT, str(path)]


def _counter(environment: dict[str, str]) -> tuple[str, Count | None]:
    """What counts on this machine, and its name."""

    def perf(command: Sequence[str]) -> int:
        _run(command, environment)
        words = ["perf", "stat", "-x,", "-e", "instructions:u", *command]
        lines = _run(words, environment).splitlines()
        return int(next(line.split(",")[0] for line in lines if "instructions" in line))

    def cachegrind(command: Sequence[str]) -> int:
        _run(command, environment)  # writes the bytecode
        words = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"]
        lines = _run([*words, *command], environment).splitlines()
        return int(next(line.split(":")[-1].replace(",", "") for line in lines if "I   refs" in line))

    if shutil.which("perf"):
        try:
            perf(["true"])
        except (StopIteration, ValueError):  # "<not supported>", "<not counted>"
            pass
        else:
            return "perf", perf
    return "cachegrind", cachegrind if shutil.which("valgrind") else None


def _run(command: Sequence[str], environment: dict[str, str]) -> str:
    """What a command says on standard error; both counters speak there."""
    done = subprocess.run(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stderr


if __name__ == "__main__":
    sys.exit(main())
