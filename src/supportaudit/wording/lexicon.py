"""Which markers a text shows, by a language pack's patterns, and where.

The words of a text tell which few of some six hundred patterns are worth a search (see required.py); those are run by
RE2, whose time grows with the text and with nothing else, so no text can make a pattern slow. Patterns are compiled
when a text first needs them, spans are computed only for what hit.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, reduce
from itertools import accumulate, islice
from operator import or_
from typing import Any

import re2

from supportaudit.wording.fold import Respelling, fold, original_spans
from supportaudit.wording.pack import Pack, Side, load_pack
from supportaudit.wording.patterns import options
from supportaudit.wording.sentences import ENDS, REACH, SENTENCE_END, Sentences
from supportaudit.wording.worth import Worth, mask, numbers

_SET_MEMORY = 32 << 20
# Of patterns that are often worth a search, this many at once cost little more than one.
_TOGETHER = 32
# Short texts are kept with what was found in them: "ok, thanks" and canned replies come again and again.
_REMEMBERED = 4096
_SHORT = 400
AT_ONCE = 4096
"""Texts that are best searched together; twice as many gain little."""
_LONG = 10_000  # a longer text is searched by itself as fast, and is not kept twice

Found = dict[str, tuple[int, ...]]
"""Markers that hit, with the places of the patterns that did."""


class Lexicon:
    """One language's markers, ready to be found in folded text."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.code = pack.code
        self.name = pack.name
        self.brevity = pack.brevity
        self.due = pack.due
        self.lists = pack.lists
        self.markers = pack.markers
        self._respelling = Respelling(pack.latin) if pack.latin else None
        self._sides = {name: _Patterns(side) for name, side in pack.sides.items()}
        self._signs = {
            name: [(marker, frozenset(pack.markers[marker].signs)) for marker in side.signed]
            for name, side in pack.sides.items()
        }

    def read(self, text: str, folded: str) -> str:
        """The text as patterns see it: `folded`, respelled where the language is chatted in Latin letters."""
        if self._respelling is None or not self._respelling.fits(text):
            return folded
        return self._respelling.apply(folded)

    def find_ahead(self, texts: Iterable[str], side: str) -> None:
        """Have `find` know what some texts of a side show. For thousands at once this takes a third of the time."""
        self._sides[side].find_ahead(self.read(text, fold(text)) for text in texts)

    def find(self, text: str, folded: str, side: str) -> Found:
        """Markers that one side's text shows: marker -> indexes, for `spans`. `folded` is `fold(text)`."""
        found = self._sides[side].found(self.read(text, folded))
        for n, (marker, signs) in enumerate(self._signs[side]):
            if not signs.isdisjoint(text):
                found[marker] = (*found.get(marker, ()), ~n)
        return found

    def spans(self, text: str, folded: str, side: str, indexes: Sequence[int]) -> list[tuple[int, int]]:
        """Where those patterns stand in the original text, in order of position."""
        patterns = self._sides[side].patterns
        seen = self.read(text, folded)
        found = [span for index in indexes if index >= 0 for span in patterns[index].spans(seen)]
        if seen is not folded and self._respelling is not None:
            found = self._respelling.back(folded, found)
        signs = [self._signs[side][~index][1] for index in indexes if index < 0]
        bare = [(i, i + 1) for i, c in enumerate(text) if any(c in some for some in signs)] if signs else []
        return sorted(original_spans(text, found) + bare)


@cache
def load_lexicon(code: str) -> Lexicon:
    """The pack of one language. Raises `CheckError` where it is not well formed."""
    return Lexicon(load_pack(code))


class _Patterns:
    """The patterns of one side. Exceptions are looked for only where their marker hit."""

    def __init__(self, side: Side) -> None:
        self.patterns = [_Pattern(marker, source) for marker, source in side.patterns]
        self._worth = Worth(side.required, side.slots)
        groups = [side.busy[i : i + _TOGETHER] for i in range(0, len(side.busy), _TOGETHER)]
        self._groups = [(mask(group), self._set(group)) for group in groups]
        apart = {*side.busy, *(n for several in side.excuses.values() for n in several)}
        self._alone = mask(n for n in range(len(self.patterns)) if n not in apart)
        self._excuses = {marker: mask(several) for marker, several in side.excuses.items()}
        self._short: dict[str, Found] = {}
        self._ahead: dict[str, Found] = {}

    def _set(self, group: Sequence[int]) -> "_Set":
        return _Set(group, [self.patterns[n].source for n in group])

    def found(self, folded: str) -> Found:
        """Which markers hit, as marker -> indexes of the patterns that did."""
        known = self._short if len(folded) <= _SHORT else self._ahead
        found = known.get(folded)
        if found is None:
            [found] = self._search([folded])
            if known is self._short:
                if len(known) >= _REMEMBERED + AT_ONCE:
                    known.clear()
                known[folded] = found
        return dict(found)

    def find_ahead(self, texts: Iterable[str]) -> None:
        """Search several texts, so that `found` knows them until the next several come."""
        if len(self._short) >= _REMEMBERED:
            self._short.clear()
        unknown = dict.fromkeys(text for text in texts if len(text) <= _LONG and text not in self._short)
        new = list(islice(unknown, AT_ONCE))
        found = dict(zip(new, self._search(new), strict=True))
        self._ahead = {text: found[text] for text in new if len(text) > _SHORT}
        self._short.update((text, found[text]) for text in new if len(text) <= _SHORT)

    def _search(self, texts: Sequence[str]) -> list[Found]:
        """What hits in each text. One pattern after another goes through all texts: the tables of its automaton stay
        in the processor's cache meanwhile, and fetching them from memory is what a search mostly waits for.
        """
        worth = [self._worth.search(text) for text in texts]
        data = [text.encode("utf-8", "surrogatepass") for text in texts]
        hits = self._hits([asked & self._alone for asked in worth], data)
        for group, together in self._groups:
            for place, asked in enumerate(worth):
                if asked & group:
                    hits[place] += together.hits(data[place])
        excused = self._excused(hits, worth, data)
        return [self._found(text, sorted(hits[n]), excused[n]) for n, text in enumerate(texts)]

    def _hits(self, several: Sequence[int], data: Sequence[bytes]) -> list[list[int]]:
        """Which patterns hit each text, of those asked for it."""
        asked: defaultdict[int, list[int]] = defaultdict(list)
        for place, wanted in enumerate(several):
            for n in numbers(wanted):
                asked[n].append(place)
        hits: list[list[int]] = [[] for _ in data]
        for n, places in asked.items():
            hit = self.patterns[n].hits
            for place in places:
                if hit(data[place]):
                    hits[place].append(n)
        return hits

    def _excused(
        self, hits: Sequence[Sequence[int]], worth: Sequence[int], data: Sequence[bytes]
    ) -> list[list[int]]:
        """The exceptions that hit each text, of the markers that hit it."""
        asked = []
        for mine, searched in zip(hits, worth, strict=True):
            markers = {self.patterns[n].marker for n in mine}
            asked.append(searched & reduce(or_, (self._excuses.get(marker, 0) for marker in markers), 0))
        return self._hits(asked, data)

    def _found(self, folded: str, hits: Sequence[int], excusing: Sequence[int]) -> Found:
        """Markers by what hit, without occurrences that are excused."""
        patterns = self.patterns
        found: Found = {}
        excused: dict[str, _Excused] = {}
        for n in hits:
            marker = patterns[n].marker
            if excusing and (mine := self._excuses.get(marker)):
                if marker not in excused:
                    excused[marker] = _Excused(folded, [patterns[i] for i in excusing if mine >> i & 1])
                if not excused[marker].spares(patterns[n]):
                    continue
            found[marker] = (*found[marker], n) if marker in found else (n,)
        return found


class _Set:
    """Some patterns matched at once. `numbers` are their places in the side's list."""

    __slots__ = ("_match", "_numbers", "_sources")

    def __init__(self, numbers: Sequence[int], sources: Sequence[str]) -> None:
        self._numbers = numbers
        self._sources = sources
        self._match: Any = None

    def hits(self, data: bytes) -> list[int]:
        """The places of those that hit."""
        if self._match is None:
            if not self._sources:
                return []
            self._match = _matcher(self._sources)
        return [self._numbers[n] for n in self._match(data) or ()]


class _Pattern:
    """One alternative of a marker; compiled when it is first searched for, anew when a span is first asked for."""

    __slots__ = ("_compiled", "_match", "marker", "source")

    def __init__(self, marker: str, source: str) -> None:
        self.marker = marker
        self.source = source
        self._match: Any = None
        self._compiled: Any = None

    def hits(self, data: bytes) -> bool:
        if self._match is None:
            # A set of one says only whether it hits, which takes half as long as to say where.
            self._match = _matcher([self.source])
        return bool(self._match(data))

    def spans(self, folded: str) -> Iterator[tuple[int, int]]:
        if self._compiled is None:
            self._compiled = re2.compile(self.source, options())
        # Given bytes, the library counts bytes and needs no way back to characters: for ASCII they are the same.
        for found in self._compiled.finditer(folded.encode() if folded.isascii() else folded):
            yield found.span()


def _matcher(sources: Sequence[str]) -> Any:
    """Of encoded text: the numbers of the patterns that hit."""
    patterns = re2.Set.SearchSet(options(_SET_MEMORY))
    for source in sources:
        patterns.Add(source)
    patterns.Compile()
    return patterns.Match


class _Excused:
    """The sentences of a text in which a marker is excused; found once for all its patterns."""

    __slots__ = ("_ends", "_excuses", "_folded", "_sentences", "_starts")

    def __init__(self, folded: str, excuses: Sequence[_Pattern]) -> None:
        self._folded = folded
        self._sentences = Sentences(folded)
        self._excuses = excuses
        self._starts: list[int] | None = None
        self._ends: list[int] = []

    def spares(self, pattern: _Pattern) -> bool:
        """Whether some occurrence of a pattern that hit has no exception in its own sentence."""
        if not self._excuses:
            return True
        folded = self._folded
        if len(folded) <= REACH and SENTENCE_END.search(folded.rstrip(ENDS)) is None:
            return False  # one sentence
        if self._starts is None:
            self._find()
        assert self._starts is not None
        for span in pattern.spans(folded):
            start, end = self._sentences.at(*span)
            # Sentences that begin before this one ends; the furthest of their ends tells whether one overlaps.
            before = bisect_left(self._starts, end)
            if not before or self._ends[before - 1] <= start:
                return True
        return False

    def _find(self) -> None:
        folded = self._folded
        sentences = sorted({self._sentences.at(*span) for e in self._excuses for span in e.spans(folded)})
        self._starts = [start for start, _ in sentences]
        self._ends = list(accumulate((end for _, end in sentences), max))
