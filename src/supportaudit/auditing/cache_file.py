"""The file that a cache is kept in: SQLite, so that several audits may use it at once and any of them may be killed.

It forgets what was not used for longest when it is full. Whatever goes wrong with it is said once and ends its use,
never the audit.
"""

import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Self

NAME = "audits-1.sqlite"
"""The file in the folder; the number is that of its tables."""

_BUSY = 10.0  # seconds to wait for another audit that is writing
_AT_ONCE = 500  # keys asked for in one question
_CHECK = 8  # bytes of the checksum before each value
_FULL = 0.9  # of the limit is left when old entries have to go, so that they need not go at every turn
_SPREAD = 1.3  # values do not fill their pages
_ROW = 80  # bytes that an entry takes beside its value
_TABLES = """
    CREATE TABLE IF NOT EXISTS runs (number INTEGER PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS audits (place INTEGER PRIMARY KEY, value BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS keys (key BLOB PRIMARY KEY, place INTEGER NOT NULL, run INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class CacheFile:
    """A cache as one run uses it, in any of its processes. `limit` is in bytes; `run` is one more than the last one's.

    Keys stand apart from values: that a value was used is written down without moving it.
    """

    path: Path
    limit: int
    run: int = 0

    @classmethod
    def begin(cls, path: Path, limit: int) -> Self:
        """The file for a new run, made if there is none. Raises OSError or sqlite3.Error where it cannot be used."""
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite would let everybody read it
        with closing(_connect(path)) as db:
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # before the first table, or without effect
            with _writing(db):
                for table in _TABLES.split(";"):
                    db.execute(table)
                run = db.execute("INSERT INTO runs VALUES (NULL)").lastrowid or 0
                db.execute("DELETE FROM runs WHERE number < ?", (run,))
                opened = cls(path, limit, run)
                opened._make_room(db, 0)
            if path.stat().st_size > limit:  # it was larger in an earlier run
                db.executescript("PRAGMA incremental_vacuum")  # execute() would free a single page
        return opened

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that are kept. Raises sqlite3.Error."""
        found: dict[bytes, bytes] = {}
        with closing(_connect(self.path)) as db:
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                question = f"SELECT key, value FROM keys JOIN audits USING (place) WHERE key IN ({marks})"  # noqa: S608
                for key, value in db.execute(question, some):
                    if value[:_CHECK] == _checksum(key, value[_CHECK:]):
                        found[key] = value[_CHECK:]
        return found

    def put(self, used: Collection[bytes], made: Mapping[bytes, bytes]) -> None:
        """Write down which entries were used, and new ones, all or nothing. Raises sqlite3.Error."""
        with closing(_connect(self.path)) as db, _writing(db):
            db.executemany("UPDATE keys SET run = ? WHERE key = ?", ((self.run, key) for key in used))
            if not made:
                return
            old = [(key,) for key in made]
            db.executemany("DELETE FROM audits WHERE place IN (SELECT place FROM keys WHERE key = ?)", old)
            db.executemany("DELETE FROM keys WHERE key = ?", old)
            room = self._make_room(db, sum(map(_weight, made.values())))
            place = db.execute("SELECT coalesce(max(place), 0) FROM audits").fetchone()[0]
            for key, value in made.items():
                room -= _weight(value)
                if room < 0:
                    break
                place += 1
                db.execute("INSERT INTO audits VALUES (?, ?)", (place, _checksum(key, value) + value))
                db.execute("INSERT INTO keys VALUES (?, ?, ?)", (key, place, self.run))

    def _make_room(self, db: sqlite3.Connection, wanted: int) -> int:
        """Forget entries of earlier runs, those used last longest ago first; returns the bytes there are then.

        Of one run's the last ones go first: an export too large for the cache is read in the same order every time,
        and would else push out each entry just before it is asked for.
        """
        while (held := _pages(db)) + wanted > self.limit:
            count = db.execute("SELECT count(*) FROM keys").fetchone()[0]
            surplus = held + wanted - int(self.limit * _FULL)
            some = max(1, -(-count * surplus // max(held, 1)))
            old = db.execute(
                "SELECT place, key FROM keys WHERE run < ? ORDER BY run, place DESC LIMIT ?", (self.run, some)
            ).fetchall()
            if not old:
                break
            db.executemany("DELETE FROM audits WHERE place = ?", ((place,) for place, _ in old))
            db.executemany("DELETE FROM keys WHERE key = ?", ((key,) for _, key in old))
        return self.limit - held


def _connect(path: Path) -> sqlite3.Connection:
    # Never made anew here: a file that somebody took away is not to come back with the rights of any new file.
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", timeout=_BUSY, isolation_level=None, uri=True)
    # A power cut may spoil what was written last; checksums tell. A killed process spoils nothing.
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    return db


@contextmanager
def _writing(db: sqlite3.Connection) -> Iterator[None]:
    """All that the block writes, or nothing of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if db.in_transaction:  # SQLite may have ended it itself
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _pages(db: sqlite3.Connection) -> int:
    """Bytes in use; what was forgotten is free for what comes."""
    size, pages, free = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
    )
    return int(size * (pages - free))


def _weight(value: bytes) -> int:
    return int((len(value) + _ROW) * _SPREAD)


def _checksum(key: bytes, value: bytes) -> bytes:
    return blake2b(value, key=key, digest_size=_CHECK).digest()
