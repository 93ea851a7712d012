"""The published schema of the JSON report: made from docs/json.md, which is its law, and tried on real reports.

UPDATE_DOCS=1 writes it anew.
"""

import json
import os
import re
from collections.abc import Iterator
from copy import deepcopy
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from tests.render import reports
from typer.testing import CliRunner

from supportaudit.cli import app
from supportaudit.model import Basis, Severity, SignalKind
from supportaudit.render.json_report import SCHEMA_VERSION, render_json, render_ndjson
from supportaudit.results.comparison import Movement
from supportaudit.results.gate import JudgeBy, Measure, RuleStatus, Silence
from supportaudit.results.report import Report
from supportaudit.results.score import Standing
from supportaudit.results.suppressions import SuppressionStatus
from supportaudit.settings.gate import DIMENSIONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "json.md"
SHIPPED = ROOT / "src" / "supportaudit" / "result.schema.json"

INTERVAL = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer", "minimum": 0},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    "interval": INTERVAL,
    "list of number": INTERVAL,
    "list of string": {"type": "array", "items": {"type": "string"}},
}
SHARE = {"minimum": 0, "maximum": 1}
WORDS: dict[str, tuple[str, ...]] = {
    "basis": tuple(Basis),
    "gate.rules[].judge_by": tuple(JudgeBy),
    "gate.rules[].measure": tuple(Measure),
    "gate.rules[].skipped_because": tuple(Silence),
    "gate.rules[].status": tuple(RuleStatus),
    "kind": tuple(SignalKind),
    "letter": ("A", "B", "C", "D", "F", "–"),
    "movement": tuple(Movement),
    "reply": ("first", "later"),
    "severity": tuple(Severity),
    "standing": tuple(Standing),
    "suppressed[].status": tuple(SuppressionStatus),
    "unit": ("conversations", "answers", "messages", "promises"),
}
BOUNDS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("rate", "confidence", "runner_up_confidence", "cost", "p", "p_adjusted"), SHARE),
    **{name: {"minimum": 0, "maximum": 100} for name in ("score", "score_before")},
    **{name: {"minimum": 0} for name in ("weight", "demerits", "limit")},
    **{name: {"minimum": 0} for name in ("gap_seconds", "median_seconds", "p90_seconds")},
    "difference": {"minimum": -1, "maximum": 1},
    "digest": {"pattern": "^([0-9a-f]{64})?$"},
    "expires": {"format": "date"},
    "scorecard.reply_times[].within_seconds.*": SHARE,
}
NAMES = {
    "scorecard.segments": {"enum": sorted(DIMENSIONS)},
    "scorecard.reply_times[].within_seconds": {"pattern": "^[0-9]+$"},
}
"""Of objects whose keys are data: what these may be."""


def documented() -> dict[str, tuple[str, str]]:
    """Every key of docs/json.md: its type and meaning."""
    rows = re.findall(r"^\| `([^`]+)` \| (.+?) \| (.+) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    return {key: (kind, meaning.replace("`", "")) for key, kind, meaning in rows}


def schema() -> dict[str, Any]:
    """The schema as the documentation has it."""
    rows = documented()
    top = _object("", rows)
    top["properties"]["schema_version"] = {"const": SCHEMA_VERSION, "description": rows["schema_version"][1]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:supportaudit:result:{SCHEMA_VERSION}",
        "title": f"The JSON report of supportaudit, version {SCHEMA_VERSION}",
        "description": "What `supportaudit scan --format json` writes; docs/json.md explains it.",
        **top,
    }


def _object(path: str, rows: dict[str, tuple[str, str]]) -> dict[str, Any]:
    prefix = f"{path}." if path else ""
    children = [key for key in rows if re.fullmatch(rf"{re.escape(prefix)}(?:\w+|\*(?:\[\])?)", key)]
    if not children and path.endswith("errors"):
        return {"type": "object", "additionalProperties": TYPES["integer"]}
    assert children, f"docs/json.md says nothing of the keys of {path}"
    if children == [f"{prefix}*"]:
        names = {"propertyNames": NAMES[path]} if path in NAMES else {}
        return {"type": "object", **names, "additionalProperties": _value(children[0], rows)}
    fields = {key.removeprefix(prefix): _value(key, rows) for key in children}
    return {"type": "object", "required": list(fields), "additionalProperties": False, "properties": fields}


def _value(path: str, rows: dict[str, tuple[str, str]]) -> dict[str, Any]:
    kind, meaning = rows[path]
    kind, _, null = kind.partition(" or ")
    assert null in ("", "null"), f"docs/json.md: {path} has the type {kind} or {null}"
    name = path.rpartition(".")[2]
    if kind == "object":
        made = _object(path, rows)
    elif kind == "list of object":
        made = {"type": "array", "items": _object(f"{path}[]", rows)}
    else:
        assert kind in TYPES, f"docs/json.md: {path} has the unknown type {kind}"
        made = TYPES[kind] | BOUNDS.get(path, BOUNDS.get(name, {}))
        if words := WORDS.get(path, WORDS.get(name, ())):
            made = {"enum": [str(word) for word in words]}
    if null:
        made = {"enum": [*made["enum"], None]} if "enum" in made else made | {"type": [made["type"], "null"]}
    return {"description": meaning, **made}


def test_the_shipped_schema_is_that_of_the_documentation() -> None:
    text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_DOCS"):
        SHIPPED.write_text(text, "utf-8", newline="\n")
    assert SHIPPED.read_text("utf-8") == text, (
        "write it anew: UPDATE_DOCS=1 pytest tests/render/test_result_schema.py"
    )


def published() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (resources.files("supportaudit") / "result.schema.json").read_text("utf-8")
    )
    return found


def validator() -> Draft202012Validator:
    return Draft202012Validator(published(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_it_is_a_schema_and_bears_its_version() -> None:
    Draft202012Validator.check_schema(published())
    assert published()["$id"].endswith(f":{SCHEMA_VERSION}")
    assert published()["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def test_every_documented_key_is_in_it_and_no_other() -> None:
    def keys(body: dict[str, Any], path: str) -> Iterator[str]:
        for name, field in body.get("properties", {}).items():
            yield from (key := f"{path}{name}",)
            yield from keys(field, f"{key}.")
            yield from keys(field.get("items", {}), f"{key}[].")
            if isinstance(field.get("additionalProperties"), dict) and name != "errors":
                yield f"{key}.*"
                yield from keys(field["additionalProperties"], f"{key}.*.")
                yield from keys(field["additionalProperties"].get("items", {}), f"{key}.*[].")

    found = set(keys(published(), ""))
    assert found == {key for key in documented() if not key.endswith("errors.*")}


@pytest.mark.parametrize(
    "report", [reports.ordinary(), reports.empty(), reports.nothing()], ids=["ordinary", "empty", "nothing"]
)
def test_real_reports_are_valid(report: Report) -> None:
    validator().validate(json.loads(render_json(report)))


@pytest.mark.parametrize("text", reports.HOSTILE, ids=reports.IDS)
def test_hostile_reports_are_valid(text: str) -> None:
    validator().validate(json.loads(render_json(reports.hostile(text))))


def change(document: Any, path: str, value: object) -> Any:
    *way, last = path.split(".")
    changed = here = deepcopy(document)
    for step in way:
        here = here[int(step) if step.isdecimal() else step]
    here[last] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema_version", "0.9"),
        ("surprise", 1),
        ("findings.0.surprise", 1),
        ("findings.0.severity", "grave"),
        ("findings.0.at", "2026-09-01 08:30"),
        ("findings.0.confidence", 1.2),
        ("scorecard.score", "72"),
        ("scorecard.interval", [66]),
        ("scorecard.failing", -1),
        ("scorecard.segments.planet", []),
        ("gate.rules.0.status", "unsure"),
        ("comparison.checks.0.movement", None),
        ("suppressed.0.expires", "soon"),
        ("input.digest", "abc"),
    ],
)
def test_what_is_wrong_is_refused(path: str, value: object) -> None:
    document = json.loads(render_json(reports.ordinary()))
    with pytest.raises(ValidationError):
        validator().validate(change(document, path, value))


def test_a_key_that_is_missing_is_refused() -> None:
    document = json.loads(render_json(reports.ordinary()))
    del document["findings"][0]["agent"]
    with pytest.raises(ValidationError, match="'agent' is a required property"):
        validator().validate(document)


def test_the_command_prints_it() -> None:
    result = CliRunner().invoke(app, ["schema", "result"])
    assert (result.exit_code, json.loads(result.output)) == (0, published())
    for arguments in (["schema"], ["schema", "settings"]):
        assert json.loads(CliRunner().invoke(app, arguments).output)["title"] == "supportaudit.yaml"
    assert CliRunner().invoke(app, ["schema", "else"]).exit_code == 2


@pytest.mark.parametrize(
    "report", [reports.ordinary(), reports.empty(), *map(reports.hostile, reports.HOSTILE)]
)
def test_ndjson_is_the_findings_of_the_report(report: Report) -> None:
    lines = render_ndjson(report).encode().split(b"\n")
    assert lines.pop() == b""
    assert [json.loads(line) for line in lines] == json.loads(render_json(report))["findings"]
