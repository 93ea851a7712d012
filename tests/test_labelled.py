"""The labelled conversations are whole, and most accusations made on them are true."""

import json
from pathlib import Path

import pytest

from supportaudit.auditing.engine import AsOf
from supportaudit.auditing.registry import ORDER
from supportaudit.auditing.scan import ScanSettings, scan

FOLDER = Path(__file__).parent / "labelled"
# Least share of accusations that must be true. The sets ending in 3 were never tuned on.
SETS = {"desk": 0.85, "social": 0.85, "desk2": 0.85, "social2": 0.85, "desk3": 0.7, "social3": 0.75}


def labels_of(name: str) -> dict[str, dict[str, object]]:
    lines = (FOLDER / f"{name}.labels.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


@pytest.mark.parametrize("name", SETS)
def test_every_conversation_has_a_label_that_names_its_messages(name: str) -> None:
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    talks = {row["id"]: {m["id"] for m in row["messages"]} for row in map(json.loads, lines)}
    labels = labels_of(name)
    assert labels.keys() == talks.keys()
    for number, row in labels.items():
        fails = row["fails"]
        assert isinstance(fails, dict)
        assert set(fails) <= set(ORDER)
        assert all(set(ids) <= talks[number] for ids in fails.values())


@pytest.mark.parametrize("name", SETS)
def test_most_accusations_are_true(name: str) -> None:
    """Precision over all checks, pairs on which a second reader may differ left out."""
    report = scan([FOLDER / f"{name}.jsonl"], ScanSettings(as_of=AsOf(after=7 * 86_400.0), jobs=1))
    labels = labels_of(name)
    found = {(f.conversation_id, f.check) for f in report.findings}
    judged = [(n, check) for n, check in found if check not in str(labels[n]["unsure"])]
    true = [pair for pair in judged if pair[1] in str(labels[pair[0]]["fails"])]
    assert len(true) >= SETS[name] * len(judged)
