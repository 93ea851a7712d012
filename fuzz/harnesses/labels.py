"""A reviewed sample as people hand it back: one sheet, or two parted by a form feed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from fuzz.harness import Harness, told
from supportaudit.auditing.registry import ORDER
from supportaudit.calibration.labels import read_labels
from supportaudit.errors import InputError


def check(data: bytes) -> None:
    """Verdicts are read, one for each reviewer, check and conversation, or the sheet is refused in a sentence."""
    with tempfile.TemporaryDirectory(prefix="supportaudit-fuzz-") as name:
        paths = []
        for number, part in enumerate(data.split(b"\f")[:3]):
            paths.append(Path(name) / f"{number}.csv")
            paths[-1].write_bytes(part)
        try:
            labels = read_labels(paths)
        except InputError as error:
            told(error)
            return
    keys = [(label.conversation, label.check, label.reviewer) for label in labels.labels]
    assert keys and len(keys) == len(set(keys)), "a verdict counts twice"
    assert all(label.conversation and label.check in ORDER for label in labels.labels)
    assert all(label.failed is not None for label in labels.labels)
    assert len(labels.reviewers) <= 2


def seeds() -> Iterator[bytes]:
    """Wide and long, in the dialects of spreadsheets."""
    wide = "conversation,reviewer,slow-reply,Rudeness\nT-1,Ana,yes,no\nT-2,Ana,unsure,\n"
    yield wide.encode()
    yield wide.replace(",", ";").encode("utf-16")
    yield b"sep=;\r\n" + wide.replace(",", ";").encode("utf-8-sig")
    yield wide.encode() + b"\f" + wide.replace("Ana", "Leo").encode("cp1252")
    yield b"ticket\tcheck\tverdict\n'T-1\tslow_reply\t1\nT-1\trudeness\tn/a\n"
    yield b'conversation,check,verdict\n"T\n1",arguing,FALSE\n'


WORDS = (
    *ORDER,
    "conversation",
    "ticket-id",
    "check",
    "verdict",
    "reviewer",
    "yes",
    "no",
    "?",
    "–",
    "sep=|",
    '"',
    "\f",
)
HARNESS = Harness(check, seeds, shape="table", words=WORDS, longest=2048)
