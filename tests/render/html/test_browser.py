"""The page in a real browser: everything works by mouse and keyboard, nothing leaves it, axe finds nothing.

Needs Chromium (/usr/bin/chromium) and the packages of the `dev` extra; skipped where they are missing, and on CI.
"""

import os
import re
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tests.render.html.pages import HOSTILE, WEEK, audited, export, slow, week, week_page
from tests.score.sample import conversations, report_of

from supportaudit.render.html import render_html
from supportaudit.results.saved import period_of

CHROMIUM = Path(os.environ.get("SUPPORTAUDIT_TEST_CHROMIUM", "/usr/bin/chromium"))

if os.environ.get("CI"):
    pytest.skip("browser tests do not run on CI", allow_module_level=True)
if not CHROMIUM.exists() or find_spec("playwright") is None:
    pytest.skip("needs /usr/bin/chromium and playwright", allow_module_level=True)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, sync_playwright

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Open:
    """Opens pages as files and watches them: no request may leave, and the console must stay silent."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser, self.folder = browser, folder
        self.asked: list[str] = []
        self.said: list[str] = []
        self.contexts: list[Any] = []

    def __call__(self, html: str, *, width: int = 1440, anchor: str = "", **context: Any) -> Page:
        path = self.folder / "page.html"
        path.write_text(html, "utf-8")
        made = self.browser.new_context(viewport={"width": width, "height": 900}, **context)
        self.contexts.append(made)
        page = made.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", self._request)
        page.route(re.compile(r"^https?:|^wss?:"), self._refuse)
        page.goto(path.as_uri() + anchor)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        self.said.append(message.text)

    def _request(self, request: Request) -> None:
        if not request.url.startswith(("file:", "data:,")):
            self.asked.append(request.url)

    def _refuse(self, route: Route) -> None:
        self.asked.append(route.request.url)
        route.abort()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    opened = Open(browser, tmp_path)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.asked == []
    assert opened.said == []


def shown(page: Page) -> int:
    return page.locator(".case:visible").count()


def until(page: Page, holds: str) -> None:
    """Wait for an expression; not by Playwright, whose way of waiting the page's policy forbids."""
    for _ in range(100):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never came true: {holds}")


def test_filters_and_search_narrow_the_cases_and_clear(show: Open) -> None:
    page = show(week_page())
    everything = shown(page)
    assert everything == 77
    page.select_option("[data-filter=check]", "rudeness")
    assert shown(page) == page.locator(".case[data-check=rudeness]").count() == 6
    assert page.locator("[data-group]:visible").count() == 1
    page.select_option("[data-filter=channel]", "social")
    assert 0 < shown(page) < 6
    page.fill("#search", "no such words anywhere")
    page.locator("#none").wait_for(state="visible")
    assert page.inner_text("#shown").startswith("0 of 77")
    page.click("#clear")
    assert shown(page) == everything
    assert page.evaluate("document.activeElement.id") == "search"
    page.fill("#search", "50006 REFUND")
    until(page, "document.querySelectorAll('.case:not([hidden])').length < 5")
    assert page.locator("#case-broken-promise-50006").is_visible()


@pytest.mark.parametrize("name", ["agent", "severity"])
def test_every_choice_of_a_filter_finds_something(show: Open, name: str) -> None:
    page = show(week_page())
    values = page.eval_on_selector_all(f"[data-filter={name}] option", "all => all.map(o => o.value)")
    for value in values[1:]:
        page.select_option(f"[data-filter={name}]", value)
        assert 0 < shown(page) < 77


def test_tables_sort_by_numbers_and_by_words(show: Open) -> None:
    page = show(week_page())

    def column(place: int) -> list[str]:
        cells = f"#by-agent + .scroll tbody tr > :nth-child({place})"
        found: list[str] = page.eval_on_selector_all(cells, "all => all.map(e => e.textContent.trim())")
        return found

    assert column(1) == sorted(column(1))
    page.click("#by-agent + .scroll th:nth-child(2) button")
    numbers = [int(text) for text in column(2)]
    assert numbers == sorted(numbers, reverse=True)
    assert page.get_attribute("#by-agent + .scroll th:nth-child(2)", "aria-sort") == "descending"
    page.click("#by-agent + .scroll th:nth-child(2) button")
    assert [int(text) for text in column(2)] == sorted(numbers)
    page.click("#by-agent + .scroll th:nth-child(4) button")
    rates = [float(text.split()[0]) for text in column(4)]
    assert rates == sorted(rates, reverse=True)
    page.click("#by-agent + .scroll th:nth-child(1) button")
    assert column(1) == sorted(column(1))


def test_a_case_opens_and_shows_its_thread(show: Open) -> None:
    page = show(week_page())
    case = page.locator("#case-broken-promise-50006")
    assert not case.locator(".thread").is_visible()
    case.locator("summary").click()
    assert case.locator(".thread .proof").first.is_visible()
    assert "you will have the refund by Wednesday" in case.locator("mark").first.inner_text()
    page.click("#all")
    assert page.locator(".case[open]").count() == 77
    page.click("#all")
    assert page.locator(".case[open]").count() == 0


def test_a_link_with_an_anchor_opens_the_case(show: Open) -> None:
    page = show(week_page(), anchor="#case-rudeness-50111")
    assert page.locator("#case-rudeness-50111 .thread").is_visible()
    until(page, "document.getElementById('case-rudeness-50111').getBoundingClientRect().top < 200")


def test_a_link_within_the_page_opens_what_a_filter_hid(show: Open) -> None:
    page = show(week_page())
    page.select_option("[data-filter=check]", "rudeness")
    page.click(".card >> nth=0 >> blockquote a")
    assert page.locator("#case-broken-promise-50006 .thread").is_visible()
    assert shown(page) == 77
    page.click("#case-broken-promise-50006 summary")
    assert not page.locator("#case-broken-promise-50006 .thread").is_visible()
    page.click(".card >> nth=0 >> blockquote a")  # the address does not change
    assert page.locator("#case-broken-promise-50006 .thread").is_visible()


def test_the_link_of_a_case_is_copied(show: Open) -> None:
    page = show(week_page(), anchor="#case-rudeness-50111", permissions=["clipboard-read", "clipboard-write"])
    page.click("#case-rudeness-50111 [data-copy]")
    until(page, "document.getElementById('said').textContent !== ''")
    copied = page.evaluate("navigator.clipboard.readText().catch(() => location.href)")
    assert copied.endswith("page.html#case-rudeness-50111")


def test_the_keyboard_reaches_and_works_everything(show: Open) -> None:
    page = show(week_page())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip:focus").bounding_box()["x"] >= 0  # type: ignore[index]
    page.focus("#checks ~ .scroll th button")
    page.keyboard.press("Enter")
    assert page.locator("#checks ~ .scroll th[aria-sort]").count() == 1
    page.focus("#search")
    page.keyboard.type("50006")
    until(page, "document.querySelectorAll('.case:not([hidden])').length < 5")
    order = []
    for _ in range(12):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate("document.activeElement.tagName + (document.activeElement.dataset.filter ?? '')")
        )
        if order[-1] == "SUMMARY":
            break
    assert order[:4] == ["SELECTcheck", "SELECTagent", "SELECTchannel", "SELECTseverity"]
    assert order[-1] == "SUMMARY"
    page.keyboard.press("Enter")
    assert page.locator(".case[open] .thread").count() == 1
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(ring.removesuffix("px")) >= 2


def test_everything_to_press_is_large_enough(show: Open) -> None:
    """24 by 24 CSS pixels (WCAG 2.2, 2.5.8); links within a sentence are excepted."""
    page = show(week_page(), width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, summary, nav a, ul.links a')]
            .filter((e) => e.offsetParent).map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"""
    )
    assert small == []


def test_the_colours_follow_the_system_and_the_button(show: Open) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    page = show(week_page(), color_scheme="dark")
    dark = page.evaluate(ground)
    assert page.get_attribute("#theme", "aria-pressed") == "true"
    page.click("#theme")
    light = page.evaluate(ground)
    assert (
        sum(map(int, re.findall(r"\d+", light)[:3])) > 600 > 200 > sum(map(int, re.findall(r"\d+", dark)[:3]))
    )
    assert show(week_page(), color_scheme="light").evaluate(ground) == light


def test_nothing_is_wider_than_the_screen(show: Open, tmp_path: Path) -> None:
    rows = [slow(n, "Z" * 80, "A" * 90, "W" * 300) for n in range(12)]
    long = render_html(audited(export(tmp_path / "long.jsonl", rows)))
    for html in (week_page(), long):
        for width in (1440, 768, 390, 320):
            page = show(html, width=width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_works_without_script(show: Open) -> None:
    page = show(week_page(), java_script_enabled=False)
    assert not page.locator("#search").is_visible()
    assert shown(page) == 77
    page.click("#case-broken-promise-50006 summary")
    assert page.locator("#case-broken-promise-50006 .thread").is_visible()


def test_hostile_texts_do_nothing(show: Open, tmp_path: Path) -> None:
    rows = [
        slow(n, HOSTILE, HOSTILE, HOSTILE, HOSTILE) | {"channel": HOSTILE, "team": HOSTILE} for n in range(3)
    ]
    page = show(render_html(audited(export(tmp_path / "hostile.jsonl", rows))))
    page.click("#all")
    page.wait_for_timeout(200)
    assert page.title().startswith("Support scorecard")
    assert page.locator("h1").is_visible()
    assert page.locator("script").count() == 1
    assert "<script>" in page.inner_text(".thread >> nth=0")


def pages() -> dict[str, str]:
    past = [period_of(report_of(conversations(90, seed)), f"week-{seed}.json") for seed in (1, 2)]
    return {
        "week": week_page(),
        "past": render_html(report_of(conversations(240)), earlier=past),
        "numbered": render_html(week(), anonymize=True),
        "nothing": render_html(report_of([])),
    }


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(show: Open, scheme: Any, width: int) -> None:
    axe = find_spec("axe_playwright_python")
    if axe is None or axe.origin is None:
        pytest.skip("needs axe-playwright-python")
    source = (Path(axe.origin).parent / "axe.min.js").read_text("utf-8")
    every = (width, scheme) == (1440, "light")
    # Of the cases opened, some are enough to see colours and narrow columns by.
    some = {"some of the week": render_html(audited(WEEK, evidence=2))}
    for name, html in (pages() if every else some).items():
        page = show(html, width=width, color_scheme=scheme)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.evaluate(source)
        found = page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        )
        told = [
            (v["id"], [(n["html"][:120], n["failureSummary"][:240]) for n in v["nodes"][:3]])
            for v in found["violations"]
        ]
        assert (name, told) == (name, [])


def test_it_prints_on_few_pages(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "week.html"
    path.write_text(week_page(), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) < 10
