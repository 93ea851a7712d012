"""Runs checks over journeys. Knows nothing of what a check means; a crash becomes an `error` outcome."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Protocol

from supportaudit.auditing.moment import Moment
from supportaudit.auditing.redact import Redactor
from supportaudit.auditing.registry import Check
from supportaudit.auditing.signals import observe
from supportaudit.auditing.talk import Setting, Talk
from supportaudit.checkkit import Hit, NotApplicable, Params
from supportaudit.model import (
    Audited,
    Basis,
    Finding,
    Journey,
    Outcome,
    Severity,
    Status,
)
from supportaudit.results.suppressions import Suppressions, Where
from supportaudit.settings.hours import Hours
from supportaudit.settings.limits import STANDARD, Limits
from supportaudit.wording.own import OwnMarkers

MIN_CONFIDENCE = 0.5
"""Less sure findings are left out, unless the user says otherwise: precision comes first."""


@dataclass(frozen=True)
class AsOf:
    """The moment of judgement: `at` for all, or `after` seconds after each conversation's last message."""

    at: float | None = None
    after: float | None = None

    def of(self, talk_end: float | None) -> float | None:
        """The moment for a conversation that ended at `talk_end`."""
        if self.after is not None:
            return talk_end + self.after if talk_end is not None else None
        return self.at


@dataclass(frozen=True)
class Plan:
    """What to run and how to judge; the same for every journey.

    By check id: `params` its parameters, `thresholds` its least confidence where it is not `min_confidence`,
    `severities` the severity of all its findings where the user set one.
    """

    checks: tuple[Check, ...]
    params: Mapping[str, Params] = field(default_factory=dict)
    as_of: AsOf = field(default_factory=AsOf)
    zone: tzinfo = UTC
    limits: Limits = STANDARD
    hours: Hours | None = None
    min_confidence: float = MIN_CONFIDENCE
    thresholds: Mapping[str, float] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    since: float | None = None
    until: float | None = None
    suppressions: Suppressions = field(default_factory=Suppressions)
    redactor: Redactor | None = None

    def shared(self, text: str, talk: Talk) -> str:
        """Words of a talk as a result may hold them."""
        return self.share(text, talk.conversation.customer_name, talk.conversation.language)

    def share(self, text: str, customer_name: str, language: str) -> str:
        """The same, for who has only the facts of a conversation."""
        return text if self.redactor is None else self.redactor(text, (customer_name,), language)

    def params_of(self, check: Check) -> Params:
        """The parameters that a check runs with."""
        return self.params.get(check.id) or check.defaults()

    @cached_property
    def own(self) -> tuple[OwnMarkers, ...]:
        """The markers that checks bring themselves."""
        return tuple(check.markers for check in self.checks if check.markers is not None)

    def threshold_of(self, check: Check) -> float:
        """The confidence from which on its findings count."""
        return self.thresholds.get(check.id, self.min_confidence)


class Watcher(Protocol):
    """Sees the conversations of one customer beside what became of them, say to keep some as evidence."""

    def see(self, seen: Sequence[tuple[Talk, Audited]]) -> None:
        """Take what is wanted; called once for each customer with a conversation in the period."""


def audit_journey(
    journey: Journey, plan: Plan, watcher: Watcher | None = None, moment: Moment | None = None
) -> Iterator[Audited]:
    """Audit every conversation of one customer, each knowing the earlier and the later ones.

    `moment` is the plan's, where that is one for all, for a caller who wants to know its span afterwards.
    """
    seen: list[tuple[Talk, Audited]] = []
    for talk in _talks(journey, plan, moment):
        if _in_period(talk, plan):
            outcomes = tuple(_run(check, talk, plan) for check in plan.checks)
            audited = _audited(talk, outcomes, plan)
            if watcher is not None:
                seen.append((talk, audited))
            yield audited
    if watcher is not None and seen:
        watcher.see(seen)


def _talks(journey: Journey, plan: Plan, moment: Moment | None) -> list[Talk]:
    talks: list[Talk] = []
    for conversation in journey.conversations:
        times = [m.at for m in conversation.messages if m.at is not None]
        now = moment or Moment(plan.as_of.of(max(times, default=None)))
        talks.append(Talk(conversation, Setting(now, plan.zone, plan.limits, plan.hours, plan.own), talks))
    for i, talk in enumerate(talks):
        talk.later = tuple(talks[i + 1 :])
    return talks


def _in_period(talk: Talk, plan: Plan) -> bool:
    """A conversation belongs to the period in which it began; one without times belongs to every period."""
    if plan.since is None and plan.until is None:
        return True
    if talk.span is None:
        return True
    begun = talk.span[0]
    return (plan.since is None or begun >= plan.since) and (plan.until is None or begun < plan.until)


def _run(check: Check, talk: Talk, plan: Plan) -> Outcome:
    if reason := _not_applicable(check, talk):
        return Outcome(check.id, Status.NOT_APPLICABLE, reason=reason)
    try:
        hits = list(check.run(talk, plan.params_of(check)))
        if not hits:
            return Outcome(check.id, Status.PASSED)
        findings = tuple(_finding(check, talk, hit, plan) for hit in hits)
    except NotApplicable as why:
        return Outcome(check.id, Status.NOT_APPLICABLE, reason=str(why))
    except Exception as error:  # a check's crash is shown beside its name and must not end the audit
        return Outcome(check.id, Status.ERROR, reason=f"{type(error).__name__} in check '{check.id}'")
    kept = tuple(f for f in findings if f.confidence >= plan.threshold_of(check))
    kept, suppressed = _suppress(kept, talk, plan.suppressions)
    return Outcome(check.id, Status.FAILED if kept else Status.PASSED, kept, suppressed=suppressed)


def _suppress(
    findings: tuple[Finding, ...], talk: Talk, suppressions: Suppressions
) -> tuple[tuple[Finding, ...], tuple[int, ...]]:
    """The findings that stand, and the place of the suppression that accepts each of the others."""
    if not suppressions or not findings:
        return findings, ()
    conversation = talk.conversation
    where = Where(conversation.channel, conversation.team, conversation.brand)
    found = [(finding, suppressions.find(finding, where)) for finding in findings]
    return tuple(f for f, n in found if n is None), tuple(n for _, n in found if n is not None)


def _not_applicable(check: Check, talk: Talk) -> str:
    if not talk.customers:
        return "no message of a customer"
    if "wording" in check.needs and not check.reads(talk):
        return "no language pack"
    if "clock" in check.needs and not talk.has_clock:
        return "no time stamps"
    return ""


def _finding(check: Check, talk: Talk, hit: Hit, plan: Plan) -> Finding:
    first = hit.turns[0]
    agent = hit.agent
    if agent is None and hit.basis is Basis.OBSERVED:
        agent = next((t.author for t in hit.turns if t.is_agent and t.author), None)
    reason, gap = hit.reason, hit.gap
    if hit.wait is not None:
        measured = hit.wait.measured(reason)
        reason, gap = measured.said, measured.seconds
    return Finding(
        check=check.id,
        conversation_id=talk.conversation.id,
        messages=tuple(dict.fromkeys(t.id for t in hit.turns)),
        quote=plan.shared(hit.quote, talk),
        reason=reason,
        severity=plan.severities.get(check.id) or hit.severity or check.info.severity,
        confidence=round(hit.confidence, 2),
        basis=hit.basis,
        agent=agent,
        gap=gap,
        at=first.at,
        line=first.message.line,
        file=first.message.file,
    )


def _audited(talk: Talk, outcomes: Sequence[Outcome], plan: Plan) -> Audited:
    """The facts of a conversation; its reply times count business hours only where there are any."""
    conversation = talk.conversation
    span = talk.span
    replies = [w for w in talk.waits if w.reply is not None] if talk.has_clock else []
    first = next((w.seconds for w in replies if w.is_first), None)
    agents = dict.fromkeys(t.author for t in talk.turns if t.is_agent and t.author)
    return Audited(
        conversation_id=conversation.id,
        outcomes=tuple(outcomes),
        channel=conversation.channel,
        brand=conversation.brand,
        team=conversation.team,
        language=conversation.language,
        week=_week(span[0], plan.zone) if span else "",
        customer_id=conversation.customer_id,
        customer_name=conversation.customer_name,
        agents=tuple(agents),
        messages=len(conversation.messages),
        first_at=span[0] if span else None,
        last_at=span[1] if span else None,
        first_response=first,
        next_responses=tuple(w.seconds for w in replies if not w.is_first),
        file=conversation.file,
        observations=tuple(observe(talk)),
    )


def _week(moment: float, zone: tzinfo) -> str:
    year, week, _ = datetime.fromtimestamp(moment, zone).isocalendar()
    return f"{year}-W{week:02}"
