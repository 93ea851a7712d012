"""What `languages` prints: every language and every check, with the figure measured or what is missing.

The figures come from conversations that were set aside for measuring (tests/labelled, docs/accuracy.md); they are kept
beside the packs by `python -m benchmarks.measure_languages`.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from supportaudit.auditing.registry import ORDER, declared_checks
from supportaudit.render.json_text import json_document
from supportaudit.wording.lexicon import load_lexicon
from supportaudit.wording.pack import supported_languages

ENOUGH = 3
"""True cases from which on a check's figure is shown."""

_NOT_MEASURED = "–"


@cache
def measured() -> Mapping[str, Any]:
    """The figures by language; a language without any has not been measured."""
    path = resources.files("supportaudit") / "languages" / "measured.json"
    figures: Mapping[str, Any] = msgspec.json.decode(path.read_bytes())
    return figures


def text_page() -> str:
    """A table of languages by checks: F1 in per cent."""
    return "\n".join(line.rstrip() for line in _lines())


def _lines() -> Iterator[str]:
    figures = measured()
    yield "Packs, and how right they are on conversations set aside for measuring: F1 in"
    yield f"per cent, {_NOT_MEASURED} where fewer than {ENOUGH} true cases were there to measure on."
    yield ""
    yield f"  {'':<15}{'n':>5}  {'right':>5} {'found':>5}  " + " ".join(f"{n:>3}" for n in range(1, 12))
    for code in supported_languages():
        figure = figures.get(code)
        name = f"{code} {load_lexicon(code).name}"
        if figure is None:
            yield f"  {name:<15}{'not measured yet':>16}"
            continue
        whole = figure["all"]
        cells = " ".join(f"{_cell(figure['checks'].get(check, {})):>3}" for check in ORDER)
        yield (
            f"  {name:<15}{figure['conversations']:>5}  {_percent(whole, 'precision'):>5} "
            f"{_percent(whole, 'recall'):>5}  {cells}"
        )
    yield ""
    yield "n: conversations measured on. right: of 100 accusations so many are true"
    yield "(precision). found: of 100 failures so many are found (recall). The checks:"
    names = [f"{n} {check}" for n, check in enumerate(ORDER, 1)]
    for start in range(0, len(names), 4):
        yield "  " + "".join(f"{name:<20}" for name in names[start : start + 4])
    yield ""
    clocks = ", ".join(c.info.id for c in declared_checks() if "wording" not in c.needs)
    yield "In any other language wording is not judged, and counted as not applicable."
    yield f"By clocks and hand-overs all are judged: {clocks}."


def _percent(figure: Mapping[str, Any], name: str) -> str:
    return f"{figure[name][0]:.0%}".replace("%", " %") if name in figure else _NOT_MEASURED


def _cell(figure: Mapping[str, Any]) -> str:
    if figure.get("true", 0) < ENOUGH:
        return _NOT_MEASURED
    return f"{100 * figure['f1'][0]:.0f}" if "f1" in figure else "0"


def json_page() -> str:
    """The figures as JSON, with every pack and what it is called."""
    document = {
        code: {"name": load_lexicon(code).name, "measured": measured().get(code)}
        for code in supported_languages()
    }
    return json_document(document)
