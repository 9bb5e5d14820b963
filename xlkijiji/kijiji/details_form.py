"""The details form: everything of an ad up to the click that posts it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from selenium.webdriver.remote.webelement import WebElement

from xlkijiji.errors import RecordError, SelectorNotFound, SiteError
from xlkijiji.inventory import BY_NAME
from xlkijiji.kijiji.categories import Category, all_categories, resolve_category
from xlkijiji.kijiji.description import DESCRIPTION, Leftover, leftovers, text_length
from xlkijiji.kijiji.form_fields import (
    FormField,
    clear_draft,
    fields_of,
    fill_fields,
    for_page,
    unheld,
    wrong_fields,
)
from xlkijiji.kijiji.listing import Listing
from xlkijiji.kijiji.location import LocationPart
from xlkijiji.kijiji.my_ads import SignedOutError
from xlkijiji.kijiji.photos import PhotoList, uploading
from xlkijiji.kijiji.pictures import photos_to_upload
from xlkijiji.kijiji.remarks import remark_on_leftover
from xlkijiji.kijiji.site import Glance, Site, short
from xlkijiji.kijiji.stops import (
    amount_due,
    asks_for_payment,
    check_stops,
    dollar_amounts,
    is_nothing,
    refuse_fee,
    wait_for_person,
    wants_person,
)
from xlkijiji.kijiji.tags import TagList
from xlkijiji.messages import tell

__all__ = ["PAGE", "DetailsForm"]

log = logging.getLogger(__name__)

PAGE = "details_form"
TOTAL_SECONDS = 5.0
COVERS_AT_MOST = 5
_TITLE, _DESCRIPTION, _PACKAGE, _CATEGORY = (
    f"{PAGE}.{name}" for name in ("title", "description", "package", "category_id")
)
_USERNAME = "sign_in.username"
_OVERLAY = "overlay.close"
_SIGNS = (_TITLE, _DESCRIPTION, _PACKAGE, _CATEGORY, _USERNAME, _OVERLAY)
"""What tells which page this is."""


class DetailsForm:
    """`/p-post-ad.html?categoryId=…` for a new ad, `/p-edit-ad.html?adId=…` for one that is live."""

    def __init__(self, site: Site, ad: Listing, person_timeout: float) -> None:
        self._site = site
        self._ad = ad
        self._person_timeout = person_timeout
        self._photos = PhotoList(site)
        self._location = LocationPart(site)
        self._tags = TagList(site)
        self._fields: list[FormField] = []
        self._package_clicked = False
        self._category_here = ""
        """The id of the category that the form is for, where it tells."""
        self.notes: list[str] = []
        """What the row has and the form has no field for."""
        self.under_other: list[str] = []
        """What the row has and the form's list lacks, so that the list's Other was chosen."""
        self.remarks: list[str] = []
        """Sentences about either, as far as only the open form could tell."""

    @property
    def ad(self) -> Listing:
        """The ad as it is in the form: its description tells what this form has no field for."""
        return self._ad

    # --- getting there

    @property
    def category_suggested(self) -> bool:
        """Did the row leave the category to the site?"""
        return self._ad.category is None

    @property
    def _suggested(self) -> Category | None:
        """The category that the form is for; None where the form doesn't tell."""
        here = self._category_here
        return resolve_category(here) if re.fullmatch(r"[0-9]{1,9}", here) else None

    @property
    def loaded(self) -> bool:
        """Title and description can be typed."""
        return self._form_there() is not None

    @staticmethod
    def path_for(category_id: str, title: str) -> str:
        """The address of the form for a new ad."""
        return f"/p-post-ad.html?{urlencode({'categoryId': category_id, 'adTitle': title})}"

    def wait_until_loaded(self) -> None:
        """Wait for the form, through a package step where there's one.

        Raises SignedOutError, LimitReached, AccountBlocked, PersonNeeded, SiteError, SelectorNotFound.
        """
        site = self._site
        seen = site.wait(self._something_to_do) or site.look(*_SIGNS)
        if seen[_OVERLAY] is not None:
            site.close_overlays()
            seen = site.look(*_SIGNS)
        if self._is_sign_in(seen):
            raise SignedOutError(tell("signed-out-again"))
        self._see_stops(seen)
        if seen[_PACKAGE] is not None and not self._is_loaded(seen):  # else it is chosen with all the rest
            self.take_free_package()
            seen = site.wait(self._form_there) or site.look(*_SIGNS)
            self._see_stops(seen)
        if not self._is_loaded(seen):
            asked = self._ad.category
            if asked is not None and asked.id not in all_categories() and 0 < seen.state.status < 500:
                raise RecordError(tell("no-form-for-category", column=self._ad.label("category"), category=asked.id))
            if seen.state.failed:
                raise SiteError(tell("site-answered-error", status=seen.state.status))
            raise SelectorNotFound(PAGE, "title" if seen[_TITLE] is None else "description")
        category = seen[_CATEGORY]
        self._category_here = category.value if category is not None else ""
        self._check_category()

    @staticmethod
    def _is_loaded(seen: Glance) -> bool:
        return seen[_TITLE] is not None and seen[_DESCRIPTION] is not None

    @staticmethod
    def _is_sign_in(seen: Glance) -> bool:
        return seen[_USERNAME] is not None and seen[_TITLE] is None

    def _form_there(self) -> Glance | None:
        seen = self._site.look(*_SIGNS)
        return seen if self._is_loaded(seen) else None

    def _something_to_do(self) -> Glance | None:
        seen = self._site.look(*_SIGNS)
        stopped = seen.state.failed or wants_person(seen.state) or bool(seen.state.limit)
        there = self._is_loaded(seen) or seen[_PACKAGE] is not None or self._is_sign_in(seen)
        return seen if there or stopped else None

    def _see_stops(self, seen: Glance) -> None:
        check_stops(seen.state)
        if seen.state.captcha or (not self._is_loaded(seen) and wants_person(seen.state)):
            wait_for_person(self._site, self._person_timeout)

    def _check_category(self) -> None:
        here, category = self._category_here, self._ad.category
        if category is not None and here and here != category.id:
            raise RecordError(
                tell(
                    "opened-other-category",
                    column=BY_NAME["category"].header,
                    here=short(here, 20),
                    category=category.full_name,
                )
            )

    # --- filling

    def fill(self, *, new: bool = True) -> None:
        """Fill everything in; `new`: into an empty form, photos included.

        Photos are on their way while the rest is entered. What can be entered without a doubt is, in one round trip;
        for what's left there are the steps of a person.
        """
        site, ad = self._site, self._ad
        site.step(tell("filling-in-the-form"))
        site.run("keys", False)  # what a person types for their workbook must not get here
        if new:
            self._photos.clear()
            clear_draft(site)
            site.step(uploading(0, len(ad.photos)))
            self._photos.send(photos_to_upload(ad.photos, ad.images_dir))
        stay = [] if new else self._tags.keep_only(ad.tags)
        self._fields = fields_of(site, ad, self._suggested)
        place = self._location.for_page(ad.location)
        tags = {"candidates": site.candidates(PAGE, "tags"), "wanted": list(ad.tags)}
        free = {name: site.candidates(PAGE, name) for name in ("extras", "terms")}
        package = self._package_to_take() if new else None
        entered = site.run_async("enter", for_page(self._fields), tags, place, free | {"package": package})
        self._package_clicked |= entered["package"]
        missing = fill_fields(site, self._fields, entered["fields"])
        others = [field for field in self._fields if field.instead]
        self._tell_the_rest([*missing, *others])
        self.under_other = [_noted(field.label, field.shown) for field in others]
        self.notes = [_noted(field.label, field.shown) for field in missing]
        self._tags.entered(entered["tags"])
        if stay:
            self.notes.append(tell("taking-off", field=_noted(ad.label("tags"), ", ".join(stay))))
        if set(ad.tags) - set(entered["tags"]):
            if self._tags.present and not stay:  # with others there, there may be no room
                self._tags.add(ad.tags)
            else:
                self._note_tags(", ".join(ad.tags))
        if entered["location"] is not None:
            self._location.entered(entered["location"])
        else:
            self._location.set(ad.location, typed=place is not None)
        if self._package_to_take() is not None and new:  # one that showed up late, or that wants a real click
            self.take_free_package()
        if new:
            self._photos.wait_for(len(ad.photos))
        if not entered["terms"]:
            raise SiteError(tell("terms-not-accepted"))

    def _tell_the_rest(self, missing: Sequence[FormField]) -> None:
        """Put what this form has no field for into the description: forms differ from what the tables foretell."""
        labels = {field.label: field.instead for field in missing}
        told = self._ad.described_without(labels)
        fits = text_length(told.description) <= DESCRIPTION[1]
        self.remarks = list(self._not_foretold(labels, tell("put-at-end" if fits else "no-room-at-end")))
        if told.description == self._ad.description or not fits:
            return
        self._ad = told
        described = [replace(field, text=told.description) for field in self._fields if field.name == "description"]
        self._fields = [field for field in self._fields if field.name != "description"] + described
        fill_fields(self._site, described)

    def _not_foretold(self, missing: Mapping[str, str], end: str) -> Iterator[str]:
        """What the check of the row couldn't say; `missing`: headers, and the choice that was taken instead."""
        ad, record = self._ad, self._ad.record
        known = {left.header for left in leftovers(record, ad.category, ad.wishes)}
        for left in leftovers(record, ad.category, ad.wishes, missing):
            if left.header not in known:
                left = replace(left, instead=missing.get(left.header, ""))
                place = tell("told-already") if left.told else end
                yield str(remark_on_leftover(left, record, ad.category or self._suggested, place)).strip()

    def _note_tags(self, tags: str) -> None:
        """The form has no field for tags, which no description tells."""
        label, category = self._ad.label("tags"), self._ad.category or self._suggested
        self.notes.append(_noted(label, tags))
        left = Leftover(label, tags, told=False)
        self.remarks.append(str(remark_on_leftover(left, self._ad.record, category, "")).strip())

    def _package_to_take(self) -> WebElement | None:
        """The free package's button beside the form, unless it's chosen already. Raises FeeDue when it isn't free."""
        package = self._site.look(_PACKAGE)[_PACKAGE]
        if package is None or package.pressed or not package.enabled or self._package_clicked:
            return None
        self._refuse_price_of(package.element)
        return package.element

    def _refuse_price_of(self, package: WebElement) -> None:
        offer = self._site.run("package_price", package)
        amounts = dollar_amounts(str(offer["text"]))
        if amounts and not offer["free"] and not any(map(is_nothing, amounts)):
            raise refuse_fee(tell("price-of-package", text=offer["text"]))

    def take_free_package(self) -> None:
        """Choose the first package, which is the free one. Raises FeeDue when it isn't."""
        site = self._site
        self._refuse_price_of(site.require(PAGE, "package"))
        site.click(lambda: site.find(PAGE, "package"))
        self._package_clicked = True
        site.wait_until_quiet(0.1, 3.0)

    # --- looking again

    def check(self, *, new: bool = True) -> bool:
        """Read everything back; whether something had to be filled in once more.

        Raises SiteError naming what the form didn't keep, FeeDue when it isn't free.
        """
        site, again = self._site, False
        seen = self._held()
        if unheld(self._fields, seen["fields"]):
            # a part that was drawn anew may have forgotten what it held: once more, then it must hold
            again = True
            fill_fields(site, self._fields)
            site.wait_until_quiet(0.3, 2.0)
            seen = self._held()
            wrong = unheld(self._fields, seen["fields"])
            if wrong:
                names = ", ".join(dict.fromkeys(field.label for field in wrong))
                raise SiteError(tell("form-did-not-keep", names=names))
        if new:
            self._photos.check(len(self._ad.photos), seen["photos"])
        if seen["tags"] is not None:
            self._tags.check(seen["tags"])
        self._location.check(seen["location"])
        if not seen["total"] or amount_due(seen["total"]):
            self._check_total(new=new)
        return again

    def _held(self) -> dict[str, Any]:
        """All that the form holds now, as form_state.js gives it."""
        names = ("photo_list", "photo_error", "tags", "location_value", "total")
        parts = {name: self._site.candidates(PAGE, name) for name in names}
        held: dict[str, Any] = self._site.run("form_state", for_page(self._fields), parts, list(self._ad.tags))
        return held

    def differences(self) -> list[str]:
        """The columns of which the form holds something else than the row, before anything is filled in.

        Only title, description and price: whether a form for a live ad shows all else as it is isn't known.
        """
        fields = [field for field in fields_of(self._site, self._ad) if field.name in {"title", "description", "price"}]
        return [field.label for field in wrong_fields(self._site, fields)]

    def _check_total(self, *, new: bool) -> None:
        """The total must read nothing before the click (kijiji-site facts, sure A).

        A form without one is taken as free only where nothing on it could cost: no paid extra, no package, no amount.
        Raises FeeDue, SelectorNotFound.
        """
        site = self._site
        if site.find(PAGE, "total") is None and not (new and self._could_cost()):
            return
        text = ""

        def is_free() -> bool:
            nonlocal text
            total = site.find(PAGE, "total")
            text = self._total_text(total) if total is not None else ""
            return bool(text) and not amount_due(text)

        # it may follow a package or an extra with a delay
        if site.wait(is_free, timeout=TOTAL_SECONDS):
            return
        if text:
            raise refuse_fee(text)
        total = site.find(PAGE, "total")
        if total is None or site.find(PAGE, "total", shown=True) is not None or self._could_cost():
            raise SelectorNotFound(PAGE, "total", "" if total is None else tell("stays-empty"))

    def _could_cost(self) -> bool:
        return any(self._site.find(PAGE, name) is not None for name in ("extras", "package", "checkout_price"))

    @staticmethod
    def _total_text(total: WebElement) -> str:
        return str(total.get_property("textContent") or total.get_property("value") or "").strip()

    def submit_button(self, field: str = "submit") -> WebElement:
        """The button that posts, ready to be clicked.

        Raises FeeDue for a shopping cart, ForeignPage for a form that another site would get, RecordError for what the
        browser itself would refuse, SiteError when it can't be reached, SelectorNotFound.
        """
        site, name = self._site, f"{PAGE}.{field}"
        for _ in range(COVERS_AT_MOST):
            glance = site.look(name, _OVERLAY)
            if glance[_OVERLAY] is not None:
                site.close_overlays()
            shown = glance[name]
            button = shown.element if shown is not None else site.require(PAGE, field)
            text = shown.text if shown is not None else str(button.text or button.get_property("value") or "")
            if asks_for_payment(text):
                raise refuse_fee(text)
            seen = site.run("before_click", button)
            site.refuse_foreign(str(seen["target"]), "form-to-foreign-page")
            if seen["disabled"]:
                site.wait(lambda: not site.run("before_click", site.require(PAGE, field))["disabled"], timeout=5.0)
                seen = site.run("before_click", site.require(PAGE, field))
            if seen["invalid"]:
                raise _invalid(seen["invalid"][0])
            if seen["disabled"]:
                raise SiteError(tell("button-stays-grey", button=short(text, 40), advice=self._errors()))
            if not seen["cover"]:
                return button
            if not (site.close_overlays() or site.close_unknown_overlay()):
                break
        raise SiteError(tell("button-is-covered", button=short(text, 40), cover=short(seen["cover"], 80)))

    def _errors(self) -> str:
        errors = self._site.state().errors
        return tell("form-says", text=short(errors[0]["text"])) if errors else tell("try-again-later")


def _noted(label: str, text: str) -> str:
    return tell("field-with-text", label=label, text=short(text, 40))


def _invalid(seen: dict[str, str]) -> RecordError:
    name = seen["label"] or seen["field"]
    return RecordError(tell("form-wants", name=short(name, 60), text=short(seen["text"], 80)))
