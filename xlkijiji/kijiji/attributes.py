"""Attributes of ads (year, make, colour…): which column fills which, and which values they take.

Lists are of 2020 (kijiji-site facts): a form may know more, so only lists that are whole refuse a value beforehand.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from xlkijiji.inventory import (
    BY_NAME,
    Record,
    cell_number,
    cell_text,
    english_choice,
    header_key,
    match_header,
    split_list,
    spoken_choice,
)
from xlkijiji.kijiji.categories import Category, all_categories, fold, nearest
from xlkijiji.kijiji.video import youtube_address

__all__ = [
    "VIN",
    "Attribute",
    "AttributeColumn",
    "Wish",
    "all_attributes",
    "choices_of",
    "column_for",
    "column_named",
    "fields_of",
    "knows_value",
    "other_choice",
    "slip_for",
    "wishes",
    "words_for",
]

VIN = "VIN"
"""The header of the column for vehicle identification numbers."""
STOCK = "stock_s"
NEAR = 0.7
"""How alike a slip and what is meant are (difflib's ratio): `purplish` and Purple are just so."""

_EXTRA_VALUES: dict[str, dict[str, str]] = {
    # not in the table of attributes; codes: kijiji-site facts, sure A
    "condition_s": {
        "new": "New",
        "usedlikenew": "Used - Like new",
        "usedgood": "Used - Good",
        "usedfair": "Used - Fair",
    },
    "fulfillment_s": {
        "delivery": "Willing to drop-off / deliver",
        "shipping": "Willing to ship the item",
        "curbside": "Offer curbside pick up",
    },
    "payment_s": {"cashless": "Offer cashless payment", "cashaccepted": "Cash accepted"},
}
_SYNONYMS = {
    "forsaleby_s": {"dealer": "delr", "business": "delr", "owner": "ownr", "private": "ownr", "professional": "delr"},
    "cartransmission_s": {"auto": "2", "standard": "1"},
    "carfueltype_s": {"gas": "gas", "petrol": "gas", "hybrid": "hybrid"},
    "drivetrain_s": {"4wd": "4x4", "awd": "awd", "fwd": "fwd", "rwd": "rwd"},
    "carbodytype_s": {"pickup": "pickuptruck", "truck": "pickuptruck"},
    "fulfillment_s": {
        **dict.fromkeys(("deliver", "drop-off", "drop off"), "delivery"),
        **dict.fromkeys(("ship", "mail"), "shipping"),
        **dict.fromkeys(("pickup", "pick up", "pick-up", "curbside pickup", "curbside pick up"), "curbside"),
    },
    "payment_s": {
        **dict.fromkeys(("cash",), "cashaccepted"),
        **dict.fromkeys(("cashless payment", "card", "e-transfer", "etransfer", "interac"), "cashless"),
    },
}
"""Other words that people use for a value, in small letters."""
_EVERYWHERE_IN_BUY_AND_SELL = ("condition_s", "fulfillment_s", "payment_s")
"""Not in the table of 2019, but on the forms since (kijiji-site facts, sure A)."""


@dataclass(frozen=True)
class Attribute:
    """One attribute of the site."""

    code: str
    label: str
    control: str
    """select, radio or input in 2020."""
    values: Mapping[str, str]
    """Label of each code; empty where anything may be typed."""


@dataclass(frozen=True)
class AttributeColumn:
    """A column of the sheet that fills an attribute."""

    header: str
    attributes: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    number: bool = False
    closed: bool = False
    multi: bool = False
    open: bool = False
    unsure: bool = False
    """Only the table of 2019 calls it required, and a seller can't always have it: the form decides."""
    field: str = ""
    """The form's field in selectors.toml, for what is no attribute; every form is taken to have it."""

    def __hash__(self) -> int:  # of one string: it's asked for many times with each row
        return hash(self.header)

    @property
    def in_sheet(self) -> str:
        """The name of the column of ours that this is, such as `condition`; '' for one that a person adds."""
        return match_header(self.header) or ""


@dataclass(frozen=True)
class Wish:
    """A cell that wants to become an attribute."""

    header: str
    """The column's header, as the person knows it."""
    column: AttributeColumn
    text: str
    attributes: tuple[str, ...] = field(default=())
    """Codes to look for on the form, those of the row's category first."""
    given: bool = True
    """The person typed it into this cell; not a default, nor the sku as a stock number."""

    @property
    def spoken(self) -> str:
        """The text as a person is told of it: a word of the sheet's own list in the language in use."""
        return spoken_choice(self.column.in_sheet, self.text)

    @property
    def words(self) -> list[str]:
        """What the form's choices may call the value: its code, its label, the cell's own word."""
        if self.column.multi:
            parts = split_list(self.text)
            return [words_for(code, part)[0] for part in parts for code in self.attributes[:1]]
        found = [word for code in self.attributes for word in words_for(code, self.text)]
        # last of all, so that a form that knows the word takes it
        other = [self.other] if self.other else []
        return list(dict.fromkeys(found + other)) or [self.text]

    @property
    def other(self) -> str:
        """The code of `Other`, for a word that the list of the first attribute lacks; empty where that can't be."""
        code = next(iter(self.attributes), "")
        if self.column.multi or self.column.open or knows_value(code, self.text):
            return ""
        return "" if not other_choice(code) or slip_for(code, self.text) else other_choice(code)

    @property
    def typed(self) -> str:
        """What is typed where the form has no choices."""
        if self.column.header == VIN:
            return re.sub(r"[\s-]", "", self.text).upper()
        if self.column.field == "video":
            return youtube_address(self.text) or self.text
        number = cell_number(_without_unit(self.text)) if self.column.number else None
        return str(int(number)) if number is not None else self.text


def _without_unit(text: str) -> str:
    return text.casefold().removesuffix("kms").removesuffix("km").removesuffix("cc").strip()


@cache
def all_attributes() -> dict[str, Attribute]:
    """All attributes by code."""
    found: dict[str, tuple[str, str, dict[str, str]]] = {}
    text = resources.files(f"{__package__}.data").joinpath("attributes.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        values = found.setdefault(row["name"], (row["label"], row["control"], {}))[2]
        if row["value"]:
            values[row["value"]] = row["value_label"]
    attributes = {code: Attribute(code, label, control, values) for code, (label, control, values) in found.items()}
    for code, values in _EXTRA_VALUES.items():
        attributes[code] = Attribute(code, code, "select", values)
    return attributes


@cache
def _columns() -> dict[str, AttributeColumn]:
    """Columns by every name they go by, as `header_key` leaves it."""
    text = resources.files(f"{__package__}.data").joinpath("columns.toml").read_text(encoding="utf-8")
    columns: dict[str, AttributeColumn] = {}
    for name, entry in tomllib.loads(text).items():
        column = _column(entry)
        for known in (name, column.header, *column.aliases):
            columns[header_key(known)] = column
    for attribute in all_attributes().values():
        alone = AttributeColumn(attribute.label, (attribute.code,), number=attribute.code.endswith("_i"))
        columns.setdefault(header_key(attribute.code), alone)
        if attribute.code not in _EXTRA_VALUES:
            columns.setdefault(header_key(attribute.label), alone)
    return columns


def _column(entry: dict[str, Any]) -> AttributeColumn:
    flags = {name: bool(entry.get(name)) for name in ("number", "closed", "multi", "open", "unsure")}
    attributes, aliases, name = tuple(entry["attributes"]), tuple(entry.get("aliases", ())), str(entry.get("field", ""))
    return AttributeColumn(entry["header"], attributes, aliases, field=name, **flags)


@lru_cache(maxsize=1024)  # the same few headers with every row
def column_named(header: str) -> AttributeColumn | None:
    """The column that a header of the sheet means; None for one that fills no attribute."""
    return _columns().get(header_key(header))


@cache
def column_for(attribute: str) -> AttributeColumn:
    """The column that a person would add to the sheet for an attribute."""
    named = next((column for column in _columns().values() if attribute in column.attributes), None)
    return named or AttributeColumn(attribute, (attribute,))


@cache
def fields_of(category: Category | None) -> frozenset[str] | None:
    """The attributes that the category's form has; None where that isn't known."""
    if category is None or category.id not in all_categories():
        return None
    more = _EVERYWHERE_IN_BUY_AND_SELL if category.path[0] == "Buy & Sell" and category.has_price else ()
    return frozenset((*category.attributes, *more))


@lru_cache(maxsize=4096)
def words_for(attribute: str, text: str) -> tuple[str, ...]:
    """Code, label and the person's own word for a value of `attribute`; only the word where the list has no such."""
    known = all_attributes().get(attribute)
    wanted = fold(text)
    code = _SYNONYMS.get(attribute, {}).get(text.strip().casefold())
    if attribute == "vehicletype_s" and wanted.startswith("used"):
        code = "used"  # cars are new or used, where other goods are used in degrees
    if attribute in {"noofdoors_s", "noofseats_s"} and (found := re.match(r"\s*(\d+)\s*[a-z-]", text.casefold())):
        wanted = found[1]  # `4 doors`, `4dr`
    values = known.values if known else {}
    for value, label in values.items():
        if value == code or (code is None and wanted in {fold(value), fold(label)}):
            return tuple(dict.fromkeys([value, label, text]))
    # `SUV` is `SUV, Crossover`, and `AWD` is `All-wheel drive (AWD)`
    parts = [value for value, label in values.items() if wanted in map(fold, re.split(r"[,()/]", label))]
    if wanted and len(parts) == 1:
        return tuple(dict.fromkeys([parts[0], values[parts[0]], text]))
    return (text,)


def knows_value(attribute: str, text: str) -> bool:
    """Is `text` a code or label of a value of `attribute`, as far as its list tells?"""
    known = all_attributes().get(attribute)
    return known is None or not known.values or words_for(attribute, text)[0] in known.values


@lru_cache(maxsize=4096)
def slip_for(attribute: str, text: str) -> str:
    """The label that `text` may be a slip for; empty when none is near. Numbers that resemble each other are none."""
    labels = {fold(label): label for label in all_attributes()[attribute].values.values()}
    near = () if any(sign.isdigit() for sign in text) else nearest(fold(text), tuple(labels), 1, NEAR)
    return labels[near[0]] if near else ""


def choices_of(column: AttributeColumn, attribute: str) -> list[str]:
    """What a person may write for `attribute`, as words: those of the sheet's own list, in the language in use, first.

    The site's other labels are English, and listed only where no word of the sheet's list means the same.
    """
    values = all_attributes()[attribute].values
    own = BY_NAME[column.in_sheet] if column.in_sheet else None
    words: dict[str, str] = {}
    for word in own.choices if own is not None else ():
        code = words_for(attribute, english_choice(column.in_sheet, word))[0]
        if code in values:
            words[word] = code
    meant = set(words.values())
    return list(dict.fromkeys([*words, *(label for value, label in values.items() if value not in meant)]))


@cache
def other_choice(attribute: str) -> str:
    """The code of the choice `Other` in the list of `attribute`; empty where there's none."""
    known = all_attributes().get(attribute)
    values = known.values if known else {}
    return next((value for value, label in values.items() if fold(label).startswith("other")), "")


def wishes(record: Record, category: Category | None, for_sale_by: str) -> list[Wish]:
    """The attributes that a row fills, in the sheet's order; `for_sale_by` is for rows that have none."""
    cells: dict[str, object] = dict(record)
    by_default = bool(for_sale_by) and not cell_text(cells.get("for_sale_by"))
    if by_default:
        cells["for_sale_by"] = for_sale_by
    found: dict[AttributeColumn, Wish] = {}
    for header, value in cells.items():
        column = column_named(header)
        if column is None or column in found or header == record.headers.get("sku"):
            continue
        text = _cell(value)
        if not text:
            continue
        codes = _in_order(column, category)
        given = not (by_default and header == "for_sale_by")
        found[column] = Wish(record.headers.get(header, column.header), column, text, codes, given)
    fields = fields_of(category)
    if record.record_id and (fields is None or STOCK in fields):
        column = column_for(STOCK)
        found.setdefault(column, Wish(column.header, column, record.record_id, (STOCK,), given=False))
    return list(found.values())


@lru_cache(maxsize=4096)
def _in_order(column: AttributeColumn, category: Category | None) -> tuple[str, ...]:
    """The column's attributes, those of the category first, in its order."""
    order = category.attributes if category else ()
    return tuple(sorted(column.attributes, key=lambda code: order.index(code) if code in order else len(order)))


def _cell(value: object) -> str:
    return "; ".join(map(cell_text, value)) if isinstance(value, (list, tuple)) else cell_text(value)
