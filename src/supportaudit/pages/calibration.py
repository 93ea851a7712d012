"""What `calibrate` prints: text for people in some 80 columns, or JSON (docs/accuracy.md names its keys)."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from supportaudit.calibration.calibrate import ENOUGH, Calibrated, Calibration, Figure, Judged
from supportaudit.render.json_text import json_document
from supportaudit.render.text import fit, page_of, plural, printable
from supportaudit.settings.thresholds import lines

_WIDTH = 80
_SHOWN = 10
_QUOTE = 160


def new_thresholds(result: Calibration) -> dict[str, float]:
    """By check: the thresholds that are not yet in force."""
    return {
        c.check: c.threshold.least for c in result.checks if c.threshold and c.threshold.least > c.current
    }


def why(result: Calibration) -> str:
    """Where thresholds come from, for the settings file."""
    target = f"precision of at least {result.target:g}"
    return f"By `supportaudit calibrate`: {target} on {plural(result.labelled, 'reviewed conversation')}."


def text_page(result: Calibration) -> str:
    """The result for people."""
    by = f" by {len(result.reviewers)} reviewers" if len(result.reviewers) > 1 else ""
    said = [
        f"{plural(result.labelled, 'conversation')} labelled{by}, of {result.conversations:,} in the export;"
        f" {plural(result.unsure, 'verdict')} unsure and left out.",
        "Figures are weighted to the whole export, with 95 % intervals; docs/accuracy.md says how.",
    ]
    if result.unknown:
        said.append(
            f"{plural(len(result.unknown), 'labelled conversation')} the export does not hold:"
            f" {_some(result.unknown)}."
        )
    if result.not_run:
        said.append(f"Labelled, but not run: {', '.join(result.not_run)}.")
    page = [line for part in said for line in textwrap.wrap(part, _WIDTH)]
    for one in result.checks:
        page += ["", *_check(one, result)]
    page += ["", *_to_paste(result)]
    return page_of(page)


def _check(one: Calibrated, result: Calibration) -> Iterator[str]:
    yield (
        f"{one.check}: we fail {one.found:,} of {one.found + one.passed:,}; {plural(one.pairs, 'pair')} judged, "
        f"{one.failed:g} failed by the reader"
    )
    yield f"  precision {_figure(one.precision, 'findings judged')}"
    yield f"  recall    {_figure(one.recall, 'failures by the reader')}"
    yield f"  F1        {_figure(one.f1, 'failures by the reader')}"
    yield f"  kappa     {_figure(one.kappa, 'failures by the reader')}"
    if one.reviewers is not None:
        between = _figure(one.reviewers, "failures by either")
        yield f"            {between} between the reviewers, {plural(one.both, 'pair')}"
    yield f"  threshold {_threshold(one, result.target)}"
    if one.not_judged:
        yield (
            f"  {plural(one.not_judged, 'labelled pair')} could not be judged by us; "
            f"{one.missed_there} failed by the reader"
        )
    yield from _list("false alarms", (_false_alarm(j) for j in one.false_alarms), len(one.false_alarms))
    yield from _list("missed", (_where(j) for j in one.misses), len(one.misses))
    yield from _list("the reviewers differ", (_where(j) for j in one.disputed), len(one.disputed))


def _figure(figure: Figure, what: str) -> str:
    if figure.value is None:
        return "–"
    if not figure.enough:
        return f"too few to say: {figure.rests_on:g} {what}, {ENOUGH} needed"
    around = f" ({figure.interval.low:.2f}–{figure.interval.high:.2f})" if figure.interval else ""
    return f"{figure.value:.2f}{around}"


def _threshold(one: Calibrated, target: float) -> str:
    found = one.threshold
    if one.too_few_for_threshold:
        return f"{one.current:g} stays: too few findings judged to say, {ENOUGH} needed"
    if found is None:
        return f"{one.current:g} stays: none that keeps {ENOUGH} judged findings reaches {target:g}"
    if found.least <= one.current:
        return f"{one.current:g} stays: it reaches a precision of {found.precision:.2f}"
    return (
        f"{found.least:g} instead of {one.current:g}: precision {found.precision:.2f}, "
        f"keeps {found.kept:g} of {found.true:g} true findings"
    )


def _false_alarm(one: Judged) -> str:
    assert one.found is not None
    quote = fit(one.found.quote, _QUOTE)
    return f"{_where(one)}, {one.found.confidence:.2f}: {printable(one.found.reason)}: “{quote}”"


def _where(one: Judged) -> str:
    channel = f" ({printable(one.channel)})" if one.channel else ""
    return f"{printable(one.conversation)}{channel}"


def _list(title: str, entries: Iterable[str], count: int) -> Iterator[str]:
    if not count:
        return
    yield f"  {title} ({count})"
    for _, entry in zip(range(_SHOWN), entries, strict=False):
        yield from textwrap.wrap(entry, _WIDTH, initial_indent="    ", subsequent_indent="      ")
    if count > _SHOWN:
        yield f"    ... and {count - _SHOWN} more; --format json lists all"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name) for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _to_paste(result: Calibration) -> list[str]:
    thresholds = new_thresholds(result)
    if not thresholds:
        return ["No threshold to change."]
    return ["For the settings file (--write adds it):", "", *lines(thresholds)]


def json_page(result: Calibration) -> str:
    """The result for programs; equal results give equal bytes."""
    document = {
        "schema_version": "1.0",
        "conversations": result.conversations,
        "labelled": result.labelled,
        "reviewers": result.reviewers,
        "unsure": result.unsure,
        "unknown": result.unknown,
        "not_run": result.not_run,
        "target_precision": _round(result.target),
        "checks": [_object(one) for one in result.checks],
    }
    return json_document(document)


def _object(one: Calibrated) -> dict[str, object]:
    found = one.threshold
    return {
        "check": one.check,
        "found": one.found,
        "passed": one.passed,
        "pairs": one.pairs,
        "failed_by_reader": one.failed,
        "precision": _measure(one.precision),
        "recall": _measure(one.recall),
        "f1": _measure(one.f1),
        "kappa": _measure(one.kappa),
        "reviewers_kappa": _measure(one.reviewers) if one.reviewers is not None else None,
        "reviewers_pairs": one.both,
        "not_judged": one.not_judged,
        "not_judged_failed": one.missed_there,
        "min_confidence": one.current,
        "threshold": None
        if found is None
        else {
            "min_confidence": found.least,
            "precision": _round(found.precision),
            "true_kept": found.kept,
            "true_found": found.true,
            "share_kept": _round(found.share),
        },
        "false_alarms": [
            _confusion(j)
            | {"confidence": j.found.confidence, "reason": j.found.reason, "quote": j.found.quote}
            for j in one.false_alarms
            if j.found is not None
        ],
        "misses": [_confusion(j) for j in one.misses],
        "disputed": [_confusion(j) | {"found": j.found is not None} for j in one.disputed],
    }


def _confusion(one: Judged) -> dict[str, object]:
    return {"conversation_id": one.conversation, "channel": one.channel}


def _measure(figure: Figure) -> dict[str, object]:
    interval = (
        None if figure.interval is None else [_round(figure.interval.low), _round(figure.interval.high)]
    )
    return {
        "value": None if figure.value is None else _round(figure.value),
        "interval": interval,
        "enough": figure.enough,
    }


def _round(number: float) -> float:
    return round(number, 4)
