"""What must hold of whatever was read: every row accounted for, every check at an end, a report that can be written."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from fuzz.harness import told
from supportaudit.auditing.collect import Collector
from supportaudit.auditing.engine import Plan, audit_journey
from supportaudit.auditing.intake import Intake, Reading
from supportaudit.auditing.registry import Check
from supportaudit.auditing.scan import Job, ScanSettings, journeys_of
from supportaudit.auditing.shards import Shards
from supportaudit.auditing.signals import signal_infos
from supportaudit.auditing.talk import Talk
from supportaudit.errors import UserError
from supportaudit.model import Audited, Finding, InputAccount, Rejected, Row, RowKind, RunInfo, Status
from supportaudit.read import Export, ReadOptions, open_exports
from supportaudit.read.inputs import Inputs, Limits
from supportaudit.read.timestamps import EARLIEST, LATEST
from supportaudit.render import FORMATS, View
from supportaudit.results.report import Report, make_report
from supportaudit.results.tally import Tally
from supportaudit.settings.moments import parse_mapping

EVIDENCE = 2
SMALL = Limits(total=1 << 24, ratio=200, slack=1 << 20, members=200, cells=100_000)
"""What unpacking may cost here: an input of some kilobytes that grows beyond has done what it can."""


def read_files(files: Mapping[str, bytes], options: ReadOptions, limits: Limits = SMALL) -> list[Row]:
    """All rows of one file, or of several in a folder; none if it is refused. Every row must be accounted for."""
    with tempfile.TemporaryDirectory(prefix="supportaudit-fuzz-") as name:
        folder = Path(name)
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        whole = folder if len(files) > 1 else folder / next(iter(files))
        try:
            with Inputs([whole], limits) as inputs:
                exports = open_exports(inputs.documents, lambda _: options)
                return [row for n, export in enumerate(exports) for row in _rows(export, n)]
        except UserError as error:
            told(error)
            return []


def mapped(data: bytes, options: ReadOptions) -> tuple[bytes, ReadOptions]:
    """A file whose first line is what `--map` says, field=column parted by commas, and the options with that."""
    line, _, rest = data.partition(b"\n")
    try:
        mapping = parse_mapping(line.decode("utf-8", "replace").split(","))
    except UserError as error:
        told(error)
        mapping = {}
    return rest, replace(options, mapping=mapping)


def _rows(export: Export, number: int) -> Iterable[Row]:
    refused: list[Rejected] = []
    rows = list(export.rows(lambda rejected, _row: refused.append(rejected)))
    _used(export, rows)
    assert export.rows_read == export.rows_used + export.rows_rejected + export.rows_not_messages
    assert export.rows_rejected == len(refused) == sum(export.reject_reasons.values())
    for rejected in refused:
        assert rejected.line > 0, rejected
        assert rejected.reason and rejected.reason.isprintable(), rejected
    assert all(note.isprintable() for note in export.notes), export.notes
    for row in rows:
        assert row.conversation_id and row.file == number and row.line > 0, row
        assert row.at is None or EARLIEST <= row.at < LATEST, row
    # Names are left out: who is who may stand in later records, and is known when the file is read again.
    again = [(row.line, row.message_id, row.at, row.kind, row.text) for row in export.rows()]
    assert again == [(row.line, row.message_id, row.at, row.kind, row.text) for row in rows]
    return rows


def _used(export: Export, rows: Sequence[Row]) -> None:
    """What is counted as used was handed out. A desk's record may be told by several rows, or by facts alone."""
    out = Counter(row.kind for row in rows)
    told = f"{export.rows_used} rows counted as used, handed out: {dict(out)}"
    if export.recognised.desk is None:
        assert export.rows_used == out.total() - out[RowKind.GAP], told
    else:
        assert export.rows_used <= out.total() - out[RowKind.GAP], told
        assert export.rows_used or out.total() == out[RowKind.GAP] + out[RowKind.FACTS], told


def audit(rows: Sequence[Row], settings: ScanSettings | None = None) -> Report:
    """Audit rows as a scan does. Raises what a check raises, which a scan would only tell."""
    settings = settings or _settings()
    newest = max((row.at for row in rows if row.at is not None), default=None)
    account = _account(len(rows))
    job = Job.of(settings, Intake(newest, account))
    plan = job.plan()
    collector = Collector(plan, EVIDENCE)
    watcher = _Watcher(plan, collector)
    tally = Tally()
    findings: list[Finding] = []
    with Shards(count=1) as shards:
        for row in rows:
            shards.add(row)
        shards.finish()
        for journey, _ in journeys_of(shards.take(0), job):
            for audited in audit_journey(journey, plan, watcher):
                tally.add(audited, lambda text, seen: plan.share(text, seen.customer_name, seen.language))
                findings += [f for o in audited.outcomes if o.status is Status.FAILED for f in o.findings]
    run = RunInfo("0", "", settings.described())
    infos = [check.info for check in plan.checks]
    return make_report(tally, findings, account, run, infos, signals=signal_infos())


def write(report: Report) -> str:
    """A result as JSON, which it must be."""
    written = str(FORMATS["json"](report, View()))
    json.loads(written)
    return written


def audit_read(rows: Sequence[Row]) -> None:
    """Audit what a reader gave. A result costs as much as all before it: one in four is written."""
    report = audit(rows)
    if len(rows) % 4 == 1:
        write(report)


@cache
def _settings() -> ScanSettings:
    return ScanSettings(reading=Reading(), jobs=1, evidence=EVIDENCE)


def _account(rows: int) -> InputAccount:
    return InputAccount(("fuzz",), "fuzz", "utf-8", {}, rows, rows, 0, 0, (), ())


class _Watcher:
    """Looks at every outcome, and lets a check that crashed crash again where the traceback is seen."""

    def __init__(self, plan: Plan, collector: Collector) -> None:
        self._plan = plan
        self._collector = collector

    def see(self, seen: Sequence[tuple[Talk, Audited]]) -> None:
        for talk, audited in seen:
            for check, outcome in zip(self._plan.checks, audited.outcomes, strict=True):
                if outcome.status is Status.ERROR:
                    list(check.run(talk, self._plan.params_of(check)))
                    raise AssertionError(outcome.reason)
                for finding in outcome.findings:
                    _proven(check, finding, talk)
            for observation in audited.observations:
                assert not observation.crashed, observation
        self._collector.see(seen)


def _proven(check: Check, finding: Finding, talk: Talk) -> None:
    """A finding points at messages that are there, and says no number that cannot be."""
    known = {message.id for message in talk.conversation.messages}
    assert finding.check == check.id
    assert finding.messages and known.issuperset(finding.messages), finding
    assert finding.quote and finding.reason, finding
    assert 0 < finding.confidence <= 1, finding
    assert finding.gap is None or 0 <= finding.gap < LATEST, finding
