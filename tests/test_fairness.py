"""Who somebody is changes no verdict: other names, other genders of names, other accents, another brand."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from supportaudit.auditing.engine import AsOf
from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.wording.lexicon import load_lexicon

FOLDER = Path(__file__).parent / "labelled"
WEEK = 7 * 86_400.0
# As many of each as a conversation has agents; all are names and nothing else.
NAMES = {
    "women": ("Margaret", "Susanne", "Kathleen", "Deborah", "Annabel"),
    "men": ("Gregory", "Stephen", "Kenneth", "Douglas", "Bernard"),
    "accents": ("Zoë", "José", "Siân", "Björn", "Renée"),
    "india": ("Priyanka", "Rajesh", "Lakshmi", "Venkatesh", "Anjali"),
    "west africa": ("Oluwaseun", "Chinonso", "Adaeze", "Kwabena", "Folasade"),
    "arabic": ("Abdulrahman", "Fatima", "Mahmoud", "Yasmin", "Khalid"),
    "east asia": ("Nguyen", "Haruto", "Xiaoming", "Soojin", "Mei-Ling"),
    "caucasus": ("Nino", "Giorgi", "Anahit", "Tigran", "Tamar"),
}
# A team's account is nobody: to give it a person's name would change what the customer sees.
TEAMS = frozenset(word.casefold() for word in load_lexicon("en").lists["shared_accounts"])
BRANDS = ("Halvorsen", "Quendale", "Brightmoor")


def conversations(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]


def first_names(talk: Mapping[str, Any], role: str) -> list[str]:
    """The first names of those of that role who write under one, in order."""
    authors = dict.fromkeys(m["author"] for m in talk["messages"] if m["role"] == role and m.get("author"))
    return [
        author.split()[0]
        for author in authors
        if re.fullmatch(r"[A-Z][a-zé]{2,}(?: [A-Z]\S*)?", author)
        and author.split()[0].casefold() not in TEAMS
        and talk.get("brand", "").split()[:1] != author.split()[:1]
    ]


def replaced(talk: dict[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """The conversation with these words replaced wherever they stand as words of their own."""
    if not words:
        return talk
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, words)) + r")\b")
    text = pattern.sub(lambda found: words[found[1]], json.dumps(talk, ensure_ascii=False))
    changed: dict[str, Any] = json.loads(text)
    return changed


def verdicts(talks: list[dict[str, Any]], path: Path) -> set[tuple[str, str, tuple[str, ...], float]]:
    path.write_text("".join(json.dumps(talk, ensure_ascii=False) + "\n" for talk in talks), "utf-8")
    settings = ScanSettings(as_of=AsOf(after=WEEK), jobs=1, reading=Reading(source="generic"))
    return {(f.conversation_id, f.check, f.messages, f.confidence) for f in scan([path], settings).findings}


def renamed(role: str, names: tuple[str, ...]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda talk: replaced(talk, dict(zip(first_names(talk, role), names, strict=False)))


@pytest.mark.parametrize("role", ["agent", "customer"])
@pytest.mark.parametrize("group", NAMES)
def test_a_name_changes_no_verdict(group: str, role: str, tmp_path: Path) -> None:
    talks = conversations("desk")
    changed = [renamed(role, NAMES[group])(talk) for talk in talks]
    assert sum(a != b for a, b in zip(talks, changed, strict=True)) > 50, (
        "too few names were replaced to tell"
    )
    assert verdicts(changed, tmp_path / "a.jsonl") == verdicts(talks, tmp_path / "b.jsonl")


@pytest.mark.parametrize("brand", BRANDS)
def test_the_brand_changes_no_verdict(brand: str, tmp_path: Path) -> None:
    for name in ("desk", "social"):
        talks = conversations(name)
        changed = [
            replaced(talk, {talk["brand"].split()[0]: brand}) if " " in talk["brand"] else talk
            for talk in talks
        ]
        assert sum(a != b for a, b in zip(talks, changed, strict=True)) > 20
        assert verdicts(changed, tmp_path / "a.jsonl") == verdicts(talks, tmp_path / "b.jsonl")
