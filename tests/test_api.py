"""Audits from Python: the same bytes as on the command line, whatever holds the messages."""

import csv
import datetime as dt
import json
import multiprocessing
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pandas
import polars
import pyarrow
import pytest
from pyarrow import parquet

import supportaudit
from supportaudit import CheckError, InputError, Result, SettingsError, UserError, audit, cli
from supportaudit.auditing import scan

ROOT = Path(__file__).parents[1]
COLUMNS = ("conversation_id", "message_id", "created_at", "channel", "role", "author_name", "text")
START = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)
TALK = [
    ("1", 0, "email", "customer", "Ana", "Where is my parcel? Call me: +49 30 901820"),
    ("1", 3000, "email", "agent", "Rob", "I'll look into it."),
    ("2", 10, "chat", "customer", "<b>Ben</b>", "The lamp does not work."),
    ("2", 12, "chat", "agent", "Rob", "That is your own fault, you idiot."),
    ("2", 4000, "chat", "customer", "<b>Ben</b>", "Thank you, it works now."),
]


def messages() -> list[dict[str, Any]]:
    rows = []
    for number, (talk, minutes, channel, role, name, text) in enumerate(TALK):
        at = START + dt.timedelta(minutes=minutes)
        rows.append(dict(zip(COLUMNS, (talk, f"m{number}", at, channel, role, name, text), strict=True)))
    return rows


@pytest.fixture
def week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with Path("week.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(messages())
    return Path("week.csv")


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., bytes]:
    def run(*arguments: str) -> bytes:
        monkeypatch.setattr(sys, "argv", ["supportaudit", *arguments])
        with pytest.raises(SystemExit):
            cli.main()
        return capfdbinary.readouterr().out

    return run


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, []),
        ({"select": "rudeness", "tz": "Europe/Athens"}, ["--select", "rudeness", "--tz", "Europe/Athens"]),
        (
            {"ignore": ["rudeness", "slow-reply"], "as_of": dt.timedelta(days=7), "redact": False},
            ["--ignore", "rudeness,slow-reply", "--as-of", "+7d", "--no-redact"],
        ),
        (
            {"since": dt.date(2026, 5, 4), "until": "2026-05-09T12:00", "min_confidence": 0.6, "lang": "en"},
            ["--since", "2026-05-04", "--until", "2026-05-09T12:00", "--min-confidence", "0.6", "--lang", "en"],
        ),
        (
            {"mapping": {"text": "text", "author_name": "author_name"}, "settings": {}, "fail_under": 99},
            ["--map", "text=text", "--map", "author_name=author_name", "--no-config", "--fail-under", "99"],
        ),
    ],
)  # fmt: skip
def test_the_same_bytes_as_on_the_command_line(
    options: dict[str, Any], arguments: list[str], week: Path, command: Callable[..., bytes]
) -> None:
    assert audit("week.csv", **options).to_json().encode() == command(
        "scan", "week.csv", "--format", "json", *arguments
    )


def test_the_same_bytes_in_every_format(week: Path, command: Callable[..., bytes]) -> None:
    result = audit(week)
    for form in ("text", "ndjson", "csv", "markdown", "junit", "sarif", "parquet", "xlsx"):
        content = result.render(form)
        data = content if isinstance(content, bytes) else content.encode()
        assert data == command("scan", "week.csv", "--format", form).replace(b"\r\r\n", b"\r\n"), form
    assert result.to_html("page.html").encode() == command("scan", "week.csv", "--format", "html")
    assert Path("page.html").read_text("utf-8") == result.to_html()
    assert result.to_html(lang="el") != result.to_html()
    result.to_json("audit.json")
    assert Path("audit.json").read_text("utf-8") == result.to_json()


def test_a_settings_file_that_lies_here_counts_as_on_the_command_line(
    week: Path, command: Callable[..., bytes]
) -> None:
    Path("supportaudit.yaml").write_text("limits: {email: 100 h}\ncompany: {agents: [Rob]}\n")
    from_file = audit(week)
    assert from_file.to_json().encode() == command("scan", "week.csv", "--format", "json")
    assert from_file.to_json() == audit(week, settings="supportaudit.yaml").to_json()
    given = audit(week, settings={"limits": {"email": "100 h"}, "company": {"agents": ["Rob"]}})
    assert given.scorecard == from_file.scorecard
    assert given.report.run.settings["settings_file"] != from_file.report.run.settings["settings_file"]
    without = audit(week, settings={})
    assert without.scorecard != from_file.scorecard
    assert "settings_file" not in without.report.run.settings


def but_for_places(value: Any) -> Any:
    """JSON without what tells where something stands."""
    if isinstance(value, dict):
        return {
            key: but_for_places(one) for key, one in value.items() if key not in ("line", "file", "input")
        }
    return [but_for_places(one) for one in value] if isinstance(value, list) else value


def test_tables_and_rows_give_what_the_file_gives(week: Path) -> None:
    expected = but_for_places(json.loads(audit(week).to_json()))
    parquet.write_table(pyarrow.Table.from_pylist(messages()), "week.parquet")
    tables = [
        messages(), iter(messages()), pandas.DataFrame(messages()), polars.DataFrame(messages()),
        polars.LazyFrame(messages()), pyarrow.Table.from_pylist(messages()),
        pyarrow.Table.from_pylist(messages()).to_reader(2), "week.parquet", ["week.parquet"],
    ]  # fmt: skip
    for table in tables:
        assert but_for_places(json.loads(audit(table).to_json())) == expected, type(table)


def test_findings_as_dicts_and_frames(week: Path) -> None:
    result = audit(week)
    assert result.to_dicts() == json.loads(result.to_json())["findings"]
    arrow, frame, lazy = result.to_arrow(), result.to_pandas(), result.to_polars()
    checks = [finding.check for finding in result.findings]
    assert checks and arrow["check"].to_pylist() == list(frame["check"]) == lazy["check"].to_list() == checks
    assert arrow.schema.field("at").type == pyarrow.timestamp("ms", "UTC")
    assert list(arrow["messages"][0].as_py()) == list(result.findings[0].messages)


def test_a_result_says_whether_it_passed(week: Path) -> None:
    assert audit(week).passed
    failed = audit(week, fail_on="rudeness,impersonal", max_failures=0)
    assert not failed.passed and len(failed.gate.failed) == 2
    worse = audit(week, baseline=_saved(audit(week, ignore=[])), fail_on=["any"])
    assert worse.report.comparison is not None


def _saved(result: Result) -> str:
    result.to_json("before.json")
    return "before.json"


def test_a_result_is_a_value(week: Path) -> None:
    result = audit(week)
    assert pickle.loads(pickle.dumps(result)) == result == Result(result.report)
    assert repr(result).startswith("<supportaudit.Result ")
    assert f"{result.scorecard.failing} of 2 conversations failed" in repr(result)


def test_personal_data_is_hidden_unless_asked_for(week: Path) -> None:
    assert "901820" not in audit(week).to_html()
    assert "901820" in audit(week, redact=False).to_html()


def test_a_notebook_shows_a_small_card(week: Path) -> None:
    Path("week.csv").rename("<img src=x onerror=alert(1)> $x$.csv")
    card = audit("<img src=x onerror=alert(1)> $x$.csv", fail_on="rudeness")._repr_html_()
    assert len(card) < 10_000
    page = html5lib.parse(card, namespaceHTMLElements=False)
    assert {tag.tag for tag in page.iter()} <= {
        "html", "head", "body", "div", "b", "span", "table", "tbody", "tr", "td",
    }  # fmt: skip
    assert all(set(tag.attrib) <= {"style", "class"} for tag in page.iter())
    words = " ".join("".join(page.itertext()).split())
    assert "<img src=x onerror=alert(1)> $x$.csv" in words and "rudeness" in words and "gate failed" in words
    assert "idiot" not in words  # what is saved in a notebook gets about
    assert "background:#" in card and "color:#000" not in card and "background:white" not in card


def test_an_audit_that_can_judge_nothing_is_shown_and_not_passed() -> None:
    result = audit([{"conversation_id": 1, "role": "agent", "text": "Hello"}])
    assert not result.passed
    assert "no score" in repr(result) or result.scorecard.score is not None
    assert "div" in result._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"data": "none.csv"}, InputError, "none.csv cannot be read: No such file or directory."),
        ({"data": 5}, InputError, "This is no table of messages but an int."),
        ({"data": [{"a": 1, "b": 2}]}, InputError, "rows: no column tells the conversation's id"),
        ({"data": "week.csv", "select": "rude"}, SettingsError, "rude"),
        ({"data": "week.csv", "as_of": "soon"}, SettingsError, "'soon' is no time"),
        ({"data": "week.csv", "settings": {"limit": 5}}, SettingsError, "settings: "),
        ({"data": "week.csv", "settings": 5}, SettingsError, "settings: int is neither a path nor a mapping"),
        ({"data": "week.csv", "settings": "none.yaml"}, SettingsError, "none.yaml: cannot be read"),
        ({"data": "week.csv", "min_confidence": 2}, SettingsError, "min_confidence: 2 is no number from 0 to 1"),
        ({"data": "week.csv", "jobs": -1}, SettingsError, "jobs: -1 is no number"),
        ({"data": "week.csv", "mapping": {"text": "Body"}}, SettingsError, "the export has no column"),
        ({"data": "week.csv", "rejects": "week.csv"}, SettingsError, "is an export to read and the file to write"),
        ({"data": "week.csv", "checks_from": "nowhere"}, (CheckError, SettingsError), "nowhere"),
    ],
    ids=lambda value: None if isinstance(value, dict | tuple) else str(value)[:40],
)  # fmt: skip
def test_what_goes_wrong_is_said_in_a_sentence(
    arguments: dict[str, Any], error: type[UserError], said: str, week: Path
) -> None:
    with pytest.raises(error) as raised:
        audit(**arguments)
    assert said in raised.value.message and isinstance(raised.value, UserError)
    assert getattr(raised.value, "__notes__", []) == ([raised.value.hint] if raised.value.hint else [])


def test_an_unknown_format_or_language_is_refused(week: Path) -> None:
    result = audit(week)
    with pytest.raises(SettingsError, match="'jsn' is no format"):
        result.render("jsn")
    with pytest.raises(SettingsError, match="does not speak 'xx'"):
        result.to_html(lang="xx")


def test_rejected_rows_progress_and_cache(week: Path) -> None:
    told: list[str] = []
    rows = [*messages(), {"text": "nobody's"}]
    result = audit(rows, rejects="rejects.csv", max_rejects="50 %", cache="kept", jobs=1,
                   progress=lambda stage, done, total: told.append(stage))  # fmt: skip
    assert result.report.input.rows_rejected == 1 and "nobody's" in Path("rejects.csv").read_text("utf-8")
    assert "auditing" in told and Path("kept").is_dir()
    with pytest.raises(InputError, match="--strict allows none"):
        audit(rows, strict=True)


def test_importing_the_package_stays_light() -> None:
    code = (
        "import sys, supportaudit; before = set(sys.modules); "
        "assert not {'typer', 'msgspec', 'jinja2', 'pyarrow'} & before, before; "
        "from supportaudit import audit; "
        "assert not {'pandas', 'polars', 'pyarrow', 'numpy', 'typer', 'jinja2', 'rich'} & set(sys.modules); "
        "assert 'audit' in dir(supportaudit); print(supportaudit.audit is audit)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n", "")
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = supportaudit.nothing


SCRIPT = """
print("begun")
from pathlib import Path
from supportaudit import audit
from supportaudit.auditing import scan
scan.SMALL = 1
before = (globals().get("__file__"), __spec__)
print(audit("week.csv", jobs=2).scorecard.conversations, before == (globals().get("__file__"), __spec__))
"""


def test_a_script_needs_no_guard_for_processes(week: Path) -> None:
    """A module has a name and a file, and by either a process could find it."""
    Path("job.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-m", "job"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("begun\n2 True\n", "")


def test_a_daemon_which_may_start_no_process_audits_by_itself(
    week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "SMALL", 1)
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)  # type: ignore[attr-defined]
    assert multiprocessing.current_process().daemon
    assert audit(week, jobs=2).scorecard.conversations == 2


def blocks() -> list[str]:
    text = (ROOT / "docs" / "python.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)


def test_what_the_docs_show_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    polars.read_csv(ROOT / "examples" / "shop-week.csv", infer_schema_length=0).head(300).write_csv(
        "week.csv"
    )
    known: dict[str, Any] = {"__name__": "notebook"}
    assert len(blocks()) >= 5
    for block in blocks():
        exec(compile(block, "docs/python.md", "exec"), known)


def test_a_check_of_a_folder_runs_too(week: Path, tmp_path: Path) -> None:
    own = tmp_path / "checks" / "curt"
    own.mkdir(parents=True)
    for name in ("check.yaml", "check.py", "cases.yaml"):
        text = (ROOT / "checks" / "rudeness" / name).read_text(encoding="utf-8")
        (own / name).write_text(text.replace("id: rudeness", "id: curt"), encoding="utf-8")
    assert "curt" in {check.check for check in audit(week, checks_from=own).scorecard.checks}
    assert "curt" not in {check.check for check in audit(week).scorecard.checks}


def test_one_engine_at_a_time(week: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cache"):
        audit(week, cache=tmp_path / "cache", engine=scan.audit_here)
    assert audit(week, engine=scan.audit_here).to_json() == audit(week).to_json()
