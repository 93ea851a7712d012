"""How alike two messages are: by the words that carry meaning, and letter by letter for canned replies."""

import re
from collections.abc import Callable
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_NOISE = re.compile(r"https?://\S+|[@#]\w+")
_STEMMERS = {
    "de": "german", "en": "english", "es": "spanish", "fr": "french",
    "it": "italian", "nl": "dutch", "pt": "portuguese", "tr": "turkish",
}  # fmt: skip
# The library's other stemmers know their own scripts only, and texts are folded to Latin letters: where words
# are long and endings many, the beginning of a word stands for it (truncation as in McNamee and Mayfield 2004).
_BEGINNING = 6
_REMEMBERED = 100_000  # words that are kept with their stems
_LONG = 64  # a longer word is none that comes again
_NOTHING = frozenset(("",))


@lru_cache(maxsize=16)
def _stem(language: str) -> Callable[[list[str]], list[str]]:
    name = _STEMMERS.get(language)
    return Stemmer.Stemmer(name).stemWords if name else _beginnings


def _beginnings(words: list[str]) -> list[str]:
    return [word[:_BEGINNING] for word in words]


class _Roots(dict[str, str]):
    """Word -> its stem, "" for one without meaning; worked out when a word is first seen."""

    def __init__(self, language: str, stopwords: frozenset[str]) -> None:
        super().__init__()
        self._stem = _stem(language)
        self._stopwords = stopwords

    def __missing__(self, word: str) -> str:
        telling = word not in self._stopwords and (len(word) > 2 or word.isdigit())
        root = self._stem([word])[0] if telling else ""
        if len(word) <= _LONG:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[word] = root
        return root


_roots = lru_cache(maxsize=32)(_Roots)


def content_words(folded: str, language: str, stopwords: frozenset[str]) -> frozenset[str]:
    """Stems of the words that carry meaning, numbers and codes included; no links, handles, stop words."""
    if "http" in folded or "@" in folded or "#" in folded:
        folded = _NOISE.sub(" ", folded)
    found = frozenset(map(_roots(language, stopwords).__getitem__, _WORD.findall(folded)))
    return found - _NOTHING if "" in found else found


def shared(first: frozenset[str], second: frozenset[str]) -> float:
    """Overlap coefficient (Szymkiewicz-Simpson): shared words over the smaller set; 0 if either is empty."""
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def same_wording(first: str, second: str) -> float:
    """0..1, letter by letter (normalised indel similarity); 1 for the same text."""
    from rapidfuzz import fuzz  # late: it loads fifty modules

    return fuzz.ratio(first, second) / 100.0
