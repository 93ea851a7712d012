"""The whole way: take in, audit in one or more processes, merge, report."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from supportaudit import __version__
from supportaudit.check_settings import CheckTable
from supportaudit.engine import MIN_CONFIDENCE, AsOf, Plan, audit_journey
from supportaudit.hours import Hours
from supportaudit.intake import Progress, Reading, take_in, without_repetitions
from supportaudit.limits import Limits
from supportaudit.model import Finding, Row, RunInfo, Status
from supportaudit.normalise import Roster, build_journey, distinct, journey_key
from supportaudit.registry import Check, chosen_checks
from supportaudit.report import Report, make_report
from supportaudit.shards import Shards, decode_rows
from supportaudit.tally import Tally

#: Below this many rows a second process costs more than it brings.
SMALL = 20_000


@dataclass(frozen=True)
class ScanSettings:
    """What a user can set for a scan, `reading` for the files, the rest for the judgement.

    `min_confidence` None is the usual one, which a check's own in the settings file takes the place of; of one that
    is given and a check's own, the stricter counts. `jobs` 0 means one process a core; it never changes the result.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)
    as_of: AsOf = field(default_factory=AsOf)
    since: float | None = None
    until: float | None = None
    min_confidence: float | None = None
    jobs: int = 0

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
        return tuple(map(self.table.changed, chosen_checks(self.select, (*self.ignore, *off))))

    def described(self) -> dict[str, str]:
        """What a result depends on beside its input, for the record."""
        reading = self.reading
        described = {
            "checks": ",".join(c.id for c in self.checks()),
            "tz": str(self.zone),
            "min_confidence": f"{self.least:g}",
        }
        if reading.source is not None:
            described["source"] = reading.source
        if reading.day_first is not None:
            described["day_first"] = str(reading.day_first).lower()
        if reading.mapping:
            described["map"] = ",".join(f"{k}={v}" for k, v in sorted(reading.mapping.items()))
        if reading.digest:
            described["settings_file"] = reading.digest
        for name, moment in (("since", self.since), ("until", self.until)):
            if moment is not None:
                described[name] = _iso(moment)
        return described


def scan(paths: Sequence[Path], settings: ScanSettings, progress: Progress | None = None) -> Report:
    """Audit one or more exports. Raises `UserError` for input or settings that cannot be used."""
    checks = settings.checks()
    with Shards() as shards:
        intake = take_in(paths, settings.reading, shards, progress)
        as_of = settings.as_of
        if as_of.at is None and as_of.after is None:
            as_of = AsOf(at=intake.newest)
        customers = shards.customers
        audit = _audit(shards, settings, as_of, progress)
    account = msgspec.structs.replace(
        without_repetitions(intake.account, audit.repeated),
        conversations=audit.tally.conversations,
        customers=customers,
    )
    run = RunInfo(version=__version__, as_of=_as_of_words(as_of), settings=settings.described())
    return make_report(audit.tally, audit.findings, account, run, [check.info for check in checks])


class _Audit(msgspec.Struct):
    """What came of some shards: `repeated` messages were said twice in the input."""

    tally: Tally
    findings: list[Finding]
    repeated: int = 0


def _audit(shards: Shards, settings: ScanSettings, as_of: AsOf, progress: Progress | None) -> _Audit:
    reading = settings.reading.settings
    job = _Job(
        settings,
        as_of,
        settings.zone,
        settings.reading.roster,
        reading.business_hours(),
        reading.wait_limits(),
    )
    jobs = settings.jobs or (os.cpu_count() or 1)
    if jobs == 1 or shards.rows < SMALL:
        results: Iterator[bytes] = (_audit_shard(job, shards.take(n)) for n in range(shards.count))
        return _merge(results, shards, progress)
    # Spawned, not forked: the same on every platform, and safe beside the progress bar's thread.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_ignore_interrupt) as pool:
        try:
            return _merge(_in_turn(pool, job, shards, jobs), shards, progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _in_turn(pool: ProcessPoolExecutor, job: "_Job", shards: Shards, jobs: int) -> Iterator[bytes]:
    """Hand out a few shards at a time, so that encoded rows are not all copied at once."""
    waiting: list[Any] = []
    for number in range(shards.count):
        waiting.append(pool.submit(_audit_shard, job, shards.take(number)))
        if len(waiting) > jobs:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _merge(results: Iterator[bytes], shards: Shards, progress: Progress | None) -> _Audit:
    whole = _Audit(Tally(), [])
    decoder = msgspec.msgpack.Decoder(_Audit)
    for number, result in enumerate(results, 1):
        part = decoder.decode(result)
        whole.tally.merge(part.tally)
        whole.findings.extend(part.findings)
        whole.repeated += part.repeated
        if progress is not None:
            progress("auditing", number, shards.count)
    return whole


@dataclass(frozen=True)
class _Job:
    """What a worker needs; checks are loaded in the worker, for their functions cannot be sent."""

    settings: ScanSettings
    as_of: AsOf
    zone: tzinfo
    roster: Roster
    hours: Hours | None
    limits: Limits

    def plan(self) -> Plan:
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
        )


def _audit_shard(job: _Job, data: bytes) -> bytes:
    """Audit all journeys of one shard; returns the encoded `_Audit`."""
    journeys: dict[str, list[Row]] = {}
    for row in decode_rows(data):
        journeys.setdefault(journey_key(row), []).append(row)
    plan = job.plan()
    done = _Audit(Tally(), [])
    for said in journeys.values():
        rows, repeated = distinct(said)
        done.repeated += repeated
        for audited in audit_journey(build_journey(rows, job.roster), plan):
            done.tally.add(audited)
            done.findings.extend(f for o in audited.outcomes if o.status is Status.FAILED for f in o.findings)
    return msgspec.msgpack.encode(done)


def _ignore_interrupt() -> None:
    """Ctrl-C reaches every process of the terminal; only the parent answers it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _as_of_words(as_of: AsOf) -> str:
    if as_of.after is not None:
        return f"+{as_of.after / 86_400:g}d after each conversation's last message"
    return _iso(as_of.at) if as_of.at is not None else "no time stamps"


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
