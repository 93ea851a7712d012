"""Measure an audit beside a native read of the same file and beside what others would use, in one run on one machine.

    python -m benchmarks.run --sizes 10k,100k,1M --peers PYTHON --json results.json --write docs/performance.md

Every contender runs in a process of its own, so its start-up counts and its memory is its own. Contenders take turns,
round by round, so that a slow minute of the machine hits all of them; shown is the median of the rounds. Ratios are the
result: seconds differ from machine to machine and from hour to hour. benchmarks/README.md has the rest.
"""

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.make_corpus import make
from benchmarks.measuring import Run, measure, quiet_environment
from benchmarks.tables import pages

HERE = Path(__file__).resolve().parent
UNITS = {"k": 1_000, "M": 1_000_000}
READERS = ("polars", "duckdb", "pyarrow", "csv")
SLOW_PEERS = ("pandas-script", "vader", "convokit")
STARTS = 9
STAGED = 1_000_000
"""Messages above which the stages are not told apart once more: by then a message costs the same."""


@dataclass
class Contender:
    """A command to measure, how many messages it went through, and what was measured."""

    name: str
    command: list[str] = field(repr=False)
    messages: int
    runs: list[Run] = field(default_factory=list)
    failure: str = ""


def main() -> int:
    """Parse the command line, measure, print and write the tables."""
    options = _options()
    if options.peers is None:
        _say(
            "no --peers PYTHON: without polars, duckdb, pyarrow, pandas, VADER and ConvoKit, so without ratios"
        )
    with _folder(options.keep) as folder:
        environment = quiet_environment(folder / "bytecode")
        _warm(options, folder, environment)
        result: dict[str, Any] = {
            "machine": _machine(options.peers),
            "starts": _starts(folder, environment),
            "sizes": [_size(size, options, folder, environment) for size in options.sizes],
        }
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    text = pages(result)
    print(text)
    if options.write:
        _write_between_marks(options.write, text)
    return int(any(one["failure"] for size in result["sizes"] for one in size["contenders"]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--sizes", type=_sizes, default=[10_000, 100_000], help="messages, e.g. 10k,100k,1M,10M"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2], help="processes of the audit")
    parser.add_argument("--peers", type=Path, help="a Python that has what benchmarks/peers.txt lists")
    parser.add_argument(
        "--peer-messages",
        type=_size_of,
        default=100_000,
        help="slow peers get no more than this many messages",
    )
    parser.add_argument("--languages", choices=("en", "mixed"), default="en", help="of the corpus")
    parser.add_argument("--keep", type=Path, help="a folder to keep corpora in, from run to run")
    parser.add_argument("--json", type=Path, help="write what was measured")
    parser.add_argument("--write", type=Path, help="put the tables between the marks of this page")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return [_size_of(part) for part in text.split(",")]


def _size_of(text: str) -> int:
    return int(text[:-1]) * UNITS[text[-1]] if text[-1:] in UNITS else int(text)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


# --- What is measured -------------------------------------------------------------------------------------


def _warm(options: argparse.Namespace, folder: Path, environment: dict[str, str]) -> None:
    """Run everything once on next to nothing: bytecode is written, libraries are in the page cache."""
    _say("warming up")
    corpus = _corpus(1_000, "en", folder)
    commands = [one.command for one in _peers(options.peers, (*READERS, *SLOW_PEERS), corpus, 1_000)]
    for command in [_scan(corpus, 1), *commands]:
        measure(command, environment)


def _size(
    messages: int, options: argparse.Namespace, folder: Path, environment: dict[str, str]
) -> dict[str, Any]:
    """Measure all contenders on one corpus, in turns."""
    corpus = _corpus(messages, options.languages, folder)
    _read_once(corpus)
    few = min(messages, options.peer_messages)
    small = corpus if few == messages else _corpus(few, options.languages, folder)
    contenders = [
        *_peers(options.peers, READERS, corpus, messages),
        *(Contender(f"scan, {n} process{'es' * (n > 1)}", _scan(corpus, n), messages) for n in options.jobs),
        *_peers(options.peers, SLOW_PEERS, small, few),
    ]
    for turn in range(options.rounds):
        for contender in contenders:
            if contender.failure:
                continue
            _say(f"{messages:,} messages, round {turn + 1} of {options.rounds}: {contender.name}")
            run, contender.failure = measure(contender.command, environment)
            if run is not None:
                contender.runs.append(run)
    stages = {}
    if messages <= STAGED:
        _say(f"{messages:,} messages: stages")
        stages = _stages(corpus, environment)
    return {
        "messages": messages,
        "bytes": corpus.stat().st_size,
        "contenders": [asdict(contender) for contender in contenders],
        "stages": stages,
    }


def _corpus(messages: int, languages: str, folder: Path) -> Path:
    path = folder / f"corpus-{languages}-{messages}.csv"
    if not path.exists():
        _say(f"writing {path.name}")
        whole = path.with_suffix(".part")
        make(whole, messages, time_styles="mixed", languages=languages)
        whole.replace(path)
    return path


def _read_once(path: Path) -> None:
    """Have the file in the page cache, as a file that was just downloaded is."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def _scan(corpus: Path, processes: int) -> list[str]:
    return [
        sys.executable, "-m", "supportaudit", "scan", str(corpus), "--no-config", "--jobs", str(processes),
        "--format", "json", "-o", os.devnull,
    ]  # fmt: skip


def _peers(python: Path | None, names: Sequence[str], corpus: Path, messages: int) -> list[Contender]:
    """Those of the peers that `python` has; without one, only what needs nothing."""
    if python is None:
        names = [name for name in names if name == "csv"]
    runner = str(python or sys.executable)
    return [Contender(name, [runner, str(HERE / "peers.py"), name, str(corpus)], messages) for name in names]


def _stages(corpus: Path, environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.stages", str(corpus)]
    done = subprocess.run(command, env=environment, cwd=HERE.parent, capture_output=True, encoding="utf-8")
    if done.returncode:
        _say(f"stages: {done.stderr.strip().splitlines()[-1:]}")
        return {}
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _starts(folder: Path, environment: dict[str, str]) -> dict[str, list[float]]:
    """Seconds from call to end of what should take no time, each nine times, in turns."""
    _say("start-up")
    program = Path(sys.executable).with_name("supportaudit")
    ours = [str(program)] if program.exists() else [sys.executable, "-m", "supportaudit"]
    fifty = _fifty(folder)
    commands = {
        "bare Python": [sys.executable, "-c", "pass"],
        "--version": [*ours, "--version"],
        "--help": [*ours, "--help"],
        "scan --help": [*ours, "scan", "--help"],
        "scan of 50 conversations": [*ours, "scan", str(fifty), "--no-config"],
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(STARTS + 1):
        for name, command in commands.items():
            run, failure = measure(command, environment)
            if run is None:
                _say(f"{name}: {failure}")
            elif turn:  # the first turn writes the bytecode
                found[name].append(run.seconds)
    return found


def _fifty(folder: Path) -> Path:
    """A small export: fifty whole conversations."""
    with _corpus(10_000, "en", folder).open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    first = list(dict.fromkeys(row[0] for row in rows))[:50]
    path = folder / "fifty.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, *(row for row in rows if row[0] in first)])
    return path


# --- What it was measured on ------------------------------------------------------------------------------


def _machine(peers: Path | None) -> dict[str, Any]:
    versions = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({d.name: d.version for d in m.distributions()}))"
    )
    installed: dict[str, str] = {}
    if peers is not None:
        installed = json.loads(subprocess.check_output([peers, "-c", versions], encoding="utf-8"))
    wanted = ("polars", "duckdb", "pyarrow", "pandas", "vaderSentiment", "convokit")
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "gigabytes": _gigabytes(),
        "system": platform.platform(aliased=True, terse=True),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "day": datetime.now(UTC).date().isoformat(),
        "peers": {name: installed[name] for name in wanted if name in installed},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gigabytes() -> int | None:
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _write_between_marks(page: Path, text: str) -> None:
    begin, end = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
    before, mark, rest = page.read_text(encoding="utf-8").partition(begin)
    _, last, after = rest.partition(end)
    if not mark or not last:
        raise SystemExit(f"{page}: has no {begin.strip()} and {end.strip()}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8", newline="\n")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
