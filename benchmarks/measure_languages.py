"""Write the figures that `supportaudit languages` prints: each pack against the conversations set aside for it.

    python -m benchmarks.measure_languages > src/supportaudit/languages/measured.json

A set by whoever wrote the pack measures nothing, and is left out. A language's set is tests/labelled/<code>.jsonl;
English has desk4.jsonl, the newest that nobody has read.
"""

import json
from pathlib import Path
from typing import Any

from benchmarks.accuracy import Verdict, verdicts_of

from supportaudit.auditing.registry import ORDER
from supportaudit.calibration.agreement import agreement
from supportaudit.wording.pack import supported_languages

SETS = Path(__file__).parents[1] / "tests" / "labelled"
ENGLISH = "desk4"
NOT_BLIND = ("sv",)


def main() -> None:
    """Measure every language that has a set, and print the figures as JSON."""
    paths = {code: SETS / f"{ENGLISH if code == 'en' else code}.jsonl" for code in supported_languages()}
    figures = {
        code: _figures(path) for code, path in paths.items() if path.exists() and code not in NOT_BLIND
    }
    print(json.dumps(figures, indent=1, sort_keys=True))


def _figures(path: Path) -> dict[str, Any]:
    verdicts = list(verdicts_of(path, 0.5))
    talks = len({v.pair.conversation for v in verdicts})
    checks = {check: [v for v in verdicts if v.check == check] for check in ORDER}
    return {
        "set": path.stem,
        "conversations": talks,
        "all": _measured(verdicts),
        "checks": {check: _measured(group) for check, group in checks.items()},
    }


def _measured(verdicts: list[Verdict]) -> dict[str, Any]:
    found = agreement([v.pair for v in verdicts])
    counts = found.counts
    return {
        "true": round(counts.both + counts.only_theirs),
        "found": round(counts.both + counts.only_ours),
        "right": round(counts.both),
        **{
            name: [round(m.value, 3), *(round(b, 3) for b in (m.interval.low, m.interval.high))]
            for name, m in (("precision", found.precision), ("recall", found.recall), ("f1", found.f1))
            if m.value is not None and m.interval is not None
        },
    }


if __name__ == "__main__":
    main()
