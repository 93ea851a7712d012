"""Every command that README.md, docs/ and --help show is run, and every option that they name is there.

A block that cannot run here is marked in the text before it: `<!-- not run: reason -->`, or `<!-- ci: name -->` if
`.ci/run` runs it.
"""

import csv
import gzip
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import NamedTuple, get_args, get_type_hints

import pytest
from typer.models import OptionInfo

from supportaudit.cli import app, main

ROOT = Path(__file__).parents[1]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>ci|not run): (?P<why>.+?) -->\n+)?^```console\n(?P<text>.*?)^```", re.M | re.S
)
COMMANDS = {c.name or c.callback.__name__: c for c in app.registered_commands if c.callback is not None}
PROGRAM = f'#!{sys.executable}\nfrom supportaudit.cli import main\n\nif __name__ == "__main__":\n    main()\n'


class Shown(NamedTuple):
    """A command as a reader would type it, and where it stands."""

    place: str
    command: str


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_of(block: str) -> list[str]:
    """The commands of a block: comments and prompts away, continued lines as one."""
    joined = block.replace("\\\n", " ")
    lines = (re.sub(r"(^|\s+)#.*$", "", line).removeprefix("$ ").strip() for line in joined.splitlines())
    return [line for line in lines if line]


def blocks_to_run(path: Path) -> Iterator[str]:
    for block in BLOCK.finditer(path.read_text(encoding="utf-8")):
        if not block["mark"]:
            yield block["text"]


def from_docs() -> dict[str, list[str]]:
    """The commands of each document, in order: later ones may need what earlier ones wrote."""
    found = {
        name_of(path): [line for text in blocks_to_run(path) for line in lines_of(text)] for path in DOCS
    }
    return {name: lines for name, lines in found.items() if lines}


def from_help() -> dict[str, list[str]]:
    epilogs = {"supportaudit": app.info.epilog} | {name: command.epilog for name, command in COMMANDS.items()}
    found = {
        f"{name} --help": [line for line in epilog.split("\n\n") if line.startswith("supportaudit ")]
        for name, epilog in epilogs.items()
        if isinstance(epilog, str)
    }
    return {name: lines for name, lines in found.items() if lines}


# --- a desk that has every file which the commands name


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    make = [sys.executable, str(ROOT / "examples/ci/make_weeks.py"), str(folder)]
    subprocess.run(make, check=True, timeout=60)
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    small(folder / "week-45.csv", folder / "week.csv")
    shutil.copy(ROOT / "examples/shop-week.json", folder / "week.json")
    shutil.copy(ROOT / "examples/shop-week.json", folder / "old-threads.json")
    shutil.copy(ROOT / "examples/ci/supportaudit.yaml", folder / "team.yaml")
    for name in ("week", "week-46", "week-47", "zendesk"):
        source = "week.csv" if name in ("week", "zendesk") else f"{name}.csv"
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.write(folder / source, "tickets.csv")
    (folder / "chats").mkdir()
    shutil.copy(folder / "week-48.csv", folder / "chats")
    (folder / "mail-1.csv.gz").write_bytes(gzip.compress((folder / "week-49.csv").read_bytes(), mtime=0))
    with (folder / "week.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[0] = [{"conversation_id": "Ticket", "text": "Body"}.get(name, name) for name in rows[0]]
    with (folder / "tickets.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    for week in (45, 46, 47):
        run_here(f"supportaudit scan week-{week}.csv -o json=week-{week}.json --history audits.db", folder)
    shutil.copy(folder / "week-45.json", folder / "last.json")
    shutil.copy(folder / "week-45.json", folder / "last-week.json")
    run_here("supportaudit sample week.zip -n 30", folder)
    fill_in(folder / "to-label.csv")
    for name in ("ann", "bob"):
        shutil.copy(folder / "to-label.csv", folder / f"{name}.csv")
    program = folder / "bin/supportaudit"
    program.parent.mkdir()
    program.write_text(PROGRAM, encoding="utf-8")
    program.chmod(0o755)
    return folder


def small(source: Path, target: Path) -> None:
    """The conversations of a week's first days."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    kept = {row[0] for row in rows[1:400]}
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(row for row in rows if row is rows[0] or row[0] in kept)


def fill_in(sheet: Path) -> None:
    """What a reviewer does: an answer in every column of a check."""
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    answers = [name for name in rows[0] if name in {path.name for path in (ROOT / "checks").iterdir()}]
    assert answers
    for number, row in enumerate(rows):
        row |= dict.fromkeys(answers, "yes" if number % 10 == 0 else "no")
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def run_here(command: str, folder: Path) -> int:
    """Run a command in `folder`: in this process if a shell would only split it into words, else by bash."""
    words = list(shlex.shlex(command, posix=True, punctuation_chars="|&;<>()$`"))
    plain = not any(set(word) & set("|&;<>()$`") for word in words) and command.startswith("supportaudit")
    before = Path.cwd(), sys.argv
    os.chdir(folder)
    try:
        if not plain:
            path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
            return subprocess.run(
                ["bash", "-euo", "pipefail", "-c", command], env={**os.environ, "PATH": path}, timeout=60, check=False
            ).returncode  # fmt: skip
        typed = [word for part in shlex.split(command) for word in expand(part, folder)]
        sys.argv = typed
        try:
            main()
        except SystemExit as left:
            return int(left.code or 0)
    finally:
        os.chdir(before[0])
        sys.argv = before[1]


def expand(word: str, folder: Path) -> list[str]:
    """File names for a pattern, as a shell does."""
    if not re.search(r"[*?]", word):
        return [word]
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob(word)) or [word]


WRITES = {"init": "supportaudit.yaml", "sample": "to-label.csv"}
"""Commands that refuse to replace what somebody may have worked on, and what they write if no file is named."""


def written_by(command: str) -> str | None:
    """The file of such a command."""
    words = shlex.split(command)
    if len(words) < 2 or words[1] not in WRITES:
        return None
    return words[words.index("-o") + 1] if "-o" in words else WRITES[words[1]]


@pytest.mark.parametrize(("place", "commands"), [*from_docs().items(), *from_help().items()])
def test_what_is_shown_runs(
    place: str, commands: list[str], desk: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """With 0, or with 1 where a gate is shown."""
    for name in [name for name in os.environ if name.startswith("SUPPORTAUDIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    folder = tmp_path / "desk"
    shutil.copytree(desk, folder)
    for command in commands:
        if "--pdf" in command and not has_browser():
            continue
        target = written_by(command)
        if target is not None:
            (folder / target).unlink(missing_ok=True)
        code = run_here(command, folder)
        if command.startswith("supportaudit sample"):
            fill_in(folder / (target or ""))
        assert code in (0, 1), f"{place}: {command}\n{capfd.readouterr().err}"


def has_browser() -> bool:
    from supportaudit.errors import UserError
    from supportaudit.render.pdf import browser

    try:
        return bool(browser())
    except UserError:
        return False


def test_there_is_something_to_run() -> None:
    """The documents are found, and their blocks are."""
    assert "docs/accuracy.md" in from_docs()
    assert len(from_help()) >= 10


@pytest.mark.parametrize("path", DOCS, ids=name_of)
def test_every_block_is_run_or_says_why_not(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("```console") == len(list(BLOCK.finditer(text)))
    for block in BLOCK.finditer(text):
        if block["mark"]:
            assert len(block["why"]) > 2
        else:
            for line in lines_of(block["text"]):
                assert re.match(r"(_?[A-Z_]+=\S+ )*supportaudit\b", line), (
                    f"{name_of(path)}: mark the block of: {line}"
                )


# --- what is named in passing


def options(command: str) -> set[str]:
    """Every spelling of every option of a command."""
    callback = COMMANDS[command].callback
    assert callback is not None
    hints = get_type_hints(callback, include_extras=True)
    found = {"-h", "--help"}
    for name in signature(callback).parameters:
        for info in get_args(hints[name])[1:]:
            if isinstance(info, OptionInfo):
                first = [info.default] if isinstance(info.default, str) else []
                given = [*first, *(info.param_decls or ())]
                found.update(spelling for decl in given for spelling in decl.split("/"))
    return found


def spans() -> list[Shown]:
    """Inline code that begins with our name."""
    return [
        Shown(name_of(path), " ".join(span.split()))
        for path in DOCS
        for span in re.findall(
            r"`(supportaudit [^`]+)`", re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
        )
    ]


@pytest.mark.parametrize("shown", sorted(set(spans())), ids=lambda shown: f"{shown.place}: {shown.command}")
def test_commands_in_passing_exist_with_their_options(shown: Shown) -> None:
    words = shlex.split(shown.command)[1:]
    if words[0].startswith("-"):
        assert words[0] in {"-h", "--help", "-V", "--version", "--install-completion", "--show-completion"}
        return
    assert words[0] in COMMANDS
    assert {word.partition("=")[0] for word in words[1:] if word.startswith("-")} <= options(words[0])
