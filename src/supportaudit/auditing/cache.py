"""Audits of unchanged customers, kept between runs: of an export that grows, only what is new is audited.

A customer's conversations are known again by a hash of their rows and of all that judges them (rules.py). Where the
rows stand in the export does not count: results are kept without files and lines and get those of the rows at hand. Nor
does the as-of moment, which moves with every week, as long as it would change nothing (cache_entry.py, moment.py).
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path

import msgspec

from supportaudit.auditing.cache_entry import (
    LEFT_OUT,
    Apart,
    Entry,
    can_say_anew,
    crashed,
    holds,
    pack,
    periods,
    say_anew,
    unpack,
)
from supportaudit.auditing.cache_file import NAME, CacheFile
from supportaudit.auditing.collect import Collector, head_of
from supportaudit.auditing.engine import Plan, audit_journey
from supportaudit.auditing.intake import Progress
from supportaudit.auditing.moment import ALWAYS, Moment
from supportaudit.auditing.rules import digest_of_rules, encoded
from supportaudit.auditing.scan import (
    Audit,
    Done,
    Job,
    ScanSettings,
    audit_here,
    customers_of,
    each_portion,
    journeys,
    plain_audits,
    tagged,
)
from supportaudit.auditing.shards import Shards
from supportaudit.errors import SettingsError
from supportaudit.model import Audited, Journey, Observation, Row, Status
from supportaudit.read.inputs import Given
from supportaudit.read.unpack import hidden
from supportaudit.results.dossier import Dossier, Head
from supportaudit.results.suppressions import Suppressions
from supportaudit.results.tally import Tally

LIMIT = 1 << 30
"""Bytes that a cache may take, unless the user says otherwise."""

_AT_ONCE = 2_000  # journeys looked up together
_IGNORE = "# Made by supportaudit: results of audits, with words of your customers.\n*\n"
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A folder of caches: backups may leave it out.\n"


class Cache:
    """An engine for `scan` that audits on this machine and keeps what it finds in a folder, for the next time.

    After the audit `words` says how it went, and `known` how many of its `conversations` did not have to be audited.
    Raises `SettingsError` if the folder cannot be made.
    """

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self.folder = folder
        self._limit = limit
        self.known = self.conversations = 0
        self._trouble = ""
        _make(folder)

    def __call__(self, given: Sequence[Given], settings: ScanSettings, progress: Progress | None) -> Done:
        """Read and audit; the answer is that of every other engine."""
        _refuse_inside(self.folder, given)
        return audit_here(given, settings, progress, self._audits)

    @property
    def words(self) -> str:
        """What came of it, in one line; "" before there was anything."""
        if self._trouble:
            return f"warning: {self.folder}: {self._trouble}; the audit went on without its cache"
        if not self.conversations:
            return ""
        return f"{self.folder}: {self.known:,} of {self.conversations:,} conversations were as in an earlier audit"

    def _audits(self, job: Job, shards: Shards) -> Iterator[Audit]:
        try:
            file = CacheFile.begin(self.folder / NAME, self._limit)
            rules = digest_of_rules(job)
        except (OSError, TypeError, sqlite3.Error) as error:
            self._trouble = _said(error)
            yield from plain_audits(job, shards)
            return
        decoder = msgspec.msgpack.Decoder(_Result)
        for data in each_portion(partial(_audit_portion, file, rules), job, shards):
            result = decoder.decode(data)
            self.known += result.known
            self.conversations += result.audit.tally.conversations
            self._trouble = self._trouble or result.trouble
            yield result.audit


def _make(folder: Path) -> None:
    try:
        new = not folder.exists()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if new:
            (folder / ".gitignore").write_text(_IGNORE, "utf-8")
            (folder / "CACHEDIR.TAG").write_text(_TAG, "utf-8")
    except FileExistsError:
        raise SettingsError(f"--cache: {folder} is a file", hint="Name a folder.") from None
    except OSError as error:
        raise SettingsError(
            f"--cache: {folder} cannot be made: {(error.strerror or 'no access').lower()}",
            hint="Name a folder that you may write to.",
        ) from error


def _refuse_inside(folder: Path, given: Sequence[Given]) -> None:
    """A cache among the exports of a folder would be taken for one of them."""
    place = folder.resolve()
    for path in given:
        if isinstance(path, Path) and path.is_dir() and place.is_relative_to(path.resolve()):
            names = place.relative_to(path.resolve()).parts
            if not any(map(hidden, names)):
                raise SettingsError(
                    f"--cache: {folder} lies in {path}, which is read",
                    hint="Name a folder outside it, or one whose name begins with a dot.",
                )


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be written: {(error.strerror or 'no access').lower()}"
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return f"is damaged ({error}): delete {NAME} in it"
    return f"cannot be used: {error}"


class _Result(msgspec.Struct):
    """What a worker brings home: the audit of a shard, and how many of its conversations were known."""

    audit: Audit
    known: int
    trouble: str


def _audit_portion(file: CacheFile, rules: bytes, job: Job, data: bytes) -> bytes:
    """Audit all journeys of one shard, or take what is kept of them; returns the encoded `_Result`."""
    shard = _Shard(file, rules, job)
    for some in _batches(customers_of(data)):
        shard.audit(some)
    return msgspec.msgpack.encode(shard.result())


def _batches(customers: Iterable[list[Row]]) -> Iterator[list[list[Row]]]:
    batch: list[list[Row]] = []
    for rows in customers:
        batch.append(rows)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


class _Shard:
    """The audit of one shard. What it sees of the file ends with the first trouble."""

    def __init__(self, file: CacheFile, rules: bytes, job: Job) -> None:
        self._file = file
        self._rules = rules
        self._job = job
        self._plan = job.plan()
        self._accepted = _digest_of(job.suppressions)
        self._by_name = any(entry.message is not None for entry in job.suppressions.entries)
        self._in_place = any(check.origin for check in self._plan.checks)
        self._audit = Audit(Tally(), [])
        kept = job.settings.evidence
        self._evidence = None if kept is None else _Evidence(kept)
        self._known = 0
        self._used: list[bytes] = []
        self._made: dict[bytes, bytes] = {}
        self._trouble = _given_up.get(file, "")

    def audit(self, customers: Sequence[list[Row]]) -> None:
        """Audit some customers in their order."""
        apart = [
            Apart(rows, self._rules, by_name=self._by_name, in_place=self._in_place) for rows in customers
        ]
        kept = self._kept([one.key for one in apart])
        new = tagged(journeys([one.rows for one in apart if one.key not in kept], self._job))
        for one in apart:
            entry = self._usable(kept.get(one.key))
            if one.key not in kept:
                entry = self._entry(one, next(new))
            elif entry is None:
                entry = self._entry(one, next(journeys([one.rows], self._job)))
            else:
                self._used.append(one.key)
                self._known += len(entry.audited)
            say_anew(entry, self._plan)
            one.place(entry)
            self._take(entry)

    def result(self) -> _Result:
        """All of it, after what is new was written down."""
        if not self._trouble:
            try:
                self._file.put(self._used, self._made)
            except sqlite3.Error as error:
                self._give_up(error)
        if self._evidence is not None:
            self._audit.dossier = self._evidence.dossier
        return _Result(self._audit, self._known, self._trouble)

    def _kept(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        if self._trouble:
            return {}
        try:
            return self._file.get(keys)
        except sqlite3.Error as error:
            self._give_up(error)
            return {}

    def _give_up(self, error: sqlite3.Error) -> None:
        self._trouble = _given_up[self._file] = _said(error)

    def _usable(self, data: bytes | None) -> Entry | None:
        """A kept entry, if it says here and now what an audit would."""
        entry = unpack(data) if data is not None else None
        if entry is None or not holds(entry, self._plan) or entry.accepted not in (None, self._accepted):
            return None
        if self._evidence is not None and not self._evidence.has_all(entry):
            return None
        return None if self._lacks_words(entry) else entry

    def _lacks_words(self, entry: Entry) -> bool:
        """Whether words were left out that are wanted now."""
        seen = ((one, seen) for one in entry.audited for seen in one.observations)
        return any(what.quote == LEFT_OUT and self._wants(one, what) for one, what in seen)

    def _entry(self, apart: Apart, built: tuple[Journey, int]) -> Entry:
        """Audit a customer, and keep what comes of it; not where something crashed, which may go well another time."""
        plan = self._plan
        journey, repeated = built
        moment = Moment(plan.as_of.at) if plan.as_of.after is None else None
        collector = None if self._evidence is None else self._evidence.collector(plan)
        audited = list(audit_journey(journey, plan, collector, moment))
        shared = [self._shared(one) for one in audited]
        if moment is not None and not can_say_anew(moment.measured, audited, shared):
            moment.exactly()
        since, until = periods(journey, plan)
        found = any(o.findings or o.suppressed for a in audited for o in a.outcomes)
        entry = Entry(
            as_of=ALWAYS if moment is None else moment.span,
            since=since,
            until=until,
            accepted=self._accepted if found else None,
            repeated=repeated,
            measured=[] if moment is None else list(dict.fromkeys(moment.measured)),
            audited=shared,
            shown=None if collector is None else collector.dossier,
        )
        if not any(map(crashed, audited)):
            self._made[apart.key] = pack(entry)
        return entry

    def _shared(self, audited: Audited) -> Audited:
        """What is counted of a conversation, personal data hidden: no name of a customer is kept.

        Nor are words that a result would show only as an example, where it has examples enough.
        """

        def shared(seen: Observation) -> Observation:
            if not seen.quote:
                return seen
            quote = LEFT_OUT
            if self._wants(audited, seen):
                quote = self._plan.share(seen.quote, audited.customer_name, audited.language)
            return msgspec.structs.replace(seen, quote=quote)

        observations = tuple(map(shared, audited.observations))
        return msgspec.structs.replace(audited, customer_id="", customer_name="", observations=observations)

    def _wants(self, audited: Audited, seen: Observation) -> bool:
        return self._audit.tally.wants(seen, audited.conversation_id)

    def _take(self, entry: Entry) -> None:
        audit = self._audit
        audit.repeated += entry.repeated
        for audited in entry.audited:
            audit.tally.add(audited)
            audit.findings.extend(
                f for o in audited.outcomes if o.status is Status.FAILED for f in o.findings
            )
        if self._evidence is not None:
            self._evidence.take(entry)


_given_up: dict[CacheFile, str] = {}
"""What this process had trouble with, and how: to try again at every shard would be to wait every time."""


def _digest_of(suppressions: Suppressions) -> bytes:
    return blake2b(encoded(suppressions.active), digest_size=16).digest()


# ---- evidence for pages


class _Evidence:
    """The dossier of a shard. Its cases are long: a cache keeps those only for which there was room."""

    def __init__(self, kept: int) -> None:
        self.dossier = Dossier(kept=kept)

    def collector(self, plan: Plan) -> Collector:
        """A collector for one customer."""
        return Collector(plan, self.dossier.kept, beside=self.dossier)

    def has_all(self, entry: Entry) -> bool:
        """Whether an entry holds all that the dossier wants of it."""
        if entry.shown is None:
            return False
        there = {case.head for cases in entry.shown.cases.values() for case in cases}
        return not any(self.dossier.wants(head) and head not in there for head in _heads(entry))

    def take(self, entry: Entry) -> None:
        """Add what an entry shows."""
        shown = entry.shown
        if shown is None:
            return
        for head in _heads(entry):
            self.dossier.cases.setdefault(head[3], [])
        for case in (case for cases in shown.cases.values() for case in cases):
            if self.dossier.wants(case.head):
                self.dossier.keep(case)
        self.dossier.merge(msgspec.structs.replace(shown, cases={}))


def _heads(entry: Entry) -> Iterator[Head]:
    for audited in entry.audited:
        for outcome in audited.outcomes:
            if outcome.status is Status.FAILED and outcome.findings:
                yield head_of(audited.conversation_id, outcome.check, outcome.findings)
