"""What is shipped: the wheel holds the checks and the languages, nothing private, and works by itself."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

import supportaudit
from supportaudit.auditing import registry
from supportaudit.auditing.registry import ORDER, builtin_dir
from supportaudit.errors import CheckError
from supportaudit.wording.pack import supported_languages

ROOT = Path(__file__).parents[1]
CHECK_FILES = {"check.yaml", "check.py", "cases.yaml"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*command, "--wheel-dir", folder, ROOT], capture_output=True, text=True, timeout=180, check=False
    )
    if done.returncode and "hatchling" in done.stderr and "No matching distribution" in done.stderr:
        pytest.skip("the build backend cannot be fetched")
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[PurePosixPath]:
    with zipfile.ZipFile(wheel) as archive:
        return [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")]


def test_the_wheel_holds_each_check_with_its_three_files_and_no_other(names: list[PurePosixPath]) -> None:
    inside = {n.relative_to("supportaudit/builtin_checks") for n in names if "builtin_checks" in n.parts}
    assert {str(n) for n in inside} == {f"{check}/{file}" for check in ORDER for file in CHECK_FILES}


def test_the_wheel_holds_the_whole_package(names: list[PurePosixPath]) -> None:
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for pattern in ("*.py", "*.yaml", "py.typed")
        for path in (source / "supportaudit").rglob(pattern)
    }
    assert {
        "supportaudit/py.typed",
        "supportaudit/languages/en.yaml",
        "supportaudit/languages/markers.yaml",
    } <= wanted
    assert wanted - {str(n) for n in names} == set()


def test_the_wheel_holds_nothing_else(names: list[PurePosixPath]) -> None:
    allowed = {".py", ".yaml", ".json", ".typed", ".mo"}
    rest = [n for n in names if not n.parts[0].endswith(".dist-info")]
    assert {n.parts[0] for n in rest} == {"supportaudit"}
    page = {f"supportaudit/render/html/{name}" for name in ("page.html.j2", "style.css", "script.js")}
    assert page <= {str(n) for n in rest}
    packs = {
        f"supportaudit/languages/compiled/{name}.msgpack" for name in (*supported_languages(), "profiles")
    }
    others = {"supportaudit/sources/compiled/desks.msgpack", "supportaudit/auditing/compiled/checks.msgpack"}
    assert {str(n) for n in rest if n.suffix not in allowed} == page | packs | others
    assert [str(n) for n in rest if {"tests", "examples", "benchmarks", "__pycache__"} & set(n.parts)] == []


def test_the_wheel_carries_its_licence_and_its_command(wheel: Path, names: list[PurePosixPath]) -> None:
    assert any(n.name == "LICENSE" for n in names)
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = [n for n in archive.namelist() if n.endswith("entry_points.txt")]
        assert "supportaudit = supportaudit.__main__:main" in archive.read(entry).decode()


def test_the_installed_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Installed beside the dependencies of this environment, in front of its editable checkout."""
    target = tmp_path / "site"
    install = ["install", "--quiet", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *install], timeout=120, check=True
    )
    dependencies = Path(next(p for p in sys.path if p.endswith("site-packages")))
    # -S keeps the environment's .pth files, and with them the editable checkout, out.
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(target), str(dependencies)))}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-S", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert Path(run("-c", "import supportaudit; print(supportaudit.__file__)").strip()).is_relative_to(target)
    listed = [
        line.split()[0] for line in run("-m", "supportaudit", "checks").splitlines() if line[:2] == "  "
    ]
    assert listed == list(ORDER)
    assert "Passes" in run("-m", "supportaudit", "explain", ORDER[0])
    week = ROOT / "examples" / "shop-week.csv"
    assert run("-m", "supportaudit", "scan", str(week), "--jobs", "1", "--format", "json").startswith("{")


def test_a_check_folder_holds_only_what_is_shipped() -> None:
    for folder in sorted((ROOT / "checks").iterdir()):
        if folder.is_dir() and folder.name != "__pycache__":
            assert {p.name for p in folder.iterdir()} - {"__pycache__"} == CHECK_FILES, folder


def test_the_checkout_offers_its_own_checks() -> None:
    if Path(supportaudit.__file__).is_relative_to(ROOT / "src"):
        assert builtin_dir() == ROOT / "checks"


@pytest.mark.parametrize("place", ["site-packages/supportaudit", "src/supportaudit"])
def test_an_installation_without_checks_says_so(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / place
    package.mkdir(parents=True)
    monkeypatch.setattr("supportaudit.auditing.registry.resources.files", lambda name: package)
    with pytest.raises(CheckError, match="the installation is incomplete"):
        builtin_dir()


def test_a_checkout_without_checks_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never an empty list: a scan with no checks would find nothing wrong."""
    package = tmp_path / "src" / "supportaudit"
    package.mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr("supportaudit.auditing.registry.resources.files", lambda name: package)
    with pytest.raises(CheckError, match="the installation is incomplete"):
        registry.load_builtin.__wrapped__()


def test_an_installation_that_lacks_one_check_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "builtin_checks").mkdir()
    for name in ORDER[:-1]:
        (tmp_path / "builtin_checks" / name).symlink_to(builtin_dir() / name)
    monkeypatch.setattr("supportaudit.auditing.registry.resources.files", lambda name: tmp_path)
    with pytest.raises(CheckError, match=f"the installation is incomplete: .*{ORDER[-1]}"):
        registry.load_builtin.__wrapped__()
