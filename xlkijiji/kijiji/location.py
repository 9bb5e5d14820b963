"""The location part of the details form: a text of which a suggestion must be clicked (kijiji-site facts, sure A)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from xlkijiji.errors import RecordError, SelectorNotFound, SiteError
from xlkijiji.inventory import BY_NAME
from xlkijiji.kijiji.categories import fold
from xlkijiji.kijiji.site import Site, short
from xlkijiji.messages import tell

__all__ = ["LocationPart", "is_postal_code"]

PAGE = "details_form"
SUGGESTION_SECONDS = 4.0
HOLDING_SECONDS = 2.5
"""How long a suggestion that holds the words is waited for, while others are shown: those of what was typed before,
or places used lately."""
_ABOUT = "locat|postal|address|emplacement|adresse|lieu"
"""Words around the button that changes the place, and not something else."""
_POSTAL_CODE = re.compile(r"([ABCEGHJ-NPRSTVXY]\d[A-Z])\s*-?(\d[A-Z]\d)", re.IGNORECASE)


def is_postal_code(text: str) -> str:
    """`text` as a postal code in the form A1A 1A1; empty when it's something else."""
    found = _POSTAL_CODE.fullmatch(text.strip())
    return f"{found[1]} {found[2]}".upper() if found else ""


class LocationPart:
    """Today's location field, and the postal code of older forms."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._chosen = ""
        """What the field read once the place was chosen; empty when it closed."""
        self._picked = ""
        """The suggestion that was clicked."""
        self._postal_code = ""
        """What was typed into an older form."""

    def set(self, location: str, *, typed: bool = False) -> None:
        """Put the ad at `location`; blank: leave where the account's ads usually are.

        `typed`: it was typed already, so that its field may read it, though no suggestion was clicked.

        Raises RecordError when the site doesn't know the place, or none is given and the form has none;
        SelectorNotFound when the form has no such field.
        """
        if self._field() is None and self._change() is None:
            self._set_postal_code(location)
            return
        here = self._value()
        if not location:
            if not here and self._field() is not None:
                raise RecordError(tell("no-location", column=BY_NAME["location"].header))
            return
        if here and fold(here) == fold(location) and not typed:
            self._chosen = here
            return
        self._choose(location)

    def for_page(self, location: str) -> dict[str, Any] | None:
        """What enter.js needs to choose the place as long as there's no doubt; None where that is not for it."""
        site = self._site
        seen = site.look(*(f"{PAGE}.{name}" for name in ("location", "location_value", "location_change")))
        field, value, change = seen.fields.values()
        here = _words(value.value) if value is not None else ""
        if not location or (field is None and change is None) or (here and fold(here) == fold(location)):
            return None
        parts = {
            "field": "location",
            "value": "location_value",
            "change": "location_change",
            "option": "location_option",
        }
        wanted = is_postal_code(location) or _words(location)
        return {key: site.candidates(PAGE, name) for key, name in parts.items()} | {"wanted": wanted, "words": _ABOUT}

    def entered(self, place: dict[str, str]) -> None:
        """The place was chosen by enter.js: `text` of the suggestion, `value` of the field after it."""
        self._picked, self._chosen = place["text"], place["value"]

    def _field(self) -> WebElement | None:
        return self._site.find(PAGE, "location")

    def _change(self) -> WebElement | None:
        """The button that opens the field, and not one that changes something else."""
        anchor = self._site.find(PAGE, "location_value")
        return self._site.nearest(PAGE, "location_change", anchor, _ABOUT)

    def _value(self) -> str:
        field = self._site.find(PAGE, "location_value")
        if field is None:
            return ""
        return _words(str(field.get_property("value") or ""))

    def _choose(self, location: str) -> None:
        site = self._site
        field = self._field()
        closed = field is None or not field.is_enabled() or bool(field.get_property("readOnly")) or self._value()
        if closed and self._change() is not None:
            site.click(self._change)
        site.require(PAGE, "location")
        wanted = is_postal_code(location) or " ".join(location.split())
        try:
            self._suggest(wanted, location)
            self._click_option(wanted)
        except SiteError:
            # a dialog that opened meanwhile took the focus, and the list closed: once more
            site.close_overlays()
            self._suggest(wanted, location)
            self._click_option(wanted)

    def _suggest(self, wanted: str, location: str) -> None:
        """Type, and wait for the list of places. Raises RecordError when the site knows none."""
        site = self._site
        self._type(wanted)
        if not site.wait(self._options, timeout=SUGGESTION_SECONDS):
            # a field that listens to keys rather than to its value
            with site.typing():
                site.require(PAGE, "location").send_keys(Keys.END, " ", Keys.BACKSPACE)
        if not site.wait(self._options, timeout=SUGGESTION_SECONDS):
            raise RecordError(tell("site-knows-no-place", column=BY_NAME["location"].header, text=short(location, 60)))

    def _type(self, text: str) -> None:
        site = self._site
        field = {"key": 0, "candidates": [site.candidates(PAGE, "location")], "text": text, "wanted": []}
        # the field must keep the focus: many lists of suggestions close without it
        site.driver.execute_script("arguments[0].focus()", site.require(PAGE, "location"))
        site.run("type", field["candidates"], text)

    def _options(self) -> list[WebElement]:
        return self._site.all(PAGE, "location_option")

    def _click_option(self, wanted: str) -> None:
        site = self._site
        text = self._fitting(wanted)
        if not text:
            raise SiteError(tell("places-went-away"))
        site.click(lambda: next((option for option in self._options() if _words(option.text) == text), None))
        if site.wait(lambda: not self._options(), timeout=SUGGESTION_SECONDS) is None:
            raise SiteError(tell("place-not-taken", text=short(text, 60)))
        # some forms close the text area once a place is chosen, and show its name in its stead
        site.wait(lambda: bool(self._value()) or self._field() is None, timeout=2.0)
        self._picked, self._chosen = text, self._value()

    def _fitting(self, wanted: str) -> str:
        """The text of the suggestion that fits best; empty when there is none.

        One that doesn't hold the words is taken only when it is the only one and stays: lists show what was asked
        before, or places used lately, until the answer comes. Raises RecordError when none can be told to be right.
        """
        site = self._site
        if fitting := site.wait(lambda: _best(self._texts(), wanted), timeout=HOLDING_SECONDS):
            return fitting
        texts = self._texts()
        site.wait_until_quiet()
        if not texts or self._texts() != texts:
            # the answer comes just now
            return site.wait(lambda: _best(self._texts(), wanted), timeout=HOLDING_SECONDS) or ""
        near = [text for text in texts if is_postal_code(wanted) and fold(wanted[:3]) in fold(text)]
        if near or len(texts) == 1:
            return (near or texts)[0]
        places = "; ".join(short(text, 50) for text in texts[:4])
        raise RecordError(
            tell("several-places", column=BY_NAME["location"].header, text=short(wanted, 60), places=places)
        )

    def _texts(self) -> list[str]:
        return [_words(option.text) for option in self._options()]

    def _set_postal_code(self, location: str) -> None:
        site = self._site
        field = site.find(PAGE, "postal_code")
        if field is None:
            if location:
                raise SelectorNotFound(PAGE, "location")
            return
        if not location:
            return
        code = is_postal_code(location)
        if not code:
            raise RecordError(tell("takes-postal-code", column=BY_NAME["location"].header, text=short(location, 60)))
        candidates = [site.candidates(PAGE, "postal_code")]
        site.run("fill", [{"key": 0, "candidates": candidates, "text": code, "wanted": []}])
        self._postal_code = code

    def check(self, value: str) -> None:
        """Raises SiteError when the form no longer shows the place that was chosen; `value` is what its field reads."""
        if self._postal_code:
            field = self._site.find(PAGE, "postal_code")
            kept = field is not None and fold(str(field.get_property("value") or "")) == fold(self._postal_code)
        elif self._chosen:
            kept = value == self._chosen
        else:
            kept = not self._picked or _names(self._shown(), self._picked)
        if not kept:
            raise SiteError(tell("place-not-kept", column=BY_NAME["location"].header))

    def _shown(self) -> str:
        """The form's visible text: where a field that closed shows its place."""
        form = self._site.find(PAGE, "form")
        return form.text if form is not None else self._site.state().text


def _words(text: str) -> str:
    return " ".join(text.split())


def _best(texts: Sequence[str], wanted: str) -> str:
    """The first of `texts` that is `wanted`, or holds all its words; else empty."""
    exact = [text for text in texts if fold(text) == fold(wanted)]
    words = [word for part in re.split(r"[\s,]+", wanted) if (word := fold(part))]
    holding = [text for text in texts if all(word in fold(text) for word in words)]
    return next(iter(exact or holding), "")


def _names(shown: str, place: str) -> bool:
    """Does a text name a place, by all of it, its first part (the city or street), or its postal code?"""
    parts = [place, place.split(",")[0], *(found[0] for found in _POSTAL_CODE.finditer(place))]
    return any(fold(part) in fold(shown) for part in parts if fold(part))
