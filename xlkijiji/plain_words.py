"""What others say of a failure, before a person at a workbook sees it: only words, and nothing of a program's inside.

A bot, a site or a library may hand over anything as its message: nothing at all, an object, a traceback. The log has
it as it came; a cell or the status bar gets it only when a person can read it.
"""

from __future__ import annotations

import logging
import re

from xlkijiji.cell_values import cell_text
from xlkijiji.messages import tell

__all__ = ["plain", "plain_or_unknown"]

log = logging.getLogger(__name__)

_OF_A_PROGRAM = re.compile(
    r"Traceback \(most recent call last\)"
    r"|\bStacktrace:"
    r"|#\d+ 0x[0-9a-f]{6}"
    r"|File \"[^\"]*\", line \d"
    r"|\bobject at 0x[0-9a-f]+"
    r"|<(?:bound method|function|class|module|built-in) "
    r"|\bNoneType\b"
    r"|[\\/](?:site|dist)-packages\b"
    r"|[\\/]\.venv[\\/]"
    r"|[\\/](?:bin|Scripts)[\\/]pythonw?[\d.]*\b"
    r"|[\\/]pythonw?[\d.]*\.exe\b"
    r"|\bxlkijiji[\\/](?:\w+[\\/])*\w+\.pyw?\b",
    re.IGNORECASE,
)
"""Tracebacks, also a browser's; what Python shows of an object without a text of its own; files of programs."""
_SHOWN_DATA = re.compile(
    r"\[(?:[^\[\]]*,\s*)?None\s*(?:,[^\[\]]*)?\]"  # [None, 1]
    r"|\{[^{}]*:\s*None\s*[,}]"  # {'a': None}
    r"|\{(?:[^{}]*,\s*)?None\s*[,}]"  # {None}
    r"|\w=None\b"
)
"""How Python shows data in which something is missing. The word alone is a person's."""
_NO_WORDS = (bool, int, float, complex, bytes, dict, list, set, frozenset, tuple)
"""What may be data, but no message."""
_NO_WORD = frozenset({"none", "nan", "nat", "<na>", "null"})
"""What programs make of nothing when it's put into a text."""
_LETTER = re.compile(r"[^\W\d_]")


def plain(value: object) -> str:
    """`value` as words for a person, on as many lines as it has; '' where it says nothing, or nothing for a person."""
    if isinstance(value, _NO_WORDS):
        return ""
    try:
        text = cell_text(value)
    except Exception as error:  # noqa: BLE001 — an object may refuse to be text, in whatever way it likes
        log.warning("a message of type %s has no text: %s", type(value).__name__, type(error).__name__)
        return ""
    if text.casefold() in _NO_WORD or not _LETTER.search(text):
        return ""
    if _OF_A_PROGRAM.search(text) or _SHOWN_DATA.search(text):
        log.warning("a message that is not for people: %s", text)
        return ""
    return text


def plain_or_unknown(value: object) -> str:
    """As `plain`, and a sentence of ours where nothing is left."""
    return plain(value) or tell("what-went-wrong-unknown")
