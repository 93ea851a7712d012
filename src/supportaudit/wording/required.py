r"""Which words a pattern cannot match without: `\b(?:refund|money back)\b` needs "refund" or "money".

The requirements of all patterns, looked up by the words of a text, tell which few patterns are worth a search. They
are read from the pattern's own syntax tree, as Russ Cox does for code search ("Regular Expression Matching with a
Trigram Index", 2012), with words and pairs of words where he has trigrams.

A requirement is a set of atoms one of which stands in every text that matches: "word" and "two words" are whole words
of the folded text, "word*" begins one, "*word" ends one, "*word*" stands within one. A word is a run of ASCII letters,
digits and "_", which is what RE2's `\b` and `\w` go by.
"""

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import fsum
from operator import or_
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Requirement = frozenset[str]

#: Requirements kept for one pattern; all of them must be met.
SLOTS = 3
_MANY = 100  # texts that one part of a pattern may stand for before it is no longer spelled out
SHORT = 3
"""Letters below which a piece of a word tells nothing."""
_EDGE = "\0"  # stands in a spelled-out text where `\b`, `^` or `$` stood
_WORDS = re.compile(r"[A-Za-z0-9_]+")
_WORD_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_BOTH = (False, True)
_EDGES = (op.AT_BEGINNING, op.AT_BEGINNING_STRING, op.AT_END, op.AT_END_STRING, op.AT_BOUNDARY)
# What RE2 knows and Python's parser does not, in words that say no less of where a word may end.
_UNICODE = (
    (r"[^\p{L}\p{N}\p{M}_]", r"\W"),
    (r"[\p{L}\p{N}\p{M}_]", r"\S"),
    (r"[\s\p{Z}]", r"\s"),
)


def words_of(folded: str) -> list[str]:
    """The words of a folded text, in order."""
    return _WORDS.findall(folded)


class Rarity:
    """How common words are, by the sample lines of a pack: the rarest requirements exclude most."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = 1
        self._seen: Counter[str] = Counter()
        for line in lines:
            words = words_of(line)
            self._lines += 1
            self._seen.update({*words, *map(" ".join, pairwise(words))})
        self._pieces: Counter[str] = Counter()
        for text, times in self._seen.items():
            if " " not in text:
                for end in range(SHORT, len(text) + 1):
                    self._pieces[text[:end] + "*"] += times
                    self._pieces["*" + text[-end:]] += times

    def __call__(self, atom: str) -> float:
        """The share of lines in which an atom stands, about; more than nothing for one that was never seen."""
        if "*" not in atom:
            times = self._seen[atom] + (0.1 if " " in atom else 0.3)
        else:
            times = self._pieces[atom] + 1.0 if atom.count("*") == 1 else self._lines / 10
        return times / self._lines


def requirements(pattern: str, rarity: Rarity) -> tuple[Requirement, ...]:
    """Up to `SLOTS` requirements, the most telling first; none where the pattern may match almost anything."""
    for theirs, ours in _UNICODE:
        pattern = pattern.replace(theirs, ours)
    if r"\p" in pattern or r"\P" in pattern or r"\Q" in pattern or "[[:" in pattern:
        return ()
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = parser.parse(pattern)
        reading = _Reading(rarity)
        known = reading.sequence(tree, left=False, right=False)
    except (re.error, _UnknownError):
        return ()
    return reading.best(reading.required(known, left=False, right=False))


class _UnknownError(ValueError):
    """A form of pattern that this module does not read."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the texts that a part of a pattern matches: all of them spelled out, or what they require."""

    spelled: frozenset[str] | None
    required: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True)
class _Borders:
    """Whether a part may match nothing, and whether what it matches surely begins and ends beside no word character.

    Where `\b`, `^` or `$` matches there is such a border, so they count as more than nothing.
    """

    empty: bool
    begins: bool
    ends: bool


_TEXT_BORDERS = {(begins, ends): _Borders(False, begins, ends) for begins in _BOTH for ends in _BOTH}


class _Reading:
    """Reads one syntax tree; `left` and `right` say whether a part surely has no word character beside it there."""

    def __init__(self, rarity: Rarity) -> None:
        self._rarity = rarity
        self._borders: dict[int, _Borders] = {}

    # ---- borders

    def borders(self, node: Any) -> _Borders:
        kind, value = node
        if kind is op.LITERAL:
            return _TEXT_BORDERS[value[0] not in _WORD_CHARACTERS, value[-1] not in _WORD_CHARACTERS]
        if kind in (op.NOT_LITERAL, op.ANY):
            return _Borders(False, False, False)
        if kind is op.IN:
            apart = _is_apart(value)
            return _Borders(False, apart, apart)
        if kind is op.AT:
            sure = value in _EDGES
            return _Borders(not sure, sure, sure)
        if kind is op.SUBPATTERN:
            return self._of_sequence(value[3])
        if kind is op.BRANCH:
            every = [self._of_sequence(branch) for branch in value[1]]
            return _Borders(
                any(b.empty for b in every), all(b.begins for b in every), all(b.ends for b in every)
            )
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            inside = self._of_sequence(value[2])
            return _Borders(inside.empty or value[0] == 0, inside.begins, inside.ends)
        raise _UnknownError(kind)

    def _of_sequence(self, sequence: Any) -> _Borders:
        known = self._borders.get(id(sequence))
        if known is None:
            every = [self.borders(node) for node in _joined(sequence)]
            known = _Borders(
                all(b.empty for b in every),
                _first_is_sure([(b, b.begins) for b in every]),
                _first_is_sure([(b, b.ends) for b in reversed(every)]),
            )
            self._borders[id(sequence)] = known
        return known

    # ---- what is known of a part

    def sequence(self, sequence: Any, *, left: bool, right: bool) -> _Known:
        """What is known of parts that follow each other."""
        nodes = _joined(sequence)
        borders = [self.borders(node) for node in nodes]
        after = _sure_after(borders, right)
        spelled, begun = frozenset(("",)), left  # what is spelled out since a part that cannot be
        required: list[Requirement] = []
        broken = False
        for node, border, here, rest in zip(nodes, borders, after[:-1], after[1:], strict=True):
            known = self._node(node, left=left, right=rest)
            ends = border.ends and (left or not border.empty)
            if known.spelled is not None and len(known.spelled) * len(spelled) <= _MANY:
                spelled = frozenset(a + b for a in spelled for b in known.spelled)
            else:
                broken = True
                required += self._of_texts(spelled, left=begun, right=here)
                required += known.required
                if known.spelled is None:
                    spelled, begun = frozenset(("",)), ends
                else:
                    spelled, begun = known.spelled, left
            left = ends
        if not broken:
            return _Known(spelled)
        return _Known(None, (*required, *self._of_texts(spelled, left=begun, right=right)))

    def _node(self, node: Any, *, left: bool, right: bool) -> _Known:
        kind, value = node
        if kind is op.LITERAL:
            return _Known(frozenset((value,)))
        if kind is op.IN:
            return _Known(_few_characters(value))
        if kind is op.AT:
            return _Known(frozenset((_EDGE if value in _EDGES else "",)))
        if kind is op.SUBPATTERN:
            return self.sequence(value[3], left=left, right=right)
        if kind is op.BRANCH:
            return self._branches([self.sequence(b, left=left, right=right) for b in value[1]], left, right)
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, inside = value
            if most == 1:
                known = self.sequence(inside, left=left, right=right)
                if least == 1:
                    return known
                return _Known(None if known.spelled is None else known.spelled | {""})
            if least == 0:
                return _Known(None)
            # One that is repeated may have itself beside it.
            border = self._of_sequence(inside)
            left, right = left and border.ends, right and border.begins
            return _Known(None, self.required(self.sequence(inside, left=left, right=right), left, right))
        return _Known(None)

    def _branches(self, branches: Sequence[_Known], left: bool, right: bool) -> _Known:
        if all(known.spelled is not None for known in branches):
            spelled: frozenset[str] = reduce(or_, (known.spelled for known in branches if known.spelled))
            if len(spelled) <= _MANY:
                return _Known(spelled)
        return _Known(None, _either([self.best(self.required(k, left, right)) for k in branches]))

    # ---- requirements

    def required(self, known: _Known, left: bool, right: bool) -> tuple[Requirement, ...]:
        """The requirements of a part whose surroundings are known."""
        return known.required if known.spelled is None else self._of_texts(known.spelled, left, right)

    def best(self, required: Iterable[Requirement]) -> tuple[Requirement, ...]:
        """The most telling of several requirements, all of which hold."""
        price = {one: fsum(map(self._rarity, one)) for one in required}  # whatever the order of the set
        return tuple(sorted(price, key=lambda one: (price[one], sorted(one))))[:SLOTS]

    def _of_texts(self, texts: Iterable[str], left: bool, right: bool) -> tuple[Requirement, ...]:
        """What one of some texts requires: by slots, the rarest atom of each that is not implied by one before."""
        return _either([self._of_text(text, left, right) for text in texts])

    def _of_text(self, text: str, left: bool, right: bool) -> tuple[Requirement, ...]:
        atoms = _atoms(text, left, right)
        picked: list[Requirement] = []
        seen: set[str] = set()
        for atom in sorted(atoms, key=lambda atom: (self._rarity(atom), atom)):
            words = set(atom.split())
            if not words <= seen:
                seen |= words
                picked.append(frozenset((atom,)))
                if len(picked) == SLOTS:
                    break
        return tuple(picked)


def _joined(sequence: Iterable[Any]) -> list[Any]:
    """The nodes of a sequence, letters that follow each other as one text."""
    nodes: list[Any] = []
    letters: list[str] = []
    for node in sequence:
        if node[0] is op.LITERAL:
            letters.append(chr(node[1]))
            continue
        if letters:
            nodes.append((op.LITERAL, "".join(letters)))
            letters = []
        nodes.append(node)
    if letters:
        nodes.append((op.LITERAL, "".join(letters)))
    return nodes


def _either(several: Sequence[tuple[Requirement, ...]]) -> tuple[Requirement, ...]:
    """What holds whichever of several holds, best with best; one that requires nothing leaves nothing."""
    if not all(several):
        return ()
    most = max(map(len, several))
    return tuple(frozenset().union(*(one[min(n, len(one) - 1)] for one in several)) for n in range(most))


def _atoms(text: str, left: bool, right: bool) -> set[str]:
    """The words of a spelled-out text and its pairs of words; a word at an open end is a piece of one."""
    found: set[str] = set()
    before = ""
    for word in _WORDS.finditer(text):
        begins = left or word.start() > 0
        ends = right or word.end() < len(text)
        if begins and ends:
            found.add(word[0])
            if before:
                found.add(f"{before} {word[0]}")
        elif len(word[0]) >= SHORT:
            found.add(f"{'' if begins else '*'}{word[0]}{'' if ends else '*'}")
        before = word[0] if begins else ""
    return found


def _first_is_sure(parts: Iterable[tuple[_Borders, bool]]) -> bool:
    """Whether parts that follow each other surely begin beside no word character."""
    for border, sure in parts:
        if not sure or not border.empty:
            return sure
    return False


def _sure_after(borders: Sequence[_Borders], right: bool) -> list[bool]:
    """For every place in a sequence whether what follows surely begins with no word character."""
    sure = [right]
    for border in reversed(borders):
        sure.append(border.begins and (sure[-1] or not border.empty))
    return sure[::-1]


def _few_characters(items: Sequence[Any]) -> frozenset[str] | None:
    """The characters of a class that has few."""
    found: set[str] = set()
    for kind, value in items:
        if kind is op.LITERAL:
            found.add(chr(value))
        elif kind is op.RANGE and value[1] - value[0] < 6:
            found.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return None
    return frozenset(found) if len(found) <= 8 else None


def _is_apart(items: Sequence[Any]) -> bool:
    """Whether a class holds no word character."""
    if items[0][0] is op.NEGATE:
        return (op.CATEGORY, op.CATEGORY_WORD) in items[1:]
    for kind, value in items:
        if kind is op.LITERAL:
            apart = chr(value) not in _WORD_CHARACTERS
        elif kind is op.RANGE:
            apart = not any(value[0] <= ord(c) <= value[1] for c in _WORD_CHARACTERS)
        else:
            apart = kind is op.CATEGORY and value in (op.CATEGORY_SPACE, op.CATEGORY_NOT_WORD)
        if not apart:
            return False
    return True
