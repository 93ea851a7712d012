"""What a user drags in: several files of several desks, repeated messages, rows that must be refused."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.errors import InputError, SettingsError
from supportaudit.model import Row
from supportaudit.results.report import Report
from supportaudit.settings.written import parse_settings

SOURCES = Path(__file__).parent / "sources"
HEAD = "conversation_id,message_id,created_at,role,author,text\n"


def run(*paths: Path, **reading: Any) -> Report:
    return scan(paths, ScanSettings(jobs=1, reading=Reading(**reading)))


def week(path: Path, *rows: str) -> Path:
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def good(number: int) -> str:
    return f"t{number},m{number},2026-03-02T10:00:00Z,customer,Ana,Where is order {number}?"


BAD = "t9,m9,soon,customer,Ana,=HYPERLINK(1)"


# --- several files


def test_the_same_message_in_two_files_counts_once(tmp_path: Path) -> None:
    monday = week(tmp_path / "monday.csv", *map(good, range(5)))
    tuesday = week(tmp_path / "tuesday.csv", *map(good, range(3, 8)))
    account = run(monday, tuesday).input
    assert (account.rows_read, account.rows_used, account.rows_not_messages) == (10, 8, 2)
    assert account.conversations == 8
    assert any("2 messages stand twice" in note for note in account.notes)


def test_a_conversation_continued_in_the_next_file_is_one(tmp_path: Path) -> None:
    one = week(tmp_path / "1.csv", "t1,m1,2026-03-02T10:00:00Z,customer,Ana,Where is my order?")
    two = week(tmp_path / "2.csv", "t1,m2,2026-03-02T10:05:00Z,agent,Rob,It left today.")
    report = run(one, two)
    assert report.input.conversations == 1
    assert report.scorecard.messages == 2


def test_messages_that_only_look_alike_stay_two(tmp_path: Path) -> None:
    """The same words from the same person at the same minute are two messages if one file says them twice."""
    twice = "t1,{},2026-03-02T10:00:00Z,customer,Ana,Hello?"
    account = run(week(tmp_path / "a.csv", twice.format("m1"), twice.format("m2"))).input
    assert (account.rows_used, account.rows_not_messages) == (2, 0)


def test_tickets_of_two_desks_with_one_number_are_two(tmp_path: Path) -> None:
    zendesk = json.loads((SOURCES / "zendesk-ticket" / "tickets.jsonl").read_text("utf-8"))
    zendesk["id"] = 1295
    (tmp_path / "zendesk.jsonl").write_text(json.dumps(zendesk), encoding="utf-8")
    shutil.copy(SOURCES / "intercom-conversation" / "conversation.json", tmp_path)
    report = run(tmp_path / "zendesk.jsonl", tmp_path / "conversation.json")
    assert report.input.conversations == 2
    assert [one.source for one in report.input.recognised] == ["intercom", "zendesk"], "in the order of names"


# --- rows that must be refused


def test_more_rejects_than_the_ceiling_stop_the_audit(tmp_path: Path) -> None:
    path = week(tmp_path / "a.csv", *map(good, range(8)), BAD, BAD)
    with pytest.raises(InputError, match=r"2 of 10 rows \(20%\) were rejected, more than the 10% allowed"):
        run(path)
    assert run(path, max_rejects=0.2).input.rows_rejected == 2
    assert run(path, settings=parse_settings("max-rejects: 25 %", "s")).input.rows_rejected == 2
    with pytest.raises(InputError):
        run(path, max_rejects=0.1, settings=parse_settings("max-rejects: 25 %", "s"))


def test_strict_allows_none(tmp_path: Path) -> None:
    path = week(tmp_path / "a.csv", *map(good, range(99)), BAD)
    assert run(path).input.rows_rejected == 1
    with pytest.raises(
        InputError, match=r"1 of 100 rows were rejected, and --strict allows none; .*:101: the time"
    ):
        run(path, strict=True)
    assert run(week(tmp_path / "b.csv", good(1)), strict=True).input.rows_rejected == 0


@pytest.mark.parametrize("stops", [False, True])
def test_rejected_rows_are_written_with_line_and_reason(tmp_path: Path, stops: bool) -> None:
    """Also when there are too many: the file is what shows why."""
    path = week(tmp_path / "a.csv", *map(good, range(1 if stops else 50)), BAD)
    out = tmp_path / "rejects.jsonl"
    if stops:
        with pytest.raises(InputError):
            run(path, rejects=out)
    else:
        run(path, rejects=out)
    [line] = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert line["line"] == (3 if stops else 52)
    assert line["reason"] == 'the time cannot be read: "soon"'
    assert line["row"]["text"] == "=HYPERLINK(1)"


def test_a_table_of_rejected_rows_holds_no_formula(tmp_path: Path) -> None:
    path = week(tmp_path / "a.csv", *map(good, range(50)), BAD)
    run(path, rejects=tmp_path / "rejects.csv")
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as file:
        [row] = list(csv.DictReader(file))
    assert row["line"] == "52"
    assert row["file"].endswith("a.csv")
    assert json.loads(row["row"])["conversation_id"] == "t9"
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())


def test_rejects_of_json_are_the_records(tmp_path: Path) -> None:
    records = [
        {"ticket_id": n, "created_at": 1714980000, "role": "customer", "body": "Hi"} for n in range(20)
    ]
    lines = [
        json.dumps(record) for record in (*records, {"ticket_id": 21, "created_at": "soon", "body": "x"})
    ]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    run(tmp_path / "a.jsonl", rejects=tmp_path / "out.jsonl")
    out = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [line["line"] for line in out] == [21, 22]
    assert out[0]["row"] == {"ticket_id": 21, "created_at": "soon", "body": "x"}


def test_no_half_file_of_rejects_is_left(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        run(tmp_path / "missing.csv", rejects=tmp_path / "rejects.csv")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SettingsError, match="cannot be written"):
        run(week(tmp_path / "a.csv", good(1)), rejects=tmp_path / "nowhere" / "rejects.csv")


def test_where_a_message_was_rejected_silence_proves_nothing(tmp_path: Path) -> None:
    """The refused row may be the answer."""
    ask = "t1,m1,2026-03-02T10:00:00Z,customer,Ana,Where is my order?"
    later = "t2,m1,2026-03-09T10:00:00Z,customer,Bo,Thanks!"
    silent = run(week(tmp_path / "a.csv", ask, later))
    refused = run(
        week(tmp_path / "b.csv", ask, "t1,m2,soon,agent,Rob,It left today.", later), max_rejects=1.0
    )
    assert "unavailable" in {finding.check for finding in silent.findings}
    assert "unavailable" not in {finding.check for finding in refused.findings}


# --- who is who


def test_people_named_in_the_settings(tmp_path: Path) -> None:
    rows = [
        "conversation_id,message_id,created_at,author_email,text",
        "t1,m1,2026-03-02T10:00:00Z,ana@example.org,Where is my order?",
        "t1,m2,2026-03-02T10:00:03Z,auto@acme.example,We got your message.",
        "t1,m3,2026-03-02T18:00:00Z,rob@acme.example,It left today.",
    ]
    path = tmp_path / "mail.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    assert run(path).findings == (), "nobody is judged while nobody knows who is who"
    company = "company: {domains: [acme.example], bots: [auto@acme.example]}\nlimits: {default: 1 h}"
    [finding] = run(path, settings=parse_settings(company, "s")).findings
    assert (finding.check, finding.agent, finding.gap) == ("slow-reply", "rob@acme.example", 8 * 3600)


def test_sources_of_the_settings_apply_to_their_files_only(tmp_path: Path) -> None:
    text = "conversation_id,message_id,created_at,role,text\nt1,m1,2026-07-02 10:00,customer,Where is it?\n"
    for name in ("athens.csv", "london.csv"):
        (tmp_path / name).write_text(text.replace("t1", name), encoding="utf-8")
    settings = parse_settings(
        "sources:\n  - {files: 'athens*', tz: Europe/Athens}\n  - {tz: Europe/London}\n", "s"
    )
    report = run(tmp_path / "athens.csv", tmp_path / "london.csv", settings=settings)
    assert report.scorecard.first_at is not None and report.scorecard.last_at is not None
    assert report.scorecard.last_at - report.scorecard.first_at == 2 * 3600


def test_a_row_may_name_its_own_zone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "conversation_id,message_id,created_at,timezone,role,text\n"
        "t1,m1,2026-07-02 10:00,Europe/Athens,customer,Where is it?\n"
        "t1,m2,2026-07-02 10:00,Europe/London,agent,On its way.\n"
        "t1,m3,2026-07-02 10:00,Mars/Base,agent,Hello.\n",
        encoding="utf-8",
    )
    report = run(path, max_rejects=0.5)
    assert report.scorecard.first_at is not None and report.scorecard.last_at is not None
    assert report.scorecard.last_at - report.scorecard.first_at == 2 * 3600
    assert report.input.rejected[0].reason == 'the row names an unknown time zone: "Mars/Base"'


def test_rows_are_plain_values() -> None:
    assert Row("t1", "m1", 1).journey == ""


def test_the_language_of_a_settings_file_is_a_plain_word() -> None:
    """It names the pack that the first start writes into a file, which takes values of plain kinds only."""
    reading = Reading(settings=parse_settings("language: de\n", "supportaudit.yaml"))
    assert (reading.language, type(reading.language)) == ("de", str)
