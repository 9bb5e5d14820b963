"""The site's rules that can be checked before a browser starts. All problems of a row are told at once.

Rules: `rules.py` for single values; kijiji-site facts, sure A (photos), tables of 2019 (attributes).
"""

from __future__ import annotations

from collections.abc import Iterator

from xlkijiji.inventory import Record, cell_text, header_key
from xlkijiji.kijiji.attributes import AttributeColumn, Wish, column_for, wishes
from xlkijiji.kijiji.categories import Category, CategoryError, resolve_category
from xlkijiji.kijiji.description import description_of, many_lines, one_line, whole_description
from xlkijiji.kijiji.listing import Defaults
from xlkijiji.kijiji.pictures import check_photos, photo_files
from xlkijiji.kijiji.places import PlaceError, place_to_type
from xlkijiji.kijiji.rules import AdRules
from xlkijiji.kijiji.values import ad_type_of, check_value, tags_of
from xlkijiji.messages import tell
from xlkijiji.validators import Problem, broken_rules

__all__ = ["check_listing", "lacking"]


def check_listing(record: Record, defaults: Defaults) -> list[Problem]:
    """Everything that the site would refuse about a row, as far as it's known; empty when nothing is."""
    category, problems = _category(record, defaults)
    found = wishes(record, category, defaults.for_sale_by)
    problems += _plain_values(record, category, whole_description(record, category, found, defaults.footer))
    folder = defaults.images_dir or record.images_dir
    problems += check_photos(photo_files(record, folder), record.label("photos"), folder)
    problems += _location(record, defaults)
    problems += _ad_type(record)
    for wish in found:
        problems += check_value(wish, category)
    if category is not None:
        problems += _missing(record, category, found)
    return problems


def _category(record: Record, defaults: Defaults) -> tuple[Category | None, list[Problem]]:
    own = cell_text(record.get("category"))
    text = own or defaults.category.strip()
    if not text:
        return None, []
    try:
        return resolve_category(text), []
    except CategoryError as error:
        label = record.label("category") if own else tell("category-of-settings")
        return None, [Problem(label, text, error.rule, error.advice)]


def _plain_values(record: Record, category: Category | None, whole: str) -> list[Problem]:
    """The person's own text must be there; the description's length is that of the whole, with what is added to it."""
    own = many_lines(description_of(record))
    values = {
        "title": one_line(record.get("title")),
        "added": max(0, len(whole) - len(own)),
        "description": whole if own else "",
        "price_type": record.get("price_type"),
        "takes_price": category is None or category.has_price,
        "price": record.raw.get("price", record.get("price")),
        "tags": tags_of(record),
        "phone": cell_text(record.get("phone")),
    }
    return broken_rules(AdRules, values, record.label)


def _location(record: Record, defaults: Defaults) -> list[Problem]:
    own = cell_text(record.get("location"))
    try:
        place_to_type(own or defaults.location)
    except PlaceError as error:
        label = record.label("location") if own else tell("location-of-settings")
        return [Problem(label, own or defaults.location, error.rule, error.advice)]
    return []


def _ad_type(record: Record) -> list[Problem]:
    header, text, code = ad_type_of(record)
    return [] if code is not None else [Problem(header, text, tell("is-no-ad-type"), tell("type-offering-or-wanted"))]


def _missing(record: Record, category: Category, found: list[Wish]) -> Iterator[Problem]:
    for column, label, what in lacking(record, category, found):
        if not column.unsure:
            yield Problem(label, "", tell("is-blank"), tell("category-needs-it", what=what, category=category.name))


def lacking(record: Record, category: Category, found: list[Wish]) -> Iterator[tuple[AttributeColumn, str, str]]:
    """What the category asks for and the row has not: the column, its header, and what to do about it."""
    filled = {code for wish in found for code in wish.attributes}
    for code in category.required:
        column = column_for(code)
        if code in filled:
            continue
        known = next((name for name in ("year", "kilometers", "condition", "for_sale_by") if code in _codes(name)), "")
        label = record.label(known) if known else column.header
        here = any(header_key(name) in {header_key(label), header_key(known)} for name in record)
        what = tell("fill-it-in") if here else tell("add-a-column", label=label)
        yield column, label, what


def _codes(name: str) -> tuple[str, ...]:
    return {
        "year": ("caryear_i",),
        "kilometers": ("carmileageinkms_i",),
        "condition": ("condition_s",),
        "for_sale_by": ("forsaleby_s",),
    }[name]
