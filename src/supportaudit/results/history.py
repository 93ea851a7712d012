"""A history of audits in one file, without a server: SQLite, which every Python brings along and every platform reads.

DuckDB would be quicker on columns, but a year of weeks is fifty-two rows: what counts is that two jobs may write at
once, that a killed one leaves nothing half written, and that nothing has to be installed. An export is recorded once:
auditing the same files again replaces its row.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from supportaudit.errors import SettingsError
from supportaudit.results.comparison import CheckCounts, Period
from supportaudit.results.report import Report
from supportaudit.results.stats import Interval

PATIENCE = 30.0
"""Seconds to wait for another run that is writing."""

_STEP = 0.2

APPLICATION_ID = 0x5341_5544  # "SAUD": tells a history from any other SQLite file


def _first(db: sqlite3.Connection) -> None:
    db.execute(
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            input TEXT NOT NULL,            -- digest of the export and of the period asked for
            version TEXT NOT NULL,
            settings TEXT NOT NULL,
            files TEXT NOT NULL,
            as_of TEXT NOT NULL,
            began REAL, ended REAL,         -- seconds since 1970, first and last time of the conversations
            conversations INTEGER NOT NULL, failing INTEGER NOT NULL, messages INTEGER NOT NULL,
            score REAL, low REAL, high REAL,
            UNIQUE (input)
        )"""
    )
    db.execute(
        """CREATE TABLE checks (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            check_id TEXT NOT NULL, judged INTEGER NOT NULL, failed INTEGER NOT NULL,
            PRIMARY KEY (run, check_id)
        ) WITHOUT ROWID"""
    )


def _second(db: sqlite3.Connection) -> None:
    db.execute(
        """CREATE TABLE segments (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            dimension TEXT NOT NULL, value TEXT NOT NULL,
            conversations INTEGER NOT NULL, failing INTEGER NOT NULL,
            PRIMARY KEY (run, dimension, value)
        ) WITHOUT ROWID"""
    )


MIGRATIONS: Sequence[Callable[[sqlite3.Connection], None]] = (_first, _second)
"""Each brings a history one version on; only ever appended to. `PRAGMA user_version` says how many were done."""


def record(path: Path, report: Report) -> bool:
    """Write an audit into a history, which is made if it is not there; whether it replaced one of the same export.

    Raises `SettingsError` for a file that is no history, or that cannot be written.
    """
    with _opened(path, writing=True) as db:
        replaced = db.execute("DELETE FROM runs WHERE input = ?", (_input(report),)).rowcount > 0
        card = report.scorecard
        low, high = (card.interval.low, card.interval.high) if card.interval is not None else (None, None)
        run = db.execute(
            "INSERT INTO runs (input, version, settings, files, as_of, began, ended, conversations, failing, messages,"
            " score, low, high) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                _input(report), report.run.version, repr(sorted(report.run.settings.items())),
                "\n".join(report.input.files), report.run.as_of, card.first_at, card.last_at, card.conversations,
                card.failing, card.messages, card.score, low, high,
            ),
        ).lastrowid  # fmt: skip
        db.executemany(
            "INSERT INTO checks VALUES (?, ?, ?, ?)",
            [(run, c.check, c.judged, c.failed) for c in card.checks],
        )
        db.executemany(
            "INSERT INTO segments VALUES (?, ?, ?, ?, ?)",
            [
                (run, dimension, one.value, one.conversations, one.failing)
                for dimension, segments in card.segments.items()
                for one in segments
            ],
        )
    return replaced


def _input(report: Report) -> str:
    """What makes an export the same: its content, and the part of it that was asked for."""
    period = (report.run.settings.get(name, "") for name in ("since", "until"))
    return ":".join((report.input.digest, *period))


def periods(path: Path, last: int | None = None) -> list[Period]:
    """The audits of a history by the time of their conversations, the newest `last` of them.

    Raises `SettingsError` for a file that is missing or no history.
    """
    if not path.exists():
        raise SettingsError(
            f"{path}: there is no such history", hint="`supportaudit scan EXPORT --history FILE` begins one."
        )
    with _opened(path) as db:
        rows = db.execute(
            "SELECT id, files, conversations, score, low, high, began, ended FROM runs"
            " ORDER BY began IS NULL, began, ended, input"
        ).fetchall()
        return [_period(db, *row) for row in (rows if last is None else rows[-last:])]


def _period(
    db: sqlite3.Connection, run: int, files: str, conversations: int, score: float | None, low: float | None,
    high: float | None, began: float | None, ended: float | None,
) -> Period:  # fmt: skip
    counts = db.execute("SELECT check_id, judged, failed FROM checks WHERE run = ? ORDER BY check_id", (run,))
    names = [name.replace("\\", "/").rsplit("/", 1)[-1] for name in files.split("\n")]
    return Period(
        name=names[0] + (f" and {len(names) - 1} more" if names[1:] else ""),
        conversations=conversations,
        score=score,
        interval=Interval(low, high) if low is not None and high is not None else None,
        checks={check: CheckCounts(judged, failed) for check, judged, failed in counts},
        began=began,
        ended=ended,
    )


@contextmanager
def _opened(path: Path, writing: bool = False) -> Iterator[sqlite3.Connection]:
    """A history in one transaction, at the newest version: all of what happens inside is kept, or nothing."""
    try:
        db = sqlite3.connect(path, timeout=_STEP, isolation_level=None)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    try:
        db.execute("PRAGMA foreign_keys = ON")
        _begin(db, writing)
        _migrate(db, path)
        yield db
        db.execute("COMMIT")
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    finally:
        db.close()  # what was not committed is undone


def _begin(db: sqlite3.Connection, writing: bool) -> None:
    """Wait for whoever is writing, in steps, between which Ctrl-C is heard.

    Of two runs that write, the later sees what the first one wrote: the lock is taken before anything is read.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            db.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # "BEGIN" alone takes no lock yet
            db.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")  # who reads meanwhile is soon done
            return
        except sqlite3.OperationalError as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            if "locked" not in str(error) or time.monotonic() > until:
                raise


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise SettingsError(
            f"{path}: is a database of something else", hint="Name another file with --history."
        )
    if version > len(MIGRATIONS):
        raise SettingsError(f"{path}: was written by a newer supportaudit", hint="Update supportaudit.")
    if version == len(MIGRATIONS):
        return
    for step in MIGRATIONS[version:]:
        step(db)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _unusable(path: Path, error: sqlite3.Error) -> SettingsError:
    words, hint = str(error), "Name another file with --history."
    if "not a database" in words:
        what = "is no history of supportaudit"
    elif "locked" in words:
        what, hint = (
            f"another run has been writing for {PATIENCE:.0f} seconds",
            "Try again when it has ended.",
        )
    elif "full" in words or "disk I/O" in words:
        what, hint = (
            f"cannot be written: {words}",
            "Make room, or name a file on another disk with --history.",
        )
    elif "readonly" in words or "unable to open" in words:
        what, hint = "cannot be opened for writing", "Check the folder and its permissions."
    else:
        what = f"cannot be used as a history: {words}"
    return SettingsError(f"{path}: {what}", hint=hint)
