"""The files of a check that somebody adds, but its code: `check.yaml`, `markers.yaml` and `cases.yaml`, parted."""

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from fuzz.harness import HERE, Harness, told
from supportaudit.auditing.casefile import load_cases
from supportaudit.auditing.registry import ORDER, Added, builtin_dir, check_named, declared_added, markers_of
from supportaudit.errors import CheckError

_BEGIN = "\x1e"  # the record separator: YAML holds none
_ID = "arguing"
"""Of the built-in check that the cases are tried on."""
_MARKERS = """promised-discount:
  side: [agent]
  about: A discount is promised.
  en: {any: ['\\b\\d{1,2} ?% off\\b'], unless: [no longer], match: [you get 10% off], no-match: [no discount]}
"""


def check(data: bytes) -> None:
    """The files say what a check is, which words it looks for, what its cases find; or one sentence says why not."""
    said, wording, cases = (*data.decode("utf-8", "replace").split(_BEGIN), "", "")[:3]
    added = Added(_ID, "fuzz", "fuzz", Path("fuzz"), said, "", wording or None)
    try:
        declared_added.__wrapped__(added)
        if (markers := markers_of.__wrapped__(added)) is not None:
            list(markers.faults())
    except CheckError as error:
        told(error)
    _cases(cases)


def _cases(text: str) -> None:
    with tempfile.TemporaryDirectory(prefix="supportaudit-fuzz-") as name:
        folder = Path(name) / _ID
        folder.mkdir()
        (folder / "cases.yaml").write_text(text, "utf-8")
        try:
            for case in islice(load_cases(folder), 5):
                case.faults(case.audit(check_named(_ID)))
        except CheckError as error:
            told(error)


def seeds() -> Iterator[bytes]:
    """The built-in checks, each with a few of its cases."""
    for name in ORDER:
        folder = builtin_dir() / name
        said = (folder / "check.yaml").read_text("utf-8").replace(f"id: {name}", f"id: {_ID}")
        cases = (folder / "cases.yaml").read_text("utf-8")
        first = "\n  ".join(cases[:1500].split("\n  ")[:-1])
        yield _BEGIN.join((said[:2000], _MARKERS, first)).encode()
    example = HERE.parent / "examples" / "house-checks"
    for path in sorted(example.glob("*/check.yaml")):
        markers = path.with_name("markers.yaml")
        yield _BEGIN.join(
            (path.read_text("utf-8"), markers.read_text("utf-8") if markers.is_file() else "")
        ).encode()


WORDS = (
    *(
        "needs",
        "[wording]",
        "[[clock]]",
        "params",
        "default",
        "help",
        "severity",
        "weight",
        "-1",
        ".inf",
        ".nan",
        "1e999",
    ),
    *(
        "side",
        "agent",
        "any",
        "unless",
        "match",
        "no-match",
        "(?:a|b)*",
        "(a{1000}){1000}",
        "\\p{L}",
        "(?=x)",
        "[^.!?]*",
    ),
    *(
        "cases",
        "talk",
        "|-",
        "09:00 customer Ana: ",
        "as-of",
        "+7d",
        "finds",
        "at",
        "[m1]",
        "limits",
        "hours",
        "&a",
        "*a",
    ),
)
HARNESS = Harness(check, seeds, words=WORDS)
