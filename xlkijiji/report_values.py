"""Values of a result that came from a sheet or a site, made fit to be shown: one line, no odd signs, safe links."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from xlkijiji.cell_values import on_one_line
from xlkijiji.inventory import cell_text
from xlkijiji.messages import figure, tell

__all__ = [
    "LONGEST_NAME",
    "button_of",
    "count_of",
    "duration",
    "file_link",
    "is_on_this_computer",
    "line",
    "link",
    "number",
    "workbook_name",
]

LONGEST_NAME = 80
"""Characters of a name or sku before it is shortened."""

_BUTTONS = {"new": "button-post-new", "all": "button-post-all"}
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""What can't be sent, or would show other text in another order than it is."""


def line(value: object, longest: int) -> str:
    """A value as one line of at most `longest` characters, without any that are not for people's eyes."""
    text = on_one_line(_UNSEEN.sub("", cell_text(value)))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def number(value: object) -> float | None:
    """`value` if it is a number of 0 or more, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        return None
    return float(value)


def count_of(result: Mapping[str, Any], key: str) -> int:
    """The whole number under `key`; 0 where there is none."""
    return int(number(result.get(key)) or 0)


def button_of(result: Mapping[str, Any]) -> str:
    """What was clicked for the run, else its mode: a program's own run has no button."""
    mode = str(result.get("mode") or "")
    key = result.get("button") or _BUTTONS.get(mode)
    return tell(str(key)) if key else mode


def duration(seconds: float) -> str:
    """Seconds in words."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{figure(seconds, 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def link(value: object) -> str:
    """`value` if it is an address of http(s) that can be shown as it is, else blank."""
    text = cell_text(value)
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return ""
    return text if good and text == line(text, 2000) and " " not in text else ""


def is_on_this_computer(link: str) -> bool:
    """Does an address lead to this computer?"""
    return bool(link) and urlsplit(link).hostname in {"127.0.0.1", "localhost", "::1"}


def workbook_name(place: str) -> str:
    """The file's name, of a path of any system or of a web address."""
    path = unquote(urlsplit(place).path) if link(place) else place
    return line(re.split(r"[/\\]", path)[-1], LONGEST_NAME) or "workbook"


def file_link(value: object) -> str:
    """The address of a file of this computer, if `value` is its full path; else blank."""
    text = cell_text(value)
    return Path(text).as_uri() if text == line(text, 2000) and Path(text).is_absolute() else ""
