"""The settings file that `init` writes loads as it is, and with its examples put to use, whatever the export holds."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportaudit.pages.init import Person, Recognised, files_pattern, quoted, settings_text
from supportaudit.settings.file import Settings
from supportaudit.settings.limits import STANDARD
from supportaudit.settings.written import parse_settings

FACTS = Recognised(
    files="zendesk-*.csv",
    source="zendesk",
    title="Zendesk, tickets with comments",
    confidence=0.92,
    stamps_carry_zone=False,
    zone="Europe/Athens",
    day_first=True,
    mapping={"text": "Body", "conversation_id": "Ticket", "clock": "Time"},
    channels={"chat": 12, "email": 1040, "forum": 3},
    priorities={"Urgent": 3, "P3": 100, "VIP": 1},
    agents=[Person("Rob Ray", "answers in 14 conversations"), Person("12", "answers in 3")],
    bots=[Person("Helpbot", "its name")],
    domains=["acme.example"],
)
NOTHING = Recognised(files="week.csv", source="generic", title="columns told by their names", confidence=0.6)


def put_to_use(text: str) -> str:
    """With the # taken away from every example, as the file's head tells its reader to do."""
    return re.sub(r"(?m)^( *)#(?=[^ #\n])", r"\1", text)


def load(text: str) -> Settings:
    return parse_settings(text, "supportaudit.yaml")


def test_what_was_found_is_set() -> None:
    found = load(settings_text(FACTS))
    source = found.source_for("zendesk-may.csv")
    assert (source.source, source.tz, source.day_first) == ("zendesk", "Europe/Athens", True)
    assert source.map == {"text": "Body", "conversation_id": "Ticket"}
    assert (found.company.agents, found.company.bots) == (("Rob Ray", "12"), ("Helpbot",))


def test_nothing_is_judged_otherwise_until_somebody_changes_it() -> None:
    """Neither hours nor limits nor mail domains are set by a guess."""
    for facts in (FACTS, NOTHING):
        found = load(settings_text(facts))
        assert (found.hours, found.max_rejects, found.company.domains) == (None, None, ())
        for channel in ("chat", "social", "email", "phone", "", "forum"):
            assert found.wait_limits().seconds(channel, "urgent") == STANDARD.seconds(channel)


def test_the_examples_are_settings_too() -> None:
    found = load(put_to_use(settings_text(FACTS)))
    assert found.hours is not None
    assert found.hours.timezone == "Europe/Athens"
    assert found.company.domains == ("acme.example",)
    assert found.max_rejects == pytest.approx(0.1)
    limits = found.wait_limits()
    assert [limits.seconds("email", word) / 3600 for word in ("urgent", "p3", "", "VIP")] == [2, 24, 24, 24]
    bare = load(put_to_use(settings_text(NOTHING)))
    assert (bare.company.agents, bare.company.bots) == (("Rob Ray",), ("Helpbot",))


def test_each_section_of_examples_stands_by_itself() -> None:
    for facts in (FACTS, NOTHING):
        sections = settings_text(facts).split("\n\n")
        for number, section in enumerate(sections):
            load("\n\n".join([*sections[:number], put_to_use(section), *sections[number + 1 :]]))


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (FACTS, '    tz: "Europe/Athens"  # the times carry no zone'),
        (replace(FACTS, zone=None), '    tz: "UTC"  # CHECK: the times carry no zone and were taken for UTC'),
        (NOTHING, '    #tz: "UTC"  # for times that carry no zone; here all do'),
        (FACTS, '    source: "zendesk"  # Zendesk, tickets with comments, 92% sure'),
        (FACTS, "    day-first: true  # 03/04/2026 is the third of April"),
        (FACTS, '    - "Rob Ray"  # answers in 14 conversations'),
        (FACTS, "  chat: 5 min  # seen 12 times"),
        (FACTS, "  phone: 24 h  # not seen"),
        (FACTS, '    #"Urgent": 2 h  # seen 3 times'),
        (FACTS, "  default: 24 h  # every other channel: forum"),
    ],
)
def test_it_says_where_each_value_comes_from(facts: Recognised, line: str) -> None:
    assert line in settings_text(facts).split("\n")


def test_nobody_is_agent_and_bot_and_long_lists_are_cut() -> None:
    people = [Person(f"Agent {n}", "writes") for n in range(250)]
    text = settings_text(replace(FACTS, agents=people, bots=[people[3], Person("Bot", "its name")]))
    found = load(text)
    assert (len(found.company.agents), found.company.bots) == (100, ("Bot",))
    assert "# and 150 more" in text


def test_priorities_that_a_settings_file_would_refuse_are_left_out() -> None:
    seen = {"urgent": 1, "URGENT ": 2, "urgnt": 3, "default": 4, "": 5, " ": 6, "1": 7, "hoch": 8}
    text = settings_text(replace(FACTS, priorities=seen))
    assert re.findall(r'#("[^"]*"): ', text) == ['"URGENT "', '"hoch"', '"1"']
    load(put_to_use(text))


@pytest.mark.parametrize(
    ("name", "pattern", "next_week"),
    [
        ("zendesk-2026-11-15.csv", "zendesk-*.csv", "zendesk-2026-11-22.csv"),
        ("week47.csv", "week*.csv", "week48.csv"),
        ("export (3).json.gz", "export (*).json.gz", "export (4).json.gz"),
        ("2026-11.xlsx", "*.xlsx", "2026-12.xlsx"),
        ("tickets", "tickets", "tickets"),
        ("a[b]*1.csv", "a[[]b][*]*.csv", "a[b]*2.csv"),
    ],
)
def test_the_pattern_fits_this_weeks_file_and_the_next(name: str, pattern: str, next_week: str) -> None:
    assert files_pattern(name) == pattern
    found = load(settings_text(replace(FACTS, files=pattern)))
    assert [found.source_for(n).source for n in (name, next_week)] == ["zendesk", "zendesk"]


NASTY = st.sampled_from(
    ['"', "'", "\\", "\n", "\r", "\t", "\0", "\x1b[2J", "\x85", "\u2028", "\ufeff", "\ud800", "#", " # ", ": ",
     "- ", "{", "}", "[", "]", ",", "&a", "*a", "!x", "|", ">", "%", "@", "`", "null", "yes", "12", "012", "~", "",
     " ", "é", "日本", "😀", "---", "...", "<<", "x" * 300]
)  # fmt: skip
TEXT = st.text(max_size=8) | st.lists(NASTY, max_size=4).map("".join)
COUNTS = st.dictionaries(
    TEXT | st.sampled_from(("chat", "email", "Urgent", "high", "default")), st.integers(1, 999), max_size=4
)
PEOPLE = st.lists(st.builds(Person, TEXT, TEXT), max_size=4)
ANYTHING = st.builds(
    Recognised,
    files=TEXT,
    source=st.sampled_from(("zendesk", "generic")),
    title=TEXT,
    confidence=st.floats(0, 1),
    stamps_carry_zone=st.booleans(),
    zone=st.none() | st.sampled_from(("Europe/Athens", "UTC")) | TEXT,
    day_first=st.none() | st.booleans(),
    mapping=st.dictionaries(st.sampled_from(("text", "conversation_id", "at", "clock", "zone")), TEXT, max_size=4),
    channels=COUNTS,
    priorities=COUNTS,
    agents=PEOPLE,
    bots=PEOPLE,
    domains=st.lists(TEXT | st.just("acme.example"), max_size=3),
)  # fmt: skip


@given(ANYTHING)
@settings(max_examples=150, deadline=None)
def test_whatever_an_export_holds_the_file_loads_and_holds_it_unchanged(facts: Recognised) -> None:
    text = settings_text(facts)
    found = load(text)
    load(put_to_use(text))
    names = {person.name for person in facts.agents if person.name.strip()}
    assert set(found.company.agents) == names
    assert set(found.company.bots) == {p.name for p in facts.bots if p.name.strip()} - names
    assert all(line.isprintable() for line in text.encode("utf-8").decode("utf-8").split("\n"))


@given(TEXT)
def test_any_text_can_be_quoted(text: str) -> None:
    if text.strip():
        assert load(f"company: {{agents: [{quoted(text)}]}}").company.agents == (text,)
