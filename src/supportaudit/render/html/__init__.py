"""The scorecard as one self-contained HTML file: no server, no network, nothing from elsewhere.

Everything foreign passes Jinja's autoescape; a strict Content-Security-Policy allows our own style and script by their
hashes and nothing else, so even a text that escaped could load and run nothing.

Its texts are in the language spoken (`supportaudit.ui`): those of the template are looked up when it is rendered.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from markupsafe import Markup, escape

from supportaudit.harmless import visible
from supportaudit.render.html.view import page_of, role_word
from supportaudit.render.sentences import severity_word, unit_word
from supportaudit.render.text import count, decimal, duration, percent, percent_range, plural
from supportaudit.results.comparison import Period
from supportaudit.results.report import Report
from supportaudit.results.tally import encodable
from supportaudit.ui import gettext, ngettext, pgettext, spoken


def render_html(
    report: Report, *, anonymize: bool = False, earlier: Sequence[Period] = (), kept: int = 8
) -> str:
    """The page. `anonymize`: agents are numbered; `earlier`, `kept`: see `page_of`."""
    style, script = _asset("style.css"), _asset("script.js")
    html: str = _template().render(
        page=page_of(report, anonymize=anonymize, earlier=earlier, kept=kept),
        card=report.scorecard,
        language=spoken(),
        level="95 %",
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        style_hash=_hash(style),
        script_hash=_hash(script),
        count=count,
        percent=percent,
        percent_range=percent_range,
        decimal=decimal,
        five_minutes=duration(300),
        severity=severity_word,
        role=role_word,
        of=_of,
        of_soft=_of_soft,
        left_out=_left_out,
        put=_put,
    )
    return encodable(html)


def _of(number: int, total: int) -> str:
    return pgettext("table", "{n} of {total}", n=count(number), total=count(total))


def _of_soft(number: int, total: int, unit: str = "") -> Markup:
    """ "13 of 329", with all but the number in a softer ink; it may stand on either side."""
    pattern = pgettext("table", "{n} of {total} {unit}") if unit else pgettext("table", "{n} of {total}")
    soft = Markup('<span class="soft small">{}</span>')
    before, after = (
        soft.format(part.strip().format(total=count(total), unit=unit_word(unit))) if part.strip() else ""
        for part in pattern.split("{n}")
    )
    return Markup(" ").join(part for part in (before, count(number), after) if part)


def _left_out(number: int) -> str:
    return ngettext("{n} message not shown", "{n} messages not shown", number, n=count(number))


def _put(text: str, **parts: Markup) -> Markup:
    """A translated text with links and the like in the places of their names."""
    return escape(text).format(**parts)


@cache
def _template() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # The template is kept, so it may hold no text of a language: these look up each text as it is rendered.
    environment.install_gettext_callables(gettext, ngettext, newstyle=False, pgettext=pgettext)  # type: ignore[attr-defined]
    return environment.get_template("page.html.j2")


def _cleaned(value: Any) -> Any:
    """What a place of the template shows: no words that somebody forgot to clean pass here."""
    return visible(value, lines=True) if type(value) is str else value  # what is markup was cleaned before


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
