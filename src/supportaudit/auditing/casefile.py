"""Reads `cases.yaml`: conversations in, findings out. Tests, `explain` and the docs read the same file.

A talk is lines of `[+Nd ]HH:MM role[ name]: text`; a line that starts otherwise continues the message above.
The first day is Monday 2 March 2026. Messages are m1, m2, ... Several talks of one customer make a journey,
of which the last one is judged. `rating` is the customer's, in a word (good, bad). `hours`,
`limits` and `priority` are written as in a settings file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from supportaudit.auditing.engine import AsOf, Plan, audit_journey
from supportaudit.auditing.registry import Check
from supportaudit.checkkit import Params
from supportaudit.errors import CheckError
from supportaudit.model import Finding, Outcome, Role, Row, Status
from supportaudit.normalise import build_journey
from supportaudit.read.build import share_of
from supportaudit.settings.file import Settings, settings_of
from supportaudit.settings.typed import Fault, show
from supportaudit.yaml12 import load_yaml

FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC)
_LINE = re.compile(
    r"^(?:\+(?P<days>\d{1,4})d )?(?P<hour>\d\d):(?P<minute>\d\d) "
    r"(?P<role>customer|agent|bot|system|note|unknown)(?: (?P<name>[^:]{1,60}))?: (?P<text>.*)$"
)
_CASE_KEYS = {
    "talk",
    "earlier",
    "channel",
    "brand",
    "customer",
    "language",
    "as-of",
    "params",
    "finds",
    "truncated",
    "priority",
    "hours",
    "limits",
    "rating",
}
_FIND_KEYS = {"at", "quote", "severity", "basis", "agent", "says"}
#: What a key of a case holds, where it is no text.
_KINDS: Mapping[str, tuple[type, str]] = {
    "finds": (list, "a list of findings"),
    "earlier": (list, "a list of talks"),
    "params": (Mapping, "a mapping"),
    "hours": (Mapping, "a mapping"),
    "limits": (Mapping, "a mapping"),
    "truncated": (bool, "true or false"),
}
_AFTER = re.compile(r"^\+(\d{1,4})d$")


@dataclass(frozen=True)
class Case:
    """One example: a conversation (and earlier ones of the customer) with what the check must find in it."""

    check: str
    name: str
    talk: str
    earlier: tuple[str, ...]
    options: Mapping[str, Any]
    finds: tuple[Mapping[str, Any], ...]

    def audit(self, check: Check) -> Outcome:
        """Run one check on the case's last talk."""
        rows = [
            row
            for number, talk in enumerate((*self.earlier, self.talk))
            for row in talk_rows(talk, f"talk{number + 1}", self.options)
        ]
        params = {p.name: p.default for p in check.params} | dict(self.options.get("params", {}))
        settings = self.settings()
        plan = Plan(
            (check,),
            {check.id: Params(params)},
            as_of=_as_of(self.options.get("as-of", "+7d")),
            limits=settings.wait_limits(),
            hours=settings.business_hours(),
        )
        last = f"talk{len(self.earlier) + 1}"
        audited = {a.conversation_id: a for a in audit_journey(build_journey(rows), plan)}
        return audited[last].outcomes[0]

    def settings(self) -> Settings:
        """The case's `hours` and `limits`, written as in a settings file. Raises `CheckError`."""
        written = {key: self.options[key] for key in ("hours", "limits") if key in self.options}
        try:
            return settings_of(written)
        except Fault as fault:
            raise CheckError(f"{self.check}/cases.yaml: {self.name}: {fault}") from None

    def faults(self, outcome: Outcome) -> list[str]:
        """How an outcome differs from what the case says must come of it; empty when they agree."""
        expected = Status.FAILED if self.finds else Status.PASSED
        said = (
            []
            if outcome.status is expected
            else [f"expected '{expected}', the check says '{outcome.status}'"]
        )
        return said + self._mismatches(outcome.findings)

    def _mismatches(self, findings: Sequence[Finding]) -> list[str]:
        if len(findings) != len(self.finds):
            return [f"expected {len(self.finds)} finding(s), got {len(findings)}"]
        return [
            f"finding {n}: {key} should be {want!r}, is {have!r}"
            for n, (expected, finding) in enumerate(zip(self.finds, findings, strict=True), 1)
            for key, want, have in _compare(expected, finding)
        ]


def _compare(expected: Mapping[str, Any], finding: Finding) -> Iterator[tuple[str, Any, Any]]:
    actual = {
        "at": list(finding.messages),
        "severity": str(finding.severity),
        "basis": str(finding.basis),
        "agent": finding.agent,
    }
    for key, want in expected.items():
        if key == "quote":
            agree, have = want in finding.quote, finding.quote
        elif key == "says":
            agree, have = want in finding.reason, finding.reason
        else:
            agree, have = actual[key] == want, str(actual[key])
        if not agree:
            yield key, want, have


def load_cases(folder: Path) -> tuple[Case, ...]:
    """All cases of a check's folder. Raises `CheckError` naming the case and the key that is wrong."""
    where = f"{folder.name}/cases.yaml"
    try:
        text = (folder / "cases.yaml").read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CheckError(f"{where}: cannot be read: {(error.strerror or 'no access').lower()}") from error
    except UnicodeDecodeError:
        raise CheckError(f"{where}: is not UTF-8 text; save it as UTF-8") from None
    document = load_yaml(text, where)
    cases = document.get("cases") if isinstance(document, Mapping) else None
    if not isinstance(cases, Mapping):
        raise CheckError(f"{where}: must hold 'cases', by name")
    return tuple(_case(folder.name, str(name), body, where) for name, body in cases.items())


def _case(check: str, name: str, body: Mapping[str, Any], where: str) -> Case:
    if not isinstance(body, Mapping) or not isinstance(body.get("talk"), str):
        raise CheckError(f"{where}: {name}: must hold 'talk', lines such as '09:00 customer: text'")
    for key, value in body.items():
        if key not in _CASE_KEYS:
            raise CheckError(f"{where}: {name}: unknown key {show(key)}")
        kind, words = _KINDS.get(key, (str, "text"))
        if not isinstance(value, kind):
            raise CheckError(f"{where}: {name}: {key}: must be {words}, not {show(value)}")
    finds, earlier = tuple(body.get("finds", ())), tuple(body.get("earlier", ()))
    for find in finds:
        if not isinstance(find, Mapping):
            raise CheckError(f"{where}: {name}: finds: must be a list of mappings, each a finding")
        for key, value in find.items():
            if key not in _FIND_KEYS:
                raise CheckError(f"{where}: {name}: finds: unknown key {show(key)}")
            if key in ("quote", "says") and not isinstance(value, str):
                raise CheckError(f"{where}: {name}: finds: {key}: must be text, not {show(value)}")
        at = find.get("at", [])
        if not isinstance(at, list) or not all(isinstance(message, str) for message in at):
            raise CheckError(f"{where}: {name}: finds: at: must list messages, such as [m1, m2]")
    if not all(isinstance(talk, str) for talk in earlier):
        raise CheckError(f"{where}: {name}: earlier: must be a list of talks")
    options = {key: value for key, value in body.items() if key not in ("talk", "earlier", "finds")}
    return Case(check, name, body["talk"], earlier, options, finds)


def talk_rows(talk: str, conversation_id: str, options: Mapping[str, Any]) -> list[Row]:
    """The rows of one talk. Raises `CheckError` where its first line is not a message."""
    messages: list[tuple[datetime, str, str, list[str]]] = []
    for line in talk.strip("\n").split("\n"):
        found = _LINE.match(line)
        if found is not None:
            at = FIRST_DAY + timedelta(
                days=int(found["days"] or 0), hours=int(found["hour"]), minutes=int(found["minute"])
            )
            messages.append((at, found["role"], found["name"] or "", [found["text"]]))
        elif messages:
            messages[-1][3].append(line)
        else:
            raise CheckError(f"a talk must begin with 'HH:MM role: text', not '{line[:60]}'")
    return [
        _row(conversation_id, number, at, role, name, "\n".join(lines), options)
        for number, (at, role, name, lines) in enumerate(messages, 1)
    ]


def _row(
    conversation_id: str,
    number: int,
    at: datetime,
    role: str,
    name: str,
    text: str,
    options: Mapping[str, Any],
) -> Row:
    return Row(
        conversation_id=conversation_id,
        message_id=f"m{number}",
        line=number,
        at=at.timestamp(),
        role=role,
        public=role != Role.NOTE,
        author_name=name,
        text=text,
        channel=options.get("channel", "chat"),
        brand=options.get("brand", ""),
        customer_id=options.get("customer", "c1"),
        language=options.get("language", "en"),
        truncated=options.get("truncated", False),
        priority=options.get("priority", ""),
        csat=options.get("rating", ""),
        csat_share=share_of(options.get("rating", "")),
    )


def _as_of(text: str) -> AsOf:
    after = _AFTER.match(text)
    if after is not None:
        return AsOf(after=int(after[1]) * 86_400.0)
    try:
        return AsOf(at=datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise CheckError(f"as-of: must be a day such as 2026-03-09, or +7d, not {show(text)}") from None


def pasteable(outcome: Outcome) -> str:
    """What was found, in the form in which `cases.yaml` writes it."""
    if not outcome.findings:
        return f"# {outcome.status}: no findings {outcome.reason}".rstrip()
    finds = [
        {
            "at": list(finding.messages),
            "quote": finding.quote,
            "severity": str(finding.severity),
            "basis": str(finding.basis),
            "agent": finding.agent,
            "says": finding.reason,
        }
        for finding in outcome.findings
    ]
    return yaml.safe_dump(
        {"finds": finds}, allow_unicode=True, sort_keys=False, default_flow_style=None, width=140
    )
