"""What the README shows is what the program prints. UPDATE_DOCS=1 writes it anew."""

import os
import re
import subprocess
import sys
from pathlib import Path

from supportaudit.auditing.registry import load_checks

ROOT = Path(__file__).parent.parent
PICTURE = re.compile(r"(?<=```text\n).*?(?=```)", re.S)


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_picture_of_the_scorecard_is_current() -> None:
    """The block in the README is the beginning of the example's scorecard."""
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
    if os.environ.get("UPDATE_DOCS"):
        shown = "\n".join(printed.split("\n")[: PICTURE.findall(readme())[0].count("\n")]) + "\n"
        (ROOT / "README.md").write_text(PICTURE.sub(lambda _: shown, readme(), 1), "utf-8", newline="\n")
    found = PICTURE.search(readme())
    assert found is not None
    assert printed.startswith(found[0].rstrip())


def test_every_check_stands_in_the_readme() -> None:
    """The table lists the eleven checks with their titles, in order."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", readme(), re.M)
    titles = [(c.id, c.info.title[0].lower() + c.info.title[1:]) for c in load_checks()]
    assert [row for row in rows if row[0] in dict(titles)] == titles
