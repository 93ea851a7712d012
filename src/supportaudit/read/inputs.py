"""From what the user typed to a list of plain documents: folders, patterns, archives and workbooks opened."""

import glob
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING

from supportaudit.address import Address
from supportaudit.errors import InputError
from supportaudit.read.account import listed
from supportaudit.read.document import PACKED, Document, printable
from supportaudit.read.typed_table import TypedTable
from supportaudit.read.unpack import Archive, Budget, Limits, clean_name, hidden, packing, unpack_one
from supportaudit.read.workbook import read_sheets
from supportaudit.scratch import scratch_folder

if TYPE_CHECKING:
    from supportaudit.read.remote import Fetcher

__all__ = ["Document", "Given", "Inputs", "Limits"]

Given = Path | Address | TypedTable
"""What can be named for an audit: a file, a folder or a pattern, here or elsewhere; a table in memory."""

TABLES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".parquet", ".feather", ".arrow")
_LOOKED_FOR = ", ".join(TABLES) + ", these packed with gzip, bzip2, xz or zstd, and .zip"
_NAMED = 5
_PATTERN = re.compile(r"[*?[]")


class Inputs:
    """The documents behind the arguments. A context manager: what it unpacks is gone when it is left.

    `documents` stand in the order of the arguments, inside a folder or an archive in the order of their names.
    `notes` say what was met and not read. Entering raises InputError for what cannot be opened.
    """

    def __init__(self, given: Sequence[Given], limits: Limits | None = None) -> None:
        self.documents: tuple[Document, ...] = ()
        self.notes: tuple[str, ...] = ()
        self._given = given
        self._limits = limits or Limits()
        self._stack = ExitStack()

    def __enter__(self) -> "Inputs":
        with ExitStack() as stack:  # what cannot be opened leaves no folder
            folder = cache(lambda: stack.enter_context(scratch_folder()))
            finder = _Finder(Budget(folder, self._limits))
            for given in self._given:
                if isinstance(given, TypedTable):
                    finder.documents.append(Document.held(given))
                elif isinstance(given, Address):
                    finder.fetch(given)
                else:
                    for path in _expand(given):
                        finder.take(path)
            self.documents = tuple(_told_apart(finder.documents))
            self.notes = tuple(finder.all_notes())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def _expand(path: Path) -> list[Path]:
    """The path, or what it matches where it is a pattern that no shell has expanded."""
    text = str(path)
    if not _PATTERN.search(text) or os.path.lexists(path):
        return [path]
    found = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - pathlib takes no absolute pattern
    if not found:
        raise InputError(f"No file matches {text}.", "Check the pattern and the folder you are in.")
    return [Path(name) for name in found]


def _told_apart(documents: list[Document]) -> Iterator[Document]:
    """Files of one name in two folders are shown with their folders, and what is still alike with a number."""
    names = Counter(document.name for document in documents)
    seen: Counter[str] = Counter()
    for document in documents:
        name = document.name
        if names[name] > 1:
            name = "/".join(filter(None, (document.root.rstrip("/\\"), document.member)))
        seen[name] += 1
        yield replace(document, name=f"{name} ({seen[name]})" if seen[name] > 1 else name)


class _Finder:
    """Collects documents argument by argument."""

    def __init__(self, budget: Budget) -> None:
        self.documents: list[Document] = []
        self.notes: list[str] = []
        self._budget = budget
        self._seen: set[Path] = set()
        self._again: list[str] = []
        self._addresses: set[Address] = set()
        self._fetcher: Fetcher | None = None

    def take(self, path: Path) -> None:
        """One argument. Raises InputError if it does not exist, holds nothing, or cannot be opened."""
        piped = str(path) == "-" and not path.exists()
        root = "standard input" if piped else printable(str(path))
        try:
            if path.is_dir():
                self._folder(path, root)
            elif piped:
                self._pipe(Document(root, path, root), 0)
            elif path.is_fifo():
                self._pipe(Document.of(path), path)
            elif path.exists() and not path.is_file():
                raise InputError(f"{root} is a device.", "Save the export to a file first.")
            else:
                self._file(Document.of(path), path)
        except (OSError, ValueError) as error:
            # ValueError: a NUL in the path itself.
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            message = f"{ascii(root)[1:-1]} cannot be read: {why}."
            raise InputError(message, "Check the path and its permissions.") from error

    def all_notes(self) -> list[str]:
        """What the user should know about what was met."""
        if self._again:
            named = f"Named more than once, read once: {listed(self._again, _NAMED)}."
            return [*self.notes, named]
        return self.notes

    def _folder(self, folder: Path, root: str) -> None:
        members, links = _walk(folder)
        if links:
            self.notes.append(f"Links to folders in {root} were not followed: {listed(links, _NAMED)}.")
        base = folder.name or folder.resolve().name
        for member in self._exports(members, root):
            name = f"{base}/{clean_name(member)}" if base else clean_name(member)
            self._file(Document(name, folder / member, root, clean_name(member)), folder / member)

    def _exports(self, members: list[str], root: str) -> list[str]:
        """Those of a folder's files that are exports by their names. Raises InputError if none is."""
        found = [member for member in members if passes_for_export(member)]
        others = [member for member in members if not passes_for_export(member)]
        if not found:
            raise InputError(
                f"{root} holds no export{_but(others)}.",
                f"Looked for {_LOOKED_FOR}; name a file to read it anyway.",
            )
        self._tell_others(others, root)
        return found

    def fetch(self, address: Address) -> None:
        """One argument that lies elsewhere. Raises InputError if it cannot be fetched or opened."""
        from supportaudit.read.remote import Fetcher  # the network, and all that speaks with it

        if address in self._addresses:
            self._again.append(str(address))
            return
        self._addresses.add(address)
        self._fetcher = self._fetcher or Fetcher(self._budget, self._exports)
        for origin, member, path in self._fetcher.fetch(address):
            self._budget.begin(path)
            base = origin.rstrip("/").rpartition("/")[2]
            self._open(Document(f"{base}/{member}" if member else base, path, origin, member))

    def _pipe(self, document: Document, source: Path | int) -> None:
        """What comes out of a pipe goes to a file first: it can be read once only, and an export is read again."""
        if source == 0 and os.isatty(0):
            raise InputError("Standard input is a terminal.", "Name an export, or pipe one into the command.")
        target = self._budget.path()
        with open(source, "rb", closefd=source != 0) as stream, target.open("wb") as out:
            shutil.copyfileobj(stream, out)
        self._file(replace(document, path=target), target)

    def _file(self, document: Document, path: Path) -> None:
        resolved = Path(os.path.realpath(path))  # `resolve` raises something else for links in a circle
        if resolved in self._seen:
            self._again.append(document.where)
            return
        self._seen.add(resolved)
        self._budget.begin(path)
        self._open(document)

    def _open(self, document: Document, unpacked: int = 0, in_zip: bool = False) -> None:
        """Add the document, or what comes out of it."""
        kind = packing(document.path)
        if not kind:
            self.documents.append(document)
        elif kind == "zip":
            self._archive(document, in_zip)
        elif unpacked:
            raise InputError(f"{document.where} is packed more than once.", "Unpack it yourself.")
        else:
            path = unpack_one(document.path, document.where, self._budget)
            if in_zip:
                document.path.unlink()  # a temporary file, needed no longer
            if _is_tar(path):
                raise InputError(
                    f"{document.where} is a packed tar archive.", "Unpack it and name the folder."
                )
            self._open(replace(document, path=path), unpacked + 1, in_zip)

    def _archive(self, document: Document, in_zip: bool) -> None:
        with Archive(document.path, document.where, self._budget.limits) as archive:
            kind = archive.kind()
            if kind == "xlsx":
                self._workbook(document, archive)
            elif kind:
                raise InputError(f"{document.where} is {kind}.", "Save the table as CSV UTF-8 or .xlsx.")
            elif in_zip:
                raise InputError(
                    f"{document.where} is a ZIP file inside a ZIP file.", "Unpack the outer one."
                )
            else:
                self._members(document, archive)

    def _members(self, document: Document, archive: Archive) -> None:
        names = [name for name in archive.names if passes_for_export(name)]
        others = [name for name in archive.names if not passes_for_export(name)]
        if len(others) == 1 and not names:
            names, others = others, names  # a file alone in its archive needs no name that tells what it is
        if not names:
            raise InputError(f"{document.where} holds no export{_but(others)}.", f"Looked for {_LOOKED_FOR}.")
        self._tell_others(others, document.where)
        if archive.links:
            self.notes.append(f"{document.where}: {archive.links} links in it were not followed.")
        for name in names:
            path = archive.extract(name, self._budget)
            self._open(_inside(document, name, path), in_zip=True)

    def _workbook(self, document: Document, archive: Archive) -> None:
        sheets = read_sheets(document.path, archive, self._budget, self.notes)
        if not sheets:
            raise InputError(
                f"{document.where} has no sheet with a header and rows.", "Save the sheet again, not hidden."
            )
        for name, path in sheets:
            self.documents.append(replace(_inside(document, name, path), by_record=True))

    def _tell_others(self, others: list[str], where: str) -> None:
        if len(others) == 1:
            self.notes.append(f"1 file in {where} is no export and was not read: {listed(others)}")
        elif others:
            names = listed(others, _NAMED)
            self.notes.append(f"{len(others):,} files in {where} are no exports and were not read: {names}")


def _inside(document: Document, name: str, path: Path) -> Document:
    member = f"{document.member}/{name}" if document.member else name
    return Document(f"{document.name}/{name}", path, document.root, member)


def _but(others: list[str]) -> str:
    return f", only {listed(others, _NAMED)}" if others else ""


def _walk(folder: Path) -> tuple[list[str], list[str]]:
    """The files under the folder in the order of their names, and the links to folders, which are passed over.

    Both by their paths in the folder, "/"-separated.
    """

    def fail(error: OSError) -> None:
        raise error

    found: list[str] = []
    links: list[str] = []
    for where, folders, files in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not hidden(name)]
        inside = Path(where).relative_to(folder)
        links.extend((inside / name).as_posix() for name in folders if Path(where, name).is_symlink())
        found.extend(
            (inside / name).as_posix() for name in files if not hidden(name) and Path(where, name).is_file()
        )
    return sorted(found, key=lambda name: name.split("/")), sorted(links)


def passes_for_export(name: str) -> bool:
    """Whether a file found in a folder or an archive is taken for an export, by its name."""
    lower = PurePosixPath(name.lower())
    if lower.suffix in PACKED:
        lower = lower.with_suffix("")
    return lower.suffix in (*TABLES, ".zip")


def _is_tar(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(257)
        return stream.read(5) == b"ustar"
