"""Phone numbers as people write them: the number for the site's field, and the extension that it has no place for."""

from __future__ import annotations

import re

__all__ = ["is_phone", "split_phone"]

LONGEST = 20
"""What fits into the field with certainty; a longer one is typed as digits alone."""
_EXTENSION = re.compile(
    r"[\s,;]*(?:\b(?:ext(?:ension)?|poste|local)\b\.?|(?<=[\d\s)])x|#)\s*[.:]?\s*(\d{1,7})\s*$", re.IGNORECASE
)
"""`ext. 12`, `x12`, `#12`; `poste 12` in Québec, `local 12` in the West."""


def split_phone(text: str) -> tuple[str, str]:
    """The number as it's typed into the form, and the extension; each empty where there's none."""
    text = " ".join(text.split())
    found = _EXTENSION.search(text)
    number, extension = (text[: found.start()], found[1]) if found else (text, "")
    number = number.replace("/", "-").strip(" ,;.-")
    if len(number) > LONGEST:
        number = ("+" if number.startswith("+") else "") + re.sub(r"\D", "", number)
    return number, extension


def is_phone(text: str) -> bool:
    """Is it a phone number of North America, or an international one (E.164: 15 digits at most)?"""
    number, _extension = split_phone(text)
    return 10 <= len(re.sub(r"\D", "", number)) <= 15 and re.fullmatch(r"[0-9\s().+-]+", number) is not None
