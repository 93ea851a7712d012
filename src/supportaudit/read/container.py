"""What kind of file this is: text or binary, in which encoding, JSON or a table.

One pass over the whole file settles the encoding before a row is read (about 1 GB/s), so that a stray
byte in the last row cannot stop a long run half way.
"""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from supportaudit.errors import EmptyError, InputError
from supportaudit.read.document import PACKED, Document

_CHUNK = 1 << 20
_SAMPLE = 1 << 16

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a ZIP or Excel (.xlsx) file", "Unpack it, or save the sheet as CSV UTF-8."),
    (b"\x1f\x8b", "a gzip file", "Unpack it first, for example with `gunzip`."),
    (b"BZh", "a bzip2 file", "Unpack it first, for example with `bunzip2`."),
    (b"\xfd7zXZ", "an xz file", "Unpack it first, for example with `unxz`."),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "Unpack it first, for example with `unzstd`."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file", "Unpack it first."),
    (b"Rar!", "a RAR archive", "Unpack it first."),
    (b"%PDF", "a PDF document", "Export the conversations as CSV or JSON instead."),
    (b"\xd0\xcf\x11\xe0", "an old (.xls) or locked Excel file", "Save the sheet as CSV UTF-8."),
    (b"SQLite format 3", "an SQLite database", "Export the table of messages as CSV first."),
)
_BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# The guesser knows some 90 encodings and takes short texts for the strangest of them; these are the ones
# help desks still write.
_PLAUSIBLE = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("koi8_r", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"),
]
_CYRILLIC = ("cp1251", "koi8_r")
_LATIN = {"cp1250", "cp1254", "cp1257", "cp1258"}
_CONTROL = bytes({*range(32)} - {*b"\t\n\r\f\x1b"})
_INSIDE_WORD = re.compile(r"[^\W\d_][^\w\s\x00-\x7f’‘–—…·][^\W\d_]")
_JSON_START = re.compile(r"\{\s*(?:[\"}]|$)|\[\s*(?:[\[{\"\]\d-]|true|false|null|$)")
_JSON_SUFFIXES = {".json", ".jsonl", ".ndjson"}


@dataclass(frozen=True)
class Container:
    """A readable text file; only its `name` may be shown, the path may be temporary.

    `damaged`: some bytes do not fit the encoding; `nul`: it holds NUL characters; `by_record`: places are row
    numbers of a sheet.
    """

    name: str
    path: Path
    encoding: str
    is_json: bool
    damaged: bool = False
    nul: bool = False
    notes: tuple[str, ...] = ()
    by_record: bool = False

    @property
    def is_utf8(self) -> bool:
        """Whether the bytes can be given to a JSON parser as they are."""
        return self.encoding in ("utf-8", "utf-8-sig")

    def open_text(self) -> TextIO:
        """The text, line ends untouched. Bytes that do not fit become U+FFFD."""
        return self.path.open("r", encoding=self.encoding, errors="replace", newline="")

    def lines(self) -> Iterator[bytes]:
        """The file's lines as UTF-8 bytes without a BOM or NUL characters, line by line."""
        if self.is_utf8 and not self.damaged:
            with self.path.open("rb") as stream:
                _skip_bom(stream)
                yield from (line.replace(b"\0", b"") for line in stream) if self.nul else stream
        else:
            with self.path.open("r", encoding=self.encoding, errors="replace", newline="\n") as text:
                for line in text:
                    yield line.replace("\0", "").encode("utf-8", "replace")


def _skip_bom(stream: BinaryIO) -> None:
    if stream.read(3) != codecs.BOM_UTF8:
        stream.seek(0)


def inspect(document: Document) -> Container:
    """Look at the file once. Raises InputError if it is missing, empty, binary or not a file."""
    path, where = document.path, document.where
    try:
        if path.is_dir():
            raise InputError(f"{where} is a folder, not an export file.", "Name the file inside it.")
        if path.exists() and not path.is_file():
            raise InputError(f"{where} is a device or a pipe.", "Save the export to a file first.")
        with path.open("rb") as stream:
            return _inspect(document, stream)
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the path itself.
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"{ascii(where)[1:-1]} cannot be read: {why}."
        raise InputError(message, "Check the path and its permissions.") from error


def _inspect(document: Document, stream: BinaryIO) -> Container:
    where = document.where
    head = stream.read(_SAMPLE)
    for magic, what, mend in _MAGIC:
        if head.startswith(magic):
            raise InputError(f"{where} is {what}, not a text export.", mend)
    notes: list[str] = []
    damaged = nul = False
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), None) or _unmarked_utf16(head)
    if encoding in (None, "utf-8-sig"):
        stream.seek(0)
        encoding, damaged, nul = _settle_utf8(stream, encoding or "utf-8", notes)
        # A table's first line names its columns in plain text; control characters below it are a customer's.
        if _controls(head.split(b"\n", 1)[0]) and _controls(head) > len(head) // 20:
            raise InputError(f"{where} is a binary file, not a text export.", "Export as CSV or JSON.")
    assert encoding is not None
    if nul:
        notes.append("The file holds NUL characters; they were left out.")
    if not encoding.startswith("utf-8"):
        damaged = True  # an unchecked encoding: U+FFFD is possible
    start = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n\0")
    if not start and len(head) < _SAMPLE:
        raise EmptyError(f"{where} is empty.", "Export the conversations again.")
    named = Path(document.name.lower())
    suffix = Path(named.stem).suffix if named.suffix in PACKED else named.suffix
    is_json = not document.by_record and (suffix in _JSON_SUFFIXES or _JSON_START.match(start) is not None)
    return Container(
        document.name, document.path, encoding, is_json, damaged, nul, tuple(notes), document.by_record
    )


def _controls(data: bytes) -> int:
    return len(data) - len(data.translate(None, _CONTROL))


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of mostly Latin text is NUL."""
    if len(head) < 8:
        return None
    half = len(head) // 2
    if head[1::2].count(0) > half * 0.6 and head[0::2].count(0) < half * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.6 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return None


def _settle_utf8(stream: BinaryIO, encoding: str, notes: list[str]) -> tuple[str, bool, bool]:
    """The encoding, whether bytes are damaged, whether NULs occur; a guess is written to `notes`."""
    strict = codecs.getincrementaldecoder("utf-8")("strict")
    nul = bad = False
    sample = io.BytesIO()
    while chunk := stream.read(_CHUNK):
        nul = nul or 0 in chunk
        if not bad:
            try:
                strict.decode(chunk)
            except UnicodeDecodeError:
                bad = True
        if sample.tell() < _SAMPLE and not chunk.isascii():
            sample.write(_not_ascii(chunk, _SAMPLE - sample.tell()))
    if not bad:
        try:
            strict.decode(b"", final=True)
        except UnicodeDecodeError:
            bad = True
    if not bad:
        return encoding, False, nul
    text = sample.getvalue().decode("utf-8", "surrogateescape")
    wrong = sum(1 for c in text if "\udc80" <= c <= "\udcff")
    right = sum(1 for c in text if c > "\x7f") - wrong
    if encoding == "utf-8-sig" or right > wrong:
        notes.append("Some bytes are not valid UTF-8; they are shown as \ufffd.")
        return encoding, True, nul
    guessed = _guess(sample.getvalue())
    notes.append(
        f"The file is not UTF-8; it was read as {guessed}, a guess. If letters look wrong, save it as UTF-8."
    )
    return guessed, True, nul


def _not_ascii(chunk: bytes, room: int) -> bytes:
    """Lines of the chunk that hold more than ASCII: the only ones that tell encodings apart."""
    return b"\n".join(line for line in chunk.split(b"\n") if not line.isascii())[:room]


def _guess(sample: bytes) -> str:
    # Imported here: it takes longer to load than most files take to read.
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_PLAUSIBLE, preemptive_behaviour=False).best()
    if best is None or (best.encoding in _LATIN and _western(sample)):
        return "cp1252"
    return (
        max(_CYRILLIC, key=lambda name: _lower(sample, name)) if best.encoding in _CYRILLIC else best.encoding
    )


def _lower(sample: bytes, encoding: str) -> int:
    """How many letters are small: the two Cyrillic encodings swap small and capital letters."""
    return sum(1 for c in sample.decode(encoding, "replace") if c.islower())


def _western(sample: bytes) -> bool:
    """Whether cp1252 fits: its Latin sisters are guessed for French and German far too often.

    Read as cp1252, their own texts show signs inside words, or the letters of Icelandic in mass.
    """
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    letters = [c for c in text.lower() if c > "\x7f" and c.isalpha()]
    icelandic = sum(1 for c in letters if c in "ðýþ")
    return not _INSIDE_WORD.search(text) and icelandic * 10 <= len(letters)
