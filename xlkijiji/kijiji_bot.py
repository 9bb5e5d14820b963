"""KijijiBot: one ad on Kijiji through a real browser, once, and believed only when it shows under My Ads."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import urllib3.exceptions
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from xlkijiji.errors import (
    BatchStopped,
    BrowserGone,
    PersonNeeded,
    RecordError,
    SettingsError,
    SignInRefused,
    SiteError,
    UnknownOutcome,
    XlkijijiError,
    failure,
)
from xlkijiji.kijiji.browser import foreseen
from xlkijiji.kijiji.category_step import CategoryStep
from xlkijiji.kijiji.checks import check_listing
from xlkijiji.kijiji.details_form import DetailsForm
from xlkijiji.kijiji.listing import Defaults, Listing, make_listing, one_line, to_record
from xlkijiji.kijiji.my_ads import ListedAd, MyAds
from xlkijiji.kijiji.session import Session
from xlkijiji.kijiji.submission import Answer, AnswerWatch, NotListedError, confirm, unsure
from xlkijiji.validators import Problem

__all__ = ["KijijiBot"]

log = logging.getLogger(__name__)

_NOT_CLICKED = (ElementClickInterceptedException, ElementNotInteractableException, StaleElementReferenceException)
"""What Selenium raises when a click did not happen; anything else may have come after it."""
STOP_LOOK_SECONDS = 10.0
"""How long My Ads is looked at after a click that led to a captcha, a limit, a fee or a block."""
NOTHING = "; nothing was posted. Try again later."


class KijijiBot:
    """Posts, finds, revises and deletes the ads of one account. Also a context manager, which closes the browser.

    `password` None: the person signs in, in the browser window, and with a `profile_dir` needs to do so only once.
    `headless` None: hidden where there's no display, or where the site is on this computer and a password is known.
    `driver`: a browser that is running already; it is used as it is and not closed. `headless` then only says whether
    a person can see it.
    Times are in seconds: `page_timeout` for a page or a part of it, `sign_in_timeout` for what the person does,
    `confirm_timeout` for a new ad to show under My Ads. `on_step` is told in a few words what is being done.

    Credentials are typed only on the site's own hosts: kijiji.ca and below over https, or for a `base_url` on this
    computer any port of 127.0.0.1, localhost or [::1].
    """

    def __init__(
        self,
        username: str,
        password: str | None,
        *,
        base_url: str = "https://www.kijiji.ca",
        images_dir: Path | str | None = None,
        default_category: str = "",
        default_location: str = "",
        default_for_sale_by: str = "Owner",
        headless: bool | None = None,
        browser: str | Path | None = None,
        profile_dir: Path | None = None,
        driver: WebDriver | None = None,
        page_timeout: float = 30,
        sign_in_timeout: float = 300,
        confirm_timeout: float = 60,
        on_step: Callable[[str], None] | None = None,
    ) -> None:
        self._defaults = Defaults(
            category=default_category,
            location=default_location,
            for_sale_by=default_for_sale_by,
            images_dir=Path(images_dir) if images_dir is not None else None,
        )
        self._confirm_timeout = confirm_timeout
        self._session = Session(
            username,
            password,
            base_url,
            headless=headless,
            browser=browser,
            profile_dir=profile_dir,
            driver=driver,
            page_timeout=page_timeout,
            sign_in_timeout=sign_in_timeout,
            on_step=_careful(on_step),
        )

    def __repr__(self) -> str:
        return f"KijijiBot({self.account!r}, base_url={self._session.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def account(self) -> str:
        """The account's name: its user name."""
        return self._session.username

    @property
    def listing_delay(self) -> float:
        """Seconds after the click within which a new ad shows under My Ads; one that comes later is not waited for."""
        return self._confirm_timeout

    # --- coming and going

    def login(self) -> bool:
        """Sign in; True at once when someone is signed in already, False when the site refuses.

        Without a password the person signs in, in the browser window. Raises PersonNeeded when nobody does, or when a
        captcha waits and the browser is hidden; BatchStopped when the sign-in isn't on the site's own host; SiteError,
        BrowserGone, SettingsError.
        """
        return self._session.login()

    def logout(self) -> None:
        """Sign out, except where the person signed in by hand: that sign-in is kept for the next run."""
        if not self._session.by_hand:
            self._session.logout()

    def close(self) -> None:
        """End the browser. The bot may be used again: it starts another one."""
        self._session.close()

    # --- one ad

    def check(self, record: Mapping[str, Any]) -> list[Problem]:
        """What the site would refuse about a row, as far as it's known without a browser; empty when nothing is."""
        try:
            return check_listing(to_record(record, self._defaults.images_dir), self._defaults)
        except RecordError as error:
            return [Problem("Columns", "", f"can't be read: {error}", "")]

    def post_ad(self, record: Mapping[str, Any], *, before_submit: Callable[..., None] | None = None) -> dict[str, Any]:
        """Post one ad, with one click at most.

        Gives `success`, `message`, `ad_url` (absolute), `ad_id`, `notes` (what the row has and the site's form has no
        field for); for a failure `error_kind` too. `before_submit(ids_before=[…])`, or without a parameter if it takes
        none, is called right before the click that can't be undone; `ids_before` are the ids under My Ads.

        Raises BatchStopped and PersonNeeded, after which other rows would fail as well; SettingsError.
        """
        return self._answered(lambda: self._post(record, before_submit))

    def find_ad(self, record: Mapping[str, Any], *, ids_before: Collection[str] | None = None) -> dict[str, Any] | None:
        """The ad under My Ads that has the record's title and isn't one of `ids_before`; None when there is none.

        Gives `ad_id`, `ad_url`, `title`. Raises UnknownOutcome when several ads might be it, and what `login` raises.
        """
        title = one_line(to_record(record, self._defaults.images_dir).get("title"))
        with foreseen():
            ads = self._session.signed_in(lambda: MyAds(self._session.site).ads())
        known = set(map(str, ids_before or ()))
        found = [ad for ad in ads.values() if ad.ad_id not in known and ad.has_title(title)]
        if len(found) > 1:
            ids = ", ".join(ad.ad_id for ad in found)
            raise UnknownOutcome(
                f"Unsure which ad is this row's: {len(found)} under My Ads have its title ({ids}). Look there, and "
                "type Posted into this row's status if one of them is."
            )
        return {"ad_id": found[0].ad_id, "ad_url": found[0].ad_url, "title": title} if found else None

    def delete_ad(self, ad_id: str) -> dict[str, Any]:
        """Take an ad off the site, and see that it's no longer under My Ads; success too when it wasn't there.

        Gives `success`, `message`, `ad_id`; for a failure `error_kind` too. Raises as `post_ad`.
        """
        return self._answered(lambda: self._delete(str(ad_id)))

    def revise_ad(self, record: Mapping[str, Any], ad_id: str) -> dict[str, Any]:
        """Change a live ad to what the record says now, in place; its photos stay as they are.

        Gives what `post_ad` gives. Raises as `post_ad`.
        """
        return self._answered(lambda: self._revise(record, str(ad_id)))

    # --- how

    def _answered(self, action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            with foreseen():
                return action()
        except BrowserGone:
            self.close()
            raise
        except (BatchStopped, PersonNeeded, SettingsError):
            raise
        except XlkijijiError as error:
            log.info("not done: %s", error)
            return failure(error, ad_id="")

    def _listing(self, values: Mapping[str, Any]) -> Listing:
        record = to_record(values, self._defaults.images_dir)
        problems = check_listing(record, self._defaults)
        if problems:
            raise RecordError(" ".join(map(str, problems)))
        return make_listing(record, self._defaults)

    def _post(self, values: Mapping[str, Any], before_submit: Callable[..., None] | None) -> dict[str, Any]:
        ad = self._listing(values)
        site = self._session.site
        site.step("Looking at My Ads…")
        ids_before = list(self._session.signed_in(lambda: MyAds(site).ads()))
        form = self._session.signed_in(lambda: self._open_form(ad))
        form.fill()
        form.check()
        button = form.submit_button()
        # closing what lay over the button may have changed the form
        form.check()
        new = self._submit(form, button, ad, ids_before, before_submit)
        message = "Posted."
        if form.notes:
            message += f" The site's form has no field for: {', '.join(form.notes)}."
        return {"success": True, "message": message, "ad_url": new.ad_url, "ad_id": new.ad_id, "notes": form.notes}

    def _open_form(self, ad: Listing) -> DetailsForm:
        site = self._session.site
        site.step("Opening the form…")
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
        ad: Listing,
        ids_before: list[str],
        before_submit: Callable[..., None] | None,
    ) -> ListedAd:
        """The one click, and the new ad. What is raised from the click on says that the outcome is unknown."""
        session = self._session
        watch = AnswerWatch(session.site, form, session.sign_in_timeout)
        _call(before_submit, ids_before)
        session.site.step("Posting…")
        try:
            _click_once(button)
            answer = _answer(watch)
            timeout = self._confirm_timeout
            stop = None if isinstance(answer, Answer) else answer
            if stop is not None:
                timeout = min(STOP_LOOK_SECONDS, timeout)
            hint = answer if isinstance(answer, Answer) else Answer()
            try:
                new = confirm(session.site, ad.title, hint, ids_before, timeout=timeout, sign_in=session.login)
            except NotListedError:
                if stop is not None:
                    raise stop from None
                raise
            except (PersonNeeded, SignInRefused) as error:
                # signed out on the way to My Ads: the next row meets the same, and this one may be posted
                raise unsure(ad.title, "the site asked to sign in again, which failed") from error
        except (WebDriverException, urllib3.exceptions.HTTPError, OSError, BrowserGone, SiteError) as error:
            if isinstance(error, _NotClickedError):
                raise
            log.info("after the click: %s", error)
            if isinstance(error, (BrowserGone, urllib3.exceptions.HTTPError, OSError)):
                self.close()
            raise unsure(ad.title, "the browser or the site failed") from error
        url = new.ad_url or (answer.ad_url if isinstance(answer, Answer) else "")
        return ListedAd(new.ad_id, url, new.texts, new.page)

    def _delete(self, ad_id: str) -> dict[str, Any]:
        session = self._session
        my_ads = MyAds(session.site)
        listed = session.signed_in(my_ads.ads)
        if ad_id not in listed:
            return {"success": True, "message": f"Ad {ad_id} is not under My Ads (any more).", "ad_id": ad_id}
        my_ads.delete(listed[ad_id])
        gone = session.site.wait(lambda: ad_id not in my_ads.ads(), timeout=self._confirm_timeout, poll=1.0)
        if not gone:
            raise SiteError(f"Ad {ad_id} is still under My Ads after it was deleted. Look there, then try again.")
        return {"success": True, "message": f"Ad {ad_id} was deleted.", "ad_id": ad_id}

    def _revise(self, values: Mapping[str, Any], ad_id: str) -> dict[str, Any]:
        ad = self._listing(values)
        session = self._session
        listed = session.signed_in(lambda: MyAds(session.site).ads())
        if ad_id not in listed:
            raise RecordError(f"Ad {ad_id} is not under My Ads (any more), so it can't be changed. Post the row again.")
        form = self._open_edit_form(ad, ad_id)
        form.fill(new=False)
        form.check(new=False)
        button = form.submit_button("save_changes")
        watch = AnswerWatch(session.site, form, session.sign_in_timeout)
        _click_once(button)
        watch.wait()
        # the proof is what the site holds now
        wrong = self._open_edit_form(ad, ad_id).differences()
        if wrong:
            raise UnknownOutcome(
                f"Unsure whether ad {ad_id} was changed: the site still shows another {', '.join(wrong)}. Look at the "
                "ad under My Ads."
            )
        return {
            "success": True,
            "message": f"Ad {ad_id} was changed.",
            "ad_url": listed[ad_id].ad_url,
            "ad_id": ad_id,
            "notes": form.notes,
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
        raise _NotClickedError(f"The site's button could not be clicked{NOTHING}") from error
    except WebDriverException as error:
        # the click may have happened: what follows looks for its outcome
        log.info("the click was not confirmed: %s", error.msg)


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


def _call(before_submit: Callable[..., None] | None, ids_before: list[str]) -> None:
    """Tell that the click comes now; a callback that takes no `ids_before` gets none."""
    if before_submit is None:
        return
    try:
        parameters = inspect.signature(before_submit).parameters.values()
    except (TypeError, ValueError):  # some callables written in C don't say
        parameters = ()  # type: ignore[assignment]  # nothing to look through
    takes = any(parameter.name == "ids_before" or parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    if takes:
        before_submit(ids_before=list(ids_before))
    else:
        before_submit()


def _careful(on_step: Callable[[str], None] | None) -> Callable[[str], None]:
    """`on_step`, with its own failures logged: what shows the progress must not stop a post."""

    def step(text: str) -> None:
        log.info("step: %s", text)
        if on_step is None:
            return
        try:
            on_step(text)
        except Exception:
            log.exception("the display of a step failed")

    return step
