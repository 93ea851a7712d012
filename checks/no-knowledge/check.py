"""no-knowledge: see check.yaml for what it means and cases.yaml for examples."""

from collections.abc import Iterator

from supportaudit.checkkit import Hit, Params, Talk, Turn, reported


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """Does not know and leaves it there, was shown wrong, or the customer reports either."""
    yield from _left_there(talk)
    yield from _taken_back(talk)
    yield from reported(
        talk,
        "wrong_reported",
        "clueless_reported",
        reason="the customer reports that the company's people gave wrong answers or did not know",
        confidence=0.65,
    )


def _left_there(talk: Talk) -> Iterator[Hit]:
    for turn in talk.agents:
        if not turn.says("dont_know", "unsure") or turn.has("looks_up", "transfers", "done"):
            continue
        if turn.is_agent and turn.asks and not turn.has("dont_know"):
            continue
        marker = "dont_know" if turn.says("dont_know") else "unsure"
        asked = talk.before(turn.index, customer=True)
        if asked is None or _answered_later(talk, turn):
            continue
        both = turn.says("dont_know") and turn.says("unsure")
        yield Hit(
            (turn, asked),
            turn.quote(marker),
            "the agent does not know and leaves it there",
            confidence=0.8 if both else 0.7 if marker == "dont_know" else 0.55,
        )
        return


def _answered_later(talk: Talk, turn: Turn) -> bool:
    """The same talk brought the answer: from the same agent later on, or promptly from somebody who knows."""
    asked = talk.before(turn.index, customer=True)
    about = (asked.content if asked is not None else frozenset()) | turn.content
    people = (t for t in talk.turns_after(turn, agent=True) if not talk.is_automatic(t))
    later = [t for t in people if not t.has("dont_know")]
    return any(
        (n == 0 and t.author != turn.author)
        or (len(t.content & about) >= 2 and not t.has("follow_up"))
        or (t.has("looks_up") and t.has("done"))
        for n, t in enumerate(later)
    )


def _taken_back(talk: Talk) -> Iterator[Hit]:
    for turn in talk.agents:
        said = next((t for t in talk.agents if t.index < turn.index), None)
        if turn.says("corrects_self") and said is not None:
            yield Hit(
                (turn, said),
                turn.quote("corrects_self"),
                "the agent corrects what the company had said before",
                confidence=0.75,
                agent=said.author or None,
            )
            return
        if not turn.says("takes_back"):
            continue
        corrected = talk.before(turn.index, customer=True)
        claim = talk.before(corrected.index, agent=True) if corrected is not None else None
        if (
            corrected is None
            or claim is None
            or _is_no_claim(claim)
            or corrected.has("repeats_self", "repeats_to_staff")
            or claim.has("denies", "blames")  # a denial that proves wrong is arguing
        ):
            continue
        if (
            corrected.has("contradicts", "wrong_reported", "tried_already")
            or claim.content & corrected.content
        ):
            yield Hit(
                (turn, claim, corrected),
                turn.quote("takes_back"),
                "the agent takes back what they had said after the customer corrected them",
                confidence=0.7,
                agent=claim.author or None,
            )
            return


def _is_no_claim(turn: Turn) -> bool:
    """A short question or a greeting states nothing that could be taken back."""
    return turn.words < 12 and (turn.asks or (turn.has("greeting") and turn.words < 8))
