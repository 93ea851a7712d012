"""The pages that `checks` and `explain` print: plain text, 80 columns, safe in any terminal."""

import textwrap
from collections.abc import Iterator

from rich.cells import cell_len

from supportaudit.auditing.casefile import Case, load_cases
from supportaudit.auditing.registry import Check, check_named, in_force, load_checks
from supportaudit.auditing.signals import signal_infos
from supportaudit.errors import SettingsError
from supportaudit.model import SignalInfo
from supportaudit.render.sentences import reason_words, severity_word
from supportaudit.render.text import pad, page_of, printable
from supportaudit.suggest import did_you_mean
from supportaudit.ui import figures, gettext, paragraphs, pgettext

_WIDTH = 80
_SHOWN_CASES = 4


def checks_page() -> str:
    """One line a check: id, severity, title; below, one line a signal: kind, id, title."""
    lines = [*_wrapped(gettext("The eleven checks. `supportaudit explain CHECK` says more.")), ""]
    severities = [pad(severity_word(c.info.severity), 6) for c in load_checks()]
    cells = max(map(cell_len, severities))
    for check, severity in zip(load_checks(), severities, strict=True):
        lines += _row(f"  {check.id:<17} {pad(severity, cells)} ", check.info.title)
    if added := ", ".join(map(str, in_force())):
        lines += ["", *_wrapped(gettext("Added checks: {checks}", checks=printable(added)))]
    about = gettext("Strengths and signals, tallied beside the checks and never in the score.")
    lines += ["", *_wrapped(about), ""]
    kinds = {
        "strength": pgettext("kind", "strength"),
        "signal": pgettext("kind", "signal"),
        "reason": pgettext("kind", "reason"),
    }
    cells = max(map(cell_len, (*kinds.values(), " " * 9)))
    for info in signal_infos():
        lines += _row(f"{pad(kinds[info.kind], cells)} {info.id:<24} ", info.title)
    return page_of(lines)


def _row(start: str, title: str) -> list[str]:
    """A title behind an id, on a second line where it is too long for the first."""
    indent = cell_len(start)
    first, *more = textwrap.wrap(gettext(title), _WIDTH - indent)
    return [start + first, *(" " * indent + line for line in more)]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH)


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
    kind = {
        "strength": gettext("a strength"),
        "signal": gettext("a signal"),
        "reason": gettext("why people write"),
    }[signal.kind]
    unit = {
        "conversations": gettext("counted in conversations"),
        "answers": gettext("counted in answers"),
        "messages": gettext("counted in messages"),
        "promises": gettext("counted in promises"),
    }[signal.unit]
    lines = [*_wrapped(f"{signal.id}: {gettext(signal.title)}")]
    never = gettext("never in the score")
    lines += [*_wrapped(f"{kind} · {unit} · {never}"), ""]
    lines += [*_wrapped(gettext(signal.about)), "", *_section(gettext("Source"), gettext(signal.source))]
    lines += _wrapped(gettext("docs/signals.md says how it is counted and what it cannot tell."))
    return page_of(lines)


def _check_page(check: Check) -> str:
    """Meaning, cost, remedy, parameters and cases of one check."""
    info = check.info
    weight = figures(f"{info.weight:g}")
    severity = severity_word(info.severity)
    lines = [*_wrapped(f"{info.id}: {gettext(info.title)}")]
    rank = gettext("severity {severity} · weight {weight}", severity=severity, weight=weight)
    lines += [f"{rank} · {printable(check.origin)}" if check.origin else rank, ""]
    for paragraph in paragraphs(info.about).split("\n\n"):
        lines += [*_wrapped(" ".join(paragraph.split())), ""]
    if info.why:
        lines += _section(gettext("Why it costs customers"), gettext(info.why))
    lines += _section(gettext("What to do"), gettext(info.fix))
    lines += _parameters(check)
    cases = load_cases(check.folder)
    failing = [c for c in cases if c.finds][:_SHOWN_CASES]
    passing = [c for c in cases if not c.finds][:_SHOWN_CASES]
    lines += [pgettext("a case", "Fails"), *(line for case in failing for line in _case(case)), ""]
    lines += [pgettext("a case", "Passes"), *(line for case in passing for line in _case(case))]
    return page_of(lines)


def _section(title: str, text: str) -> list[str]:
    return [title, *textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  "), ""]


def _parameters(check: Check) -> list[str]:
    if not check.params:
        return []
    lines = (f"{p.name} = {p.default}: {gettext(p.help)}" for p in check.params)
    wrapped = (textwrap.wrap(line, _WIDTH, initial_indent="  ", subsequent_indent="      ") for line in lines)
    return [gettext("Parameters"), *(part for parts in wrapped for part in parts), ""]


def _case(case: Case) -> Iterator[str]:
    yield f"  {case.name}"
    for talk in (*case.earlier, case.talk):
        for line in talk.strip().split("\n"):
            yield from textwrap.wrap(line, _WIDTH - 4, initial_indent="    ", subsequent_indent="          ")
    for find in case.finds:
        proof = ", ".join(find.get("at", ()))
        where = (
            pgettext("a case", "fails at {messages}", messages=proof)
            if proof
            else pgettext("a case", "fails")
        )
        yield f"    -> {where}{': ' + reason_words(find['says']) if 'says' in find else ''}"
    yield ""
