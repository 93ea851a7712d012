"""Exports that lie elsewhere: fetched only where an address was typed, and shown without its secrets."""

import base64
import builtins
import datetime as dt
import errno
import gzip
import io
import json
import logging
import os
import ssl
import threading
import traceback
import urllib.request
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import fsspec
import polars
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fsspec.implementations.memory import MemoryFileSystem
from moto.server import ThreadedMotoServer

from supportaudit import audit, cli
from supportaudit.address import Address, named
from supportaudit.errors import InputError
from supportaudit.read import remote
from supportaudit.read.inputs import Inputs, Limits

WEEK = b"""ticket,from,is_agent,text,date
7,Ana,no,Where is it?,2026-05-04T09:00:00Z
7,Rob,yes,Soon.,2026-05-04T09:05:00Z
"""
SECRET = "s3cr3t"
SIGNED = f"X-Amz-Credential={SECRET}&X-Amz-Signature={SECRET}"


class Server(BaseHTTPRequestHandler):
    """Answers by path; what was asked, with its headers, is kept."""

    asked: list[tuple[str, dict[str, str]]]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        path = urlsplit(self.path).path
        if path == "/moved.csv":
            return self._moved("/week.csv?again")
        if path == "/away.csv":
            return self._moved("http://192.0.2.1/week.csv")
        if path == "/local.csv":
            return self._moved("file:///etc/passwd")
        if path.startswith("/status/"):
            return self._send(int(path.rpartition("/")[2]), f"the key is {SECRET}".encode())
        if path == "/cut.csv":
            return self._send(200, WEEK, promised=len(WEEK) + 5)
        files = {
            "/week.csv": WEEK, "/week.csv.gz": gzip.compress(WEEK), "/week.zip": zipped(), "/": WEEK,
            "/a%20b.csv": WEEK, "/%C3%BC.csv": WEEK, "/week.json": as_json(),
            "/page": b"<!DOCTYPE html><title>Sign in</title>",
        }  # fmt: skip
        data = files.get(path)
        return self._send(404, b"nothing") if data is None else self._send(200, data)

    def _moved(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: int, data: bytes, promised: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(promised or len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = bool(promised)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("in/week.csv", WEEK)
    return out.getvalue()


def as_json() -> bytes:
    return json.dumps(polars.read_csv(WEEK).to_dicts()).encode()


@pytest.fixture
def server() -> Iterator[str]:
    Server.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(("AWS_", "FSSPEC_", "SSL_CERT")):
            monkeypatch.delenv(name)


def names(*addresses: str, limits: Limits | None = None) -> list[str]:
    with Inputs([named(address) for address in addresses], limits) as inputs:
        return [document.where for document in inputs.documents]


def refusal(*addresses: str, **limits: int) -> str:
    """What is said; neither it nor a traceback of a program holds the secret."""
    with pytest.raises(InputError) as error:
        names(*addresses, limits=Limits(**limits) if limits else None)
    shown = "".join(traceback.format_exception(error.value))
    assert SECRET not in shown
    return f"{error.value.message} {error.value.hint}"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (f"https://h.example:8443/a/week.csv?{SIGNED}#{SECRET}", "https://h.example:8443/a/week.csv"),
        (f"https://u:{SECRET}@h.example/week.csv", "https://h.example/week.csv"),
        (f"https://u:{SECRET}@{SECRET}@h.example/week.csv", "https://h.example/week.csv"),
        (f"https://h.example/week.csv;sid={SECRET}", "https://h.example/week.csv"),
        ("HTTPS://h.example/week.csv", "https://h.example/week.csv"),
        ("s3a://bucket/weeks/*.csv", "s3://bucket/weeks/*.csv"),
        ("s3://bucket/week-?.csv", "s3://bucket/week-?.csv"),
        ("gcs://bucket/a#b.csv", "gs://bucket/a#b.csv"),
        ("abfss://box@account.dfs.core.windows.net/a.csv", "abfss://box@account.dfs.core.windows.net/a.csv"),
        ("https://h.example/\u202ecsv", "https://h.example/\\u202ecsv"),
    ],
)  # fmt: skip
def test_an_address_is_shown_without_its_secrets(typed: str, shown: str) -> None:
    address = named(typed)
    assert isinstance(address, Address)
    assert (str(address), repr(address)) == (shown, f"Address({shown!r})")
    assert SECRET not in f"{address!s} {address!r} {[address]} {InputError(str(address))!r}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (f"http://u:{SECRET}@h.example/week.csv?{SIGNED}", "http://h.example/week.csv would be sent readable"),
        (f"ftp://u:{SECRET}@h.example/week.csv?{SIGNED}", "'ftp://' is not read"),
        (f"htps://u:{SECRET}@h.example/?{SIGNED}", "did you mean 'https'?"),
        ("file:///etc/passwd", "'file://' is not read"),
        ("memory://a/b.csv", "'memory://' is not read"),
        (f"s3://key:{SECRET}@bucket/week.csv", "s3://bucket/week.csv holds who logs in."),
        (f"az://box/week.csv?sv=2024&sig={SECRET}", "az://box/week.csv holds a signature."),
        (f"s3://bucket/week.csv?{SIGNED}", "s3://bucket/week.csv holds a signature."),
        (f"abfss://u:{SECRET}@account.dfs.core.windows.net/a.csv", "holds who logs in"),
        ("s3:///week.csv", "names no bucket"),
        (f"https://u:{SECRET}/{SECRET}@h.example/week.csv", "https://h.example/week.csv names no host."),
        (f"https://u:{SECRET}?{SECRET}@h.example/week.csv", "names no host"),
        ("https://[zz/week.csv", "names no host"),
    ],
)  # fmt: skip
def test_what_is_no_address_to_fetch_is_refused(typed: str, said: str) -> None:
    assert said in refusal(typed)


def test_files_over_http_from_this_machine(server: str) -> None:
    assert names(f"{server}/week.csv?{SIGNED}") == [f"{server}/week.csv"]
    assert names(f"{server}/week.csv.gz", f"{server}/week.zip") == [
        f"{server}/week.csv.gz", "week.zip/in/week.csv",
    ]  # fmt: skip
    assert names(f"{server}/moved.csv", f"{server}/a b.csv", f"{server}/ü.csv", server) == [
        f"{server}/moved.csv", f"{server}/a b.csv", f"{server}/ü.csv", server,
    ]  # fmt: skip
    assert Server.asked[0] == (f"/week.csv?{SIGNED}", Server.asked[0][1])
    assert {headers["user-agent"] for _, headers in Server.asked} == {"supportaudit"}


def test_who_logs_in_is_told_to_that_server_alone(server: str) -> None:
    names(server.replace("http://", f"http://u:{SECRET}%2B@") + "/moved.csv")
    sent = [headers.get("authorization") for _, headers in Server.asked]
    assert sent == [f"Basic {base64.b64encode(f'u:{SECRET}+'.encode()).decode()}", None]


def test_the_same_audit_as_of_the_file(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("week.csv").write_bytes(WEEK)
    from_file, fetched = audit("week.csv"), audit(f"{server}/week.csv?{SIGNED}")
    assert fetched.scorecard == from_file.scorecard and fetched.findings == from_file.findings
    assert fetched.report.input.digest == from_file.report.input.digest
    assert fetched.report.input.files == (f"{server}/week.csv",)
    assert len(audit([f"{server}/week.json", "week.csv"]).report.input.files) == 2


def test_no_result_no_log_and_no_error_holds_a_secret(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    address = f"{server.replace('http://', f'http://u:{SECRET}@')}/week.csv?{SIGNED}"
    result = audit(address, rejects="rejects.csv")
    forms = (
        "text",
        "json",
        "ndjson",
        "csv",
        "html",
        "markdown",
        "junit",
        "sarif",
        "github",
        "gitlab",
        "parquet",
    )
    for form in forms:
        content = result.render(form)
        assert SECRET not in (content if isinstance(content, str) else content.decode("latin-1")), form
    assert SECRET not in result._repr_html_() + repr(result) + Path("rejects.csv").read_text()
    for arguments in (
        ["inspect", address], ["init", address], ["sample", address], ["scan", address, "--history", "h.db"],
        ["scan", address.replace("week.csv", "none.csv")], ["scan", address.replace("week", "status/403")],
    ):  # fmt: skip
        monkeypatch.setattr("sys.argv", ["supportaudit", *arguments])
        with pytest.raises(SystemExit):
            cli.main()
    out, err = capfd.readouterr()
    assert "none.csv cannot be fetched: the server answers 404" in err
    assert SECRET not in out + err + caplog.text
    assert not any(SECRET.encode() in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/none.csv", "the server answers 404 Not Found. Check the address."),
        ("/status/401", "the server answers 401 Unauthorized. You may not read it"),
        ("/status/403", "the server answers 403 Forbidden. You may not read it"),
        ("/status/503", "the server answers 503 Service Unavailable. Try again later"),
        ("/status/299", ""),
        ("/status/599", "the server answers 599. Try again later"),
        ("/cut.csv", f"broke off after {len(WEEK)} of {len(WEEK) + 5} bytes. Try again."),
        ("/page", "is a web page, no export."),
        ("/away.csv", "leads on to an address without https."),
        ("/local.csv", "the server answers 302 Found."),
    ],
)
def test_what_a_server_answers_is_said_in_a_sentence(path: str, said: str, server: str) -> None:
    if said:
        assert said in refusal(f"{server}{path}?{SIGNED}")
    else:
        assert names(f"{server}{path}") == [f"{server}{path}"]


def test_no_server_and_no_patience(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot be fetched: Connection refused." in refusal(f"http://127.0.0.1:1/week.csv?{SIGNED}")
    assert "is no address that can be fetched" in refusal(f"https://h\u2100.example/week.csv?{SIGNED}")
    monkeypatch.setattr(remote, "_SILENCE", -1)
    monkeypatch.setattr(remote, "_open_https", lambda _: _Slow())
    assert "is sent too slowly" in refusal(f"{server}/week.csv")


class _Slow(io.BytesIO):
    headers: dict[str, str] = {}  # noqa: RUF012 - as a response has them

    def read1(self, size: int | None = -1, /) -> bytes:
        return b"x"


def test_not_more_is_fetched_than_is_allowed(server: str) -> None:
    assert "GiB would be fetched" in refusal(f"{server}/week.csv", fetched=50)


def test_a_full_disk_is_no_fault_of_the_network(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("supportaudit.read.unpack.Budget.fetched", full)
    assert "No space left on device. Make room" in refusal(f"{server}/week.csv")


def test_what_was_fetched_vanishes(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Inputs([named(f"{server}/week.csv.gz")]):
        assert any(tmp_path.rglob("*.part"))
    assert not any(tmp_path.iterdir())
    refusal(f"{server}/week.csv", f"{server}/none.csv")
    assert not any(tmp_path.iterdir())


@pytest.fixture
def https(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server with a certificate of its own, and the file that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    Server.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as listening:
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield f"https://localhost:{listening.server_port}", pem
        listening.shutdown()
        thread.join()


def test_a_certificate_must_be_vouched_for(https: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    address, pem = https
    assert "the certificate of localhost cannot be verified" in refusal(f"{address}/week.csv?{SIGNED}")
    assert Server.asked == []
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    assert names(f"{address}/week.csv?{SIGNED}") == [f"{address}/week.csv"]


@pytest.fixture(scope="module")
def cloud() -> Iterator[str]:
    """A store with a bucket."""
    running = ThreadedMotoServer("127.0.0.1", 0)
    running.start()
    place = "http://{}:{}".format(*running.get_host_and_port())
    parquet = io.BytesIO()
    polars.read_csv(WEEK).write_parquet(parquet)
    for key, data in {
        "": b"", "week.csv": WEEK, "weeks/a.csv": WEEK, "weeks/b.csv.gz": gzip.compress(WEEK), "weeks/notes.md": b"x",
        "weeks/": b"", "weeks/deep/.hidden.csv": WEEK, "weeks//deep/c.parquet": parquet.getvalue(),
        "empty/readme": b"x", "a*[1].csv": WEEK,
    }.items():  # fmt: skip
        path = f"/exports/{quote(key)}" if key else "/exports"
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(data))}
        request = urllib.request.Request(place + path, data, headers, method="PUT")
        urllib.request.urlopen(request).close()
    yield place
    running.stop()


@pytest.fixture
def bucket(cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that gives access to it."""
    for name, value in {
        "AWS_ENDPOINT_URL": cloud, "AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def test_files_folders_and_patterns_of_a_store(bucket: None) -> None:
    assert names("s3://exports/week.csv", "s3a://exports/weeks/*.csv*", "s3://exports/a*[1].csv") == [
        "s3://exports/week.csv", "s3://exports/weeks/a.csv", "s3://exports/weeks/b.csv.gz", "s3://exports/a*[1].csv",
    ]  # fmt: skip
    with Inputs([named("s3://exports/weeks/")]) as inputs:
        found = sorted(one.where for one in inputs.documents)
        assert found == ["weeks/a.csv", "weeks/b.csv.gz", "weeks/deep/c.parquet"]
        assert inputs.notes == ("1 file in s3://exports/weeks is no export and was not read: notes.md",)


def test_what_a_store_refuses_is_said_in_a_sentence(bucket: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal("s3://exports/none.csv").startswith("s3://exports/none.csv is not there.")
    assert refusal("s3://nobodys/week.csv").startswith("s3://nobodys/week.csv is not there.")
    assert "Nothing in the store fits s3://exports/x*.csv." in refusal("s3://exports/x*.csv")
    assert "s3://exports/empty holds no export, only readme." in refusal("s3://exports/empty")
    assert "holds 6 files, more than 2" in refusal("s3://exports/weeks", members=2)
    assert "GiB would be fetched" in refusal("s3://exports/week.csv", fetched=9)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "no credentials (NoCredentialsError)" in refusal("s3://exports/week.csv")


def test_a_store_that_is_away(bucket: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(
        remote,
        "_options",
        lambda _: {"config_kwargs": {"connect_timeout": 1, "retries": {"max_attempts": 0}}},
    )
    assert "s3://exports/week.csv cannot be reached (EndpointConnectionError)" in refusal(
        "s3://exports/week.csv"
    )


class Store(MemoryFileSystem):  # type: ignore[misc] # fsspec has no types
    """A store without a server, for those that have none to test with."""

    protocol = "gs"
    store: dict[str, Any] = {}  # noqa: RUF012 - as fsspec has it
    pseudo_dirs = [""]  # noqa: RUF012
    fault: Exception | None = None

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return super()._strip_protocol(path.replace("gs://", "memory://", 1))  # type: ignore[no-any-return]

    def info(self, path: str, **more: Any) -> Any:
        if self.fault is not None:
            raise self.fault
        return super().info(path, **more)


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> type[Store]:
    monkeypatch.setattr(Store, "store", {})
    monkeypatch.setattr(Store, "pseudo_dirs", [""])
    fsspec.register_implementation("gs", Store, clobber=True)
    Store().pipe({"/box/week.csv": WEEK, "/box/in/a.csv": WEEK})
    return Store


def test_other_stores_go_the_same_way(other: type[Store]) -> None:
    assert audit("gs://box/week.csv").report.input.rows_used == 2
    assert len(audit("gs://box").report.input.files) == 2


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("PermissionError", "may not be read with these credentials (PermissionError)"),
        ("ClientAuthenticationError", "may not be read with these credentials"),
        ("DefaultCredentialsError", "no credentials (DefaultCredentialsError)"),
        ("ServiceRequestError", "cannot be reached (ServiceRequestError)"),
        ("TimeoutError", "cannot be reached (TimeoutError)"),
        ("FileNotFoundError", "is not there"),
        ("StrangeError", "cannot be fetched (StrangeError)"),
    ],
)
def test_no_message_of_a_library_is_passed_on(
    kind: str, said: str, other: type[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = getattr(builtins, kind, None) or type(kind, (Exception,), {})
    monkeypatch.setattr(other, "fault", known(f"GET https://x?sig={SECRET}"))
    assert said in refusal("gs://box/week.csv")


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] in ("fsspec", "gcsfs"):
            raise ImportError(name)
        return importing(name, *rest, **more)

    importing = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without)
    assert refusal("gs://box/week.csv") == (
        "gs://box/week.csv lies in an object store, and the reader for it is not installed. "
        "Install it with `pip install 'supportaudit[remote]'`, or gcsfs alone."
    )


def test_only_an_address_that_was_typed_is_fetched(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not one in a settings file, in an export, in the name of a file or behind an option."""
    monkeypatch.chdir(tmp_path)
    Path("supportaudit.yaml").write_text(f"sources: [{{files: '{server}/week.csv'}}]\n")
    Path("https:").mkdir()
    (Path("https:") / "week.csv").write_bytes(WEEK.replace(b"Soon.", f"{server}/week.csv".encode()))
    (Path("https:") / "link.json").write_text(json.dumps([{"url": f"{server}/week.csv", "ticket": 1}]))
    for arguments in (
        ["https:/week.csv"], ["https:"], ["https:/week.csv", "-c", f"{server}/week.csv"],
        ["https:/week.csv", "--baseline", f"{server}/week.json"], ["https:/week.csv", "-o", f"{server}/out.json"],
        ["https:/week.csv", "--rejects", f"{server}/out.csv"],
    ):  # fmt: skip
        monkeypatch.setattr("sys.argv", ["supportaudit", "scan", *arguments])
        with pytest.raises(SystemExit):
            cli.main()
    assert Server.asked == []
    assert "Traceback" not in capfd.readouterr().err
