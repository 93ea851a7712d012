"""What the page shows, prepared: the template only lays out. Names are the report's; nothing here counts anew."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from supportaudit.comparison import Movement
from supportaudit.dossier import Case, Dossier
from supportaudit.limits import STANDARD
from supportaudit.model import CheckInfo, SignalKind
from supportaudit.render.html import charts
from supportaudit.render.sentences import (
    comparison_words,
    gate_words,
    moved_words,
    rule_name,
    rule_words,
    suppressed_words,
    test_words,
)
from supportaudit.render.text import count, duration, first_sentence, moment, percent, plural, printable
from supportaudit.report import Report
from supportaudit.score import MIN_GROUP, CheckScore, Scorecard, Segment, Standing

DEAREST = 3
MAX_ROWS = 60
"""Groups listed of one dimension; of more, those with the most conversations."""

MAX_TEAMS = 12
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_STANDING = {
    Standing.WORSE: ("worse than the others", "worse"),
    Standing.BETTER: ("better than the others", "better"),
    Standing.ALIKE: ("cannot be told apart", ""),
    Standing.TOO_FEW: ("too few to compare", ""),
}
_MOVEMENT = {Movement.WORSE: "worse", Movement.BETTER: "better"}


def page_of(report: Report, *, anonymize: bool = False) -> dict[str, Any]:
    """All that the template asks for. `anonymize`: agents are numbered in order of name, not named."""
    page = _Page(report, anonymize)
    return page.all()


class _Page:
    def __init__(self, report: Report, anonymize: bool) -> None:
        self.report = report
        self.card: Scorecard = report.scorecard
        self.dossier = report.dossier or Dossier()
        self.infos = {check.id: check for check in report.checks}
        self.before = report.comparison.before if report.comparison is not None else None
        agents = sorted({s.value for s in self.card.segments.get("agent", ()) if s.value})
        self.aliases = {name: f"Agent {n}" for n, name in enumerate(agents, 1)} if anonymize else {}
        pattern = "|".join(sorted(map(re.escape, self.aliases), key=len, reverse=True))
        self.names = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") if pattern else None
        self.anchors: dict[tuple[str, str], str] = {}

    # ---- text

    def agent(self, name: str) -> str:
        return self.aliases.get(name, printable(name))

    def words(self, text: str) -> str:
        """Foreign text for the page: no controls; agents' names as the page calls them."""
        shown = _breaks(text)
        return (
            self.names.sub(lambda found: self.aliases[found[0]], shown) if self.names is not None else shown
        )

    # ---- the page

    def all(self) -> dict[str, Any]:
        report, card = self.report, self.card
        cases = list(self.cases())
        checks = [self.check(score, cases) for score in self.ordered()]
        first, last = moment(card.first_at), moment(card.last_at)
        return {
            "version": report.run.version,
            "name": printable(_files(report)),
            "period": f"{first:%-d %B %Y} to {last:%-d %B %Y}" if first and last else "",
            "headline": _headline(card),
            "before": self.before.score if self.before is not None else None,
            "before_name": printable(self.before.name) if self.before is not None else "",
            "scale": charts.scale(
                card.score, card.interval, self.before.score if self.before is not None else None
            )
            if card.score is not None and card.interval is not None
            else "",
            "failing_rate": card.failing / card.conversations if card.conversations else None,
            "customers": self.dossier.customers,
            "returning": self.dossier.returning,
            "crashed": sum(sum(check.errors.values()) for check in card.checks),
            "gate": self.gate(),
            "checks": checks,
            "dearest": [one for one in checks[:DEAREST] if one["failed"]],
            "compared": comparison_words(report.comparison) if report.comparison is not None else "",
            "test": test_words(len(report.comparison.changes)) if report.comparison is not None else "",
            "replies": list(self.replies()),
            "heat": list(self.heat()),
            "zone": report.run.settings.get("tz", "UTC"),
            "groups": [
                group for name in ("agent", "team", "channel", "brand") if (group := self.group(name))
            ],
            "returns": list(self.returns()),
            "promises": list(self.promises()),
            "flows": self.flows(),
            "strengths": list(self.strengths()),
            "cases": cases,
            "evidence_words": self.evidence_words(cases),
            "filters": self.filters(cases),
            "account": _account(report),
            "notes": [printable(note) for note in (*self.unjudged(), *report.input.notes)],
            "suppressed": [printable(suppressed_words(one)) for one in report.suppressed],
            "as_of": report.run.as_of,
            "privacy": "Personal data of customers is hidden, their names are shortened."
            if report.run.settings.get("redact") != "off"
            else "Personal data is NOT hidden in this page.",
        }

    def ordered(self) -> list[CheckScore]:
        return sorted(self.card.checks, key=lambda c: (-c.demerits, not c.judged, c.check))

    def check(self, score: CheckScore, cases: Sequence[dict[str, Any]]) -> dict[str, Any]:
        info: CheckInfo = self.infos[score.check]
        own = [case for case in cases if case["check"] == score.check]
        most = max(
            (c.interval.high for c in self.card.checks if c.interval is not None and c.failed), default=0.0
        )
        change = self.change(score.check)
        earlier = change.before if change is not None else None
        before = earlier.failed / earlier.judged if earlier is not None and earlier.judged else None
        gravest = own[0] if own else None
        finding = next((f for f in self.report.findings if f.check == score.check), None)
        proof = gravest["proofs"][0] if gravest else None
        return {
            "id": score.check,
            "title": info.title,
            "severity": str(info.severity),
            "about": " ".join(info.about.split()),
            "why": " ".join(info.why.split()),
            "fix": first_sentence(info.fix),
            "judged": score.judged,
            "failed": score.failed,
            "rate": score.rate,
            "interval": score.interval,
            "share": score.cost,
            "bar": charts.rate_bar(score.rate, score.interval, most, before),
            "moved": moved_words(change) if change is not None else "",
            "movement": _MOVEMENT.get(change.movement, "") if change is not None else "",
            "not_judged": ", ".join(
                f"{count(n)} ({reason})" for reason, n in score.not_applicable_reasons.items()
            ),
            "channels": list(self.channels(score.check)),
            "cases": own,
            "more": max(0, score.failed - len(own)),
            "quote": proof["quote"] if proof else self.words(finding.quote) if finding is not None else "",
            "reason": proof["reason"] if proof else self.words(finding.reason) if finding is not None else "",
            "conversation": gravest["id"]
            if gravest
            else printable(finding.conversation_id)
            if finding
            else "",
            "case": gravest["anchor"] if gravest else "",
        }

    def change(self, check: str) -> Any:
        comparison = self.report.comparison
        return (
            next((c for c in comparison.changes if c.check == check), None)
            if comparison is not None
            else None
        )

    def channels(self, check: str) -> Iterator[dict[str, Any]]:
        from supportaudit.stats import wilson

        rows = [s for s in self.card.segments.get("channel", ()) if s.judged.get(check)]
        most = max((wilson(s.failed.get(check, 0), s.judged[check]).high for s in rows), default=0.0)
        for segment in rows:
            failed, judged = segment.failed.get(check, 0), segment.judged[check]
            interval = wilson(failed, judged)
            yield {
                "name": printable(segment.value) or "not known",
                "failed": failed,
                "judged": judged,
                "rate": failed / judged,
                "interval": interval,
                "bar": charts.rate_bar(failed / judged, interval, most),
            }

    def replies(self) -> Iterator[dict[str, Any]]:
        for row in self.card.reply_times:
            name = printable(row.channel) or "channel not known"
            which = "first replies" if row.reply == "first" else "later replies"
            limit = STANDARD.seconds(row.channel)
            yield {
                "name": f"{name}, {which}",
                "count": row.count,
                "median": duration(row.median),
                "p90": duration(row.p90),
                "chart": charts.replies(row.upto, limit, f"{name}, {which}"),
            }

    def heat(self) -> Iterator[dict[str, Any]]:
        waits = self.dossier.waits
        if sum(all_ for all_, _ in waits.values()) < MIN_GROUP:
            return
        for day, name in enumerate(DAYS):
            cells = []
            for hour in range(24):
                all_, late = waits.get(day * 24 + hour, (0, 0))
                share = late / all_ if all_ else 0.0
                level = "" if not all_ else "h" + str(0 if not late else min(4, 1 + int(share * 4)))
                title = f"{name} {hour}:00: {plural(all_, 'wait')}, {late} too long" if all_ else ""
                cells.append({"level": level, "title": title, "text": str(late) if late else ""})
            yield {"name": name, "cells": cells}

    def group(self, dimension: str) -> dict[str, Any] | None:
        segments = [s for s in self.card.segments.get(dimension, ()) if s.value]
        if len(segments) < 2:
            return None
        shown = sorted(segments, key=lambda s: (-s.conversations, s.value))[:MAX_ROWS]
        pull = _pull(segments)
        most = (
            max(s.interval.high for s in shown if s.conversations >= MIN_GROUP or len(shown) < 3)
            if shown
            else 0.0
        )
        rows = [self.row(segment, pull, most, dimension) for segment in sorted(shown, key=lambda s: s.value)]
        small = sum(s.conversations < MIN_GROUP for s in segments)
        told = [
            f"{plural(small, 'group')} with fewer than {MIN_GROUP} conversations are shown and not compared."
        ] * bool(small)
        if len(segments) > len(shown):
            told.append(
                f"{count(len(segments) - len(shown))} more, with fewer conversations, are not listed."
            )
        return {
            "dimension": dimension,
            "about": "In order of name, for this is no ranking: intervals that overlap cannot be told apart. "
            "The black mark is the rate drawn towards the mean of all, the more so the fewer conversations there are.",
            "rows": rows,
            "small": " ".join(told),
        }

    def row(self, segment: Segment, pull: tuple[float, float], most: float, dimension: str) -> dict[str, Any]:
        mean, weight = pull
        shrunk = (segment.failing + mean * weight) / (segment.conversations + weight)
        words, kind = _STANDING[segment.standing]
        name = self.agent(segment.value) if dimension == "agent" else printable(segment.value)
        return {
            "name": name,
            "conversations": segment.conversations,
            "failing": segment.failing,
            "rate": segment.rate,
            "interval": segment.interval,
            "bar": charts.rate_bar(
                segment.rate, segment.interval, most, shrunk=shrunk, bad=segment.standing is Standing.WORSE
            ),
            "standing": words,
            "standing_class": kind,
        }

    def returns(self) -> Iterator[dict[str, Any]]:
        for one in self.dossier.returns:
            made = [(c.at, printable(c.channel), c.failed) for c in one.contacts]
            first, last = moment(one.contacts[0].at), moment(one.contacts[-1].at)
            span = f", {first:%-d %b} to {last:%-d %b}" if first and last and one.contacts[0].at else ""
            yield {
                "customer": self.words(one.customer) or "A customer",
                "words": f"{plural(-one.minus_contacts, 'conversation')}, {plural(-one.minus_failed, 'failure')}{span}",
                "chart": charts.contacts(made),
            }

    def promises(self) -> Iterator[tuple[str, str]]:
        made, open_ = self.dossier.promises
        if not made:
            return
        kept = next((s for s in self.card.signals if s.signal == "promises-kept"), None)
        broken = next((c for c in self.card.checks if c.check == "broken-promise"), None)
        yield "With a definite time", count(made)
        yield "Not yet due", count(open_)
        if kept is not None and kept.eligible:
            yield "Kept, of those the log tells of", f"{count(kept.shown)} of {count(kept.eligible)}"
        if broken is not None:
            yield "Conversations with a broken one", count(broken.failed)

    def flows(self) -> dict[str, Any] | None:
        flows: dict[tuple[str, str], list[int]] = {}
        for key, (all_, failed) in self.dossier.flows.items():
            source, target, _channel = key.split("\t")
            known = flows.setdefault((self.agent(source), self.agent(target)), [0, 0])
            known[0] += all_
            known[1] += failed
        if not flows:
            return None
        weight: dict[str, int] = {}
        for (source, target), (all_, _) in flows.items():
            weight[source] = weight.get(source, 0) + all_
            weight[target] = weight.get(target, 0) + all_
        top = set(sorted(weight, key=lambda name: (-weight[name], name))[:MAX_TEAMS])
        kept = {pair: n for pair, n in flows.items() if pair[0] in top and pair[1] in top}
        targets = sorted({target for _, target in kept})
        rows = [
            {
                "name": source,
                "cells": [
                    f"{count(kept[source, t][0])} / {count(kept[source, t][1])}"
                    if (source, t) in kept
                    else ""
                    for t in targets
                ],
            }
            for source in sorted({source for source, _ in kept})
        ]
        left = sum(n for pair, (n, _) in flows.items() if pair not in kept)
        return {
            "targets": targets,
            "rows": rows,
            "more": f"{plural(left, 'hand-over')} between others." if left else "",
        }

    def strengths(self) -> Iterator[dict[str, Any]]:
        order = (SignalKind.STRENGTH, SignalKind.SIGNAL, SignalKind.REASON)
        names = {
            SignalKind.STRENGTH: "strength",
            SignalKind.SIGNAL: "signal",
            SignalKind.REASON: "why they write",
        }
        infos = {signal.id: signal for signal in self.report.signals}
        for kind in order:
            rows = [s for s in self.card.signals if s.kind is kind and s.eligible and s.signal in infos]
            for score in sorted(rows, key=lambda s: -(s.rate or 0)):
                example = score.examples[0] if score.examples else None
                yield {
                    "title": infos[score.signal].title,
                    "kind": names[kind],
                    "unit": score.unit,
                    "shown": score.shown,
                    "eligible": score.eligible,
                    "rate": score.rate,
                    "interval": score.interval,
                    "quote": self.words(example.quote) if example is not None else "",
                }

    # ---- evidence

    def cases(self) -> Iterator[dict[str, Any]]:
        rank = {score.check: n for n, score in enumerate(self.ordered())}
        found = [case for cases in self.dossier.cases.values() for case in cases]
        for case in sorted(found, key=lambda c: (rank.get(c.check, 99), c)):
            yield self.case(case)

    def case(self, case: Case) -> dict[str, Any]:
        info = self.infos[case.check]
        files = self.report.input.files
        proofs: list[dict[str, Any]] = [
            {
                "reason": self.words(proof.reason),
                "quote": self.words(proof.quote),
                "agent": self.agent(proof.agent) if proof.agent else "",
                "basis": proof.basis,
                "confidence": proof.confidence,
                "line": proof.line,
            }
            for proof in case.proofs
        ]
        first = moment(case.lines[0].at) if case.lines and case.lines[0].at else None
        year, week, _ = first.isocalendar() if first else (0, 0, 0)
        return {
            "anchor": _anchor(case.check, case.conversation_id),
            "check": case.check,
            "title": info.title,
            "about": first_sentence(info.about),
            "id": printable(case.conversation_id),
            "channel": printable(case.channel),
            "severity": case.proofs[0].severity if case.proofs else "",
            "agents": "\t".join(sorted({p["agent"] for p in proofs if p["agent"]})),
            "week": f"{year}-W{week:02}" if first else "",
            "when": f"{first:%-d %b %Y}" if first else "",
            "file": printable(files[case.file]) if case.file < len(files) else "",
            "proofs": proofs,
            "reason": proofs[0]["reason"] if proofs else "",
            "lines": list(self.lines(case)),
            "left_out": case.left_out,
        }

    def lines(self, case: Case) -> Iterator[dict[str, Any]]:
        before = 0.0
        for line in case.lines:
            gap = line.at - before if before and line.at else 0.0
            at = moment(line.at) if line.at else None
            yield {
                "role": line.role,
                "author": self.agent(line.author) if line.role == "agent" else printable(line.author),
                "when": f"{at:%-d %b, %H:%M}" if at else "",
                "text": self.words(line.text),
                "proof": line.proof,
                "public": line.public,
                "left_out": line.left_out,
                "gap": duration(gap) if gap >= 3_600 else "",
            }
            before = line.at or before

    def evidence_words(self, cases: Sequence[Any]) -> str:
        failed = sum(score.failed for score in self.card.checks)
        left = failed - len(cases)
        words = f"{plural(len(cases), 'failure')} in full, the gravest of each check; orange frames mark the proof."
        return words + (
            f" {count(left)} more are counted above and listed in the other formats." if left > 0 else ""
        )

    def filters(self, cases: Sequence[dict[str, Any]]) -> list[tuple[str, list[str]]]:
        found = []
        for name in ("check", "agent", "channel", "severity", "week"):
            key = "agents" if name == "agent" else name
            values: list[str] = sorted({v for case in cases for v in str(case[key]).split("\t") if v})
            if len(values) > 1:
                found.append((name, values))
        return found

    def gate(self) -> dict[str, Any] | None:
        gate = self.report.gate
        if not gate.results and gate.passed:
            return None
        rows = [
            {
                "name": printable(rule_name(r.rule)),
                "status": str(r.status),
                "words": printable(rule_words(r)),
                "origin": printable(r.rule.origin),
            }
            for r in gate.results
        ]
        rows += [
            {"name": c.check, "status": "failed", "words": "worse than the baseline", "origin": "baseline"}
            for c in gate.worse
        ]
        if gate.new:
            words = f"{count(len(gate.new))} that the baseline has not"
            rows.append({"name": "new failures", "status": "failed", "words": words, "origin": "baseline"})
        return {"passed": gate.passed, "words": gate_words(gate), "rows": rows}

    def unjudged(self) -> Iterator[str]:
        reasons: dict[str, int] = {}
        for score in self.card.checks:
            for reason, number in score.not_applicable_reasons.items():
                reasons[reason] = max(reasons.get(reason, 0), number)
        for reason, number in sorted(reasons.items()):
            yield f"Up to {plural(number, 'conversation')} not judged by some check: {reason}."


def _pull(segments: Sequence[Segment]) -> tuple[float, float]:
    """The mean rate and how many conversations it weighs, by the method of moments for a beta-binomial.

    Empirical Bayes (Efron & Morris 1975, JASA 70:311-319; the moments as in Kleinman 1973, JASA 68:46-54): the less the
    groups differ beyond chance, the more each is drawn to the mean.
    """
    n = sum(s.conversations for s in segments)
    mean = sum(s.failing for s in segments) / n if n else 0.0
    between = sum(s.conversations * (s.rate - mean) ** 2 for s in segments) / n if n else 0.0
    chance = mean * (1 - mean) * len(segments) / n if n else 0.0
    excess = between - chance
    if excess <= 0 or mean in (0.0, 1.0):
        return mean, 1_000.0
    return mean, min(1_000.0, max(1.0, mean * (1 - mean) / excess - 1))


def _headline(card: Scorecard) -> str:
    if card.score is None:
        return "No score: nothing could be judged"
    share = card.failing / card.conversations if card.conversations else 0.0
    if not card.failing:
        return "No conversation failed its customer"
    one_in = round(1 / share)
    return (
        f"One conversation in {one_in} failed its customer"
        if one_in > 1
        else f"{percent(share)} of conversations failed"
    )


def _files(report: Report) -> str:
    files = [name.replace("\\", "/").rsplit("/", 1)[-1] for name in report.input.files]
    return files[0] + (f" and {len(files) - 1} more" if files[1:] else "") if files else ""


def _account(report: Report) -> str:
    account = report.input
    return (
        f"{count(account.rows_read)} rows read = {count(account.rows_used)} used + "
        f"{count(account.rows_rejected)} rejected + {count(account.rows_not_messages)} not messages"
    )


def _breaks(text: str) -> str:
    """Text with its line breaks and without anything that acts."""
    return "\n".join(printable(line) for line in text.split("\n"))


def _anchor(check: str, conversation: str) -> str:
    """A permanent anchor: the same case has it in every page."""
    safe = re.sub(
        r"[^A-Za-z0-9]+",
        lambda found: "-" if found[0].isascii() else "-" + found[0].encode("utf-8", "replace").hex(),
        conversation,
    )
    return f"case-{check}-{safe}"
