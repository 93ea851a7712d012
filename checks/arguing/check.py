"""arguing: see check.yaml for what it means and cases.yaml for examples."""

from collections.abc import Iterator

from supportaudit.checkkit import Hit, Params, Talk, Turn, reported

_REASONS = {
    "blames": ("the agent blames the customer", 0.75),
    "denies": ("the agent denies what the customer experienced", 0.75),
    "told_you": ("the agent points out that they have said it already", 0.6),
    "policy_wall": ("the agent hides behind a rule and offers no way forward", 0.65),
}


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """Blames, denies, reproaches, or stands behind a rule; or the customer reports it."""
    for turn in talk.agents:
        marker = next((m for m in _REASONS if turn.says(m) and not _excused(talk, turn, m)), None)
        if marker is None:
            continue
        reason, confidence = _REASONS[marker]
        more = sum(turn.says(m) for m in _REASONS) > 1
        before = talk.before(turn.index, customer=True)
        proof = (turn, before) if before is not None else (turn,)
        yield Hit(proof, turn.quote(marker), reason, min(0.9, confidence + 0.15 * more))
        return
    yield from reported(
        talk,
        "argued_reported",
        reason="the customer reports being blamed or contradicted by the company's people",
        confidence=0.6,
    )


def _excused(talk: Talk, turn: Turn, marker: str) -> bool:
    """A plain no with an apology, a reason or another way is no fight."""
    before = talk.before(turn.index, customer=True)
    if before is None:
        return True
    if marker == "policy_wall":
        return turn.has("alternative", "push", "done")
    if marker == "denies":
        # "There is no outage" answers a question; it denies only what the customer says they saw.
        if turn.has("apology", "takes_back", "transfers", "looks_up", "done"):
            return True
        return not any(map(_states, talk.turns_before(turn, customer=True)))
    if marker == "told_you":
        # Without a word of the customer in between nobody needed telling twice.
        earlier = talk.before(turn.index, agent=True)
        return turn.has("apology") or earlier is None or before.index < earlier.index
    return turn.has("apology", "takes_back") and not turn.says("denies")


def _states(turn: Turn) -> bool:
    """Says how things are, instead of only asking."""
    return any(not turn.talk.is_question(s) and len(s.split()) >= 3 for _, _, s in turn.sentences())
