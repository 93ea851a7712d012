"""A cache changes how long an audit takes and nothing else: not an answer, not how it ends, whatever happens to it."""

import csv
import io
import os
import random
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import tomllib
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportaudit import cli
from supportaudit.auditing import cache as cache_module
from supportaudit.auditing import cache_file, rules
from supportaudit.auditing import scan as scan_module
from supportaudit.auditing.added import adding
from supportaudit.auditing.cache import LIMIT, Cache
from supportaudit.auditing.cache_entry import Entry, say_anew
from supportaudit.auditing.cache_file import NAME, CacheFile
from supportaudit.auditing.engine import AsOf, Plan, audit_journey
from supportaudit.auditing.intake import Reading, take_in
from supportaudit.auditing.moment import ALWAYS, Moment
from supportaudit.auditing.registry import load_checks
from supportaudit.auditing.scan import Job, ScanSettings, scan
from supportaudit.auditing.shards import Shards
from supportaudit.errors import SettingsError
from supportaudit.model import Audited, Outcome, Row, Status
from supportaudit.normalise import build_journey
from supportaudit.render import FORMATS, View
from supportaudit.results.dossier import ALL
from supportaudit.results.report import Report
from supportaudit.settings.written import parse_settings

WEEK = Path(__file__).parents[1] / "examples" / "shop-week.csv"
VIEW = View(by=None, width=80, color=False, unicode=True)
HOUR, DAY = 3_600, 86_400
START = 1_772_400_000  # 2026-03-01T21:20:00Z
CUSTOMER = (
    "Where is my parcel? My order number is AB-12345.",
    "Still nothing! Is anybody there? I am waiting for an answer.",
    "Thank you, it is solved now.",
    "Great service, thanks a lot, you are wonderful!",
    "You promised to call me back yesterday and nobody did.",
    "I was passed on three times already and nobody knows anything. This is ridiculous.",
    "Your colleague was so rude to me, he laughed at me.",
    "ok",
)
AGENT = (
    "We will call you back tomorrow by 5 pm.",
    "I will get back to you within two days.",
    "Hello Ana, it comes today.\n\nTom",
    "I don't know.",
    "Thank you for your message. Goodbye!",
    "I am sorry to hear that, Ana. I have refunded 20 euros.",
    "I'll pass you on to my colleague in billing.",
)
HOURS = "hours: {timezone: Europe/Athens, week: {mon-fri: '09:00-18:00'}}"
IGNORE = "ignore: [{%s, reason: agreed, author: Rob, expires: 2026-03-%d}]"


@dataclass(frozen=True)
class Said:
    """One message of a history that exports show parts of."""

    talk: int
    number: int
    at: int
    text: str
    by_customer: bool
    channel: str
    customer: str


@st.composite
def histories(draw: st.DrawFn) -> list[Said]:
    """What customers and agents of a small shop wrote in some weeks, in the order of time."""
    said = []
    for talk in range(draw(st.integers(2, 7))):
        at = START + draw(st.integers(0, 30 * 24)) * HOUR
        channel = draw(st.sampled_from(("chat", "email", "social", "")))
        customer = draw(st.sampled_from(("", "c-1", "c-2", f"c-{talk + 3}")))
        for number in range(draw(st.integers(1, 5))):
            by_customer = number == 0 or draw(st.booleans())
            text = draw(st.sampled_from(CUSTOMER if by_customer else AGENT))
            said.append(Said(talk, number, at, text, by_customer, channel, customer))
            at += draw(st.sampled_from((60, 400, HOUR, 30 * HOUR, 3 * DAY)))
    return sorted(said, key=lambda one: one.at)


def write(path: Path, said: Sequence[Said], *, ids: bool = True, newest_first: bool = False) -> Path:
    head = ["conversation_id", "created_at", "channel", "customer_id", "author_name", "role", "text"]
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow([*head, "message_id"] if ids else head)
    for one in reversed(said) if newest_first else said:
        stamp = datetime.fromtimestamp(one.at, UTC).isoformat()
        author, role = ("Ana Cole", "customer") if one.by_customer else ("Tom", "agent")
        row = [f"t{one.talk}", stamp, one.channel, one.customer, author, role, one.text]
        lines.writerow([*row, f"{one.talk}-{one.number}"] if ids else row)
    path.write_text(out.getvalue(), "utf-8")
    return path


def reading(text: str = "", **options: Any) -> Reading:
    return Reading(settings=parse_settings(text, "s.yaml"), **options)


def whole(report: Report) -> str:
    """A hash of all that any format can show, in the order in which it stands there."""
    return sha256(msgspec.msgpack.encode(report, enc_hook=str)).hexdigest()


def talks(count: int, days: int = 20) -> list[Said]:
    """A history to count with: each customer asks once, and is answered."""
    said = []
    for talk in range(count):
        at = START + talk * days * DAY // count
        text = f"Where is my parcel number {talk}?"
        said.append(Said(talk, 0, at, text, True, "chat", f"c{talk}"))
        answer = "Hello Ana, it is at the shop."
        said.append(Said(talk, 1, at + 60 + talk % 5 * 500, answer, False, "chat", f"c{talk}"))
    return sorted(said, key=lambda one: one.at)


def known(cache: Cache) -> tuple[int, int]:
    return cache.known, cache.conversations


# ---- the answer


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """One export audited without a cache, with a cold one, a warm one, and one that knows a part of it."""
    folder = tmp_path_factory.mktemp("ways")
    part = folder / "part.csv"
    part.write_text("".join(WEEK.read_text("utf-8").splitlines(keepends=True)[:400]), "utf-8")
    asked = ScanSettings(jobs=1, evidence=4)

    def way(name: str) -> Report:
        return scan([WEEK], asked, engine=Cache(folder / name))

    scan([part], asked, engine=Cache(folder / "partly"))
    return {
        "plain": scan([WEEK], asked),
        "cold": way("cache"),
        "warm": way("cache"),
        "partly": way("partly"),
    }


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_has_the_same_bytes(ways: dict[str, Report], name: str) -> None:
    plain = FORMATS[name](ways["plain"], VIEW)
    assert all(FORMATS[name](report, VIEW) == plain for report in ways.values())


CHANGES: tuple[ScanSettings, ...] = (
    ScanSettings(),
    ScanSettings(evidence=2),
    ScanSettings(evidence=ALL),
    ScanSettings(as_of=AsOf(after=7.0 * DAY)),
    ScanSettings(as_of=AsOf(at=START + 12.0 * DAY)),
    ScanSettings(as_of=AsOf(at=START + 90.0 * DAY)),
    ScanSettings(min_confidence=0.8),
    ScanSettings(redact=False, evidence=3),
    ScanSettings(since=START + 3.0 * DAY),
    ScanSettings(since=START + 9.0 * DAY, until=START + 15.0 * DAY, evidence=3),
    ScanSettings(select=("slow-reply", "unavailable")),
    ScanSettings(ignore=("slow-reply",)),
    ScanSettings(reading=reading(HOURS)),
    ScanSettings(reading=reading("limits: {chat: 30 min}")),
    ScanSettings(reading=reading("checks: {slow-reply: {severity: low, params: {grace-percent: 50}}}")),
    ScanSettings(reading=reading("checks: {unavailable: {min-confidence: 0.95}}")),
    ScanSettings(reading=reading("company: {agents: [Ana Cole]}")),
    ScanSettings(reading=reading(lang="de")),
    ScanSettings(reading=reading(tz="Europe/Athens")),
    ScanSettings(reading=reading(IGNORE % ("check: slow-reply", 20)), evidence=3),
    ScanSettings(reading=reading(IGNORE % ("check: slow-reply", 30)), evidence=3),
    ScanSettings(reading=reading(IGNORE % ("conversation: t2", 30))),
    ScanSettings(reading=reading(IGNORE % ("message: '11'", 30)), evidence=3),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), history=histories(), ids=st.booleans(), newest_first=st.booleans())
def test_a_growing_export_is_judged_the_same_under_any_settings(
    data: st.DataObject, history: list[Said], ids: bool, newest_first: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        for step in range(data.draw(st.integers(2, 4))):
            first = data.draw(st.integers(0, len(history) // 3))
            last = data.draw(st.integers(first + 1, len(history)))
            path = Path(name, f"{step}.csv")
            write(path, history[first:last], ids=ids, newest_first=newest_first)
            asked = replace(data.draw(st.sampled_from(CHANGES)), jobs=1)
            assert whole(scan([path], asked, engine=Cache(Path(name, "kept")))) == whole(scan([path], asked))


def test_settings_that_change_do_not_meet_what_others_left(tmp_path: Path) -> None:
    path = write(tmp_path / "w.csv", talks(24), ids=False)
    plain = [whole(scan([path], replace(asked, jobs=1))) for asked in CHANGES]
    for _ in range(2):
        for asked, expected in zip(CHANGES, plain, strict=True):
            assert whole(scan([path], replace(asked, jobs=1), engine=Cache(tmp_path / "kept"))) == expected


NEAR = (-DAY, -1, 0, 1, 60, 299, 301, HOUR - 1, HOUR + 1, 20 * HOUR, DAY - 1, DAY + 1, 3 * DAY, 40 * DAY)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), history=histories(), count=st.integers(1, 2), hours=st.booleans())
def test_a_judgement_holds_in_every_moment_of_its_span(
    data: st.DataObject, history: list[Said], count: int, hours: bool
) -> None:
    said = [one for one in history if one.talk < count]
    near = st.builds(lambda one, shift: float(one.at + shift), st.sampled_from(said), st.sampled_from(NEAR))
    rows = [
        Row(f"t{s.talk}", f"{s.talk}-{n}", n, float(s.at), "customer" if s.by_customer else "agent", text=s.text,
            channel=s.channel, customer_id="c", author_name="Ana" if s.by_customer else "Tom")
        for n, s in enumerate(said, 1)
    ]  # fmt: skip
    open_hours = reading(HOURS).settings.business_hours() if hours else None
    journey = build_journey(rows)

    def judged(at: float, moment: Moment | None = None) -> list[Audited]:
        return list(
            audit_journey(journey, Plan(load_checks(), as_of=AsOf(at=at), hours=open_hours), None, moment)
        )

    moment = Moment(data.draw(near, "as of"))
    expected = judged(moment.peek() or 0.0, moment)
    low, high = moment.span
    ends = [low] if high - low < 1 else [low, high - 0.01]
    for other in (*ends, *data.draw(st.lists(near, min_size=4, max_size=6), "others")):
        if low <= other < high and abs(other) < 1e12:
            entry = Entry(ALWAYS, ALWAYS, ALWAYS, None, 0, moment.measured, expected)
            entry = msgspec.msgpack.decode(msgspec.msgpack.encode(entry), type=Entry)
            say_anew(entry, Plan((), as_of=AsOf(at=other), hours=open_hours))
            assert judged(other) == entry.audited


# ---- what is known again


def test_what_was_there_before_is_known_wherever_it_stands_now(tmp_path: Path) -> None:
    said = talks(30)
    for newest_first in (False, True):
        folder = tmp_path / str(newest_first)
        older = write(tmp_path / "a.csv", said[:40], ids=False, newest_first=newest_first)
        newer = write(tmp_path / "b.csv", said[10:], ids=False, newest_first=newest_first)
        scan([older], ScanSettings(jobs=1), engine=Cache(folder))
        cache = Cache(folder)
        report = scan([newer], ScanSettings(jobs=1, evidence=3), engine=cache)
        assert known(cache)[0] == 0  # no page was wanted then
        cache = Cache(folder)
        again = scan([newer], ScanSettings(jobs=1), engine=cache)
        assert known(cache) == (25, 25)
        assert report.findings == again.findings
        assert whole(again) == whole(scan([newer], ScanSettings(jobs=1)))


def test_a_result_shows_what_it_had_no_room_for_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_module, "Shards", lambda: Shards(count=1))
    said = talks(300)
    asked = ScanSettings(jobs=1, evidence=12)
    scan([write(tmp_path / "a.csv", said)], asked, engine=Cache(tmp_path / "kept"))
    path = write(tmp_path / "b.csv", [one for one in said if one.talk % 3])
    cache = Cache(tmp_path / "kept")
    assert whole(scan([path], asked, engine=cache)) == whole(scan([path], asked))
    assert 180 < cache.known < 200 == cache.conversations


def test_a_week_later_only_what_moved_is_audited(tmp_path: Path) -> None:
    said = talks(100, days=50)
    weeks = [[one for one in said if one.at < START + days * DAY] for days in (43, 50)]
    scan([write(tmp_path / "a.csv", weeks[0])], ScanSettings(jobs=1), engine=Cache(tmp_path / "kept"))
    cache = Cache(tmp_path / "kept")
    scan([write(tmp_path / "b.csv", weeks[1])], ScanSettings(jobs=1), engine=cache)
    assert known(cache) == (len(weeks[0]) // 2, 100)


def test_a_new_suppression_audits_only_what_it_could_concern(tmp_path: Path) -> None:
    path = write(tmp_path / "w.csv", talks(40))
    plain = scan([path], ScanSettings(jobs=1), engine=Cache(tmp_path / "kept"))
    failing = {finding.conversation_id for finding in plain.findings}
    cache = Cache(tmp_path / "kept")
    asked = ScanSettings(jobs=1, reading=reading(IGNORE % ("conversation: t1", 30)))
    scan([path], asked, engine=cache)
    assert 0 < len(failing) < 40
    assert known(cache) == (40 - len(failing), 40)


OWN = """
from supportaudit.checkkit import Hit

def run(talk, params):
    for turn in talk.customers:
        yield Hit((turn,), turn.text, f"%s {turn.id} of line {turn.message.line}", confidence=0.9)
"""


def test_a_check_of_ones_own_may_look_at_anything(tmp_path: Path) -> None:
    """Only the built-in ones are known to say nothing of lines."""
    said = talks(10)
    folder = tmp_path / "every-question"
    folder.mkdir()
    about = "{id: every-question, title: Asked, severity: low, about: Somebody asked., fix: Answer.}"
    (folder / "check.yaml").write_text(about, "utf-8")
    (folder / "cases.yaml").write_text("[]", "utf-8")
    for word, first in (("message", 4), ("message", 0), ("question", 0)):
        (folder / "check.py").write_text(OWN % word, "utf-8")
        path = write(tmp_path / "w.csv", said[first:], ids=False)
        with adding([folder]):
            asked = ScanSettings(jobs=1)
            assert whole(scan([path], asked, engine=Cache(tmp_path / "kept"))) == whole(scan([path], asked))


def test_a_crash_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "w.csv", talks(5))

    def crashing(*arguments: Any) -> Iterator[Any]:
        for audited in audit_journey(*arguments):
            failed = Outcome("slow-reply", Status.ERROR, reason="MemoryError in check 'slow-reply'")
            yield msgspec.structs.replace(audited, outcomes=(failed, *audited.outcomes[1:]))

    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "audit_journey", crashing)
        scan([path], ScanSettings(jobs=1), engine=Cache(tmp_path / "kept"))
    cache = Cache(tmp_path / "kept")
    assert whole(scan([path], ScanSettings(jobs=1), engine=cache)) == whole(
        scan([path], ScanSettings(jobs=1))
    )
    assert known(cache) == (0, 5)


# ---- by what it is known


def digest(asked: ScanSettings = CHANGES[0]) -> bytes:
    with Shards() as shards:
        taken = take_in([WEEK], asked.reading, shards)
    return rules.digest_of_rules(Job.of(asked, taken))


def test_the_digest_is_the_same_in_every_process() -> None:
    code = "from tests.test_cache import digest; print(digest().hex())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=WEEK.parents[1],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert len(seen) == 1


@pytest.mark.parametrize("what", ["lexicon.py", "en.yaml", "check.py"])
def test_whatever_judges_is_in_the_digest(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = list(rules._sources())
    old = next(path for path in sources if path.name == what)
    new = tmp_path / what
    new.write_bytes(old.read_bytes() + b"\n")
    before = rules._program()
    rules._program.cache_clear()
    monkeypatch.setattr(rules, "_sources", lambda: [new if path == old else path for path in sources])
    try:
        assert rules._program() != before
    finally:
        rules._program.cache_clear()


def test_every_library_that_can_judge_is_in_the_digest() -> None:
    """One that is new must be put on either side."""
    innocent = {"typer", "rich", "jinja2", "junitparser", "msgspec", "charset-normalizer", "backports.zstd"}
    project = tomllib.loads((WEEK.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    names = {line.partition(">")[0] for line in project["dependencies"]}
    assert names - innocent == set(rules.JUDGING)
    assert len(rules._installed()) >= len(rules.JUDGING) - 1  # tzdata is on some machines only


def test_a_setting_of_an_unknown_kind_is_not_passed_over() -> None:
    with pytest.raises(TypeError, match="cannot tell from another: object"):
        rules.encoded({"new": object()})


# ---- the file


def filled(path: Path, limit: int, runs: int, each: int, size: int = 900) -> CacheFile:
    """A file after some runs, each of which wrote entries of its own."""
    for run in range(runs):
        file = CacheFile.begin(path, limit)
        file.put([], {value_key(run, n): bytes([run]) * size for n in range(each)})
    return file


def value_key(run: int, number: int) -> bytes:
    return f"{run}/{number}".encode()


def test_the_file_stays_below_its_limit_and_forgets_what_was_not_used_for_longest(tmp_path: Path) -> None:
    path, limit = tmp_path / NAME, 1 << 20
    filled(path, limit, runs=2, each=200)
    used = [value_key(0, n) for n in range(200)]
    for run in range(2, 8):
        file = CacheFile.begin(path, limit)
        file.put(used, {value_key(run, n): bytes([run]) * 900 for n in range(200)})
        assert path.stat().st_size <= limit
    assert len(file.get(used)) == 200
    assert file.get([value_key(1, n) for n in range(200)]) == {}
    assert len(file.get([value_key(7, n) for n in range(200)])) == 200


def test_a_smaller_limit_makes_the_file_smaller(tmp_path: Path) -> None:
    filled(tmp_path / NAME, 1 << 22, runs=3, each=800)
    assert (tmp_path / NAME).stat().st_size > 2 << 20
    CacheFile.begin(tmp_path / NAME, 1 << 20)
    assert (tmp_path / NAME).stat().st_size <= 1 << 20


def test_an_export_larger_than_the_cache_is_known_in_part_every_time(tmp_path: Path) -> None:
    path, limit = tmp_path / NAME, 1 << 20
    counts = []
    for _ in range(4):
        file, hits = CacheFile.begin(path, limit), 0
        for shard in range(12):  # 2 MB in all
            keys = [value_key(shard, n) for n in range(200)]
            there = file.get(keys)
            hits += len(there)
            file.put(list(there), {key: b"x" * 900 for key in keys if key not in there})
        counts.append(hits)
        assert path.stat().st_size <= limit
    assert min(counts[1:]) > 600


WRITER = """
import sys, itertools
from pathlib import Path
from supportaudit.auditing.cache_file import CacheFile
path = Path(sys.argv[1])
for run in itertools.count():
    file = CacheFile.begin(path, 1 << 21)
    print(run, flush=True)
    file.put([b"%d" % n for n in range(0, 900, 7)], {b"%d" % n: b"%d|" % n * 150 for n in range(run % 5, 900, 2)})
"""


def test_a_kill_at_any_moment_leaves_whole_entries_only(tmp_path: Path) -> None:
    path = tmp_path / NAME
    keys = [b"%d" % n for n in range(900)]
    found = 0
    for kill in range(8):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(random.Random(kill).random() * 0.12)
        writer.kill()
        writer.wait()
        writer.stdout.close()
        there = CacheFile.begin(path, 1 << 21).get(keys)
        assert all(value == key + b"|" + (key + b"|") * 149 for key, value in there.items())
        found += len(there)
        db = sqlite3.connect(path)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        db.close()
    assert found > 0


def test_a_damaged_file_never_changes_the_answer(tmp_path: Path) -> None:
    path = write(tmp_path / "w.csv", talks(12))
    asked = ScanSettings(jobs=1)
    expected = whole(scan([path], asked))
    kept = tmp_path / "kept"
    scan([path], asked, engine=Cache(kept))
    good = (kept / NAME).read_bytes()
    said = set()
    for seed in range(25):
        rng = random.Random(seed)
        bad = bytearray(good[: rng.choice((len(good), len(good) // 2))])
        for _ in range(rng.choice((1, 40, 2000))):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        (kept / NAME).write_bytes(bad)
        cache = Cache(kept)
        assert whole(scan([path], asked, engine=cache)) == expected
        assert "\n" not in cache.words
        said.add(cache.words.startswith("warning: "))
    assert said == {True, False}


# ---- several at once


def test_several_audits_may_use_one_folder(tmp_path: Path) -> None:
    said = talks(60)
    paths = [write(tmp_path / f"{n}.csv", said[n * 10 : n * 10 + 90]) for n in range(3)]
    plain = [whole_json(path) for path in paths]
    for _ in range(2):
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "supportaudit", "scan", str(path), "--cache", str(tmp_path / "kept"), "-f",
                 "json", "-o", str(path.with_suffix(".json")), "--jobs", "1"],
                stderr=subprocess.PIPE, text=True,
            )
            for path in paths
        ]  # fmt: skip
        for process, path, expected in zip(running, paths, plain, strict=True):
            heard = process.communicate()[1]
            assert "warning" not in heard
            assert process.returncode == 0
            assert path.with_suffix(".json").read_text("utf-8") == expected


def whole_json(path: Path) -> str:
    return str(FORMATS["json"](scan([path], ScanSettings(jobs=1)), VIEW))


def test_worker_processes_share_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "SMALL", 0)
    path = write(tmp_path / "w.csv", talks(30))
    expected = whole(scan([path], ScanSettings(jobs=1, evidence=3)))
    for count in (0, 30):
        cache = Cache(tmp_path / "kept")
        assert whole(scan([path], ScanSettings(jobs=2, evidence=3), engine=cache)) == expected
        assert known(cache) == (count, 30)


# ---- what can go wrong with the folder


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process: its code, what it printed, what it said on standard error."""

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["supportaudit", *map(str, arguments), "--jobs", "1"])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed, heard = capsys.readouterr()
        return int(end.value.code or 0), printed, heard

    return ran


def test_the_command_and_the_api_have_one_limit() -> None:
    command = typer.main.get_command(cli.app)
    for name in ("scan", "report"):
        options = {option.name: option.default for option in command.commands[name].params}  # type: ignore[attr-defined]
        assert options["cache_limit"] << 20 == LIMIT


def test_the_command_says_how_it_went(tmp_path: Path, run: Run) -> None:
    path = write(tmp_path / "w.csv", talks(7))
    plain = run("scan", path)
    cold = run("scan", path, "--cache", tmp_path / "kept")
    warm = run("scan", path, "--cache", tmp_path / "kept")
    assert plain[:2] == cold[:2] == warm[:2]
    assert f"{tmp_path / 'kept'}: 0 of 7 conversations were as in an earlier audit\n" in cold[2]
    assert f"{tmp_path / 'kept'}: 7 of 7 conversations were as in an earlier audit\n" in warm[2]


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path: Path, run: Run) -> None:
    path = write(tmp_path / "w.csv", talks(7))
    (tmp_path / "kept" / NAME).mkdir(parents=True)
    code, printed, heard = run("scan", path, "--cache", tmp_path / "kept")
    assert (code, printed) == run("scan", path)[:2]
    assert heard == (
        f"warning: {tmp_path / 'kept'}: cannot be written: is a directory; the audit went on without its cache\n"
    )


def test_a_file_that_another_holds_is_a_warning(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "w.csv", talks(7))
    run("scan", path, "--cache", tmp_path / "kept")
    monkeypatch.setattr(cache_file, "_BUSY", 0.01)
    holder = sqlite3.connect(tmp_path / "kept" / NAME, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    code, printed, heard = run("scan", path, "--cache", tmp_path / "kept")
    holder.close()
    assert (code, printed) == run("scan", path)[:2]
    assert "cannot be used: database is locked; the audit went on without its cache\n" in heard


@pytest.mark.parametrize("name", ["w.csv", "w.csv/kept"])
def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path, run: Run, name: str) -> None:
    path = write(tmp_path / "w.csv", talks(2))
    code, printed, heard = run("scan", path, "--cache", tmp_path / name)
    assert (code, printed) == (2, "")
    assert heard.startswith(f"error: --cache: {tmp_path / name}")
    assert "Traceback" not in heard


def test_a_folder_among_the_exports_is_refused_unless_it_is_hidden(tmp_path: Path) -> None:
    write(tmp_path / "w.csv", talks(2))
    with pytest.raises(SettingsError, match="lies in"):
        scan([tmp_path], ScanSettings(jobs=1), engine=Cache(tmp_path / "kept"))
    (tmp_path / "kept").rename(tmp_path / ".kept")
    (tmp_path / ".kept" / NAME).unlink(missing_ok=True)
    cache = Cache(tmp_path / ".kept")
    scan([tmp_path], ScanSettings(jobs=1), engine=cache)
    assert known(cache) == (0, 2)


# ---- what is in it


def test_it_is_readable_by_its_owner_and_not_for_repositories(tmp_path: Path) -> None:
    scan([write(tmp_path / "w.csv", talks(3))], ScanSettings(jobs=1), engine=Cache(tmp_path / "a" / "kept"))
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "a" / "kept").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "a" / "kept" / NAME).stat().st_mode) == 0o600
    assert (tmp_path / "a" / "kept" / ".gitignore").read_text("utf-8").endswith("*\n")


@pytest.mark.parametrize("redact", [True, False])
def test_personal_data_are_hidden_in_it_as_in_results(tmp_path: Path, redact: bool) -> None:
    secrets = ("ana.cole@post.example", "+44 20 7946 0958", "Ana Cole")
    said = [replace(one, text=f"{one.text} I am Ana Cole, {secrets[0]}, {secrets[1]}.") for one in talks(12)]
    asked = ScanSettings(jobs=1, redact=redact, evidence=ALL)
    scan([write(tmp_path / "w.csv", said)], asked, engine=Cache(tmp_path / "kept"))
    db = sqlite3.connect(tmp_path / "kept" / NAME)
    values = [zlib.decompress(value[8:]) for (value,) in db.execute("SELECT value FROM audits")]
    db.close()
    text = b" ".join(values)
    assert len(values) == 12
    assert b"Where is my parcel" in text
    assert [secret.encode() in text for secret in secrets] == [not redact] * 3
