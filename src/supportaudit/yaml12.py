"""YAML as its version 1.2 reads it, and strict about doubles: for packs, checks, sources and settings."""

import re
from typing import Any

import yaml

from supportaudit.errors import CheckError


class StrictLoader(yaml.SafeLoader):
    """Two mends to PyYAML: of two equal keys it keeps the last, so a marker or a case would vanish unseen; and
    it reads the words no, on and off as booleans, which YAML 1.2 does not.
    """


def _no_duplicates(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"'{key}' stands twice", key_node.start_mark)
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


Loader = type[yaml.SafeLoader] | type[yaml.CSafeLoader]


def _make_strict(loader: Loader) -> None:
    loader.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    loader.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
    )
    loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _no_duplicates)


_make_strict(StrictLoader)
_loader: Loader = StrictLoader
if yaml.__with_libyaml__:  # reads our own files five times faster: they are read at every start

    class _FastLoader(yaml.CSafeLoader):
        """`StrictLoader` over libyaml."""

    _make_strict(_FastLoader)
    _loader = _FastLoader


def load_yaml(text: str, name: str) -> Any:
    """Parse YAML strictly. Raises `CheckError` naming the file, the line and the fault."""
    try:
        return yaml.load(text, Loader=_loader)  # noqa: S506 (both are SafeLoaders)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:  # a list as a key, a bad date
        raise CheckError(f"{name}: {' '.join(str(error).split())}") from error
