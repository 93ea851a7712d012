"""The checks there are: the built-in ones, and those that the user named. The only place that loads a check's code.

A check that is not built in counts only while it is in force, inside `using(...)`: `auditing/added.py` makes it of a
folder or a plugin that the user named. Nothing is ever looked for.
"""

import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from supportaudit.auditing.talk import Talk
from supportaudit.checkkit import Hit, Params
from supportaudit.errors import CheckError, SettingsError
from supportaudit.kept import kept_documents
from supportaudit.model import CheckInfo, Severity
from supportaudit.settings.typed import show
from supportaudit.suggest import did_you_mean
from supportaudit.wording.own import OwnMarkers, read_own_markers

Run = Callable[[Talk, Params], Iterator[Hit]]
_KEYS = ("id", "title", "severity", "weight", "needs", "about", "why", "fix", "params")
_NEEDS = ("clock", "wording")
#: Ids stand in file formats, in addresses within a page and behind `--fail-on`, where "any" means every check.
_ID = re.compile(r"(?!any$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_ID_LENGTH = 40
_HEAVIEST = 1e6
#: Line ends, blanks that do not break, joiners.
_SHOWABLE = "\n\u00a0\u202f\u200c\u200d"


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
    """A loaded check: what it says of itself, what it needs to judge, its parameters, its function, its own markers.

    `origin` is where the user had it from; "" for a built-in one.
    """

    info: CheckInfo
    needs: frozenset[str]
    params: tuple[Parameter, ...]
    run: Run
    folder: Path
    markers: OwnMarkers | None = None
    origin: str = ""

    @property
    def id(self) -> str:
        """The check's id: the name of its folder."""
        return self.info.id

    def defaults(self) -> Params:
        """The parameters as `check.yaml` gives them."""
        return Params({p.name: p.default for p in self.params})

    def reads(self, talk: Talk) -> bool:
        """Whether the words of a talk can be judged: by its language's pack, or by markers of the check's own."""
        return (
            talk.has_wording if self.markers is None else talk.conversation.language in self.markers.languages
        )


@dataclass(frozen=True)
class Added:
    """A check that the user named, as its files were then: every worker judges by these, wherever it runs.

    `origin`: the folder as it was typed, or the package of a plugin with its version. `where` is what errors call
    the check's folder.
    """

    id: str
    origin: str
    where: str
    folder: Path
    said: str
    code: str
    wording: str | None

    @property
    def digest(self) -> str:
        """Tells two versions of a check apart: 12 hex digits of what its files say, its cases left out."""
        parts = (self.id, self.said, self.code, self.wording or "")
        return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def __str__(self) -> str:
        return f"{self.id} ({self.origin}, {self.digest})"


_in_force: ContextVar[tuple[Added, ...]] = ContextVar("supportaudit_added_checks", default=())


@contextmanager
def using(added: Sequence[Added]) -> Iterator[None]:
    """These checks are known inside the block beside the built-in ones, and no others. No code is run by that."""
    token = _in_force.set(tuple(added))
    try:
        yield
    finally:
        _in_force.reset(token)


def in_force() -> tuple[Added, ...]:
    """The checks that are known here beside the built-in ones."""
    return _in_force.get()


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


def load_checks() -> tuple[Check, ...]:
    """All checks: the built-in ones in the order of failure-mode numbers (`ORDER`), then those in force."""
    return (*load_builtin(), *map(_load_added, in_force()))


def declared_checks() -> tuple[Declared, ...]:
    """What all checks say of themselves, in the same order: for settings, which need none of their code."""
    return (*_declared_builtin(), *map(declared_added, in_force()))


@cache
def load_builtin() -> tuple[Check, ...]:
    """The built-in checks. Raises `CheckError` where the installation is not whole."""
    return tuple(map(_load, _folders(), _declared_builtin()))


@cache
def _declared_builtin() -> tuple[Declared, ...]:
    folders = _folders()
    kept = Path(__file__).with_name("compiled") / "checks.msgpack"
    documents = kept_documents(folders[0].parent, "*/check.yaml", kept)
    names = [(folder.name, f"{folder.name}/check.yaml") for folder in folders]
    return tuple(_declared(documents[where], name, where) for name, where in names)


@cache
def _load_added(added: Added) -> Check:
    said = declared_added(added)
    markers = markers_of(added)
    path, where = added.folder / "check.py", f"{added.where}/check.py"
    run = _run_of(_execute(lambda: compile(added.code, path, "exec", dont_inherit=True), path, where), where)
    return Check(said.info, said.needs, said.params, run, added.folder, markers, added.origin)


@cache
def declared_added(added: Added) -> Declared:
    """What an added check says of itself. Raises `CheckError` naming file and key where it is not well formed."""
    from supportaudit.yaml12 import load_yaml  # late: most audits add none

    where = f"{added.where}/check.yaml"
    return _declared(load_yaml(added.said, where), added.id, where)


@cache
def markers_of(added: Added) -> OwnMarkers | None:
    """The markers that an added check brings. Raises `CheckError`, also for a pattern that RE2 refuses."""
    if added.wording is None:
        return None
    if "wording" not in declared_added(added).needs:
        raise CheckError(
            f"{added.where}/check.yaml: has markers.yaml beside it, so it must say needs: [wording]"
        )
    return read_own_markers(added.wording, f"{added.where}/markers.yaml")


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


def _load(folder: Path, said: Declared) -> Check:
    where = f"{folder.name}/check.py"
    loader = SourceFileLoader(folder.name, str(folder / "check.py"))  # keeps what it compiled beside the file
    module = _execute(lambda: loader.get_code(folder.name), folder / "check.py", where)
    return Check(said.info, said.needs, said.params, _run_of(module, where), folder)


def _declared(document: Any, name: str, where: str) -> Declared:
    if not isinstance(document, Mapping):
        raise CheckError(f"{where}: must be a mapping")
    for key in document:
        if key not in _KEYS:
            raise CheckError(f"{where}: unknown key '{key!s:.60}'{did_you_mean(str(key), _KEYS)}")
    for key in ("id", "title", "severity", "about", "fix"):
        if key not in document:
            raise CheckError(f"{where}: '{key}' is missing")
    if (said := document["id"]) != name:
        raise CheckError(f"{where}: id is {show(said)} but the folder is '{name}'")
    if not _ID.fullmatch(name) or len(name) > _ID_LENGTH:
        raise CheckError(
            f"{where}: '{name:.60}' cannot be an id: small letters and digits with single dashes between"
        )
    needs = document.get("needs", [])
    if not isinstance(needs, list):
        raise CheckError(f"{where}: needs: must be a list of {', '.join(_NEEDS)}")
    for need in needs:
        if need not in _NEEDS:
            raise CheckError(f"{where}: needs: {show(need)} is not one of {', '.join(_NEEDS)}")
    return Declared(_info(document, where), frozenset(needs), _params(document, where))


def _info(document: Mapping[str, Any], where: str) -> CheckInfo:
    severity = document["severity"]
    if severity not in list(Severity):
        raise CheckError(f"{where}: severity must be low, medium or high")
    weight = document.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight <= _HEAVIEST:
        raise CheckError(f"{where}: weight must be a number of 0 or more")
    texts = {key: " ".join(_words(document, key, where).split()) for key in ("title", "why", "fix")}
    return CheckInfo(
        id=document["id"],
        severity=Severity(severity),
        weight=float(weight),
        about=_words(document, "about", where).strip(),
        **texts,
    )


def _words(document: Mapping[str, Any], key: str, where: str) -> str:
    """A text for people, who see it in terminals: nothing in it that a terminal would obey. `why` may be left out."""
    text = document.get(key, "")
    if not isinstance(text, str) or (key in document and not text.strip()):
        raise CheckError(f"{where}: {key}: must be text")
    if not all(c.isprintable() or c in _SHOWABLE for c in text):
        raise CheckError(f"{where}: {key}: holds a character that cannot be shown")
    return text


def _params(document: Mapping[str, Any], where: str) -> tuple[Parameter, ...]:
    written = document.get("params", {})
    if not isinstance(written, Mapping):
        raise CheckError(f"{where}: params: must hold parameters by name")
    params = []
    for name, body in written.items():
        if not isinstance(name, str) or not _ID.fullmatch(name):
            raise CheckError(
                f"{where}: params: '{name!s:.60}' is no name for a parameter: write it like limit-minutes"
            )
        if not isinstance(body, Mapping) or body.keys() != {"default", "help"}:
            raise CheckError(f"{where}: params: {name}: needs exactly 'default' and 'help'")
        default = body["default"]
        if not isinstance(default, (int, str)) and not (
            isinstance(default, float) and math.isfinite(default)
        ):
            raise CheckError(f"{where}: params: {name}: default must be a number, true, false or text")
        params.append(Parameter(name, default, _words(body, "help", f"{where}: params: {name}")))
    return tuple(params)


def _run_of(module: ModuleType, where: str) -> Run:
    run = getattr(module, "run", None)
    if not callable(run):
        raise CheckError(f"{where}: has no function 'run(talk, params)'")
    return run  # type: ignore[no-any-return]


def _execute(code: Callable[[], CodeType | None], path: Path, where: str) -> ModuleType:
    """A check's module. What it raises while it is loaded becomes a `CheckError`; it may not end the program."""
    name = f"supportaudit_check_{path.parent.name.replace('-', '_')}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses look their module up while it is being executed
    try:
        if (body := code()) is not None:
            exec(body, module.__dict__)  # noqa: S102 - built in, or named by the user
    except FileNotFoundError:
        raise CheckError(f"{where}: is missing") from None
    except (Exception, SystemExit) as error:
        said = " ".join(str(error).split())
        raise CheckError(f"{where}: {type(error).__name__}{': ' * bool(said)}{said}") from error
    return module
