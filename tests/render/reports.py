"""The reports that every format is tried with: an ordinary one, an empty one, hostile ones, one that is too long."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import msgspec
from tests.score.sample import CHECKS, RUN, SIGNALS, account, conversations, findings_of, report_of, tally_of

from supportaudit.model import Audited, Outcome, Rejected, Severity, Status
from supportaudit.render import FORMATS, View
from supportaudit.results.comparison import Failure, compare
from supportaudit.results.gate import judge
from supportaudit.results.report import Report, make_report
from supportaudit.results.saved import period_of
from supportaudit.results.suppressions import Suppressed, Suppression, SuppressionStatus
from supportaudit.settings.gate import Dimension, GateSettings, Points, SegmentLimits
from supportaudit.settings.notation import Day, Share

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;</td>",
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
    "::error::x\n::set-output name=a::b\r\n##[add-mask]secret",
    "##[set-env name=PATH]/tmp %0A::stop-commands::x %25 100%",
    "]]><failure/>]]&gt;<![CDATA[",
    "a\x00b\x0b\x0c\x9b31m\ufffe\uffff\x7f",
    "\ud83d lone \udc00",
    "\u202egnp.exe\u2066\u200fx",
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("http://example.com","x")',
    '@SUM(1,2)"; "a,b\r\nc',
    "`tick` ``two`` ```js\n| bar \\| bar \\\\| **bold** _x_",
    "[click](https://example.com) https://example.com www.example.com <a@example.com> @octocat #1",
    "{0} {{first_name}} %s $(id) ${{ github.token }}",
    "x" * 33_000,
    "漢字" * 1_000,
    "e" + "\u0301" * 2_000,
    "👩\u200d👩\u200d👧 emoji 🏳\ufe0f\u200d🌈",
    "-1",
    "1/2",
    "001",
    " lead\ttab\u2028sep\x85nel ",
    "",
)


@cache
def ordinary() -> Report:
    """240 conversations with everything beside them: a gate, a baseline, suppressions."""
    return gated(report_of(conversations()))


@cache
def empty() -> Report:
    """Conversations in which nothing was found."""
    passed = tuple(Outcome(check.id, Status.PASSED) for check in CHECKS)
    return report_of([Audited(f"T-{n}", passed, channel="chat", messages=2) for n in range(40)])


@cache
def nothing() -> Report:
    """Not a single conversation."""
    return report_of([])


@cache
def hostile(text: str) -> Report:
    """The sample with `text` for every word that comes from an export or from a settings file."""
    items = [
        msgspec.structs.replace(
            item,
            conversation_id=f"{text}{n}" if n % 2 else text,
            agents=(text, *item.agents),
            channel=text,
            team=text,
            outcomes=tuple(
                msgspec.structs.replace(
                    outcome,
                    reason=text,
                    status=Status.ERROR if outcome.check == "run-around" and n < 3 else outcome.status,
                    findings=tuple(
                        msgspec.structs.replace(
                            f, conversation_id=text, quote=text, agent=text, messages=(text,), reason=text
                        )
                        for f in outcome.findings
                    ),
                )
                for outcome in item.outcomes
            ),
        )
        for n, item in enumerate(conversations(40))
    ]
    name = text.replace("\x00", "")[:200] or "export.csv"  # no file bears a longer one
    told = msgspec.structs.replace(
        account(40),
        files=(name,),
        source=text,
        mapping={text: text},
        rejected=(Rejected(name, 1, text),),
        notes=(text,),
    )
    report = make_report(tally_of(items), findings_of(items), told, RUN, CHECKS, signals=SIGNALS)
    return gated(report, text)


@cache
def long() -> Report:
    """More findings than any format with a cap takes."""
    items = conversations()
    found = findings_of(items)
    findings = [
        msgspec.structs.replace(finding, conversation_id=f"{finding.conversation_id}-{n}")
        for n in range(5_100 // len(found) + 1)
        for finding in found
    ]
    return make_report(tally_of(items), findings, account(240), RUN, CHECKS, signals=SIGNALS)


def gated(report: Report, text: str = "chat") -> Report:
    """The report with something under every key of gate, comparison and suppressions."""
    rules = GateSettings(
        min_score=Points(75),
        segments=(
            SegmentLimits(Dimension("channel"), text, Share(0.0)),
            SegmentLimits(Dimension("team"), f"no {text}", Share(0.0)),
        ),
    ).rules()
    before = period_of(report, "last.json" if text == "chat" else text)
    changed = (*before.failures[1:], Failure("gone", "rudeness", Severity.LOW))
    compared = compare(msgspec.structs.replace(before, failures=changed), period_of(report, "now"))
    entries = (
        Suppression("agreed" if text == "chat" else text, "Rob", Day(2026, 12, 31), check="rudeness"),
        Suppression("no longer", "Ann", Day(2026, 1, 1), channel=text),
    )
    return msgspec.structs.replace(
        report,
        gate=judge(rules, report.scorecard, compared, new=Severity.LOW),
        comparison=compared,
        suppressed=(
            Suppressed(entries[0], SuppressionStatus.USED, 2),
            Suppressed(entries[1], SuppressionStatus.EXPIRED),
        ),
    )


_MADE: dict[tuple[str, int], tuple[Report, bytes]] = {}


def made(format_name: str, report: Report) -> bytes:
    """What is written to a file in this format; the same again for the same report."""
    key = (format_name, id(report))
    if key not in _MADE:
        content = FORMATS[format_name](report, View())
        # The report is kept with it, so that no other can get its id.
        _MADE[key] = (report, content if isinstance(content, bytes) else content.encode("utf-8"))
    return _MADE[key][1]


def in_another_process(code: str, seed: int, *arguments: str) -> str:
    """What Python prints there, with another order of sets."""
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(root), "PYTHONUTF8": "1"},
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout


IDS = [f"hostile-{n}" for n in range(len(HOSTILE))]
