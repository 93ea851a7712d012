"""A made-up audit: 240 conversations of a small shop, with everything a report can show."""

import random
from collections.abc import Sequence

from supportaudit.model import (
    Audited,
    Basis,
    CheckInfo,
    Finding,
    InputAccount,
    Observation,
    Outcome,
    Recognition,
    Rejected,
    RunInfo,
    Severity,
    SignalInfo,
    SignalKind,
    Status,
)
from supportaudit.results.report import Report, make_report
from supportaudit.results.tally import Tally

_CHECKS = (
    ("unavailable", Severity.HIGH, 1.0, 0.03, "Answer every request, and say when somebody is there."),
    (
        "slow-reply",
        Severity.MEDIUM,
        0.5,
        0.16,
        "Send a short human first answer, then solve. Staff the peaks.",
    ),
    ("no-knowledge", Severity.MEDIUM, 0.5, 0.02, "Give agents one searchable place for what is known."),
    (
        "arguing",
        Severity.HIGH,
        1.0,
        0.02,
        "Solve the problem first; explain the rule only with a way forward.",
    ),
    (
        "broken-promise",
        Severity.HIGH,
        1.0,
        0.05,
        "Promise only what has an owner and a reminder. Then keep it.",
    ),
    ("siloed-records", Severity.MEDIUM, 0.5, 0.03, "Put every channel's record of a customer in one place."),
    ("impersonal", Severity.LOW, 0.25, 0.07, "Use the name, and sign with yours."),
    (
        "not-listening",
        Severity.MEDIUM,
        0.5,
        0.04,
        "Read the whole thread, then repeat the question in your words.",
    ),
    (
        "missing-follow-up",
        Severity.MEDIUM,
        0.5,
        0.09,
        "Close every loop: set a reminder when you say you will check.",
    ),
    ("rudeness", Severity.HIGH, 1.0, 0.008, "Name the problem, not the person."),
    ("run-around", Severity.MEDIUM, 0.5, 0.0, "Stay with the customer until the next person has taken over."),
)

QUOTES = {
    "unavailable": "Is anybody there? I have written three times this week and nobody answers.",
    "slow-reply": "waited 2 d 4 h for the first answer",
    "no-knowledge": "I'm honestly not sure how that works, you would have to try.",
    "arguing": "That is not possible, our system does not lose orders. You must have typed it wrong.",
    "broken-promise": "You said the refund would be there by Friday. It is Tuesday.",
    "siloed-records": "I have explained this to two of your colleagues already.",
    "impersonal": "Dear {{first_name}}, thank you for contacting us about your request.",
    "not-listening": "As I said in my first message, I have already restarted it.",
    "missing-follow-up": "I will check with the warehouse and come back to you.",
    "rudeness": "Calm down and read the manual.",
    "run-around": "They sent me to you.",
}

CHECKS = tuple(
    CheckInfo(
        id=name,
        title=name.replace("-", " ").capitalize(),
        severity=severity,
        weight=weight,
        about="What it means.",
        why="Why it matters.",
        fix=fix,
    )
    for name, severity, weight, _, fix in _CHECKS
)
SIGNALS = (
    SignalInfo("praise-answered", SignalKind.STRENGTH, "conversations", "Praise", "What it is.", "A study"),
    SignalInfo("signed-replies", SignalKind.STRENGTH, "messages", "Signed", "What it is.", "A study"),
    SignalInfo("quick-reply", SignalKind.STRENGTH, "conversations", "Quick", "What it is.", "A study"),
    SignalInfo("came-back", SignalKind.SIGNAL, "conversations", "Came back", "What it is.", "A survey"),
    SignalInfo("reason-delivery", SignalKind.REASON, "conversations", "Delivery", "A parcel.", "A survey"),
    SignalInfo("reason-other", SignalKind.REASON, "conversations", "Other or unknown", "None.", "A survey"),
)
CHANCES = {name: chance for name, _, _, chance, _ in _CHECKS}
AGENTS = ("Ana", "Ben", "Chloé", "Dilara", "Erik")
CHANNELS = ("chat", "email", "")
START = 1_788_220_800.0  # 2026-09-01T00:00Z
DAY = 86_400.0


def audited(number: int, rng: random.Random, checks: Sequence[CheckInfo] = CHECKS) -> Audited:
    """One made-up conversation. Erik fails his customers three times as often as the others."""
    agents = tuple(sorted(rng.sample(AGENTS, rng.choice((1, 1, 1, 2)))))
    at = START + rng.random() * 29 * DAY
    channel = rng.choice(CHANNELS)
    factor = 3 if "Erik" in agents else 1
    outcomes = tuple(outcome(check, f"T-{number}", agents[-1], at, rng, factor) for check in checks)
    return Audited(
        conversation_id=f"T-{number}",
        outcomes=outcomes,
        channel=channel,
        brand="",
        team=rng.choice(("Billing", "Orders")),
        language=rng.choice(("en", "en", "de")),
        week=f"2026-W{36 + int((at - START) // (7 * DAY))}",
        agents=agents,
        messages=rng.randint(2, 14),
        first_at=at,
        last_at=at + rng.random() * DAY,
        first_response=rng.lognormvariate(5.5 if channel == "chat" else 9, 1.2),
        next_responses=tuple(rng.lognormvariate(7, 1.5) for _ in range(rng.randint(0, 3))),
        observations=observations(f"T-{number}", agents, number),
    )


def observations(conversation: str, agents: tuple[str, ...], number: int) -> tuple[Observation, ...]:
    """What the signals see. Ana signs everything, the others every second message, Erik nothing."""
    seen = [
        Observation("reason-delivery", 1, number % 3 == 0, (f"{conversation}-1",), "Where is it?", None, 2)
    ]
    seen.append(Observation("reason-other", 1, number % 3 != 0, (f"{conversation}-1",), "Hello", None, 2))
    for agent in agents:
        signed = {"Ana": 4, "Erik": 0}.get(agent, 2)
        seen.append(
            Observation("signed-replies", 4, signed, (f"{conversation}-2",), f"^{agent[:2]}", agent, 3)
        )
    if number % 9 == 0:
        seen.append(
            Observation("praise-answered", 1, number % 2, (f"{conversation}-3",), "Lovely", agents[0])
        )
    if number % 40 == 0:
        seen.append(
            Observation("quick-reply", reason="ZeroDivisionError in signal 'quick-reply'", crashed=True)
        )
    seen.append(Observation("came-back", reason="customers are not identified"))
    return tuple(seen)


def outcome(
    check: CheckInfo, conversation: str, agent: str, at: float, rng: random.Random, factor: float = 1
) -> Outcome:
    """What `check` says: failed by its own chance, sometimes not applicable, seldom an error."""
    if check.id == "run-around":
        return Outcome(check.id, Status.NOT_APPLICABLE, reason="the export shows no hand-overs")
    dice = rng.random()
    if dice < 0.05:
        return Outcome(check.id, Status.NOT_APPLICABLE, reason="no language pack for this conversation")
    if check.id == "rudeness" and dice < 0.9:
        return Outcome(check.id, Status.NOT_APPLICABLE, reason="the author's role is unknown")
    if rng.random() >= CHANCES[check.id] * factor:
        return Outcome(check.id, Status.PASSED)
    finding = Finding(
        check=check.id,
        conversation_id=conversation,
        messages=(f"{conversation}-1", f"{conversation}-2"),
        quote=QUOTES[check.id],
        reason="made up",
        severity=rng.choice((check.severity, Severity.MEDIUM)),
        confidence=round(rng.uniform(0.5, 1), 3),
        basis=Basis.OBSERVED,
        agent=agent,
        gap=187_200.0 if check.id == "slow-reply" else None,
        at=at,
        line=rng.randint(2, 9_000),
    )
    return Outcome(check.id, Status.FAILED, (finding,))


def conversations(number: int = 240, seed: int = 11) -> list[Audited]:
    """The made-up conversations, the same for the same arguments."""
    rng = random.Random(seed)
    return [audited(10_400 + i, rng) for i in range(number)]


def account(conversations: int) -> InputAccount:
    """An account whose rows add up."""
    return InputAccount(
        files=("exports/support 2026-09.csv",),
        source="Zendesk (CSV)",
        encoding="utf-8",
        mapping={"text": "Comment body", "conversation_id": "Ticket ID"},
        rows_read=2_034,
        rows_used=1_899,
        rows_rejected=5,
        rows_not_messages=130,
        rejected=tuple(
            Rejected("exports/support 2026-09.csv", line, reason)
            for line, reason in (
                (118, "no ticket id"),
                (430, "the time “13/13/2026” is no date"),
                (431, "8 columns where the header has 12"),
                (997, "no ticket id"),
                (1_204, "no ticket id"),
            )
        ),
        notes=("Times without a zone were read as UTC; set --timezone if the help desk shows local time.",),
        recognised=(Recognition("exports/support 2026-09.csv", "zendesk", 0.92, "generic", 0.25),),
        conversations=conversations,
        customers=212,
    )


RUN = RunInfo(version="0.1.0", as_of="2026-09-30T18:00:00Z", settings={"min-sample": "30", "engine": "local"})


def tally_of(items: Sequence[Audited]) -> Tally:
    """All conversations counted by one worker."""
    tally = Tally()
    for item in items:
        tally.add(item)
    return tally


def findings_of(items: Sequence[Audited]) -> list[Finding]:
    """Every finding of every conversation."""
    return [finding for item in items for outcome in item.outcomes for finding in outcome.findings]


def report_of(items: Sequence[Audited], checks: Sequence[CheckInfo] = CHECKS) -> Report:
    """The report on these conversations."""
    return make_report(tally_of(items), findings_of(items), account(len(items)), RUN, checks, signals=SIGNALS)
