"""Which patterns are worth a search in a text, told by its words in microseconds; required.py says what they need."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, reduce
from itertools import pairwise
from operator import or_

from supportaudit.wording.required import SHORT, SLOTS, words_of

_REMEMBERED = 100_000  # words that are kept with what they meet
_LONG = 64  # a longer word is none that comes again


class Worth:
    """Which patterns are worth a search in a text: those whose requirements its words meet, as bits of a number."""

    def __init__(self, required: Mapping[str, tuple[int, ...]], slots: tuple[int, ...]) -> None:
        """`required`: atom -> places, slot * number of patterns + pattern; `slots`: how many each pattern uses."""
        self._count = count = len(slots)
        self._every = (1 << count) - 1
        # A slot that a pattern does not use is met by any text.
        self._met = mask(slot * count + n for n, used in enumerate(slots) for slot in range(used, SLOTS))
        self._pairs = {atom: places for atom, places in required.items() if " " in atom}
        self._words = _Words({atom: places for atom, places in required.items() if " " not in atom})

    def search(self, folded: str) -> int:
        """The patterns whose requirements a folded text meets."""
        words = words_of(folded)
        met: int = reduce(or_, map(self._words.__getitem__, words), self._met)
        pairs = filter(None, map(self._pairs.get, map(" ".join, pairwise(words))))
        met = reduce(or_, map(_known_mask, pairs), met)
        return met & met >> self._count & met >> 2 * self._count & self._every


class _Words(dict[str, int]):
    """Word -> what it meets, worked out when a word is first seen."""

    def __init__(self, atoms: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__()
        self._whole = {atom: places for atom, places in atoms.items() if "*" not in atom}
        # Pieces by their first or last letters, so that a word is held against few of them.
        self._begins: dict[str, list[tuple[str, tuple[int, ...]]]] = {}
        self._ends: dict[str, list[tuple[str, tuple[int, ...]]]] = {}
        self._within = {a[1:-1]: places for a, places in atoms.items() if a[0] == a[-1] == "*"}
        for atom, places in atoms.items():
            if atom[-1] == "*" != atom[0]:
                self._begins.setdefault(atom[:SHORT], []).append((atom[:-1], places))
            elif atom[0] == "*" != atom[-1]:
                self._ends.setdefault(atom[-SHORT:], []).append((atom[1:], places))

    def __missing__(self, word: str) -> int:
        met = [*self._whole.get(word, ())]
        for piece, places in self._begins.get(word[:SHORT], ()):
            if word.startswith(piece):
                met += places
        for piece, places in self._ends.get(word[-SHORT:], ()):
            if word.endswith(piece):
                met += places
        for piece, places in self._within.items():
            if piece in word:
                met += places
        known = mask(met)
        if len(word) <= _LONG:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[word] = known
        return known


def mask(places: Iterable[int]) -> int:
    """The number whose bits at these places are set."""
    return sum(1 << n for n in set(places))


_known_mask = lru_cache(_REMEMBERED)(mask)


def numbers(mask: int) -> Iterator[int]:
    """The places of the bits that are set, in order."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
