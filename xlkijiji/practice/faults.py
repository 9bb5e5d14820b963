"""What can go wrong on the real site, switched on here one by one, each with a count of how often it still strikes.

A fault is a row (name, value, times) of the site's file: it survives a restart, and two requests at the same moment
never take the same strike.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xlkijiji.practice.database import Database


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of fault: what a person reads about it, and which values it takes (a regular expression)."""

    name: str
    title: str
    default: str = ""
    values: str = ""
    hint: str = ""

    def checked(self, value: object) -> str:
        """The value as text, the default where none is given. Raises ValueError for a value it cannot have."""
        text = self.default if value is None or value == "" else str(value)
        if not re.fullmatch(self.values, text):
            raise ValueError(f"The fault {self.name} cannot have the value {text!r}: {self.hint or 'it has no value.'}")
        return text


_SECONDS = r"\d+(\.\d+)?"
_PATH = r"/\S*"
OVERLAYS = ("modal", "modal-testid", "modal-id", "drawer", "splash", "cookies")

KINDS = {
    kind.name: kind
    for kind in (
        Kind("wrong_password", "The right password is called wrong"),
        Kind("captcha_at_sign_in", "A check for a person after the password"),
        Kind(
            "captcha_at_post", "A check for a person when posting", "after", "after|before",
            "after (the click; the ad is accepted when it is solved) or before (on the details form)",
        ),
        Kind(
            "session_lost", "Signed out at this very request", "form", "form|upload|submit|my_ads|edit|delete",
            "form, upload, submit, my_ads, edit or delete",
        ),
        Kind("upload_401", "A photo is refused with 401 although signed in"),
        Kind("upload_slow", "A photo takes long", "5", _SECONDS, "seconds"),
        Kind("upload_stuck", "A photo never gets an answer"),
        Kind(
            "no_answer", "The ad is accepted, but its answer never comes", "closed", "closed|hanging|500|empty",
            "closed (the connection ends), hanging (it stays open), 500 or empty (an answer that says nothing)",
        ),
        Kind(
            "refused", "The form comes back with a field error", "postad-title=Please choose another title.",
            r"[\w-]+=.+", "field id=sentence",
        ),
        Kind(
            "limit", "No more than N active ads", "2", r"\d+( click)?",
            "N, or 'N click' when only the click tells it, and not the form before it",
        ),
        Kind("fee", "A dealer account: each ad costs a fee", "25.00", r"\d+(\.\d\d)?", "dollars"),
        Kind("blocked", "The account may not post", "click", "click|form", "click, or form (seen before it too)"),
        Kind("duplicate_removed", "An accepted ad is removed after a while", "2", _SECONDS, "seconds"),
        Kind(
            "my_ads_lag", "A new ad is not listed in My Ads at first", "2", r"\d+|\d+(\.\d+)?s",
            "so many looks at My Ads (2), or seconds (2.5s)",
        ),
        Kind("renamed_id", "An element's id is another one", "PriceAmount", r"[\w-]+", "an id"),
        Kind(
            "new_build", "A new build of the site: other numbers behind the class names", "/p-post-ad.html", _PATH,
            "how the path begins whose page is the first of it",
        ),
        Kind("slow_pages", "A page takes long", "3", _SECONDS, "seconds"),
        Kind("http_500", "The server fails before it does anything", "/p-post-ad.html", _PATH, "how the path begins"),
        Kind("connection_reset", "The connection is cut", "/p-post-ad.html", _PATH, "how the path begins"),
        Kind(
            "overlay", "Something covers the page", "modal", rf"({'|'.join(OVERLAYS)})( {_PATH})?",
            f"{', '.join(OVERLAYS)}; then a blank and how the path begins, if not on every page",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is switched on; `times` is how often it still strikes, None until it is switched off."""

    name: str
    value: str
    times: int | None


Fits = Callable[[str], bool]
"""Whether a fault with this value strikes just here."""


def _any(value: str) -> bool:
    del value
    return True


class Faults:
    """The faults of one site."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, name: str, times: int | None = 1, value: object = None) -> Fault:
        """Switch a fault on, or off with 0 times. The same name with another value is another fault.

        Raises ValueError for an unknown name, a value it cannot have, or a count below 0.
        """
        if name not in KINDS:
            raise ValueError(f"There is no fault {name!r}; there are: {', '.join(KINDS)}.")
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 0):
            raise ValueError(f"{name} strikes 0 or more times, or (None) until it is switched off.")
        fault = Fault(name, KINDS[name].checked(value), times)
        with self._database.open(to_write=True) as db:
            db.execute("DELETE FROM faults WHERE name = ? AND value = ?", (fault.name, fault.value))
            if times != 0:
                db.execute("INSERT INTO faults VALUES (?, ?, ?)", (fault.name, fault.value, fault.times))
        return fault

    def clear(self) -> None:
        """Switch every fault off."""
        with self._database.open(to_write=True) as db:
            db.execute("DELETE FROM faults")

    def left(self) -> list[Fault]:
        """What is still switched on, in the order of the names."""
        with self._database.open() as db:
            return [Fault(**row) for row in db.execute("SELECT name, value, times FROM faults ORDER BY name, value")]

    def peek(self, name: str, fits: Fits = _any) -> str | None:
        """The value with which the fault would strike now; None when it would not. Takes nothing."""
        found = (fault.value for fault in self.left() if fault.name == name and fits(fault.value))
        return next(found, None)

    def take(self, name: str, fits: Fits = _any) -> str | None:
        """Strike once: the fault's value, and one time less; None when it is off or no value fits."""
        if self.peek(name, fits) is None:  # nearly always, and needs no writer's turn
            return None
        with self._database.open(to_write=True) as db:
            for row in db.execute("SELECT value FROM faults WHERE name = ? ORDER BY value", (name,)).fetchall():
                if fits(row["value"]):
                    key = (name, row["value"])
                    db.execute("UPDATE faults SET times = times - 1 WHERE name = ? AND value = ?", key)
                    db.execute("DELETE FROM faults WHERE times <= 0")
                    return str(row["value"])
        return None

    def strikes(self, name: str, fits: Fits = _any) -> bool:
        """Strike once, where the value does not matter: True when it struck."""
        return self.take(name, fits) is not None


def fault_as_dict(fault: Fault) -> dict[str, Any]:
    """One fault as plain data."""
    return {"name": fault.name, "value": fault.value, "times": fault.times}
