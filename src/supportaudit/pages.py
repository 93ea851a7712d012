"""The pages that `checks` and `explain` print: plain text, 80 columns, safe in any terminal."""

import textwrap
from collections.abc import Iterator

from supportaudit.casefile import Case, load_cases
from supportaudit.registry import Check, check_named, load_checks

_WIDTH = 80
_SHOWN_CASES = 4


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
