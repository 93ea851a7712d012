"""A result read back is the report it was written from, as far as JSON holds it."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.render.test_json_report import gated
from tests.score.sample import conversations, report_of

from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.errors import InputError
from supportaudit.render.json_report import render_json
from supportaudit.results.readback import is_result, read_report

WEEK = Path(__file__).parents[1] / "examples" / "shop-week.csv"


@pytest.mark.parametrize("number", [0, 1, 60])
def test_a_result_read_back_writes_the_same_bytes(number: int, tmp_path: Path) -> None:
    written = render_json(
        gated(report_of(conversations(number))) if number > 1 else report_of(conversations(number))
    )
    path = tmp_path / "last.json"
    path.write_text(written, "utf-8")
    assert is_result(path)
    assert render_json(read_report(path)) == written


def test_a_real_audit_read_back_is_the_same_report_but_for_its_conversations(tmp_path: Path) -> None:
    report = scan([WEEK], ScanSettings(jobs=1))
    path = tmp_path / "week.json"
    path.write_text(render_json(report), "utf-8")
    again = read_report(path)
    assert (again.checks, again.signals, again.input) == (report.checks, report.signals, report.input)
    assert [f.quote for f in again.findings] == [f.quote for f in report.findings]
    assert render_json(again) == render_json(report)


def test_an_export_is_no_result(tmp_path: Path) -> None:
    assert not is_result(WEEK)
    assert not is_result(WEEK.with_suffix(".json"))
    assert not is_result(tmp_path)
    assert not is_result(tmp_path / "none.json")


def test_a_result_whose_keys_were_sorted_by_another_tool_is_one(tmp_path: Path) -> None:
    path = tmp_path / "sorted.json"
    path.write_text(json.dumps(json.loads(render_json(report_of(conversations(3)))), sort_keys=True), "utf-8")
    assert is_result(path)
    assert read_report(path).scorecard.conversations == 3


@pytest.mark.parametrize("lost", ["worst", "input", "run"])
def test_a_result_that_lacks_something_is_refused_in_one_sentence(lost: str, tmp_path: Path) -> None:
    document = json.loads(render_json(report_of(conversations(3))))
    del document[lost]
    path = tmp_path / "cut.json"
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(InputError, match=r"cut\.json: lacks something that a result has .*" + lost):
        read_report(path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("scorecard", "first_at"), "last week"),
        (("scorecard", "first_at"), "0001-01-01T00:00:00"),
        (("scorecard", "checks", 0, "failed"), 10**6),
        (("scorecard", "checks", 0, "failed"), -1),
        (("scorecard", "checks", 0, "rate"), {}),
        (("scorecard", "signals", 0, "rate"), "a third"),
        (("input", "rows_read"), None),
        (("findings", 0, "quote"), ["x"]),
        (("run", "settings"), {"checks": 3}),
    ],
)  # fmt: skip
def test_a_result_with_something_else_in_a_place_is_refused_in_one_sentence(
    path: tuple[str | int, ...], value: Any, tmp_path: Path
) -> None:
    document = json.loads(render_json(report_of(conversations(60))))
    *way, last = path
    inside = document
    for step in way:
        inside = inside[step]
    inside[last] = value
    file = tmp_path / "odd.json"
    file.write_text(json.dumps(document), "utf-8")
    with pytest.raises(InputError, match=r"odd\.json: ") as caught:
        read_report(file)
    assert "\n" not in caught.value.message


def test_a_result_that_nests_without_end_is_none(tmp_path: Path) -> None:
    file = tmp_path / "deep.json"
    file.write_text('{"schema_version": "1.0", "beside": ' + "[" * 100_000, "utf-8")
    with pytest.raises(InputError, match=r"deep\.json: is no result"):
        read_report(file)
