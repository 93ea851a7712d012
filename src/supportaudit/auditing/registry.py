"""Finds check folders, refuses what is not well formed, loads their code. The only place that imports by path."""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

from supportaudit.auditing.talk import Talk
from supportaudit.checkkit import Hit, Params
from supportaudit.errors import CheckError, SettingsError
from supportaudit.model import CheckInfo, Severity
from supportaudit.suggest import did_you_mean
from supportaudit.yaml12 import load_yaml

Run = Callable[[Talk, Params], Iterator[Hit]]
_KEYS = {"id", "title", "severity", "weight", "needs", "about", "why", "fix", "params"}
_NEEDS = {"clock", "wording"}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a check: its default and what it means."""

    name: str
    default: float | str | bool
    help: str


@dataclass(frozen=True)
class Declared:
    """What a check's `check.yaml` says, its code unread."""

    info: CheckInfo
    needs: frozenset[str]
    params: tuple[Parameter, ...]


@dataclass(frozen=True)
class Check:
    """A loaded check: what it says of itself, what it needs to judge, its parameters, its function."""

    info: CheckInfo
    needs: frozenset[str]
    params: tuple[Parameter, ...]
    run: Run
    folder: Path

    @property
    def id(self) -> str:
        """The check's id: the name of its folder."""
        return self.info.id

    def defaults(self) -> Params:
        """The parameters as `check.yaml` gives them."""
        return Params({p.name: p.default for p in self.params})


def builtin_dir() -> Path:
    """Where the eleven checks lie: in the installed package, or beside `src/` in a checkout.

    Raises `CheckError` when they are in neither place; never returns an empty folder.
    """
    package = Path(str(resources.files("supportaudit")))
    installed = package / "builtin_checks"
    if installed.is_dir():
        return installed
    checkout = package.parent.parent
    beside = package.parent.name == "src" and (checkout / "pyproject.toml").is_file()
    if beside and (checkout / "checks").is_dir():
        return checkout / "checks"
    raise CheckError("the installation is incomplete: the built-in checks are missing; install again")


@cache
def load_checks() -> tuple[Check, ...]:
    """All built-in checks, in the order of failure-mode numbers (`order` is the list below)."""
    return tuple(load_check(folder) for folder in _folders())


@cache
def declared_checks() -> tuple[Declared, ...]:
    """What all built-in checks say of themselves, in the same order: for settings, which need none of their code."""
    return tuple(declared(folder) for folder in _folders())


def _folders() -> list[Path]:
    folder = builtin_dir()
    found = {path.name: path for path in folder.iterdir() if (path / "check.yaml").is_file()}
    if missing := [name for name in ORDER if name not in found]:
        raise CheckError(f"the installation is incomplete: check '{missing[0]}' is missing from {folder}")
    return [found[name] for name in (*ORDER, *sorted(found.keys() - set(ORDER)))]


#: The order of the list that the project comes from ("11 ways bad customer service …", Jitbit).
ORDER = (
    "unavailable",
    "slow-reply",
    "no-knowledge",
    "arguing",
    "broken-promise",
    "siloed-records",
    "impersonal",
    "not-listening",
    "missing-follow-up",
    "rudeness",
    "run-around",
)


def check_named(name: str) -> Check:
    """The check with that id. Raises `SettingsError` with a suggestion when there is none."""
    checks = {check.id: check for check in load_checks()}
    if name not in checks:
        raise SettingsError(
            f"there is no check '{name}'{did_you_mean(name, checks)}",
            hint="`supportaudit checks` lists them.",
        )
    return checks[name]


def chosen_checks(select: Sequence[str], ignore: Sequence[str]) -> tuple[Check, ...]:
    """The checks to run: those selected (all when none is), without the ignored ones."""
    wanted = {check_named(name).id for name in select} if select else {c.id for c in load_checks()}
    wanted -= {check_named(name).id for name in ignore}
    if not wanted:
        raise SettingsError(
            "no check is left to run: every one is ignored, or switched off in the settings file"
        )
    return tuple(check for check in load_checks() if check.id in wanted)


def load_check(folder: Path) -> Check:
    """Load one check folder. Raises `CheckError` naming file and key where it is not well formed."""
    said = declared(folder)
    return Check(said.info, said.needs, said.params, _load_run(folder), folder)


def declared(folder: Path) -> Declared:
    """Read a folder's `check.yaml`. Raises `CheckError` naming file and key where it is not well formed."""
    path = folder / "check.yaml"
    document = load_yaml(path.read_text("utf-8"), f"{folder.name}/check.yaml")
    where = f"{folder.name}/check.yaml"
    if not isinstance(document, Mapping):
        raise CheckError(f"{where}: must be a mapping")
    if unknown := sorted(document.keys() - _KEYS):
        raise CheckError(f"{where}: unknown key '{unknown[0]}'{did_you_mean(unknown[0], _KEYS)}")
    if missing := sorted({"id", "title", "severity", "about", "fix"} - document.keys()):
        raise CheckError(f"{where}: '{missing[0]}' is missing")
    if document["id"] != folder.name:
        raise CheckError(f"{where}: id is '{document['id']}' but the folder is '{folder.name}'")
    needs = frozenset(document.get("needs", ()))
    if unknown := sorted(needs - _NEEDS):
        raise CheckError(f"{where}: needs: '{unknown[0]}' is not one of {', '.join(sorted(_NEEDS))}")
    return Declared(_info(document, where), needs, _params(document, where))


def _info(document: Mapping[str, Any], where: str) -> CheckInfo:
    try:
        severity = Severity(document["severity"])
    except ValueError:
        raise CheckError(f"{where}: severity must be low, medium or high") from None
    texts = {key: " ".join(str(document.get(key, "")).split()) for key in ("title", "why", "fix")}
    return CheckInfo(
        id=document["id"],
        severity=severity,
        weight=float(document.get("weight", 1.0)),
        about=str(document["about"]).strip(),
        **texts,
    )


def _params(document: Mapping[str, Any], where: str) -> tuple[Parameter, ...]:
    params = []
    for name, body in document.get("params", {}).items():
        if not isinstance(body, Mapping) or body.keys() != {"default", "help"}:
            raise CheckError(f"{where}: params: {name}: needs exactly 'default' and 'help'")
        params.append(Parameter(name, body["default"], body["help"]))
    return tuple(params)


def _load_run(folder: Path) -> Run:
    module = _import(folder / "check.py", f"supportaudit_check_{folder.name.replace('-', '_')}")
    run = getattr(module, "run", None)
    if not callable(run):
        raise CheckError(f"{folder.name}/check.py: has no function 'run(talk, params)'")
    return run  # type: ignore[no-any-return]


def _import(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise CheckError(f"{path.parent.name}/check.py: is missing")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while it is being executed
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CheckError(f"{path.parent.name}/check.py: {type(error).__name__}: {error}") from error
    return module
