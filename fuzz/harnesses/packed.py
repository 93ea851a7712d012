"""Packed exports. The first byte says how the rest is packed: not at all (the input is the packed file), as gzip,
bzip2, xz, zstd, as the members of a ZIP file, each begun by its name in a line, or a thousand times."""

import bz2
import gzip
import io
import lzma
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator

from fuzz.auditing import audit_read, read_files
from fuzz.harness import READERS, Harness
from supportaudit.read import ReadOptions

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_BEGIN = b"\x1e"
_TABLE = (
    b"ticket,role,date,text\n1,customer,2026-05-01 10:00,Where is it?\n1,agent,2026-05-01 18:00,Tomorrow.\n"
)


def _zip(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two members with one name
        for part in data.split(_BEGIN):
            name, _, body = part.partition(b"\n")
            archive.writestr(zipfile.ZipInfo(name.decode("utf-8", "replace") or "-"), body)
    return packed.getvalue()


_PACK: tuple[Callable[[bytes], bytes], ...] = (
    bytes, lambda data: gzip.compress(data, mtime=0), bz2.compress, lzma.compress, zstd.compress, _zip,
    lambda data: gzip.compress(_zip(data), mtime=0), lambda data: _zip(b"in.zip\n" + _zip(data)),
    lambda data: gzip.compress(data * 1000, mtime=0),
)  # fmt: skip


def check(data: bytes) -> None:
    """Rows are read and audited, or the file is refused."""
    pack = _PACK[data[0] % len(_PACK)] if data else bytes
    audit_read(read_files({"week.csv": pack(data[1:])}, ReadOptions()))


def seeds() -> Iterator[bytes]:
    """A small table packed in every way, whole and cut."""
    for number, pack in enumerate(_PACK):
        member = _TABLE if number < 5 else b"a/week.csv\n" + _TABLE
        yield bytes([number]) + member
        yield b"\0" + pack(member)
        yield b"\0" + pack(member)[:-7]
    yield (
        b"\5a.csv\n"
        + _TABLE
        + _BEGIN
        + b"a.csv\n"
        + _TABLE
        + _BEGIN
        + b"../../b.json\n[]"
        + _BEGIN
        + b"C:\\x\\y.csv\n"
    )
    yield b"\5xl/workbook.xml\n<workbook/>" + _BEGIN + b"[Content_Types].xml\n"
    yield b"\1" + b"a" * 4000


HARNESS = Harness(
    check,
    seeds,
    words=("week.csv\n", "\x1e", "../", "C:\\", "xl/workbook.xml\n", "__MACOSX/", "/"),
    led_by=READERS,
)
