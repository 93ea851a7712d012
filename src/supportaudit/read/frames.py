"""Data that a program holds in memory: tables of polars, pandas and Arrow, and rows as mappings.

None of these libraries is imported unless the data is of it, and none is asked to write a file.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from supportaudit.errors import InputError
from supportaudit.read.arrow import ArrowTable, need_arrow
from supportaudit.read.typed_table import BATCH, Batch, TypedTable, plain
from supportaudit.scratch import scratch_folder


@contextmanager
def held(data: Any) -> Iterator[TypedTable]:
    """The data as a table. What can be read only once is kept in a temporary file until the block is left.

    Raises InputError for what is no table.
    """
    found = _in_memory(data)
    if found is not None:
        yield found
        return
    with scratch_folder() as folder:
        if hasattr(data, "__arrow_c_stream__"):
            yield _from_stream(data, folder / "stream.arrow")
        elif isinstance(data, Iterable) and not isinstance(data, str | bytes | Mapping):
            yield _Rows(data if isinstance(data, Sequence) else _Spool(data, folder / "rows.jsonl"))
        else:
            raise _no_table(data)


def _in_memory(data: Any) -> TypedTable | None:
    """Tables that can be read as often as needed; only modules that are loaded can have made them."""
    pandas, polars, arrow = (sys.modules.get(name) for name in ("pandas", "polars", "pyarrow"))
    if pandas is not None and isinstance(data, pandas.DataFrame):
        return _PandasTable(data)
    if polars is not None and isinstance(data, polars.LazyFrame):
        data = data.collect()
    if polars is not None and isinstance(data, polars.DataFrame):
        return _PolarsTable(data, polars)
    if arrow is not None and isinstance(data, arrow.RecordBatch):
        return ArrowTable(data.schema, lambda: [data])
    if arrow is not None and isinstance(data, arrow.Table):
        return ArrowTable(data.schema, data.to_batches)
    return None


def _from_stream(data: Any, path: Path) -> TypedTable:
    """Anything that can hand its batches to Arrow once."""
    need_arrow(f"The data is {_kind(data)}")
    import pyarrow

    try:
        reader = pyarrow.RecordBatchReader.from_stream(data)
    except pyarrow.ArrowInvalid as error:  # a column alone
        raise _no_table(data) from error
    with pyarrow.OSFile(str(path), "wb") as sink, pyarrow.ipc.new_stream(sink, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)

    def again() -> Iterator[Any]:
        with pyarrow.memory_map(str(path)) as source:
            yield from pyarrow.ipc.open_stream(source)

    return ArrowTable(reader.schema, again)


class _Rows(TypedTable):
    """Mappings, whose keys together are the columns."""

    name = "rows"

    def __init__(self, rows: "Iterable[Any]") -> None:
        super().__init__()
        self._rows = rows
        names: dict[Any, None] = {}
        self.nested = False
        for number, row in enumerate(rows, 1):
            if not isinstance(row, Mapping):
                raise InputError(f"Row {number} is no mapping but {_kind(row)}.", "Give each row as a dict.")
            names.update(dict.fromkeys(row))
            self.nested = self.nested or any(map(_holds_objects, row.values()))
        self._keys = tuple(names)
        self.columns = tuple(map(str, self._keys))

    def batches(self) -> Iterator[Batch]:
        """All rows, some at a time."""
        part: list[Mapping[Any, object]] = []
        for row in self._rows:
            part.append(row)
            if len(part) == BATCH:
                yield self._by_column(part)
                part = []
        if part:
            yield self._by_column(part)

    def _by_column(self, rows: list[Mapping[Any, object]]) -> Batch:
        return [[row.get(key) for row in rows] for key in self._keys]


class _Spool:
    """Rows of an iterable that cannot be read again, written down as JSON Lines while they come."""

    def __init__(self, rows: Iterable[Any], path: Path) -> None:
        self._path = path
        with path.open("wb") as file:
            for row in rows:
                file.write(msgspec.json.encode(plain(row)) + b"\n")

    def __iter__(self) -> Iterator[Any]:
        decode = msgspec.json.Decoder().decode
        with self._path.open("rb") as file:
            for line in file:
                yield decode(line)


def _holds_objects(value: object) -> bool:
    if isinstance(value, str | int | float | None):
        return False
    if isinstance(value, list | tuple):
        return any(map(_holds_objects, value))
    if getattr(value, "ndim", 0):  # an array of numpy, as pandas keeps lists
        return any(map(_holds_objects, value.tolist()))  # type: ignore[attr-defined]
    return isinstance(value, Mapping)


class _PandasTable(TypedTable):
    """A DataFrame; levels of its index that have names are columns, too."""

    def __init__(self, frame: Any) -> None:
        super().__init__()
        named = [name for name in frame.index.names if name is not None and name not in frame.columns]
        self._frame = frame = frame.reset_index(level=named) if named else frame
        self.columns = tuple(
            " ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in frame.columns
        )
        self.nested = any(
            _holds_objects(value)
            for place, kind in enumerate(frame.dtypes)
            if kind.kind == "O"
            for value in frame.iloc[:, place]
        )

    def batches(self) -> Iterator[Batch]:
        """All rows, some at a time."""
        for start in range(0, len(self._frame), BATCH):
            part = self._frame.iloc[start : start + BATCH]
            yield [self._values(part.iloc[:, place]) for place in range(len(self.columns))]

    def _values(self, column: Any) -> list[Any]:
        if column.dtype.kind == "M" and not str(column.dtype).startswith("date32"):  # Arrow's days
            return _pandas_times(column)
        values: list[Any] = column.astype(object).where(column.notna(), None).tolist()
        return values


def _pandas_times(column: Any) -> list[Any]:
    """ISO texts, in UTC where the column has a zone; None for none."""
    zone = column.dt.tz is not None
    moments = column.dt.tz_convert("UTC").dt.tz_localize(None) if zone else column
    written = moments.to_numpy("datetime64[us]").astype(str).tolist()
    end = "Z" if zone else ""
    return [None if one == "NaT" else one.replace("T", " ").replace(".000000", "") + end for one in written]


class _PolarsTable(TypedTable):
    """A DataFrame of polars."""

    def __init__(self, frame: Any, polars: Any) -> None:
        super().__init__()
        self._frame = frame.with_columns(
            polars.col(name).dt.convert_time_zone("UTC")
            for name, kind in frame.schema.items()
            if isinstance(kind, polars.Datetime) and kind.time_zone is not None
        )
        self.columns = tuple(frame.columns)
        self.nested = any(_polars_objects(kind, polars) for kind in frame.schema.values()) or any(
            _holds_objects(value)
            for name, kind in frame.schema.items()
            if kind == polars.Object
            for value in frame[name]
        )

    def batches(self) -> Iterator[Batch]:
        """All rows, some at a time."""
        for part in self._frame.iter_slices(BATCH):
            yield [column.to_list() for column in part]


def _polars_objects(kind: Any, polars: Any) -> bool:
    if isinstance(kind, polars.List | polars.Array):
        return _polars_objects(kind.inner, polars)
    return isinstance(kind, polars.Struct)


def _no_table(data: object) -> InputError:
    return InputError(
        f"This is no table of messages but {_kind(data)}.",
        "Give a path, a list of paths, rows as mappings, or a table of polars, pandas or Arrow.",
    )


def _kind(data: object) -> str:
    """The type, for an error: "a float", "an int"."""
    name = type(data).__name__
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"
