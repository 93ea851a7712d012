"""The page without a browser: sound HTML, sealed by its policy, the same bytes, nothing personal, nobody's name."""

import base64
import hashlib
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.render.html.pages import (
    HOSTILE,
    PLANTED,
    WEEK,
    audited,
    conversation,
    export,
    slow,
    week,
    week_page,
)
from tests.render.test_json_report import gated
from tests.score.sample import conversations, report_of

from supportaudit.render.html import render_html
from supportaudit.render.json_report import render_json
from supportaudit.results.readback import read_report
from supportaudit.results.report import Report
from supportaudit.results.saved import period_of
from supportaudit.settings.limits import DEFAULTS, Limits

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    html5lib = pytest.importorskip("html5lib")


def report_with(settings: dict[str, str]) -> Report:
    report = report_of(conversations(60))
    return msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, settings=settings))


PAGES: dict[str, Callable[[], str]] = {
    "week": week_page,
    "sample": lambda: render_html(gated(report_of(conversations(240)))),
    "past": lambda: render_html(week(), earlier=[period_of(report_of(conversations(90)), "last.json")] * 3),
    "nothing": lambda: render_html(report_of([])),
    "one": lambda: render_html(report_of(conversations(1))),
    "numbered": lambda: render_html(week(), anonymize=True),
}


@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_sound_html(page: str) -> None:
    """Parsed strictly by the algorithm of the HTML standard; every link within the page leads somewhere, once."""
    html = PAGES[page]()
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    links = [element.get("href") for element in tree.iter("a")]
    assert links
    assert {link[1:] for link in links} <= set(ids)
    assert all(heading.itertext() for heading in tree.iter("h2"))
    for drawing in tree.iter("svg"):
        assert drawing.get("aria-label")


@pytest.mark.parametrize("page", PAGES)
def test_the_policy_allows_what_is_in_the_page_and_nothing_else(page: str) -> None:
    html = PAGES[page]()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none';")
    assert "unsafe" not in policy[1]
    for tag, source in (("style", "style-src"), ("script", "script-src")):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{source} 'sha256-{digest}'" in policy[1]
    assert not re.search(r"<[^>]+\s(?:style|on\w+)=", re.sub(r"<script>.*?</script>", "", html, flags=re.S))


def test_the_page_names_no_address_elsewhere() -> None:
    html = week_page()
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    addresses = [
        element.get(key) for element in tree.iter() for key in ("src", "href", "action", "srcset", "data")
    ]
    assert {address for address in addresses if address and not address.startswith("#")} == {"data:,"}
    style = re.findall(r"<style>(.*?)</style>", html, re.S)[0]
    assert "url(" not in style
    assert "@import" not in style


def test_the_same_report_gives_the_same_bytes() -> None:
    again = audited(WEEK, jobs=2)
    assert render_html(again) == week_page()


def test_hostile_texts_stay_text(tmp_path: Path) -> None:
    said = slow(1, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    said |= {"id": HOSTILE, "channel": HOSTILE, "team": HOSTILE, "brand": HOSTILE, "customer_id": HOSTILE}
    html = render_html(audited(export(tmp_path / "hostile.jsonl", [said, slow(2, "A", "B", "C")])))
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    assert len(list(tree.iter("script"))) == 1
    assert len(list(tree.iter("style"))) == 1
    assert not list(tree.iter("img"))
    assert "{{7*7}}" in html  # no template ran over it
    assert not set(html) & set("\u202e\u202c\x00\x1b")


def test_planted_personal_data_is_nowhere(tmp_path: Path) -> None:
    text = (
        "Where is it? I am Wanda Whistle, {e-mail}, {phone}, card {card}, {IBAN}, from {IP}, "
        "https://shop.example/x?{token} and my {PIN}."
    ).format(**PLANTED)
    rows = [slow(n, "Wanda Whistle", "Tom Reed", text, text) for n in range(12)]
    path = export(tmp_path / "planted.jsonl", rows)
    html = render_html(audited(path))
    assert 'class="case"' in html
    assert [what for what, value in PLANTED.items() if value in html] == []
    shown = render_html(audited(path, redact=False))
    assert [what for what, value in PLANTED.items() if value not in shown] == []
    assert "NOT hidden" in shown


def test_agents_are_numbered_everywhere(tmp_path: Path) -> None:
    """In tables, filters, threads, greetings, signatures, quotes and hand-overs; customers and teams keep theirs."""
    names = {s.value for s in week().scorecard.segments["agent"] if s.value}
    words = {word for name in names for word in name.split()}
    assert len(names) > 5
    html = render_html(week(), anonymize=True)
    assert [word for word in words if re.search(rf"(?i)(?<![^\W_]){word}(?![^\W_])", html)] == []
    assert "Agent 3" in html
    assert "Workshop" in html
    rows = [
        slow(1, "Zoe", "Νίκος Παππάς", "γεια"),
        slow(2, "Zoe", "ნინო ბერიძე", "გამარჯობა ნინოს"),
        slow(3, "Zoe", "Will Mark-Rose", "I will mark it. Will? WILL_MARK-ROSE"),
        slow(4, "Zoe", "王小明", "你好王小明"),
        slow(5, "Zoe", "Chloé Ray", "hi chloe, thanks C. Ray ^CR @chloeray"),
    ]
    page = render_html(audited(export(tmp_path / "names.jsonl", rows)), anonymize=True)
    hidden = ("Νίκο", "Παππ", "ნინო", "ბერიძე", "Rose", "王小明", "hloé", "hloe", "^CR", ">Will")
    assert [
        name
        for name in hidden
        if name in re.sub(r"<style>.*?</style>|<script>.*?</script>", "", page, flags=re.S)
    ] == []
    assert "I will mark it" in page


def test_a_result_shows_quotes_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "week.json"
    path.write_text(render_json(week()), "utf-8")
    html = render_html(read_report(path), kept=2)
    assert "holds the words that prove a failure and no conversations" in html
    assert html.count('<details class="case"') == 22
    assert 'class="thread"' not in html
    assert "you will have the refund by Wednesday." in html
    assert html.count('class="limit"') == 7


def test_without_evidence_the_page_says_so() -> None:
    html = render_html(audited(WEEK, evidence=0))
    assert "made with --evidence none" in html
    assert '<details class="case"' not in html
    assert "By agent" in html


def test_the_limits_drawn_are_those_in_force() -> None:
    limits = Limits({**DEFAULTS, "chat": {"": 7_200.0}})
    assert "limit 2 h" in render_html(report_with({"limits": limits.written()}))
    assert "limit 2 h" not in render_html(report_with({}))


def test_earlier_audits_are_drawn_with_their_numbers() -> None:
    earlier = [period_of(report_of(conversations(90, seed)), f"week-{seed}.json") for seed in (1, 2, 3)]
    html = render_html(report_of(conversations(90, 4)), earlier=earlier)
    assert html.count('aria-label="Over time:') == 10  # run-around is never judged
    assert 'aria-label="Score over time:' in html
    assert "week-2.json" in html


def test_a_case_has_the_same_anchor_in_every_page() -> None:
    assert 'id="case-broken-promise-50006"' in week_page()
    assert 'id="case-broken-promise-50006"' in render_html(audited(WEEK, evidence=1))


def test_the_proof_is_marked_in_its_message() -> None:
    assert "<mark>you will have the refund by Wednesday.</mark>" in week_page()
    assert "promised by 11 Nov" in week_page()


def test_long_conversations_are_cut_around_the_proof(tmp_path: Path) -> None:
    """However long messages are, a case stays small; a number that is cut is hidden before."""
    said = [("2026-11-09T10:00:00Z", "customer", "Ann", "Where is it? ")]
    said += [(f"2026-11-10T{n // 60:02}:{n % 60:02}:00Z", "agent", "Tom", "word " * 700) for n in range(90)]
    secret = "x" * 1_490 + " 4111 1111 1111 1111"
    said.append(("2026-11-10T23:00:00Z", "customer", "Ann", secret))
    html = render_html(audited(export(tmp_path / "long.jsonl", [conversation(1, said, customer_name="Ann")])))
    assert 'class="case"' in html
    assert "messages not shown" in html
    assert "4111" not in html
    assert len(html) < 300_000
