"""Write the manual page of the command line, docs/man/supportaudit.1, from what `--help` is made of.

    python tools/make_man.py [FILE]

The page is for man(7), so groff, mandoc and every `man` show it. It carries no date: the same commands give the same
bytes.
"""

import sys
import textwrap
from collections.abc import Callable, Iterator
from enum import StrEnum
from inspect import Parameter, cleandoc, signature
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo, CommandInfo, OptionInfo

from supportaudit import __version__
from supportaudit.cli import app
from supportaudit.exits import Exit

PAGE = Path(__file__).resolve().parents[1] / "docs" / "man" / "supportaudit.1"
ESCAPES = {
    "\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", "|": "|\\:",
}  # fmt: skip
"""What stands for letters that man(7) would read otherwise; a line may be broken after a bar."""


class Param(NamedTuple):
    """One argument or option as a reader sees it."""

    name: str
    kind: Any
    info: ArgumentInfo | OptionInfo
    default: Any
    many: bool


def page() -> str:
    """The whole manual page."""
    return "\n".join([*_head(), *_commands(), *_tail()]) + "\n"


def _head() -> Iterator[str]:
    help_text, _, _ = _text(app.info.help).partition(":")
    yield ".\\\" Written by tools/make_man.py from the command line's own help; do not edit."
    yield f'.TH SUPPORTAUDIT 1 "" "supportaudit {__version__}" "User Commands"'
    yield from (".nh", ".ad l")  # commands are not hyphenated
    yield ".SH NAME"
    yield f"supportaudit \\- {roff(help_text[0].lower() + help_text[1:])}"
    yield ".SH SYNOPSIS"
    yield "\n.br\n".join(_synopsis(command) for command in app.registered_commands)
    yield ".SH DESCRIPTION"
    yield roff(_text(app.info.help))
    yield ".PP"
    yield "A settings file,"
    yield ".IR supportaudit.yaml ,"
    yield "is read from the folder you work in."
    yield ".B supportaudit init"
    yield "writes one,"
    yield ".B supportaudit config"
    yield "shows what is in force."
    yield ".SH OPTIONS"
    for names, words in (
        ("-V, --version", "Print the version."),
        ("--install-completion", "Install completion for the current shell."),
        ("--show-completion", "Print completion for the current shell."),
        ("-h, --help", "Show help; every command has its own."),
    ):
        yield from _entry(names, "", words)


def _commands() -> Iterator[str]:
    yield ".SH COMMANDS"
    for command in app.registered_commands:
        yield f".SS {_name(command)}"
        yield _synopsis(command)
        yield ".PP"
        yield roff(_text(cleandoc(_callback(command).__doc__ or "")))
        params = _params(command)
        for param in params:
            if isinstance(param.info, ArgumentInfo):
                yield from _entry("", _metavar(param), _words(param))
        for panel in dict.fromkeys(p.info.rich_help_panel for p in params if isinstance(p.info, OptionInfo)):
            if panel:
                yield ".PP"
                yield f".I {roff(str(panel))}"
            for param in params:
                if isinstance(param.info, OptionInfo) and param.info.rich_help_panel == panel:
                    yield from _entry(", ".join(_option_names(param)), _metavar(param), _words(param))
        yield from _examples(_text(command.epilog))


def _tail() -> Iterator[str]:
    yield ".SH EXIT STATUS"
    for code, words in (
        (Exit.PASSED, "The audit passed."),
        (Exit.FAILED, "The gate failed."),
        (Exit.ERROR, "The audit could not be done; standard error says what, where and how to mend it."),
        (Exit.INTERRUPTED, "Interrupted."),
    ):
        yield from _entry(str(int(code)), "", words)
    yield ".SH ENVIRONMENT"
    named = {
        str(param.info.envvar): param
        for command in app.registered_commands
        for param in _params(command)
        if param.info.envvar
    }
    for variable, param in sorted(named.items()):
        yield from _entry(variable, "", f"Stands for {_option_names(param)[-1]}, which stands over it.")
    yield from _entry("NO_COLOR", "", "Print without colour.")
    yield from _entry("FORCE_COLOR", "", "Print in colour though the output is no terminal.")
    yield ".SH FILES"
    yield from _entry("supportaudit.yaml", "", "The settings file.")


def _synopsis(command: CommandInfo) -> str:
    words = [f"\\fBsupportaudit {_name(command)}\\fR"]
    params = _params(command)
    if any(isinstance(p.info, OptionInfo) for p in params):
        words.append("[\\fIOPTION\\fR]...")
    for param in params:
        if isinstance(param.info, ArgumentInfo):
            shown = f"\\fI{roff(_metavar(param))}\\fR"
            words.append(shown if param.default is Parameter.empty or "[" in shown else f"[{shown}]")
    return " ".join(words)


def _examples(epilog: str) -> Iterator[str]:
    for paragraph in epilog.split("\n\n"):
        if paragraph in ("Example", "Examples"):
            yield ".PP"
            yield paragraph + ":"
        elif paragraph.startswith("supportaudit "):
            yield from (".PP", ".RS 4", ".nf", roff(paragraph, fold=False), ".fi", ".RE")
        elif paragraph:
            yield ".PP"
            yield roff(paragraph)


def _entry(names: str, metavar: str, words: str) -> Iterator[str]:
    yield ".TP"
    shown = f"\\fB{roff(names)}\\fR" if names else ""
    if metavar:
        shown += ("=" if names else "") + f"\\fI{roff(metavar)}\\fR"
    yield shown
    yield roff(words)


def _words(param: Param) -> str:
    info, words = param.info, [_text(param.info.help)]
    if isinstance(info.show_default, str):
        words.append(f"Default: {info.show_default}.")
    elif param.default not in (Parameter.empty, None, False, True) and info.show_default:
        words.append(f"Default: {param.default}.")
    if param.default is True and info.show_default:
        words.append(f"Default: {_option_names(param)[0]}.")
    if param.many and isinstance(info, OptionInfo):
        words.append("May be given several times.")
    if info.envvar:
        words.append(f"Environment: {info.envvar}.")
    return " ".join(word for word in words if word)


def _option_names(param: Param) -> list[str]:
    """All spellings, `-o` before `--output`; of an on/off pair both."""
    first = [param.info.default] if isinstance(param.info.default, str) else []  # of what stands in Annotated
    given = [*first, *(getattr(param.info, "param_decls", None) or ())]
    declared = [name for decl in given for name in decl.split("/")]
    return sorted(declared or [f"--{param.name.replace('_', '-')}"], key=lambda name: name.startswith("--"))


def _metavar(param: Param) -> str:
    if param.info.metavar:
        return str(param.info.metavar)
    if param.kind is bool:
        return ""
    if isinstance(param.kind, type) and issubclass(param.kind, StrEnum):
        return "|".join(param.kind)
    if isinstance(param.info, ArgumentInfo):
        return param.name.upper() + ("..." if param.many else "")
    return {Path: "FILE", int: "N", float: "NUMBER"}.get(param.kind, "TEXT")


def _params(command: CommandInfo) -> list[Param]:
    callback = _callback(command)
    hints = get_type_hints(callback, include_extras=True)
    found = []
    for name, parameter in signature(callback).parameters.items():
        hint = hints[name]
        if get_origin(hint) is not Annotated:
            continue
        kind, info = get_args(hint)[:2]
        if get_origin(kind) in (Union, UnionType):
            kind = next(arg for arg in get_args(kind) if arg is not type(None))
        many = get_origin(kind) is list
        found.append(Param(name, get_args(kind)[0] if many else kind, info, parameter.default, many))
    return [param for param in found if not param.info.hidden]


def _callback(command: CommandInfo) -> Callable[..., Any]:
    assert command.callback is not None
    return command.callback


def _name(command: CommandInfo) -> str:
    return command.name or _callback(command).__name__.replace("_", "-")


def _text(value: object) -> str:
    """Help as written; nothing where none was given."""
    return value if isinstance(value, str) else ""


def roff(text: str, *, fold: bool = True) -> str:
    """Text as man(7) reads it: no letter of it is a command. Long lines are folded, which changes nothing."""
    for letter, written in ESCAPES.items():
        text = text.replace(letter, written)
    if not fold:
        return text
    lines = textwrap.wrap(text, 78, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in lines)


def main(path: Path) -> None:
    """Write the page to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE)
