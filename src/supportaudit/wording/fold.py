"""Folding: text as patterns see it. Lower case, no accents, straight quotes, Latin letters.

Patterns and texts are folded by the same function, so a pack's author writes either form. Greek, Cyrillic,
Armenian and Georgian become Latin letters: RE2 knows the borders of Latin words only, and people who type their
language in Latin letters are understood by the same patterns. Positions in the folded text lead back to the
original, because a finding quotes what was really written.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from anyascii import anyascii

_STRAIGHT = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "`": "'", "´": "'", "ʼ": "'", "′": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‟": '"',
    "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-",
    "\u00a0": " ", "\u2009": " ", "\u202f": " ",
    "…": "...",
    "œ": "oe", "æ": "ae", "ł": "l", "ø": "o", "đ": "d", "ı": "i",
    # Greek as it is typed in Latin letters, where that differs from the library's romanisation.
    "η": "i", "υ": "u", "χ": "x", "ξ": "ks", ";": ";", "·": ",",
    # Armenian marks stand on a vowel inside the word, like accents; its comma and full stop are ours.
    "՞": "", "՛": "", "՜": "", "՟": "", "՝": ",", "։": ".", "ւ": "u", "՚": "'", "֊": "-",
}  # fmt: skip
_ALPHABETS = ((0x370, 0x3FF), (0x400, 0x52F), (0x531, 0x587), (0x10D0, 0x10FF), (0x2D00, 0x2D2D))
# Written between letters to hide a word or to steer a terminal; no language needs them to be understood.
_INVISIBLE = frozenset(
    "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def _fold_character(character: str) -> str:
    """What one character becomes; some vanish (accents), some grow (ligatures)."""
    if character in _INVISIBLE:
        return ""
    if (straight := _STRAIGHT.get(character)) is not None:
        return straight
    decomposed = unicodedata.normalize("NFKD", character.casefold()).casefold()
    return "".join(map(_latin, (c for c in decomposed if not unicodedata.combining(c))))


def _latin(character: str) -> str:
    """A bare lower-case letter in Latin letters; without the signs for soft and ejective sounds, which nobody types."""
    if (straight := _STRAIGHT.get(character)) is not None:
        return straight
    code = ord(character)
    if character.isalpha() and any(low <= code <= high for low, high in _ALPHABETS):
        return "".join(c for c in anyascii(character).lower() if c.isalnum())
    return character


class _FoldTable(dict[int, str]):
    """`str.translate` asks once per new character; afterwards folding runs in C."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


_TABLE = _FoldTable()


def fold(text: str) -> str:
    """Return `text` lower-cased, without accents, with straight quotes and dashes."""
    if text.isascii():
        return text.lower().replace("`", "'")
    return text.translate(_TABLE)


def capitalised(word: str) -> bool:
    """Whether a word may be a name: begins with a capital, or stands in a script that is written without them."""
    return not word[:1].islower() or "\u10d0" <= word[:1] <= "\u10ff"


def original_spans(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Lead spans of `fold(text)` back to the spans of `text` that they came from."""
    if text.isascii() or all(len(_TABLE[ord(c)]) == 1 for c in set(text)):
        return list(spans)
    # ends[i] is where character i's folded form ends.
    ends = list(accumulate(len(_TABLE[ord(c)]) for c in text))
    last = len(text) - 1
    return [(bisect_right(ends, start), min(bisect_left(ends, end), last) + 1) for start, end in spans]


class Respelling:
    """How a language is chatted in Latin letters, led to how its own letters fold: "w" in Georgian is "ts".

    `table` maps a spelling to the folded letters; where several fit, the longest is taken.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self._table = dict(table)
        self._pattern = re.compile("|".join(re.escape(key) for key in sorted(table, key=len, reverse=True)))

    @staticmethod
    def fits(text: str) -> bool:
        """Whether a text is written in Latin letters (and anything that is no letter)."""
        return text.isascii() or not any(low <= ord(c) <= high for c in set(text) for low, high in _ALPHABETS)

    def apply(self, folded: str) -> str:
        """The respelled text."""
        return self._pattern.sub(lambda found: self._table[found[0]], folded)

    def back(self, folded: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Lead spans of the respelled text back to `folded`; a spelling is taken whole."""
        # What stands between two replacements is copied, so a place is found from the last one before it.
        starts, ends, before, after = [0], [0], [0], [0]
        shift = 0
        for found in self._pattern.finditer(folded):
            at = found.start() + shift
            size = len(self._table[found[0]])
            starts.append(at)
            ends.append(at + size)
            before.append(found.start())
            after.append(found.end())
            shift += size - (found.end() - found.start())

        def place(position: int, *, end: bool) -> int:
            n = (bisect_left if end else bisect_right)(starts, position) - 1
            if position >= ends[n]:
                return after[n] + position - ends[n]
            return after[n] if end else before[n]

        return [(place(start, end=False), place(end, end=True)) for start, end in spans]
