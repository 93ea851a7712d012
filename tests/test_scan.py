"""A scan gives the same bytes however it is run, and accounts for every row."""

import csv
import io
import os
import re
import subprocess
import sys
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from supportaudit.auditing import scan as scan_module
from supportaudit.auditing.engine import AsOf
from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.auditing.shards import Shards
from supportaudit.errors import InputError, SettingsError
from supportaudit.render import FORMATS, View
from supportaudit.results.report import Report
from supportaudit.settings.written import parse_settings

WEEK = Path(__file__).parents[1] / "examples" / "shop-week.csv"
HEAD = [
    "conversation_id",
    "message_id",
    "created_at",
    "channel",
    "customer_id",
    "author_name",
    "role",
    "text",
]
READING = {field.name for field in fields(Reading)}
VIEW = View(by=None, width=80, color=False, unicode=True)


def as_json(report: Report) -> str:
    return str(FORMATS["json"](report, VIEW))


def run(*paths: Path, **settings: Any) -> Report:
    reading = Reading(**{name: settings.pop(name) for name in list(settings) if name in READING})
    return scan(paths, ScanSettings(**({"jobs": 1} | settings), reading=reading))


def write(path: Path, rows: list[list[str]]) -> Path:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([HEAD, *rows])
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def slow_chat(name: str, day: int, customer: str = "", agent: str = "Tom") -> list[list[str]]:
    """A chat in which the customer waits for two hours."""
    customer = customer or f"c-{name}"
    return [
        [
            name,
            f"{name}-1",
            f"2026-03-{day:02}T10:00:00Z",
            "chat",
            customer,
            "Ana",
            "customer",
            "Where is my parcel?",
        ],
        [
            name,
            f"{name}-2",
            f"2026-03-{day:02}T12:00:00Z",
            "chat",
            customer,
            agent,
            "agent",
            "It comes today, Ana.",
        ],
        [
            name,
            f"{name}-3",
            f"2026-03-{day:02}T12:01:00Z",
            "chat",
            customer,
            "Ana",
            "customer",
            "Great, thanks.",
        ],
    ]


@pytest.fixture(scope="module")
def week() -> str:
    return as_json(run(WEEK))


def test_two_processes_give_the_bytes_of_one(week: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "SMALL", 0)
    assert as_json(run(WEEK, jobs=2)) == week


def test_small_memory_gives_the_bytes_of_large(week: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "Shards", partial(Shards, 5, 2000))
    assert as_json(run(WEEK)) == week


def test_two_runs_give_the_same_bytes(week: str) -> None:
    assert as_json(run(WEEK)) == week


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_the_seed_of_hashes_changes_nothing(week: str, seed: str) -> None:
    command = [sys.executable, "-m", "supportaudit", "scan", str(WEEK), "--format", "json"]
    done = subprocess.run(
        command, capture_output=True, check=True, timeout=60, env={**os.environ, "PYTHONHASHSEED": seed}
    )
    assert done.stdout.decode("utf-8").rstrip("\n") == week.rstrip("\n")


def test_the_order_of_conversations_in_the_file_changes_nothing_but_line_numbers(tmp_path: Path) -> None:
    with WEEK.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    groups: dict[str, list[list[str]]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    reports = []
    for name, order in (
        ("a", list(groups)),
        ("b", list(reversed(groups))),
        ("c", sorted(groups, key=hash_of)),
    ):
        path = tmp_path / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *(row for key in order for row in groups[key])])
        report = run(path)
        findings = {(f.check, f.conversation_id, f.messages, f.quote, f.confidence) for f in report.findings}
        reports.append((_LINE.sub("line=0", repr(report.scorecard)), findings))
    assert reports[0][1] == reports[1][1] == reports[2][1]
    assert reports[0][0] == reports[1][0] == reports[2][0]


_LINE = re.compile(r"line=\d+")


def hash_of(word: str) -> str:
    return word[::-1]


# --- the account


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    rows = slow_chat("t1", 2) + slow_chat("t2", 3)
    rows[1][2] = "soon"  # no time
    rows[4][7] = ""  # no text
    report = run(write(tmp_path / "a.csv", rows), max_rejects=0.5)
    account = report.input
    assert account.rows_read == 6
    assert account.rows_read == account.rows_used + account.rows_rejected + account.rows_not_messages
    assert account.rows_used < 6
    assert account.conversations == report.scorecard.conversations == 2
    assert all(r.reason and r.line > 1 and r.file.endswith("a.csv") for r in account.rejected)


def test_the_week_is_used_to_the_last_row() -> None:
    account = run(WEEK).input
    with WEEK.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (account.rows_read, account.rows_used, account.rows_rejected) == (len(rows), len(rows), 0)
    assert account.conversations == len({row["conversation_id"] for row in rows})
    assert account.files == (str(WEEK),)


def test_the_account_counts_the_customers() -> None:
    with WEEK.open(encoding="utf-8", newline="") as file:
        customers = {row["customer_id"] for row in csv.DictReader(file)}
    assert run(WEEK).input.customers == len(customers)


def test_a_report_tells_what_it_depends_on(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", slow_chat("t1", 2))
    report = run(path, select=("slow-reply",), tz="Europe/Athens", min_confidence=0.25, since=0.0)
    assert report.run.as_of == "2026-03-02T12:01:00Z"
    assert report.run.settings == {
        "checks": "slow-reply",
        "tz": "Europe/Athens",
        "min_confidence": "0.25",
        "since": "1970-01-01T00:00:00Z",
    }
    assert "7d" in run(path, as_of=AsOf(after=7 * 86_400.0)).run.as_of


# --- what is judged


def test_only_the_chosen_checks_run(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", slow_chat("t1", 2))
    chosen = run(path, select=("slow-reply", "rudeness"), ignore=("rudeness",))
    assert [c.id for c in chosen.checks] == ["slow-reply"]
    assert {f.check for f in chosen.findings} == {"slow-reply"}
    assert len(run(path, ignore=("slow-reply",)).checks) == 10


def test_no_check_left_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no check is left"):
        run(WEEK, select=("rudeness",), ignore=("rudeness",))


def test_a_finding_points_at_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", slow_chat("t1", 2) + slow_chat("t2", 3, agent="Kim"))
    found = run(path, select=("slow-reply",)).findings
    assert [(f.conversation_id, f.line, f.agent, f.gap) for f in found] == [
        ("t1", 2, "Tom", 7200.0),
        ("t2", 5, "Kim", 7200.0),
    ]


def test_several_files_are_one_audit(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", slow_chat("t1", 2, "c1"))
    second = write(tmp_path / "b.csv", slow_chat("t2", 9, "c1"))
    report = run(first, second, select=("slow-reply",))
    assert report.input.files == (str(first), str(second))
    assert report.input.rows_read == report.input.rows_used == 6
    assert [(f.conversation_id, f.file, f.line) for f in report.findings] == [("t1", 0, 2), ("t2", 1, 2)]
    assert report.run.as_of == "2026-03-09T12:01:00Z"


def test_a_conversation_may_be_spread_over_files(tmp_path: Path) -> None:
    rows = slow_chat("t1", 2)
    report = run(write(tmp_path / "a.csv", rows[:1]), write(tmp_path / "b.csv", rows[1:]))
    assert report.scorecard.conversations == 1
    assert report.scorecard.messages == 3


def test_the_period_goes_by_the_beginning(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", slow_chat("t1", 2) + slow_chat("t2", 3))
    begun = 1_772_532_000.0  # the second one: 3 March, 10:00
    assert [f.conversation_id for f in run(path, since=begun, select=("slow-reply",)).findings] == ["t2"]
    assert [f.conversation_id for f in run(path, until=begun, select=("slow-reply",)).findings] == ["t1"]


# --- what cannot be audited


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n\n",
        ",".join(HEAD) + "\n",
        ",".join(HEAD) + "\nt1,m1,yesterday or so,chat,c1,Ana,customer,\n",
    ],
)
def test_a_file_without_a_usable_message_is_refused_by_name(tmp_path: Path, body: str) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(InputError, match=r"empty\.csv") as caught:
        run(path)
    assert "\n" not in caught.value.message


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        run(WEEK, tmp_path / "nowhere.csv")


def test_a_period_without_conversations_is_no_clean_result(tmp_path: Path) -> None:
    """Nothing judged must not look like nothing wrong."""
    try:
        report = run(write(tmp_path / "a.csv", slow_chat("t1", 2)), since=4_000_000_000.0)
    except (InputError, SettingsError):
        return
    assert report.scorecard.score is None


def test_progress_is_told_to_whoever_asks() -> None:
    told: list[tuple[str, int, int]] = []
    scan([WEEK], ScanSettings(jobs=1), lambda *step: told.append(step))
    stage, done, total = told[-1]
    assert (stage, done) == ("auditing", total)
    assert [step[1] for step in told if step[0] == "auditing"] == list(range(1, total + 1))


def test_the_language_typed_stands_over_the_file_and_both_over_what_the_words_tell(tmp_path: Path) -> None:
    line = ["t1", "m1", "2026-01-05T09:00:00Z", "chat", "c1", "Ann", "customer", "Where is my parcel?"]
    path = write(tmp_path / "a.csv", [line])

    def languages(**reading: Any) -> list[str]:
        return [s.value for s in run(path, **reading).scorecard.segments["language"]]

    german = parse_settings("language: de", "s")
    assert languages() == ["en"]
    assert languages(settings=german) == ["de"]
    assert languages(settings=german, lang="fr") == ["fr"]
