"""What goes wrong in a way the user can mend. Every message says what, where, and how to mend it."""


class UserError(Exception):
    """The audit cannot be done, and the user can change that. Shown as one sentence; exit code 2.

    `hint` is a second sentence with the mend, where the first alone does not give it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


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
