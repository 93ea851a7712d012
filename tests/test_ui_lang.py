"""Languages of the results: catalogues whole and current, reasons translated, lines that fit, machines left alone."""

import io
import re
import string
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

import jinja2
import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from rich.cells import cell_len
from tests.render import reports
from tests.score.sample import conversations, report_of

from supportaudit import cli, ui
from supportaudit.auditing.casefile import load_cases
from supportaudit.auditing.intake import Reading
from supportaudit.auditing.registry import ORDER, builtin_dir, check_named
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.auditing.signals import signal_infos
from supportaudit.errors import SettingsError
from supportaudit.pages.explain import checks_page, explain_page
from supportaudit.render import sentences
from supportaudit.render.sentences import quote_words, reason_words, span_words
from supportaudit.render.terminal import render_terminal
from supportaudit.render.text import count, day, decimal, duration, first_sentence, instant, percent, plural
from supportaudit.results.report import Report

ROOT = Path(__file__).parents[1]
WEEK = ROOT / "examples" / "shop-week.csv"
LANGUAGES = ("el", "hy", "ka")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
Key = tuple[str | None, str]


def keyed(catalogue: Catalog) -> dict[Key, Message]:
    return {(m.context, m.id[0] if m.pluralizable else str(m.id)): m for m in catalogue if m.id}


@cache
def catalogue(language: str) -> Catalog:
    path = ui.LOCALE / language / "LC_MESSAGES" / f"{ui.DOMAIN}.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=language)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> dict[Key, Message]:
    """All texts that the source has now."""
    pot = tmp_path_factory.mktemp("pot") / "new.pot"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        pybabel = CommandLineInterface()
        pybabel.run(["pybabel", "-q", "extract", "-F", "babel.cfg", "-o", str(pot), "."])  # type: ignore[no-untyped-call]
    return keyed(read_po(io.BytesIO(pot.read_bytes())))


@pytest.fixture(scope="module")
def week() -> Report:
    return scan([WEEK], ScanSettings(reading=Reading()), None)


def strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def originals(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def places(text: str) -> set[str]:
    """The names in braces; braces that are no place of a value stand twice or with blanks."""
    if "{{" in text:
        return {text[text.index("{{") : text.index("}}") + 2]}
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


# ---- catalogues


def test_the_languages_are_those_that_are_asked_for() -> None:
    assert ui.languages() == ("en", *LANGUAGES)


def test_the_template_is_current(extracted: dict[Key, Message]) -> None:
    template = keyed(read_po(io.BytesIO((ui.LOCALE / f"{ui.DOMAIN}.pot").read_bytes())))
    assert template.keys() == extracted.keys(), "extract again: docs/translating.md"
    assert not [m for m in extracted.values() if m.python_format], "a share sign that looks like a format"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_and_nothing_left_over(language: str, extracted: dict[Key, Message]) -> None:
    translated = keyed(catalogue(language))
    assert extracted.keys() - translated.keys() == set(), "not in the catalogue"
    assert translated.keys() - extracted.keys() == set(), "no longer in the source"
    assert not catalogue(language).obsolete
    for key, message in translated.items():
        assert not message.fuzzy, key
        assert all(strings(message)), f"not translated: {key}"
        assert len(strings(message)) == (catalogue(language).num_plurals if message.pluralizable else 1), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_and_commands_stand_in_every_translation(language: str) -> None:
    for message in catalogue(language):
        original = originals(message)[-1]
        if not original:
            continue
        names = places(original)
        code = Counter(re.findall(r"`[^`]+`", original))
        for text in strings(message):
            assert places(text) == names, text
            assert Counter(re.findall(r"`[^`]+`", text)) == code, text
            assert text == text.strip() or message.context == "between thousands", text
            assert original.startswith("* ") == text.startswith("* "), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_current(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    path = ui.LOCALE / language / "LC_MESSAGES" / f"{ui.DOMAIN}.mo"
    with path.open("rb") as file:
        shipped, fresh = GNUTranslations(file), GNUTranslations(compiled)
    assert vars(shipped)["_catalog"] == vars(fresh)["_catalog"], "compile again: docs/translating.md"


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_the_language(language: str) -> None:
    with (ui.LOCALE / language / "LC_MESSAGES" / f"{ui.DOMAIN}.mo").open("rb") as file:
        chosen = vars(GNUTranslations(file))["plural"]
    rule = Locale.parse(language).plural_form
    for number in range(1_200):
        assert ("one", "other")[chosen(number)] == rule(number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_writing_is_the_language_s_own(language: str) -> None:
    """No sentence left in English; what stays Latin are ids, commands, names and units of no alphabet."""
    letters = {"el": r"[Ͱ-Ͽἀ-῿]", "hy": r"[԰-֏]", "ka": r"[Ⴀ-ჿ]"}[language]
    for message in catalogue(language):
        original = re.sub(r"\{\w+\}|`[^`]+`", "", originals(message)[-1])
        if len(re.findall(r"[a-z]{2}", original)) > 1:
            for text in strings(message):
                assert re.search(letters, text), text
    if language == "hy":  # the Armenian full stop is no colon
        assert not [m.string for m in catalogue("hy") if m.id and re.search(r"[Ա-ֆ]:", str(m.string))]


# ---- numbers, times and dates


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_written_as_the_language_does(language: str) -> None:
    with ui.speaking(language):
        assert count(1_234_567) == format_decimal(1_234_567, locale=language)
        assert decimal(12_345.6) != "12345.6"
        assert ui.figures("12,345.6") == format_decimal(12_345.6, locale=language)
        assert percent(0.1234) == format_decimal(12.3, locale=language) + " %"


def test_dates_and_times() -> None:
    when = date(2026, 3, 4)
    assert day(when) == "2026-03-04"
    for language, written in (("el", "04/03/2026"), ("hy", "04.03.2026"), ("ka", "04.03.2026")):
        with ui.speaking(language):
            assert day(when) == written
            assert instant("2026-03-04T19:14:23Z") == f"{written} 19:14 UTC"
            assert instant("2026-03-04T19:14:23+04:00") == f"{written} 19:14+0400"
            assert instant("+7d") == "+7d"
    with ui.speaking("ka"):
        assert (duration(45), duration(11_880), span_words("4 d 6 h")) == ("45 წმ", "3,3 სთ", "4 დღე 6 სთ")
    assert instant("2026-03-04T19:14:23Z") == "2026-03-04T19:14:23Z"


def test_nouns_take_the_form_of_their_number() -> None:
    with ui.speaking("el"):
        assert plural(1, "conversation") == "1 συνομιλία"
        assert plural(1_204, "conversation") == "1.204 συνομιλίες"
        assert plural(2, "pair") == "2 pairs", "what is not in the catalogue is English"
    for language, words in (("ka", "5 საუბარი"), ("hy", "5 զրույց")):
        with ui.speaking(language):
            assert plural(5, "conversation") == words, "the singular stands behind a number"


def test_a_sentence_ends_where_the_language_ends_it() -> None:
    assert first_sentence("One thing. Another.") == "One thing."
    assert first_sentence("Մեկ բան. և ևս մեկը։ Երկրորդ։") == "Մեկ բան. և ևս մեկը։"


# ---- what checks say


def said() -> Iterator[tuple[str, str, str]]:
    """Check, reason and quote of everything that the checks find in their own cases."""
    for name in ORDER:
        check = check_named(name)
        for case in load_cases(builtin_dir() / name):
            for finding in case.audit(check).findings:
                yield name, finding.reason, finding.quote


@pytest.fixture(scope="module")
def findings() -> frozenset[tuple[str, str, str]]:
    return frozenset(said())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_the_cases_is_translated(
    language: str, findings: frozenset[tuple[str, str, str]]
) -> None:
    assert len({reason for _, reason, _ in findings}) > 50
    with ui.speaking(language):
        for _, reason, _ in findings:
            words = reason_words(reason)
            assert not re.search("[A-Za-z]", words.replace("e-mail", "")), f"{reason}: {words}"
            assert re.findall(r"\d+", words) == re.findall(r"\d+", reason)


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_of_ours_are_translated_and_no_other(
    language: str, findings: frozenset[tuple[str, str, str]]
) -> None:
    measured = re.compile(r"(waited|asked again after) \d|\d+ hand-overs are recorded")
    ours = 0
    with ui.speaking(language):
        for check, _, quote in findings:
            shown = quote_words(check, quote)
            if measured.match(quote) and check in ("slow-reply", "run-around"):
                ours += 1
                assert not re.search("[A-Za-z]", shown), shown
                assert Counter(re.findall(r"\d+", shown)) == Counter(re.findall(r"\d+", quote))
            else:
                assert shown == quote
    assert ours > 5


def test_every_written_reason_stands_in_a_check_and_the_other_way_round() -> None:
    folders = [builtin_dir() / name / "check.py" for name in ORDER]
    code = "".join(path.read_text("utf-8") for path in folders)
    code += "".join(
        (ROOT / "src" / "supportaudit" / f"{name}.py").read_text("utf-8")
        for name in ("checkkit", "auditing/engine", "auditing/signals")
    )
    plain = vars(sentences)["_PLAIN"]
    facts = vars(sentences)["_FACTS"]
    assert [text for text in (*plain, *facts) if f'"{text}' not in code] == [], "no check says so any more"
    written = set(re.findall(r'(?:reason=|NotApplicable\()"([^"]+)"', code))
    assert len(written) > 10
    assert written <= set(plain)


def test_what_is_not_known_is_shown_as_it_is() -> None:
    with ui.speaking("ka"):
        for reason in ("", "something a plugin found", "first reply after a while", "passed on many times"):
            assert reason_words(reason) == reason
        assert quote_words("rudeness", "passed on 2 times") == "passed on 2 times"
    assert reason_words("passed on 2 times") == "passed on 2 times"


@pytest.mark.parametrize(
    ("english", "greek"),
    [
        ("first reply after 3 h 3 min", "πρώτη απάντηση μετά από 3 ώ. 3 λ."),
        (
            "reply after 26 h, 2 h 10 min of them open",
            "απάντηση μετά από 26 ώ., 2 ώ. 10 λ. από αυτά εντός ωραρίου",
        ),
        (
            "no person answered within 2 d, 1 more messages",
            "δεν απάντησε άνθρωπος μέσα σε 2 ημ., 1 μήνυμα ακόμη",
        ),
        ("passed on 3 times", "παραπέμφθηκε αλλού 3 φορές"),
        ("TypeError in check 'rudeness'", "TypeError στον έλεγχο «rudeness»"),
    ],
)
def test_values_are_put_back(english: str, greek: str) -> None:
    with ui.speaking("el"):
        assert reason_words(english) == greek


# ---- the terminal


def widest(text: str) -> int:
    return max(cell_len(ANSI.sub("", line)) for line in text.split("\n"))


@pytest.mark.parametrize("language", ("en", *LANGUAGES))
@pytest.mark.parametrize("width", [72, 80, 110])
def test_the_example_week_fits(language: str, width: int, week: Report) -> None:
    with ui.speaking(language):
        text = render_terminal(week, width=width)
        coloured = render_terminal(week, width=width, color=True)
        ascii_only = render_terminal(week, width=width, unicode=False)
    assert widest(text) <= width
    assert not re.search(r" $", text, re.MULTILINE)
    cut = [line for line in text.split("\n") if "…" in line]
    if width >= 80:
        assert all(line.startswith("    5") for line in cut), "only a quote is cut"
    assert ANSI.sub("", coloured) == text
    assert "\x1b" not in text
    assert [cell_len(line) for line in ascii_only.split("\n")] == [
        cell_len(line) for line in text.split("\n")
    ]
    assert not set("→─━–…·≤“”‘’„«»\u00a0") & set(ascii_only)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_ours_stays_english(language: str, week: Report) -> None:
    """Of no message, neither in the week nor beside a gate, an earlier audit and suppressions."""
    kinds = (week, reports.gated(report_of(conversations())), reports.empty(), reports.nothing())
    names = [*ORDER, *(info.id for info in signal_infos())]
    with ui.speaking(language):
        texts = [render_terminal(report, by, 110) for report in kinds for by in ("agent", "team", "week")]
        cases = ui.pgettext("a case", "Fails")
        texts += [checks_page(), *(explain_page(name).partition(f"\n{cases}\n")[0] for name in names)]
    shown = "\n".join(texts).replace("no language pack for this conversation", "")  # made up by the sample
    for message in catalogue(language):
        for original in originals(message) if message.id else ():
            for part in re.split(r"\{\w+\}", original):
                if len(re.findall("[a-z]{3}", part)) >= 2 and " " in part.strip():
                    assert part.strip() not in shown, original


def test_a_check_s_title_says_what_its_id_means(week: Report) -> None:
    with ui.speaking("el"):
        text = render_terminal(week)
    line = next(line for line in text.split("\n") if line.startswith("  slow-reply "))
    assert "13 από 329    4,0 %  2,3–6,6" in line
    assert "\n    Ένας πελάτης περίμενε πάρα πολύ για απάντηση από άνθρωπο\n" in text
    assert "«περίμενε 3 ώ. 3 λ. για την πρώτη απάντηση (όριο 1 ώ.)»" in text
    assert "A customer waited too long" not in render_terminal(week), "in English the id speaks for itself"


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_fits_with_a_gate_and_an_earlier_audit(language: str) -> None:
    for report in (reports.gated(report_of(conversations())), reports.long(), reports.empty()):
        with ui.speaking(language):
            text = render_terminal(report)
            counted = sentences.comparison_words(report.comparison) if report.comparison else ""
        assert widest(text) <= 80
        table = text.partition(counted)[0] if counted else ""
        assert not [line for line in table.split("\n")[-14:] if line.endswith("…")], "no verdict is cut"


@pytest.mark.parametrize("language", ("en", *LANGUAGES))
def test_pages_fit(language: str) -> None:
    with ui.speaking(language):
        for page in (checks_page(), *map(explain_page, [*ORDER, "praise-answered", "reason-other"])):
            assert widest(page) <= 80


# ---- which language


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "el_GR.UTF-8"}, "el"),
        ({"LANG": "ka_GE.UTF-8", "LC_MESSAGES": "hy_AM.UTF-8"}, "hy"),
        ({"LANG": "ka_GE.UTF-8", "LC_MESSAGES": "hy_AM", "LC_ALL": "el_CY.UTF-8@euro"}, "el"),
        ({"LANG": "ka_GE.UTF-8", "LC_ALL": "C.UTF-8", "LANGUAGE": "el"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:hy:en"}, "hy"),
        ({"LANG": "ka_GE.UTF-8", "LANGUAGE": "en"}, "en"),
        ({"LANGUAGE": "ka"}, "ka"),
        ({"LANG": "fi_FI.UTF-8"}, "en"),
        ({"LANG": "POSIX", "LANGUAGE": "ka"}, "en"),
        ({"LC_ALL": "", "LANG": "hy"}, "hy"),
        ({"LANG": "../../etc"}, "en"),
    ],
)
def test_the_locale_chooses(environ: dict[str, str], language: str) -> None:
    assert ui.language_of(None, environ) == language
    assert ui.language_of("el", environ, "ascii") == "el", "what is typed wins"
    assert ui.language_of(None, environ, "ascii") == "en", "letters that the output cannot show"


def test_a_language_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"there is no 'fr'.*there are en, el, hy, ka"):
        ui.language_of("fr", {})
    assert ui.language_of("el-GR", {}) == "el"
    assert ui.language_of("EN_us", {}) == "en"


def printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["supportaudit", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0), capsys.readouterr().out


def locale_is(monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG", "SUPPORTAUDIT_UI_LANG"):
        monkeypatch.delenv(variable, raising=False)
    if name is not None:
        monkeypatch.setenv("LC_ALL", name)


def test_the_option_decides_and_not_the_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    export = tmp_path / "one.csv"
    export.write_text(
        "conversation_id,time,role,text\n"
        "1,2026-03-02T09:00:00Z,customer,Where is my order?\n"
        '1,2026-03-04T12:00:00Z,agent,"It left yesterday, sorry."\n',
        "utf-8",
    )
    scanned = ("scan", str(export), "--no-config", "-j", "1")
    shown: dict[tuple[str, str], set[str]] = {}
    for name in ("C", "el_GR.UTF-8", "ka_GE.UTF-8", None):
        locale_is(monkeypatch, name)
        for language in ("en", "hy"):
            for form in ("text", "json", "markdown", "sarif"):
                code, out = printed(monkeypatch, capsys, *scanned, "-f", form, "--ui-lang", language)
                assert code == 0
                shown.setdefault((form, language), set()).add(out)
    assert {len(outs) for outs in shown.values()} == {1}
    assert shown["text", "en"] != shown["text", "hy"]
    for form in ("json", "markdown", "sarif"):
        assert shown[form, "en"] == shown[form, "hy"], "no format for machines knows languages"
    locale_is(monkeypatch, "hy_AM.UTF-8")
    assert {printed(monkeypatch, capsys, *scanned)[1]} == shown["text", "hy"]
    monkeypatch.setenv("SUPPORTAUDIT_UI_LANG", "en")
    assert {printed(monkeypatch, capsys, *scanned)[1]} == shown["text", "en"]
    assert "Ելք" not in printed(monkeypatch, capsys, "checks")[1]
    assert "Խոստումը չի կատարվել" in printed(monkeypatch, capsys, "checks", "--ui-lang", "hy")[1]
    assert printed(monkeypatch, capsys, "explain", "rudeness", "--ui-lang", "xx")[0] == 2


# ---- the mechanism


def test_a_language_is_spoken_inside_its_block_only() -> None:
    assert ui.spoken() == "en"
    with ui.speaking("el"):
        with ui.speaking("ka"):
            assert ui.gettext("Gate") == "ხარისხის ბარიერი"
        assert ui.spoken() == "el"
        assert ui.gettext("") == "", "not the header of the catalogue"
        with pytest.raises(ValueError, match="x"), ui.speaking("ka"):
            raise ValueError("x")
    assert ui.spoken() == "en"
    assert ui.gettext("Gate") == "Gate"


def test_values_are_put_in_as_they_are() -> None:
    with ui.speaking("ka"):
        assert ui.gettext("Against {name}", name="{x} %s {{") == "შედარება: {x} %s {{"
    assert "{{first_name}}" in ui.gettext(check_named("impersonal").info.about)


def test_jinja_takes_the_same_functions() -> None:
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    vars(environment)["install_gettext_callables"](ui.gettext, ui.ngettext, newstyle=False)
    template = environment.from_string(
        '{{ _("Gate") }}|{{ _("Against {name}", name="<b>") }}|{% trans %}Worst conversations{% endtrans %}'
    )
    assert template.render() == "Gate|Against &lt;b&gt;|Worst conversations"
    with ui.speaking("el"):
        assert template.render() == "Πύλη ποιότητας|Σε σύγκριση με &lt;b&gt;|Χειρότερες συνομιλίες"


def test_common_notes_about_an_export_are_translated() -> None:
    notes = vars(sentences)["_NOTES"]
    code = "".join(p.read_text("utf-8") for p in (ROOT / "src" / "supportaudit" / "read").glob("*.py"))
    starts = [re.split(r"day|month|\{|\ufffd", template)[0] for template in notes]
    assert [start for start in starts if start not in code] == [], "no reader says so any more"
    with ui.speaking("el"):
        assert (
            sentences.note_words("Columns not used: a {b}, c.")
            == "Στήλες που δεν χρησιμοποιήθηκαν: a {b}, c."
        )
        two = sentences.note_words("Times carry no zone and were read as UTC; set --tz. (2 files)")
        assert two == "Οι ώρες δεν έχουν ζώνη και διαβάστηκαν ως UTC· ορίστε --tz. (2 αρχεία)"
        assert sentences.note_words("Something else. (2 files)") == "Something else. (2 files)"
    assert sentences.note_words("Columns not used: a.") == "Columns not used: a."
