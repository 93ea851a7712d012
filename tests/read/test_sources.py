"""Exports of every help desk, read to the exact conversations: tests/sources/ holds a folder for each case.

A case is the export's files beside an `expected.yaml`: the source that must be recognised, the counts, and each
conversation as it must come out. A message is written `id time role[ (private)] author: text`, with `[canned]`
and `[n attached]` at the end where they apply.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from supportaudit.model import Conversation, Message, Role, Row
from supportaudit.normalise import Roster, build_journey, distinct
from supportaudit.read import ReadOptions
from supportaudit.read.desks import load_desks
from supportaudit.read.document import Document
from supportaudit.read.export import open_exports
from supportaudit.yaml12 import load_yaml

FOLDER = Path(__file__).parent.parent / "sources"
SURER = 0.1
"""By how much a source must be likelier than the next."""
CASES = sorted(path.parent for path in FOLDER.glob("*/expected.yaml"))


def clock(at: float | None) -> str:
    return "-" if at is None else datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def line(message: Message) -> str:
    private = "" if message.public or message.role is Role.NOTE else " (private)"
    more = " [canned]" if message.canned else ""
    more += f" [{message.attachments} attached]" if message.attachments else ""
    who = f"{message.role}{private} {message.author}".strip()
    return f"{message.id} {clock(message.at)} {who}: {message.text}{more}".strip()


def shown(talk: Conversation) -> dict[str, Any]:
    """A conversation as `expected.yaml` writes it: what is not known is left out."""
    rating = talk.rating
    facts: dict[str, Any] = {
        "channel": talk.channel,
        "brand": talk.brand,
        "team": talk.team,
        "customer": talk.customer_id,
        "customer-name": talk.customer_name,
        "subject": talk.subject,
        "status": talk.status,
        "priority": talk.priority,
        "tags": list(talk.tags),
        "assignee": talk.assignee,
        "rating": ""
        if rating is None
        else f"{rating.written} ({'?' if rating.share is None else format(rating.share, 'g')}): {rating.comment}",
        "truncated": talk.truncated,
        "messages": [line(message) for message in talk.messages],
        "events": [
            f"{e.type}: {' → '.join(filter(None, (e.source, e.target)))}".removesuffix(": ")
            for e in talk.events
        ],
        "handovers": [f"{h.source} → {h.target}" for h in talk.handovers if h.explicit],
    }
    return {name: value for name, value in facts.items() if value}


def journeys(rows: list[Row], roster: Roster) -> Iterator[Conversation]:
    yield from build_journey(distinct(rows)[0], roster).conversations


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_an_export_is_read_to_the_exact_conversations(folder: Path) -> None:
    expected = load_yaml((folder / "expected.yaml").read_text("utf-8"), f"{folder.name}/expected.yaml")
    options = {key.replace("-", "_"): value for key, value in expected.get("options", {}).items()}
    company = {key: frozenset(names) for key, names in expected.get("company", {}).items()}
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "expected.yaml"]
    documents = [
        Document(path.name, path, str(folder), path.relative_to(folder).as_posix()) for path in files
    ]
    exports = open_exports(documents, lambda _: ReadOptions(**options))
    rows = [row for export in exports for row in export.rows()]
    recognised = {export.recognised.id for export in exports}
    talks = {talk.id: shown(talk) for talk in journeys(rows, Roster(**company))}
    counts = {
        "read": sum(export.rows_read for export in exports),
        "used": sum(export.rows_used for export in exports),
        "rejected": sum(export.rows_rejected for export in exports),
        "not-messages": sum(export.rows_not_messages for export in exports),
    }
    assert recognised == {expected["source"]}
    for export in exports:
        found = export.recognised
        assert found.confidence - found.runner_confidence >= SURER, (
            f"{export.name}: {found.runner_up} is as likely"
        )
    # Compared as text: a difference then shows as lines added and missing.
    assert written(talks) == written(expected["conversations"])
    assert counts == expected["counts"]
    assert counts["read"] == counts["used"] + counts["rejected"] + counts["not-messages"]


def written(talks: dict[str, Any]) -> str:
    return yaml.safe_dump(talks, allow_unicode=True, width=200)


def test_every_desk_has_a_case() -> None:
    told = {load_yaml((case / "expected.yaml").read_text("utf-8"), case.name)["source"] for case in CASES}
    assert {desk.id for desk in load_desks()} - told == set()
