"""The tools that measure and guard: what they say of figures made up here, and a corpus that comes out the same."""

import csv
import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from benchmarks import instructions, run
from benchmarks.instructions import GROWTH, Cost, beside, grown
from benchmarks.make_corpus import BLOCK, COLUMNS, Corpus, make
from benchmarks.measuring import Run, measure, quiet_environment
from benchmarks.stages import START, stage_of
from benchmarks.tables import pages

BEFORE = Cost(help=300_000_000.0, start=1_000_000_000.0, message=2_000_000.0)


# --- instructions


def test_an_audit_that_grew_too_much_fails_and_says_in_what() -> None:
    faults = grown(BEFORE._replace(message=2_400_000.0), BEFORE, GROWTH, "instructions")
    assert faults == [
        "message costs 2,400,000.00 instructions: 20% more than 2,000,000.00, and 15% is allowed"
    ]
    assert len(grown(Cost(*(value * 1.2 for value in BEFORE)), BEFORE, GROWTH, "instructions")) == 3


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.14])
def test_an_audit_that_grew_little_or_shrank_passes(factor: float) -> None:
    assert not grown(Cost(*(value * factor for value in BEFORE)), BEFORE, GROWTH, "instructions")


def test_a_faster_interpreter_changes_no_ratio() -> None:
    yardstick = Cost(40_000_000.0, 30_000_000.0, 1_000_000.0)
    faster = beside(Cost(*(value * 0.8 for value in BEFORE)), Cost(*(value * 0.8 for value in yardstick)))
    assert faster == pytest.approx(beside(BEFORE, yardstick))


class Machine:
    """Counts what it is told to: `message` millions for each message of an audit, `help` millions for `--help`."""

    message = 3.0
    help = 300.0
    counter = "made up"

    def count(self, command: Sequence[str]) -> int:
        if "--help" in command:
            return int(self.help * 1e6)
        messages = int(next((Path(word).stem for word in command if word.endswith(".csv")), 0))
        return int(5e9 + messages * 1e6 * (self.message if "scan" in command else 1.0))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    made = Machine()
    monkeypatch.setattr(instructions, "_counter", lambda environment: (made.counter, made.count))
    monkeypatch.setattr(instructions, "make", lambda *arguments, **named: None)
    monkeypatch.setattr(instructions, "BASELINE", tmp_path / "instructions.json")
    (tmp_path / "instructions.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["instructions", "--update"])
    assert instructions.main() == 0
    monkeypatch.setattr(sys, "argv", ["instructions"])
    return made


@pytest.mark.parametrize(("message", "code"), [(3.0, 0), (3.4, 0), (3.5, 1)])
def test_the_guard_ends_with_1_when_a_message_costs_more(
    machine: Machine, capsys: pytest.CaptureFixture[str], message: float, code: int
) -> None:
    machine.message = message
    assert instructions.main() == code
    assert ("--update" in capsys.readouterr().out.splitlines()[-1]) is bool(code)


@pytest.mark.parametrize(("took", "code"), [(340.0, 0), (350.0, 1)])
def test_the_guard_ends_with_1_when_help_costs_more(machine: Machine, took: float, code: int) -> None:
    machine.help = took
    assert instructions.main() == code


@pytest.mark.parametrize(("message", "code"), [(3.0, 0), (4.0, 0), (6.0, 1)])
def test_another_interpreter_is_compared_with_a_yardstick(
    machine: Machine, capsys: pytest.CaptureFixture[str], message: float, code: int
) -> None:
    machine.counter = "another"
    machine.message = message
    assert instructions.main() == code
    assert "knows nothing of these" in capsys.readouterr().out


def test_without_a_counter_the_guard_says_so_and_passes(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(instructions, "_counter", lambda environment: ("none", None))
    assert instructions.main() == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("skipped: ")


def test_the_baseline_of_this_project_is_one() -> None:
    known = json.loads(instructions.BASELINE.read_text(encoding="utf-8"))
    assert instructions.YARDSTICK in known
    assert len(known) >= 2
    assert all(min(Cost(**cost)) > 0 for cost in known.values())


# --- the runner


def test_what_a_command_took_is_measured_with_all_its_processes(tmp_path: Path) -> None:
    hold = "import time; kept = b'x' * (40 << 20); time.sleep(0.6)"
    both = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}; p.wait()"
    took, failure = measure([sys.executable, "-c", both], quiet_environment(tmp_path))
    assert took is not None, failure
    assert took.seconds > 0.6
    assert took.megabytes > (80 if sys.platform == "linux" else 40)


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    took, failure = measure([sys.executable, "-c", "raise SystemExit('no such thing') from None"], {})
    assert took is not None  # exit code 1 is an audit that found something
    took, failure = measure([sys.executable, "-c", "import os; os.write(2, b'broken'); os._exit(3)"], {})
    assert (took, failure) == (None, "exit code 3: broken")


def test_sizes_are_read() -> None:
    assert run._sizes("500,10k,2M") == [500, 10_000, 2_000_000]


def test_stages_are_told_by_whose_code_runs() -> None:
    from supportaudit.results import stats

    assert stage_of(sys._getframe()) == START  # nothing of ours runs
    code = compile("import sys\nframe = sys._getframe()", stats.__file__, "exec")
    made: dict[str, Any] = {}
    exec(code, made)
    assert stage_of(made["frame"]) == "count and score"


def contender(name: str, seconds: float, messages: int = 1_000_000) -> dict[str, Any]:
    return {"name": name, "messages": messages, "runs": [Run(seconds, seconds * 2, 100.0)], "failure": ""}


def test_tables_give_ratios_by_message() -> None:
    result = {
        "machine": {
            "processor": "x", "cores": 2, "gigabytes": 8, "system": "y", "python": "3.11", "load": 0.1,
            "day": "2026-01-01", "peers": {},
        },
        "starts": {"bare Python": [0.02] * 9, "--help": [0.1] * 9},
        "sizes": [
            {
                "messages": 1_000_000,
                "bytes": 264_000_000,
                "contenders": [
                    contender("polars", 1.0),
                    contender("scan, 1 process", 16.0),
                    contender("scan, 2 processes", 8.0),
                    contender("vader", 10.0, messages=100_000),
                    {"name": "duckdb", "messages": 1_000_000, "runs": [], "failure": "exit code 2: no"},
                ],
                "stages": {"read": 4.0, "tag": 12.0, "all": 16.0},
            }
        ],
    }  # fmt: skip
    text = pages(result)
    assert "| **scan, 2 processes** | 8.00 | 16.00 | 125,000 | 100 | 8.0 | 8.0 |" in text
    assert (
        "VADER, mood of each message (100,000 messages) | 10.00 | 20.00 | 10,000 | 100 | 100.0 | 100.0 |"
        in text
    )
    assert "failed: exit code 2: no" in text
    assert "| 1,000,000 | 32.0 | 16.0 | 2.00 | 100 |" in text
    assert "| tag | 12.0 | 75% |" in text
    assert "| --help | 100 | 100 | 5.0 |" in text


def test_tables_replace_what_stands_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nb\n", encoding="utf-8")
    run._write_between_marks(page, "new")
    assert page.read_text("utf-8") == "a\n<!-- measured: begin -->\n\nnew\n<!-- measured: end -->\nb\n"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(SystemExit, match="has no"):
        run._write_between_marks(page, "new")


# --- the corpus


def test_a_corpus_comes_out_the_same_and_holds_what_exports_hold(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        make(tmp_path / name, 1_500, seed=7, time_styles="mixed", languages="mixed")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    with (tmp_path / "one.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1_500
    talks = [row["conversation_id"] for row in rows]
    assert sum(one != other for one, other in pairwise(talks)) > 1_000  # interleaved
    assert any("\n> " in row["text"] for row in rows)  # quoted history
    shapes = {(len(row["created_at"]), row["created_at"][-1] == "Z") for row in rows}
    assert len(shapes) == 6
    texts = " ".join(row["text"] for row in rows)
    assert all(word in texts for word in ("order", "Bestellung", "pedido", "commande", "παραγγελία"))
    assert {row["role"] for row in rows} == {"customer", "agent", "bot", "system"}


def test_a_smaller_corpus_is_the_beginning_of_a_larger_one() -> None:
    few, more = (list(Corpus(size, 1, "iso")) for size in (100, 200))
    assert more[:100] == few


def test_blocks_share_no_conversation_and_come_after_each_other() -> None:
    first, second = (list(Corpus(300, 1, "iso", "en", block)) for block in (0, 1))
    assert not {row[0] for row in first} & {row[0] for row in second}
    assert not {row[1] for row in first} & {row[1] for row in second}
    assert max(row[COLUMNS.index("created_at")] for row in first) < second[0][COLUMNS.index("created_at")]
    assert BLOCK > 300
