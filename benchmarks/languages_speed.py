"""How fast each language is audited, beside English and beside all of them mixed, in one run.

    python -m benchmarks.languages_speed --messages 20000

The labelled conversations of each language are repeated with new ids until there are enough messages: texts recur, so
caches help more than on a real export. Compare the lines with each other, not with another machine's.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from supportaudit.auditing.engine import AsOf
from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.wording.pack import supported_languages

SETS = Path(__file__).parents[1] / "tests" / "labelled"
ENGLISH = ("desk", "desk2", "desk3", "social", "social2")


def main() -> None:
    """Read the arguments, print a line a language."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=20_000)
    args = parser.parse_args()
    sets = {code: _talks(ENGLISH if code == "en" else (code,)) for code in supported_languages()}
    sets = {code: talks for code, talks in sets.items() if talks}
    mixed = [talk for talks in sets.values() for talk in talks]
    _measure(mixed, 2_000)  # every pack loaded, every cache warm
    print("language  messages  per second")
    for code, talks in [*sets.items(), ("mixed", mixed)]:
        messages, seconds = _measure(talks, args.messages)
        print(f"{code:<8} {messages:9,}  {messages / seconds:10,.0f}")


def _talks(names: Sequence[str]) -> list[dict[str, Any]]:
    paths = [SETS / f"{name}.jsonl" for name in names]
    return [
        json.loads(line) for path in paths if path.exists() for line in path.read_text("utf-8").splitlines()
    ]


def _measure(talks: Sequence[dict[str, Any]], messages: int) -> tuple[int, float]:
    """Messages audited and seconds taken, in one process, reading included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "talks.jsonl"
        number = 0
        with path.open("w", encoding="utf-8") as file:
            for talk in _again(talks):
                file.write(json.dumps(talk, ensure_ascii=False) + "\n")
                number += len(talk["messages"])
                if number >= messages:
                    break
        began = time.perf_counter()
        scan([path], ScanSettings(jobs=1, as_of=AsOf(after=7 * 86_400.0), reading=Reading(source="generic")))
        return number, time.perf_counter() - began


def _again(talks: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The talks over and over, each time as other conversations of other customers."""
    for turn in count():
        for talk in talks:
            named = {"id": f"{talk['id']}-{turn}"}
            if talk.get("customer_id"):
                named["customer_id"] = f"{talk['customer_id']}-{turn}"
            yield talk | named


if __name__ == "__main__":
    main()
