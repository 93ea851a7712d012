"""Fills a dossier while journeys are audited: see dossier.py for what it holds."""

from bisect import insort
from collections.abc import Collection, Sequence
from datetime import datetime

from supportaudit.auditing.engine import Plan
from supportaudit.auditing.talk import Talk
from supportaudit.model import Audited, Finding, Message, Role, Status
from supportaudit.results.dossier import KEPT_RETURNS, Case, Contact, Dossier, Head, Line, Proof, Return
from supportaudit.results.tally import encodable

MAX_LINES = 60
"""Messages shown of one conversation: its beginning, its end, and what stands around the proof."""

MAX_TEXT = 1_500
"""Characters shown of one message."""

MAX_CASE = 24_000
"""Characters shown of one conversation: of longer ones the messages beside the proof are cut to `BRIEF`."""

BRIEF = 240

_DUE = ("broken-promise", "missing-follow-up")
MIN_CONTACTS = 2
MAX_CONTACTS = 30


class Collector:
    """A watcher of the engine that keeps what is worth showing.

    `beside` is a dossier into which its own is to go: cases for which that one has no room are not made.
    """

    def __init__(self, plan: Plan, kept: int, beside: Dossier | None = None) -> None:
        self.dossier = Dossier(kept=kept)
        self._plan = plan
        self._beside = beside or self.dossier

    def see(self, seen: Sequence[tuple[Talk, Audited]]) -> None:
        """Take what is worth showing of one customer's conversations."""
        for talk, audited in seen:
            self._waits(talk)
            self._flows(talk, audited)
            self._promises(talk)
            self._cases(talk, audited)
        self.dossier.customers += 1
        if len(seen) >= MIN_CONTACTS and seen[0][0].conversation.customer_id:
            self.dossier.returning += 1
            self._return(seen)

    def _waits(self, talk: Talk) -> None:
        if not talk.has_clock:
            return
        for wait in talk.waits:
            since = wait.asked[0].at
            if since is None or wait.reply is None:
                continue
            try:
                local = datetime.fromtimestamp(since, self._plan.zone)
            except (OverflowError, OSError, ValueError):
                continue
            slot = self.dossier.waits.setdefault(local.weekday() * 24 + local.hour, [0, 0])
            slot[0] += 1
            slot[1] += wait.seconds > talk.limit

    def _flows(self, talk: Talk, audited: Audited) -> None:
        failed = any(o.status is Status.FAILED for o in audited.outcomes)
        for handover in talk.transfers:
            names = (handover.source or "?", handover.target or "?", talk.channel)
            flow = self.dossier.flows.setdefault("\t".join(map(_name, names)), [0, 0])
            flow[0] += 1
            flow[1] += failed

    def _promises(self, talk: Talk) -> None:
        for promise in talk.promises:
            if not promise.estimate:
                self.dossier.promises[0] += 1
                self.dossier.promises[1] += talk.now.known and not talk.now.reached(promise.due)

    def _cases(self, talk: Talk, audited: Audited) -> None:
        for outcome in audited.outcomes:
            if outcome.status is Status.FAILED and outcome.findings:
                self._case(talk, outcome.check, outcome.findings)

    def _case(self, talk: Talk, check: str, findings: Sequence[Finding]) -> None:
        conversation = talk.conversation
        head = head_of(conversation.id, check, findings)
        self.dossier.cases.setdefault(check, [])
        if not (self.dossier.wants(head) and self._beside.wants(head)):
            return  # made only for those that are kept
        proof = {message for finding in findings for message in finding.messages}
        lines, left = self._lines(talk, proof)
        case = Case(
            *head, encodable(talk.channel), encodable(conversation.team), self._customer(talk), conversation.file,
            lines, tuple(_proof(finding, talk) for finding in findings), left,
        )  # fmt: skip
        self.dossier.keep(case)

    def _lines(self, talk: Talk, proof: set[str]) -> tuple[tuple[Line, ...], int]:
        messages = [m for m in talk.conversation.messages if m.text.strip() or m.role is Role.SYSTEM]
        chosen = _chosen(messages, proof)
        long = sum(min(len(messages[place].text), MAX_TEXT) for place in chosen) > MAX_CASE
        lines: list[Line] = []
        left = 0
        for place, message in enumerate(messages):
            if place not in chosen:
                left += 1
                continue
            proves = message.id in proof
            lines.append(self._line(talk, message, proves, left, BRIEF if long and not proves else MAX_TEXT))
            left = 0
        return tuple(lines), left

    def _line(self, talk: Talk, message: Message, proof: bool, left_out: int, longest: int) -> Line:
        # Redacted first: a cut number would no longer look like one.
        text = self._plan.shared(message.text[: 4 * MAX_TEXT], talk)
        text = text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
        if message.signature:
            text = f"{text}\n{self._plan.shared(message.signature, talk)[:120]}"
        author = message.author
        if message.role is Role.CUSTOMER:
            author = self._customer(talk) if not message.bystander else "…"
        return Line(
            encodable(message.id),
            "bystander" if message.bystander else str(message.role),
            encodable(author),
            message.at or 0.0,
            encodable(text),
            proof,
            message.public,
            left_out,
        )

    def _customer(self, talk: Talk) -> str:
        name = talk.conversation.customer_name
        return encodable(self._plan.shared(name, talk)) if name else ""

    def _return(self, seen: Sequence[tuple[Talk, Audited]]) -> None:
        contacts = tuple(
            Contact(
                audited.first_at if audited.first_at is not None else 0.0,
                encodable(audited.conversation_id),
                encodable(audited.channel),
                tuple(o.check for o in audited.outcomes if o.status is Status.FAILED),
            )
            for _, audited in seen
        )
        failed = sum(len(c.failed) for c in contacts)
        if not failed:
            return
        talk = seen[0][0]
        customer_id = encodable(talk.conversation.customer_id)
        made = Return(-failed, -len(contacts), customer_id, self._customer(talk), contacts[:MAX_CONTACTS])
        insort(self.dossier.returns, made)
        del self.dossier.returns[KEPT_RETURNS:]


def _proof(finding: Finding, talk: Talk) -> Proof:
    due = (p.due for p in talk.promises if not p.estimate and p.turn.id in finding.messages)
    return Proof(
        encodable(finding.reason), encodable(finding.quote), str(finding.severity), finding.confidence,
        str(finding.basis), encodable(finding.agent or ""), finding.gap or 0.0, tuple(map(encodable, finding.messages)),
        finding.line, min(due, default=0.0) if finding.check in _DUE else 0.0,
    )  # fmt: skip


def head_of(conversation_id: str, check: str, findings: Sequence[Finding]) -> Head:
    """The head of the case that a conversation's findings of one check make."""
    gravest = max(findings, key=lambda f: (f.severity.rank, f.confidence))
    return -gravest.severity.rank, -gravest.confidence, encodable(conversation_id), check


def _name(text: str) -> str:
    return encodable(" ".join(text.split()))


def _chosen(messages: Sequence[Message], proof: Collection[str]) -> set[int]:
    """The places of the messages shown: all of a short conversation, else its ends and what stands around the proof."""
    if len(messages) <= MAX_LINES:
        return set(range(len(messages)))
    proved = [place for place, message in enumerate(messages) if message.id in proof]
    wanted = [*proved]
    for distance in range(1, 4):
        wanted += [place + side * distance for place in proved for side in (-1, 1)]
    wanted += [*range(6), *range(len(messages) - 4, len(messages))]
    kept = dict.fromkeys(place for place in wanted if 0 <= place < len(messages))
    return set(list(kept)[:MAX_LINES])
