"""Numbers, times and nesting that no honest export holds: rejected, or refused in a sentence; nothing crashes."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportaudit import cli

MANY = "9" * 10_000
"""More digits than Python turns into a number of its own accord."""


def record(**changed: Any) -> dict[str, Any]:
    said = {
        "id": "a",
        "at": "2026-01-01T10:00:00Z",
        "role": "customer",
        "author": "Ann",
        "text": "Where is it?",
    }
    answer = {
        "id": "b",
        "at": "2026-01-01T12:00:00Z",
        "role": "agent",
        "author": "Tom",
        "text": "I don't know",
    }
    return {"id": "1", "channel": "chat", "customer_id": "c", "messages": [said | changed, answer]}


def put(**changed: str) -> str:
    """An export with a value written just so, be it JSON or not."""
    ((key, value),) = changed.items()
    return json.dumps([record(**{key: "@"})]).replace('"@"', value)


TIMES = (
    '"0000-01-01T00:00:00Z"', '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', '"10000-01-01"',
    '"2026-02-30T25:61:61Z"', '"2026-01-01T00:00:00+99:99"', '"-0001-01-01"', '"' + MANY + '"', MANY, "-" + MANY,
    "1e999", "-1e999", "1e308", "1e18", "253402300800", "-62135596801", "-1", "0", "NaN", "Infinity", "true", "[1]",
    '{"$date": {"$numberLong": "' + MANY + '"}}', '"2026-01-01T00:00:00.' + MANY + 'Z"', '"1e999"', '"NaN"', '""',
    '"\\u0662\\u0660\\u0662\\u0666-01-01"', '"\\ud800"', '"12:00"', '"now"', '"00/00/0000"', '"31/31/2026"',
)  # fmt: skip
OTHERS = ("1e999", "-0", MANY, "NaN", "[[[[]]]]", '{"a": {}}', "null", '"\\ud800"', '"\\u0000"', "true")
DEEP = 100_000
DOCUMENTS = {
    **{f"time {n}": put(at=value) for n, value in enumerate(TIMES)},
    **{f"{key} {n}": put(**{key: value}) for key in ("id", "text", "role") for n, value in enumerate(OTHERS)},
    "deep list": "[" * DEEP,
    "deep list, closed": "[" * DEEP + "]" * DEEP,
    "deep object": '{"a":' * DEEP + "1" + "}" * DEEP,
    "deep text": put(text="[" * DEEP + "]" * DEEP),
    "deep beside": '{"x":' + "[" * DEEP + "]" * DEEP + ',"conversations":' + json.dumps([record()]) + "}",
    "many keys": json.dumps([record() | {f"key {n}": n for n in range(20_000)}]),
    "half letters": '[{"id":"1","\\ud800":"x","messages":[{"role":"customer","text":"\\udc00a","author":"\\ud83d"}]}]',
    "one string": '"x"', "one number": "1", "null": "null", "twice": '[{"id":"1","id":"2","id":"3"}]',
}  # fmt: skip
HEAD = "conversation_id,message_id,created_at,role,author_name,text,csat\n"
TABLES = {
    "many digits": HEAD + f"1,a,{MANY},customer,Ann,hi,{MANY}\n",
    "numbers": HEAD + "1,a,1e999,customer,Ann,hi,1e999\n1,b,nan,agent,T,hi,nan\n1,c,-inf,agent,T,hi,-0\n",
    "far away": HEAD + "1,a,0001-01-01,customer,Ann,hi,\n1,b,9999-12-31T23:59:59-14:00,agent,T,hi,\n",
    "large field": HEAD + f'1,a,2026-01-01,customer,Ann,"{"x" * 3_000_000}",\n',
    "open quote": HEAD + '1,a,2026-01-01,customer,Ann,"' + "x,\n" * 100_000,
    "a century": HEAD + "".join(
        f"{y},a{y},{y}-02-03,customer,Ann,hi?,\n{y},b{y},{y}-05-03,agent,T,no,\n" for y in (1996, 2026, 2099)
    ),
    "wide header": ",".join(["conversation_id", "text", *(f"c{n}" for n in range(50_000))]) + "\n1,hi\n",
    "wide row": HEAD + "1,a,2026-01-01,customer,Ann,hi" + ",x" * 300_000 + "\n",
    "only commas": "," * 300_000, "only quotes": '"' * 300_000, "only ends": "\r\n" * 100_000, "only NUL": "\0" * 5_000,
}  # fmt: skip
NOT_TOLD = ("inf", "nan", "1e999", "-1", "-0.0001", MANY, "²", "", " ", "\ud800")
OPTIONS = (
    *(("--since", value) for value in ("0000-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", MANY, "1e9")),
    *(("--as-of", value) for value in ("9999-12-31T23:59-14:00", "+99999d", MANY, "+1e9d", "now")),
    *(("--tz", value) for value in ("../../etc/passwd", "/etc/passwd", "a\0b", "x" * 9_000, ".", "Etc/GMT+99")),
    *(("--max-rejects", value) for value in NOT_TOLD),
    *(("--min-confidence", value) for value in NOT_TOLD),
    *(("--fail-under", value) for value in NOT_TOLD),
    *(("--fail-on", f"slow-reply:{value}") for value in NOT_TOLD),
    *(("--max-failures", value) for value in NOT_TOLD),
    *(("--evidence", f"worst:{value}") for value in NOT_TOLD),
    *(("--map", value) for value in ("text=" + "a[].b." * 2_000, "text=" + "[" * 3_000, "=", "text", "text==")),
)  # fmt: skip


def settings(name: str, form: str, *values: str) -> dict[str, str]:
    """A settings file for each value, put where the form has an @."""
    return {f"{name} {n}": form.replace("@", value) for n, value in enumerate(values)}


SETTINGS = {
    "deep list": "a: " + "[" * 3_000,
    "deep mapping": "\n".join(" " * n + "a:" for n in range(1_200)),
    "deep dashes": "- " * 20_000,
    "tag": "limits: !!python/object/apply:os.system ['id']",
    "name": "!!python/name:os.system {}",
    "list as a key": "? [a, b]\n: 1",
    "two documents": "limits: {}\n---\nlimits: {}",
    "binary": "language: !!binary aGk=",
    "pattern": "sources: [{files: '" + "[" * 20_000 + "'}]",
    "zone": "hours: {timezone: ../../etc/passwd, week: {mon: 9-10}}",
    "merge": "limits: &a {chat: 5 min}\nhours: {<<: *a}",
    **settings("limit", "limits: {chat: @}", MANY, f"{MANY} h", "1e400 h", ".inf", "-1 h", "0x10", "1:30"),
    **settings("score", "gate: {min-score: @}", MANY, ".inf", ".nan", "1e999", "-1"),
    **settings("weight", "checks: {rudeness: {weight: @}}", MANY, ".nan", "1e308", "-0.1"),
    **settings(
        "day",
        "ignore: [{check: rudeness, reason: a, author: b, expires: @}]",
        "0000-01-01",
        "99999-01-01",
        MANY,
    ),
}

Heard = Callable[..., tuple[object, str]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Heard:
    """What a command ends with and says on standard error."""

    def run(*arguments: object) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["supportaudit", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, capsys.readouterr().err

    return run


def check_sentence(said: str) -> None:
    """One sentence and a mend, or the usage; no fault of ours."""
    assert "Traceback" not in said
    assert "failed:" not in said, said
    # A page is written, and then refused as nothing could be judged.
    lines = [line for line in said.rstrip("\n").split("\n") if not line.endswith("with their proof")]
    assert lines[0].startswith("error: ") or lines[0].startswith("Usage: "), said
    assert len(lines) <= 2 or lines[0].startswith("Usage: "), said


@pytest.mark.parametrize("name", [*DOCUMENTS, *TABLES])
def test_an_export_is_audited_or_refused_in_a_sentence(name: str, heard: Heard, tmp_path: Path) -> None:
    text = DOCUMENTS.get(name) or TABLES[name]
    path = tmp_path / ("odd.json" if name in DOCUMENTS else "odd.csv")
    path.write_text(text, "utf-8")
    report = ("report", path, "-o", tmp_path / "page.html", "-j", 1, "--max-rejects", "100%")
    for arguments in (("inspect", path), report):
        code, said = heard(*arguments)
        if code:
            assert code == 2
            check_sentence(said)


@pytest.mark.parametrize(("option", "value"), OPTIONS)
def test_an_option_that_is_no_value_is_refused_in_a_sentence(
    option: str, value: str, heard: Heard, tmp_path: Path
) -> None:
    path = tmp_path / "week.json"
    path.write_text(json.dumps([record()]), "utf-8")
    code, said = heard("scan" if option != "--evidence" else "report", path, "-j", 1, f"{option}={value}")
    assert code == 2
    check_sentence(said)


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_are_none_are_refused_in_a_sentence(name: str, heard: Heard, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(SETTINGS[name], "utf-8")
    code, said = heard("config", "-c", path)
    assert code == 2
    check_sentence(said)
