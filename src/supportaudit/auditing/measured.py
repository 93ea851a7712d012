"""Waits in words, and those that nobody has ended: what is said of them is another every minute."""

from typing import Self

import msgspec

from supportaudit.settings.hours import Hours


class Measured(msgspec.Struct, frozen=True, array_like=True):
    """Words about a wait that has no end yet, kept so that they can be said again at a later moment.

    `{wait}` in `words` stands for its length. `channel` is the one whose business hours count, None where all hours do.
    `said` and `seconds` are the words and the length as of one moment.
    """

    words: str
    since: float
    channel: str | None
    said: str = ""
    seconds: float = 0.0

    def at(self, moment: float, hours: Hours | None) -> Self:
        """The same as of a moment."""
        elapsed = seconds = max(0.0, moment - self.since)
        if self.channel is not None and hours is not None:
            seconds = hours.open_seconds(self.since, moment, self.channel)
        length = duration(elapsed) if self.channel is None else time_waited(seconds, elapsed)
        return msgspec.structs.replace(self, said=self.words.replace("{wait}", length), seconds=seconds)


def duration(seconds: float) -> str:
    """A wait in words: "45 s", "12 min", "3 h 20 min", "4 d 6 h"."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{int(seconds)} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def time_waited(seconds: float, elapsed: float, what: str = "") -> str:
    """A wait in words, all hours and the open ones among them: "26 h for the first reply, 2 h 10 min of them open".

    `what` follows the time; without business hours the two are one, and only that is said.
    """
    whole, part = duration(elapsed), duration(seconds)
    return f"{whole}{what}" if whole == part else f"{whole}{what}, {part} of them open"
