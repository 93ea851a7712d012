"""CSV and its dialects, read by column names: the first byte says how times are read, the rest is the file."""

from collections.abc import Iterator
from pathlib import Path

from fuzz.auditing import audit, read_files
from fuzz.harness import HERE, Harness
from supportaudit.read import ReadOptions
from supportaudit.read.mapping import MAPPABLE

ROOT = HERE.parent
OPTIONS = tuple(
    ReadOptions(tz=tz, day_first=day_first)
    for tz in (None, "Europe/Athens")
    for day_first in (None, True, False)
)


def check(data: bytes) -> None:
    """Rows are read and audited, or the file is refused."""
    options = OPTIONS[data[0] % len(OPTIONS)] if data else OPTIONS[0]
    audit(read_files({"week.csv": data[1:]}, options))


def seeds() -> Iterator[bytes]:
    """Small tables in every dialect and some encodings."""
    for path in sorted(Path(ROOT, "tests/read/data").glob("*.csv")):
        yield b"\0" + path.read_bytes()
    week = b"".join((ROOT / "examples/shop-week.csv").read_bytes().splitlines(keepends=True)[:12])
    yield b"\0" + week
    for encoding in ("utf-16", "utf-16-be", "utf-8-sig", "cp1252"):
        yield b"\3" + week.decode().encode(encoding, "replace")
    table = 'Ticket ID{0}From{0}Date{0}Message\n7{0}Ana{0}{1}{0}"Hi,\n""you"""\n7{0}Tom{0}{1}{0}Hello\n'
    stamps = ("03/04/2026 10:00", "2026-04-03T10:00Z", "1775210400", "3 Apr 2026, 10:00 am", "")
    for n, stamp in enumerate(stamps):
        for delimiter in ",;\t|":
            yield bytes([n]) + table.format(delimiter, stamp).encode()
    yield b'\0sep=;\r\nticket;role;text\r\n1;customer;="hi"\r\n'
    yield b"\0Report of June,,\n\nticket,date,time,role,text\n1,2026-06-01,10:00,agent,'=hi\nTotal: 1,,,,\n"


HARNESS = Harness(check, seeds, shape="table", words=tuple(MAPPABLE), longest=4096)
