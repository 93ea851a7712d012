"""Cells that a spreadsheet leaves as they are: no formulas, no ids turned into numbers or dates."""

import re

from supportaudit.harmless import visible

MAX_CELL = 32_767
"""Characters that a cell of Excel holds, counted as UTF-16 does (Excel specifications and limits)."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%")
_SURROGATES = re.compile("[\ud800-\udfff]")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,14}")
_MADE_ELSE = re.compile(
    r"[0-9.,'].*|true|false|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/. ]*[0-9]+", re.I | re.S
)


def cell(text: str) -> str:
    """Any text as a cell: what would be a formula bears an apostrophe, controls are left out."""
    clean = _SURROGATES.sub("", visible(text, lines=True)).strip()
    return f"'{clean}" if clean.startswith(_FORMULA) else clean


def id_cell(text: str) -> str:
    """An id as a cell. What a spreadsheet would make a number, a date or a truth value of bears an apostrophe.

    Whole numbers of up to fifteen digits come back from a spreadsheet as they were, and stay bare.
    """
    clean = _SURROGATES.sub("", visible(" ".join(text.split()))).strip()
    if _WHOLE.fullmatch(clean):
        return clean
    return f"'{clean}" if clean.startswith(_FORMULA) or _MADE_ELSE.fullmatch(clean) else clean


def id_of(written: str) -> str:
    """The id that a cell of `id_cell` holds, as it can be compared."""
    return " ".join(written.split()).removeprefix("'")


def comparable(conversation: str) -> str:
    """An id of an export as `id_of` gives it when it comes back in a sheet."""
    return id_of(id_cell(conversation))


def units(text: str) -> int:
    """The length of a text as spreadsheets count it: 16 bits each."""
    return len(text.encode("utf-16-le", "replace")) // 2
