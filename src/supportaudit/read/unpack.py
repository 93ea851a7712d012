"""Unpacking gzip, bzip2, xz, zstd and ZIP, told by their content, streamed into temporary files.

An export is often packed, and so is a bomb. What comes out is counted while it is written, whatever the
headers promise, and nothing is ever written under a name that a file brought along.
"""

import bz2
import gzip
import lzma
import re
import stat
import struct
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from supportaudit.errors import InputError
from supportaudit.read.document import printable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK = 1 << 20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


_OPENERS: dict[bytes, tuple[str, Callable[[Path], AbstractContextManager[_Readable]]]] = {
    b"\x1f\x8b": ("gzip", gzip.GzipFile),
    b"BZh": ("bzip2", bz2.BZ2File),
    b"\xfd7zXZ\x00": ("xz", lzma.LZMAFile),
    b"\x28\xb5\x2f\xfd": ("zstd", zstd.ZstdFile),
}
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, zstd.ZstdError, EOFError, struct.error),
    *(ValueError, IndexError, KeyError, OverflowError, NotImplementedError, RuntimeError),
)
_HIDDEN = re.compile(r"(^|/)(\.|~\$|__MACOSX(/|$)|Thumbs\.db$|desktop\.ini$)")


@dataclass(frozen=True)
class Limits:
    """What unpacking may cost. Text exports pack 5 to 30 times, logs at most some 100 times.

    `total`: bytes of all that is unpacked in one run, `fetched`: of all that comes from elsewhere. `ratio`: unpacked
    by packed bytes of one argument, judged once `slack` bytes came out of it. `members`: files in one archive or
    folder of a store. `cells`: of one sheet, filled or not.
    """

    total: int = 64 << 30
    fetched: int = 64 << 30
    ratio: int = 200
    slack: int = 64 << 20
    members: int = 20_000
    cells: int = 50_000_000


class Budget:
    """Hands out temporary files and counts what is written into them; `folder` gives one when the first is wanted."""

    def __init__(self, folder: Callable[[], Path], limits: Limits) -> None:
        self.limits = limits
        self._folder = folder
        self._files = 0
        self._total = 0
        self._of_root = 0
        self._packed = 0
        self._fetched = 0

    def begin(self, root: Path) -> None:
        """The next argument: its size is what the ratio is judged by."""
        self._of_root, self._packed = 0, max(root.stat().st_size, 1)

    def path(self) -> Path:
        """A new path for a temporary file, named by a number of our own."""
        self._files += 1
        return self._folder() / f"{self._files}.part"

    def fetched(self, size: int, where: str) -> None:
        """Note bytes that came from elsewhere. Raises InputError if they are too many."""
        self._fetched += size
        if self._fetched > self.limits.fetched:
            raise InputError(
                f"{where}: more than {self.limits.fetched >> 30:,} GiB would be fetched.",
                "Download them, or name fewer at a time.",
            )

    def count(self, size: int, where: str) -> None:
        """Note bytes about to be written. Raises InputError if they are too many."""
        self._total += size
        self._of_root += size
        limits = self.limits
        if self._total > limits.total:
            raise InputError(
                f"{where}: more than {limits.total >> 30:,} GiB came out of the packed files.",
                "Unpack them yourself and name the files, some at a time.",
            )
        if self._of_root > limits.slack and self._of_root > limits.ratio * self._packed:
            raise InputError(
                f"{where} unpacks to more than {limits.ratio} times its size, as no export does.",
                "If it is genuine, unpack it yourself and name the files.",
            )


def packing(path: Path) -> str:
    """How the file is packed: "zip", "gzip", "bzip2", "xz", "zstd", or "" for not at all."""
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(_ZIPS):
        return "zip"
    return next((name for magic, (name, _) in _OPENERS.items() if head.startswith(magic)), "")


def unpack_one(path: Path, where: str, budget: Budget) -> Path:
    """The content of a gzip, bzip2, xz or zstd file. Raises InputError if it is damaged or too big."""
    kind = packing(path)
    opener = next(opener for name, opener in _OPENERS.values() if name == kind)
    with _told(where, f"{kind} file"), opener(path) as stream:
        return _copy(stream, where, budget)


def _copy(stream: _Readable, where: str, budget: Budget) -> Path:
    target = budget.path()
    with target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            budget.count(len(chunk), where)
            out.write(chunk)
    return target


@contextmanager
def _told(where: str, what: str) -> Iterator[None]:
    """Failures of unpacking as one sentence for the user."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # gzip and bzip2 say so of damage
            raise _damaged(where, what, error) from error
        raise InputError(
            f"{where} cannot be unpacked: {error.strerror or error}.",
            "Unpacking needs room for the unpacked files in the temporary folder (TMPDIR names another).",
        ) from error
    except MemoryError as error:
        raise InputError(
            f"{where} needs more memory than there is to be unpacked.", "Unpack it first."
        ) from error
    except _DAMAGE as error:
        raise _damaged(where, what, error) from error


def _damaged(where: str, what: str, error: Exception) -> InputError:
    why = str(error).strip(" .") or type(error).__name__
    return InputError(f"{where} is a damaged or cut {what} ({why}).", "Export or download it again.")


class Archive:
    """A ZIP file, open. `names` are its files as they may be shown; directories and hidden files left out.

    `links` counts links in it, which are not followed.
    """

    def __init__(self, path: Path, where: str, limits: Limits) -> None:
        self.where = where
        self.links = 0
        with _told(where, "ZIP file"):
            self._zip = zipfile.ZipFile(path)
            self._members: dict[str, zipfile.ZipInfo] = {}
            self._doubles: Counter[str] = Counter()
            infos = self._zip.infolist()
            if len(infos) > limits.members:
                self._zip.close()
                raise InputError(
                    f"{where} holds {len(infos):,} files, more than {limits.members:,}.",
                    "Unpack it yourself and name the folder.",
                )
            for info in infos:
                self._take(info)
        self.names = sorted(self._members, key=lambda name: name.split("/"))

    def _take(self, info: zipfile.ZipInfo) -> None:
        name = clean_name(info.filename)
        if info.is_dir() or not name or hidden(name):
            return
        if stat.S_ISLNK(info.external_attr >> 16):
            self.links += 1
            return
        unique, path = name, PurePosixPath(name)
        while unique in self._members:
            self._doubles[name] += 1
            unique = str(path.with_name(f"{path.stem} ({self._doubles[name] + 1}){path.suffix}"))
        self._members[unique] = info

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def kind(self) -> str:
        """What the archive is, if it is a document of an office program: "xlsx", or words for another."""
        names = self._members.keys()
        if "xl/workbook.xml" in names:
            return "xlsx"
        if "xl/workbook.bin" in names:
            return "a binary Excel workbook (.xlsb)"
        if "[Content_Types].xml" in names:
            return "an Office document, no workbook"
        if names >= {"mimetype", "content.xml"}:
            return "an OpenDocument file"
        return ""

    def unpacked_size(self) -> int:
        """The sum of what the headers promise."""
        return sum(info.file_size for info in self._members.values())

    def extract(self, name: str, budget: Budget) -> Path:
        """One member in a temporary file. Raises InputError if it is damaged, locked or too big."""
        info = self._members[name]
        where = f"{self.where}/{name}"
        self._refuse_locked(info, where)
        with _told(where, "file in a ZIP"), self._zip.open(info) as stream:
            return _copy(stream, where, budget)

    def chunks(self, name: str) -> Iterator[bytes]:
        """One member's bytes, without a file."""
        with _told(self.where, "workbook"), self._zip.open(self._members[name]) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk

    def _refuse_locked(self, info: zipfile.ZipInfo, where: str) -> None:
        if info.flag_bits & 1:
            raise InputError(f"{where} is locked with a password.", "Unpack it yourself and name the files.")
        if info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
            zipfile.ZIP_BZIP2,
            zipfile.ZIP_LZMA,
        ):
            raise InputError(
                f"{where} is packed by a method that cannot be read here (number {info.compress_type}).",
                "Unpack it yourself, or pack it again as an ordinary ZIP.",
            )


def clean_name(name: str) -> str:
    """A member's name fit to show: no drive, no root, no climbing, nothing that cannot be printed."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if parts and re.fullmatch(r"[A-Za-z]:", parts[0]):
        parts.pop(0)
    return printable("/".join(parts))


def hidden(name: str) -> bool:
    """Whether systems and editors leave such files behind without anyone wanting them."""
    return _HIDDEN.search(name) is not None
