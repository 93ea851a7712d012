"""What the README shows is what the program prints."""

import re
import subprocess
import sys
from pathlib import Path

from supportaudit.registry import load_checks

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_picture_of_the_scorecard_is_current() -> None:
    """The block in the README is the beginning of the example's scorecard."""
    found = re.search(r"```text\n(.*?)```", README, re.S)
    assert found is not None
    run = subprocess.run(
        [sys.executable, "-m", "supportaudit", "scan", "examples/shop-week.csv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PATH": "", "PYTHONUTF8": "1"},
        check=True,
    )
    printed = "\n".join(line.rstrip() for line in run.stdout.split("\n"))
    assert printed.startswith(found[1].rstrip())


def test_every_check_stands_in_the_readme() -> None:
    """The table lists the eleven checks with their titles, in order."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", README, re.M)
    titles = [(c.id, c.info.title[0].lower() + c.info.title[1:]) for c in load_checks()]
    assert [row for row in rows if row[0] in dict(titles)] == titles
