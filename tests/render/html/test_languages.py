"""The page in other languages: every text of its own is translated, its bytes are the same, English is as it was."""

import re
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from tests.render import reports
from tests.render.html.pages import WEEK, audited, conversation, export, slow, week, week_page
from tests.render.html.test_command import report
from tests.score.sample import conversations, report_of
from typer.testing import CliRunner

from supportaudit import ui
from supportaudit.cli import app
from supportaudit.render.html import render_html
from supportaudit.render.json_report import render_json
from supportaudit.results.comparison import compare
from supportaudit.results.readback import read_report
from supportaudit.results.saved import period_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    html5lib = pytest.importorskip("html5lib")

LANGUAGES = ("el", "hy", "ka")
PAGE = Path(ui.__file__).parent / "render" / "html"


def from_result(folder: Path) -> str:
    path = folder / "week.json"
    path.write_text(render_json(week()), "utf-8")
    return render_html(read_report(path), kept=2)


def odd(folder: Path) -> str:
    """No channel, a bot, a system message, somebody unknown, a note that is not public."""
    said = slow(1, "Ann", "Tom Reed", "Where is it?")
    for n, role in enumerate(("bot", "system", "unknown", "note")):
        at = f"2026-11-09T09:0{n}:00Z"
        said["messages"].insert(0, {"id": role, "at": at, "role": role, "author": "X", "text": "A line."})
    del said["channel"]
    return render_html(audited(export(folder / "odd.jsonl", [said]), redact=False), anonymize=True)


def with_everything(folder: Path) -> str:
    """The week beside an earlier audit that differs, with a gate, suppressions and the audits before."""
    gated = reports.gated(report_of(conversations(240)))
    earlier = [period_of(report_of(conversations(90, seed)), f"week-{seed}.json") for seed in (1, 2, 3)]
    own = msgspec.structs.replace(
        week(),
        gate=gated.gate,
        suppressed=gated.suppressed,
        comparison=compare(earlier[0], period_of(week(), "now")),
    )
    return render_html(own, earlier=earlier)


def single(folder: Path) -> str:
    said = [("2026-11-09T10:00:00Z", "customer", "Ann", "Where is it?")]
    return render_html(audited(export(folder / "one.jsonl", [conversation(1, said)])))


PAGES: dict[str, Callable[[Path], str]] = {
    "everything": with_everything,
    "numbered": lambda _: render_html(week(), anonymize=True),
    "no evidence": lambda _: render_html(audited(WEEK, evidence=0)),
    "result": from_result,
    "odd": odd,
    "single": single,
    "empty": lambda _: render_html(reports.empty()),
    "nothing": lambda _: render_html(report_of([])),
}


@cache
def page_texts() -> frozenset[str]:
    """The English of every text that the page's own files mark."""
    found = set()
    for path in (*PAGE.glob("*.py"), PAGE / "page.html.j2"):
        method = "jinja2" if path.suffix == ".j2" else "python"
        for _, message, _, _ in extract_from_file(method, path, DEFAULT_KEYWORDS):
            found |= set((message,) if isinstance(message, str) else message)
    return frozenset(text for text in found if text)


def shown(html: str) -> Iterator[str]:
    """What a reader meets that is ours: texts and spoken attributes, without quotes, names and threads."""

    def walk(element: object, foreign: bool) -> Iterator[str]:
        tag, text = element.tag, element.text  # type: ignore[attr-defined]
        if not isinstance(tag, str) or tag in ("script", "style", "bdi", "code", "option"):
            return
        foreign = foreign or element.get("dir") == "auto"  # type: ignore[attr-defined]
        for name, value in element.items():  # type: ignore[attr-defined]
            if name in ("aria-label", "title", "placeholder") or (
                name.startswith("data-") and element.get("id") in ("said", "all", "shown")  # type: ignore[attr-defined]
            ):
                yield value
        if text and not foreign:
            yield text
        for child in element:  # type: ignore[attr-defined]
            yield from walk(child, foreign)
            if child.tail and not foreign:
                yield child.tail

    return walk(html5lib.HTMLParser(namespaceHTMLElements=False).parse(html), False)


def test_there_are_texts_to_look_for() -> None:
    assert len(page_texts()) > 200
    assert "Support scorecard" in page_texts()
    in_english = " ".join(shown(with_everything(Path())))
    telling = [text for text in page_texts() if "{" not in text and " " in text]
    assert sum(text in in_english for text in telling) > 0.6 * len(telling), "the page shows most of them"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_no_text_of_the_page_stays_english(name: str, language: str, tmp_path: Path) -> None:
    with ui.speaking(language):
        html = PAGES[name](tmp_path)
    assert html.startswith(f'<!doctype html>\n<html lang="{language}">')
    texts = [" ".join(text.split()) for text in shown(html)]
    parts = {part.strip(" .,:;·()") for text in page_texts() for part in re.split(r"\{\w+\}", text)}
    words = {part for part in parts if re.search("[A-Za-z]{2}", part) and "supportaudit" not in part}
    assert [text for text in texts if text.strip(" .,:;·()") in words - {"social", "chat"}] == []
    sentences = {part for part in words if " " in part and len(re.findall("[a-z]{3}", part)) >= 2}
    whole = "\n".join(texts)
    assert [part for part in sentences if part in whole] == []
    assert not re.search(r"(?<!\{)\{(?!n\}|total\}|column\})\w+\}", whole), "a value that was not put in"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_language_is_sound_and_always_the_same(language: str) -> None:
    with ui.speaking(language):
        html = render_html(week())
        assert render_html(week()) == html
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    english = html5lib.HTMLParser(namespaceHTMLElements=False).parse(week_page())
    other = html5lib.HTMLParser(namespaceHTMLElements=False).parse(html)
    for name in ("id", "href", "data-check", "data-severity", "data-filter", "value"):
        same = [[e.get(name) for e in tree.iter() if e.get(name)] for tree in (english, other)]
        assert same[0] == same[1], "links lead to the same places, filters hold the same keys"
    assert [e.text for e in english.iter("mark")] == [e.text for e in other.iter("mark")]


def test_english_follows_another_language_unchanged() -> None:
    """The template is kept; its texts are not."""
    with ui.speaking("ka"):
        assert "მტკიცებულებები" in render_html(week())
    assert render_html(week()) == week_page()
    assert '<html lang="en">' in week_page()
    assert not re.search("[Ͱ-Ͽ԰-֏Ⴀ-ჿ]", week_page().replace("Σ", ""))


def test_words_numbers_and_dates_of_the_first_screen() -> None:
    with ui.speaking("el"):
        html = render_html(week())
    assert "Μία στις 4 συνομιλίες απέτυχε απέναντι στον πελάτη" in html
    assert "9–15 Νοεμβρίου 2026" in html
    assert '<span class="score num">72,4</span> στα 100' in html
    assert "διάστημα 95 % 66,0 έως 76,0" in html
    assert '13 <span class="soft small">από 329</span>' in html
    assert '<span class="tag high">υψηλή</span>' in html
    with ui.speaking("ka"):
        assert '<span class="soft small">329-დან</span> 13' in render_html(week())


def test_agents_are_numbered_in_the_language(tmp_path: Path) -> None:
    names = {word for s in week().scorecard.segments["agent"] for word in s.value.split()}
    with ui.speaking("ka"):
        html = render_html(week(), anonymize=True)
    assert [word for word in names if re.search(rf"(?i)(?<![^\W_]){word}(?![^\W_])", html)] == []
    assert "ოპერატორი 3" in html
    assert "Agent 3" not in html


def test_both_commands_write_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE", "SUPPORTAUDIT_UI_LANG"):
        monkeypatch.delenv(name, raising=False)
    path = export(tmp_path / "week.jsonl", [slow(n, f"C{n}", "Tom Reed", "Where is it?") for n in range(12)])
    page = tmp_path / "page.html"
    assert "failures with their proof" in report(path, "-o", page, "--ui-lang", "el")
    greek = page.read_text("utf-8")
    assert '<html lang="el">' in greek
    CliRunner().invoke(app, ["scan", str(path), "-o", f"html={page}", "-j", "1", "--ui-lang", "el"])
    assert page.read_text("utf-8") == greek
    report(path, "-o", page)
    assert '<html lang="en">' in page.read_text("utf-8")
    monkeypatch.setenv("SUPPORTAUDIT_UI_LANG", "hy")
    report(path, "-o", page)
    assert '<html lang="hy">' in page.read_text("utf-8")
