"""`python -m supportaudit`."""

import sys
from pathlib import Path

# `python -m` looks for modules in the working folder first: a `yaml.py` that lies beside an export must not run.
_package = Path(__file__).resolve().parent
if not sys.flags.safe_path and sys.path and Path(sys.path[0]).resolve() != _package.parent:
    del sys.path[0]

from supportaudit.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
