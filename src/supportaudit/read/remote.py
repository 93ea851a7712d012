"""Exports that lie elsewhere, fetched into temporary files: over https, or from an object store.

Only what a user typed as an address is fetched. Who may read is told by the environment, as for each store's own
tools; no message of a library is passed on, for it may hold a signature or a key.
"""

import base64
import errno
import http.client
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from supportaudit.address import STORES, Address, is_here
from supportaudit.errors import InputError, mend
from supportaudit.read.unpack import Budget, clean_name, hidden

_CHUNK = 1 << 16
_KEPT = "/%:@!$&'()*+,;=?~-._"
_BLOCK = 8 << 20
_SILENCE = 60
_SLOWEST = 10_000
_PATTERN = re.compile(r"[*?[]")
_PAGE = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)
_LOCKED = {"PermissionError", "ClientAuthenticationError", "HttpResponseError"}
_NOBODY = {
    *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"),
    *("TokenRetrievalError", "UnauthorizedSSOTokenError", "DefaultCredentialsError", "RefreshError"),
}
_AWAY = re.compile(r"Connect|Timeout|Transport|ServiceRequest|Endpoint|gaierror|SSL", re.IGNORECASE)


class Fetched(NamedTuple):
    """A file that was fetched: where it came from, shown without secrets, and its path below that, "" for itself."""

    origin: str
    member: str
    path: Path


Choose = Callable[[list[str], str], list[str]]
"""Which files of a folder are to be read, by their paths in it; the second is what to call the folder."""


class Fetcher:
    """Fetches what is named in one run; `choose` says which files of a folder are wanted."""

    def __init__(self, budget: Budget, choose: Choose) -> None:
        self._budget = budget
        self._choose = choose
        self._systems: dict[Any, Any] = {}

    def fetch(self, address: Address) -> Iterator[Fetched]:
        """The file at the address; in a store also all that a pattern fits, and of a folder what is chosen.

        In the order of their names. Raises InputError, in a sentence without secrets, for what cannot be fetched.
        """
        if address.scheme in STORES:
            yield from _Store(address, self._budget, self._systems).fetch(self._choose)
        else:
            yield Fetched(str(address), "", _fetch_https(address, self._budget))


def _fetch_https(address: Address, budget: Budget) -> Path:
    path = budget.path()
    with _open_https(address) as response, path.open("wb") as out:
        _copy_https(address, response, out, budget)
    return path


def _open_https(address: Address) -> Any:
    handlers: list[Any] = [_Redirects(address)]
    if is_here(address.host):
        handlers.append(urllib.request.ProxyHandler({}))
    with _told_https(address):
        return urllib.request.build_opener(*handlers).open(_request(address), timeout=_SILENCE)


def _request(address: Address) -> urllib.request.Request:
    """Who logs in goes into a header, and not along when the server leads on to another."""
    parts = urlsplit(address.url)
    user, _, place = parts.netloc.rpartition("@")
    target = quote(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", safe=_KEPT)
    headers = {"User-Agent": "supportaudit", "Accept-Encoding": "identity"}
    request = urllib.request.Request(f"{address.scheme}://{place}{target}", headers=headers)  # noqa: S310
    if user:
        login = unquote(user if ":" in user else f"{user}:")
        request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
    return request


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to https only, or on this machine as the address did; urllib itself would go on over plain http."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The request to follow with. Raises InputError if it would be readable for others."""
        to = urlsplit(urljoin(req.full_url, newurl))
        here = self._address.scheme == "http" and is_here(to.hostname or "")
        if to.scheme != "https" and not (here and to.scheme == "http"):
            fp.close()
            raise InputError(
                f"{self._address} leads on to an address without https.", "Download the file yourself."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _copy_https(address: Address, response: Any, out: IO[bytes], budget: Budget) -> None:
    """Raises InputError for a page of words, for what breaks off, and for what comes too slowly to end."""
    promised = response.headers.get("Content-Length", "")
    began, size = time.monotonic(), 0
    with _told_https(address), _room(str(address)):
        while chunk := response.read1(_CHUNK):
            if not size and _PAGE.match(chunk):
                raise InputError(
                    f"{address} is a web page, no export.",
                    "Copy the address of the file itself, or download it.",
                )
            size += len(chunk)
            budget.fetched(len(chunk), str(address))
            out.write(chunk)
            if time.monotonic() - began > _SILENCE + size / _SLOWEST:
                raise InputError(f"{address} is sent too slowly.", "Download it yourself.")
    if promised.isdecimal() and size < int(promised):
        raise InputError(f"{address} broke off after {size:,} of {int(promised):,} bytes.", "Try again.")


@contextmanager
def _room(where: str) -> Iterator[None]:
    """No room for temporary files is no fault of the network."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise InputError(f"{where} cannot be fetched: {error.strerror}.", mend(error)) from None


@contextmanager
def _told_https(address: Address) -> Iterator[None]:
    """Failures as one sentence. The cause is cut off: a traceback would show it with its address."""
    try:
        yield
    except urllib.error.HTTPError as error:
        code = error.code
        error.close()
        raise _answered(address, code) from None
    except urllib.error.URLError as error:
        raise _unreached(address, error.reason) from None
    except (OSError, http.client.HTTPException) as error:
        raise _unreached(address, error) from None
    except (ValueError, OverflowError):
        raise InputError(
            f"{address} is no address that can be fetched.", "Check how it is written."
        ) from None


def _answered(address: Address, code: int) -> InputError:
    try:
        said = f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        said = str(code)
    if code in (401, 403, 407):
        hint = "You may not read it, or its signature has run out: copy the address again."
    elif code in (404, 410):
        hint = "Check the address."
    else:
        hint = "Try again later, or download the file yourself."
    return InputError(f"{address} cannot be fetched: the server answers {said}.", hint)


def _unreached(address: Address, why: object) -> InputError:
    if isinstance(why, ssl.SSLCertVerificationError):
        return InputError(
            f"{address} cannot be fetched: the certificate of {address.host} cannot be verified.",
            "Check the address; SSL_CERT_FILE names certificates of your own.",
        )
    if isinstance(why, TimeoutError):
        said = "nothing came for a minute"
    elif isinstance(why, http.client.HTTPException):
        said = "the answer broke off"
    elif isinstance(why, OSError) and why.strerror:
        said = why.strerror
    else:
        said = type(why).__name__
    return InputError(f"{address} cannot be fetched: {said}.", "Check the address and the network.")


class _Store:
    """Files of one object store, read by fsspec's file system for it."""

    def __init__(self, address: Address, budget: Budget, systems: dict[Any, Any]) -> None:
        """`systems` are those met before in this run: beginning to speak with a store takes a while."""
        self._address = address
        self._budget = budget
        self._prefix = f"{address.scheme}://"
        try:
            import fsspec

            with self._told():
                kind = fsspec.get_filesystem_class(address.scheme)
                account = kind._get_kwargs_from_urls(address.url)
                self._path = kind._strip_protocol(address.url)
                key = (address.scheme, *sorted(account.items()))
                if key not in systems:
                    # Not the one of an earlier run: files and credentials may have changed since.
                    systems[key] = kind(**account, **_options(address.scheme), skip_instance_cache=True)
                self._files = systems[key]
        except ImportError:
            raise InputError(
                f"{address} lies in an object store, and the reader for it is not installed.",
                f"Install it with `pip install 'supportaudit[remote]'`, or {STORES[address.scheme]} alone.",
            ) from None

    def fetch(self, choose: Choose) -> Iterator[Fetched]:
        """The file, or those of the pattern or the folder."""
        with self._told():
            found = self._matches()
        for path, is_folder in found:
            origin = str(Address(f"{self._prefix}{path}"))
            for member, place in self._members(path, origin, choose) if is_folder else [("", path)]:
                yield Fetched(origin, member, self._download(place, "/".join(filter(None, (origin, member)))))

    def _matches(self) -> list[tuple[str, bool]]:
        """(path, whether it is a folder) of what is named, or of what the pattern fits."""
        path = self._path
        if _PATTERN.search(path) and not self._files.exists(path):
            found = self._files.glob(path, detail=True)
            if not found:
                raise InputError(f"Nothing in the store fits {self._address}.", "Check the pattern.")
            return [(name, found[name]["type"] == "directory") for name in sorted(found)]
        return [(path, self._files.info(path)["type"] == "directory")]

    def _members(self, folder: str, origin: str, choose: Choose) -> list[tuple[str, str]]:
        """(path in the folder, path in the store) of each file to read."""
        with self._told():
            places = sorted(self._files.find(folder))
        if len(places) > self._budget.limits.members:
            raise InputError(
                f"{origin} holds {len(places):,} files, more than {self._budget.limits.members:,}.",
                "Name folders inside it, or a pattern.",
            )
        named = [(clean_name(place.removeprefix(folder)), place) for place in places]
        shown = [(member, place) for member, place in named if member and not hidden(member)]
        chosen = set(choose([member for member, _ in shown], origin))
        return [(member, place) for member, place in shown if member in chosen]

    def _download(self, path: str, where: str) -> Path:
        target = self._budget.path()
        with (
            self._told(where),
            _room(where),
            self._files.open(path, "rb", block_size=_BLOCK) as stream,
            target.open("wb") as out,
        ):
            while chunk := stream.read(_BLOCK):
                self._budget.fetched(len(chunk), where)
                out.write(chunk)
        return target

    @contextmanager
    def _told(self, where: str = "") -> Iterator[None]:
        """Failures as one sentence; what a library says of them may hold a key, so its kind must do."""
        where = where or str(self._address)
        try:
            yield
        except (InputError, ImportError):
            raise
        except FileNotFoundError:
            raise InputError(f"{where} is not there.", "Check the address.") from None
        except Exception as error:
            kinds = {kind.__name__ for kind in type(error).__mro__}
            name = type(error).__name__
            if kinds & _NOBODY:
                raise InputError(
                    f"{where} cannot be fetched: no credentials ({name}).",
                    "Set them in the environment, as for the store's own tools; docs/remote.md names them.",
                ) from None
            if kinds & _LOCKED:
                raise InputError(
                    f"{where} may not be read with these credentials ({name}).",
                    "Ask for the right to read and to list, or set other credentials.",
                ) from None
            if any(map(_AWAY.search, kinds)):
                raise InputError(
                    f"{where} cannot be reached ({name}).", "Check the address and the network."
                ) from None
            raise InputError(
                f"{where} cannot be fetched ({name}).", "Check the address and the credentials."
            ) from None


def _options(scheme: str) -> dict[str, Any]:
    """Patience enough for a slow network, not for one that is not there."""
    if scheme == "s3":
        return {
            "config_kwargs": {"connect_timeout": 15, "read_timeout": _SILENCE, "retries": {"max_attempts": 3}}
        }
    return {}
