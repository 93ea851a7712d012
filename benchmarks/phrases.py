"""How many of the acts that people perform in their own words the English pack finds: recall and false hits of each
marker on tests/phrases/, apart for the lines that may be read and those that only measure.

    python benchmarks/phrases.py
    python benchmarks/phrases.py rude_reported --misses
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from supportaudit.wording.fold import fold
from supportaudit.wording.lexicon import load_lexicon

FOLDER = Path(__file__).parents[1] / "tests" / "phrases"
CLOSINGS = frozenset(("thanks", "accepts", "praise", "farewell", "solved", "leaves_politely"))


def main() -> None:
    """Read the arguments, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("markers", nargs="*", help="only these")
    parser.add_argument(
        "--misses", action="store_true", help="list what is missed of the lines that may be read"
    )
    args = parser.parse_args()
    counts: dict[str, Counter[tuple[bool, bool, bool]]] = {}
    for marker, text, is_act, measures, found in _judged():
        if args.markers and marker not in args.markers:
            continue
        counts.setdefault(marker, Counter())[measures, is_act, found] += 1
        if args.misses and not measures and found is not is_act:
            print("missed" if is_act else "FALSE ", marker, "|", text)
    print(f"{'marker':<20} {'read: recall':>14} {'false':>7} {'measured: recall':>18} {'false':>7}")
    total: Counter[tuple[bool, bool, bool]] = Counter()
    for marker, count in counts.items():
        print(_line(marker, count))
        total += count
    print(_line("all", total))


def _judged() -> Iterator[tuple[str, str, bool, bool, bool]]:
    """(marker, text, whether the act is performed, whether the line only measures, whether it is found)."""
    lexicon = load_lexicon("en")
    for side in ("agent", "customer"):
        seen: Counter[str] = Counter()
        for line in (FOLDER / f"{side}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            marker, number = row["marker"], seen[row["marker"]]
            seen[marker] += 1
            found = lexicon.find(row["text"], fold(row["text"]), side)
            hit = bool(CLOSINGS & found.keys()) if marker == "thanks_only" else marker in found
            yield marker, row["text"], row["is"], number % 3 == 2, hit


def _line(name: str, count: Counter[tuple[bool, bool, bool]]) -> str:
    cells = [name]
    for measures in (False, True):
        for act in (True, False):
            found, missed = count[measures, act, True], count[measures, act, False]
            cells.append(f"{found}/{found + missed}" if found + missed else "-")
    return f"{cells[0]:<20} {cells[1]:>14} {cells[2]:>7} {cells[3]:>18} {cells[4]:>7}"


if __name__ == "__main__":
    main()
