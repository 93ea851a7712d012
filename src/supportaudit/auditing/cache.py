"""Audits of unchanged customers, kept between runs: of an export that grows, only what is new is audited.

A customer's conversations are known again by a hash of their rows and of all that judges them (rules.py). Where the
rows stand in the export does not count: results are kept without files and lines and get those of the rows at hand. Nor
does the as-of moment, which moves with every week, as long as it would change nothing (moment.py).
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from math import inf, nextafter
from pathlib import Path

import msgspec

from supportaudit.auditing.cache_file import NAME, CacheFile
from supportaudit.auditing.collect import Collector, head_of
from supportaudit.auditing.engine import Plan, audit_journey
from supportaudit.auditing.intake import Progress
from supportaudit.auditing.measured import Measured
from supportaudit.auditing.moment import ALWAYS, Moment, Span
from supportaudit.auditing.rules import digest_of_rules, encoded
from supportaudit.auditing.scan import (
    Audit,
    Done,
    Job,
    ScanSettings,
    audit_here,
    customers_of,
    each_shard,
    journeys,
    plain_audits,
)
from supportaudit.auditing.shards import Shards
from supportaudit.errors import SettingsError
from supportaudit.model import Audited, Finding, Journey, Observation, Row, Status
from supportaudit.read.inputs import Given
from supportaudit.read.unpack import hidden
from supportaudit.results.dossier import Dossier, Head, Proof
from supportaudit.results.suppressions import Suppressions
from supportaudit.results.tally import Tally

LIMIT = 1 << 30
"""Bytes that a cache may take, unless the user says otherwise."""

_LEFT_OUT = "\0"  # in place of words that nobody would have seen
_AT_ONCE = 2_000  # journeys looked up together
_LEVEL = 1  # of compression: more costs more than it saves
_IGNORE = "# Made by supportaudit: results of audits, with words of your customers.\n*\n"
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A folder of caches: backups may leave it out.\n"


class Entry(msgspec.Struct, array_like=True):
    """What an audit of one customer gave, and when that holds: as of which moments, for which periods.

    `accepted` tells the suppressions in force where there was a finding that they could have kept out. `measured` are
    words about waits that last, to be said anew. Lines count from 1 in the customer's rows, and files from 0 as they
    appear there; personal data are hidden as in a result. `shown` is there if a page was wanted, with those cases only
    that it had room for; words of examples are too.
    """

    as_of: Span
    since: Span
    until: Span
    accepted: bytes | None
    repeated: int
    measured: list[Measured]
    audited: list[Audited]
    shown: Dossier | None = None


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
        for data in each_shard(partial(_audit_shard, file, rules), job, shards):
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


def _audit_shard(file: CacheFile, rules: bytes, job: Job, data: bytes) -> bytes:
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
        # A suppression may name a message: then ids made of line numbers have to be seen as they are.
        self._ids_count = any(entry.message is not None for entry in job.suppressions.entries)
        self._audit = Audit(Tally(), [])
        kept = job.settings.evidence
        self._evidence = None if kept is None else _Evidence(kept)
        self._known = 0
        self._used: list[bytes] = []
        self._made: dict[bytes, bytes] = {}
        self._trouble = _given_up.get(file, "")

    def audit(self, customers: Sequence[list[Row]]) -> None:
        """Audit some customers in their order."""
        apart = [_Apart(rows, self._rules, self._ids_count) for rows in customers]
        kept = self._kept([one.key for one in apart])
        for one in apart:
            entry = self._usable(kept.get(one.key))
            if entry is None:
                entry = self._entry(one)
            else:
                self._used.append(one.key)
                self._known += len(entry.audited)
            _say_anew(entry, self._plan)
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
        if data is None:
            return None
        try:
            entry = _DECODER.decode(zlib.decompress(data))
        except (zlib.error, msgspec.DecodeError):
            return None
        plan = self._plan
        if entry.accepted not in (None, self._accepted):
            return None
        if plan.as_of.at is not None and not _within(plan.as_of.at, entry.as_of):
            return None
        if not _within(_since(plan.since), entry.since) or not _within(_until(plan.until), entry.until):
            return None
        if self._evidence is not None and not self._evidence.has_all(entry):
            return None
        return None if self._lacks_words(entry) else entry

    def _lacks_words(self, entry: Entry) -> bool:
        """Whether words were left out that are wanted now."""
        seen = ((one, seen) for one in entry.audited for seen in one.observations)
        return any(what.quote == _LEFT_OUT and self._wants(one, what) for one, what in seen)

    def _entry(self, apart: "_Apart") -> Entry:
        """Audit a customer, and keep what comes of it; not where something crashed, which may go well another time."""
        plan = self._plan
        journey, repeated = next(journeys([apart.rows], self._job))
        moment = Moment(plan.as_of.at) if plan.as_of.after is None else None
        collector = None if self._evidence is None else self._evidence.collector(plan)
        audited = list(audit_journey(journey, plan, collector, moment))
        shared = [self._shared(one) for one in audited]
        measured = {one.said: one for one in moment.measured} if moment is not None else {}
        if moment is not None and not _can_say_anew(moment.measured, audited, shared):
            moment.exactly()
        entry = Entry(
            as_of=ALWAYS if moment is None else moment.span,
            since=_same_period(journey, _since(plan.since)),
            until=_same_period(journey, _until(plan.until)),
            accepted=self._accepted
            if any(o.findings or o.suppressed for a in audited for o in a.outcomes)
            else None,
            repeated=repeated,
            measured=list(measured.values()),
            audited=shared,
            shown=None if collector is None else collector.dossier,
        )
        if not any(_crashed(one) for one in audited):
            self._made[apart.key] = zlib.compress(_ENCODER.encode(entry), _LEVEL)
        return entry

    def _shared(self, audited: Audited) -> Audited:
        """What is counted of a conversation, personal data hidden: no name of a customer is kept.

        Nor are words that a result would show only as an example, where it has examples enough.
        """

        def shared(seen: Observation) -> Observation:
            if not seen.quote:
                return seen
            quote = _LEFT_OUT
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

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Entry)


def _digest_of(suppressions: Suppressions) -> bytes:
    return blake2b(encoded(suppressions.active), digest_size=16).digest()


def _crashed(audited: Audited) -> bool:
    return any(o.status is Status.ERROR for o in audited.outcomes) or any(
        o.crashed for o in audited.observations
    )


# ---- waits that last


def _can_say_anew(
    measured: Sequence[Measured], audited: Sequence[Audited], shared: Sequence[Audited]
) -> bool:
    """Whether each wait is told from the others by its words, and none of them was hidden."""
    said = {(one.said, one) for one in measured}
    words = {one.said for one in measured}
    return len(said) == len(words) and all(
        hidden.quote in (seen.quote, _LEFT_OUT)
        for before, after in zip(audited, shared, strict=True)
        for seen, hidden in zip(before.observations, after.observations, strict=True)
        if seen.quote in words
    )


def _say_anew(entry: Entry, plan: Plan) -> None:
    """Measure waits that last up to the moment of this audit, wherever an entry speaks of them."""
    at = plan.as_of.at
    if at is None or not entry.measured:
        return
    now = {one.said: one.at(at, plan.hours) for one in entry.measured}
    before = {one.said: one.seconds for one in entry.measured}
    found: list[Finding | Proof] = [f for a in entry.audited for o in a.outcomes for f in o.findings]
    if entry.shown is not None:
        found += [proof for cases in entry.shown.cases.values() for case in cases for proof in case.proofs]
    for one in found:
        if one.gap is not None and one.gap == before.get(one.reason):
            measured = now[one.reason]
            _set(one, "reason", measured.said)
            _set(one, "gap", measured.seconds)
    for seen in (seen for a in entry.audited for seen in a.observations if seen.quote in now):
        _set(seen, "quote", now[seen.quote].said)


# ---- where an entry holds


def _since(moment: float | None) -> float:
    return -inf if moment is None else moment


def _until(moment: float | None) -> float:
    return inf if moment is None else moment


def _within(moment: float, span: Span) -> bool:
    return span[0] <= moment and (moment < span[1] or span[1] == inf)


def _same_period(journey: Journey, border: float) -> Span:
    """The borders of a period that part the conversations, by when they began, as this one does."""
    begun = [
        min(times) for c in journey.conversations if (times := [m.at for m in c.messages if m.at is not None])
    ]
    low = max((at for at in begun if at < border), default=-inf)
    high = min((at for at in begun if at >= border), default=inf)
    return nextafter(low, inf) if low > -inf else low, nextafter(high, inf) if high < inf else high


# ---- rows without the place where they stand


class _Apart:
    """One customer's rows as they are whatever else the export holds, and the way back to where they stand in it.

    A message that the export gives no id is called by its line; then that name is left aside too.
    """

    def __init__(self, said: Sequence[Row], rules: bytes, ids_count: bool) -> None:
        self._said = said
        self._files = list(dict.fromkeys(row.file for row in said))
        ids = {} if ids_count else _ids_by_line(said)
        self._ids = {stand_in: name for name, stand_in in ids.items()}
        number = {file: n for n, file in enumerate(self._files)}
        replace = msgspec.structs.replace
        self.rows = [
            replace(row, line=n, file=number[row.file], message_id=ids.get(row.message_id, row.message_id))
            for n, row in enumerate(said, 1)
        ]
        self.key = blake2b(_ENCODER.encode(self.rows), key=rules, digest_size=20).digest()

    def place(self, entry: Entry) -> None:
        """Give an entry the files, lines and ids of these rows. It is changed: nothing else holds it yet."""
        for audited in entry.audited:
            _set(audited, "file", self._files[audited.file])
            for outcome in audited.outcomes:
                for finding in outcome.findings:
                    _set(finding, "file", self._files[finding.file])
                    _set(finding, "line", self._line(finding.line))
                    _set(finding, "messages", self._names(finding.messages))
            for seen in audited.observations:
                if seen.messages:
                    _set(seen, "line", self._line(seen.line))
                    _set(seen, "messages", self._names(seen.messages))
        if entry.shown is not None:
            for case in (case for cases in entry.shown.cases.values() for case in cases):
                _set(case, "file", self._files[case.file])
                for proof in case.proofs:
                    _set(proof, "line", self._line(proof.line))
                    _set(proof, "messages", self._names(proof.messages))
                for line in case.lines:
                    _set(line, "id", self._ids.get(line.id, line.id))

    def _line(self, number: int) -> int:
        return self._said[number - 1].line if number else 0

    def _names(self, messages: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._ids.get(name, name) for name in messages) if self._ids else messages


_set = msgspec.structs.force_setattr


def _ids_by_line(said: Sequence[Row]) -> dict[str, str]:
    """What stands in for ids that are line numbers. Small numbers stay: an export may number messages 1, 2, 3."""
    count = len(said)
    ids = dict.fromkeys(
        row.message_id for row in said if row.line > count and row.message_id == str(row.line)
    )
    if not ids or any(row.message_id.startswith("\0") for row in said):
        return {}
    return {name: f"\0{n}" for n, name in enumerate(ids)}


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
