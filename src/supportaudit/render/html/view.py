"""What the page shows, prepared: the template only lays out. Names are the report's; nothing here counts anew.

Its words are in the language spoken (`supportaudit.ui`); ids, names and quotes stay.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup, escape

from supportaudit.model import CheckInfo, Finding, SignalKind
from supportaudit.render.html import charts
from supportaudit.render.html.names import Names
from supportaudit.render.sentences import (
    comparison_words,
    dimension_word,
    gate_words,
    moved_words,
    note_words,
    quote_words,
    reason_words,
    rule_name,
    rule_words,
    severity_word,
    suppressed_words,
    test_words,
)
from supportaudit.render.text import (
    count,
    duration,
    first_sentence,
    instant,
    moment,
    percent,
    plural,
    printable,
)
from supportaudit.results.comparison import Movement, Period
from supportaudit.results.dossier import ALL, Case, Dossier, Proof
from supportaudit.results.report import Report
from supportaudit.results.saved import period_of
from supportaudit.results.score import MIN_GROUP, CheckScore, Scorecard, Segment, Standing
from supportaudit.results.stats import wilson
from supportaudit.results.trend import MIN_PERIODS, trend_of
from supportaudit.settings.limits import STANDARD, Limits
from supportaudit.ui import figures, gettext, ngettext, paragraphs, pgettext

DEAREST = 3
MAX_ROWS = 60
"""Groups listed of one dimension; of more, those with the most conversations."""

MAX_TEAMS = 12
GIST = 150
"""Characters of a proof that stand in the line by which a case is opened."""

_STANDING_CLASS = {Standing.WORSE: "worse", Standing.BETTER: "better"}
_MOVEMENT = {Movement.WORSE: "worse", Movement.BETTER: "better"}


def page_of(
    report: Report, *, anonymize: bool = False, earlier: Sequence[Period] = (), kept: int = 8
) -> dict[str, Any]:
    """All that the template asks for.

    `anonymize`: agents are numbered, not named. `earlier` audits, oldest first, are drawn as what went before. `kept`:
    of a result without conversations, so many failures of each check are shown, `ALL` for every one.
    """
    return _Page(report, anonymize, earlier, kept).all()


class _Page:
    def __init__(self, report: Report, anonymize: bool, earlier: Sequence[Period], kept: int) -> None:
        self.report = report
        self.card: Scorecard = report.scorecard
        self.whole = report.dossier is not None
        self.dossier = report.dossier or Dossier(kept=kept, cases=_cases_of(report, kept))
        self.infos = {check.id: check for check in report.checks}
        self.before = report.comparison.before if report.comparison is not None else None
        limits = report.run.settings.get("limits")
        self.limits = Limits.read(limits) if limits else STANDARD
        self.zone = _zone(report.run.settings.get("tz", "UTC"))
        self.names = Names(report, hide=anonymize)
        self.agent, self.words = self.names.agent, self.names.words
        self.periods = (*earlier, period_of(report, gettext("this audit"))) if earlier else ()
        self.past = dict(self.history())

    # ---- time, in the zone of the audit

    def local(self, seconds: float | None) -> datetime | None:
        at = moment(seconds) if seconds else None
        try:
            return at.astimezone(self.zone) if at else None
        except OverflowError:
            return at

    def clock(self, seconds: float) -> str:
        at = self.local(seconds)
        if not at:
            return ""
        # TRANSLATORS: a moment within a conversation: "9 Nov, 14:30".
        return pgettext("date", "{day} {month}, {time}", day=at.day, month=_short(at), time=f"{at:%H:%M}")

    def day(self, seconds: float) -> str:
        at = self.local(seconds)
        return _day_and_month(at) if at else ""

    # ---- the page

    def all(self) -> dict[str, Any]:
        report, card = self.report, self.card
        cases = list(self.cases())
        checks = [self.check(score, cases) for score in self.ordered()]
        first, last = self.local(card.first_at), self.local(card.last_at)
        return {
            "version": report.run.version,
            "name": self.words(_files(report)),
            "period": _period(first, last),
            "headline": _headline(card),
            "judged": self.judged(),
            "past": self.timeline(),
            "has_past": any(one["past"] for one in checks),
            "whole": self.whole,
            "before": self.before.score if self.before is not None else None,
            "before_name": self.words(self.before.name) if self.before is not None else "",
            "scale": charts.scale(
                card.score, card.interval, self.before.score if self.before is not None else None
            )
            if card.score is not None and card.interval is not None
            else "",
            "moved": figures(f"{card.score - self.before.score:+.1f}")
            if self.before is not None and self.before.score is not None and card.score is not None
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
            "promises": self.promises(),
            "flows": self.flows(),
            "strengths": list(self.strengths()),
            "cases": cases,
            "evidence_words": self.evidence_words(cases),
            "filters": self.filters(cases),
            "account": _account(report),
            "notes": [
                *(self.words(note) for note in self.unjudged()),
                *(self.words(note_words(note)) for note in report.input.notes),
            ],
            "suppressed": [self.words(suppressed_words(one)) for one in report.suppressed],
            "empty": not card.conversations,
            "anonymous": self.names.hide,
            "as_of": instant(report.run.as_of),
            "added": self.words(gettext("Added checks: {checks}", checks=added))
            if (added := report.run.settings.get("added_checks"))
            else "",
            "privacy": gettext("Personal data of customers is hidden, their names are shortened.")
            if report.run.settings.get("redact") != "off"
            else gettext("Personal data is NOT hidden in this page."),
        }

    def reason(self, reason: str) -> str:
        """What a check says of a finding. What is translated is our own and names nobody."""
        words = reason_words(reason)
        return self.words(reason) if words == reason else words

    def quote(self, check: str, quote: str) -> str:
        """The proof of a finding: somebody's words, or a measure of ours."""
        words = quote_words(check, quote)
        return self.words(quote) if words == quote else words

    def ordered(self) -> list[CheckScore]:
        return sorted(self.card.checks, key=lambda c: (-c.demerits, not c.judged, c.check))

    def check(self, score: CheckScore, cases: Sequence[dict[str, Any]]) -> dict[str, Any]:
        info: CheckInfo = self.infos[score.check]
        own = [case for case in cases if case["check"] == score.check]
        most = max(
            (c.interval.high for c in self.card.checks if c.interval is not None and c.failed), default=1.0
        )
        change = self.change(score.check)
        earlier = change.before if change is not None else None
        before = earlier.failed / earlier.judged if earlier is not None and earlier.judged else None
        gravest = own[0] if own else None
        finding = next((f for f in self.report.findings if f.check == score.check), None)
        past = self.past.get(score.check, ())
        proof = gravest["proofs"][0] if gravest else None
        return {
            "id": score.check,
            "title": gettext(info.title),
            "severity": str(info.severity),
            "about": " ".join(paragraphs(info.about).split()),
            "why": " ".join(paragraphs(info.why).split()),
            "fix": first_sentence(paragraphs(info.fix)),
            "judged": score.judged,
            "failed": score.failed,
            "rate": score.rate,
            "interval": score.interval,
            "share": score.cost,
            "bar": charts.rate_bar(score.rate, score.interval, most, before),
            "moved": moved_words(change) if change is not None else "",
            "movement": _MOVEMENT.get(change.movement, "") if change is not None else "",
            "not_judged": ", ".join(
                f"{count(n)} ({reason_words(reason)})" for reason, n in score.not_applicable_reasons.items()
            ),
            "channels": list(self.channels(score.check)),
            "past": past,
            "spark": charts.spark([(row["name"], row["rate"]) for row in past]) if past else "",
            "cases": own,
            "more": max(0, score.failed - len(own)),
            "quote": proof["quote"]
            if proof
            else self.quote(score.check, finding.quote)
            if finding is not None
            else "",
            "reason": proof["reason"]
            if proof
            else self.reason(finding.reason)
            if finding is not None
            else "",
            "conversation": gravest["id"]
            if gravest
            else self.words(finding.conversation_id)
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
        rows = [s for s in self.card.segments.get("channel", ()) if s.judged.get(check)]
        most = max((wilson(s.failed.get(check, 0), s.judged[check]).high for s in rows), default=0.0)
        for segment in rows:
            failed, judged = segment.failed.get(check, 0), segment.judged[check]
            interval = wilson(failed, judged)
            yield {
                "name": self.words(segment.value) or gettext("not known"),
                "failed": failed,
                "judged": judged,
                "rate": failed / judged,
                "interval": interval,
                "bar": charts.rate_bar(failed / judged, interval, most),
            }

    def history(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The past of every check: in the earlier audits, or in the weeks of this one if there are enough."""
        columns: list[tuple[str, dict[str, tuple[int, int]]]] = [
            (_label(p), {check: (c.failed, c.judged) for check, c in p.checks.items()}) for p in self.periods
        ]
        weeks = [s for s in self.card.segments.get("week", ()) if s.value and s.conversations >= MIN_GROUP]
        if not columns and len(weeks) >= MIN_PERIODS:
            columns = [
                (printable(s.value), {check: (s.failed.get(check, 0), n) for check, n in s.judged.items()})
                for s in weeks
            ]
        for score in self.card.checks if columns else ():
            rows = []
            for name, counts in columns:
                failed, judged = counts.get(score.check, (0, 0))
                rows.append(
                    {
                        "name": name,
                        "failed": failed,
                        "judged": judged,
                        "rate": failed / judged if judged else None,
                        "interval": wilson(failed, judged) if judged else None,
                    }
                )
            yield score.check, rows

    def timeline(self) -> dict[str, Any] | None:
        """The score of the audits before this one, and which checks moved over all of them."""
        if len(self.periods) < 2:
            return None
        rows = [
            {"name": _label(p), "file": self.words(p.name), "conversations": p.conversations, "score": p.score,
             "interval": p.interval}
            for p in self.periods
        ]  # fmt: skip
        points = [
            (_label(p), p.score, p.interval) for p in self.periods if p.score is not None and p.interval
        ]
        trends = trend_of(self.periods).checks if len(self.periods) >= MIN_PERIODS else ()
        moved = {
            kind: ", ".join(
                gettext(self.infos[t.check].title)
                for t in trends
                if t.movement is kind and t.check in self.infos
            )
            for kind in (Movement.WORSE, Movement.BETTER)
        }
        told = []
        if names := moved[Movement.WORSE]:
            told.append(gettext("Failures are rising: {checks}.", checks=names))
        if names := moved[Movement.BETTER]:
            told.append(gettext("Failures are falling: {checks}.", checks=names))
        if trends and not told:
            told = [gettext("No check rises or falls by more than chance explains.")]
        return {
            "rows": rows,
            "chart": charts.timeline(points) if len(points) > 1 else "",
            "told": " ".join(told),
        }

    def judged(self) -> str:
        """How many conversations could be judged, and why not the rest, in a sentence or two."""
        checks = [c for c in self.card.checks if c.judged or c.not_applicable]
        n = self.card.conversations
        if not checks or not n:
            return ""
        least, most = min(c.judged for c in checks), max(c.judged for c in checks)
        if least == n:
            return ngettext(
                "Every check that ran judged {n} conversation.",
                "Every check that ran judged all {n} conversations.",
                n,
                n=count(n),
            )
        span = (
            count(least) if least == most else gettext("{low} to {high}", low=count(least), high=count(most))
        )
        reasons = sorted(_reasons(checks).items(), key=lambda item: (-item[1], item[0]))
        why = "; ".join(f"{reason_words(reason)} ({count(number)})" for reason, number in reasons[:3])
        return ngettext(
            "Each check judged {number} of {total} conversation. Not judged: {reasons}.",
            "Each check judged {number} of {total} conversations. Not judged: {reasons}.",
            n,
            number=span,
            total=count(n),
            reasons=self.words(why),
        )

    def replies(self) -> Iterator[dict[str, Any]]:
        for row in self.card.reply_times:
            name = self.words(row.channel) or gettext("channel not known")
            first = row.reply == "first"
            # TRANSLATORS: {channel} is the export's own word, such as "chat".
            name = (
                gettext("{channel}, first replies", channel=name)
                if first
                else gettext("{channel}, later replies", channel=name)
            )
            limit = self.limits.seconds(row.channel)
            edges, upto = charts.known_edges(row.upto, row.within)
            fast = row.channel in ("chat", "social")
            yield {
                "name": name,
                "count": row.count,
                "median": duration(row.median),
                "p90": duration(row.p90),
                "limit": charts.span(limit),
                "fast": percent(row.within.get(300, 0.0)),
                "chart": charts.replies(edges, upto, limit, name, fast=fast),
            }

    def heat(self) -> Iterator[dict[str, Any]]:
        waits = self.dossier.waits
        if sum(all_ for all_, _ in waits.values()) < MIN_GROUP:
            return
        for day, name in enumerate(_days()):
            cells = []
            for hour in range(24):
                all_, late = waits.get(day * 24 + hour, (0, 0))
                share = late / all_ if all_ else 0.0
                level = "" if not all_ else "h" + str(0 if not late else min(4, 1 + int(share * 4)))
                cells.append({"level": level, "all": all_, "late": late})
            yield {"name": name, "cells": cells}

    def group(self, dimension: str) -> dict[str, Any] | None:
        segments = [s for s in self.card.segments.get(dimension, ()) if s.value]
        if len(segments) < 2:
            return None
        shown = sorted(segments, key=lambda s: (-s.conversations, s.value))[:MAX_ROWS]
        pull = _pull(segments)
        drawn = [s.interval.high for s in shown if s.conversations >= MIN_GROUP]
        most = max(drawn or [s.interval.high for s in shown])
        rows = [self.row(segment, pull, most, dimension) for segment in shown]
        rows.sort(key=lambda row: _natural(row["name"]))
        small = sum(s.conversations < MIN_GROUP for s in segments)
        told = [
            ngettext(
                "{n} group with fewer than {least} conversations are shown and not compared.",
                "{n} groups with fewer than {least} conversations are shown and not compared.",
                small,
                n=count(small),
                least=count(MIN_GROUP),
            )
        ] * bool(small)
        if len(segments) > len(shown):
            more = len(segments) - len(shown)
            told.append(
                ngettext(
                    "{n} more, with fewer conversations, is not listed.",
                    "{n} more, with fewer conversations, are not listed.",
                    more,
                    n=count(more),
                )
            )
        titles = {
            "agent": lambda: gettext("By agent"),
            "team": lambda: gettext("By team"),
            "channel": lambda: gettext("By channel"),
            "brand": lambda: gettext("By brand"),
        }
        name = dimension_word(dimension).capitalize()
        return {
            "dimension": dimension,
            "title": titles[dimension](),
            "name": name,
            "rows": rows,
            "small": " ".join(told),
        }

    def row(self, segment: Segment, pull: tuple[float, float], most: float, dimension: str) -> dict[str, Any]:
        mean, weight = pull
        shrunk = (segment.failing + mean * weight) / (segment.conversations + weight)
        name = self.agent(segment.value) if dimension == "agent" else self.words(segment.value)
        return {
            "name": name,
            "shrunk": shrunk,
            "conversations": segment.conversations,
            "failing": segment.failing,
            "rate": segment.rate,
            "interval": segment.interval,
            "bar": charts.rate_bar(
                segment.rate, segment.interval, most, shrunk=shrunk, bad=segment.standing is Standing.WORSE
            ),
            "standing": _standing(segment.standing),
            "standing_class": _STANDING_CLASS.get(segment.standing, ""),
        }

    def returns(self) -> Iterator[dict[str, Any]]:
        for one in self.dossier.returns:
            made = [(self.day(c.at), self.words(c.channel), c.failed) for c in one.contacts]
            yield {
                "customer": self.words(one.customer) or gettext("A customer"),
                "words": f"{plural(-one.minus_contacts, 'conversation')}, {plural(-one.minus_failed, 'failure')}",
                "ids": ", ".join(self.words(c.conversation_id) for c in one.contacts[:6]),
                "chart": charts.contacts(made),
            }

    def promises(self) -> dict[str, Any] | None:
        """Promises with a definite time by what became of them; the parts add up to all that were made."""
        made, open_ = self.dossier.promises
        if not made:
            return None
        seen = next((s for s in self.card.signals if s.signal == "promises-kept"), None)
        kept, told = (seen.shown, seen.eligible) if seen is not None else (0, 0)
        told = min(told, made - open_)
        parts = [
            (gettext("kept in time"), min(kept, told), "p-kept"),
            (pgettext("promises", "broken"), told - min(kept, told), "p-broken"),
            (pgettext("promises", "not yet due"), open_, "p-open"),
            (pgettext("promises", "due, the log does not tell"), made - open_ - told, "p-unknown"),
        ]
        return {"made": made, "chart": charts.shares(parts), "parts": parts}

    def flows(self) -> dict[str, Any] | None:
        flows: dict[tuple[str, str], list[int]] = {}
        for key, (all_, failed) in self.dossier.flows.items():
            source, target, _channel = key.split("\t")
            known = flows.setdefault((self.place(source), self.place(target)), [0, 0])
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
        targets = sorted({target for _, target in kept}, key=_natural)
        rows = [
            {"name": source, "cells": [_flow(kept.get((source, target))) for target in targets]}
            for source in sorted({source for source, _ in kept}, key=_natural)
        ]
        left = sum(n for pair, (n, _) in flows.items() if pair not in kept)
        total, failed = sum(n for n, _ in flows.values()), sum(f for _, f in flows.values())
        return {
            "targets": targets,
            "rows": rows,
            "words": ngettext(
                "{n} hand-over, {failed} of them in conversations that failed.",
                "{n} hand-overs, {failed} of them in conversations that failed.",
                total,
                n=count(total),
                failed=count(failed),
            ),
            "more": ngettext(
                "{n} hand-over between others.", "{n} hand-overs between others.", left, n=count(left)
            )
            if left
            else "",
        }

    def place(self, name: str) -> str:
        """A team or a person that a case was handed to."""
        if name == "?":
            return gettext("not known")
        teams = {s.value for s in self.card.segments.get("team", ())}
        return self.words(name) if name in teams else self.agent(name)

    def strengths(self) -> Iterator[dict[str, Any]]:
        order = (SignalKind.STRENGTH, SignalKind.SIGNAL, SignalKind.REASON)
        names = {
            SignalKind.STRENGTH: pgettext("on the page", "strength"),
            SignalKind.SIGNAL: pgettext("on the page", "signal"),
            SignalKind.REASON: gettext("why they write"),
        }
        infos = {signal.id: signal for signal in self.report.signals}
        for kind in order:
            rows = [
                s
                for s in self.card.signals
                if s.kind is kind
                and s.eligible
                and s.signal in infos
                and (s.shown or kind is not SignalKind.REASON)
            ]
            for score in sorted(rows, key=lambda s: -(s.rate or 0)):
                example = score.examples[0] if score.examples else None
                yield {
                    "title": gettext(infos[score.signal].title),
                    "kind": names[kind],
                    "unit": score.unit,
                    "shown": score.shown,
                    "eligible": score.eligible,
                    "rate": score.rate,
                    "interval": score.interval,
                    "quote": self.quote(score.signal, example.quote) if example is not None else "",
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
        proofs = [self.proof(proof, case) for proof in case.proofs]
        times = [line.at for line in case.lines if line.at] or [t for t in (self.at.get(_key(case)),) if t]
        first = self.local(times[0]) if times else None
        year, week, _ = first.isocalendar() if first else (0, 0, 0)
        gist = proofs[0]["quote"] if proofs else ""
        return {
            "anchor": _anchor(case.check, case.conversation_id),
            "check": case.check,
            "title": gettext(info.title),
            "about": first_sentence(paragraphs(info.about)),
            "id": self.words(case.conversation_id),
            "channel": self.words(case.channel),
            "team": self.words(case.team),
            "severity": case.proofs[0].severity if case.proofs else "",
            "agents": "\t".join(sorted({p["agent"] for p in proofs if p["agent"]})),
            "week": f"{year}-W{week:02}" if first else "",
            "when": _day_month_year(first) if first else "",
            "file": self.words(_base(files[case.file])) if case.file < len(files) else "",
            "proofs": proofs,
            "reason": proofs[0]["reason"] if proofs else "",
            "gist": gist if len(gist) <= GIST else gist[: GIST - 1].rstrip() + "…",
            "lines": list(self.lines(case)),
            "left_out": case.left_out,
        }

    def proof(self, proof: Proof, case: Case) -> dict[str, Any]:
        quote = self.words(proof.quote)
        said = any(_find(self.words(line.text), quote) for line in case.lines if line.proof)
        return {
            "reason": self.reason(proof.reason),
            "quote": self.quote(case.check, proof.quote),
            "measured": not said,
            "agent": self.agent(proof.agent) if proof.agent else "",
            "basis": _basis(proof.basis),
            "confidence": proof.confidence,
            "line": proof.line,
        }

    def lines(self, case: Case) -> Iterator[dict[str, Any]]:
        before = 0.0
        quotes = [self.words(proof.quote) for proof in case.proofs]
        waited = {proof.messages[-1] for proof in case.proofs if proof.gap and proof.messages}
        dues = sorted({proof.due for proof in case.proofs if proof.due})
        for line in case.lines:
            gap = line.at - before if before and line.at else 0.0
            late = [due for due in dues if line.at and due < line.at]
            dues = [due for due in dues if due not in late]
            text = self.words(line.text)
            yield {
                "role": line.role,
                "author": self.author(line.role, line.author),
                "when": self.clock(line.at),
                "text": _marked(text, quotes) if line.proof else text,
                "proof": line.proof,
                "public": line.public,
                "left_out": line.left_out,
                "gap": duration(gap) if gap >= 3_600 or (gap >= 60 and line.id in waited) else "",
                "long": line.id in waited,
                "due": [self.clock(due) for due in late],
            }
            before = line.at or before

    def author(self, role: str, name: str) -> str:
        if role in ("agent", "note"):
            return self.agent(name)
        # Who else took part may be of the team: not shown where its names are hidden.
        return "" if self.names.hide and role in ("unknown", "bystander") else self.words(name)

    @property
    def at(self) -> dict[tuple[str, str], float]:
        """When failures happened, for cases without their conversation."""
        if not hasattr(self, "_at"):
            self._at = (
                {}
                if self.whole
                else {(f.check, f.conversation_id): f.at or 0.0 for f in self.report.findings}
            )
        return self._at

    def evidence_words(self, cases: Sequence[Any]) -> str:
        failed = sum(score.failed for score in self.card.checks)
        left = failed - len(cases)
        if not failed:
            return gettext("Nothing failed, so there is nothing to prove.")
        shown = len(cases)
        if not self.whole:
            words = gettext(
                "This page was made from a result, which holds the words that prove a failure and no conversations. "
                "Make it from the export to read them as threads: {command}.",
                command="supportaudit report EXPORT",
            )
            words += " " + ngettext(
                "{n} failure quoted, the gravest of each check.",
                "{n} failures quoted, the gravest of each check.",
                shown,
                n=count(shown),
            )
        elif not cases:
            return ngettext(
                "{n} failure, none shown: the page was made with {option}.",
                "{n} failures, none shown: the page was made with {option}.",
                failed,
                n=count(failed),
                option="--evidence none",
            )
        else:
            words = ngettext(
                "{n} failure in full, the gravest of each check.",
                "{n} failures in full, the gravest of each check.",
                shown,
                n=count(shown),
            )
            words += " " + gettext(
                "What is framed and marked is the proof: open a case and judge for yourself."
            )
        if left > 0:
            words += " " + ngettext(
                "{n} more is counted above and listed in the other formats.",
                "{n} more are counted above and listed in the other formats.",
                left,
                n=count(left),
            )
        return words

    def filters(self, cases: Sequence[dict[str, Any]]) -> list[tuple[str, str, list[dict[str, str]]]]:
        found: list[tuple[str, str, list[dict[str, str]]]] = []
        for name in ("check", "agent", "channel", "severity", "week"):
            key = "agents" if name == "agent" else name
            values: list[str] = sorted(
                {v for case in cases for v in str(case[key]).split("\t") if v}, key=_natural
            )
            if name == "severity":
                values = [v for v in ("high", "medium", "low") if v in values]
            titles = {info.id: gettext(info.title) for info in self.infos.values()} if name == "check" else {}
            if name == "severity":
                titles = {v: severity_word(v) for v in values}
            if len(values) > 1:
                options = [{"value": v, "label": titles.get(v, v)} for v in values]
                found.append((name, _filter_name(name), options))
        return found

    def gate(self) -> dict[str, Any] | None:
        gate = self.report.gate
        if not gate.results and gate.passed:
            return None
        rows = [
            {
                "name": self.words(rule_name(r.rule)),
                "status": str(r.status),
                "result": _result(str(r.status)),
                "words": self.words(rule_words(r)),
                "origin": self.words(r.rule.origin),
            }
            for r in gate.results
        ]
        rows += [
            {
                "name": c.check,
                "status": "failed",
                "result": _result("failed"),
                "words": gettext("worse than the baseline"),
                "origin": gettext("baseline"),
            }
            for c in gate.worse
        ]
        if gate.new:
            new = len(gate.new)
            rows.append(
                {
                    "name": gettext("new failures"),
                    "status": "failed",
                    "result": _result("failed"),
                    "words": ngettext(
                        "{n} that the baseline has not", "{n} that the baseline has not", new, n=count(new)
                    ),
                    "origin": gettext("baseline"),
                }
            )
        return {"passed": gate.passed, "words": gate_words(gate), "rows": rows}

    def unjudged(self) -> Iterator[str]:
        for reason, number in sorted(_reasons(self.card.checks).items()):
            yield ngettext(
                "Up to {n} conversation not judged by some check: {reason}.",
                "Up to {n} conversations not judged by some check: {reason}.",
                number,
                n=count(number),
                reason=reason_words(reason),
            )


def _reasons(checks: Sequence[CheckScore]) -> dict[str, int]:
    """Why conversations were not judged, each with the most that any check left out for it."""
    reasons: dict[str, int] = {}
    for score in checks:
        for reason, number in score.not_applicable_reasons.items():
            reasons[reason] = max(reasons.get(reason, 0), number)
    return reasons


def _cases_of(report: Report, kept: int) -> dict[str, list[Case]]:
    """Cases of a result without conversations: its findings, the gravest of each check, without threads."""
    found: dict[str, dict[str, list[Finding]]] = {}
    for finding in report.findings:
        found.setdefault(finding.check, {}).setdefault(finding.conversation_id, []).append(finding)
    return {
        check: [
            Case(
                -ours[0].severity.rank, -ours[0].confidence, conversation, check, "", "", "", ours[0].file, (),
                tuple(
                    Proof(f.reason, f.quote, str(f.severity), f.confidence, str(f.basis), f.agent or "", f.gap or 0.0,
                          f.messages, f.line)
                    for f in ours
                ),
            )
            for conversation, ours in list(of.items())[: None if kept == ALL else kept]
        ]
        for check, of in found.items()
    }  # fmt: skip


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC  # a result of a machine that knew more zones


def _flow(counts: Sequence[int] | None) -> dict[str, Any]:
    if counts is None:
        return {"all": 0, "failed": 0, "level": ""}
    share = counts[1] / counts[0]
    return {
        "all": counts[0],
        "failed": counts[1],
        "level": f"h{0 if not counts[1] else min(3, 1 + int(share * 3))}",
    }


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Order for people: "Agent 2" before "Agent 10"."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in re.split(r"(\d+)", name.casefold())
    ]


def _key(case: Case) -> tuple[str, str]:
    return (case.check, case.conversation_id)


def _find(text: str, quote: str) -> re.Match[str] | None:
    """Where a quote stands in a text, whatever blanks are between its words; a cut quote is found by its beginning."""
    words = quote.removesuffix("…").split()
    return re.search(r"\s+".join(map(re.escape, words)), text) if words else None


def _marked(text: str, quotes: Sequence[str]) -> Markup:
    """The text with the words that prove it marked."""
    spans = sorted(found.span() for quote in quotes if (found := _find(text, quote)) is not None)
    parts, at = [], 0
    for start, end in spans:
        if start >= at:
            parts += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
            at = end
    return Markup("").join([*parts, escape(text[at:])])


# ---- words


def _days() -> tuple[str, ...]:
    """The days of the week, short: beside a table of hours."""
    return (
        pgettext("day", "Mon"),
        pgettext("day", "Tue"),
        pgettext("day", "Wed"),
        pgettext("day", "Thu"),
        pgettext("day", "Fri"),
        pgettext("day", "Sat"),
        pgettext("day", "Sun"),
    )


# As they are said behind a day: "9 November", "9 Νοεμβρίου".
_MONTHS: Sequence[Callable[[], str]] = (
    lambda: pgettext("month", "January"),
    lambda: pgettext("month", "February"),
    lambda: pgettext("month", "March"),
    lambda: pgettext("month", "April"),
    lambda: pgettext("month", "May"),
    lambda: pgettext("month", "June"),
    lambda: pgettext("month", "July"),
    lambda: pgettext("month", "August"),
    lambda: pgettext("month", "September"),
    lambda: pgettext("month", "October"),
    lambda: pgettext("month", "November"),
    lambda: pgettext("month", "December"),
)
_SHORT_MONTHS: Sequence[Callable[[], str]] = (
    lambda: pgettext("short month", "Jan"),
    lambda: pgettext("short month", "Feb"),
    lambda: pgettext("short month", "Mar"),
    lambda: pgettext("short month", "Apr"),
    lambda: pgettext("short month", "May"),
    lambda: pgettext("short month", "Jun"),
    lambda: pgettext("short month", "Jul"),
    lambda: pgettext("short month", "Aug"),
    lambda: pgettext("short month", "Sep"),
    lambda: pgettext("short month", "Oct"),
    lambda: pgettext("short month", "Nov"),
    lambda: pgettext("short month", "Dec"),
)


def _month(at: date) -> str:
    return _MONTHS[at.month - 1]()


def _short(at: date) -> str:
    return _SHORT_MONTHS[at.month - 1]()


def _day_and_month(at: date) -> str:
    # TRANSLATORS: "9 Nov".
    return pgettext("date", "{day} {month}", day=at.day, month=_short(at))


def _day_month_year(at: date) -> str:
    # TRANSLATORS: {month} is short: "9 Nov 2026".
    return pgettext("short date", "{day} {month} {year}", day=at.day, month=_short(at), year=at.year)


def _period(first: datetime | None, last: datetime | None) -> str:
    if not first or not last:
        return ""
    # TRANSLATORS: {month} is in full: "9 November 2026".
    until = pgettext("date", "{day} {month} {year}", day=last.day, month=_month(last), year=last.year)
    if first.date() == last.date():
        return until
    if (first.year, first.month) == (last.year, last.month):
        # TRANSLATORS: "9 to 15 November 2026".
        return pgettext(
            "date",
            "{first} to {last} {month} {year}",
            first=first.day,
            last=last.day,
            month=_month(last),
            year=last.year,
        )
    if first.year == last.year:
        # TRANSLATORS: "30 October to 5 November 2026".
        return pgettext(
            "date",
            "{first} {month} to {last} {to_month} {year}",
            first=first.day,
            month=_month(first),
            last=last.day,
            to_month=_month(last),
            year=last.year,
        )
    since = pgettext("date", "{day} {month} {year}", day=first.day, month=_month(first), year=first.year)
    return gettext("{first} to {last}", first=since, last=until)


def _label(period: Period) -> str:
    """What an audit is called on an axis: its days, or its file where no time is known."""
    first, last = moment(period.began), moment(period.ended)
    if first is None or last is None:
        return printable(period.name)
    if (first.year, first.month) == (last.year, last.month):
        if first.day == last.day:
            return _day_and_month(last)
        return pgettext("date", "{day} {month}", day=f"{first.day}–{last.day}", month=_short(last))
    return f"{_day_and_month(first)}–{_day_and_month(last)}"


def role_word(role: str) -> str:
    """Who wrote a message."""
    words = {
        "customer": lambda: pgettext("who wrote", "customer"),
        "agent": lambda: pgettext("who wrote", "agent"),
        "bot": lambda: pgettext("who wrote", "bot"),
        "system": lambda: pgettext("who wrote", "system"),
        "note": lambda: pgettext("who wrote", "note"),
        "unknown": lambda: pgettext("who wrote", "unknown"),
        "bystander": lambda: pgettext("who wrote", "bystander"),
    }
    return words[role]() if role in words else role


def _basis(basis: str) -> str:
    words = {
        "observed": lambda: pgettext("basis", "observed"),
        "reported": lambda: pgettext("basis", "reported"),
    }
    return words[basis]() if basis in words else basis


def _standing(standing: Standing) -> str:
    words: Mapping[Standing, Callable[[], str]] = {
        Standing.WORSE: lambda: pgettext("a group", "worse than the others"),
        Standing.BETTER: lambda: pgettext("a group", "better than the others"),
        Standing.ALIKE: lambda: pgettext("a group", "cannot be told apart"),
        Standing.TOO_FEW: lambda: pgettext("a group", "too few to compare"),
    }
    return words[standing]()


def _result(status: str) -> str:
    words = {
        "passed": lambda: pgettext("a rule", "passed"),
        "failed": lambda: pgettext("a rule", "failed"),
        "skipped": lambda: pgettext("a rule", "skipped"),
    }
    return words[status]() if status in words else status


def _filter_name(name: str) -> str:
    if name == "check":
        return pgettext("a filter", "Check")
    if name == "severity":
        return pgettext("a filter", "Severity")
    return dimension_word(name).capitalize()


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
        return gettext("No score: nothing could be judged")
    share = card.failing / card.conversations if card.conversations else 0.0
    if not card.failing:
        return gettext("No conversation failed its customer")
    if card.failing == card.conversations:
        return (
            gettext("Every conversation failed its customer")
            if card.failing > 1
            else gettext("The conversation failed its customer")
        )
    one_in = round(1 / share)
    return (
        gettext("One conversation in {n} failed its customer", n=count(one_in))
        if one_in > 1
        else gettext("{share} of conversations failed their customers", share=percent(share))
    )


def _base(name: str) -> str:
    """A file's name without its folders, which are nobody's business on a page that is mailed."""
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _files(report: Report) -> str:
    files = list(map(_base, report.input.files))
    if len(files) < 2:
        return "".join(files)
    more = len(files) - 1
    return ngettext("{file} and {n} more", "{file} and {n} more", more, file=files[0], n=count(more))


def _account(report: Report) -> str:
    account = report.input
    return ngettext(
        "{n} row read = {used} used + {rejected} rejected + {other} not messages",
        "{n} rows read = {used} used + {rejected} rejected + {other} not messages",
        account.rows_read,
        n=count(account.rows_read),
        used=count(account.rows_used),
        rejected=count(account.rows_rejected),
        other=count(account.rows_not_messages),
    )


def _anchor(check: str, conversation: str) -> str:
    """A permanent anchor: the same case has it in every page."""
    safe = re.sub(
        r"[^A-Za-z0-9]+",
        lambda found: "-" if found[0].isascii() else "-" + found[0].encode("utf-8", "replace").hex(),
        conversation,
    )
    return f"case-{check}-{safe}"
