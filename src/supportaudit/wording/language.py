"""Which language is spoken, told by script, by the commonest words, and by letters that few languages have.

Good enough to keep one language's wording rules off another, and fast enough to run on every conversation; "und"
(ISO 639-2: undetermined) when the evidence is too thin, never a guess. Measured beside a trained detector in
docs/accuracy.md.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from supportaudit.kept import kept_documents
from supportaudit.wording.fold import fold

UNDETERMINED = "und"
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_ENOUGH = 600  # characters looked at
_SCRIPTS = (
    ("latin", 0x41, 0x24F),
    ("greek", 0x370, 0x3FF),
    ("greek", 0x1F00, 0x1FFF),
    ("cyrillic", 0x400, 0x52F),
    ("armenian", 0x530, 0x58F),
    ("hebrew", 0x590, 0x5FF),
    ("arabic", 0x600, 0x6FF),
    ("devanagari", 0x900, 0x97F),
    ("thai", 0xE00, 0xE7F),
    ("georgian", 0x10A0, 0x10FF),
    ("georgian", 0x1C90, 0x1CBF),
    ("hangul", 0x1100, 0x11FF),
    ("latin", 0x1E00, 0x1EFF),
    ("kana", 0x3040, 0x30FF),
    ("han", 0x4E00, 0x9FFF),
    ("hangul", 0xAC00, 0xD7AF),
)
# A word in twelve must be known; a language must lead by this share of its score.
_KNOWN = 12
_LEAD = 0.1


class _Script:
    """The languages of one script: what each word or letter says for each of them."""

    def __init__(self, profiles: Mapping[str, tuple[frozenset[str], frozenset[str]]]) -> None:
        self.languages = tuple(profiles)
        self.words = _weights({code: words for code, (words, _) in profiles.items()})
        self.letters = _weights({code: letters for code, (_, letters) in profiles.items()})


def _weights(known: Mapping[str, frozenset[str]]) -> dict[str, tuple[tuple[str, float], ...]]:
    """A word that k languages share says 1/k for each."""
    owners: dict[str, list[str]] = defaultdict(list)
    for code, words in known.items():
        for word in words:
            owners[word].append(code)
    return {word: tuple((code, 1 / len(codes)) for code in codes) for word, codes in owners.items()}


@cache
def _profiles() -> Mapping[str, Any]:
    folder = Path(str(resources.files("supportaudit") / "languages"))
    kept = folder / "compiled" / "profiles.msgpack"
    profiles: Mapping[str, Any] = kept_documents(folder, "profiles.yaml", kept)["profiles.yaml"]
    return profiles


@cache
def _script(name: str) -> _Script:
    profiles = {
        code: (_folded(body.get("words", "")), frozenset(body.get("letters", "")))
        for code, body in _profiles().items()
        if body["script"] == name
    }
    if name == "latin":
        chatted = {code: body["latin"] for code, body in _profiles().items() if "latin" in body}
        profiles |= {code: (_folded(words), frozenset()) for code, words in chatted.items()}
    return _Script(profiles)


def _folded(words: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words.split())


@cache
def _script_of(character: str) -> str:
    code = ord(character)
    if not character.isalpha():
        return ""
    return next((name for name, low, high in _SCRIPTS if low <= code <= high), "")


def known_languages() -> tuple[str, ...]:
    """Codes of the languages that can be told, those without a pack among them, sorted."""
    return tuple(sorted(_profiles()))


def detect_language(texts: Iterable[str]) -> str:
    """Return an ISO 639-1 code, or `UNDETERMINED`. Looks at the first few hundred characters only."""
    sample = _sample(texts)
    if sample.isascii():
        return _by_words(sample, "latin")
    scripts = Counter(map(_script_of, sample))
    scripts.pop("", None)
    if not scripts:
        return UNDETERMINED
    # Handles, links and product names are Latin in every language, so another script wins early.
    other = [(n, s) for s, n in scripts.items() if s != "latin"]
    count, script = max(other, default=(0, "latin"))
    return _by_words(sample, "latin" if count * 3 < scripts["latin"] else script)


def _sample(texts: Iterable[str]) -> str:
    parts: list[str] = []
    length = 0
    for text in texts:
        kept = " ".join(w for w in text[:_ENOUGH].split() if w[0] not in "@#" and "://" not in w)
        parts.append(kept)
        length += len(kept)
        if length >= _ENOUGH:
            break
    return " ".join(parts)


def _by_words(sample: str, script: str) -> str:
    known = _script(script)
    if len(known.languages) <= 1:
        return known.languages[0] if known.languages else UNDETERMINED
    words = _LETTERS.findall(fold(sample))
    if script == "latin" and _plainly_english(words):
        return "en"
    scores: dict[str, float] = defaultdict(float)
    for word in words:
        for code, weight in known.words.get(word, ()):
            scores[code] += weight
    if not sample.isascii():
        for letter in sample:
            for code, weight in known.letters.get(letter.lower(), ()):
                scores[code] += 2 * weight
    if not scores:
        return UNDETERMINED
    ranked = sorted(((score, code) for code, score in scores.items()), reverse=True)
    best, code = ranked[0]
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    clear = best * _KNOWN >= len(words) and best - second >= _LEAD * best
    return code if clear else UNDETERMINED


def _plainly_english(words: Sequence[str]) -> bool:
    """A third of the first words are English function words: no other Latin language reaches that."""
    first = words[:40]
    english = _english()
    return len(first) >= 8 and sum(word in english for word in first) * 3 >= len(first)


@cache
def _english() -> frozenset[str]:
    return _folded(_profiles()["en"]["words"])
