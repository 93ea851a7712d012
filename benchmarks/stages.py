"""Where an audit's time goes: processor seconds by stage, of a whole scan in one process, as JSON.

    python -m benchmarks.stages corpus.csv

Stages run through each other, journey by journey, so they cannot be timed one after the other without building what a
scan never holds. The clock of the process rings every two milliseconds of processor time instead, and what is done
then is counted to the stage whose code asked for it: the innermost of our own modules on the stack.
"""

import argparse
import json
import signal
import sys
import time
from collections import Counter
from functools import cache
from pathlib import Path
from types import FrameType

TICK = 0.002
PACKAGE = Path(__file__).resolve().parents[1] / "src" / "supportaudit"
CHECKS = Path(__file__).resolve().parents[1] / "checks"
START = "start, imports, packs"
STAGES = {
    "read/": "read",
    "sources/": "read",
    "auditing/": "gather",
    "normalise/": "normalise",
    "wording/": "tag",
    "auditing/talk.py": "talk",
    "auditing/signals.py": "talk",
    "auditing/engine.py": "check",
    "auditing/redact.py": "check",
    "checkkit.py": "check",
    "auditing/collect.py": "count and score",
    "results/": "count and score",
    "render/": "render",
}
"""Where a module's work is counted; the longest beginning holds. Everything else of ours is `other`."""
ORDER = (START, "read", "gather", "normalise", "tag", "talk", "check", "count and score", "render", "other")
LOADERS = frozenset(("load_lexicon", "load_desks", "load_checks", "load_yaml", "catalogue"))


def stage_of(frame: FrameType | None) -> str:
    """What the code that is running belongs to."""
    found = ""
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith("<frozen importlib") or code.co_name in LOADERS:
            return START
        found = found or _stage(code.co_filename)
        frame = frame.f_back
    return found or START


@cache
def _stage(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(CHECKS):
        return "check"
    if not path.is_relative_to(PACKAGE):
        return ""
    name = path.relative_to(PACKAGE).as_posix()
    begins = max(filter(name.startswith, STAGES), key=len, default="")
    return STAGES.get(begins, "other")


def measure(corpus: Path) -> dict[str, float]:
    """Scan and render in this process. Gives processor seconds by stage, and their sum under `all`."""
    ticks: Counter[str] = Counter()

    def ring(_signal: int, frame: FrameType | None) -> None:
        ticks[stage_of(frame)] += 1

    began = time.process_time()
    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, TICK, TICK)
    from supportaudit.cli import main as command

    sys.argv = ["supportaudit", "scan", str(corpus), "--jobs", "1", "--format", "json", "-o", "/dev/null"]
    try:
        command()
    except SystemExit as end:
        if end.code not in (0, 1):
            raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took = time.process_time() - began
    total = sum(ticks.values()) or 1
    return {stage: took * ticks[stage] / total for stage in ORDER} | {"all": took}


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpus", type=Path)
    print(json.dumps(measure(parser.parse_args().corpus)))


if __name__ == "__main__":
    main()
