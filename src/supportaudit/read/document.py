"""One readable thing to audit: a plain file, or something unpacked from an archive or a workbook."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportaudit.read.typed_table import TypedTable

PACKED = (".gz", ".bz2", ".xz", ".zst")
"""Endings of packed files; what a file is, its content tells."""


@dataclass(frozen=True)
class Document:
    """A regular, uncompressed file and what to call it; the path may be temporary and is never shown.

    `name` is shown: "week.csv", "export.zip/general/2024-05-06.json", "desk.xlsx/Sheet1". `root` is the
    argument it came from, as typed, and `member` its path inside that, "" for the argument itself. `by_record`:
    its places are row numbers of a sheet, not lines. `table` is there instead of a file for data in memory.
    """

    name: str
    path: Path
    root: str
    member: str = ""
    by_record: bool = False
    table: "TypedTable | None" = None

    @classmethod
    def of(cls, path: Path) -> "Document":
        """A plain file named by the user."""
        return cls(printable(path.name or str(path)), path, printable(str(path)))

    @classmethod
    def held(cls, table: "TypedTable") -> "Document":
        """A table in memory."""
        return cls(table.name, Path(), table.name, table=table)

    @property
    def where(self) -> str:
        """How to find it: the path as typed, or the name inside what was typed."""
        return self.name if self.member else self.root


def printable(text: str) -> str:
    """The text with every character that cannot be printed, or not be encoded, escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)
