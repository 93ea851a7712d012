"""Runs the command line again and again in processes forked from this one, which has loaded everything.

A process of its own takes a second to load modules and patterns, and most moments to kill it at would fall into that.
Forked, it is at work at once. Reads an `Order` a line from standard input, writes what became of it, both as JSON.
"""

import atexit
import codecs
import errno
import gc
import json
import os
import resource
import signal
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, NoReturn

from supportaudit import cli
from supportaudit.__main__ import main as main_of_supportaudit
from supportaudit.auditing import scan
from supportaudit.auditing.shards import Shards
from supportaudit.model import Row
from supportaudit.results import history  # noqa: F401 - loads SQLite

PATIENCE = 60
LOCALTIME, GMTIME = time.localtime, time.gmtime
#: What changes files, as Python's audit events call it.
CHANGES = {
    *("open", "os.link", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate"),
    "sqlite3.connect",
}


def warm_up(export: str) -> None:
    """Load what runs need: modules of every format, the words of the export's language.

    Another user may not be allowed to load them later.
    """
    codecs.lookup("utf-8-sig")
    for arguments in (
        ["scan", export, "-f", "json"],
        ["scan", export, "-f", "html"],
        ["scan", export, "-o", f"xlsx={os.devnull}"],
        ["scan", export, "-o", f"parquet={os.devnull}"],
        ["report", export, "-o", os.devnull],
    ):
        sys.argv = ["supportaudit", *arguments]
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            try:
                cli.main()
            except SystemExit:
                pass


def born(order: dict[str, Any]) -> NoReturn:
    """In the child: become the process that was ordered."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # as `__main__` has it while modules are loading
    os.chdir(order["folder"])
    for number, name in (("0", "in"), ("1", "out"), ("2", "err")):
        connect(int(number), order.get(name) or "", Path(order["told"], name))
    os.environ.update(order.get("env") or {})
    tempfile.tempdir = None
    for name, most in (order.get("limits") or {}).items():
        resource.setrlimit(getattr(resource, name), (most, most))
    time.sleep(order.get("pause") or 0)
    if (now := order.get("now")) is not None:
        time.time = lambda: now
        time.localtime = lambda seconds=now: LOCALTIME(seconds)
        time.gmtime = lambda seconds=now: GMTIME(seconds)
    if order.get("room"):  # bytes beyond what is in use
        in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (in_use + order["room"],) * 2)
    if order.get("no_processes"):
        SpawnProcess._Popen = staticmethod(refuse)  # type: ignore[method-assign, assignment]
    if order.get("user"):
        os.setgroups([])
        os.setresuid(*[order["user"]] * 3)
    if order.get("memory"):
        setattr(scan, "Shards", partial(Shards, memory=order["memory"]))  # noqa: B010 - not exported
    if order.get("cut"):
        cut_after_first_row(Path(order["cut"]))
    if order.get("workers"):
        scan.SMALL = 0
    if order.get("at_change"):
        die_at_change(order["at_change"], Path(order["told"], "changes"))
    sys.argv = ["supportaudit", *order["arguments"]]
    try:
        main_of_supportaudit()
    except SystemExit as end:
        # What Python does at its end, without taking apart the modules loaded, which takes a second.
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(end.code if isinstance(end.code, int) else 0)
    os._exit(99)


def cut_after_first_row(path: Path) -> None:
    """Let somebody cut a file while it is being read."""
    add = Shards.add

    def cutting(self: Shards, row: Row) -> None:
        os.truncate(path, 4096)
        add(self, row)

    setattr(Shards, "add", cutting)  # noqa: B010 - a method is not assigned to, mypy holds


def refuse(*_: object) -> NoReturn:
    """As the kernel does when a user has too many processes."""
    raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")


def connect(number: int, to: str, file: Path) -> None:
    """Let a standard stream be "closed", "broken" (nobody reads), "full", a terminal by its name, or go to a file."""
    if to == "closed":
        os.close(number)
        name = ("stdin", "stdout", "stderr")[number]
        setattr(sys, name, None)
        setattr(sys, f"__{name}__", None)
        return
    if to == "broken":
        reader, opened = os.pipe()
        os.close(reader)
    elif to.startswith("/dev/pts/"):
        opened = os.open(to, os.O_RDWR | os.O_NOCTTY)
    elif number == 0:
        opened = os.open(os.devnull, os.O_RDONLY)
    else:
        opened = os.open("/dev/full" if to == "full" else file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(opened, number)
    os.close(opened)


def die_at_change(last: int, told: Path) -> None:
    """Be killed just before the change to a file that has this number; at the end of a whole run, tell how many."""
    seen = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in CHANGES and not (event == "open" and reads(arguments)):
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    atexit.register(lambda: told.write_text(str(seen)))


def reads(arguments: tuple[Any, ...]) -> bool:
    """Whether a file is opened to be read only."""
    flags = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], int) else 0
    return not flags & (os.O_WRONLY | os.O_RDWR)


def watched(child: int, order: dict[str, Any]) -> dict[str, Any]:
    """What became of a child: how it ended, after how long, and which processes it left."""
    began = time.monotonic()
    if order.get("signal"):
        send(child, order)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() - began > PATIENCE:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.001)
    seconds = time.monotonic() - began
    while (left := session(child)) and time.monotonic() - began < seconds + 10:
        time.sleep(0.01)
    for number in left:
        os.kill(number, signal.SIGKILL)
    return {"code": os.waitstatus_to_exitcode(status), "seconds": seconds, "left": len(left)}


def send(child: int, order: dict[str, Any]) -> None:
    """Send a signal when its time has come: to a child, to all that it started, or to one of its workers."""
    to = order.get("to") or "parent"
    workers: list[int] = []
    until = time.monotonic() + PATIENCE
    while order.get("workers") and len(workers) < 2 and time.monotonic() < until:
        workers = [
            number
            for number in session(child)
            if b"spawn_main" in Path(f"/proc/{number}/cmdline").read_bytes()
        ]
        time.sleep(0.01)
    time.sleep(order.get("delay") or 0)
    try:
        os.kill(workers[0] if to == "worker" else -child if to == "all" else child, order["signal"])
    except ProcessLookupError:
        pass


def session(leader: int) -> list[int]:
    """The processes that a process has started, and they in turn."""
    found = []
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if entry.isdigit():
            try:
                state, _, _, its = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if int(its) == leader and state != "Z":
                found.append(int(entry))
    return found


def main() -> None:
    """Answer orders until there are no more."""
    warm_up(sys.argv[1])
    gc.collect()
    gc.freeze()
    print("{}", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        for name in ("out", "err", "changes"):
            Path(order["told"], name).unlink(missing_ok=True)
        child = os.fork()
        if not child:
            born(order)
        answer = watched(child, order)
        changes = Path(order["told"], "changes")
        answer["changes"] = int(changes.read_text()) if changes.exists() else 0
        for name in ("out", "err"):
            file = Path(order["told"], name)
            answer[name] = file.read_text("utf-8", "replace") if file.exists() else ""
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
