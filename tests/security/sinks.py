"""How somebody else reads what we write: each format and page by a parser that is not ours.

A sink gives back every string that its parser finds in an output, and fails where the output is unsound or where
something stands in it that only foreign text could have made: an element, a link, a formula, a command.
"""

import csv
import json
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO, StringIO
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pyte
import yaml
from lxml import etree
from python_calamine import CalamineWorkbook
from tests.render import reports, runner
from tests.render.html.pages import week_page
from tests.render.test_code_hosts import SARIF
from tests.render.test_markdown import check_harmless, tokens
from tests.security.payloads import MARK

from supportaudit.render.html import render_html

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import html5lib

Sink = Callable[[bytes], list[str]]

# --- what holds wherever it is shown


def acting(text: str) -> str:
    """Letters that act on a terminal, turn a line round or hide: all that Unicode calls a control, a format or none.

    The joiners, without which Persian and many emoji are not written, are none of them.
    """
    return "".join(
        c
        for c in text
        if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\n\u200c\u200d"
    )


def on_a_terminal(text: str) -> list[str]:
    """The lines that a terminal shows, which is told nothing else than to show lines. Colours pass if they are ours."""
    heard = _Heard()
    stream = pyte.Stream(heard)  # type: ignore[arg-type]
    stream.feed(text.replace("\n", "\r\n"))
    assert heard.told <= {"draw", "carriage_return", "linefeed"}, heard.told
    return text.split("\n")


class _Heard:
    """A screen that only remembers what it was told to do."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_args, **_options: self.told.add(name)


def in_a_log(text: str, ours: frozenset[str] = frozenset()) -> None:
    """No runner of a build takes a line for a command, but for those of `ours`."""
    assert {command.name for command in runner.commands(text)} <= ours
    for found in re.finditer(
        r"##(?:\[|vso\[|teamcity\[)|\x1b|section_(?:start|end):\d+:[^\r\n]*\r\x1b", text
    ):
        raise AssertionError(f"a command to a runner: {text[found.start() : found.start() + 60]!r}")


def printed(content: bytes, ours: frozenset[str] = frozenset()) -> str:
    """An output as text, harmless on a terminal and in a log."""
    text = content.decode("utf-8")
    on_a_terminal(text.replace("\r\n", "\n"))
    in_a_log(text, ours)
    assert not acting(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    return text


# --- formats


def text(content: bytes) -> list[str]:
    """A page for people."""
    return printed(content).split("\n")


def json_document(content: bytes) -> list[str]:
    """JSON that says nothing twice."""
    return list(strings(json.loads(printed(content), object_pairs_hook=_once)))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


def strings(value: Any) -> Iterator[str]:
    """All strings in a value of JSON, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def ndjson(content: bytes) -> list[str]:
    """A document a line, whatever a reader takes for the end of a line."""
    written = printed(content)
    assert written.splitlines() == written.removesuffix("\n").split("\n")
    return [found for line in written.splitlines() for found in strings(json.loads(line))]


FORMULA = re.compile(r"[=+\-@|%\t\r\n]")


def table(content: bytes, *, many_lines: bool = False) -> list[str]:
    """CSV in which every row has a cell a column, and no cell computes, even once it is folded and trimmed."""
    written = content.decode("utf-8")
    if not many_lines:
        printed(content)
    assert written.startswith("\ufeff")
    rows = list(csv.reader(StringIO(written[1:], newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = [cell for row in rows for cell in row]
    for cell in cells:
        seen = "".join(c for c in unicodedata.normalize("NFKC", cell) if not _unseen(c))
        assert not FORMULA.match(seen) or re.fullmatch(r"-?\d+(\.\d+)?", cell), cell
        assert not acting(cell) or many_lines
    return cells


def _unseen(c: str) -> bool:
    return c.isspace() or unicodedata.category(c) in ("Cf", "Cc", "Mn") or c in "\u115f\u1160\u3164\uffa0"


_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def workbook(content: bytes) -> list[str]:
    """A workbook of texts and numbers: no formula, no link, nothing from elsewhere, as two readers see it."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        for name in book.namelist():
            if not name.endswith((".xml", ".rels")):
                continue
            tree = etree.fromstring(book.read(name), etree.XMLParser(resolve_entities=False))
            tags = {element.tag for element in tree.iter()}
            assert not tags & {f"{_SHEET}f", f"{_SHEET}hyperlink", f"{_SHEET}ddeLink"}, name
            assert not [e for e in tree.iter() if e.get("TargetMode") == "External"]
    found = CalamineWorkbook.from_object(BytesIO(content))
    values = [
        cell
        for name in found.sheet_names
        for row in found.get_sheet_by_name(name).to_python()
        for cell in row
    ]
    cells = [value for value in values if isinstance(value, str)]
    for cell in cells:
        assert not acting(cell), cell
    return cells


def parquet(content: bytes) -> list[str]:
    """Parquet, by the library that wrote it and by one that did not; the texts are data and stay as they are."""
    rows = pq.read_table(BytesIO(content)).to_pylist()
    again = duckdb.connect()
    again.register("findings", pq.read_table(BytesIO(content)))
    counted = again.execute("SELECT count(*) FROM findings").fetchone()
    assert counted == (len(rows),)
    return [found for row in rows for found in strings({k: v for k, v in row.items() if k != "at"})]


_JUNIT = {"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"}


def junit(content: bytes) -> list[str]:
    """XML of JUnit's elements."""
    printed(content)
    tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    assert {element.tag for element in tree.iter()} <= _JUNIT  # comments and instructions have no such name
    return [t for e in tree.iter() for t in (*e.attrib.values(), e.text or "", e.tail or "")]


def sarif(content: bytes) -> list[str]:
    """SARIF by its schema, without a link or a place to fill in among its messages."""
    document = json.loads(printed(content))
    SARIF.validate(document)
    for result in document["runs"][0]["results"]:
        message = result["message"]["text"]
        assert not re.search(r"\[[^\]]*\]\([^)]+\)", message), message
        assert not re.search(r"\{[0-9]+\}", message.replace("{{", "").replace("}}", "")), message
        for place in result["locations"]:
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"[A-Za-z0-9%/._~:-]+", uri), uri
    return list(strings(document))


def github(content: bytes) -> list[str]:
    """Commands of the three levels and no other, each with the properties that we give it."""
    written = printed(content, frozenset(("error", "warning", "notice")))
    found = runner.commands(written)
    assert all(set(command.properties) <= {"title", "file", "line"} for command in found)
    return [t for command in found for t in (*command.properties.values(), command.data)]


def gitlab(content: bytes) -> list[str]:
    """Entries with the keys of code quality, their places inside the project."""
    entries = json.loads(printed(content))
    keys = {"description", "check_name", "fingerprint", "severity", "location"}
    assert all(set(entry) == keys for entry in entries)
    return list(strings(entries))


def markdown(content: bytes) -> list[str]:
    """GitHub's dialect, where foreign words stand in code."""
    written = printed(content)
    check_harmless(written)
    return [token.content for token in tokens(written)]


def html(content: bytes) -> list[str]:
    """A page by the algorithm of the standard, with no element and no attribute that a harmless page has not.

    Nothing runs, nothing is fetched, and every link stays on the page.
    """
    found: list[str] = []
    tree = _tree(printed(content))
    assert _shape(tree) <= _harmless_shape()
    assert [len(list(tree.iter(tag))) for tag in ("script", "style", "head")] == [1, 1, 1]
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert name not in ("href", "src", "action") or value.startswith("#") or value == "data:,", value
            found.append(value)
        if element.tag not in ("style", "script"):
            found += [element.text or "", element.tail or ""]
    return found


def _tree(page: str) -> Any:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def _shape(tree: Any) -> set[tuple[str, str]]:
    """Which elements there are, and which attributes each may have; a comment is one too."""
    return {(str(element.tag), str(name)) for element in tree.iter() for name in ("", *element.attrib)}


@cache
def _harmless_shape() -> set[tuple[str, str]]:
    allowed = _shape(_tree(week_page())) | _shape(_tree(render_html(reports.ordinary())))
    assert not [name for _, name in allowed if name.startswith("on") or name in ("style", "srcdoc")]
    return allowed


FORMATS: dict[str, Sink] = {
    "text": text, "json": json_document, "ndjson": ndjson, "csv": table, "xlsx": workbook, "parquet": parquet,
    "junit": junit, "sarif": sarif, "github": github, "gitlab": gitlab, "html": html, "markdown": markdown,
}  # fmt: skip


# --- pages


def settings(content: bytes) -> list[str]:
    """A settings file that says of every name what it is: YAML without tags, anchors or a line too many."""
    written = content.decode("utf-8")
    assert not acting(written)
    document = yaml.safe_load(written)
    assert set(document) <= {"sources", "company", "hours", "limits", "language", "max-rejects"}
    assert not [token for token in yaml.scan(written) if isinstance(token, yaml.TagToken | yaml.AnchorToken)]
    return [*strings(document), *re.findall("#.*", written)]


def fragment(content: bytes) -> list[str]:
    """A block for a notebook: boxes, tables and words, and nothing that runs or is fetched."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(printed(content))
    elements = [element for element in tree.iter() if element is not tree]
    assert {str(element.tag) for element in elements} <= _BLOCK
    assert {name for element in elements for name in element.attrib} <= {"style", "class"}
    styles = {element.get("style", "") for element in elements}
    assert not [style for style in styles if MARK in style or "url" in style]
    return [t for element in elements for t in (element.text or "", element.tail or "")]


_BLOCK = {"div", "b", "span", "table", "tbody", "tr", "td"}
