"""Write one invented week of a small shop's support, `shop-week.csv` and `shop-week.json`.

The conversations come from hand-written scenarios in `week_scenarios.txt`; this script fills in people,
orders, days and times. The seed is fixed: the same scenarios give the same bytes.

    python examples/make_week.py [FOLDER]
"""

import csv
import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
MONDAY = datetime(2026, 11, 9)  # everything is UTC and written with a Z
WEEK_END = MONDAY + timedelta(days=7)
BRAND = "Copper & Crumb"


def _list(text: str) -> list[str]:
    """Split at bars and line ends."""
    return [" ".join(word.split()) for word in text.replace("\n", "|").split("|") if word.strip()]


COLUMNS = (
    "conversation_id", "message_id", "created_at", "channel", "team", "brand", "customer_id", "customer_name",
    "author_name", "role", "public", "text",
)  # fmt: skip
FIRST_NAMES = {
    "Ms": _list("""
        Aoife|Bea|Camille|Dilara|Elif|Farida|Greta|Hanna|Ines|Jasmin|Keziah|Lucia|Maren|Nadia|Orla|Petra
        Ruth|Saskia|Tamsin|Uma|Vera|Wanda|Yasmin|Zofia|Amaka|Brigid|Chiara|Delyth|Esme|Freya"""),
    "Mr": _list("""
        Anton|Bilal|Conor|Dafydd|Emeka|Fabio|Goran|Hamish|Ivo|Joaquim|Kofi|Luca|Magnus|Niall|Oskar|Piotr
        Rafael|Stellan|Tobias|Umar|Viktor|Wilfred|Yusuf|Zoltan|Alistair|Bartek|Cormac|Dmitri|Ewan|Femi"""),
}
LAST_NAMES = _list("""
    Adeyemi|Bakker|Carrick|Dimitrov|Eklund|Ferrante|Gallagher|Hoxha|Ibrahim|Jankowski|Kovac|Lindgren|Mbeki
    Novak|Okonkwo|Pereira|Quigley|Rosetti|Sandoval|Thackeray|Ueda|Vasquez|Whitlock|Yilmaz|Zeller|Ashby
    Brennan|Castell|Duarte|Evered""")

ITEMS = _list("""
    Ember kettle|copper pot|Tamp & Tell scale|Moka Piccola|Hearth pan|Larder bread tin|mug set
    Drip Dory stand|milk jug|Crumb apron|enamel tray|spice mill""")
PANS = ("Ember kettle", "copper pot", "Moka Piccola", "Hearth pan")
MACHINES = ("Volta 2", "Pronto Mini", "Volta 1")
GRINDERS = ("Finch hand grinder", "Millstone 40")
BEANS = ("Harbour Blend", "Night Ferry espresso", "Yirga Bright", "Decaf Lull")
CITIES = _list("Leeds|Cardiff|Norwich|Exeter|Dundee|Derby|Truro|Preston|Bath|Stirling|Hull|Lincoln")
STREETS = _list("""
    Quarry Lane|Mill Road|Ferry Street|Orchard Row|Castle Hill|Station Road|Chapel Walk|Tanner Court""")

GREETING = "Hi, I'm Crumbot! I'm fetching a colleague for you."
WELCOMES = (
    "You're welcome, {first}!",
    "Any time. Have a good one, {first}.",
    "My pleasure!",
    "Gladly. Enjoy your {wd0}!",
    "You're very welcome 🙂",
)
AUTOREPLY = (
    "Thanks for writing to Copper & Crumb! Your message is in our queue, no need to write again ({num})."
)
IVR = "Welcome to Copper and Crumb. Please hold the line."
ROBOT_NAMES = {"email": "Copper & Crumb", "chat": "Crumbot", "phone": "IVR", "social": "Copper & Crumb"}


@dataclass(frozen=True)
class Agent:
    """Someone of the shop: `signature` ends their mails, `mark` their public posts."""

    name: str
    team: str
    signature: str
    mark: str

    @property
    def first(self) -> str:
        """The name customers know."""
        return self.name.split()[0]


AGENTS = {
    "marta": Agent("Marta Okoye", "Orders", "Kind regards,\nMarta Okoye\nCopper & Crumb, Orders", "^Ma"),
    "jonas": Agent("Jonas Lindqvist", "Orders", "Jonas Lindqvist\nOrders", "^Jo"),
    "pia": Agent("Pia Fenwick", "Orders", "Cheers,\nPia Fenwick", "^Pia"),
    "callum": Agent("Callum Reyes", "Returns", "Callum Reyes", "^Cal"),
    "sunita": Agent("Sunita Rao", "Returns", "Warm regards,\nSunita Rao\nReturns | Copper & Crumb", "^Su"),
    "dorota": Agent("Dorota Zielinska", "Returns", "Best wishes,\nDorota", "^Dor"),
    "henry": Agent(
        "Henry Abara", "Workshop", "Henry Abara\nWorkshop, Copper & Crumb\n+44 20 7946 0155", "^Hen"
    ),
    "lise": Agent("Lise Moreau", "Workshop", "All the best,\nLise Moreau", "^Lise"),
}


@dataclass(frozen=True)
class Step:
    """One message of a scenario: who, when (as written) and the text with its slots."""

    who: str
    when: str
    text: str


@dataclass
class Part:
    """One conversation of a scenario."""

    channel: str
    team: str
    steps: list[Step] = field(default_factory=list)


@dataclass
class Scenario:
    """A hand-written story, of which `copies` happen that week on one of `days` (0 is Monday)."""

    name: str
    copies: int
    days: range
    agents: list[str]
    fails: list[str]
    parts: list[Part]


@dataclass(frozen=True)
class Customer:
    """A person who writes to the shop."""

    id: str
    title: str
    first: str
    last: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True)
class Message:
    """One message, ready to be written."""

    at: datetime
    role: str
    author: str
    text: str


@dataclass
class Conversation:
    """One conversation, ready to be written."""

    channel: str
    team: str
    customer: Customer
    messages: list[Message]
    scenario: str
    id: str = ""


# --- Reading the scenarios --------------------------------------------------------------------------------


def read_scenarios(path: Path) -> list[Scenario]:
    """Parse the scenario file; its head explains the format."""
    scenarios: list[Scenario] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("=== "):
            scenarios.append(_header(line[4:]))
        elif not scenarios or line.startswith("#"):
            continue
        elif line.startswith("--- "):
            channel, team = (word.strip() for word in line[4:].split("|"))
            scenarios[-1].parts.append(Part(channel, team))
        elif line.startswith(":: "):
            who, _, when = line[3:].partition(" ")
            scenarios[-1].parts[-1].steps.append(Step(who, when.strip(), ""))
        else:
            steps = scenarios[-1].parts[-1].steps
            if steps:
                steps[-1] = replace(steps[-1], text=f"{steps[-1].text}\n{line}")
    return scenarios


def _header(line: str) -> Scenario:
    name, channel, team, copies, days, agents, fails = (word.strip() for word in line.split("|"))
    first, last = (int(day) for day in days.split("-"))
    return Scenario(
        name,
        int(copies),
        range(first, last + 1),
        [] if agents == "-" else agents.split("+"),
        [word.strip() for word in fails.split(",") if word.strip()],
        [Part(channel, team)],
    )


# --- Times ------------------------------------------------------------------------------------------------


def is_open(at: datetime) -> bool:
    """Agents work Monday to Friday from 8 to 18 and Saturday from 9 to 16."""
    if at.weekday() == 5:
        return 9 <= at.hour < 16
    return at.weekday() < 5 and 8 <= at.hour < 18


def next_opening(at: datetime, rng: random.Random) -> datetime:
    """Give `at` itself in opening hours, else a moment soon after the shop opens again."""
    if is_open(at):
        return at
    while not is_open(at):
        at = (at + timedelta(hours=1)).replace(minute=0, second=0)
    return at + timedelta(minutes=rng.randrange(2, 40), seconds=rng.randrange(60))


def start_of(channel: str, day: int, rng: random.Random) -> datetime:
    """Pick when a conversation begins: mails early, so that a day's work still fits into the day."""
    if day == 6:
        first, last = 14.0, 20.0
    elif day == 5:
        first, last = (9.2, 12.0) if channel in ("email", "social") else (9.2, 13.5)
    else:
        first, last = {"email": (6.5, 11.5), "social": (8.5, 13.0)}.get(channel, (8.3, 15.5))
    return MONDAY + timedelta(days=day, seconds=int(rng.uniform(first, last) * 3600))


def moment(step: Step, before: datetime, start: datetime, slow: float, rng: random.Random) -> datetime:
    """Work out when a step happens: "+3h" after the last one, or "d2 10:15"; never before the last one."""
    if step.when.startswith("d"):
        day, clock = step.when[1:].split()
        hour, minute = (int(number) for number in clock.split(":"))
        at = start.replace(hour=hour, minute=minute, second=0) + timedelta(days=int(day))
        at += timedelta(minutes=rng.randrange(8), seconds=rng.randrange(60))
        at = max(at, before + timedelta(minutes=rng.randrange(15, 40)))
    elif step.when:
        unit = {"s": 1, "m": 60, "h": 3600}[step.when[-1]]
        at = before + timedelta(seconds=int(int(step.when[1:-1]) * unit * slow * rng.uniform(0.85, 1.15)))
    else:
        at = before
    return next_opening(at, rng) if step.who[0] in "ABDNMS" else at


# --- Filling in -------------------------------------------------------------------------------------------

CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
SLOT = re.compile(r"(?<!\{)\{([\w+-]+)\}(?!\})")


class Copy:
    """One copy of a scenario: its customer, its agents and what stands in the slots."""

    def __init__(self, scenario: Scenario, customer: Customer, rng: random.Random) -> None:
        self.scenario = scenario
        self.customer = customer
        self.rng = rng
        self.day = rng.choice(scenario.days)
        self.cast: dict[str, Agent] = {}
        for letter, name in zip("ABD", scenario.agents, strict=False):
            self.cast[letter] = AGENTS[name]
        self.slots = self._draw()

    def _draw(self) -> dict[str, str]:
        rng, customer = self.rng, self.customer
        city, city2 = rng.sample(CITIES, 2)
        return {
            "name": customer.name,
            "first": customer.first,
            "title": f"{customer.title} {customer.last}",
            "order": f"CC-{rng.randrange(20000, 29999)}",
            "item": rng.choice(ITEMS),
            "pan": rng.choice(PANS),
            "machine": rng.choice(MACHINES),
            "grinder": rng.choice(GRINDERS),
            "beans": rng.choice(BEANS),
            "amount": f"£{rng.randrange(9, 180)}.{rng.choice(('00', '50', '90', '95'))}",
            "city": city,
            "city2": city2,
            "street": f"{rng.randrange(2, 90)} {rng.choice(STREETS)}",
            "tracking": f"PX{rng.randrange(10**8, 10**9)}GB",
            "ref": f"{rng.choice('ABCDEFGHK')}{rng.randrange(10**5, 10**6)}",
            "vat": f"GB{rng.randrange(10**8, 10**9)}",
            "num": str(rng.randrange(31000, 39999)),
            "phone": f"07700 900{rng.randrange(100, 999)}",
        }

    def agent(self, letter: str, team: str) -> Agent:
        """Give the agent behind a letter; drawn from the team the first time."""
        if letter not in self.cast:
            taken = set(self.cast.values())
            free = [agent for agent in AGENTS.values() if agent.team == team and agent not in taken]
            self.cast[letter] = self.rng.choice(free or [a for a in AGENTS.values() if a not in taken])
        return self.cast[letter]

    def fill(self, text: str, previous: Message | None) -> str:
        """Choose among [a|b] and fill the {slots}."""
        text = CHOICE.sub(lambda match: self.rng.choice(match[1].split("|")), text.strip("\n"))
        return SLOT.sub(lambda match: self._slot(match[1], previous), text).strip()

    def _slot(self, name: str, previous: Message | None) -> str:
        if name.startswith("wd"):
            return f"{MONDAY + timedelta(days=self.day + int(name[2:])):%A}"
        if name.startswith(("sig", "soc")):
            agent = self.cast[name[3]]
            return agent.signature if name[:3] == "sig" else agent.mark
        if name == "quote" and previous is not None:
            told = "\n".join(f"> {line}".rstrip() for line in previous.text.split("\n"))
            return f"On {previous.at:%a, %d %b %Y at %H:%M}, {previous.author} wrote:\n{told}"
        return self.cast[name].first if name in self.cast else self.slots[name]


def play(copy: Copy) -> Iterator[Conversation]:
    """Act a copy out: one conversation per part, as far as the week goes."""
    for number, part in enumerate(copy.scenario.parts):
        start = start_of(part.channel, copy.day, copy.rng)
        messages: list[Message] = []
        at = start
        for step in (
            _with_courtesies(part, copy.rng) if not copy.scenario.fails and not number else part.steps
        ):
            letter, _, team = step.who.partition("@")
            if letter in "ABD":
                copy.agent(letter, team or part.team)
            at = moment(step, at, start, _slowness(copy, part), copy.rng)
            text = copy.fill(step.text, messages[-1] if messages else None)
            messages.append(_message(letter, at, text, part, copy))
        yield Conversation(part.channel, part.team, copy.customer, messages, copy.scenario.name)


def _slowness(copy: Copy, part: Part) -> float:
    fixed_times = any(step.when.startswith("d") for step in part.steps)
    slow = part.channel == "email" and copy.cast.get("A") is AGENTS["jonas"] and not fixed_times
    return 1.6 if slow else 1.0


def _with_courtesies(part: Part, rng: random.Random) -> list[Step]:
    """Add what surrounds most contacts: an automatic greeting, and "you're welcome" in a chat."""
    steps = list(part.steps)
    if part.channel == "chat" and len(steps) > 2 and steps[-1].who == "C" and rng.random() < 0.75:
        last = next(step.who for step in reversed(steps) if step.who[0] in "AB")
        steps.append(Step(last, "+40s", rng.choice(WELCOMES)))
    if any(step.who == "R" for step in steps) or rng.random() < 0.25:
        return steps
    if part.channel == "email":
        return [steps[0], Step("R", "+30s", AUTOREPLY), *steps[1:]]
    if part.channel == "chat":
        return [steps[0], Step("R", "+4s", GREETING), *steps[1:]]
    if part.channel == "phone" and steps[0].who == "A":
        return [Step("R", "", IVR), Step("A", "+50s", steps[0].text), *steps[1:]]
    return steps


def _message(letter: str, at: datetime, text: str, part: Part, copy: Copy) -> Message:
    customer = copy.customer
    if letter == "C":
        author = (
            f"@{customer.first.lower()}_{customer.last.lower()}"
            if part.channel == "social"
            else customer.name
        )
        if part.channel == "email" and copy.rng.random() < 0.06 and "\n> " not in text:
            text += "\n\nSent from my iPhone"
        return Message(at, "customer", author, text)
    if letter == "R":
        return Message(at, "bot", ROBOT_NAMES[part.channel], text)
    if letter == "S":
        return Message(at, "system", "system", text)
    agent = copy.cast[{"N": "A", "M": "B"}.get(letter, letter)]
    return Message(at, "note" if letter in "NM" else "agent", agent.name, text)


def make_week(scenarios: list[Scenario], rng: random.Random) -> list[Conversation]:
    """Play every copy of every scenario; conversations come in the order in which they begin."""
    strangers = _people(rng)
    regulars = [next(strangers) for _ in range(24)]
    week: list[Conversation] = []
    seen: set[tuple[str, str]] = set()
    for scenario in scenarios:
        for _ in range(scenario.copies):
            customer = next(strangers)
            regular = rng.choice(regulars)
            # A regular comes back with something else, never twice with the same story.
            if not scenario.fails and rng.random() < 0.28 and (regular.id, scenario.name) not in seen:
                customer = regular
                seen.add((regular.id, scenario.name))
            week.extend(play(Copy(scenario, customer, rng)))
    week.sort(key=lambda conversation: conversation.messages[0].at)
    for number, conversation in enumerate(week, 50001):
        conversation.id = str(number)
        if conversation.messages[-1].at >= WEEK_END:
            raise ValueError(f"{conversation.scenario} runs past the week")
    return week


def _people(rng: random.Random) -> Iterator[Customer]:
    people = [(t, first, last) for t, names in FIRST_NAMES.items() for first in names for last in LAST_NAMES]
    rng.shuffle(people)
    for number, (title, first, last) in enumerate(people, 1):
        yield Customer(f"c{number:04}", title, first, last)


# --- Writing ----------------------------------------------------------------------------------------------


def stamp(at: datetime) -> str:
    """Write a time as ISO 8601 in UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def write_csv(week: list[Conversation], path: Path) -> None:
    """Write one row a message, conversations interleaved in time order; notes are agents' private rows."""
    rows = []
    for conversation in week:
        head = [
            conversation.channel,
            conversation.team,
            BRAND,
            conversation.customer.id,
            conversation.customer.name,
        ]
        for number, message in enumerate(conversation.messages, 1):
            role, public = ("agent", "false") if message.role == "note" else (message.role, "true")
            identity = [conversation.id, f"{conversation.id}-{number}", stamp(message.at)]
            rows.append([*identity, *head, message.author, role, public, message.text])
    rows.sort(key=lambda row: row[2])  # stable: ties keep the order of the conversation
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def write_json(week: list[Conversation], path: Path) -> None:
    """Write the same conversations with their messages inside."""
    conversations = [
        {
            "id": conversation.id,
            "channel": conversation.channel,
            "team": conversation.team,
            "brand": BRAND,
            "customer_id": conversation.customer.id,
            "customer_name": conversation.customer.name,
            "messages": [
                {
                    "id": f"{conversation.id}-{number}",
                    "at": stamp(message.at),
                    "role": message.role,
                    "author": message.author,
                    "text": message.text,
                }
                for number, message in enumerate(conversation.messages, 1)
            ],
        }
        for conversation in week
    ]
    text = json.dumps({"conversations": conversations}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def main(folder: Path) -> None:
    """Write both files into `folder`."""
    week = make_week(read_scenarios(HERE / "week_scenarios.txt"), random.Random(20261109))
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(week, folder / "shop-week.csv")
    write_json(week, folder / "shop-week.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
