"""What a cache keeps of one customer, such that it fits wherever their rows stand and whenever it is asked for."""

import zlib
from collections.abc import Sequence
from hashlib import blake2b
from math import inf, nextafter

import msgspec

from supportaudit.auditing.engine import Plan
from supportaudit.auditing.measured import Measured
from supportaudit.auditing.moment import Span
from supportaudit.model import Audited, Finding, Journey, Row, Status
from supportaudit.results.dossier import Dossier, Proof

LEFT_OUT = "\0"
"""In place of words that no result would have shown."""

_LEVEL = 1  # of compression: more costs more than it saves


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


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Entry)
_set = msgspec.structs.force_setattr


def pack(entry: Entry) -> bytes:
    """An entry as it is stored."""
    return zlib.compress(_ENCODER.encode(entry), _LEVEL)


def unpack(data: bytes) -> Entry | None:
    """What `pack` gave; None for anything else."""
    try:
        return _DECODER.decode(zlib.decompress(data))
    except (zlib.error, msgspec.DecodeError):
        return None


def crashed(audited: Audited) -> bool:
    """Whether a check or signal crashed on a conversation: it may go well another time."""
    failed = (o.status is Status.ERROR for o in audited.outcomes)
    return any(failed) or any(o.crashed for o in audited.observations)


# ---- periods


def holds(entry: Entry, plan: Plan) -> bool:
    """Whether an entry says what an audit would as of this moment, for this period."""
    return (
        (plan.as_of.at is None or _within(plan.as_of.at, entry.as_of))
        and _within(_since(plan), entry.since)
        and _within(_until(plan), entry.until)
    )


def periods(journey: Journey, plan: Plan) -> tuple[Span, Span]:
    """The beginnings and ends of a period that take the same conversations, by when they began, as the plan's."""
    begun = [
        min(times) for c in journey.conversations if (times := [m.at for m in c.messages if m.at is not None])
    ]
    return _same_side(begun, _since(plan)), _same_side(begun, _until(plan))


def _same_side(begun: Sequence[float], border: float) -> Span:
    low = max((at for at in begun if at < border), default=-inf)
    high = min((at for at in begun if at >= border), default=inf)
    return nextafter(low, inf) if low > -inf else low, nextafter(high, inf) if high < inf else high


def _since(plan: Plan) -> float:
    return -inf if plan.since is None else plan.since


def _until(plan: Plan) -> float:
    return inf if plan.until is None else plan.until


def _within(moment: float, span: Span) -> bool:
    return span[0] <= moment and (moment < span[1] or span[1] == inf)


# ---- waits that last


def can_say_anew(measured: Sequence[Measured], audited: Sequence[Audited], kept: Sequence[Audited]) -> bool:
    """Whether each wait is told from the others by its words, and those of none were changed when they were kept."""
    words = {one.said for one in measured}
    return len(set(measured)) == len(words) and all(
        after.quote in (before.quote, LEFT_OUT)
        for one, other in zip(audited, kept, strict=True)
        for before, after in zip(one.observations, other.observations, strict=True)
        if before.quote in words
    )


def say_anew(entry: Entry, plan: Plan) -> None:
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


# ---- rows without the place where they stand


class Apart:
    """One customer's rows as they are whatever else the export holds, and the way back to where they stand in it.

    A message that the export gives no id is called by its line; then that name is left aside too, unless `by_name`: a
    suppression may name a message. `in_place`: the rows with their places, for checks that might look at them.
    """

    def __init__(
        self, said: Sequence[Row], rules: bytes, *, by_name: bool = False, in_place: bool = False
    ) -> None:
        self._said = said
        self._in_place = in_place
        self._files = list(dict.fromkeys(row.file for row in said))
        ids = {} if by_name or in_place else _ids_by_line(said)
        self._ids = {stand_in: name for name, stand_in in ids.items()}
        number = {file: n for n, file in enumerate(self._files)}
        replace = msgspec.structs.replace
        self.rows = list(said) if in_place else [
            replace(row, line=n, file=number[row.file], message_id=ids.get(row.message_id, row.message_id))
            for n, row in enumerate(said, 1)
        ]  # fmt: skip
        whole = blake2b(key=rules, digest_size=20)
        for row in self.rows:
            whole.update(_ENCODER.encode(row))
        self.key = whole.digest()

    def place(self, entry: Entry) -> None:
        """Give an entry the files, lines and ids of these rows. It is changed: nothing else holds it yet."""
        if self._in_place:
            return
        for audited in entry.audited:
            _set(audited, "file", self._files[audited.file])
            for finding in (finding for outcome in audited.outcomes for finding in outcome.findings):
                _set(finding, "file", self._files[finding.file])
                _set(finding, "line", self._line(finding.line))
                _set(finding, "messages", self._names(finding.messages))
            for seen in audited.observations:
                if seen.messages:
                    _set(seen, "line", self._line(seen.line))
                    _set(seen, "messages", self._names(seen.messages))
        if entry.shown is not None:
            self._place_cases(entry.shown)

    def _place_cases(self, shown: Dossier) -> None:
        for case in (case for cases in shown.cases.values() for case in cases):
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


def _ids_by_line(said: Sequence[Row]) -> dict[str, str]:
    """What stands in for ids that are line numbers. Small numbers stay: an export may number messages 1, 2, 3."""
    count = len(said)
    named = (row.message_id for row in said if row.line > count and row.message_id == str(row.line))
    ids = {name: f"\0{n}" for n, name in enumerate(dict.fromkeys(named))}
    return {} if ids and any(row.message_id.startswith("\0") for row in said) else ids
