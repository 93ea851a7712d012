"""How often Python looks for garbage in processes that are ours."""

import gc


def collect_seldom() -> None:
    """Look once for a hundred thousand objects that were made and kept, not for every seven hundred.

    An audit makes many, and hardly any that only this finds: looking is a twentieth of its time, and more while packs
    are loaded.
    """
    gc.set_threshold(100_000, 50, 100)
