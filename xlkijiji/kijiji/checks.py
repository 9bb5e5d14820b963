"""The site's rules that can be checked before a browser starts. All problems of a row are told at once.

Rules: kijiji-site facts, sure A (title, description, price, photos, tags), tables of 2019 (attributes).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from xlkijiji.inventory import Record, cell_number, cell_text, header_key, is_blank, price_type_code, split_list
from xlkijiji.kijiji.attributes import Wish, all_attributes, column_for, knows_value, wishes
from xlkijiji.kijiji.categories import Category, CategoryError, resolve_category
from xlkijiji.kijiji.listing import Defaults, description_of, many_lines, one_line
from xlkijiji.kijiji.pictures import check_photos, photo_files
from xlkijiji.validators import Problem

__all__ = ["check_listing"]

TITLE = (8, 64)
DESCRIPTION = (10, 10_000)
MOST_TAGS = 5
MOST_PRICE = 99_999_999.99
PRICE_TYPES = ("Fixed", "Free", "Please contact", "Swap / Trade")


def check_listing(record: Record, defaults: Defaults) -> list[Problem]:
    """Everything that the site would refuse about a row, as far as it's known; empty when nothing is."""
    category, problems = _category(record, defaults)
    problems += _length(record, "title", one_line(record.get("title")), TITLE)
    problems += _length(record, "description", many_lines(description_of(record)), DESCRIPTION)
    problems += _price(record, category)
    problems += check_photos(photo_files(record, defaults.images_dir), _label(record, "photos"))
    problems += _tags(record)
    problems += _phone(record)
    found = wishes(record, category, defaults.for_sale_by)
    for wish in found:
        problems += _attribute(wish, category)
    if category is not None:
        problems += _missing(record, category, found)
    return problems


def _label(record: Record, column: str) -> str:
    return record.headers.get(column) or column.replace("_", " ").capitalize()


def _category(record: Record, defaults: Defaults) -> tuple[Category | None, list[Problem]]:
    own = cell_text(record.get("category"))
    text = own or defaults.category.strip()
    if not text:
        return None, []
    try:
        return resolve_category(text), []
    except CategoryError as error:
        label = _label(record, "category") if own else "Category on the Settings sheet"
        return None, [Problem(label, text, error.rule, error.advice)]


def _length(record: Record, column: str, text: str, limits: tuple[int, int]) -> list[Problem]:
    least, most = limits
    label = _label(record, column)
    # browsers count what lies beyond the BMP, such as most emoji, as two
    length = len(text.encode("utf-16-le")) // 2
    if not text:
        return [Problem(label, "", "is blank", f"Type {least} to {most:,} characters.")]
    if len(text) < least:
        return [Problem(label, text, f"has {len(text)} characters", f"The site wants at least {least}: say more.")]
    if length > most:
        return [Problem(label, text, f"has {length:,} characters", f"The site takes {most:,}: shorten it.")]
    return []


def _price(record: Record, category: Category | None) -> list[Problem]:
    code = price_type_code(record.get("price_type"))
    if code is None:
        advice = f"Choose one of: {', '.join(PRICE_TYPES)}."
        return [Problem(_label(record, "price_type"), record.get("price_type"), "is no price type", advice)]
    if code != "FIXED" or (category is not None and not category.has_price):
        return []
    cell = record.raw.get("price", record.get("price"))
    number = cell_number(cell)
    label = _label(record, "price")
    if is_blank(cell):
        return [Problem(label, "", "is blank", "Type the amount, or choose another price type.")]
    if number is None:
        return [Problem(label, cell, "is not a number", "Type the amount alone, such as 24500 or 1299.95.")]
    if number < 0.005:
        return [Problem(label, cell, "is not more than 0", "For a free item choose the price type Free.")]
    if number > MOST_PRICE:
        return [Problem(label, cell, "is more than the site takes", f"At most {MOST_PRICE:,.2f}.")]
    if abs(number * 100 - round(number * 100)) > 1e-4:
        return [Problem(label, cell, "has parts of a cent", "Round it to two decimals.")]
    return []


def _tags(record: Record) -> list[Problem]:
    tags = split_list(record.get("tags"), ",;|\n")
    if len(tags) <= MOST_TAGS:
        return []
    return [
        Problem(
            _label(record, "tags"), ", ".join(tags), f"are {len(tags)} tags", f"The site takes {MOST_TAGS} at most."
        )
    ]


def _phone(record: Record) -> list[Problem]:
    text = cell_text(record.get("phone"))
    digits = re.sub(r"\D", "", text)
    if not text or (10 <= len(digits) <= 15 and not re.search(r"[^\d\s().+\-/x#]", text, re.IGNORECASE)):
        return []
    return [Problem(_label(record, "phone"), text, "is no phone number", "Type 10 digits, such as 416-555-0123.")]


def _attribute(wish: Wish, category: Category | None) -> Iterator[Problem]:
    if wish.column.number and not re.fullmatch(r"\d{1,9}", wish.typed):
        yield Problem(wish.header, wish.text, "is not a whole number", "Type digits alone, such as 2016.")
    if wish.column.header == "Year" and re.fullmatch(r"\d+", wish.typed) and not 1886 <= int(wish.typed) <= 2100:
        yield Problem(wish.header, wish.text, "is not a model year", "Type four digits, such as 2016.")
    judged = wish.column.closed or (wish.column.header == "Condition" and _has_degrees(category))
    if not judged or not wish.attributes or (category and wish.attributes[0] not in _fields(category)):
        return
    code = wish.attributes[0]
    if not knows_value(code, wish.text):
        labels = list(all_attributes()[code].values.values())
        near = difflib.get_close_matches(wish.text, labels, n=1)
        advice = f"Did you mean '{near[0]}'? " if near else ""
        yield Problem(wish.header, wish.text, "is none of the site's choices", f"{advice}Choose: {', '.join(labels)}.")


def _has_degrees(category: Category | None) -> bool:
    """Condition is new or used in three degrees, except for cars, which have a list of their own."""
    return category is None or "vehicletype_s" not in category.attributes


def _fields(category: Category) -> set[str]:
    return {*category.attributes, "condition_s"}


def _missing(record: Record, category: Category, found: list[Wish]) -> Iterator[Problem]:
    filled = {code for wish in found for code in wish.attributes}
    for code in category.required:
        column = column_for(code)
        if code in filled or column.unasked:
            continue
        known = next((name for name in ("year", "kilometers", "condition", "for_sale_by") if code in _codes(name)), "")
        label = _label(record, known) if known else column.header
        here = any(header_key(name) in {header_key(label), header_key(known)} for name in record)
        what = "Fill it in" if here else f"Add a column '{label}' and fill it in"
        yield Problem(label, "", "is blank", f"{what}: ads in {category.name} need it.")


def _codes(name: str) -> tuple[str, ...]:
    return {
        "year": ("caryear_i",),
        "kilometers": ("carmileageinkms_i",),
        "condition": ("condition_s",),
        "for_sale_by": ("forsaleby_s",),
    }[name]
