"""What all tests share: a machine's own language must not change what they see."""

import os

for name in list(os.environ):
    if name.startswith("SUPPORTAUDIT_"):
        del os.environ[name]
os.environ["SUPPORTAUDIT_UI_LANG"] = "en"
