"""The site's rules that can be checked before a browser starts. All problems of a row are told at once.

Rules: kijiji-site facts, sure A (title, description, price, photos, tags), tables of 2019 (attributes).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xlkijiji.inventory import Record, cell_number, cell_text, header_key, is_blank, price_type_code
from xlkijiji.kijiji.attributes import Wish, column_for, wishes
from xlkijiji.kijiji.categories import Category, CategoryError, resolve_category
from xlkijiji.kijiji.description import (
    DESCRIPTION,
    description_of,
    many_lines,
    one_line,
    text_length,
    whole_description,
)
from xlkijiji.kijiji.listing import Defaults
from xlkijiji.kijiji.phone import is_phone
from xlkijiji.kijiji.pictures import check_photos, photo_files
from xlkijiji.kijiji.places import PlaceError, place_to_type
from xlkijiji.kijiji.values import ad_type_of, check_value, tags_of
from xlkijiji.validators import Problem

__all__ = ["check_listing"]

TITLE = (8, 64)
MOST_TAGS = 5
MOST_PRICE = 99_999_999.99
PRICE_TYPES = ("Fixed", "Free", "Please contact", "Swap / Trade")


def check_listing(record: Record, defaults: Defaults) -> list[Problem]:
    """Everything that the site would refuse about a row, as far as it's known; empty when nothing is."""
    category, problems = _category(record, defaults)
    problems += _length(record, "title", one_line(record.get("title")), TITLE)
    found = wishes(record, category, defaults.for_sale_by)
    problems += _description(record, whole_description(record, category, found, defaults.footer))
    problems += _price(record, category)
    folder = defaults.images_dir or record.images_dir
    problems += check_photos(photo_files(record, folder), _label(record, "photos"), folder)
    problems += _tags(record)
    problems += _location(record, defaults)
    problems += _phone(record)
    problems += _ad_type(record)
    for wish in found:
        problems += check_value(wish, category)
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
    length = text_length(text)
    if not text:
        return [Problem(label, "", "is blank", f"Type {least} to {most:,} characters.")]
    if len(text) < least:
        return [Problem(label, text, f"has {len(text)} characters", f"The site wants at least {least}: say more.")]
    if length > most:
        return [Problem(label, text, f"has {length:,} characters", f"The site takes {most:,}: shorten it.")]
    return []


def _description(record: Record, whole: str) -> list[Problem]:
    """The person's own text must be there; its length is that of the whole, with what is added to it."""
    own = many_lines(description_of(record))
    problems = _length(record, "description", whole if own else "", DESCRIPTION)
    added = len(whole) - len(own)
    if problems and added and len(whole) > DESCRIPTION[1]:
        advice = f"The site takes {DESCRIPTION[1]:,}, and {added:,} are added to it: shorten it."
        return [replace(problems[0], advice=advice)]
    return problems


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
    tags = tags_of(record)
    if len(tags) <= MOST_TAGS:
        return []
    return [
        Problem(
            _label(record, "tags"), ", ".join(tags), f"are {len(tags)} tags", f"The site takes {MOST_TAGS} at most."
        )
    ]


def _location(record: Record, defaults: Defaults) -> list[Problem]:
    own = cell_text(record.get("location"))
    try:
        place_to_type(own or defaults.location)
    except PlaceError as error:
        label = _label(record, "location") if own else "Location on the Settings sheet"
        return [Problem(label, own or defaults.location, error.rule, error.advice)]
    return []


def _phone(record: Record) -> list[Problem]:
    text = cell_text(record.get("phone"))
    if not text or is_phone(text):
        return []
    advice = "Type 10 digits, such as 416-555-0123 or 416-555-0123 ext. 12."
    return [Problem(_label(record, "phone"), text, "is no phone number", advice)]


def _ad_type(record: Record) -> list[Problem]:
    header, text, code = ad_type_of(record)
    return [] if code is not None else [Problem(header, text, "is no type of ad", "Type Offering or Wanted.")]


def _missing(record: Record, category: Category, found: list[Wish]) -> Iterator[Problem]:
    filled = {code for wish in found for code in wish.attributes}
    for code in category.required:
        column = column_for(code)
        if code in filled:
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
