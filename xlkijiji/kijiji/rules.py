"""The site's rules for single values of an ad, as a pydantic model; `checks.py` asks it, and all else that a row has.

Rules: kijiji-site facts, sure A (title, description, price, tags).
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from xlkijiji.inventory import cell_number, is_blank, price_type_code
from xlkijiji.kijiji.description import DESCRIPTION, text_length
from xlkijiji.kijiji.phone import is_phone
from xlkijiji.validators import broken

__all__ = ["MOST_TAGS", "AdRules"]

TITLE = (8, 64)
MOST_TAGS = 5
MOST_PRICE = 99_999_999.99
PRICE_TYPES = ("Fixed", "Free", "Please contact", "Swap / Trade")


class AdRules(BaseModel):
    """An ad's values as they would be sent. Validating it raises pydantic's ValidationError with every broken rule.

    `validators.broken_rules` makes problems of them, which name the cell and say what to do.
    """

    model_config = ConfigDict(validate_default=True)

    title: str
    """On one line."""
    added: int = 0
    """How many characters of the description aren't the person's own."""
    description: str
    """The whole of it; blank where the person has written none."""
    price_type: Any = None
    """As the cell has it: a label or a code, blank for a fixed price."""
    takes_price: bool = True
    """Has the category's form a price?"""
    price: Any = None
    """As the cell has it."""
    tags: list[str] = []
    phone: str = ""

    @field_validator("title")
    @classmethod
    def _title(cls, text: str) -> str:
        _check_length(text, *TITLE)
        return text

    @field_validator("description")
    @classmethod
    def _description(cls, text: str, info: ValidationInfo) -> str:
        most, added = DESCRIPTION[1], info.data.get("added", 0)
        if added and text_length(text) > most:
            advice = f"The site takes {most:,}, and {added:,} are added to it: shorten it."
            raise broken(f"has {text_length(text):,} characters", advice)
        _check_length(text, *DESCRIPTION)
        return text

    @field_validator("price_type")
    @classmethod
    def _price_type(cls, cell: Any) -> str:
        code = price_type_code(cell)
        if code is None:
            raise broken("is no price type", f"Choose one of: {', '.join(PRICE_TYPES)}.")
        return code

    @field_validator("price")
    @classmethod
    def _price(cls, cell: Any, info: ValidationInfo) -> float | None:
        if info.data.get("price_type") != "FIXED" or not info.data.get("takes_price"):
            return None
        number = cell_number(cell)
        if is_blank(cell):
            raise broken("is blank", "Type the amount, or choose another price type.", "")
        if number is None:
            raise broken("is not a number", "Type the amount alone, such as 24500 or 1299.95.")
        if number < 0.005:
            raise broken("is not more than 0", "For a free item choose the price type Free.")
        if number > MOST_PRICE:
            raise broken("is more than the site takes", f"At most {MOST_PRICE:,.2f}.")
        if abs(number * 100 - round(number * 100)) > 1e-4:
            raise broken("has parts of a cent", "Round it to two decimals.")
        return number

    @field_validator("tags")
    @classmethod
    def _tags(cls, tags: list[str]) -> list[str]:
        if len(tags) > MOST_TAGS:
            raise broken(f"are {len(tags)} tags", f"The site takes {MOST_TAGS} at most.", ", ".join(tags))
        return tags

    @field_validator("phone")
    @classmethod
    def _phone(cls, text: str) -> str:
        if text and not is_phone(text):
            raise broken("is no phone number", "Type 10 digits, such as 416-555-0123 or 416-555-0123 ext. 12.")
        return text


def _check_length(text: str, least: int, most: int) -> None:
    length = text_length(text)
    if not text:
        raise broken("is blank", f"Type {least} to {most:,} characters.")
    if len(text) < least:
        raise broken(f"has {len(text)} characters", f"The site wants at least {least}: say more.")
    if length > most:
        raise broken(f"has {length:,} characters", f"The site takes {most:,}: shorten it.")
