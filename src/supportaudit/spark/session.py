"""A Spark session for the command line: started quietly, ended in every case, its faults told in one sentence."""

import os
import re
import shutil
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from supportaudit.errors import SettingsError, UserError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_INSTALL = "Run `pip install 'supportaudit[spark]'`."
_OURS = ("pyspark", "py4j", "grpc")
"""Packages whose exceptions are faults of the cluster and none of ours."""

_QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}

_CONNECT_PORT = 15002
_CLASS = re.compile(
    r"^(?:[\d/]+ [\d:]+ ERROR \w+: |Exception in thread \S+ |Caused by: )*(?:[\w.$]+\.\w*(?:Exception|Error): )?"
)
"""What Java writes before the words that say what happened."""

_SAID = re.compile(r"^(?:[\w.]+\.)?(?:UserError|\w*SettingsError|InputError|CheckError): (.+)$", re.MULTILINE)
_ABSENT = re.compile(
    r"^ModuleNotFoundError: No module named '(?:supportaudit|pyarrow|msgspec|re2)\b.*$", re.MULTILINE
)


def needs_pyspark() -> None:
    """Raises SettingsError with the command that installs pyspark, if it or what it needs is not there."""
    try:
        import pyarrow  # noqa: F401
        import pyspark  # noqa: F401
    except ImportError:
        raise SettingsError(
            "Spark needs pyspark and pyarrow, which are not installed", hint=_INSTALL
        ) from None


@contextmanager
def session(master: str | None) -> "Iterator[SparkSession]":
    """A session on `master` ("local[4]", "spark://host:7077", "yarn", "sc://host" for Spark Connect); None for the one
    that is running or that the environment names, else all cores of this machine.

    Raises UserError in one sentence for whatever goes wrong in Spark inside the block.
    """
    needs_pyspark()
    with warnings.catch_warnings(), told():
        warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
        running = _running()
        spark = _started(master)
        try:
            yield spark
        finally:
            if spark is not running:
                spark.stop()


def _running() -> "SparkSession | None":
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession()


def _started(master: str | None) -> "SparkSession":
    from pyspark.sql import SparkSession

    build = SparkSession.builder.appName("supportaudit")
    remote = master or os.environ.get("SPARK_REMOTE", "")
    if remote.startswith("sc://"):
        _needs_answer(remote)
        return build.remote(remote).getOrCreate()
    if "PYSPARK_GATEWAY_PORT" in os.environ:  # under spark-submit, which has its own words on all of this
        return (build.master(master) if master else build).getOrCreate()
    _needs_java()
    where = master or os.environ.get("MASTER") or "local[*]"
    if where.startswith("local"):  # the workers are of this machine: let them be this very Python
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYTHONSAFEPATH", "1")  # a `socket.py` that lies in the working folder must not run
    build = build.master(where)
    for name, value in _QUIET.items():
        build = build.config(name, value)
    if where.startswith("local"):
        build = build.config("spark.sql.shuffle.partitions", str(2 * (os.cpu_count() or 1)))
    with _aside() as log:
        try:
            return build.getOrCreate()
        except Exception as error:
            raise UserError(
                f"Spark cannot be started on {where}: {_last_words(log) or _reason(error)}"
            ) from error


def _needs_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and (Path(home) / "bin" / "java").exists()):
        raise SettingsError(
            "Spark needs Java, which is not installed",
            hint="Install Java 17 or newer, or say where it is with JAVA_HOME.",
        )


def _needs_answer(remote: str) -> None:
    """Ask before Spark Connect does, which goes on asking for ten minutes."""
    try:
        place = urlsplit(remote.partition("/;")[0])
        host, port = place.hostname or "", place.port or _CONNECT_PORT
        socket.create_connection((host, port), timeout=20).close()
    except (OSError, ValueError) as error:
        raise UserError(
            f"no Spark Connect server answers at {remote.partition('/;')[0]}: "
            f"{getattr(error, 'strerror', None) or error}",
            hint="Start one with $SPARK_HOME/sbin/start-connect-server.sh, or check the address.",
        ) from error


@contextmanager
def _aside() -> Iterator[IO[bytes]]:
    """What processes started inside the block write to the terminal goes to a file, then and later: Spark's own log,
    which the report must not stand in."""
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as log:
        before = [(number, os.dup(number)) for number in (1, 2)]
        try:
            for number, _ in before:
                os.dup2(log.fileno(), number)
            yield log
        finally:
            for number, copy in before:
                os.dup2(copy, number)
                os.close(copy)


def _last_words(log: IO[bytes]) -> str:
    """The line in which Spark says why it ended; "" if there is none."""
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").splitlines()
    found = [
        line
        for line in lines
        if re.match(r"Exception in thread|Caused by|Error:|.*Exception: |.*ERROR ", line)
    ]
    return _short(found[-1]) if found else ""


@contextmanager
def told() -> Iterator[None]:
    """Faults of Spark become one sentence; our own pass."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if type(error).__module__.split(".")[0] not in _OURS:
            raise
        text = str(error)
        if _ABSENT.search(text):
            raise UserError(
                "the Python of Spark's workers has no supportaudit",
                hint="Install 'supportaudit[spark]' on every node, or ship an environment (docs/spark.md).",
            ) from error
        if said := _SAID.findall(text):
            raise UserError(_short(said[-1])) from error
        raise UserError(f"the audit on Spark failed: {_reason(error)}", hint=_hint(text)) from error


def _hint(text: str) -> str:
    if "Python worker exited unexpectedly" in text or "ExecutorLostFailure" in text:
        return "Most often workers had no memory left: raise spark.executor.memoryOverhead."
    return ""


def _reason(error: Exception) -> str:
    """The innermost cause that an error names, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by: ")]
    return _short((causes or lines or [type(error).__name__])[-1 if causes else 0])


def _short(line: str) -> str:
    line = _CLASS.sub("", line.strip())
    return line if len(line) <= 300 else line[:299] + "…"
