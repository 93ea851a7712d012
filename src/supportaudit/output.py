"""Where results go: whole files or none, the terminal as it is, a progress bar on stderr."""

import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from supportaudit.colors import wants_color
from supportaudit.errors import SettingsError
from supportaudit.render import View
from supportaudit.suggest import did_you_mean
from supportaudit.whole import WholeFile


def refuse_overwriting(inputs: Collection[object], output: Path | None) -> None:
    """Raises `SettingsError` when the result would replace an export that is being read, or has no place to be.

    A long audit must not end in a folder that is not there.
    """
    if output is None:
        return
    if output.exists():
        if any(isinstance(one, Path) and one.exists() and one.samefile(output) for one in inputs):
            raise SettingsError(
                f"{output}: is an export to read and the file to write", hint="Write elsewhere."
            )
        folder = next((one for one in inputs if isinstance(one, Path) and _reads_within(one, output)), None)
        if folder is not None:
            raise SettingsError(
                f"{output}: would be replaced, and lies in {folder}, whose exports are read",
                hint="Keep results in another folder.",
            )
    elif not output.parent.is_dir():
        raise SettingsError(
            f"{output}: there is no folder {output.parent}", hint="Make it, or write elsewhere."
        )


def _reads_within(folder: Path, output: Path) -> bool:
    """Whether an export that is found in a folder would be this file."""
    from supportaudit.read.inputs import passes_for_export  # late: commands without a folder need none of it

    return (
        folder.is_dir()
        and passes_for_export(output.name)
        and output.resolve().is_relative_to(folder.resolve())
    )


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it appears whole or not at all. Raises `SettingsError` when it cannot.

    Text ends with a line end and is UTF-8; a lone surrogate becomes a question mark.
    """
    if isinstance(content, str) and not content.endswith("\n"):
        content += "\n"
    write_pieces(path, [content])


def write_pieces(path: Path, pieces: Iterable[str | bytes]) -> None:
    """The same of what is made while it is written."""
    with WholeFile(path) as file:
        for piece in pieces:
            file.write(piece if isinstance(piece, bytes) else piece.encode("utf-8", "replace"))


def terminal_view(by: str | None, *, to_file: bool) -> View:
    """How to render for where the text goes: a file is in UTF-8 and without colour, a terminal as it is set up."""
    terminal = sys.stdout.isatty() and not to_file
    width = shutil.get_terminal_size((80, 24)).columns if terminal else 80
    encoding = "utf-8" if to_file else (sys.stdout.encoding or "ascii")
    return View(
        by=by,
        width=width,
        color=not to_file and wants_color(terminal=terminal),
        unicode=encoding.lower().replace("-", "").startswith("utf"),
    )


class Target(NamedTuple):
    """One result to write: a format, and a file or None for standard output."""

    format: str
    path: Path | None


def targets(outputs: Sequence[str], printed: str, formats: Collection[str]) -> tuple[Target, ...]:
    """What `--output [FORMAT=]FILE` and `--format` ask for.

    `json=audit.json` says its format; a bare file gets the format of `--format`. What has no file is printed:
    the format of `--format`, unless a bare file took it. Raises `SettingsError` for an unknown format and for a file
    that is named twice.
    """
    found: list[Target] = []
    bare = False
    for text in outputs:
        name, sign, rest = text.partition("=")
        if sign and name in formats and rest:
            found.append(Target(name, Path(rest)))
        elif sign and name.isalnum():  # a file of such a name can be written as ./a=b
            raise SettingsError(
                f"--output: '{name}' is no format{did_you_mean(name, formats) or '; there are ' + ', '.join(formats)}"
            )
        else:
            found.append(Target(printed, Path(text)))
            bare = True
    paths = [target.path for target in found]
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        raise SettingsError(f"--output: {twice} is named twice")
    return (*found, *(() if bare else (Target(printed, None),)))


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr that vanishes when the work is done; `report(stage, done, total)`, total 0 if unknown."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("reading", total=None, count="")

        def report(stage: str, done: int, total: int) -> None:
            count = f"{done:,} messages" if not total else f"{done * 100 // total} %"
            progress.update(task, description=stage, completed=done, total=total or None, count=count)

        yield report
