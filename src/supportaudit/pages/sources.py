"""What is known of each source: for `supportaudit sources` and for docs/sources.md, which is made from it."""

import textwrap
from collections.abc import Iterator

from supportaudit.read.desks import PROVES, Desk, load_desks

_WIDTH = 80
_HEADS = {
    "clock": "time of each message",
    "authors": "who wrote it",
    "notes": "private notes",
    "transfers": "hand-overs",
    "bots": "bots told apart",
    "canned": "canned replies",
    "csat": "rating",
    "text": "full text",
}
_ALL = "all eleven"
_CLOCK_ONLY = "slow-reply, run-around (hints)"


_GENERIC = (
    *("where a column tells", "where a column tells", "where a column tells", "from messages of the system"),
    *("where the role says so", "no", "where a column tells", "yes"),
    "all eleven, as far as columns tell what they need",
)


def checks_of(desk: Desk) -> str:
    """Which checks its exports can support: without text only clocks and counts of hand-overs are left."""
    if _word(desk, "text") == "no":
        return _CLOCK_ONLY
    if "supportaudit.yaml" in desk.spec.proves["authors"]:
        return f"{_ALL}, once supportaudit.yaml names the company's people"
    if _word(desk, "transfers") == "no":
        return f"{_ALL}; hand-overs from what is said and from changes of agent"
    return _ALL


def _word(desk: Desk, what: str) -> str:
    return desk.spec.proves[what].split(" ")[0].strip("(,;:")


def sources_page() -> str:
    """The names for `--source` with what each can prove, 80 columns wide."""
    lines = ["Sources, told by content; `--source NAME` overrides.", ""]
    for desk in load_desks():
        lines.append(f"  {desk.id:<13} {desk.title}")
        for head, values in _grouped(desk):
            lines += textwrap.wrap(
                f"{head}: {values}", _WIDTH, initial_indent=" " * 16, subsequent_indent=" " * 18
            )
    lines += [f"  {'generic':<13} any CSV or JSON, by the names of its columns (--map names them)"]
    return "\n".join(lines)


def _grouped(desk: Desk) -> Iterator[tuple[str, str]]:
    for answer in ("yes", "partly", "no"):
        found = [_HEADS[what] for what in PROVES if _word(desk, what) == answer]
        if found:
            yield {"yes": "has", "partly": "partly", "no": "lacks"}[answer], ", ".join(found)


def sources_table() -> str:
    """The tables of docs/sources.md."""
    heads = ["source", *_HEADS.values(), "checks"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for desk in load_desks():
        cells = [f"{desk.title} (`{desk.id}`)", *(desk.spec.proves[what] for what in PROVES), checks_of(desk)]
        lines.append(f"| {' | '.join(cells)} |")
    lines.append(f"| any other (`generic`) | {' | '.join(_GENERIC)} |")
    lines += ["", "| source | read in tests | not verified |", "|---|---|---|"]
    for desk in load_desks():
        lines.append(f"| `{desk.id}` | {_line(desk.spec.tested)} | {_line(desk.spec.untested) or '–'} |")
    return "\n".join(lines)


def _line(text: str) -> str:
    return " ".join(text.split())
