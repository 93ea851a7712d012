"""The JSON report: read back by the standard library, documented key by key, the same bytes every time."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.render.reports import gated as gated
from tests.score.sample import CHECKS, RUN, account, conversations, findings_of, report_of, tally_of

from supportaudit.render import FORMATS, View, pieces
from supportaudit.render.json_report import SCHEMA_VERSION, render_json
from supportaudit.results.report import make_report

DOCS = Path(__file__).parents[2] / "docs" / "json.md"
# Keys that are data: a check's id, a reason, a dimension, a mark, a field of the export.
MAPS = {"settings", "mapping", "not_applicable_reasons", "errors", "segments", "within_seconds"}


def parsed(number: int = 60) -> Any:
    return json.loads(render_json(gated(report_of(conversations(number)))))


def keys(value: Any, path: str = "") -> set[str]:
    """Every key as a dotted path, "[]" for the members of a list and "*" for keys that are data."""
    if isinstance(value, list):
        return set().union(*(keys(item, path + "[]") for item in value))
    if not isinstance(value, dict):
        return set()
    data = path.rsplit(".", 1)[-1] in MAPS or path.endswith(("*[].checks", "[].signals"))
    found: set[str] = set()
    for key, item in value.items():
        below = f"{path}.{'*' if data else key}".lstrip(".")
        found |= {below} | keys(item, below)
    return found


def test_the_report_reads_back_as_it_was_made() -> None:
    report = report_of(conversations(60))
    document = json.loads(render_json(report))
    card = report.scorecard
    assert list(document) == [
        "schema_version", "run", "input", "scorecard", "gate", "comparison", "suppressed", "worst", "findings",
    ]  # fmt: skip
    assert document["schema_version"] == SCHEMA_VERSION
    assert f'"{SCHEMA_VERSION}"' in DOCS.read_text(encoding="utf-8")
    assert document["scorecard"]["score"] == card.score
    assert [c["failed"] for c in document["scorecard"]["checks"]] == [c.failed for c in card.checks]
    assert len(document["findings"]) == len(report.findings)
    first, expected = document["findings"][0], report.findings[0]
    assert first["check"] == expected.check
    assert first["messages"] == list(expected.messages)
    assert first["file"] == "exports/support 2026-09.csv"
    assert re.fullmatch(r"2026-09-\d\dT\d\d:\d\d:\d\dZ", first["at"])
    assert document["input"]["rejected"][0] == {
        "file": "exports/support 2026-09.csv",
        "line": 118,
        "reason": "no ticket id",
    }


def test_every_key_is_documented_and_every_documented_key_exists() -> None:
    documented = set(re.findall(r"^\| `([^`]+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == keys(parsed())


def test_the_same_audit_gives_the_same_bytes() -> None:
    items = conversations(60)
    assert render_json(report_of(items)) == render_json(report_of(items[::-1]))


def test_floats_have_four_places_at_most() -> None:
    assert not re.search(r"\d\.\d{5}", render_json(report_of(conversations(60))))


def test_nothing_judged_gives_null_and_no_invented_number() -> None:
    card = json.loads(render_json(report_of([])))["scorecard"]
    assert (card["score"], card["interval"], card["letter"], card["first_at"]) == (None, None, "–", None)


def test_lone_surrogates_and_controls_do_not_break_it() -> None:
    items = conversations(40)
    findings = [
        msgspec.structs.replace(f, quote="\ud83d\x00\x1b[31m\u202e", agent="\udc00")
        for f in findings_of(items)
    ]
    bad = msgspec.structs.replace(account(40), files=("a\udcff.csv",), mapping={"\ud800": "x"})
    document = json.loads(render_json(make_report(tally_of(items), findings, bad, RUN, CHECKS)))
    assert document["findings"][0]["quote"] == "?\x00\x1b[31m\u202e"
    assert document["input"]["files"] == ["a?.csv"]


def test_signals_carry_counts_proof_and_segments() -> None:
    card = parsed(240)["scorecard"]
    signals = {signal["signal"]: signal for signal in card["signals"]}
    praise = signals["praise-answered"]
    assert (praise["shown"], praise["eligible"], praise["rate"], praise["enough"]) == (13, 27, 0.4815, False)
    assert praise["interval"][0] < praise["rate"] < praise["interval"][1]
    assert [len(praise["examples"]), len(praise["missed"])] == [3, 3]
    assert praise["examples"][0]["quote"] == "Lovely"
    assert signals["came-back"]["not_applicable_reasons"] == {"customers are not identified": 240}
    agents = {segment["value"]: segment["signals"] for segment in card["segments"]["agent"]}
    ana, erik = agents["Ana"]["signed-replies"], agents["Erik"]["signed-replies"]
    assert ana["shown"] == ana["eligible"] > 0
    assert erik["shown"] == 0 < erik["eligible"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("few", [True, False])
def test_pieces_make_what_is_made_at_once(name: str, few: bool) -> None:
    report = report_of(conversations(3 if few else 400))
    if few:
        report = msgspec.structs.replace(report, findings=())
    view = View()
    made = FORMATS[name](report, view)
    whole = made if isinstance(made, bytes) else made.encode("utf-8", "replace")
    parts = [
        one if isinstance(one, bytes) else one.encode("utf-8", "replace")
        for one in pieces(name, report, view)
    ]
    assert b"".join(parts).rstrip(b"\n") == whole.rstrip(b"\n")
    assert isinstance(made, bytes) or parts == [] or parts[-1].endswith(b"\n")


@pytest.mark.parametrize("name", ["json", "ndjson", "csv"])
def test_many_findings_are_made_in_many_pieces(name: str) -> None:
    report = report_of(conversations(400))
    some = report.findings[0]
    report = msgspec.structs.replace(report, findings=(some,) * 5_000)
    assert max(map(len, pieces(name, report, View()))) < 200_000
