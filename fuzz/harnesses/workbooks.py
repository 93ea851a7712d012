"""Excel workbooks: the input is the XML of one sheet, in a workbook that is otherwise as it should be."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from fuzz.auditing import audit_read, read_files
from fuzz.harness import READERS, Harness
from supportaudit.read import ReadOptions

_RELATIONS = "http://schemas.openxmlformats.org"
_MAIN = f"{_RELATIONS}/spreadsheetml/2006/main"
_PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{_RELATIONS}/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_RELATIONS}/package/2006/relationships"><Relationship Id="r1"
 Type="{_RELATIONS}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_RELATIONS}/package/2006/relationships">
<Relationship Id="r1" Type="{_RELATIONS}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="r2" Type="{_RELATIONS}/officeDocument/2006/relationships/styles" Target="styles.xml"/>
</Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}/officeDocument/2006/relationships">
<sheets><sheet name="Week" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/styles.xml": f"""<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/>
<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>""",
}
_SHEET = "xl/worksheets/sheet1.xml"


def check(data: bytes) -> None:
    """Rows are read and audited, or the workbook is refused."""
    # The first byte takes a part away or not: a workbook may lack any.
    missing = data[0] % 16 if data else 15
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, (name, text) in enumerate((*_PARTS.items(), (_SHEET, ""))):
            if number != missing:
                archive.writestr(zipfile.ZipInfo(name), text.encode() or data[1:])
    audit_read(read_files({"week.xlsx": packed.getvalue()}, ReadOptions()))


def _sheet(rows: Sequence[Sequence[str | float]], behind: str = "") -> bytes:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{chr(65 + n)}{number}", value) for n, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData>{behind}</worksheet>'.encode()


def _cell(place: str, value: str | float) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}" s="1"><v>{value}</v></c>'


def seeds() -> Iterator[bytes]:
    """Small sheets."""
    head = ("ticket", "role", "date", "text")
    rows: list[tuple[str | float, ...]] = [
        head, ("7", "customer", 46113.5, "Where is it?"), ("7", "agent", 46113.75, "I will call you tomorrow."),
    ]  # fmt: skip
    yield b"\xff" + _sheet(rows)
    yield b"\xff" + _sheet(rows, '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>')
    yield b"\xff" + _sheet([head, (1e300, "customer", -1.0, ""), ("", "", 1e9, "x")])
    for missing in range(6):
        yield bytes([missing]) + _sheet(rows)
    yield b"\xff" + _sheet(rows).replace(b"A2", b"XFD1048576")


WORDS = (
    *(
        't="s"',
        't="b"',
        't="e"',
        't="str"',
        't="d"',
        's="1"',
        's="99"',
        'r="A1"',
        'r="XFD9"',
        'r="ZZZ99999999"',
    ),
    *(
        "<v>1e9</v>",
        "<v>-1</v>",
        "<f>A1</f>",
        '<mergeCell ref="B9:A1"/>',
        "<row/>",
        '<row r="0">',
        "<![CDATA[",
    ),
)
HARNESS = Harness(check, seeds, words=WORDS, led_by=READERS)
