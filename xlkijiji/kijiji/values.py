"""Is what stands in a column a value that the category's form takes? Asked before a browser starts.

Lists are of 2020 (kijiji-site facts). Where one has the choice Other, a word that it lacks goes there and into the
description, unless it looks like a slip; where it has none, the word is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from xlkijiji.inventory import Record, cell_text, header_key, split_list, spoken_choice
from xlkijiji.kijiji.attributes import (
    NEAR,
    VIN,
    Wish,
    all_attributes,
    choices_of,
    fields_of,
    knows_value,
    other_choice,
    slip_for,
)
from xlkijiji.kijiji.categories import Category, fold, nearest
from xlkijiji.kijiji.video import youtube_address
from xlkijiji.messages import tell
from xlkijiji.validators import Problem

__all__ = ["AD_TYPES", "ad_type_of", "check_value", "tags_of"]

FIRST_YEAR = 1900
YEARS_AHEAD = 2
"""Models of the next year are sold in this one, and a few of the year after."""
LONGEST_TEXT = 500
LISTED = 40
AD_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("offer", "offering", "i'moffering", "imoffering", "forsale", "adtype1"), "OFFER"),
    **dict.fromkeys(("wanted", "iwant", "want", "lookingfor", "adtype2"), "WANTED"),
}
"""Words under `Ad type`, as `header_key` leaves them, to the site's codes (sure A in docs/site.md)."""


def check_value(wish: Wish, category: Category | None) -> Iterator[Problem]:
    """What the form would refuse about one cell."""
    text, column = wish.text, wish.column
    if column.number and not re.fullmatch(r"\d{1,9}", wish.typed, re.ASCII):
        yield Problem(wish.header, text, tell("is-no-whole-number"), tell("type-digits"))
    elif column.header == "Year":
        yield from _year(wish)
    elif column.field == "video" and not youtube_address(text):
        advice = tell("copy-youtube-address")
        yield Problem(wish.header, text, tell("is-no-youtube-address"), advice)
    fields = fields_of(category)
    code = next(iter(wish.attributes), "")
    is_condition = column.header == "Condition"
    known = column.closed if fields is None else code in fields
    # a condition that no field takes is told in the description, but it is one of the site's all the same
    if code and (known or is_condition):
        yield from _in_its_field(wish, code, category)


def _year(wish: Wish) -> Iterator[Problem]:
    last = dt.datetime.now().astimezone().year + YEARS_AHEAD
    if not FIRST_YEAR <= int(wish.typed) <= last:
        yield Problem(
            wish.header, wish.text, tell("is-no-model-year"), tell("type-four-digits", first=FIRST_YEAR, last=last)
        )


def _in_its_field(wish: Wish, code: str, category: Category | None) -> Iterator[Problem]:
    if wish.column.header == VIN and not re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", wish.typed):
        # ISO 3779; vehicles made before 1981 have shorter ones
        advice = tell("write-a-vin")
        yield Problem(wish.header, wish.text, tell("is-no-vin", signs=len(wish.typed)), advice)
    elif code == "carprooflink_s" and not _is_link(wish.text):
        yield Problem(wish.header, wish.text, tell("is-no-web-address"), tell("copy-report-address"))
    values = all_attributes()[code].values if code in all_attributes() else {}
    if not values:
        if len(wish.text) > LONGEST_TEXT:
            rule = tell("has-characters", length=len(wish.text))
            yield Problem(wish.header, wish.text, rule, tell("put-more-into-description", most=LONGEST_TEXT))
        return
    for part in split_list(wish.text) if wish.column.multi else [wish.text]:
        if not wish.column.open and not knows_value(code, part):
            yield from _unknown(wish, code, part, category)


def _unknown(wish: Wish, code: str, part: str, category: Category | None) -> Iterator[Problem]:
    labels = choices_of(wish.column, code)
    near = _meant(wish, code, part, labels)
    if other_choice(code) and not near and not wish.column.multi:
        return
    more = ", …" if len(labels) > LISTED else ""
    advice = tell("choose-one-of", names=", ".join(labels[:LISTED]) + more)
    if near:
        advice = f"{tell('did-you-mean-one', meant=near)} {advice}"
    # the same word may be a choice elsewhere: cars are never New, while other goods are
    if category is not None and code in category.attributes:
        rule = tell("no-choice-in-category", category=category.name)
    else:
        rule = tell("no-choice-of-site")
    yield Problem(wish.header, spoken_choice(wish.column.in_sheet, part), rule, advice)


def _meant(wish: Wish, code: str, part: str, labels: Sequence[str]) -> str:
    """The word that `part` may be a slip for; '' when none is near."""
    if near := slip_for(code, part):
        return spoken_choice(wish.column.in_sheet, near)
    folded = {fold(label): label for label in labels} if wish.column.in_sheet else {}
    found = nearest(fold(part), tuple(folded), 1, NEAR)
    return folded[found[0]] if found else ""


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that don't fit
        return False
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "").strip(".") and " " not in text


def tags_of(record: Record) -> list[str]:
    """The row's tags, each once: the site knows no capitals in them."""
    found: dict[str, str] = {}
    for tag in split_list(record.get("tags"), ",;|\n"):
        found.setdefault(" ".join(tag.split()).casefold(), " ".join(tag.split()))
    return list(found.values())


def ad_type_of(record: Record) -> tuple[str, str, str | None]:
    """(header, cell, code) of the column `Ad type`: the code is empty for a blank, None for a word that is none."""
    for header, value in record.items():
        if header_key(header) == "adtype" and (text := cell_text(value)):
            key = header_key(text).replace("’", "'")
            return header, text, AD_TYPES.get(key)
    return "Ad type", "", ""
