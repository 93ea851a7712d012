"""Whole conversations through all checks: talks in the notation of `cases.yaml`, parted by a line `===`.

The first byte says what is known beside the words: channel, as-of, hours and zone, language.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from fuzz.auditing import audit, write
from fuzz.harness import Harness, told
from supportaudit.auditing.casefile import load_cases, talk_rows
from supportaudit.auditing.engine import AsOf
from supportaudit.auditing.intake import Reading
from supportaudit.auditing.registry import ORDER, builtin_dir
from supportaudit.auditing.scan import ScanSettings
from supportaudit.errors import UserError
from supportaudit.settings.written import parse_settings
from supportaudit.wording.lexicon import load_lexicon

_CHANNELS = ("chat", "email", "social", "phone")
_DAY = 86_400.0
_FILES = (
    "{}",
    "hours: {timezone: Europe/Athens, week: {mon-fri: '09:00-18:00', sat: '22:00-02:00'}, holidays: {country: GR}}\n"
    "limits: {chat: {urgent: 1 min, default: 5 min}}",
)


@cache
def _settings(number: int) -> ScanSettings:
    """One of sixteen ways to audit."""
    reading = Reading(
        settings=parse_settings(_FILES[number % 2], "fuzz.yaml"), lang=(None, "en")[number // 4 % 2]
    )
    as_of = (AsOf(), AsOf(after=7 * _DAY))[number // 2 % 2]
    return ScanSettings(reading=reading, as_of=as_of, jobs=1, min_confidence=(None, 0.0)[number // 8 % 2])


def check(data: bytes) -> None:
    """No check crashes, every finding points at a message, and the report is written and read back alike."""
    flags = data[0] if data else 0
    text = data[1:].decode("utf-8", "replace").replace("\r", "\n")
    options: Mapping[str, Any] = {"channel": _CHANNELS[flags % 4], "customer": "c1", "priority": "urgent"}
    try:
        rows = [
            row
            for n, talk in enumerate(text.split("\n===\n"), 1)
            for row in talk_rows(talk, f"talk{n}", options)
        ]
    except UserError as error:
        told(error)
        return
    except OverflowError:
        return  # "+99999999999d": the notation is for our own cases
    write(audit(rows, _settings(flags // 4 % 16)))


def seeds() -> Iterator[bytes]:
    """The cases of all checks."""
    number = 0
    for name in ORDER:
        for case in load_cases(builtin_dir() / name):
            flags = number % 64 // 4 * 4 + _CHANNELS.index(case.options.get("channel", "chat"))
            yield bytes([flags]) + "\n===\n".join((*case.earlier, case.talk)).encode()
            number += 1


WORDS = (
    *(
        "09:00 customer Ana: ",
        "09:01 agent Tom: ",
        "+1d 10:00 agent Tom: ",
        "10:00 bot: ",
        "10:00 system: ",
        "+9d ",
    ),
    *(
        "10:00 note: ",
        "10:00 unknown: ",
        "23:59 agent: ",
        "\n===\n",
        "tomorrow",
        "within 2 hours",
        "?",
        "order number",
    ),
    *(line for marker in load_lexicon("en").markers.values() for line in marker.match[:1]),
)
HARNESS = Harness(check, seeds, words=WORDS, longest=3000)
