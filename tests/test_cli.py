"""The command line as its users meet it: what it prints, where, and with which exit code."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from supportaudit import __version__, cli
from supportaudit.auditing import scan
from supportaudit.auditing.registry import ORDER, load_checks
from supportaudit.checkkit import Hit, Params, Talk

WEEK = Path(__file__).parents[1] / "examples" / "shop-week.csv"
COMMANDS = ("scan", "checks", "explain", "inspect", "init", "sources", "schema")
ESCAPE = "\x1b"
PLAIN = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS")}


class Done:
    """How a command ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


def run(*arguments: str | Path, **env: str) -> Done:
    """In a process of its own, with its output going to a pipe."""
    command = [sys.executable, "-m", "supportaudit", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, timeout=60, check=False, env=PLAIN | {"PYTHONUTF8": "1"} | env
    )
    return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Here":
    return Here(monkeypatch, capsys)


class Here:
    """Runs `main()` in this process: quicker, and open to monkeypatching."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Done:
        self._monkeypatch.setattr(sys, "argv", ["supportaudit", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = self._capsys.readouterr()
        return Done(end.value.code if isinstance(end.value.code, int) else 0, out, err)


def refused(done: Done) -> str:
    """The one sentence of an audit that could not be done."""
    assert done.code == 2
    assert done.out == ""
    assert "Traceback" not in done.err
    lines = done.err.rstrip("\n").split("\n")
    assert lines[0].startswith("error: ")
    assert len(lines) == 1 or (len(lines) == 2 and lines[1].startswith("  hint: "))
    return done.err


# --- help and version


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_told(here: Here, flag: str) -> None:
    done = here(flag)
    assert (done.code, done.out.strip()) == (0, f"supportaudit {__version__}")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_the_help_of_every_command_names_an_example(here: Here, command: str, flag: str) -> None:
    done = here(command, flag)
    assert done.code == 0
    assert "Example" in done.out
    assert f"supportaudit {command}" in done.out.split("Example", 1)[1]


def test_the_help_names_every_command_and_the_exit_codes(here: Here) -> None:
    done = here("--help")
    assert done.code == 0
    assert all(command in done.out for command in COMMANDS)
    assert "Exit codes" in done.out


def test_a_bare_call_shows_the_help() -> None:
    done = run()
    assert "Usage" in done.out + done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [["scna", "a.csv"], ["scan"], ["scan", "a.csv", "--no-such"], ["explain"], ["scan", "a", "-j", "x"]],
)
def test_a_wrong_call_is_refused_with_exit_code_2(here: Here, arguments: list[str]) -> None:
    done = here(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err


# --- what cannot be done


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", str(WEEK), "--select", "rudenes"],
        ["scan", str(WEEK), "--ignore", "rudenes"],
        ["explain", "rudenes"],
    ],
)
def test_an_unknown_check_is_refused_with_a_suggestion(here: Here, arguments: list[str]) -> None:
    error = refused(here(*arguments))
    assert "rudenes" in error
    assert "did you mean 'rudeness'?" in error


@pytest.mark.parametrize("command", ["scan", "inspect"])
def test_a_file_that_is_not_there_is_named(here: Here, command: str, tmp_path: Path) -> None:
    assert "nowhere.csv" in refused(here(command, tmp_path / "nowhere.csv"))


@pytest.mark.parametrize("command", ["scan", "inspect"])
@pytest.mark.parametrize(
    "body", [b"", b"\n", b"\xff\xfe", b"\x00\x01\x02\x03" * 50, b"{", b"[]", b"a,b\n1,2\n"]
)
def test_a_file_that_is_no_export_is_named(here: Here, command: str, body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(body)
    assert "broken.csv" in refused(here(command, path))


@pytest.mark.parametrize("command", ["scan", "inspect"])
def test_a_folder_is_no_export(here: Here, command: str, tmp_path: Path) -> None:
    refused(here(command, tmp_path))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--as-of", "soon"),
        ("--as-of", "+7x"),
        ("--as-of", ""),
        ("--since", "2026-13-01"),
        ("--until", "tomorrow"),
        ("--map", "text"),
        ("--map", "=Body"),
        ("--map", "text="),
        ("--map", "text=NoSuchColumn"),
        ("--map", "txet=text"),
        ("--tz", "Europe/Athen"),
        ("--tz", "../../etc/passwd"),
        ("--tz", "\x00"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(here: Here, option: str, value: str) -> None:
    error = refused(here("scan", WEEK, option, value))
    assert option in error or value.split("=")[-1] in error


@pytest.mark.parametrize("option", ["--since", "--until", "--as-of"])
def test_a_zone_that_is_not_there_is_refused_beside_a_time_too(here: Here, option: str) -> None:
    error = refused(here("scan", WEEK, option, "2026-11-10", "--tz", "Europe/Athen"))
    assert "Europe/Athens" in error


@pytest.mark.parametrize("value", ["-0.1", "1.1", "much"])
def test_a_confidence_lies_between_0_and_1(here: Here, value: str) -> None:
    done = here("scan", WEEK, "--min-confidence", value)
    assert (done.code, done.out) == (2, "")


def test_a_user_error_reaches_the_shell_in_one_line() -> None:
    assert "nowhere.csv" in refused(run("scan", "nowhere.csv"))


def test_escape_sequences_of_a_file_name_never_reach_the_terminal(here: Here) -> None:
    assert ESCAPE not in refused(here("scan", f"{ESCAPE}[31mred.csv"))


def test_a_crashing_check_is_no_success(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(talk: Talk, params: Params) -> Iterator[Hit]:
        raise RuntimeError(talk.turns[0].text)

    first, *rest = load_checks()
    broken = (replace(first, run=crash), *rest)
    monkeypatch.setattr(scan, "chosen_checks", lambda select, ignore: broken)
    done = here("scan", WEEK, "--jobs", "1")
    assert done.code == 2
    assert "crashed" in done.err
    assert "Traceback" not in done.err + done.out
    assert "RuntimeError" in done.out
    assert first.id in done.out


def test_an_interrupt_ends_with_its_own_code(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(scan, "scan", interrupted)
    done = here("scan", WEEK)
    assert (done.code, done.out) == (130, "")
    assert "Traceback" not in done.err


# --- scan


def test_a_scan_of_the_example_passes(here: Here) -> None:
    for path in (WEEK, WEEK.with_suffix(".json")):
        done = here("scan", path)
        assert (done.code, done.err) == (0, "")
        assert "shop-week" in done.out


def test_a_scan_to_a_pipe_has_no_escape_sequences() -> None:
    done = run("scan", WEEK)
    assert done.code == 0
    assert ESCAPE not in done.out
    assert done.err == ""
    assert all(len(line) <= 80 for line in done.out.splitlines())


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "xterm-256color"}, False),
    ],
)
def test_colour_goes_by_what_the_user_wants(env: dict[str, str], coloured: bool) -> None:
    assert (ESCAPE in run("scan", WEEK, **env).out) is coloured


def test_a_console_that_knows_only_ascii_is_served(tmp_path: Path) -> None:
    done = run("scan", WEEK, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert done.out.isascii()


def test_json_to_a_pipe_is_one_whole_document() -> None:
    done = run("scan", WEEK, "--format", "json", FORCE_COLOR="1")
    assert done.code == 0
    assert json.loads(done.out)["schema_version"]


def test_selected_checks_may_be_given_by_commas_or_again_and_again(here: Here) -> None:
    one = here("scan", WEEK, "-f", "json", "--select", "slow-reply, rudeness").out
    two = here("scan", WEEK, "-f", "json", "--select", "slow-reply", "--select", "rudeness").out
    assert one == two
    assert json.loads(one)["run"]["settings"]["checks"] == "slow-reply,rudeness"


@pytest.mark.parametrize("dimension", ["agent", "team", "channel", "brand", "week", "language"])
def test_a_scan_can_be_compared_by_every_dimension(here: Here, dimension: str) -> None:
    assert here("scan", WEEK, "--by", dimension).code == 0


def test_columns_can_be_named(here: Here, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Alpha", "Beta", "Gamma", "Delta"])
        writer.writerow(["t1", "customer", "2026-03-02T10:00:00Z", "Where is my parcel?"])
        writer.writerow(["t1", "agent", "2026-03-02T10:01:00Z", "It comes today."])
    refused(here("scan", path))
    names = "conversation_id=Alpha,role=Beta,at=Gamma,text=Delta"
    assert here("scan", path, "--map", names).code == 0
    assert "Alpha" in here("inspect", path, "--map", names).out


def test_a_closed_pipe_ends_quietly() -> None:
    """Like `supportaudit scan week.csv --format json | head -1`."""
    command = [sys.executable, "-m", "supportaudit", "scan", str(WEEK), "--format", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=PLAIN)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    code = process.wait(timeout=60)
    assert error == b""
    assert code == 0, "1 would mean that a gate failed"


# --- -o


def test_a_result_goes_to_a_file_and_nothing_to_the_screen(here: Here, tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    path.write_text("old", encoding="utf-8")
    shown = here("scan", WEEK, "-f", "json").out
    done = here("scan", WEEK, "-f", "json", "-o", path)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert path.read_text(encoding="utf-8") == shown
    assert [p.name for p in tmp_path.iterdir()] == ["audit.json"]


def test_a_text_result_in_a_file_has_no_escape_sequences(tmp_path: Path) -> None:
    path = tmp_path / "audit.txt"
    assert run("scan", WEEK, "-o", path, FORCE_COLOR="1").code == 0
    assert ESCAPE not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["missing/audit.json", "file.txt/audit.json", "."])
def test_a_result_that_cannot_be_written_is_refused_and_leaves_nothing(
    here: Here, place: str, tmp_path: Path
) -> None:
    (tmp_path / "file.txt").touch()
    before = sorted(p.name for p in tmp_path.iterdir())
    refused(here("scan", WEEK, "-o", tmp_path / place))
    assert sorted(p.name for p in tmp_path.iterdir()) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_left_alone(here: Here, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        refused(here("scan", WEEK, "-o", tmp_path / "audit.json"))
        assert list(tmp_path.iterdir()) == []
    finally:
        tmp_path.chmod(0o700)


def test_an_old_result_stays_whole_when_the_new_one_cannot_be_written(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "audit.json"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "replace", full)
    assert "No space left" in refused(here("scan", WEEK, "-o", path))
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["audit.json"]


def test_an_export_is_never_written_over(here: Here, tmp_path: Path) -> None:
    """A slip of the finger (`-o week.csv`) must not cost the export."""
    path = tmp_path / "week.csv"
    path.write_bytes(WEEK.read_bytes())
    refused(here("scan", path, "-o", path))
    assert path.read_bytes() == WEEK.read_bytes()
    assert "exports are read" in refused(here("scan", tmp_path, "-f", "csv", "-o", path))
    assert path.read_bytes() == WEEK.read_bytes()
    page = tmp_path / "week.html"
    assert [here("report", tmp_path, "-o", page).code for _ in range(2)] == [0, 0], "no export by its name"


# --- checks, explain, inspect


def test_exactly_eleven_checks_are_listed_in_order(here: Here) -> None:
    done = here("checks")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines() if line.startswith("  ")] == list(ORDER)
    assert len(ORDER) == 11


@pytest.mark.parametrize("name", ORDER)
def test_every_check_explains_itself(here: Here, name: str) -> None:
    done = here("explain", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{name}: ")
    positions = [
        done.out.index(f"\n{title}\n")
        for title in ("Why it costs customers", "What to do", "Fails", "Passes")
    ]
    assert positions == sorted(positions)
    assert "-> fails" in done.out[positions[2] : positions[3]]
    assert "-> fails" not in done.out[positions[3] :]


@pytest.mark.parametrize("name", ORDER)
def test_an_explanation_fits_eighty_columns(here: Here, name: str) -> None:
    assert [line for line in here("explain", name).out.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("arguments", [["checks"], ["inspect", str(WEEK)]])
def test_pages_fit_eighty_columns(here: Here, arguments: list[str]) -> None:
    assert [line for line in here(*arguments).out.splitlines() if len(line) > 80] == []


def test_inspect_shows_how_a_file_is_understood(here: Here) -> None:
    done = here("inspect", WEEK)
    assert (done.code, done.err) == (0, "")
    for words in (
        "generic CSV",
        "utf-8",
        "conversation_id",
        "created_at",
        "1,600 read",
        "First conversation: 50001",
    ):
        assert words in done.out


def test_inspect_shows_rows_that_were_rejected(here: Here, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "conversation_id,created_at,role,text\n"
        "t1,2026-03-02T10:00:00Z,customer,Where is it?\n"
        "t1,2026-03-02T25:00:00Z,agent,It comes.\n"
        f"t1,2026-03-02T10:05:00Z,agent,{ESCAPE}[31mred\n",
        encoding="utf-8",
    )
    done = here("inspect", path)
    assert done.code == 0
    assert "line 3: " in done.out
    assert "1 rejected" in done.out
    assert ESCAPE not in done.out


# --- sources and the settings file


def test_init_writes_settings_that_the_next_scan_takes(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = here("init", WEEK)
    assert made.code == 0, made.err
    assert 'conversation_id: "conversation_id"' in (tmp_path / "supportaudit.yaml").read_text("utf-8")
    plain = json.loads(here("scan", WEEK, "--no-config", "--format", "json").out)
    configured = json.loads(here("scan", WEEK, "--format", "json").out)
    assert plain["scorecard"] == configured["scorecard"]
    assert "settings_file" in configured["run"]["settings"]
    again = here("init", WEEK)
    assert again.code == 2
    assert "is there already" in again.err
    assert here("init", WEEK, "--force").code == 0


def test_a_wrong_key_of_the_settings_file_is_named_with_its_line(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "supportaudit.yaml").write_text("limits:\n  chatt: 5 min\n", "utf-8")
    done = here("scan", WEEK)
    assert done.code == 2
    assert "line 2" in done.err
    assert "did you mean 'chat'?" in done.err
    assert done.out == ""
    assert here("scan", WEEK, "--no-config").code == 0


def test_hours_of_the_settings_change_the_verdict(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "week.csv").write_text(
        "conversation_id,message_id,created_at,channel,role,author,text\n"
        "t1,m1,2026-03-06T17:30:00Z,email,customer,Ana,Where is my order 4471?\n"
        "t1,m2,2026-03-09T09:30:00Z,email,agent,Rob,It left this morning.\n",
        "utf-8",
    )
    (tmp_path / "open.yaml").write_text("hours: {timezone: UTC, week: {mon-fri: '09:00-18:00'}}\n", "utf-8")
    always = json.loads(here("scan", "week.csv", "--format", "json").out)
    configured = json.loads(here("scan", "week.csv", "--format", "json", "--config", "open.yaml").out)
    assert [finding["check"] for finding in always["findings"]] == ["slow-reply"]
    assert configured["findings"] == []


def test_sources_and_schema_are_printed(here: Here) -> None:
    assert "intercom" in here("sources").out
    assert json.loads(here("schema").out)["properties"]["limits"]


def test_a_source_that_is_not_one_is_refused(here: Here) -> None:
    unknown = here("scan", WEEK, "--source", "zendeks")
    assert unknown.code == 2
    assert "did you mean 'zendesk'?" in unknown.err
    wrong = here("scan", WEEK, "--source", "intercom")
    assert wrong.code == 2
    assert "no record looks like an export of Intercom" in wrong.err
