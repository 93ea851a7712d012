"""Checks that the user names: folders (`--checks-from`) and plugins, which installed packages offer (`--plugin`).

Naming one is what it takes to run its code; nothing else does. A folder holds checks as `checks/` does, or is one
itself. A plugin is an entry point of the group `supportaudit.checks`, whose value is a package that holds such folders.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata, util
from pathlib import Path

from supportaudit.auditing.registry import ORDER, Added, declared_added, in_force, markers_of, using
from supportaudit.auditing.signals import signal_infos
from supportaudit.errors import CheckError, SettingsError
from supportaudit.suggest import did_you_mean

GROUP = "supportaudit.checks"
_FILES = ("check.yaml", "check.py", "cases.yaml")
_MARKERS = "markers.yaml"


@contextmanager
def adding(folders: Sequence[Path] = (), plugins: Sequence[str] = ()) -> Iterator[None]:
    """Inside the block these checks are known too. Raises `CheckError` or `SettingsError` for one that cannot be.

    Their descriptions and patterns are read now, and refused if they are not well formed; their code runs when an
    audit begins.
    """
    known = list(in_force())
    for added in (*_from_folders(folders), *_from_plugins(plugins)):
        if added not in known:
            _refuse_clash(added, known)
            known.append(added)
    with using(known):
        yield


def _refuse_clash(added: Added, known: Sequence[Added]) -> None:
    """Two checks of one name, or two markers, would leave it open which one a result speaks of."""
    declared_added(added)
    markers = markers_of(added)
    if added.id in ORDER:
        raise CheckError(f"{added.where}: '{added.id}' is a built-in check; give yours another name")
    if added.id in {signal.id for signal in signal_infos()}:
        raise CheckError(f"{added.where}: '{added.id}' is a built-in signal; give your check another name")
    for other in known:
        if other.id == added.id:
            raise CheckError(
                f"{added.where}: there is a check '{added.id}' in {other.where} already; rename one"
            )
        theirs = markers_of(other)
        if markers is not None and theirs is not None and (both := sorted(markers.names & theirs.names)):
            raise CheckError(
                f"{markers.where}: '{both[0]}' is a marker of {theirs.where} already; rename one"
            )


def _from_folders(folders: Sequence[Path]) -> Iterator[Added]:
    for folder in folders:
        shown = folder.as_posix()
        yield from _checks_in(folder, shown, shown)


def _from_plugins(names: Sequence[str]) -> Iterator[Added]:
    if not names:
        return
    offered: dict[str, list[metadata.EntryPoint]] = {}
    for entry in metadata.entry_points(group=GROUP):
        offered.setdefault(entry.name, []).append(entry)
    for name in names:
        if name not in offered:
            near = did_you_mean(name, offered)
            there = f"; installed are {', '.join(sorted(offered))}" if offered else "; none is installed"
            raise SettingsError(f"--plugin: there is no plugin '{name}'{near or there}")
        by_package = {_package(entry): entry for entry in offered[name]}
        if len(by_package) > 1:
            raise SettingsError(
                f"--plugin: {' and '.join(sorted(by_package))} both offer a plugin '{name}'; uninstall one"
            )
        ((package, entry),) = by_package.items()
        for folder in _folders_of(entry, name):
            yield from _checks_in(folder, package, f"plugin {name}")


def _package(entry: metadata.EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else entry.value


def _folders_of(entry: metadata.EntryPoint, name: str) -> list[Path]:
    """Where the package lies that an entry point names. It is not imported, but the packages that it lies in are."""
    if entry.attr:
        raise CheckError(
            f"plugin {name}: names '{entry.value}', which must be a package that holds check folders"
        )
    try:
        found = util.find_spec(entry.module)
    except (Exception, SystemExit) as error:
        raise CheckError(f"plugin {name}: {entry.module}: {type(error).__name__}: {error}") from error
    folders = [Path(place) for place in (found and found.submodule_search_locations) or ()]
    if not folders or not all(folder.is_dir() for folder in folders):
        raise CheckError(f"plugin {name}: there is no package '{entry.module}' that holds check folders")
    return folders


def _checks_in(folder: Path, origin: str, where: str) -> Iterator[Added]:
    """The checks of a folder by name, or the one check that it is itself."""
    if not folder.is_dir():
        raise CheckError(
            f"{where}: is not a folder of checks" if folder.exists() else f"{where}: is not there"
        )
    if _is_check(folder):
        name = folder.resolve().name
        yield _read(folder, name, origin, where)
        return
    try:
        inside = sorted(path for path in folder.iterdir() if path.is_dir() and _is_check(path))
    except OSError as error:
        raise CheckError(f"{where}: cannot be read: {(error.strerror or 'no access').lower()}") from error
    if not inside:
        raise CheckError(
            f"{where}: holds no check",
            hint=f"A check is a folder with {', '.join(_FILES)} in it: docs/own-checks.md.",
        )
    for path in inside:
        yield _read(path, path.name, origin, f"{where}/{path.name}")


def _is_check(folder: Path) -> bool:
    """Whether somebody began a check here: one that lacks a file is refused, not passed over."""
    return any(os.path.lexists(folder / name) for name in _FILES)


def _read(folder: Path, name: str, origin: str, where: str) -> Added:
    texts = {file: _text(folder / file, f"{where}/{file}") for file in _FILES}
    has_markers = os.path.lexists(folder / _MARKERS)
    wording = _text(folder / _MARKERS, f"{where}/{_MARKERS}") if has_markers else None
    return Added(name, origin, where, folder.resolve(), texts["check.yaml"], texts["check.py"], wording)


def _text(path: Path, where: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise CheckError(f"{where}: is missing; a check has {', '.join(_FILES)}") from None
    except OSError as error:
        raise CheckError(f"{where}: cannot be read: {(error.strerror or 'no access').lower()}") from error
    except UnicodeDecodeError:
        raise CheckError(f"{where}: is not UTF-8 text; save it as UTF-8") from None
