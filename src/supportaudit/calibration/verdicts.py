"""What we say of every conversation, kept small: for samples to label, and to be measured against a reader."""

from collections.abc import Iterator, Sequence

import msgspec

from supportaudit.auditing.engine import audit_journey
from supportaudit.auditing.intake import Progress, take_in
from supportaudit.auditing.scan import Job, ScanSettings, each_portion, journeys_of, portions_of, tagged
from supportaudit.auditing.shards import Shards
from supportaudit.model import Audited, Outcome, Status
from supportaudit.read.inputs import Given


class Found(msgspec.Struct, frozen=True, array_like=True):
    """The surest finding of a check in a conversation."""

    confidence: float
    quote: str = ""
    reason: str = ""


class Verdicts(msgspec.Struct, frozen=True, array_like=True):
    """One conversation: the checks that passed, and those that failed with their surest finding.

    A check that stands in neither could not judge it.
    """

    conversation: str
    channel: str
    passed: tuple[str, ...]
    found: dict[str, Found]


def judge(paths: Sequence[Given], settings: ScanSettings, progress: Progress | None = None) -> list[Verdicts]:
    """Our verdicts on all conversations of some exports. Raises `UserError` as a scan does."""
    with Shards() as shards:
        intake = take_in(paths, settings.reading, shards, progress)
        return list(verdicts_of(Job.of(settings, intake), shards, progress))


def verdicts_of(
    job: Job, shards: Shards, progress: Progress | None = None, keep: bool = False
) -> Iterator[Verdicts]:
    """Our verdicts on all conversations in some shards; `keep`: the shards are needed again."""
    decoder = msgspec.msgpack.Decoder(list[Verdicts])
    total = len(portions_of(shards))
    for number, result in enumerate(each_portion(_judge_portion, job, shards, keep), 1):
        yield from decoder.decode(result)
        if progress is not None:
            progress("auditing", number, total)


def _judge_portion(job: Job, data: bytes) -> bytes:
    plan = job.plan()
    return msgspec.msgpack.encode(
        [
            _verdicts(audited)
            for journey, _ in tagged(journeys_of(data, job))
            for audited in audit_journey(journey, plan)
        ]
    )


def _verdicts(audited: Audited) -> Verdicts:
    return Verdicts(
        conversation=audited.conversation_id,
        channel=audited.channel,
        passed=tuple(o.check for o in audited.outcomes if o.status is Status.PASSED),
        found={o.check: _surest(o) for o in audited.outcomes if o.status is Status.FAILED},
    )


def _surest(outcome: Outcome) -> Found:
    surest = max(outcome.findings, key=lambda finding: finding.confidence)
    return Found(surest.confidence, surest.quote, surest.reason)
