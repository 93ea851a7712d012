"""not-listening: see check.yaml for what it means and cases.yaml for examples."""

from collections.abc import Iterator

from supportaudit.checkkit import Hit, Params, Talk, Turn, clip, codes_in, reported, same_wording, shared

SAME_QUESTION = 0.85
SAME_REPLY = 0.9
PASSED_OVER = 0.6
ASKED = 50  # questions that a new one is held against, the latest

_FACTS = {
    "asks_order": "the order or reference number",
    "asks_account": "the account number",
    "asks_device": "the device or product",
    "asks_email": "the e-mail address",
    "asks_phone": "the telephone number",
    "asks_date": "the date",
}


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """The customer says that they were not heard, restates, or is asked for what they gave."""
    hit = (
        _said_so(talk)
        or _admitted(talk)
        or _asked_again(talk)
        or _same_question(talk)
        or _step_tried_before(talk)
        or _sent_again(talk)
        or _restated(talk, params.number("restated-percent") / 100)
    )
    if hit is not None:
        yield hit
    else:
        yield from reported(
            talk,
            "unheard_reported",
            reason="the customer reports that the company's people did not listen",
            confidence=0.65,
        )


def _said_so(talk: Talk) -> Hit | None:
    for turn in talk.customers:
        agent = talk.before(turn.index, agent=True)
        first = talk.before(agent.index, customer=True) if agent is not None else None
        if agent is None or first is None or turn.has("repeats_to_staff"):
            continue
        if not turn.says("repeats_self") and not _did_what_is_asked(turn, agent):
            continue
        if agent.asks and talk.handover_between(first.index, agent.index) is not None:
            continue  # told to others before: that is siloed-records
        return Hit(
            (turn, agent),
            turn.quote("repeats_self"),
            "the customer says that they have said it already or were not understood",
            confidence=0.75,
            agent=agent.author or None,
        )
    return None


def _admitted(talk: Talk) -> Hit | None:
    for turn in talk.agents:
        asked = talk.before(turn.index, customer=True)
        earlier = talk.before(asked.index, agent=True) if asked is not None else None
        if earlier is not None and earlier.asks and earlier.words < 15:
            continue  # understood after a question back: that is listening
        if asked is not None and earlier is not None and turn.says("admits_misreading"):
            return Hit(
                (turn, asked, earlier),
                turn.quote("admits_misreading"),
                "the agent admits to have missed what the customer wrote",
                confidence=0.7,
                agent=earlier.author or None,
            )
    return None


def _did_what_is_asked(turn: Turn, agent: Turn) -> bool:
    """ "I did" is an answer to "have you tried?", and a complaint where the agent asked for the doing."""
    return turn.has("did_it") and agent.has("push", "secure_channel") and not agent.has("asks_tried")


def _same_question(talk: Talk) -> Hit | None:
    """The agent asks the same thing a second time although the customer answered in between."""
    asked: list[tuple[Turn, str]] = []
    for turn in talk.agents:
        for sentence in turn.sentences_with("question", "secure_channel"):
            if len(sentence.split()) < 5 or (turn.has("courtesy") and not turn.asks):
                continue
            for earlier, same in asked[-ASKED:]:
                answer = talk.after(earlier.index, customer=True)
                if answer is None or answer.index > turn.index or answer.has("accepts", "thanks"):
                    continue
                if same_wording(same.casefold(), sentence.casefold()) >= SAME_QUESTION:
                    return Hit(
                        (turn, earlier, answer),
                        clip(sentence),
                        "the agent asks the same again after the customer had answered",
                        confidence=0.7,
                    )
            asked.append((turn, sentence))
    return None


def _step_tried_before(talk: Talk) -> Hit | None:
    """The agent asks whether something was tried that the customer had said they tried."""
    for turn in talk.agents:
        if not turn.has("asks_tried"):
            continue
        for said in talk.turns_before(turn, customer=True):
            if said.has("tried_already"):
                tried = talk.words_of(" ".join(said.sentences_with("tried_already")))
                asked = talk.words_of(" ".join(turn.sentences_with("asks_tried")))
                if len(tried & asked) >= 2:
                    return Hit(
                        (turn, said),
                        turn.quote("asks_tried"),
                        "the agent asks for a step that the customer had said they tried",
                        confidence=0.6,
                    )
    return None


def _asked_again(talk: Talk) -> Hit | None:
    for turn in talk.agents:
        for fact, name in _FACTS.items():
            given = talk.given.get(fact) if turn.has(fact) else None
            if given is None or given >= turn.index:
                continue
            if talk.handover_between(given, turn.index) is not None:
                continue
            answer = talk.after(turn.index, customer=True)
            sure = _is_the_same(talk.turns[given], answer, fact) if answer is not None else 0.0
            if answer is None or not sure:
                continue  # what was given before was something else
            return Hit(
                (turn, talk.turns[given], answer),
                turn.quote(fact),
                f"asks for {name} that the customer had given in this conversation",
                confidence=sure,
            )
    return None


def _is_the_same(given: Turn, answer: Turn, fact: str) -> float:
    """How surely the customer's answer shows that the agent asked for what had been given; 0 for something new."""
    before, now = codes_in(given), codes_in(answer)
    if now:
        return 0.65 if before & now else 0.0
    if answer.has("repeats_self"):
        return 0.65
    if before and fact in ("asks_order", "asks_account") and answer.words >= 5:
        return 0.0 if answer.has("accepts", "thanks") else 0.45
    return 0.6 if answer.content & given.content else 0.0


def _sent_again(talk: Talk) -> Hit | None:
    """The same text once more, although the customer had written back that it does not help."""
    for second in talk.agents:
        asked = talk.before(second.index, customer=True)
        first = talk.before(asked.index, agent=True) if asked is not None else None
        if asked is None or first is None or first.words < 9 or not talk.needs_answer(asked):
            continue
        if same_wording(first.folded, second.folded) >= SAME_REPLY:
            return Hit(
                (asked, first, second),
                asked.quote("question", "request", "problem", "repeats_self"),
                "the customer wrote back, and got the same answer again",
                confidence=0.8,
                agent=second.author or None,
            )
    return None


def _restated(talk: Talk, enough: float) -> Hit | None:
    """The same request in other words after an answer that was no question."""
    for turn in talk.customers:
        agent = talk.before(turn.index, agent=True)
        if agent is None or not talk.needs_answer(turn) or turn.has("thanks", "solved"):
            continue
        if turn.has("tried_already", "still", "accepts"):
            continue  # the remedy was heard and did not help: that is news
        content = _last_content(talk, turn)
        for earlier in talk.turns_before(agent, customer=True):
            if earlier.index < content or not talk.needs_answer(earlier):
                continue  # content with the answer, and back with something new
            if talk.handover_between(earlier.index, agent.index) is not None:
                continue
            if _same_request(earlier, turn, agent, enough):
                return Hit(
                    (turn, earlier, agent),
                    turn.quote("question", "request", "problem"),
                    "the customer asks the same again after an agent's reply",
                    confidence=0.7,
                    agent=agent.author or None,
                )
    return None


def _last_content(talk: Talk, turn: Turn) -> int:
    """The place of the customer's last words of thanks before this turn, -1 without any."""
    before = reversed(talk.turns_before(turn, customer=True))
    return next((t.index for t in before if t.has("praise", "thanks")), -1)


def _same_request(earlier: Turn, turn: Turn, agent: Turn, enough: float) -> bool:
    common = earlier.content & turn.content
    # Words that the agent brought up are an answer to the agent, not a repetition.
    own = common - agent.content
    if len(common) < 3 or len(own) < 2:
        return False
    alike = shared(earlier.content, turn.content)
    if alike >= enough:
        return turn.has("question", "request", "problem") or len(common) >= 4
    # The answer passed over all that the customer now says again.
    return len(own) >= 3 and alike >= enough * PASSED_OVER and turn.has("question", "request", "contradicts")
