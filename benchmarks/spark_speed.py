"""Measure audits on Spark by master, beside the local engine, and print a table.

    python -m benchmarks.spark_speed --messages 200000 [--masters 'local[1]' 'local[2]' 'local-cluster[2,1,2048]']

Each master gets a Python and a Spark of its own. A small audit warms it up; then the corpus is read, which happens on
the driver, and audited, which does not. Seconds of the two stand apart.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = "this machine, one process"
MASTERS = ("local[1]", "local[2]", "local-cluster[2,1,2048]")
WARM_UP = Path(__file__).parent.parent / "examples" / "shop-week.csv"


def measure(master: str, corpus: Path) -> dict[str, float]:
    """Audit the corpus once, warm: seconds of reading and of auditing."""
    from supportaudit.auditing.scan import ScanSettings, scan

    engine = None
    if master != HERE:
        from pyspark.sql import SparkSession

        from supportaudit.spark import engine as engine_of

        build = SparkSession.builder.master(master).appName("spark_speed")
        for name in ("spark.ui.enabled", "spark.ui.showConsoleProgress"):
            build = build.config(name, "false")
        engine = engine_of(build.config("spark.log.level", "OFF").getOrCreate())
    settings = ScanSettings(jobs=1)
    scan([WARM_UP], settings, None, engine)
    read = 0.0
    began = time.perf_counter()

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal read
        if stage == "auditing" and not read:
            read = time.perf_counter() - began

    report = scan([corpus], settings, progress, engine)
    whole = time.perf_counter() - began
    # The local engine reports its first shard when it is done: one of 64.
    return {"messages": report.scorecard.messages, "read": read, "audit": whole - read}


def in_its_own_python(master: str, corpus: Path) -> dict[str, Any]:
    """The same in a new process, so that one master's workers do not serve the next."""
    import pyspark

    environment = {
        **os.environ,
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "PYSPARK_PYTHON": sys.executable,
    }
    command = [sys.executable, "-m", "benchmarks.spark_speed", "--one", master, "--corpus", str(corpus)]
    ran = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    measured: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return measured


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--masters", nargs="+", default=list(MASTERS))
    parser.add_argument("--corpus", type=Path, help="an export to audit instead of a generated one")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(args.one, args.corpus)))
        return
    with tempfile.TemporaryDirectory() as folder:
        corpus = args.corpus or Path(folder) / "corpus.csv"
        if args.corpus is None:
            script = Path(__file__).with_name("make_corpus.py")
            make = [sys.executable, str(script), "--messages", str(args.messages), "--out", str(corpus)]
            subprocess.run(make, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print("| engine | read, s | audit, s | messages a second, audit | with reading |")
        print("|---|---|---|---|---|")
        for master in (HERE, *args.masters):
            one = in_its_own_python(master, corpus)
            said, read, audit = one["messages"], one["read"], one["audit"]
            print(
                f"| {master} | {read:.1f} | {audit:.1f} | {said / audit:,.0f} | {said / (read + audit):,.0f} |"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
