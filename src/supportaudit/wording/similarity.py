"""How alike two messages are: by the words that carry meaning, and letter by letter for canned replies."""

import re
from collections.abc import Callable, Collection
from functools import lru_cache

import Stemmer
from rapidfuzz import fuzz

from supportaudit.wording.fold import fold

_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_NOISE = re.compile(r"https?://\S+|[@#]\w+")
_STEMMERS = {
    "de": "german", "en": "english", "es": "spanish", "fr": "french",
    "it": "italian", "nl": "dutch", "pt": "portuguese", "tr": "turkish",
}  # fmt: skip
# The library's other stemmers know their own scripts only, and texts are folded to Latin letters: where words
# are long and endings many, the beginning of a word stands for it (truncation as in McNamee and Mayfield 2004).
_BEGINNING = 6


@lru_cache(maxsize=16)
def _stem(language: str) -> Callable[[list[str]], list[str]]:
    name = _STEMMERS.get(language)
    return Stemmer.Stemmer(name).stemWords if name else _beginnings


def _beginnings(words: list[str]) -> list[str]:
    return [word[:_BEGINNING] for word in words]


def content_words(text: str, language: str, stopwords: Collection[str]) -> frozenset[str]:
    """Stems of the words that carry meaning, numbers and codes included; no links, handles, stop words."""
    folded = fold(text)
    if "http" in folded or "@" in folded or "#" in folded:
        folded = _NOISE.sub(" ", folded)
    words = [w for w in _WORD.findall(folded) if w not in stopwords and (len(w) > 2 or w.isdigit())]
    return frozenset(_stem(language)(words))


def shared(first: frozenset[str], second: frozenset[str]) -> float:
    """Overlap coefficient (Szymkiewicz-Simpson): shared words over the smaller set; 0 if either is empty."""
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def same_wording(first: str, second: str) -> float:
    """0..1, letter by letter (normalised indel similarity); 1 for the same text."""
    return fuzz.ratio(first, second) / 100.0
