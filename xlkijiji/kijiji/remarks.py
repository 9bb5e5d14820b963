"""What a person should know of a row before it is posted, and what doesn't keep it from being posted."""

from __future__ import annotations

from collections.abc import Iterator

from xlkijiji.inventory import Record, cell_text, is_blank, price_type_code, price_type_word, split_list
from xlkijiji.kijiji.attributes import Wish, wishes
from xlkijiji.kijiji.categories import Category, CategoryError, resolve_category
from xlkijiji.kijiji.checks import lacking
from xlkijiji.kijiji.description import Leftover, leftovers, price_said, unfilled
from xlkijiji.kijiji.listing import Defaults
from xlkijiji.kijiji.places import unlikely_place
from xlkijiji.kijiji.values import tags_of
from xlkijiji.messages import tell
from xlkijiji.validators import Problem

__all__ = ["remark_on_leftover", "remarks_on"]

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
            advice = tell("fill-if-you-can", what=what, category=category.name)
            yield Problem(label, "", tell("is-blank"), advice)


def _without_a_field(record: Record, category: Category | None, found: list[Wish]) -> Iterator[Problem]:
    for left in leftovers(record, category, found):
        yield remark_on_leftover(left, record, category, tell("told-already") if left.told else tell("put-at-end"))


def remark_on_leftover(left: Leftover, record: Record, category: Category | None, end: str) -> Problem:
    """What is said of something for which the form of `category` has no field; `end`: where it is told instead."""
    if left.instead:
        advice = tell("is-chosen", instead=left.instead, end=end)
        return Problem(left.header, left.text, tell("no-known-choice"), advice)
    if left.header == record.label("phone"):
        return Problem(left.header, left.text, tell("has-extension"), end)
    where = category.name if category is not None else tell("forms-of-site")
    return Problem(left.header, left.text, tell("has-no-field", where=where), end)


def _price(record: Record, category: Category | None) -> Iterator[Problem]:
    """A price that neither the form nor the description takes."""
    cell = record.raw.get("price", record.get("price"))
    if is_blank(cell):
        return
    code = price_type_code(record.get("price_type"))
    if code not in {"FIXED", None}:
        kind = price_type_word(str(code))
        advice = tell("leave-price-blank", kind=kind)
        yield Problem(record.label("price"), cell, tell("price-not-shown-with", kind=kind), advice)
    elif category is not None and not category.has_price and not price_said(record, "FIXED"):
        yield Problem(record.label("price"), cell, tell("price-not-shown", category=category.name), "")


def _location(record: Record, defaults: Defaults) -> Iterator[Problem]:
    text = cell_text(record.get("location")) or defaults.location
    if near := unlikely_place(text):
        yield Problem(record.label("location"), text, tell("is-unlisted-place"), tell("did-you-mean-place", near=near))


def _tags(record: Record) -> Iterator[Problem]:
    tags = tags_of(record)
    typed = split_list(record.get("tags"), ",;|\n")
    if len(typed) > len(tags):
        yield Problem(record.label("tags"), ", ".join(typed), tell("has-tag-twice"), tell("added-once"))
    for tag in tags:
        if len(tag) > LONG_TAG:
            advice = tell("separate-tags")
            yield Problem(record.label("tags"), tag, tell("is-long-tag", length=len(tag)), advice)


def _placeholders(record: Record, defaults: Defaults) -> Iterator[Problem]:
    for place, name in unfilled(record, defaults.footer):
        label = record.label("description") if place == "description" else tell("footer-of-settings")
        yield Problem(label, f"{{{name}}}", tell("names-no-column"), tell("correct-column-name"))
