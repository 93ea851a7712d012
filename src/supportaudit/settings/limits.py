"""How long a customer may wait: limits by channel and by the ticket's priority."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

_DAY = 86_400.0
CHANNELS = ("chat", "social", "email", "phone")

#: Seconds by channel, then by priority; "" is any other. failure-modes.md, "Default limits".
DEFAULTS: Mapping[str, Mapping[str, float]] = {
    "chat": {"": 300.0},
    "social": {"": 3600.0},
    "email": {"": _DAY},
    "phone": {"": _DAY},
    "": {"": _DAY},
}

_WORDS = {
    "urgent": "urgent critical emergency immediate highest blocker showstopper p0 p1 sev0 sev1",
    "high": "high major important p2 sev2",
    "normal": "normal medium standard moderate regular p3 sev3",
    "low": "low minor trivial lowest p4 p5 sev4",
}
_KIND = {word: kind for kind, words in _WORDS.items() for word in words.split()}
PRIORITY_KINDS = tuple(_WORDS)
"""The four meanings a priority can have, the most pressing first."""
PRIORITIES = tuple(_KIND)
"""Words for priorities that are understood; numbers are not: 1 is the top in one desk, the least in another."""


@dataclass(frozen=True)
class Limits:
    """Longest wait in seconds that still passes; `channels` must hold "", and so must each of its tables."""

    channels: Mapping[str, Mapping[str, float]]

    def seconds(self, channel: str, priority: str = "") -> float:
        """The limit for a ticket. Its priority, in the export's own words, is compared first as written
        (caseless), then by meaning ("Critical" is "urgent"); one that fits nothing has the channel's own limit.
        """
        table = self.channels.get(channel) or self.channels[""]
        word = fold_priority(priority)
        if word in table:
            return table[word]
        kind = kind_of(word)
        if not kind:
            return table[""]
        alike = [seconds for name, seconds in table.items() if kind_of(name) == kind]
        return table.get(kind, alike[0] if alike else table[""])

    def written(self) -> str:
        """As a setting in the record of a run, which `read` takes."""
        return json.dumps(self.channels, sort_keys=True, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Self:
        """What `written` wrote."""
        return cls(json.loads(text))


def kind_of(priority: str) -> str:
    """urgent, high, normal or low; "" for a word that is not known."""
    return _KIND.get(fold_priority(priority), "")


def fold_priority(word: str) -> str:
    """A priority as it is compared: "P-1" and "p1" are one word."""
    return "".join(word.casefold().replace("-", " ").split())


STANDARD = Limits(DEFAULTS)
