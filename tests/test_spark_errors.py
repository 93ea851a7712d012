"""What goes wrong with Spark is told in one sentence, before the work where that can be known."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from supportaudit.cli import app
from supportaudit.errors import InputError, SettingsError, UserError
from supportaudit.model import Row, RowKind
from supportaudit.spark.session import told
from supportaudit.spark.store import row_store
from supportaudit.spark.worker import BITS, Order, numbered

WEEK = str(Path(__file__).parent.parent / "examples" / "shop-week.csv")


def refused(*arguments: str) -> str:
    """What the command line says: nothing on standard output, and no traceback."""
    ran = CliRunner().invoke(app, ["scan", WEEK, *arguments])
    assert isinstance(ran.exception, UserError), ran.exception
    assert ran.stdout == ""
    return f"{ran.exception.message} {ran.exception.hint}"


def test_without_pyspark_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    assert "pip install 'supportaudit[spark]'" in refused("--engine", "spark")


def test_without_java_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="Spark is not installed")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert "Spark needs Java" in refused("--engine", "spark")


def test_a_connect_server_that_does_not_answer_is_asked_once() -> None:
    pytest.importorskip("pyspark", reason="Spark is not installed")
    said = refused("--engine", "spark", "--spark-master", "sc://127.0.0.1:1/;token=hush")
    assert "no Spark Connect server answers at sc://127.0.0.1:1" in said
    assert "hush" not in said


@pytest.mark.parametrize("option", [("--spark-master", "yarn"), ("--spark-dir", "rows")])
def test_where_spark_is_says_nothing_without_the_engine(option: tuple[str, str]) -> None:
    assert "Add --engine spark" in refused(*option)


def test_the_cache_is_of_this_machine(tmp_path: Path) -> None:
    assert "--cache" in refused("--engine", "spark", "--cache", str(tmp_path / "cache"))
    assert list(tmp_path.iterdir()) == []


# --- where rows wait


def spark_on(master: str) -> Any:
    return SimpleNamespace(sparkContext=SimpleNamespace(master=master))


@pytest.mark.parametrize("spark", [spark_on("yarn"), SimpleNamespace()], ids=["a cluster", "Spark Connect"])
def test_workers_elsewhere_need_a_folder_that_they_see(spark: Any) -> None:
    with pytest.raises(SettingsError) as caught, row_store(spark, None):
        pass
    assert "--spark-dir" in caught.value.hint


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with (
        pytest.raises(SettingsError, match="cannot be written to"),
        row_store(spark_on("yarn"), str(tmp_path / "file")),
    ):
        pass


# --- faults of the cluster


def fault(module: str, text: str) -> Exception:
    made: type[Exception] = type("PySparkException", (Exception,), {"__module__": module})
    return made(text)


def said_of(error: Exception) -> str:
    with pytest.raises(UserError) as caught, told():
        raise error
    return f"{caught.value.message} | {caught.value.hint}"


def test_workers_without_the_package_are_told_so() -> None:
    text = "Traceback (most recent call last):\n  File \"a.py\"\nModuleNotFoundError: No module named 'supportaudit'\n"
    assert "install" in said_of(fault("pyspark.errors", text)).lower()


def test_what_a_worker_says_of_ours_is_said_again() -> None:
    words = "the workers have supportaudit 1 and this has 2"
    text = f"Traceback:\n  File 'x'\nsupportaudit.errors.UserError: {words}\n\n\tat org"
    assert said_of(fault("pyspark.errors", text)).startswith(words)


def test_of_a_java_trace_the_innermost_cause_is_told() -> None:
    text = (
        "An error occurred while calling o1.collect.\n: org.apache.spark.SparkException: Job aborted.\n\tat x\n"
        "Caused by: java.io.IOException: No space left on device\n\tat y\n"
    )
    assert said_of(fault("py4j.protocol", text)).startswith(
        "the audit on Spark failed: No space left on device"
    )


def test_a_lost_worker_is_most_often_one_without_memory() -> None:
    text = (
        "Job aborted: ExecutorLostFailure (executor 1 exited)\n"
        "Caused by: x.y.SparkException: Python worker exited unexpectedly (crashed)"
    )
    assert "memoryOverhead" in said_of(fault("py4j.protocol", text))


def test_faults_that_are_not_sparks_pass() -> None:
    with pytest.raises(InputError), told():
        raise InputError("no such file")
    with pytest.raises(ZeroDivisionError), told():
        raise ZeroDivisionError


def test_workers_of_another_version_do_not_work() -> None:
    order = Order.of({"a": 1})
    assert order.unpacked() == {"a": 1}
    with pytest.raises(UserError, match=r"the workers have supportaudit .* and this program has 0\.0\.1"):
        Order("0.0.1", order.data).unpacked()


# --- numbers of rows


def test_rows_are_numbered_over_all_partitions() -> None:
    offsets = {0: 0, 4: 1_000}
    line = (4 << BITS) + 7 + 1
    nameless, named = Row("t", str(line), line), Row("t", "m7", line)
    gap = Row("t", "", line, kind=RowKind.GAP)
    assert [(r.line, r.message_id) for r in (numbered(row, offsets) for row in (nameless, named, gap))] == [
        (1_008, "1008"),
        (1_008, "m7"),
        (1_008, ""),
    ]
    assert numbered(Row("t", "1", 1), offsets) == Row("t", "1", 1)
