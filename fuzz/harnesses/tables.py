"""CSV and its dialects, read by column names: the first byte says how times are read, and whether the first line is
what `--map` says; the rest is the file."""

from collections.abc import Iterator
from pathlib import Path

from fuzz.auditing import audit_read, mapped, read_files
from fuzz.harness import HERE, READERS, Harness
from supportaudit.read import ReadOptions
from supportaudit.read.mapping import MAPPABLE

ROOT = HERE.parent
OPTIONS = tuple(
    ReadOptions(tz=tz, day_first=day_first)
    for tz in (None, "Europe/Athens")
    for day_first in (None, True, False)
)
_MAPPED = 0x80


def check(data: bytes) -> None:
    """Rows are read and audited, or the file is refused."""
    flags, body = data[0] if data else 0, data[1:]
    options = OPTIONS[flags % len(OPTIONS)]
    if flags & _MAPPED:
        body, options = mapped(body, options)
    audit_read(read_files({"week.csv": body}, options))


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
    yield b"\x80text=c,conversation_id=a,at=d+e,author_name=b\na,b,c,d,e\n1,Ana,Hi,2026-05-01,10:00\n1,Tom,No,,\n"
    yield (
        b"\0Ticket ID,Message ID,Date,Time,Time zone,Direction,From,Is public,Text,Tags,Rating,Customer ID,Files\n"
        b'7.0,1,2026-05-01,10:00,Europe/Athens,inbound,"Ana <a@b.example>",yes,Hi,"a,b",Good,1.02938E+12,0\n'
        b"7.0,1.02938E+12,25/12/2026,10:00,Bad/Zone,out,agent,private,,a|b,3,c1,2\n"
        b'7.0,3,"1,714,557,600",,,outbound,Tom,no,"<p>Hello</p>",,Not good,c1,\n'
    )
    yield b'\0sep=;\r\nticket;role;text\r\n1;customer;="hi"\r\n'
    yield b"\0Report of June,,\n\nticket,date,time,role,text\n1,2026-06-01,10:00,agent,'=hi\nTotal: 1,,,,\n"


VALUES = (
    *(
        "Ana <a@b.example>",
        "Europe/Athens",
        "Bad/Zone",
        "25/12/2026 10:00",
        "12/25/2026 10:00",
        "2026-03-29 03:30",
        "=",
    ),
    *(
        "Good",
        "inbound",
        "out",
        "private",
        "1,234",
        "7.0",
        "1.02938E+12",
        "1714557600",
        "agent",
        "Total",
        "sep=|\n",
    ),
)
HARNESS = Harness(check, seeds, shape="table", words=(*MAPPABLE, *VALUES), longest=4096, led_by=READERS)
