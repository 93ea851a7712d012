"""Several audits: laid side by side, and kept in a file that survives kills and two writers at once."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from tests.score.sample import conversations, report_of

from supportaudit.errors import SettingsError
from supportaudit.pages import trend as page
from supportaudit.results import history as module
from supportaudit.results.comparison import CheckCounts, Movement, Period
from supportaudit.results.history import APPLICATION_ID, MIGRATIONS, periods, record
from supportaudit.results.report import Report
from supportaudit.results.saved import period_of
from supportaudit.results.trend import CheckTrend, trend_of


def report(number: int = 40, digest: str = "a") -> Report:
    made = report_of(conversations(number))
    return msgspec.structs.replace(made, input=msgspec.structs.replace(made.input, digest=digest))


def weeks(*failed: int, judged: int = 200, check: str = "rudeness") -> list[Period]:
    return [
        Period(f"w{n}", judged, 80.0 - n, None, {check: CheckCounts(judged, k)}, began=n * 604_800.0)
        for n, k in enumerate(failed)
    ]


def only(*failed: int, judged: int = 200) -> CheckTrend:
    [check] = trend_of(weeks(*failed, judged=judged)).checks
    return check


# --- the test


@pytest.mark.parametrize(
    ("failed", "movement"),
    [
        ((4, 8, 12, 18, 24), Movement.WORSE),
        ((24, 18, 12, 8, 4), Movement.BETTER),
        ((10, 12, 9, 11, 10), Movement.ALIKE),
        ((0, 0, 0, 0), Movement.TOO_FEW),
        ((4, 24), Movement.TOO_FEW),
    ],
)
def test_a_rate_that_drifts_is_seen_and_one_that_wobbles_is_not(
    failed: tuple[int, ...], movement: Movement
) -> None:
    assert only(*failed).movement is movement


def test_a_drift_that_no_two_weeks_show_is_seen_over_ten() -> None:
    counts = [6, 8, 9, 11, 12, 14, 15, 17, 18, 20]
    assert all(only(*counts[n : n + 3]).movement is Movement.ALIKE for n in range(8))
    assert only(*counts).movement is Movement.WORSE


def test_the_test_is_the_one_of_the_textbook() -> None:
    """Armitage's chi-squared with scores 0, 1, 2 for 19/516, 29/589, 24/293 (his example of tonsils, carriers)."""
    known = [(516, 19), (589, 29), (293, 24)]
    made = [Period("", n, None, None, {"x": CheckCounts(n, k)}) for n, k in known]
    [check] = trend_of(made).checks
    assert check.p == pytest.approx(0.00743, abs=2e-4)  # chi-squared 7.19 on one degree of freedom


def test_a_period_that_did_not_run_a_check_is_a_gap() -> None:
    made = weeks(4, 8, 12, 16)
    made[1] = msgspec.structs.replace(made[1], checks={})
    [check] = trend_of(made).checks
    assert check.counts[1] is None
    assert "   –" in page.text_page(trend_of(made))


# --- the page


def test_the_page_fits_a_terminal_and_shows_the_newest() -> None:
    text = page.text_page(trend_of(weeks(*range(5, 25), check="missing-follow-up")))
    assert "20 audits, the newest 5 shown" in text
    assert "rising" in text
    assert "▁" in text and "█" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert all(len(line) <= 80 for line in page.text_page(trend_of(weeks(5, 6, 7))).splitlines())


def test_the_json_page_holds_the_same_numbers() -> None:
    document = json.loads(page.json_page(trend_of(weeks(4, 8, 12))))
    assert [p["name"] for p in document["periods"]] == ["w0", "w1", "w2"]
    assert document["checks"][0]["failed"] == [4, 8, 12]
    assert document["checks"][0]["movement"] in list(Movement)


# --- the file


def test_what_is_recorded_reads_back_in_the_order_of_its_conversations(tmp_path: Path) -> None:
    path = tmp_path / "audits.db"
    late, early = report(60, "late"), report(40, "early")
    early = msgspec.structs.replace(
        early, scorecard=msgspec.structs.replace(early.scorecard, first_at=1.0, last_at=2.0)
    )
    assert [record(path, late), record(path, early)] == [False, False]
    found = periods(path)
    assert [p.began for p in found] == [1.0, late.scorecard.first_at]
    whole = period_of(late, found[1].name)
    assert msgspec.structs.replace(found[1], failures=()) == msgspec.structs.replace(
        whole, failures=(), checks=dict(sorted(whole.checks.items()))
    )
    assert [p.name for p in periods(path, last=1)] == [found[1].name]


def test_the_same_export_is_recorded_once_and_the_newer_audit_stands(tmp_path: Path) -> None:
    path = tmp_path / "audits.db"
    assert [record(path, report(40)), record(path, report(60)), record(path, report(60))] == [
        False,
        True,
        True,
    ]
    [only_one] = periods(path)
    assert only_one.conversations == 60
    part = report(20)
    run = msgspec.structs.replace(part.run, settings={"since": "2026-09-01T00:00:00Z"})
    assert not record(path, msgspec.structs.replace(part, run=run))
    assert len(periods(path)) == 2


def test_a_history_of_an_earlier_version_is_brought_on_and_keeps_its_audits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "audits.db"
    with sqlite3.connect(path) as db:
        MIGRATIONS[0](db)
        db.execute("INSERT INTO runs VALUES (1, 'x', '0', '', 'old.csv', '', 0, 1, 50, 5, 100, 70, 60, 80)")
        db.execute("INSERT INTO checks VALUES (1, 'rudeness', 50, 5)")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
    db.close()
    record(path, report())
    assert next(p.name for p in periods(path)) == "old.csv"
    monkeypatch.setattr(module, "MIGRATIONS", MIGRATIONS[:1])
    with pytest.raises(SettingsError, match="newer supportaudit"):
        periods(path)


def test_what_is_no_history_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    text, other = tmp_path / "notes.txt", tmp_path / "other.db"
    text.write_text("not a database, but long enough to be looked at by somebody", encoding="utf-8")
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE cats (name TEXT)")
    db.close()
    for path, said in (
        (text, "is no history"),
        (other, "something else"),
        (tmp_path / "no" / "a.db", "cannot be"),
    ):
        before = path.read_bytes() if path.exists() else b""
        with pytest.raises(SettingsError) as caught:
            record(path, report())
        assert said in caught.value.message
        assert (path.read_bytes() if path.exists() else b"") == before
    with pytest.raises(SettingsError, match="there is no such history"):
        periods(tmp_path / "missing.db")
    assert not (tmp_path / "missing.db").exists()


def test_a_run_that_dies_before_its_end_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "audits.db"
    record(path, report(40))

    def dies(_report: Report) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_input", dies)
    with pytest.raises(KeyboardInterrupt):
        record(path, report(60))
    assert [p.conversations for p in periods(path)] == [40]


WRITER = """
import sys, msgspec
from pathlib import Path
from supportaudit.results.history import record
from tests.score.sample import conversations, report_of
path, name = Path(sys.argv[1]), sys.argv[2]
for n in range(10):
    made = report_of(conversations(30))
    record(path, msgspec.structs.replace(made, input=msgspec.structs.replace(made.input, digest=f"{name}{n}")))
"""


def test_two_runs_at_once_do_not_lose_or_spoil_anything(tmp_path: Path) -> None:
    path = tmp_path / "audits.db"
    root = Path(__file__).parents[1]
    runs = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], cwd=root) for name in "ab"]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert len(periods(path)) == 20
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
