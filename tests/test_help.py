"""Help in a terminal: sections, examples, colour where it is wanted, and quick to come."""

import os
import re
import subprocess
import sys

import pytest
from typer.main import get_command

from supportaudit.cli import app
from supportaudit.colors import wants_color

HEAVY = ("rich", "msgspec", "yaml", "re2", "rapidfuzz", "pydantic", "multiprocessing", "asyncio")


def shown(*arguments: str, **env: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    done = subprocess.run(
        [sys.executable, "-m", "supportaudit", *arguments],
        env={**kept, "COLUMNS": "80", "TERM": "xterm", **env},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    return done.stdout


def test_options_stand_in_their_sections() -> None:
    text = shown("scan", "--help")
    sections = re.split(r"\n(?=\w[\w ]*:\n)", text)
    headings = [section.partition(":\n")[0] for section in sections[1:]]
    assert (headings[0], headings[-2:]) == ("Arguments", ["Options", "Examples"])
    assert {"Judging", "Reading", "Result", "Gate"} <= set(headings)
    holds = dict(zip(headings, sections[1:], strict=True))
    assert "--fail-under SCORE" in holds["Gate"]
    assert "--as-of" in holds["Judging"]
    assert "--as-of" not in holds["Gate"]


def test_lines_fit_80_columns_and_examples_are_never_broken() -> None:
    text, _, examples = shown("scan", "--help").partition("Examples:\n")
    assert max(map(len, text.splitlines())) <= 80
    assert all(line.startswith("  supportaudit scan ") for line in examples.splitlines())


def test_every_command_stands_in_a_section_of_the_help() -> None:
    """A new command names one with `rich_help_panel`."""
    text = shown("--help")
    assert "\nCommands:" not in text
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"\n  {command.name or command.callback.__name__} " in text


def test_help_says_limits_and_defaults_as_people_do() -> None:
    text = " ".join(shown("scan", "--help").split())
    assert "default: 0.5; 0 to 1]" in text
    assert "[default: told by content]" in text
    assert not re.search(r"<=|\[default: \(|<\w", text)


def test_a_pipe_gets_no_colour_unless_it_is_forced() -> None:
    assert "\x1b" not in shown("explain", "--help")
    forced = shown("explain", "--help", FORCE_COLOR="1")
    assert "\x1b[1mOptions\x1b[0m:" in forced
    assert "\x1b" not in shown("explain", "--help", FORCE_COLOR="1", NO_COLOR="1")


@pytest.mark.parametrize(
    ("env", "terminal", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_who_wants_colour(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], terminal: bool, wanted: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert wants_color(terminal=terminal) is wanted


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--help",), ("scan", "--help"), ("scan", "--no-such")]
)
def test_nothing_heavy_is_imported_to_say_a_few_lines(arguments: tuple[str, ...]) -> None:
    """Time differs from machine to machine; what is imported does not."""
    code = (
        "import sys\n"
        "from supportaudit.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)), file=sys.__stdout__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_of_the_program_shows_what_all_commands_built_would_show(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["supportaudit", "--help"])
    with pytest.raises(SystemExit):
        app(prog_name="supportaudit")
    quick = capsys.readouterr().out
    with pytest.raises(SystemExit):
        get_command(app).main(["--help"], prog_name="supportaudit")
    assert capsys.readouterr().out == quick
    assert "calibrate" in quick


def test_a_command_that_is_not_there_is_told_from_all() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "supportaudit", "scna"], capture_output=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == 2
    assert "Did you mean 'scan'" in done.stderr
