"""Markers that a check brings itself: `markers.yaml` in its folder, in any language.

They are looked for beside the language packs and never change what those find. Every pattern is compiled by RE2 when
the file is read, so one that RE2 cannot match in linear time is refused before a message is seen.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

from supportaudit.errors import CheckError
from supportaudit.suggest import did_you_mean
from supportaudit.wording.fold import fold
from supportaudit.wording.lexicon import Lexicon, load_lexicon
from supportaudit.wording.pack import SIDES, catalogue, read_pack, supported_languages
from supportaudit.wording.patterns import expand, fold_pattern

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE = re.compile(r"[a-z]{2,3}")
_LISTS = ("any", "unless", "match", "no-match")


@dataclass(frozen=True, eq=False)
class OwnMarkers:
    """What one `markers.yaml` says: whose messages each marker is looked for in, and its patterns by language.

    `texts`: language -> marker -> its `any`, `unless`, `match` and `no-match`. `where` is what errors call the file.
    """

    where: str
    sides: Mapping[str, Mapping[str, Any]]
    texts: Mapping[str, Mapping[str, Any]]

    @property
    def names(self) -> frozenset[str]:
        """The markers."""
        return frozenset(self.sides)

    @property
    def languages(self) -> frozenset[str]:
        """The languages in which every one of the markers has patterns: only there is its silence an answer."""
        return frozenset(code for code, markers in self.texts.items() if markers.keys() == self.names)

    def faults(self) -> Iterator[str]:
        """The sample lines that are found and must not be, or the other way round."""
        for code, markers in self.texts.items():
            lexicon = _lexicon(code, self.sides, markers, self.where)
            for name, marker in lexicon.markers.items():
                for side in self.sides[name]["side"]:
                    for line, wanted in [(m, True) for m in marker.match] + [
                        (m, False) for m in marker.no_match
                    ]:
                        if (name in lexicon.find(line, fold(line), side)) is not wanted:
                            said = "is not found" if wanted else "is found, and must not be,"
                            yield f"{self.where}: {name}: {code}: '{line}' {said} in a message of the {side}"


def read_own_markers(text: str, where: str) -> OwnMarkers:
    """Read a `markers.yaml`. Raises `CheckError` naming the marker and the key, or the pattern that RE2 refuses."""
    from supportaudit.yaml12 import load_yaml  # late: most audits have no markers of their own

    document = load_yaml(text, where)
    if not isinstance(document, Mapping) or not document:
        raise CheckError(f"{where}: must hold markers by name")
    sides: dict[str, Mapping[str, Any]] = {}
    texts: dict[str, dict[str, Any]] = {}
    for name, body in document.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise CheckError(f"{where}: {name!r:.60} is no name for a marker: write it like gift_wrapping")
        if name in catalogue():
            raise CheckError(f"{where}: '{name}' is a marker of the language packs; give yours another name")
        at = f"{where}: {name}"
        if not isinstance(body, Mapping):
            raise CheckError(f"{at}: must hold side, about, and languages such as en")
        sides[name] = {"side": _sides(body, at)}
        codes = [key for key in body if key not in ("side", "about")]
        if not codes:
            raise CheckError(f"{at}: has no language; write its patterns under one, such as en")
        for code in codes:
            if not isinstance(code, str) or not _CODE.fullmatch(code):
                raise CheckError(
                    f"{at}: unknown key {code!r:.60}; known are side, about, and codes of languages such as en"
                )
            texts.setdefault(code, {})[name] = _body(body[code], f"{at}: {code}")
    for code, markers in texts.items():
        _refuse_slow(code, markers, where)
        _lexicon(code, sides, markers, where)
    return OwnMarkers(where, sides, texts)


def _sides(body: Mapping[str, Any], at: str) -> list[str]:
    sides = body.get("side")
    if not isinstance(sides, list) or not sides or not all(side in SIDES for side in sides):
        raise CheckError(f"{at}: side must list whose messages it stands in: {', '.join(SIDES)}")
    if not isinstance(body.get("about"), str) or not body["about"].strip():
        raise CheckError(f"{at}: about must say in words what the marker states")
    return sides


def _body(body: Any, at: str) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise CheckError(f"{at}: must hold any, unless, match and no-match")
    for key, lines in body.items():
        if key not in _LISTS:
            raise CheckError(f"{at}: unknown key '{key!s:.60}'{did_you_mean(str(key), _LISTS)}")
        if not isinstance(lines, list) or not all(isinstance(line, str) and line for line in lines):
            raise CheckError(f"{at}: {key}: must be a list of texts")
    if not body.get("any"):
        raise CheckError(f"{at}: has no patterns under 'any'")
    return body


def _refuse_slow(code: str, markers: Mapping[str, Mapping[str, Any]], where: str) -> None:
    """Compile every pattern alone, for RE2's own words on one that it refuses."""
    words = load_lexicon(code).pack.words if code in supported_languages() else {}
    options = re2.Options()
    options.log_errors = False
    for name, body in markers.items():
        at = f"{where}: {name}: {code}"
        for pattern in (*body["any"], *body.get("unless", ())):
            try:
                re2.compile(fold_pattern(expand(pattern, words, at)), options)
            except re2.error as error:
                said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else error
                raise CheckError(
                    f"{at}: pattern '{pattern}' is refused by RE2: {said}",
                    hint="RE2 knows no look-around and no back-references; in return no text makes a pattern slow.",
                ) from None


def _lexicon(
    code: str, sides: Mapping[str, Mapping[str, Any]], markers: Mapping[str, Any], where: str
) -> Lexicon:
    """The markers of one language, read as its pack is: with the pack's words, and Latin letters where it has them."""
    pack = load_lexicon(code) if code in supported_languages() else None
    document: dict[str, Any] = {"name": code, "markers": markers}
    if pack is not None:
        document |= {"name": pack.name, "words": pack.pack.words, "latin": pack.pack.latin}
    return Lexicon(read_pack(code, document, sides, where))


@cache
def own_lexicon(code: str, own: Sequence[OwnMarkers]) -> Lexicon | None:
    """All markers that some checks bring in one language; None where they bring none. `own` is a tuple."""
    markers = {name: body for one in own for name, body in one.texts.get(code, {}).items()}
    sides = {name: body for one in own for name, body in one.sides.items()}
    return _lexicon(code, sides, markers, "markers.yaml") if markers else None
