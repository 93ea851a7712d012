"""What the gate, a comparison and the suppressions say, as sentences. Shared by all renderers."""

from supportaudit.comparison import LEVEL, Change, Comparison, Movement
from supportaudit.gate import ANY, Gate, JudgeBy, Measure, Rule, RuleResult, Silence
from supportaudit.render.text import count, percent, percent_range, plural
from supportaudit.suppressions import Suppressed, SuppressionStatus

_CLOSE = {
    SuppressionStatus.USED: "kept out",
    SuppressionStatus.UNUSED: "matches nothing: remove it",
    SuppressionStatus.EXPIRED: "has expired: remove or renew it",
}


def rule_name(rule: Rule) -> str:
    """What a rule limits: "slow-reply in channel chat", "any failure", "score"."""
    if rule.measure is Measure.SCORE:
        return "score"
    where = f" in {rule.dimension} {rule.value}" if rule.dimension else ""
    return ("any failure" if rule.check == ANY else rule.check) + where


def rule_words(result: RuleResult) -> str:
    """What became of a rule: "5.0 % (13 of 260; 2.9–8.4), at most 3.0 % allowed"."""
    rule = result.rule
    if result.silence is Silence.NO_SEGMENT:
        return f"no conversation with {rule.dimension} {rule.value}"
    if result.silence is Silence.TOO_FEW:
        needed = max(rule.min_judged, 1)
        return f"{plural(result.judged, 'conversation')} judged, {count(needed)} needed before this rule says anything"
    if rule.measure is Measure.COUNT:
        return f"{plural(result.failed, 'conversation')}, at most {count(int(rule.limit))} allowed"
    by = ", judged by the interval" if rule.judge_by is JudgeBy.INTERVAL else ""
    if rule.measure is Measure.SCORE:
        number = result.number if result.number is not None else 0.0
        interval = result.interval
        about = f" ({interval.low:.1f}–{interval.high:.1f})" if interval is not None else ""
        return f"{number:.1f}{about}, at least {rule.limit:g} wanted{by}"
    counted = f"{count(result.failed)} of {count(result.judged)}; {percent_range(result.interval)}"
    return f"{percent(result.number)} ({counted}), at most {percent(rule.limit)} allowed{by}"


def gate_words(gate: Gate) -> str:
    """The gate in one line: "passed: 3 rules" or "failed: 1 of 3 rules, 2 rates worse than the baseline"."""
    if gate.passed:
        held = [r for r in gate.results if r.silence is None]
        silent = len(gate.results) - len(held)
        words = f"passed: {plural(len(held), 'rule')}"
        return f"{words}, {count(silent)} skipped" if silent else words
    parts = []
    if gate.failed:
        parts.append(f"{count(len(gate.failed))} of {plural(len(gate.results), 'rule')}")
    if gate.worse:
        parts.append(f"{plural(len(gate.worse), 'rate')} worse than the baseline")
    if gate.new:
        parts.append(plural(len(gate.new), "new failure"))
    return "failed: " + ", ".join(parts)


def change_words(change: Change) -> str:
    """How a rate moved: "2.1 % → 5.6 % (+3.5 points, 0.4 to 6.9; p 0.02 of 11 checks): worse"."""
    before = percent(change.before.failed / change.before.judged if change.before.judged else None)
    after = percent(change.after.failed / change.after.judged if change.after.judged else None)
    words = f"{before} → {after}"
    if change.difference is not None and change.interval is not None:
        low, high = 100 * change.interval.low, 100 * change.interval.high
        words += f" ({100 * change.difference:+.1f} points, {low:+.1f} to {high:+.1f}"
        words += f"; p {change.adjusted:.2g})" if change.adjusted is not None else ")"
    return f"{words}: {_MOVED[change.movement]}"


def moved_words(change: Change) -> str:
    """Whether a rate moved: "worse (p 0.02)", "cannot be told apart"."""
    moved = change.movement in (Movement.WORSE, Movement.BETTER) and change.adjusted is not None
    return _MOVED[change.movement] + (f" (p {change.adjusted:.2g})" if moved else "")


_MOVED = {
    Movement.WORSE: "worse",
    Movement.BETTER: "better",
    Movement.ALIKE: "cannot be told apart",
    Movement.TOO_FEW: "too few to tell",
}


def comparison_words(comparison: Comparison) -> str:
    """The failures in one line: "12 new, 9 gone, 3 still there"."""
    new, gone, still = len(comparison.new), len(comparison.gone), len(comparison.still)
    return f"failures: {count(new)} new, {count(gone)} gone, {count(still)} still there"


def test_words(changes: int) -> str:
    """How changes were told from chance."""
    return (
        f"two-proportion test, p corrected by Holm for {plural(changes, 'check')}; "
        f"worse or better only below {LEVEL:g}"
    )


def suppressed_words(one: Suppressed) -> str:
    """An entry and what it did: "check slow-reply: kept out 2 findings (agreed; Rob, until 2026-12-31)"."""
    entry = one.suppression
    did = _CLOSE[one.status] + (f" {plural(one.findings, 'finding')}" if one.findings else "")
    return f"{entry.name}: {did} ({entry.reason}; {entry.author}, until {entry.expires.isoformat()})"
