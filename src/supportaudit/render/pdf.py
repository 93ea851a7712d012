"""A page as PDF, printed by a Chromium that is on this machine: its print is the page's own, with links and text.

WeasyPrint was not taken: it would add a dozen system libraries and does not open the parts that a page keeps closed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from supportaudit.errors import SettingsError
from supportaudit.scratch import scratch_folder

_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
    "brave-browser",
)  # fmt: skip
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
)
PATIENCE = 180
"""Seconds that a browser may take."""


def browser() -> str:
    """A Chromium of this machine. Raises `SettingsError` where there is none."""
    found = next(_browsers(), None)
    if found is None:
        raise SettingsError(
            "--pdf: no Chromium, Chrome or Edge was found on this machine",
            hint="Install one, or open the HTML file in any browser and print it: it is made for A4.",
        )
    return found


def _browsers() -> Iterator[str]:
    yield from filter(_installed, map(shutil.which, _NAMES))
    yield from (place for place in _PLACES if Path(place).is_file())


def _installed(found: str | None) -> TypeGuard[str]:
    """Whether a program was found, and not in the working folder, where Windows looks first."""
    return found is not None and Path(found).resolve().parent != Path.cwd()


def print_page(html: str, command: str) -> bytes:
    """The page as PDF, by the browser `command`; nothing is fetched. Raises `SettingsError` if it prints nothing."""
    with scratch_folder() as folder:
        page, out = folder / "page.html", folder / "page.pdf"
        page.write_text(html, "utf-8", errors="replace")
        options = [
            "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder}/profile", "--no-pdf-header-footer",
            f"--print-to-pdf={out}",
        ]  # fmt: skip
        if sys.platform == "linux" and os.geteuid() == 0:
            options.append(
                "--no-sandbox"
            )  # Chromium refuses to run as root otherwise; the page can load nothing
        try:
            done = subprocess.run(  # noqa: S603 - a browser found by name, on a file of our own
                [command, *options, page.as_uri()], capture_output=True, text=True, errors="replace",
                timeout=PATIENCE, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SettingsError(f"--pdf: {command} could not print the page: {error}") from error
        if not out.is_file() or not out.stat().st_size:
            said = done.stderr.strip().rsplit("\n", 1)[-1]
            raise SettingsError(f"--pdf: {command} printed nothing ({said or done.returncode})")
        return out.read_bytes()
