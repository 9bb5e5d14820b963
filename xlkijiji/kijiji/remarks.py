"""What a person should know of a row before it is posted, and what doesn't keep it from being posted."""

from __future__ import annotations

from collections.abc import Iterator

from xlkijiji.inventory import Record, cell_text, is_blank, price_type_code, split_list
from xlkijiji.kijiji.attributes import Wish, wishes
from xlkijiji.kijiji.categories import Category, CategoryError, resolve_category
from xlkijiji.kijiji.checks import lacking
from xlkijiji.kijiji.description import leftovers, unfilled
from xlkijiji.kijiji.listing import Defaults
from xlkijiji.kijiji.places import unlikely_place
from xlkijiji.kijiji.values import tags_of
from xlkijiji.validators import Problem

__all__ = ["remarks_on"]

LONG_TAG = 30
"""Tags are words that people search for; how long one may be is not known."""


def remarks_on(record: Record, defaults: Defaults) -> list[Problem]:
    """What the site would take otherwise than the row may mean it; empty when there's nothing to say."""
    category = _category(record, defaults)
    found = wishes(record, category, defaults.for_sale_by)
    return [
        *_perhaps_needed(record, category, found),
        *_without_a_field(record, category, found),
        *_price(record, category),
        *_location(record, defaults),
        *_tags(record),
        *_placeholders(record, defaults),
    ]


def _label(record: Record, column: str) -> str:
    return record.headers.get(column) or column.replace("_", " ").capitalize()


def _category(record: Record, defaults: Defaults) -> Category | None:
    text = cell_text(record.get("category")) or defaults.category.strip()
    try:
        return resolve_category(text) if text else None
    except CategoryError:  # told by the check
        return None


def _perhaps_needed(record: Record, category: Category | None, found: list[Wish]) -> Iterator[Problem]:
    if category is None:
        return
    for column, label, what in lacking(record, category, found):
        if column.unsure:
            advice = f"{what} if you can: the site's form may refuse ads in {category.name} without it."
            yield Problem(label, "", "is blank", advice)


def _without_a_field(record: Record, category: Category | None, found: list[Wish]) -> Iterator[Problem]:
    where = category.name if category is not None else "the site's forms"
    for left in leftovers(record, category, found):
        end = "The description says it already." if left.told else "It is put at the end of the description."
        if left.instead:
            advice = f"'{left.instead}' is chosen. {end}"
            yield Problem(left.header, left.text, "is none of the choices that are known", advice)
        elif left.header == _label(record, "phone"):
            yield Problem(left.header, left.text, "has an extension, for which the form has no field", end)
        else:
            yield Problem(left.header, left.text, f"has no field in {where}", end)


def _price(record: Record, category: Category | None) -> Iterator[Problem]:
    cell = record.raw.get("price", record.get("price"))
    if is_blank(cell):
        return
    if category is not None and not category.has_price:
        yield Problem(_label(record, "price"), cell, f"isn't shown: ads in {category.name} have no price", "")
    elif (code := price_type_code(record.get("price_type"))) not in {"FIXED", None}:
        kind = cell_text(record.get("price_type"))
        advice = f"Leave it blank, or choose the price type Fixed instead of {kind}."
        yield Problem(_label(record, "price"), cell, f"isn't shown with the price type {code}", advice)


def _location(record: Record, defaults: Defaults) -> Iterator[Problem]:
    text = cell_text(record.get("location")) or defaults.location
    if near := unlikely_place(text):
        yield Problem(_label(record, "location"), text, "is not in our list of places", f"Did you mean {near}?")


def _tags(record: Record) -> Iterator[Problem]:
    tags = tags_of(record)
    typed = split_list(record.get("tags"), ",;|\n")
    if len(typed) > len(tags):
        yield Problem(_label(record, "tags"), ", ".join(typed), "has a tag twice", "It is added once.")
    for tag in tags:
        if len(tag) > LONG_TAG:
            advice = "Tags are words that people search for: separate them by commas."
            yield Problem(_label(record, "tags"), tag, f"is a tag of {len(tag)} characters", advice)


def _placeholders(record: Record, defaults: Defaults) -> Iterator[Problem]:
    for place, name in unfilled(record, defaults.footer):
        label = _label(record, "description") if place == "description" else "Description footer on the Settings sheet"
        yield Problem(
            label, f"{{{name}}}", "names no column, so the ad shows it as it is", "Correct the column's name."
        )
