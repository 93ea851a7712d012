"""The settings file, with its gate and suppressions; and what is typed for the gate, a line each after `---`."""

from collections.abc import Iterator

import yaml

from fuzz.harness import HERE, Harness, told
from supportaudit.auditing.scan import ScanSettings
from supportaudit.errors import SettingsError, UserError
from supportaudit.model import Basis, Finding, Severity
from supportaudit.results.suppressions import Suppressions, Where
from supportaudit.settings.file import Settings
from supportaudit.settings.gate import Typed, gate_rules
from supportaudit.settings.limits import PRIORITIES, Limits
from supportaudit.settings.moments import parse_mapping
from supportaudit.settings.notation import Day, Duration, Share
from supportaudit.settings.typed import Fault
from supportaudit.settings.written import parse_settings

_FINDING = Finding(
    "slow-reply", "T-1", ("m1",), "9 h", "late", Severity.HIGH, 0.9, Basis.OBSERVED, agent="Rob Ray",
)  # fmt: skip
_BEGUN = 1_767_225_600.0
_CHANNELS = ("chat", "email", "social", "phone", "")


def check(data: bytes) -> None:
    """The file is read into settings that can be used, or refused in a sentence."""
    text, _, typed = data.decode("utf-8", "replace").partition("\n---\n")
    try:
        settings = parse_settings(text, "supportaudit.yaml")
    except SettingsError as error:
        told(error)
        settings = Settings()
    _use(settings)
    for line in typed.split("\n"):
        _typed(settings, line)
        _notations(line)


def _use(settings: Settings) -> None:
    limits, hours = settings.wait_limits(), settings.business_hours()
    assert Limits.read(limits.written()) == limits
    for channel in _CHANNELS:
        for priority in (*PRIORITIES, "", "?"):
            assert 0 < limits.seconds(channel, priority) < 1e13
        if hours is not None:
            inside = hours.open_seconds(_BEGUN, _BEGUN + 90_000, channel)
            assert 0 <= inside <= 90_000, inside
    scan = ScanSettings()
    for rule in settings.gate.rules():
        assert rule.name
    for moment in (None, _BEGUN):
        suppressions = Suppressions(settings.ignore, moment)
        found = suppressions.find(_FINDING, Where("chat", "Billing", "Acme"))
        assert found is None or settings.ignore[found].reason.strip()
        assert len(suppressions.report({"0": 1})) == len(settings.ignore)
    assert scan.described()


def _typed(settings: Settings, line: str) -> None:
    for kind in (Typed(fail_on=(line,)), Typed(max_failures=3, fail_on=(line, line))):
        try:
            gate_rules(settings.gate, kind)
        except Fault as fault:
            assert str(fault)
    try:
        parse_mapping([line])
    except UserError as error:
        told(error)


def _notations(line: str) -> None:
    """What is written as it is understood is understood as it was."""
    for kind in (Duration, Share, Day):
        try:
            value = kind.read(line)
        except Fault as fault:
            assert str(fault)
            continue
        if isinstance(value, Duration):
            assert 0 < value < 1e13
            assert Duration.read(f"{int(value)} s" if value >= 1 and value < 1e6 else line) == (
                int(value) if 1 <= value < 1e6 else value
            )
        elif isinstance(value, Share):
            assert 0 <= value <= 1
        else:
            assert Day.read(value.isoformat()) == value


def seeds() -> Iterator[bytes]:
    """The manual's examples, and what YAML is known for."""
    manual = (HERE.parent / "docs" / "settings.md").read_text("utf-8")
    for block in manual.split("```yaml\n")[1:]:
        yield block.partition("```")[0].encode()
    for entry in (
        {"reason": "x", "author": "y", "expires": "2026-12-31", "check": "slow-reply"},
        {"reason": "x", "author": "y", "expires": "2025-12-31", "conversation": "T-1", "message": "m1"},
    ):  # fmt: skip
        yield yaml.safe_dump({"ignore": [entry]}).encode()
    yield b"a: &a [*a]"
    yield b"gate: {max-rate: 5 %, segments: [{by: team, value: Billing, checks: {rudeness: {max-count: 0}}}]}"
    yield b"<<: &x {limits: {chat: 5 min}}\nlimits: {<<: *x}"
    yield b"\n---\nslow-reply:5%\nany\nrudeness:0.05\n1 h 30 min\n2026-12-31\n10 %\ntext=Body"
    yield b"checks: {slow-reply: {min-confidence: 0.9, severity: low}}\nlanguage: de\nmax-rejects: 5 %"


WORDS = (
    *(
        "gate",
        "ignore",
        "limits",
        "hours",
        "week",
        "mon-fri",
        "checks",
        "sources",
        "company",
        "holidays",
        "country",
    ),
    *(
        "'09:00-18:00'",
        "24:00",
        "5 min",
        "1 h 30 min",
        "10 %",
        "2026-12-31",
        "Europe/Athens",
        "slow-reply",
        "true",
    ),
    *(
        "&a",
        "*a",
        "<<:",
        "!!binary",
        "!!python/object:os.system",
        "? ",
        "- ",
        ": ",
        "|",
        ">",
        "{",
        "}",
        "[",
        "#",
        "%",
    ),
    *(
        "min-score",
        "max-rate",
        "max-count",
        "segments",
        "by",
        "value",
        "reason",
        "author",
        "expires",
        "\n  ",
        "~",
    ),
)
HARNESS = Harness(check, seeds, words=WORDS, longest=2048)
