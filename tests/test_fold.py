"""What folding makes of a text, and that every place in the folded text leads back to what was written."""

import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supportaudit.wording import fold as fold_module
from supportaudit.wording.fold import Respelling, fold, original_spans

# Characters that folding makes vanish, grow or change: worth meeting more often than chance would have it.
TRICKY = "éÅßŒﬁﬃ…½№İıſςΣΌŁøđ´`’“—\u00ad\u200b\u200d\u0301\u0308\u202e🙂👩‍👧한ガΐǰ㎏"
texts = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(TRICKY)), max_size=40)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("", ""),
        ("HELLO There", "hello there"),
        ("don’t", "don't"),
        ("don`t and don´t", "don't and don't"),
        ("“Where” „is“ «it»", '"where" "is" "it"'),
        ("9–5 — ok‑ok", "9-5 - ok-ok"),
        ("café CAFÉ cafe\u0301", "cafe cafe cafe"),
        ("Straße STRASSE", "strasse strasse"),
        ("ﬁx it…", "fix it..."),
        ("a\u00a0b\u202fc", "a b c"),
        ("re\u00adfund re\u200bfund \u202erefund", "refund refund refund"),
        ("Łódź Ørsted İstanbul ısı", "lodz orsted istanbul isi"),
        ("ΟΔΟΣ οδός ΟΔΌΣ", "odos odos odos"),
        ("ＲＥＦＵＮＤ", "refund"),
        ("Գին ԳԻՆ Ե՞րբ", "gin gin erb"),
        ("ЁЛКА ёлка", "elka elka"),
        ("შოკი ᲨᲝᲙᲘ ყველა", "shoki shoki qvela"),
        ("🙂 1 2\t3\n", "🙂 1 2\t3\n"),
    ],
)
def test_texts_written_differently_fold_alike(written: str, folded: str) -> None:
    assert fold(written) == folded


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=127), max_size=200))
def test_the_short_way_for_ascii_gives_what_the_long_way_gives(text: str) -> None:
    assert fold(text) == text.translate(fold_module._TABLE)
    assert fold(text + "é") == fold(text) + "e"


@settings(deadline=None)
@given(texts, texts)
def test_characters_fold_on_their_own(first: str, second: str) -> None:
    assert fold(first + second) == fold(first) + fold(second)


def test_a_folded_text_folds_to_itself() -> None:
    """Patterns and texts go through the same function, so a folded pattern must be stable."""
    assert [hex(n) for n in range(sys.maxunicode + 1) if fold(fold(chr(n))) != fold(chr(n))] == []


@settings(deadline=None)
@given(texts)
def test_composed_and_decomposed_spellings_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@settings(deadline=None)
@given(texts, st.data())
@example("", None)
@example("\u0301\u0301", None)
@example("e\u0301…\u200bﬁ", None)
def test_a_folded_span_leads_back_to_a_slice_whose_fold_holds_it(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    if data is None:
        bounds = [(a, b) for a in range(len(folded) + 1) for b in range(a, len(folded) + 1)]
    else:
        first, second = data.draw(st.tuples(*[st.integers(0, len(folded))] * 2))
        bounds = [(min(first, second), max(first, second))]
    for start, end in bounds:
        left, right = original_spans(text, [(start, end)])[0]
        assert 0 <= left <= len(text)
        assert right <= len(text)
        if start < end:
            assert left < right
            assert folded[start:end] in fold(text[left:right])


@settings(deadline=None)
@given(texts, st.data())
def test_a_span_leads_back_to_the_shortest_such_slice(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    if not folded:
        return
    start = data.draw(st.integers(0, len(folded) - 1))
    end = data.draw(st.integers(start + 1, len(folded)))
    left, right = original_spans(text, [(start, end)])[0]
    assert len(fold(text[: left + 1])) > start
    assert len(fold(text[: right - 1])) < end


# --- languages chatted in Latin letters

GEORGIAN = Respelling({"w": "ts", "x": "kh", "sh": "sh", "y": "q", "tch": "ch"})


@pytest.mark.parametrize(
    ("chatted", "read"), [("wamovida", "tsamovida"), ("tanxa", "tankha"), ("shekvetav", "shekvetav")]
)
def test_a_chat_spelling_is_read_as_the_language_folds(chatted: str, read: str) -> None:
    assert GEORGIAN.apply(fold(chatted)) == read


def test_only_texts_without_the_languages_own_letters_are_respelled() -> None:
    assert Respelling.fits("tanxa sad aris?") and Respelling.fits("tanxa 🙂 „sad“")
    assert not Respelling.fits("tanxa თბილისში")


@given(st.text("wxyshtcabc ", max_size=30), st.data())
def test_every_span_of_a_respelled_text_leads_back_to_letters_that_make_it(
    text: str, data: st.DataObject
) -> None:
    read = GEORGIAN.apply(text)
    start = data.draw(st.integers(0, len(read)))
    end = data.draw(st.integers(start, len(read)))
    [(first, last)] = GEORGIAN.back(text, [(start, end)])
    assert 0 <= first <= last <= len(text)
    # Nothing of the span is lost: respelling the letters found holds what the span held.
    assert read[start:end] in GEORGIAN.apply(text[first:last])


@given(st.text("wxyshtcabc ", max_size=30))
def test_the_whole_text_leads_back_to_the_whole_text(text: str) -> None:
    assert GEORGIAN.back(text, [(0, len(GEORGIAN.apply(text)))]) == [(0, len(text))]
