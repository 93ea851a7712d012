"""The scorecard as one self-contained HTML file: no server, no network, nothing from elsewhere.

Everything foreign passes Jinja's autoescape; a strict Content-Security-Policy allows our own style and script by their
hashes and nothing else, so even a text that escaped could load and run nothing.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from markupsafe import Markup

from supportaudit.comparison import Period
from supportaudit.render.html.view import page_of
from supportaudit.render.text import count, percent, percent_range, plural
from supportaudit.report import Report
from supportaudit.tally import encodable


def render_html(
    report: Report, *, anonymize: bool = False, earlier: Sequence[Period] = (), kept: int = 8
) -> str:
    """The page. `anonymize`: agents are numbered; `earlier`, `kept`: see `page_of`."""
    style, script = _asset("style.css"), _asset("script.js")
    html: str = _template().render(
        page=page_of(report, anonymize=anonymize, earlier=earlier, kept=kept),
        card=report.scorecard,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        style_hash=_hash(style),
        script_hash=_hash(script),
        count=count,
        percent=percent,
        percent_range=percent_range,
    )
    return encodable(html)


@cache
def _template() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


@cache
def _asset(name: str) -> str:
    return (resources.files("supportaudit") / "render" / "html" / name).read_text("utf-8")


def weight_words(html: str) -> str:
    """How large a page is and what it holds: "284 kB, 74 failures with their proof"."""
    size = len(html.encode("utf-8", "replace"))
    words = f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{size / 1_000:.0f} kB"
    cases = html.count('<details class="case"')
    return f"{words}, {plural(cases, 'failure')} with their proof"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
