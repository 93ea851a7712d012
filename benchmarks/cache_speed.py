"""How much a cache saves while an export grows by a week at a time.

    python -m benchmarks.cache_speed --weeks 8 --messages 5000

The export of every week holds all weeks before it, as desks write them, and with its newest message the moment moves up
to which silence is judged. Each is audited without a cache, with an empty one, and with that of the week before. What
counts is the processor's time of one process: it hangs less than the clock on what else the machine does.
"""

import argparse
import csv
import tempfile
import time
from itertools import islice
from pathlib import Path

from benchmarks import make_corpus

from supportaudit.auditing.cache import Cache
from supportaudit.auditing.scan import ScanSettings, scan

DAYS = 7


def main() -> None:
    """Read the arguments, print a line a week."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--messages", type=int, default=5_000, help="of each week")
    parser.add_argument("--evidence", type=int, help="cases of each check that a page shows")
    args = parser.parse_args()
    make_corpus.MESSAGES_PER_DAY = args.messages // DAYS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole, export = folder / "whole.csv", folder / "export.csv"
        make_corpus.make(whole, args.messages * args.weeks)
        _first(whole, 500, export)
        _audit(export, args.evidence)  # every pack loaded
        print("week  messages  no cache s  cold s  warm s  warm/no  known  kept MB")
        for week in range(1, args.weeks + 1):
            messages = args.messages * week
            _first(whole, messages, export)
            plain = _audit(export, args.evidence)
            cold = _audit(export, args.evidence, Cache(folder / f"cold-{week}"))
            cache = Cache(folder / "kept")
            warm = _audit(export, args.evidence, cache)
            kept = sum(file.stat().st_size for file in cache.folder.iterdir()) / 1e6
            print(
                f"{week:4}  {messages:8,}  {plain:10.2f}  {cold:6.2f}  {warm:6.2f}  {warm / plain:7.2f}"
                f"  {cache.known / cache.conversations:5.0%}  {kept:7.1f}",
                flush=True,
            )


def _first(whole: Path, messages: int, path: Path) -> None:
    """Write the export of the first messages."""
    with (
        whole.open(encoding="utf-8", newline="") as source,
        path.open("w", encoding="utf-8", newline="") as out,
    ):
        csv.writer(out).writerows(islice(csv.reader(source), messages + 1))


def _audit(path: Path, evidence: int | None, cache: Cache | None = None) -> float:
    """The processor's seconds of one audit, reading included."""
    began = time.process_time()
    scan([path], ScanSettings(jobs=1, evidence=evidence), engine=cache)
    return time.process_time() - began


if __name__ == "__main__":
    main()
