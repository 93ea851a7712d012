"""From rows to journeys: who speaks, what they wrote, in which order, handed over to whom."""

from supportaudit.normalise.conversations import build_journey, journey_key

__all__ = ["build_journey", "journey_key"]
