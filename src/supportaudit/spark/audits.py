"""The whole way on Spark: files or a data frame to rows, rows to customers, customers to an audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from supportaudit.auditing.intake import Progress, take_in
from supportaudit.auditing.scan import Audit, Done, Engine, Job, ScanSettings
from supportaudit.errors import SettingsError
from supportaudit.read.inputs import Given
from supportaudit.results.findings import Gathered
from supportaudit.spark.adding import WIDTH, added_up
from supportaudit.spark.frame import take_in_frame
from supportaudit.spark.gathering import by_customer
from supportaudit.spark.rows import RowWriter
from supportaudit.spark.session import needs_pyspark, session, told
from supportaudit.spark.store import begin_folder, row_store
from supportaudit.spark.worker import RESULTS, Order, audit_part, findings_of, findings_part

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from supportaudit.api import Result, StrPath
    from supportaudit.settings.file import Settings

ROWS_PER_TASK = 25_000
MOST_TASKS = 10_000

FINDINGS = (
    "conversation_id string, check string, severity string, confidence double, basis string, agent string, "
    "at timestamp, reason string, quote string, gap_seconds double, messages array<string>, file string, line long"
)
"""The columns of findings written by Spark: those of the Parquet result."""


def engine_on(master: str | None = None, folder: str | None = None) -> Engine:
    """An engine for `scan` with a session of its own; `master` is as in `session`, `folder` as in `engine`."""

    def run(given: Sequence[Given], settings: ScanSettings, progress: Progress | None) -> Done:
        with session(master) as spark:
            return engine(spark, folder)(given, settings, progress)

    return run


def engine(spark: "SparkSession", folder: str | None = None) -> Engine:
    """An engine for `scan`: files are read here, by the readers of every other engine, and audited on Spark.

    `folder`, a path or a URL, is where rows wait for the workers, who must reach it; None for a temporary folder, if
    the workers are of this machine.
    """

    def run(given: Sequence[Given], settings: ScanSettings, progress: Progress | None) -> Done:
        with told(), row_store(spark, folder) as store:
            writer = RowWriter(store.put)
            intake = take_in(given, settings.reading, writer, progress)
            job = Job.of(settings, intake)
            if progress is not None:
                progress("auditing", writer.rows, 0)
            work = _Work(job, {}, _tasks(spark, writer.rows), intake.account.files)
            return work.of(store.rows(), writer.has_addresses, intake)

    return run


def audit(
    df: "DataFrame",
    settings: "StrPath | Mapping[str, object] | Settings | None" = None,
    *,
    name: str = "data frame",
    findings: str | None = None,
    partitions: int | None = None,
    **options: Any,
) -> "Result":
    """Audit an export that Spark holds as a data frame, in the session that it belongs to.

    Its columns are recognised as those of a CSV file, its rows are numbered from 1 in their order, and those that
    cannot be used are counted with the reason. `name` is what the result calls it. With `findings`, the URL of a new
    folder, the findings are written there as Parquet and left out of the result, for which they may be too many.
    `partitions` is the number of tasks; it never changes the result. `settings` and all other options are those of
    `supportaudit.audit`.

    Raises `UserError` for what cannot be read or would mislead, for wrong settings, and where Spark fails.
    """
    from supportaudit.api import audit as audit_by

    needs_pyspark()
    return audit_by([], settings=settings, engine=_frame_engine(df, name, findings, partitions), **options)


def _frame_engine(df: "DataFrame", name: str, findings: str | None, partitions: int | None) -> Engine:
    """An engine that reads a data frame instead of what it is given."""

    def run(given: Sequence[Given], settings: ScanSettings, progress: Progress | None) -> Done:
        if findings is not None and settings.baseline is not None:
            raise SettingsError(
                "findings: a baseline is compared by findings, which are not kept", "Leave one out."
            )
        with told():
            if findings is not None:
                begin_folder(df.sparkSession, findings, FINDINGS)
            taken = take_in_frame(df, name, settings.reading)
            try:
                job = Job.of(settings, taken.intake)
                tasks = partitions or _tasks(df.sparkSession, taken.rows)
                if progress is not None:
                    progress("auditing", taken.rows, 0)
                work = _Work(job, taken.offsets, tasks, (name,), findings)
                return work.of(taken.kept.where("account IS NULL"), taken.has_addresses, taken.intake)
            finally:
                taken.kept.unpersist()

    return run


@dataclass(frozen=True)
class _Work:
    """An audit of rows. `offsets` are as in `worker.place`, none where rows have their numbers already."""

    job: Job
    offsets: dict[int, int]
    tasks: int
    files: tuple[str, ...]
    findings: str | None = None

    def of(self, rows: "DataFrame", has_addresses: bool, intake: Any) -> Done:
        """Gather the rows by customer, audit every customer whole, and add up."""
        keyed, customers, crowded = by_customer(rows, has_addresses)
        whole = keyed.repartition(self.tasks, "journey").sortWithinPartitions("journey", "seq")
        work = partial(audit_part, Order.of(self.job), self.offsets)
        results = whole.select("journey", "customer", "row").mapInArrow(work, RESULTS).persist()
        try:
            parts = results.where("audit IS NOT NULL").select("audit")
            audit: Audit = added_up(Audit, parts, self.tasks)
            found = results.where("findings IS NOT NULL").select("findings")
            found_out = Gathered()
            if self.findings is None:
                # Some tasks' at a time: all at once may be more than the driver can hold.
                for (data,) in found.coalesce(-(-self.tasks // WIDTH)).toLocalIterator():
                    found_out.add(findings_of(bytes(data)))
            else:
                table = found.mapInArrow(partial(findings_part, self.files), FINDINGS)
                table.write.mode("append").parquet(self.findings)
        finally:
            results.unpersist()
        return Done(intake, self.job, customers, audit, found_out.all(), crowded)


def _tasks(spark: "SparkSession", rows: int) -> int:
    """How many: each long enough to be worth starting, enough of them for every core, not too many to keep in mind."""
    try:
        cores = int(spark.sparkContext.defaultParallelism)
    except Exception:  # Spark Connect does not tell, and says so with one exception or another
        cores = 8
    return max(1, min(max(2 * cores, rows // ROWS_PER_TASK), rows // 500, MOST_TASKS))
