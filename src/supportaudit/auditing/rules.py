"""A digest of all that judges beside the rows themselves: code, packs, checks, libraries, time zones, settings.

Two audits with one digest make the same of the same rows. Where in doubt it is another: that costs time, never truth.
"""

import sys
import zoneinfo
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, tzinfo
from functools import cache
from hashlib import blake2b, sha256
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from supportaudit.auditing.engine import Plan
from supportaudit.auditing.registry import builtin_dir
from supportaudit.auditing.scan import Job
from supportaudit.checkkit import Params

JUDGING = (
    "PyStemmer", "anyascii", "google-re2", "holidays", "phonenumbers", "python-dateutil", "python-stdnum", "pyyaml",
    "rapidfuzz", "selectolax", "tzdata",
)  # fmt: skip
"""The libraries whose version can change what is found."""

#: What an entry says for itself: in which moments and periods it holds, and which suppressions it was made with.
_APART = ("as_of", "since", "until", "suppressions", "checks")
_KINDS = (".py", ".yaml", ".json")


def digest_of_rules(job: Job) -> bytes:
    """What a job's journeys are judged by, apart from the as-of moment, the period and the suppressions.

    Raises TypeError for a setting of a kind that is not known here: it must not be passed over.
    """
    plan = job.plan()
    parts: list[Any] = [
        _program(),
        _installed(),
        sys.version,
        job.roster,
        job.language,
        job.settings.added,
        [(check.info, check.needs, check.params) for check in plan.checks],
        {field.name: getattr(plan, field.name) for field in fields(Plan) if field.name not in _APART},
        plan.as_of.after,
        plan.as_of.at is None,
    ]
    return blake2b(encoded(parts), digest_size=20).digest()


def encoded(value: Any) -> bytes:
    """A value as bytes that do not hang on the order of sets and mappings. Raises TypeError for unknown kinds."""
    return msgspec.msgpack.encode(value, enc_hook=_plain, order="deterministic")


def _plain(value: Any) -> Any:
    if isinstance(value, Params):
        return vars(value)
    if isinstance(value, tzinfo):
        return str(value), _zone_data(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a setting that a cache cannot tell from another: {type(value).__name__}")


@cache
def _program() -> bytes:
    """The package and the built-in checks, by content: a version alone would hide what is being changed."""
    whole = sha256()
    for path in _sources():
        data = path.read_bytes()
        whole.update(f"{path.name}\0{len(data)}\0".encode())
        whole.update(data)
    return whole.digest()


def _sources() -> Iterator[Path]:
    package = Path(str(resources.files("supportaudit")))
    yield from sorted(path for path in package.rglob("*") if path.suffix in _KINDS)
    yield from sorted(builtin_dir().glob("*/check.*"))


@cache
def _installed() -> list[str]:
    """The libraries with their versions, as their folders are called: to ask for each takes ten times as long."""
    names = {_key(name) for name in JUDGING}
    found = {
        path.name
        for folder in map(Path, filter(None, sys.path))
        if folder.is_dir()
        for path in folder.iterdir()
        if path.suffix in (".dist-info", ".egg-info") and _key(path.name.partition("-")[0]) in names
    }
    return sorted(found)


def _key(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def _zone_data(zone: tzinfo) -> bytes:
    """The rules of a zone as this machine has them; governments change them, and systems are updated."""
    key = getattr(zone, "key", None)
    if key is None:
        if zone is UTC:
            return b""
        raise TypeError("a time zone without a name")
    for root in zoneinfo.TZPATH:
        path = Path(root, *key.split("/"))
        if path.is_file():
            return path.read_bytes()
    return b""  # of the package tzdata, whose version is among the libraries
