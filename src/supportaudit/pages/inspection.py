"""How exports are understood, before anything is judged: for `inspect`, and for what `init` writes."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from supportaudit.address import Address
from supportaudit.auditing.intake import Reading
from supportaudit.errors import InputError
from supportaudit.model import Conversation, Role, Row, RowKind
from supportaudit.normalise import build_journey, distinct, judge, normalise_channel
from supportaudit.pages.init import Person, Recognised, files_pattern
from supportaudit.read import Export, open_exports
from supportaudit.read.inputs import Given, Inputs
from supportaudit.render.text import fit, page_of, printable
from supportaudit.settings.moments import show_moment

_WIDTH = 80
_SHOWN_MESSAGES = 12
_SHOWN_AUTHORS = 12
_SHOWN_FILES = 10
_KEPT_AUTHORS = 50_000
_KEPT_ROWS = 500


@dataclass(frozen=True)
class Author:
    """Somebody whose role the export does not say outright, and why it was taken."""

    name: str
    email: str
    role: Role
    why: str


@dataclass
class Survey:
    """All that was seen in some exports. `authors` counts the messages of those whose role was inferred.

    `addresses` counts the mail domains of agents, `people` the roles under which each name wrote.
    """

    exports: list[Export]
    notes: tuple[str, ...] = ()
    authors: Counter[Author] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    priorities: Counter[str] = field(default_factory=Counter)
    addresses: Counter[str] = field(default_factory=Counter)
    roles: Counter[Role] = field(default_factory=Counter)
    first: list[Row] = field(default_factory=list)


def survey(given: Sequence[Given], reading: Reading) -> Survey:
    """Read everything once. Raises `InputError` where a file is not understood."""
    with Inputs(given) as inputs:
        seen = Survey(open_exports(inputs.documents, reading.options_for), inputs.notes)
        customers: dict[str, str] = {}
        for export in seen.exports:
            for row in export.rows():
                _see(row, seen, reading, customers)
    return seen


def _see(row: Row, seen: Survey, reading: Reading, customers: dict[str, str]) -> None:
    if row.customer_id and len(customers) < _KEPT_AUTHORS:
        customers.setdefault(row.conversation_id, row.customer_id)
    if row.channel:
        seen.channels[normalise_channel(row.channel)] += 1
    if row.priority:
        seen.priorities[row.priority] += 1
    if not seen.first or (
        row.conversation_id == seen.first[0].conversation_id and len(seen.first) < _KEPT_ROWS
    ):
        seen.first.append(row)
    if row.kind in (RowKind.FACTS, RowKind.GAP, RowKind.EVENT):
        return
    role, why = judge(row, reading.roster, customers.get(row.conversation_id, ""))
    seen.roles[role] += 1
    if role is Role.AGENT and "@" in row.author_email:
        seen.addresses[row.author_email.rpartition("@")[2].strip().casefold()] += 1
    if why:
        author = Author(row.author_name or row.author_id or row.author_email, row.author_email, role, why)
        if author in seen.authors or len(seen.authors) < _KEPT_AUTHORS:
            seen.authors[author] += 1


def inspect_page(given: Sequence[Given], reading: Reading) -> str:
    """What the files were taken for, from where each fact comes, who is who, and what was rejected."""
    seen = survey(given, reading)
    lines: list[str] = []
    for export in seen.exports[:_SHOWN_FILES]:
        lines += [*_file(export), ""]
    if len(seen.exports) > _SHOWN_FILES:
        rest = Counter(export.recognised.id for export in seen.exports[_SHOWN_FILES:])
        named = ", ".join(f"{n:,} {source}" for source, n in rest.most_common())
        lines += [f"... and {len(seen.exports) - _SHOWN_FILES:,} more files ({named})", *_total(seen), ""]
    elif len(seen.exports) > 1:
        lines += ["All files", *_total(seen), ""]
    lines += [*_people(seen), *_notes(seen)]
    if seen.first:
        rows, _ = distinct(seen.first)
        talks = build_journey(rows, reading.roster, reading.language).conversations
        lines += _conversation(talks[0]) if talks else []
    return page_of(lines)


def recognised(export: Path | Address, reading: Reading) -> Recognised:
    """What `init` writes down of an export. Raises `InputError` for files of several desks, which need a file each."""
    seen = survey([export], reading)
    ids = dict.fromkeys(export.recognised.id for export in seen.exports)
    if len(ids) > 1:
        raise InputError(
            f"{export} holds exports of several sources: {', '.join(ids)}.", "Name the files of one of them."
        )
    first = seen.exports[0]
    found = first.recognised
    zone_told = not any(one.saw_no_zone for one in seen.exports)
    inferred = {role: [Person(a.name, a.why) for a, _ in seen.authors.most_common() if a.role is role and a.name]
                for role in (Role.AGENT, Role.BOT)}  # fmt: skip
    return Recognised(
        files=files_pattern(export.name) if isinstance(export, Path) and export.is_file() else "*",
        source=found.id,
        title=found.desk.title if found.desk is not None else "read by its column names",
        confidence=found.confidence,
        stamps_carry_zone=zone_told and reading.tz is None,
        zone=reading.tz,
        day_first=first.day_first,
        mapping={name: column for name, column in first.mapping.items() if found.desk is None},
        channels=seen.channels,
        priorities=seen.priorities,
        agents=inferred[Role.AGENT],
        bots=inferred[Role.BOT],
        domains=[domain for domain, _ in seen.addresses.most_common()],
    )


def _file(export: Export) -> Iterator[str]:
    found = export.recognised
    yield f"{printable(export.name)}"
    yield f"  {export.source}, {export.encoding}"
    sure = f", {found.confidence:.0%} sure" if found.desk is not None else ""
    next_best = f"; next: {found.runner_up}, {found.runner_confidence:.0%}" if found.runner_confidence else ""
    yield f"  recognised by {printable(found.why)}{sure}{next_best}"
    yield ""
    yield "  Fields"
    yield from (f"    {ours:<17} {printable(theirs)}" for ours, theirs in export.mapping.items())
    yield ""
    yield (
        f"  Rows: {export.rows_read:,} read = {export.rows_used:,} used + {export.rows_rejected:,} rejected"
        f" + {export.rows_not_messages:,} not messages"
    )
    yield from (f"    line {r.line}: {printable(r.reason)}" for r in export.rejected[:5])
    if export.rows_rejected > 5:
        yield f"    ... and {export.rows_rejected - 5:,} more (scan with --rejects FILE writes them all)"


def _total(seen: Survey) -> Iterator[str]:
    counts = [
        sum(one)
        for one in zip(
            *((e.rows_read, e.rows_used, e.rows_rejected, e.rows_not_messages) for e in seen.exports),
            strict=True,
        )
    ]
    yield "  Rows: {:,} read = {:,} used + {:,} rejected + {:,} not messages".format(*counts)


def _people(seen: Survey) -> Iterator[str]:
    roles = ", ".join(f"{role} {n:,}" for role, n in sorted(seen.roles.items(), key=lambda one: -one[1]))
    yield f"Messages by role: {roles or 'none'}"
    if seen.authors:
        yield "Authors whose role was inferred (`company:` in supportaudit.yaml settles it)"
        shown = sorted(seen.authors.items(), key=lambda one: (-one[1], one[0].name))
        for author, messages in shown[:_SHOWN_AUTHORS]:
            name = fit(printable(author.name or "(nobody)"), 28)
            yield f"  {name:<28} {author.role:<9} {author.why} ({messages:,})"
        if len(shown) > _SHOWN_AUTHORS:
            yield f"  ... and {len(shown) - _SHOWN_AUTHORS:,} more"
    yield ""


def _notes(seen: Survey) -> Iterator[str]:
    notes = list(dict.fromkeys((*seen.notes, *(note for export in seen.exports for note in export.notes))))
    if notes:
        yield "Notes"
        for note in notes:
            yield from textwrap.wrap(
                f"- {printable(note)}", _WIDTH, initial_indent="  ", subsequent_indent="    "
            )
        yield ""


def _conversation(talk: Conversation) -> list[str]:
    rating = talk.rating.written if talk.rating is not None else ""
    facts = (("channel", talk.channel), ("brand", talk.brand), ("team", talk.team), ("customer", talk.customer_id),
             ("language", talk.language), ("priority", talk.priority), ("status", talk.status), ("rating", rating),
             ("tags", ", ".join(talk.tags)))  # fmt: skip
    known = ", ".join(f"{name} {printable(value)}" for name, value in facts if value)
    heading = f"First conversation: {printable(talk.id)} ({known or 'nothing else known'})"
    lines = textwrap.wrap(heading, _WIDTH, subsequent_indent="  ")
    for message in islice(talk.messages, _SHOWN_MESSAGES):
        who = (
            f"{message.role}{' (bystander)' if message.bystander else ''} {printable(message.author)}".strip()
        )
        lines.append(f"  {show_moment(message.at)}  {fit(who, 30):<30}  {fit(printable(message.text), 28)}")
    if len(talk.messages) > _SHOWN_MESSAGES:
        lines.append(f"  ... and {len(talk.messages) - _SHOWN_MESSAGES} more messages")
    lines += [f"  hand-over before message {h.index + 1}: {printable(h.source)} to {printable(h.target)}"
              for h in talk.handovers if h.explicit]  # fmt: skip
    return lines
