"""The language that people are spoken to in: gettext catalogues, and the figures and dates that go with them.

English is the msgid. Whoever shows something to a person says `gettext("{n} of {total}", n=..., total=...)`; what is
shown inside `with speaking("el")` is Greek, everything else English, whatever the machine's locale is. Formats for
machines are never made inside it.

A language is a folder of `locale/` with a compiled catalogue, and nothing else: how it writes numbers and dates
stands in its catalogue too. The standard library reads catalogues: typer has imported `gettext` anyway, and one takes
2 to 5 ms. Babel at run time took 40 to 150 ms, and is a tool of development. docs/translating.md has the rest.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from supportaudit.errors import SettingsError
from supportaudit.suggest import did_you_mean

ENGLISH = "en"
DOMAIN = "supportaudit"
LOCALE = Path(__file__).parent / "locale"
SPOKEN = frozenset(("text", "html"))
"""Formats for people that know languages. All others are English: machines read them, or they do not know yet."""

_spoken: ContextVar[str] = ContextVar("supportaudit_ui_language", default=ENGLISH)


def languages() -> tuple[str, ...]:
    """The languages there are: English, and every one with a compiled catalogue."""
    found = (path.parent.parent.name for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (ENGLISH, *sorted(found))


def language_of(
    wanted: str | None, environ: Mapping[str, str] = os.environ, encoding: str | None = "utf-8"
) -> str:
    """The language asked for, or that of the locale; English where there is no catalogue for it.

    A locale's language is used only where the output can show its letters. Raises `SettingsError` if a language is
    asked for by name and is not there.
    """
    known = languages()
    if wanted is not None:
        code = _best(wanted, known)
        if code is None:
            raise SettingsError(
                f"--ui-lang: there is no '{wanted}'{did_you_mean(wanted, known)}; there are {', '.join(known)}"
            )
        return code
    if not (encoding or "").lower().replace("-", "").replace("_", "").startswith("utf"):
        return ENGLISH
    return next(filter(None, (_best(name, known) for name in _of_locale(environ))), ENGLISH)


def _of_locale(environ: Mapping[str, str]) -> list[str]:
    """What gettext would look for: LANGUAGE is a list that refines a locale, but not C, which is nobody's language."""
    names = (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), "")
    if locale.partition(".")[0] in ("C", "POSIX"):
        return []
    return [name for name in (*environ.get("LANGUAGE", "").split(":"), locale) if name]


def _best(name: str, known: tuple[str, ...]) -> str | None:
    """The catalogue for a locale's name: "pt_BR.UTF-8@euro" is pt_BR where there is one, or else pt."""
    plain = name.partition(".")[0].partition("@")[0].strip().replace("-", "_").casefold()
    names = {code.casefold(): code for code in known}
    return names.get(plain) or names.get(plain.partition("_")[0])


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak one of `languages()` inside the block."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """The language that is spoken here and now."""
    return _spoken.get()


@cache
def _catalogue(language: str) -> GNUTranslations:
    with (LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        return GNUTranslations(file)


def gettext(message: str, /, **values: object) -> str:
    """`message` in the language spoken, with `values` in the places of their names.

    A message without values is no format: braces in it stay. So are all functions here, and they do for Jinja's
    `_()` and `{% trans %}` too (`install_gettext_callables`, not newstyle).
    """
    language = _spoken.get()
    if language != ENGLISH and message:
        message = _catalogue(language).gettext(message)
    return message.format(**values) if values else message


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """The form that goes with `number`; write the number as a value, since how is up to the language."""
    language = _spoken.get()
    message = one if number == 1 else many
    if language != ENGLISH:
        message = _catalogue(language).ngettext(one, many, number)
    return message.format(**values) if values else message


def pgettext(context: str, message: str, /, **values: object) -> str:
    """`gettext` for a word that means several things: `context` says which."""
    language = _spoken.get()
    if language != ENGLISH:
        message = _catalogue(language).pgettext(context, message)
    return message.format(**values) if values else message


def N_(message: str) -> str:  # noqa: N802 (the name by which tools know it)
    """Marks a text that is translated elsewhere, where it is shown."""
    return message


def paragraphs(text: str) -> str:
    """A longer text, such as a check's `about`, translated paragraph by paragraph; each becomes one line."""
    if _spoken.get() == ENGLISH:
        return text
    lines = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(map(gettext, lines))


def figures(written: str) -> str:
    """A number written as in English, "1,234.5", as the language writes it."""
    if _spoken.get() == ENGLISH:
        return written
    between, point = pgettext("between thousands", ","), pgettext("decimal point", ".")
    return written.translate({ord(","): between, ord("."): point})
