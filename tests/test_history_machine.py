"""A history holds what a dictionary would, whatever is recorded, by how many at once, and whenever a run is killed."""

import shutil
import sqlite3
import tempfile
import threading
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.score.sample import conversations, report_of

from supportaudit.results.comparison import Period
from supportaudit.results.history import periods, record
from supportaudit.results.report import Report
from supportaudit.results.saved import period_of

SIZES = (0, 1, 12, 30)
REPORTS = {size: report_of(conversations(size)) for size in SIZES}
DIGESTS = ("a", "b", "c", "d", "")
PARTS: tuple[dict[str, str], ...] = ({}, {"since": "2026-01-01T00:00:00Z"}, {"since": "x", "until": "y"})
NAMES = ("week.csv", "desk/wöche.csv", "C:\\exports\\a b.csv")

Key = tuple[str, str, str]


def report(size: int, digest: str, part: int, name: str) -> Report:
    made = REPORTS[size]
    run = msgspec.structs.replace(made.run, settings=dict(PARTS[part]))
    return msgspec.structs.replace(
        made, run=run, input=msgspec.structs.replace(made.input, digest=digest, files=(name,))
    )


def key_of(made: Report) -> Key:
    """What makes two audits audits of the same."""
    return made.input.digest, made.run.settings.get("since", ""), made.run.settings.get("until", "")


def expected(model: dict[Key, Report]) -> list[Period]:
    """The audits in the order of their conversations; a history keeps counts, not what failed."""
    found = []
    for key, made in model.items():
        name = made.input.files[0].replace("\\", "/").rsplit("/", 1)[-1]
        period = msgspec.structs.replace(period_of(made, name), failures=())
        period = msgspec.structs.replace(period, checks=dict(sorted(period.checks.items())))
        order = (period.began is None, period.began or 0.0, period.ended or 0.0, ":".join(key))
        found.append((order, period))
    return [period for _, period in sorted(found, key=lambda one: one[0])]


class _Watched(sqlite3.Connection):
    """A connection that keeps a copy of the files as they stand before one of its statements."""

    before = -1
    path: Path
    copy: Path

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        self._step()
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        self._step()
        return super().executemany(*arguments)

    def _step(self) -> None:
        if _Watched.before == 0:
            for beside in ("", "-journal", "-wal", "-shm"):
                if (there := Path(f"{self.path}{beside}")).exists():
                    shutil.copy(there, f"{self.copy}{beside}")
        _Watched.before -= 1


class HistoryMachine(RuleBasedStateMachine):
    """Records in any order; the model is a dictionary by what makes an export the same."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "audits.db"
        self.model: dict[Key, Report] = {}

    def teardown(self) -> None:
        self.folder.cleanup()

    reports = st.builds(
        report,
        st.sampled_from(SIZES),
        st.sampled_from(DIGESTS),
        st.integers(0, len(PARTS) - 1),
        st.sampled_from(NAMES),
    )

    @rule(made=reports)
    def one_run(self, made: Report) -> None:
        replaced = record(self.path, made)
        assert replaced == (key_of(made) in self.model)
        self.model[key_of(made)] = made

    @rule(several=st.lists(reports, min_size=2, max_size=4, unique_by=key_of))
    def several_at_once(self, several: list[Report]) -> None:
        faults: list[BaseException] = []

        def work(made: Report) -> None:
            try:
                record(self.path, made)
            except BaseException as error:
                faults.append(error)

        threads = [threading.Thread(target=work, args=(made,)) for made in several]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not faults
        self.model.update((key_of(made), made) for made in several)

    @rule(made=reports, statement=st.integers(0, 14))
    def killed(self, made: Report, statement: int) -> None:
        """The files as a kill before one of a run's statements would leave them hold what was there."""
        copy = Path(self.folder.name) / "left.db"
        _Watched.before, _Watched.path, _Watched.copy = statement, self.path, copy
        connect = sqlite3.connect

        def watched(path: Path, **options: Any) -> sqlite3.Connection:
            return connect(path, factory=_Watched, **options)

        with mock.patch("sqlite3.connect", watched):
            record(self.path, made)
        if copy.exists() and copy.stat().st_size:
            assert periods(copy) == expected(self.model)
        if copy.exists():
            shutil.move(copy, self.path)
            for beside in ("-journal", "-wal", "-shm"):
                if (there := Path(f"{copy}{beside}")).exists():
                    shutil.move(there, f"{self.path}{beside}")
        else:  # the run was at its end before
            self.model[key_of(made)] = made

    @rule(last=st.integers(1, 5))
    def the_newest(self, last: int) -> None:
        if self.model:
            assert periods(self.path, last) == expected(self.model)[-last:]

    @invariant()
    def holds_what_was_recorded(self) -> None:
        if self.model:
            assert periods(self.path) == expected(self.model)
            db = sqlite3.connect(self.path)
            try:
                assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            finally:
                db.close()


TestHistory = HistoryMachine.TestCase
TestHistory.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
