"""Which rows make one customer's journey: what `Shards` does on one machine, as joins and aggregations.

A conversation belongs to the first customer id that any of its rows names, two ids with one e-mail address are one
customer, and a crowd's conversations stand alone.
"""

from typing import TYPE_CHECKING, NamedTuple

from supportaudit.auditing.customers import CROWD, Customers

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_OWN_KEY = "if(customer_id <> '', concat('c', customer_id), concat('t', conversation_id))"


class ByCustomer(NamedTuple):
    """Rows, each with the key of its `journey`, and with the `customer` of its conversation where that is moved."""

    rows: "DataFrame"
    customers: int
    crowded: int


def by_customer(rows: "DataFrame", has_addresses: bool) -> ByCustomer:
    """Find out whose each row is. Texts are moved only if some conversation has to be: then all rows are joined."""
    talks = _talks(rows, _homes(rows) if has_addresses else {})
    people = talks.groupBy("person").agg(*_exprs("count(*) AS talks", "count_if(moves) AS moving"))
    [told] = people.agg(
        *_exprs("count(*) AS customers", f"count_if(talks > {CROWD}) AS crowded", "sum(moving) AS moving")
    ).collect()
    if told.crowded:
        crowds = people.where(f"talks > {CROWD}").selectExpr("person", "true AS crowd")
        talks = talks.join(crowds, "person", "left")
    else:
        talks = talks.selectExpr("*", "false AS crowd")
    if not told.moving and not told.crowded:
        keyed = rows.selectExpr("seq", f"{_OWN_KEY} AS journey", "CAST(NULL AS STRING) AS customer", "row")
        return ByCustomer(keyed, told.customers, 0)
    moved = talks.where("moves OR crowd").selectExpr(
        "conversation_id", "customer", "if(crowd, concat('t', conversation_id), concat('c', person)) AS key"
    )
    keyed = rows.join(moved, "conversation_id", "left").selectExpr(
        "seq", f"coalesce(key, {_OWN_KEY}) AS journey", "customer", "row"
    )
    return ByCustomer(keyed, told.customers, told.crowded)


def _exprs(*written: str) -> "list[Column]":
    from pyspark.sql import functions

    return [functions.expr(one) for one in written]


def _talks(rows: "DataFrame", homes: dict[str, str]) -> "DataFrame":
    """The conversations whose customer is known: `person` is who that is, `moves` whether a row says otherwise."""
    talks = rows.groupBy("conversation_id").agg(
        *_exprs(
            "min_by(customer_id, seq) FILTER (WHERE customer_id <> '') AS customer",
            "min(customer_id) <> max(customer_id) AS mixed",
        )
    )
    talks = talks.where("customer IS NOT NULL")
    if not homes:
        return talks.selectExpr("conversation_id", "customer", "customer AS person", "mixed AS moves")
    moved = rows.sparkSession.createDataFrame(list(homes.items()), "customer string, home string")
    return talks.join(moved, "customer", "left").selectExpr(
        "conversation_id",
        "customer",
        "coalesce(home, customer) AS person",
        "mixed OR home IS NOT NULL AS moves",
    )


def _homes(rows: "DataFrame") -> dict[str, str]:
    """The ids that share an address with another, and under which each is gathered.

    Who is who is settled here, on the driver: only ids with a shared address come, a small part of all.
    """
    pairs = rows.where("address <> '' AND customer_id <> ''").select("address", "customer_id").distinct()
    firsts = pairs.groupBy("address").agg(*_exprs("min(customer_id) AS first", "count(*) AS ids"))
    shared = pairs.join(firsts.where("ids > 1"), "address").where("customer_id <> first")
    people = Customers()
    for first, other in shared.select("first", "customer_id").distinct().toLocalIterator():
        people.meet(first, first)
        people.meet(other, first)
    return people.moved()
