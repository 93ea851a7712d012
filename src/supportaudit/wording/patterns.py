r"""From a pattern as a pack's author wrote it to one that RE2 takes and that fits folded text."""

import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

import re2

from supportaudit.errors import CheckError
from supportaudit.wording.fold import fold

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_PATTERN_PARTS = re.compile(r"(\\p\{[^}]*\}|\\.|\(\?[a-zA-Z]+\)|\(\?P<\w+>|\[\^?\]?(?:\\.|[^\]])*\])")
_WORD_EDGE = r"(?:^|$|[^\p{L}\p{N}\p{M}_])"


@cache
def options(memory: int = 64 << 20) -> Any:
    """How patterns are compiled.

    `memory`: bytes for the lazily built automaton; where it is full, it is built anew, more slowly.
    """
    chosen = re2.Options()
    chosen.log_errors = False
    chosen.never_capture = True
    chosen.max_mem = memory
    return chosen


def read_pattern(text: str, words: Mapping[str, str], where: str) -> str:
    """The pattern that RE2 runs. Raises `CheckError` for a word that is not known and for what RE2 refuses."""
    source = _rewrite(fold_pattern(expand(text, words, where)))
    try:
        re2.compile(source, options())
    except re2.error as error:
        raise CheckError(f"{where}: pattern '{text}' is refused by RE2: {error}") from error
    return source


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


def expand(text: str, words: Mapping[str, str], where: str) -> str:
    """Put a pack's `{words}` into a pattern. Raises `CheckError` for a word the pack does not define."""

    def substitute(found: re.Match[str]) -> str:
        try:
            return words[found[1]]
        except KeyError:
            raise CheckError(f"{where}: '{{{found[1]}}}' is not among the pack's words") from None

    return _PLACEHOLDER.sub(substitute, text)


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
