"""One row as the ad that it is to become: every value in the form in which the site's form takes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlkijiji.errors import InventoryError, RecordError
from xlkijiji.inventory import (
    BY_NAME,
    Record,
    cell_number,
    cell_text,
    column_names,
    match_header,
    price_type_code,
)
from xlkijiji.kijiji.attributes import Wish, wishes
from xlkijiji.kijiji.categories import Category, CategoryError, resolve_category
from xlkijiji.kijiji.description import one_line, whole_description
from xlkijiji.kijiji.phone import split_phone
from xlkijiji.kijiji.pictures import photo_files
from xlkijiji.kijiji.places import PlaceError, place_to_type
from xlkijiji.kijiji.values import ad_type_of, tags_of
from xlkijiji.messages import tell
from xlkijiji.records import as_record

__all__ = ["Defaults", "Listing", "make_listing", "to_record"]


@dataclass(frozen=True)
class Defaults:
    """What stands for a blank cell, and where pictures lie."""

    category: str = ""
    location: str = ""
    for_sale_by: str = "Owner"
    footer: str = ""
    """Put at the end of every description, `{column}` filled in."""
    images_dir: Path | None = None


@dataclass(frozen=True)
class Listing:
    """An ad to be posted."""

    record: Record
    title: str
    description: str
    price: str
    """Dollars, such as '24500' or '1299.95'; empty where the price type has none."""
    price_type: str
    """FIXED, GIVE_AWAY, CONTACT or SWAP_TRADE."""
    category: Category | None
    """None: the site is to suggest one."""
    footer: str
    wishes: tuple[Wish, ...]
    tags: tuple[str, ...]
    location: str
    """What is typed into the form; a suggestion for it is clicked. Blank: where the account's ads usually are."""
    phone: str
    ad_type: str
    """OFFER, WANTED, or empty for what the form has by itself."""
    photos: tuple[Path | str, ...]
    """Files, and addresses on the web."""
    images_dir: Path | None
    """Nothing outside of it is uploaded; None: the paths are the caller's own."""

    def described_without(self, missing: Collection[str]) -> Listing:
        """The same ad with the description for a form that has no field for these columns, and has all others."""
        text = whole_description(self.record, self.category, self.wishes, self.footer, missing)
        return replace(self, description=text)

    def label(self, column: str) -> str:
        """The header by which the person knows a column."""
        return self.record.label(column)


def to_record(values: Mapping[str, Any], images_dir: Path | None) -> Record:
    """Any mapping of columns to values as a Record. Raises RecordError when two columns mean the same."""
    if isinstance(values, Record):
        return values
    # a Record that was copied into a dict has a column by its name and by the sheet's own header
    names = column_names(list(values))
    sku = cell_text(values.get("sku"))
    kept = {
        key: value
        for (key, value), name in zip(values.items(), names, strict=True)
        if name == key
        or (name is None and not (match_header(key) == "sku" and cell_text(value) == sku))
        or (name is not None and name not in values)
    }
    try:
        return as_record(kept, images_dir)
    except InventoryError as error:
        raise RecordError(str(error)) from error


def make_listing(record: Record, defaults: Defaults) -> Listing:
    """The ad of a row that `check_record` found nothing wrong with. Raises RecordError for one that it would."""
    try:
        text = cell_text(record.get("category")) or defaults.category.strip()
        category = resolve_category(text) if text else None
        location = place_to_type(cell_text(record.get("location")) or defaults.location)
    except CategoryError as error:
        raise RecordError(tell("category-said", column=BY_NAME["category"].header, error=error)) from error
    except PlaceError as error:
        raise RecordError(tell("location-said", column=BY_NAME["location"].header, error=error)) from error
    price_type = price_type_code(record.get("price_type")) or "FIXED"
    found = tuple(wishes(record, category, defaults.for_sale_by))
    folder = defaults.images_dir or record.images_dir
    return Listing(
        record=record,
        title=one_line(record.get("title")),
        description=whole_description(record, category, found, defaults.footer),
        price=price_text(record.get("price")) if price_type == "FIXED" else "",
        price_type=price_type,
        category=category,
        footer=defaults.footer,
        wishes=found,
        tags=tuple(tags_of(record)),
        location=location,
        phone=split_phone(cell_text(record.get("phone")))[0],
        ad_type=ad_type_of(record)[2] or "",
        photos=tuple(photo_files(record, folder)),
        images_dir=folder,
    )


def price_text(value: object) -> str:
    """Dollars as one types them: no cents where there are none."""
    number = cell_number(value)
    if number is None:
        return ""
    amount = Decimal(str(number)).quantize(Decimal("0.01"))
    return str(amount.to_integral_value()) if amount == amount.to_integral_value() else str(amount)
