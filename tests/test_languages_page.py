"""`languages`: every pack is there, with the figure measured or the word that there is none."""

import json
from pathlib import Path

from supportaudit.auditing.registry import ORDER
from supportaudit.pages import languages as page
from supportaudit.wording.lexicon import load_lexicon
from supportaudit.wording.pack import supported_languages

LABELLED = Path(__file__).parent / "labelled"


def test_every_pack_has_a_line_and_every_line_fits() -> None:
    text = page.text_page()
    for code in supported_languages():
        assert f"  {code} {load_lexicon(code).name}" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_pack_that_was_not_measured_says_so() -> None:
    lines = page.text_page().splitlines()
    for code in set(supported_languages()) - set(page.measured()):
        assert "not measured" in next(line for line in lines if line.startswith(f"  {code} "))


def test_figures_are_of_sets_that_exist_and_of_every_check() -> None:
    for code, figure in page.measured().items():
        assert code in supported_languages()
        talks = (LABELLED / f"{figure['set']}.jsonl").read_text("utf-8").splitlines()
        assert figure["conversations"] == len(talks)
        assert sorted(figure["checks"]) == sorted(ORDER)
        for one in (figure["all"], *figure["checks"].values()):
            assert 0 <= one["right"] <= min(one["true"], one["found"])


def test_the_json_page_names_every_pack() -> None:
    assert sorted(json.loads(page.json_page())) == sorted(supported_languages())
