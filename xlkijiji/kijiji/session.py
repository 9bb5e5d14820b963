"""A signed-in browser at the site: started when first needed, started again when it has gone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import urllib3.exceptions
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.errors import PersonNeeded, SignInRefused, SiteError
from xlkijiji.grid_address import parse_grid_url
from xlkijiji.kijiji.browser import choose_headless, find_browser, foreseen, has_display, start_browser
from xlkijiji.kijiji.credentials import refuse_practice_account, refuse_real_one
from xlkijiji.kijiji.grid import NOBODY_SEES, refuse_unreachable_site, start_on_grid
from xlkijiji.kijiji.hosts import check_base_url, is_loopback, parse_base_url
from xlkijiji.kijiji.my_ads import SignedOutError
from xlkijiji.kijiji.selectors import SelectorFileError, Selectors, load_selectors
from xlkijiji.kijiji.sign_in import MY_ADS, SignInPage, is_signed_in
from xlkijiji.kijiji.site import HIDDEN, Site, short
from xlkijiji.messages import tell

__all__ = ["Session"]

log = logging.getLogger(__name__)

T = TypeVar("T")
HOME = "/?siteLocale=en_CA"
SIGN_OUT = "/m-logout.html"
SIGN_IN_TRIES = 2
"""A site that takes the password and forgets the session at once is asked once more."""


class Session:
    """The browser, and who is signed in. Methods raise BrowserGone when there's no browser to be had."""

    def __init__(
        self,
        username: str,
        password: str | None,
        base_url: str,
        *,
        headless: bool | None,
        browser: str | Path | None,
        profile_dir: Path | None,
        driver: WebDriver | None,
        page_timeout: float,
        sign_in_timeout: float,
        on_step: Callable[[str], None],
        selectors_file: Path | None = None,
        grid_url: str | None = None,
        sign_in_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.username = username
        self._password = password or None
        self.base_url = parse_base_url(base_url)
        refuse_practice_account(username, password, self.base_url)
        self._headless = headless
        self._browser = browser
        self._profile_dir = profile_dir
        self._given_driver = driver
        self._grid_url = parse_grid_url(grid_url or "") if driver is None else ""
        self._page_timeout = page_timeout
        self.sign_in_timeout = sign_in_timeout
        self._on_step = on_step
        self._selectors_file = selectors_file
        self._sign_in_stopping = sign_in_stopping
        self._site: Site | None = None
        self.refusal = ""
        """The site's words when it refused the sign-in."""

    @property
    def by_hand(self) -> bool:
        """The person signs in, as no password is known."""
        return self._password is None

    @property
    def running(self) -> Site | None:
        """The site, where a browser is running for it already."""
        return self._site

    @property
    def secrets(self) -> list[str]:
        """What must not be kept of a page: the password and the account's name."""
        return [secret for secret in (self._password, self.username) if secret]

    @property
    def site(self) -> Site:
        """The site in a running browser.

        Raises SettingsError for an address that isn't the site's, or for a file of selectors that can't be used.
        """
        if self._site is None:
            check_base_url(self.base_url)
            self._site = self._new_site(load_selectors(self._selectors_file))
            try:
                self._site.refuse_unreadable_selectors()
            except SelectorFileError:
                self.close()
                raise
        return self._site

    def _new_site(self, selectors: Selectors) -> Site:
        driver, visible = self._given_driver, False
        if self._grid_url:
            refuse_unreachable_site(self.base_url, self._grid_url)
            self._on_step(tell("waiting-for-grid"))
            driver = start_on_grid(self._grid_url, self._browser, page_timeout=self._page_timeout)
        elif driver is None:
            headless = choose_headless(
                self._headless,
                loopback=is_loopback(self.base_url),
                person_signs_in=self.by_hand,
                display=has_display(),
            )
            program = find_browser(self._browser)
            driver = start_browser(
                program, headless=headless, profile_dir=self._profile_dir, page_timeout=self._page_timeout
            )
            visible = not headless
        else:
            agent = str(driver.execute_script("return navigator.userAgent"))
            visible = "Headless" not in agent if self._headless is None else not self._headless
        return Site(
            driver,
            self.base_url,
            page_timeout=self._page_timeout,
            person_watches=visible,
            on_step=self._on_step,
            selectors=selectors,
            why_unseen=NOBODY_SEES if self._grid_url else HIDDEN,
        )

    def login(self) -> bool:
        """Sign in unless someone is; False when the site refuses the user name or password.

        Raises BatchStopped when the sign-in isn't on the site's own host, PersonNeeded, SiteError, BrowserGone.
        """
        self._on_step(tell("signing-in"))
        self.refusal = ""
        if self._grid_url and self._password is None:
            raise PersonNeeded(
                tell("no-password-for-grid", username=self.username, why=tell(NOBODY_SEES)),
                waited=True,
            )
        with foreseen():
            site = self.site
            site.driver.get(site.url(HOME))  # English pages, whatever this browser had before
            site.close_overlays()
            if is_signed_in(site):
                return True
            if self._password is None:
                return self._let_person_sign_in(SignInPage(site))
            refuse_real_one(self.username, self._password, self.base_url)
            return any(self._sign_in(site, self._password) for _ in range(SIGN_IN_TRIES) if not self.refusal)

    def _sign_in(self, site: Site, password: str) -> bool:
        """One try. A form that comes back without a word is no refusal: a session may be lost right after it began."""
        page = SignInPage(site)
        page.open()
        done = page.sign_in(self.username, password, self.sign_in_timeout)
        self.refusal = page.refusal
        return done and is_signed_in(site)

    def _let_person_sign_in(self, page: SignInPage) -> bool:
        if not self.site.person_watches:
            raise PersonNeeded(
                tell("nobody-is-signed-in"),
                waited=True,
            )
        page.open()
        self._on_step(tell("waiting-for-sign-in"))
        page.wait_for_person(self.sign_in_timeout, self._sign_in_stopping)
        return is_signed_in(self.site)

    def signed_in(self, action: Callable[[], T]) -> T:
        """What `action` gives; when the site asks to sign in meanwhile, sign in and do it once more.

        Raises SignInRefused.
        """
        try:
            return action()
        except SignedOutError:
            log.info("the site asks to sign in again")
        self.require_login()
        return action()

    def is_signed_out(self) -> bool:
        """Does the site ask to sign in? The page that is open stays; False also where that can't be seen."""
        try:
            with foreseen():
                return bool(self.site.run_async("signed_out", self.site.url(MY_ADS)))
        except SiteError as error:
            log.info("whether somebody is signed in can't be seen: %s", error)
            return False

    def require_login(self) -> None:
        """Sign in. Raises SignInRefused when the site refuses."""
        if not self.login():
            said = " " + tell("it-says", text=short(self.refusal)) if self.refusal else ""
            raise SignInRefused(tell("site-refused-sign-in", username=self.username, said=said))

    def logout(self) -> None:
        """Sign out of the site."""
        if self._site is not None:
            self._site.signed_in = False
            with foreseen():
                self._site.driver.get(self._site.url(SIGN_OUT))

    def close(self) -> None:
        """End the browser, unless it was given to us. May be called again."""
        site, self._site = self._site, None
        if site is None or site.driver is self._given_driver:
            return
        try:
            site.driver.quit()
        except (WebDriverException, urllib3.exceptions.HTTPError, OSError) as error:
            log.info("the browser had gone already: %s", error)
