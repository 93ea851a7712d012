"""docs/security.md and SECURITY.md name modules and tests: each of them is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
TABLES = re.findall(r"^\| what could happen .*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.M)
ROWS = [[cell.strip() for cell in row.strip("|").split(" | ")] for t in TABLES for row in t.splitlines()]
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))
PLACES = sorted({place for row in ROWS for place in re.findall(r"`([\w./]+\.(?:py|sh|yml|toml))`", row[1])})


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("path", "test"), TESTS, ids=["::".join(one) for one in TESTS])
def test_every_test_that_is_named_is_there(path: str, test: str) -> None:
    assert (ROOT / path).is_file()
    assert not test or test in functions_of(path)


@pytest.mark.parametrize("place", PLACES)
def test_every_module_that_is_named_is_there(place: str) -> None:
    assert any((ROOT / folder / place).is_file() for folder in ("", "src/supportaudit"))


def test_every_row_says_what_stops_it_and_which_test_shows_it() -> None:
    assert len(TABLES) == 7
    assert len(ROWS) > 30
    for what, stops, shown in ROWS:
        assert what and stops, what
        assert "`tests/" in shown, what


def test_links_lead_somewhere() -> None:
    for name in ("SECURITY.md", "docs/security.md", "docs/own-checks.md", "docs/dependencies.md"):
        text = (ROOT / name).read_text("utf-8")
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert ((ROOT / name).parent / link).exists(), f"{name}: {link}"
