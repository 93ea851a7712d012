"""What `config` prints: every setting that is in force, and where it comes from.

Layers, each over the one before: the defaults, the settings file, the environment, the command line. The last one
is not known here.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from supportaudit.auditing.engine import MIN_CONFIDENCE
from supportaudit.auditing.intake import MAX_REJECTS
from supportaudit.auditing.registry import declared_checks
from supportaudit.checkkit import duration
from supportaudit.render.json_text import json_document
from supportaudit.render.text import page_of
from supportaudit.settings.gate import MIN_JUDGED
from supportaudit.settings.limits import DEFAULTS
from supportaudit.settings.written import written_in

DEFAULT = "default"
ENVIRONMENT: Mapping[str, str] = {
    "SUPPORTAUDIT_MIN_CONFIDENCE": "min-confidence",
    "SUPPORTAUDIT_TZ": "tz",
    "SUPPORTAUDIT_LANG": "language",
    "SUPPORTAUDIT_FAIL_UNDER": "gate.min-score",
    "SUPPORTAUDIT_FAIL_ON": "gate.fail-on",
    "SUPPORTAUDIT_MAX_FAILURES": "gate.max-count",
    "SUPPORTAUDIT_EXIT_ZERO": "exit-zero",
    "SUPPORTAUDIT_UI_LANG": "ui-lang",
}
"""Variables that stand for an option, by the setting that they change. `SUPPORTAUDIT_CONFIG` names the file itself."""


class Setting(msgspec.Struct, frozen=True):
    """A setting in force: its path, its value as it would be written, and where it was written."""

    key: str
    value: str
    origin: str


def effective(path: Path | None) -> list[Setting]:
    """All settings, by key. `path` is the settings file, which must be a good one."""
    found = {key: Setting(key, value, DEFAULT) for key, value in _defaults()}
    if path is not None:
        for key, value, line in written_in(path):
            found[key] = Setting(key, value, f"{path.name} line {line}")
    for name, key in ENVIRONMENT.items():
        if os.environ.get(name):
            found[key] = Setting(key, os.environ[name], name)
    return [found[key] for key in sorted(found)]


def _defaults() -> Iterator[tuple[str, str]]:
    yield "min-confidence", f"{MIN_CONFIDENCE:g}"
    yield "max-rejects", f"{MAX_REJECTS:.0%}".replace("%", " %")
    yield "language", "told by content"
    yield "hours", "around the clock"
    for channel, table in DEFAULTS.items():
        yield f"limits.{channel or 'default'}", duration(table[""])
    yield "gate.judge-by", "number"
    yield "gate.min-judged", str(MIN_JUDGED)
    yield "gate.worsening", "true"
    for check in declared_checks():
        head = f"checks.{check.info.id}"
        yield f"{head}.enabled", "true"
        yield f"{head}.severity", str(check.info.severity)
        yield f"{head}.weight", f"{check.info.weight:g}"
        for param in check.params:
            value: Any = param.default
            yield f"{head}.params.{param.name}", str(value).lower() if isinstance(value, bool) else f"{value}"


def text_page(path: Path | None) -> str:
    """One line a setting; what is not a default stands out by its origin."""
    settings = effective(path)
    if "hours.timezone" in {s.key for s in settings}:
        settings = [s for s in settings if s.key != "hours"]
    keys = max(len(s.key) for s in settings)
    values = min(28, max(len(s.value) for s in settings))
    about = f"{path}" if path is not None else "no settings file"
    lines = [
        f"Settings in force, from {about} and the environment.",
        "Options of a command stand over them.",
        "",
    ]
    lines += [f"  {s.key:<{keys}}  {s.value:<{values}}  {s.origin}" for s in settings]
    return page_of(lines)


def json_page(path: Path | None) -> str:
    """The same as a JSON list of key, value and origin."""
    return json_document(effective(path))
