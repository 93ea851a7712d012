"""Moments in which no signal is heard, so that what has to be done whole is not stopped half way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

OF_A_TERMINAL = frozenset(getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name))
"""Signals that reach every process of a terminal."""

STOPPING = OF_A_TERMINAL | {signal.SIGTERM}


@contextmanager
def deaf(numbers: frozenset[int] = STOPPING) -> Iterator[None]:
    """What comes meanwhile is heard when the block ends, except on Windows; a process started in it stays deaf."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
