"""Every sentence that people read, in English and French, in one place: the catalogues beside this file.

A catalogue is a gettext file (`en.po`, `fr.po`), which translators' programs open. Its entries are named by a short
key, so that the English text too can be mended without touching code; `{name}` in a text is filled in. A key with
plural forms takes the one that the value `count` asks for.

Some words of a status stay English in every language, and stand in the code:

* Those that the next run reads back, as it understands the sheet by them: `Posted 2026-11-23`, `Error:`, behind it
  `Unsure`, `Checking…` and `Posting…` (`inventory`), `Uploading photos n/m…` (written by `kijiji.photos`, read by
  `inventory`), ` – not replaced` (`outcome`), `Check Sheet:` before what that button found (`sheet_check`); and what a
  person types: `pending` (`inventory`), `Error: not there` (`recovery`).
* Those that nothing reads back, but that belong to the same few words of that column, by which people filter it and
  ask for help: `Removed –` and `System error` (`outcome`), ` – not posted again` (`recovery`).

What follows such a word is in the catalogues; entries that begin with one (`Unsure`, `Draft not posted`) have it in
both languages.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import gettext
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

__all__ = ["LANGUAGES", "figure", "is_chosen", "language", "load", "speaking", "tell", "use"]

LANGUAGES = ("en", "fr")
_FOLDER = Path(__file__).parent
_chosen: str | None = None
_here: contextvars.ContextVar[str | None] = contextvars.ContextVar("language spoken here", default=None)
_LOCALES = {"en": "en_CA", "fr": "fr_CA"}


def load(which: str) -> Catalog:
    """The catalogue of one language, read anew. Raises OSError, and babel's PoFileError for a malformed file."""
    with (_FOLDER / f"{which}.po").open("rb") as file:
        return read_po(file, locale=which, abort_invalid=True)


@functools.cache
def _translations(which: str) -> gettext.GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, load(which))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def use(which: str) -> None:
    """Speak this language (`en` or `fr`) from now on, in this process; inside `speaking`, until its end.

    Raises ValueError for any other.
    """
    global _chosen
    _refuse_unknown(which)
    if _here.get() is None:
        _chosen = which
    else:
        _here.set(which)


def _refuse_unknown(which: str) -> None:
    if which not in LANGUAGES:
        raise ValueError(f"There is no catalogue for {which!r}, only for {' and '.join(LANGUAGES)}.")


@contextlib.contextmanager
def speaking(which: str) -> Iterator[None]:
    """Speak this language inside, and after it what was spoken before. Raises ValueError as `use` does.

    Other threads go on in theirs: a server answers several people.
    """
    _refuse_unknown(which)
    before = _here.set(which)
    try:
        yield
    finally:
        _here.reset(before)


def language() -> str:
    """The language that is spoken now."""
    return _here.get() or _chosen or LANGUAGES[0]


def is_chosen() -> bool:
    """Has anybody said yet, in this process, which language is to be spoken?"""
    return (_here.get() or _chosen) is not None


def figure(value: float, decimals: int = 0) -> str:
    """A number as people write it: `10,000.50` in English, `10 000,50` in French."""
    shape = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=shape, locale=_LOCALES[language()])


def tell(key: str, /, in_language: str | None = None, **values: object) -> str:
    """The sentence behind `key`, with `values` filled in; in the language in use, or in `in_language`.

    Raises LookupError for a key, or a name in the text, that is not there: a mistake of ours, which a test finds.
    """
    translations = _translations(in_language or language())
    count = values.get("count")
    text = translations.ngettext(key, key, count) if isinstance(count, int) else translations.gettext(key)
    if text == key:
        raise LookupError(f"no message {key!r} in {in_language or language()}.po")
    return text.format(**values)
