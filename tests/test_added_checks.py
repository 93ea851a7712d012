"""Checks that the user names: loaded only then, refused in one sentence where they are not well formed, and listed."""

import json
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportaudit.auditing import registry, scan
from supportaudit.auditing.added import adding
from supportaudit.auditing.casefile import load_cases
from supportaudit.auditing.intake import Reading
from supportaudit.auditing.registry import Added, check_named, in_force, load_checks
from supportaudit.auditing.scan import ScanSettings
from supportaudit.cli import main
from supportaudit.errors import CheckError, UserError
from supportaudit.model import Status
from supportaudit.settings.written import parse_settings

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "house-checks" / "gift-ignored"
SAID = {"id": "late-refund", "title": "Late", "severity": "low", "about": "It is late.", "fix": "Be early."}
CODE = "from supportaudit.checkkit import Hit\n\ndef run(talk, params):\n    yield from ()\n"
CASES = "cases:\n  quiet:\n    talk: |\n      09:00 customer Ann: Hello\n"
WISH = "Could you please wrap it as a gift? It is order 12345."
EXPORT = f"""conversation_id,created_at,role,author,text
t1,2026-03-02 09:00,customer,Ann Bee,{WISH}
t1,2026-03-02 09:05,agent,Rob Ray,Your order leaves tomorrow.
t2,2026-03-02 09:00,customer,Bea Sea,"Guten Tag, bitte als Geschenk verpacken, Bestellung 55512."
t2,2026-03-02 09:03,agent,Rob Ray,"Gerne, wir verpacken es."
t3,2026-03-02 09:00,customer,Cy Dee,"Bonjour, je voudrais savoir quand ma commande arrive, merci."
t3,2026-03-02 09:03,agent,Rob Ray,"Bonjour, elle arrive demain."
"""
Make = Callable[..., Path]
Run = Callable[..., "Done"]


class Done:
    """What a command said, and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A check folder; `files` replace its files, None takes one away, `said` changes keys of check.yaml."""

    def folder(name: str = "late-refund", under: str = "house", files: Any = None, **said: Any) -> Path:
        written = {
            "check.yaml": yaml.safe_dump({**SAID, "id": name, **said}),
            "check.py": CODE,
            "cases.yaml": CASES,
            **(files or {}),
        }
        path = tmp_path / under / name
        path.mkdir(parents=True)
        for file, text in written.items():
            if text is not None:
                (path / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        return path.parent

    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Types a command in a folder that holds `export.csv` and the example's `house-checks`."""
    (tmp_path / "export.csv").write_text(EXPORT)
    shutil.copytree(EXAMPLE.parent, tmp_path / "house-checks", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["supportaudit", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return command


def audited(run: Run, *options: str) -> Any:
    done = run("scan", "export.csv", "-f", "json", "-j", "1", *options)
    assert done.code == 0, done.err
    return json.loads(done.out)


# --- what it does


def test_a_named_check_judges_and_is_listed_with_its_origin(run: Run) -> None:
    result = audited(run, "--checks-from", "house-checks")
    (finding,) = result["findings"]
    assert (finding["check"], finding["conversation_id"]) == ("gift-ignored", "t1")
    assert finding["quote"] == "Could you please wrap it as a gift?"
    listed = result["run"]["settings"]["added_checks"]
    assert re.fullmatch(r"gift-ignored \(house-checks, [0-9a-f]{12}\)", listed)
    for form in ("text", "markdown", "html"):
        assert listed in run("scan", "export.csv", "-f", form, "--checks-from", "house-checks").out, form


def test_a_result_read_back_still_says_which_checks_were_added(run: Run, tmp_path: Path) -> None:
    done = run("scan", "export.csv", "-o", "json=result.json", "--checks-from", "house-checks")
    assert done.code == 0, done.err
    assert run("report", "result.json", "-o", "page.html").code == 0
    assert "gift-ignored (house-checks, " in (tmp_path / "page.html").read_text()


def test_its_own_words_are_judged_in_the_languages_that_it_brings(run: Run) -> None:
    """English fails, German passes, French is not applicable: silence in a language that it cannot read is no pass."""
    scores = audited(run, "--checks-from", "house-checks")["scorecard"]["checks"]
    (own,) = [score for score in scores if score["check"] == "gift-ignored"]
    assert (own["judged"], own["failed"]) == (2, 1)
    assert own["not_applicable_reasons"] == {"no language pack": 1}


def test_the_built_in_checks_find_what_they_find_without_it(run: Run) -> None:
    with_own, without = audited(run, "--checks-from", "house-checks"), audited(run)
    ours = [c for c in with_own["scorecard"]["checks"] if c["check"] != "gift-ignored"]
    for checks in (ours, without["scorecard"]["checks"]):
        for check in checks:
            del check["cost"]  # a share of what all checks cost
    assert ours == without["scorecard"]["checks"]
    assert "added_checks" not in without["run"]["settings"]


def test_with_weight_0_the_score_stays_as_it_is(run: Run, tmp_path: Path) -> None:
    settings_file = tmp_path / "team.yaml"
    scores = []
    for weight in (0, 3):
        settings_file.write_text(f"checks: {{gift-ignored: {{weight: {weight}}}}}\n")
        result = audited(run, "--checks-from", "house-checks", "-c", str(settings_file))
        scores.append(result["scorecard"]["score"])
    assert scores[0] == audited(run)["scorecard"]["score"]
    assert scores[1] < scores[0]


def test_it_has_a_limit_in_the_gate(run: Run) -> None:
    done = run("scan", "export.csv", "--checks-from", "house-checks", "--fail-on", "gift-ignored")
    assert done.code == 1
    assert run("scan", "export.csv", "--fail-on", "gift-ignored").code == 2


def test_several_processes_say_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "SMALL", 0)
    one = audited(run, "--checks-from", "house-checks")
    two = json.loads(run("scan", "export.csv", "-f", "json", "-j", "2", "--checks-from", "house-checks").out)
    assert one == two


def test_workers_judge_by_the_files_as_they_were_when_they_were_named(make: Make) -> None:
    house = make()
    with adding([house]):
        made = ScanSettings(reading=Reading())
    (house / "late-refund" / "check.py").write_text("raise SystemExit('changed meanwhile')\n")
    assert "late-refund" in {check.id for check in made.checks()}


def test_its_markers_change_nothing_in_what_a_message_shows_otherwise() -> None:
    (wrapped,) = [c for c in load_cases(EXAMPLE) if c.name == "the wish is passed over"]
    with adding([EXAMPLE]):
        own = check_named("gift-ignored")
        assert wrapped.audit(own).status is Status.FAILED
    (said,) = wrapped.audit(own).findings
    assert said.quote == "Could you please wrap it as a gift?"


# --- pages


def test_the_small_commands_know_it(run: Run) -> None:
    named = ("--checks-from", "house-checks")
    assert "gift-ignored      medium A wish for gift wrapping was ignored" in run("checks", *named).out
    page = run("explain", "gift-ignored", *named).out
    assert "severity medium · weight 0 · house-checks" in page
    assert "the wish is passed over" in page
    assert "checks.gift-ignored.params.answers" in run("config", *named).out
    schema = json.loads(run("schema", *named).out)
    assert "gift-ignored" in schema["$defs"]["CheckTable"]["properties"]
    assert run("explain", "gift-ignored").code == 2


def test_a_check_without_why_has_no_empty_section(run: Run, make: Make) -> None:
    make()
    page = run("explain", "late-refund", "--checks-from", "house").out
    assert "Why it costs" not in page
    assert "What to do" in page


def test_the_cases_of_the_example_hold(run: Run) -> None:
    done = run("checks", "--checks-from", "house-checks", "--test")
    assert (done.code, done.out) == (0, "gift-ignored: 4 cases, all as they say\n")


def test_a_case_or_a_sample_that_does_not_hold_is_told_and_fails(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "house-checks" / "gift-ignored"
    cases, markers = folder / "cases.yaml", folder / "markers.yaml"
    cases.write_text(cases.read_text().replace("[m1, m2]", "[m2]"))
    markers.write_text(markers.read_text().replace('"It was a present"', '"A gift wrap"'))
    done = run("checks", "--checks-from", "house-checks", "--test")
    assert done.code == 1
    assert "finding 1: at should be ['m2'], is \"['m1', 'm2']\"" in done.out
    assert "finds:" in done.out
    assert "gift_wish: en: 'A gift wrap' is found, and must not be, in a message of the customer" in done.out


def test_a_crash_is_told_with_its_line(run: Run, make: Make) -> None:
    make(files={"check.py": "def run(talk, params):\n    yield talk.no_such_thing\n"})
    done = run("checks", "--checks-from", "house", "--test")
    assert done.code == 1
    assert "check.py line 2: AttributeError" in done.out


# --- nothing runs that was not named


@pytest.fixture
def canary(make: Make, tmp_path: Path) -> Path:
    """A check in `house/` whose code leaves this file behind."""
    ran = tmp_path / "ran"
    make(files={"check.py": f"open({str(ran)!r}, 'w').close()\n{CODE}"})
    return ran


def test_its_code_runs_when_it_judges(run: Run, canary: Path) -> None:
    assert run("scan", "export.csv", "--checks-from", "house").code == 0
    assert canary.exists()


@pytest.mark.parametrize("command", ["inspect export.csv", "config", "schema"])
def test_commands_that_judge_nothing_run_none_of_it(command: str, run: Run, canary: Path) -> None:
    done = run(*command.split(), "--checks-from", "house")
    assert done.code == 0, done.err
    assert not canary.exists()


def test_completing_a_command_line_looks_at_no_check(
    run: Run, canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_SUPPORTAUDIT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "supportaudit explain --checks-from house ")
    monkeypatch.setenv("COMP_CWORD", "4")
    run()
    assert not canary.exists()


@pytest.mark.parametrize(
    "line",
    [
        "checks-from: house", "plugin: acme", "plugins: [acme]", "checks: {late-refund: {enabled: true}}",
        "checks: {rudeness: {path: house}}", "checks: !!python/name:os.system {}",
        "language: !!python/object/apply:os.system ['touch ran']", "ignore: !!python/module:antigravity []",
    ],
)  # fmt: skip
@pytest.mark.parametrize("named", [False, True])
def test_no_settings_file_can_name_code(
    line: str, named: bool, run: Run, canary: Path, tmp_path: Path
) -> None:
    """Neither one that is found in the working folder, nor one that was given."""
    (tmp_path / ("team.yaml" if named else "supportaudit.yaml")).write_text(line + "\n")
    done = run("scan", "export.csv", *(["-c", "team.yaml"] if named else []))
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert not canary.exists()


def test_no_environment_variable_names_code(run: Run, canary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for option in ("CHECKS_FROM", "PLUGIN", "SCAN_CHECKS_FROM", "SCAN_PLUGIN"):
        monkeypatch.setenv(f"SUPPORTAUDIT_{option}", "house")
    assert run("scan", "export.csv").code == 0
    assert not canary.exists()


def test_what_was_named_for_one_command_is_forgotten_after_it(run: Run) -> None:
    assert run("checks", "--checks-from", "house-checks").code == 0
    assert in_force() == ()
    assert len(load_checks()) == len(registry.ORDER)


def test_each_thread_has_its_own(make: Make) -> None:
    seen: list[tuple[Added, ...]] = []
    with adding([make()]):
        thread = threading.Thread(target=lambda: seen.append(in_force()))
        thread.start()
        thread.join()
    assert seen == [()]


# --- plugins


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lays a package with a check, and its metadata, where Python finds it."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def package(
        offers: str = "acme = acme_checks", distribution: str = "acme-checks", name: str = "acme_checks"
    ) -> None:
        info = site / f"{distribution.replace('-', '_')}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[supportaudit.checks]\n{offers}\n")
        folder = site / name
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w').close()\n")
        shutil.copytree(EXAMPLE, folder / "gift-ignored", dirs_exist_ok=True)

    return package


def test_a_plugin_is_taken_when_it_is_named_and_not_before(
    run: Run, install: Callable[..., None], tmp_path: Path
) -> None:
    install()
    assert len(audited(run)["scorecard"]["checks"]) == 11
    assert not (tmp_path / "imported").exists()
    result = audited(run, "--plugin", "acme")
    assert result["run"]["settings"]["added_checks"].startswith("gift-ignored (acme-checks 1.2, ")
    assert [finding["check"] for finding in result["findings"]] == ["gift-ignored"]
    assert not (tmp_path / "imported").exists()  # its folder is read; the package itself is not needed


def test_folder_and_plugin_go_together(run: Run, install: Callable[..., None], make: Make) -> None:
    install()
    make()
    listed = audited(run, "--plugin", "acme", "--checks-from", "house")["run"]["settings"]["added_checks"]
    assert sorted(re.findall(r"[a-z-]+(?= \()", listed)) == ["gift-ignored", "late-refund"]


def test_a_plugin_that_is_not_there_is_refused(run: Run, install: Callable[..., None]) -> None:
    assert "there is no plugin 'acme'; none is installed" in run("checks", "--plugin", "acme").err
    install()
    assert "did you mean 'acme'?" in run("checks", "--plugin", "acne").err
    assert "installed are acme" in run("checks", "--plugin", "zzz").err


@pytest.mark.parametrize(
    ("offers", "words"),
    [
        ("acme = acme_checks:run", "must be a package that holds check folders"),
        ("acme = no_such_thing", "there is no package 'no_such_thing'"),
        ("acme = no_such_thing.inside", "ModuleNotFoundError"),
        ("acme = json.tool", "there is no package 'json.tool'"),
        ("acme = json", "holds no check"),
    ],
)
def test_a_plugin_that_names_no_package_of_checks_is_refused(
    offers: str, words: str, run: Run, install: Callable[..., None]
) -> None:
    install(offers)
    done = run("checks", "--plugin", "acme")
    assert done.code == 2
    assert words in done.err


def test_two_packages_that_offer_the_same_name_are_refused(run: Run, install: Callable[..., None]) -> None:
    install()
    install(distribution="other-checks")
    done = run("checks", "--plugin", "acme")
    assert "acme-checks 1.2 and other-checks 1.2 both offer a plugin 'acme'; uninstall one" in done.err


# --- refused


LOOK = "w: {side: [agent], about: a, en: {any: ['%s']}}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"files": {"check.py": None}}, "house/late-refund/check.py: is missing"),
        ({"files": {"check.yaml": None}}, "house/late-refund/check.yaml: is missing"),
        ({"files": {"cases.yaml": None}}, "house/late-refund/cases.yaml: is missing"),
        ({"files": {"check.yaml": "[]"}}, "must be a mapping"),
        ({"files": {"check.yaml": "a: b: c"}}, "mapping values are not allowed"),
        ({"files": {"check.yaml": b"\xff\xfe"}}, "is not UTF-8 text"),
        ({"files": {"check.yaml": "id: !!python/object/apply:os.getcwd []"}}, "could not determine a constructor"),
        ({"id": "other"}, "id is 'other' but the folder is 'late-refund'"),
        ({"id": [1]}, "id is a list"),
        ({"titel": "x"}, "unknown key 'titel'; did you mean 'title'?"),
        ({"title": ""}, "title: must be text"),
        ({"title": "\x1b[31mred"}, "title: holds a character that cannot be shown"),
        ({"about": "left \u202e right"}, "about: holds a character that cannot be shown"),
        ({"fix": ["x"]}, "fix: must be text"),
        ({"severity": "fatal"}, "severity must be low, medium or high"),
        ({"severity": [1]}, "severity must be low, medium or high"),
        ({"weight": -1}, "weight must be a number of 0 or more"),
        ({"weight": float("nan")}, "weight must be a number of 0 or more"),
        ({"weight": 10**400}, "weight must be a number of 0 or more"),
        ({"weight": True}, "weight must be a number of 0 or more"),
        ({"needs": "clock"}, "needs: must be a list of clock, wording"),
        ({"needs": ["time"]}, "needs: 'time' is not one of clock, wording"),
        ({"params": [1]}, "params: must hold parameters by name"),
        ({"params": {"Days": {"default": 1, "help": "x"}}}, "'Days' is no name for a parameter"),
        ({"params": {"days": 3}}, "days: needs exactly 'default' and 'help'"),
        ({"params": {"days": {"default": [], "help": "x"}}}, "days: default must be"),
        ({"params": {"days": {"default": float("inf"), "help": "x"}}}, "days: default must be"),
        ({"name": "any"}, "'any' cannot be an id"),
        ({"name": "Late"}, "'Late' cannot be an id"),
        ({"name": "x" * 41}, "cannot be an id"),
        ({"name": "rudeness"}, "'rudeness' is a built-in check; give yours another name"),
        ({"name": "praise-answered"}, "'praise-answered' is a built-in signal"),
        ({"files": {"markers.yaml": LOOK % "a"}}, "it must say needs: [wording]"),
        ({"needs": ["wording"], "files": {"markers.yaml": "[]"}}, "must hold markers by name"),
        ({"needs": ["wording"], "files": {"markers.yaml": "Wish: {}"}}, "'Wish' is no name for a marker"),
        ({"needs": ["wording"], "files": {"markers.yaml": "thanks: {}"}}, "is a marker of the language packs"),
        ({"needs": ["wording"], "files": {"markers.yaml": "w: 1"}}, "w: must hold side, about, and languages"),
        ({"needs": ["wording"], "files": {"markers.yaml": "w: {side: [boss], about: a}"}}, "side must list"),
        ({"needs": ["wording"], "files": {"markers.yaml": "w: {side: [agent]}"}}, "about must say"),
        ({"needs": ["wording"], "files": {"markers.yaml": "w: {side: [agent], about: a}"}}, "has no language"),
        ({"needs": ["wording"], "files": {"markers.yaml": "w: {side: [agent], about: a, EN: {}}"}}, "unknown key 'EN'"),
        ({"needs": ["wording"], "files": {"markers.yaml": "w: {side: [agent], about: a, en: {}}"}}, "no patterns"),
        (
            {"needs": ["wording"], "files": {"markers.yaml": "w: {side: [agent], about: a, en: {al: []}}"}},
            "unknown key 'al'",
        ),
        (
            {"needs": ["wording"], "files": {"markers.yaml": "w: {side: [agent], about: a, en: {any: x}}"}},
            "any: must be a list of texts",
        ),
        ({"needs": ["wording"], "files": {"markers.yaml": LOOK % "{no_such_word}"}}, "'{no_such_word}' is not among"),
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_refused_in_one_sentence(
    change: dict[str, Any], words: str, run: Run, make: Make
) -> None:
    make(**change)
    done = run("checks", "--checks-from", "house")
    assert done.code == 2
    error, *more = done.err.splitlines()
    assert error.startswith("error: house/")
    assert words in error
    assert all(line.startswith("  hint: ") for line in more)


@pytest.mark.parametrize("pattern", [r"a(?=b)", r"(?<!a)b", r"(a)\1", r"(?P<x>a)(?P=x)", r"(", r"a{5000}"])
@pytest.mark.parametrize("where", ["any", "unless"])
def test_a_pattern_that_could_be_slow_is_refused_with_the_reason(
    pattern: str, where: str, run: Run, make: Make
) -> None:
    lists = {"any": ["plain"], where: [pattern]}
    markers = yaml.safe_dump({"wish": {"side": ["customer"], "about": "a", "en": lists}})
    make(needs=["wording"], files={"markers.yaml": markers})
    done = run("checks", "--checks-from", "house")
    assert done.code == 2
    assert f"markers.yaml: wish: en: pattern '{pattern}' is refused by RE2: " in done.err


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = 1\n", "has no function 'run(talk, params)'"),
        ("def run(:\n", "SyntaxError"),
        ("raise ValueError('two\\nlines')\n", "ValueError: two lines"),
        ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
        ("import no_such_thing\n", "ModuleNotFoundError: No module named 'no_such_thing'"),
    ],
)
def test_code_that_cannot_be_loaded_is_refused_in_one_sentence(
    code: str, words: str, run: Run, make: Make
) -> None:
    make(files={"check.py": code})
    done = run("scan", "export.csv", "--checks-from", "house")
    assert done.code == 2
    (error,) = done.err.splitlines()
    assert error.startswith("error: house/late-refund/check.py: ")
    assert words in error


@pytest.mark.parametrize("folder", ["nowhere", "export.csv", "empty"])
def test_a_folder_without_checks_is_refused(folder: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty" / "__pycache__").mkdir(parents=True)
    done = run("checks", "--checks-from", folder)
    assert done.code == 2
    assert done.err.startswith(f"error: {folder}: ")


def test_two_of_one_name_are_refused_and_one_named_twice_is_not(run: Run, make: Make) -> None:
    make(under="a")
    make(under="b", title="Another")
    both = run("checks", "--checks-from", "a", "--checks-from", "b")
    assert both.code == 2
    assert "b/late-refund: there is a check 'late-refund' in a/late-refund already; rename one" in both.err
    assert run("checks", "--checks-from", "a", "--checks-from", "a").code == 0


def test_two_checks_with_one_marker_are_refused(run: Run, make: Make) -> None:
    for name in ("one", "two"):
        make(name, needs=["wording"], files={"markers.yaml": LOOK % "a"})
    done = run("checks", "--checks-from", "house")
    assert "house/two/markers.yaml: 'w' is a marker of house/one/markers.yaml already; rename one" in done.err


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        ("[]", "must hold 'cases', by name"),
        ("cases: {a: 1}", "a: must hold 'talk'"),
        ("cases: {a: {talk: hello}}", "a talk must begin with"),
        ("cases: {a: {talk: '09:00 customer: x', tlk: 1}}", "a: unknown key 'tlk'"),
        ("cases: {a: {talk: '09:00 customer: x', finds: 1}}", "finds: must be a list of findings, not 1"),
        ("cases: {a: {talk: '09:00 customer: x', finds: [1]}}", "finds: must be a list of mappings"),
        ("cases: {a: {talk: '09:00 customer: x', finds: [{at: m1}]}}", "at: must list messages"),
        ("cases: {a: {talk: '09:00 customer: x', finds: [{quote: 1}]}}", "quote: must be text"),
        ("cases: {a: {talk: '09:00 customer: x', as-of: soon}}", "as-of: must be a day such as"),
        ("cases: {a: {talk: '09:00 customer: x', limits: {chat: 5}}}", "limits.chat must say its unit"),
    ],
)
def test_cases_that_are_not_well_formed_are_refused_in_one_sentence(
    cases: str, words: str, run: Run, make: Make
) -> None:
    make(files={"cases.yaml": cases})
    done = run("checks", "--checks-from", "house", "--test")
    assert done.code == 2
    (error,) = done.err.splitlines()
    assert words in error


HITS = ("(), 'q', 'r', 0.9", "(talk,), 'q', 'r', 0.9", "(t,), 5, 'r', 0.9", "(t,), 'q', None, 0.9", "(t,), 'q', 'r', 9",
        "(t,), 'q', 'r', float('nan')", "(t,), 'q', 'r', 'sure'")  # fmt: skip


@pytest.mark.parametrize("hit", HITS)
def test_a_hit_that_proves_nothing_is_a_crash_of_the_check_and_never_a_result(
    hit: str, run: Run, make: Make
) -> None:
    lines = [
        "from supportaudit.checkkit import Hit",
        "def run(talk, params):",
        "    t = talk.turns[0]",
        f"    yield Hit({hit})",
    ]
    make(files={"check.py": "\n".join(lines) + "\n"})
    done = run("scan", "export.csv", "--checks-from", "house", "-f", "json", "-j", "1")
    assert done.code == 2
    assert "a check crashed on some conversations" in done.err
    assert json.loads(done.out)["findings"] == []


# --- anything at all

ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates()
VALUES = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ATOMS, inner, max_size=3), max_leaves=6
)
KEYS = st.sampled_from([*registry._KEYS, "en", "side", "any", "cases", "talk"])


def documents() -> st.SearchStrategy[Any]:
    return VALUES | st.dictionaries(KEYS, VALUES, max_size=9).map(lambda some: {**SAID, **some})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(said=documents(), wording=st.none() | VALUES)
def test_whatever_a_check_folder_says_it_is_taken_or_refused(said: Any, wording: Any) -> None:
    def text(value: Any) -> str:
        return yaml.safe_dump(value, allow_unicode=True)

    added = Added(
        "late-refund", "x", "x", Path("x"), text(said), CODE, None if wording is None else text(wording)
    )
    try:
        registry.declared_added(added)
        registry.markers_of(added)
    except CheckError as error:
        assert "\n" not in error.message


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_whatever_a_settings_file_says_it_is_taken_or_refused(text: str) -> None:
    try:
        parse_settings(text, "supportaudit.yaml")
    except UserError as error:
        assert "\n" not in error.message


# --- what the docs show


def shown() -> Iterator[tuple[str, str]]:
    text = (ROOT / "docs" / "own-checks.md").read_text("utf-8")
    yield from re.findall(r"^### (\S+)\n.*?^```(?:yaml|python)\n(.*?)^```", text, re.M | re.S)


def test_the_docs_show_the_example_as_it_lies_there() -> None:
    assert dict(shown()) == {
        path.name: path.read_text("utf-8") for path in EXAMPLE.iterdir() if path.is_file()
    }
    with adding([EXAMPLE.parent]):
        (added,) = in_force()
    listed = f"gift-ignored (examples/house-checks, {added.digest})"
    assert listed in (ROOT / "docs" / "own-checks.md").read_text("utf-8")
