"""A photo that a row names by its address on the web: fetched once, and only from the public web.

Whoever writes a cell must not be able to make this computer ask the machines of its own network, so each address is
looked up once, must be public in all its parts, and is connected to as it was looked up: a name that is answered with
another address the second time (DNS rebinding) gains nothing. The same holds for every redirect.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import os
import socket
import tempfile
import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from xlkijiji.messages import language, tell
from xlkijiji.paths import cache_dir
from xlkijiji.photo_sources import open_picture

__all__ = ["PhotoError", "fetch_photo"]

MOST_BYTES = 40 * 1024 * 1024
"""Larger than any camera's jpg; the site's own limit is met by converting."""
MOST_REDIRECTS = 5
CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 10.0, 20.0, 90.0
_SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "GIF": ".gif", "BMP": ".bmp", "WEBP": ".webp"}
_SUFFIXES |= {"HEIF": ".heic", "AVIF": ".avif", "TIFF": ".tif"}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


REFUSED_SECONDS = 300.0
"""For so long an address that can't be had isn't asked for again: many rows may share a logo that isn't there."""
_refused: dict[tuple[str, str], tuple[float, str, str]] = {}
"""When it was asked for, the rule and the advice, by address and language."""


class PhotoError(ValueError):
    """A photo that can't be had. `rule` and `advice` are the two parts of a sentence about it."""

    def __init__(self, rule: str, advice: str) -> None:
        self.rule = rule
        self.advice = advice
        super().__init__(f"{rule}. {advice}")


def fetch_photo(address: str) -> Path:
    """The picture at `address`, in this user's cache; asked for once, then it's taken from there.

    Raises PhotoError: no web address, none of the public web, too large, no picture, or no answer.
    """
    whole = cache_dir("photos") / hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    kept = next((path for suffix in _SUFFIXES.values() if (path := whole.with_suffix(suffix)).is_file()), None)
    if kept is not None:
        return kept
    since, rule, advice = _refused.get((address, language()), (-REFUSED_SECONDS, "", ""))
    if time.monotonic() - since < REFUSED_SECONDS:
        raise PhotoError(rule, advice)
    try:
        return _download(address, whole)
    except PhotoError as error:
        _refused[address, language()] = time.monotonic(), error.rule, error.advice
        raise


def _download(address: str, whole: Path) -> Path:
    """What stands at `address`, as the file `whole` with the suffix of its kind. Raises PhotoError."""
    handle, half = tempfile.mkstemp(dir=whole.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            for part in _parts(address):
                file.write(part)
        return Path(half).replace(whole.with_suffix(_kind(Path(half))))
    except (HTTPError, OSError, UnicodeError) as error:
        raise PhotoError(
            tell("is-not-downloaded", error=type(error).__name__),
            tell("try-address-in-browser"),
        ) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(half).unlink()


def _kind(file: Path) -> str:
    """The suffix by what is in the file: what a server calls it is not believed."""
    try:
        with open_picture(file) as picture:
            picture.verify()
            return _SUFFIXES[str(picture.format)]
    except Exception as error:  # Pillow's readers raise whatever a broken file brings them to
        raise PhotoError(tell("is-no-picture-address"), tell("copy-picture-address")) from error


def _parts(address: str) -> list[bytes]:
    """What stands at `address`, redirects followed. Raises PhotoError, and urllib3's and the system's errors."""
    deadline = time.monotonic() + WHOLE_SECONDS
    for _ in range(MOST_REDIRECTS + 1):
        with _pool(address) as pool:
            answer = _ask(pool, address)
            try:
                onward = answer.get_redirect_location()
                if not onward:
                    return _read(answer, deadline)
                address = urljoin(address, str(onward))
            finally:
                answer.close()
    raise PhotoError(tell("redirects-on-and-on"), tell("save-picture-here"))


def _pool(address: str) -> urllib3.HTTPConnectionPool:
    """A connection to the very machine that was looked at. Raises PhotoError for one that isn't public."""
    try:
        parts = urlsplit(address.strip())
        scheme, host, port = parts.scheme.casefold(), parts.hostname or "", parts.port
    except ValueError as error:
        raise PhotoError(tell("is-no-web-address"), tell("write-picture-address")) from error
    if scheme not in {"http", "https"} or not host:
        raise PhotoError(tell("is-no-web-address"), tell("write-picture-address"))
    if parts.username is not None or parts.password is not None:
        raise PhotoError(tell("holds-user-name"), tell("save-picture-here-instead"))
    port = port or (443 if scheme == "https" else 80)
    machine = str(_look_up(host, port))
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    if scheme == "http":
        return urllib3.HTTPConnectionPool(machine, port, timeout=timeout, retries=False)
    # the certificate must be the name's, though the connection goes to the number
    return urllib3.HTTPSConnectionPool(
        machine, port, timeout=timeout, retries=False, server_hostname=host, assert_hostname=host
    )


def _look_up(host: str, port: int) -> Address:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    if not addresses or not all(map(_is_public, addresses)):
        raise PhotoError(tell("is-not-public"), tell("save-picture-here-instead"))
    return addresses[0]


def _is_public(address: Address) -> bool:
    """Not loopback, private, link-local, multicast or reserved (IANA's tables, by Python), nor one of these within."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None and not _is_public(inner):
            return False
        if address.ipv4_mapped:
            return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _ask(pool: urllib3.HTTPConnectionPool, address: str) -> BaseHTTPResponse:
    parts = urlsplit(address.strip())
    target = urllib3.util.parse_url(address.strip()).request_uri
    headers = {
        "Host": parts.netloc,
        "User-Agent": "xlkijiji",
        "Accept": "image/*",
        "Accept-Encoding": "identity",
    }
    return pool.urlopen("GET", target, headers=headers, redirect=False, preload_content=False)


def _read(answer: BaseHTTPResponse, deadline: float) -> list[bytes]:
    if answer.status != 200:
        raise PhotoError(tell("answered-with-error", status=answer.status), tell("correct-the-address"))
    parts, size = [], 0
    while part := answer.read(65536):
        size += len(part)
        if size > MOST_BYTES:
            raise PhotoError(
                tell("is-larger-than-mb", megabytes=MOST_BYTES // 1024 // 1024), tell("save-picture-smaller")
            )
        if time.monotonic() > deadline:
            raise PhotoError(tell("comes-too-slowly"), tell("save-picture-here-instead"))
        parts.append(part)
    return parts
