"""The ready-made pieces do what they say: action, GitLab job, cron, hooks, image, completion, manual page, example."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from supportaudit.cli import app
from supportaudit.render import FORMATS

ROOT = Path(__file__).parents[1]
PROGRAM = f'#!{sys.executable}\nfrom supportaudit.cli import main\n\nif __name__ == "__main__":\n    main()\n'


def load(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def run(
    command: list[str | Path], cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", **(env or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def needs(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"{name} is not on this machine")


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five weekly exports."""
    folder = tmp_path_factory.mktemp("weeks")
    done = run([sys.executable, ROOT / "examples/ci/make_weeks.py", folder], folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def desk(weeks: Path, tmp_path: Path) -> Path:
    """A folder as a team has it: exports, settings, and `supportaudit` in bin/."""
    for export in weeks.glob("*.csv"):
        shutil.copy(export, tmp_path)
    shutil.copy(ROOT / "examples/ci/supportaudit.yaml", tmp_path)
    program(tmp_path / "bin/supportaudit", PROGRAM)
    return tmp_path


# --- the example


def test_five_weeks_pass_and_fail_as_they_are_said_to(tmp_path: Path) -> None:
    env = {"SUPPORTAUDIT": str(program(tmp_path / "bin/supportaudit", PROGRAM)), "PYTHON": sys.executable}
    done = run([needs("sh"), ROOT / "examples/ci/play.sh", tmp_path / "played"], tmp_path, env)
    assert done.returncode == 0, done.stderr
    acts = [act.splitlines() for act in done.stdout.split("== ")[1:]]
    assert [act[0].partition(":")[0] for act in acts] == [
        "Week 45", "Week 46", "Week 47", "Week 48", "Week 48 again", "Week 49",
    ]  # fmt: skip
    codes = [next(line for line in act if line.startswith("exit code")) for act in acts]
    assert codes == [f"exit code {code}" for code in (0, 1, 1, 1, 0, 0)]
    gates = [
        next(line.removeprefix("Gate").strip() for line in act if line.startswith("Gate")) for act in acts
    ]
    assert gates[0] == gates[4] == gates[5] == "passed: 3 rules"
    assert gates[1] == gates[3] == "failed: 1 of 3 rules"
    assert gates[2] == "failed: 1 rate worse than the baseline"
    assert "  failed  rudeness  settings file" in acts[1]
    assert "  failed  slow-reply is worse than the baseline" in acts[2]
    assert any(re.search(r"slow-reply .*\+12\.6 .*worse \(p 0\.00", line) for line in acts[2])
    assert not any(line.startswith("  failed  ") and "worse" not in line for line in acts[2])
    assert "kept out 1 finding" in " ".join(acts[4])
    assert "matches nothing: remove it" in " ".join(acts[5])


def test_the_weeks_come_out_the_same(weeks: Path, tmp_path: Path) -> None:
    run([sys.executable, ROOT / "examples/ci/make_weeks.py", tmp_path], tmp_path)
    assert len(list(tmp_path.iterdir())) == 5
    for export in tmp_path.iterdir():
        assert export.read_bytes() == (weeks / export.name).read_bytes()


# --- GitHub


def test_no_input_of_the_action_becomes_text_of_a_script() -> None:
    action = load("action.yml")
    steps = action["runs"]["steps"]
    for step in steps:
        assert "${{" not in step.get("run", "")
        assert set(step) & {"run", "uses"}
    scan = steps[-1]
    passed = {
        value for step in steps for value in (*step.get("env", {}).values(), *step.get("with", {}).values())
    }
    passed.add(scan["working-directory"])
    assert passed == {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]}
    for step in steps[1:]:
        script = ROOT / step["run"].strip('"').replace("$GITHUB_ACTION_PATH/", "").replace('"', "").strip("'")
        text = script.read_text(encoding="utf-8")
        assert os.access(script, os.X_OK)
        assert set(re.findall(r"INPUT_[A-Z_]+", text)) == set(step["env"])
        assert "eval" not in text
    written = set(re.findall(r"^hand_on (\w+)", text, re.M)) | {"score", "exit-code"}
    assert set(action["outputs"]) == written


def test_other_actions_are_pinned_by_major_version() -> None:
    """In what users copy; our own action and workflows pin commits (test_supply_chain.py)."""
    used = re.findall(r"uses: (\S+)", (ROOT / "docs/ci.md").read_text(encoding="utf-8"))
    assert len(used) >= 4
    assert all(re.search(r"@v\d+$", name) for name in used)


def action(
    desk: Path, text: str = PROGRAM, /, **inputs: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str], str]:
    """Run the action's audit step as the runner would: the log, the step's outputs, the summary."""
    declared = load("action.yml")
    runner = desk / "runner"
    runner.mkdir(exist_ok=True)
    env_bin = runner / "supportaudit-env/bin"
    program(env_bin / "supportaudit", text)
    program(env_bin / "python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    values = {name: str(about.get("default", "")) for name, about in declared["inputs"].items()}
    values |= {name.replace("_", "-"): value for name, value in inputs.items()}
    env = {
        name: values[re.sub(r"\$\{\{ inputs\.(.+) \}\}", r"\1", source)]
        for name, source in declared["runs"]["steps"][-1]["env"].items()
    }
    for name in ("output", "summary"):
        (runner / name).write_text("", encoding="utf-8")
    env |= {
        "RUNNER_TEMP": str(runner),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        "GITHUB_ACTION_PATH": str(ROOT),
    }
    done = run([needs("bash"), "-e", ROOT / "ci/github/scan.sh"], desk / values["working-directory"], env)
    lines = (runner / "output").read_text(encoding="utf-8").splitlines()
    return done, dict(line.split("=", 1) for line in lines), (runner / "summary").read_text(encoding="utf-8")


def test_the_action_shows_a_failed_gate_everywhere_and_fails(desk: Path) -> None:
    inputs = {
        "files": "\n  week-46.csv  \n\n",
        "fail_on": "slow-reply:50%\nimpersonal:1%",
        "outputs": "csv=all.csv",
    }
    done, outputs, summary = action(desk, **inputs)
    assert done.returncode == 1, done.stdout + done.stderr
    assert outputs["exit-code"] == "1"
    assert 0 < float(outputs["score"]) < 100
    assert outputs["json"] == "supportaudit.json"
    assert json.loads((desk / outputs["json"]).read_bytes())["gate"]["passed"] is False
    assert json.loads((desk / outputs["sarif"]).read_bytes())["version"] == "2.1.0"
    assert (desk / "all.csv").is_file()
    assert "::error title=gate%3A rudeness::" in done.stdout
    assert "| `slow-reply` | ✅ passed |" in summary
    assert "| `rudeness` | ❌ failed |" in summary


def test_what_customers_wrote_is_no_command_of_the_runner(desk: Path) -> None:
    done, _, _ = action(desk, files="week-46.csv", annotations="false")
    stop = re.search(r"^::stop-commands::([0-9a-f]{32})$", done.stdout, re.M)
    assert stop is not None
    before, _, rest = done.stdout.partition(stop[0])
    inside, _, after = rest.partition(f"\n::{stop[1]}::\n")
    assert "of 100" in inside
    assert before == "::group::Scorecard\n"
    assert after == "::endgroup::\n"


def test_the_action_says_what_could_not_be_done_and_hands_on_no_old_result(desk: Path) -> None:
    assert action(desk, files="week-45.csv")[0].returncode == 0
    done, outputs, summary = action(desk, files="week-99.csv")
    assert done.returncode == 2
    assert outputs == {"exit-code": "2"}
    assert re.search(r"^::error title=supportaudit::week-99\.csv", done.stdout, re.M)
    assert "could not be done" in summary
    assert action(desk, files=" \n ")[0].returncode == 2


@pytest.mark.parametrize(
    "evil", ["$(touch pwned)", "`touch pwned`", "; touch pwned", '" && touch pwned #', "*.csv"]
)
def test_inputs_reach_the_program_as_they_are_and_run_nothing(desk: Path, evil: str) -> None:
    names = (
        "files",
        "config",
        "baseline",
        "fail_under",
        "fail_on",
        "max_failures",
        "json",
        "outputs",
        "arguments",
    )
    stub = f'#!/bin/sh\nprintf "%s\\n" "$@" > "{desk}/asked"\n'
    done, _, _ = action(desk, stub, **dict.fromkeys(names, evil))
    assert done.returncode == 0, done.stderr
    asked = (desk / "asked").read_text(encoding="utf-8").splitlines()
    assert [word for word in asked if evil in word] == [
        f"--config={evil}", f"--fail-under={evil}", f"--max-failures={evil}", f"--fail-on={evil}", f"--baseline={evil}",
        evil, evil, evil,
    ]  # fmt: skip
    assert asked[-2:] == ["--", evil]
    assert not list(desk.rglob("pwned"))
    for name in ("INPUT_VERSION", "INPUT_EXTRAS"):
        env = {name: evil, "RUNNER_TEMP": str(desk)}
        assert run([needs("bash"), ROOT / "ci/github/install.sh"], desk, env).returncode == 2


def test_a_folder_of_results_compares_with_an_earlier_week_never_with_itself(desk: Path) -> None:
    first, _, _ = action(desk, files="week-46.csv", baseline="results/", exit_zero="true")
    (kept,) = (desk / "results").iterdir()
    assert re.fullmatch(r"\d{4}-W\d\d\.json", kept.name)
    assert "nothing to compare with" in first.stdout
    again, _, _ = action(desk, files="week-46.csv", baseline="results/", exit_zero="true")
    assert "nothing to compare with" in again.stdout
    kept.rename(kept.with_name("2020-W01.json"))
    done, outputs, _ = action(desk, files="week-47.csv", baseline="results", json="this/week.json")
    assert done.returncode == 1
    assert json.loads((desk / outputs["json"]).read_bytes())["gate"]["worse"] == ["slow-reply"]


def test_paths_are_handed_on_from_the_workspace(desk: Path) -> None:
    (desk / "team").mkdir()
    shutil.copy(desk / "week-45.csv", desk / "team")
    done, outputs, _ = action(desk, files="week-45.csv", working_directory="team", sarif="", summary="false")
    assert done.returncode == 0, done.stdout
    assert outputs["json"] == "team/supportaudit.json"
    assert (desk / outputs["json"]).is_file()
    assert "sarif" not in outputs


@pytest.mark.parametrize(
    ("version", "extras", "wanted"),
    [("", "xlsx", f"{ROOT}[xlsx]"), ("1.0", "", "supportaudit==1.0"),
     ("0.1.0", "xlsx,parquet", "supportaudit[xlsx,parquet]==0.1.0")],
)  # fmt: skip
def test_the_action_installs_what_was_asked_for(
    tmp_path: Path, version: str, extras: str, wanted: str
) -> None:
    """A `python` that makes an environment whose `python` writes down what it was to install."""
    inner = tmp_path / "inner"
    program(inner, f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/asked"\n')
    program(
        tmp_path / "bin/python3",
        f'#!/bin/sh\n[ "$1" = -m ] || exit 0\nmkdir -p "$3/bin"\ncp "{inner}" "$3/bin/python"\n'
        'cp "$3/bin/python" "$3/bin/supportaudit"\nsed -i "s/asked/told/" "$3/bin/supportaudit"\n',
    )
    env = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path), "INPUT_VERSION": version,
        "INPUT_EXTRAS": extras, "GITHUB_ACTION_PATH": str(ROOT),
    }  # fmt: skip
    done = run([needs("bash"), ROOT / "ci/github/install.sh"], tmp_path, env)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text().splitlines()[-1] == wanted


# --- GitLab


def gitlab(desk: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    job = load("ci/gitlab.yml")[".supportaudit"]
    program(desk / "bin/pip", "#!/bin/sh\n")
    env = {name: str(value) for name, value in job["variables"].items() if not str(value).startswith("$")}
    env |= {"PATH": f"{desk / 'bin'}:{os.environ['PATH']}", **variables}
    return run([needs("sh"), "-ec", "\n".join(job["script"])], desk, env)


def test_the_gitlab_job_leaves_the_reports_that_it_declares(desk: Path) -> None:
    done = gitlab(desk, SUPPORTAUDIT_FILES="week-4[6].csv", SUPPORTAUDIT_FAIL_UNDER="10")
    assert done.returncode == 1, done.stderr
    artifacts = load("ci/gitlab.yml")[".supportaudit"]["artifacts"]
    assert artifacts["when"] == "always"
    assert set(artifacts["reports"]) == {"junit", "codequality"}
    for name in (*artifacts["paths"], *artifacts["reports"].values()):
        assert (desk / name).stat().st_size > 0
    assert "gate failed" in done.stdout
    assert "passed  score" in done.stdout


def test_the_gitlab_job_compares_with_an_earlier_week(desk: Path) -> None:
    assert gitlab(desk, SUPPORTAUDIT_FILES="week-46.csv", SUPPORTAUDIT_EXIT_ZERO="1").returncode == 0
    (kept,) = (desk / ".supportaudit").iterdir()
    kept.rename(kept.with_name("2020-W01.json"))
    done = gitlab(desk, SUPPORTAUDIT_FILES="week-47.csv", SUPPORTAUDIT_ARGUMENTS="--by\nteam")
    assert done.returncode == 1
    assert "slow-reply is worse than the baseline" in done.stdout
    assert "By team" in done.stdout


def test_the_gitlab_job_without_an_export_is_never_green(desk: Path) -> None:
    assert gitlab(desk).returncode == 2
    assert gitlab(desk, SUPPORTAUDIT_FILES="no-such.csv").returncode == 2
    assert not list((desk / ".supportaudit").iterdir())


# --- cron


def weekly(desk: Path, *exports: str, mail_to: str = "lead@example.com") -> subprocess.CompletedProcess[str]:
    program(desk / "bin/mail", f'#!/bin/sh\nprintf "%s\\n" "$@" > "{desk}/mailed"\ncat >> "{desk}/mailed"\n')
    env = {
        "PATH": f"{desk / 'bin'}:{os.environ['PATH']}", "STATE": str(desk / "state"), "MAIL_TO": mail_to,
    }  # fmt: skip
    return run([needs("sh"), ROOT / "ci/cron/supportaudit-weekly.sh", *exports], desk, env)


def test_cron_is_silent_when_the_gate_passes_and_keeps_a_history(desk: Path) -> None:
    done = weekly(desk, "week-45.csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (desk / "mailed").exists()
    names = sorted(path.name for path in (desk / "state").iterdir())
    assert [re.sub(r"\d{4}-W\d\d", "WEEK", name) for name in names] == ["WEEK.html", "WEEK.json", "audits.db"]
    if os.name == "posix":
        assert (desk / "state" / names[1]).stat().st_mode & 0o077 == 0


def test_cron_mails_a_failed_gate_and_what_could_not_be_done(desk: Path) -> None:
    assert weekly(desk, "week-46.csv").returncode == 1
    subject, *page = (desk / "mailed").read_text(encoding="utf-8").splitlines()[1:]
    assert re.fullmatch(r"Support audit \d{4}-W\d\d: the gate failed", subject)
    assert page[0] == "lead@example.com"
    assert any("gate failed: 1 of 3 rules" in line for line in page)
    (kept,) = (desk / "state").glob("*.json")
    kept.rename(kept.with_name("2020-W01.json"))
    assert weekly(desk, "week-47.csv").returncode == 1
    assert "slow-reply is worse than the baseline" in (desk / "mailed").read_text(encoding="utf-8")
    before = sorted(path.name for path in (desk / "state").iterdir())
    assert weekly(desk, "gone.csv").returncode == 2
    mailed = (desk / "mailed").read_text(encoding="utf-8")
    assert "could not be done" in mailed
    assert "gone.csv" in mailed
    assert sorted(path.name for path in (desk / "state").iterdir()) == before
    printed = weekly(desk, "gone.csv", mail_to="")
    assert "could not be done" in printed.stdout


def test_the_crontab_names_variables_that_the_script_reads() -> None:
    script = (ROOT / "ci/cron/supportaudit-weekly.sh").read_text(encoding="utf-8")
    lines = [
        line
        for line in (ROOT / "ci/cron/crontab").read_text(encoding="utf-8").splitlines()
        if line[:1] != "#"
    ]
    named = [line.partition("=")[0] for line in lines if re.match(r"[A-Z_]+=", line)]
    assert {name for name in named if f"${{{name}" not in script} == {"SHELL", "SUPPORTAUDIT_CONFIG"}
    (job,) = [line for line in lines if line[:1].isdigit()]
    assert re.match(r"0 6 \* \* 1 /\S+/supportaudit-weekly\.sh \S+$", job)


# --- pre-commit


def hook(name: str) -> dict[str, Any]:
    return next(one for one in load(".pre-commit-hooks.yaml") if one["id"] == name)


def run_hook(name: str, cwd: Path, *files: str) -> subprocess.CompletedProcess[str]:
    import shlex

    env = {"PATH": f"{cwd / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return run([*shlex.split(hook(name)["entry"]), *files], cwd, env)


def test_the_settings_hook_refuses_a_mistake_and_says_where(desk: Path) -> None:
    (desk / "other").mkdir()
    (desk / "other/supportaudit.yml").write_text("limits:\n  chatt: 5 min\n", encoding="utf-8")
    good, bad = "supportaudit.yaml", "other/supportaudit.yml"
    assert all(re.search(hook("supportaudit-config")["files"], name) for name in (good, bad))
    assert run_hook("supportaudit-config", desk, good).returncode == 0
    done = run_hook("supportaudit-config", desk, bad, good)
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert "chat" in done.stderr


def test_the_export_hook_judges_what_is_committed(desk: Path) -> None:
    pattern = hook("supportaudit-scan")["files"]
    assert re.search(pattern, "exports/2026/week-46.csv")
    assert not re.search(pattern, "src/week.csv")
    assert run_hook("supportaudit-scan", desk, "week-45.csv").returncode == 0
    assert run_hook("supportaudit-scan", desk, "week-45.csv", "week-46.csv").returncode == 1


# --- image


def dockerfile() -> list[list[tuple[str, str]]]:
    """The instructions of each stage."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    stages: list[list[tuple[str, str]]] = [[]]
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            if word == "FROM":
                stages.append([])
            stages[-1].append((word, rest.strip()))
    return stages


def test_the_image_is_slim_has_no_root_and_no_tools_left() -> None:
    _, build, final = dockerfile()
    assert build[0] == ("FROM", "python:${PYTHON}-slim AS build")
    assert final[0] == ("FROM", "python:${PYTHON}-slim")
    assert [rest for word, rest in final if word == "COPY"] == [
        "--from=build /opt/supportaudit /opt/supportaudit"
    ]
    assert not any("apt-get" in rest or "pip" in rest for _, rest in final)
    words = [word for word, _ in final]
    assert dict(final)["USER"] == "10001:10001"
    assert words.index("USER") > max(n for n, word in enumerate(words) if word == "RUN")
    assert json.loads(dict(final)["ENTRYPOINT"]) == ["supportaudit"]
    assert not any(word == "ADD" for word, _ in build + final)
    assert any(word == "RUN" and "pip uninstall" in rest for word, rest in build)


def test_the_image_is_built_from_the_package_and_nothing_else() -> None:
    _, build, _ = dockerfile()
    copied = {name.removeprefix("./") for word, rest in build if word == "COPY" for name in rest.split()[:-1]}
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignore if line.startswith("!")} == copied
    assert "*" in ignore
    assert all((ROOT / name).exists() for name in copied)
    extras = re.findall(
        r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text().partition("optional-dependencies]")[2], re.M
    )
    assert dict(build)["ARG"].partition("=")[2] in extras


# --- completion and manual


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_takes_its_completion_and_completes(shell: str, desk: Path) -> None:
    path = needs(shell)
    env = {"PATH": f"{desk / 'bin'}:{os.environ['PATH']}", "HOME": str(desk)}
    script = run(
        [desk / "bin/supportaudit"], desk, {**env, "_SUPPORTAUDIT_COMPLETE": f"source_{shell}"}
    ).stdout
    assert "_SUPPORTAUDIT_COMPLETE=complete_" in script
    (desk / "completion").write_text(script, encoding="utf-8")
    ask = {
        "bash": "source ./completion; COMP_WORDS=(supportaudit sca); COMP_CWORD=1;"
        ' _supportaudit_completion supportaudit; echo "${COMPREPLY[@]}"',
        "zsh": "autoload -U compinit; compinit -D; source ./completion; _arguments() { print -- $@ };"
        " words=(supportaudit sca); CURRENT=2; _supportaudit_completion",
        "fish": "source ./completion; complete -C 'supportaudit sca'",
    }[shell]
    done = run([path, "-c", ask], desk, env)
    assert "scan" in done.stdout, done.stderr
    assert "calibrate" not in done.stdout


def make_man() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_man", ROOT / "tools/make_man.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_man"] = module
    spec.loader.exec_module(module)
    return module


def test_the_manual_page_is_current() -> None:
    """`python tools/make_man.py` or UPDATE_DOCS=1 writes it anew."""
    module = make_man()
    if os.environ.get("UPDATE_DOCS"):
        module.main(module.PAGE)
    assert module.PAGE.read_text(encoding="utf-8") == module.page()


def test_the_manual_page_names_every_command_and_option() -> None:
    text = make_man().page().replace("\\-", "-").replace("|\\:", "|")
    folded = " ".join(text.split())
    for command in app.registered_commands:
        assert command.callback is not None
        assert f".SS {command.name or command.callback.__name__}\n" in text
    for word in (
        "--fail-on",
        "--install-completion",
        "-o, --output",
        "SUPPORTAUDIT_FAIL_UNDER",
        ", ".join(FORMATS),
    ):
        assert word in folded, word


@pytest.mark.parametrize(
    "reader", [("groff", "-man", "-ww", "-z"), ("mandoc", "-T", "lint", "-W", "error"), ("man", "-l")]
)
def test_the_manual_page_is_read_without_complaint(reader: tuple[str, ...], tmp_path: Path) -> None:
    done = run(
        [needs(reader[0]), *reader[1:], ROOT / "docs/man/supportaudit.1"], tmp_path, {"LC_ALL": "C.UTF-8"}
    )
    assert (done.returncode, done.stderr) == (0, "")
    if reader[0] == "man":
        assert "--fail-under" in re.sub(".\b", "", done.stdout)
    else:
        assert done.stdout == ""


@pytest.mark.parametrize(
    "script",
    ["ci/github/install.sh", "ci/github/scan.sh", "ci/cron/supportaudit-weekly.sh", "examples/ci/play.sh"],
)
def test_shell_scripts_are_linted(script: str, tmp_path: Path) -> None:
    done = run([needs("shellcheck"), ROOT / script], tmp_path)
    assert done.returncode == 0, done.stdout
