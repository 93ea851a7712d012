"""What goes wrong in a way the user can mend. Every message says what, where, and how to mend it."""

import errno


class UserError(Exception):
    """The audit cannot be done, and the user can change that. Shown as one sentence; exit code 2.

    `hint` is a second sentence with the mend, where the first alone does not give it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            self.add_note(hint)  # a program that lets it pass shows both


class InputError(UserError):
    """The export cannot be read or understood."""


class EmptyError(InputError):
    """The export is well formed and holds nothing: of several files that is no fault."""


class NoMessagesError(InputError):
    """Nothing in the file tells messages: of a folder with a desk's files that may be a list of something else."""


class SettingsError(UserError):
    """An option, a parameter or a settings file is wrong."""


class CheckError(UserError):
    """A check's folder or a language pack is not well formed."""


def mend(error: OSError) -> str:
    """How to mend what the system refused."""
    return _MENDS.get(error.errno or 0, "Check the path and its permissions.")


_ROOM = "Make room, or name another place; TMPDIR names that of temporary files."
_MENDS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _ROOM),
    errno.EMFILE: "Allow more open files, with `ulimit -n 256`.",
    errno.ENFILE: "Close other programs: the machine has too many files open.",
    errno.EROFS: "Name another place: this disk can be read only.",
    errno.EIO: "Copy the file elsewhere: its disk or network drive fails.",
}
