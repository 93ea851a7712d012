"""Output formats: every renderer is a pure function from a report to a string, or to bytes where it is no text."""

from collections.abc import Callable, Iterator
from importlib import import_module

import msgspec

from supportaudit.results.report import Report


class View(msgspec.Struct, frozen=True):
    """How to show a report to a person; formats for machines take no notice.

    `by` is the dimension to compare (None: agents), `width` in terminal columns, `color` allows ANSI codes,
    `unicode` allows rules, bars and dashes that are not ASCII.
    """

    by: str | None = None
    width: int = 80
    color: bool = False
    unicode: bool = True


Renderer = Callable[[Report, View], str | bytes]


def _text(report: Report, view: View) -> str:
    from supportaudit.render.terminal import render_terminal

    return render_terminal(report, view.by, view.width, view.color, view.unicode)


def _late(module: str, function: str) -> Renderer:
    """A renderer that takes no notice of the view, imported on use: --help needs the names and nothing else."""

    def render(report: Report, _view: View) -> str | bytes:
        made: str | bytes = getattr(import_module(f"supportaudit.render.{module}"), function)(report)
        return made

    return render


SHOW_EVIDENCE = frozenset(("html",))
"""Formats that show conversations in full, for which a scan has to collect them."""

FORMATS: dict[str, Renderer] = {
    "text": _text,
    "json": _late("json_report", "render_json"),
    "ndjson": _late("json_report", "render_ndjson"),
    "csv": _late("csv_report", "render_csv"),
    "xlsx": _late("workbook", "render_workbook"),
    "parquet": _late("parquet", "render_parquet"),
    "junit": _late("junit", "render_junit"),
    "sarif": _late("sarif", "render_sarif"),
    "github": _late("github", "render_github"),
    "gitlab": _late("gitlab", "render_gitlab"),
    "html": _late("html", "render_html"),
    "markdown": _late("markdown", "render_markdown"),
}

_PIECES = {
    "json": ("json_report", "json_pieces"),
    "ndjson": ("json_report", "ndjson_pieces"),
    "csv": ("csv_report", "csv_pieces"),
}


def pieces(name: str, report: Report, view: View) -> Iterator[str | bytes]:
    """A report in a format, text ended by a line end.

    What has a line for each finding comes piece by piece: all at once millions would take several times the memory.
    """
    if name in _PIECES:
        module, function = _PIECES[name]
        yield from getattr(import_module(f"supportaudit.render.{module}"), function)(report)
        return
    made = FORMATS[name](report, view)
    yield made if isinstance(made, bytes) or made.endswith("\n") else f"{made}\n"
