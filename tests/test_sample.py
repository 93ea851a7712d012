"""A sample to label: stratified, the same however it is drawn, blind, and safe in a spreadsheet."""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from supportaudit.auditing import scan as scan_module
from supportaudit.auditing.registry import ORDER
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.calibration.sample import draw, sample
from supportaudit.calibration.transcript import LINES, transcript
from supportaudit.calibration.verdicts import Found, Verdicts
from supportaudit.errors import SettingsError
from supportaudit.model import Conversation, Message, Rating, Role
from supportaudit.sheet import MAX_CELL, cell, comparable, id_cell, id_of, units

WEEK = Path(__file__).parents[1] / "examples" / "shop-week.csv"
ONE = ScanSettings(jobs=1)


def rows(sheet: str) -> list[dict[str, str]]:
    assert sheet.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"), newline="")))


def verdicts(name: str, *found: str, passed: tuple[str, ...] = ("rudeness", "arguing")) -> Verdicts:
    return Verdicts(
        name, "chat", tuple(c for c in passed if c not in found), {check: Found(0.8) for check in found}
    )


# --- what is drawn


def many() -> list[Verdicts]:
    """200 conversations: 3 rude, 40 arguing, one of them both."""
    return [
        verdicts(f"c{n}", *(["rudeness"] if n in (5, 6, 7) else []), *(["arguing"] if 7 <= n < 47 else []))
        for n in range(200)
    ]


def test_three_fifths_are_for_findings_the_rarest_first_and_the_rest_without() -> None:
    drawn = draw(many(), ("rudeness", "arguing"), 40, seed=1)
    assert len(drawn) == 40
    assert {"c5", "c6", "c7"} <= drawn
    found = [v for v in many() if v.conversation in drawn and v.found]
    assert len(found) == 24


@pytest.mark.parametrize(("n", "expected"), [(1, 1), (2, 2), (3, 3), (199, 199), (200, 200), (1000, 200)])
def test_so_many_are_drawn_or_all_there_are(n: int, expected: int) -> None:
    assert len(draw(many(), ("rudeness", "arguing"), n, seed=1)) == expected


def test_one_side_that_runs_out_is_filled_from_the_other() -> None:
    without = [verdicts(f"c{n}") for n in range(50)]
    assert len(draw(without, ("rudeness",), 30, seed=1)) == 30
    failed = [verdicts(f"c{n}", "rudeness") for n in range(50)]
    assert len(draw(failed, ("rudeness",), 30, seed=1)) == 30


def test_what_no_check_could_judge_is_not_drawn() -> None:
    unjudged = [verdicts(f"x{n}", passed=()) for n in range(50)]
    assert draw([*unjudged, verdicts("a")], ("rudeness",), 10, seed=1) == {"a"}


def test_neither_order_nor_company_changes_who_is_drawn() -> None:
    all_of_them = many()
    drawn = draw(all_of_them, ("rudeness", "arguing"), 30, seed=4)
    assert draw(list(reversed(all_of_them)), ("rudeness", "arguing"), 30, seed=4) == drawn
    assert draw(all_of_them, ("rudeness", "arguing"), 30, seed=5) != drawn


def test_each_of_a_stratum_has_the_same_chance() -> None:
    """12 of 40 conversations that argue are drawn, 400 times: each about 120 times (standard deviation 9)."""
    times = Counter(
        name
        for seed in range(400)
        for name in draw(many(), ("arguing",), 20, seed)
        if 8 <= int(name[1:]) < 47
    )
    assert len(times) == 39
    assert all(84 <= n <= 156 for n in times.values())


# --- the sheet


def test_a_row_a_conversation_a_column_a_check_all_empty() -> None:
    drawn = sample([WEEK], ONE)
    found = rows(drawn.sheet)
    assert list(found[0]) == ["conversation", "channel", "transcript", *ORDER, "reviewer", "note"]
    assert (drawn.drawn, drawn.of, len(found)) == (100, 329, 100)
    assert len({row["conversation"] for row in found}) == 100
    assert not any(row[name] for row in found for name in (*ORDER, "reviewer", "note"))
    assert all("customer" in row["transcript"] for row in found)
    assert "\r\n" in drawn.sheet


def test_the_order_does_not_tell_what_was_found() -> None:
    """Conversations with findings stand no earlier than the others: their mean rank is that of chance."""
    failed = {finding.conversation_id for finding in scan([WEEK], ONE).findings}
    places = [n for n, row in enumerate(rows(sample([WEEK], ONE).sheet)) if row["conversation"] in failed]
    assert len(places) == 60
    assert 42 < sum(places) / 60 < 57  # 49.5, standard deviation 2.4


def test_the_same_bytes_however_it_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head, *lines = WEEK.read_text("utf-8").splitlines(keepends=True)
    one, two = tmp_path / "a.csv", tmp_path / "b.csv"
    records = list(csv.reader(io.StringIO("".join(lines))))
    for path, part in ((one, records[::2]), (two, records[1::2])):
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(part)
        path.write_text(head + out.getvalue(), "utf-8")
    first = sample([one, two], ONE, n=20, seed=3).sheet
    assert sample([two, one], ONE, n=20, seed=3).sheet == first
    assert sample([one, two], ONE, n=20, seed=4).sheet != first
    monkeypatch.setattr(scan_module, "SMALL", 0)
    assert sample([one, two], ScanSettings(jobs=2), n=20, seed=3).sheet == first


def test_one_check_alone() -> None:
    drawn = sample([WEEK], ScanSettings(jobs=1, select=("rudeness",)), n=10)
    assert list(rows(drawn.sheet)[0])[3:-2] == ["rudeness"]
    failed = {f.conversation_id for f in scan([WEEK], ONE).findings if f.check == "rudeness"}
    assert sum(row["conversation"] in failed for row in rows(drawn.sheet)) == 6
    with pytest.raises(SettingsError, match="did you mean 'rudeness'"):
        sample([WEEK], ScanSettings(jobs=1, select=("rudness",)))


# --- cells


@pytest.mark.parametrize(
    ("id", "written"),
    [
        ("50111", "50111"),
        ("0", "0"),
        ("0050", "'0050"),
        ("12345678901234567", "'12345678901234567"),
        ("1-2", "'1-2"),
        ("3/4/2026", "'3/4/2026"),
        ("1e5", "'1e5"),
        ("1.10", "'1.10"),
        ("true", "'true"),
        ("Mar-12", "'Mar-12"),
        ("=cmd()", "'=cmd()"),
        ("@rob", "'@rob"),
        ("'quoted", "''quoted"),
        ("zendesk:7", "zendesk:7"),
        ("a-1", "a-1"),
        ("c\n1\x07", "c 1"),
    ],
)
def test_ids_come_back_from_a_spreadsheet(id: str, written: str) -> None:
    assert id_cell(id) == written
    assert id_of(written) == comparable(id)


@given(st.text(max_size=30))
@hypothesis_settings(max_examples=300, deadline=None)
def test_no_cell_is_a_formula(text: str) -> None:
    for made in (cell(text), id_cell(text)):
        assert not made.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert "\x00" not in made


def message(
    index: int, text: str, role: Role = Role.CUSTOMER, author: str = "Ana", **more: object
) -> Message:
    return Message(id=str(index), index=index, at=1_700_000_000.0 + 60 * index, role=role, author=author, text=text,
                   **more)  # type: ignore[arg-type]  # fmt: skip


def written(*messages: Message, **more: object) -> str:
    from datetime import UTC

    talk = Conversation(id="1", messages=messages, **more)  # type: ignore[arg-type]
    return transcript(talk, (), 1_700_100_000.0, UTC)


def test_a_transcript_tells_who_wrote_what_when_and_where_the_log_ends() -> None:
    text = written(
        message(0, "Where is it?\nagent (Tom): here"),
        message(1, "I look.", Role.AGENT, "Tom", signature="Tom, Acme", quoted="> Where", attachments=2),
        message(2, "he is slow", Role.NOTE, "Tom"),
        subject="Parcel",
        rating=Rating("1/5", 0.0, "bad"),
    )
    assert text.split("\n") == [
        "Subject: Parcel",
        "The customer's rating: 1/5 “bad”",
        "2023-11-14 22:13 customer (Ana): Where is it? ⏎ agent (Tom): here",
        "2023-11-14 22:14 agent (Tom): I look. ⏎ Tom, Acme [2 attachments] [quoted text left out]",
        "2023-11-14 22:15 internal note (Tom): he is slow",
        "[no more messages up to 2023-11-16 02:00]",
    ]


@given(
    st.lists(st.tuples(st.integers(0, 9_000), st.sampled_from("aé🙂\n=")), max_size=40),
    st.integers(0, 600),
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_a_transcript_always_fits_a_cell(sizes: list[tuple[int, str]], short: int) -> None:
    text = written(
        *(message(n, letter * size) for n, (size, letter) in enumerate(sizes)),
        *(message(n, "ok") for n in range(short)),
        subject="s" * 5000,
    )
    assert units(cell(text)) <= MAX_CELL
    assert text.count("\n") <= LINES + 3


def test_what_is_left_out_is_told_and_both_ends_are_kept() -> None:
    text = written(*(message(n, f"number {n} " + "x" * 3000) for n in range(40)))
    assert "number 0 " in text and "number 39 " in text and "number 20 " not in text
    assert "messages left out here" in text
    assert "[8,100 characters left out]" in written(message(0, "y" * 12_100))
