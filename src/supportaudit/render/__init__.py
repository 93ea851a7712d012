"""Output formats: every renderer is a pure function from a report to a string, or to bytes where it is no text."""

from collections.abc import Callable

import msgspec

from supportaudit.report import Report


class View(msgspec.Struct, frozen=True):
    """How to show a report to a person; formats for machines take no notice.

    `by` is the dimension to compare (None: agents), `width` in terminal columns, `color` allows ANSI codes,
    `unicode` allows rules, bars and dashes that are not ASCII.
    """

    by: str | None = None
    width: int = 80
    color: bool = False
    unicode: bool = True


def _text(report: Report, view: View) -> str:
    from supportaudit.render.terminal import render_terminal

    return render_terminal(report, view.by, view.width, view.color, view.unicode)


def _json(report: Report, view: View) -> str:
    from supportaudit.render.json_report import render_json

    return render_json(report)


# Imported on use: the names are needed for --help, rich is not.
FORMATS: dict[str, Callable[[Report, View], str | bytes]] = {"text": _text, "json": _json}
