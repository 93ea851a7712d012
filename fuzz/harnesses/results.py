"""Results read back: what claims to be the JSON of a scan."""

import json
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fuzz.auditing import audit, write
from fuzz.harness import Harness, told
from supportaudit.auditing.casefile import load_cases, talk_rows
from supportaudit.auditing.registry import ORDER, builtin_dir
from supportaudit.errors import InputError
from supportaudit.render import FORMATS, View
from supportaudit.results.comparison import compare
from supportaudit.results.readback import is_result, read_report
from supportaudit.results.saved import period_of, read_result

_FORMATS = ("text", "markdown", "junit", "sarif", "csv", "github")


def check(data: bytes) -> None:
    """A report comes back that every format can show and JSON writes alike, or one sentence says what is wrong."""
    with tempfile.TemporaryDirectory(prefix="supportaudit-fuzz-") as name:
        path = Path(name) / "last.json"
        path.write_bytes(data)
        is_result(path)
        try:
            period = read_result(path)
            compare(period, period)
            report = read_report(path)
        except InputError as error:
            told(error)
            return
        assert period_of(report, "this audit").conversations == period.conversations
        view = View()
        for form in _FORMATS:
            FORMATS[form](report, view)
        written = str(FORMATS["json"](report, view))
        path.write_text(written, encoding="utf-8")
        assert FORMATS["json"](read_report(path), view) == written, "what was written is read otherwise"


@cache
def _result(name: str) -> bytes:
    case = next(case for case in load_cases(builtin_dir() / name) if case.finds)
    document = json.loads(write(audit(talk_rows(case.talk, "T-1", case.options))))
    scorecard = document["scorecard"]  # a few of its many lines are as good as all of them
    for part in ("checks", "signals", "reply_times"):
        scorecard[part] = scorecard[part][:2]
    return json.dumps(document, separators=(",", ":")).encode()


def seeds() -> Iterator[bytes]:
    """Results of small audits."""
    for name in ORDER[:4]:
        yield _result(name)
    yield b'{"schema_version": "1.0"}'
    yield b'{"schema_version": "9", "scorecard": {}, "findings": []}'
    yield b"[" * 3000


HARNESS = Harness(check, seeds, shape="json", words=("2026-05-01T10:00:00Z", "high", "worse"), longest=12_000)
