"""The table of selectors: where each field of each page is found, as data (`selectors.toml`), and a person's own."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xlkijiji.errors import SettingsError
from xlkijiji.messages import tell
from xlkijiji.paths import data_dir

__all__ = ["Candidate", "SelectorFileError", "Selectors", "load_selectors", "own_selectors_file", "parse_selectors"]

FORMAT = 1
OWN_FILE = "selectors.toml"
_KEYS = {"css", "text", "label", "hidden", "known", "sure", "only"}
_TEXTS = ("css", "text", "label", "only")
EARLIEST = dt.date(2010, 1, 1)


class SelectorFileError(SettingsError):
    """The file of selectors breaks its own rules; the text names the file, page, field and rule."""


@dataclass(frozen=True)
class Candidate:
    """One way to find a field."""

    css: str
    """A CSS selector; may hold `{attribute}`."""
    known: dt.date
    """The day on which it was last known to be right."""
    sure: str
    """A, B or C, as in the head of the file."""
    text: str = ""
    """A regular expression for the element's text; empty: any text."""
    label: str = ""
    """The same for its label, or its aria-label."""
    hidden: bool = False
    """The element may be invisible."""
    only: str = ""
    """Why the field has no other candidate."""

    def for_page(self, attribute: str = "") -> dict[str, Any]:
        """The candidate as the scripts in the page take it."""
        css = self.css.replace("{attribute}", attribute)
        return {"css": css, "text": self.text, "label": self.label, "hidden": self.hidden}


class Selectors:
    """Candidates by page and field; `own` are the (page, field) that come from a person's file."""

    def __init__(
        self,
        pages: Mapping[str, Mapping[str, Sequence[Candidate]]],
        *,
        own: frozenset[tuple[str, str]] = frozenset(),
        own_file: Path | None = None,
    ) -> None:
        self._pages = MappingProxyType({page: MappingProxyType(dict(fields)) for page, fields in pages.items()})
        self.own = own
        self.own_file = own_file

    @property
    def pages(self) -> Mapping[str, Mapping[str, Sequence[Candidate]]]:
        """All of them."""
        return self._pages

    def candidates(self, page: str, field: str, attribute: str = "") -> list[dict[str, Any]]:
        """The candidates of one field, best first, as the scripts in the page take them.

        Raises KeyError for a page or field that the table doesn't have.
        """
        return [candidate.for_page(attribute) for candidate in self._pages[page][field]]

    def with_own(self, path: Path) -> Selectors:
        """The same with what the file at `path` has instead, field by field. Raises SelectorFileError."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SelectorFileError(
                tell("own-selectors-unread", path=path, error=error, advice=tell("correct-selectors"))
            ) from error
        try:
            own = parse_selectors(text)
            for page, fields in own.pages.items():
                _refuse_unknown("selectors-page-unknown", f"[{page}]", page, self._pages)
                for field in fields:
                    _refuse_unknown("selectors-field-unknown", f"{page}.{field}", field, self._pages[page])
        except SelectorFileError as error:
            raise SelectorFileError(
                tell("own-selectors-unusable", path=path, error=error, advice=tell("correct-selectors"))
            ) from error
        named = frozenset((page, field) for page, fields in own.pages.items() for field in fields)
        pages = {page: {**fields, **own.pages.get(page, {})} for page, fields in self._pages.items()}
        return Selectors(pages, own=named, own_file=path)


def _refuse_unknown(key: str, where: str, name: str, known: Mapping[str, Any]) -> None:
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    meant = tell("selectors-perhaps", name=near[0]) if near else ""
    raise SelectorFileError(tell(key, where=where, known=", ".join(known), meant=meant))


def parse_selectors(text: str) -> Selectors:
    """Selectors from the text of a file. Raises SelectorFileError for a file that breaks the rules in its head."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SelectorFileError(tell("selectors-no-toml", error=error)) from error
    if table.pop("format", None) != FORMAT:
        raise SelectorFileError(tell("selectors-format", format=FORMAT))
    pages = {}
    for page, fields in table.items():
        if not isinstance(fields, dict) or not fields:
            raise SelectorFileError(tell("selectors-no-fields", where=f"[{page}]"))
        pages[page] = {field: _candidates(page, field, entries) for field, entries in fields.items()}
    return Selectors(pages)


def _candidates(page: str, field: str, entries: Any) -> tuple[Candidate, ...]:
    where = f"{page}.{field}"
    if not isinstance(entries, list) or not entries:
        raise SelectorFileError(tell("selectors-no-list", where=where))
    return tuple(_candidate(where, entry) for entry in entries)


def _candidate(where: str, entry: Any) -> Candidate:
    if not isinstance(entry, dict) or set(entry) - _KEYS or not {"css", "known", "sure"} <= set(entry):
        raise SelectorFileError(tell("selectors-candidate", where=where, entry=entry))
    for key in _TEXTS:
        if not isinstance(entry.get(key, ""), str):
            raise SelectorFileError(tell("selectors-text", where=where, key=key, value=repr(entry[key])))
    candidate = Candidate(**entry)
    if not candidate.css.strip():
        raise SelectorFileError(tell("selectors-css-empty", where=where))
    if not isinstance(candidate.hidden, bool):
        raise SelectorFileError(tell("selectors-hidden", where=where, value=repr(candidate.hidden)))
    if candidate.sure not in ("A", "B", "C"):
        raise SelectorFileError(tell("selectors-sure", where=where, value=repr(candidate.sure)))
    if type(candidate.known) is not dt.date or candidate.known < EARLIEST:
        raise SelectorFileError(tell("selectors-known", where=where, value=repr(candidate.known)))
    for key in ("text", "label"):
        try:
            re.compile(getattr(candidate, key))
        except re.error as error:
            raise SelectorFileError(tell("selectors-pattern", where=where, key=key, error=error)) from error
    return candidate


@cache
def _shipped() -> Selectors:
    return parse_selectors(resources.files(__package__).joinpath("selectors.toml").read_text(encoding="utf-8"))


def own_selectors_file() -> Path:
    """Where a person's own selectors are looked for; the file need not be there."""
    return data_dir() / OWN_FILE


def load_selectors(own: Path | None = None) -> Selectors:
    """The selectors that come with this version, field by field replaced by those of the file `own`.

    Without `own` it is `own_selectors_file()`, where there is one. Raises SelectorFileError, whose sentence names the
    file, the page and the field.
    """
    path = own or own_selectors_file()
    return _shipped().with_own(path) if own is not None or path.exists() else _shipped()
