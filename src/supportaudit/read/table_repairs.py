"""What programs do to tables, undone: guarded cells, ids made numbers, lines below the table, open quotes."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

# `="00123"` keeps Excel from taking an id for a number; `'+49 30` and `'=1+1` from taking it for a formula. The
# apostrophe goes only where one word makes the whole cell: "'tis broken" and "'90s style" are text.
_FORMULA_GUARD = re.compile(r'="((?:[^"]|"")*)"', re.DOTALL)
_APOSTROPHE_GUARD = re.compile(r"'[=+@\-\d][^'\s]*")

_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+", re.ASCII)
_SMALL = re.compile(r"\d{1,3}", re.ASCII)
_FLOAT = re.compile(r"\d{1,17}\.0", re.ASCII)

_FOOTER = re.compile(
    r"(grand |sub)?totals?\b|sum\b|copyright\b|©|confidential\b|generated (by|on|at)\b|exported\b|filtered by\b"
    r"|report\b|page \d|end of (report|file)\b|as of \d",
    re.IGNORECASE,
)

_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
_SHAPE_LENGTH = 60
_FEW_SHAPES = 3

Mend = Callable[[str], str]


def unguard(cells: list[str]) -> None:
    """Take Excel's guards off, in place."""
    for index, cell in enumerate(cells):
        if cell[:1] == "=":
            if found := _FORMULA_GUARD.fullmatch(cell):
                cells[index] = found[1].replace('""', '"')
        elif cell[:1] == "'" and _APOSTROPHE_GUARD.fullmatch(cell):
            cells[index] = cell[1:]


def mend_of_ids(values: Iterable[str]) -> Mend | None:
    """What undoes a spreadsheet's dressing of a whole column of ids; None where the column wears none.

    "14,251,426" is an id where most values have groups of three and none looks otherwise; "5021.0" where all are
    whole numbers so written, as pandas writes a column with an empty cell.
    """
    filled = [value for cell in values if (value := cell.strip())]
    grouped = sum(1 for value in filled if _GROUPED.fullmatch(value))
    small = sum(1 for value in filled if _SMALL.fullmatch(value))
    if filled and grouped > small and grouped + small == len(filled):
        return _ungroup
    if filled and all(_FLOAT.fullmatch(value) for value in filled):
        return _unfloat
    return None


def _ungroup(cell: str) -> str:
    return cell.replace(",", "") if _GROUPED.fullmatch(cell.strip()) else cell


def _unfloat(cell: str) -> str:
    return cell.strip().removesuffix(".0") if _FLOAT.fullmatch(cell.strip()) else cell


def lonely(cells: Sequence[str]) -> bool:
    """Whether one cell alone is filled, the first: such rows below a table are its footer."""
    return len(cells) > 1 and bool(cells[0].strip()) and not any(cells[1:])


def is_footer(lines: Sequence[str], apart: bool) -> bool:
    """Whether lonely cells at the end are a report's footer: in its words, or in words `apart` from the table."""
    return any(_FOOTER.match(line.strip()) or (apart and " " in line.strip()) for line in lines)


class Profile:
    """What rows of a table look like, learnt from a sample: told apart from lines of a letter by that."""

    def __init__(self, rows: Sequence[Sequence[str]], width: int) -> None:
        self._width = width
        shapes = [Counter(_shape(row[column]) for row in rows) for column in range(width)] if rows else []
        self._typed = {
            column: frozenset(counts)
            for column, counts in enumerate(shapes)
            if len(counts) <= _FEW_SHAPES and len(counts) <= max(len(rows) // 2, 1)
        }

    def fits(self, cells: list[str]) -> bool:
        """Whether these are the cells of a row: as many as in the header, most of a known shape."""
        while len(cells) > self._width and not cells[-1].strip():
            cells.pop()
        if len(cells) != self._width or self._width < 2:
            return False
        hits = [column for column, shapes in self._typed.items() if _shape(cells[column]) in shapes]
        return any(cells[column] for column in hits) and 2 * len(hits) > len(self._typed)


def _shape(cell: str) -> str:
    """The cell with its digits and letters alike: "2024-05-06" and "1999-12-31" are both "9-9-9"."""
    return _LETTERS.sub("a", _DIGITS.sub("9", cell.strip()[:_SHAPE_LENGTH]))
