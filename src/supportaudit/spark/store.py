"""Where rows wait for Spark's workers: Parquet files in a folder that they reach, gone when the audit ends."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from supportaudit.errors import SettingsError
from supportaudit.scratch import no_room, scratch_folder
from supportaudit.spark.rows import COLUMNS

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame, SparkSession


class RowStore(Protocol):
    """Takes rows and gives them back as a data frame."""

    def put(self, batch: "pyarrow.RecordBatch") -> None:
        """Take some rows."""

    def rows(self) -> "DataFrame":
        """All of them."""


@contextmanager
def row_store(spark: "SparkSession", folder: str | None) -> Iterator[RowStore]:
    """A store in `folder`, a path that this machine and all workers see, or the URL of what Spark can write to.

    None is for workers of this machine. Raises SettingsError where they are elsewhere, or nothing can be written.
    """
    if folder is not None and not _is_path(folder):
        with _in_url(spark, folder) as store:
            yield store
    elif folder is not None:
        path = Path(folder.removeprefix("file://"))
        try:
            path.mkdir(parents=True, exist_ok=True)
            own = Path(tempfile.mkdtemp(prefix="supportaudit-", dir=path))
        except OSError as error:
            raise SettingsError(
                f"--spark-dir {folder}: cannot be written to: {error.strerror or error}"
            ) from error
        try:
            yield _Folder(spark, own)
        finally:
            shutil.rmtree(own, ignore_errors=True)
    elif not _is_local(spark):
        raise SettingsError(
            "Spark's workers cannot see the temporary folder of this machine",
            hint="Name a folder that both see, or a URL: --spark-dir hdfs:///tmp/audits",
        )
    else:
        with scratch_folder() as path:
            yield _Folder(spark, path)


def _is_path(folder: str) -> bool:
    return re.match(r"(?!file:)[a-z][a-z0-9+.-]+:", folder) is None


def _is_local(spark: "SparkSession") -> bool:
    try:
        return str(spark.sparkContext.master).startswith("local")
    except Exception:  # Spark Connect does not tell, and says so with one exception or another
        return False


class _Folder:
    def __init__(self, spark: "SparkSession", path: Path) -> None:
        self._spark = spark
        self._path = path.absolute() / "rows"
        self._path.mkdir()
        self._files = 0

    def put(self, batch: "pyarrow.RecordBatch") -> None:
        """Write a file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._files += 1
        try:
            table = pa.Table.from_batches([batch])
            pq.write_table(table, self._path / f"{self._files:06}.parquet", compression="zstd")
        except OSError as error:
            raise no_room(error) from error

    def rows(self) -> "DataFrame":
        """The files as a data frame: of this machine's disk, whatever the cluster's own file system is."""
        literal = re.sub(r"([\[\]{}*?\\])", r"\\\1", str(self._path))
        return self._spark.read.schema(COLUMNS).parquet(f"file://{literal}")


@contextmanager
def _in_url(spark: "SparkSession", folder: str) -> Iterator[RowStore]:
    store = _Url(spark, f"{folder.rstrip('/')}/supportaudit-{uuid4().hex}")
    begin_folder(spark, store.url, COLUMNS)
    try:
        yield store
    finally:  # Spark can empty a folder on any file system, and remove none
        spark.createDataFrame([], COLUMNS).write.mode("overwrite").parquet(store.url)


class _Url:
    """Rows given to Spark, which writes them wherever it can: it has the credentials and knows the kinds of stores."""

    def __init__(self, spark: "SparkSession", url: str) -> None:
        self._spark = spark
        self.url = url

    def put(self, batch: "pyarrow.RecordBatch") -> None:
        """Let Spark write a file."""
        import pyarrow as pa

        self._spark.createDataFrame(pa.Table.from_batches([batch])).write.mode("append").parquet(self.url)

    def rows(self) -> "DataFrame":
        """The files as a data frame."""
        return self._spark.read.schema(COLUMNS).parquet(self.url)


def begin_folder(spark: "SparkSession", url: str, columns: str) -> None:
    """Make a folder for Parquet files, empty yet: what cannot be written to shall show before the work, not after it.

    Raises whatever Spark raises where it exists already.
    """
    spark.createDataFrame([], columns).write.mode("error").parquet(url)
