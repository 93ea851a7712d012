"""Counts that add up: what every score is made from.

A `Tally` is a commutative monoid: an empty one changes nothing, and parts merge to the same counts in any
order and grouping. So one process, many processes and a cluster give the same bytes.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Sequence

import msgspec

from supportaudit.model import Audited, Observation, Outcome, Severity, Status
from supportaudit.results.stats import ReplyTimes

KEPT_WORST = 20
"""How many of the worst conversations are remembered by name."""


class CheckTally(msgspec.Struct):
    """One check over all conversations. `failed` is part of `judged`; reasons map to conversations."""

    judged: int = 0
    failed: int = 0
    failed_by_severity: dict[str, int] = {}
    not_applicable: dict[str, int] = {}
    errors: dict[str, int] = {}

    def add(self, outcome: Outcome) -> None:
        """Count one outcome. A failure has the severity of its gravest finding."""
        if outcome.status is Status.PASSED:
            self.judged += 1
        elif outcome.status is Status.FAILED:
            self.judged += 1
            self.failed += 1
            _count(self.failed_by_severity, [_gravest(outcome).value])
        elif outcome.status is Status.NOT_APPLICABLE:
            _count(self.not_applicable, [encodable(outcome.reason)])
        else:
            _count(self.errors, [encodable(outcome.reason)])

    def merge(self, other: "CheckTally") -> None:
        """Add the counts of `other`."""
        self.judged += other.judged
        self.failed += other.failed
        _add(self.failed_by_severity, other.failed_by_severity)
        _add(self.not_applicable, other.not_applicable)
        _add(self.errors, other.errors)


KEPT_EXAMPLES = 3
"""How many cases that were so, and how many that were not, are remembered of each signal."""


Cases = dict[str, tuple[int, int]]
"""A conversation's cases: signal -> eligible, shown."""


class Example(msgspec.Struct, frozen=True, order=True):
    """One case that a signal saw, with its proof. The fields stand in the order in which examples are chosen."""

    conversation_id: str
    file: int
    line: int
    messages: tuple[str, ...]
    quote: str
    agent: str


Share = Callable[[str, Audited], str]
"""What of a conversation's words may be kept; asked only for the few that are."""


class SignalTally(msgspec.Struct):
    """One signal over all conversations: `shown` of `eligible` cases were so, in `conversations` with any case.

    The sums of squares and products per conversation say how alike the cases of one conversation are.
    `examples` were so and `missed` were not, the first few by conversation.
    """

    conversations: int = 0
    eligible: int = 0
    shown: int = 0
    eligible_squared: int = 0
    eligible_shown: int = 0
    shown_squared: int = 0
    not_applicable: dict[str, int] = {}
    errors: dict[str, int] = {}
    examples: list[Example] = []
    missed: list[Example] = []

    def add(self, eligible: int, shown: int) -> None:
        """Count the cases of one conversation."""
        self.conversations += 1
        self.eligible += eligible
        self.shown += shown
        self.eligible_squared += eligible * eligible
        self.eligible_shown += eligible * shown
        self.shown_squared += shown * shown

    def wants(self, seen: Observation, conversation_id: str) -> bool:
        """Whether there is a proof, and it is among the first few."""
        kept = self.examples if seen.shown else self.missed
        full = len(kept) == KEPT_EXAMPLES and encodable(conversation_id) > kept[-1].conversation_id
        return bool(seen.messages) and not full

    def remember(self, seen: Observation, audited: Audited, share: Share | None) -> None:
        """Keep the proof if it is wanted, its words as `share` lets them out."""
        if not self.wants(seen, audited.conversation_id):
            return
        kept = self.examples if seen.shown else self.missed
        example = Example(
            encodable(audited.conversation_id),
            audited.file,
            seen.line,
            tuple(map(encodable, seen.messages)),
            encodable(_one_line(share(seen.quote, audited) if share is not None else seen.quote)),
            encodable(seen.agent or ""),
        )
        insort(kept, example)
        del kept[KEPT_EXAMPLES:]

    def merge(self, other: "SignalTally") -> None:
        """Add the counts of `other`."""
        self.conversations += other.conversations
        self.eligible += other.eligible
        self.shown += other.shown
        self.eligible_squared += other.eligible_squared
        self.eligible_shown += other.eligible_shown
        self.shown_squared += other.shown_squared
        _add(self.not_applicable, other.not_applicable)
        _add(self.errors, other.errors)
        self.examples = sorted(self.examples + other.examples)[:KEPT_EXAMPLES]
        self.missed = sorted(self.missed + other.missed)[:KEPT_EXAMPLES]


class GroupTally(msgspec.Struct):
    """The conversations that share one value of a dimension, say all of channel "chat".

    `judged` and `failed` map a check to conversations; `failing` counts conversations with any failure. For
    an agent a failure counts only if a finding names them; `messages` are all messages of the conversations.
    `eligible` and `shown` map a signal to its cases.
    """

    conversations: int = 0
    failing: int = 0
    messages: int = 0
    judged: dict[str, int] = {}
    failed: dict[str, int] = {}
    eligible: dict[str, int] = {}
    shown: dict[str, int] = {}

    def add(self, messages: int, judged: Sequence[str], failed: Sequence[str]) -> None:
        """Count one conversation with the checks that judged it and those that failed it."""
        self.conversations += 1
        self.messages += messages
        self.failing += bool(failed)
        _count(self.judged, judged)
        _count(self.failed, failed)

    def observe(self, cases: Cases) -> None:
        """Count a conversation's cases."""
        for signal, (eligible, shown) in cases.items():
            self.eligible[signal] = self.eligible.get(signal, 0) + eligible
            if shown:
                self.shown[signal] = self.shown.get(signal, 0) + shown

    def merge(self, other: "GroupTally") -> None:
        """Add the counts of `other`."""
        self.conversations += other.conversations
        self.failing += other.failing
        self.messages += other.messages
        _add(self.judged, other.judged)
        _add(self.failed, other.failed)
        _add(self.eligible, other.eligible)
        _add(self.shown, other.shown)


class WorstConversation(msgspec.Struct, frozen=True, order=True):
    """A conversation that failed its customer in many or grave ways.

    The fields stand in the order of comparison and the first two are negative, so that the worst sorts first
    and ties are broken the same way everywhere. `minus_severity` sums 1, 2 or 3 for each failed check.
    """

    minus_failed: int
    minus_severity: int
    conversation_id: str
    file: int
    channel: str
    agents: tuple[str, ...]
    failed_checks: tuple[str, ...]


class Tally(msgspec.Struct):
    """Everything that is counted over conversations.

    `groups` is dimension -> value -> counts, with "" where the export gives no value. Reply times are kept
    per channel: `first_replies` to a conversation's opening, `later_replies` after that. `first_at` and
    `last_at` are seconds since 1970, None without any clock. `suppressed` maps the place of a suppression, as
    text, to the findings that it kept out.
    """

    conversations: int = 0
    messages: int = 0
    failing: int = 0
    first_at: float | None = None
    last_at: float | None = None
    checks: dict[str, CheckTally] = {}
    signals: dict[str, SignalTally] = {}
    groups: dict[str, dict[str, GroupTally]] = {}
    first_replies: dict[str, ReplyTimes] = {}
    later_replies: dict[str, ReplyTimes] = {}
    worst: list[WorstConversation] = []
    suppressed: dict[str, int] = {}

    def add(self, audited: Audited, share: Share | None = None) -> None:
        """Count one conversation."""
        judged: list[str] = []
        failures: list[Outcome] = []
        for outcome in audited.outcomes:
            if outcome.check not in self.checks:
                self.checks[outcome.check] = CheckTally()
            self.checks[outcome.check].add(outcome)
            if outcome.suppressed:
                _count(self.suppressed, [str(place) for place in outcome.suppressed])
            if outcome.status is Status.PASSED:
                judged.append(outcome.check)
            elif outcome.status is Status.FAILED:
                judged.append(outcome.check)
                failures.append(outcome)
        self.conversations += 1
        self.messages += audited.messages
        self.failing += bool(failures)
        self._see_period(audited.first_at, audited.last_at)
        cases = _cases(audited.observations)
        self._add_groups(audited, judged, failures, cases)
        self._add_signals(audited, cases, share)
        self._add_reply_times(audited)
        if failures:
            insort(self.worst, _worst(audited, failures))
            del self.worst[KEPT_WORST:]

    def wants(self, seen: Observation, conversation_id: str) -> bool:
        """Whether the words of an observation would be kept as an example, were its conversation added now."""
        counts = self.signals.get(seen.signal)
        return bool(seen.messages) if counts is None else counts.wants(seen, conversation_id)

    def merge(self, other: "Tally") -> None:
        """Add the counts of `other`, which stays as it is and shares nothing with this tally."""
        self.conversations += other.conversations
        self.messages += other.messages
        self.failing += other.failing
        self._see_period(other.first_at, other.last_at)
        for check, counts in other.checks.items():
            self.checks.setdefault(check, CheckTally()).merge(counts)
        for signal, cases in other.signals.items():
            self.signals.setdefault(signal, SignalTally()).merge(cases)
        for dimension, values in other.groups.items():
            mine = self.groups.setdefault(dimension, {})
            for value, group in values.items():
                mine.setdefault(value, GroupTally()).merge(group)
        for replies, others in (
            (self.first_replies, other.first_replies),
            (self.later_replies, other.later_replies),
        ):
            for channel, times in others.items():
                replies.setdefault(channel, ReplyTimes()).merge(times)
        self.worst = sorted(self.worst + other.worst)[:KEPT_WORST]
        _add(self.suppressed, other.suppressed)

    def encode(self) -> bytes:
        """The tally as MessagePack; equal tallies give equal bytes, in whatever order they were filled."""
        return msgspec.msgpack.encode(self, order="deterministic")

    @staticmethod
    def decode(data: bytes) -> "Tally":
        """The tally that `encode` wrote."""
        return msgspec.msgpack.decode(data, type=Tally)

    def _see_period(self, first: float | None, last: float | None) -> None:
        if first is not None:
            self.first_at = first if self.first_at is None else min(self.first_at, first)
        if last is not None:
            self.last_at = last if self.last_at is None else max(self.last_at, last)

    def _add_groups(
        self, audited: Audited, judged: Sequence[str], failures: Sequence[Outcome], cases: Cases
    ) -> None:
        failed = [outcome.check for outcome in failures]
        # Attribute by attribute, not by getattr: this runs for every conversation.
        for dimension, value in (
            ("team", audited.team),
            ("channel", audited.channel),
            ("brand", audited.brand),
            ("week", audited.week),
            ("language", audited.language),
        ):
            group = self._group(dimension, value)
            group.add(audited.messages, judged, failed)
            group.observe(cases)
        for agent in audited.agents:
            theirs = [o.check for o in failures if any(f.agent == agent for f in o.findings)]
            group = self._group("agent", agent)
            group.add(audited.messages, judged, theirs)
            own = [seen for seen in audited.observations if seen.agent is None or seen.agent == agent]
            group.observe(_cases(own) if len(own) < len(audited.observations) else cases)

    def _add_signals(self, audited: Audited, cases: Cases, share: Share | None) -> None:
        for seen in audited.observations:
            if seen.signal not in self.signals:
                self.signals[seen.signal] = SignalTally()
            counts = self.signals[seen.signal]
            if seen.reason:
                _count(counts.errors if seen.crashed else counts.not_applicable, [encodable(seen.reason)])
            else:
                counts.remember(seen, audited, share)
        for signal, (eligible, shown) in cases.items():
            self.signals[signal].add(eligible, shown)

    def _group(self, dimension: str, value: str) -> GroupTally:
        values = self.groups.setdefault(dimension, {})
        value = encodable(value)
        if value not in values:
            values[value] = GroupTally()
        return values[value]

    def _add_reply_times(self, audited: Audited) -> None:
        channel = encodable(audited.channel)
        if audited.first_response is not None:
            self.first_replies.setdefault(channel, ReplyTimes()).add(audited.first_response)
        for seconds in audited.next_responses:
            self.later_replies.setdefault(channel, ReplyTimes()).add(seconds)


def _cases(observations: Iterable[Observation]) -> Cases:
    cases: Cases = {}
    for seen in observations:
        if seen.eligible:
            eligible, shown = cases.get(seen.signal, (0, 0))
            cases[seen.signal] = (eligible + seen.eligible, shown + seen.shown)
    return cases


def _one_line(text: str, limit: int = 220) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def encodable(text: str) -> str:
    """`text` with lone surrogates replaced, so that it can be written as UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _worst(audited: Audited, failures: Sequence[Outcome]) -> WorstConversation:
    return WorstConversation(
        minus_failed=-len(failures),
        minus_severity=-sum(_gravest(outcome).rank + 1 for outcome in failures),
        conversation_id=encodable(audited.conversation_id),
        file=audited.file,
        channel=encodable(audited.channel),
        agents=tuple(map(encodable, audited.agents)),
        failed_checks=tuple(sorted(outcome.check for outcome in failures)),
    )


def _gravest(outcome: Outcome) -> Severity:
    return max((finding.severity for finding in outcome.findings), key=lambda s: s.rank, default=Severity.LOW)


def _add(into: dict[str, int], counts: dict[str, int]) -> None:
    for key, number in counts.items():
        into[key] = into.get(key, 0) + number


def _count(counts: dict[str, int], keys: Sequence[str]) -> None:
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
