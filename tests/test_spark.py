"""On Spark an audit gives the same bytes as on one machine, in every format, whatever becomes of the workers."""

import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.auditing.shards import Shards, decode_rows
from supportaudit.errors import InputError
from supportaudit.model import Row
from supportaudit.normalise import journey_key
from supportaudit.output import terminal_view
from supportaudit.render import FORMATS
from supportaudit.results.report import Report

pyspark = pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'supportaudit[spark]'")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Spark needs Java, which is not installed", allow_module_level=True)

from supportaudit.spark import audit, engine  # noqa: E402

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.spark,
    pytest.mark.xdist_group("spark"),  # one process, so that one session serves all
    pytest.mark.filterwarnings("default"),  # what pyspark thinks of other libraries' versions
]

ROOT = Path(__file__).parent.parent
WEEK = ROOT / "examples" / "shop-week.csv"
SETTINGS = ScanSettings(jobs=1, evidence=8)
BRISK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # a test is over before Java's optimiser pays


def start(master: str) -> "SparkSession":
    from pyspark.sql import SparkSession

    build = SparkSession.builder.master(master).appName("tests")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.sql.shuffle.partitions": "3",
        "spark.driver.extraJavaOptions": BRISK,
        "spark.executor.extraJavaOptions": BRISK,
    }.items():
        build = build.config(name, value)
    return build.getOrCreate()


@pytest.fixture(scope="module")
def home() -> Iterator[None]:
    """Executors of a local cluster are started from Spark's home, workers by the Python named."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(Path(pyspark.__file__).parent))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        yield


@pytest.fixture(scope="module")
def local(home: None) -> "Iterator[SparkSession]":
    spark = start("local[2]")
    yield spark
    spark.stop()


@pytest.fixture(scope="module")
def cluster(home: None) -> "Iterator[SparkSession]":
    from pyspark.sql import SparkSession

    if (running := SparkSession.getActiveSession()) is not None:
        running.stop()
    spark = start("local-cluster[2,1,1024]")
    yield spark
    spark.stop()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two exports that overlap, with all that makes whose a message is hard to tell.

    Customers are named late, or by addresses written in two ways; a crowd shares one id; some rows cannot be used.
    """
    folder = tmp_path_factory.mktemp("corpus")
    made = folder / "made.csv"
    script = ROOT / "benchmarks" / "make_corpus.py"
    command = [sys.executable, str(script), "--messages", "2400", "--out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    with made.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    talk, customer, at = (header.index(name) for name in ("conversation_id", "customer_id", "created_at"))
    drawn = random.Random(5)
    kinds: dict[str, str] = {}
    for number, row in enumerate(rows):
        kind = kinds.setdefault(row[talk], drawn.choice(["late", "never", "crowd", "mail", "", "", ""]))
        first = kinds.setdefault(f"{row[talk]} was met", row[1]) == row[1]
        if kind == "never" or (kind == "late" and (first or drawn.random() < 0.5)):
            row[customer] = ""
        elif kind == "crowd":
            row[customer] = "guest"
        elif kind == "mail":
            address = f"c{int(row[customer].strip('CUcu-') or 0) % 40}@example.org"
            row[customer] = address.upper() if drawn.random() < 0.3 else address
        if number % 97 == 5:
            row[at] = "soon"
    half = len(rows) // 2
    paths = [folder / "one.csv", folder / "two.csv"]
    for path, part in zip(paths, (rows[: half + 100], rows[half:]), strict=True):
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *part])
    return paths


@pytest.fixture
def small_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it takes to be a crowd, so that a short corpus holds one."""
    for module in ("auditing.shards", "spark.gathering"):
        monkeypatch.setattr(f"supportaudit.{module}.CROWD", 12)


def written(report: Report) -> dict[str, str | bytes]:
    return {name: render(report, terminal_view(None, to_file=True)) for name, render in FORMATS.items()}


def same(one: Report, other: Report) -> None:
    first, second = written(one), written(other)
    assert [name for name in first if first[name] != second[name]] == []


# --- files


def test_the_example_week_gives_the_same_bytes_in_every_format(local: "SparkSession") -> None:
    here, there = scan([WEEK], SETTINGS), scan([WEEK], SETTINGS, None, engine(local))
    assert here.findings
    same(here, there)


def test_the_corpus_too_though_its_customers_are_hard_to_tell(
    local: "SparkSession", corpus: list[Path], small_crowd: None, tmp_path: Path
) -> None:
    settings = replace(SETTINGS, reading=Reading(rejects=tmp_path / "rejects.jsonl"))
    here = scan(corpus, settings)
    rejected = (tmp_path / "rejects.jsonl").read_bytes()
    there = scan(corpus, settings, None, engine(local, str(tmp_path / "[rows] *")))
    assert here.input.rows_rejected > 10
    assert any("stand twice" in note for note in here.input.notes)
    assert any("more than" in note for note in here.input.notes), "no id names a crowd"
    assert here.input.customers < here.input.conversations
    same(here, there)
    assert (tmp_path / "rejects.jsonl").read_bytes() == rejected
    assert list((tmp_path / "[rows] *").iterdir()) == [], "rows of customers lie about"


def test_rows_may_wait_wherever_spark_can_write(
    local: "SparkSession", corpus: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportaudit.spark.rows.AT_ONCE", 700)
    (tmp_path / "store").mkdir()
    # As a URL, but for the tests' sake on this disk: Spark writes, reads and empties it.
    from supportaudit.spark import store

    monkeypatch.setattr(store, "_is_path", lambda folder: False)
    there = scan(corpus, SETTINGS, None, engine(local, (tmp_path / "store").as_uri()))
    same(scan(corpus, SETTINGS), there)
    left = [path for path in (tmp_path / "store").rglob("*.parquet") if path.stat().st_size > 2_000]
    assert left == [], "rows of customers lie about"


# --- whose a row is


def test_rows_are_gathered_as_on_one_machine(
    local: "SparkSession", small_crowd: None, tmp_path: Path
) -> None:
    """Many small worlds of ids, addresses and gaps at once, drawn by chance."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from supportaudit.spark.gathering import by_customer
    from supportaudit.spark.rows import COLUMNS, batch_of, packed
    from supportaudit.spark.worker import customers_in

    drawn = random.Random(11)
    rows: list[Row] = []
    for world in range(400):
        for _ in range(drawn.randrange(1, 40)):
            who = drawn.choice(["", "", "a", "b", "c", "D@example.org", "d@example.org"])
            address = drawn.choice(["", "", "", "x@", "y@", "z@"]) if who else ""
            rows.append(
                Row(
                    f"{world}:t{drawn.randrange(6)}", "m", len(rows),
                    customer_id=f"{world}:{who}" if who else "",
                    customer_email=f"{address}{world}" if address else "",
                )
            )  # fmt: skip
    rows += [
        Row(f"crowd{n % 20}", "m", len(rows) + n, customer_id=f"g{n % 3}", customer_email="g@")
        for n in range(60)
    ]
    with Shards() as shards:
        for row in rows:
            shards.add(row)
        shards.finish()
        here: dict[str, list[Row]] = defaultdict(list)
        for number in range(shards.count):
            for row in decode_rows(shards.take(number)):
                here[journey_key(row)].append(row)
    pq.write_table(
        pa.Table.from_batches([batch_of(packed(row, n) for n, row in enumerate(rows))]), tmp_path / "rows"
    )
    frame = local.read.schema(COLUMNS).parquet(str(tmp_path / "rows"))
    keyed, customers, crowded = by_customer(frame, has_addresses=True)
    table = keyed.orderBy("journey", "seq").select("journey", "customer", "row").toArrow()
    there = list(customers_in(table.to_batches()))

    def bare(journeys: Any) -> list[list[tuple[Any, ...]]]:
        return sorted(
            [(row.line, row.conversation_id, row.customer_id) for row in journey] for journey in journeys
        )

    assert bare(there) == bare(here.values())
    assert (customers, crowded) == (shards.customers, len(shards.crowded))
    assert crowded == 1


# --- data frames


def test_a_data_frame_gives_what_its_file_gives(
    local: "SparkSession", corpus: list[Path], tmp_path: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with corpus[0].open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    table = pa.table(dict(zip(header, map(list, zip(*rows, strict=True)), strict=True)))
    table = table.drop_columns("message_id")  # then a message is called by the number of its row
    pq.write_table(table, tmp_path / "export.parquet")
    frame = local.createDataFrame(table)
    assert frame.rdd.getNumPartitions() > 1
    here = scan([tmp_path / "export.parquet"], SETTINGS)
    there = audit(frame, {}, name=here.input.files[0], partitions=5).report
    counts = ("rows_read", "rows_used", "rows_rejected", "rows_not_messages", "conversations", "customers")
    assert [getattr(there.input, name) for name in counts] == [getattr(here.input, name) for name in counts]
    assert [(r.line, r.reason) for r in there.input.rejected] == [
        (r.line, r.reason) for r in here.input.rejected
    ]
    same(here, msgspec.structs.replace(there, input=here.input))


def test_findings_may_go_to_parquet_instead(local: "SparkSession", tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = local.read.option("header", True).option("multiLine", True).option("escape", '"').csv(str(WEEK))
    whole = audit(frame, {})
    bare = audit(frame, {}, findings=(tmp_path / "findings").as_uri())
    assert bare.findings == ()
    assert bare.scorecard == whole.scorecard
    order = [
        ("conversation_id", "ascending"),
        ("check", "ascending"),
        ("line", "ascending"),
        ("reason", "ascending"),
    ]
    kept = pq.read_table(tmp_path / "findings").sort_by(order)
    expected = whole.to_arrow().sort_by(order)
    assert kept.num_rows > 10
    seconds = pa.timestamp("s")  # Spark writes finer ones, without a zone
    times = [table["at"].cast(seconds).to_pylist() for table in (kept, expected)]
    assert times[0] == times[1]
    assert (
        kept.select(expected.column_names).drop_columns("at").to_pylist()
        == expected.drop_columns("at").to_pylist()
    )


def test_dates_of_a_data_frame_are_read_in_one_order_which_may_show_late(local: "SparkSession") -> None:
    said = [
        ("t1", "customer", "Where is it?", "01/02/2026 10:00"),
        ("t1", "agent", "Here.", "01/02/2026 11:00"),
    ] * 1_100
    columns = ["conversation id", "role", "text", "created at"]
    frame = local.createDataFrame([*said, ("t2", "customer", "And now?", "25/02/2026 09:00")], columns)
    report = audit(frame, {}, partitions=2).report
    assert any("day first: line 2201" in note for note in report.input.notes)
    with pytest.raises(InputError, match="read two ways"):
        audit(local.createDataFrame(said, columns), {})


def test_a_data_frame_without_messages_is_refused_in_words(local: "SparkSession") -> None:
    with pytest.raises(InputError, match="no column tells who wrote it"):
        audit(local.createDataFrame([("t1", "Hello")], ["conversation id", "text"]), {})
    bad = [("t1", "customer", "Hello", "soon"), ("t1", "agent", "Hi", "2026-02-01")]
    with pytest.raises(InputError, match=r"1 of 2 rows \(50%\) were rejected.*data frame:1"):
        audit(local.createDataFrame(bad, ["conversation id", "role", "text", "created at"]), {})


# --- Spark Connect

CONNECTED = """
import sys
from pyspark.sql import SparkSession
from supportaudit.spark import audit
spark = SparkSession.builder.remote("local[2]").config("spark.sql.shuffle.partitions", "3").getOrCreate()
frame = spark.read.option("header", True).option("multiLine", True).option("escape", '"').csv(sys.argv[1])
whole = audit(frame, {}, name=sys.argv[1])
whole.to_json(sys.argv[2])
audit(frame, {}, findings=sys.argv[3])
assert spark.read.parquet(sys.argv[3]).count() == len(whole.findings)
spark.stop()
"""


def test_spark_connect_gives_the_same(local: "SparkSession", tmp_path: Path) -> None:
    pytest.importorskip("grpc", reason="Spark Connect is not installed: pip install 'pyspark[connect]'")
    frame = local.read.option("header", True).option("multiLine", True).option("escape", '"').csv(str(WEEK))
    here = audit(frame, {}, name=str(WEEK)).to_json()
    ran = subprocess.run(
        [sys.executable, "-c", CONNECTED, WEEK, tmp_path / "there.json", (tmp_path / "findings").as_uri()],
        env={**os.environ, "PYSPARK_SUBMIT_ARGS": f'--driver-java-options "{BRISK}" pyspark-shell'},
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert (tmp_path / "there.json").read_text() == here


# --- a cluster


def executors(spark: "SparkSession") -> set[int]:
    """The executors' Java processes, children of the driver's."""
    context: Any = spark.sparkContext
    driver = context._gateway.proc.pid
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == driver and b"CoarseGrainedExecutorBackend" in (process / "cmdline").read_bytes():
                found.add(int(process.name))
        except (OSError, ValueError):
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds executors by /proc")
def test_an_executor_killed_in_the_midst_of_it_changes_nothing(
    cluster: "SparkSession", corpus: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = scan(corpus, SETTINGS)
    monkeypatch.setattr("supportaudit.spark.audits._tasks", lambda spark, rows: 11)  # to know its stage by
    tracker = cluster.sparkContext.statusTracker()
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not over.is_set():
            stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
            if any(s is not None and s.numTasks == 11 and 0 < s.numCompletedTasks < 9 for s in stages):
                victim = min(executors(cluster))
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)
                return
            time.sleep(0.02)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        there = scan(corpus, SETTINGS, None, engine(cluster))
    finally:
        over.set()
        killer.join()
    assert killed, "the audit was over before an executor could be killed"
    assert killed[0] not in executors(cluster)
    same(here, there)
