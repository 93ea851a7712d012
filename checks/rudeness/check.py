"""rudeness: see check.yaml for what it means and cases.yaml for examples."""

import re
from collections.abc import Iterator

from supportaudit.checkkit import Hit, Params, Severity, Talk, Turn, clip, reported

_REASONS = {
    "insult": ("the agent insults the customer", 0.7, Severity.HIGH),
    "threatens": ("the agent threatens the customer", 0.75, Severity.HIGH),
    "mocks": ("the agent mocks the customer", 0.65, Severity.HIGH),
    "dismisses": ("the agent brushes the customer off", 0.7, Severity.MEDIUM),
    "orders_about": ("the agent orders the customer about", 0.7, Severity.MEDIUM),
}
_LETTERS = re.compile(r"[^\W\d_]+")
_NOT_SMALL = re.compile(r"[^\W\d_a-zß-öø-ÿ]{2}")
_APART = re.compile(r"[ ,']{1,2}")


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """Disrespect in an agent's own words, or reported by the customer."""
    for turn in talk.agents:
        markers = [m for m in _REASONS if turn.says(m)]
        if markers and not _joins_in(talk, turn, markers):
            reason, confidence, severity = _REASONS[markers[0]]
            confidence = min(0.95, confidence + 0.1 * (len(markers) - 1))
            yield Hit((turn,), turn.quote(markers[0]), reason, confidence, severity)
            return
        if shout := _shouts(turn):
            yield Hit((turn,), clip(shout), "the agent shouts in capitals", 0.6, Severity.MEDIUM)
            return
    yield from reported(
        talk,
        "rude_reported",
        reason="the customer reports disrespect by the company's people",
        confidence=0.75,
    )


def _joins_in(talk: Talk, turn: Turn, markers: list[str]) -> bool:
    """Laughing along with a cheerful customer is no mockery."""
    if markers != ["mocks"]:
        return False
    before = talk.before(turn.index, customer=True)
    return before is None or (
        before.has("thanks", "praise", "solved") and not before.has("problem", "complaint")
    )


def _shouts(turn: Turn) -> str:
    text = turn.text[:3000]
    # Looked for first, for it is quickly said of nearly every message that it has no two such letters in a row.
    if _NOT_SMALL.search(text) is None or sum(map(str.islower, turn.text)) >= len(turn.text) * 0.5:
        return ""
    return next((run for run in _capitals(text) if len(run.split()) >= 3), "")


def _capitals(text: str) -> Iterator[str]:
    """Runs of words in capitals, a first word of three letters or more."""
    run: list[re.Match[str]] = []
    for word in _LETTERS.finditer(text):
        if not word[0].isupper() or len(word[0]) < (2 if run else 3):
            if run:
                yield text[run[0].start() : run[-1].end()]
            run = []
        elif run and not _APART.fullmatch(text, run[-1].end(), word.start()):
            yield text[run[0].start() : run[-1].end()]
            run = [word]
        else:
            run.append(word)
    if run:
        yield text[run[0].start() : run[-1].end()]
