"""Work handed to processes of this machine: no more of them than cores, none left behind however a run ends."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from supportaudit.deaf import OF_A_TERMINAL, deaf
from supportaudit.errors import UserError
from supportaudit.garbage import collect_seldom

_STARTING = threading.Lock()
"""Held while what all threads of the program share is changed for a moment, for a process that starts."""


def in_processes(work: Callable[[bytes], bytes], parts: Iterable[bytes], processes: int) -> Iterator[bytes]:
    """What `work` makes of each part, in their order; a few parts at a time, so that not all are copied at once.

    Raises `UserError` when a process is killed or cannot be started, and whatever `work` raises.
    """
    pool = _pool(processes)
    if pool is None:
        yield from map(work, parts)
        return
    with pool:
        waiting: list[Future[bytes]] = []
        try:
            for part in parts:
                waiting.append(_submitted(pool, work, part))
                if len(waiting) > processes:
                    yield waiting.pop(0).result()
            for future in waiting:
                yield future.result()
        except BrokenProcessPool as error:
            raise UserError(
                "a worker process was killed, most likely because the machine had no memory left",
                hint="Try --jobs 1, which needs less, or fewer files at a time.",
            ) from error
        except BaseException:
            # What they are at may take minutes. Python 3.14 has kill_workers() for this.
            for process in list((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _pool(processes: int) -> ProcessPoolExecutor | None:
    """A pool; None on a machine without semaphores, as some sandboxes are, or with none left, and in a daemon."""
    if multiprocessing.current_process().daemon:
        return None
    try:
        # Spawned, not forked: the same on every platform, and safe beside the progress bar's thread.
        with _STARTING, _safe_path():  # its semaphores bring a process that keeps count of them
            return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_begin)
    except (OSError, ImportError, NotImplementedError):
        return None


def _submitted(pool: ProcessPoolExecutor, work: Callable[[bytes], bytes], part: bytes) -> "Future[bytes]":
    """Hand out a part, for which a process may be started."""
    try:
        with _STARTING, _safe_path(), deaf(OF_A_TERMINAL), _without_script():
            return pool.submit(work, part)
    except BrokenProcessPool:
        raise
    except (OSError, RuntimeError) as error:  # RuntimeError: no room for another thread either
        why = error.strerror if isinstance(error, OSError) else error
        raise UserError(
            f"a worker process cannot be started: {why or error}", hint="Try --jobs 1."
        ) from error


@contextmanager
def _safe_path() -> Iterator[None]:
    """Workers look for no module in the working folder: a `socket.py` that lies beside an export must not run."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


@contextmanager
def _without_script() -> Iterator[None]:
    """A process started meanwhile does not run the caller's script again, which it would to know its functions.

    Ours lie in modules. A script without `if __name__ == "__main__"` would begin another audit in every worker.
    """
    main = sys.modules["__main__"]
    names = ("__spec__", "__file__")
    before = {name: getattr(main, name) for name in names if hasattr(main, name)}
    main.__spec__ = None
    if "__file__" in before:
        del main.__file__
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(main, name, value)


def _begin() -> None:
    """In a new worker: leave Ctrl-C to the parent, and never outlive it."""
    collect_seldom()
    for number in OF_A_TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
