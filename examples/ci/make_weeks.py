"""Write five invented weekly exports of Copper & Crumb, `week-45.csv` to `week-49.csv`, for the gate to judge.

The stories are those of the example week one folder up; each week has its own share of them and its own seed, so the
same bytes come out every time.

    python examples/ci/make_weeks.py FOLDER
"""

import random
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from examples import make_week

FIRST_WEEK = 45
FIRST_MONDAY = datetime(2026, 11, 2)
AS_USUAL = {
    "jonas-two-days": 1, "refund-by-friday": 1, "not-what-i-asked": 1, "you-never-came-back": 1, "merry-go-round": 1,
}  # fmt: skip
WEEKS: tuple[Mapping[str, int], ...] = (
    {},
    {"curt-callum": 1, "hung-up-on-me": 1},  # somebody loses patience
    {"jonas-two-days": 7, "jonas-weekend": 4, "social-all-afternoon": 4},  # half the desk is ill
    {"driver-swore": 1},  # the courier's driver, not one of the shop's people
    {},
)
"""What happens in each week beside what always does: copies of a story by its name."""


def story(scenarios: list[make_week.Scenario], more: Mapping[str, int]) -> list[make_week.Scenario]:
    """The scenarios of one week: a third of the good ones, and the bad ones of this week."""
    bad = AS_USUAL | dict(more)
    return [
        replace(scenario, copies=bad.get(scenario.name, 0) if scenario.fails else -(-scenario.copies // 3))
        for scenario in scenarios
    ]


def main(folder: Path) -> None:
    """Write the five files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    scenarios = make_week.read_scenarios(make_week.HERE / "week_scenarios.txt")
    for number, more in enumerate(WEEKS):
        make_week.MONDAY = FIRST_MONDAY + timedelta(weeks=number)
        make_week.WEEK_END = make_week.MONDAY + timedelta(days=7)
        week = make_week.make_week(story(scenarios, more), random.Random(FIRST_WEEK + number))
        for conversation in week:  # no number stands for two conversations
            conversation.id = f"{FIRST_WEEK + number}{conversation.id[-3:]}"
        make_week.write_csv(week, folder / f"week-{FIRST_WEEK + number}.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
