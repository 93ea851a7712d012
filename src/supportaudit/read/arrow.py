"""Parquet and Arrow files and Arrow tables, read batch by batch: the extra `supportaudit[parquet]`.

A file is told by its first bytes, never by its name. Arrow's own conversions are avoided where they would change a
value: times are written out, in UTC where they carry a zone, and never cut or carried to another unit that cannot
hold them.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import Any
from urllib.parse import unquote

from supportaudit.errors import InputError
from supportaudit.read.document import Document, printable
from supportaudit.read.typed_table import BATCH, Batch, TypedTable, decoded, encodable

_STREAM = b"\xff\xff\xff\xff"
_KINDS = {b"PAR1": "Parquet", b"ARROW1": "Arrow", _STREAM: "Arrow"}
_REFUSED = {
    b"PARE": ("an encrypted Parquet file", "Save it without encryption."),
    b"FEA1": ("a Feather file of the first version", "Save it again with a newer library, or as Parquet."),
}
# Rows that a byte can stand for, and bytes that a byte can become: no export comes near, a bomb does.
_ROWS, _RATIO, _SLACK = 64, 2000, 1 << 30
_BUFFER = 1 << 20
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_DAMAGED = "Some bytes are not valid UTF-8; they are shown as \ufffd."


def open_typed(document: Document) -> TypedTable | None:
    """The table in the file; None if it is neither Parquet nor Arrow. Raises InputError if it cannot be read."""
    if not document.path.is_file():
        return None
    with document.path.open("rb") as stream:
        head = stream.read(8)
    where = document.where
    for magic, (what, mend) in _REFUSED.items():
        if head.startswith(magic):
            raise InputError(f"{where} is {what}.", mend)
    kind = next((kind for magic, kind in _KINDS.items() if head.startswith(magic)), "")
    if not kind:
        return None
    need_arrow(f"{where} is {'a Parquet' if kind == 'Parquet' else 'an Arrow'} file")
    return _ParquetFile(document) if kind == "Parquet" else _ArrowFile(document)


def need_arrow(because: str) -> None:
    """Raises InputError with the command that installs pyarrow, if it is not there."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise InputError(
            f"{because}, and the reader for those is not installed.",
            "Install it with `pip install 'supportaudit[parquet]'`.",
        ) from None


class ArrowTable(TypedTable):
    """A table of Arrow batches. `again` gives them all, from the first one each time."""

    def __init__(self, schema: Any, again: Callable[[], Iterable[Any]]) -> None:
        super().__init__()
        self._again = again
        self.columns = tuple(map(printable, schema.names))
        self.nested = any(map(_holds_objects, schema.types))

    def batches(self) -> Iterator[Batch]:
        """All rows, some at a time."""
        for batch in self._again():
            for start in range(0, batch.num_rows, BATCH):
                yield [self._values(column) for column in batch.slice(start, BATCH).columns]

    def _values(self, array: Any) -> list[Any]:
        """The cells as Python values, times as text."""
        from pyarrow import types

        kind = array.type
        if types.is_dictionary(kind):
            return self._values(array.dictionary_decode())
        if types.is_timestamp(kind):
            return _times(array)
        if types.is_date(kind):
            return _written(array)
        if types.is_time(kind):
            return _written(array.cast("time64[us]", safe=False))
        if types.is_struct(kind):
            names = [encodable(field.name) for field in kind]
            objects: list[dict[str, Any]] = [{} for _ in range(len(array))]
            for name, values in zip(names, map(self._values, array.flatten()), strict=True):
                for one, value in zip(objects, values, strict=True):
                    one[name] = value
            there = array.is_valid().to_pylist()
            return [one if valid else None for one, valid in zip(objects, there, strict=True)]
        if types.is_list(kind) or types.is_large_list(kind):
            inner = iter(self._values(array.flatten()))
            return [None if n is None else list(islice(inner, n)) for n in array.value_lengths().to_pylist()]
        if types.is_map(kind):
            return [None if pairs is None else dict(pairs) for pairs in self._listed(array)]
        return self._listed(array)

    def _listed(self, array: Any) -> list[Any]:
        try:
            values: list[Any] = array.to_pylist()
        except UnicodeDecodeError:
            values = [None if one is None else decoded(one) for one in array.cast("large_binary").to_pylist()]
            if _DAMAGED not in self.notes:
                self.notes.append(_DAMAGED)
        except (ValueError, OverflowError):  # a moment or a span that Python cannot hold
            values = array.cast("string").to_pylist()
        return values


def _times(array: Any) -> list[Any]:
    """In UTC where they carry a zone. What no calendar holds is written so that the row is rejected for it."""
    import pyarrow

    end = "Z" if array.type.tz else ""
    if end:  # without its zone a time is written ten times as fast
        array = array.cast("int64").cast(pyarrow.timestamp(array.type.unit))
    try:
        array = array.cast("timestamp[us]", safe=array.type.unit != "ns")
    except pyarrow.ArrowInvalid:  # too far away for microseconds
        pass
    return [one and one + end for one in _written(array)]


def _written(array: Any) -> list[Any]:
    return [one and one.replace(".000000", "") for one in array.cast("string").to_pylist()]


def _holds_objects(kind: Any) -> bool:
    from pyarrow import types

    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _holds_objects(kind.value_type)
    return bool(types.is_struct(kind) or types.is_map(kind))


class _File(ArrowTable):
    """A file of which no more than a batch is in memory. Folders named "week=12" add a column to it.

    Raises InputError where it is damaged, or unpacks to more than any export does.
    """

    in_file = True

    def __init__(self, document: Document) -> None:
        self._where = document.where
        self._path = document.path
        self._size = max(document.path.stat().st_size, 1)
        with _told(self._where, self.kind), self._open() as reader:
            super().__init__(self._schema(reader), self._read)
        folders = _told_by_folders(self._where)
        self._folders = {name: value for name, value in folders.items() if name not in self.columns}
        self.columns += tuple(self._folders)

    def batches(self) -> Iterator[Batch]:
        """All rows, some at a time."""
        with _told(self._where, self.kind):
            for batch in super().batches():
                rows = len(batch[0]) if batch else 0
                yield [*batch, *([value] * rows for value in self._folders.values())]

    def _read(self) -> Iterator[Any]:
        """The batches, as long as they do not become more than any export does."""
        total = 0
        with self._open() as reader:
            for batch in self._batches_of(reader):
                total += _bytes_of(batch)
                if total > _SLACK and total > _RATIO * self._size:
                    raise _bomb(self._where)
                yield batch

    @abstractmethod
    def _open(self) -> AbstractContextManager[Any]: ...

    @abstractmethod
    def _schema(self, reader: Any) -> Any: ...

    @abstractmethod
    def _batches_of(self, reader: Any) -> Iterator[Any]: ...


class _ParquetFile(_File):
    kind = "Parquet"

    def _open(self) -> AbstractContextManager[Any]:
        from pyarrow import parquet

        opened: AbstractContextManager[Any] = parquet.ParquetFile(
            self._path, buffer_size=_BUFFER, pre_buffer=False, coerce_int96_timestamp_unit="us"
        )
        return opened

    def _schema(self, reader: Any) -> Any:
        if reader.metadata.num_rows > _ROWS * self._size + BATCH:
            raise _bomb(self._where)
        return reader.schema_arrow

    def _batches_of(self, reader: Any) -> Iterator[Any]:
        yield from reader.iter_batches(BATCH)


class _ArrowFile(_File):
    """Of the kind with an index at its end, or a stream of batches; both are called Feather, too."""

    kind = "Arrow"

    @contextmanager
    def _open(self) -> Iterator[Any]:
        from pyarrow import OSFile, ipc

        with OSFile(
            str(self._path)
        ) as source:  # mapped into memory, a file that is cut meanwhile ends the process
            is_stream = source.read(len(_STREAM)) == _STREAM
            source.seek(0)
            yield ipc.open_stream(source) if is_stream else ipc.open_file(source)

    def _schema(self, reader: Any) -> Any:
        return reader.schema

    def _batches_of(self, reader: Any) -> Iterator[Any]:
        indexed = hasattr(reader, "get_batch")
        batches = map(reader.get_batch, range(reader.num_record_batches)) if indexed else reader
        for batch in batches:
            batch.validate(full=True)  # offsets that lead out of the file would be followed
            yield batch


def _bytes_of(batch: Any) -> int:
    import pyarrow

    try:
        return int(batch.nbytes)
    except pyarrow.ArrowException:  # older versions cannot count the newest kinds of text
        return int(batch.get_total_buffer_size())


def _told_by_folders(where: str) -> dict[str, str]:
    """What the names of folders say, as Spark and Hive write them: "channel=chat/part-0.parquet"."""
    pairs = (part.partition("=") for part in where.replace("\\", "/").split("/")[:-1])
    return {
        name: "" if value == _NO_VALUE else unquote(value) for name, sign, value in pairs if name and sign
    }


def _bomb(where: str) -> InputError:
    return InputError(
        f"{where} unpacks to far more than its size, as no export does.",
        "If it is genuine, write it again as CSV.",
    )


@contextmanager
def _told(where: str, kind: str) -> Iterator[None]:
    """Failures of the reader as one sentence."""
    import pyarrow

    try:
        yield
    except InputError:
        raise
    except OSError as error:
        if error.errno is not None:
            raise InputError(f"{where} cannot be read: {error.strerror or error}.") from error
        raise _damaged(where, kind, error) from error
    except MemoryError as error:
        raise InputError(
            f"{where} needs more memory than there is.", "Write it again with smaller row groups."
        ) from error
    except (pyarrow.ArrowException, ValueError, TypeError, KeyError, OverflowError) as error:
        raise _damaged(where, kind, error) from error


def _damaged(where: str, kind: str, error: Exception) -> InputError:
    why = printable(str(error).strip(" .").partition("\n")[0][:200]) or type(error).__name__
    return InputError(f"{where} is a damaged or cut {kind} file ({why}).", "Export or download it again.")
