"""The settings file: what it means, what is refused and how that is said, and the schema that editors use."""

import json
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from supportaudit.auditing.intake import Reading
from supportaudit.auditing.registry import ORDER, check_named
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.errors import SettingsError
from supportaudit.model import Severity
from supportaudit.results.report import Report
from supportaudit.settings import file as module
from supportaudit.settings.file import SCHEMA_FILE, Settings, find_settings, json_schema, schema_text
from supportaudit.settings.limits import STANDARD
from supportaudit.settings.written import SettingsLoader, load_settings, parse_settings

HOUR = 3600.0
EXAMPLE = """\
sources:
  - files: "zendesk-*.csv"
    source: zendesk
    tz: Europe/Athens
    day-first: true
    map: {text: Body, conversation_id: Ticket, zone: Zone}
  - tz: UTC
company:
  domains: [Acme.example]
  agents: ["Rob Ray", "rob@acme.example", 12, 012]
  bots: ["Helpbot", "auto@acme.example"]
hours:
  timezone: Europe/Athens
  week: {mon-fri: "09:00-18:00", sat: ["10:00-13:00", "14:00-16:00"]}
  channels: {chat: {mon-sun: "08:00-22:00"}}
  holidays: {country: GR, subdivision: null, closed: [2026-12-24], open: [2026-10-28]}
limits:
  chat: 5 min
  email: {normal: 24 h, urgent: 2 h, default: 20 h}
  default: 12 h
max-rejects: 10 %
checks:
  rudeness: {min-confidence: 0.7, severity: medium, weight: 2}
  impersonal: {enabled: false, params: {same-percent: 95}}
"""

KNOWN = "sources, company, hours, limits, language, max-rejects, checks, gate, ignore"


def read(text: str) -> Settings:
    return parse_settings(text, "supportaudit.yaml")


def refused(text: str) -> str:
    with pytest.raises(SettingsError) as error:
        read(text)
    assert error.value.message.startswith("supportaudit.yaml")
    assert "\n" not in error.value.message
    return error.value.message.removeprefix("supportaudit.yaml").strip()


# --- what the file means


def test_an_empty_file_and_one_of_comments_set_nothing() -> None:
    for text in ("", "# limits:\n#   chat: 5 min\n", "---\n", "{}"):
        assert read(text) == Settings()
    assert Settings().business_hours() is None
    assert Settings().wait_limits() == STANDARD


def test_the_first_source_that_fits_the_files_name_counts() -> None:
    found = read(EXAMPLE)
    for name in ("zendesk-may.csv", "exports/zendesk-may.csv", "C:\\exports\\zendesk-may.csv"):
        source = found.source_for(name)
        assert (source.source, source.tz, source.day_first) == ("zendesk", "Europe/Athens", True)
        assert source.map == {"text": "Body", "conversation_id": "Ticket", "zone": "Zone"}
    assert (found.source_for("other.csv").tz, found.source_for("other.csv").map) == ("UTC", None)
    assert Settings().source_for("week.csv").tz is None


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("may/*.csv", "may/a.csv", True),
        ("may/*.csv", "/home/rob/may/a.csv", True),
        ("may/*.csv", "june/a.csv", False),
        ("*.json", "a.jsonl", False),
        ("a?.csv", "a1.csv", True),
        ("A.csv", "a.csv", False),
    ],
)
def test_a_pattern_fits_names_and_paths(pattern: str, name: str, fits: bool) -> None:
    settings = read(f"sources: [{{files: '{pattern}', tz: UTC}}]")
    assert (settings.source_for(name).tz == "UTC") is fits


def test_people_and_bots_of_the_company() -> None:
    company = read(EXAMPLE).company
    assert company.domains == ("acme.example",)
    assert company.agents == ("Rob Ray", "rob@acme.example", "12", "012")
    assert company.bots == ("Helpbot", "auto@acme.example")


def test_hours_by_day_and_channel_with_holidays() -> None:
    hours = read(EXAMPLE).business_hours()
    assert hours is not None
    day = [(9 * 3600, 18 * 3600)]
    assert [list(spans) for spans in hours.week] == [
        *([day] * 5), [(10 * 3600, 13 * 3600), (14 * 3600, 16 * 3600)], [],
    ]  # fmt: skip
    assert set(hours.channels) == {"chat"}
    assert (hours.zone.key, hours.country, hours.subdivision) == ("Europe/Athens", "GR", "")
    assert [len(days) for days in (hours.closed, hours.opened)] == [1, 1]


def test_what_is_changed_in_a_check() -> None:
    table = read(EXAMPLE).checks
    assert table is not None
    assert table.off() == ("impersonal",)
    assert table.severities() == {"rudeness": Severity.MEDIUM}
    assert table.params_of(check_named("impersonal")).number("same-percent") == 95
    assert table.params_of(check_named("siloed-records")).number("memory-days") == 30
    changed = table.changed(check_named("rudeness")).info
    assert (changed.weight, changed.severity) == (2, Severity.MEDIUM)
    assert table.changed(check_named("arguing")) is check_named("arguing")


@pytest.mark.parametrize(("own", "typed", "counts"), [(0.7, None, 0.7), (0.3, None, 0.3), (0.7, 0.6, 0.7),
                                                      (0.7, 0.8, 0.8), (0.3, 0.6, 0.6)])  # fmt: skip
def test_of_two_thresholds_the_stricter_counts(own: float, typed: float | None, counts: float) -> None:
    table = read(f"checks: {{rudeness: {{min-confidence: {own}}}}}").checks
    assert table is not None
    assert table.thresholds(typed) == {"rudeness": counts}


def test_no_code_of_a_check_is_run_to_read_settings() -> None:
    code = (
        "import sys; from supportaudit.settings.written import parse_settings;"
        "parse_settings('checks: {rudeness: {enabled: true}}', 'x');"
        "print([m for m in sys.modules if m.startswith('supportaudit_check_')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


WEEK = Path(__file__).parents[1] / "examples" / "shop-week.csv"


def audited(text: str, **options: Any) -> Report:
    return scan([WEEK], ScanSettings(reading=Reading(settings=read(text)), jobs=1, **options))


def test_an_audit_honours_what_is_changed() -> None:
    text = (
        "checks: {rudeness: {severity: low, weight: 0}, arguing: {min-confidence: 0.99}, impersonal: {enabled: false}, "
        "broken-promise: {params: {grace-hours: 100000}}}"
    )
    usual, changed = (
        {c.check: c for c in report.scorecard.checks} for report in (audited(""), audited(text))
    )
    assert list(changed) == [name for name in usual if name != "impersonal"]
    assert changed["rudeness"].failed == usual["rudeness"].failed
    assert changed["rudeness"].failed_by_severity == {"low": usual["rudeness"].failed}
    assert (changed["rudeness"].weight, changed["rudeness"].demerits) == (0, 0)
    assert changed["arguing"].failed < usual["arguing"].failed
    assert changed["broken-promise"].failed < usual["broken-promise"].failed
    assert changed["run-around"].failed == usual["run-around"].failed


def test_what_the_file_switches_off_runs_if_it_is_selected() -> None:
    text = "checks: {impersonal: {enabled: false}, rudeness: {min-confidence: 1}}"
    assert [c.check for c in audited(text, select=("impersonal",)).scorecard.checks] == ["impersonal"]
    loose = audited(text, select=("rudeness",), min_confidence=0.1)
    assert loose.scorecard.checks[0].failed == 0
    off = "checks: {" + ", ".join(f"{name}: {{enabled: false}}" for name in ORDER) + "}"
    with pytest.raises(SettingsError, match="no check is left"):
        audited(off)


@pytest.mark.parametrize(
    ("week", "open_hours"),
    [
        ('mon: "09:00-17:00"', [8, 0, 0, 0, 0, 0, 0]),
        ('"mon, wed-thu": "9:00-17:00"', [8, 0, 8, 8, 0, 0, 0]),
        ('sat-mon: "09:00 – 17:00"', [8, 0, 0, 0, 0, 8, 8]),
        ('mon-sun: "00:00-24:00"', [24] * 7),
        ('fri: "22:00-06:00"', [0, 0, 0, 0, 8, 0, 0]),
        ("mon: 09:00-12:00\ntue: [09:00-12:00, 13:00-17:00]\nwed: []", [3, 7, 0, 0, 0, 0, 0]),
    ],
)
def test_days_are_named_alone_in_ranges_and_in_lists(week: str, open_hours: list[int]) -> None:
    body = "\n".join("    " + line for line in week.split("\n"))
    hours = read(f"hours:\n  timezone: UTC\n  week:\n{body}\n").business_hours()
    assert hours is not None
    assert [sum(end - begin for begin, end in spans) / HOUR for spans in hours.week] == open_hours


@pytest.mark.parametrize(
    ("channel", "priority", "hours"),
    [
        ("chat", "", 1 / 12),
        ("chat", "urgent", 1 / 12),
        ("email", "", 20),
        ("email", "Normal", 24),
        ("email", "URGENT", 2),
        ("email", "Critical", 2),
        ("email", "P-1", 2),
        ("email", "medium", 24),
        ("email", "low", 20),
        ("email", "4", 20),
        ("email", "whatever", 20),
        ("social", "urgent", 12),
        ("", "", 12),
        ("forum", "", 12),
    ],
)
def test_a_limit_is_that_of_the_channel_and_the_tickets_priority(
    channel: str, priority: str, hours: float
) -> None:
    assert read(EXAMPLE).wait_limits().seconds(channel, priority) == pytest.approx(hours * HOUR)


@pytest.mark.parametrize(
    ("text", "channel", "priority", "hours"),
    [
        ("limits: {chat: 10 min}", "social", "", 1),
        ("limits: {chat: 10 min}", "email", "", 24),
        ("limits: {email: {urgent: 1 h}}", "email", "low", 24),
        ("limits: {email: {urgent: 1 h}, default: 3 h}", "email", "low", 3),
        ("limits: {default: {urgent: 1 h}}", "phone", "high", 24),
        ("limits: {default: {urgent: 1 h}}", "phone", "urgent", 1),
        ("limits: {email: {critical: 1 h, urgent: 2 h}}", "email", "p1", 2),
        ("limits: {email: {critical: 1 h, urgent: 2 h}}", "email", "critical", 1),
        ("limits: {email: {VIP: 1 h, dringend: 2 h, 4: 3 h}}", "email", "Dringend", 2),
        ("limits: {email: {VIP: 1 h, dringend: 2 h, 4: 3 h}}", "email", "4", 3),
        ("", "social", "urgent", 1),
    ],
)
def test_what_a_channel_does_not_say_comes_from_the_default_then_from_the_usual_limits(
    text: str, channel: str, priority: str, hours: float
) -> None:
    assert read(text).wait_limits().seconds(channel, priority) == hours * HOUR


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5 min", 300), ("90 s", 90), ("24 h", 86_400), ("2 days", 172_800), ("1 h 30 min", 5400), ("1.5 h", 5400),
        ("1h 30min", 5400), ("1 week", 604_800), ("1 hour", 3600), ("45 seconds", 45),
    ],
)  # fmt: skip
def test_durations_are_written_with_their_unit(text: str, seconds: float) -> None:
    assert read(f"limits: {{chat: {text}}}").wait_limits().seconds("chat") == seconds


@pytest.mark.parametrize(
    ("text", "share"), [("10 %", 0.1), ("10%", 0.1), ("0.1", 0.1), ("2.5 %", 0.025), ("100 %", 1), ("0", 0)]
)
def test_shares_are_written_in_per_cent_or_below_one(text: str, share: float) -> None:
    assert read(f"max-rejects: {text}").max_rejects == pytest.approx(share)


def test_words_that_yaml_once_took_for_something_else() -> None:
    hours = read("hours: {timezone: UTC, holidays: {country: NO}}").business_hours()
    assert hours is not None
    assert hours.country == "NO"
    assert read("company: {agents: [on, 1_000, 12:30:45, 1e5]}").company.agents == (
        "on", "1_000", "12:30:45", "1e5",
    )  # fmt: skip


def test_settings_are_sent_to_other_processes_and_written_the_same_each_time() -> None:
    settings = read(EXAMPLE)
    assert "WeekPlan((((32400, 64800),)," in repr(settings)
    assert " at 0x" not in repr(settings)
    assert pickle.loads(pickle.dumps(settings)) == settings
    limits = pickle.loads(pickle.dumps(settings.wait_limits()))
    assert limits.seconds("email", "urgent") == 2 * HOUR


# --- what is refused, and how it is said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limits:\n  chat: 5 min\n  chatt: 3 min\n", "line 3: limits.chatt is not known; did you mean 'chat'?"),
        ("limit: {}", "line 1: limit is not known; did you mean 'limits'?"),
        ("wibble: {}", f"line 1: wibble is not known; known are {KNOWN}"),
        ("max_rejects: 1 %", "line 1: max_rejects is not known; did you mean 'max-rejects'?"),
        ("1: 2", f"line 1: 1 is not known; known are {KNOWN}"),
        ("\nlimits: 3", "line 2: limits must hold keys such as 'chat' or 'social', not 3"),
        ("limits:", "line 1: limits must hold keys such as 'chat' or 'social', not nothing"),
        ("- a", "line 1: the file must hold keys such as 'sources' or 'company', not a list"),
        ("limits: {chat: 5}", "line 1: limits.chat must say its unit: '5 min' or '5 h', not 5"),
        (
            "limits: {chat: 5m}",
            "line 1: limits.chat must be a duration such as '5 min', '24 h' or '1 h 30 min', not '5m'; "
            "did you mean '5 min'?",
        ),
        (
            "limits: {chat: 0 min}",
            "line 1: limits.chat must be a duration such as '5 min', '24 h' or '1 h 30 min', not '0 min'",
        ),
        (
            "limits:\n  email:\n    low: 2 days\n    urgnt: 2 h",
            "line 4: limits.email.urgnt is not known; did you mean 'urgent'?",
        ),
        ("limits: {email: {urgent: 1 h, Urgent: 2 h}}", "line 1: limits.email.Urgent stands twice"),
        (
            "limits:\n  email:\n    low: 3",
            "line 3: limits.email.low must say its unit: '3 min' or '3 h', not 3",
        ),
        ("limits: {email: {}}", "line 1: limits.email is empty; write a duration, or one for each priority"),
        ("hours: {}", "line 1: hours needs 'timezone'"),
        (
            "hours:\n  timezone: Europe/Atens",
            "line 2: hours.timezone must be a zone such as Europe/Athens, not 'Europe/Atens'; "
            "did you mean 'Europe/Athens'?",
        ),
        (
            "hours: {timezone: new york}",
            "line 1: hours.timezone must be a zone such as Europe/Athens, not 'new york'; "
            "did you mean 'America/New_York'?",
        ),
        (
            "hours:\n  timezone: UTC\n  week:\n    monday: 09:00-17:00",
            "line 4: hours.week.monday is not known; did you mean 'mon'?",
        ),
        (
            "hours:\n  timezone: UTC\n  week:\n    mon-fri: 09:00-17:00\n    tue: 09:00-12:00",
            "line 5: hours.week.tue names tue once more; give each day once",
        ),
        (
            "hours: {timezone: UTC, week: {sun: closed}}",
            "line 1: hours.week.sun must be hours such as '09:00-18:00', not 'closed'; leave a closed day out",
        ),
        (
            "hours:\n  timezone: UTC\n  channels:\n    chat:\n      mon:\n      - 09:00-12:00\n      - 12-13",
            "line 7: hours.channels.chat.mon[2] must be hours such as '09:00-18:00', not '12-13'; "
            "leave a closed day out",
        ),
        (
            "hours: {timezone: UTC, week: {mon: 09:00-09:00}}",
            "line 1: hours.week.mon opens for no time at 09:00-09:00; write '00:00-24:00' for the whole day",
        ),
        (
            "hours:\n  timezone: UTC\n  holidays:\n    country: Greece",
            "line 4: hours.holidays.country 'Greece' is not a country whose holidays are known; "
            "did you mean 'GR'?",
        ),
        (
            "hours: {timezone: UTC, holidays: {country: DE, subdivision: by}}",
            "line 1: hours.holidays.subdivision 'by' is not a part of DE whose holidays are known; "
            "did you mean 'BY'?",
        ),
        (
            "hours: {timezone: UTC, holidays: {subdivision: BY}}",
            "line 1: hours.holidays.subdivision needs 'country' beside it",
        ),
        (
            "hours:\n  timezone: UTC\n  holidays:\n    closed:\n    - 2026-12-24\n    - 2026-02-30",
            "line 6: hours.holidays.closed[2] must be a date such as 2026-12-24, not '2026-02-30'",
        ),
        (
            "hours: {timezone: UTC, holidays: {closed: [2026-12-24], open: [2026-12-24]}}",
            "line 1: hours.holidays.open[1] 2026-12-24 stands under 'closed' too",
        ),
        ("sources: {tz: UTC}", "line 1: sources must be a list, not a mapping"),
        ("sources:\n- tz: UTC\n- file: x", "line 3: sources[2].file is not known; did you mean 'files'?"),
        (
            "sources:\n- map:\n    text: Body\n    txt: Text",
            "line 4: sources[1].map.txt is not known; did you mean 'text'?",
        ),
        ("sources: [{day-first: yes}]", "line 1: sources[1].day-first must be true or false, not 'yes'"),
        ("sources: [{source: zendsk}]", "line 1: sources[1].source 'zendsk' is not known; did you mean 'zendesk'?"),
        ("sources: [{files: 3}]", "line 1: sources[1].files must be text, not 3"),
        (
            "company: {domains: [rob@acme.example]}",
            "line 1: company.domains[1] must be a mail domain such as acme.example, not 'rob@acme.example'",
        ),
        (
            "company: {agents: [Ann], bots: [Bo, Ann]}",
            "line 1: company.bots[2] 'Ann' stands among the agents too",
        ),
        ("company: {agents: [[a]]}", "line 1: company.agents[1] must be a name, an address or an id, not a list"),
        (
            "max-rejects: 10",
            "line 1: max-rejects must be a share such as '10 %' or 0.1, not 10; did you mean '10 %'?",
        ),
        ("max-rejects: 110 %", "line 1: max-rejects must be a share such as '10 %' or 0.1, not '110 %'"),
        ("checks: [rudeness]", "line 1: checks must name checks, such as 'rudeness', not a list"),
        ("checks:\n  rudness: {}", "line 2: checks.rudness is not known; did you mean 'rudeness'?"),
        (
            "checks: {rudeness: }",
            "line 1: checks.rudeness must hold keys such as 'enabled' or 'min-confidence', not nothing",
        ),
        (
            "checks:\n  rudeness:\n    min-confidence: 70",
            "line 3: checks.rudeness.min-confidence must be a confidence from 0 to 1, such as 0.7, not 70",
        ),
        (
            "checks: {rudeness: {severity: grave}}",
            "line 1: checks.rudeness.severity must be low, medium or high, not 'grave'",
        ),
        ("checks: {rudeness: {enabled: no}}", "line 1: checks.rudeness.enabled must be true or false, not 'no'"),
        (
            "checks: {rudeness: {weight: -1}}",
            "line 1: checks.rudeness.weight must be a number of 0 or more, such as 1.5, not -1",
        ),
        (
            "checks: {rudeness: {params: {x: 1}}}",
            "line 1: checks.rudeness.params.x is not known; rudeness has no parameters",
        ),
        (
            "checks:\n  impersonal:\n    params:\n      same-percnt: 9",
            "line 4: checks.impersonal.params.same-percnt is not known; did you mean 'same-percent'?",
        ),
        (
            "checks: {impersonal: {params: {same-percent: high}}}",
            "line 1: checks.impersonal.params.same-percent must be a number, such as 92, not 'high'",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence_with_line_key_and_mend(text: str, said: str) -> None:
    assert refused(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limits:\n  chat: 5 min\n  chat: 6 min", "line 3: 'chat' stands twice"),
        ("limits:\n\tchat: 5 min", "line 2: a tab stands where blanks must; indent with blanks"),
        ("limits:\n  chat: a: b", "line 2: mapping values are not allowed here"),
        ("company:\n  agents: [@rob]", "line 2: found character '@' that cannot start any token; put text"),
        ("limits: {}\n---\nlimits: {}", "line 2: found another document"),
        ("company:\n  agents: ['Rob", "line 2: found unexpected end of stream"),
        ("limits: {}\n# \x07", "line 2: holds a control character"),
        ("{[a]: 1}", "is not a settings file"),
        ("[" * 5000, "is not a settings file"),
        ("&a [*a]", "line 1: the file must hold keys"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, said: str) -> None:
    assert refused(text).startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        '{"a\\e[2J\\n": 1}',
        'limits: {chat: "\\e[2J\\n"}',
        'limits: {chat: {"a\\e[2J": 1}}',
        'hours: {timezone: "UTC\\e[2J\\n"}',
        'hours: {timezone: UTC, holidays: {country: "\\e[2J\\n"}}',
        'hours: {timezone: UTC, holidays: {country: DE, subdivision: "\\e[2J\\n"}}',
        'hours: {timezone: UTC, week: {"\\e[2J\\n": "\\e"}}',
        'company: {agents: ["\\e\\n"], bots: ["\\e\\n"]}',
        'sources: [{source: "\\e\\n"}]',
        'sources: [{map: {"\\e\\n": a}}]',
        '{"\\e\\n": 1, "\\e\\n": 2}',
    ],
)
def test_what_a_terminal_would_obey_is_never_shown(text: str) -> None:
    assert refused(text).isprintable()


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert "a0 is not known" in refused("\n".join(lines))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "supportaudit.yaml"
    with pytest.raises(SettingsError, match=r"supportaudit\.yaml: cannot be read: no such file"):
        load_settings(path)
    path.write_bytes(b"limits: {chat: 5 min} # caf\xe9")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(path)
    path.write_bytes(b"\xef\xbb\xbflimits: {chat: 6 min}\r\n")
    assert load_settings(path).wait_limits().seconds("chat") == 360
    path.write_text("limit: 3")
    with pytest.raises(SettingsError) as error:
        load_settings(path)
    assert error.value.message == f"{path} line 1: limit is not known; did you mean 'limits'?"
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


def test_the_file_is_looked_for_in_the_folder_only(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    assert find_settings(tmp_path) is None
    (tmp_path / "supportaudit.yml").touch()
    assert find_settings(tmp_path) == tmp_path / "supportaudit.yml"
    assert find_settings(below) is None
    (tmp_path / "supportaudit.yaml").touch()
    with pytest.raises(SettingsError, match="keep one of them"):
        find_settings(tmp_path)


WORDS = ("5 min", "mon-fri", "09:00-18:00", "UTC", "GR", "2026-12-24", "10 %", "default")
KEYS = (
    *("sources", "company", "hours", "limits", "max-rejects", "chat", "email", "timezone", "week", "mon"),
    *("holidays", "country", "closed", "agents", "map", "text", "files", "urgent"),
    *("checks", "rudeness", "impersonal", "enabled", "min-confidence", "severity", "weight", "params"),
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(WORDS)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
@hypothesis_settings(max_examples=200, deadline=None)
def test_whatever_stands_in_it_the_file_is_read_or_refused_in_a_sentence(value: Any) -> None:
    try:
        read(yaml.safe_dump(value))
    except SettingsError as error:
        assert error.message.isprintable()
        assert error.message.startswith("supportaudit.yaml")


@given(st.text(max_size=60))
@hypothesis_settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    try:
        read(text)
    except SettingsError as error:
        assert error.message.isprintable()


# --- the schema


def test_the_shipped_schema_is_current() -> None:
    shipped = Path(module.__file__).with_name(SCHEMA_FILE)
    command = "python -c 'from supportaudit.settings.file import schema_text; print(schema_text(), end=\"\")'"
    assert shipped.read_text("utf-8") == schema_text(), f"write it anew: {command} > {shipped.name}"


def test_the_schema_is_one_and_describes_every_section() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert all(field["description"] for field in schema["properties"].values())
    assert all(body["description"] for body in schema["$defs"].values())
    examples = [e for body in schema["$defs"].values() for f in body.get("properties", {}).values()
                for e in f.get("examples", ())]  # fmt: skip
    assert len(examples) > 10


SCHEMA = Draft202012Validator(json.loads(schema_text()), format_checker=Draft202012Validator.FORMAT_CHECKER)


def accepted_by_schema(text: str) -> bool:
    document = yaml.load(text, Loader=SettingsLoader)
    return not list(SCHEMA.iter_errors({} if document is None else document))


def accepted_by_reader(text: str) -> bool:
    try:
        read(text)
    except SettingsError:
        return False
    return True


def hours(rest: str) -> str:
    return "hours: {timezone: UTC, " + rest + "}"


GOOD = [
    EXAMPLE,
    "{}",
    "hours:",
    "limits: {chat: 1 h 30 min, social: 45 s, phone: 2 days, default: 1 week}",
    "limits: {chat: , email: {low: 3 days, 4: 1 h, VIP: 1 h}}",
    hours('week: {"mon, wed": "9:00-17:00", sat-sun: []}'),
    hours("week: , channels: {phone: {mon: 00:00-24:00}}, holidays: {country: }"),
    hours("holidays: {closed: ['2026-12-24', 2026-12-31]}"),
    "max-rejects: 0",
    "max-rejects: 0.25",
    "max-rejects: 2.5%",
    "sources: []",
    "sources: [{}, {files: '*.csv', day-first: false, tz: UTC, map: {}}]",
    "company: {domains: [a.b.example], agents: [x, 12], bots: []}",
    "checks:",
    "checks: {}",
    "checks: {rudeness: {}, impersonal: {enabled: , min-confidence: , severity: , weight: , params: }}",
    "checks: {rudeness: {min-confidence: 1, weight: 0.5, severity: low, params: {}}}",
    "checks: {broken-promise: {enabled: true, min-confidence: 0.0, params: {grace-hours: 2.5}}}",
]
BAD = [
    "[]",
    "3",
    "limit: {}",
    "limits: 5 min",
    "limits:",
    "limits: {chatt: 5 min}",
    "limits: {chat: 5}",
    "limits: {chat: 5m}",
    "limits: {chat: 0 s}",
    "limits: {chat: true}",
    "limits: {chat: [5 min]}",
    "limits: {chat: -5 min}",
    "limits: {chat: {}}",
    "limits: {chat: {urgent: 5}}",
    "limits: {chat: {urgent: {low: 5 min}}}",
    "hours: {}",
    "hours: {timezone: 3}",
    "hours: {timezone: ''}",
    hours("weeks: {}"),
    hours("week: {}"),
    hours("week: {monday: 09:00-17:00}"),
    hours("week: {mon-: 09:00-17:00}"),
    hours("week: {mon: 9-17}"),
    hours("week: {mon: 24:00-25:00}"),
    hours("week: {mon: [3]}"),
    hours("week: {mon: }"),
    hours("channels: {letter: {mon: 09:00-17:00}}"),
    hours("channels: "),
    hours("holidays: {closed: 2026-12-24}"),
    hours("holidays: {closed: [2026-02-30]}"),
    hours("holidays: {closed: [24.12.2026]}"),
    hours("holidays: {country: 30}"),
    "max-rejects: 1",
    "max-rejects: -0.1",
    "max-rejects: 101 %",
    "max-rejects: ten",
    "max-rejects: true",
    "sources: {}",
    "sources: [3]",
    "sources: [{files: ''}]",
    "sources: [{day-first: yes}]",
    "sources: [{map: {txt: Body}}]",
    "sources: [{map: {text: 3}}]",
    "sources: [{map: {text: ' '}}]",
    "company: {domains: [acme]}",
    "company: {domains: ['@acme.example']}",
    "company: {domains: acme.example}",
    "company: {agents: [true]}",
    "company: {agents: ['']}",
    "company: {agents: [1.5]}",
    "company:",
    "checks: []",
    "checks: {rudness: {}}",
    "checks: {rudeness: }",
    "checks: {rudeness: false}",
    "checks: {rudeness: {enable: true}}",
    "checks: {rudeness: {enabled: 1}}",
    "checks: {rudeness: {min-confidence: 70 %}}",
    "checks: {rudeness: {min-confidence: 1.5}}",
    "checks: {rudeness: {min-confidence: true}}",
    "checks: {rudeness: {severity: 2}}",
    "checks: {rudeness: {weight: -0.5}}",
    "checks: {rudeness: {params: []}}",
    "checks: {rudeness: {params: {same-percent: 90}}}",
    "checks: {impersonal: {params: {same-percent: true}}}",
    "checks: {impersonal: {params: {same-percent: }}}",
]


@pytest.mark.parametrize(("text", "good"), [*((t, True) for t in GOOD), *((t, False) for t in BAD)])
def test_the_schema_and_the_reader_refuse_the_same(text: str, good: bool) -> None:
    assert (accepted_by_reader(text), accepted_by_schema(text)) == (good, good)


@pytest.mark.parametrize(
    "text",
    [
        "hours: {timezone: Europe/Atens}",
        hours("holidays: {country: XX}"),
        hours("holidays: {country: DE, subdivision: XX}"),
        hours("week: {mon: 09:00-17:00, mon-fri: 09:00-17:00}"),
        "company: {agents: [a], bots: [a]}",
        "limits: {email: {urgnt: 2 h}}",
        "sources: [{source: zendsk}]",
    ],
)
def test_what_no_schema_can_know_only_the_reader_refuses(text: str) -> None:
    assert (accepted_by_reader(text), accepted_by_schema(text)) == (False, True)


# --- the manual

DOCS = Path(__file__).parents[1] / "docs"
MANUAL = (DOCS / "settings.md").read_text("utf-8")


def test_the_manuals_examples_are_read() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", MANUAL, re.S)
    assert len(examples) == 2
    full = read(examples[0])
    assert all(getattr(full, name) != getattr(Settings(), name) for name in Settings.__struct_fields__)
    assert read(examples[1]).wait_limits().seconds("email", "P1") == 2 * HOUR


def test_the_manual_names_every_key() -> None:
    keys = {
        key
        for body in (json_schema(), *json_schema()["$defs"].values())
        for key in body.get("properties", ())
    }
    assert {"day-first", "max-rejects", "subdivision", "timezone"} <= keys
    manual = MANUAL + (DOCS / "gate.md").read_text("utf-8")
    assert [key for key in keys if not re.search(rf"^## {key}|`([a-z]+\.)?{key}`", manual, re.M)] == []
