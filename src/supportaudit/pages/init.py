"""The settings file that `init` writes: what was found in an export, to be checked, and examples of the rest.

It holds words of the export (names, columns, priorities), which may be anything: every one is quoted, and cut to
one line where it stands in a comment.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from glob import escape

from supportaudit.read.detect import GENERIC
from supportaudit.read.mapping import MAPPABLE
from supportaudit.settings.limits import CHANNELS, PRIORITY_KINDS, kind_of
from supportaudit.settings.notation import Domain, Limit, Zone
from supportaudit.settings.typed import Fault, plain

_LISTED = 100
#: What is proposed for a channel, and for the priorities on it, least pressing last.
_PROPOSED = {
    "chat": ("5 min", "2 min", "5 min", "5 min", "15 min"),
    "social": ("1 h", "15 min", "30 min", "1 h", "4 h"),
    "email": ("24 h", "2 h", "8 h", "24 h", "2 days"),
    "phone": ("24 h", "1 h", "4 h", "24 h", "2 days"),
}
_NUMBERS = re.compile(r"[0-9]+(?:[-_. T]?[0-9]+)*")


@dataclass(frozen=True)
class Person:
    """An author whose part was inferred: the name, address or id, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Recognised:
    """What was found in an export.

    `zone` is the one its times were read in where they carry none; None if nobody named one and UTC was taken.
    `mapping` is needed for files that were told by their column names only. `channels` and `priorities` say how
    often each was seen. `domains` are mail domains that agents write from.
    """

    files: str
    source: str
    title: str
    confidence: float
    stamps_carry_zone: bool = True
    zone: str | None = None
    day_first: bool | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)
    priorities: Mapping[str, int] = field(default_factory=dict)
    agents: Sequence[Person] = ()
    bots: Sequence[Person] = ()
    domains: Sequence[str] = ()


def files_pattern(name: str) -> str:
    """A pattern for this week's file and the next: "zendesk-2026-11-15.csv" gives "zendesk-*.csv"."""
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    return "*".join(escape(part) for part in _NUMBERS.split(stem)) + dot + escape(ending)


def settings_text(facts: Recognised) -> str:
    """A settings file that loads as it is, and with any of its examples put to use.

    An example is a line whose first sign is a `#` without a blank behind it.
    """
    sections = (_head(facts), _sources(facts), _company(facts), _hours(facts), _limits(facts), _rejects())
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _head(facts: Recognised) -> Iterator[str]:
    yield "# How supportaudit reads your exports, when your team works, and how long a customer may wait."
    yield f"# Written by `supportaudit init` from what it found in {plain(facts.files)}. Mend what is wrong."
    yield "# Your editor completes and checks it with what `supportaudit schema` prints."
    yield "#"
    yield "# Lines such as `#hours:` are examples and do nothing yet: take the # away and leave the blanks before"
    yield "# it as they are. What you delete falls back to its default. Every key: docs/settings.md."


def _sources(facts: Recognised) -> Iterator[str]:
    yield "# How exports are read. Of several entries the first whose `files` fits the file's name counts."
    yield "sources:"
    yield f"  - files: {quoted(facts.files if facts.files.strip() else '*')}"
    sure = f", {facts.confidence:.0%} sure" if facts.source != GENERIC else ""
    yield f"    source: {quoted(facts.source)}{_why(facts.title + sure)}"
    yield from _zone(facts)
    if facts.day_first is None:
        yield "    #day-first: true  # whether 03/04/2026 is the third of April; not needed for these dates"
    else:
        example = "the third of April" if facts.day_first else "the fourth of March"
        yield f"    day-first: {str(facts.day_first).lower()}  # 03/04/2026 is {example}"
    columns = {name: facts.mapping[name] for name in MAPPABLE if facts.mapping.get(name, "").strip()}
    if columns:
        yield "    map:  # which column holds what"
        yield from (f"      {name}: {quoted(column)}" for name, column in columns.items())


def _zone(facts: Recognised) -> Iterator[str]:
    zone = _known_zone(facts)
    if facts.stamps_carry_zone:
        yield f"    #tz: {quoted(zone)}  # for times that carry no zone; here all do"
    elif facts.zone is None:
        yield f"    tz: {quoted(zone)}  # CHECK: the times carry no zone and were taken for UTC"
    else:
        yield f"    tz: {quoted(zone)}  # the times carry no zone"


def _known_zone(facts: Recognised) -> str:
    try:
        return Zone.read(facts.zone or "UTC")
    except Fault:
        return "UTC"


def _company(facts: Recognised) -> Iterator[str]:
    agents = _distinct(facts.agents, ())
    bots = _distinct(facts.bots, [person.name for person in agents])
    domains = [name for name in dict.fromkeys(facts.domains) if _is_domain(name)]
    yield "# Who writes for the company, where the export does not say. The reasons stand beside the names."
    yield "company:" if agents or bots else "#company:"
    yield "  # Everybody who writes from these mail domains is an agent. Never name one that customers use too."
    yield f"  #domains: [{', '.join(map(quoted, domains[:_LISTED])) or 'acme.example'}]"
    yield from _people("agents", agents, "Rob Ray", "names, addresses or ids of people of the company")
    yield from _people("bots", bots, "Helpbot", "automatic senders: what they write is no answer")


def _distinct(people: Iterable[Person], taken: Sequence[str]) -> list[Person]:
    """Each name once; nobody may be agent and bot."""
    kept = {person.name: person for person in people if person.name.strip() and person.name not in taken}
    return list(kept.values())


def _is_domain(name: str) -> bool:
    try:
        return bool(Domain.read(name))
    except Fault:
        return False


def _people(key: str, people: Sequence[Person], example: str, about: str) -> Iterator[str]:
    if not people:
        yield f"  #{key}: [{quoted(example)}]  # {about}"
        return
    yield f"  {key}:  # {about}"
    yield from (f"    - {quoted(person.name)}{_why(person.why)}" for person in people[:_LISTED])
    if len(people) > _LISTED:
        yield f"    # and {len(people) - _LISTED} more, found in the same way"


def _hours(facts: Recognised) -> Iterator[str]:
    zone = facts.zone and _known_zone(facts)
    yield "# When the team works. As long as this is left out all hours count: an e-mail of Friday evening that is"
    yield "# answered on Monday waited the whole weekend. With it, waits and limits count open hours only."
    yield "#hours:"
    yield f"  #timezone: {quoted(zone or 'Europe/Athens')}"
    yield "  #week:  # a day that is not named is closed"
    yield '    #mon-fri: "09:00-18:00"'
    yield '    #sat: ["10:00-13:00", "14:00-16:00"]'
    yield "  #channels:  # other hours for one channel"
    yield '    #chat: {mon-sun: "08:00-22:00"}'
    yield "  #holidays:"
    yield "    #country: GR  # public holidays are closed: the code of your country"
    yield "    #closed: [2026-12-24]  # more days off"
    yield "    #open: [2026-10-28]  # public holidays on which you work"


def _limits(facts: Recognised) -> Iterator[str]:
    yield "# The longest wait for a person's answer that still passes. These are the usual limits."
    yield "limits:"
    busiest = max(CHANNELS, key=lambda name: (facts.channels.get(name, 0), name == "email"))
    words = _priorities(facts)
    for channel in CHANNELS:
        times = facts.channels.get(channel, 0)
        seen = f"  # {_times(times)}" if times else "  # not seen"
        usual = _PROPOSED[channel][0]
        if channel != busiest or not words:
            yield f"  {channel}: {usual}{seen}"
            continue
        yield f"  {channel}:{seen}; by the ticket's priority, in your export's words"
        yield from (f"    #{quoted(word)}: {_proposal(channel, word)}{_why(_times(facts.priorities[word]))}"
                    for word in words)  # fmt: skip
        yield f"    default: {usual}"
    others = [name for name in sorted(facts.channels) if name not in CHANNELS and name.strip()]
    about = f"every other channel{': ' if others else ''}{', '.join(others)}"
    yield f"  default: 24 h{_why(about)}"


def _times(count: int) -> str:
    return "seen once" if count == 1 else f"seen {count:,} times"


def _priorities(facts: Recognised) -> list[str]:
    """The export's words that can stand in the file, the most pressing first, then the most seen."""
    kept: dict[str, str] = {"default": "1 h"}
    for word in sorted(facts.priorities, key=lambda w: (_rank(w), -facts.priorities[w], w)):
        try:
            Limit.read({**kept, word: "1 h"})
        except Fault:
            continue
        kept[word] = "1 h"
    return [word for word in kept if word != "default"][:_LISTED]


def _rank(word: str) -> int:
    kind = kind_of(word)
    return PRIORITY_KINDS.index(kind) if kind else len(PRIORITY_KINDS)


def _proposal(channel: str, word: str) -> str:
    usual, *by_kind = _PROPOSED[channel]
    return [*by_kind, usual][_rank(word)]


def _rejects() -> Iterator[str]:
    yield "# The language of all conversations; left out, it is told by their words."
    yield "#language: en"
    yield "# The share of rows that may be rejected before the audit is stopped."
    yield "#max-rejects: 10 %"


def quoted(text: str) -> str:
    """Any text as a YAML scalar in double quotes, on one line."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _why(words: str) -> str:
    """A comment behind a value."""
    return f"  # {plain(words)}" if words.strip() else ""
