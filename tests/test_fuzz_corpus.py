"""What fuzzing found before stays found: every kept input is tried again, without the fuzzer (fuzz/README.md)."""

import random
import signal

import pytest
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
