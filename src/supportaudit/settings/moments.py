"""Options that need reading: times, as-of, `--map`, `--lang`. Raises `SettingsError` with the form that is expected."""

import re
from collections.abc import Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from supportaudit.auditing.engine import AsOf
from supportaudit.errors import SettingsError
from supportaudit.results.dossier import ALL
from supportaudit.suggest import did_you_mean
from supportaudit.wording.language import known_languages

_AFTER = re.compile(r"^\+(\d{1,4})([dhw])$")
_SHARE = re.compile(r"^(\d{1,3}(?:\.\d+)?)\s*(%?)$")
_WORST = re.compile(r"worst:(\d{1,5})")
_SECONDS = {"h": 3600.0, "d": 86_400.0, "w": 604_800.0}


def parse_moment(text: str | None, tz: str | None, option: str) -> float | None:
    """Seconds since the epoch for an ISO date or time; without a zone it is in `tz` (default UTC)."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if not MINYEAR < moment.year < MAXYEAR:
            raise ValueError  # in another zone it may lie in no year at all
    except ValueError:
        raise SettingsError(
            f"{option}: '{text}' is no time", hint="Write 2026-11-15 or 2026-11-15T18:00."
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_zone(tz))
    return moment.timestamp()


def _zone(tz: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(tz or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f"--tz: there is no zone '{tz}'{did_you_mean(tz or '', available_timezones())}"
        ) from None


def parse_as_of(text: str | None, tz: str | None) -> AsOf:
    """`None` (the newest time of the export), a time, or `+7d` after each conversation's last message."""
    if text is None:
        return AsOf()
    after = _AFTER.match(text)
    if after is not None:
        return AsOf(after=int(after[1]) * _SECONDS[after[2]])
    try:
        return AsOf(at=parse_moment(text, tz, "--as-of"))
    except SettingsError as error:
        raise SettingsError(error.message, hint="Write 2026-11-15T18:00, or +7d (also +12h, +2w).") from None


def parse_mapping(pairs: Sequence[str]) -> Mapping[str, str]:
    """`conversation_id=Ticket` pairs as a mapping."""
    mapping: dict[str, str] = {}
    for pair in pairs:
        name, sign, column = pair.partition("=")
        if not sign or not name.strip() or not column.strip():
            raise SettingsError(f"--map: '{pair}' is not FIELD=COLUMN", hint="For instance --map text=Body.")
        mapping[name.strip()] = column.strip()
    return mapping


def parse_language(code: str | None) -> str | None:
    """The code of a language that can be told."""
    if code is None or code in known_languages():
        return code
    meant = did_you_mean(code, known_languages())
    raise SettingsError(f"--lang: '{code}' is no language code{meant}", hint="Write --lang de.")


def parse_evidence(text: str) -> int | None:
    """`all`, `worst:8` or `none` as the number of cases kept of each check; -1 for all, None for none."""
    if text == "all":
        return ALL
    if text == "none":
        return None
    found = _WORST.fullmatch(text)
    if found is not None and 0 < int(found[1]) <= 10_000:
        return int(found[1])
    raise SettingsError(f"--evidence: '{text}' is not understood", hint="Write all, worst:8 or none.")


def parse_share(text: str | None, option: str) -> float | None:
    """`5 %`, `5%` or `0.05` as a share from 0 to 1; `None` for none."""
    if text is None:
        return None
    found = _SHARE.match(text.strip())
    share = float(found[1]) / (100 if found[2] else 1) if found is not None else -1.0
    if not 0 <= share <= 1:
        raise SettingsError(f"{option}: '{text}' is no share", hint="Write 5% or 0.05.")
    return share


def show_moment(moment: float | None, zone: ZoneInfo | None = None) -> str:
    """A time for people to read, to the minute; "–" for none."""
    if moment is None:
        return "–"
    return datetime.fromtimestamp(moment, zone or UTC).strftime("%Y-%m-%d %H:%M")
