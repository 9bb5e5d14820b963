"""One row as the ad that it is to become: every value in the form in which the site's form takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PureWindowsPath
from typing import Any

from xlkijiji.errors import InventoryError, RecordError
from xlkijiji.inventory import (
    Record,
    cell_number,
    cell_text,
    fill_placeholders,
    header_key,
    match_header,
    price_type_code,
    split_list,
)
from xlkijiji.kijiji.attributes import Wish, wishes
from xlkijiji.kijiji.categories import Category, CategoryError, resolve_category
from xlkijiji.kijiji.pictures import photo_files
from xlkijiji.records import as_record

__all__ = ["Defaults", "Listing", "make_listing", "to_record"]


@dataclass(frozen=True)
class Defaults:
    """What stands for a blank cell, and where pictures lie."""

    category: str = ""
    location: str = ""
    for_sale_by: str = "Owner"
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
    wishes: tuple[Wish, ...]
    tags: tuple[str, ...]
    location: str
    phone: str
    ad_type: str
    """OFFER, WANTED, or empty for what the form has by itself."""
    photos: tuple[Path, ...]

    def label(self, column: str) -> str:
        """The header by which the person knows a column."""
        return self.record.headers.get(column) or column.replace("_", " ").capitalize()


def to_record(values: Mapping[str, Any], images_dir: Path | None) -> Record:
    """Any mapping of columns to values as a Record. Raises RecordError when two columns mean the same."""
    if isinstance(values, Record):
        return values
    # a Record that was copied into a dict has a column by its name and by the sheet's own header
    kept = {
        key: value for key, value in values.items() if (name := match_header(key)) in (None, key) or name not in values
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
    except CategoryError as error:
        raise RecordError(f"Category: {error}") from error
    price_type = price_type_code(record.get("price_type")) or "FIXED"
    return Listing(
        record=record,
        title=one_line(record.get("title")),
        description=many_lines(description_of(record)),
        price=price_text(record.get("price")) if price_type == "FIXED" else "",
        price_type=price_type,
        category=category,
        wishes=tuple(wishes(record, category, defaults.for_sale_by)),
        tags=tuple(split_list(record.get("tags"), ",;|\n")),
        location=cell_text(record.get("location")) or defaults.location.strip(),
        phone=cell_text(record.get("phone")),
        ad_type=_ad_type(record),
        photos=tuple(photo_files(record, defaults.images_dir)),
    )


def description_of(record: Record) -> str:
    """The description with `{column}` replaced by what the row has there; of photos their file names, not the folders.

    A record that was made from a row has had this done once, and what it put in isn't to be looked through again.
    """
    text = cell_text(record.get("description"))
    if "description" in record.raw:
        return text
    names = [PureWindowsPath(str(name)).name for name in split_list(record.get("photos"))]
    return fill_placeholders(
        text, {header: names if match_header(header) == "photos" else value for header, value in record.items()}
    )


def one_line(value: object) -> str:
    """A title as the site's form holds it."""
    return " ".join(_whole_signs(cell_text(value)).split())


def many_lines(text: str) -> str:
    """A description as a text area holds it: line ends are line feeds."""
    return _whole_signs(text).replace("\r\n", "\n").replace("\r", "\n")


def _whole_signs(text: str) -> str:
    """Without halves of signs beyond the BMP, which no browser takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def price_text(value: object) -> str:
    """Dollars as one types them: no cents where there are none."""
    number = cell_number(value)
    if number is None:
        return ""
    amount = Decimal(str(number)).quantize(Decimal("0.01"))
    return str(amount.to_integral_value()) if amount == amount.to_integral_value() else str(amount)


def _ad_type(record: Record) -> str:
    cell = next((cell_text(value) for name, value in record.items() if header_key(name) == "adtype"), "")
    return {"wanted": "WANTED", "iwant": "WANTED", "offer": "OFFER", "offering": "OFFER"}.get(header_key(cell), "")
