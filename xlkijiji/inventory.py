"""Columns of an inventory and their aliases, and what the statuses mean; what a cell means is in `cell_values`.

Nothing here knows Excel, a file format or the site.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from xlkijiji.cell_values import cell_number, cell_text, is_blank, on_one_line, split_list
from xlkijiji.errors import InventoryError
from xlkijiji.messages import tell

__all__ = [
    "COLUMNS",
    "REQUIRED",
    "STATUS",
    "Column",
    "Record",
    "cell_number",
    "cell_text",
    "column_letter",
    "column_names",
    "error_status",
    "fill_placeholders",
    "header_key",
    "in_hand_status",
    "is_blank",
    "is_in_hand",
    "is_new",
    "is_unsure",
    "match_columns",
    "match_header",
    "posted_status",
    "price_type_code",
    "split_list",
]

Kind = Literal["text", "long", "number", "integer", "choice", "link", "time"]

STATUS = "posting_status"
POSTED = "Posted"
ERROR = "Error"
UNSURE = "Error: Unsure"
IN_HAND = "Posting…"


@dataclass(frozen=True)
class Column:
    """One column of the inventory: its name in a DataFrame, and how the workbook shows it."""

    name: str
    header: str
    note: str
    aliases: tuple[str, ...] = ()
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    required: bool = False
    ours: bool = False
    """Written by xlkijiji, never typed by the person."""
    width: float = 14.0
    """Characters, as Excel counts a column's width."""


# Rules quoted in the notes are the site's: title 8-64, description 10-10,000, 5 tags, 10 photos (docs/site.md: A).
COLUMNS: tuple[Column, ...] = (
    Column(
        "sku",
        "SKU",
        "Your own stock number. Each row needs one, and no two rows may share it.",
        aliases=("bucket_truck_id", "stock", "stock no", "stock number", "stock #", "id"),
        required=True,
        width=11,
    ),
    Column("title", "Title", "The ad's title: 8 to 64 characters.", required=True, width=40),
    Column(
        "description",
        "Description",
        "The ad's text: 10 to 10,000 characters. {Column name} puts that column's value into the text.",
        kind="long",
        required=True,
        width=44,
    ),
    Column(
        "price",
        "Price",
        "Dollars, such as 24500 or 1299.95. Leave it blank when the price type is Free, Please contact or "
        "Swap / Trade.",
        kind="number",
        required=True,
        width=12,
    ),
    Column(
        "price_type",
        "Price type",
        "Fixed (the usual, also when left blank), Free, Please contact, or Swap / Trade.",
        kind="choice",
        choices=("Fixed", "Free", "Please contact", "Swap / Trade"),
        width=14,
    ),
    Column(
        "category",
        "Category",
        "Kijiji's category: its number, its full path (Cars & Vehicles > Heavy Equipment > Heavy Trucks) or its last "
        "name. Blank: the one on the Settings sheet.",
        width=24,
    ),
    Column(
        "photos",
        "Photos",
        "1 to 10, separated by ; The first one is the cover. File names in the pictures folder, patterns (BT001*.jpg), "
        "folders or web addresses. Blank: the folder there that is named like the SKU.",
        aliases=("image_filename", "images", "image", "image_filenames", "photo", "pictures"),
        width=26,
    ),
    Column("tags", "Tags", "Up to 5 words people search for, separated by commas.", width=20),
    Column(
        "condition",
        "Condition",
        "New, Used - Like new, Used - Good or Used - Fair.",
        kind="choice",
        choices=("New", "Used - Like new", "Used - Good", "Used - Fair"),
        width=15,
    ),
    Column(
        "for_sale_by",
        "For sale by",
        "Owner or Dealer. Blank: Dealer or Owner as on the Settings sheet.",
        kind="choice",
        choices=("Owner", "Dealer"),
        width=11,
    ),
    Column("year", "Year", "Model year, such as 2016 (vehicles).", kind="integer", width=8),
    Column(
        "kilometers",
        "Kilometers",
        "What the odometer says, in kilometres (vehicles).",
        aliases=("kilometres", "km", "kms", "mileage"),
        kind="integer",
        width=12,
    ),
    Column(
        "location",
        "Location",
        "Where the item is: postal code, street and city, or a town (Wawa, ON). Blank: the one on the Settings sheet, "
        "else your account's.",
        width=18,
    ),
    Column("phone", "Phone", "Optional phone number that the ad shows.", width=14),
    Column(
        STATUS,
        "Posting status",
        "Written by xlkijiji. Blank, pending or Error…: the next Post New posts the row. Anything else: it is left "
        "alone.",
        required=True,
        width=48,
    ),
    Column("ad_id", "Ad id", "Written by xlkijiji: Kijiji's number of the ad.", ours=True, width=13),
    Column("ad_url", "Ad link", "Written by xlkijiji: the ad's address.", kind="link", ours=True, width=30),
    Column("posted_at", "Posted at", "Written by xlkijiji: when the ad went live.", kind="time", ours=True, width=18),
    Column(
        "attempts",
        "Attempts",
        "Written by xlkijiji: how often it was tried to post this row.",
        kind="integer",
        ours=True,
        width=10,
    ),
    Column(
        "last_error",
        "Last error",
        "Written by xlkijiji: what went wrong last, with a code to give when you ask for help; and what Check Sheet "
        "found.",
        ours=True,
        width=44,
    ),
)

BY_NAME = {column.name: column for column in COLUMNS}
REQUIRED = tuple(column.name for column in COLUMNS if column.required)


def header_key(header: object) -> str:
    """A header without what doesn't count: case, blanks, underscores, hyphens, and a trailing `*`, `:` or `.`."""
    return _text_key(header if isinstance(header, str) else cell_text(header))


@lru_cache(maxsize=1024)  # a run asks for the same few headers with every record
def _text_key(text: str) -> str:
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", cell_text(text)).casefold()).rstrip("*:.")


def match_header(header: object) -> str | None:
    """The name of the column that `header` means, or None for a column of the person's own."""
    return _BY_KEY.get(header_key(header))


def column_names(headers: Sequence[object]) -> list[str | None]:
    """The name of the column that each header means, None for the person's own.

    Beside a column SKU, `Stock #` is the person's own: so the site calls a field of its form.
    """
    keys = list(map(header_key, headers))
    return [None if key == "stock#" and "sku" in keys else _BY_KEY.get(key) for key in keys]


def column_letter(number: int) -> str:
    """Excel's letter for a 1-based column number: 1 → A, 28 → AB."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def match_columns(headers: Sequence[object], where: str = "") -> dict[str, int]:
    """Positions (0-based) of the known columns among `headers`. `where` begins the sentence about what is wrong.

    Raises InventoryError when two headers mean the same column.
    """
    found: dict[str, int] = {}
    for position, name in enumerate(column_names(headers)):
        if name is None:
            continue
        header = headers[position]
        if name in found:
            first = headers[found[name]]
            raise InventoryError(
                tell(
                    "two-columns-mean-the-same",
                    where=where or tell("the-inventory"),
                    first=cell_text(first),
                    first_letter=column_letter(found[name] + 1),
                    header=cell_text(header),
                    letter=column_letter(position + 1),
                    meaning=BY_NAME[name].header,
                )
            )
        found[name] = position
    return found


# after `header_key`
_BY_KEY = {
    header_key(name): column.name for column in COLUMNS for name in (column.name, column.header, *column.aliases)
}


def is_new(status: object) -> bool:
    """Does Post New take a row with this status? Blank, `pending` or `Error…`, in any case, stray blanks ignored."""
    text = cell_text(status).casefold()
    return text in {"", "pending"} or text.startswith(ERROR.casefold())


def in_hand_status(step: str = "") -> str:
    """The status of a row that a run has in hand: `Posting…`, or `Posting… – uploading 3 photos` with the step.

    `step` is what the bot says it does ("Uploading 3 photos…"); one that says no more than Posting adds nothing.
    """
    text = cell_text(step).rstrip("….").rstrip()
    if text.casefold() in {"", "posting"}:
        return IN_HAND
    first = text.split()[0]
    # a name such as "VIN", or "I", keeps its capital
    return f"{IN_HAND} – {text if len(first) == 1 or first[1:] != first[1:].lower() else text[0].lower() + text[1:]}"


def is_in_hand(status: object) -> bool:
    """True for what `in_hand_status` writes, which a killed run leaves behind; never for a person's own "call Bob…"."""
    text, ours = cell_text(status).casefold(), IN_HAND.casefold()
    return text == ours or text.startswith(f"{ours} –")


def is_unsure(status: object) -> bool:
    """True when an earlier run submitted this row's ad and never saw the outcome (also a run that died meanwhile)."""
    return cell_text(status).casefold().startswith(UNSURE.casefold()) or is_in_hand(status)


def posted_status(day: dt.date) -> str:
    """The status of a row whose ad went live on `day`."""
    return f"{POSTED} {day.isoformat()}"


def error_status(message: str) -> str:
    """The status of a row that wasn't posted: one line, short enough for a cell and its reader."""
    line = on_one_line(cell_text(message))
    return f"{ERROR}: {line if len(line) <= 500 else line[:499] + '…'}"


PRICE_TYPES = {
    "fixed": "FIXED",
    "free": "GIVE_AWAY",
    "giveaway": "GIVE_AWAY",
    "pleasecontact": "CONTACT",
    "contact": "CONTACT",
    "swap/trade": "SWAP_TRADE",
    "swaptrade": "SWAP_TRADE",
    "swap": "SWAP_TRADE",
    "trade": "SWAP_TRADE",
}
"""Labels and codes of the price types, as `header_key` leaves them, to the site's codes (sure A in docs/site.md)."""


def price_type_code(value: object) -> str | None:
    """The site's code for what stands under Price type: `FIXED` also for a blank, None for a word that is none."""
    key = header_key(value)
    return PRICE_TYPES.get(key) if key else "FIXED"


class Record(dict[str, Any]):
    """One row, as a bot gets it.

    Keys are the names of `COLUMNS` (`sku`: str, `title`: str, `price`: float or None in dollars, `photos`: list of
    Path, `tags`: list of str, the rest text) and every other column under its own header. `record['bucket_truck_id']`
    finds `sku` by its alias where the row has no such column of its own.
    """

    row: int | None = None
    """The row's number in its sheet, as Excel shows it, where that is known."""
    raw: Mapping[str, object] = MappingProxyType({})
    """The cells of known columns as they stood in the sheet, by canonical name, for those who check them."""
    images_dir: Path | None = None
    """The pictures folder that the record was made for: nothing outside of it is uploaded."""
    headers: Mapping[str, str] = MappingProxyType({})
    """The sheet's own headers of known columns, by canonical name, where they are known."""

    def __missing__(self, key: str) -> Any:
        name = match_header(key)
        if name is None or not super().__contains__(name):
            raise KeyError(key)
        return super().__getitem__(name)

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dict, but by alias too."""
        try:
            return self[key]
        except KeyError:
            return default

    def label(self, name: str) -> str:
        """The header by which the person knows the column `name`."""
        return self.headers.get(name) or BY_NAME[name].header

    @property
    def record_id(self) -> str:
        """What results and messages call this row: its sku."""
        return str(self.get("sku", ""))


def fill_placeholders(template: str, values: Mapping[str, object]) -> str:
    """`template` with each `{column}` replaced by the row's value; braces that name no column stay as they are."""
    if "{" not in template:
        return template
    by_key = {header_key(name): value for name, value in values.items()}

    def value_of(found: re.Match[str]) -> str:
        name = match_header(found[1])
        for key in (header_key(found[1]), header_key(name) if name else ""):
            if key and key in by_key:
                value = by_key[key]
                return ", ".join(map(cell_text, value)) if isinstance(value, list) else cell_text(value)
        return found[0]

    return re.sub(r"\{([^{}\n]{1,60})\}", value_of, template)
