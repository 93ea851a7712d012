"""Ships language packs and help desks as read: reading them takes seconds, which no user has to wait for."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledPacks(BuildHookInterface[Any]):
    """Writes each `compiled/` before a wheel is built; a checkout that is installed in place makes its own."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        from supportaudit.kept import kept_documents
        from supportaudit.read.desks import load_desks
        from supportaudit.wording.language import detect_language
        from supportaudit.wording.pack import load_pack, supported_languages

        for code in supported_languages():
            load_pack(code)
        load_desks()
        # As auditing/registry.py does, which needs more to be installed than a build has.
        compiled = Path(self.root) / "src" / "supportaudit" / "auditing" / "compiled"
        kept_documents(Path(self.root) / "checks", "*/check.yaml", compiled / "checks.msgpack")
        detect_language(["Where is my order?"])
