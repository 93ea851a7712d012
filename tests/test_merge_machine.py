"""What adds up adds up however it is split: tallies, dossiers and shards, driven by hypothesis in any order of steps.

Each machine keeps the plain list of what went in beside the thing itself, and compares the two.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import permutations
from unittest import mock

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule
from tests.score.sample import audited

from supportaudit.auditing import shards
from supportaudit.auditing.shards import Shards, decode_rows
from supportaudit.model import Audited, Row
from supportaudit.normalise import journey_key
from supportaudit.results.dossier import ALL, KEPT_RETURNS, Case, Contact, Dossier, Return
from supportaudit.results.tally import Tally

QUICK = settings(max_examples=25, stateful_step_count=20, deadline=None)


# --- tallies

_POOL = [audited(number, random.Random(number)) for number in range(60)]


@st.composite
def conversations(draw: st.DrawFn) -> Audited:
    """One of the pool, at times with a clock that is missing, a gravest finding, or a suppression."""
    one = draw(st.sampled_from(_POOL))
    if draw(st.booleans()):
        return one
    return msgspec.structs.replace(
        one,
        conversation_id=draw(st.sampled_from(("T-1", "T-2", "\ud83d", "é"))),
        first_at=draw(st.none() | st.floats(0, 4e9)),
        first_response=draw(st.none() | st.sampled_from((0.0, 300.0, 300.5, 1e9))),
        outcomes=tuple(
            msgspec.structs.replace(o, suppressed=(draw(st.integers(0, 2)),)) for o in one.outcomes
        ),
        file=draw(st.integers(0, 2)),
    )


def counted(items: Iterable[Audited]) -> Tally:
    whole = Tally()
    for one in items:
        whole.add(one)
    return whole


class TallyMachine(RuleBasedStateMachine):
    """Tallies filled, sent away and merged; each remembers what it should hold."""

    tallies: Bundle[tuple[Tally, list[Audited]]] = Bundle("tallies")

    @rule(target=tallies)
    def empty(self) -> tuple[Tally, list[Audited]]:
        return Tally(), []

    @rule(part=tallies, one=conversations())
    def count(self, part: tuple[Tally, list[Audited]], one: Audited) -> None:
        part[0].add(one)
        part[1].append(one)

    @rule(target=tallies, part=tallies)
    def send(self, part: tuple[Tally, list[Audited]]) -> tuple[Tally, list[Audited]]:
        return Tally.decode(part[0].encode()), list(part[1])

    @rule(into=tallies, other=tallies)
    def merge(self, into: tuple[Tally, list[Audited]], other: tuple[Tally, list[Audited]]) -> None:
        before = other[0].encode()
        if into[0] is other[0]:
            other = Tally.decode(before), list(other[1])
        into[0].merge(other[0])
        into[1].extend(other[1])
        assert other[0].encode() == before, "merging changed what was merged"

    @rule(first=tallies, second=tallies, rng=st.randoms())
    def any_order_is_the_whole(
        self, first: tuple[Tally, list[Audited]], second: tuple[Tally, list[Audited]], rng: random.Random
    ) -> None:
        one, other = (Tally.decode(part[0].encode()) for part in (first, second))
        one.merge(second[0])
        other.merge(first[0])
        items = [*first[1], *second[1]]
        whole = counted(rng.sample(items, len(items))).encode()
        assert one.encode() == other.encode() == whole


TestTallies = TallyMachine.TestCase
TestTallies.settings = QUICK


# --- dossiers

CHECKS = ("slow-reply", "rudeness")


@st.composite
def dossiers(draw: st.DrawFn, kept: int) -> Dossier:
    """What one customer brings."""
    cases = draw(
        st.lists(
            st.tuples(st.sampled_from(CHECKS), st.integers(-3, -1), st.floats(-1, 0), st.integers(0, 30)),
            max_size=3,
        )
    )
    made = Dossier(kept=kept, customers=1, returning=draw(st.integers(0, 1)))
    for check, severity, confidence, number in cases:
        made.keep(Case(severity, confidence, f"T-{number}", check, "chat", "", "A.", number % 2, (), ()))
    if made.returning:
        contact = Contact(float(draw(st.integers(0, 9))), "T-1", "chat", ())
        made.returns = [
            Return(-draw(st.integers(0, 3)), -2, draw(st.sampled_from("abc")), "A.", (contact, contact))
        ]
    made.waits = {draw(st.integers(0, 5)): [draw(st.integers(1, 3)), draw(st.integers(0, 1))]}
    made.flows = {f"Tom\tAna\t{draw(st.sampled_from(('chat', 'email')))}": [1, draw(st.integers(0, 1))]}
    made.promises = [draw(st.integers(0, 3)), draw(st.integers(0, 1))]
    return made


def sorted_out(dossier: Dossier) -> Dossier:
    """Without the order in which counts came in, which says nothing."""
    tables = {name: dict(sorted(getattr(dossier, name).items())) for name in ("cases", "waits", "flows")}
    return msgspec.structs.replace(dossier, **tables)


def written(dossier: Dossier) -> bytes:
    return msgspec.msgpack.encode(sorted_out(dossier))


def whole_of(parts: list[Dossier], kept: int) -> bytes:
    """All parts at once, by sorting and adding."""
    whole = Dossier(kept=kept)
    for check in {check for part in parts for check in part.cases}:
        cases = sorted(case for part in parts for case in part.cases.get(check, ()))
        whole.cases[check] = cases if kept == ALL else cases[:kept]
    whole.returns = sorted(one for part in parts for one in part.returns)[:KEPT_RETURNS]
    for name in ("waits", "flows"):
        sums: dict[object, list[int]] = {}
        for part in parts:
            for key, numbers in getattr(part, name).items():
                sums[key] = [a + b for a, b in zip(sums.get(key, [0, 0]), numbers, strict=True)]
        setattr(whole, name, sums)
    whole.promises = [sum(part.promises[n] for part in parts) for n in range(2)]
    whole.returning = sum(part.returning for part in parts)
    whole.customers = sum(part.customers for part in parts)
    return written(whole)


@pytest.mark.parametrize("kept", [2, ALL])
def test_any_grouping_of_dossiers_is_the_whole(kept: int) -> None:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(dossiers(kept), min_size=1, max_size=8), st.randoms())
    def holds(parts: list[Dossier], rng: random.Random) -> None:
        wanted = whole_of(parts, kept)
        heap = [msgspec.msgpack.decode(written(part), type=Dossier) for part in rng.sample(parts, len(parts))]
        while len(heap) > 1:
            other = heap.pop(rng.randrange(len(heap)))
            before = written(other)
            heap[rng.randrange(len(heap))].merge(other)
            assert written(other) == before
        empty = Dossier(kept=kept)
        empty.merge(heap[0])
        heap[0].merge(Dossier(kept=kept))
        assert written(heap[0]) == written(empty) == wanted

    holds()


# --- shards

CROWD = 4
Journeys = frozenset[frozenset[str]]


class Model:
    """Who belongs together, by the promise alone: the first id a conversation names, ids with one address."""

    def __init__(self, rows: list[Row]) -> None:
        self.customer: dict[str, str] = {}
        addresses: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row.customer_id:
                self.customer.setdefault(row.conversation_id, row.customer_id)
                if row.customer_email:
                    addresses[row.customer_email].add(row.customer_id)
        people = [{row.customer_id} for row in rows if row.customer_id] + list(addresses.values())
        merged: list[set[str]] = []
        for person in people:
            touching = [other for other in merged if other & person]
            merged = [other for other in merged if not other & person]
            merged.append(person.union(*touching))
        self.people = merged

    def journeys(self, conversations: set[str]) -> Journeys:
        found: dict[int | str, set[str]] = defaultdict(set)
        for conversation in conversations:
            customer = self.customer.get(conversation)
            person = next((n for n, ids in enumerate(self.people) if customer in ids), None)
            found[conversation if person is None else person].add(conversation)
        alone = {c for group in found.values() if len(group) > CROWD for c in group}
        grouped = [group for group in found.values() if len(group) <= CROWD]
        return frozenset([*map(frozenset, grouped), *(frozenset((c,)) for c in alone)])


def gathered(rows: list[Row], count: int, memory: int) -> tuple[Journeys, int, list[Row]]:
    with Shards(count, memory) as gathering:
        for row in rows:
            gathering.add(row)
        gathering.finish()
        journeys: dict[str, set[str]] = defaultdict(set)
        out: list[Row] = []
        homes: dict[str, int] = {}
        for number in range(count):
            for row in decode_rows(gathering.take(number)):
                key = journey_key(row)
                assert homes.setdefault(key, number) == number, "a customer's rows lie in two shards"
                journeys[key].add(row.conversation_id)
                out.append(row)
        return frozenset(map(frozenset, journeys.values())), gathering.customers, out


class ShardMachine(RuleBasedStateMachine):
    """Rows come in any order; who is one customer may be told late, by ids or by addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.few = mock.patch.object(shards, "CROWD", CROWD)
        self.few.start()

    def teardown(self) -> None:
        self.few.stop()

    @rule(
        conversation=st.integers(0, 8),
        customer=st.sampled_from(("", "", "a", "b", "c", "d", "e")),
        address=st.sampled_from(("", "", "x@x.example", "y@x.example", "z@x.example")),
    )
    def row(self, conversation: int, customer: str, address: str) -> None:
        number = len(self.rows)
        self.rows.append(
            Row(f"t{conversation}", f"m{number}", number + 1, customer_id=customer, customer_email=address)
        )

    @rule(count=st.integers(1, 5), memory=st.sampled_from((0, 100, 1 << 20)), rng=st.randoms())
    def gather(self, count: int, memory: int, rng: random.Random) -> None:
        model = Model(self.rows)
        known = {row.conversation_id for row in self.rows}
        wanted = model.journeys(known)
        journeys, customers, out = gathered(self.rows, count, memory)
        assert journeys == wanted
        assert customers == sum(1 for ids in model.people if ids & set(model.customer.values()))
        assert Counter(row.message_id for row in out) == Counter(row.message_id for row in self.rows)
        for conversation in known:
            lines = [row.line for row in out if row.conversation_id == conversation]
            assert lines == sorted(lines), "a conversation's rows are out of order"
        shuffled = rng.sample(self.rows, len(self.rows))
        if Model(shuffled).customer == model.customer:  # else another id is named first, which counts
            assert gathered(shuffled, count, memory)[0] == wanted, "another order of rows, other customers"


TestShards = ShardMachine.TestCase
TestShards.settings = settings(QUICK, max_examples=80)


def test_addresses_join_ids_in_whatever_order_they_are_told() -> None:
    told = [("a", "x@x.example"), ("b", "y@x.example"), ("c", "x@x.example"), ("c", "y@x.example")]
    for order in permutations(told):
        rows = [
            Row(f"t-{who}", f"m{n}", n + 1, customer_id=who, customer_email=address)
            for n, (who, address) in enumerate(order)
        ]
        journeys, customers, _ = gathered(rows, 7, 1 << 20)
        assert journeys == {frozenset({"t-a", "t-b", "t-c"})} and customers == 1
