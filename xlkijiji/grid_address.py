"""Which addresses of a Selenium Grid are used: what is typed into its browsers travels there, passwords too."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from xlkijiji.errors import SettingsError
from xlkijiji.messages import tell

__all__ = ["GRID_LABEL", "parse_grid_url"]

GRID_LABEL = "Selenium Grid"
"""What the setting is called on the Settings sheet."""
EXAMPLE = "http://192.168.1.20:4444"
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
"""This computer and networks of one's own [RFC 1918, RFC 4193]: only there http does, which all on the way can read."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?")


def parse_grid_url(text: str) -> str:
    """`text` as an address without its last slash; empty for a blank one.

    Raises SettingsError for one that can't be used. The sentence repeats neither a user name nor a key that stands in
    it; a name needs https, since nobody knows beforehand which network it leads to.
    """
    text = text.strip()
    if not text:
        return ""
    if "@" in text or "?" in text or "#" in text:
        raise SettingsError(tell("grid-address-with-secret", example=EXAMPLE))
    parts = _split(text)
    if parts is None:
        raise SettingsError(tell("no-grid-address", text=text, example=EXAMPLE))
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        raise SettingsError(tell("grid-over-http", text=text, example=EXAMPLE))
    return text.rstrip("/")


def _split(text: str) -> SplitResult | None:
    """The parts of an http(s) address that every program reads in the same way; None for another one."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        shown = host
        if ":" in host:
            ipaddress.IPv6Address(host)  # raises ValueError when it is none
            shown = f"[{host}]"
    except ValueError:  # a port that is no number or too large, brackets that don't fit, or no such IP address
        return None
    whole = f"{shown}:{port}" if port is not None else shown
    good = (
        parts.scheme in {"http", "https"}
        and port != 0
        and (":" in host or _NAME.fullmatch(host) is not None)
        and parts.netloc.casefold() == whole
        and _PATH.fullmatch(parts.path) is not None
        and text.isprintable()
    )
    return parts if good else None


def _is_near(host: str) -> bool:
    """Is the host this computer, or one with a number of a private network?"""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _PRIVATE)
