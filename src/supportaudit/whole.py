"""Files that appear under their name whole or not at all, though the disk is full or the run is killed."""

import os
import secrets
import stat
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from supportaudit.deaf import deaf
from supportaudit.errors import SettingsError, mend


class WholeFile:
    """A file to write; it takes its name, and the place of what stood there, when the block ends well.

    A link stays a link, a file that is replaced keeps its permissions, and a pipe or a device is written to as it is.
    Raises `SettingsError` where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made: Path | None = None
        self._named = True
        self._mode: int | None = None

    def __enter__(self) -> Self:
        try:
            self._file = self._begun()
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def write(self, data: bytes) -> None:
        """Write more bytes."""
        try:
            self._file.write(data)
        except OSError as error:
            raise self._unwritable(error) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with deaf():
            try:
                if kind is None:
                    self._finish()
            except OSError as fault:
                raise self._unwritable(fault) from fault
            finally:
                self._leave()

    def _begun(self) -> BinaryIO:
        place = Path(os.path.realpath(self._path))  # Path.resolve() raises for links in a circle
        self._place = place
        if place.exists():
            if not place.is_file():  # /dev/null, a pipe: nothing to replace
                return place.open("wb")
            if not os.access(place, os.W_OK):
                raise PermissionError(0, "it is read-only")  # its folder alone would allow to replace it
            self._mode = stat.S_IMODE(place.stat().st_mode)
        self._made = place.parent / f".supportaudit-{secrets.token_hex(4)}.part"
        # Linux has files without a name: of a run that is killed nothing stays, not even half a file with a dot.
        self._named = False
        if hasattr(os, "O_TMPFILE") and Path("/proc/self/fd").exists():
            try:
                return os.fdopen(os.open(place.parent, os.O_TMPFILE | os.O_WRONLY, 0o666), "wb")
            except OSError:
                pass  # a file system that knows none; another fault shows in the next line
        file = self._made.open("xb")
        self._named = True
        return file

    def _finish(self) -> None:
        file = self._file
        file.flush()
        if self._made is None:
            return
        if self._mode is not None and hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), self._mode)
        os.fsync(file.fileno())  # a network drive, or a quota, may say only now that there is no room
        if not self._named:
            if _named_at_once(file.fileno(), self._place):
                self._made = None
                return
            self._named = True
            _name(file.fileno(), self._made)
        file.close()  # Windows renames no open file
        self._made.replace(self._place)
        self._made = None

    def _leave(self) -> None:
        try:
            self._file.close()
        except OSError:
            pass  # what could not be written has been told, or is not wanted
        if self._made is not None and self._named:
            self._made.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> SettingsError:
        return SettingsError(f"{self._path}: cannot be written: {error.strerror or error}", hint=mend(error))


def _named_at_once(number: int, place: Path) -> bool:
    """Give an open file its name, unless that stands for another one."""
    try:
        _name(number, place)
    except FileExistsError:
        return False
    return True


def _name(number: int, place: Path) -> None:
    """Give an open file without a name one that is free."""
    folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:  # with folders given, Python calls linkat(), which follows the link in /proc to the file itself
        os.link(f"/proc/self/fd/{number}", place.name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        os.close(folder)
