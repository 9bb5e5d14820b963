"""The words of the pages in English and French. The English ones are the keys; `data/french.csv` has the others.

Only a few of the real site's French sentences are known, so the French here is this project's own. Ids, names
of fields and codes stay as they are; so do the names of categories and most choices of lists, which no table has in
French.
"""

from __future__ import annotations

import csv
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LOCALES = ("en_CA", "fr_CA")
"""Values of `siteLocale`, the default first."""

_locale: ContextVar[str] = ContextVar("locale", default=LOCALES[0])

SCRIPT_WORDS = (
    "An ad can have at most {most} photos.",
    "Remove photo",
    "Remove {tag}",
    "Select",
    "Select a make first",
    "Selected",
    "The ad could not be deleted. Please try again.",
    "The photo could not be uploaded. Please add it again.",
)
"""What the scripts of the pages say."""


@cache
def french() -> dict[str, str]:
    """The French words by the English ones."""
    with (Path(__file__).with_name("data") / "french.csv").open(encoding="utf-8", newline="") as table:
        return {row["english"]: row["french"] for row in csv.DictReader(table)}


def speak(locale: str) -> None:
    """Choose the language for the rest of the request in hand; an unknown locale means the default."""
    _locale.set(locale if locale in LOCALES else LOCALES[0])


def is_french() -> bool:
    """Whether the request in hand is answered in French."""
    return _locale.get() == "fr_CA"


def say(english: str, **values: object) -> str:
    """A text in the language of the request, with its `{placeholders}` filled in."""
    text = french().get(english, english) if is_french() else english
    return text.format(**values) if values else text


def say_number(number: int) -> str:
    """A whole number with its thousands apart: `10,000`, in French `10 000` (with no-break spaces)."""
    return f"{number:,}".replace(",", "\u00a0") if is_french() else f"{number:,}"


def say_amount(cents: int) -> str:
    """An amount as the form holds it: `1250.00`, in French `1250,00`."""
    amount = f"{cents / 100:.2f}"
    return amount.replace(".", ",") if is_french() else amount


def say_money(cents: int) -> str:
    """An amount as the site shows it: `$1,250.00`, in French `1 250,00 $` (with no-break spaces)."""
    if not is_french():
        return f"${cents / 100:,.2f}"
    return f"{cents / 100:,.2f}".replace(",", "\u00a0").replace(".", ",") + "\u00a0$"


def words_for_scripts() -> dict[str, str]:
    """What the scripts say instead of the English words; nothing where they are to say those."""
    return {english: french()[english] for english in SCRIPT_WORDS} if is_french() else {}
