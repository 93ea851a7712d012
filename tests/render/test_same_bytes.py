"""The same report gives the same bytes, in whatever process and whatever order sets have there."""

import hashlib

import pytest
from tests.render import reports

from supportaudit.render import FORMATS

CODE = """
import hashlib
from supportaudit.render import FORMATS
from tests.render import reports
for kind in ("ordinary", "empty", "nothing"):
    for name in FORMATS:
        print(kind, name, hashlib.sha256(reports.made(name, getattr(reports, kind)())).hexdigest())
"""


@pytest.mark.parametrize("seed", [1, 4711])
def test_the_same_report_gives_the_same_bytes(seed: int) -> None:
    found = dict(line.rsplit(" ", 1) for line in reports.in_another_process(CODE, seed).splitlines())
    expected = {
        f"{report} {name}": hashlib.sha256(reports.made(name, getattr(reports, report)())).hexdigest()
        for report in ("ordinary", "empty", "nothing")
        for name in FORMATS
    }
    assert found == expected
