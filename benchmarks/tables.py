"""What was measured, as Markdown."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.stages import ORDER

BASE = "polars"
NAMES = {
    "polars": "native read: polars `read_csv`",
    "duckdb": "native read: duckdb",
    "pyarrow": "native read: pyarrow",
    "csv": "plain read: Python's `csv`",
    "pandas-script": "an analyst's pandas script, three checks",
    "vader": "VADER, mood of each message",
    "convokit": "ConvoKit's politeness rules, without its parser",
}
MEGA = 1_000_000


def pages(result: dict[str, Any]) -> str:
    """All tables of a result, the machine first."""
    parts = [
        _machine(result["machine"]),
        *(_beside(size) for size in result["sizes"]),
        _by_size(result["sizes"]),
        _by_stage(result["sizes"]),
        _starts(result["starts"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _machine(machine: dict[str, Any]) -> str:
    peers = ", ".join(f"{name} {version}" for name, version in machine["peers"].items())
    memory = f", {machine['gigabytes']} GiB" if machine["gigabytes"] else ""
    busy = "" if machine["load"] is None else f" Load of the machine before the run: {machine['load']}."
    return (
        f"Measured {machine['day']} on {machine['cores']} cores of {machine['processor']}{memory}, "
        f"{machine['system']}, Python {machine['python']}{'; ' + peers if peers else ''}.{busy}"
    )


def _beside(size: dict[str, Any]) -> str:
    """All contenders on one corpus; the ratio is by message, for some went through fewer."""
    base = next((one for one in size["contenders"] if one["name"] == BASE and one["runs"]), None)
    rows = []
    for one in size["contenders"]:
        name = NAMES.get(one["name"], f"**{one['name']}**")
        if one["messages"] != size["messages"]:
            name += f" ({one['messages']:,} messages)"
        if not one["runs"]:
            rows.append([name, "failed: " + one["failure"], "", "", "", "", ""])
            continue
        seconds = median(_all(one, 0))
        rows.append(
            [
                name,
                f"{seconds:,.2f}",
                f"{median(_all(one, 1)):,.2f}",
                f"{one['messages'] / seconds:,.0f}",
                f"{max(_all(one, 2)):,.0f}",
                *(f"{each(one, place) / each(base, place):,.1f}" if base else "" for place in (0, 1)),
            ]
        )
    heading = [
        "", "wall s", "processor s", "messages a second", "MB, all processes",
        "times the native read", "the same in processor s",
    ]  # fmt: skip
    title = f"### {size['messages']:,} messages, {size['bytes'] / MEGA:,.0f} MB"
    return title + "\n\n" + table(heading, rows)


def each(one: dict[str, Any], place: int = 0) -> float:
    """Median seconds a message: of the clock, or of the processor where `place` is 1."""
    return float(median(_all(one, place))) / int(one["messages"])


def _by_size(sizes: Sequence[dict[str, Any]]) -> str:
    """What a message costs, what a second process brings, by size."""
    rows = []
    for size in sizes:
        ours = [one for one in size["contenders"] if one["name"].startswith("scan") and one["runs"]]
        if not ours:
            continue
        scans = {one["name"].split()[1]: one for one in ours}
        first = scans.get("1", ours[0])
        two = scans.get("2")
        rows.append(
            [
                f"{size['messages']:,}",
                f"{median(_all(first, 1)) / size['messages'] * MEGA:,.1f}",
                f"{median(_all(two, 1)) / size['messages'] * MEGA:,.1f}" if two else "",
                f"{each(first) / each(two):.2f}" if two and "1" in scans else "",
                f"{max(max(_all(one, 2)) for one in ours):,.0f}",
            ]
        )
    heading = [
        "messages", "µs of processor a message", "with two processes", "from one process to two, times", "MB at most",
    ]  # fmt: skip
    return "### By size\n\n" + table(heading, rows) if rows else ""


def _by_stage(sizes: Sequence[dict[str, Any]]) -> str:
    """Processor time a message and stage, one process."""
    measured = [size for size in sizes if size["stages"]]
    if not measured:
        return ""
    heading = ["µs of processor a message", *(f"{size['messages']:,}" for size in measured), "share"]
    rows = []
    for stage in (*ORDER, "all"):
        costs = [size["stages"].get(stage, 0.0) / size["messages"] * MEGA for size in measured]
        share = measured[-1]["stages"].get(stage, 0.0) / measured[-1]["stages"]["all"]
        if any(cost >= 0.05 for cost in costs):
            rows.append([stage, *(f"{cost:,.1f}" for cost in costs), f"{share:.0%}"])
    return "### By stage, one process\n\n" + table(heading, rows)


def _starts(starts: dict[str, list[float]]) -> str:
    base = median(starts["bare Python"])
    rows = [
        [
            name,
            f"{median(seconds) * 1000:,.0f}",
            f"{min(seconds) * 1000:,.0f}",
            f"{median(seconds) / base:.1f}",
        ]
        for name, seconds in starts.items()
        if seconds
    ]
    return "### Start-up\n\n" + table(["", "ms, median of nine", "ms, least", "times bare Python"], rows)


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown; figures to the right."""
    lines = [heading, ["---", *["---:"] * (len(heading) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _all(one: dict[str, Any], place: int) -> list[float]:
    return [run[place] for run in one["runs"]]
