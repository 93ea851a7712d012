"""JSON of any size: flat memory, the same rows, whole documents walked without being held."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportaudit.errors import InputError
from supportaudit.read import json_cursor
from supportaudit.read.account import RowFaultError
from supportaudit.read.container import inspect
from supportaudit.read.document import Document
from supportaudit.read.json_shapes import JsonDocument, open_document

TEXT = "Where is my order? I have written three times now. " * 8


def document(path: Path, content: object, indent: int | None = None) -> JsonDocument:
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=indent))
    return open_document(inspect(Document.of(path)))


def write(path: Path, head: str, between: str, tail: str, count: int) -> None:
    with path.open("w") as out:
        out.write(head)
        for n in range(count):
            record = {"ticket": f"t{n // 8}", "id": n, "from": "Ana", "text": TEXT}
            out.write((between if n else "") + json.dumps(record))
        out.write(tail)


GROWTH = """
import resource, sys
from pathlib import Path
from supportaudit.read import open_export

def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

small, big = map(Path, sys.argv[1:])
list(open_export(small).rows())
before = peak()
print(sum(1 for _ in open_export(big).rows()), peak() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
@pytest.mark.parametrize(
    ("head", "between", "tail"),
    [
        ("[", ", ", "]"),
        ('{"count": 100000, "messages": [\n', ",\n", '],\n "page": {"next": null}}'),
        ("", " ", ""),
    ],
    ids=["array", "object", "one after another"],
)
def test_fifty_megabytes_take_a_few(tmp_path: Path, head: str, between: str, tail: str) -> None:
    small, large = tmp_path / "small.json", tmp_path / "large.json"
    write(small, head, between, tail, 50)
    write(large, head, between, tail, 100_000)
    assert large.stat().st_size > 45_000_000
    done = subprocess.run(
        [sys.executable, "-c", GROWTH, small, large], capture_output=True, text=True, timeout=120, check=True
    )
    used, growth = map(int, done.stdout.split())
    assert used == 100_000
    assert growth < 24_000_000, "some 8 MB: a window of the text, and a sample of the records"


def test_a_single_object_is_previewed_and_walked(tmp_path: Path) -> None:
    content = {
        "users": [{"id": n} for n in range(50)],
        "meta": {"page": 1, "deep": {"list": list(range(50)), "deeper": {"lists": [[1] * 30]}}},
        "data": {"tickets": [{"id": n, "tags": ["a"] * 30} for n in range(40)], "empty": []},
        "name": "Acme",
    }
    found = document(tmp_path / "a.json", content)
    assert found.shape == "single JSON object"
    assert found.preview is not None
    assert found.preview["name"] == "Acme"
    assert len(found.preview["users"]) == 20  # type: ignore[arg-type]
    assert found.preview["meta"] == {
        "page": 1,
        "deep": {"list": list(range(20)), "deeper": {"lists": [[1] * 30]}},
    }
    assert set(found.paths) == {"users", "data.tickets", "data.empty"}
    assert [value for _, value in found.list_items("data.tickets")] == content["data"]["tickets"]  # type: ignore[index]
    assert [value for _, value in found.list_items("users")] == content["users"]
    assert list(found.list_items("data.empty")) == []
    assert found.member("users") == content["users"]
    assert found.member("none") is None
    assert [value for _, value in found.values()] == [content]


def test_places_are_lines_or_numbers_alike_in_every_list(tmp_path: Path) -> None:
    content = {"a": [{"n": 1}, {"n": 2}], "b": [{"n": 3}, {"n": 4}]}
    found = document(tmp_path / "a.json", content)
    assert found.by_number
    assert [place for place, _ in found.list_items("b")] == [1, 2]
    found = document(tmp_path / "a.json", content, indent=1)
    assert not found.by_number
    assert [place for place, _ in found.list_items("b")] == [11, 14]


def test_an_iterator_may_be_left_and_begun_again(tmp_path: Path) -> None:
    found = document(tmp_path / "a.json", [{"n": n} for n in range(9)])
    assert next(found.values()) == (1, {"n": 0})
    assert len(list(found.values())) == 9


def test_a_record_longer_than_the_window_is_read_and_one_beyond_all_measure_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [{"n": 1}, {"text": "x" * 3_000_000}, {"n": 3}]
    found = document(tmp_path / "a.json", records)
    assert [value for _, value in found.values()] == records
    monkeypatch.setattr(json_cursor, "MAX_RECORD", 1_500_000)
    values = [value for _, value in found.values()]
    assert isinstance(values[1], RowFaultError)
    assert "a record longer than 1,500,000 characters" in values[1].kind


def test_keys_that_occur_twice_lose_nothing(tmp_path: Path) -> None:
    found = document(tmp_path / "a.json", '{"m": [{"n": 1}], "x": 0, "m": [{"n": 2}]}')
    assert [value for _, value in found.list_items("m")] == [{"n": 1}, {"n": 2}]


def test_an_object_in_other_letters(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps([{"text": "Πού είναι"}], ensure_ascii=False).encode("utf-16"))
    assert [value for _, value in open_document(inspect(Document.of(path))).values()] == [
        {"text": "Πού είναι"}
    ]


def test_numbers_python_cannot_hold_are_no_crash(tmp_path: Path) -> None:
    found = document(tmp_path / "a.json", f'[{{"n": {"9" * 5000}}}, {{"n": 1e999}}, {{"n": -1}}]')
    values = [value for _, value in found.values()]
    assert len(values) == 3
    assert values[2] == {"n": -1}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=80, deadline=None)
@given(
    records=st.lists(st.dictionaries(st.text(max_size=4), values, max_size=4), min_size=1, max_size=6),
    indent=st.sampled_from([None, 0, 2]),
    window=st.integers(1, 40),
    shape=st.sampled_from(["array", "object", "row"]),
)
def test_a_window_of_any_size_gives_the_same_values(
    tmp_path_factory: pytest.TempPathFactory, records: list[Any], indent: int | None, window: int, shape: str
) -> None:
    path = tmp_path_factory.mktemp("json") / "a.json"
    if shape == "row":
        path.write_text(" ".join(json.dumps(record, indent=indent) for record in records))
    else:
        path.write_text(json.dumps(records if shape == "array" else {"page": 1, "r": records}, indent=indent))
    before = json_cursor._WINDOW
    try:
        json_cursor._WINDOW = window
        found = open_document(inspect(Document.of(path)))
        read: Callable[[], Iterator[tuple[int, object]]]
        if found.preview is None:
            read = found.values
        elif shape == "object":
            read = lambda: found.list_items("r")  # noqa: E731
        else:
            read = found.values
        got = [value for _, value in read()]
    except InputError:
        got = []
    finally:
        json_cursor._WINDOW = before
    assert got == records


@settings(max_examples=80, deadline=None)
@given(data=st.data(), window=st.integers(1, 60), indent=st.sampled_from([None, 1]))
def test_damage_is_survived_at_the_edge_of_any_window(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, window: int, indent: int | None
) -> None:
    records = [{"id": n, "messages": [{"id": m, "text": "a, b"} for m in range(3)]} for n in range(6)]
    text = json.dumps(records if data.draw(st.booleans()) else {"page": 1, "list": records}, indent=indent)
    place = data.draw(st.integers(0, len(text)))
    text = (
        text[:place] + data.draw(st.sampled_from(["", "]", '"', "}", "oops", "\\", ","])) + text[place + 1 :]
    )
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(text)
    before = json_cursor._WINDOW
    json_cursor._WINDOW = window
    try:
        found = open_document(inspect(Document.of(path)))
        got = [value for _, value in (found.list_items("list") if "list" in found.paths else found.values())]
    except InputError:
        return
    finally:
        json_cursor._WINDOW = before
    good = [value for value in got if value in records]
    assert good == [record for record in records if record in good], "in order, none twice"
    assert len(good) == 6 or any(isinstance(value, RowFaultError) or value not in records for value in got)
    assert place < len(text) // 2 or len(good) >= 1
