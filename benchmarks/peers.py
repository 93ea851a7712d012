"""Run what others offer for the same messages, each in the Python that has it; prints how many messages were read.

    PYTHON benchmarks/peers.py polars|duckdb|pyarrow|csv|vader|convokit|pandas-script corpus.csv

The first four read the file natively, whole and every column, and do nothing with it: the least that any audit must
take. The others judge words in their way. Nothing here imports anything of ours, so it runs where we are not installed.
"""

import csv
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any


def read_csv(path: Path) -> int:
    """Read with the standard library."""
    return sum(1 for _ in _rows(path))


def read_polars(path: Path) -> int:
    """Read into memory with polars, on as many cores as it likes."""
    return int(import_module("polars").read_csv(path, infer_schema=False).height)


def read_duckdb(path: Path) -> int:
    """Let duckdb read every column; it keeps none."""
    columns = ", ".join(f'sum(length("{name}"))' for name in _heading(path))
    query = f"select count(*), {columns} from read_csv('{path.as_posix()}', all_varchar = true)"  # noqa: S608 - ours
    return int(import_module("duckdb").sql(query).fetchall()[0][0])


def read_pyarrow(path: Path) -> int:
    """Read into memory with Arrow, on as many cores as it likes."""
    reader = import_module("pyarrow.csv")
    types = dict.fromkeys(_heading(path), import_module("pyarrow").string())
    table = reader.read_csv(
        path,
        parse_options=reader.ParseOptions(newlines_in_values=True),
        convert_options=reader.ConvertOptions(column_types=types),
    )
    return int(table.num_rows)


def vader(path: Path) -> int:
    """Score every message's mood with vaderSentiment."""
    analyse = import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer().polarity_scores
    done = 0
    for row in _rows(path):
        analyse(row[-1])
        done += 1
    return done


WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def convokit(path: Path) -> int:
    """Match ConvoKit's two sets of politeness rules: its rules without its parser.

    ConvoKit parses every message with spaCy first, which takes far longer than its rules. That is left out: words are
    told by an expression, and each hangs on itself by no relation, so rules that ask for one look and find nothing.
    """
    _only_the_rules()
    stanford = import_module("convokit.politeness_collections.politeness_api.features.politeness_strategies")
    local = import_module("convokit.politeness_collections.politeness_local.strategy_extractor")
    done = 0
    for row in _rows(path):
        sentences = [_tokens(sentence) for sentence in SENTENCE_END.split(row[-1])]
        sentences = [sentence for sentence in sentences if sentence]
        stanford.get_politeness_strategy_features(sentences)
        local.get_local_politeness_strategy_features(sentences)
        done += 1
    return done


def _tokens(sentence: str) -> list[dict[str, Any]]:
    words = enumerate(WORD.findall(sentence.lower()))
    return [{"tok": word, "tag": "", "dep": "", "up": place, "dn": []} for place, word in words]


def _only_the_rules() -> None:
    """Make the package's folders known without running its start, which imports torch, spaCy and all the rest."""
    found = PathFinder.find_spec("convokit")
    assert found is not None and found.submodule_search_locations, "convokit is not installed"
    root = Path(found.submodule_search_locations[0])
    for name in (
        "convokit",
        "convokit.politeness_collections",
        "convokit.politeness_collections.politeness_local",
        "convokit.politeness_collections.politeness_api",
        "convokit.politeness_collections.politeness_api.features",
    ):
        folder = root.joinpath(*name.split(".")[1:])
        spec = spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
        assert spec is not None
        sys.modules[name] = module_from_spec(spec)


def pandas_script(path: Path) -> int:
    """Run the analyst's script."""
    sys.path.insert(0, str(Path(__file__).parent))
    import_module("pandas_script").audit(str(path))
    return read_csv(path)


def _rows(path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def _heading(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


PEERS: dict[str, Callable[[Path], int]] = {
    "csv": read_csv,
    "polars": read_polars,
    "duckdb": read_duckdb,
    "pyarrow": read_pyarrow,
    "vader": vader,
    "convokit": convokit,
    "pandas-script": pandas_script,
}

if __name__ == "__main__":
    print(PEERS[sys.argv[1]](Path(sys.argv[2])))
