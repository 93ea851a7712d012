"""Where sentences end: proof is quoted by the sentence, and exceptions count in their own sentence."""

import re
from bisect import bisect_right

ENDS = ".!?\n;…؟։。！？"
# A full stop ends no sentence within a number ("14.30"), before a month ("10. März") or behind a short form ("z. B.").
SENTENCE_END = re.compile(
    r"[!?\n;…؟։。！？]+"
    r"|\.+(?!\d)(?<!\bz\.)(?<!\bb\.)(?<!\bnr\.)(?<!\bca\.)(?<!\bdr\.)(?<!\bmr\.)(?<!\bms\.)(?<!\bmrs\.)(?<!\bbzw\.)"
    r"(?<!\bsig\.)(?<!\bul\.)(?<!\bgodz\.)(?<!\btel\.)(?<!\bnp\.)(?<!\bsok\.)(?<!\bcad\.)(?<!\bул\.)(?<!\bвул\.)"
    r"(?!\s+(?:jan|feb|m[aä]rz|apr|mai\b|jun|jul|aug|sep|o[kc]t|nov|de[zc]))",
    re.IGNORECASE,
)
REACH = 600
"""Characters to either side in which an end is looked for: a text without full stops is cut there."""


class Sentences:
    """The sentences of a text that is asked about many places: like `sentence_at`, its marks found once."""

    __slots__ = ("_ends", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: list[int] | None = None

    def at(self, start: int, end: int) -> tuple[int, int]:
        """The sentence(s) that a span lies in, blanks included."""
        if self._ends is None:
            self._ends = [found.end() for found in SENTENCE_END.finditer(self._text)]
        ends = self._ends
        before = bisect_right(ends, start)
        left = max(ends[before - 1] if before else 0, start - REACH, 0)
        after = bisect_right(ends, max(start, end - 1))
        right = min(ends[after] if after < len(ends) else len(self._text), end + REACH)
        return left, max(right, end)


def sentence_at(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence(s) that the span lies in, as a half-open span without surrounding blanks.

    Looks at most `REACH` characters to either side: a text without full stops is cut there.
    """
    left = max(0, start - REACH)
    for found in SENTENCE_END.finditer(text, left, start):
        left = found.end()
    ending = SENTENCE_END.search(text, max(start, end - 1), end + REACH)
    right = ending.end() if ending is not None else min(len(text), end + REACH)
    while left < start and text[left].isspace():
        left += 1
    while right > end and text[right - 1].isspace():
        right -= 1
    return left, max(right, end)
