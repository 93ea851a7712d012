"""Standard input, output and error as a run finds them: closed, full, or with nobody who reads any more."""

import errno
import io
import os
import select
import sys
from typing import TextIO

from supportaudit.errors import UserError


def set_up() -> None:
    """Make the standard streams safe to write to, whatever they are; what somebody put in their place is left alone."""
    if os.name == "posix":
        _fill_gaps()
    if sys.stdout is sys.__stdout__:
        sys.stdout = _safe(sys.stdout, 1, "standard output")
    if sys.stderr is sys.__stderr__:
        sys.stderr = _safe(sys.stderr, 2, "")


def _fill_gaps() -> None:
    """Open what is closed (`>&-`) the wrong way round: the next file must not get its number, and its use must fail."""
    for number, mode in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # the lowest number that is free: this one


def _safe(stream: TextIO | None, number: int, name: str) -> TextIO:
    if stream is not None and stream.isatty():
        return stream
    raw = _Stream(number, name)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding if stream is not None else "utf-8",
        errors=stream.errors if stream is not None else "replace",
        line_buffering=bool(stream is not None and stream.line_buffering),
        write_through=isinstance(stream, io.TextIOWrapper) and stream.write_through,
    )


class _Stream(io.FileIO):
    """A standard stream; where nobody reads any more (`| head`) the rest is said to nobody.

    What else goes wrong is told once as `UserError`, for a stream that has a name.
    """

    def __init__(self, number: int, name: str) -> None:
        super().__init__(number, "w", closefd=False)
        self._name = name
        self._lost = False

    def write(self, data: object, /) -> int:
        """Write all of it, also where the other end takes a little at a time."""
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        done = 0
        try:
            while done < len(view) and not self._lost:
                written = super().write(view[done:])
                if written is None:  # a pipe that does not wait, as some programs leave behind
                    select.select((), (self,), ())
                done += written or 0
        except OSError as error:
            self._lost = True
            unread = error.errno in (errno.EPIPE, errno.EINVAL if os.name == "nt" else errno.EPIPE)
            if self._name and not unread:
                raise UserError(
                    f"{self._name} cannot be written: {error.strerror or error}", hint="Name a file with -o."
                ) from error
        return len(view)
