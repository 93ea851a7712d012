"""`supportaudit report` from exports and results: which is the page, what went before, where it is written."""

from pathlib import Path

import pytest
from tests.render.html.pages import WEEK, export, slow
from typer.testing import CliRunner

from supportaudit.cli import app
from supportaudit.errors import SettingsError, UserError
from supportaudit.render import pdf


def report(*arguments: object) -> str:
    """What the command says on standard error."""
    done = CliRunner().invoke(app, ["report", *map(str, arguments), "-j", "1"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stderr


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three results, the third the oldest."""
    folder = tmp_path_factory.mktemp("results")
    made = []
    for number, day in ((0, 9), (1, 16), (2, 2)):
        rows = [slow(n, f"C{n}", "Tom Reed", f"Where is it? {n}") for n in range(12 + number)]
        for row in rows:
            for message in row["messages"]:
                message["at"] = message["at"].replace("-09T", f"-{day:02}T")
        path = folder / f"week-{number}.json"
        source = export(folder / f"week-{number}.jsonl", rows)
        CliRunner().invoke(app, ["scan", str(source), "-o", f"json={path}", "-j", "1"])
        assert path.exists()
        made.append(path)
    return made


def test_an_export_becomes_a_page_and_its_size_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert "77 failures with their proof" in report(WEEK, "-o", page)
    assert "72.4" in page.read_text("utf-8")


def test_of_results_the_newest_is_the_page_and_the_others_its_past(
    results: list[Path], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    report(*results, "-o", page)
    html = page.read_text("utf-8")
    assert "16 November 2026" in html
    assert html.index("2 Nov</th>") < html.index("9 Nov</th>") < html.index("16 Nov</th>")
    assert "Against week-0.json" in html


def test_an_export_is_the_page_and_results_are_its_past(results: list[Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    report(results[2], WEEK, "-o", page, "--baseline", results[0])
    html = page.read_text("utf-8")
    assert "shop-week.csv" in html
    assert "Against week-0.json" in html  # the baseline goes before the newest result
    assert 'class="thread"' in html


def test_what_a_result_cannot_give_is_refused(results: list[Path], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="a result is shown as it was judged"):
        report(results[0], "--select", "rudeness", "-o", tmp_path / "page.html")


def test_the_page_never_replaces_its_export(tmp_path: Path) -> None:
    path = export(tmp_path / "week.jsonl", [slow(1, "A", "B", "C")])
    with pytest.raises(SettingsError, match="is an export to read and the file to write"):
        report(path, "-o", path)


def test_without_a_browser_pdf_says_so_before_the_audit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "_NAMES", ())
    monkeypatch.setattr(pdf, "_PLACES", ())
    with pytest.raises(UserError, match="no Chromium, Chrome or Edge was found"):
        report(WEEK, "-o", tmp_path / "page.html", "--pdf", tmp_path / "page.pdf")
    assert not (tmp_path / "page.html").exists()


def test_a_browser_that_prints_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="printed nothing"):
        pdf.print_page("<!doctype html>", "true")
    with pytest.raises(SettingsError, match="could not print"):
        pdf.print_page("<!doctype html>", str(tmp_path / "none"))
