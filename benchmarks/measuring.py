"""One command measured: wall and processor seconds, and the memory of all its processes together."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

TICK = 0.05
# A scan says by its code whether it found anything; only from 2 on it did not run.
FIRST_ERROR_CODE = 2


class Run(NamedTuple):
    """What a command took; `megabytes` of all its processes at their common peak, pages they share counted once.

    Where the system does not tell that (elsewhere than on Linux), those of its largest process.
    """

    seconds: float
    processor: float
    megabytes: float


def measure(command: Sequence[str], environment: dict[str, str]) -> tuple[Run | None, str]:
    """Run a command once. Gives what it took, or why it failed."""
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=environment,
                start_new_session=True,  # its processes are told from others by it
            )
        except OSError as error:
            return None, str(error)
        watch = _Watch(process.pid)
        watch.start()
        code, processor, largest = _wait(process)
        seconds = time.perf_counter() - began
        watch.stop()
        if code >= FIRST_ERROR_CODE or code < 0:
            errors.seek(0)
            last = errors.read().decode("utf-8", "replace").strip().splitlines()[-2:]
            return None, f"exit code {code}: {' '.join(last)}"
    # What lasts less than a few ticks was perhaps never looked at while it was largest.
    return Run(seconds, processor, watch.peak if watch.looks > 4 else max(largest, watch.peak)), ""


def quiet_environment(bytecode: Path) -> dict[str, str]:
    """The environment of all runs: hashes that do not change from run to run, and bytecode that is kept."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SUPPORTAUDIT"))
    }
    return kept | {"PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": str(bytecode), "LC_ALL": "C.UTF-8"}


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, float, float]:
    """Wait for a process: exit code, processor seconds with its children's, megabytes of the largest of them."""
    if not hasattr(os, "wait4"):  # Windows tells neither
        return process.wait(), float("nan"), float("nan")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return process.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


class _Watch(threading.Thread):
    """Adds up the memory of a session's processes, some twenty times a second."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.session = session
        self.peak = 0.0
        self.looks = 0
        self._done = threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        if not Path("/proc/self/smaps_rollup").exists():
            return
        while not self._done.wait(TICK):
            total = sum(_kilobytes(process) for process in _of_session(self.session)) / 1024
            self.peak = max(self.peak, total)
            self.looks += total > 0

    def stop(self) -> None:
        """End the looking."""
        self._done.set()
        self.join()


def _of_session(session: int) -> list[Path]:
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - twenty times a second
        if name.isdigit():
            try:
                if os.getsid(int(name)) == session:
                    found.append(Path("/proc", name))
            except OSError:
                continue
    return found


def _kilobytes(process: Path) -> int:
    """The proportional set: what is the process's own, and its share of what several have."""
    try:
        for line in (process / "smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except (OSError, ValueError):  # it ended meanwhile
        pass
    return 0
