"""An ad's text: the description, what the site's form has no field for, and the footer from the settings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PureWindowsPath
from typing import Any

from xlkijiji.inventory import (
    Record,
    cell_number,
    cell_text,
    fill_placeholders,
    header_key,
    match_header,
    price_type_code,
    price_type_word,
)
from xlkijiji.kijiji.attributes import AttributeColumn, Wish, all_attributes, column_named, fields_of
from xlkijiji.kijiji.categories import Category, fold
from xlkijiji.kijiji.phone import split_phone
from xlkijiji.messages import figure, tell
from xlkijiji.photo_sources import split_photos

__all__ = [
    "DESCRIPTION",
    "Leftover",
    "description_of",
    "leftovers",
    "many_lines",
    "one_line",
    "price_said",
    "text_length",
    "unfilled",
    "whole_description",
]

DESCRIPTION = (10, 10_000)
"""Characters, least and most (kijiji-site facts, sure A)."""
_PLACEHOLDER = re.compile(r"\{([^{}\n]{1,60})\}")


@dataclass(frozen=True)
class Leftover:
    """What a row has and the form has no field for, so that the description tells it."""

    header: str
    text: str
    told: bool
    """The person's own text says it already."""
    instead: str = ""
    """The choice of the form's list that is taken in its stead."""
    name: str = ""
    """What a reader of the ad calls it, where the column's header is no word for that."""

    @property
    def line(self) -> str:
        """As it stands at the end of the description."""
        return f"{self.name or self.header}: {self.text}"


def description_of(record: Record) -> str:
    """The description with `{column}` replaced by what the row has there; of photos their file names, not the folders.

    A record that was made from a row has had this done once, and what it put in isn't to be looked through again.
    """
    text = cell_text(record.get("description"))
    made = "description" in record.raw or "{" not in text
    return text if made else fill_placeholders(text, _values(record))


def _values(record: Record) -> Mapping[str, Any]:
    names = [PureWindowsPath(str(name)).name for name in split_photos(record.get("photos"))]
    return {header: names if match_header(header) == "photos" else value for header, value in record.items()}


def leftovers(
    record: Record, category: Category | None, wishes: Sequence[Wish], missing: Collection[str] | None = None
) -> list[Leftover]:
    """What the category's form has no field for: a price first, then all else in the sheet's order.

    `missing` are the headers for which the open form has no field. None: as far as the tables tell; of a category that
    isn't known, or that the site is to suggest, that's only what no form has.
    """
    own = description_of(record)
    used: set[AttributeColumn] | None = None
    lines: set[str] = set()
    fields = fields_of(category)
    found = list(_price(record, category, own, missing))
    for wish in wishes:
        if not wish.given:
            continue
        if missing is None:
            here = fields is None or bool(wish.column.field) or any(code in fields for code in wish.attributes)
        else:
            here = wish.header not in missing
        instead = wish.other if here and wish.attributes and fields is not None else ""
        instead = all_attributes()[wish.attributes[0]].values[instead] if instead else ""
        if (wish.attributes or wish.column.field) and here and not instead:
            continue
        if used is None:  # most rows have nothing left over
            used, lines = _used(record), set(map(fold, own.splitlines()))
        left = Leftover(wish.header, wish.spoken, wish.column in used, instead)
        told = left.told or not lines.isdisjoint({fold(left.line), fold(f"{wish.header}{wish.text}")})
        found.append(replace(left, told=told))
    extension = split_phone(cell_text(record.get("phone")))[1]
    if extension:
        text = cell_text(record.get("phone"))
        found.append(Leftover(record.headers.get("phone", "Phone"), text, text in own))
    return found


def _price(record: Record, category: Category | None, own: str, missing: Collection[str] | None) -> Iterator[Leftover]:
    """The price, or the price type that stands for one, where the form takes neither; 0 says nothing."""
    code = price_type_code(record.get("price_type")) or "FIXED"
    column = "price" if code == "FIXED" else "price_type"
    header, name = record.label(column), record.label("price")
    here = category is None or category.has_price if missing is None else header not in missing
    text = "" if here else price_said(record, code)
    if not text:
        return
    left = Leftover(header, text, column in map(match_header, _placeholders(record)), name=name)
    yield replace(left, told=left.told or fold(left.line) in map(fold, own.splitlines()))


def price_said(record: Record, code: str) -> str:
    """The price as an ad's text has it: `$2,900`, or the word for a price type without an amount; '' for none."""
    if code != "FIXED":
        return price_type_word(code)
    amount = cell_number(record.raw.get("price", record.get("price")))
    if amount is None or amount <= 0:
        return ""
    return tell("amount-in-dollars", amount=figure(amount, 0 if round(amount, 2).is_integer() else 2))


def _placeholders(record: Record) -> list[str]:
    """What stands in braces in the person's own text."""
    return _PLACEHOLDER.findall(cell_text(record.raw.get("description", record.get("description"))))


def _used(record: Record) -> set[AttributeColumn]:
    """The columns whose values the person's own text has by their placeholders."""
    return {column for name in _placeholders(record) if (column := column_named(name)) is not None}


def whole_description(
    record: Record,
    category: Category | None,
    wishes: Sequence[Wish],
    footer: str,
    missing: Collection[str] | None = None,
) -> str:
    """What the ad says: the row's text, a line for each leftover that it doesn't tell, and the footer."""
    own = many_lines(description_of(record)).rstrip()
    lines = [" ".join(left.line.split()) for left in leftovers(record, category, wishes, missing) if not left.told]
    foot = many_lines(fill_placeholders(footer, _values(record)) if "{" in footer else footer).strip()
    # a description that has it by hand, or that was copied from an ad, needs no second one
    parts = [own, "\n".join(lines), "" if foot and own.endswith(foot) else foot]
    return "\n\n".join(part for part in parts if part)


def unfilled(record: Record, footer: str) -> Iterator[tuple[str, str]]:
    """Placeholders that name no column, as ('description' or 'footer', name)."""
    template = cell_text(record.raw.get("description", record.get("description")))
    keys = {header_key(name) for name in record} if "{" in template + footer else set()
    for place, text in (("description", template), ("footer", footer)):
        for name in _PLACEHOLDER.findall(text):
            known = match_header(name)
            if header_key(name) not in keys and (known is None or header_key(known) not in keys):
                yield place, name


def text_length(text: str) -> int:
    """Characters as browsers count them: what lies beyond the BMP, such as most emoji, is two."""
    return len(text.encode("utf-16-le")) // 2


def one_line(value: object) -> str:
    """A title as the site's form holds it."""
    return " ".join(_whole_signs(cell_text(value)).split())


def many_lines(text: str) -> str:
    """A description as a text area holds it: line ends are line feeds."""
    return _whole_signs(text).replace("\r\n", "\n").replace("\r", "\n")


def _whole_signs(text: str) -> str:
    """Without halves of signs beyond the BMP, which no browser takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
