"""Every help desk's export: the first byte chooses the desk (or none), then files, each begun by its name in a line."""

import re
from collections.abc import Iterator
from functools import cache

from fuzz.auditing import audit_read, read_files
from fuzz.harness import HERE, Harness
from supportaudit.read import ReadOptions
from supportaudit.read.detect import source_names

CASES = HERE.parent / "tests" / "sources"
_BEGIN = b"\x1e"  # the record separator: no export holds it
_NAME = re.compile(rb"[\w-]{1,40}(?:/[\w-]{1,40}){0,2}\.(?:json|jsonl|csv)", re.ASCII)


@cache
def _sources() -> tuple[str | None, ...]:
    """In the order of their bytes; None is for what the content tells."""
    return (None, *source_names())


def check(data: bytes) -> None:
    """Rows are read and audited, or the export is refused."""
    sources = _sources()
    source = sources[data[0] % len(sources)] if data else None
    audit_read(read_files(_files(data[1:]), ReadOptions(source=source)))


def _files(data: bytes) -> dict[str, bytes]:
    """The files of a folder by their names; what has no fit name is called export.json."""
    files: dict[str, bytes] = {}
    for part in data.split(_BEGIN):
        line, _, body = part.partition(b"\n")
        if _NAME.fullmatch(line):
            files[line.decode().lower()] = body
        elif part or not files:
            files["export.json"] = part
    return files


def seeds() -> Iterator[bytes]:
    """The cases of every desk that are small, the desk named but in its first."""
    for number, source in enumerate(_sources()):
        for n, folder in enumerate(sorted(CASES.glob(f"{source}-*")) if source else ()):
            paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "expected.yaml")
            parts = [
                _BEGIN + p.relative_to(folder).as_posix().encode() + b"\n" + p.read_bytes() for p in paths
            ]
            whole = b"".join(parts)
            if len(whole) < HARNESS.longest:
                yield bytes([number if n else 0]) + whole


LED_BY = ("supportaudit.sources", "supportaudit.read.desk", "supportaudit.read.json", "supportaudit.read.csv")
HARNESS = Harness(check, seeds, shape="json", longest=12_000, led_by=LED_BY)
