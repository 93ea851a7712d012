"""Language packs: `languages/<code>.yaml` as it is matched, every pattern read and its required words known.

Reading a pack takes seconds, so what came of it is kept beside the packs (`languages/compiled/`) as Python keeps
compiled modules: shipped with the wheel, made in a checkout when first needed, never used for another text than it was
made from.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from supportaudit.errors import CheckError
from supportaudit.kept import kept, own_code
from supportaudit.wording.fold import fold
from supportaudit.wording.patterns import expand, read_pattern
from supportaudit.wording.required import Rarity, requirements
from supportaudit.wording.worth import Worth, numbers

SIDES = ("customer", "agent", "system")
LANGUAGES = Path(str(resources.files("supportaudit") / "languages"))
_MAKERS = ("fold.py", "pack.py", "patterns.py", "required.py", "worth.py")
_BUSY = 64


class MarkerText(msgspec.Struct, frozen=True):
    """One marker of one pack as its author wrote it, samples included.

    `signs` are characters that show the marker wherever they stand in the unfolded text, as the Armenian question
    mark does.
    """

    name: str
    any: tuple[str, ...]
    unless: tuple[str, ...]
    match: tuple[str, ...]
    no_match: tuple[str, ...]
    signs: str = ""


class Side(msgspec.Struct, frozen=True):
    """All patterns that may occur in one side's messages, numbered.

    `patterns` are (marker, source), the marker "" for an exception; `excuses` the numbers of a marker's exceptions.
    `required` maps an atom (see required.py) to places: slot * number of patterns + number. `slots` is how many
    requirements each pattern has; one without any is tried on every text. `busy` are the patterns that are most often
    worth a search, `signed` the markers that have signs.
    """

    patterns: tuple[tuple[str, str], ...] = ()
    excuses: Mapping[str, tuple[int, ...]] = {}
    required: Mapping[str, tuple[int, ...]] = {}
    slots: tuple[int, ...] = ()
    busy: tuple[int, ...] = ()
    signed: tuple[str, ...] = ()


class Pack(msgspec.Struct, frozen=True):
    """One language's markers, word lists and rules, ready to be matched. `words` are spelled out."""

    code: str
    name: str
    markers: Mapping[str, MarkerText]
    sides: Mapping[str, Side]
    words: Mapping[str, str] = {}
    brevity: float = 1.0
    due: Mapping[str, Any] = {}
    lists: Mapping[str, Any] = {}
    latin: Mapping[str, str] | None = None


# ---- the built-in packs


@cache
def supported_languages() -> tuple[str, ...]:
    """Codes of the languages that have a pack, sorted."""
    return tuple(sorted(p.stem for p in LANGUAGES.glob("*.yaml") if len(p.stem) in (2, 3)))


@cache
def catalogue() -> Mapping[str, Any]:
    """Every marker there is: name -> {side: [...], about: str}."""
    from supportaudit.yaml12 import load_yaml

    document = load_yaml((LANGUAGES / "markers.yaml").read_text("utf-8"), "languages/markers.yaml")
    return dict(document)


def load_pack(code: str) -> Pack:
    """The pack of one language. Raises `CheckError` where it is not well formed."""
    text = (LANGUAGES / f"{code}.yaml").read_bytes()
    name = f"languages/{code}.yaml"
    made_from = (
        text,
        (LANGUAGES / "markers.yaml").read_bytes(),
        *own_code(*map(Path(__file__).with_name, _MAKERS)),
    )

    def read() -> Pack:
        from supportaudit.yaml12 import (
            load_yaml,  # late: it is slow to load, and not needed where all is kept
        )

        return read_pack(code, load_yaml(text.decode("utf-8"), name), catalogue(), name)

    pack: Pack = kept(LANGUAGES / "compiled" / f"{code}.msgpack", made_from, Pack, read)
    return pack


# ---- reading a pack


def read_pack(code: str, document: Mapping[str, Any], catalogue: Mapping[str, Any], where: str) -> Pack:
    """A pack from its document. `where` is what errors call the file. Raises `CheckError`."""
    words = _resolve_words(document.get("words", {}), where)
    markers = {n: _marker_text(n, body, where) for n, body in document["markers"].items()}
    if unknown := sorted(markers.keys() - catalogue.keys()):
        raise CheckError(f"{where}: '{unknown[0]}' is not a marker of languages/markers.yaml")
    lines = [fold(line) for marker in markers.values() for line in (*marker.match, *marker.no_match)]
    rarity = Rarity(lines)
    sides = {}
    for side in SIDES:
        mine = [marker for marker in markers.values() if side in catalogue[marker.name]["side"]]
        sides[side] = _side(mine, words, where, rarity, lines)
    return Pack(
        code=code,
        name=document["name"],
        markers=markers,
        sides=sides,
        words=words,
        brevity=document.get("brevity", 1.0),
        due=document.get("due", {}),
        lists=document.get("lists", {}),
        latin=document.get("latin") or None,
    )


def _side(
    markers: list[MarkerText], words: Mapping[str, str], where: str, rarity: Rarity, lines: list[str]
) -> Side:
    patterns: list[tuple[str, str]] = []
    excuses: dict[str, tuple[int, ...]] = {}
    for marker in markers:
        at = f"{where}: {marker.name}"
        patterns += [(marker.name, read_pattern(text, words, at)) for text in marker.any]
        begun = len(patterns)
        patterns += [("", read_pattern(text, words, at)) for text in marker.unless]
        if marker.unless:
            excuses[marker.name] = tuple(range(begun, len(patterns)))
    needed = [requirements(source, rarity) for _, source in patterns]
    places: dict[str, list[int]] = {}
    for number, several in enumerate(needed):
        for slot, requirement in enumerate(several):
            for atom in requirement:
                places.setdefault(atom, []).append(slot * len(patterns) + number)
    required = {atom: tuple(sorted(places[atom])) for atom in sorted(places)}
    slots = tuple(map(len, needed))
    searched = [n for n, (marker, _) in enumerate(patterns) if marker]
    return Side(
        patterns=tuple(patterns),
        excuses=excuses,
        required=required,
        slots=slots,
        busy=_busy(Worth(required, slots), searched, lines),
        signed=tuple(marker.name for marker in markers if marker.signs),
    )


def _busy(worth: Worth, searched: list[int], lines: list[str]) -> tuple[int, ...]:
    """Those of the patterns that are worth a search in most lines, as the pack's samples are."""
    times = Counter(n for line in lines for n in numbers(worth.search(line)))
    return tuple(sorted(searched, key=lambda n: (-times[n], n))[:_BUSY])


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
        signs="".join(body.get("signs", "")),
    )
