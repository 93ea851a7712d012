"""siloed-records: see check.yaml for what it means and cases.yaml for examples."""

from collections.abc import Iterator

from supportaudit.checkkit import DAY, Basis, Hit, Params, Talk, Turn, clip

TOLD_AGAIN = 4  # words of meaning; fewer are shared by any two messages about one matter
_FACTS = {
    "asks_order": "the order or reference number",
    "asks_account": "the account number",
    "asks_issue": "what the matter is",
    "asks_email": "the e-mail address",
    "asks_phone": "the telephone number",
    "asks_date": "the date",
    "asks_device": "the device or product",
}


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """Asked again after a hand-over or in another conversation, or the customer says so."""
    found = (
        _asked_after_handover(talk)
        or _told_again(talk)
        or _asked_in_another_talk(talk, params.number("memory-days") * DAY)
    )
    if found is not None:
        yield found
    else:
        yield from _said_so(talk)


def _asked_after_handover(talk: Talk) -> Hit | None:
    if not talk.handovers:
        return None
    for turn in talk.agents:
        for fact, name in _FACTS.items():
            if not turn.has(fact) or turn.has("secure_channel") or turn.says("knows_case"):
                continue
            given = talk.given.get(fact)
            if given is None or given >= turn.index:
                continue
            handover = talk.handover_between(given, turn.index)
            if handover is None or (talk.customers and not _agent_before(talk, given, turn)):
                continue
            answer = talk.after(turn.index, customer=True)
            proof = (turn, answer) if answer is not None else (turn,)
            return Hit(
                proof,
                turn.quote(fact),
                f"after a hand-over the agent asks for {name} that the customer had given",
                confidence=0.8 if handover.explicit else 0.6,
            )
    return None


def _told_again(talk: Talk) -> Hit | None:
    """Whoever took over asks, and the customer's answer is made of words that they had said before."""
    for handover in talk.handovers:
        agent = talk.after(handover.index - 1, agent=True)
        if agent is None or not agent.has("question") or agent.says("knows_case"):
            continue
        answer = talk.after(agent.index, customer=True)
        said = [t for t in talk.turns_before(agent, customer=True) if t.index < handover.index]
        if answer is None or not said or not _agent_before(talk, said[0].index, agent):
            continue
        again = (answer.content & frozenset().union(*(t.content for t in said))) - agent.content
        if len(again) >= TOLD_AGAIN:
            return Hit(
                (agent, answer),
                clip(answer.text),
                "after a hand-over the customer tells the case again",
                confidence=0.7 if handover.explicit else 0.6,
                agent=agent.author or None,
            )
    return None


def _agent_before(talk: Talk, given: int, turn: Turn) -> bool:
    """Somebody of the company had been in the talk when the fact was given or read it before this agent."""
    return any(a.index < turn.index and a.author != turn.author for a in talk.agents) or any(
        h.explicit and given < h.index <= turn.index for h in talk.handovers
    )


def _asked_in_another_talk(talk: Talk, memory: float) -> Hit | None:
    if talk.span is None or not talk.customers:
        return None
    asking = [turn for turn in talk.agents[:3] if turn.has(*_FACTS)]
    if not asking:
        return None
    start = talk.span[0]
    recent = [t for t in talk.earlier if t.span is not None and start - t.span[1] <= memory and t.agents]
    told = {fact for t in recent for fact in t.given}
    opening = talk.customers[0]
    if not told or not any(opening.content & t.customers[0].content for t in recent if t.customers):
        return None
    for turn in asking:
        for fact, name in _FACTS.items():
            if fact in told and turn.has(fact) and turn.index > opening.index and not turn.says("knows_case"):
                return Hit(
                    (turn, opening),
                    turn.quote(fact),
                    f"asks for {name} that the customer had given in an earlier conversation",
                    confidence=0.6,
                )
    return None


def _said_so(talk: Talk) -> Iterator[Hit]:
    for turn in talk.customers:
        before = talk.before(turn.index, agent=True)
        observed = before is not None and before.asks
        again = turn.says("repeats_self") and observed and before is not None and _new_here(talk, before)
        if (turn.says("repeats_to_staff") or again) and not turn.has("not_ours"):
            yield Hit(
                (turn, before) if observed and before is not None else (turn,),
                turn.quote("repeats_to_staff", "repeats_self"),
                "the customer says that they have told the company's people already",
                confidence=0.8,
                basis=Basis.OBSERVED if observed else Basis.REPORTED,
            )
            return


def _new_here(talk: Talk, agent: Turn) -> bool:
    """Whether the case had been told to somebody else of the company before this agent came."""
    first = talk.customers[0] if talk.customers else None
    handover = talk.handover_between(first.index, agent.index) if first is not None else None
    return handover is not None and handover.explicit
