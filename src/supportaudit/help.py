"""What `--help` shows: sections of options and commands, examples that can be copied, colour where it is wanted.

typer would lay help out with rich, whose import alone takes as long as everything else of `--help` together.
"""

import re
import sys
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, TypeVar

from typer import Typer
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandInfo

from supportaudit.colors import wants_color

F = TypeVar("F", bound=Callable[..., Any])
BOLD, CYAN, RESET = "\x1b[1m", "\x1b[36m", "\x1b[0m"
WIDEST_NAME = 30
PLAINER = (
    (re.compile(r"default: \((.*)\)(?=[;\]])"), r"default: \1"),  # a default that was given in words
    (re.compile(r"\b(\d+)<=x<=(\d+)(?=[;\]])"), r"\1 to \2"),
    (re.compile(r"\bx>=(\d+)(?=[;\]])"), r"at least \1"),
)
"""How typer writes the limits of an option, and how people do."""


class Command(TyperCommand):
    """A command whose options stand in their sections: `rich_help_panel` of an option names it."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Name what follows the command, without the braces that typer puts around it."""
        return [_argument(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then each section of options in the order of first appearance."""
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples, each in one line however long it is."""
        _write_epilog(self.epilog or "", _styled(ctx), formatter)


class Group(TyperGroup):
    """The program itself: its commands stand in sections as options do."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the few options."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            if not command.hidden:
                section = getattr(command, "rich_help_panel", None) or "Commands"
                sections.setdefault(str(section), []).append((name, command.get_short_help_str(limit=1000)))
        # One column for all, or each section would begin its own.
        width = max(len(name) for rows in sections.values() for name, _ in rows)
        for section, rows in sections.items():
            padded = [(name.ljust(width), text) for name, text in rows]
            _write_section(section, padded, _styled(ctx), formatter)
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples and what follows them."""
        _write_epilog(self.epilog or "", _styled(ctx), formatter)


class Program(Typer):
    """A typer application with this help; everything else is typer's."""

    def __init__(self, **settings: Any) -> None:
        # Without markup typer leaves rich out of usage errors too.
        super().__init__(cls=Group, rich_markup_mode=None, **settings)

    def __call__(self, *arguments: Any, **settings: Any) -> Any:
        """Run what was typed. Only that command is built: all of them take half as long as importing typer."""
        everything = self.registered_commands
        self.registered_commands = _wanted(everything, sys.argv[1:2])
        try:
            return super().__call__(*arguments, **settings)
        finally:
            self.registered_commands = everything

    def command(self, name: str | None = None, **settings: Any) -> Callable[[F], F]:
        """Register a command, as typer does."""
        return super().command(name, cls=Command, **settings)


def _wanted(commands: list[CommandInfo], typed: list[str]) -> list[CommandInfo]:
    """The command that was typed first, or all: of those only names and first lines where no more is shown."""
    if typed and typed[0] in ("--help", "-h", "--version", "-V"):
        return [_without_options(command) for command in commands]
    return [command for command in commands if typed == [_name(command)]] or commands


def _name(command: CommandInfo) -> str:
    assert command.callback is not None
    return command.name or command.callback.__name__.replace("_", "-")


def _without_options(command: CommandInfo) -> CommandInfo:
    def called() -> None: ...

    bare = copy(command)
    called.__name__, called.__doc__ = _name(command), command.callback and command.callback.__doc__
    bare.callback = called
    return bare


def _write_options(command: TyperCommand | TyperGroup, ctx: Any, formatter: Any) -> None:
    sections: dict[str, list[tuple[str, str]]] = {"Arguments": []}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is None:
            continue
        names, text = record
        for typers, ours in PLAINER:
            text = typers.sub(ours, text)
        section = getattr(param, "rich_help_panel", None) or "Options"
        if param.param_type_name == "argument":
            section, names = "Arguments", _argument(names)
        sections.setdefault(section, []).append((names.replace("<", "").replace(">", ""), text))
    for section, rows in sections.items():
        _write_section(section, rows, _styled(ctx), formatter)


def _argument(name: str) -> str:
    """The name of an argument as it is written in help everywhere: capitals, without the braces of typer."""
    name = name.replace("{", "").replace("}", "")
    return name.upper() if name.islower() else name


def _write_section(name: str, rows: Iterable[tuple[str, str]], styled: bool, formatter: Any) -> None:
    rows = list(rows)
    if not rows:
        return
    if styled:
        rows = [
            (re.sub(r"(?<![\w-])-[\w-]+|^[a-z]+", rf"{CYAN}\g<0>{RESET}", names), text)
            for names, text in rows
        ]
    with formatter.section(_heading(name, styled)):
        formatter.write_dl(rows, col_max=WIDEST_NAME)


def _write_epilog(text: str, styled: bool, formatter: Any) -> None:
    """Paragraphs as they are; `Examples` is a heading, and a command after it stands in a line of its own."""
    for paragraph in text.split("\n\n"):
        if paragraph in ("Example", "Examples"):
            formatter.write_paragraph()
            formatter.write_heading(_heading(paragraph, styled))
        elif paragraph.startswith("supportaudit "):
            formatter.write(f"  {paragraph}\n")
        elif paragraph:
            formatter.write_paragraph()
            formatter.write_text(paragraph)


def _heading(name: str, styled: bool) -> str:
    return f"{BOLD}{name}{RESET}" if styled else name


def _styled(ctx: Any) -> bool:
    """Whether to write colours. click takes them out again where help goes to a file or a pipe."""
    styled, ctx.color = wants_color(terminal=True), True if wants_color(terminal=False) else None
    return styled
