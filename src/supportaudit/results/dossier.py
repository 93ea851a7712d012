"""What a page shows beyond counts: whole conversations as evidence, customers who came back, hand-overs, busy hours.

Like a tally it adds up: parts merge to the same dossier in any order and grouping, and it stays small, for only the
gravest cases of each check are kept in full. `collect.py` fills it, only for formats that show it.
"""

from bisect import insort
from typing import TypeVar

import msgspec

Key = TypeVar("Key")

KEPT_RETURNS = 12
"""Customers who came back that are drawn."""

ALL = -1
"""In place of a number: every failing conversation in full."""


class Line(msgspec.Struct, frozen=True, order=True, gc=False):
    """One message as it is shown; `at` is 0 where no time is known. `left_out` messages before it are not shown."""

    id: str
    role: str
    author: str
    at: float
    text: str
    proof: bool = False
    public: bool = True
    left_out: int = 0


class Proof(msgspec.Struct, frozen=True, order=True):
    """A finding of a case. `agent` is "" and `gap` (seconds) 0 where there is none; `line` is that in the export.

    `due` is when a promise that the proof makes fell due, 0 without one.
    """

    reason: str
    quote: str
    severity: str
    confidence: float
    basis: str
    agent: str
    gap: float
    messages: tuple[str, ...]
    line: int
    due: float = 0.0


class Case(msgspec.Struct, frozen=True, order=True):
    """One failing conversation in full. The fields stand in the order of comparison: the gravest sorts first."""

    minus_severity: int
    minus_confidence: float
    conversation_id: str
    check: str
    channel: str
    team: str
    customer: str
    file: int
    lines: tuple[Line, ...]
    proofs: tuple[Proof, ...]
    left_out: int = 0

    @property
    def head(self) -> "Head":
        """What says whether it is kept."""
        return self.minus_severity, self.minus_confidence, self.conversation_id, self.check


Head = tuple[int, float, str, str]
"""The first fields of a case, which are known before it is made."""


class Contact(msgspec.Struct, frozen=True, order=True):
    """One conversation of a customer who came back; `failed` are the checks it failed."""

    at: float
    conversation_id: str
    channel: str
    failed: tuple[str, ...]


class Return(msgspec.Struct, frozen=True, order=True):
    """A customer with several conversations; those who were failed most sort first."""

    minus_failed: int
    minus_contacts: int
    customer_id: str
    customer: str
    contacts: tuple[Contact, ...]


class Dossier(msgspec.Struct):
    """All of it. `kept` cases are kept of each check, `ALL` for every one.

    `waits` maps weekday * 24 + hour, when customers began to wait, to [waits, too long ones]. `flows` maps source,
    target and channel of a hand-over, joined by tabs, to [hand-overs, those whose conversation failed]. `promises` are
    [made, not yet due]. `returning` counts customers with several conversations, of `customers`.
    """

    kept: int = 5
    cases: dict[str, list[Case]] = {}
    returns: list[Return] = []
    waits: dict[int, list[int]] = {}
    flows: dict[str, list[int]] = {}
    promises: list[int] = msgspec.field(default_factory=lambda: [0, 0])
    returning: int = 0
    customers: int = 0

    def wants(self, head: Head) -> bool:
        """Whether a case with this head has room, or a place to take from one less grave."""
        if self.kept in (ALL, 0):
            return self.kept == ALL
        cases = self.cases.get(head[3], [])
        return len(cases) < self.kept or head < cases[-1].head

    def keep(self, case: Case) -> None:
        """Take a case that is wanted."""
        cases = self.cases.setdefault(case.check, [])
        insort(cases, case)
        if self.kept != ALL:
            del cases[self.kept :]

    def merge(self, other: "Dossier") -> None:
        """Add another part."""
        for check, cases in other.cases.items():
            mine = sorted([*self.cases.get(check, ()), *cases])
            self.cases[check] = mine if self.kept == ALL else mine[: self.kept]
        self.returns = sorted([*self.returns, *other.returns])[:KEPT_RETURNS]
        _add(self.waits, other.waits)
        _add(self.flows, other.flows)
        self.promises = [a + b for a, b in zip(self.promises, other.promises, strict=True)]
        self.returning += other.returning
        self.customers += other.customers


def _add(into: dict[Key, list[int]], counts: dict[Key, list[int]]) -> None:
    for key, numbers in counts.items():
        known = into.get(key, [0] * len(numbers))
        into[key] = [a + b for a, b in zip(known, numbers, strict=True)]
