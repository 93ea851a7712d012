"""The layout of "Customer Support on Twitter": one tweet a row, threads rebuilt from the reply links.

Two passes: the first keeps some 50 bytes a tweet (id, parent, time, author) and settles which conversation
each belongs to; the second hands out the rows.
"""

import html
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator

from supportaudit.model import Row
from supportaudit.read.account import RowFaultError, Tally, listed, show
from supportaudit.read.csv_rows import Table
from supportaudit.read.mapping import normalise
from supportaudit.read.timestamps import StampReader

HEADER = (
    *("tweet_id", "author_id", "inbound", "created_at", "text", "response_tweet_id"),
    "in_response_to_tweet_id",
)
_ID = re.compile(r"(\d{1,18})(?:\.0)?", re.ASCII)  # a float where pandas met an empty cell
_INBOUND = {"true": 1, "false": 0, "1": 1, "0": 0}
_NONE = -1
_NO_TIME = float("-inf")


class _Threads:
    """The reply graph: parallel arrays over the usable tweets in file order."""

    def __init__(self) -> None:
        self.ids = array("q")
        self.parents = array("q")
        self.times = array("d")
        self.inbound = array("b")
        self.authors = array("i")
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def add(self, tweet: int, parent: int, time: float, inbound: int, author: str) -> None:
        self.ids.append(tweet)
        self.parents.append(parent)
        self.times.append(time)
        self.inbound.append(inbound)
        number = self._numbers.get(author)
        if number is None:
            number = self._numbers[author] = len(self.names)
            self.names.append(author)
        self.authors.append(number)

    def name(self, place: int | None) -> str:
        """The author of the tweet at that place; "" for None."""
        return "" if place is None else self.names[self.authors[place]]

    def settle(self) -> None:
        """Find each tweet's conversation, then each conversation's customer and company."""
        self._numbers.clear()
        order = array("i", sorted(range(len(self.ids)), key=self.ids.__getitem__))
        keys = array("q", (self.ids[place] for place in order))
        self.double = bytearray(len(order))
        for left in range(1, len(order)):
            if keys[left] == keys[left - 1]:
                self.double[order[left]] = 1
        for place, parent in enumerate(self.parents):
            found = bisect_left(keys, parent) if parent >= 0 else len(keys)
            known = found < len(keys) and keys[found] == parent
            self.parents[place] = order[found] if known and order[found] != place else _NONE
        self._walk()
        self._name_people()

    def _walk(self) -> None:
        """`conversation[i]`: the first tweet of i's thread, or of i's branch under a company's broadcast."""
        count = len(self.ids)
        root = array("i", [_NONE]) * count
        branch = array("i", [_NONE]) * count
        on_path = bytearray(count)
        for start in range(count):
            path = []
            node = start
            while root[node] == _NONE and not on_path[node]:
                on_path[node] = 1
                path.append(node)
                if self.parents[node] == _NONE:
                    break
                node = self.parents[node]
            if root[node] == _NONE and self.parents[node] != _NONE:
                # A ring of replies: its first tweet in the file is taken for the start.
                ring = path[path.index(node) :]
                first = min(ring)
                self.parents[first] = _NONE
                path = path[: path.index(node)] + _from(ring, first)
            for node in reversed(path):
                parent = self.parents[node]
                root[node] = node if parent == _NONE else root[parent]
                branch[node] = node if parent in (_NONE, root[parent]) else branch[parent]
                on_path[node] = 0
        self.conversation = root
        self._split_broadcasts(root, branch)

    def _split_broadcasts(self, root: "array[int]", branch: "array[int]") -> None:
        earliest: dict[int, int] = {}
        for node in range(len(root)):
            top = root[node]
            if node == top or branch[node] != node or self.inbound[top] or self.double[node]:
                continue
            best = earliest.get(top)
            if best is None or self.times[node] < self.times[best]:
                earliest[top] = node
        for node in range(len(root)):
            top = root[node]
            if top in earliest and node != top and branch[node] != earliest[top]:
                self.conversation[node] = branch[node]

    def _name_people(self) -> None:
        self.customer: dict[int, int] = {}
        self.company: dict[int, int] = {}
        for node, first in enumerate(self.conversation):
            people = self.customer if self.inbound[node] else self.company
            best = people.get(first)
            if best is None or self.times[node] < self.times[best]:
                people[first] = node


def _from(ring: list[int], first: int) -> list[int]:
    """The ring's path, child before parent, so that it ends in `first`."""
    place = ring.index(first)
    return ring[place + 1 :] + ring[: place + 1]


class TwitterSource:
    """Rows of the Twitter layout."""

    source = "Twitter corpus"
    day_first: bool | None = None

    def __init__(self, table: Table, file_index: int) -> None:
        self._table = table
        self._file = file_index
        names = [normalise(column) for column in table.columns]
        wanted = [normalise(name) for name in HEADER]
        self._places = [names.index(name) for name in wanted]
        self.mapping = {
            "message_id": "tweet_id",
            "conversation_id": "in_response_to_tweet_id",
            "author_id": "author_id",
            "inbound": "inbound",
            "at": "created_at",
            "text": "text",
        }
        self.notes = ["Conversations were rebuilt from reply links; each is named by its first tweet."]
        known = frozenset(wanted)
        if unused := [column for column, name in zip(table.columns, names, strict=True) if name not in known]:
            self.notes.append(f"Columns not used: {listed(unused)}.")
        self._stamps = StampReader()

    @property
    def saw_no_zone(self) -> bool:
        """Whether a time without a zone was read as UTC."""
        return self._stamps.saw_no_zone

    def run_notes(self) -> list[str]:
        """What only the rows themselves could tell."""
        return ["Times carry no zone and were read as UTC; set --tz."] if self._stamps.saw_no_zone else []

    def _facts(self, cells: list[str]) -> tuple[int, int, float, int, str]:
        """(id, parent, time, inbound, author) of a tweet. Raises RowFaultError if it cannot be used."""
        tweet_at, author_at, inbound_at, time_at, _, _, parent_at = self._places
        tweet = _ID.fullmatch(cells[tweet_at].strip())
        if tweet is None:
            raise RowFaultError("the tweet id is not a number", show(cells[tweet_at]))
        author = cells[author_at].strip()
        inbound = _INBOUND.get(cells[inbound_at].strip().lower())
        if inbound is None:
            raise RowFaultError("inbound is neither True nor False", show(cells[inbound_at]))
        if not author:
            raise RowFaultError("no author")
        stamp = cells[time_at].strip()
        time = self._stamps(stamp) if stamp else _NO_TIME
        parent = _ID.fullmatch(cells[parent_at].strip())
        return int(tweet[1]), int(parent[1]) if parent else _NONE, time, inbound, author

    def _threads(self) -> tuple[_Threads, bytearray]:
        """First pass: the reply graph of the usable tweets, and one byte a row, 1 where it is unusable."""
        threads = _Threads()
        unusable = bytearray()
        for _, cells in self._table.rows():
            try:
                threads.add(*self._facts(cells))
                unusable.append(0)
            except RowFaultError:
                unusable.append(1)
        threads.settle()
        return threads, unusable

    def rows(self, tally: Tally) -> Iterator[Row]:
        """Every usable tweet in file order."""
        threads, unusable = self._threads()
        place = -1
        for row, (line, cells) in enumerate(self._table.rows(tally)):
            # The file may have grown since the first pass: what came after it is not known.
            if row >= len(unusable) or unusable[row]:
                try:
                    self._facts(cells)
                    tally.reject(line, "the file changed while it was read")
                except RowFaultError as fault:
                    tally.reject(line, fault.kind, fault.detail)
                continue
            place += 1
            if threads.double[place]:
                tally.reject(line, "a tweet id that occurred before", str(threads.ids[place]))
                continue
            tally.used += 1
            yield self._row(threads, place, line, cells[self._places[4]])

    def _row(self, threads: _Threads, place: int, line: int, text: str) -> Row:
        time, inbound = threads.times[place], threads.inbound[place]
        author = threads.name(place)
        first = threads.conversation[place]
        return Row(
            conversation_id=str(threads.ids[first]),
            message_id=str(threads.ids[place]),
            line=line,
            at=None if time == _NO_TIME else time,
            role="customer" if inbound else "agent",
            inbound=bool(inbound),
            author_id=author,
            author_name="" if inbound else author,
            text=html.unescape(text) if "&" in text else text,
            channel="social",
            brand=threads.name(threads.company.get(first)),
            customer_id=threads.name(threads.customer.get(first)),
            file=self._file,
        )
