"""How every document of JSON is written: indented by two blanks, ended by a line end, harmless where it is printed."""

from typing import Any

import msgspec

from supportaudit.harmless import inert_json
from supportaudit.results.tally import encodable


def json_document(document: Any) -> str:
    """A document on many lines."""
    return inert_json(msgspec.json.format(encoded(document), indent=2).decode()) + "\n"


def json_line(document: Any) -> str:
    """The same on one line, without a line end."""
    return inert_json(encoded(document).decode())


def encoded(document: Any) -> bytes:
    """A document as bytes; a lone surrogate, which UTF-8 does not hold, is a question mark."""
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        # As broken exports have them: so rare that only then every text is looked at.
        return msgspec.json.encode(_encodable(msgspec.to_builtins(document)))


def _encodable(value: Any) -> Any:
    """`value` with the lone surrogates of all its texts replaced."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value
