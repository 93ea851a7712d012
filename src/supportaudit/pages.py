"""The pages that `checks` and `explain` print: plain text, 80 columns, safe in any terminal."""

import textwrap
from collections.abc import Iterator

from supportaudit.casefile import Case, load_cases
from supportaudit.errors import SettingsError
from supportaudit.model import SignalInfo
from supportaudit.registry import Check, check_named, load_checks
from supportaudit.signals import signal_infos
from supportaudit.suggest import did_you_mean

_WIDTH = 80
_SHOWN_CASES = 4


def checks_page() -> str:
    """One line a check: id, severity, title; below, one line a signal: kind, id, title."""
    lines = ["The eleven checks. `supportaudit explain CHECK` says more.", ""]
    lines += [f"  {c.id:<17} {c.info.severity:<6} {c.info.title}" for c in load_checks()]
    lines += ["", "Strengths and signals, tallied beside the checks and never in the score.", ""]
    lines += [f"{s.kind:<9} {s.id:<24} {s.title}" for s in signal_infos()]
    return "\n".join(lines)


def explain_page(name: str) -> str:
    """What a check or a signal means. Raises `SettingsError` for an unknown name."""
    signals = {signal.id: signal for signal in signal_infos()}
    if name in signals:
        return _signal_page(signals[name])
    known = signals.keys() | {check.id for check in load_checks()}
    if name not in known:
        raise SettingsError(
            f"there is no check or signal '{name}'{did_you_mean(name, known)}",
            hint="`supportaudit checks` lists them.",
        )
    return _check_page(check_named(name))


def _signal_page(signal: SignalInfo) -> str:
    """Meaning and source of a strength or signal."""
    kind = {"strength": "a strength", "signal": "a signal", "reason": "why people write"}[signal.kind]
    lines = [f"{signal.id}: {signal.title}", f"{kind} · counted in {signal.unit} · never in the score", ""]
    lines += [*textwrap.wrap(signal.about, _WIDTH), "", *_section("Source", signal.source)]
    lines.append("docs/signals.md says how it is counted and what it cannot tell.")
    return "\n".join(lines)


def _check_page(check: Check) -> str:
    """Meaning, cost, remedy, parameters and cases of one check."""
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
