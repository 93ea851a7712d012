"""Every pack keeps what its sample lines promise; one that is not well formed is refused with its name."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from supportaudit.errors import CheckError
from supportaudit.wording.fold import fold
from supportaudit.wording.lexicon import _REMEMBERED, AT_ONCE, Lexicon, _Patterns, load_lexicon
from supportaudit.wording.pack import SIDES, catalogue, load_pack, read_pack, supported_languages
from supportaudit.wording.sentences import sentence_at
from supportaudit.yaml12 import load_yaml

CATALOGUE = {
    "thanks": {"side": ["customer"], "about": "thanks"},
    "done": {"side": ["agent"], "about": "done"},
}


def pack(markers: Mapping[str, Any], **rest: Any) -> Lexicon:
    return Lexicon(
        read_pack("xx", {"name": "Test", "markers": markers, **rest}, CATALOGUE, "languages/xx.yaml")
    )


def found(lexicon: Lexicon, text: str, side: str = "customer") -> set[str]:
    return set(lexicon.find(text, fold(text), side))


# --- the packs that ship

SAMPLES = [
    pytest.param(code, name, id=f"{code}-{name}")
    for code in supported_languages()
    for name in load_lexicon(code).markers
]


@pytest.mark.parametrize(("code", "name"), SAMPLES)
def test_match_lines_match_and_no_match_lines_do_not(code: str, name: str) -> None:
    lexicon = load_lexicon(code)
    marker = lexicon.markers[name]
    for side in catalogue()[name]["side"]:
        missed = [line for line in marker.match if name not in found(lexicon, line, side)]
        wrong = [line for line in marker.no_match if name in found(lexicon, line, side)]
        assert missed == [], f"{code}: {name}: these lines should match"
        assert wrong == [], f"{code}: {name}: these lines should not match"


@pytest.mark.parametrize(("code", "name"), SAMPLES)
def test_every_marker_brings_samples_and_patterns(code: str, name: str) -> None:
    marker = load_lexicon(code).markers[name]
    assert marker.any
    assert marker.match
    assert marker.no_match


@pytest.mark.parametrize(("code", "name"), SAMPLES)
def test_a_hit_has_a_place_in_the_original_text(code: str, name: str) -> None:
    lexicon = load_lexicon(code)
    side = catalogue()[name]["side"][0]
    for line in lexicon.markers[name].match:
        text = f"… {line.upper()}"  # folding changes both the case and the positions
        hits = lexicon.find(text, fold(text), side)
        if name in hits:
            spans = lexicon.spans(text, fold(text), side, hits[name])
            assert spans == sorted(spans)
            assert spans
            assert all(0 <= start <= end <= len(text) for start, end in spans)


@pytest.mark.parametrize("code", supported_languages())
def test_a_pack_names_only_markers_of_the_catalogue(code: str) -> None:
    assert set(load_lexicon(code).markers) <= set(catalogue())


def test_the_catalogue_says_of_every_marker_whose_it_is_and_what_it_is() -> None:
    for name, entry in catalogue().items():
        assert entry.keys() == {"side", "about"}, name
        assert entry["side"], name
        assert set(entry["side"]) <= set(SIDES), name
        assert isinstance(entry["about"], str), name


def test_english_fills_the_whole_catalogue() -> None:
    assert "en" in supported_languages()
    assert set(catalogue()) - set(load_lexicon("en").markers) == set()


def test_catalogue_and_profiles_are_no_languages() -> None:
    assert not {"markers", "profiles"} & set(supported_languages())


# --- packs that are refused


@pytest.mark.parametrize(
    ("markers", "words", "fault"),
    [
        ({"thansk": {"any": ["x"]}}, {}, "thansk"),
        ({"thanks": {"any": ["x"], "umless": ["y"]}}, {}, "umless"),
        ({"thanks": {"any": ["(unclosed"]}}, {}, "(unclosed"),
        ({"thanks": {"any": ["a(?=b)"]}}, {}, "a(?=b)"),
        ({"thanks": {"any": ["a(?!b)"]}}, {}, "a(?!b)"),
        ({"thanks": {"any": ["(?<!a)b"]}}, {}, "(?<!a)b"),
        ({"thanks": {"any": [r"(a)\1"]}}, {}, r"(a)\1"),
        ({"thanks": {"any": ["ok"], "unless": ["a(?=b)"]}}, {}, "a(?=b)"),
        ({"thanks": {"any": ["give {nobody}"]}}, {}, "{nobody}"),
    ],
)
def test_a_fault_is_named_with_file_and_marker(markers: Any, words: Any, fault: str) -> None:
    with pytest.raises(CheckError) as caught:
        pack(markers, words=words)
    assert caught.value.message.startswith("languages/xx.yaml: ")
    assert fault in caught.value.message
    assert next(iter(markers)) in caught.value.message
    assert "\n" not in caught.value.message


def test_a_word_may_use_only_words_above_it() -> None:
    lexicon = pack({"thanks": {"any": ["{b}"]}}, words={"a": ["ta", "thx"], "b": "{a} (?:so|very) much"})
    assert found(lexicon, "Thx so much") == {"thanks"}
    with pytest.raises(CheckError, match=r"languages/xx\.yaml: words: b: '\{a\}'"):
        pack({"thanks": {"any": ["x"]}}, words={"b": "{a}", "a": "x"})


@pytest.mark.parametrize(
    "text",
    ["thanks: {any: [a]}\nthanks: {any: [b]}\n", "markers:\n  thanks: {any: [a]}\n  thanks: {any: [b]}\n"],
)
def test_a_key_that_stands_twice_is_refused(text: str) -> None:
    with pytest.raises(CheckError, match=r"^languages/xx\.yaml: .*'thanks' stands twice.*line \d"):
        load_yaml(text, "languages/xx.yaml")


@pytest.mark.parametrize(
    "text", ["a: [", "a: b: c", "\ta: 1", "!!python/object/apply:os.getcwd []", "? [a]\n: b"]
)
def test_text_that_is_no_plain_yaml_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(CheckError, match=r"^languages/xx\.yaml: ") as caught:
        load_yaml(text, "languages/xx.yaml")
    assert "\n" not in caught.value.message


# --- excuses, sides, scripts


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("thanks a lot", True),
        ("thanks for nothing", False),
        ("thanks for nothing. but thanks to Ana", True),
        ("thanks to Ana. the rest: thanks for nothing", True),
        ("it does nothing. thanks", True),
        ("it does for nothing, thanks", False),
        ("thanks for nothing! thanks for nothing", False),
        ("thanks\nfor nothing", True),
        ("for nothing", False),
    ],
)
def test_an_exception_excuses_only_in_its_own_sentence(text: str, hit: bool) -> None:
    lexicon = pack({"thanks": {"any": [r"\bthanks\b"], "unless": [r"\bfor nothing\b"]}})
    assert found(lexicon, text) == ({"thanks"} if hit else set())


def test_an_exception_of_one_marker_does_not_excuse_another() -> None:
    both = {"thanks": {"side": ["customer"]}, "done": {"side": ["customer"]}}
    markers = {"thanks": {"any": ["thanks"], "unless": ["nothing"]}, "done": {"any": ["thanks"]}}
    lexicon = Lexicon(read_pack("xx", {"name": "Test", "markers": markers}, both, "languages/xx.yaml"))
    assert found(lexicon, "thanks for nothing") == {"done"}


def test_a_marker_is_looked_for_only_on_its_side() -> None:
    lexicon = pack({"thanks": {"any": ["thanks"]}, "done": {"any": ["done"]}})
    text = "thanks, done"
    assert [found(lexicon, text, side) for side in SIDES] == [{"thanks"}, {"done"}, set()]


@pytest.mark.parametrize(
    ("pattern", "text", "hit"),
    [
        (r"\bdziękuję\b", "Dziękuję!", True),
        (r"\bdziękuję\b", "DZIĘKUJĘ", True),
        (r"\bспасибо\b", "Большое спасибо.", True),
        (r"\bспасибо\b", "спасибочки", False),
        (r"\bвозврат\w*", "где мои возвраты", True),
        (r"ευχαριστώ", "ΕΥΧΑΡΙΣΤΩ", True),
        (r"\bмерси\s+вам\b", "мерси\u00a0вам", True),
        (r"\p{Lu}hanks", "thanks", False),
        (r"\Bhanks", "thanks", True),
        (r"(?i)THANKS", "Thanks", True),
        (r"\bშე?ვატყობინ", "შვატყობინე", True),
        (r"\bშ?ვატყობინ", "ვატყობინე", True),
        (r"[შჩ]ემი", "ჩემი", True),
        (r"[შჩ]ემი", "ცემი", False),
        (r"\bκαλημέρα\b", "kalimera", True),
        (r"\bгоряч[ауюие]", "горяча линия", True),
    ],
)
def test_patterns_are_folded_like_texts_and_know_letters_beyond_ascii(
    pattern: str, text: str, hit: bool
) -> None:
    assert found(pack({"thanks": {"any": [pattern]}}), text) == ({"thanks"} if hit else set())


def test_a_sign_shows_its_marker_wherever_it_stands_in_a_word() -> None:
    lexicon = pack({"thanks": {"any": ["thanks"], "signs": "՞"}})
    text = "Ե՞րբ, thanks"
    hits = lexicon.find(text, fold(text), "customer")
    assert lexicon.spans(text, fold(text), "customer", hits["thanks"]) == [(1, 2), (6, 12)]
    assert found(lexicon, "Երբ") == set()


def test_a_class_that_would_need_two_letters_is_refused_where_it_is_more_than_letters() -> None:
    with pytest.raises(CheckError, match="write a class of letters"):
        pack({"thanks": {"any": ["[^შ]ემი"]}})


def test_a_pack_without_a_pattern_for_a_side_finds_nothing_there() -> None:
    assert pack({"thanks": {"any": ["thanks"]}}).find("thanks", "thanks", "system") == {}


@pytest.mark.parametrize(
    ("text", "inside", "sentence"),
    [
        ("One. Two three! Four?", "Two", "Two three!"),
        ("One. Two three! Four?", "Four", "Four?"),
        ("One. Two three! Four?", "One", "One."),
        ("no stop at all", "stop", "no stop at all"),
        ("line one\nline two", "two", "line two"),
        ("  padded  ", "padded", "padded"),
    ],
)
def test_a_sentence_is_cut_at_its_stops_without_blanks(text: str, inside: str, sentence: str) -> None:
    start = text.index(inside)
    left, right = sentence_at(text, start, start + len(inside))
    assert text[left:right].strip() == sentence


# --- no text may make a search long


@contextmanager
def given_up_after(seconds: int) -> Iterator[None]:
    """Ends a search that would go on for minutes; no measurement: linear time needs a small part of it."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def give_up(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


UNITS = (
    "a", " ", "a ", "?", "not ", "i am not ", "don't ", "@a ", "\n", "0", "can you please please ",
    "i have been waiting for ",
)  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("code", supported_languages())
def test_megabytes_of_anything_are_searched_in_passing(code: str, unit: str) -> None:
    size = 2_000_000 if code == "en" else 200_000  # the engine is one; the packs are many
    text = unit * (size // len(unit))
    with given_up_after(20):
        for side in SIDES:
            load_lexicon(code).find(text, text, side)


@pytest.mark.parametrize(
    "unit", ["thanks for nothing, ", "thanks for nothing. ", "no problem. ", "no problem "]
)
def test_a_message_full_of_excused_hits_is_searched_in_passing(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    with given_up_after(2):
        for side in SIDES:
            load_lexicon("en").find(text, text, side)


@pytest.mark.parametrize("unit", ["thanks ", "ß thanks. ", "thanks … "])
def test_the_places_of_many_hits_are_found_in_passing(unit: str) -> None:
    """Also where folding changes the length of the text, so that every place must be led back."""
    text = unit * (200_000 // len(unit))
    lexicon = load_lexicon("en")
    with given_up_after(2):
        hits = lexicon.find(text, fold(text), "customer")
        spans = lexicon.spans(text, fold(text), "customer", hits["thanks"])
    assert len(spans) == text.count("thanks")
    assert {text[start:end].casefold() for start, end in spans} == {"thanks"}


# --- many texts at once


@pytest.mark.parametrize("code", ["en", "el", "ka"])
def test_many_texts_at_once_show_what_each_shows_alone(code: str) -> None:
    whole = load_pack(code)
    lines = [line for marker in whole.markers.values() for line in (*marker.match, *marker.no_match)]
    texts = [*lines[::3], " ".join(lines[:40]), " ".join(lines) * 2, "", "ok", "ok"]
    alone, ahead = Lexicon(whole), Lexicon(whole)
    for side in SIDES:
        ahead.find_ahead(texts, side)
        for text in (*texts, "said by nobody"):
            assert ahead.find(text, fold(text), side) == alone.find(text, fold(text), side), text


def test_what_was_found_ahead_is_not_searched_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lexicon = Lexicon(load_pack("en"))
    texts = [f"Where is my order {n}?" + " Please tell me." * (n % 2 * 40) for n in range(AT_ONCE)]
    for some in (texts[:1000], texts):
        lexicon.find_ahead(some, "customer")
        with monkeypatch.context() as patch:
            patch.setattr(_Patterns, "_search", lambda *_: pytest.fail("searched again"))
            assert all("question" in lexicon.find(text, fold(text), "customer") for text in some)


def test_what_is_remembered_is_bounded() -> None:
    lexicon = Lexicon(load_pack("en"))
    patterns = lexicon._sides["customer"]
    for begin in range(0, 30_000, 3_000):
        texts = [f"{n}" for n in range(begin, begin + 3_000)]
        lexicon.find_ahead([*texts, *(text + "." * 500 for text in texts[:50])], "customer")
        for text in texts[::7]:
            lexicon.find(text + "!", text + "!", "customer")
        assert len(patterns._short) <= _REMEMBERED + AT_ONCE
        assert len(patterns._ahead) == 50
