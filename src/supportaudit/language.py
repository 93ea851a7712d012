"""Which language a conversation is written in, told by script and by its commonest words.

Good enough to keep English wording rules off other languages, and fast enough to run on every conversation;
"und" (ISO 639-2: undetermined) when the evidence is too thin, never a guess.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from supportaudit.fold import fold
from supportaudit.yaml12 import load_yaml

UNDETERMINED = "und"
_LETTERS = re.compile(r"[^\W\d_]+")
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
    ("kana", 0x3040, 0x30FF),
    ("han", 0x4E00, 0x9FFF),
    ("hangul", 0xAC00, 0xD7AF),
)


@cache
def _profiles() -> Mapping[str, Any]:
    text = (resources.files("supportaudit") / "languages" / "profiles.yaml").read_text("utf-8")
    return {code: _folded(body) for code, body in load_yaml(text, "languages/profiles.yaml").items()}


@cache
def _of_script(script: str) -> Mapping[str, Any]:
    return {code: body for code, body in _profiles().items() if body["script"] == script}


def _folded(body: Mapping[str, Any]) -> dict[str, Any]:
    words = frozenset(fold(str(word)) for word in body.get("words", ()))
    return {"script": body["script"], "words": words, "letters": frozenset(body.get("letters", ""))}


@cache
def _script_of(character: str) -> str:
    code = ord(character)
    if not character.isalpha():
        return ""
    return next((name for name, low, high in _SCRIPTS if low <= code <= high), "")


def detect_language(texts: Iterable[str]) -> str:
    """Return an ISO 639-1 code, or `UNDETERMINED`. Looks at the first few hundred characters only."""
    sample = _sample(texts)
    if sample.isascii():
        script = "latin"
    else:
        scripts = Counter(map(_script_of, sample))
        scripts.pop("", None)
        if not scripts:
            return UNDETERMINED
        # Handles, links and product names are Latin in every language, so another script wins early.
        other = [(n, s) for s, n in scripts.items() if s != "latin"]
        count, script = max(other, default=(0, "latin"))
        if count * 3 < scripts["latin"]:
            script = "latin"
    return _by_words(sample, script)


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
    candidates = _of_script(script)
    if len(candidates) == 1:
        return next(iter(candidates))
    words = _LETTERS.findall(fold(sample).replace("'", ""))
    if script == "latin" and _plainly_english(words):
        return "en"
    counts = Counter(words)
    scores = {
        code: sum(n for word, n in counts.items() if word in body["words"])
        + 2 * sum(sample.count(letter) for letter in body["letters"])
        for code, body in candidates.items()
    }
    if not scores:
        return UNDETERMINED
    best = max(scores, key=lambda code: (scores[code], code == "en", code))
    return best if scores[best] and scores[best] * 12 >= len(words) else UNDETERMINED


def _plainly_english(words: Sequence[str]) -> bool:
    """A third of the first words are English function words: no other Latin language reaches that."""
    first = words[:40]
    english = _profiles()["en"]["words"]
    return len(first) >= 8 and sum(word in english for word in first) * 3 >= len(first)
