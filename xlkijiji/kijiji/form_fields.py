"""The plain fields of the details form: what each one is to hold, filled and read back in one round trip each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xlkijiji.errors import RecordError, SelectorNotFound, SiteError
from xlkijiji.inventory import cell_number, price_type_word, spoken_choice
from xlkijiji.kijiji.attributes import NEAR, Wish, all_attributes
from xlkijiji.kijiji.categories import Category, all_categories, fold, nearest
from xlkijiji.kijiji.description import price_said
from xlkijiji.kijiji.listing import Listing
from xlkijiji.kijiji.site import Site, short
from xlkijiji.messages import tell

__all__ = ["FormField", "clear_draft", "fields_of", "fill_fields", "for_page", "unheld", "wrong_fields"]

PAGE = "details_form"
DEPENDENT_SECONDS = 6.0
"""How long a field may take to appear, wake up or get its choices after another one was filled (make → model)."""
OPTIONS_IN_MESSAGE = 15

PRICE_WORDS = {"FIXED": "Fixed", "GIVE_AWAY": "Free", "CONTACT": "Please Contact", "SWAP_TRADE": "Swap/Trade"}


def _text_same(held: str, wanted: str) -> bool:
    return held.replace("\r\n", "\n") == wanted


def _number_same(held: str, wanted: str) -> bool:
    return cell_number(held) == cell_number(wanted)


def _digits_same(held: str, wanted: str) -> bool:
    return re.sub(r"\D", "", held) == re.sub(r"\D", "", wanted)


@dataclass(frozen=True)
class FormField:
    """One field of the form, and what it is to hold."""

    name: str
    """Its name in selectors.toml."""
    label: str
    """The sheet's column, for messages."""
    candidates: list[list[dict[str, Any]]]
    text: str
    words: tuple[str, ...] = ()
    """For choices: code, label, or the person's word."""
    multi: bool = False
    required: bool = False
    noted: bool = True
    """A form without this field is worth a note to the person."""
    without: str = ""
    """What the person is told when a required field is missing because of what the row says; else the site changed."""
    same: Callable[[str, str], bool] = _text_same
    unlisted: tuple[bool, ...] = ()
    """For each group of candidates: our tables lack most choices of its list, so that a word which the form's list
    lacks may go under Other there."""
    instead: str = ""
    """The form's own choice that was taken in the word's stead, `Other`."""
    column: str = ""
    """The name of the sheet's column whose list has words for the form's choices."""
    spoken: str = ""
    """What a person is told that it was to hold, where that is another word than the text."""

    @property
    def shown(self) -> str:
        """What it was to hold, in the person's words."""
        return self.spoken or self.text

    def for_page(self, key: int) -> dict[str, Any]:
        """The field as the scripts take it."""
        wanted = list(self.words) or [self.text]
        return {"key": key, "candidates": self.candidates, "text": self.text, "wanted": wanted, "multi": self.multi}

    def holds(self, seen: dict[str, Any]) -> bool:
        """Does what was read back say the same?"""
        if seen["kind"] == "text":
            return bool(seen["values"]) and self.same(seen["values"][0], self.text)
        chosen, wanted = set(seen["values"]), set(seen["wanted"])
        return wanted <= chosen if self.multi else bool(chosen & wanted)


def fields_of(site: Site, ad: Listing, suggested: Category | None = None) -> list[FormField]:
    """The form's fields for an ad, in the order in which they depend on one another.

    `suggested`: the category of the form that the site chose by itself, for a row without one, where the form tells it.
    """

    def plain(name: str, text: str, **more: Any) -> FormField:
        return FormField(name, ad.label(name), [site.candidates(PAGE, name)], text, column=name, **more)

    fields = []
    if ad.ad_type:
        fields.append(plain("ad_type", ad.ad_type, required=ad.ad_type != "OFFER"))
    category = ad.category or suggested
    # of a category that the tables lack nobody knows whether it has a price
    has_price = category is None or (category.has_price and category.id in all_categories())
    words = (ad.price_type, PRICE_WORDS[ad.price_type])
    fixed = ad.price_type == "FIXED"
    fields.append(
        plain(
            "price_type",
            ad.price_type,
            words=words,
            required=ad.category is not None and has_price and not fixed,
            noted=not fixed,
            spoken=price_type_word(ad.price_type),
        )
    )
    fields += [*_attributes(site, ad), plain("title", ad.title, required=True)]
    fields.append(plain("description", ad.description, required=True))
    if ad.price:
        said = price_said(ad.record, ad.price_type)
        fields.append(
            plain("price", ad.price, required=has_price, same=_number_same, without=_no_price(ad), spoken=said)
        )
    if ad.phone:
        fields.append(plain("phone", ad.phone, same=_digits_same))
    return fields


def _no_price(ad: Listing) -> str:
    """For a form without a price in a category that the site suggested; another one may have it."""
    if ad.category is not None:
        return ""
    price = price_said(ad.record, ad.price_type) or ad.price
    return tell("form-takes-no-price", column=ad.label("price"), price=short(price, 20))


def _attributes(site: Site, ad: Listing) -> list[FormField]:
    return [
        FormField(
            wish.column.field or "attribute",
            wish.header,
            _candidates(site, wish),
            wish.typed,
            tuple(wish.words),
            multi=wish.column.multi,
            noted=wish.given,
            same=_number_same if wish.column.number else _text_same,
            unlisted=tuple(wish.column.open or _is_unlisted(code) for code in wish.attributes),
            column=wish.column.in_sheet,
            spoken=wish.spoken if wish.spoken != wish.text else "",
        )
        for wish in ad.wishes
    ]


def _is_unlisted(code: str) -> bool:
    return code in all_attributes() and not all_attributes()[code].values


def _candidates(site: Site, wish: Wish) -> list[list[dict[str, Any]]]:
    if wish.column.field:
        return [site.candidates(PAGE, wish.column.field)]
    return [site.candidates(PAGE, "attribute", code) for code in wish.attributes]


def clear_draft(site: Site) -> None:
    """Empty the attributes of an earlier ad that the site kept as a draft in a form for a new ad."""
    site.run("clear_draft", site.candidates(PAGE, "description"))


def fill_fields(site: Site, fields: list[FormField], first: Sequence[dict[str, Any]] | None = None) -> list[FormField]:
    """Fill all fields; gives those that the form doesn't have. `first`: what fill.js said when that was done already.

    A field that went under the form's Other is replaced in `fields` by one that says so.

    Raises SelectorNotFound for a missing field without which an ad makes no sense, RecordError for a value that is
    none of the form's choices, SiteError for a field that stays disabled.
    """
    answers = _by_key(first) if first is not None else _fill(site, fields, range(len(fields)))

    def waiting() -> list[int]:
        return [
            key
            for key, answer in answers.items()
            if answer["state"] in {"disabled", "no_option"} or (answer["state"] == "missing" and fields[key].required)
        ]

    def again() -> bool:
        answers.update(_fill(site, fields, waiting()))
        return not waiting()

    if waiting():
        site.wait(again, timeout=min(DEPENDENT_SECONDS, site.page_timeout), poll=0.2)
    for key in [key for key, answer in answers.items() if answer["state"] == "no_option"]:
        other = _other_option(fields[key], answers[key])
        if other:
            fields[key] = replace(fields[key], words=(*fields[key].words, other), instead=other)
            answers.update(_fill(site, fields, [key]))
    for key, answer in answers.items():
        _refuse(fields[key], answer)
    return [fields[key] for key, answer in answers.items() if answer["state"] == "missing" and fields[key].noted]


def _other_option(field: FormField, answer: dict[str, Any]) -> str:
    """The form's choice Other (Autre), for a word that its list lacks and that is no slip for another one in it."""
    if field.instead or not any(field.unlisted[answer["at"] : answer["at"] + 1]):
        return ""
    options = {fold(option): str(option) for option in answer["options"]}
    is_number = any(sign.isdigit() for sign in field.text)  # those resemble each other without being slips
    if not is_number and nearest(fold(field.text), tuple(options), 1, NEAR):
        return ""
    return next((text for folded, text in options.items() if folded.startswith(("other", "autre"))), "")


def _fill(site: Site, fields: Sequence[FormField], keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    return _by_key(site.run("fill", for_page(fields, keys)))


def _by_key(answers: Sequence[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {answer["key"]: answer for answer in answers}


def for_page(fields: Sequence[FormField], keys: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """The fields as the scripts take them, or those of `keys` alone."""
    return [fields[key].for_page(key) for key in (range(len(fields)) if keys is None else keys)]


def _refuse(field: FormField, answer: dict[str, Any]) -> None:
    if answer["state"] == "missing" and field.required:
        if field.without:
            raise RecordError(field.without)
        raise SelectorNotFound(PAGE, field.name)
    if answer["state"] == "no_option":
        options = [short(spoken_choice(field.column, option), 40) for option in answer["options"]]
        more = ", …" if len(options) > OPTIONS_IN_MESSAGE else ""
        raise RecordError(
            tell(
                "no-choice-of-form",
                label=field.label,
                text=short(field.shown, 60),
                names=", ".join(options[:OPTIONS_IN_MESSAGE]) + more,
            )
        )
    if answer["state"] == "disabled":
        raise SiteError(tell("field-is-disabled", label=field.label))


def wrong_fields(site: Site, fields: Sequence[FormField]) -> list[FormField]:
    """The fields that the form has and that don't hold what they should."""
    return unheld(fields, site.run("read", for_page(fields)))


def unheld(fields: Sequence[FormField], seen: Sequence[dict[str, Any]]) -> list[FormField]:
    """Of what read.js gave, the fields that don't hold what they should."""
    return [fields[each["key"]] for each in seen if each["kind"] != "missing" and not fields[each["key"]].holds(each)]
