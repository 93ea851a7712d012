"""Write a large synthetic export to measure with: deterministic, streamed, in time order.

    python benchmarks/make_corpus.py --messages 1000000 --out corpus.csv [--format csv|ndjson] [--seed 1]
        [--time-styles iso|mixed] [--languages en|mixed]

Conversations are interleaved as in a real export. Texts are put together from sentences with slots, and the
slots draw from large made-up vocabularies (names, products, places, rare words, typing errors), so that
a cache of words or texts meets about as much news as in real life. Made to be measured, not to be read.

A corpus is made of blocks of 250,000 messages that know nothing of each other, one process each: a smaller corpus is
the beginning of a larger one of the same seed, and a conversation that runs at the end of a block is cut there.
"""

import argparse
import csv
import json
import random
import shutil
import sys
import tempfile
import time
from bisect import bisect
from collections.abc import Callable, Iterator
from functools import cache
from heapq import heappop, heappush
from itertools import accumulate
from multiprocessing import Pool
from pathlib import Path
from typing import Any, TextIO

import yaml

COLUMNS = (
    "conversation_id", "message_id", "created_at", "channel", "team", "brand", "customer_id", "customer_name",
    "author_name", "role", "public", "text",
)  # fmt: skip
START = 1767225600  # 2026-01-01T00:00:00Z
MESSAGES_PER_DAY = 10_000
MEAN_MESSAGES = 8
TEAMS = ("Orders", "Billing", "Technical", "Returns", "Accounts")
CHANNELS = ("chat", "email", "social", "phone")
CHANNEL_ODDS = (0.45, 0.27, 0.14, 0.14)
# Median seconds between messages.
PACE = {"chat": 75, "email": 11_000, "social": 900, "phone": 25}
KNOWN_CUSTOMERS = 20_000
RETURNING = 0.2  # of conversations; makes about a fifth of the customers come back

BLOCK = 250_000
BLOCK_IDS = 1_000_000  # conversations and customers of a block are numbered from a multiple of this
ENGLISH_SHARE = 0.4  # of conversations, where languages are mixed

Row = tuple[str, ...]


def words(text: str) -> list[str]:
    """Split at bars and line ends."""
    return [" ".join(part.split()) for part in text.replace("\n", "|").split("|") if part.strip()]


# --- Vocabulary -------------------------------------------------------------------------------------------


class Vocabulary:
    """What slots are filled with. Rare words follow Zipf's law, as words do."""

    def __init__(self, rng: random.Random) -> None:
        self.random = rng.random
        syllables = words("""
            ba|be|bri|ca|cor|da|del|do|el|fa|fen|ga|gor|ha|hol|in|ja|jo|ka|kel|la|lin|lo|ma|mer|mi|na|nor|o|pa
            per|qui|ra|ren|ro|sa|sel|so|ta|ten|ti|to|u|va|ver|vi|wa|wil|ya|za""")

        def invent(count: int, low: int, high: int) -> list[str]:
            made: dict[str, None] = {}
            while len(made) < count:
                made["".join(rng.choices(syllables, k=rng.randint(low, high)))] = None
            return list(made)

        self.firsts = [name.capitalize() for name in invent(3_000, 2, 3)]
        self.lasts = [name.capitalize() for name in invent(9_000, 2, 4)]
        self.places = [name.capitalize() for name in invent(2_000, 2, 3)]
        self.brands = [name.capitalize() for name in invent(1_500, 2, 3)]
        self.rare = invent(40_000, 2, 5)
        self.rare_odds = list(accumulate(1 / (rank + 10) for rank in range(len(self.rare))))

    def pick(self, things: list[str]) -> str:
        """Draw one, all alike."""
        return things[int(self.random() * len(things))]

    def rare_word(self) -> str:
        """Draw a word of which the first ones are frequent and the last ones hardly ever seen."""
        return self.rare[bisect(self.rare_odds, self.random() * self.rare_odds[-1])]

    def number(self, low: int, high: int) -> str:
        """Draw a number."""
        return str(low + int(self.random() * (high - low)))


LISTS = {
    "thing": words("""
        kettle|router|jacket|blender|bike|sofa|phone|laptop|charger|mattress|camera|printer|lamp|tent
        desk|drill
        headset|watch|monitor|vacuum cleaner|coffee machine|toaster|keyboard|backpack|pair of boots
        subscription
        booking|parcel|invoice|gift card|voucher|contract|sim card|meter|ticket|policy"""),
    "fault": words("""
        stopped working|makes a strange noise|arrived damaged|never turned up|won't switch on
        keeps restarting
        is the wrong size|has a crack|is missing a part|shows an error|leaks|was charged twice
        got cancelled
        can't be activated|is stuck in transit|smells of burning|drops the connection
        is a different colour"""),
    "when": words("""
        yesterday|this morning|on Monday|on Tuesday|on Friday|last week|two days ago|three weeks ago
        since Sunday
        for ten days|a month ago|tonight|at lunchtime|over the weekend|since the update
        before the holidays"""),
    "soon": words("""
        today|tomorrow|by Friday|by noon|within 24 hours|within the hour|by the end of the week
        on Monday
        by Wednesday at the latest|in two days|this afternoon|before 5 pm|in an hour|next week"""),
    "mood": words("""
        I'm not impressed.|This is really annoying.|I need it for work.|It was a birthday present.
        No rush though.
        I've been a customer for years.|Honestly I'm at the end of my rope.|It's a bit urgent.
        Not the end of the world.
        My neighbour has the same problem.|I was quite happy until now.|I don't have time for this."""),
    "polite": words("Please|Could you please|Can you|Would you|Any chance you could|I'd like you to"),
    "act": words("""
        send a new one|refund me|tell me where it is|look into it|call me back|change the address
        cancel the order
        check the status|send the invoice again|fix it|explain the charge|reset my password
        stop the contract"""),
    "sorry": words("""
        I'm sorry about that.|Sorry for the trouble.|Apologies for the wait.
        That shouldn't have happened.
        Thanks for your patience.|I see how annoying that is.|Thanks for letting us know."""),
    "did": words("""
        refunded the amount|ordered a replacement|corrected the address|reset the line
        removed the charge
        sent the label|escalated it to the warehouse|reopened the case|extended the warranty
        credited your account"""),
    "check": words("the warehouse|our courier|the technical team|billing|my supervisor|the supplier"),
    "bye": words("""
        Thanks!|thank you|ok great|perfect, thanks|cheers|got it|thanks a lot, bye
        Brilliant, thank you so much.
        ok|that worked, thanks|will do|appreciated"""),
}  # fmt: skip

SENTENCES = {
    "problem": words("""
        My {brand} {thing} {fault} {when}, order {order}.|The {thing} I bought {when} {fault}.
        {when} my {thing} {fault} and the {rare} light came on.
        Order {order}: the {brand} {rare} {thing} {fault}.
        I paid {amount} for the {brand} {code} and it {fault}.
        Hi, the {thing} from {place} {fault} {when}.
        Why does my {thing} say {rare} {num}?|Where is order {order}? It was due {when}.
        I was charged {amount} {when} for a {thing} that {fault}.|the {code} {fault}, what now?"""),
    "detail": words("""
        The serial number is {code}.|I live in {place}, {num} {rare} Street.
        It says {rare} on the back and {code} below.
        I tried the {rare} button and waited {num} minutes.|The driver said he was in {place} {when}.
        {mood}|My account is {first}.{last}{num}@example.org.
        There were {num} pieces in the box and the {rare} was broken.
        It worked with the {brand} {thing} before.|I have a photo of the {rare} if that helps.
        I already tried another {thing}.|The tracking number is {code}{num}."""),
    "request": words("""
        {polite} {act}?|{polite} {act} {soon}?|What should I do with the {rare}?|When will it be fixed?
        Is the {code} compatible with the {brand} one?|How long does it take?
        Can I get my {amount} back?
        Do I have to send the {thing} back?|{polite} {act}, order {order}."""),
    "chase": words("""
        Any news?|Hello? Is anybody there?|I wrote to you {when} and nobody answered.|Still waiting.
        You said {soon}, and nothing has happened.|As I said, the {thing} {fault}.
        I already told you that: {order}.
        That's not what I asked.|I've explained this to two of your colleagues already.
        I've been waiting for {num} minutes.|This is the third time I'm writing about {order}."""),
    "info": words("""
        It's {order}.|the number is {code}|yes, {num} {rare} Street, {place}|{first} {last}
        it's the {brand} {code}
        no, only the {rare} one|I did that {when}, no change|yes|about {num} minutes
        {amount}, paid by card"""),
    "ask": words("""
        Could you give me the order number?|Which {thing} is it exactly?
        What does the {rare} display say?
        Can you confirm the address in {place}?|Have you tried another {thing}?
        May I have the serial number?
        When did it start?|Is the {rare} light on?"""),
    "answer": words("""
        I've {did}, the reference is {code}.|I have {did} and you'll see it {soon}.
        The {thing} left {place} {when}.
        The {rare} part is in stock and costs {amount}.|Please hold the {rare} button for {num} seconds.
        Your order {order} is on its way, tracking {code}{num}.|{sorry}
        The {brand} {code} needs the {rare} adapter.
        You can find it under Settings > {rare}.|It's covered, there is nothing to pay."""),
    "promise": words("""
        You will have it {soon}.|I'll call you back {soon}.|It ships {soon}, I promise.
        The refund will be there {soon}.
        I'll check with {check} and get back to you.|We'll keep you posted.
        I'll let you know {soon}."""),
    "poor": words("""
        I don't know, sorry.|That's our policy, nothing we can do.|You should have read the terms.
        As I already told you.
        Please contact the {check}.|That's impossible.|Calm down.|Not my problem.
        Please call 0800 {num} {num}.
        You need to write to another department.|I'm not sure about the {rare}."""),
    "story": words("""
        When I opened the box the {rare} fell out and a corner of the {thing} was bent, see the photo.
        My husband rang you {when} and was told it would take {num} minutes, but that was all we heard.
        I compared it with the picture on your website and the {rare} looks completely different there.
        We moved from {place} {when}, so maybe the letter went to the old address, I honestly can't tell.
        I have read the manual from front to back and there is not a word about the {rare} in it.
        The shop in {place} told me that only you can unlock it, because the {code} is tied to my account.
        It is the second {thing} with this problem, the first one came back from repair {when}.
        If it can't be fixed I would rather have my money back than another {rare} one, to be fair.
        I pay {amount} a month and for that price I expect that somebody looks at it properly.
        My daughter needs it for school {soon}, or I wouldn't make such a fuss about it.
        The app shows a green tick, the website shows a red cross and the letter says something else again.
        I took it to a friend who repairs these and he thinks the {rare} was never connected at all.
        There was a note from the driver with a number that doesn't exist, {num} {num}, I tried it twice.
        By the way, the last order was perfect, so please thank whoever packed it in {place}."""),
    "explain": words("""
        The delay comes from the {rare} check in {place}, which every {thing} has to pass before it goes out.
        What you describe usually means that the {rare} has come loose, which is easy to put right at home.
        Because the payment came in on two days, our system made two orders of it, only one of which was real.
        Your contract runs until the {num}th and can be changed at any time online under {rare}.
        The new price of {amount} applies to orders from this month, yours was placed before and stays.
        If you put the {thing} back into its box, the courier will collect it and you pay nothing.
        I have written down everything you told me, so none of us will have to ask you again.
        As soon as the parcel is scanned in {place}, the amount of {amount} goes back to your card.
        The code {code} works once for each account and was already used for the last order.
        In the meantime you can go on using it, it is only the {rare} display that shows the wrong value.
        We had a problem with the {rare} batch and are replacing all of them, with or without the box.
        You don't need to do anything, the change takes effect by itself when the next bill is made."""),
    "note": words("""
        checked with {check}, {code} ok|customer angry about {rare}|waiting for {check}
        refund {amount} approved
        see {order}|2nd line says {rare} {num}"""),
}  # fmt: skip
GREETINGS = words(
    "Hi {first},|Hello {first},|Dear {first},|Good morning {first},|Hey {first}|Hello,|Hi there,"
)
CANNED = (
    "Thank you for contacting us. Your satisfaction is our priority. You will find answers to many questions "
    "in our help centre. Is there anything else we can do for you?"
)
AUTOREPLY = "Thanks for your message! We usually answer within one working day. Your ticket number is {num}."
UNFILLED = "Dear {{{{first_name}}}}, we have received your request about {order} and are working on it."
CLOSINGS = words("Kind regards|Best regards|Many thanks|Best|Cheers|Best wishes")


@cache
def spoken() -> dict[str, dict[str, list[str]]]:
    """What is said, by language and kind of sentence."""
    text = Path(__file__).with_name("corpus_words.yaml").read_text(encoding="utf-8")
    others: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    english = {
        "autoreply": [AUTOREPLY],
        "bye": LISTS["bye"],
        "canned": [CANNED],
        "closing": CLOSINGS,
        "courtesy": ["You're welcome, {first}!"],
        "greeting": GREETINGS,
        "wrote": ["On Mon, 5 Jan 2026 at {clock}, {last} wrote:"],
    }
    return {"en": SENTENCES | english, **others}


class Slots(dict[str, str]):
    """What is fixed in a conversation (order, product, names); everything else is drawn anew at each use."""

    def __init__(self, vocabulary: Vocabulary, fixed: dict[str, str]) -> None:
        super().__init__(fixed)
        self.vocabulary = vocabulary
        self.draw: dict[str, Callable[[], str]] = {
            "rare": vocabulary.rare_word,
            "num": lambda: vocabulary.number(2, 980),
            "code": lambda: f"{vocabulary.pick(vocabulary.rare)[:2].upper()}-{vocabulary.number(100, 99999)}",
            "amount": lambda: f"£{vocabulary.number(3, 900)}.{vocabulary.number(10, 99)}",
            "place": lambda: vocabulary.pick(vocabulary.places),
        }

    def __missing__(self, name: str) -> str:
        draw = self.draw.get(name)
        if draw is not None:
            return draw()
        return self.vocabulary.pick(LISTS[name]).format_map(self)


# --- Conversations ----------------------------------------------------------------------------------------


def plan(rng: random.Random) -> list[tuple[str, tuple[str, ...], float]]:
    """Lay out a conversation: who speaks, made of which sentences, after how many median gaps."""
    rand = rng.random
    steps: list[tuple[str, tuple[str, ...], float]] = [
        ("customer", ("problem", "story", "detail", "story", "request"), 1.0)
    ]
    if rand() < 0.3:
        steps.append(("bot", ("autoreply",), 0.02))
    if rand() < 0.03:  # never answered
        return [*steps, ("customer", ("chase", "detail"), 20.0)]
    for _ in range(1 + int(rand() * 3.6)):
        steps.extend(_exchange(rand))
    if rand() < 0.7:
        steps.append(("customer", ("bye",), 0.8))
    if rand() < 0.35:
        steps.append(("agent", ("courtesy",), 0.5))
    return steps


def _exchange(rand: Callable[[], float]) -> list[tuple[str, tuple[str, ...], float]]:
    late = 12.0 if rand() < 0.08 else 1.0
    kind = rand()
    if kind < 0.03:
        return [
            ("agent", ("canned",), late),
            ("customer", ("chase", "problem"), 1.0),
            ("agent", ("canned",), 1.0),
        ]
    if kind < 0.10:
        return [
            ("system", ("transfer",), 0.4),
            ("agent", ("ask",), 1.0),
            ("customer", ("chase", "info"), 0.6),
        ]
    if kind < 0.22:
        return [("agent", ("answer", "explain", "promise"), late), ("customer", ("chase", "story"), 25.0)]
    if kind < 0.30:
        return [("agent", ("poor",), late), ("customer", ("chase", "story", "request"), 0.7)]
    if kind < 0.34:
        return [("note", ("note",), 0.3), ("agent", ("explain", "answer", "promise"), late)]
    if kind < 0.345:
        return [("agent", ("unfilled",), late)]
    if kind < 0.62:
        return [
            ("agent", ("ask",), late),
            ("customer", ("info", "detail"), 0.7),
            ("agent", ("answer", "explain"), 1.0),
        ]
    return [("agent", ("explain", "answer", "explain"), late), ("customer", ("story", "request"), 1.2)]


class Conversation:
    """One running conversation; `next_row` gives its messages one after another."""

    def __init__(self, corpus: "Corpus", number: int) -> None:
        rng, vocabulary = corpus.rng, corpus.vocabulary
        self.corpus = corpus
        self.said = spoken()[corpus.language()]
        self.id = str(100_000 + number)
        self.channel = CHANNELS[bisect(corpus.channel_odds, rng.random())]
        self.team = int(rng.random() * len(TEAMS))
        self.customer = corpus.customer()
        self.agent = corpus.agent(self.team)
        self.steps = plan(rng)
        self.done = 0
        self.last = ""
        first, _, last = self.customer[1].partition(" ")
        self.slots = Slots(
            vocabulary,
            {
                "first": first,
                "last": last,
                "order": f"{vocabulary.number(10, 99)}-{vocabulary.number(10000, 999999)}",
                "brand": vocabulary.pick(vocabulary.brands),
                "thing": vocabulary.pick(LISTS["thing"]),
            },
        )

    def gap(self) -> float:
        """Seconds until the next message: skewed, as waiting times are."""
        return PACE[self.channel] * self.steps[self.done][2] * self.corpus.rng.lognormvariate(0, 0.8)

    def next_row(self, at: float) -> Row:
        """Write the next message."""
        role, kinds, _ = self.steps[self.done]
        self.done += 1
        text = self._text(role, kinds)
        self.last = text
        author = {"customer": self.customer[1], "bot": "Assistant", "system": "system"}.get(role, self.agent)
        public = "false" if role == "note" else "true"
        return (
            self.id, f"{self.id}-{self.done}", self.corpus.stamp(int(at)), self.channel, TEAMS[self.team],
            "Mostly Things", self.customer[0], self.customer[1], author, "agent" if role == "note" else role,
            public, text,
        )  # fmt: skip

    def _text(self, role: str, kinds: tuple[str, ...]) -> str:
        kind = kinds[0]
        if kind == "canned":
            return self.said["canned"][0]
        if kind == "transfer":
            source, self.team = self.team, int(self.corpus.rng.random() * len(TEAMS))
            self.agent = self.corpus.agent(self.team)
            return f"Transferred: {TEAMS[source]} > {TEAMS[self.team]}"
        if kind == "autoreply":
            return self.said["autoreply"][0].format_map(self.slots)
        if kind == "unfilled":
            return UNFILLED.format_map(self.slots)  # leaves {{first_name}} behind, as such mails do
        if kind == "courtesy":
            return self.said["courtesy"][0].format_map(self.slots)
        if kind == "bye":
            return self.corpus.vocabulary.pick(self.said["bye"])
        return self._sentences(role, kinds)

    def _sentences(self, role: str, kinds: tuple[str, ...]) -> str:
        rand, pick = self.corpus.rng.random, self.corpus.vocabulary.pick
        mail = self.channel == "email"
        # Colleagues write to each other in English.
        said = SENTENCES if role == "note" else self.said
        drawn = [pick(said[kind]).format_map(self.slots) for kind in kinds]
        if mail:
            extra = said["story" if role == "customer" else "explain"]
            drawn += [pick(extra).format_map(self.slots) for _ in range(int(rand() * 5))]
        body = " ".join(drawn)
        if rand() < 0.25:
            body = self._mistyped(body)
        if role in ("agent", "customer") and mail:
            return self._mail(role, body)
        if role == "agent" and self.channel == "social":
            return f"@{self.slots['first']} {body} ^{self.agent[:2]}"
        if role == "agent" and self.done < 5:
            return f"{pick(self.said['greeting']).format_map(self.slots)} {body}"
        return body

    def _mail(self, role: str, body: str) -> str:
        rand, pick = self.corpus.rng.random, self.corpus.vocabulary.pick
        draw = rand()
        if draw < 0.5:
            return body
        name = self.agent if role == "agent" else self.customer[1]
        greeting = pick(self.said["greeting"]).format_map(self.slots) if role == "agent" else "Hello,"
        text = f"{greeting}\n\n{body}\n\n{pick(self.said['closing'])},\n{name}"
        if self.done == 1:
            return f"Subject: {self.slots['thing']} {self.slots['order']}\n\n{text}"
        if draw > 0.84 and self.last:
            history = self.last[:4000].replace("\n", "\n> ")
            clock = f"10:{10 + int(rand() * 49)}"
            wrote = self.said["wrote"][0].format(clock=clock, last=self.slots["last"])
            text += f"\n\n{wrote}\n> {history}"
        return text

    def _mistyped(self, text: str) -> str:
        """Swap two letters somewhere: typing errors are the words no cache has seen."""
        at = 1 + int(self.corpus.rng.random() * (len(text) - 3)) if len(text) > 4 else 0
        pair = text[at : at + 2]
        return text[:at] + pair[::-1] + text[at + 2 :] if pair.isalpha() else text


class Corpus:
    """The conversations of a block; iterating gives rows in time order with only the running ones in memory."""

    def __init__(
        self, messages: int, seed: int, time_styles: str, languages: str = "en", block: int = 0
    ) -> None:
        self.rng = random.Random(seed)
        self.messages = messages
        self.vocabulary = Vocabulary(self.rng)
        self.mixed = time_styles == "mixed"
        self.others = [code for code in spoken() if code != "en"] if languages == "mixed" else []
        self.block = block
        self.channel_odds = list(accumulate(CHANNEL_ODDS))[:-1]
        names = self.vocabulary
        self.agents = [f"{names.pick(names.firsts)} {names.pick(names.lasts)}" for _ in range(200)]
        self.known: list[tuple[str, str]] = []
        self.customers = block * BLOCK_IDS
        if block:  # names and agents are those of every block, what happens is not
            self.rng.seed(f"{seed}-{block}")

    def language(self) -> str:
        """Draw what is spoken in a conversation."""
        if not self.others or self.rng.random() < ENGLISH_SHARE:
            return "en"
        return self.vocabulary.pick(self.others)

    def agent(self, team: int) -> str:
        """Draw one of the forty agents of a team."""
        return self.agents[team * 40 + int(self.rng.random() * 40)]

    def customer(self) -> tuple[str, str]:
        """Give (id, name): someone new, or one of the last few thousand back again."""
        if self.known and self.rng.random() < RETURNING:
            return self.known[int(self.rng.random() * len(self.known))]
        self.customers += 1
        names = self.vocabulary
        made = (f"u{self.customers}", f"{names.pick(names.firsts)} {names.pick(names.lasts)}")
        if len(self.known) < KNOWN_CUSTOMERS:
            self.known.append(made)
        else:
            self.known[int(self.rng.random() * KNOWN_CUSTOMERS)] = made
        return made

    def stamp(self, at: int) -> str:
        """Write a time: ISO with Z, or in mixed mode three times in ten one of five other styles."""
        draw = self.rng.random() if self.mixed else 0.0
        moment = time.gmtime(at)
        if draw < 0.70:
            return f"{moment[0]}-{moment[1]:02}-{moment[2]:02}T{moment[3]:02}:{moment[4]:02}:{moment[5]:02}Z"
        if draw < 0.76:
            return time.strftime("%Y-%m-%d %H:%M:%S", moment)
        if draw < 0.82:
            return time.strftime("%a %b %d %H:%M:%S +0000 %Y", moment)
        if draw < 0.88:
            return str(at)
        if draw < 0.94:
            return str(at * 1000 + int(self.rng.random() * 1000))
        return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", moment)

    def __iter__(self) -> Iterator[Row]:
        arrivals = MEAN_MESSAGES * 86_400 / MESSAGES_PER_DAY
        running: list[tuple[float, int, Conversation]] = []
        # A block ends with a message, not with a day: the next one begins where no other has got to.
        clock = START + self.block * 1.25 * BLOCK * 86_400 / MESSAGES_PER_DAY
        started = self.block * BLOCK_IDS
        written = 0
        while written < self.messages:
            while not running or running[0][0] >= clock:
                conversation = Conversation(self, started)
                heappush(running, (clock, started, conversation))
                started += 1
                clock += self.rng.expovariate(1 / arrivals)
            at, number, conversation = heappop(running)
            yield conversation.next_row(at)
            written += 1
            if conversation.done < len(conversation.steps):
                heappush(running, (at + conversation.gap(), number, conversation))


# --- Writing ----------------------------------------------------------------------------------------------


def write(corpus: Corpus, out: TextIO, form: str) -> None:
    """Write every row as it comes; the first block of a CSV has the heading."""
    if form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        if not corpus.block:
            writer.writerow(COLUMNS)
        writer.writerows(corpus)
        return
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    out.writelines(encode(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in corpus)


def make(
    path: Path,
    messages: int,
    seed: int = 1,
    *,
    form: str = "csv",
    time_styles: str = "iso",
    languages: str = "en",
) -> None:
    """Write a corpus to `path`, its blocks by as many processes as there are cores."""
    sizes = [BLOCK] * (messages // BLOCK) + [messages % BLOCK] * bool(messages % BLOCK)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        parts = [Path(folder) / str(block) for block in range(len(sizes))]
        tasks = [
            (part, form, (size, seed, time_styles, languages, block))
            for block, (part, size) in enumerate(zip(parts, sizes, strict=True))
        ]
        if len(tasks) == 1:
            _write_part(tasks[0])
        else:
            with Pool() as pool:
                for _ in pool.imap_unordered(_write_part, tasks):
                    pass
        with path.open("wb") as out:
            for part in parts:
                with part.open("rb") as piece:
                    shutil.copyfileobj(piece, out, 1 << 20)
                part.unlink()


def _write_part(task: tuple[Path, str, tuple[Any, ...]]) -> None:
    path, form, arguments = task
    with path.open("w", encoding="utf-8", newline="") as out:
        write(Corpus(*arguments), out, form)


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line and write the corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--format", choices=("csv", "ndjson"), default="csv")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--time-styles", choices=("iso", "mixed"), default="iso")
    parser.add_argument("--languages", choices=("en", "mixed"), default="en")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    make(
        options.out,
        options.messages,
        options.seed,
        form=options.format,
        time_styles=options.time_styles,
        languages=options.languages,
    )
    print(f"{options.messages:,} messages in {time.perf_counter() - started:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
