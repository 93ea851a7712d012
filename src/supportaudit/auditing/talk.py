"""What a check sees of a conversation: its turns with their markers, and what follows from them.

A `Talk` is one conversation being audited, judged as of a moment; its facts (waits, open request, hand-overs,
how it ended, what the customer gave already) are computed when first asked for and shared by all checks.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property, lru_cache
from itertools import accumulate, islice
from math import inf
from zoneinfo import ZoneInfo

import re2

from supportaudit.auditing.measured import Measured
from supportaudit.auditing.moment import Moment
from supportaudit.model import Conversation, HandOver, Message, Role
from supportaudit.settings.hours import Hours
from supportaudit.settings.limits import STANDARD, Limits
from supportaudit.wording.due import Due, DueParser
from supportaudit.wording.fold import fold
from supportaudit.wording.language import detect_language
from supportaudit.wording.lexicon import Lexicon, load_lexicon
from supportaudit.wording.own import OwnMarkers, own_lexicon
from supportaudit.wording.pack import supported_languages
from supportaudit.wording.sentences import sentence_at
from supportaudit.wording.similarity import content_words

_SIDE = {Role.CUSTOMER: "customer", Role.AGENT: "agent", Role.BOT: "agent", Role.SYSTEM: "system"}
_QUOTE_LIMIT = 220
# Customers' text goes through RE2 here too: `re` could be made to run for minutes by a crafted message.
_URL_OR_NUMBER = re2.compile(
    r"https?://\S+|\bwww\.\S+"
    r"|\b[\w-]+\.(?:com|org|net|example|io|co|gov|info|eu|uk|ie|de|at|ch|fr|be|nl|es|mx|ar|pt|br|it|pl|ru|ua|tr|gr|cy|ge|am)\b"
    r"|\+?\d[\d ()./-]{6,}\d|\S+@\S+\.\w+|\b0800 ?\d+"
)
_HANDLES = re.compile(r"^(?:\s*@\w+)+")
DAY = 86_400.0
NEAR = 100
"""How many turns rules look back and ahead that hold one message against others: nobody refers further, and of 100,000
messages each cannot be held against each."""
# A message in which no marker was found is looked at for another language; below this length none can be told.
_SAYS_SOMETHING = 12


def find_ahead(conversations: Iterable[Conversation]) -> None:
    """Have the markers of many conversations' messages found at once, before their talks ask for them."""
    texts: dict[tuple[Lexicon, str], list[str]] = {}
    for conversation in conversations:
        lexicon = _lexicon(conversation.language)
        if lexicon is not None:
            for message in conversation.messages:
                side = _SIDE.get(message.role)
                if side is not None:
                    texts.setdefault((lexicon, side), []).append(message.text)
    for (lexicon, side), several in texts.items():
        lexicon.find_ahead(several, side)


class Turn:
    """One message with the markers found in it."""

    __slots__ = (
        "_asks", "_lexicon", "_marks", "_own", "_sentences", "_spans", "_words", "folded", "index", "message", "talk",
    )  # fmt: skip

    def __init__(self, message: Message, talk: "Talk") -> None:
        self.message = message
        self.talk = talk
        self.index = message.index
        self.folded = fold(message.text)
        side = _SIDE.get(message.role)
        self._lexicon = talk.lexicon
        self._marks: Mapping[str, tuple[int, ...]] = {}
        self._spans: dict[str, list[tuple[int, int]]] = {}
        self._sentences: dict[str, list[tuple[int, int]]] = {}
        self._asks: bool | None = None
        self._words: int | None = None
        if self._lexicon is not None and side is not None:
            self._marks = self._lexicon.find(message.text, self.folded, side)
            if not self._marks and len(self.folded) >= _SAYS_SOMETHING:
                other = _other_lexicon(message.text, talk.conversation.language)
                if other is not None:
                    self._lexicon = other
                    self._marks = other.find(message.text, self.folded, side)
        self._own: Lexicon | None = None
        if talk.setting.own and side is not None:
            self._find_own(side)

    def _find_own(self, side: str) -> None:
        """Look for markers that checks bring themselves, after the language is settled: they change nothing else."""
        language = self.talk.conversation.language if self._lexicon is None else self._lexicon.code
        self._own = own_lexicon(language, self.talk.setting.own)
        if self._own is not None:
            self._marks = {**self._marks, **self._own.find(self.text, self.folded, side)}

    def __repr__(self) -> str:
        return f"<{self.message.role} {self.message.id}: {self.message.text[:40]!r} {sorted(self._marks)}>"

    @property
    def id(self) -> str:
        """The message's id in the export."""
        return self.message.id

    @property
    def at(self) -> float | None:
        """Seconds since the epoch, or None."""
        return self.message.at

    @property
    def text(self) -> str:
        """What the author wrote, without quoted history and signature."""
        return self.message.text

    @property
    def author(self) -> str:
        """The author's name as the export shows it, or ""."""
        return self.message.author

    @property
    def is_customer(self) -> bool:
        """Written by the customer whose case it is; bystanders in a public thread are not."""
        return self.message.role is Role.CUSTOMER and not self.message.bystander

    @property
    def is_agent(self) -> bool:
        """Written by a person of the company, for the customer to read."""
        return self.message.role is Role.AGENT and self.message.public

    @property
    def is_bot(self) -> bool:
        """Written by an automatic sender."""
        return self.message.role is Role.BOT

    @property
    def is_system(self) -> bool:
        """Written by the help desk itself: an event, not a message."""
        return self.message.role is Role.SYSTEM

    def has(self, *markers: str) -> bool:
        """Whether any of these markers was found."""
        return not self._marks.keys().isdisjoint(markers)

    @property
    def markers(self) -> frozenset[str]:
        """All markers found."""
        return frozenset(self._marks)

    def spans(self, *markers: str) -> list[tuple[int, int]]:
        """Where these markers stand in `text`, in order."""
        return sorted(span for marker in markers for span in self._spans_of(marker))

    def _spans_of(self, marker: str) -> list[tuple[int, int]]:
        spans = self._spans.get(marker)
        if spans is None:
            side = _SIDE.get(self.message.role)
            spans = []
            lexicon = self._own if self._own is not None and marker in self._own.markers else self._lexicon
            if marker in self._marks and lexicon is not None and side is not None:
                spans = lexicon.spans(self.text, self.folded, side, self._marks[marker])
            self._spans[marker] = spans
        return spans

    def says(self, *markers: str) -> bool:
        """Like `has`, but words inside quotation marks are somebody else's and do not count."""
        if not self.has(*markers):
            return False
        if '"' not in self.folded:
            return True
        return any(not _inside_quotes(self.text, start) for start, _ in self.spans(*markers))

    def quote(self, *markers: str) -> str:
        """The sentence in which the first of these markers stands; the whole text if none does."""
        spans = self.spans(*markers)
        if not spans:
            return clip(self.text)
        start, end = sentence_at(self.text, *spans[0])
        if end - start > _QUOTE_LIMIT:
            start, end = max(start, spans[0][0] - 80), min(end, spans[0][1] + 80)
        return clip(self.text[start:end])

    @property
    def words(self) -> int:
        """How many words the message has, leading handles left out; as many as English would need for the same."""
        if self._words is None:
            words = len(_HANDLES.sub("", self.text).split())
            self._words = words if self._lexicon is None else round(words / self._lexicon.brevity)
        return self._words

    @property
    def content(self) -> frozenset[str]:
        """Stems of the words that carry meaning."""
        return self.talk.content_of(self)

    def sentences(self) -> Iterator[tuple[int, int, str]]:
        """The message's sentences as (start, end, text)."""
        position = 0
        text = self.text
        while position < len(text):
            if text[position].isspace():
                position += 1
                continue
            start, end = sentence_at(text, position, position + 1)
            if end > start:
                yield start, end, text[start:end]
            position = max(end, position + 1)

    def sentences_with(self, *markers: str) -> list[str]:
        """The sentences in which any of these markers stands, in order, each once."""
        found = {place for marker in markers for place in self._sentences_of(marker)}
        return [self.text[start:end] for start, end in sorted(found)]

    def _sentences_of(self, marker: str) -> list[tuple[int, int]]:
        places = self._sentences.get(marker)
        if places is None:
            places = [sentence_at(self.text, *span) for span in self._spans_of(marker)]
            self._sentences[marker] = places
        return places

    @property
    def asks(self) -> bool:
        """An agent's question that the customer has to answer ("anything else?" is none)."""
        if self._asks is None:
            self._asks = self.has(*ASKS_FACT) or (
                self.has("question")
                and bool(set(self.sentences_with("question")) - set(self.sentences_with("asks_more")))
            )
        return self._asks


def _inside_quotes(text: str, position: int) -> bool:
    straight = fold(text[:position]) if not text.isascii() else text[:position]
    return straight.count('"') % 2 == 1


def clip(text: str, limit: int = _QUOTE_LIMIT) -> str:
    """One line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


ASKS_FACT = (
    "asks_issue", "asks_order", "asks_account", "asks_name", "asks_email",
    "asks_phone", "asks_address", "asks_device", "asks_date",
)  # fmt: skip
#: Customer markers that call for an answer.
_NEEDS = (
    "question", "request", "problem", "complaint", "chase", "wait_reported", "cannot_reach", "repeats_self",
    "repeats_to_staff", "promise_reported", "follow_up_reported", "rude_reported", "wrong_reported",
    "clueless_reported", "passed_reported", "contradicts", "tried_already",
)  # fmt: skip
#: What an answer does that takes a remark for a request.
_HELPS = (
    "apology", "push", "asks_issue", "asks_order", "asks_account", "asks_steps", "looks_up", "follow_up", "transfers",
)  # fmt: skip
_PLEASED = ("thanks", "praise", "solved", "farewell", "accepts")


@dataclass(frozen=True, slots=True)
class Wait:
    """From the first unanswered customer message to the human answer; `reply` is None where none came.

    Runs to the reply, or to the as-of moment. `asked` are the customer's messages of the burst.
    """

    asked: tuple[Turn, ...]
    reply: Turn | None
    is_first: bool
    _seconds: float
    _elapsed: float
    _open_until: Moment | None  # None once it is answered

    @property
    def seconds(self) -> float:
        """How long it is, in business hours only where there are any."""
        if self._open_until is not None:
            self._open_until.exactly()
        return self._seconds

    @property
    def elapsed(self) -> float:
        """How long it is, all hours counted."""
        if self._open_until is not None:
            self._open_until.exactly()
        return self._elapsed

    def exceeds(self, limit: float, *, all_hours: bool = False) -> bool:
        """Whether `seconds`, or with all hours counted `elapsed`, are more than a limit.

        Ask this rather than compare, and `measured` rather than write: a cache can keep the answer longer.
        """
        seconds = self._elapsed if all_hours else self._seconds
        return seconds > limit if self._open_until is None else self._open_until.exceeded(seconds, limit)

    def measured(self, words: str, *, all_hours: bool = False) -> Measured:
        """How long it is, in seconds and in words, where `words` hold {wait}. Nothing else may hang on them."""
        talk, since = self.asked[0].talk, self.asked[0].at
        until = talk.now.peek() if self.reply is None else self.reply.at
        if since is None or until is None:
            return Measured(words, 0.0, None).at(0.0, None)
        measured = Measured(words, since, None if all_hours else talk.channel).at(until, talk.setting.hours)
        if self._open_until is not None:
            self._open_until.measured.append(measured)
        return measured


@dataclass(frozen=True, slots=True)
class Promise:
    """What an agent committed to, until when, and the sentence it stands in."""

    turn: Turn
    due: float
    sentence: str
    estimate: bool
    contact: bool


@dataclass(frozen=True)
class Setting:
    """What the judgement of a talk depends on beside its own words."""

    now: Moment
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("UTC"))
    limits: Limits = STANDARD
    hours: Hours | None = None
    own: tuple[OwnMarkers, ...] = ()


class Talk:
    """One conversation under audit. `earlier` are the customer's conversations that began before it."""

    def __init__(self, conversation: Conversation, setting: Setting, earlier: Sequence["Talk"] = ()) -> None:
        self.conversation = conversation
        self.setting = setting
        self.earlier = tuple(earlier)
        self.later: tuple[Talk, ...] = ()
        self.lexicon = _lexicon(conversation.language)
        self.turns = tuple(Turn(message, self) for message in conversation.messages)
        self._content: dict[int, frozenset[str]] = {}
        self._sides: dict[tuple[bool, bool], tuple[int, ...]] = {}

    # ---- plain facts

    @property
    def now(self) -> Moment:
        """The moment this talk is judged at, to be asked whether a time has come or is over."""
        return self.setting.now

    @property
    def as_of(self) -> float | None:
        """That moment in seconds since the epoch. To be measured up to; for all else ask `now`."""
        return self.now.exactly()

    @property
    def has_wording(self) -> bool:
        """Whether there is a pack for the language, so that wording can be judged."""
        return self.lexicon is not None

    @property
    def channel(self) -> str:
        """chat, social, email, phone, or "" where unknown."""
        return self.conversation.channel

    @cached_property
    def limit(self) -> float:
        """Longest wait in seconds that still passes on this channel, for a ticket of this priority."""
        return self.setting.limits.seconds(self.channel, self.conversation.priority)

    @cached_property
    def customers(self) -> tuple[Turn, ...]:
        """The customer's turns."""
        return tuple(t for t in self.turns if t.is_customer)

    @cached_property
    def agents(self) -> tuple[Turn, ...]:
        """Turns of human agents that the customer could read."""
        return tuple(t for t in self.turns if t.is_agent and not self.is_automatic(t))

    @cached_property
    def has_clock(self) -> bool:
        """Whether the customer's messages carry times; an answer without one ends a wait unmeasured."""
        return all(t.at is not None for t in self.customers) and any(t.at is not None for t in self.turns)

    @cached_property
    def span(self) -> tuple[float, float] | None:
        """First and last time of the talk."""
        times = [t.at for t in self.turns if t.at is not None]
        return (min(times), max(times)) if times else None

    def list_of(self, name: str) -> frozenset[str]:
        """One of the pack's word lists; empty where there is no pack."""
        return _word_list(self.conversation.language, name) if self.lexicon is not None else frozenset()

    def content_of(self, turn: Turn) -> frozenset[str]:
        """Stems of a turn's meaning-bearing words, computed once."""
        words = self._content.get(turn.index)
        if words is None:
            words = content_words(turn.folded, self.conversation.language, self.list_of("stopwords"))
            self._content[turn.index] = words
        return words

    def words_of(self, text: str) -> frozenset[str]:
        """Stems of the meaning-bearing words of any text, in this talk's language."""
        return content_words(fold(text), self.conversation.language, self.list_of("stopwords"))

    def is_automatic(self, turn: Turn) -> bool:
        """An acknowledgement under an agent's name that came too fast to be written by a person."""
        if not turn.has("auto_reply") or turn.message.signature or turn.has("introduces_self"):
            return False
        before = self.before(turn.index, customer=True)
        if before is None or before.at is None or turn.at is None:
            return False
        return turn.at - before.at <= 90 and self.channel in ("email", "", "phone") and not turn.has("done")

    def before(self, index: int, *, customer: bool = False, agent: bool = False) -> Turn | None:
        """The nearest earlier turn of that side."""
        side = self._side(customer, agent)
        place = bisect_left(side, index)
        return self.turns[side[place - 1]] if place else None

    def after(self, index: int, *, customer: bool = False, agent: bool = False) -> Turn | None:
        """The nearest later turn of that side."""
        side = self._side(customer, agent)
        place = bisect_right(side, index)
        return self.turns[side[place]] if place < len(side) else None

    def turns_before(self, turn: Turn, *, customer: bool = False, agent: bool = False) -> tuple[Turn, ...]:
        """The earlier turns of that side, the nearest last: those among the `NEAR` turns before."""
        side = self._side(customer, agent)
        places = side[bisect_left(side, turn.index - NEAR) : bisect_left(side, turn.index)]
        return tuple(self.turns[place] for place in places)

    def turns_after(self, turn: Turn, *, customer: bool = False, agent: bool = False) -> tuple[Turn, ...]:
        """The later turns of that side, the nearest first: those among the `NEAR` turns after."""
        side = self._side(customer, agent)
        places = side[bisect_right(side, turn.index) : bisect_right(side, turn.index + NEAR)]
        return tuple(self.turns[place] for place in places)

    def told_after(self, turn: Turn) -> Iterator[Turn]:
        """The turns after one, the customer's later talks included: `NEAR` of this talk, and some times as many."""
        yield from self.turns[turn.index + 1 : turn.index + 1 + NEAR]
        if self.told_to_the_end(turn):
            yield from islice((t for talk in self.later for t in talk.turns), 10 * NEAR)

    def told_to_the_end(self, turn: Turn) -> bool:
        """Whether `told_after` reaches the end of this talk: only then what it does not show did not happen."""
        return len(self.turns) <= turn.index + 1 + NEAR

    def customer_past(self, moment: float) -> Turn | None:
        """The first turn of the customer later than a moment."""
        place = bisect_right(self._customer_clock, moment)
        return self.customers[place] if place < len(self.customers) else None

    @cached_property
    def _customer_clock(self) -> tuple[float, ...]:
        """By turn of the customer: the latest time so far."""
        times = (-inf if turn.at is None else turn.at for turn in self.customers)
        return tuple(accumulate(times, max))

    def _side(self, customer: bool, agent: bool) -> tuple[int, ...]:
        """Where that side's turns stand, computed once: a talk of 100,000 messages must not be walked for each."""
        side = self._sides.get((customer, agent))
        if side is None:
            turns = (t for t in self.turns if (customer and t.is_customer) or (agent and t.is_agent))
            side = self._sides[customer, agent] = tuple(t.index for t in turns)
        return side

    def moves_case(self, turn: Turn) -> bool:
        """Whether an agent's message asks, instructs, informs or decides: courtesies and closings do not."""
        courteous = set(
            turn.sentences_with("courtesy", "greeting", "apology", "auto_reply", "boilerplate", "farewell")
        )
        rest = [s for _, _, s in turn.sentences() if s not in courteous and len(s.split()) >= 3]
        return bool(rest) or turn.asks or turn.has("push", "asks_steps", "done")

    # ---- who owes whom an answer

    @cached_property
    def _needs_answer(self) -> frozenset[int]:
        return frozenset(t.index for t in self.customers if self._calls_for_answer(t))

    def needs_answer(self, turn: Turn) -> bool:
        """Whether this customer turn asks, reports, complains, or answers an agent's question."""
        return turn.index in self._needs_answer

    def _calls_for_answer(self, turn: Turn) -> bool:
        words = turn.words
        if not any(c.isalpha() for c in _HANDLES.sub("", turn.text)):
            return False
        if self.lexicon is None:
            # No pack: a question mark, an opening message, or enough words to say something.
            return "?" in turn.folded or ";" in turn.folded or turn is self.customers[0] or words >= 6
        agent = self.before(turn.index, agent=True)
        plain = _HANDLES.sub("", turn.folded).strip(" .!,?:)\n")
        if plain in self.list_of("yes_no"):
            return agent is not None and agent.asks
        if turn.has("question", "chase") and not self._only_takes_leave(turn):
            return True
        gave_up = agent is not None and turn.has("resigned")
        if (
            turn.has("solved")
            or gave_up
            or (
                agent is not None
                and plain.split(" ")[0].strip(",.!") in self.list_of("refuses_more")
                and not turn.has("problem", "still", "contradicts", "tried_already")  # "no, still broken"
            )
        ):
            return turn.has("request") and not turn.has("solved", "resigned")
        if turn.has(*_PLEASED) and not turn.has("problem", "contradicts", "tried_already", *_REPORTS):
            return turn.has("request") and not turn.has("accepts", "farewell")
        if turn.has(*_NEEDS):
            return True
        if agent is not None and agent.asks:
            return True
        if turn is self.customers[0] and agent is None:
            return self.channel != "social" or (words >= 5 and self._taken_as_request(turn))
        return words >= 8 and self.channel != "social"

    def _only_takes_leave(self, turn: Turn) -> bool:
        """Whether all that a turn asks stands in its goodbye: "have a nice day, won't you?"."""
        leave = set(turn.sentences_with("farewell"))
        return bool(leave) and set(turn.sentences_with("question", "chase")) <= leave

    def is_question(self, sentence: str) -> bool:
        """Whether a sentence is marked as a question, as its language marks it."""
        if sentence.rstrip().endswith("?"):
            return True
        marks = self.list_of("question_marks")
        return bool(marks) and any(mark in sentence for mark in marks)

    def _taken_as_request(self, turn: Turn) -> bool:
        """In public, remarks need no answer; but where the company's answer helps, it was a request."""
        reply = self.after(turn.index, agent=True)
        return reply is not None and reply.has(*_HELPS)

    @cached_property
    def waits(self) -> tuple[Wait, ...]:
        """Every time the customer waited for a human answer, answered or not, in order."""
        waits: list[Wait] = []
        asked: list[Turn] = []
        answered = False
        agents = {t.index for t in self.agents}
        for turn in self.turns:
            if turn.is_customer and (asked or self.needs_answer(turn)):
                asked.append(turn)
            elif turn.index in agents:
                if asked:
                    waits.append(self._wait(asked, turn, is_first=not answered))
                    asked = []
                answered = True
        if asked:
            waits.append(self._wait(asked, None, is_first=not answered))
        return tuple(waits)

    def _wait(self, asked: list[Turn], reply: Turn | None, *, is_first: bool) -> Wait:
        since = asked[0].at
        until = reply.at if reply is not None else self.now.peek()
        if reply is not None and reply.at is None:
            until = since  # answered, nobody knows when
        elapsed = max(0.0, until - since) if since is not None and until is not None else 0.0
        runs_to = self.now if reply is None else None
        return Wait(tuple(asked), reply, is_first, self.waited(since, until), elapsed, runs_to)

    def waited(self, since: float | None, until: float | None) -> float:
        """Seconds that somebody waited for the company between two moments, business hours only where there are
        any; 0 where a moment is unknown. For all that is held against a limit; promises run by the calendar.
        """
        if since is None or until is None:
            return 0.0
        if self.setting.hours is None:
            return max(0.0, until - since)
        return self.setting.hours.open_seconds(since, until, self.channel)

    def is_overdue(self, since: float | None) -> bool:
        """Whether somebody who has waited since then has waited longer than the limit by now."""
        return self.now.exceeded(self.waited(since, self.now.peek()), self.limit)

    @cached_property
    def open_wait(self) -> Wait | None:
        """The wait that nobody ended, or None."""
        return self.waits[-1] if self.waits and self.waits[-1].reply is None else None

    # ---- how it ended

    @cached_property
    def is_solved(self) -> bool:
        """The customer's last words say or show that the matter is settled."""
        for turn in reversed(self.customers):
            if turn.has("solved"):
                return True
            if turn.has("thanks", "praise") and not self.needs_answer(turn) and not turn.has("resigned"):
                return bool(self.agents)
            if not turn.has("accepts", "farewell") or turn.has("resigned"):
                return False
        return False

    @cached_property
    def is_resigned(self) -> bool:
        """The customer gave up."""
        return bool(self.customers) and self.customers[-1].has("resigned")

    # ---- hand-overs

    @property
    def handovers(self) -> tuple[HandOver, ...]:
        """Hand-overs inside the company, from events and from changes of agent."""
        return self.conversation.handovers

    @cached_property
    def transfers(self) -> tuple[HandOver, ...]:
        """Hand-overs that the log states (not mere changes of the person who writes)."""
        return tuple(h for h in self.handovers if h.explicit)

    def handover_between(self, first: int, second: int) -> HandOver | None:
        """A hand-over after turn `first` and not after turn `second`."""
        place = bisect_right(self._handed_over, first)
        found = self.handovers[place] if place < len(self.handovers) else None
        return found if found is not None and found.index <= second else None

    @cached_property
    def _handed_over(self) -> tuple[int, ...]:
        return tuple(handover.index for handover in self.handovers)

    # ---- promises

    @cached_property
    def promises(self) -> tuple[Promise, ...]:
        """Commitments of agents to a definite time, latest reading of the time."""
        if self.lexicon is None or not self.lexicon.due:
            return ()
        parser = _due_parser(self.conversation.language)
        return tuple(
            promise
            for turn in self.agents
            if turn.at is not None and turn.has("commits", "follow_up", "estimate")
            for promise in self._promises_of(turn, parser)
        )

    def _promises_of(self, turn: Turn, parser: DueParser) -> Iterator[Promise]:
        assert turn.at is not None
        for sentence in turn.sentences_with("commits", "follow_up", "estimate"):
            if self.is_question(sentence):
                continue
            dues: list[Due] = parser.find(sentence, turn.at, self.setting.zone)
            later = [d.at for d in dues if d.at > turn.at]
            if later:
                marks = self.lexicon.find(sentence, fold(sentence), "agent") if self.lexicon else {}
                if "conditional" in marks:
                    continue
                yield Promise(turn, max(later), sentence, "estimate" in marks, "promises_contact" in marks)

    # ---- what the customer gave

    @cached_property
    def given(self) -> Mapping[str, int]:
        """Facts that the customer gave, as fact -> index of the turn: order, account, name, email, ..."""
        given: dict[str, int] = {}
        for turn in self.customers:
            for fact in facts_in(turn):
                given.setdefault(fact, turn.index)
        return given


_REPORTS = (
    "wait_reported", "cannot_reach", "repeats_self", "repeats_to_staff", "promise_reported",
    "follow_up_reported", "rude_reported", "wrong_reported", "clueless_reported", "passed_reported",
)  # fmt: skip

_TOKEN = re.compile(r"[a-z0-9]+(?:[-/][a-z0-9]+)*")  # its parts exclude each other: linear
_EMAIL = re2.compile(r"\S+@\S+\.\w+")
_PHONE = re2.compile(r"\+?\d[\d ()./-]{7,}\d")
# Quick looks that spare most texts the searches above.
_TWO_DIGITS = re.compile(r"\d[^\d\s]*\d")
_MANY_DIGITS = re.compile(r"\d[\d ()./-]{7}")


def facts_in(turn: Turn) -> Iterator[str]:
    """Which kinds of facts a customer's turn gives, each named by the marker that asks for it."""
    text = _without_links(turn.folded)
    address = "@" in text and _EMAIL.search(text) is not None
    phone = _MANY_DIGITS.search(text) is not None and _PHONE.search(text) is not None
    if address:
        yield "asks_email"
    if phone:
        yield "asks_phone"
    text = _EMAIL.sub(" ", text) if address else text
    if _codes(_PHONE.sub(" ", text) if phone else text) or turn.has("gives_number"):
        yield "asks_order"
        yield "asks_account"
    if turn.has("gives_device"):
        yield "asks_device"
    if turn.has("gives_date"):
        yield "asks_date"
    if turn.words >= 8 and turn.has("problem", "request", "complaint", "question"):
        yield "asks_issue"


def _codes(text: str) -> frozenset[str]:
    """Order numbers and the like: at least four characters, at least two of them digits."""
    if _TWO_DIGITS.search(text) is None:
        return frozenset()
    return frozenset(t for t in _TOKEN.findall(text) if len(t) >= 4 and sum(map(str.isdigit, t)) >= 2)


def codes_in(turn: Turn) -> frozenset[str]:
    """The order numbers, account numbers and the like that a turn names, without their dashes."""
    text = _without_links(turn.folded)
    text = _EMAIL.sub(" ", text) if "@" in text else text
    text = _PHONE.sub(" ", text) if _MANY_DIGITS.search(text) is not None else text
    return frozenset(re.sub(r"[-/]", "", code) for code in _codes(text))


_URL = re2.compile(r"https?://\S+|(?:^|\s)@\w+")


def _without_links(text: str) -> str:
    return _URL.sub(" ", text) if "@" in text or "://" in text else text


def _lexicon(language: str) -> Lexicon | None:
    return load_lexicon(language) if language in supported_languages() else None


def _other_lexicon(text: str, language: str) -> Lexicon | None:
    """The pack of the language that one message is written in, where it is not the conversation's."""
    found = detect_language([text])
    return _lexicon(found) if found != language else None


@lru_cache(maxsize=16)
def _due_parser(language: str) -> DueParser:
    lexicon = load_lexicon(language)
    return DueParser(lexicon.due, lambda text: lexicon.read(text, fold(text)))


@lru_cache(maxsize=64)
def _word_list(language: str, name: str) -> frozenset[str]:
    return frozenset(fold(str(word)) for word in load_lexicon(language).lists.get(name, ()))


def has_link_or_number(text: str) -> bool:
    """Whether a text carries a link, an e-mail address or a telephone number."""
    return _URL_OR_NUMBER.search(text) is not None
