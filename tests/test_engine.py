"""What becomes of a check's word: outcomes, the moment of judgement, the period, the person it concerns."""

import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from supportaudit.auditing.engine import AsOf, Plan, audit_journey
from supportaudit.auditing.redact import Redactor
from supportaudit.auditing.registry import Check, Parameter, Run, check_named, load_checks
from supportaudit.checkkit import Basis, Hit, NotApplicable, Params, Severity, Talk
from supportaudit.model import Audited, CheckInfo, Outcome, Row, Status
from supportaudit.normalise import build_journey
from supportaudit.results.suppressions import Suppression, Suppressions
from supportaudit.settings.hours import Hours
from supportaudit.settings.limits import Limits
from supportaudit.settings.notation import Day

DAY = 86_400.0
MONDAY = 1_772_445_600.0  # 2026-03-02T10:00Z
SECRET = "my card is 4929 1111"


def check(run: Run, *needs: str, name: str = "trial", params: Sequence[Parameter] = ()) -> Check:
    info = CheckInfo(name, "Trial", Severity.MEDIUM, 1.0, "about", "why", "fix")
    return Check(info, frozenset(needs), tuple(params), run, Path("trial"))


def row(number: int, role: str = "customer", text: str = "Where is my parcel?", **more: Any) -> Row:
    values: dict[str, Any] = {"conversation_id": "t1", "message_id": f"m{number}", "line": number + 1}
    values |= {"at": MONDAY + 60 * number, "channel": "chat", "language": "en", "customer_id": "c1"}
    return Row(**values | {"role": role, "text": text} | more)


def audit(rows: Sequence[Row], *checks: Check, **plan: Any) -> list[Audited]:
    return list(audit_journey(build_journey(rows), Plan(checks, **plan)))


def outcome(rows: Sequence[Row], trial: Check, **plan: Any) -> Outcome:
    (audited,) = audit(rows, trial, **plan)
    (only,) = audited.outcomes
    return only


def finds(confidence: float = 0.9, **more: Any) -> Run:
    """A check that fails every conversation at its last message."""

    def run(talk: Talk, params: Params) -> Iterator[Hit]:
        yield Hit((talk.turns[-1],), "quote", "reason", confidence, **more)

    return run


def nothing(talk: Talk, params: Params) -> Iterator[Hit]:
    yield from ()


TALK = [row(1), row(2, "agent", "It comes tomorrow.", author_name="Tom")]


# --- outcomes


def test_a_check_that_finds_nothing_passes_and_one_that_finds_something_fails() -> None:
    assert outcome(TALK, check(nothing)).status is Status.PASSED
    failed = outcome(TALK, check(finds()))
    assert failed.status is Status.FAILED
    assert [f.messages for f in failed.findings] == [("m2",)]


@pytest.mark.parametrize("late", [False, True])
def test_a_crash_is_an_error_and_its_reason_holds_no_words_of_a_customer(late: bool) -> None:
    def crash(talk: Talk, params: Params) -> Iterator[Hit]:
        if late:
            yield Hit((talk.turns[0],), "quote", "reason", 0.9)
        raise ValueError(f"cannot read {talk.turns[0].text!r}")

    crashed = outcome([row(1, text=SECRET)], check(crash))
    assert crashed.status is Status.ERROR
    assert crashed.findings == ()
    assert "ValueError" in crashed.reason
    assert "trial" in crashed.reason
    assert SECRET not in repr(crashed)


def test_a_crash_ends_neither_the_other_checks_nor_the_other_conversations() -> None:
    def crash(talk: Talk, params: Params) -> Iterator[Hit]:
        raise RuntimeError

    rows = [*TALK, row(1, conversation_id="t2")]
    audited = audit(rows, check(nothing, name="a"), check(crash, name="b"), check(finds(), name="c"))
    assert [[o.status for o in a.outcomes] for a in audited] == [
        [Status.PASSED, Status.ERROR, Status.FAILED],
        [Status.PASSED, Status.ERROR, Status.FAILED],
    ]


def test_a_hit_without_a_message_to_prove_it_is_an_error() -> None:
    def unproved(talk: Talk, params: Params) -> Iterator[Hit]:
        yield Hit((), "quote", "reason", 0.9)

    assert outcome(TALK, check(unproved)).status is Status.ERROR


def test_a_check_may_say_that_it_cannot_judge() -> None:
    def declines(talk: Talk, params: Params) -> Iterator[Hit]:
        raise NotApplicable("log cut short")
        yield

    said = outcome(TALK, check(declines))
    assert (said.status, said.reason) == (Status.NOT_APPLICABLE, "log cut short")


@pytest.mark.parametrize(
    "rows",
    [
        [row(1, "agent", author_name="Tom")],
        [row(1, "system", "opened"), row(2, "note", "hm")],
        [row(1, "zombie")],
    ],
)
def test_without_a_customer_nothing_can_be_judged(rows: list[Row]) -> None:
    assert outcome(rows, check(finds())).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("name", [c.id for c in load_checks()])
def test_an_unknown_role_is_never_judged(name: str) -> None:
    rows = [row(1, "", "you idiots, nobody ever answers"), row(2, "", "shut up", at=MONDAY + 5 * DAY)]
    found = outcome(rows, check_named(name), as_of=AsOf(after=7 * DAY))
    assert (found.status, found.findings) == (Status.NOT_APPLICABLE, ())


# --- what a check needs


@pytest.mark.parametrize("name", [c.id for c in load_checks() if "wording" in c.needs])
def test_wording_is_not_judged_in_a_language_without_a_pack(name: str) -> None:
    rows = [
        row(1, text="Missä tilaukseni on?", language="fi"),
        row(2, "agent", "En tiedä.", language="fi", author_name="Tom"),
    ]
    said = outcome(rows, check_named(name), as_of=AsOf(after=7 * DAY))
    assert (said.status, said.reason) == (Status.NOT_APPLICABLE, "no language pack")


@pytest.mark.parametrize(("minutes", "status"), [(3, Status.PASSED), (90, Status.FAILED)])
def test_the_clock_is_judged_in_any_language(minutes: int, status: Status) -> None:
    rows = [
        row(0, text="Missä tilaukseni on?", language="fi"),
        row(minutes, "agent", "Se tulee huomenna.", language="fi", author_name="Tom"),
    ]
    found = outcome(rows, check_named("slow-reply"), as_of=AsOf(at=MONDAY + DAY))
    assert found.status is status
    assert [f.gap for f in found.findings] == ([90 * 60.0] if status is Status.FAILED else [])


def test_without_times_a_clock_check_is_not_applicable() -> None:
    rows = [row(1, at=None), row(2, "agent", at=None)]
    said = outcome(rows, check(finds(), "clock"))
    assert (said.status, said.reason) == (Status.NOT_APPLICABLE, "no time stamps")


def test_a_conversation_without_times_has_no_reply_times_and_no_week() -> None:
    (audited,) = audit([row(1, at=None), row(2, "agent", at=None)], check(nothing))
    assert (audited.first_at, audited.last_at, audited.week) == (None, None, "")
    assert (audited.first_response, audited.next_responses) == (None, ())


# --- the moment of judgement


def as_ofs(plan: AsOf, *rows: Row) -> list[float | None]:
    seen: list[float | None] = []

    def look(talk: Talk, params: Params) -> Iterator[Hit]:
        seen.append(talk.as_of)
        yield from ()

    audit(rows, check(look), as_of=plan)
    return seen


def test_the_moment_is_the_same_for_all_or_counted_from_each_conversations_end() -> None:
    rows = [row(0), row(5, "agent"), row(0, conversation_id="t2", at=MONDAY + DAY)]
    assert as_ofs(AsOf(at=MONDAY + 9 * DAY), *rows) == [MONDAY + 9 * DAY] * 2
    assert as_ofs(AsOf(after=7 * DAY), *rows) == [MONDAY + 300 + 7 * DAY, MONDAY + 8 * DAY]
    assert as_ofs(AsOf(after=7 * DAY), row(0, at=None)) == [None]


QUESTION = [
    row(0),
    row(1, "agent", "Hi, which order number is it?", author_name="Tom"),
    row(2, text="It is 4411-27. When will it arrive?"),
]


@pytest.mark.parametrize(
    ("after", "status"), [(0.0, Status.PASSED), (60.0, Status.PASSED), (7 * DAY, Status.FAILED)]
)
def test_what_still_may_happen_is_no_failure(after: float, status: Status) -> None:
    assert outcome(QUESTION, check_named("missing-follow-up"), as_of=AsOf(after=after)).status is status


# --- the period


@pytest.mark.parametrize(
    ("since", "until", "audited"),
    [
        (None, None, ["early", "late", "timeless"]),
        (MONDAY, None, ["early", "late", "timeless"]),
        (MONDAY + 1, None, ["late", "timeless"]),
        (None, MONDAY, ["timeless"]),
        (None, MONDAY + 1, ["early", "timeless"]),
        (None, MONDAY + DAY, ["early", "timeless"]),
        (MONDAY + DAY, MONDAY + DAY + 1, ["late", "timeless"]),
    ],
)
def test_a_conversation_belongs_to_the_period_in_which_it_began(
    since: float | None, until: float | None, audited: list[str]
) -> None:
    rows = [
        row(0, conversation_id="early"),
        row(1, conversation_id="early", at=MONDAY + 5 * DAY),
        row(2, conversation_id="late", at=MONDAY + DAY),
        row(3, conversation_id="timeless", at=None),
    ]
    found = [a.conversation_id for a in audit(rows, check(nothing), since=since, until=until)]
    assert sorted(found) == audited


def test_conversations_outside_the_period_are_still_known_as_the_past() -> None:
    seen: list[tuple[str, int, int]] = []

    def look(talk: Talk, params: Params) -> Iterator[Hit]:
        seen.append((talk.conversation.id, len(talk.earlier), len(talk.later)))
        yield from ()

    rows = [row(0, conversation_id=f"t{n}", at=MONDAY + n * DAY) for n in range(3)]
    audit(rows, check(look), since=MONDAY + DAY)
    assert seen == [("t1", 1, 1), ("t2", 2, 0)]


# --- findings


@pytest.mark.parametrize(
    ("confidence", "least", "status"),
    [
        (0.5, 0.5, Status.FAILED),
        (0.49, 0.5, Status.PASSED),
        (0.9, 0.95, Status.PASSED),
        (0.0, 0.0, Status.FAILED),
    ],
)
def test_findings_less_sure_than_asked_for_are_left_out(
    confidence: float, least: float, status: Status
) -> None:
    found = outcome(TALK, check(finds(confidence)), min_confidence=least)
    assert found.status is status
    assert bool(found.findings) is (status is Status.FAILED)


@pytest.mark.parametrize(
    ("basis", "named", "agent"),
    [
        (Basis.OBSERVED, None, "Tom"),
        (Basis.OBSERVED, "Kim", "Kim"),
        (Basis.REPORTED, None, None),
        (Basis.REPORTED, "Kim", "Kim"),
    ],
)
def test_what_a_customer_reports_is_no_evidence_against_the_agent_who_answers(
    basis: Basis, named: str | None, agent: str | None
) -> None:
    (found,) = outcome(TALK, check(finds(basis=basis, agent=named))).findings
    assert found.agent == agent


def test_a_finding_concerns_the_first_agent_among_its_messages() -> None:
    def run(talk: Talk, params: Params) -> Iterator[Hit]:
        yield Hit(talk.turns, "quote", "reason", 0.9)

    rows = [row(1), row(2, "bot", author_name="Robo"), row(3, "agent"), row(4, "agent", author_name="Tom"),
            row(5, "agent", author_name="Kim")]  # fmt: skip
    (found,) = outcome(rows, check(run)).findings
    assert (found.agent, found.messages) == ("Tom", ("m1", "m2", "m3", "m4", "m5"))


def test_a_finding_says_where_it_stands_and_how_grave_it_is() -> None:
    rows = [row(1), row(2)]
    (found,) = outcome(rows, check(finds(0.876543))).findings
    assert (found.check, found.conversation_id, found.line, found.at) == ("trial", "t1", 3, MONDAY + 120)
    assert (found.severity, found.confidence, found.agent) == (Severity.MEDIUM, 0.88, None)
    (grave,) = outcome(rows, check(finds(severity=Severity.HIGH))).findings
    assert grave.severity is Severity.HIGH


def test_the_line_of_a_finding_is_a_line_of_its_file() -> None:
    """A conversation may be spread over two exports."""
    rows = [row(1, file=0, line=900), row(2, file=1, line=2)]
    (found,) = outcome(rows, check(finds())).findings
    assert (found.file, found.line) == (1, 2)


def test_a_check_runs_with_its_defaults_or_the_users_parameters() -> None:
    seen: list[float] = []

    def run(talk: Talk, params: Params) -> Iterator[Hit]:
        seen.append(params.number("limit"))
        yield from ()

    trial = check(run, params=[Parameter("limit", 3, "how many")])
    audit(TALK, trial)
    audit(TALK, trial, params={"trial": Params({"limit": 5})})
    assert seen == [3.0, 5.0]


# --- the facts that scores are grouped by


def test_an_audited_conversation_carries_its_facts() -> None:
    rows = [
        row(0, brand="Shop", team="Orders"),
        row(2, "agent", "Hi, which order number is it?", author_name="Tom"),
        row(3, "agent", "Looking.", author_name="Kim"),
        row(4, "note", "late", author_name="Zoe"),
        row(5, text="It is 4411-27. When will it come?"),
        row(9, "agent", "On Friday.", author_name="Tom"),
    ]
    (audited,) = audit(rows, check(nothing))
    assert (audited.channel, audited.brand, audited.team, audited.language) == (
        "chat",
        "Shop",
        "Orders",
        "en",
    )
    assert (audited.agents, audited.messages, audited.customer_id) == (("Tom", "Kim"), 6, "c1")
    assert (audited.first_response, audited.next_responses) == (120.0, (240.0,))
    assert (audited.first_at, audited.last_at) == (MONDAY, MONDAY + 540)


@pytest.mark.parametrize(
    ("at", "zone", "week"),
    [
        (MONDAY, "UTC", "2026-W10"),
        (1_772_413_200.0, "UTC", "2026-W10"),  # Monday 01:00 in UTC is Sunday in New York
        (1_772_413_200.0, "America/New_York", "2026-W09"),
        (1_767_225_600.0, "UTC", "2026-W01"),  # Thursday 1 January
        (1_798_761_600.0, "UTC", "2026-W53"),  # Friday 1 January 2027
    ],
)
def test_the_week_is_the_week_of_the_beginning_in_the_desks_zone(at: float, zone: str, week: str) -> None:
    (audited,) = audit([row(0, at=at), row(1, at=at + 30 * DAY)], check(nothing), zone=ZoneInfo(zone))
    assert audited.week == week


# --- business hours and limits

OFFICE = Hours(ZoneInfo("UTC"), (((9 * 3600, 18 * 3600),),) * 5 + ((), ()))
CLOSED = Hours(ZoneInfo("UTC"), ((),) * 7)
FRIDAY_AT_FIVE = MONDAY + 4 * DAY + 7 * 3600
MONDAY_AT_TEN = MONDAY + 7 * DAY
LATE = [
    row(1, at=FRIDAY_AT_FIVE, channel="email"),
    row(2, "agent", "Which order is it?", at=MONDAY_AT_TEN, channel="email", author_name="Tom"),
    row(3, text="It is 4411-27.", at=MONDAY_AT_TEN + 60, channel="email"),
    row(4, "agent", "It comes tomorrow.", at=MONDAY_AT_TEN + DAY, channel="email", author_name="Tom"),
]


@pytest.mark.parametrize(
    ("hours", "first", "later"),
    [(None, 65 * 3600, DAY - 60), (OFFICE, 2 * 3600, 9 * 3600 - 60), (CLOSED, 0, 0)],
)
def test_reply_times_count_open_hours_where_there_are_any(
    hours: Hours | None, first: float, later: float
) -> None:
    (audited,) = audit(LATE, check(nothing), hours=hours)
    assert (audited.first_response, audited.next_responses) == (first, (later,))


def test_a_wait_knows_its_open_time_and_all_of_it() -> None:
    waits: list[tuple[float, float]] = []

    def look(talk: Talk, params: Params) -> Iterator[Hit]:
        waits.extend((w.seconds, w.elapsed) for w in talk.waits)
        yield from ()

    audit(LATE[:1], check(look), hours=OFFICE, as_of=AsOf(at=MONDAY_AT_TEN))
    audit(LATE[:1], check(look), as_of=AsOf(at=MONDAY_AT_TEN))
    assert waits == [(2 * 3600, 65 * 3600), (65 * 3600, 65 * 3600)]


@pytest.mark.parametrize(("hours", "status"), [(None, Status.FAILED), (OFFICE, Status.PASSED)])
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("unavailable", [row(0, at=FRIDAY_AT_FIVE, channel="email")]),
        (
            "missing-follow-up",
            [*QUESTION[:2], row(2, text="It is 4411-27. When will it arrive?", at=FRIDAY_AT_FIVE)],
        ),
        (
            "missing-follow-up",
            [
                row(0),
                row(
                    1, "agent", "Hi, I will check and get back to you.", at=FRIDAY_AT_FIVE, author_name="Tom"
                ),
            ],
        ),
    ],
)
def test_silence_over_the_weekend_is_no_silence(
    name: str, rows: list[Row], hours: Hours | None, status: Status
) -> None:
    """Two open hours lie between Friday at five and Monday at ten."""
    mail = [msgspec.structs.replace(r, channel="email") for r in rows]
    assert outcome(mail, check_named(name), hours=hours, as_of=AsOf(at=MONDAY_AT_TEN)).status is status


def test_promises_run_by_the_calendar() -> None:
    rows = [
        row(0),
        row(1, "agent", "I will call you back by tomorrow at noon.", author_name="Tom"),
        row(2, text="Perfect, thanks!"),
    ]
    plan: dict[str, Any] = {"hours": CLOSED, "as_of": AsOf(at=MONDAY + 5 * DAY)}
    assert outcome(rows, check_named("broken-promise"), **plan).status is Status.FAILED


@pytest.mark.parametrize(
    ("channel", "priority", "status"),
    [
        ("email", "Urgent", Status.FAILED),
        ("email", "critical", Status.FAILED),
        ("email", "low", Status.PASSED),
        ("email", "", Status.PASSED),
        ("chat", "low", Status.FAILED),
    ],
)
def test_the_limit_is_that_of_the_channel_and_the_priority(
    channel: str, priority: str, status: Status
) -> None:
    limits = Limits({"chat": {"": 300.0}, "": {"": DAY}, "email": {"": DAY, "urgent": 3600.0}})
    rows = [
        row(0, channel=channel, priority=priority),
        row(90, "agent", "It comes tomorrow.", channel=channel, priority=priority, author_name="Tom"),
    ]
    assert outcome(rows, check_named("slow-reply"), limits=limits).status is status


ENTRY = Suppression("agreed", "Rob", Day(2026, 12, 31), check="rudeness")


def test_a_plan_can_be_sent_to_other_processes() -> None:
    plan = Plan(
        (),
        hours=OFFICE,
        limits=Limits({"": {"": 60.0}}),
        redactor=Redactor(),
        suppressions=Suppressions((ENTRY,), 5.0),
    )
    assert pickle.loads(pickle.dumps(plan)) == plan
