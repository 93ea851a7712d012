"""Agents' names on a page: as they are, or a number for each wherever one is written."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

from supportaudit.render.text import printable
from supportaudit.results.dossier import Dossier
from supportaudit.results.report import Report
from supportaudit.ui import pgettext

_WORD = re.compile(r"[^\W\d_]+")
# Signed with initials, as on social media: "^MO".
_CARET = re.compile(r"\^\s?[^\W\d_]{1,3}(?!\w)")
# Particles, titles and what a shared account is called: nobody's name alone.
_NOBODY_WORDS = (
    "mr mrs ms miss mx dr prof sir von van der den de da dos la le di del al bin ibn ter ten the and of support team "
    "service services customer customers care help desk helpdesk agent agents admin shop store sales billing orders "
    "returns info bot system automation user unknown office online"
)
# Names that are words of English too: hidden only where they begin with a capital.
_ORDINARY_WORDS = (
    "will may mark rose grace hope faith joy bill rob art dawn summer april june august sue pat drew chase grant miles "
    "dale frank gene jack nick pierce rich sandy sky star sunny ray rusty wade angel amber ruby pearl iris lily olive "
    "ivy daisy heather violet ginger basil max ace king young long short brown white black green gray grey good little "
    "best day love bell book cook page price rice reed stone wood woods field hill banks lane park rivers waters "
    "winter snow frost case carter cooper mason miller baker fisher hunter parker porter potter "
    "shepherd smith taylor turner walker weaver son man"
)
_NOBODY, _ORDINARY = frozenset(_NOBODY_WORDS.split()), frozenset(_ORDINARY_WORDS.split())
_STAFF = frozenset(("agent", "note"))
_STEM = 3


class Names:
    """How agents are called. With `hide` each has a number; its order tells nothing, for it is that of a hash."""

    def __init__(self, report: Report, *, hide: bool) -> None:
        self.hide = hide
        staff = sorted(set(_staff(report)), key=_digest) if hide else []
        # TRANSLATORS: instead of a name: "Agent 3".
        self._agent = pgettext("somebody", "Agent")
        numbered = rf"{re.escape(self._agent)} \d+"
        self._twice = re.compile(rf"({numbered})(?:[\s,._-]{{1,3}}\1(?!\d))+")
        self._initial = re.compile(
            rf"(?P<before>(?<!\w)[^\W\d_]\.\s?)?(?P<alias>{numbered})(?P<after>\s[^\W\d_]\.(?!\w))?"
        )
        self._alias = {name: f"{self._agent} {n}" for n, name in enumerate(staff, 1)}
        others = sorted(set(_others(report)) - set(staff), key=_digest) if hide else []
        # TRANSLATORS: instead of the name of somebody who is no agent: "Other 2".
        other = pgettext("somebody", "Other")
        self._alias |= {name: f"{other} {n}" for n, name in enumerate(others, 1)}
        self._words: dict[str, str] = {}
        self._initials: dict[str, set[str]] = {}
        ours = {_key(word) for name in _ours(report) for word in _WORD.findall(name)} if hide else set()
        for name, alias in self._alias.items():
            self._learn(name, alias, ours)
        # Scripts that put no blanks between words.
        whole = [
            name for name in self._alias if any("\u0e00" <= c <= "\u0eff" or c >= "\u3040" for c in name)
        ]
        self._whole = (
            re.compile("|".join(map(re.escape, sorted(whole, key=len, reverse=True)))) if whole else None
        )

    def _learn(self, name: str, alias: str, ours: set[str]) -> None:
        words = [_key(word) for word in _WORD.findall(name)]
        telling = [word for word in words if len(word) > 1 and word not in _NOBODY and word not in ours]
        joined = "".join(words)
        handles = (
            [joined, words[0][:1] + words[-1], words[0] + words[-1][:1]] if len(words) > 1 and telling else []
        )
        for word in (*telling, *(handle for handle in handles if len(handle) > _STEM)):
            known = self._words.get(word, alias)
            self._words[word] = alias if known == alias else self._agent
            if not word.isascii() and len(word) > _STEM:
                # Other languages bend names: what stands before the last vowel is enough.
                self._words.setdefault(word[:-1] + "*", self._words[word])
        self._initials[alias] = {word[0] for word in words}

    def agent(self, name: str) -> str:
        """An agent's own name, as the page calls them."""
        if not name or not self.hide:
            return printable(name)
        return self._alias.get(name, self._agent)

    def words(self, text: str) -> str:
        """Foreign text for the page: no controls, its line breaks kept, no agent's name if they are hidden."""
        shown = "\n".join(printable(line) for line in text.split("\n"))
        if not self._alias:
            return shown
        shown = unicodedata.normalize("NFC", shown)
        if self._whole is not None:
            shown = self._whole.sub(lambda found: self._alias[found[0]], shown)
        shown = self._twice.sub(r"\1", _WORD.sub(self._word, shown))
        return _CARET.sub("^…", self._without_initials(shown))

    def _word(self, found: re.Match[str]) -> str:
        written = found[0]
        key = _key(written)
        alias = self._words.get(key)
        if alias is None and not key.isascii():
            ends = range(len(key), max(_STEM, len(key) - 5) - 1, -1)
            alias = next((a for end in ends if (a := self._words.get(key[:end] + "*"))), None)
        if alias is None or (key in _ORDINARY and written == written.lower()):
            return written
        return alias

    def _without_initials(self, text: str) -> str:
        """Without the initial beside a number: "M. Agent 3"."""
        if f"{self._agent} " not in text:
            return text

        def alone(found: re.Match[str]) -> str:
            own = self._initials.get(found["alias"], set())
            before, after = found["before"] or "", found["after"] or ""
            before = "" if before and _key(before[0]) in own else before
            after = "" if after and _key(after.strip()[0]) in own else after
            return before + found["alias"] + after

        return self._initial.sub(alone, text)


def _staff(report: Report) -> Iterator[str]:
    """Everybody who is named as working for the team."""
    card, dossier = report.scorecard, report.dossier or Dossier()
    yield from (s.value for s in card.segments.get("agent", ()) if s.value)
    yield from (f.agent for f in report.findings if f.agent)
    yield from (agent for one in report.worst for agent in one.agents if agent)
    yield from (e.agent for s in card.signals for e in (*s.examples, *s.missed) if e.agent)
    yield from (one.suppression.agent for one in report.suppressed if one.suppression.agent)
    for cases in dossier.cases.values():
        for case in cases:
            yield from (proof.agent for proof in case.proofs if proof.agent)
            yield from (line.author for line in case.lines if line.role in _STAFF and line.author)


def _others(report: Report) -> Iterator[str]:
    """To whom cases were handed beside teams that are known: a team without conversations, or a person."""
    teams = set(_ours(report))
    for key in (report.dossier or Dossier()).flows:
        source, target, _ = key.split("\t")
        yield from (name for name in (source, target) if name not in teams and name != "?")


def _ours(report: Report) -> Iterator[str]:
    """What is no person: teams, brands and channels."""
    segments = report.scorecard.segments
    for dimension in ("team", "brand", "channel"):
        yield from (s.value for s in segments.get(dimension, ()) if s.value)


def _key(word: str) -> str:
    """A word without case and accents."""
    folded = unicodedata.normalize("NFD", word.casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
