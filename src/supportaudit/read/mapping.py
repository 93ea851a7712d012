"""Which column of an export means what: exact synonyms in rank order, never a likeness.

A wrong guess here would make every finding wrong, so a tie for a needed field is refused with the
`--map` to type, and what was taken for what goes into the report.
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from supportaudit.errors import InputError, NoMessagesError, SettingsError
from supportaudit.read.account import listed, show

FIELDS = (
    *("conversation_id", "message_id", "at", "clock", "role", "inbound", "public"),
    *("author_id", "author_name", "author_email", "text", "html", "channel", "brand", "team"),
    *("customer_id", "customer_name", "assignee", "subject", "language", "truncated"),
    *("zone", "kind", "event", "event_from", "event_to", "canned", "attachments", "priority", "status"),
    *("tags", "csat", "csat_share", "csat_comment", "customer_email"),
)
"""All fields a column can fill, in the order `RowBuilder.build` takes them.

`clock` is the time of day where the date stands in a column of its own, `zone` the zone of the row's time.
"""

_OURS = frozenset(("clock", "kind", "event", "event_from", "event_to", "canned", "attachments", "csat_share"))
MAPPABLE = tuple(name for name in FIELDS if name not in _OURS)
"""Field names a user may give to `--map`."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(normalise(part) for part in text.split(","))


def normalise(header: str) -> str:
    """Letters and digits of the header, caseless and without accents: "Ticket_ID" is "ticketid"."""
    decomposed = unicodedata.normalize("NFKD", header.casefold())
    return "".join(c for c in decomposed if c.isalnum())


_CONVERSATION_ID = _words(
    "conversation id, ticket id, case id, case number, case no, ticket number, ticket no, thread "
    "id, chat id, session id, call id, dialog id, dialogue id, interaction id, issue id, incident "
    "number, request id, conversations thread id, conv id, conversation, ticket, case, thread, "
    "chat, session, call, dialogue, parent id"
)
_CUSTOMER_ID = _words(
    "customer id, requester id, contact id, client id, end user id, consumer id, visitor id, user "
    "id, customer email, requester email, contact email, contact handle, client email, visitor "
    "email"
)
SYNONYMS: dict[str, tuple[str, ...]] = {
    "conversation_id": _CONVERSATION_ID,
    "message_id": _words(
        "message id, msg id, comment id, event id, tweet id, post id, email id, id, uuid"
    ),
    "text": _words(
        "text, plain body, stripped text, text body, body text, description text, message text, plain "
        "text, body, message body, message, content, message content, comment, msg, comment text, "
        "comment body, utterance, transcript, extract, description"
    ),
    "html": _words("html, html body, body html, rich text, message html"),
    "at": _words(
        "at, message created at, message date, message time, sent at, comment date, commented time, "
        "comment created at, created at, created datetime, created time, created date, created on, "
        "timestamp, datetime, date time, sent datetime, sent date, sent time, sent on, event time, "
        "posted at, ts, date, time, created, sent"
    ),
    "role": _words(
        "role, author role, sender role, user role, author type, sender type, user type, message "
        "author type, participant type, participant role, actor type, created by type, from type, "
        "commenter type, speaker role, speaker type, speaker, message type"
    ),
    "inbound": _words(
        "inbound, is inbound, incoming, is incoming, direction, message direction, from customer, is "
        "customer, from agent, is agent"
    ),
    "public": _words(
        "public, is public, visibility, is visible, private, is private, internal, is internal, is "
        "note, internal note, private note, for techs only"
    ),
    "author_id": _words(
        "author id, sender id, from id, actor id, created by id, message author id, commenter id, "
        "updater id"
    ),
    "author_name": _words(
        "author name, sender name, from name, display name, message author name, created by name, "
        "commenter name, author, sender, from, created by, commenter, written by, posted by"
    ),
    "author_email": _words(
        "author email, sender email, from email, from address, created by email"
    ),
    "channel": _words(
        "channel, channel name, channel type, via channel, via, medium, source type, source, origin"
    ),
    "brand": _words("brand, brand name, company, company name, account, account name"),
    "team": _words(
        "team, team name, group, group name, department, department name, queue, queue name, inbox"
    ),
    "customer_id": _CUSTOMER_ID,
    "customer_name": _words(
        "customer name, requester name, contact name, client name, visitor name, customer, requester, "
        "contact, client"
    ),
    "assignee": _words(
        "assignee, assignee name, assigned to, assigned agent, agent name, agent, owner, assignee id"
    ),
    "subject": _words("subject, title, topic"),
    "language": _words("language, lang, locale, language code"),
    "truncated": _words("truncated, is truncated, truncation status"),
    "zone": _words("time zone, timezone, tz"),
    "priority": _words("priority, ticket priority, urgency"),
    "status": _words("status, state, ticket status, conversation state"),
    "tags": _words("tags, tag, labels, conversation tags"),
    "csat": _words("csat, csat score, rating, satisfaction, satisfaction score, survey rating, score"),
    "csat_comment": _words("csat comment, rating comment, survey comment, satisfaction comment"),
    "customer_email": (),
}  # fmt: skip

# Words that mean the author only where no better author column stands beside them.
_WEAK_AUTHOR = {
    "author_id": _words("user id"),
    "author_name": _words("user name, user, name, nickname, nick"),
    "author_email": _words("user email, email, email address, mail"),
}
# An agent's name in a row of a customer is the case's owner, not the writer: the author only as a last hope.
_LAST_AUTHOR = {"author_name": _words("agent name, agent")}
_WEAK_ROLE = _words("type, kind")

CONVERSATION_SYNONYMS: dict[str, tuple[str, ...]] = {
    "conversation_id": (*_CONVERSATION_ID, *_words("id, display id, number, key, uuid")),
    "customer_id": _CUSTOMER_ID,
    **{
        name: SYNONYMS[name]
        for name in (
            *("channel", "brand", "team", "customer_name", "assignee", "subject", "language", "truncated"),
            *("priority", "status", "tags", "csat", "csat_comment"),
        )
    },
}
"""What a record that holds a list of messages may say of all of them."""

INVERTED = {
    "public": frozenset(
        _words(
            "private, is private, internal, is internal, is note, internal note, private note, for techs only"
        )
    ),
    "inbound": frozenset(_words("from agent, is agent")),
}
"""Columns that say the opposite of their field."""

_KNOWN = frozenset(word for words in SYNONYMS.values() for word in words) | frozenset(
    word for table in (_WEAK_AUTHOR, _LAST_AUTHOR) for words in table.values() for word in words
)


def known_headers(cells: Sequence[str]) -> int:
    """How many cells are words this module knows: tells a header parsed aright from one that was not."""
    return sum(1 for cell in cells if len(cell) < 60 and normalise(cell) in _KNOWN)


@dataclass
class Proposal:
    """Columns for each field, best first. `ties`: fields whose best column has a double."""

    columns: dict[str, list[str]] = field(default_factory=dict)
    ties: dict[str, list[str]] = field(default_factory=dict)

    @property
    def has_author(self) -> bool:
        """Whether anything tells who wrote a message. A bare "type" column does not count."""
        role = any(normalise(c) not in _WEAK_ROLE for c in self.columns.get("role", []))
        return role or any(
            self.columns.get(name) for name in ("inbound", "author_id", "author_name", "author_email")
        )


class _Matcher:
    """Gives each column to one field at most."""

    def __init__(self, columns: Sequence[str], taken: set[str]) -> None:
        self.proposal = Proposal()
        self._free: dict[str, list[str]] = {}
        for column in columns:
            if column not in taken:
                self._free.setdefault(normalise(column), []).append(column)

    def take(self, name: str, synonyms: Sequence[str], every: bool) -> None:
        """The best column for the field, or every column that could fill it, best first."""
        found = self.proposal.columns.setdefault(name, [])
        for word in synonyms:
            if found and not every:
                return
            columns = self._free.pop(word, None)
            if columns is None:
                continue
            if not found and len(columns) > 1:
                self.proposal.ties[name] = columns
            found.extend(columns)


def propose(
    columns: Sequence[str],
    synonyms: Mapping[str, tuple[str, ...]] = SYNONYMS,
    fixed: Mapping[str, str] | None = None,
    every: bool = False,
) -> Proposal:
    """What each field would be read from. `fixed` is the user's word; `every` keeps second choices too."""
    fixed = fixed or {}
    matcher = _Matcher(columns, {part for column in fixed.values() for part in (column, *column.split("+"))})
    done = matcher.proposal
    for name, column in fixed.items():
        done.columns[name] = [column]
    for name, words in synonyms.items():
        if name in fixed:
            continue
        if name == "at" and not every:
            _take_time(matcher, words)
            continue
        if name == "channel" and synonyms is SYNONYMS:
            # Everything that tells the author is settled by now; "user id" may still mean the customer.
            _take_weak_authors(matcher, fixed, every)
        matcher.take(name, words, every)
    done.columns = {name: found for name, found in done.columns.items() if found}
    return done


def _take_time(matcher: _Matcher, words: Sequence[str]) -> None:
    """A full stamp before a pair of date and time columns before one of them alone."""
    alone = ("date", "time")
    matcher.take("at", [word for word in words if word not in alone], every=False)
    if matcher.proposal.columns["at"]:
        return
    matcher.take("at", ["date"], every=False)
    matcher.take("clock" if matcher.proposal.columns["at"] else "at", ["time"], every=False)


def _take_weak_authors(matcher: _Matcher, fixed: Mapping[str, str], every: bool) -> None:
    names = ("author_id", "author_name", "author_email")
    columns = matcher.proposal.columns
    if not any(columns.get(name) for name in names):
        for name, words in _WEAK_AUTHOR.items():
            matcher.take(name, words, every)
    if not any(columns.get(name) for name in (*names, "role", "inbound")):
        for name, words in _LAST_AUTHOR.items():
            matcher.take(name, words, every)
    if "role" not in fixed and (every or not columns.get("role")):
        matcher.take("role", _WEAK_ROLE, every)


def check_fields(mapping: Mapping[str, str]) -> None:
    """Refuse field names of `--map` that do not exist. Raises SettingsError with a close name."""
    for name in mapping:
        if name not in MAPPABLE:
            raise SettingsError(f"--map: there is no field {show(name)}.", _did_you_mean(name, MAPPABLE))


def check_column(name: str, column: str, columns: Sequence[str]) -> None:
    """Refuse a column of `--map` that the export does not have. Raises SettingsError with a close name."""
    if column in columns:
        return
    if name == "at" and "+" in column and all(part in columns for part in column.split("+", 1)):
        return
    raise SettingsError(
        f"--map {name}={column}: the export has no column {show(column)}.", _did_you_mean(column, columns)
    )


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    by_caseless = {name.casefold(): name for name in reversed(known)}
    near = difflib.get_close_matches(word.casefold(), list(by_caseless), n=3, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(by_caseless[name] for name in near)}?"
    return f"Known are: {listed(list(known), 30)}."


def require(proposal: Proposal, columns: Sequence[str], where: str, needs: Sequence[str]) -> None:
    """Refuse a mapping that lacks a needed field or leaves one open. Raises InputError with the `--map`.

    `needs` are field names, and "author" for any evidence of who wrote.
    """
    for name in ("conversation_id", "text", "at"):
        if name in proposal.ties and name in proposal.columns:
            raise InputError(
                f"{where}: more than one column could be {name}: {listed(proposal.ties[name])}.",
                f"Say which: --map {name}={_typed(proposal.ties[name][0])}"
                if len(set(proposal.ties[name])) > 1
                else "Give each column its own name in the header.",
            )
    missing = [name for name in needs if name != "author" and name not in proposal.columns]
    if "text" in missing and "html" in proposal.columns:
        missing.remove("text")
    if "author" in needs and not proposal.has_author:
        missing.append("role")
    if missing:
        what = {"role": "who wrote it (role, direction or author)", "text": "the text of a message"}
        words = " and ".join(what.get(name, "the conversation's id") for name in missing)
        raise NoMessagesError(
            f"{where}: no column tells {words}; the columns are: {listed(list(columns))}.",
            "Name them: --map " + ",".join(f"{name}=COLUMN" for name in missing),
        )


def _typed(column: str) -> str:
    """The column as it must be typed in a shell."""
    return column if re.fullmatch(r"[\w.-]+", column) else f"'{column}'"
