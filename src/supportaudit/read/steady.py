"""An export that changes while it is read is refused: its counts, lines and digest would tell of different files."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from supportaudit.errors import InputError
from supportaudit.read.document import Document

_Stamp = tuple[int, int, int] | None


@contextmanager
def steady(documents: Sequence[Document]) -> Iterator[None]:
    """Reading these files. Raises InputError if one of them changes or vanishes meanwhile, or cannot be read on."""
    before = [_stamp(document) for document in documents]
    try:
        yield
    except InputError:
        _refuse_changed(documents, before)  # what could not be understood may have been half written
        raise
    except OSError as error:
        _refuse_changed(documents, before)
        named = [one for one in documents if error.filename in (one.path, os.fspath(one.path))]
        if not named:
            raise
        why = error.strerror or error
        raise InputError(f"{named[0].where} cannot be read: {why}.", "Read a copy of it.") from error
    _refuse_changed(documents, before)


def _stamp(document: Document) -> _Stamp:
    try:
        found = document.path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _refuse_changed(documents: Sequence[Document], before: Sequence[_Stamp]) -> None:
    for document, stamp in zip(documents, before, strict=True):
        now = _stamp(document)
        if now != stamp and document.table is None:
            raise InputError(
                f"{document.where} {'vanished' if now is None else 'changed'} while it was read.",
                "Wait until the export is written, or read a copy of it.",
            )
