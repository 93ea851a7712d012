"""From rows to journeys: who speaks, what they wrote, in which order, handed over to whom."""

from supportaudit.normalise.conversations import build_journey, journey_key, normalise_channel
from supportaudit.normalise.duplicates import distinct
from supportaudit.normalise.roles import Roster, judge

__all__ = ["Roster", "build_journey", "distinct", "journey_key", "judge", "normalise_channel"]
