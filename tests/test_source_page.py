"""docs/sources.md says what the desks' own files say. UPDATE_DOCS=1 writes it anew."""

import os
import re
from pathlib import Path

from supportaudit.pages.sources import sources_page, sources_table
from supportaudit.read.desks import PROVES, load_desks

DOCS = Path(__file__).parents[1] / "docs" / "sources.md"
MADE = re.compile(r"(?<=<!-- made by tests/test_source_page.py -->\n).*?(?=<!-- end -->)", re.S)


def test_the_tables_of_the_docs_are_current() -> None:
    table = f"\n{sources_table()}\n\n"
    if os.environ.get("UPDATE_DOCS"):
        DOCS.write_text(MADE.sub(lambda _: table, DOCS.read_text("utf-8")), "utf-8", newline="\n")
    found = MADE.search(DOCS.read_text("utf-8"))
    assert found is not None
    assert found[0] == table


def test_every_desk_says_plainly_what_it_can_prove() -> None:
    for desk in load_desks():
        assert {desk.spec.proves[what].split()[0] for what in PROVES} <= {"yes", "no", "partly"}, desk.id
        assert desk.spec.tested.strip(), desk.id


def test_the_page_names_every_source_and_fits_a_terminal() -> None:
    page = sources_page()
    assert all(f"\n  {desk.id:<13} {desk.title}" in page for desk in load_desks())
    assert max(map(len, page.splitlines())) <= 80
