"""A pattern is searched for only where the words it needs stand; that must never lose a match."""

from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
import re2
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from supportaudit.wording import pack
from supportaudit.wording.fold import fold
from supportaudit.wording.lexicon import load_lexicon
from supportaudit.wording.pack import SIDES, load_pack
from supportaudit.wording.patterns import options
from supportaudit.wording.required import SLOTS, Rarity, requirements, words_of
from supportaudit.wording.worth import Worth, mask, numbers

LINES = ["the refund is late", "the parcel is late", "the parcel never came", "where is the refund"]


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (r"\brefund\b", [{"refund"}]),
        (r"\brefund", [{"refund*"}]),
        (r"refund\b", [{"*refund"}]),
        (r"refund", [{"*refund*"}]),
        (r"\b(?:refund|money back)\b", [{"refund", "money back"}]),
        (r"\brefund(?:s|ed)?\b", [{"refund", "refunds", "refunded"}]),
        (r"\bnever (?:\w+ )*came\b", [{"never"}, {"came"}]),
        (r"\bnever\b[^.]*\bcame\b", [{"never"}, {"came"}]),
        (r"\bpromis\w+", [{"promis*"}]),
        (r"\bdon'?t\b", [{"don t", "dont"}]),
        (r"(?:^|[.!?]\s*)refund\b", [{"refund"}]),
        (r"(?:^|\s)refund\b", [{"refund"}]),
        (r"\b(?:refund|\d+)\b", []),
        (r"\?", []),
        (r"\b\w+\b", []),
        (r"(?:refund)?", []),
        (r"\bx*refund\b", [{"*refund"}]),
        (r"\b(?:very )+late\b", [{"very"}, {"late"}]),
        (r"(?:^|$|[^\p{L}\p{N}\p{M}_])refund(?:^|$|[^\p{L}\p{N}\p{M}_])", [{"refund"}]),
        (r"\prefund", []),
        (r"\b(?:refund", []),
    ],
)  # fmt: skip
def test_what_a_pattern_needs(pattern: str, needed: list[set[str]]) -> None:
    found = requirements(pattern, Rarity(LINES))
    assert set(map(frozenset, needed)) <= set(found)
    assert bool(found) is bool(needed)


def test_the_rarest_requirement_comes_first_and_there_are_few() -> None:
    first, *rest = requirements(r"\bthe parcel .*\bnever .*\bcame .*\blate\b", Rarity(LINES))
    assert first in ({"never"}, {"came"})
    assert len(rest) == SLOTS - 1


@cache
def everything(code: str) -> list[tuple[str, Worth]]:
    """Many patterns of a pack, each with what tells whether it is worth a search."""
    found = []
    for side in load_pack(code).sides.values():
        for n, (_, source) in enumerate(side.patterns):
            slots = (side.slots[n],)
            count = len(side.patterns)
            if n % 9 == 0 and r"\p" not in source:  # Python, which makes the texts, does not know \p
                required = {
                    atom: tuple(place // count for place in places if place % count == n)
                    for atom, places in side.required.items()
                    if any(place % count == n for place in places)
                }
                found.append((source, Worth(required, slots)))
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_text_made_from_a_pattern_is_passed_over(data: st.DataObject) -> None:
    source, worth = data.draw(st.sampled_from(everything("en")))
    letters = st.characters(codec="ascii", exclude_categories=["Lu", "Cc"])
    text = data.draw(st.from_regex(source.replace(r"\s", " "), alphabet=letters))
    folded = fold(text)
    assume(re2.compile(source, options()).search(folded))
    assert worth.search(folded) == 1


@pytest.mark.parametrize("code", ["en", "el"])
def test_everything_that_hits_was_worth_a_search(code: str) -> None:
    whole, lexicon = load_pack(code), load_lexicon(code)
    lines = [fold(line) for marker in whole.markers.values() for line in (*marker.match, *marker.no_match)]
    texts = [" ".join(three) for three in zip(lines, lines[7:], lines[40:], strict=False)][::9]
    for name in SIDES:
        side = whole.sides[name]
        asserted = [n for n, (marker, _) in enumerate(side.patterns) if marker]
        plain = re2.Filter()
        for n in asserted:
            plain.Add(side.patterns[n][1], options())
        if not asserted:
            continue
        plain.Compile()
        worth = Worth(side.required, side.slots)
        for text in texts:
            hits = {asserted[n] for n in plain.Match(text) or ()}
            assert hits <= set(numbers(worth.search(text))), text
            found = lexicon.find(text, text, name)
            assert {n for several in found.values() for n in several if n >= 0} <= hits
    assert len(texts) > 50


@given(st.sets(st.integers(0, 2000)))
def test_bits_lead_back_to_numbers(places: set[int]) -> None:
    assert list(numbers(mask(places))) == sorted(places)


@given(st.text())
def test_words_are_what_re2_takes_for_words(text: str) -> None:
    assert words_of(text) == [found[0] for found in re2.finditer(r"\w+", text)]
    assert all(a and b for a, b in pairwise(words_of(text)))


def test_a_pack_just_read_is_the_one_that_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every order, too: test cases are named by its markers, and processes must agree on them."""
    for name in ("sv.yaml", "markers.yaml"):
        (tmp_path / name).write_bytes((pack.LANGUAGES / name).read_bytes())
    monkeypatch.setattr(pack, "LANGUAGES", tmp_path)
    read, kept = load_pack("sv"), load_pack("sv")
    assert (tmp_path / "compiled" / "sv.msgpack").is_file()
    assert msgspec.msgpack.encode(read) == msgspec.msgpack.encode(kept)
