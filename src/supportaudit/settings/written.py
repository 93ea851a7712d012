"""Reads the settings file. Every fault is one sentence with file, line and the path of the key.

A module of its own, for most audits read none: YAML is slow to load.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from supportaudit.errors import SettingsError
from supportaudit.settings.file import Settings, settings_of
from supportaudit.settings.typed import Fault, plain
from supportaudit.settings.typed import Path as KeyPath
from supportaudit.yaml12 import StrictLoader


def load_settings(path: Path) -> Settings:
    """Read a settings file. Raises `SettingsError`: one sentence with the file, the line, the key and the mend."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read: {(error.strerror or 'no such file').lower()}"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    return parse_settings(text, str(path))


def written_in(path: Path) -> Iterator[tuple[str, str, int]]:
    """What a settings file says, as (dotted key, value as it is written, line); read it with `load_settings` first."""
    node = SettingsLoader(path.read_bytes().decode("utf-8-sig")).get_single_node()
    yield from _written(node, "") if node is not None else ()


def _written(node: Any, key: str) -> Iterator[tuple[str, str, int]]:
    if isinstance(node, yaml.MappingNode) and node.value:
        for name, value in node.value:
            yield from _written(value, f"{key}.{plain(name.value)}".lstrip("."))
    elif isinstance(node, yaml.SequenceNode) and any(isinstance(v, yaml.MappingNode) for v in node.value):
        for number, value in enumerate(node.value, 1):
            yield from _written(value, f"{key}[{number}]")
    elif isinstance(node, yaml.SequenceNode):
        yield key, ", ".join(plain(str(v.value)) for v in node.value), node.start_mark.line + 1
    else:
        yield key, plain(str(node.value)) if node.value else "", node.start_mark.line + 1


def parse_settings(text: str, name: str) -> Settings:
    """Settings from a file's text; `name` is what errors call it."""
    try:
        loader = SettingsLoader(text)
        node = loader.get_single_node()
        document = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        raise SettingsError(f"{name}{_line(error.problem_mark)}: {_problem(error)}") from error
    except yaml.reader.ReaderError as error:
        number = text.count("\n", 0, error.position) + 1
        raise SettingsError(f"{name} line {number}: holds a control character") from error
    except RecursionError:
        raise SettingsError(f"{name} is not a settings file: it is nested too deeply") from None
    except (yaml.YAMLError, TypeError, ValueError) as error:  # a list as a key
        raise SettingsError(
            f"{name} is not a settings file: {plain(' '.join(str(error).split()))}"
        ) from error
    try:
        return settings_of({} if document is None else document)
    except Fault as fault:
        line = _line(_mark(node, fault.path))
        raise SettingsError(f"{name}{line}: {fault}") from None


class SettingsLoader(StrictLoader):
    """Dates stay text, and so do numbers such as 012, 1_000 and 09:30, which YAML 1.2 does not take for numbers."""


SettingsLoader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag.rsplit(":", 1)[-1] in ("bool", "null")]
    for first, resolvers in StrictLoader.yaml_implicit_resolvers.items()
}
SettingsLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^(?:0|-?[1-9][0-9]{0,17})$"), list("-0123456789")
)
SettingsLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?[0-9]{1,17}\.[0-9]{1,17}$"), list("-0123456789")
)


def _line(mark: Any) -> str:
    return f" line {mark.line + 1}" if mark is not None else ""


def _problem(error: yaml.MarkedYAMLError) -> str:
    problem = plain(error.problem or "is not YAML")
    if "\\t" in problem:
        return "a tab stands where blanks must; indent with blanks"
    if "cannot start any token" in problem or "not allowed here" in problem:
        return f"{problem}; put text that holds ': ', '@' or quotes in quotes"
    return problem.removeprefix("but ")


def _mark(node: Any, path: KeyPath) -> Any:
    """Where the last step of the path stands that the file has."""
    mark = node.start_mark if node is not None else None
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(k.start_mark, v) for k, v in node.value if getattr(k, "value", None) == step]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            found = [(v.start_mark, v) for v in node.value[step : step + 1]]
        else:
            break
        if not found:
            break
        mark, node = found[0]
    return mark
