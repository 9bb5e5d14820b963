"""What can be done with one ad: post it with one click, find it, change it, take it off. Uncertain until seen."""

from __future__ import annotations

import contextlib
import inspect
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import urllib3.exceptions
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.remote.webelement import WebElement

from xlkijiji.errors import (
    BatchStopped,
    BrowserGone,
    ForeignPage,
    PersonNeeded,
    RecordError,
    SignInRefused,
    SiteError,
    UnknownOutcome,
)
from xlkijiji.inventory import IN_HAND
from xlkijiji.kijiji.browser import explain, foreseen
from xlkijiji.kijiji.category_step import CategoryStep
from xlkijiji.kijiji.checks import check_listing
from xlkijiji.kijiji.description import one_line
from xlkijiji.kijiji.details_form import DetailsForm
from xlkijiji.kijiji.draft import DraftWatch, Left, refuse_unseen
from xlkijiji.kijiji.listing import Defaults, Listing, make_listing, to_record
from xlkijiji.kijiji.my_ads import ListedAd, MyAds, SignedOutError
from xlkijiji.kijiji.session import Session
from xlkijiji.kijiji.site import short
from xlkijiji.kijiji.submission import Answer, AnswerWatch, Confirmed, NotListedError, confirm, unsure
from xlkijiji.messages import tell

__all__ = ["Ads"]

log = logging.getLogger(__name__)

_NOT_CLICKED = (ElementClickInterceptedException, ElementNotInteractableException, StaleElementReferenceException)
"""What Selenium raises when a click did not happen; anything else may have come after it."""
STOP_LOOK_SECONDS = 10.0
"""How long My Ads is looked at after a click that led to a captcha, a limit, a fee or a block."""
CLICK_TRIES = 3
QUIET_SECONDS = 0.1
"""How long the form must not have changed before it is looked through for the last time."""
REMEMBERED_SECONDS = 30.0
"""For so long the list under which an ad was confirmed counts as what stands there before the next click."""


class Ads:
    """The ads of the account that is signed in. `confirm_timeout`: seconds for a new ad to show under My Ads.

    With a `draft_timeout` a person presses the button, or not, within so many seconds.
    """

    def __init__(
        self, session: Session, defaults: Defaults, confirm_timeout: float, draft_timeout: float | None = None
    ) -> None:
        self._draft_timeout = draft_timeout
        self._session = session
        self._defaults = defaults
        self._confirm_timeout = confirm_timeout
        self._remembered: tuple[float, frozenset[str]] | None = None
        """When the last ad was confirmed, and the ids under My Ads then; for the very next ad alone."""

    def _listing(self, values: Mapping[str, Any]) -> Listing:
        record = to_record(values, self._defaults.images_dir)
        problems = check_listing(record, self._defaults)
        if problems:
            raise RecordError(" ".join(map(str, problems)))
        return make_listing(record, self._defaults)

    def refuse_unseen_draft(self) -> None:
        """Raises SettingsError where a person is to press the button of a browser that nobody can see."""
        if self._draft_timeout is not None:
            refuse_unseen(self._session.site)

    def post(
        self,
        values: Mapping[str, Any],
        before_submit: Callable[..., None] | None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> dict[str, Any]:
        """As `KijijiBot.post_ad`; raises every kind of error."""
        ad = self._listing(values)
        self.refuse_unseen_draft()
        site = self._session.site
        ids_before = self._ids_just_seen()
        if ids_before is None:
            site.step(tell("looking-at-my-ads"))
            ids_before = self.live()
        form, button = self._session.signed_in(lambda: self._ready_form(ad))
        done = self._submit(form, button, ids_before, before_submit, stopping)
        new = done.ad
        message = tell("posted") if self._draft_timeout is None else tell("posted-by-you")
        if new.texts and not new.has_title(ad.title):
            message += " " + tell("another-title", title=short(new.texts[0], 70))
        if form.notes:
            message += " " + tell("no-field-for", names=", ".join(form.notes))
        if form.under_other:
            message += " " + tell("posted-as-other", names=", ".join(form.under_other))
        answer = {
            "success": True,
            "message": message,
            "ad_url": new.ad_url,
            "ad_id": new.ad_id,
            "notes": form.notes,
            "remarks": form.remarks,
        }
        if done.twins:
            others = ", ".join(done.twins)
            warning = tell("twin-under-my-ads", others=others)
            answer |= {"warning": warning, "message": f"{message} {warning}"}
        return answer

    def _ids_just_seen(self) -> list[str] | None:
        """The ids under My Ads, where the ad before this one was confirmed there a moment ago; asked for once."""
        remembered, self._remembered = self._remembered, None
        if remembered is None or time.monotonic() - remembered[0] > REMEMBERED_SECONDS:
            return None
        return sorted(remembered[1])

    def _ready_form(self, ad: Listing) -> tuple[DetailsForm, WebElement]:
        """The form, filled in and looked through, and its button. Raises SignedOutError when the session was lost."""
        form = self._open_form(ad)
        try:
            form.fill()
            button = form.submit_button()
            # what a site still draws after it has loaded, or when what lay over the button was closed: a dialog, or a
            # part of the form that forgets what it held
            self._session.site.wait_until_quiet(QUIET_SECONDS, 2.0)
            if form.check():
                button = form.submit_button()
        except (RecordError, SiteError) as error:
            # without a session the form's helpers fail in ways that look like a wrong row
            if self._session.is_signed_out():
                raise SignedOutError(tell("signed-out-meanwhile")) from error
            raise
        return form, button

    def _open_form(self, ad: Listing) -> DetailsForm:
        site = self._session.site
        site.step(tell("opening-the-form"))
        form = DetailsForm(site, ad, self._session.sign_in_timeout)
        if ad.category is not None:
            site.open(form.path_for(ad.category.id, ad.title))
        else:
            step = CategoryStep(site)
            step.open()
            step.choose(ad.title)
        form.wait_until_loaded()
        return form

    def _submit(
        self,
        form: DetailsForm,
        button: WebElement,
        ids_before: list[str],
        before_submit: Callable[..., None] | None,
        stopping: Callable[[], bool],
    ) -> Confirmed:
        """The one click, and the new ad. What is raised from the click on says that the outcome is unknown."""
        session, title = self._session, form.ad.title
        press = self._press(form, button, ids_before, before_submit, stopping)
        try:
            answer, title = press()
            timeout = self._confirm_timeout
            stop = None if isinstance(answer, Answer | Left) else answer
            if stop is not None:
                timeout = min(STOP_LOOK_SECONDS, timeout)
            hint = answer if isinstance(answer, Answer) else Answer()
            try:
                done = confirm(session.site, title, hint, ids_before, timeout=timeout, sign_in=session.login)
            except NotListedError:
                if isinstance(answer, Left):
                    raise answer.error() from None
                if stop is not None and not isinstance(stop, ForeignPage):
                    raise stop from None
                raise
            except ForeignPage as error:
                raise unsure(title, tell("led-elsewhere")) from error
            except (PersonNeeded, SignInRefused) as error:
                # signed out on the way to My Ads: the next row meets the same, and this one may be posted
                raise unsure(title, tell("sign-in-failed-again")) from error
        except (WebDriverException, urllib3.exceptions.HTTPError, OSError, BrowserGone, SiteError) as error:
            if isinstance(error, _NotClickedError):
                raise
            log.info("after the click: %s", error)
            foreseen_as = explain(error) if isinstance(error, WebDriverException) else error
            gone = isinstance(foreseen_as, (BrowserGone, urllib3.exceptions.HTTPError, OSError))
            if gone:
                session.close()
            raise unsure(title, tell("browser-or-site-failed"), browser_gone=gone) from error
        # while a person looks at an ad, they may post others by themselves
        if isinstance(answer, Answer) and self._draft_timeout is None:
            self._remembered = time.monotonic(), done.seen.union(ids_before)
        url = done.ad.ad_url or (answer.ad_url if isinstance(answer, Answer) else "")
        return replace(done, ad=replace(done.ad, ad_url=url))

    def _press(
        self,
        form: DetailsForm,
        button: WebElement,
        ids_before: list[str],
        before_submit: Callable[..., None] | None,
        stopping: Callable[[], bool],
    ) -> Callable[[], tuple[Answer | Left | PersonNeeded | BatchStopped, str]]:
        """What makes the click, or lets a person make it, and gives the answer and the title that the ad has then.

        When this returns, `before_submit` was told.
        """
        session = self._session
        if self._draft_timeout is None:
            watch = AnswerWatch(session.site, form, session.sign_in_timeout)
            _call(before_submit, ids_before=list(ids_before))
            session.site.step(IN_HAND)

            def click() -> tuple[Answer | Left | PersonNeeded | BatchStopped, str]:
                _click_uncovered(form, button)
                return _answer(watch), form.ad.title

            return click
        draft = DraftWatch(
            session.site,
            form,
            self._draft_timeout,
            stopping=stopping,
            retitled=lambda title: _call(before_submit, must_take="title", ids_before=list(ids_before), title=title),
        )
        _call(before_submit, ids_before=list(ids_before), within=draft.longest)
        return lambda: (draft.wait(), draft.title)

    def find(self, record: Mapping[str, Any], known: Collection[str]) -> dict[str, Any] | None:
        """As `KijijiBot.find_ad`; `known` are ids of other ads."""
        title = one_line(to_record(record, self._defaults.images_dir).get("title"))
        found = [ad for ad in self._listed().values() if ad.ad_id not in known and ad.has_title(title)]
        if len(found) > 1:
            ids = ", ".join(ad.ad_id for ad in found)
            raise UnknownOutcome(tell("unsure-which-ad", number=len(found), ids=ids))
        return {"ad_id": found[0].ad_id, "ad_url": found[0].ad_url, "title": title} if found else None

    def live(self) -> list[str]:
        """As `KijijiBot.live_ads`."""
        return list(self._listed())

    def _listed(self) -> dict[str, ListedAd]:
        self._remembered = None
        with foreseen():
            return self._session.signed_in(lambda: MyAds(self._session.site).ads())

    def delete(self, ad_id: str) -> dict[str, Any]:
        """As `KijijiBot.delete_ad`; raises every kind of error."""
        session = self._session
        my_ads = MyAds(session.site)
        listed = self._listed()
        if ad_id not in listed:
            return {"success": True, "message": tell("ad-is-gone", ad_id=ad_id), "ad_id": ad_id}
        my_ads.delete(listed[ad_id])
        gone = session.site.wait(lambda: ad_id not in my_ads.ads(), timeout=self._confirm_timeout, poll=1.0)
        if not gone:
            raise SiteError(tell("ad-is-still-there", ad_id=ad_id))
        return {"success": True, "message": tell("ad-was-deleted", ad_id=ad_id), "ad_id": ad_id}

    def revise(self, values: Mapping[str, Any], ad_id: str) -> dict[str, Any]:
        """As `KijijiBot.revise_ad`; raises every kind of error."""
        ad = self._listing(values)
        session = self._session
        listed = self._listed()
        if ad_id not in listed:
            raise RecordError(tell("ad-not-to-change", ad_id=ad_id))
        form = self._open_edit_form(ad, ad_id)
        form.fill(new=False)
        form.check(new=False)
        button = form.submit_button("save_changes")
        watch = AnswerWatch(session.site, form, session.sign_in_timeout)
        _click_once(button)
        watch.wait()
        # the proof is what the site holds now
        wrong = self._open_edit_form(form.ad, ad_id).differences()
        if wrong:
            raise UnknownOutcome(tell("unsure-whether-changed", ad_id=ad_id, names=", ".join(wrong)))
        return {
            "success": True,
            "message": tell("ad-was-changed", ad_id=ad_id),
            "ad_url": listed[ad_id].ad_url,
            "ad_id": ad_id,
            "notes": form.notes,
            "remarks": form.remarks,
        }

    def _open_edit_form(self, ad: Listing, ad_id: str) -> DetailsForm:
        form = DetailsForm(self._session.site, ad, self._session.sign_in_timeout)
        self._session.site.open(f"/p-edit-ad.html?adId={ad_id}")
        form.wait_until_loaded()
        return form


class _NotClickedError(SiteError):
    """The button moved away or was covered at the last moment: the click did not happen."""


def _click_once(button: WebElement) -> None:
    try:
        button.click()
    except _NOT_CLICKED as error:
        raise _NotClickedError(tell("button-not-clicked")) from error
    except WebDriverException as error:
        # the click may have happened: what follows looks for its outcome
        log.info("the click was not confirmed: %s", error.msg)


def _click_uncovered(form: DetailsForm, button: WebElement) -> None:
    """The one click. What opens over the button at the last moment keeps it from happening, and is closed first."""
    for left in reversed(range(CLICK_TRIES)):
        try:
            _click_once(button)
        except _NotClickedError as error:
            # the browser looks what lies there before it presses anything [WebDriver, Element Click]
            if not left or not isinstance(error.__cause__, ElementClickInterceptedException):
                raise
            button = form.submit_button()
            form.check()
        else:
            return


def _answer(watch: AnswerWatch) -> Answer | PersonNeeded | BatchStopped:
    """What the page said, not yet believed; where it could not be read, nothing: My Ads tells more.

    A limit, a fee or a block may be told on the page to which an accepted ad leads, so it's an answer like others.
    """
    try:
        with foreseen():
            return watch.wait()
    except BrowserGone:
        raise
    except (PersonNeeded, BatchStopped) as error:
        return error
    except SiteError as error:
        log.info("the page after the click could not be read: %s", error)
        return Answer()


def _call(before_submit: Callable[..., None] | None, must_take: str = "", **details: Any) -> None:
    """Tell that the click comes now, with those `details` that the callback takes; not without `must_take`."""
    if before_submit is None:
        return
    parameters: Mapping[str, inspect.Parameter] = {}
    with contextlib.suppress(TypeError, ValueError):  # some callables written in C don't say
        parameters = inspect.signature(before_submit).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    taken = {name: value for name, value in details.items() if takes_all or name in parameters}
    if not must_take or must_take in taken:
        before_submit(**taken)
