"""Writes thresholds into a settings file, and leaves all else in it as it stands, comments and all."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from supportaudit.errors import SettingsError
from supportaudit.settings.checks import Certainty, CheckSettings, CheckTable
from supportaudit.settings.file import Settings
from supportaudit.settings.written import load_settings, parse_settings
from supportaudit.whole import WholeFile

_MARK = b"\xef\xbb\xbf"


def lines(thresholds: Mapping[str, float]) -> list[str]:
    """The lines of a settings file that set these thresholds, by check id."""
    return ["checks:", *(f"  {check}: {{min-confidence: {least:g}}}" for check, least in thresholds.items())]


def write_thresholds(path: Path, thresholds: Mapping[str, float], why: str) -> None:
    """Add `checks:` at the end of a settings file; one that is not there is made. `why` becomes a comment.

    What would be written is read back before it takes the file's place, whole or not at all. Raises `SettingsError`,
    with the lines to paste, where the file has `checks:` already or its form takes no more keys.
    """
    known = load_settings(path) if path.exists() else None
    if known is not None and known.checks is not None:
        raise _by_hand(f"{path} has 'checks:' already", thresholds)
    table = CheckTable({c: CheckSettings(min_confidence=Certainty(t)) for c, t in thresholds.items()})
    before = path.read_bytes() if known is not None else b""
    data = _with_lines(before, [f"# {why}", *lines(thresholds)])
    if not _reads_as(data, msgspec.structs.replace(known or Settings(), checks=table)):
        raise _by_hand(
            f"{path} has 'checks:' already, or a form that takes no more keys at its end", thresholds
        )
    with WholeFile(path) as file:
        file.write(data)


def _with_lines(data: bytes, more: list[str]) -> bytes:
    """The file with lines at its end, after a blank one, ended as its own are."""
    ending = b"\r\n" if b"\r\n" in data else b"\n"
    before = data if data in (b"", _MARK) or data.endswith(b"\n") else data + ending
    gap = ending if before.removeprefix(_MARK).strip() else b""
    return before + gap + ending.join(line.encode() for line in more) + ending


def _reads_as(data: bytes, meant: Settings) -> bool:
    try:
        return parse_settings(data.decode("utf-8-sig"), "") == meant
    except SettingsError:
        return False


def _by_hand(why: str, thresholds: Mapping[str, float]) -> SettingsError:
    pasted = "; ".join(line.strip() for line in lines(thresholds)[1:])
    return SettingsError(f"{why}; nothing was written", f"Paste below 'checks:' by hand: {pasted}")
