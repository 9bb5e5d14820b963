"""Where credentials may be typed: the site's own hosts, and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from xlkijiji.errors import SettingsError
from xlkijiji.messages import tell

__all__ = ["check_base_url", "host_of", "is_loopback", "is_own_host", "parse_base_url"]

SITE = "kijiji.ca"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def host_of(url: str) -> str:
    """The host in `url`, lower-case, without port; empty where there's none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_loopback(url: str) -> bool:
    """Is `url` an http(s) address on this computer?"""
    return _scheme(url) in {"http", "https"} and host_of(url) in LOOPBACK


def is_own_host(url: str, base_url: str) -> bool:
    """May what belongs to the site at `base_url` be typed into a page at `url`?

    For Kijiji: kijiji.ca and below, over https. For a site on this computer: any port of 127.0.0.1, localhost or
    [::1], as the sign-in may be on another port. What belongs to the one never goes to the other.
    """
    if is_loopback(base_url):
        return is_loopback(url)
    return _is_kijiji(base_url) and _is_kijiji(url)


def check_base_url(base_url: str) -> None:
    """Raises SettingsError when the site is neither Kijiji nor one on this computer."""
    if not is_loopback(base_url) and not _is_kijiji(base_url):
        raise SettingsError(tell("address-is-not-kijiji", base_url=base_url))


def parse_base_url(base_url: str) -> str:
    """`base_url` without a path's last slash, blanks, query and fragment."""
    return base_url.strip().split("?")[0].split("#")[0].rstrip("/")


def _is_kijiji(url: str) -> bool:
    host = host_of(url)
    return _scheme(url) == "https" and (host == SITE or host.endswith(f".{SITE}")) and "@" not in _netloc(url)


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
