"""What the gate, a comparison, the suppressions and the checks' reasons say, as sentences. Shared by all renderers.

Each is in the language spoken (`supportaudit.ui`), which is English for every format that machines read.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from supportaudit.model import Finding
from supportaudit.render.text import count, day, decimal, in_unit, percent, percent_range
from supportaudit.results.comparison import LEVEL, Change, Comparison, Movement
from supportaudit.results.gate import ANY, Gate, JudgeBy, Measure, Rule, RuleResult, Silence
from supportaudit.results.suppressions import Suppressed, Suppression, SuppressionStatus
from supportaudit.ui import ENGLISH, N_, figures, gettext, ngettext, pgettext, spoken


def dimension_word(dimension: str) -> str:
    """What a scorecard is split by."""
    words = {
        "agent": lambda: pgettext("dimension", "agent"),
        "team": lambda: pgettext("dimension", "team"),
        "channel": lambda: pgettext("dimension", "channel"),
        "brand": lambda: pgettext("dimension", "brand"),
        "week": lambda: pgettext("dimension", "week"),
        "language": lambda: pgettext("dimension", "language"),
    }
    return words[dimension]() if dimension in words else dimension


def severity_word(severity: str) -> str:
    """How grave a failure is."""
    words = {
        "low": lambda: pgettext("severity", "low"),
        "medium": lambda: pgettext("severity", "medium"),
        "high": lambda: pgettext("severity", "high"),
    }
    return words[severity]() if severity in words else severity


def unit_word(unit: str) -> str:
    """What a strength or signal is counted in."""
    words = {
        "conversations": lambda: pgettext("unit", "conversations"),
        "answers": lambda: pgettext("unit", "answers"),
        "messages": lambda: pgettext("unit", "messages"),
        "promises": lambda: pgettext("unit", "promises"),
    }
    return words[unit]() if unit in words else unit


def rule_name(rule: Rule) -> str:
    """What a rule limits: "slow-reply in channel chat", "any failure", "score"."""
    if rule.measure is Measure.SCORE:
        return pgettext("what a rule limits", "score")
    what = gettext("any failure") if rule.check == ANY else rule.check
    if not rule.dimension:
        return what
    where = dimension_word(rule.dimension)
    return gettext("{check} in {dimension} {value}", check=what, dimension=where, value=rule.value)


def rule_words(result: RuleResult) -> str:
    """What became of a rule: "5.0 % (13 of 260; 2.9–8.4), at most 3.0 % allowed"."""
    rule = result.rule
    if result.silence is Silence.NO_SEGMENT:
        where = dimension_word(rule.dimension)
        return gettext("no conversation with {dimension} {value}", dimension=where, value=rule.value)
    if result.silence is Silence.TOO_FEW:
        return ngettext(
            "{n} conversation judged, {needed} needed before this rule says anything",
            "{n} conversations judged, {needed} needed before this rule says anything",
            result.judged,
            n=count(result.judged),
            needed=count(max(rule.min_judged, 1)),
        )
    if rule.measure is Measure.COUNT:
        return ngettext(
            "{n} conversation, at most {limit} allowed",
            "{n} conversations, at most {limit} allowed",
            result.failed,
            n=count(result.failed),
            limit=count(int(rule.limit)),
        )
    if rule.measure is Measure.SCORE:
        number = decimal(result.number if result.number is not None else 0.0)
        if result.interval is not None:
            number += f" ({decimal(result.interval.low)}–{decimal(result.interval.high)})"
        words = gettext("{number}, at least {limit} wanted", number=number, limit=figures(f"{rule.limit:g}"))
    else:
        words = gettext(
            "{rate} ({n} of {total}; {interval}), at most {limit} allowed",
            rate=percent(result.number),
            n=count(result.failed),
            total=count(result.judged),
            interval=percent_range(result.interval),
            limit=percent(rule.limit),
        )
    by_interval = rule.judge_by is JudgeBy.INTERVAL
    return gettext("{words}, judged by the interval", words=words) if by_interval else words


def gate_words(gate: Gate) -> str:
    """The gate in one line: "passed: 3 rules" or "failed: 1 of 3 rules, 2 rates worse than the baseline"."""
    if gate.passed:
        held = len([r for r in gate.results if r.silence is None])
        silent = len(gate.results) - held
        words = ngettext("passed: {n} rule", "passed: {n} rules", held, n=count(held))
        if not silent:
            return words
        return ngettext("{words}, {n} skipped", "{words}, {n} skipped", silent, words=words, n=count(silent))
    parts = []
    if gate.failed:
        all_rules = len(gate.results)
        parts.append(
            ngettext(
                "{n} of {total} rule",
                "{n} of {total} rules",
                all_rules,
                n=count(len(gate.failed)),
                total=count(all_rules),
            )
        )
    if gate.worse:
        worse = len(gate.worse)
        parts.append(
            ngettext(
                "{n} rate worse than the baseline",
                "{n} rates worse than the baseline",
                worse,
                n=count(worse),
            )
        )
    if gate.new:
        new = len(gate.new)
        parts.append(ngettext("{n} new failure", "{n} new failures", new, n=count(new)))
    return gettext("failed: {what}", what=", ".join(parts))


def change_words(change: Change) -> str:
    """How a rate moved: "2.1 % → 5.6 % (+3.5 points, 0.4 to 6.9; p 0.02 of 11 checks): worse"."""
    before = percent(change.before.failed / change.before.judged if change.before.judged else None)
    after = percent(change.after.failed / change.after.judged if change.after.judged else None)
    words = f"{before} → {after}"
    if change.difference is not None and change.interval is not None:
        about = gettext(
            "{points} points, {low} to {high}",
            points=figures(f"{100 * change.difference:+.1f}"),
            low=figures(f"{100 * change.interval.low:+.1f}"),
            high=figures(f"{100 * change.interval.high:+.1f}"),
        )
        chance = "" if change.adjusted is None else "; " + _chance(change.adjusted)
        words += f" ({about}{chance})"
    return f"{words}: {_moved(change.movement)}"


def moved_words(change: Change) -> str:
    """Whether a rate moved: "worse (p 0.02)", "cannot be told apart"."""
    moved = change.movement in (Movement.WORSE, Movement.BETTER)
    chance = f" ({_chance(change.adjusted)})" if moved and change.adjusted is not None else ""
    return _moved(change.movement) + chance


def _chance(adjusted: float) -> str:
    return "p " + figures(f"{adjusted:.2g}")


def _moved(movement: Movement) -> str:
    if movement is Movement.WORSE:
        return pgettext("a rate", "worse")
    if movement is Movement.BETTER:
        return pgettext("a rate", "better")
    if movement is Movement.ALIKE:
        return pgettext("a rate", "cannot be told apart")
    return pgettext("a rate", "too few to tell")


def comparison_words(comparison: Comparison) -> str:
    """The failures in one line: "12 new, 9 gone, 3 still there"."""
    return gettext(
        "failures: {new} new, {gone} gone, {still} still there",
        new=count(len(comparison.new)),
        gone=count(len(comparison.gone)),
        still=count(len(comparison.still)),
    )


def test_words(changes: int) -> str:
    """How changes were told from chance."""
    return ngettext(
        "two-proportion test, p corrected by Holm for {n} check; worse or better only below {level}",
        "two-proportion test, p corrected by Holm for {n} checks; worse or better only below {level}",
        changes,
        n=count(changes),
        level=figures(f"{LEVEL:g}"),
    )


def suppressed_words(one: Suppressed) -> str:
    """An entry and what it did: "check slow-reply: kept out 2 findings (agreed; Rob, until 2026-12-31)"."""
    entry = one.suppression
    if one.status is SuppressionStatus.EXPIRED:
        did = gettext("has expired: remove or renew it")
    elif one.status is SuppressionStatus.UNUSED:
        did = gettext("matches nothing: remove it")
    else:
        did = ngettext("kept out {n} finding", "kept out {n} findings", one.findings, n=count(one.findings))
    return gettext(
        "{entry}: {did} ({reason}; {author}, until {day})",
        entry=", ".join(_suppresses(entry)),
        did=did,
        reason=entry.reason,
        author=entry.author,
        day=day(entry.expires),
    )


def _suppresses(entry: Suppression) -> Iterator[str]:
    if entry.check is not None:
        yield gettext("check {name}", name=entry.check)
    if entry.conversation is not None:
        yield gettext("conversation {name}", name=entry.conversation)
    if entry.message is not None:
        yield gettext("message {name}", name=entry.message)
    for dimension in ("agent", "channel", "team", "brand"):
        if (value := getattr(entry, dimension)) is not None:
            yield f"{dimension_word(dimension)} {value}"


# ---- what checks say of a finding
#
# Checks write English sentences, which stay as they are in every format for machines. For people they are taken
# apart again by these templates, translated, and their numbers and names put back. {time}, {open} and {limit} are
# times, {n} a number, {fact} one of _FACTS. tests/test_ui_lang.py: no case of a check says what fits none of them.

_PLAIN = (
    # arguing
    N_("the agent blames the customer"),
    N_("the agent denies what the customer experienced"),
    N_("the agent points out that they have said it already"),
    N_("the agent hides behind a rule and offers no way forward"),
    N_("the customer reports being blamed or contradicted by the company's people"),
    # broken-promise
    N_("the customer came back after the promised time because it had not happened"),
    N_("the promised time passed and no message shows that it was kept"),
    N_("the customer reports that an earlier commitment was not kept"),
    # impersonal
    N_("a template was sent with its placeholders unfilled"),
    N_("the same reply was sent to this customer twice"),
    N_("the reply is addressed to another name"),
    N_("a general text that does not take up what the customer wrote"),
    N_("the customer reports canned or automatic answers"),
    # missing-follow-up
    N_("the customer's last question got nothing but a closing phrase"),
    N_("said they would come back, and no message of an agent followed"),
    N_("the customer reports that a follow-up never came"),
    # no-knowledge
    N_("the agent does not know and leaves it there"),
    N_("the agent corrects what the company had said before"),
    N_("the agent takes back what they had said after the customer corrected them"),
    N_("the customer reports that the company's people gave wrong answers or did not know"),
    # not-listening
    N_("the customer says that they have said it already or were not understood"),
    N_("the agent admits to have missed what the customer wrote"),
    N_("the agent asks the same again after the customer had answered"),
    N_("the agent asks for a step that the customer had said they tried"),
    N_("the customer wrote back, and got the same answer again"),
    N_("the customer asks the same again after an agent's reply"),
    N_("the customer reports that the company's people did not listen"),
    # rudeness
    N_("the agent insults the customer"),
    N_("the agent threatens the customer"),
    N_("the agent mocks the customer"),
    N_("the agent brushes the customer off"),
    N_("the agent orders the customer about"),
    N_("the agent shouts in capitals"),
    N_("the customer reports disrespect by the company's people"),
    # run-around
    N_("passed on, and the customer objects"),
    N_("sent elsewhere, came back, and was sent elsewhere again"),
    N_("passed on and left without a solution"),
    N_("sent to a private channel where nobody answered"),
    N_("the customer reports being passed around"),
    # siloed-records
    N_("after a hand-over the customer tells the case again"),
    N_("the customer says that they have told the company's people already"),
    # slow-reply
    N_("the customer says how long they waited"),
    # unavailable
    N_("the company's side says that nobody is there and offers no way that works"),
    N_("the customer reports that they could not get through"),
    # not judged
    N_("no message of a customer"),
    N_("no language pack"),
    N_("no time stamps"),
    N_("customers are not identified"),
)
_WITH_NAMES = (
    N_("asks for {fact} that the customer had given in this conversation"),
    N_("asks for {fact} that the customer had given in an earlier conversation"),
    N_("after a hand-over the agent asks for {fact} that the customer had given"),
    N_("the conversation ends on an open question, unanswered for {time}"),
    N_("the conversation ends on an open question, unanswered for {time}, {open} of them open"),
    N_("first reply after {time}"),
    N_("first reply after {time}, {open} of them open"),
    N_("reply after {time}"),
    N_("reply after {time}, {open} of them open"),
    N_("still no answer after {time}"),
    N_("still no answer after {time}, {open} of them open"),
    N_("no person answered within {time}"),
    N_("no person answered within {time}, {open} of them open"),
    # What a clock proves has no words of a customer: the quote is ours too.
    N_("waited {time} for the first reply (limit {limit})"),
    N_("waited {time} for the first reply, {open} of them open (limit {limit})"),
    N_("waited {time} for the reply (limit {limit})"),
    N_("waited {time} for the reply, {open} of them open (limit {limit})"),
    N_("asked again after {time} without an answer (limit {limit})"),
    N_("asked again after {time} without an answer, {open} of them open (limit {limit})"),
    N_("answered after {time}"),
    N_("no answer within {time}"),
    N_("{error} in check '{name}'"),
    N_("{error} in signal '{name}'"),
)
_COUNTED: Mapping[str, Callable[[int, Mapping[str, str]], str]] = {
    "in {n} messages no agent uses the customer's name or gives their own": lambda n, v: ngettext(
        "in {n} message no agent uses the customer's name or gives their own",
        "in {n} messages no agent uses the customer's name or gives their own",
        n, **v,
    ),
    "passed on {n} times": lambda n, v: ngettext("passed on {n} time", "passed on {n} times", n, **v),
    "passed on {n} times; what was said is not in the export": lambda n, v: ngettext(
        "passed on {n} time; what was said is not in the export",
        "passed on {n} times; what was said is not in the export",
        n, **v,
    ),
    "{n} hand-overs are recorded": lambda n, v: ngettext(
        "{n} hand-over is recorded", "{n} hand-overs are recorded", n, **v
    ),
    "no person answered within {time}, {n} more messages": lambda n, v: ngettext(
        "no person answered within {time}, {n} more message",
        "no person answered within {time}, {n} more messages",
        n, **v,
    ),
    "no person answered within {time}, {open} of them open, {n} more messages": lambda n, v: ngettext(
        "no person answered within {time}, {open} of them open, {n} more message",
        "no person answered within {time}, {open} of them open, {n} more messages",
        n, **v,
    ),
}  # fmt: skip
_FACTS = (
    N_("the order or reference number"),
    N_("the account number"),
    N_("what the matter is"),
    N_("the e-mail address"),
    N_("the telephone number"),
    N_("the date"),
    N_("the device or product"),
)
_TIME = r"\d+ (?:s|min|h|d)(?: \d+ (?:min|h))?"
_VALUES = {
    "n": r"[\d,]+",
    "time": _TIME,
    "open": _TIME,
    "limit": _TIME,
    "fact": "|".join(_FACTS),
    "error": r"\w+",
    "name": r"[\w-]+",
    "names": ".+",
    "said": ".+",
    "line": r"\d+",
    "encoding": r"[\w-]+",
}
# What readers note about an export, as far as it is common; {names} and {said} are the export's own words.
_NOTES = (
    N_("Columns not used: {names}."),
    N_("Fields of messages not used: {names}."),
    N_("Lines above the header were passed over: {names}."),
    N_("Places in this file are row numbers of the sheet."),
    N_("Places in this file are numbers of records, not lines."),
    N_("No column tells the time of a message: checks that need a clock do not apply."),
    N_("No field tells the time of a message: checks that need a clock do not apply."),
    N_("Times carry no zone and were read as UTC; set --tz."),
    N_("Dates are day first: line {line} says {said}."),
    N_("Dates are month first: line {line} says {said}."),
    N_("Some bytes are not valid UTF-8; they are shown as \ufffd."),
    N_("The file is not UTF-8; it was read as {encoding}, a guess. If letters look wrong, save it as UTF-8."),
)
_OURS = frozenset(("slow-reply", "run-around", "quick-reply"))
"""Checks and signals whose quotes can be our own words; everywhere else a quote is somebody's, and stays."""


def reason_words(reason: str) -> str:
    """What a check says of a finding, or why it could not judge; in English where it is not known."""
    if spoken() == ENGLISH:
        return reason
    if reason in _PLAIN:
        return gettext(reason)
    return _refilled(reason, _templates())


def note_words(note: str) -> str:
    """What a reader notes about an export; in English where it is not known."""
    if spoken() == ENGLISH:
        return note
    said, files = note, ""
    if several := re.fullmatch(r"(.*) \((\d+) files\)", note, re.DOTALL):
        said, n = several.groups()
        files = " (" + ngettext("{n} file", "{n} files", int(n), n=count(int(n))) + ")"
    words = _refilled(said, _note_templates())
    return words + files if words != said else note


def _refilled(text: str, templates: Iterable[tuple[str, re.Pattern[str]]]) -> str:
    for template, pattern in templates:
        if found := pattern.fullmatch(text):
            return _filled(template, found.groupdict())
    return text


def quote_words(check: str, quote: str) -> str:
    """The proof of a finding: a customer's or an agent's words as they are, a measured wait in words of ours."""
    return reason_words(quote) if check in _OURS else quote


@cache
def _templates() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((template, _pattern(template)) for template in (*_WITH_NAMES, *_COUNTED))


@cache
def _note_templates() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((template, _pattern(template)) for template in _NOTES)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    places = (
        f"(?P<{part}>{_VALUES[part]})" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
    return re.compile("".join(places), re.DOTALL)


def _filled(template: str, found: Mapping[str, str]) -> str:
    values = dict(found)
    for name in ("time", "open", "limit"):
        if name in found:
            values[name] = span_words(found[name])
    if fact := found.get("fact"):
        values["fact"] = gettext(fact)
    if "n" in found:
        number = int(found["n"].replace(",", ""))
        return _COUNTED[template](number, values | {"n": count(number)})
    return gettext(template, **values)


def span_words(written: str) -> str:
    """A time as checks write it, "3 h 20 min", in the language spoken."""
    return re.sub(r"(\d+) (s|min|h|d)\b", lambda part: in_unit(part[2], part[1]), written)


def finding_words(finding: Finding) -> str:
    """The words that stand for a finding where there is room for one line: its proof, or else its reason."""
    return quote_words(finding.check, finding.quote) if finding.quote else reason_words(finding.reason)
