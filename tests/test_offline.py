"""Works offline, sends nothing anywhere: every command runs with all sockets denied, its workers too."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from supportaudit import cli
from supportaudit.auditing import scan
from supportaudit.render import FORMATS

ROOT = Path(__file__).parents[1]
WEEK = ROOT / "examples" / "shop-week.csv"
OUTPUTS = [word for name in FORMATS for word in ("-o", f"{name}=audit.{name}")]
COMMANDS = (
    ("scan", "week.csv.zst", *OUTPUTS, "--history", "audits.db", "--rejects", "rejects.csv", "--jobs", "2"),
    ("scan", "day.csv", "-o", "json=day.json", "--history", "audits.db", "--baseline", "audit.json"),
    ("report", "day.csv", "-o", "page.html"),
    ("report", "day.json", "audit.json", "-o", "weeks.html"),
    ("compare", "day.json", "audit.json"),
    ("trend", "audits.db"),
    ("explain", "rudeness"),
    ("checks",),
    ("sources",),
    ("schema",),
    ("inspect", "week.csv.zst"),
    ("init", "week.csv.zst"),
    ("config",),
    ("sample", "day.csv", "-o", "sheet.csv"),
    ("calibrate", "labels.csv", "day.csv", "--write", "supportaudit.yaml"),
    ("--help",),
)
DENYING = """
import sys

SENDING = ("socket.", "http.client.", "urllib.", "ftplib.", "smtplib.", "imaplib.", "poplib.", "nntplib.", "telnetlib.")

def deny(event, arguments):
    if event.startswith(SENDING):
        with open({denied!r}, "a") as file:
            print(event, arguments, file=file)
        raise RuntimeError(f"{{event}} is denied")

sys.addaudithook(deny)
with open({processes!r}, "a") as file:
    print(*sys.argv, file=file)
"""
"""Loaded by every Python process, as `sitecustomize`, before anything of ours."""

DRIVER = """
import json, sys
from supportaudit import cli
from supportaudit.auditing import scan

if __name__ == "__main__":
    for command in json.loads(sys.argv[1]):
        scan.SMALL = 0 if "--jobs" in command else 10**9
        sys.argv[1:] = command
        try:
            cli.main()
        except SystemExit as end:
            assert end.code in (0, None), command
"""
#: Modules that can reach a network, and which modules of others bring them though nothing of them is called.
NETWORK = {
    "ssl": ("stdnum.util",),  # for a question to a tax office, in a function that we do not call
    "socket": ("ssl",),
    **dict.fromkeys(
        (
            *(
                "http.client",
                "urllib.request",
                "urllib3",
                "requests",
                "httpx",
                "aiohttp",
                "asyncio",
                "ftplib",
            ),
            *("smtplib", "imaplib", "poplib", "xmlrpc.client", "webbrowser", "socketserver", "fsspec"),
        ),
        (),
    ),
}
IMPORTS = """
import json, sys

class Asked:
    def find_spec(self, name, path=None, target=None):
        if name in NETWORK:
            frame = sys._getframe(1)
            while "importlib" in frame.f_globals["__name__"]:
                frame = frame.f_back
            ASKED.setdefault(name, frame.f_globals["__name__"])

NETWORK, ASKED = json.loads(sys.argv.pop(1)), {}
sys.meta_path.insert(0, Asked())
from supportaudit.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
print(json.dumps(ASKED))
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    lines = WEEK.read_text("utf-8").splitlines(keepends=True)
    (folder / "day.csv").write_text("".join(lines[:200]), "utf-8")
    (folder / "week.csv.zst").write_bytes(packed("".join(lines[:600]).encode()))
    names = dict.fromkeys(line.split(",")[0] for line in lines[1:200] if line.startswith("5"))
    labels = "".join(f"{name},rudeness,no\n" for name in names)
    (folder / "labels.csv").write_text(f"conversation,check,verdict\n{labels}", "utf-8")
    monkeypatch.chdir(folder)
    return folder


def packed(data: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.compress(data)


@pytest.fixture
def denied(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment in which every use of a network raises and is told."""
    site = tmp_path / "site"
    site.mkdir()
    told, processes = tmp_path / "denied", tmp_path / "processes"
    code = DENYING.format(denied=str(told), processes=str(processes))
    (site / "sitecustomize.py").write_text(code)
    yield os.environ | {"PYTHONPATH": f"{site}{os.pathsep}{ROOT / 'src'}"}
    assert not told.exists(), told.read_text()
    started = processes.read_text().splitlines()
    assert sum("multiprocessing-fork" in line or line.startswith("-c") for line in started) >= 2, started


def test_no_command_uses_a_network(desk: Path, denied: dict[str, str]) -> None:
    """All sockets denied; where a process can be cut off from all networks, this one is, and gives the same bytes."""
    alone = ["unshare", "-n" if os.geteuid() == 0 else "-rn"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode
    ):
        alone = []
    command = [*alone, sys.executable, "-c", DRIVER, json.dumps(COMMANDS)]
    done = subprocess.run(command, capture_output=True, env=denied, timeout=240, check=False)
    assert done.returncode == 0, done.stderr.decode()
    cut_off = {name: (desk / f"audit.{name}").read_bytes() for name in FORMATS}
    assert (desk / "page.html").exists()
    assert (desk / "weeks.html").exists()
    again = [word for word in COMMANDS[0] if word not in ("--history", "audits.db")]
    done = subprocess.run(
        [sys.executable, "-m", "supportaudit", *again, "--no-config"],
        capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert {name: (desk / f"audit.{name}").read_bytes() for name in FORMATS} == cut_off


def test_the_denial_denies(tmp_path: Path) -> None:
    """Else the test above could not fail."""
    (tmp_path / "sitecustomize.py").write_text(
        DENYING.format(denied=str(tmp_path / "denied"), processes=os.devnull)
    )
    call = "import socket; socket.create_connection(('127.0.0.1', 9))"
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, env=env, check=False)
    assert b"is denied" in done.stderr
    assert "socket." in (tmp_path / "denied").read_text()


def test_no_function_that_reaches_out_is_called(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in this process, by the names that a program would call."""

    def called(*_: object, **__: object) -> None:
        raise AssertionError("a network was asked")

    monkeypatch.setattr(socket.socket, "__init__", called)
    for name in ("create_connection", "create_server", "getaddrinfo", "gethostbyname", "getfqdn"):
        monkeypatch.setattr(socket, name, called)
    monkeypatch.setattr(scan, "SMALL", 10**9)
    for command in COMMANDS:
        monkeypatch.setattr(sys, "argv", ["supportaudit", *command])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert end.value.code in (0, None), command


@pytest.mark.parametrize("command", [("scan", "day.csv"), ("--help",), ("explain", "rudeness")])
def test_no_library_that_reaches_out_is_loaded(command: tuple[str, ...], desk: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, json.dumps(NETWORK), *command],
        capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    asked: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    assert {name: by for name, by in asked.items() if by not in NETWORK[name]} == {}
