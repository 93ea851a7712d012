"""The whole way: take in, audit in one or more processes, merge, report."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import msgspec

from supportaudit import __version__
from supportaudit.auditing.collect import Collector
from supportaudit.auditing.customers import crowd_note
from supportaudit.auditing.engine import MIN_CONFIDENCE, AsOf, Plan, audit_journey
from supportaudit.auditing.intake import Intake, Progress, Reading, take_in, without_repetitions
from supportaudit.auditing.redact import Redactor
from supportaudit.auditing.registry import Added, Check, chosen_checks, in_force, using
from supportaudit.auditing.shards import Shards, decode_rows
from supportaudit.auditing.signals import signal_infos
from supportaudit.auditing.talk import find_ahead
from supportaudit.errors import SettingsError
from supportaudit.model import Audited, Finding, Journey, Row, RunInfo, Status
from supportaudit.normalise import Roster, build_journey, distinct, journey_key
from supportaudit.read.inputs import Given
from supportaudit.results.comparison import compare
from supportaudit.results.dossier import Dossier
from supportaudit.results.findings import Gathered
from supportaudit.results.gate import Rule, judge
from supportaudit.results.report import Report, make_report
from supportaudit.results.saved import period_of, read_result
from supportaudit.results.suppressions import Suppressions
from supportaudit.results.tally import Tally
from supportaudit.settings.checks import CheckTable
from supportaudit.settings.gate import Typed, gate_rules
from supportaudit.settings.hours import Hours
from supportaudit.settings.limits import STANDARD, Limits
from supportaudit.settings.typed import Fault
from supportaudit.wording.lexicon import AT_ONCE

#: Below this many rows a second process costs more than it brings.
SMALL = 20_000


@dataclass(frozen=True)
class ScanSettings:
    """What a user can set for a scan, `reading` for the files, the rest for the judgement.

    `min_confidence` None is the usual one, which a check's own in the settings file takes the place of; of one that
    is given and a check's own, the stricter counts. `jobs` 0 means one process a core; it never changes the result.
    `evidence` is how many cases of each check are kept in full for a page; None for a format that shows none.
    `added` are the checks beside the built-in ones: those in force where the settings are made.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)
    as_of: AsOf = field(default_factory=AsOf)
    since: float | None = None
    until: float | None = None
    min_confidence: float | None = None
    jobs: int = 0
    gate: Typed = field(default_factory=Typed)
    baseline: Path | None = None
    redact: bool = True
    evidence: int | None = None
    added: tuple[Added, ...] = field(default_factory=in_force)

    def __post_init__(self) -> None:
        # "nan" is a number to a command line; no finding reaches it, and every gate would be green.
        if self.min_confidence is not None and not 0 <= self.min_confidence <= 1:
            raise SettingsError(f"--min-confidence must be between 0 and 1, not {self.min_confidence:g}")

    @property
    def zone(self) -> tzinfo:
        """The zone in which days and weeks are counted."""
        return ZoneInfo(self.reading.zone) if self.reading.zone else UTC

    @property
    def least(self) -> float:
        """The confidence that findings need, but for checks that have one of their own."""
        return MIN_CONFIDENCE if self.min_confidence is None else self.min_confidence

    @property
    def table(self) -> CheckTable:
        """What the settings file changes in the checks."""
        return self.reading.settings.checks or CheckTable()

    def checks(self) -> tuple[Check, ...]:
        """The checks to run, as the user set them. One that the file switches off runs if it is selected by name."""
        off = () if self.select else self.table.off()
        with using(self.added):
            return tuple(map(self.table.changed, chosen_checks(self.select, (*self.ignore, *off))))

    def thresholds(self) -> dict[str, float]:
        """The least confidence of every check that runs."""
        own = self.table.thresholds(self.min_confidence)
        return {check.id: own.get(check.id, self.least) for check in self.checks()}

    def rules(self) -> tuple[Rule, ...]:
        """What the result must hold. Raises `SettingsError` for a limit that was typed and cannot be read."""
        try:
            return gate_rules(self.reading.settings.gate, self.gate)
        except Fault as fault:
            raise SettingsError(
                str(fault), hint="Write --fail-on slow-reply:5% or --fail-under 75."
            ) from None

    def described(self) -> dict[str, str]:
        """What a result depends on beside its input, for the record."""
        reading = self.reading
        described = {
            "checks": ",".join(c.id for c in self.checks()),
            "tz": str(self.zone),
            "min_confidence": f"{self.least:g}",
        }
        run = {check.id for check in self.checks()}
        if added := [str(one) for one in self.added if one.id in run]:
            described["added_checks"] = ", ".join(added)
        if reading.source is not None:
            described["source"] = reading.source
        if reading.day_first is not None:
            described["day_first"] = str(reading.day_first).lower()
        if reading.lang is not None:
            described["lang"] = reading.lang
        if reading.mapping:
            described["map"] = ",".join(f"{k}={v}" for k, v in sorted(reading.mapping.items()))
        if not self.redact:
            described["redact"] = "off"
        limits = reading.settings.wait_limits()
        if limits != STANDARD:
            described["limits"] = limits.written()
        if reading.digest:
            described["settings_file"] = reading.digest
        for name, moment in (("since", self.since), ("until", self.until)):
            if moment is not None:
                described[name] = _iso(moment)
        return described


def scan(
    given: Sequence[Given],
    settings: ScanSettings,
    progress: Progress | None = None,
    engine: "Engine | None" = None,
) -> Report:
    """Audit one or more exports, with the processes of this machine unless another engine is given.

    Raises `UserError` for input or settings that cannot be used.
    """
    settings.checks()
    settings.rules()  # a limit that cannot be read must not wait for the end of a long audit
    return report_of((engine or audit_here)(given, settings, progress), settings)


def audit_here(
    given: Sequence[Given],
    settings: ScanSettings,
    progress: Progress | None,
    audits: "Callable[[Job, Shards], Iterator[Audit]] | None" = None,
) -> "Done":
    """Read and audit on this machine; `audits` gives the audits of all shards, if not simply by auditing them."""
    with Shards() as shards:
        intake = take_in(given, settings.reading, shards, progress)
        job = Job.of(settings, intake)
        customers, crowded = shards.customers, len(shards.crowded)
        audit, findings = _merge((audits or plain_audits)(job, shards), shards, progress)
    return Done(intake, job, customers, audit, findings, crowded)


def plain_audits(job: "Job", shards: Shards) -> "Iterator[Audit]":
    """The audits of all shards, in order."""
    yield from map(msgspec.msgpack.Decoder(Audit).decode, each_portion(_audit_portion, job, shards))


def report_of(done: "Done", settings: ScanSettings) -> Report:
    """The report of an audit, whichever engine did it."""
    audit, job = done.audit, done.job
    account = without_repetitions(done.intake.account, audit.repeated)
    account = msgspec.structs.replace(
        account,
        conversations=audit.tally.conversations,
        customers=done.customers,
        notes=(*account.notes, *filter(None, [crowd_note(done.crowded)])),
    )
    run = RunInfo(version=__version__, as_of=as_of_words(job.as_of), settings=settings.described())
    infos = [check.info for check in settings.checks()]
    report = make_report(audit.tally, done.findings, account, run, infos, signals=signal_infos())
    return _judged(msgspec.structs.replace(report, dossier=audit.dossier), job, audit.tally, settings)


def _judged(report: Report, job: "Job", tally: Tally, settings: ScanSettings) -> Report:
    """The report with what the gate says, beside the baseline if there is one."""
    own = settings.reading.settings.gate
    comparison = None
    if settings.baseline is not None:
        comparison = compare(read_result(settings.baseline), period_of(report, "this audit"))
    gate = judge(
        settings.rules(), report.scorecard, comparison, worsening=own.fails_on_worsening, new=own.fails_on_new
    )
    return msgspec.structs.replace(
        report, gate=gate, comparison=comparison, suppressed=job.suppressions.report(tally.suppressed)
    )


class Audit(msgspec.Struct):
    """What came of some journeys: `repeated` messages were said twice in the input. Parts add up in any order."""

    tally: Tally = msgspec.field(default_factory=Tally)
    findings: list[Finding] = []
    repeated: int = 0
    dossier: Dossier | None = None

    def merge(self, other: "Audit") -> None:
        """Add another part, which is not to be used again."""
        self.tally.merge(other.tally)
        self.findings.extend(other.findings)
        self.repeated += other.repeated
        if self.dossier is None:
            self.dossier = other.dossier
        elif other.dossier is not None:
            self.dossier.merge(other.dossier)


def portions_of(shards: Shards) -> list[range]:
    """The shards as they are audited, few together: a small export in one go, others in ten parts or more."""
    return shards.portions(SMALL // 10)


def each_portion(work: "Work", job: "Job", shards: Shards, keep: bool = False) -> Iterator[bytes]:
    """What `work` makes of each portion of the shards, in order, in one process or several.

    `keep`: the shards are needed again.
    """
    part = shards.shard if keep else shards.take
    jobs = job.settings.jobs or (os.cpu_count() or 1)
    portions = portions_of(shards)
    parts = (b"".join(map(part, portion)) for portion in portions)
    if jobs == 1 or shards.rows < SMALL:
        yield from (work(job, data) for data in parts)
        return
    from supportaudit.auditing.pool import in_processes  # late: small exports need none of it

    yield from in_processes(partial(work, job), parts, min(jobs, len(portions)))


def _merge(
    parts: Iterator[Audit], shards: Shards, progress: Progress | None
) -> tuple[Audit, Sequence[Finding]]:
    """Everything that the parts found out, their findings apart: there may be more than fit in memory."""
    whole = Audit(Tally(), [])
    gathered = Gathered()
    total = len(portions_of(shards))
    for number, part in enumerate(parts, 1):
        gathered.add(part.findings)
        part.findings = []
        whole.merge(part)
        if progress is not None:
            progress("auditing", number, total)
    return whole, gathered.all()


@dataclass(frozen=True)
class Job:
    """What a worker needs; checks are loaded in the worker, for their functions cannot be sent."""

    settings: ScanSettings
    as_of: AsOf
    zone: tzinfo
    roster: Roster
    language: str
    hours: Hours | None
    limits: Limits
    suppressions: Suppressions

    @classmethod
    def of(cls, settings: ScanSettings, intake: Intake) -> Self:
        """The work on an intake; silence is judged up to its newest time, unless the user says otherwise."""
        as_of = settings.as_of
        if as_of.at is None and as_of.after is None:
            as_of = AsOf(at=intake.newest)
        reading = settings.reading
        hours, limits = reading.settings.business_hours(), reading.settings.wait_limits()
        suppressions = Suppressions(reading.settings.ignore, intake.newest if as_of.at is None else as_of.at)
        return cls(
            settings, as_of, settings.zone, reading.roster, reading.language, hours, limits, suppressions
        )

    def plan(self) -> Plan:
        """How to judge. Made in the worker, which loads the checks."""
        settings = self.settings
        checks = settings.checks()
        return Plan(
            checks=checks,
            params={check.id: settings.table.params_of(check) for check in checks},
            as_of=self.as_of,
            zone=self.zone,
            hours=self.hours,
            limits=self.limits,
            min_confidence=settings.least,
            thresholds=settings.table.thresholds(settings.min_confidence),
            severities=settings.table.severities(),
            since=settings.since,
            until=settings.until,
            suppressions=self.suppressions,
            redactor=Redactor() if settings.redact else None,
        )


@dataclass(frozen=True)
class Done:
    """What an engine brings home: what came in, of how many customers, what came of it, and how many are crowds.

    The findings stand apart from the rest of the audit, in their order.
    """

    intake: Intake
    job: Job
    customers: int
    audit: Audit
    findings: Sequence[Finding]
    crowded: int = 0


Engine = Callable[[Sequence[Given], ScanSettings, Progress | None], Done]
"""Reads exports and audits them, anywhere: it knows nothing about checks, and its answer is that of every other."""

Work = Callable[[Job, bytes], bytes]
"""What is done with the encoded rows of some shards, in a worker: a function at the top of a module."""


def journeys_of(data: bytes, job: "Job") -> Iterator[tuple[Journey, int]]:
    """The journeys of some shards, each with how many of its rows were said twice."""
    return journeys(customers_of(data), job)


def journeys(customers: Iterable[list[Row]], job: "Job") -> Iterator[tuple[Journey, int]]:
    """The same of customers, each given by their rows in the order of the input."""
    for said in customers:
        rows, repeated = distinct(said)
        yield build_journey(rows, job.roster, job.language), repeated


def tagged(journeys: Iterable[tuple[Journey, int]]) -> Iterator[tuple[Journey, int]]:
    """The same journeys, the markers of some thousand messages found before the first of them is judged."""
    some: list[tuple[Journey, int]] = []
    messages = 0
    for journey in journeys:
        some.append(journey)
        messages += sum(len(conversation.messages) for conversation in journey[0].conversations)
        if messages >= AT_ONCE:
            yield from _tagged(some)
            some, messages = [], 0
    yield from _tagged(some)


def _tagged(journeys: list[tuple[Journey, int]]) -> list[tuple[Journey, int]]:
    find_ahead(conversation for journey, _ in journeys for conversation in journey.conversations)
    return journeys


def customers_of(data: bytes) -> Iterable[list[Row]]:
    """The rows of some shards, those of each customer together."""
    customers: dict[str, list[Row]] = {}
    for row in decode_rows(data):
        customers.setdefault(journey_key(row), []).append(row)
    return customers.values()


def _audit_portion(job: Job, data: bytes) -> bytes:
    """Audit all journeys of some shards; returns the encoded `Audit`."""
    return msgspec.msgpack.encode(audit_journeys(job, journeys_of(data, job)))


def audit_journeys(job: Job, journeys: Iterable[tuple[Journey, int]]) -> Audit:
    """Audit journeys, each with how many of its rows were said twice: what every engine does with its part."""
    plan = job.plan()
    done = Audit(Tally(), [])
    evidence = job.settings.evidence
    collector = Collector(plan, evidence) if evidence is not None else None

    def share(text: str, audited: Audited) -> str:
        return plan.share(text, audited.customer_name, audited.language)

    for journey, repeated in tagged(journeys):
        done.repeated += repeated
        for audited in audit_journey(journey, plan, collector):
            done.tally.add(audited, share)
            done.findings.extend(f for o in audited.outcomes if o.status is Status.FAILED for f in o.findings)
    if collector is not None:
        done.dossier = collector.dossier
    return done


def as_of_words(as_of: AsOf) -> str:
    """The moment of judgement for people to read."""
    if as_of.after is not None:
        return f"+{as_of.after / 86_400:g}d after each conversation's last message"
    return _iso(as_of.at) if as_of.at is not None else "no time stamps"


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
