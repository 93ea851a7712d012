"""How the runner of GitHub Actions reads a step's output, written after its behaviour (ActionCommand, version 2).

A line is a command if it begins with "::" after blanks, has a second "::", and bears a known name. Otherwise the
older form counts: "##[name]" anywhere in the line.
"""

import re
from typing import NamedTuple

KNOWN = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path",
    "notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
}  # fmt: skip


class Command(NamedTuple):
    """A workflow command."""

    name: str
    properties: dict[str, str]
    data: str


def unescape(text: str, marks: str) -> str:
    """Each mark's code becomes the mark, one after the other, the per cent sign last."""
    for mark in marks:
        text = text.replace(f"%{ord(mark):02X}", mark)
    return text


def command(line: str) -> Command | None:
    """The command that a line is, or None."""
    trimmed = line.lstrip()
    if trimmed.startswith("::") and (end := trimmed.find("::", 2)) >= 0:
        name, _, rest = trimmed[2:end].partition(" ")
        if name in KNOWN:
            pairs = (pair.partition("=") for pair in rest.strip().split(",") if pair)
            properties = {key: unescape(value, "\r\n:,%") for key, sign, value in pairs if sign and value}
            return Command(name, properties, unescape(trimmed[end + 2 :], "\r\n%"))
    for found in re.finditer(r"##\[([^\] ]*)[^\]]*\]", line):
        if found[1] in KNOWN:
            return Command(found[1], {}, unescape(line[found.end() :], ";\r\n]%"))
    return None


def lines(output: str) -> list[str]:
    """A step's output line by line, as the runner's stream reader cuts it."""
    return re.split(r"\r\n|\r|\n", output)


def commands(output: str) -> list[Command]:
    """The commands of a step's output."""
    return [found for line in lines(output) if (found := command(line)) is not None]
