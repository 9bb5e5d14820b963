"""Which column of a person's sheet is which of ours: found by name, by alias, by a guess, or as the person says."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from xlkijiji.column_words import NO_COLUMN
from xlkijiji.errors import InventoryError
from xlkijiji.inventory import BY_NAME, STATUS, cell_text, column_letter, column_names, header_key, match_header
from xlkijiji.kijiji.attributes import column_named
from xlkijiji.messages import tell
from xlkijiji.records import HEADER_SEARCH_ROWS, missing_columns

__all__ = ["Choices", "Match", "Proposal", "parse_choices", "propose", "status_columns"]

Choices = Mapping[str | int, str | None]
"""What a person says: one of their headers, or a column by its number from 1, is this column of ours; None: none is."""

How = Literal["name", "alias", "chosen", "guess", "double", "field", "left"]
"""name: it is called like ours. alias: another word for ours. chosen: the person said so. guess: it looks like ours.
double: it means ours too, but another column is taken for it. field: the person's own, which fills a field of the ad's
form. left: the person's own, left alone."""

# What people call these columns; `header_key` without accents. A guess is shown, and can be taken back.
_GUESSES = {
    "sku": ("itemno", "itemnumber", "item#", "ref", "reference", "productid", "code", "unit", "unit#", "numero", "no"),
    "title": ("name", "item", "itemname", "product", "productname", "adtitle", "nom", "titre", "article", "produit"),
    "description": ("details", "adtext", "text", "notes", "texte", "descriptif", "desc"),
    "price": ("askingprice", "saleprice", "listprice", "amount", "prix", "prixdemande", "prixdevente", "price$"),
    "price_type": ("typedeprix",),
    "category": ("type", "categorie"),
    "photos": (
        "picture",
        "pics",
        "pic",
        "photofile",
        "photofiles",
        "photoname",
        "imagefile",
        "imagefiles",
        "images",
        "photographies",
    ),
    "tags": ("keywords", "motscles"),
    "condition": ("state", "etat"),
    "for_sale_by": ("seller", "vendeur", "avendrepar"),
    "year": ("modelyear", "annee"),
    "kilometers": ("odometer", "kilometrage"),
    "location": ("city", "place", "lieu", "ville", "postalcode", "codepostal"),
    "phone": ("telephone", "tel", "phonenumber"),
}
_BY_GUESS = {word: name for name, words in _GUESSES.items() for word in words}


@dataclass(frozen=True)
class Match:
    """One column of the person's sheet."""

    column: int
    """As Excel counts, from 1."""
    header: str
    name: str | None
    """The canonical name of the column that it is taken for; None: it is left alone."""
    how: How


@dataclass(frozen=True)
class Proposal:
    """What was found in one sheet, and how it will be understood."""

    sheet: str
    header_row: int
    """As Excel counts, from 1."""
    matches: tuple[Match, ...]
    words: Mapping[str, str]
    """What the Settings sheet has to say of them: canonical column → the person's header, or `-` for none."""

    @property
    def columns(self) -> dict[str, int]:
        """Canonical column → column of the sheet, from 1."""
        return {match.name: match.column for match in self.matches if match.name is not None}

    @property
    def missing(self) -> list[str]:
        """Required columns that the sheet doesn't have, canonical."""
        return missing_columns(self.columns)

    def refuse_same_headers(self) -> None:
        """Raise InventoryError where a column of ours would be named by a header that two columns have."""
        keys = [header_key(match.header) for match in self.matches]
        for name, header in self.words.items():
            if name in self.columns and keys.count(header_key(header)) > 1:
                letter, column = column_letter(self.columns[name]), BY_NAME[name].header
                raise InventoryError(tell("adopt-same-header", header=header, letter=letter, column=column))


def parse_choices(choices: Sequence[str]) -> dict[str | int, str | None]:
    """`Item name=title` → {"Item name": "title"}; nothing, or `-`, behind the sign leaves the column alone: None.

    Raises InventoryError for a word that is none of our columns.
    """
    chosen: dict[str | int, str | None] = {}
    for choice in choices:
        header, sign, ours = choice.rpartition("=")
        if not sign or not header.strip():
            raise InventoryError(tell("adopt-choice-form", choice=choice))
        ours = ours.strip()
        name = match_header(ours)
        if ours and ours != NO_COLUMN and name is None:
            known = ", ".join(column.header for column in BY_NAME.values() if not column.ours)
            raise InventoryError(tell("adopt-no-such-column", name=ours, known=known))
        chosen[header.strip()] = name
    return chosen


def propose(grid: Sequence[Sequence[object]], sheet: str, choices: Choices) -> Proposal | None:
    """How the sheet whose cells are `grid` (its first cell is A1) can be understood; None when it has no header row.

    A choice by number changes nothing of which row the headers are in. Raises InventoryError for a choice that fits no
    header of the row that was found, or two that mean the same column.
    """
    wanted = {header_key(header): name for header, name in choices.items() if isinstance(header, str)}
    at = _header_row(grid, wanted)
    if at is None:
        return None
    headers = [cell_text(cell) for cell in grid[at]]
    there = {header_key(header) for header in headers}
    for header in choices:
        if isinstance(header, str) and header_key(header) not in there:
            listed = ", ".join(f"'{one}'" for one in headers if one)
            raise InventoryError(tell("adopt-no-such-header", header=header, sheet=sheet, headers=listed))
    said = {at: wanted[header_key(one)] for at, one in enumerate(headers) if one and header_key(one) in wanted}
    said |= {at: choices[at + 1] for at, one in enumerate(headers) if one and at + 1 in choices}
    matches = _matches(headers, said)
    return Proposal(sheet, at + 1, tuple(matches), _words(headers, matches))


def _header_row(grid: Sequence[Sequence[object]], wanted: Mapping[str, str | None]) -> int | None:
    """The row (0-based) with the most headers that mean something: at least two, and the first one of several."""
    best, best_count = None, 1
    for at, row in enumerate(grid[:HEADER_SEARCH_ROWS]):
        names = {_any_name(cell, wanted) for cell in row if isinstance(cell, str)} - {None}
        # one lucky word in a list of values is no header; our own names weigh more than guesses
        count = 2 * len({match_header(cell) for cell in row if isinstance(cell, str)} - {None}) + len(names)
        if len(names) >= 2 and count > best_count:
            best, best_count = at, count
    return best


def _any_name(header: object, wanted: Mapping[str, str | None]) -> str | None:
    key = header_key(header)
    return wanted.get(key) or match_header(header) or _BY_GUESS.get(_plain(key))


def _plain(key: str) -> str:
    """A key without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFD", key) if not unicodedata.combining(sign))


def _matches(headers: Sequence[str], said: Mapping[int, str | None]) -> list[Match]:
    """`said`: what the person says of the columns, by their place from 0."""
    known = column_names(headers)
    taken: dict[str, int] = {}
    for at, name in said.items():
        if name is None:
            continue
        if name in taken:
            raise InventoryError(
                tell("adopt-chosen-twice", one=headers[taken[name]], other=headers[at], column=BY_NAME[name].header)
            )
        taken[name] = at
    # the sheet's own word for the column before an alias, and the left one before the right one
    for at in sorted(range(len(headers)), key=lambda at: (not _is_own_name(headers[at], known[at]), at)):
        name = known[at]
        if name is not None and at not in said:
            taken.setdefault(name, at)
    for at, header in enumerate(headers):
        name = _BY_GUESS.get(_plain(header_key(header)))
        if name is not None and known[at] is None and at not in said:
            taken.setdefault(name, at)
    by_place = {at: name for name, at in taken.items()}
    return [
        Match(at + 1, header, by_place.get(at), _how(header, known[at], by_place.get(at), at in said))
        for at, header in enumerate(headers)
        if header
    ]


def _is_own_name(header: str, name: str | None) -> bool:
    return name is not None and header_key(header) in {header_key(name), header_key(BY_NAME[name].header)}


def _how(header: str, known: str | None, name: str | None, is_said: bool) -> How:
    if name is None:
        if known is not None and not is_said:
            return "double"
        return "left" if column_named(header) is None else "field"
    if is_said:
        return "chosen"
    if known is None:
        return "guess"
    return "name" if _is_own_name(header, name) else "alias"


def _words(headers: Sequence[str], matches: Sequence[Match]) -> dict[str, str]:
    """What the aliases alone would not understand in the same way."""
    known = column_names(headers)
    by_alias: dict[str, list[int]] = {}
    for at, name in enumerate(known):
        if name is not None:
            by_alias.setdefault(name, []).append(at + 1)
    ours = {match.name: match for match in matches if match.name is not None}
    words: dict[str, str] = {}
    for name in BY_NAME:
        there = [ours[name].column] if name in ours else []
        if by_alias.get(name, []) != there:
            words[name] = ours[name].header if name in ours else NO_COLUMN
    return words


def status_columns(columns: Mapping[str, int]) -> list[str]:
    """The columns that xlkijiji fills in and that the sheet doesn't have yet, in their order."""
    ours = [STATUS, *(column.name for column in BY_NAME.values() if column.ours)]
    return [name for name in ours if name not in columns]
