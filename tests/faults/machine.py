"""A machine on which things go wrong: disks that are full, streams that are closed, processes that are killed."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
ROOT_ONLY = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root may mount, become somebody else, and be refused what others own"
)
OTHERS_MAY_READ_US = pytest.mark.skipif(
    not all(folder.stat().st_mode & 0o005 == 0o005 for folder in (ROOT, *ROOT.parents)),
    reason="other users may not enter the folder of this checkout",
)
FORMATS = (
    "json",
    "ndjson",
    "csv",
    "xlsx",
    "parquet",
    "junit",
    "sarif",
    "github",
    "gitlab",
    "html",
    "markdown",
    "text",
)


class Ended(NamedTuple):
    """How a run ended: `code` is negative for a signal, `left` how many processes it left behind.

    `changes` is how many changes to files it made, where it was asked to count them (`at_change`).
    """

    code: int
    out: str
    err: str
    seconds: float = 0
    left: int = 0
    changes: int = 0

    def refused(self, *words: str) -> str:
        """The one sentence of a run that could not be done, which has all the words."""
        first, *hints = self.err.strip().split("\n")
        assert self.code == 2, self
        assert first.startswith("error: "), self
        assert len(hints) == 1 and hints[0].startswith("  hint: "), self
        assert "Traceback" not in self.err + self.out
        assert "supportaudit failed" not in first, "a fault of our own"
        assert self.left == 0
        for word in words:
            assert word in self.err, self
        return first


class Nursery:
    """Runs commands in processes that have everything loaded already; see `nursery.py`."""

    def __init__(self, export: Path, told: Path) -> None:
        self._told = told
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("nursery.py")), str(export)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=told,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
        )  # fmt: skip
        self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def run(self, *arguments: str | Path, folder: Any = None, **order: Any) -> Ended:
        """Run the command line in a folder. `order` says what goes wrong, as `nursery.born` and `watched` read it."""
        assert self._process.stdin is not None
        words = [str(argument) for argument in arguments]
        order |= {"arguments": words, "folder": str(folder or self._told), "told": str(self._told)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Ended(**self._answer())

    def close(self) -> None:
        """No more runs."""
        self._process.communicate()


def run(
    *arguments: str | Path,
    command: Sequence[str] = ("-m", "supportaudit"),
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> Ended:
    """Run the command line in a process of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
    }
    done = subprocess.run(
        [sys.executable, *command, *map(str, arguments)], timeout=120, check=False, capture_output=True,
        env=kept | {"PYTHONPATH": str(ROOT / "src")} | dict(env or {}), **options,
    )  # fmt: skip
    return Ended(
        done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    )


def moments(count: int, longest: float) -> list[float]:
    """Moments to kill a run at that takes `longest` seconds, by chance; the seed is printed when a test fails."""
    chance = _chance()
    return [chance.uniform(0, longest) for _ in range(count)]


def chosen(steps: int, count: int) -> list[int]:
    """Some of the steps of a run, which count from 1, by chance; all of them, if there are no more."""
    return (
        list(range(1, steps + 1)) if count >= steps else sorted(_chance().sample(range(1, steps + 1), count))
    )


def _chance() -> random.Random:
    seed = int(os.environ.get("FAULT_SEED", "20260901"))
    print(f"FAULT_SEED={seed}")
    return random.Random(seed)


def kills(usual: int) -> int:
    """How many: FAULT_KILLS asks for more in a longer run."""
    return int(os.environ.get("FAULT_KILLS", usual))
