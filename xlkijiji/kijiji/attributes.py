"""Attributes of ads (year, make, colour…): which column fills which, and which values they take.

Lists are of 2020 (kijiji-site facts): a form may know more, so only lists that are whole refuse a value beforehand.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from xlkijiji.inventory import Record, cell_number, cell_text, header_key, split_list
from xlkijiji.kijiji.categories import Category, fold

__all__ = ["Attribute", "AttributeColumn", "Wish", "all_attributes", "column_for", "wishes", "words_for"]

_EXTRA_VALUES: dict[str, dict[str, str]] = {
    # not in the table of attributes; codes: kijiji-site facts, sure A
    "condition_s": {
        "new": "New",
        "usedlikenew": "Used - Like new",
        "usedgood": "Used - Good",
        "usedfair": "Used - Fair",
    },
    "fulfillment_s": {"delivery": "Delivery", "shipping": "Shipping", "curbside": "Curbside"},
    "payment_s": {"cashless": "Cashless payment", "cashaccepted": "Cash accepted"},
}
_SYNONYMS = {
    "forsaleby_s": {"dealer": "delr", "business": "delr", "owner": "ownr", "private": "ownr", "professional": "delr"},
    "cartransmission_s": {"auto": "2", "standard": "1"},
    "carfueltype_s": {"gas": "gas", "petrol": "gas", "hybrid": "hybrid"},
    "drivetrain_s": {"4wd": "4x4", "awd": "awd", "fwd": "fwd", "rwd": "rwd"},
}


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
    unasked: bool = False


@dataclass(frozen=True)
class Wish:
    """A cell that wants to become an attribute."""

    header: str
    """The column's header, as the person knows it."""
    column: AttributeColumn
    text: str
    attributes: tuple[str, ...] = field(default=())
    """Codes to look for on the form, those of the row's category first."""

    @property
    def words(self) -> list[str]:
        """What the form's choices may call the value: its code, its label, the cell's own word."""
        if self.column.multi:
            parts = split_list(self.text)
            return [words_for(code, part)[0] for part in parts for code in self.attributes[:1]]
        found = [word for code in self.attributes for word in words_for(code, self.text)]
        return list(dict.fromkeys(found)) or [self.text]

    @property
    def typed(self) -> str:
        """What is typed where the form has no choices."""
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
    flags = {name: bool(entry.get(name)) for name in ("number", "closed", "multi", "unasked")}
    return AttributeColumn(entry["header"], tuple(entry["attributes"]), tuple(entry.get("aliases", ())), **flags)


def column_for(attribute: str) -> AttributeColumn:
    """The column that a person would add to the sheet for an attribute."""
    named = next((column for column in _columns().values() if attribute in column.attributes), None)
    return named or AttributeColumn(attribute, (attribute,))


def words_for(attribute: str, text: str) -> list[str]:
    """Code, label and the person's own word for a value of `attribute`; only the word where the list has no such."""
    known = all_attributes().get(attribute)
    wanted = fold(text)
    code = _SYNONYMS.get(attribute, {}).get(text.strip().casefold())
    if attribute == "vehicletype_s" and wanted.startswith("used"):
        code = "used"  # cars are new or used, where other goods are used in degrees
    for value, label in known.values.items() if known else ():
        if value == code or (code is None and wanted in {fold(value), fold(label)}):
            return list(dict.fromkeys([value, label, text]))
    return [text]


def knows_value(attribute: str, text: str) -> bool:
    """Is `text` a code or label of a value of `attribute`, as far as its list tells?"""
    known = all_attributes().get(attribute)
    return known is None or not known.values or words_for(attribute, text)[0] in known.values


def wishes(record: Record, category: Category | None, for_sale_by: str) -> list[Wish]:
    """The attributes that a row fills, in the sheet's order; `for_sale_by` is for rows that have none."""
    order = category.attributes if category else ()
    cells = {header: text for header, value in record.items() if (text := _cell(value))}
    if not cells.get("for_sale_by") and for_sale_by:
        cells["for_sale_by"] = for_sale_by
    found: dict[AttributeColumn, Wish] = {}
    for header, text in cells.items():
        column = _columns().get(header_key(header))
        if column is None or column in found:
            continue
        codes = tuple(sorted(column.attributes, key=lambda code: order.index(code) if code in order else len(order)))
        found[column] = Wish(record.headers.get(header, column.header), column, text, codes)
    stock = _stock_number(record)
    if stock is not None:
        found.setdefault(stock.column, stock)
    return list(found.values())


def _cell(value: object) -> str:
    return "; ".join(map(cell_text, value)) if isinstance(value, (list, tuple)) else cell_text(value)


def _stock_number(record: Record) -> Wish | None:
    """The sku, where the sheet itself calls it a stock number: the site has a field for that."""
    header = record.headers.get("sku", "")
    if not header_key(header).startswith("stock") or not record.record_id:
        return None
    return Wish(header, _columns()[header_key("stock_s")], record.record_id, ("stock_s",))
