"""What may import what, and that nothing heavy is loaded before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = (
    "polars",
    "duckdb",
    "re2",
    "rapidfuzz",
    "jinja2",
    "snowballstemmer",
    "Stemmer",
    "selectolax",
    "msgspec",
)


def test_no_layer_reaches_where_it_must_not() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    assert command.is_file(), "import-linter is not installed: pip install -e '.[dev]'"
    done = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["supportaudit", "supportaudit.cli"])
def test_starting_up_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_an_audit_loads_what_few_audits_need_only_where_it_needs_it(tmp_path: Path) -> None:
    """A few chats, no settings file, no checks of one's own: neither YAML nor a parser of markup is needed."""
    code = (
        "import sys; from supportaudit import audit;"
        "rows = [{'conversation_id': 'c1', 'role': 'customer', 'text': 'Where is my order?'}];"
        "audit(rows, settings={}, jobs=1);"
        "print([m for m in ('yaml', 'selectolax', 'jinja2', 'rich', 'holidays') if m in sys.modules])"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)  # what is kept is there now
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "[]"


def test_a_check_imports_only_the_kit_that_is_offered_to_it() -> None:
    for path in sorted((ROOT / "checks").glob("*/check.py")):
        imported = {
            line.split()[1]
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.startswith(("from supportaudit", "import supportaudit"))
        }
        assert imported <= {"supportaudit.checkkit"}, path
