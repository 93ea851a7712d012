"""From the files a user names to rows gathered by customer, with an account of every row."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Protocol

import msgspec

from supportaudit.errors import InputError
from supportaudit.model import InputAccount, Recognition, Rejected, Row
from supportaudit.normalise import Roster
from supportaudit.read import Export, ReadOptions, open_exports
from supportaudit.read.account import KEPT, Sink
from supportaudit.read.document import Document
from supportaudit.read.inputs import Given, Inputs
from supportaudit.read.rejects import RejectFile
from supportaudit.read.steady import steady
from supportaudit.settings.file import Settings

MAX_REJECTS = 0.1
"""Share of rows that may be rejected: with more, the rates of what is left would mislead."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Reading:
    """How a user wants exports read: the options typed stand over those of the settings file.

    `digest` tells one settings file from another in the record of a run. `rejects` is the file for rejected rows;
    `strict` refuses an export with any; `max_rejects` is the share of rows that may be rejected.
    """

    settings: Settings = field(default_factory=Settings)
    digest: str = ""
    source: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    tz: str | None = None
    day_first: bool | None = None
    lang: str | None = None
    rejects: Path | None = None
    strict: bool = False
    max_rejects: float | None = None

    def options_for(self, document: Document) -> ReadOptions:
        """How one file is to be read."""
        found = self.settings.source_for(document.where)
        return ReadOptions(
            source=self.source or found.source,
            mapping=self.mapping or found.map or {},
            tz=self.tz or found.tz,
            day_first=self.day_first if self.day_first is not None else found.day_first,
        )

    @property
    def zone(self) -> str | None:
        """The zone of days and weeks: as typed, else that of the business hours; None for UTC."""
        hours = self.settings.hours
        return self.tz or (hours.timezone if hours is not None else None)

    @property
    def language(self) -> str:
        """The language of all conversations; "" where it is told by content."""
        return str(self.lang or self.settings.language or "")  # a plain one: it is written into files

    @property
    def roster(self) -> Roster:
        """The people and mail domains of the company."""
        company = self.settings.company
        folded = (
            frozenset(name.strip().casefold() for name in names)
            for names in (company.agents, company.bots, company.domains)
        )
        return Roster(*folded)

    @property
    def ceiling(self) -> float:
        """The share of rows that may be rejected."""
        if self.max_rejects is not None:
            return self.max_rejects
        stated = self.settings.max_rejects
        return MAX_REJECTS if stated is None else stated


class Gathering(Protocol):
    """Takes rows in the order of the input, to be audited by customer."""

    rows: int

    def add(self, row: Row) -> None:
        """Take one row."""

    def finish(self) -> None:
        """All rows have come."""


@dataclass(frozen=True)
class Intake:
    """What came in: the newest time, and the account of the rows."""

    newest: float | None
    account: InputAccount


def take_in(
    given: Sequence[Given], reading: Reading, shards: Gathering, progress: Progress | None = None
) -> Intake:
    """Read all files into `shards`. Raises InputError for what cannot be read or would mislead."""
    with ExitStack() as stack:
        inputs = stack.enter_context(Inputs(given))
        sink = stack.enter_context(RejectFile(reading.rejects)) if reading.rejects is not None else None
        # By name: of messages of one moment in two files, the order of what was typed tells nothing.
        documents = sorted(inputs.documents, key=lambda document: document.name.split("/"))
        stack.enter_context(steady(documents))
        exports = open_exports(documents, reading.options_for)
        newest = _gather(exports, shards, sink, progress)
        digest = _digest(documents)
    account = msgspec.structs.replace(_account(exports, inputs.notes), digest=digest)
    refuse_misleading(account, sum((export.reject_reasons for export in exports), Counter[str]()), reading)
    return Intake(newest, account)


def _digest(documents: Iterable[Document]) -> str:
    """SHA-256 over the sorted digests of the files, unpacked: names, order and packing do not count."""
    whole = sha256()
    for one in sorted(map(_digest_of, documents)):
        whole.update(one)
    return whole.hexdigest()


def _digest_of(document: Document) -> bytes:
    if document.table is not None:
        return document.table.digest()
    with document.path.open("rb") as file:
        return file_digest(file, "sha256").digest()


def _gather(
    exports: Sequence[Export], shards: Gathering, sink: Sink | None, progress: Progress | None
) -> float | None:
    newest: float | None = None
    for row in _named_apart(exports, sink):
        shards.add(row)
        if row.at is not None and (newest is None or row.at > newest):
            newest = row.at
        if progress is not None and shards.rows % 4096 == 0:
            progress("reading", shards.rows, 0)
    shards.finish()
    return newest


def _named_apart(exports: Sequence[Export], sink: Sink | None) -> Iterator[Row]:
    """All rows; where several desks meet, ids bear the desk's name: ticket 7 of one is not ticket 7 of another."""
    desks = {export.recognised.id for export in exports}
    for export in exports:
        rows = export.rows(sink)
        yield from rows if len(desks) == 1 else _prefixed(rows, export.recognised.id)


def _prefixed(rows: Iterable[Row], desk: str) -> Iterator[Row]:
    for row in rows:
        yield msgspec.structs.replace(
            row,
            conversation_id=f"{desk}:{row.conversation_id}",
            customer_id=f"{desk}:{row.customer_id}" if row.customer_id else "",
            author_id=f"{desk}:{row.author_id}" if row.author_id else "",
            customer_email=row.customer_email or (row.customer_id.lower() if "@" in row.customer_id else ""),
        )


def _account(exports: Sequence[Export], notes: Sequence[str]) -> InputAccount:
    rejected: list[Rejected] = [r for e in exports for r in e.rejected][:KEPT]
    told = Counter(note for export in exports for note in export.notes)
    several = len(exports) > 1
    return InputAccount(
        files=tuple(export.name for export in exports),
        source=_source(exports),
        encoding=", ".join(dict.fromkeys(export.encoding for export in exports)),
        mapping=dict(exports[0].mapping) if len(exports) == 1 else {},
        rows_read=sum(export.rows_read for export in exports),
        rows_used=sum(export.rows_used for export in exports),
        rows_rejected=sum(export.rows_rejected for export in exports),
        rows_not_messages=sum(export.rows_not_messages for export in exports),
        rejected=tuple(rejected),
        notes=(*notes, *(f"{note} ({n} files)" if several and n > 1 else note for note, n in told.items())),
        recognised=tuple(_recognition(export) for export in exports),
    )


def _source(exports: Sequence[Export]) -> str:
    if len(exports) == 1:
        return exports[0].source
    titles = Counter(e.recognised.desk.title if e.recognised.desk else e.source for e in exports)
    return f"{len(exports)} files: " + ", ".join(f"{title} {n}" for title, n in titles.items())


def _recognition(export: Export) -> Recognition:
    found = export.recognised
    return Recognition(
        file=export.name,
        source=found.id,
        confidence=round(found.confidence, 2),
        runner_up=found.runner_up,
        runner_up_confidence=round(found.runner_confidence, 2),
    )


def _nothing_usable(account: InputAccount) -> str:
    names = ", ".join(account.files[:5]) + (
        f" and {len(account.files) - 5} more" if account.files[5:] else ""
    )
    why = f"; the first one was rejected because: {account.rejected[0].reason}" if account.rejected else ""
    return f"{names}: none of the {account.rows_read} rows is a message that can be used{why}"


def refuse_misleading(account: InputAccount, reasons: Counter[str], reading: Reading) -> None:
    """Raises InputError where no row can be used, or more were rejected than are allowed; `reasons` counts why."""
    if not account.rows_used:
        raise InputError(_nothing_usable(account))
    rejected, read = account.rows_rejected, account.rows_read
    if not rejected:
        return
    share = rejected / read
    if not reading.strict and share <= reading.ceiling:
        return
    kind, times = reasons.most_common(1)[0]
    first = account.rejected[0]
    where = f"{first.file}:{first.line}: {first.reason}"
    if reading.strict:
        message = (
            f"{rejected:,} of {read:,} rows were rejected, and --strict allows none; the first: {where}."
        )
        hint = "Mend them (--rejects FILE writes them all), or leave --strict out."
    else:
        message = (
            f"{rejected:,} of {read:,} rows ({share:.0%}) were rejected, more than the {reading.ceiling:.0%} "
            f"allowed: what is left would mislead. Most often ({times:,}): {kind}. The first: {where}."
        )
        hint = "Look with `supportaudit inspect`, or allow more with --max-rejects."
    raise InputError(message, hint)


def without_repetitions(account: InputAccount, repeated: int) -> InputAccount:
    """The account after `repeated` rows, which stood in it as used, turned out to be said twice."""
    if not repeated:
        return account
    words = "message stands" if repeated == 1 else "messages stand"
    return msgspec.structs.replace(
        account,
        rows_used=account.rows_used - repeated,
        rows_not_messages=account.rows_not_messages + repeated,
        notes=(*account.notes, f"{repeated:,} {words} twice in the input and count once."),
    )
