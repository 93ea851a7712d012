"""Zendesk's ticket table, and what the module makes of updates."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from supportaudit.model import Row, RowKind
from supportaudit.read import ReadOptions
from supportaudit.read.export import Export, open_export
from supportaudit.sources import zendesk

COLUMNS = "Id,Requester,Requester wait time in minutes,Created at"
WAITS = "First reply time in minutes,First reply time in minutes within business hours"


def table(folder: Path, header: str, *rows: str) -> Export:
    file = folder / "tickets.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return open_export(file, ReadOptions(tz="UTC"))


def messages(export: Export) -> Iterator[Row]:
    return (row for row in export.rows() if row.kind == "")


def waited(export: Export) -> float | None:
    """Seconds from the contact to the answer; None if there is none."""
    asked, *answered = [row.at for row in messages(export)]
    assert asked is not None
    return answered[0] - asked if answered and answered[0] is not None else None


@pytest.mark.parametrize(
    ("cells", "seconds"),
    [
        ("95,30", 95 * 60),
        ("0,0", 0),
        (",30", 30 * 60),
        ("-,30", 30 * 60),
        ('"1,440",', 86_400),
        ("12.5,", 750),
        (",", None),
        ("soon,", None),
        ("-5,", None),
        ("9" * 400 + ",", None),
    ],
)
def test_the_answer_comes_as_late_as_the_table_says(
    tmp_path: Path, cells: str, seconds: float | None
) -> None:
    assert waited(table(tmp_path, f"{COLUMNS},{WAITS}", f"1,Ana,0,2024-05-06 08:00,{cells}")) == seconds


def test_business_hours_alone_are_better_than_nothing(tmp_path: Path) -> None:
    header = f"{COLUMNS},First reply time in minutes within business hours"
    assert waited(table(tmp_path, header, "1,Ana,0,2024-05-06 08:00,20")) == 1200


@pytest.mark.parametrize(
    ("stations", "targets"),
    [
        ("1,1", []),
        ("0,0", []),
        (",", []),
        ("2,1", ["Returns"]),
        ("1,2", ["Rob"]),
        ("3,3", ["group 2 of 3", "Returns"]),
        ("1,3", ["agent 2 of 3", "Rob"]),
    ],
)
def test_each_station_after_the_first_is_a_hand_over(
    tmp_path: Path, stations: str, targets: list[str]
) -> None:
    header = f"{COLUMNS},Group,Assignee,Group stations,Assignee stations"
    export = table(tmp_path, header, f"1,Ana,0,2024-05-06 08:00,Returns,Rob,{stations}")
    assert [row.event_to for row in export.rows() if row.kind == RowKind.EVENT] == targets


def test_a_mad_count_of_stations_makes_no_mad_count_of_events(tmp_path: Path) -> None:
    header = f"{COLUMNS},Group stations,Assignee stations"
    export = table(tmp_path, header, "1,Ana,0,2024-05-06 08:00,999999999,1")
    assert sum(row.kind == RowKind.EVENT for row in export.rows()) == 99


def test_who_opened_for_the_requester_is_nobody_known(tmp_path: Path) -> None:
    export = table(
        tmp_path, f"{COLUMNS},Submitter", "1,Ana,0,2024-05-06 08:00,Rob", "2,Ana,0,2024-05-06 08:00,Ana"
    )
    assert [row.role for row in messages(export)] == ["unknown", "customer"]


def test_the_tables_wording_and_silence_are_not_judged(tmp_path: Path) -> None:
    rows = list(table(tmp_path, COLUMNS, "1,Ana,0,2024-05-06 08:00").rows())
    assert {row.language for row in rows} == {"zxx"}
    assert all(row.truncated for row in rows)


def test_a_row_without_a_time_still_tells_its_facts(tmp_path: Path) -> None:
    export = table(tmp_path, f"{COLUMNS},Status", "1,Ana,0,,Open", "2,Ana,0,2024-02-31 08:00,Open")
    rows = list(export.rows())
    assert [(row.conversation_id, row.status) for row in rows if row.kind == RowKind.FACTS] == [("1", "Open")]
    assert [(one.line, one.reason) for one in export.rejected] == [
        (3, 'the time cannot be read: "2024-02-31 08:00"')
    ]


def audit(number: int, at: str, status: str) -> str:
    return (
        f'{{"id":{number},"ticket_id":7,"author_id":1,"created_at":"{at}","metadata":{{}},"events":['
        f'{{"id":{number + 1},"type":"Change","field_name":"status","value":"{status}","previous_value":"new"}}]}}'
    )


@pytest.mark.parametrize("backwards", [False, True])
def test_the_newest_update_tells_the_status_whichever_way_the_list_runs(
    tmp_path: Path, backwards: bool
) -> None:
    lines = [audit(10, "2024-05-06T08:00:00Z", "open"), audit(20, "2024-05-07T08:00:00Z", "solved")]
    file = tmp_path / "audits.jsonl"
    file.write_text("\n".join(reversed(lines) if backwards else lines), encoding="utf-8")
    told = [row.status for row in open_export(file).rows() if row.status]
    assert told[-1] == "solved"


def test_what_is_remembered_of_tickets_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zendesk, "_REMEMBERED", 0)
    file = tmp_path / "audits.jsonl"
    file.write_text(
        "\n".join([audit(10, "2024-05-06T08:00:00Z", "open"), audit(20, "2024-05-05T08:00:00Z", "solved")]),
        encoding="utf-8",
    )
    assert [row.status for row in open_export(file).rows() if row.status] == ["open", "solved"]


def test_comments_without_their_ticket_are_refused_with_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "comments.json"
    comment = (
        '{"id":1,"type":"Comment","author_id":2,"public":true,"body":"Hi","html_body":"<p>Hi</p>","plain_body":"Hi",'
        '"audit_id":3,"via":{"channel":"email"},"attachments":[],"created_at":"2024-05-06T08:00:00Z"}'
    )
    file.write_text(f"[{comment}]", encoding="utf-8")
    export = open_export(file)
    assert list(export.rows()) == []
    assert "no ticket_id" in export.rejected[0].reason
