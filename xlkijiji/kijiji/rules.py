"""The site's rules for single values of an ad, as a pydantic model; `checks.py` asks it, and all else that a row has.

Rules: kijiji-site facts, sure A (title, description, price, tags).
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from xlkijiji.inventory import BY_NAME, cell_number, is_blank, price_type_code
from xlkijiji.kijiji.description import DESCRIPTION, text_length
from xlkijiji.kijiji.phone import is_phone
from xlkijiji.messages import figure, tell
from xlkijiji.validators import broken

__all__ = ["MOST_TAGS", "AdRules"]

TITLE = (8, 64)
MOST_TAGS = 5
MOST_PRICE = 99_999_999.99


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
            advice = tell("takes-with-added", most=figure(most), added=figure(added))
            raise broken(tell("has-characters", length=figure(text_length(text))), advice)
        _check_length(text, *DESCRIPTION)
        return text

    @field_validator("price_type")
    @classmethod
    def _price_type(cls, cell: Any) -> str:
        code = price_type_code(cell)
        if code is None:
            raise broken(
                tell("is-no-price-type"), tell("choose-one-of-these", names=", ".join(BY_NAME["price_type"].choices))
            )
        return code

    @field_validator("price")
    @classmethod
    def _price(cls, cell: Any, info: ValidationInfo) -> float | None:
        if info.data.get("price_type") != "FIXED":
            return None
        amount, has_field = cell_number(cell), info.data.get("takes_price")
        if not has_field and (is_blank(cell) or amount == 0):
            return None  # any other price is told in the description
        if is_blank(cell):
            raise broken(tell("is-blank"), tell("type-amount-or-other"), "")
        if amount is None:
            raise broken(tell("is-no-number"), tell("type-amount-alone"))
        if amount < 0.005:
            raise broken(tell("is-not-more-than-0"), tell("choose-free"))
        if amount > MOST_PRICE and has_field:
            raise broken(tell("is-more-than-taken"), tell("at-most", most=figure(MOST_PRICE, 2)))
        if abs(amount * 100 - round(amount * 100)) > 1e-4:
            raise broken(tell("has-parts-of-cent"), tell("round-to-cents"))
        return amount

    @field_validator("tags")
    @classmethod
    def _tags(cls, tags: list[str]) -> list[str]:
        if len(tags) > MOST_TAGS:
            raise broken(tell("are-tags", number=len(tags)), tell("takes-at-most", most=MOST_TAGS), ", ".join(tags))
        return tags

    @field_validator("phone")
    @classmethod
    def _phone(cls, text: str) -> str:
        if text and not is_phone(text):
            raise broken(tell("is-no-phone"), tell("type-ten-digits"))
        return text


def _check_length(text: str, least: int, most: int) -> None:
    length = text_length(text)
    if not text:
        raise broken(tell("is-blank"), tell("type-characters", least=least, most=figure(most)))
    if len(text) < least:
        raise broken(tell("has-characters", length=len(text)), tell("say-more", least=least))
    if length > most:
        raise broken(tell("has-characters", length=figure(length)), tell("shorten-it", most=figure(most)))
