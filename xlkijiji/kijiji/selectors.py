"""The table of selectors: where each field of each page is found, as data (`selectors.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

__all__ = ["Candidate", "SelectorFileError", "Selectors", "load_selectors"]

FORMAT = 1
_KEYS = {"css", "text", "hidden", "since", "sure"}


class SelectorFileError(ValueError):
    """The file of selectors breaks its own rules; the text names page, field and rule."""


@dataclass(frozen=True)
class Candidate:
    """One way to find a field."""

    css: str
    """A CSS selector; may hold `{attribute}`."""
    since: int
    """The year from which it is known."""
    sure: str
    """A, B or C, as in the head of the file."""
    text: str = ""
    """A regular expression for the element's text; empty: any text."""
    hidden: bool = False
    """The element may be invisible."""

    def for_page(self, attribute: str = "") -> dict[str, Any]:
        """The candidate as the scripts in the page take it."""
        return {"css": self.css.replace("{attribute}", attribute), "text": self.text, "hidden": self.hidden}


class Selectors:
    """Candidates by page and field."""

    def __init__(self, pages: Mapping[str, Mapping[str, Sequence[Candidate]]]) -> None:
        self._pages = MappingProxyType({page: MappingProxyType(dict(fields)) for page, fields in pages.items()})

    @property
    def pages(self) -> Mapping[str, Mapping[str, Sequence[Candidate]]]:
        """All of them."""
        return self._pages

    def candidates(self, page: str, field: str, attribute: str = "") -> list[dict[str, Any]]:
        """The candidates of one field, best first, as the scripts in the page take them.

        Raises KeyError for a page or field that the table doesn't have.
        """
        return [candidate.for_page(attribute) for candidate in self._pages[page][field]]


def parse_selectors(text: str) -> Selectors:
    """Selectors from the text of a file. Raises SelectorFileError for a file that breaks the rules in its head."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SelectorFileError(f"not readable as TOML: {error}") from error
    if table.pop("format", None) != FORMAT:
        raise SelectorFileError(f"'format' must be {FORMAT}")
    pages = {}
    for page, fields in table.items():
        if not isinstance(fields, dict) or not fields:
            raise SelectorFileError(f"[{page}] has no fields")
        pages[page] = {field: _candidates(page, field, entries) for field, entries in fields.items()}
    return Selectors(pages)


def _candidates(page: str, field: str, entries: Any) -> tuple[Candidate, ...]:
    where = f"{page}.{field}"
    if not isinstance(entries, list) or not entries:
        raise SelectorFileError(f"{where}: a list of at least one candidate is needed")
    return tuple(_candidate(where, entry) for entry in entries)


def _candidate(where: str, entry: Any) -> Candidate:
    if not isinstance(entry, dict) or set(entry) - _KEYS or not {"css", "since", "sure"} <= set(entry):
        raise SelectorFileError(f"{where}: a candidate has css, since, sure, and perhaps text and hidden; not {entry}")
    candidate = Candidate(**entry)
    if not isinstance(candidate.css, str) or not candidate.css.strip():
        raise SelectorFileError(f"{where}: css is empty")
    if candidate.sure not in {"A", "B", "C"}:
        raise SelectorFileError(f"{where}: sure is A, B or C, not {candidate.sure!r}")
    if not isinstance(candidate.since, int) or not 2010 <= candidate.since <= 2100:
        raise SelectorFileError(f"{where}: since is a year, not {candidate.since!r}")
    try:
        re.compile(candidate.text)
    except re.error as error:
        raise SelectorFileError(f"{where}: text is no regular expression ({error})") from error
    return candidate


@cache
def load_selectors() -> Selectors:
    """The selectors that come with this version."""
    return parse_selectors(resources.files(__package__).joinpath("selectors.toml").read_text(encoding="utf-8"))
