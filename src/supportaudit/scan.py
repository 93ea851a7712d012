"""The whole way: read, gather by customer, audit in one or more processes, merge, report."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from supportaudit import __version__
from supportaudit.engine import AsOf, Plan, audit_journey
from supportaudit.errors import InputError
from supportaudit.model import Finding, InputAccount, Rejected, Row, RunInfo, Status
from supportaudit.normalise import build_journey, journey_key
from supportaudit.read import Export, ReadOptions, open_export
from supportaudit.registry import chosen_checks
from supportaudit.report import Report, make_report
from supportaudit.shards import Shards, decode_rows
from supportaudit.tally import Tally

#: Below this many rows a second process costs more than it brings.
SMALL = 20_000
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ScanSettings:
    """What a user can set for a scan. `jobs` 0 means one process a core; it never changes the result."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    tz: str | None = None
    day_first: bool | None = None
    as_of: AsOf = field(default_factory=AsOf)
    since: float | None = None
    until: float | None = None
    min_confidence: float = 0.5
    jobs: int = 0

    def described(self) -> dict[str, str]:
        """What a result depends on beside its input, for the record."""
        described = {
            "checks": ",".join(c.id for c in chosen_checks(self.select, self.ignore)),
            "tz": self.tz or "UTC",
            "min_confidence": f"{self.min_confidence:g}",
        }
        if self.day_first is not None:
            described["day_first"] = str(self.day_first).lower()
        if self.mapping:
            described["map"] = ",".join(f"{k}={v}" for k, v in sorted(self.mapping.items()))
        for name, moment in (("since", self.since), ("until", self.until)):
            if moment is not None:
                described[name] = _iso(moment)
        return described


def scan(paths: Sequence[Path], settings: ScanSettings, progress: Progress | None = None) -> Report:
    """Audit one or more exports. Raises `UserError` for input or settings that cannot be used."""
    checks = chosen_checks(settings.select, settings.ignore)
    options = ReadOptions(mapping=settings.mapping, tz=settings.tz, day_first=settings.day_first)
    exports = [open_export(path, options, number) for number, path in enumerate(paths)]
    with Shards() as shards:
        newest = _gather(exports, shards, progress)
        if not shards.rows:
            raise InputError(_nothing_usable(exports))
        as_of = settings.as_of
        if as_of.at is None and as_of.after is None:
            as_of = AsOf(at=newest)
        customers = shards.customers
        tally, findings = _audit(shards, settings, as_of, progress)
    account = _account(exports, tally, customers)
    run = RunInfo(version=__version__, as_of=_as_of_words(as_of), settings=settings.described())
    return make_report(tally, findings, account, run, [check.info for check in checks])


def _gather(exports: Iterable[Export], shards: Shards, progress: Progress | None) -> float | None:
    """Read everything; return the newest time stamp."""
    newest: float | None = None
    for export in exports:
        for row in export.rows():
            shards.add(row)
            if row.at is not None and (newest is None or row.at > newest):
                newest = row.at
            if progress is not None and shards.rows % 4096 == 0:
                progress("reading", shards.rows, 0)
    shards.finish()
    return newest


def _nothing_usable(exports: Sequence[Export]) -> str:
    names = ", ".join(e.name for e in exports)
    reasons = [r.reason for e in exports for r in e.rejected[:1]]
    why = f"; the first one was rejected because: {reasons[0]}" if reasons else ""
    read = sum(e.rows_read for e in exports)
    return f"{names}: none of the {read} rows is a message that can be used{why}"


def _audit(
    shards: Shards, settings: ScanSettings, as_of: AsOf, progress: Progress | None
) -> tuple[Tally, list[Finding]]:
    job = _Job(settings, as_of)
    jobs = settings.jobs or (os.cpu_count() or 1)
    if jobs == 1 or shards.rows < SMALL:
        results: Iterator[tuple[bytes, bytes]] = (
            _audit_shard(job, shards.take(n)) for n in range(shards.count)
        )
        return _merge(results, shards, progress)
    # Spawned, not forked: the same on every platform, and safe beside the progress bar's thread.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_ignore_interrupt) as pool:
        try:
            return _merge(_in_turn(pool, job, shards, jobs), shards, progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _in_turn(
    pool: ProcessPoolExecutor, job: "_Job", shards: Shards, jobs: int
) -> Iterator[tuple[bytes, bytes]]:
    """Hand out a few shards at a time, so that encoded rows are not all copied at once."""
    waiting: list[Any] = []
    for number in range(shards.count):
        waiting.append(pool.submit(_audit_shard, job, shards.take(number)))
        if len(waiting) > jobs:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _merge(
    results: Iterator[tuple[bytes, bytes]], shards: Shards, progress: Progress | None
) -> tuple[Tally, list[Finding]]:
    tally = Tally()
    decoder = msgspec.msgpack.Decoder(list[Finding])
    findings: list[Finding] = []
    for number, (part, found) in enumerate(results, 1):
        tally.merge(Tally.decode(part))
        findings.extend(decoder.decode(found))
        if progress is not None:
            progress("auditing", number, shards.count)
    return tally, findings


@dataclass(frozen=True)
class _Job:
    """What a worker needs; checks are loaded in the worker, for their functions cannot be sent."""

    settings: ScanSettings
    as_of: AsOf

    def plan(self) -> Plan:
        settings = self.settings
        return Plan(
            checks=chosen_checks(settings.select, settings.ignore),
            as_of=self.as_of,
            zone=ZoneInfo(settings.tz) if settings.tz else UTC,
            min_confidence=settings.min_confidence,
            since=settings.since,
            until=settings.until,
        )


def _audit_shard(job: _Job, data: bytes) -> tuple[bytes, bytes]:
    """Audit all journeys of one shard; returns the encoded tally and findings."""
    journeys: dict[str, list[Row]] = {}
    for row in decode_rows(data):
        journeys.setdefault(journey_key(row), []).append(row)
    plan = job.plan()
    tally = Tally()
    findings: list[Finding] = []
    for rows in journeys.values():
        for audited in audit_journey(build_journey(rows), plan):
            tally.add(audited)
            findings.extend(f for o in audited.outcomes if o.status is Status.FAILED for f in o.findings)
    return tally.encode(), msgspec.msgpack.encode(findings)


def _ignore_interrupt() -> None:
    """Ctrl-C reaches every process of the terminal; only the parent answers it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _account(exports: Sequence[Export], tally: Tally, customers: int) -> InputAccount:
    rejected: list[Rejected] = [r for e in exports for r in e.rejected]
    notes = dict.fromkeys(note for e in exports for note in e.notes)
    mapping = dict(exports[0].mapping) if len(exports) == 1 else {}
    return InputAccount(
        files=tuple(e.name for e in exports),
        source=", ".join(dict.fromkeys(e.source for e in exports)),
        encoding=", ".join(dict.fromkeys(e.encoding for e in exports)),
        mapping=mapping,
        rows_read=sum(e.rows_read for e in exports),
        rows_used=sum(e.rows_used for e in exports),
        rows_rejected=sum(e.rows_rejected for e in exports),
        rows_not_messages=sum(e.rows_not_messages for e in exports),
        rejected=tuple(rejected),
        notes=tuple(notes),
        conversations=tally.conversations,
        customers=customers,
    )


def _as_of_words(as_of: AsOf) -> str:
    if as_of.after is not None:
        return f"+{as_of.after / 86_400:g}d after each conversation's last message"
    return _iso(as_of.at) if as_of.at is not None else "no time stamps"


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
