"""A reviewed sample as people hand it back: wide, as `sample` writes it, or long; from any spreadsheet.

Wide: a row a conversation, a column a check. Long: a row a verdict, with columns conversation, check and verdict.
Every fault is one sentence with the file and the line; nothing is guessed.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supportaudit.auditing.registry import declared_checks
from supportaudit.errors import InputError
from supportaudit.settings.typed import show
from supportaudit.sheet import id_of
from supportaudit.suggest import did_you_mean

_WORDS = {
    True: "yes y true 1 1.0 fail fails failed failure",
    False: "no n false 0 0.0 pass passes passed ok",
    None: "unsure ? ?? maybe unclear undecided n/a na - – — skip skipped",
}
_VERDICTS = {word: verdict for verdict, words in _WORDS.items() for word in words.split()}
_NAMES = {
    "conversation": ("conversation", "conversation-id", "conversationid", "ticket", "ticket-id"),
    "check": ("check", "check-id"),
    "verdict": ("verdict", "label"),
    "reviewer": ("reviewer", "rater", "annotator"),
}
_DELIMITERS = (",", ";", "\t", "|")
_SEP = re.compile(r"sep=([,;|\t])\r?\n", re.IGNORECASE)
_MOST_REVIEWERS = 2


@dataclass(frozen=True)
class Label:
    """What one reviewer says of one check in one conversation: `failed` None where they are unsure or say nothing."""

    conversation: str
    check: str
    failed: bool | None
    reviewer: str


@dataclass(frozen=True)
class Labels:
    """What was read. `labels` are the verdicts given, unsure ones not among them."""

    labels: tuple[Label, ...]
    reviewers: tuple[str, ...]
    unsure: int = 0


@dataclass
class _Book:
    """Verdicts by conversation, check and reviewer, with the place where each stands."""

    verdicts: dict[tuple[str, str, str], tuple[bool, str]] = field(default_factory=dict)
    unsure: int = 0

    def add(self, label: Label, where: str) -> None:
        """Take one. Raises `InputError` where the same reviewer says the contrary elsewhere."""
        if label.failed is None:
            self.unsure += 1
            return
        key = (label.conversation, label.check, label.reviewer)
        known, first = self.verdicts.setdefault(key, (label.failed, where))
        if known is not label.failed:
            raise InputError(
                f"{where}: {label.check} of {show(label.conversation)} is judged otherwise than in {first}",
                "If they are two reviewers, name them in a column 'reviewer', or give each a file.",
            )


def read_labels(paths: Sequence[Path]) -> Labels:
    """One or two reviewers' verdicts. Raises `InputError`: one sentence with the file and the line.

    Where a file names nobody, its name is the reviewer.
    """
    book = _Book()
    for path in paths:
        alone = len(paths) == 1
        for label, where in _labels(path, "" if alone else str(path)):
            book.add(label, where)
    labels = tuple(Label(*key[:2], failed, key[2]) for key, (failed, _) in sorted(book.verdicts.items()))
    if not labels:
        raise InputError(
            f"{' and '.join(map(str, paths))}: nobody has judged anything yet; fill in yes, no or unsure"
        )
    reviewers = tuple(sorted({label.reviewer for label in labels}))
    if len(reviewers) > _MOST_REVIEWERS:
        names = ", ".join(show(name) for name in reviewers[:5])
        raise InputError(f"{paths[0]}: {len(reviewers)} reviewers ({names}); two at most can be compared")
    return Labels(labels, reviewers, book.unsure)


def _labels(path: Path, unnamed: str) -> Iterator[tuple[Label, str]]:
    """The labels of one file, each with its place. A file that names one reviewer only is all theirs."""
    name = str(path)
    rows = list(_rows(_text(path), name))
    header = _Header.read(rows[0].cells, rows[0].where) if rows else None
    if header is None:
        raise InputError(f"{name}: is empty")
    named = {header.reviewer_of(row) for row in rows[1:]} - {""}
    for row in rows[1:]:
        reviewer = header.reviewer_of(row)
        if not reviewer and len(named) > 1:
            if not any(label.failed is not None for label in header.labels(row, "")):
                continue
            raise InputError(f"{row.where}: names no reviewer, though other rows name several")
        for label in header.labels(row, reviewer or next(iter(named), unnamed)):
            yield label, row.where


@dataclass(frozen=True)
class _Row:
    """The cells of a row and its place in words."""

    cells: list[str]
    where: str


@dataclass(frozen=True)
class _Header:
    """Where what stands: `facts` by name, `checks` by column (none in a long table)."""

    width: int
    facts: Mapping[str, int]
    checks: Mapping[int, str]

    @classmethod
    def read(cls, cells: Sequence[str], where: str) -> "_Header":
        """From the first row. Raises `InputError` for columns that are missing, doubled or nearly a check's id."""
        ids = [check.info.id for check in declared_checks()]
        facts: dict[str, int] = {}
        checks: dict[int, str] = {}
        for column, written in enumerate(cells):
            word = _column(written)
            fact = next((fact for fact, names in _NAMES.items() if word in names), None)
            if (fact is not None and fact in facts) or word in checks.values():
                raise InputError(f"{where}: the column {show(written)} stands twice")
            if fact is not None:
                facts[fact] = column
            elif word in ids:
                checks[column] = word
            elif near := did_you_mean(word, ids):
                raise InputError(f"{where}: the column {show(written)} is no check{near}")
        if "conversation" not in facts:
            raise InputError(
                f"{where}: there is no column 'conversation'",
                "`supportaudit sample` writes a sheet to fill in.",
            )
        if "verdict" in facts or "check" in facts:
            if missing := sorted({"verdict", "check"} - facts.keys()):
                raise InputError(f"{where}: there is no column {show(missing[0])}")
            checks = {}
        elif not checks:
            raise InputError(
                f"{where}: no column is a check, and there are none called 'check' and 'verdict'"
            )
        return cls(len(cells), facts, checks)

    def reviewer_of(self, row: _Row) -> str:
        """Who filled the row in; "" where it does not say."""
        return self._fact(row, "reviewer")

    def labels(self, row: _Row, reviewer: str) -> Iterator[Label]:
        """The row's verdicts, unsure ones among them; cells left empty say nothing."""
        if any(cell.strip() for cell in row.cells[self.width :]):
            raise InputError(f"{row.where}: has more cells than the header")
        said = list(self._said(row))
        conversation = id_of(self._fact(row, "conversation"))
        if said and not conversation:
            raise InputError(f"{row.where}: holds verdicts, but no conversation")
        for check, word in said:
            yield Label(conversation, check, _verdict(word, check, row.where), reviewer)

    def _said(self, row: _Row) -> Iterator[tuple[str, str]]:
        if self.checks:
            yield from (
                (check, row.cells[column])
                for column, check in self.checks.items()
                if column < len(row.cells) and row.cells[column].strip()
            )
        elif verdict := self._fact(row, "verdict"):
            written = self._fact(row, "check")
            ids = [check.info.id for check in declared_checks()]
            if _column(written) not in ids:
                raise InputError(
                    f"{row.where}: there is no check {show(written)}{did_you_mean(_column(written), ids)}"
                )
            yield _column(written), verdict

    def _fact(self, row: _Row, name: str) -> str:
        column = self.facts.get(name, len(row.cells))
        return row.cells[column].strip() if column < len(row.cells) else ""


def _column(written: str) -> str:
    """A header as it is compared: "Slow reply", "slow_reply" and "slow-reply" are one."""
    return re.sub(r"[\s_-]+", "-", written.strip().casefold())


def _verdict(word: str, check: str, where: str) -> bool | None:
    try:
        return _VERDICTS[word.strip().casefold()]
    except KeyError:
        raise InputError(
            f"{where}: {show(word.strip())} under {check} is no verdict; write yes, no or unsure"
        ) from None


def _text(path: Path) -> str:
    """A file's text: UTF-8, UTF-16 with its mark, or as Windows saves it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {(error.strerror or 'no such file').lower()}") from error
    if data.startswith(b"PK\x03\x04"):
        raise InputError(f"{path}: is a workbook; save it as CSV (UTF-8) and give that")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _rows(text: str, name: str) -> Iterator[_Row]:
    """The rows that hold anything, told apart by what tells the header apart."""
    stated = _SEP.match(text)
    body = text[stated.end() :] if stated else text
    skipped = 1 if stated else 0
    delimiter = stated[1] if stated else _delimiter(body)
    lines = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    line, number = skipped, skipped
    while True:
        try:
            cells = next(lines, None)
        except csv.Error as error:
            raise InputError(f"{_where(name, line + 1, number + 1)}: is not CSV: {error}") from error
        if cells is None:
            return
        number += 1
        if any(cell.strip() for cell in cells):
            yield _Row(cells, _where(name, line + 1, number))
        line = skipped + lines.line_num


def _where(name: str, line: int, row: int) -> str:
    """A place: the line of the file, and the row of the sheet where cells of several lines make them differ."""
    return f"{name} line {line}" if line == row else f"{name} line {line} (row {row} of the sheet)"


def _delimiter(text: str) -> str:
    for delimiter in _DELIMITERS:
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            header = next((row for row in rows if any(cell.strip() for cell in row)), [])
        except csv.Error:
            continue
        if len(header) > 1 and any(_column(cell) in _NAMES["conversation"] for cell in header):
            return delimiter
    return ","
