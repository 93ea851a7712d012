"""Folding, language and markers on hostile text: a byte for the language, one for how often the text is repeated."""

from collections.abc import Iterator

from fuzz.harness import Harness
from supportaudit.wording.fold import fold, original_spans
from supportaudit.wording.language import UNDETERMINED, detect_language, known_languages
from supportaudit.wording.lexicon import load_lexicon
from supportaudit.wording.pack import SIDES, supported_languages
from supportaudit.wording.sentences import sentence_at

_REPEATED = (*(1,) * 15, 100)
"""A text that is long costs as much a letter as a short one."""


def check(data: bytes) -> None:
    """Every span lies in the text and leads to letters that fold to what was found."""
    codes = supported_languages()
    if len(data) < 2:
        return
    code, times = codes[data[0] % len(codes)], _REPEATED[data[1] % len(_REPEATED)]
    text = data[2:].decode("utf-8", "replace") * times
    folded = fold(text)
    assert fold(folded) == folded
    assert detect_language([text]) in (UNDETERMINED, *known_languages())
    lexicon = load_lexicon(code)
    for side in SIDES:
        for marker, indexes in lexicon.find(text, folded, side).items():
            assert marker in lexicon.markers
            spans = lexicon.spans(text, folded, side, indexes)
            assert spans, f"{marker} is found, and stands nowhere"
            assert spans == sorted(spans)
            for start, end in spans[:50]:
                assert 0 <= start <= end <= len(text), (marker, start, end)
                left, right = sentence_at(text, start, end)
                assert 0 <= left <= start and end <= right <= len(text), (marker, left, start, end, right)
    _leads_back(text[:400])


def _leads_back(text: str) -> None:
    folded = fold(text)
    places = [(n, n + 1 + n % 7) for n in range(0, len(folded) - 7, 5)]
    for (start, end), (left, right) in zip(places, original_spans(text, places), strict=True):
        assert 0 <= left < right <= len(text)
        assert folded[start:end] in fold(text[left:right])


def seeds() -> Iterator[bytes]:
    """Lines that the packs find, some of each language."""
    for number, code in enumerate(supported_languages()):
        lines = [marker.match[0] for marker in load_lexicon(code).markers.values() if marker.match]
        for n, line in enumerate(lines[number % 7 :: 7]):
            yield bytes([number, 15 if n % 12 == 0 else 0]) + line.encode()
    yield b"\0\x0f" + "e\u0301…\u200bﬁ 👩\u200d👧 ".encode()


WORDS = (
    *(
        "\u0301",
        "\u200b",
        "ﬁ",
        "İ",
        "ß",
        "ﷺ",
        "…",
        "՞",
        "՛",
        "؟",
        "ʼ",
        "’",
        "«",
        "z. B.",
        "14.30",
        "Nr. 5",
        "\u2028",
    ),
    *(
        "not",
        "never",
        "sorry",
        "thanks",
        "refund",
        "please",
        "nicht",
        "no",
        "не",
        "δεν",
        "არ",
        "չ",
        "değil",
        "nie",
    ),
)
HARNESS = Harness(check, seeds, words=WORDS, longest=1024, milliseconds=4.0)
