"""What an audit of a billion messages would take on a cluster: measured sizes, drawn journeys, simulated tasks.

    python -m benchmarks.billion [--messages 1e9] [--cores 256] [--rate 2500] [--core-hour 0.05]

Measured, on a corpus that is made for it: bytes of a message in Parquet and in a shuffle, bytes of a task's result.
Drawn: customers with a number of conversations, conversations with a number of messages, each customer to one task.
Simulated: tasks handed to cores one after the other, some of them slow. Everything that is assumed is printed.
"""

import argparse
import heapq
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from supportaudit.auditing.customers import CROWD
from supportaudit.auditing.intake import Intake, Reading, take_in
from supportaudit.auditing.scan import Job, ScanSettings, audit_journeys, journeys_of
from supportaudit.auditing.shards import Shards, decode_rows
from supportaudit.normalise import journey_key
from supportaudit.spark.adding import WIDTH
from supportaudit.spark.audits import MOST_TASKS
from supportaudit.spark.rows import batch_of, packed


@dataclass(frozen=True)
class Sizes:
    """Bytes of a message: encoded, in Parquet, in a shuffle; and bytes of what a task brings home, findings apart."""

    encoded: float
    parquet: float
    shuffle: float
    result: int
    findings: float


def measured(messages: int) -> Sizes:
    """Sizes on a corpus made for it."""
    with tempfile.TemporaryDirectory() as folder, Shards(count=1) as shards:
        corpus = Path(folder) / "corpus.csv"
        script = Path(__file__).with_name("make_corpus.py")
        make = [sys.executable, str(script), "--messages", str(messages), "--out", str(corpus)]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        intake: Intake = take_in([corpus], Reading(), shards)
        data = shards.shard(0)
        rows = list(decode_rows(data))
        batch = batch_of(packed(row, n) for n, row in enumerate(rows))
        table = pa.Table.from_batches([batch])
        pq.write_table(table, Path(folder) / "rows.parquet", compression="zstd")
        parquet = (Path(folder) / "rows.parquet").stat().st_size
        # As the shuffle sends it: key, place and row, in no order that would help to compress it, LZ4 as Spark does.
        order = np.random.default_rng(1).permutation(len(rows))
        keys = pa.array([journey_key(row) for row in rows])
        sent = pa.table({"journey": keys, "seq": table["seq"], "row": table["row"]}).take(order)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(
            sink, sent.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")
        ) as writer:
            writer.write_table(sent, max_chunksize=200)  # rows that go from one task to another at once
        job = Job.of(ScanSettings(evidence=8), intake)
        audit = audit_journeys(job, journeys_of(data, job))
        findings = len(msgspec.msgpack.encode(audit.findings))
        audit.findings = []
        result = len(msgspec.msgpack.encode(audit))
    count = len(rows)
    return Sizes(len(data) / count, parquet / count, sink.getvalue().size / count, result, findings / count)


def journeys(rng: np.random.Generator, messages: int, mean: float, alpha: float) -> Iterator[np.ndarray]:
    """Messages of customers, some at a time, until there are enough.

    A customer's conversations follow a power law (Zipf, exponent `alpha`, cut at a crowd's number); a conversation's
    messages are log-normal (sigma 0.8) about their mean.
    """
    sizes = np.arange(1, CROWD + 1)
    odds = sizes**-alpha / np.sum(sizes**-alpha)
    sigma = 0.8
    mu = np.log(mean) - sigma**2 / 2
    left = messages
    while left > 0:
        talks = rng.choice(sizes, 1_000_000, p=odds)
        said = np.maximum(1, np.rint(rng.lognormal(mu, sigma, int(talks.sum())))).astype(np.int64)
        ends = np.cumsum(talks)
        whole = np.add.reduceat(said, np.concatenate(([0], ends[:-1])))
        enough = int(np.searchsorted(np.cumsum(whole), left))
        yield whole[: enough + 1]
        left -= int(whole[: enough + 1].sum())


@dataclass(frozen=True)
class Run:
    """Hours until the last task is done, and what the hours would be if no core ever waited."""

    hours: float
    ideal: float
    largest: float
    mean: float


def simulated(rng: np.random.Generator, loads: np.ndarray, cores: int, rate: float, slow: float) -> Run:
    """Tasks of these many messages on cores, each the next one when it is free; a share `slow` takes thrice as long.

    Every task takes a second to start; speeds of tasks differ by a tenth (log-normal).
    """
    seconds = loads / rate * rng.lognormal(0, 0.1, len(loads)) + 1
    seconds *= np.where(rng.random(len(loads)) < slow, 3, 1)
    free = [0.0] * cores
    for one in seconds:
        heapq.heappush(free, heapq.heappop(free) + float(one))
    return Run(max(free) / 3600, float(seconds.sum()) / cores / 3600, float(loads.max()), float(loads.mean()))


def main() -> None:
    """Measure, draw, simulate, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=float, default=1e9)
    parser.add_argument("--per-conversation", type=float, default=8, help="messages, on the average")
    parser.add_argument("--alpha", type=float, default=2.3, help="exponent of conversations by customer")
    parser.add_argument(
        "--rate", type=float, default=2500, help="messages a second and core, as spark_speed.py tells"
    )
    parser.add_argument("--cores", type=int, nargs="+", default=[64, 256, 1024])
    parser.add_argument("--tasks", type=int, nargs="+", default=[1_000, 4_000, MOST_TASKS])
    parser.add_argument(
        "--slow", type=float, default=0.002, help="share of tasks that take three times as long"
    )
    parser.add_argument(
        "--giant", type=float, default=1e6, help="messages of one customer id that is a crowd's"
    )
    parser.add_argument(
        "--journey-bytes", type=float, default=4_000, help="a worker's memory by message of a journey"
    )
    parser.add_argument("--core-hour", type=float, default=0.05, help="price of a core for an hour")
    parser.add_argument("--gigabyte-month", type=float, default=0.023, help="price of storage")
    parser.add_argument("--sample", type=int, default=20_000, help="messages on which sizes are measured")
    args = parser.parse_args()
    rng = np.random.default_rng(2026)
    messages = int(args.messages)
    sizes = measured(args.sample)
    giga = messages / 1e9

    print(f"Sizes, measured on {args.sample:,} generated messages:")
    print(
        f"  a message encoded {sizes.encoded:.0f} bytes, in Parquet {sizes.parquet:.0f}, shuffled {sizes.shuffle:.0f}"
    )
    print(
        f"  a task's result {sizes.result / 1e6:.2f} MB with evidence, findings {sizes.findings:.1f} bytes a message"
    )
    print(f"{messages:,} messages:")
    print(
        f"  rows {sizes.parquet * giga:,.0f} GB as Parquet; shuffled once {sizes.shuffle * giga:,.0f} GB; ",
        end="",
    )
    print(f"findings {sizes.findings * giga:,.0f} GB")

    loads = {tasks: np.zeros(tasks) for tasks in args.tasks}
    customers, largest = 0, 0
    for whole in journeys(rng, messages, args.per_conversation, args.alpha):
        customers += len(whole)
        largest = max(largest, int(whole.max()))
        for tasks, load in loads.items():
            load += np.bincount(rng.integers(0, tasks, len(whole)), weights=whole, minlength=tasks)
    print(f"  {customers:,} customers; the largest has {largest:,} messages, in memory", end=" ")
    print(f"{largest * args.journey_bytes / 1e6:,.0f} MB")

    print(
        f"\nA core audits {args.rate:,.0f} messages a second; {args.slow:.1%} of tasks take three times as long.\n"
    )
    print("| tasks | largest / mean load | cores | hours | if no core waited | core hours | cost |")
    print("|---|---|---|---|---|---|---|")
    for tasks, load in loads.items():
        for cores in args.cores:
            run = simulated(rng, load, cores, args.rate, args.slow)
            paid = run.hours * cores
            print(
                f"| {tasks:,} | {run.largest / run.mean:.2f} | {cores:,} | {run.hours:.2f} | {run.ideal:.2f} "
                f"| {paid:,.0f} | {paid * args.core_hour:,.0f} |"
            )
    giant = int(args.giant)
    load = loads[max(loads)].copy()
    load[0] += giant
    cores = max(args.cores)
    print(f"\nOne id with {giant:,} messages, {max(loads):,} tasks, {cores:,} cores:")
    together = simulated(rng, load, cores, args.rate, 0)
    print(f"  as one journey: the last task ends after {together.hours:.2f} hours instead of ", end="")
    print(f"{simulated(rng, loads[max(loads)], cores, args.rate, 0).hours:.2f}, ", end="")
    print(f"and holds {giant * args.journey_bytes / 1e9:.1f} GB")
    talks = int(giant / args.per_conversation)
    spread = loads[max(loads)] + np.bincount(rng.integers(0, max(loads), talks), minlength=max(loads)) * (
        giant / talks
    )
    print(
        f"  as {talks:,} conversations of a crowd: {simulated(rng, spread, cores, args.rate, 0).hours:.2f} hours"
    )

    levels, left = [], max(loads)
    while left > WIDTH:
        levels.append(left)
        left = -(-left // WIDTH)
    print(
        f"\nResults: {max(loads):,} of {sizes.result / 1e6:.2f} MB, added up in {len(levels)} levels; ",
        end="",
    )
    print(f"the driver holds {left} of them.")
    print(f"Storage of the rows for a day: {sizes.parquet * giga * args.gigabyte_month / 30:.2f}")


if __name__ == "__main__":
    main()
