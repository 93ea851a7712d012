"""A private folder for what a run unpacks: gone when the run ends, and if it was killed, when the next one begins."""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from supportaudit.deaf import deaf
from supportaudit.errors import UserError, mend

_PREFIX = "supportaudit-"
_LOCK = "in-use"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder that only this user can look into. Raises `UserError` where none can be made."""
    made: tempfile.TemporaryDirectory[str] | None = None
    lock = ExitStack()
    try:
        try:
            with deaf():
                _sweep(Path(tempfile.gettempdir()))
                made = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
                lock.enter_context(_held(Path(made.name)))
        except OSError as error:
            raise no_room(error) from error
        yield Path(made.name)
    finally:
        with deaf(), lock:
            if made is not None:
                made.cleanup()


def no_room(error: OSError) -> UserError:
    """What to tell where temporary files cannot be written."""
    place = tempfile.tempdir or "the folder for temporary files"
    hint = "Make room there, or let TMPDIR name a folder that has room and may be written to."
    return UserError(
        f"{place}: temporary files cannot be written: {error.strerror or error}",
        hint=mend(error) if error.errno in (errno.EMFILE, errno.ENFILE) else hint,
    )


def close_quietly(file: IO[bytes]) -> None:
    """Close a temporary file that nobody needs any more; a full disk would complain of it once again."""
    try:
        file.close()
    except OSError:
        pass


if sys.platform == "win32":  # what is in use cannot be told there; the system clears its own folder

    @contextmanager
    def _held(folder: Path) -> Iterator[None]:
        yield

    def _sweep(parent: Path) -> None:
        pass

else:
    import fcntl

    @contextmanager
    def _held(folder: Path) -> Iterator[None]:
        """Hold the folder's lock, which the system takes from a process that dies."""
        with (folder / f"{_LOCK}.new").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                (folder / f"{_LOCK}.new").rename(folder / _LOCK)  # under its name, it is held or left behind
            except OSError:
                pass  # a file system without locks: nobody else takes the folder for one that was left
            yield

    def _sweep(parent: Path) -> None:
        """Remove what killed runs of this user left: conversations of customers must not lie about."""
        for folder in parent.glob(f"{_PREFIX}*"):
            try:
                if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                    continue
                with os.fdopen(os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW), "wb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            except OSError:
                continue  # in use, or gone meanwhile
