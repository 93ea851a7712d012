"""Garbage is looked for seldom in processes that are ours, and a program that uses the API keeps its own way."""

import gc
import subprocess
import sys

from supportaudit.auditing.pool import in_processes


def thresholds(_part: bytes) -> bytes:
    return repr(gc.get_threshold()).encode()


def test_workers_and_the_command_look_seldom() -> None:
    code = (
        "import gc, sys; sys.argv = ['supportaudit', '--version']; from supportaudit.__main__ import main\n"
        "try: main()\nexcept SystemExit: print(gc.get_threshold())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "(100000, 50, 100)"
    assert list(in_processes(thresholds, [b""], 1)) == [b"(100000, 50, 100)"]


def test_the_api_leaves_it_as_it_is() -> None:
    code = (
        "import gc; before = gc.get_threshold(); from supportaudit import audit\n"
        "audit([{'conversation_id': 'c1', 'role': 'customer', 'text': 'Hello?'}], settings={}, jobs=1)\n"
        "assert gc.get_threshold() == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
