"""Columns of an inventory and their aliases, what a cell means, and what the statuses mean.

Nothing here knows Excel, a file format or the site.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from xlkijiji.errors import InventoryError

__all__ = [
    "COLUMNS",
    "REQUIRED",
    "STATUS",
    "Column",
    "Record",
    "cell_number",
    "cell_text",
    "column_letter",
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
    Column("title", "Title", "The ad's title: 8 to 64 characters.", required=True, width=34),
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
        "At least one: file names in the pictures folder, separated by ; The first one is the cover. jpg, png, gif or "
        "bmp, at most 10.",
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
        "Postal code or street and city where the item is. Blank: the one on the Settings sheet, else your account's.",
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
)

BY_NAME = {column.name: column for column in COLUMNS}
REQUIRED = tuple(column.name for column in COLUMNS if column.required)


def header_key(header: object) -> str:
    """A header without what doesn't count: case, blanks, underscores, hyphens, and a trailing `*`, `:` or `.`."""
    text = unicodedata.normalize("NFKC", cell_text(header)).casefold()
    return re.sub(r"[\s_\-]+", "", text).rstrip("*:.")


def match_header(header: object) -> str | None:
    """The name of the column that `header` means, or None for a column of the person's own."""
    return _BY_KEY.get(header_key(header))


def column_letter(number: int) -> str:
    """Excel's letter for a 1-based column number: 1 → A, 28 → AB."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def match_columns(headers: Sequence[object], where: str = "The inventory") -> dict[str, int]:
    """Positions (0-based) of the known columns among `headers`.

    Raises InventoryError when two headers mean the same column.
    """
    found: dict[str, int] = {}
    for position, header in enumerate(headers):
        name = match_header(header)
        if name is None:
            continue
        if name in found:
            first = headers[found[name]]
            raise InventoryError(
                f"{where}: the columns '{cell_text(first)}' ({column_letter(found[name] + 1)}) and "
                f"'{cell_text(header)}' ({column_letter(position + 1)}) both mean {BY_NAME[name].header}. "
                "Rename or remove one of them, then try again."
            )
        found[name] = position
    return found


def is_blank(value: object) -> bool:
    """True for None, NaN, NaT, and text of nothing but blanks."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, float):
        return math.isnan(value)
    # pandas' NaT and NA are singletons that are not equal to themselves, or refuse to say
    return type(value).__name__ in {"NaTType", "NAType"}


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def cell_text(value: object) -> str:
    """A cell's value as a person reads it: `5.0` is `5`, a date is `2026-11-23`, a blank is ``''``.

    Control characters other than tab and line ends are dropped, and blanks at both ends.
    """
    if isinstance(value, str):  # nearly all cells, so it comes first; printable text has no control characters
        return (value if value.isprintable() else _CONTROL.sub("", value)).strip()
    if is_blank(value):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    number = _as_float(value)
    if number is not None and number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return _CONTROL.sub("", str(value)).strip()


def _as_float(value: object) -> float | None:
    if isinstance(value, (bool, str)):
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # numpy's and Decimal's numbers have __float__; others raise
    except (TypeError, ValueError, OverflowError):
        return None


# after `cell_text`, which `header_key` uses
_BY_KEY = {
    header_key(name): column.name for column in COLUMNS for name in (column.name, column.header, *column.aliases)
}


def cell_number(value: object) -> float | None:
    """The number in a cell, also when it was typed as text: ``$1,299.95``, ``1 299,95 $``, ``12 500``; else None."""
    if isinstance(value, bool) or is_blank(value):
        return None
    number = _as_float(value)
    if number is None:
        number = _number_in_text(cell_text(value))
    return number if number is not None and math.isfinite(number) else None


def _number_in_text(text: str) -> float | None:
    bare = re.sub(r"(?i)\bcad\b|ca\$|\$", "", text)
    bare = re.sub(r"[\s\u00a0\u202f']", "", bare)
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d*)?", bare):  # 12,500.00
        bare = bare.replace(",", "")
    elif re.fullmatch(r"-?\d+,\d{1,2}", bare):  # 1299,95 as written in Québec
        bare = bare.replace(",", ".")
    return float(bare) if re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", bare) else None


def split_list(value: object, separators: str = ";,|\n") -> list[str]:
    """The parts of a cell that holds a list, without blanks and without repeats, in order."""
    if not isinstance(value, (list, tuple)):
        whole = cell_text(value)
        if not whole:
            return []
        value = re.split(f"[{re.escape(separators)}]", whole)
    parts: Iterable[object] = value
    return list(dict.fromkeys(text for part in parts if (text := cell_text(part))))


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
    line = " ".join(cell_text(message).split())
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

    @property
    def record_id(self) -> str:
        """What results and messages call this row: its sku."""
        return str(self.get("sku", ""))


def fill_placeholders(template: str, values: Mapping[str, object]) -> str:
    """`template` with each `{column}` replaced by the row's value; braces that name no column stay as they are."""
    by_key = {header_key(name): value for name, value in values.items()}

    def value_of(found: re.Match[str]) -> str:
        name = match_header(found[1])
        for key in (header_key(found[1]), header_key(name) if name else ""):
            if key and key in by_key:
                value = by_key[key]
                return ", ".join(map(cell_text, value)) if isinstance(value, list) else cell_text(value)
        return found[0]

    return re.sub(r"\{([^{}\n]{1,60})\}", value_of, template)
