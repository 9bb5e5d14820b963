"""Draft mode: the form is filled in, and a person presses its button or not. Nothing here clicks anything.

From the moment in which the person is told, the ad may be on the site, whatever is to be seen. So a page that was left
proves nothing: My Ads is looked at in each case, when nobody can press any more.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3.exceptions
from selenium.common.exceptions import WebDriverException

from xlkijiji.errors import (
    BatchStopped,
    BrowserGone,
    DraftNotPosted,
    ForeignPage,
    PersonNeeded,
    SettingsError,
    SiteError,
)
from xlkijiji.kijiji.browser import foreseen
from xlkijiji.kijiji.details_form import PAGE, DetailsForm
from xlkijiji.kijiji.sign_in import is_sign_in_page
from xlkijiji.kijiji.site import PageState, Site
from xlkijiji.kijiji.stops import check_stops, wants_person
from xlkijiji.kijiji.submission import Answer, said_by_form, success_of
from xlkijiji.messages import tell

__all__ = ["DRAFT_SECONDS", "DraftWatch", "Left", "refuse_unseen"]

log = logging.getLogger(__name__)

DRAFT_SECONDS = 900.0
"""How long a person is waited for, unless the caller says otherwise."""
LOOK_SECONDS = 0.2
SILENT_SECONDS = 8
"""So long after the last look the page leaves itself: the run was killed. See `search.LATE_CLICK_SECONDS`."""
ELSEWHERE_LOOKS = 8
"""A page without the form must stay for so many looks before it counts."""
ABOUT_BLANK = "about:blank"
_PAYMENT = re.compile(r"checkout|payment|paiement|/cart|/panier", re.IGNORECASE)


@dataclass(frozen=True)
class Left:
    """The page with the form was left, and no press was seen; `why` is the rest of a sentence."""

    why: str

    def error(self) -> DraftNotPosted:
        """What the row is told once My Ads was looked at."""
        return DraftNotPosted(tell("draft-not-posted", why=self.why))


def refuse_unseen(site: Site) -> None:
    """Raises SettingsError where nobody could see the browser, and press."""
    if not site.person_watches:
        raise SettingsError(tell("draft-needs-window"))


class DraftWatch:
    """Waits for a person at the form of one ad, for `timeout` seconds at most, or until `stopping()`.

    `retitled` is told when the person gives the ad another title; `title` is the latest.
    """

    def __init__(
        self,
        site: Site,
        form: DetailsForm,
        timeout: float,
        *,
        stopping: Callable[[], bool],
        retitled: Callable[[str], None],
    ) -> None:
        self._site = site
        self._form = form
        self._timeout = timeout
        self._stopping = stopping
        self._retitled = retitled
        self.title = form.ad.title
        self._before = site.marked_state()
        self._deadline = time.monotonic() + timeout
        self._looks_elsewhere = 0
        self._refused = ""
        """The site's words, when it has refused the form and the person hasn't pressed again."""
        self._asks_person = False
        """After a press the site wants a check that only a person may do."""
        self._asks_payment = False
        self._see()  # before anybody is told to press: a run may be killed right then, and the page must know

    @property
    def longest(self) -> float:
        """Within so many seconds the person can press, whatever becomes of the run."""
        return self._timeout + SILENT_SECONDS + 1

    def wait(self) -> Answer | Left | PersonNeeded | BatchStopped:
        """What came of it, not yet believed; nobody can press any more. Empty where a press may have had an answer.

        Raises BrowserGone.
        """
        self._deadline = time.monotonic() + self._timeout
        found: Answer | Left | PersonNeeded | BatchStopped
        try:
            self._site.run("keys", True)
            self._site.step(tell("waiting-for-press"))
            with foreseen():
                found = self._site.wait(self._look, self._timeout, poll=LOOK_SECONDS) or self._timed_out()
        except BrowserGone:
            raise
        except (PersonNeeded, BatchStopped) as error:
            found = error
        except SiteError as error:  # as when the answer to a press never comes
            log.info("the page could not be read while a person was waited for: %s", error)
            found = Answer()
        finally:
            # also in an interrupt: a person who presses later would have an ad of which nobody knows
            self._leave()
        return found

    def _see(self) -> dict[str, Any]:
        """What draft.js sees; the page knows from it that somebody still waits."""
        site = self._site
        # a little longer than we wait, so that it is we who leave
        left = max(0.0, self._deadline - time.monotonic()) + SILENT_SECONDS
        seen: dict[str, Any] = site.run("draft", site.candidates(PAGE, "title"), SILENT_SECONDS, left, site.stops())
        return seen

    def _look(self) -> Answer | Left | None:
        if self._stopping():
            return Left(tell("stopped-before-press"))
        site = self._site
        seen = self._see()
        state = PageState(seen["state"])
        try:
            site.refuse_foreign(state.url)
        except ForeignPage:  # the person went there, and no data of the site's go along
            return self._elsewhere(pressed=False)
        if (success := success_of(state, site.base_url)) is not None:
            return success
        check_stops(state)
        on_form = self._form.loaded
        if state.captcha or (not on_form and wants_person(state)):
            self._say_once("_asks_person", tell("waiting-for-check"))
            return None
        self._asks_person = False
        if on_form:
            self._at_form(state, seen["title"])
            return None
        if not state.ready or site.find(PAGE, "package") is not None:
            return None
        if state.failed or is_sign_in_page(site):
            return Answer()
        if _PAYMENT.search(urlsplit(state.url).path):
            text = tell("waiting-for-payment")
            self._say_once("_asks_payment", text)
            return None
        return self._elsewhere(pressed=bool(seen["redirected"]) or "submit" in urlsplit(state.url).path)

    def _say_once(self, flag: str, text: str) -> None:
        if not getattr(self, flag):
            setattr(self, flag, True)
            self._site.step(text)

    def _at_form(self, state: PageState, title: str) -> None:
        """The form is (again) there to be pressed: hear of a refusal, and of another title."""
        self._looks_elsewhere = 0
        title = " ".join(title.split())
        if title and title != self.title:
            self.title = title
            self._retitled(title)
        anew = state.mark != self._before.mark
        if anew and not state.ready:
            return
        fresh = state.errors if anew else [error for error in state.errors if error not in self._before.errors]
        if anew or fresh:
            self._before = self._site.marked_state()
        if fresh:
            self._refused = said_by_form(fresh)
            self._site.step(tell("waiting-after-refusal", refused=self._refused))

    def _elsewhere(self, *, pressed: bool) -> Answer | Left | None:
        """A page that isn't the form and says nothing: the answer to a press, or where the person went instead."""
        self._looks_elsewhere += 1
        if self._looks_elsewhere < ELSEWHERE_LOOKS:
            return None
        return Answer() if pressed or self._asks_payment else Left(tell("left-the-page") + self._refusal)

    @property
    def _refusal(self) -> str:
        return " " + tell("had-refused", refused=self._refused) if self._refused else ""

    def _timed_out(self) -> Answer | Left:
        if self._asks_person:
            raise PersonNeeded(
                tell("check-not-done"),
                waited=True,
            )
        if self._asks_payment:
            return Answer()
        return Left(tell("nobody-pressed", span=_span(self._timeout)) + self._refusal)

    def _leave(self) -> None:
        """Leave the form, so that it can't be had back by the Back button either."""
        try:
            if self._form.loaded:
                self._site.driver.execute_script("location.replace(arguments[0])", ABOUT_BLANK)
                self._site.wait(lambda: self._site.driver.current_url == ABOUT_BLANK)
        except (WebDriverException, urllib3.exceptions.HTTPError, OSError, ForeignPage) as error:
            # whoever looks at My Ads next meets the same
            log.info("the form could not be left: %s", error)


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return tell("span-seconds", seconds=f"{seconds:g}") if seconds < 90 else tell("span-minutes", minutes=minutes)
