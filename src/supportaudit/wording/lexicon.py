"""Language packs: load a pack, compile all its patterns into one linear-time pass, say which markers hit.

A pack (`languages/<code>.yaml`) fills the markers that `languages/markers.yaml` names. All patterns of one
speaker's side go through one RE2 `Filter`, so the cost of a message hardly depends on how many there are, and
no text can make a pattern slow. Spans are computed only for what hit.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from itertools import accumulate, pairwise
from typing import Any

import re2

from supportaudit.errors import CheckError
from supportaudit.wording.fold import Respelling, fold, original_spans
from supportaudit.yaml12 import load_yaml

SIDES = ("customer", "agent", "system")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_ENDS = ".!?\n;…؟։。！？"
# A full stop ends no sentence within a number ("14.30"), before a month ("10. März") or behind a short form ("z. B.").
_SENTENCE_END = re.compile(
    r"[!?\n;…؟։。！？]+"
    r"|\.+(?!\d)(?<!\bz\.)(?<!\bb\.)(?<!\bnr\.)(?<!\bca\.)(?<!\bdr\.)(?<!\bmr\.)(?<!\bms\.)(?<!\bmrs\.)(?<!\bbzw\.)"
    r"(?<!\bsig\.)(?<!\bul\.)(?<!\bgodz\.)(?<!\btel\.)(?<!\bnp\.)(?<!\bsok\.)(?<!\bcad\.)(?<!\bул\.)(?<!\bвул\.)"
    r"(?!\s+(?:jan|feb|m[aä]rz|apr|mai\b|jun|jul|aug|sep|o[kc]t|nov|de[zc]))",
    re.IGNORECASE,
)
_REACH = 600
_SET_MEMORY = 32 << 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A marker found in a message: half-open span in the original text."""

    marker: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MarkerText:
    """One marker of one pack as its author wrote it, samples included."""

    name: str
    any: tuple[str, ...]
    unless: tuple[str, ...]
    match: tuple[str, ...]
    no_match: tuple[str, ...]
    signs: frozenset[str] = frozenset()
    """Characters that show the marker wherever they stand in the unfolded text, as the Armenian question mark does."""


@cache
def _options(memory: int = 64 << 20) -> Any:
    """`memory`: bytes for the lazily built automaton; where it is full, it is built anew, more slowly."""
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = memory
    return options


_WORD_EDGE = r"(?:^|$|[^\p{L}\p{N}\p{M}_])"


def _rewrite(pattern: str) -> str:
    r"""RE2's `\b \w \s` know ASCII only; beside a letter of another script they would never match."""
    if pattern.isascii():
        return pattern
    parts = pattern.split(r"\b")
    rebuilt = parts[0]
    for before, after in pairwise(parts):
        # A boundary belongs to the letter that stands next to it, behind or before.
        beside = after.lstrip("(?:")[:1] or before.rstrip(")?+*")[-1:]
        rebuilt += (r"\b" if beside.isascii() and beside.isalnum() else _WORD_EDGE) + after
    return rebuilt.replace(r"\w", r"[\p{L}\p{N}\p{M}_]").replace(r"\s", r"[\s\p{Z}]")


class _Pattern:
    """One compiled alternative of a marker; compiled alone only when a span is asked for."""

    __slots__ = ("_compiled", "marker", "source")

    def __init__(self, marker: str, source: str) -> None:
        self.marker = marker
        self.source = source
        self._compiled: Any = None

    def spans(self, folded: str) -> Iterator[tuple[int, int]]:
        if self._compiled is None:
            self._compiled = re2.compile(self.source, _options())
        # Given bytes, the library counts bytes and needs no way back to characters: for ASCII they are the same.
        for found in self._compiled.finditer(folded.encode() if folded.isascii() else folded):
            yield found.span()


class _Set:
    """Some patterns matched at once; read when they are added, compiled when first needed.

    `indexes` are their places in the side's list.
    """

    __slots__ = ("_match", "_set", "indexes")

    def __init__(self) -> None:
        self.indexes: list[int] = []
        self._set: Any = None
        self._match: Any = None

    def add(self, index: int, source: str) -> None:
        if self._set is None:
            self._set = re2.Set.SearchSet(_options(_SET_MEMORY))
        self._set.Add(source)
        self.indexes.append(index)

    def hits(self, folded: str) -> list[int]:
        """The places of those that hit, in order."""
        if self._set is None:
            return []
        if self._match is None:
            self._set.Compile()
            self._match = self._set.Match
        return sorted(self.indexes[n] for n in self._match(folded) or ())


@dataclass
class _Side:
    """All patterns that may occur in one side's messages.

    One filter tells from the literals in a text which patterns could hit at all. Those without a literal long enough
    would pass any filter: they are matched together, in one pass. Exceptions are looked for only where their marker
    hit.
    """

    patterns: list[_Pattern] = field(default_factory=list)
    _filter: Any = field(default_factory=re2.Filter)
    _filtered: list[int] = field(default_factory=list)
    _always: _Set = field(default_factory=_Set)
    _excuses: dict[str, _Set] = field(default_factory=dict)

    def add(self, marker: MarkerText, where: str, words: Mapping[str, str]) -> None:
        for text in marker.any:
            with _told(where, text):
                index = self._append(marker.name, text, words, where)
                source = self.patterns[index].source
                if not _announced(source) and _passes_any(source):
                    self._always.add(index, source)
                else:
                    self._filter.Add(source, _options())
                    self._filtered.append(index)
        if marker.unless:
            excuses = self._excuses[marker.name] = _Set()
            for text in marker.unless:
                with _told(where, text):
                    index = self._append("", text, words, where)
                    excuses.add(index, self.patterns[index].source)

    def _append(self, marker: str, text: str, words: Mapping[str, str], where: str) -> int:
        """Take one pattern; its place."""
        source = _rewrite(fold_pattern(expand(text, words, where)))
        self.patterns.append(_Pattern(marker, source))
        return len(self.patterns) - 1

    @cached_property
    def _match(self) -> Any:
        if not self._filtered:
            return lambda _folded: None
        self._filter.Compile()
        return self._filter.Match

    def find(self, folded: str) -> dict[str, tuple[int, ...]]:
        """Which markers hit, as marker -> indexes of the patterns that did."""
        hits = [self._filtered[n] for n in self._match(folded) or ()]
        hits += self._always.hits(folded)
        found: dict[str, tuple[int, ...]] = {}
        excused: dict[str, _Excused] = {}
        for index in sorted(hits):
            marker = self.patterns[index].marker
            if marker in self._excuses:
                if marker not in excused:
                    active = self._excuses[marker].hits(folded)
                    excused[marker] = _Excused(folded, [self.patterns[i] for i in active])
                if not excused[marker].spares(self.patterns[index]):
                    continue
            found[marker] = (*found[marker], index) if marker in found else (index,)
        return found


class _Excused:
    """The sentences of a text in which a marker is excused; found once for all its patterns."""

    __slots__ = ("_ends", "_excuses", "_folded", "_sentences", "_starts")

    def __init__(self, folded: str, excuses: Sequence[_Pattern]) -> None:
        self._folded = folded
        self._sentences = _Sentences(folded)
        self._excuses = excuses
        self._starts: list[int] | None = None
        self._ends: list[int] = []

    def spares(self, pattern: _Pattern) -> bool:
        """Whether some occurrence of a pattern that hit has no exception in its own sentence."""
        if not self._excuses:
            return True
        folded = self._folded
        if len(folded) <= _REACH and _SENTENCE_END.search(folded.rstrip(_ENDS)) is None:
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


_LITERAL_RUN = 3
_HEAD = re.compile(r"\?(?:P<\w+>|[a-zA-Z-]*:)")


def _announced(pattern: str) -> bool:
    """Whether every way to match a pattern holds three plain letters in a row, so that the filter can use it.

    A quick look that may say no to a pattern that does; asking RE2 itself costs as much as compiling the pattern.
    """
    try:
        return _branches(pattern, 0)[0]
    except ValueError:  # a form that this look does not know
        return False


def _branches(pattern: str, place: int) -> tuple[bool, int]:
    """Whether all alternatives from `place` on hold such a run, and where the group ends."""
    sure, found, run = True, False, 0
    while place < len(pattern) and pattern[place] != ")":
        sign = pattern[place]
        if sign == "|":
            sure, found, run = sure and found, False, 0
        elif sign == "(":
            inside, place = _branches(pattern, _past_head(pattern, place + 1))
            found |= inside and pattern[place + 1 : place + 2] not in ("?", "*", "{")
            run = 0
        elif sign == "[":
            place = pattern.index("]", place + 2)
            run = 0
        elif sign == "\\":
            place += 1
            run = 0
        elif sign.isalnum() or sign in " '":
            run = run + 1 if pattern[place + 1 : place + 2] not in ("?", "*", "{") else 0
            found |= run >= _LITERAL_RUN
        else:
            run = 0
        place += 1
    return sure and found, place


def _past_head(pattern: str, place: int) -> int:
    """Past "?:", "?P<name>" or "?i:" at the beginning of a group. Raises `ValueError` for another form."""
    if pattern[place : place + 1] != "?":
        return place
    head = _HEAD.match(pattern, place)
    if head is None:
        raise ValueError
    return head.end()


def _passes_any(source: str) -> bool:
    """Whether a pattern would pass the filter whatever the text is, for want of a literal."""
    alone = re2.Filter()
    alone.Add(source, _options())
    alone.Compile()
    return bool(alone.Match(" ", True))


@contextmanager
def _told(where: str, text: str) -> Iterator[None]:
    """What RE2 refuses, as an error of the pack."""
    try:
        yield
    except re2.error as error:
        raise CheckError(f"{where}: pattern '{text}' is refused by RE2: {error}") from error


class _Sentences:
    """The sentences of a text that is asked about many places: like `sentence_at`, its marks found once."""

    __slots__ = ("_ends", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: list[int] | None = None

    def at(self, start: int, end: int) -> tuple[int, int]:
        if self._ends is None:
            self._ends = [found.end() for found in _SENTENCE_END.finditer(self._text)]
        ends = self._ends
        before = bisect_right(ends, start)
        left = max(ends[before - 1] if before else 0, start - _REACH, 0)
        after = bisect_right(ends, max(start, end - 1))
        right = min(ends[after] if after < len(ends) else len(self._text), end + _REACH)
        return left, max(right, end)


def sentence_at(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence(s) that the span lies in, as a half-open span without surrounding blanks.

    Looks at most `_REACH` characters to either side: a text without full stops is cut there.
    """
    left = max(0, start - _REACH)
    for found in _SENTENCE_END.finditer(text, left, start):
        left = found.end()
    ending = _SENTENCE_END.search(text, max(start, end - 1), end + _REACH)
    right = ending.end() if ending is not None else min(len(text), end + _REACH)
    while left < start and text[left].isspace():
        left += 1
    while right > end and text[right - 1].isspace():
        right -= 1
    return left, max(right, end)


def expand(text: str, words: Mapping[str, str], where: str) -> str:
    """Put a pack's `{words}` into a pattern. Raises `CheckError` for a word the pack does not define."""

    def substitute(found: re.Match[str]) -> str:
        try:
            return words[found[1]]
        except KeyError:
            raise CheckError(f"{where}: '{{{found[1]}}}' is not among the pack's words") from None

    return _PLACEHOLDER.sub(substitute, text)


_PATTERN_PARTS = re.compile(r"(\\p\{[^}]*\}|\\.|\(\?[a-zA-Z]+\)|\(\?P<\w+>|\[\^?\]?(?:\\.|[^\]])*\])")


def fold_pattern(pattern: str) -> str:
    r"""Fold a pattern's letters like its texts, leaving escapes such as `\S` and `\p{L}` alone.

    A letter that becomes several ("შ" is "sh") stays one thing: "შ?" makes both optional, "[შჩ]" is "(?:sh|ch)".
    """
    parts = _PATTERN_PARTS.split(pattern)
    return "".join(_fold_part(part) if i % 2 else _fold_letters(part) for i, part in enumerate(parts))


def _fold_letters(text: str) -> str:
    if text.isascii():
        return fold(text)
    return "".join(f"(?:{folded})" if len(folded := fold(c)) > 1 else folded for c in text)


def _fold_part(part: str) -> str:
    if not part.startswith("[") or part.isascii():
        return part
    inside = part[1:-1]
    grown = [folded for c in inside if len(folded := fold(c)) > 1]
    if not grown:
        return "[" + "".join(map(fold, inside)) + "]"
    if inside.startswith("^") or "-" in inside or "\\" in inside:
        raise CheckError(f"'{part}': write a class of letters that Latin writes with two as (?:a|b)")
    return "(?:" + "|".join(dict.fromkeys(re.escape(fold(c)) for c in inside if fold(c))) + ")"


class Lexicon:
    """One language's markers, ready to be found in folded text."""

    def __init__(
        self, code: str, document: Mapping[str, Any], catalogue: Mapping[str, Any], where: str = ""
    ) -> None:
        """`where` is what errors call the file; left out, the language's pack."""
        where = where or f"languages/{code}.yaml"
        self.code = code
        self.name: str = document["name"]
        self.brevity: float = document.get("brevity", 1.0)
        self.due: Mapping[str, Any] = document.get("due", {})
        self.lists: Mapping[str, Any] = document.get("lists", {})
        self.latin: Mapping[str, Any] | None = document.get("latin")
        self.words = words = _resolve_words(document.get("words", {}), where)
        self._respelling = Respelling(self.latin) if self.latin else None
        self._signs: dict[str, list[MarkerText]] = {side: [] for side in SIDES}
        self.markers = {n: _marker_text(n, body, where) for n, body in document["markers"].items()}
        if unknown := sorted(self.markers.keys() - catalogue.keys()):
            raise CheckError(f"{where}: '{unknown[0]}' is not a marker of languages/markers.yaml")
        self._sides = {side: _Side() for side in SIDES}
        for marker in self.markers.values():
            for side in catalogue[marker.name]["side"]:
                self._sides[side].add(marker, f"{where}: {marker.name}", words)
                if marker.signs:
                    self._signs[side].append(marker)

    def read(self, text: str, folded: str) -> str:
        """The text as patterns see it: `folded`, respelled where the language is chatted in Latin letters."""
        if self._respelling is None or not self._respelling.fits(text):
            return folded
        return self._respelling.apply(folded)

    def find(self, text: str, folded: str, side: str) -> dict[str, tuple[int, ...]]:
        """Markers that one side's text shows: marker -> indexes, for `spans`. `folded` is `fold(text)`."""
        found = self._sides[side].find(self.read(text, folded))
        for n, marker in enumerate(self._signs[side]):
            if not marker.signs.isdisjoint(text):
                found[marker.name] = (*found.get(marker.name, ()), ~n)
        return found

    def spans(self, text: str, folded: str, side: str, indexes: Sequence[int]) -> list[tuple[int, int]]:
        """Where those patterns stand in the original text, in order of position."""
        patterns = self._sides[side].patterns
        seen = self.read(text, folded)
        found = [span for index in indexes if index >= 0 for span in patterns[index].spans(seen)]
        if seen is not folded and self._respelling is not None:
            found = self._respelling.back(folded, found)
        signs = [self._signs[side][~index].signs for index in indexes if index < 0]
        bare = [(i, i + 1) for i, c in enumerate(text) if any(c in some for some in signs)] if signs else []
        return sorted(original_spans(text, found) + bare)


def _resolve_words(words: Mapping[str, Any], where: str) -> dict[str, str]:
    """Words may use words defined above them; a list is an alternation."""
    resolved: dict[str, str] = {}
    for name, value in words.items():
        text = "(?:" + "|".join(map(str, value)) + ")" if isinstance(value, list) else str(value)
        resolved[name] = expand(text, resolved, f"{where}: words: {name}")
    return resolved


def _marker_text(name: str, body: Mapping[str, Any], where: str) -> MarkerText:
    if unknown := sorted(body.keys() - {"any", "unless", "signs", "match", "no-match"}):
        raise CheckError(
            f"{where}: {name}: unknown key '{unknown[0]}'; known: any, unless, signs, match, no-match"
        )
    return MarkerText(
        name=name,
        any=tuple(body.get("any", ())),
        unless=tuple(body.get("unless", ())),
        match=tuple(body.get("match", ())),
        no_match=tuple(body.get("no-match", ())),
        signs=frozenset(body.get("signs", "")),
    )


def _languages_dir() -> Any:
    return resources.files("supportaudit") / "languages"


@cache
def catalogue() -> Mapping[str, Any]:
    """Every marker there is: name -> {side: [...], about: str}."""
    document = load_yaml((_languages_dir() / "markers.yaml").read_text("utf-8"), "languages/markers.yaml")
    return dict(document)


@cache
def supported_languages() -> tuple[str, ...]:
    """Codes of the languages that have a pack, sorted."""
    names = (entry.name for entry in _languages_dir().iterdir())
    return tuple(sorted(n[:-5] for n in names if n.endswith(".yaml") and len(n) in (7, 8)))


@cache
def load_lexicon(code: str) -> Lexicon:
    """The pack of one language. Raises `CheckError` where it is not well formed."""
    name = f"languages/{code}.yaml"
    document = load_yaml((_languages_dir() / f"{code}.yaml").read_text("utf-8"), name)
    return Lexicon(code, document, catalogue())
