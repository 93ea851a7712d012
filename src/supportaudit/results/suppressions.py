"""Suppressions: failures that a team has looked at and accepted, with a reason, an author and a last day.

They act before anything is counted, so rates and score are without them; what was suppressed is counted aloud. One that
matches nothing, or whose last day has passed, is reported: such entries hide the next real failure.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from supportaudit.model import Finding
from supportaudit.settings.notation import Day
from supportaudit.settings.typed import Fault

Text = Annotated[str, Meta(pattern=r"\S")]


class Suppression(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What is accepted. Everything that is given must fit: a check, a conversation, a message, or where it happened."""

    reason: Annotated[Text, Meta(description="Why this is accepted.", examples=["agreed with the customer"])]
    author: Annotated[Text, Meta(description="Who accepts it.", examples=["Rob Ray"])]
    expires: Annotated[Day, Meta(description="The last day on which it holds.", examples=["2026-12-31"])]
    check: Annotated[
        Text | None, Meta(description="A check's id; left out: any.", examples=["slow-reply"])
    ] = None
    conversation: Annotated[Text | None, Meta(description="A conversation's id.", examples=["T-4711"])] = None
    message: Annotated[
        Text | None, Meta(description="The id of a message that proves the finding.", examples=["m-17"])
    ] = None
    agent: Annotated[Text | None, Meta(description="The agent it concerns.", examples=["Rob Ray"])] = None
    channel: Annotated[Text | None, Meta(description="A channel.", examples=["social"])] = None
    team: Annotated[Text | None, Meta(description="A team.", examples=["Billing"])] = None
    brand: Annotated[Text | None, Meta(description="A brand.", examples=["Acme"])] = None

    @property
    def name(self) -> str:
        """What it accepts, such as "check slow-reply, conversation T-4711"."""
        given = ((field, getattr(self, field)) for field in _MATCHED)
        return ", ".join(f"{field} {value}" for field, value in given if value is not None)

    def fits(self, finding: Finding, where: "Where") -> bool:
        """Whether all that is given fits a finding."""
        return (
            self.check in (None, finding.check)
            and self.conversation in (None, finding.conversation_id)
            and (self.message is None or self.message in finding.messages)
            and self.agent in (None, finding.agent)
            and self.channel in (None, where.channel)
            and self.team in (None, where.team)
            and self.brand in (None, where.brand)
        )


_MATCHED = ("check", "conversation", "message", "agent", "channel", "team", "brand")


class Where(msgspec.Struct, frozen=True):
    """What a conversation says of itself, for suppressions that go by it."""

    channel: str = ""
    team: str = ""
    brand: str = ""


class SuppressionStatus(StrEnum):
    """Whether an entry did anything. Unused and expired ones are stale."""

    USED = "used"
    UNUSED = "unused"
    EXPIRED = "expired"


class Suppressed(msgspec.Struct, frozen=True):
    """An entry and how many findings it kept out."""

    suppression: Suppression
    status: SuppressionStatus
    findings: int = 0


def check_suppression(entry: Suppression) -> None:
    """Raises `Fault` for an entry that would accept everything."""
    if all(getattr(entry, field) is None for field in _MATCHED):
        raise Fault(f"accepts everything; say what, by {', '.join(_MATCHED[:-1])} or {_MATCHED[-1]}")


@dataclass(frozen=True)
class Suppressions:
    """All entries, of which those hold whose last day has not passed at `as_of` (never the machine's clock)."""

    entries: tuple[Suppression, ...] = ()
    as_of: float | None = None

    def _holds(self, entry: Suppression) -> bool:
        return self.as_of is None or entry.expires >= datetime.fromtimestamp(self.as_of, UTC).date()

    @cached_property
    def active(self) -> tuple[tuple[int, Suppression], ...]:
        """Those that hold, each with its place."""
        return tuple((n, entry) for n, entry in enumerate(self.entries) if self._holds(entry))

    def __bool__(self) -> bool:
        return bool(self.active)

    def find(self, finding: Finding, where: Where) -> int | None:
        """The place of the first entry that accepts a finding, or None."""
        return next((n for n, entry in self.active if entry.fits(finding, where)), None)

    def report(self, counts: dict[str, int]) -> tuple[Suppressed, ...]:
        """What became of every entry, by how many findings each kept out (`counts` by its place, as text)."""
        return tuple(self._one(entry, counts.get(str(n), 0)) for n, entry in enumerate(self.entries))

    def _one(self, entry: Suppression, findings: int) -> Suppressed:
        if not self._holds(entry):
            return Suppressed(entry, SuppressionStatus.EXPIRED)
        return Suppressed(entry, SuppressionStatus.USED if findings else SuppressionStatus.UNUSED, findings)
