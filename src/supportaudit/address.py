"""Addresses of exports that lie elsewhere, as a user types them: nothing else is ever fetched.

An address may hold secrets: who logs in, a signature. Whatever shows it shows it without.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from supportaudit.errors import InputError

STORES = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs"}
"""Schemes of object stores, and the package that reads each."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:;@\[\]\\]+)(?::(\d{1,5}))?")
_SAME = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
_SIGNED = re.compile(
    r"[?&](x-amz-|x-goog-|x-ms-|awsaccesskeyid=|googleaccessid=|signature=|sig=|sv=|se=|token=)",
    re.IGNORECASE,
)


@dataclass(frozen=True, repr=False)
class Address:
    """An address whose scheme is known. `url` is as typed and may hold secrets; its text and its repr hold none."""

    url: str

    @classmethod
    def of(cls, text: str) -> "Address":
        """Raises InputError for a scheme that is not read, for plain http, and for secrets where they do not belong."""
        found = _SCHEME.match(text)
        assert found is not None
        scheme = found[1].lower()
        scheme = _SAME.get(scheme, scheme)
        address = cls(f"{scheme}://{text[found.end() :]}")
        known = ("https", *STORES)
        if scheme == "http":
            address._refuse_plain()
        elif scheme not in known:
            from supportaudit.suggest import did_you_mean

            raise InputError(
                f"{address}: '{scheme}://' is not read{did_you_mean(scheme, known) or '.'}",
                f"Known are: {', '.join(f'{name}://' for name in known)}; or download the file.",
            )
        if not address.host:
            raise InputError(f"{address} names no {'bucket' if scheme in STORES else 'host'}.")
        if scheme in STORES:
            address._refuse_secrets()
        return address

    def _refuse_plain(self) -> None:
        if not is_here(self.host):
            raise InputError(
                f"{self} would be sent readable for everyone on the way.",
                "Write https://, or download the file.",
            )

    def _refuse_secrets(self) -> None:
        user, sign, _ = self._place.rpartition("@")
        signed = _SIGNED.search(self.url)
        # abfss://container@account.dfs.core.windows.net/ names a container, and nobody who logs in.
        if signed or (sign and (":" in user or not self.scheme.startswith("abfs"))):
            raise InputError(
                f"{self} holds {'a signature' if signed else 'who logs in'}.",
                "Credentials belong into the environment; signed addresses begin with https://.",
            )

    @property
    def scheme(self) -> str:
        """The part before "://"."""
        return self.url.partition("://")[0]

    @property
    def _place(self) -> str:
        return re.split(r"[/?#]", self.url.partition("://")[2], maxsplit=1)[0]

    @property
    def host(self) -> str:
        """The machine, or the bucket; "" if there is none."""
        place = self._place
        if self.scheme in STORES:
            return place
        found = _PLACE.fullmatch(place.rpartition("@")[2])
        return found[1].strip("[]") if found is not None else ""

    @property
    def name(self) -> str:
        """The last part of the path, "" if it ends with a slash."""
        return str(self).rpartition("/")[2]

    def __str__(self) -> str:
        """Without who logs in, the query and the fragment."""
        scheme, _, rest = self.url.partition("://")
        place = self._place
        tail = rest[len(place) :]
        shown = place if scheme.startswith("abfs") and ":" not in place else place.rpartition("@")[2]
        if scheme not in STORES and not _PLACE.fullmatch(shown):  # a password with a slash in it
            shown, tail = "", rest.rpartition("@")[2]
        if scheme in STORES:  # a question mark is part of a name or a pattern
            signed = _SIGNED.search(tail)
            tail = tail[: signed.start()] if signed else tail
        else:
            tail = re.split(r"[?#;]", tail, maxsplit=1)[0]
        whole = f"{scheme}://{shown}{tail}"
        return "".join(
            c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in whole
        )

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"


if TYPE_CHECKING:
    Location = Path | Address
else:

    class Location:
        """Where an export lies. A class where it runs, for typer takes no unions."""


def named(text: str | os.PathLike[str]) -> Location:
    """What a user typed: an address if it begins like one, else a path. Raises InputError as `Address.of` does."""
    written = os.fspath(text)
    return Address.of(written) if isinstance(text, str) and _SCHEME.match(written) else Path(written)


def is_here(host: str) -> bool:
    """Whether the name means this machine, whatever a name server says."""
    if host.lower() == "localhost":
        return True
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
