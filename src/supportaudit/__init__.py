"""supportaudit: where customers were failed, by which of eleven failure modes, with the proof."""

__version__ = "0.1.0"
