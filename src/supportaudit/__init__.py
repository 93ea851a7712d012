"""supportaudit: where customers were failed, by which of eleven failure modes, with the proof.

    from supportaudit import audit

    audit("week.csv").scorecard.score

docs/python.md says more. What is named here is what programs may rely on.
"""

from typing import TYPE_CHECKING

from supportaudit.errors import CheckError, InputError, SettingsError, UserError

if TYPE_CHECKING:
    from supportaudit.api import Result, audit

__version__ = "0.1.0"
__all__ = ["CheckError", "InputError", "Result", "SettingsError", "UserError", "__version__", "audit"]


def __getattr__(name: str) -> object:
    """`audit` and `Result` are loaded when asked for: the command line must start without them."""
    if name not in ("Result", "audit"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from supportaudit import api

    globals().update(audit=api.audit, Result=api.Result)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
