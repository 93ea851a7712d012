"""Whether to print in colour, decided here for everything that is printed."""

import os


def wants_color(*, terminal: bool) -> bool:
    """On a terminal, or anywhere with FORCE_COLOR; never with NO_COLOR or on a dumb terminal."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return terminal or bool(os.environ.get("FORCE_COLOR"))
