"""`config`: what is in force, and where each value was written."""

import json
from pathlib import Path

import pytest

from supportaudit.auditing.registry import declared_checks
from supportaudit.pages import config as page
from supportaudit.settings.written import load_settings

TEXT = """\
limits:
  chat: 3 min
checks:
  rudeness: {weight: 2, enabled: false}
company:
  agents: [Rob, Ann]
gate:
  segments:
    - {by: channel, value: chat, max-rate: 5 %}
"""


@pytest.fixture(autouse=True)
def _no_ui_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPPORTAUDIT_UI_LANG", raising=False)  # which all tests set


def values(path: Path | None) -> dict[str, tuple[str, str]]:
    return {s.key: (s.value, s.origin) for s in page.effective(path)}


def test_every_value_of_the_file_stands_over_its_default_and_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "supportaudit.yaml"
    path.write_text(TEXT, encoding="utf-8")
    load_settings(path)
    found, usual = values(path), values(None)
    assert usual["limits.chat"] == ("5 min", "default")
    assert {key: of for key, of in found.items() if of[1] != "default"} == {
        "limits.chat": ("3 min", "supportaudit.yaml line 2"),
        "checks.rudeness.weight": ("2", "supportaudit.yaml line 4"),
        "checks.rudeness.enabled": ("false", "supportaudit.yaml line 4"),
        "company.agents": ("Rob, Ann", "supportaudit.yaml line 6"),
        "gate.segments[1].by": ("channel", "supportaudit.yaml line 9"),
        "gate.segments[1].value": ("chat", "supportaudit.yaml line 9"),
        "gate.segments[1].max-rate": ("5 %", "supportaudit.yaml line 9"),
    }
    assert usual.keys() <= found.keys()


def test_every_check_and_parameter_has_its_line() -> None:
    found = values(None)
    for check in declared_checks():
        for name in ("enabled", "severity", "weight", *(f"params.{p.name}" for p in check.params)):
            assert f"checks.{check.info.id}.{name}" in found


def test_the_environment_stands_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("gate: {min-score: 60}\n", encoding="utf-8")
    assert values(path)["gate.min-score"] == ("60", "a.yaml line 1")
    monkeypatch.setenv("SUPPORTAUDIT_FAIL_UNDER", "80")
    assert values(path)["gate.min-score"] == ("80", "SUPPORTAUDIT_FAIL_UNDER")


def test_text_and_json_show_the_same() -> None:
    text = page.text_page(None)
    for entry in json.loads(page.json_page(None)):
        assert f"{entry['key']} " in text
