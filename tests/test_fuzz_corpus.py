"""What fuzzing found before stays found: every kept input is tried again, without the fuzzer (fuzz/README.md)."""

import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import fuzz.__main__ as command
import pytest
from fuzz.__main__ import Run
from fuzz.drive import _by_chance
from fuzz.harness import CORPUS, Harness, TooSlowError, attempt, corpus, harness, name_of, names
from fuzz.keep import steps_of
from fuzz.mutate import mutate
from fuzz.shrink import shrink

LARGEST = 300_000
"""Bytes of all kept inputs."""


@pytest.mark.parametrize("name", names())
def test_kept_inputs_show_no_fault(name: str) -> None:
    one = harness(name)
    for path in corpus(name):
        try:
            attempt(one, path.read_bytes())
        except (Exception, TooSlowError) as error:
            error.add_note(f"again: python -m fuzz {name} --replay {path}")
            raise


@pytest.mark.parametrize("name", names())
def test_seeds_show_no_fault_and_are_no_larger_than_what_is_tried(name: str) -> None:
    one = harness(name)
    seeds = list(one.seeds())
    assert seeds
    assert max(map(len, seeds)) <= one.longest
    for data in random.Random(name).sample(seeds, min(len(seeds), 12)):
        attempt(one, data)


def test_the_corpus_is_small_and_named_by_its_content() -> None:
    paths = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert {path.parent.name for path in paths} <= {*names()}
    assert [path for path in paths if path.name != name_of(path.read_bytes())] == []
    assert sum(path.stat().st_size for path in paths) < LARGEST


@pytest.mark.parametrize("name", names())
def test_changed_inputs_are_others_and_not_too_long(name: str) -> None:
    one, rng = harness(name), random.Random(1)
    seeds = list(one.seeds())
    changed = [mutate(one, rng.choice(seeds), rng, rng.choice(seeds)) for _ in range(100)]
    assert len(set(changed)) > 50
    assert max(map(len, changed)) <= one.longest


# --- the tools themselves, on a harness that is easy to see through


def _check(data: bytes) -> None:
    if b"x" in data and b"y" in data:
        raise KeyError
    while b"slow" in data:
        pass


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Harness:
    monkeypatch.setattr("fuzz.harness.BASE_SECONDS", 0.2)
    return Harness(_check, lambda: [b"seed"])


def test_a_fault_is_found_by_chance_alone_and_its_input_saved(toy: Harness, tmp_path: Path) -> None:
    easy = replace(toy, seeds=lambda: [b"12x34"], words=("y",))
    assert _by_chance(easy, "toy", time.monotonic() + 60, tmp_path) == 1
    [path] = tmp_path.iterdir()
    assert path.name.startswith("toy-crash-")
    with pytest.raises(KeyError):
        attempt(easy, path.read_bytes())


def test_what_is_found_is_told_with_the_command_that_tries_it_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def run(name: str, seconds: float, corpus: Path | None) -> Run:
        found = (tmp_path / "times-crash-1",) if name == "times" else ()
        return Run(name, 1234, 5, 6, seconds, found, "KeyError" if found else "")

    monkeypatch.setattr(command, "_run", run)
    monkeypatch.setattr(command, "FOUND", tmp_path)
    assert command.main(["labels", "--seconds", "5"]) == 0
    assert command.main(["labels", "times", "--seconds", "5"]) == 1
    said = capsys.readouterr().out
    assert "2,468 inputs tried" in said
    assert "KeyError" in said
    assert "python -m fuzz times --replay " in said
    with pytest.raises(SystemExit):
        command.main(["label"])
    assert "there is no harness label" in capsys.readouterr().err


def test_an_input_is_made_as_small_as_its_fault_allows(toy: Harness) -> None:
    assert shrink(toy, b"12x34567y89" * 7) == b"xy"
    with pytest.raises(ValueError, match="no fault"):
        shrink(toy, b"seed")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer of processor time")
def test_an_input_that_takes_too_long_is_a_fault(toy: Harness) -> None:
    with pytest.raises(TooSlowError):
        attempt(toy, b"slow")


def test_what_shows_a_fault_takes_no_steps(toy: Harness) -> None:
    assert steps_of(toy, b"xy") is None
    assert steps_of(harness("times"), b"\x002026-05-01") != steps_of(harness("times"), b"\x00yesterday")
