"""The address of a video as the form's field takes it: one on YouTube (its name is `youtubeVideoURL`, sure C)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

__all__ = ["youtube_address"]

_HOSTS = frozenset({"youtube.com", "youtube-nocookie.com", "youtu.be"})
_ID = re.compile(r"[\w-]{11}", re.ASCII)
_BEFORE_ID = ("embed", "live", "shorts", "v")


def youtube_address(text: str) -> str:
    """`text` with https:// before it where it has none; empty when it leads to no single video on YouTube."""
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:  # brackets that don't fit
        return ""
    if parts.scheme not in {"http", "https"} or host not in _HOSTS or "@" in parts.netloc:
        return ""
    path = [part for part in parts.path.split("/") if part]
    if host == "youtu.be":
        found = path[0] if len(path) == 1 else ""
    elif path == ["watch"]:
        found = (parse_qs(parts.query).get("v") or [""])[0]
    else:
        found = path[1] if len(path) == 2 and path[0] in _BEFORE_ID else ""
    return address if _ID.fullmatch(found) and not re.search(r"\s", address) else ""
