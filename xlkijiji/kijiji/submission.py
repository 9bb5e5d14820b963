"""After the click: what the site says, and the proof under My Ads.

Everything here is uncertain until seen. Nothing in this module clicks the button a second time.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from xlkijiji.errors import RecordError, SiteError, UnknownOutcome
from xlkijiji.kijiji.browser import foreseen
from xlkijiji.kijiji.details_form import PAGE, DetailsForm
from xlkijiji.kijiji.hosts import is_own_host
from xlkijiji.kijiji.my_ads import EMPTY_SECONDS, ListedAd, MyAds, SignedOutError
from xlkijiji.kijiji.sign_in import is_sign_in_page
from xlkijiji.kijiji.site import PageState, Site, short
from xlkijiji.kijiji.stops import check_stops, wait_for_person, wants_person
from xlkijiji.messages import tell

__all__ = ["Answer", "AnswerWatch", "Confirmed", "NotListedError", "confirm", "said_by_form", "success_of", "unsure"]

log = logging.getLogger(__name__)

ELSEWHERE_POLLS = 16
"""A page that is neither success nor refusal must stay for so many looks before it counts as the site's answer."""
SAME_ERROR_POLLS = 40
MY_ADS_POLL_SECONDS = 1.0
FIRST_PATIENCE = 0.6
"""Seconds for which the first look waits for a list to show rows; each look after it takes twice as long."""
_SUCCESS = re.compile(r"successfully posted|annonce a été publiée|publiée avec succès", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What the page showed after the click: a hint, not yet the proof."""

    ad_id: str = ""
    ad_url: str = ""


@dataclass(frozen=True)
class Confirmed:
    """An ad that shows under My Ads, and what else was to be seen there."""

    ad: ListedAd
    seen: frozenset[str]
    """The ids of all ads there."""
    twins: tuple[str, ...] = ()
    """Ids of other new ads of the same title: a browser sends a form again when the connection breaks off."""


class NotListedError(UnknownOutcome):
    """My Ads could be read after the click, and had no new ad of this title all the time."""


class AnswerWatch:
    """Looks at the page again and again until it says something."""

    def __init__(self, site: Site, form: DetailsForm, person_timeout: float) -> None:
        self._site = site
        self._form = form
        self._person_timeout = person_timeout
        self._before = site.marked_state()
        self._looks_elsewhere = 0
        self._looks_same_error = 0
        self._package_taken = False

    def wait(self) -> Answer:
        """The site's answer; an empty one when it gives none in time.

        Raises RecordError (the site refused the form). What it raises besides is what a page says, which an accepted
        ad may lead to as well, so My Ads decides: LimitReached, AccountBlocked, FeeDue, PersonNeeded.
        """
        return self._site.wait(self._look, poll=0.1) or Answer()

    def _look(self) -> Answer | None:
        state = self._site.state()
        success = success_of(state, self._site.base_url)
        if success is not None:
            return success
        check_stops(state)
        on_form = self._form.loaded
        if state.captcha or (not on_form and wants_person(state)):
            wait_for_person(self._site, self._person_timeout)
            return None
        if self._see_refusal(state, on_form):
            return Answer()
        if self._site.find(PAGE, "package") is not None and not on_form and not self._package_taken:
            self._package_taken = True
            self._form.take_free_package()
            return None
        if on_form or not state.ready:
            return None
        if state.failed or is_sign_in_page(self._site):
            return Answer()
        self._looks_elsewhere += 1
        return Answer() if self._looks_elsewhere >= ELSEWHERE_POLLS else None

    def _see_refusal(self, state: PageState, on_form: bool) -> bool:
        """Raises RecordError when the form came back, or came to say something new: the site took nothing.

        True when it only goes on showing what it showed before the click, which tells nothing either way.
        """
        if not on_form or not state.errors:
            self._looks_same_error = 0
            return False
        fresh = [error for error in state.errors if error not in self._before.errors]
        self._looks_same_error += 1
        if fresh or (state.mark != self._before.mark and state.ready):
            raise _refusal(fresh or state.errors, suggested=self._form.category_suggested)
        return self._looks_same_error >= SAME_ERROR_POLLS


def success_of(state: PageState, base_url: str) -> Answer | None:
    """What a page says that is the site's word for an accepted ad; None for any other page."""
    if not is_own_host(state.url, base_url):
        return None
    parts = urlsplit(state.url)
    query = {name.casefold(): values[0] for name, values in parse_qs(parts.query).items()}
    clean = f"{parts.scheme}://{parts.netloc}{parts.path}"
    live = re.search(r"^/v-.*/(\d+)/?$", parts.path)
    if live and not state.failed:
        return Answer(live[1], clean)
    if "true" in (query.get("posted", "").casefold(), query.get("adactivated", "").casefold()):
        return Answer(query.get("adid", "") if query.get("adid", "").isdecimal() else "")
    return Answer() if _SUCCESS.search(state.text) else None


def said_by_form(errors: list[dict[str, str]]) -> str:
    """The field errors of a form in its own words."""
    return "; ".join(
        tell(
            "said-of-field", field=short(error["label"] or error["field"] or "form", 50), text=short(error["text"], 120)
        )
        for error in errors[:4]
    )


def _refusal(errors: list[dict[str, str]], *, suggested: bool) -> RecordError:
    text = tell("ad-refused", said=said_by_form(errors))
    return RecordError(f"{text} {tell('category-was-suggested')}" if suggested else text)


def confirm(
    site: Site,
    title: str,
    answer: Answer,
    ids_before: Collection[str],
    *,
    timeout: float,
    sign_in: Callable[[], bool],
) -> Confirmed:
    """The new ad under My Ads, looked for until it shows.

    Raises NotListedError when it doesn't; UnknownOutcome when My Ads can't be read, or several ads may be it.
    """
    my_ads = MyAds(site)
    signed_in_again = False
    read = False
    patience = FIRST_PATIENCE
    seen: frozenset[str] = frozenset()
    twins: tuple[str, ...] = ()

    def look() -> list[ListedAd]:
        nonlocal signed_in_again, patience, read, seen, twins
        try:
            with foreseen():
                ads = my_ads.ads(patience, until=answer.ad_id)
            patience = min(2 * patience, EMPTY_SECONDS)
            read = True
        except SignedOutError:
            if signed_in_again or not sign_in():
                raise
            signed_in_again = True
            return []
        except SiteError as error:
            log.info("My Ads could not be read yet: %s", error)
            return []
        seen = frozenset(ads)
        new = [ad for ad in ads.values() if ad.ad_id not in ids_before]
        twins = tuple(ad.ad_id for ad in new if ad.ad_id != answer.ad_id and ad.has_title(title))
        if answer.ad_id:
            return [ad for ad in new if ad.ad_id == answer.ad_id]
        return [ad for ad in new if ad.has_title(title)]

    site.step(tell("looking-for-new-ad"))
    found = site.wait(look, timeout, poll=MY_ADS_POLL_SECONDS)
    if not found:
        shown = " " + tell("number-was-shown", ad_id=answer.ad_id) if answer.ad_id else ""
        if read:
            raise NotListedError(str(unsure(title, tell("was-not-listed") + shown)), answer.ad_id)
        raise unsure(title, tell("my-ads-not-read") + shown)
    if len(found) > 1:
        raise unsure(title, tell("several-have-title", number=len(found), ids=", ".join(ad.ad_id for ad in found)))
    return Confirmed(found[0], seen, twins if answer.ad_id else ())


def unsure(title: str, what: str, *, browser_gone: bool = False) -> UnknownOutcome:
    """The error for an ad of which nobody knows what became of it."""
    return UnknownOutcome(
        tell("unsure-whether-posted", what=what, title=short(title, 70)),
        browser_gone=browser_gone,
    )
