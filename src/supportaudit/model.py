"""The nouns: rows, messages, conversations, journeys, findings, outcomes. Values only; no I/O, no judgement.

Times are seconds since 1970-01-01T00:00Z as floats, or None when the export gives none; they become
datetimes only where a person reads them.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Role(StrEnum):
    """Who is speaking. Only `CUSTOMER` and `AGENT` can be failed or accused."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"
    NOTE = "note"
    UNKNOWN = "unknown"


class RowKind(StrEnum):
    """What a row is if it is not a message."""

    NOTE = "note"
    EVENT = "event"
    #: Facts about the whole conversation, without a message: a row of a file of tickets.
    FACTS = "facts"
    #: A message was here and had to be rejected: what the rest does not show, the conversation may still hold.
    GAP = "gap"
    #: The first words, as the desk keeps them beside the messages: nothing where a message repeats them.
    OPENING = "opening"


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One message or event as the export gives it: facts located and times parsed, nothing interpreted yet.

    Text fields are "" when the export does not say; `at` is None. `role` is the export's own word. `kind` is ""
    for a message (or where only the role tells), else a value of `RowKind`. `csat` is the rating as written,
    `csat_share` the same between 0 (worst) and 1 (best) where the scale is known. `journey` is the id under which
    the customer's rows are gathered, where one person has several.
    """

    conversation_id: str
    message_id: str
    line: int
    at: float | None = None
    role: str = ""
    inbound: bool | None = None
    public: bool | None = None
    author_id: str = ""
    author_name: str = ""
    author_email: str = ""
    text: str = ""
    is_html: bool = False
    channel: str = ""
    brand: str = ""
    team: str = ""
    customer_id: str = ""
    customer_name: str = ""
    assignee: str = ""
    subject: str = ""
    language: str = ""
    truncated: bool = False
    file: int = 0
    kind: str = ""
    event: str = ""
    event_from: str = ""
    event_to: str = ""
    canned: bool = False
    attachments: int = 0
    priority: str = ""
    status: str = ""
    tags: tuple[str, ...] = ()
    csat: str = ""
    csat_share: float | None = None
    csat_comment: str = ""
    customer_email: str = ""
    journey: str = ""


class Rejected(msgspec.Struct, frozen=True):
    """A row that could not be used: where it stands and why, in words a user can act on."""

    file: str
    line: int
    reason: str


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message, cleaned. `text` is what its author wrote: no quoted history, no signature block."""

    id: str
    index: int
    at: float | None
    role: Role
    author: str
    text: str
    signature: str = ""
    quoted: str = ""
    public: bool = True
    bystander: bool = False
    line: int = 0
    file: int = 0
    canned: bool = False
    attachments: int = 0


class Event(msgspec.Struct, frozen=True, gc=False):
    """Something the help desk recorded: `type` is assign, transfer, status, rating, tag, priority or merge.

    `index` is the place of its system message; `source` and `target` are names, or ids where no list of names
    came with the export.
    """

    index: int
    type: str
    source: str = ""
    target: str = ""


class Rating(msgspec.Struct, frozen=True, gc=False):
    """The customer's rating: as written, and between 0 (worst) and 1 (best) where the scale is known."""

    written: str
    share: float | None = None
    comment: str = ""


class HandOver(msgspec.Struct, frozen=True, gc=False):
    """The case passed on inside the company: seen in a system event or in a change of agent."""

    index: int
    source: str
    target: str
    warm: bool
    explicit: bool


class Conversation(msgspec.Struct, frozen=True):
    """One ticket, chat, thread or call; messages in time order, ties in input order."""

    id: str
    messages: tuple[Message, ...]
    channel: str = ""
    brand: str = ""
    team: str = ""
    customer_id: str = ""
    customer_name: str = ""
    subject: str = ""
    language: str = ""
    truncated: bool = False
    handovers: tuple[HandOver, ...] = ()
    file: int = 0
    events: tuple[Event, ...] = ()
    status: str = ""
    priority: str = ""
    tags: tuple[str, ...] = ()
    assignee: str = ""
    rating: Rating | None = None


class Journey(msgspec.Struct, frozen=True):
    """All conversations of one customer in time order: the unit of work."""

    customer_id: str
    conversations: tuple[Conversation, ...]


class Severity(StrEnum):
    """How much a failure costs; ordered low < medium < high."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for low, 1 for medium, 2 for high."""
        return _SEVERITY_RANK[self]


_SEVERITY_RANK = {Severity.LOW: 0, Severity.MEDIUM: 1, Severity.HIGH: 2}


class Basis(StrEnum):
    """Seen in the log itself, or told by the customer about an earlier contact."""

    OBSERVED = "observed"
    REPORTED = "reported"


class Status(StrEnum):
    """What a check says of a conversation. Not-applicable leaves the denominator; error stops the gate."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


class Finding(msgspec.Struct, frozen=True):
    """One failure with its proof.

    `quote` holds the words (or the measured gap in words) that prove it, `messages` the ids they stand in,
    `gap` a wait in seconds where a clock is the proof. `agent` is None for reports about somebody else.
    """

    check: str
    conversation_id: str
    messages: tuple[str, ...]
    quote: str
    reason: str
    severity: Severity
    confidence: float
    basis: Basis
    agent: str | None = None
    gap: float | None = None
    at: float | None = None
    line: int = 0
    file: int = 0


class Outcome(msgspec.Struct, frozen=True):
    """A check's word on one conversation. `reason` says why it was not applicable, or what crashed.

    `suppressed`: the places of the suppressions that kept findings out, one for each.
    """

    check: str
    status: Status
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    suppressed: tuple[int, ...] = ()


class SignalKind(StrEnum):
    """A strength went well, a signal tells something about the customers, a reason says why they write."""

    STRENGTH = "strength"
    SIGNAL = "signal"
    REASON = "reason"


class SignalInfo(msgspec.Struct, frozen=True):
    """What a strength or signal says of itself. `unit` is what is counted: conversations, messages, promises.

    Where `among` names another signal, that one's cases are this one's too: of all of them, so many were so.
    """

    id: str
    kind: SignalKind
    unit: str
    title: str
    about: str
    source: str
    among: str = ""


class Observation(msgspec.Struct, frozen=True, gc=False):
    """What one signal saw in one conversation: `shown` of `eligible` cases were so, one of them is the proof.

    `agent` is whose doing it is: None where it concerns everybody who wrote, "" where the log gives no name.
    `reason` says why nothing could be observed, or what `crashed`.
    """

    signal: str
    eligible: int = 0
    shown: int = 0
    messages: tuple[str, ...] = ()
    quote: str = ""
    agent: str | None = None
    line: int = 0
    reason: str = ""
    crashed: bool = False


class Audited(msgspec.Struct, frozen=True):
    """One conversation after all checks, with the facts that scores are grouped by.

    `agents` are those who wrote a public message. `first_response` and `next_responses` are human reply
    times in seconds; None and () where no clock could be read.
    """

    conversation_id: str
    outcomes: tuple[Outcome, ...]
    channel: str = ""
    brand: str = ""
    team: str = ""
    language: str = ""
    week: str = ""
    customer_id: str = ""
    customer_name: str = ""
    agents: tuple[str, ...] = ()
    messages: int = 0
    first_at: float | None = None
    last_at: float | None = None
    first_response: float | None = None
    next_responses: tuple[float, ...] = ()
    file: int = 0
    observations: tuple[Observation, ...] = ()


class Recognition(msgspec.Struct, frozen=True):
    """What a file was taken for: a source's id, how surely (0 to 1), and what came next."""

    file: str
    source: str
    confidence: float
    runner_up: str = ""
    runner_up_confidence: float = 0.0


class InputAccount(msgspec.Struct, frozen=True):
    """What became of every row: `rows_read == rows_used + rows_rejected + rows_not_messages`.

    `digest` is the SHA-256 of the contents of all files, whatever their names and order.
    """

    files: tuple[str, ...]
    source: str
    encoding: str
    mapping: Mapping[str, str]
    rows_read: int
    rows_used: int
    rows_rejected: int
    rows_not_messages: int
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...]
    conversations: int = 0
    customers: int = 0
    recognised: tuple[Recognition, ...] = ()
    digest: str = ""


class CheckInfo(msgspec.Struct, frozen=True):
    """What a check says of itself (its `check.yaml`), without its code."""

    id: str
    title: str
    severity: Severity
    weight: float
    about: str
    why: str
    fix: str


class RunInfo(msgspec.Struct, frozen=True):
    """What a result was made with. No clock of the machine: the same input gives the same bytes."""

    version: str
    as_of: str
    settings: Mapping[str, str]
