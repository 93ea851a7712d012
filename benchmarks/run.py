"""Measure `supportaudit scan` beside plain readers of the same file, in one run on one machine.

    python benchmarks/run.py corpus.csv
    python benchmarks/run.py --messages 200000 --rounds 3

Every contender runs in a process of its own, so start-up counts and memory is its own. Contenders take turns,
round by round, so that a slow minute of the machine hits all of them. Shown is the median of the rounds.
"""

import argparse
import csv
import importlib.util
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
SCAN = "{python} -m supportaudit scan {file} --format json -o {out} --jobs {jobs}"
# A scan says by its code whether it found anything; only from 2 on it did not run.
FIRST_ERROR_CODE = 2


@dataclass
class Contender:
    """A command to measure, and what was measured."""

    name: str
    command: list[str]
    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    failure: str = ""


# --- Plain readers ----------------------------------------------------------------------------------------


def read_csv(path: Path) -> int:
    """Count the rows with the standard library."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def read_ndjson(path: Path) -> int:
    """Count the records with the standard library."""
    with path.open(encoding="utf-8") as file:
        return sum(1 for line in file if json.loads(line))


def read_duckdb(path: Path) -> int:
    """Let duckdb read every column and count."""
    duckdb = __import__("duckdb")
    reader = "read_csv" if path.suffix == ".csv" else "read_json"
    query = f"select count(*), sum(length(text)) from {reader}('{path.as_posix()}')"  # noqa: S608 - our own path
    return int(duckdb.sql(query).fetchone()[0])


def read_polars(path: Path) -> int:
    """Let polars read every column into memory and count."""
    polars = __import__("polars")
    read = polars.read_csv if path.suffix == ".csv" else polars.read_ndjson
    return int(read(path).height)


READERS: dict[str, Callable[[Path], int]] = {
    "csv": read_csv,
    "ndjson": read_ndjson,
    "duckdb": read_duckdb,
    "polars": read_polars,
}


# --- Measuring --------------------------------------------------------------------------------------------


def measure(contender: Contender) -> None:
    """Run once; add wall time and the resident memory of the largest single process the command used."""
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        try:
            process = subprocess.Popen(contender.command, stdout=subprocess.DEVNULL, stderr=errors)
        except OSError as error:
            contender.failure = str(error)
            return
        code, kilobytes = _wait(process)
        elapsed = time.perf_counter() - started
        if code >= FIRST_ERROR_CODE or code < 0:
            errors.seek(0)
            last = errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            contender.failure = f"exit code {code}: {' '.join(last)}"
            return
    contender.seconds.append(elapsed)
    contender.megabytes.append(kilobytes / 1024)


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Wait for a process: (exit code, peak kilobytes). The peak covers its own children, one by one."""
    if not hasattr(os, "wait4"):  # Windows tells no peak
        return process.wait(), float("nan")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1 / 1024 if sys.platform == "darwin" else 1
    return process.returncode, usage.ru_maxrss * scale


def contenders(corpus: Path, command: str, jobs: list[int], out: Path) -> list[Contender]:
    """List what is measured: the plain readers that are there, then the command for each number of jobs."""
    names = ["csv" if corpus.suffix == ".csv" else "ndjson"]
    names += [name for name in ("duckdb", "polars") if importlib.util.find_spec(name)]
    own = [sys.executable, str(Path(__file__).resolve()), str(corpus), "--read-with"]
    found = [Contender(f"read, {name}", [*own, name]) for name in names]
    for count in jobs:
        slots = {"python": sys.executable, "file": str(corpus), "out": str(out), "jobs": str(count)}
        words = [word.format_map(slots) for word in shlex.split(command)]
        found.append(Contender(f"scan, {count} job{'s' if count > 1 else ''}", words))
    return found


def table(measured: list[Contender], messages: int) -> str:
    """Lay out the medians; ratios are to the first reader."""
    base = statistics.median(measured[0].seconds) if measured[0].seconds else float("nan")
    lines = [f"{'':18}{'wall s':>9}{'messages/s':>13}{'peak MB *':>11}{'x read':>8}"]
    for contender in measured:
        if contender.failure:
            lines.append(f"{contender.name:18}failed, {contender.failure}")
            continue
        wall, peak = statistics.median(contender.seconds), max(contender.megabytes)
        lines.append(
            f"{contender.name:18}{wall:9.2f}{messages / wall:13,.0f}{peak:11.0f}{wall / base:8.1f}"
            + (
                f"   {min(contender.seconds):.2f}-{max(contender.seconds):.2f} s"
                if len(contender.seconds) > 1
                else ""
            )
        )
    lines.append(
        "* largest single process, start-up and imports included; with several jobs each worker adds its own"
    )
    return "\n".join(lines)


def generate(messages: int, folder: Path) -> Path:
    """Make a corpus to measure on."""
    path = folder / f"corpus-{messages}.csv"
    command = [sys.executable, str(HERE / "make_corpus.py"), "--messages", str(messages), "--out", str(path)]
    subprocess.run(command, check=True)
    return path


def main() -> int:
    """Parse the command line, measure, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpus", type=Path, nargs="?", help="a .csv or .ndjson file; made when missing")
    parser.add_argument("--messages", type=int, default=200_000, help="size of the corpus to make")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--command", default=SCAN, help="what to measure; default: %(default)s")
    parser.add_argument("--read-with", choices=READERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read_with:
        print(READERS[options.read_with](options.corpus))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        corpus = options.corpus or generate(options.messages, Path(folder))
        reader = read_csv if corpus.suffix == ".csv" else read_ndjson
        messages = reader(corpus)
        size = corpus.stat().st_size / 1e6
        print(f"{corpus.name}: {messages:,} messages, {size:.0f} MB; {os.cpu_count()} cores")
        found = contenders(corpus, options.command, options.jobs, Path(folder) / "out.json")
        for _ in range(options.rounds):
            for contender in found:
                if not contender.failure:
                    measure(contender)
        print(table(found, messages))
    return int(any(contender.failure for contender in found))


if __name__ == "__main__":
    sys.exit(main())
