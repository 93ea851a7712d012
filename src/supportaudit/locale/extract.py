"""For Babel, which babel.cfg tells of these: the texts of checks and signals, which stand in no gettext call."""

from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

from supportaudit.auditing.signals import signal_infos
from supportaudit.yaml12 import load_yaml

Message = tuple[int, str, str, list[str]]


def checks(
    fileobj: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Message]:
    """What a `check.yaml` says to people: title, about (by paragraphs), why, fix, and its parameters' meanings."""
    document = load_yaml(fileobj.read().decode("utf-8"), "check.yaml")
    if not isinstance(document, Mapping):
        return
    for key in ("title", "about", "why", "fix"):
        for part in str(document.get(key, "")).split("\n\n"):
            if text := " ".join(part.split()):
                yield 1, "gettext", text, [f"{document['id']}: {key}"]
    for name, parameter in document.get("params", {}).items():
        yield 1, "gettext", parameter["help"], [f"{document['id']}: parameter {name}"]


def signals(
    fileobj: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Message]:
    """What the signals of signals.py say of themselves: title, about, source."""
    for signal in signal_infos():
        yield 1, "gettext", signal.title, [f"{signal.id}: title"]
        yield 1, "gettext", signal.about, [f"{signal.id}: about"]
        yield 1, "gettext", signal.source, [f"{signal.id}: source"]
