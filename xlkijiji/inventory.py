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
from xlkijiji.messages import LANGUAGES, tell

__all__ = [
    "CHECKING",
    "COLUMNS",
    "REQUIRED",
    "STATUS",
    "Column",
    "Record",
    "cell_number",
    "cell_text",
    "column_letter",
    "column_names",
    "english_choice",
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
    "price_type_word",
    "split_list",
    "spoken_choice",
]

Kind = Literal["text", "long", "number", "integer", "choice", "link", "time"]

STATUS = "posting_status"
POSTED = "Posted"
ERROR = "Error"
UNSURE = "Error: Unsure"
CHECKING, IN_HAND = "Checking…", "Posting…"
_UPLOADING = re.compile(r"uploading photos \d+/\d+…")


@dataclass(frozen=True)
class Column:
    """One column of the inventory: its name in a DataFrame, and how the workbook shows it.

    Its words are messages, so that the workbook can be made in each language, and is understood in any.
    """

    name: str
    header_key: str
    note_key: str
    aliases: tuple[str, ...] = ()
    kind: Kind = "text"
    choice_keys: tuple[str, ...] = ()
    required: bool = False
    ours: bool = False
    """Written by xlkijiji, never typed by the person."""
    width: float = 14.0
    """Characters, as Excel counts a column's width."""

    @property
    def header(self) -> str:
        """The header, in the language in use."""
        return tell(self.header_key)

    @property
    def note(self) -> str:
        """The rule of the column, in the language in use."""
        return tell(self.note_key)

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that the column's list offers, in the language in use; none for a column that takes any text."""
        return tuple(map(tell, self.choice_keys))


# Rules quoted in the notes are the site's: title 8-64, description 10-10,000, 5 tags, 10 photos (docs/site.md: A).
COLUMNS: tuple[Column, ...] = (
    Column(
        "sku",
        "header-sku",
        "note-sku",
        aliases=("bucket_truck_id", "stock", "stock no", "stock number", "stock #", "id"),
        required=True,
        width=13,
    ),
    Column("title", "header-title", "note-title", required=True, width=40),
    Column("description", "header-description", "note-description", kind="long", required=True, width=44),
    Column("price", "header-price", "note-price", kind="number", required=True, width=12),
    Column(
        "price_type",
        "header-price-type",
        "note-price-type",
        kind="choice",
        choice_keys=("choice-fixed", "choice-free", "choice-contact", "choice-swap"),
        width=14,
    ),
    Column("category", "header-category", "note-category", width=24),
    Column(
        "photos",
        "header-photos",
        "note-photos",
        aliases=("image_filename", "images", "image", "image_filenames", "photo", "pictures"),
        width=26,
    ),
    Column("tags", "header-tags", "note-tags", width=20),
    Column(
        "condition",
        "header-condition",
        "note-condition",
        kind="choice",
        choice_keys=("choice-new", "choice-like-new", "choice-good", "choice-fair"),
        width=15,
    ),
    Column(
        "for_sale_by",
        "header-for-sale-by",
        "note-for-sale-by",
        kind="choice",
        choice_keys=("choice-owner", "choice-dealer"),
        width=11,
    ),
    Column("year", "header-year", "note-year", kind="integer", width=8),
    Column(
        "kilometers",
        "header-kilometers",
        "note-kilometers",
        aliases=("kilometres", "kilomètres", "km", "kms", "mileage"),
        kind="integer",
        width=12,
    ),
    Column("location", "header-location", "note-location", width=18),
    Column("phone", "header-phone", "note-phone", width=14),
    Column(STATUS, "header-status", "note-status", required=True, width=40),
    Column("ad_id", "header-ad-id", "note-ad-id", ours=True, width=13),
    Column("ad_url", "header-ad-url", "note-ad-url", kind="link", ours=True, width=30),
    Column("posted_at", "header-posted-at", "note-posted-at", kind="time", ours=True, width=18),
    Column("attempts", "header-attempts", "note-attempts", kind="integer", ours=True, width=10),
    Column("last_error", "header-last-error", "note-last-error", ours=True, width=44),
)

BY_NAME = {column.name: column for column in COLUMNS}
REQUIRED = tuple(column.name for column in COLUMNS if column.required)


def header_key(header: object) -> str:
    """A header without what doesn't count: case, blanks, underscores, hyphens, and a trailing `*`, `:` or `.`.

    A typographic apostrophe is a plain one, and a dash a hyphen: Calc and Excel change them as somebody types.
    """
    return _text_key(header if isinstance(header, str) else cell_text(header))


@lru_cache(maxsize=1024)  # a run asks for the same few headers with every record
def _text_key(text: str) -> str:
    plain = unicodedata.normalize("NFKC", cell_text(text)).casefold().replace("’", "'")
    return re.sub(r"[\s_\-\u2010-\u2015\u2212]+", "", plain).rstrip("*:.")


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


def match_columns(
    headers: Sequence[object], where: str = "", names: Sequence[str | None] | None = None
) -> dict[str, int]:
    """Positions (0-based) of the known columns among `headers`. `where` begins the sentence about what is wrong.

    `names` says what each header means, where somebody knows better than the aliases (`column_words`). Raises
    InventoryError when two headers mean the same column.
    """
    found: dict[str, int] = {}
    for position, name in enumerate(column_names(headers) if names is None else names):
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


# after `header_key`; the headers of each language
_BY_KEY = {
    header_key(name): column.name
    for column in COLUMNS
    for name in (
        column.name,
        *(tell(column.header_key, language) for language in LANGUAGES),
        *column.aliases,
    )
}
_CHOICE_KEYS = {
    (column.name, header_key(tell(key, language))): key
    for column in COLUMNS
    for key in column.choice_keys
    for language in LANGUAGES
}
_ENGLISH_CHOICES = {found: tell(key, LANGUAGES[0]) for found, key in _CHOICE_KEYS.items()}


def english_choice(name: str, value: object) -> str:
    """What stands in a cell of the column `name`, in the site's English where it is a word of another language's list.

    Any other text stays as it is.
    """
    return _ENGLISH_CHOICES.get((name, header_key(value)), cell_text(value))


def spoken_choice(name: str, value: object) -> str:
    """`value` as the list of the column `name` has it in the language in use: what a person is told of it.

    Any text that is in no language's list stays as it is.
    """
    key = _CHOICE_KEYS.get((name, header_key(value)))
    return tell(key) if key else cell_text(value)


def is_new(status: object) -> bool:
    """Does Post New take a row with this status? Blank, `pending` or `Error…`, in any case, stray blanks ignored."""
    text = cell_text(status).casefold()
    return text in {"", "pending"} or text.startswith(ERROR.casefold())


def in_hand_status(step: str = "", before: str = IN_HAND) -> str:
    """The status of a row that a run has in hand, from what the bot says it does ("Looking at My Ads…").

    `Checking…` at first, `Uploading photos 2/5…`, `Posting…` from the click on. Any other step follows the word that
    the row has `before`: `Checking… – looking at My Ads`.
    """
    text = cell_text(step).rstrip("….").rstrip()
    if _UPLOADING.fullmatch(f"{text}…".casefold()):
        return f"{text}…"
    if text.casefold() in {"", "posting"}:
        return IN_HAND
    word = IN_HAND if before.startswith(IN_HAND) else CHECKING
    if text.casefold() == word.casefold().rstrip("…"):
        return word
    first = text.split()[0]
    # a name such as "VIN", or "I", keeps its capital
    return f"{word} – {text if len(first) == 1 or first[1:] != first[1:].lower() else text[0].lower() + text[1:]}"


def is_in_hand(status: object) -> bool:
    """True for what `in_hand_status` writes, which a killed run leaves behind; never for a person's own "call Bob…"."""
    text = cell_text(status).casefold()
    return bool(_UPLOADING.fullmatch(text)) or any(
        text == word or text.startswith(f"{word} –") for word in (CHECKING.casefold(), IN_HAND.casefold())
    )


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
    key = header_key(english_choice("price_type", value))
    return PRICE_TYPES.get(key) if key else "FIXED"


def price_type_word(code: str) -> str:
    """What the list of the column Price type calls a code of the site's, in the language in use."""
    return next((word for word in BY_NAME["price_type"].choices if price_type_code(word) == code), code)


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
