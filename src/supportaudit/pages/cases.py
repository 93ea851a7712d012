"""What `checks --test` prints: which checks do as their `cases.yaml` says, and their markers as their samples say."""

import textwrap
from collections.abc import Iterator
from dataclasses import replace

from supportaudit.auditing.casefile import Case, load_cases, pasteable
from supportaudit.auditing.registry import Check, load_checks
from supportaudit.auditing.talk import Talk
from supportaudit.checkkit import Hit, NotApplicable, Params
from supportaudit.model import Outcome


def cases_page() -> tuple[str, bool]:
    """The page, and whether all is as it should be. Of the added checks; of the built-in ones if none is added."""
    checks = load_checks()
    checks = tuple(check for check in checks if check.origin) or checks
    lines: list[str] = []
    wrong = 0
    for check in checks:
        cases = load_cases(check.folder)
        faults = [line for case in cases for line in _faults(check, case)]
        faults += check.markers.faults() if check.markers is not None else ()
        wrong += bool(faults)
        lines += [f"{check.id}: {len(cases)} cases{'' if faults else ', all as they say'}"]
        lines += [f"  {line}" for line in faults]
    return "\n".join(lines), not wrong


def _faults(check: Check, case: Case) -> Iterator[str]:
    crash = ""

    def run(talk: Talk, params: Params) -> Iterator[Hit]:
        nonlocal crash
        try:
            yield from check.run(talk, params)
        except NotApplicable:
            raise
        except Exception as error:
            crash = f"{_line(error)}{type(error).__name__}: {error}"
            raise

    outcome: Outcome = case.audit(replace(check, run=run))
    if faults := case.faults(outcome):
        yield f"{case.name}:"
        yield from (f"  {fault}" for fault in (*faults, *filter(None, [crash])))
        yield from textwrap.indent(f"it finds:\n{pasteable(outcome)}", "  ").rstrip().split("\n")


def _line(error: Exception) -> str:
    """Where in the check's own file it happened: "check.py line 12: "."""
    place, step = "", error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith("check.py"):
            place = f"check.py line {step.tb_lineno}: "
        step = step.tb_next
    return place
