"""`supportaudit` and `python -m supportaudit`."""

import os.path
import sys

# `python -m` looks for modules in the working folder first: a `yaml.py` that lies beside an export must not run. Till
# here only what Python itself has loaded is imported. "" is a working folder that was deleted.
_home = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # noqa: PTH120
if (
    __name__ == "__main__"
    and not sys.flags.safe_path
    and not (sys.path[0] and os.path.realpath(sys.path[0]) == _home)
):
    del sys.path[0]

import signal  # noqa: E402

# While modules are loading there is nothing to tidy up: Ctrl-C ends the process, without a traceback.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    """Load the command line and run it; ends with SystemExit."""
    from supportaudit.garbage import collect_seldom

    collect_seldom()
    from supportaudit.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
