"""How right the checks are on labelled conversations: precision, recall and F1 with bootstrap intervals, every
error with its conversation, and how often findings of each confidence are true.

    python benchmarks/accuracy.py tests/labelled/desk.jsonl tests/labelled/social.jsonl --errors

Beside NAME.jsonl lies NAME.labels.jsonl: {"id", "fails": {check: [message ids]}, "unsure": [checks]}. Pairs that
the labels call unsure are left out. Conversations are judged seven days after their own last message.
"""

import argparse
import json
import random
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from supportaudit.auditing.engine import AsOf
from supportaudit.auditing.intake import Reading
from supportaudit.auditing.registry import ORDER
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.calibration.agreement import Agreement, Measure, Pair, agreement
from supportaudit.model import Finding

BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
ENOUGH = 3
WEEK = 7 * 86_400.0


@dataclass(frozen=True)
class Verdict:
    """One check on one conversation of a labelled set; `finding` is our surest, None where we found nothing."""

    set: str
    talk: dict[str, Any]
    check: str
    finding: Finding | None
    proof: tuple[str, ...] | None

    @property
    def pair(self) -> Pair:
        """The verdict as agreement counts it."""
        return Pair(f"{self.set}:{self.talk['id']}", self.finding is not None, self.proof is not None)


def main() -> None:
    """Read the arguments, print the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", type=Path, help="NAME.jsonl beside NAME.labels.jsonl")
    parser.add_argument("--errors", action="store_true", help="list every error with its conversation")
    parser.add_argument("--check", action="append", help="only this check (may be repeated)")
    parser.add_argument("--part", type=float, help="only this share of the conversations, drawn by --seed")
    parser.add_argument("--rest", action="store_true", help="all but that share")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--min-confidence", type=float, default=0.5)
    args = parser.parse_args()
    verdicts = [v for path in args.sets for v in verdicts_of(path, args.min_confidence)]
    if args.part:
        drawn = _drawn(verdicts, args.part, args.seed)
        verdicts = [v for v in verdicts if (v.pair.conversation in drawn) is not args.rest]
    if args.check:
        verdicts = [v for v in verdicts if v.check in args.check]
    print("\n".join(_report(verdicts)))
    if args.errors:
        print("\n".join(_errors(verdicts)))


def verdicts_of(path: Path, min_confidence: float) -> Iterator[Verdict]:
    """Every check on every labelled conversation of a set, the unsure ones left out."""
    talks = {talk["id"]: talk for talk in map(json.loads, path.read_text("utf-8").splitlines())}
    labels = map(json.loads, path.with_suffix(".labels.jsonl").read_text("utf-8").splitlines())
    settings = ScanSettings(
        as_of=AsOf(after=WEEK), min_confidence=min_confidence, jobs=1, reading=Reading(source="generic")
    )
    surest: dict[tuple[str, str], Finding] = {}
    for finding in scan([path], settings).findings:
        key = (finding.conversation_id, finding.check)
        if key not in surest or finding.confidence > surest[key].confidence:
            surest[key] = finding
    for label in labels:
        for check in ORDER:
            if check not in label["unsure"]:
                proof = label["fails"].get(check)
                yield Verdict(
                    path.stem, talks[label["id"]], check, surest.get((label["id"], check)),
                    None if proof is None else tuple(proof),
                )  # fmt: skip


def _drawn(verdicts: Iterable[Verdict], share: float, seed: int) -> set[str]:
    names = sorted({v.pair.conversation for v in verdicts})
    return set(random.Random(seed).sample(names, round(share * len(names))))


def _report(verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield f"{'':<20} true found  precision          recall             F1                 evidence"
    for name, group in _grouped(verdicts, lambda v: v.check, ORDER):
        yield _line(name, group)
    yield _line("all pairs", verdicts)
    defined = [
        measured.f1.value
        for _, group in _grouped(verdicts, lambda v: v.check, ORDER)
        if sum(v.proof is not None for v in group) >= ENOUGH
        and (measured := agreement([v.pair for v in group], rounds=0)).f1.value is not None
    ]
    if defined:
        yield f"macro F1 over checks with {ENOUGH} or more true: {sum(filter(None, defined)) / len(defined):.3f}"
    languages = sorted({v.talk.get("lang", "en") for v in verdicts})
    if len(languages) > 1:
        yield ""
        for name, group in _grouped(verdicts, lambda v: v.talk.get("lang", "en"), languages):
            yield _line(name, group)
    yield ""
    yield "confidence  findings  true"
    for low, high in pairwise(BINS):
        hits = [v for v in verdicts if v.finding is not None and low <= v.finding.confidence < high]
        if hits:
            true = sum(v.proof is not None for v in hits)
            yield f"{low:.1f}-{min(high, 1):.1f}     {len(hits):8}  {true / len(hits):.2f}"


def _grouped(
    verdicts: Sequence[Verdict], by: Callable[[Verdict], str], names: Iterable[str]
) -> Iterator[tuple[str, list[Verdict]]]:
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[by(verdict)].append(verdict)
    return ((name, groups[name]) for name in names if groups[name])


def _line(name: str, verdicts: Sequence[Verdict]) -> str:
    found: Agreement = agreement([v.pair for v in verdicts])
    both = [v for v in verdicts if v.finding is not None and v.proof is not None]
    shown = sum(bool(set(v.finding.messages) & set(v.proof)) for v in both if v.finding and v.proof)
    true, ours = (found.counts.both + other for other in (found.counts.only_theirs, found.counts.only_ours))
    evidence = f"{shown / len(both):.2f}" if both else "   -"
    measures = "  ".join(map(_measure, (found.precision, found.recall, found.f1)))
    return f"{name:<20} {true:4.0f} {ours:5.0f}  {measures}  {evidence}"


def _measure(measure: Measure) -> str:
    if measure.value is None:
        return f"{'-':<17}"
    interval = measure.interval
    around = f"({interval.low:.2f}-{interval.high:.2f})" if interval else ""
    return f"{measure.value:.2f} {around:<12}"


def _errors(verdicts: Iterable[Verdict]) -> Iterator[str]:
    wrong: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if (verdict.finding is None) is not (verdict.proof is None):
            wrong[verdict.pair.conversation].append(verdict)
    for name, errors in wrong.items():
        talk = errors[0].talk
        yield f"\n### {name}  {talk.get('channel', '')} {talk.get('brand', '')}"
        for error in errors:
            finding = error.finding
            if finding is not None:
                proof = f"{', '.join(finding.messages)}: {finding.reason}: “{finding.quote[:150]}”"
                yield f"  FALSE ALARM {error.check} ({finding.confidence:.2f}) {proof}"
            else:
                yield f"  MISSED {error.check} {', '.join(error.proof or ())}"
        for message in talk["messages"]:
            head = f"  {message['id']} {message['at'][5:16]} {message['role']} {message.get('author', '')}: "
            yield from textwrap.wrap(
                head + " ".join(message["text"].split()), 118, subsequent_indent="      "
            )


if __name__ == "__main__":
    main()
