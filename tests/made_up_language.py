"""A language for tests: English with marked vowels, so that a sentence which isn't from the catalogues shows."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from xlkijiji import messages

CONTRACT = (
    *("Error: not there", "Error: System error", "System error", "Draft not posted", "not posted again"),
    *("not replaced", "Posting…", "Posted", "Removed", "Error", "Unsure", "Check Sheet"),
)
"""Words of a status that are the same in every language, since the next run reads them."""
_KEPT = re.compile(r"\{[^{}]*\}|" + "|".join(map(re.escape, CONTRACT)))
_MARKED = str.maketrans("aeiouyAEIOUY", "äëïöüÿÄËÏÖÜŸ")


def marked(text: str) -> str:
    """`text` with its vowels marked, but for what is filled in and for the words of the contract."""
    kept = _KEPT.findall(text)
    parts = _KEPT.split(text)
    return "".join(part.translate(_MARKED) + (kept[at] if at < len(kept) else "") for at, part in enumerate(parts))


class _Marked(gettext.NullTranslations):
    def __init__(self, english: gettext.GNUTranslations) -> None:
        super().__init__()
        self._english = english

    def gettext(self, message: str) -> str:
        text = self._english.gettext(message)
        return text if text == message else marked(text)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        text = self._english.ngettext(msgid1, msgid2, n)
        return text if text == msgid1 else marked(text)


@contextmanager
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Inside, every sentence of the catalogues is marked."""
    english = messages._translations("en")
    with monkeypatch.context() as patch:
        patch.setattr(messages, "_translations", lambda _which: _Marked(english))
        patch.setitem(messages._LOCALES, "marked", "en_CA")
        patch.setattr(messages, "_chosen", "marked")
        yield


def unmarked(text: object) -> list[str]:
    """What in a text is English all the same: two small words or more in a row, outside of quotes."""
    rest = str(text)
    for words in CONTRACT:
        rest = rest.replace(words, "·")
    return re.findall(r"\b[a-z]{2,}(?:[ ,][a-z]{2,})+\b", rest)
