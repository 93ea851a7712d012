"""The sentences written for the markers are whole, and the pack does not lose what it understood of them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from supportaudit.wording.fold import fold
from supportaudit.wording.lexicon import load_lexicon
from supportaudit.wording.pack import catalogue

FOLDER = Path(__file__).parent / "phrases"
SIDES = ("agent", "customer")


def phrases(side: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (FOLDER / f"{side}.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("side", SIDES)
def test_every_marker_has_its_sentences_and_its_near_misses(side: str) -> None:
    rows = phrases(side)
    counts = Counter((row["marker"], row["is"]) for row in rows)
    assert {counts[key] for key in counts} == {60, 30}
    assert {marker for marker, _ in counts} - {"thanks_only"} <= catalogue().keys()
    assert len({row["text"] for row in rows}) == len(rows)


@pytest.mark.parametrize(("side", "recall", "false"), [("agent", 0.25, 0.15), ("customer", 0.25, 0.15)])
def test_what_is_understood_stays_understood(side: str, recall: float, false: float) -> None:
    """A floor and a ceiling over all markers; benchmarks/phrases.py tells them apart."""
    lexicon = load_lexicon("en")
    rows = [row for row in phrases(side) if row["marker"] != "thanks_only"]
    found = Counter(
        (row["is"], row["marker"] in lexicon.find(str(row["text"]), fold(str(row["text"])), side))
        for row in rows
    )
    assert found[True, True] >= recall * (found[True, True] + found[True, False])
    assert found[False, True] <= false * (found[False, True] + found[False, False])
