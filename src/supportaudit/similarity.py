"""How alike two messages are: by the words that carry meaning, and letter by letter for canned replies."""

import re
from collections.abc import Collection
from functools import lru_cache

import snowballstemmer
from rapidfuzz import fuzz

from supportaudit.fold import fold

_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_NOISE = re.compile(r"https?://\S+|\[link\]|[@#]\w+")
_STEMMERS = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "pt": "portuguese",
    "it": "italian",
}


@lru_cache(maxsize=8)
def _stemmer(language: str) -> object | None:
    name = _STEMMERS.get(language)
    return snowballstemmer.stemmer(name) if name else None


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """The word without its endings; the word itself where the language has no stemmer."""
    stemmer = _stemmer(language)
    return str(stemmer.stemWord(word)) if stemmer is not None else word  # type: ignore[attr-defined]


def content_words(text: str, language: str, stopwords: Collection[str]) -> frozenset[str]:
    """Stems of the words that carry meaning, numbers and codes included; no links, handles, stop words."""
    words = _WORD.findall(_NOISE.sub(" ", fold(text)))
    return frozenset(stem(w, language) for w in words if w not in stopwords and (len(w) > 2 or w.isdigit()))


def shared(first: frozenset[str], second: frozenset[str]) -> float:
    """Overlap coefficient (Szymkiewicz-Simpson): shared words over the smaller set; 0 if either is empty."""
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def same_wording(first: str, second: str) -> float:
    """0..1, letter by letter (normalised indel similarity); 1 for the same text."""
    return fuzz.ratio(first, second) / 100.0
