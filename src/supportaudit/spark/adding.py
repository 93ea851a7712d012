"""Adding up what workers bring home: in levels, so that no one holds many parts at once, and of plain data frames, so
that it works through Spark Connect as well, which has no RDDs."""

from functools import partial
from typing import TYPE_CHECKING, Any

from supportaudit.spark.worker import Kind, add_part, sum_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

WIDTH = 32
"""Parts that one task, or in the end the driver, adds up."""


def added_up(kind: Kind, parts: "DataFrame", count: int | None = None) -> Any:
    """The sum of the encoded parts in the one column of `parts`; `count` is how many there are, if it is known."""
    left = parts.count() if count is None else count
    while left > WIDTH:
        left = -(-left // WIDTH)
        parts = parts.repartition(left).mapInArrow(partial(add_part, kind), "part binary")
    return sum_of(kind, (bytes(part) for (part,) in parts.collect()))
