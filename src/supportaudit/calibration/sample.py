"""A sample of conversations for a person to label: stratified by our verdicts, blind to them.

Every conversation has a number of its own, a hash of the seed and its id. From those that a check failed the lowest
numbers are drawn, and so from those without findings: bottom-k sampling with one number for all strata (Cohen &
Kaplan 2007, Summarizing data using bottom-k sketches, PODC). So neither the order of the files nor the number of
processes changes the draw, and a conversation drawn for one check serves the others too.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from math import ceil

import msgspec

from supportaudit.auditing.engine import AsOf
from supportaudit.auditing.intake import Progress, take_in
from supportaudit.auditing.scan import Job, ScanSettings, each_portion, journeys_of
from supportaudit.auditing.shards import Shards
from supportaudit.calibration.transcript import transcript
from supportaudit.calibration.verdicts import Verdicts, verdicts_of
from supportaudit.model import Journey
from supportaudit.read.inputs import Given
from supportaudit.sheet import cell, id_cell

FACTS = ("conversation", "channel", "transcript")
OWN = ("reviewer", "note")
FINDINGS = 0.6
"""The share of a sample that is for findings: of a hundred, five for each of eleven checks."""


class Sample(msgspec.Struct, frozen=True):
    """`sheet` is the CSV to label, `drawn` how many conversations are in it, `of` how many the export holds."""

    sheet: str
    drawn: int
    of: int
    checks: tuple[str, ...]


def sample(
    paths: Sequence[Given],
    settings: ScanSettings,
    n: int = 100,
    seed: int = 1,
    progress: Progress | None = None,
) -> Sample:
    """Draw `n` conversations and write them as a sheet to label. The same export, seed and n give the same bytes."""
    with Shards() as shards:
        # In one order, however they were named: messages of one time stand in the order of the files.
        intake = take_in(sorted(paths, key=str), settings.reading, shards, progress)
        job = Job.of(settings, intake)
        checks = tuple(check.id for check in settings.checks())
        verdicts = list(verdicts_of(job, shards, progress, keep=True))
        drawn = draw(verdicts, checks, n, seed)
        pages = _pages(job, shards, drawn)
    rows = [pages[name] for name in sorted(drawn, key=lambda name: _number("order", seed, name))]
    return Sample(_sheet(rows, checks), len(rows), len(verdicts), checks)


def draw(verdicts: Iterable[Verdicts], checks: Sequence[str], n: int, seed: int) -> frozenset[str]:
    """The ids of at most `n` conversations. `FINDINGS` of them have any, the rarest check first; the rest have none.

    What the rarest cannot fill goes to the next; what all findings cannot fill goes to conversations without, and
    the other way round. Conversations that no check could judge are left out.
    """
    judged = [v for v in verdicts if v.passed or v.found]
    judged.sort(key=lambda v: _number("draw", seed, v.conversation))
    failed = {check: [v.conversation for v in judged if check in v.found] for check in checks}
    rarest = sorted((check for check in checks if failed[check]), key=lambda check: len(failed[check]))
    room = ceil(FINDINGS * n)
    drawn: dict[str, None] = {}
    for place, check in enumerate(rarest):
        share = ceil((room - len(drawn)) / (len(rarest) - place))
        drawn |= dict.fromkeys([name for name in failed[check] if name not in drawn][:share])
    for others in ([v for v in judged if not v.found], judged):
        new = [v.conversation for v in others if v.conversation not in drawn]
        drawn |= dict.fromkeys(new[: n - len(drawn)])
    return frozenset(drawn)


def _number(use: str, seed: int, conversation: str) -> tuple[bytes, str]:
    """A conversation's place among all, by chance. Another `use` gives another, or the order would tell the stratum."""
    text = f"{use}\0{seed}\0{conversation}".encode("utf-8", "replace")
    return blake2b(text, digest_size=8).digest(), conversation


class _Page(msgspec.Struct, frozen=True):
    """What a row tells of a conversation."""

    conversation: str
    channel: str
    text: str


def _pages(job: Job, shards: Shards, names: frozenset[str]) -> Mapping[str, _Page]:
    decoder = msgspec.msgpack.Decoder(list[_Page])
    results = each_portion(partial(_write_portion, names), job, shards)
    return {page.conversation: page for result in results for page in decoder.decode(result)}


def _write_portion(names: frozenset[str], job: Job, data: bytes) -> bytes:
    return msgspec.msgpack.encode(
        [page for journey, _ in journeys_of(data, job) for page in _written(journey, names, job)]
    )


def _written(journey: Journey, names: frozenset[str], job: Job) -> list[_Page]:
    ids = [talk.id for talk in journey.conversations]
    return [
        _Page(
            talk.id,
            talk.channel,
            transcript(
                talk,
                [name for name in ids if name != talk.id],
                _end(job.as_of, [m.at for m in talk.messages if m.at is not None]),
                job.zone,
            ),
        )
        for talk in journey.conversations
        if talk.id in names
    ]


def _end(as_of: AsOf, times: Sequence[float]) -> float | None:
    return as_of.of(max(times, default=None))


def _sheet(pages: Iterable[_Page], checks: Sequence[str]) -> str:
    """A CSV as spreadsheets like it: with a byte order mark and CRLF."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow([*FACTS, *checks, *OWN])
    for page in pages:
        empty = [""] * (len(checks) + len(OWN))
        table.writerow([id_cell(page.conversation), cell(page.channel), cell(page.text), *empty])
    return "\ufeff" + out.getvalue()
