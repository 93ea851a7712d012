"""Every signal sees in `tests/signals/cases.yaml` what the cases say: how many cases there are, how many were so.

A case is written like a check's (supportaudit/casefile.py); `sees` is "shown of eligible", "nothing", or the
reason why the signal is not applicable. `later` talks follow the one that is looked at, `no-customer` hides who
writes, `no-times` takes the clock away.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from supportaudit.auditing.casefile import talk_rows
from supportaudit.auditing.engine import AsOf, Plan, audit_journey
from supportaudit.auditing.signals import SIGNALS, Signal, signal_infos
from supportaudit.model import Audited, Observation
from supportaudit.normalise import build_journey
from supportaudit.results.score import make_scorecard
from supportaudit.results.tally import SignalTally, Tally
from supportaudit.settings.file import settings_of
from supportaudit.yaml12 import load_yaml

FOLDER = Path(__file__).parent / "signals"
CASES: dict[str, dict[str, Any]] = load_yaml((FOLDER / "cases.yaml").read_text("utf-8"), "signals/cases.yaml")
KEYS = {
    "talk", "earlier", "later", "sees", "quote", "at", "agent", "channel", "brand", "language", "as-of", "hours",
    "truncated", "no-customer", "no-times",
}  # fmt: skip
DAY = 86_400.0


def audited(case: dict[str, Any]) -> Audited:
    """The case's talk, audited among the others of its customer."""
    assert set(case) <= KEYS, f"unknown: {set(case) - KEYS}"
    options: dict[str, Any] = {
        key: case[key] for key in ("channel", "brand", "language", "truncated") if key in case
    }
    if case.get("no-customer"):
        options["customer"] = ""
    talks = [*case.get("earlier", ()), case["talk"], *case.get("later", ())]
    rows = [row for number, talk in enumerate(talks) for row in talk_rows(talk, f"t{number}", options)]
    if case.get("no-times"):
        rows = [msgspec.structs.replace(row, at=None) for row in rows]
    as_of = str(case.get("as-of", "+7d"))
    moment = (
        AsOf(after=float(as_of[1:-1]) * DAY)
        if as_of.startswith("+")
        else AsOf(at=datetime.fromisoformat(as_of).replace(tzinfo=UTC).timestamp())
    )
    hours = settings_of({"hours": case["hours"]}).business_hours() if "hours" in case else None
    found = {
        a.conversation_id: a for a in audit_journey(build_journey(rows), Plan((), as_of=moment, hours=hours))
    }
    return found[f"t{len(case.get('earlier', ()))}"]


def seen(case: dict[str, Any], signal: str) -> list[Observation]:
    return [o for o in audited(case).observations if o.signal == signal]


def in_words(observations: list[Observation], everything: list[Observation]) -> str:
    """A reason that is not shown is not observed; it has the cases of `reason-other`."""
    if not observations and everything:
        (looked_at,) = everything
        return looked_at.reason or f"0 of {looked_at.eligible}"
    if not observations:
        return "nothing"
    if observations[0].reason:
        return observations[0].reason
    return f"{sum(o.shown for o in observations)} of {sum(o.eligible for o in observations)}"


TABLE = [
    pytest.param(signal, case, id=f"{signal}: {name}")
    for signal, cases in CASES.items()
    for name, case in cases.items()
]


@pytest.mark.parametrize(("signal", "case"), TABLE)
def test_a_signal_sees_what_the_case_says(signal: str, case: dict[str, Any]) -> None:
    observations = seen(case, signal)
    among = {info.id: info.among for info in signal_infos()}[signal]
    assert in_words(observations, seen(case, among)) == case["sees"]
    if "quote" in case:
        assert case["quote"] in " | ".join(o.quote for o in observations)
    if "at" in case:
        assert [id for o in observations for id in o.messages] == case["at"]
    if "agent" in case:
        assert [o.agent for o in observations] == [case["agent"]]


@pytest.mark.parametrize("signal", [s.info.id for s in SIGNALS])
def test_every_signal_has_six_cases_and_half_of_them_are_near_misses(signal: str) -> None:
    cases = CASES[signal].values()
    shown = [case for case in cases if str(case["sees"])[0] in "123456789"]
    assert len(cases) >= 6
    assert shown
    assert 2 * len(shown) <= len(cases)


def test_every_signal_is_described_and_documented() -> None:
    page = (FOLDER.parent.parent / "docs" / "signals.md").read_text("utf-8")
    infos = signal_infos()
    assert [i.id for i in infos] == list(Counter(i.id for i in infos)), "ids are unique"
    for info in infos:
        assert f"`{info.id}`" in page, info.id
        assert info.title and info.about.endswith(".") and info.source


TALK = {
    "talk": "09:00 customer: My kettle leaks, please refund it\n"
    "09:02 agent Tom: Done, it is refunded.\n\nKind regards,\nTom"
}


def test_no_signal_changes_the_score() -> None:
    item = audited(TALK)
    without, beside = Tally(), Tally()
    without.add(msgspec.structs.replace(item, observations=()))
    beside.add(item)
    plain, full = make_scorecard(without, ()), make_scorecard(beside, (), signals=signal_infos())
    assert (plain.score, plain.failing, plain.demerits) == (full.score, full.failing, full.demerits)
    assert {s.signal for s in full.signals if s.shown} == {
        "quick-reply", "signed-replies", "reason-refund", "reason-fault"
    }  # fmt: skip


def test_a_signal_that_crashes_is_told_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(talk: Any) -> Any:
        raise KeyError("my card is 4929 1111")

    broken = [Signal(s.info, s.needs, crash) if s.info.id == "quick-reply" else s for s in SIGNALS]
    monkeypatch.setattr("supportaudit.auditing.signals.SIGNALS", broken)
    item = audited(TALK)
    (told,) = [o for o in item.observations if o.crashed]
    assert (told.signal, told.reason) == ("quick-reply", "KeyError in signal 'quick-reply'")
    assert "4929" not in json.dumps(msgspec.to_builtins(item)), "a crash repeats no words of a customer"
    assert len({o.signal for o in item.observations}) >= 7


def test_a_customer_of_very_many_conversations_is_looked_at_in_passing() -> None:
    rows = [
        row
        for number in range(1_500)
        for row in talk_rows("09:00 customer: my kettle leaks, CC-4321\n09:01 agent: sorry", f"t{number}", {})
    ]
    items = list(audit_journey(build_journey(rows), Plan(())))
    assert sum(o.shown for a in items for o in a.observations if o.signal == "came-back") == 1_499


# --- counts and intervals


def counted(*cases: tuple[int, int]) -> Any:
    tally = Tally(signals={"signed-replies": SignalTally()})
    for eligible, shown in cases:
        tally.signals["signed-replies"].add(eligible, shown)
    (score,) = make_scorecard(
        tally, (), signals=[i for i in signal_infos() if i.id == "signed-replies"]
    ).signals
    return score


def test_one_case_a_conversation_has_wilsons_interval() -> None:
    score = counted(*[(1, 1)] * 8, *[(1, 0)] * 2)
    assert (round(score.interval.low, 4), round(score.interval.high, 4)) == (0.4902, 0.9433)


def test_cases_alike_within_a_conversation_say_no_more_than_the_conversation() -> None:
    alike, alone = counted(*[(10, 10)] * 8, *[(10, 0)] * 2), counted(*[(1, 1)] * 80, *[(1, 0)] * 20)
    assert alike.rate == alone.rate
    assert alike.interval.high - alike.interval.low > 2.5 * (alone.interval.high - alone.interval.low)
    mixed = counted(*[(10, 8)] * 10)
    assert mixed.interval == counted(*[(1, 1)] * 80, *[(1, 0)] * 20).interval


@pytest.mark.parametrize("shown", [0, 10])
def test_all_or_none_leaves_room_for_doubt(shown: int) -> None:
    score = counted((10, shown))
    assert score.interval.high - score.interval.low > 0.8
    assert not score.enough
    assert score.interval.low <= score.rate <= score.interval.high
