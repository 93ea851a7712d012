"""The pages that `checks`, `explain` and `inspect` print: plain text, 80 columns, safe in any terminal."""

import textwrap
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from supportaudit.casefile import Case, load_cases
from supportaudit.model import Conversation, Row
from supportaudit.moments import show_moment
from supportaudit.normalise import build_journey
from supportaudit.read import ReadOptions, open_export
from supportaudit.registry import Check, check_named, load_checks
from supportaudit.render.text import fit, printable

_WIDTH = 80
_SHOWN_CASES = 4
_SHOWN_MESSAGES = 12


def checks_page() -> str:
    """One line a check: id, severity, title."""
    lines = ["The eleven checks. `supportaudit explain CHECK` says more.", ""]
    lines += [f"  {c.id:<17} {c.info.severity:<6} {c.info.title}" for c in load_checks()]
    return "\n".join(lines)


def explain_page(name: str) -> str:
    """Meaning, cost, remedy, parameters and cases of one check. Raises `SettingsError` for an unknown name."""
    check = check_named(name)
    info = check.info
    lines = [f"{info.id}: {info.title}", f"severity {info.severity} · weight {info.weight:g}", ""]
    for paragraph in info.about.split("\n\n"):
        lines += [*textwrap.wrap(" ".join(paragraph.split()), _WIDTH), ""]
    lines += [*_section("Why it costs customers", info.why), *_section("What to do", info.fix)]
    lines += _parameters(check)
    cases = load_cases(check.folder)
    failing = [c for c in cases if c.finds][:_SHOWN_CASES]
    passing = [c for c in cases if not c.finds][:_SHOWN_CASES]
    lines += ["Fails", *(line for case in failing for line in _case(case)), ""]
    lines += ["Passes", *(line for case in passing for line in _case(case))]
    return "\n".join(lines)


def _section(title: str, text: str) -> list[str]:
    return [title, *textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  "), ""]


def _parameters(check: Check) -> list[str]:
    if not check.params:
        return []
    lines = (f"{p.name} = {p.default}: {p.help}" for p in check.params)
    wrapped = (textwrap.wrap(line, _WIDTH, initial_indent="  ", subsequent_indent="      ") for line in lines)
    return ["Parameters", *(part for parts in wrapped for part in parts), ""]


def _case(case: Case) -> Iterator[str]:
    yield f"  {case.name}"
    for talk in (*case.earlier, case.talk):
        for line in talk.strip().split("\n"):
            yield from textwrap.wrap(line, _WIDTH - 4, initial_indent="    ", subsequent_indent="          ")
    for find in case.finds:
        proof = ", ".join(find.get("at", ()))
        yield f"    -> fails{f' at {proof}' if proof else ''}{': ' + find['says'] if 'says' in find else ''}"
    yield ""


def inspect_page(path: Path, options: ReadOptions) -> str:
    """How a file is understood. Raises `InputError` where it is not."""
    export = open_export(path, options)
    first: list[Row] = []
    for row in export.rows():  # to the end: the account must be complete
        if not first or (row.conversation_id == first[0].conversation_id and len(first) < 500):
            first.append(row)
    lines = [f"{printable(str(path))}: {export.source}, {export.encoding}", ""]
    lines += ["Fields", *(f"  {ours:<17} {printable(theirs)}" for ours, theirs in export.mapping.items()), ""]
    lines += [f"Rows: {export.rows_read:,} read = {export.rows_used:,} used + {export.rows_rejected:,} rejected"
              f" + {export.rows_not_messages:,} not messages"]  # fmt: skip
    lines += [f"  line {r.line}: {printable(r.reason)}" for r in export.rejected[:10]]
    if export.rows_rejected > 10:
        lines += [f"  ... and {export.rows_rejected - 10:,} more"]
    lines += [
        "",
        *(("Notes", *(f"  - {printable(note)}" for note in export.notes), "") if export.notes else ()),
    ]
    if first:
        lines += _conversation(build_journey(first).conversations[0])
    return "\n".join(lines)


def _conversation(talk: Conversation) -> list[str]:
    facts = (("channel", talk.channel), ("brand", talk.brand), ("team", talk.team), ("customer", talk.customer_id),
             ("language", talk.language))  # fmt: skip
    known = ", ".join(f"{name} {printable(value)}" for name, value in facts if value)
    heading = f"First conversation: {printable(talk.id)} ({known or 'nothing else known'})"
    lines = textwrap.wrap(heading, _WIDTH, subsequent_indent="  ")
    for message in islice(talk.messages, _SHOWN_MESSAGES):
        who = (
            f"{message.role}{' (bystander)' if message.bystander else ''} {printable(message.author)}".strip()
        )
        lines.append(f"  {show_moment(message.at)}  {fit(who, 30):<30}  {fit(printable(message.text), 28)}")
    if len(talk.messages) > _SHOWN_MESSAGES:
        lines.append(f"  ... and {len(talk.messages) - _SHOWN_MESSAGES} more messages")
    lines += [f"  hand-over before message {h.index + 1}: {printable(h.source)} to {printable(h.target)}"
              for h in talk.handovers if h.explicit]  # fmt: skip
    return lines
