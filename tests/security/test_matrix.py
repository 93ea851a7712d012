"""Every payload in every field against every output, each read back by a parser that is not ours.

One audit of an export that holds them all serves the formats that show everything; those that show ten of a kind get
the payloads in groups.
"""

from typing import NamedTuple

import pytest
from tests.security import sinks
from tests.security.export import AT_ONCE, audited, written
from tests.security.payloads import PAYLOADS, Payload

from supportaudit.render import FORMATS, View
from supportaudit.results.report import Report

WHOLE = ("json", "ndjson", "csv", "xlsx", "parquet", "sarif", "gitlab", "html")
"""Formats that show every finding."""


SHOWN = {
    "xlsx": ("id", "agent", "team"),
    "gitlab": ("id",),
    "html": ("id", "agent", "customername", "channel", "question", "answer"),
}
DROPPED = frozenset(("script", "style", "frame", "meta", "image", "svg", "entity"))
"""What the reader of a message in HTML leaves out as nobody sees it: scripts, styles, attributes, declarations."""


class Audit(NamedTuple):
    """The audit of an export with some payloads."""

    payloads: tuple[Payload, ...]
    report: Report


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    report = audited(written(tmp_path_factory.mktemp("whole")))
    assert report.dossier is not None
    # Every conversation once: for each check that it fails would take three times as long to read back.
    report.dossier.cases = {"rudeness": report.dossier.cases["rudeness"]}
    return Audit(PAYLOADS, report)


@pytest.fixture(scope="module")
def groups(tmp_path_factory: pytest.TempPathFactory) -> list[Audit]:
    cut = [PAYLOADS[start : start + AT_ONCE] for start in range(0, len(PAYLOADS), AT_ONCE)]
    return [Audit(some, audited(written(tmp_path_factory.mktemp("group"), some))) for some in cut]


def made(name: str, report: Report, view: View = View()) -> bytes:  # noqa: B008 - frozen
    """What is written in this format, as the command line encodes it."""
    content = FORMATS[name](report, view)
    return content if isinstance(content, bytes) else content.encode("utf-8", "replace")


def test_every_payload_is_known_by_a_word_of_its_own() -> None:
    words = {payload.word(field) for payload in PAYLOADS for field in ("question", "answer")}
    assert len(words) == 2 * len(PAYLOADS)
    for payload in PAYLOADS:
        assert payload.word("x") in payload.at("x")
        assert payload.text.index("zq") < 23, "else it is cut where a format shows little"


def test_the_export_is_read_to_the_last_field(whole: Audit) -> None:
    """Else nothing would be shown by what follows."""
    assert whole.report.input.rows_rejected == 0
    assert whole.report.scorecard.conversations == len(PAYLOADS)
    found = {f.conversation_id for f in whole.report.findings}
    assert [p.name for p in PAYLOADS if not any(p.word("id") in one for one in found)] == []


@pytest.mark.parametrize("name", WHOLE)
def test_no_payload_acts_and_each_is_there_to_read(whole: Audit, name: str) -> None:
    strings = sinks.FORMATS[name](made(name, whole.report))
    read = "\n".join(strings)
    for field in SHOWN.get(name, ("id", "agent")):
        lost = {p.name for p in PAYLOADS if p.word(field) not in read}
        assert lost <= (DROPPED if field in ("question", "answer") else set()), field


@pytest.mark.parametrize("name", sorted(set(FORMATS) - set(WHOLE)))
def test_no_payload_acts_where_little_is_shown(groups: list[Audit], name: str) -> None:
    for audit in groups:
        read = "\n".join(sinks.FORMATS[name](made(name, audit.report)))
        shown = [p.name for p in audit.payloads if p.word("id") in read]
        assert len(shown) == len(audit.payloads) or (name == "text" and shown)
