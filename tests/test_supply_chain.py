"""What the program is made of is locked, written down and published as it was tested."""

import hashlib
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from supportaudit.yaml12 import load_yaml

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
MEND = "run tools/lock.sh and commit requirements/"
#: Extras that are locked for tests; the others have no wheels for all platforms.
LOCKED_EXTRAS = ("dev", "xlsx", "parquet", "remote", "spark")
LOCKS = ("runtime.txt", "dev.txt", "build.txt")
PIN = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[\w,]+\])?==([^\s;]+)(?: ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.M,
)


@cache
def locked(name: str) -> dict[str, set[str]]:
    """Versions by package; several where they differ by Python."""
    found: dict[str, set[str]] = {}
    for package, version, _ in PIN.findall((ROOT / "requirements" / name).read_text("utf-8")):
        found.setdefault(canonicalize_name(package), set()).add(version)
    return found


def wanted() -> list[Any]:
    built = [*PROJECT["build-system"]["requires"]]
    of_tests = [line for extra in LOCKED_EXTRAS for line in EXTRAS[extra]]
    run = PROJECT["project"]["dependencies"]
    lines = {"runtime.txt": run, "dev.txt": [*run, *of_tests], "build.txt": built}
    return [pytest.param(lock, line, id=f"{lock}: {line}") for lock, some in lines.items() for line in some]


@pytest.mark.parametrize(("lock", "line"), wanted())
def test_every_requirement_is_locked_at_a_version_that_fits(lock: str, line: str) -> None:
    requirement = Requirement(line)
    versions = locked(lock).get(canonicalize_name(requirement.name), set())
    assert versions, f"{lock} lacks {requirement.name}: {MEND}"
    for version in versions:
        assert requirement.specifier.contains(version, prereleases=True), f"{lock} has {version}: {MEND}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_version_has_hashes_and_no_other_source(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text("utf-8")
    rest = PIN.sub("", text).splitlines()
    assert [line for line in rest if not line.startswith("#")] == []
    assert not re.search(r"https?:|file:|git\+|--(?!hash)", text), "no host, no option"
    assert len(locked(lock)) > 20


def test_what_is_locked_is_whole() -> None:
    """Whatever an installed package of the lock needs here is in the lock too."""
    for name in locked("runtime.txt"):
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # of another platform or Python
        for line in needs:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                assert canonicalize_name(requirement.name) in locked("runtime.txt"), f"{name}: {line}: {MEND}"


def test_all_locks_agree() -> None:
    for lock in ("dev.txt", "build.txt"):
        for name in locked(lock).keys() & locked("runtime.txt").keys():
            assert locked(lock)[name] >= locked("runtime.txt")[name], f"{lock}: {name}: {MEND}"


def test_what_builds_a_wheel_is_named_where_it_is_locked() -> None:
    lines = (ROOT / "requirements" / "build.in").read_text("utf-8").splitlines()
    named = {canonicalize_name(line) for line in lines if line and not line.startswith("#")}
    needed = {canonicalize_name(Requirement(line).name) for line in PROJECT["build-system"]["requires"]}
    assert needed <= named


# --- written down


def test_every_dependency_has_its_reason_written_down() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    rows = [
        [cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\| \[.*$", text, re.M)
    ]
    names = [canonicalize_name(re.findall(r"^\[([^\]]+)\]", row[0])[0]) for row in rows]
    users = [extra for extra in EXTRAS if extra not in ("dev", "fuzz")]
    lines = [*PROJECT["project"]["dependencies"], *(line for extra in users for line in EXTRAS[extra])]
    assert sorted(names) == sorted({canonicalize_name(Requirement(line).name) for line in lines})
    assert all(len(row) == len(rows[0]) and all(row) for row in rows)


# --- the workflows


def workflow(name: str) -> Any:
    return load_yaml((ROOT / ".github" / "workflows" / f"{name}.yml").read_text("utf-8"), name)


WORKFLOWS = [path.stem for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
JOBS = [(name, job) for name in WORKFLOWS for job in workflow(name)["jobs"]]


@pytest.mark.parametrize("file", [*(f".github/workflows/{name}.yml" for name in WORKFLOWS), "action.yml"])
def test_actions_are_pinned_by_commit(file: str) -> None:
    used = re.findall(r"uses: (\S+)(.*)", (ROOT / file).read_text("utf-8"))
    assert used
    for action, comment in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{action}: says no version"


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_jobs_may_do_what_they_must_and_no_more(name: str, job: str) -> None:
    whole = workflow(name)
    assert whole["permissions"] == {}
    writes = {right for right, how in whole["jobs"][job]["permissions"].items() if how != "read"}
    allowed = {"attest": {"id-token", "attestations"}, "publish": {"id-token"}, "page": {"contents"}}
    assert writes == (allowed.get(job, set()) if name == "release" else set())
    assert "pull_request_target" not in whole["on"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_secret_is_kept_and_no_text_of_strangers_becomes_a_command(name: str) -> None:
    text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text("utf-8")
    assert "secrets." not in text
    for job in workflow(name)["jobs"].values():
        for step in job.get("steps", ()):
            assert "${{" not in step.get("run", "")
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_what_is_published_is_what_was_tested() -> None:
    """Built once, by the workflow that tests; jobs that may write neither look at the sources nor build."""
    jobs = workflow("release")["jobs"]
    assert jobs["test"]["uses"] == "./.github/workflows/test.yml"
    assert (jobs["attest"]["needs"], jobs["publish"]["needs"], jobs["page"]["needs"]) == (
        "test",
        "attest",
        "publish",
    )
    for name in ("attest", "publish", "page"):
        steps = str(jobs[name]["steps"])
        assert "download-artifact" in steps
        assert "checkout" not in steps
        assert "build " not in steps
    assert workflow("test")["jobs"]["wheel"]["needs"] == "build"


def test_the_wheel_is_tested_on_the_oldest_and_the_newest_python() -> None:
    tested = workflow("test")["jobs"]["wheel"]["strategy"]["matrix"]["python"]
    said = [c.rsplit(" ", 1)[1] for c in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert tested == said
    assert PROJECT["project"]["requires-python"] == f">={tested[0]}"


def test_all_that_is_installed_in_workflows_is_locked() -> None:
    """But the wheel, once as users install it."""
    for name in WORKFLOWS:
        for job in workflow(name)["jobs"].values():
            for step in job.get("steps", ()):
                for line in re.findall(r"pip\"? install .*", step.get("run", "")):
                    users = "user/" in step["run"]
                    assert "--require-hashes" in line or "--no-deps" in line or users, line


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "tools").glob("*.sh")))
def test_scripts_are_sound(script: str) -> None:
    path = ROOT / "tools" / script
    assert os.access(path, os.X_OK)
    assert "set -euo pipefail" in path.read_text("utf-8")
    subprocess.run(["bash", "-n", path], check=True, timeout=20)


# --- the same bytes

PACK = """
import sys, msgspec
from supportaudit.wording import pack
from supportaudit.yaml12 import load_yaml
text = (pack.LANGUAGES / "sv.yaml").read_text("utf-8")
read = pack.read_pack("sv", load_yaml(text, "sv"), pack.catalogue(), "sv")
sys.stdout.buffer.write(msgspec.msgpack.encode(read, order="deterministic"))
"""


def test_what_is_shipped_does_not_hang_on_the_order_of_sets() -> None:
    """A wheel holds packs as they are read: two builds must give the same bytes (tools/reproducible.sh tries all)."""
    digests = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", PACK], env=env, capture_output=True, check=True, timeout=60
        )
        assert len(done.stdout) > 100_000
        digests.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(digests) == 1
