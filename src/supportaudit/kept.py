"""What came of reading our own files, kept as Python keeps compiled modules.

It lies in `compiled/` beside them, is shipped with the wheel, made in a checkout when first needed, and never used for
another text than it was made from.
"""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec


def kept(path: Path, made_from: Iterable[bytes], shape: Any, make: Callable[[], Any]) -> Any:
    """What `make` gives, read from `path` where that was made from the same bytes and is of that `shape`.

    What stands there otherwise is replaced. Mappings keep their order, so what is made is what is read later; it must
    hold no sets, which have none. Raises what `make` raises.
    """
    digest = blake2b(digest_size=16)
    for source in (*own_code(Path(__file__)), *made_from):
        digest.update(len(source).to_bytes(8) + source)
    try:
        before, value = msgspec.msgpack.decode(path.read_bytes(), type=tuple[bytes, shape])
        if before == digest.digest():
            return value
    except (OSError, msgspec.MsgspecError):
        pass
    value = make()
    _keep(path, msgspec.msgpack.encode((digest.digest(), value)))
    return value


def kept_documents(folder: Path, pattern: str, path: Path) -> dict[str, Any]:
    """The YAML files of a folder of ours as documents, by their paths in it; what came of them is kept at `path`.

    Raises `CheckError` as `load_yaml` does, which takes thirty times as long.
    """
    texts = {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.glob(pattern))}

    def read() -> dict[str, Any]:
        from supportaudit.yaml12 import (
            load_yaml,  # late: it is slow to load, and not needed where all is kept
        )

        return {
            name: load_yaml(text.decode("utf-8"), f"{folder.name}/{name}") for name, text in texts.items()
        }

    reader = own_code(Path(__file__).with_name("yaml12.py"))
    sources = (part for name, text in texts.items() for part in (name.encode(), text))
    documents: dict[str, Any] = kept(path, (*reader, *sources), dict[str, Any], read)
    return documents


def _keep(path: Path, content: bytes) -> None:
    """Write it whole or not at all; where nobody may write, it is made anew at every start."""
    from supportaudit.errors import SettingsError  # late: what is shipped is there already
    from supportaudit.whole import WholeFile

    try:
        path.parent.mkdir(exist_ok=True)
        with WholeFile(path) as file:
            file.write(content)
        path.chmod(0o644)
    except (OSError, SettingsError):
        pass


def own_code(*modules: Path) -> Iterable[bytes]:
    """The text of modules that make what is kept; nothing where only their bytecode is installed."""
    return (path.read_bytes() if path.is_file() else b"" for path in modules)
