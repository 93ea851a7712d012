"""When a promise falls due: a byte for the language, one for when it was said and where, then the words."""

from collections.abc import Iterator
from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from fuzz.harness import Harness
from supportaudit.read.timestamps import EARLIEST, LATEST
from supportaudit.wording.due import DueParser
from supportaudit.wording.fold import fold
from supportaudit.wording.lexicon import load_lexicon
from supportaudit.wording.pack import supported_languages

_ZONES: tuple[tzinfo, ...] = (
    UTC,
    ZoneInfo("Europe/Athens"),
    ZoneInfo("Pacific/Apia"),
    ZoneInfo("Australia/Lord_Howe"),
)
_YEAR = 366 * 86_400
_FURTHEST = 40 * _YEAR
"""No promise is longer: the largest amount that is understood is 400 months."""


@cache
def _parser(code: str) -> DueParser | None:
    lexicon = load_lexicon(code)
    return DueParser(lexicon.due, lambda text: lexicon.read(text, fold(text))) if lexicon.due else None


def check(data: bytes) -> None:
    """Due moments lie after the promise's day began, in order, and their words stand in the folded text."""
    codes = supported_languages()
    parser = _parser(codes[data[0] % len(codes)]) if data else None
    if parser is None:
        return
    moment = data[1] if len(data) > 1 else 0
    text = data[2:].decode("utf-8", "replace")
    for said_at in (EARLIEST + (LATEST - EARLIEST) * moment / 256, LATEST - 1):
        zone = _ZONES[moment % len(_ZONES)]
        found = parser.find(text, said_at, zone)
        length = len(parser._read(text))
        behind = 0
        for due in found:
            assert behind <= due.start < due.end <= length, found
            behind = due.end
            assert said_at - 86_400 <= due.at <= said_at + _FURTHEST, (said_at, due)
        assert found == parser.find(text, said_at, zone)


def seeds() -> Iterator[bytes]:
    """What the packs themselves find or do not find as a promise with a time."""
    for number, code in enumerate(supported_languages()):
        lexicon = load_lexicon(code)
        lines = [
            line
            for marker in lexicon.markers.values()
            for line in marker.match
            if any(map(str.isdigit, line))
        ]
        lines += [
            line for name, m in lexicon.markers.items() if name.startswith("promise") for line in m.match
        ]
        for n, line in enumerate(lines[:12]):
            yield bytes([number, 40 + n]) + line.encode()
    for words in (
        "by Friday at 5 pm", "within 400 months", "in 24 to 48 hours", "on 29 February at 24:00", "by the 31st",
        "tomorrow between 12 and 5", "by end of day", "within 99999999999999999999 days", "by 31 November",
    ):  # fmt: skip
        yield bytes([supported_languages().index("en"), 128]) + words.encode()


WORDS = (
    *(
        "within",
        "hours",
        "business days",
        "by",
        "Friday",
        "tomorrow",
        "at",
        "5 pm",
        "24:00",
        "31",
        "February",
    ),
    *(
        "the 31st",
        "noon",
        "end of day",
        "month",
        "a",
        "next week",
        "0",
        "400",
        "99999999999999999999",
        "and",
        "to",
    ),
    *(
        "morgen",
        "mañana",
        "demain",
        "завтра",
        "αύριο",
        "ხვალ",
        "yarın",
        "vrijdag",
        "jutro",
        "amanhã",
        "domani",
    ),
)
HARNESS = Harness(check, seeds, words=WORDS, longest=1024)
