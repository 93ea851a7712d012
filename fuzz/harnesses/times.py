"""Times as exports and options write them: the first byte says zone and order, then one stamp a line."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from fuzz.harness import Harness, told
from supportaudit.errors import UserError
from supportaudit.read.account import RowFaultError
from supportaudit.read.timestamps import EARLIEST, LATEST, StampReader, settle_order
from supportaudit.settings.moments import parse_as_of, parse_moment, parse_share

_ZONES = (
    None,
    UTC,
    ZoneInfo("Europe/Athens"),
    ZoneInfo("Australia/Lord_Howe"),
    timezone(timedelta(hours=-11)),
)
_ORDERS = (None, True, False)
# How the same moment may be written, and whether to the second: what was written must be what is read.
_FORMATS = (
    "%Y-%m-%dT%H:%M:%S+00:00", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S UTC", "%Y/%m/%d %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S +0000", "%a %b %d %H:%M:%S +0000 %Y", "%d %B %Y %H:%M:%S", "%B %d, %Y %I:%M:%S %p",
    "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d-%m-%Y %I:%M:%S %p", "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S.000Z",
)  # fmt: skip


def check(data: bytes) -> None:
    """A stamp is a moment of our time or a row's fault; a moment that is written is read as it was."""
    flags = data[0] if data else 0
    zone, day_first = _ZONES[flags % len(_ZONES)], _ORDERS[flags // 8 % len(_ORDERS)]
    stamps = data[1:].decode("utf-8", "replace").split("\n")
    with suppress(UserError):
        settle_order(enumerate(stamps, 1), "week.csv")
    read = StampReader(zone, day_first)
    for stamp in stamps:
        at = _read(read, stamp)
        if at is not None:
            assert at == _read(StampReader(zone, day_first), stamp), (
                f"{stamp!r} depends on what stood before it"
            )
            _written_is_read(at)
        _options(stamp)


def _read(reader: StampReader, stamp: str) -> float | None:
    try:
        at = reader(stamp)
    except RowFaultError as fault:
        assert fault.kind.isprintable() and fault.detail.isprintable()
        return None
    assert EARLIEST <= at < LATEST, f"{stamp!r} is read as {at}"
    return at


def _written_is_read(at: float) -> None:
    moment = datetime.fromtimestamp(int(at), UTC)
    for form in _FORMATS:
        written = moment.strftime(form)
        assert StampReader(UTC, True)(written) == int(at), written
    for scale in (1, 1000, 1_000_000):
        if int(at) * scale >= 1e11 or scale == 1:
            assert StampReader()(str(int(at) * scale)) == int(at), scale


def _options(text: str) -> None:
    for parse in (
        lambda: parse_as_of(text, "Europe/Athens"), lambda: parse_moment(text, text[:20], "--since"),
        lambda: parse_share(text, "--max-rejects"),
    ):  # fmt: skip
        try:
            parse()
        except UserError as error:
            told(error)


def seeds() -> Iterator[bytes]:
    """One moment in every form, and what is nearly one."""
    moment = datetime(2026, 3, 29, 1, 30, 5, tzinfo=UTC)
    every = [moment.strftime(form) for form in _FORMATS]
    for n in range(15):
        yield bytes([n]) + "\n".join(every).encode()
    for stamp in every:
        yield b"\0" + stamp.encode()
    for stamp in (
        "1711675805", "1711675805123", "1711675805123456", "1.71E+09", "29.3.26 1:30", "3/29/26, 1:30\u202fPM",
        "yesterday", "24:00", "2026-03-29T24:00:00Z", "2026-W13-7", "10:30", "29 Mar", "1 h ago",
        "2026-03-29 01:30 EST",
        "2026-03-29T01:30:05+25:00", "Sun Mar 29 01:30:05 BST 2026", "29\N{FULLWIDTH SOLIDUS}03/2026", "+7d", "5 %",
    ):  # fmt: skip
        yield b"\0" + stamp.encode()


WORDS = (
    *(
        "AM",
        "p.m.",
        "T",
        "Z",
        "UTC",
        "EST",
        "BST",
        "+02:00",
        "-0330",
        "+25:00",
        "Mon,",
        "March",
        "Sept.",
        "st",
        "°",
    ),
    *(
        "2026",
        "1995",
        "2101",
        "0000",
        "99999",
        "31",
        "13",
        "00:00:60",
        "24:00",
        "12:30:15.123456789",
        "1e9",
        "٢",
    ),
    *("noon", "week", "W13", ",", "/", ".", "-", " at ", "'26", "year", "jan", "feb 29", "+7d", "%"),
)
HARNESS = Harness(check, seeds, words=WORDS, longest=1024)
