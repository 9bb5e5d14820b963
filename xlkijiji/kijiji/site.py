"""The browser at the site: opening pages, finding fields by their names in selectors.toml, waiting for conditions."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from urllib.parse import urljoin

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
    TimeoutException,
    WebDriverException,
)
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from xlkijiji.errors import ForeignPage, SelectorNotFound, SiteError
from xlkijiji.kijiji.hosts import host_of, is_own_host
from xlkijiji.kijiji.scripts import script
from xlkijiji.kijiji.selectors import SelectorFileError, Selectors, load_selectors
from xlkijiji.messages import tell

__all__ = ["HIDDEN", "Glance", "PageState", "Seen", "Site", "short"]

log = logging.getLogger(__name__)

T = TypeVar("T")
POLL_SECONDS = 0.05
CLICK_TRIES = 3
OVERLAYS_AT_MOST = 6
HIDDEN = "browser-is-hidden"
"""The message that ends a sentence on what only a person may do."""
_BETWEEN_PAGES = (
    *("aborted by navigation", "context was destroyed", "Cannot find context", "ContextId not found"),
    *("Document was unloaded", "context has been discarded", "can't access dead object"),
)
"""What ChromeDriver says when a script meets the moment in which one page gives way to the next; then geckodriver."""


def short(text: str, length: int = 160) -> str:
    """Words from a page, fit for a message: one line, no control characters, at most `length` characters."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


class PageState:
    """What a person would notice on the page at one moment."""

    def __init__(self, seen: dict[str, Any]) -> None:
        self.url = str(seen["url"])
        self.ready = seen["ready"] == "complete"
        self.status = int(seen["status"])
        """The HTTP status of the page; 0 where the browser doesn't tell."""
        self.text = str(seen["text"])
        """The visible text, at most 40,000 characters."""
        self.captcha = bool(seen["captcha"])
        """A captcha's frame or box is visible."""
        self.limit = str(seen["limit"])
        """The text of the message about the limit of ads, if it's visible."""
        self.errors: list[dict[str, str]] = list(seen["errors"])
        """Visible field errors: `field` (id), `label`, `text`."""
        self.mark = str(seen["marked"])
        """What `Site.mark` left; empty after the page was loaded anew."""

    @property
    def failed(self) -> bool:
        """The server answered with an error page."""
        return self.status >= 400


@dataclass(frozen=True)
class Seen:
    """A field at one moment."""

    element: WebElement
    text: str
    """What is to be read on it."""
    value: str
    enabled: bool
    multiple: bool
    pressed: bool
    """By aria-pressed, aria-checked or aria-selected."""


@dataclass(frozen=True)
class Glance:
    """What `Site.look` saw: `glance["page.field"]` is a field, or None when it isn't there."""

    fields: dict[str, Seen | None]
    state: PageState

    def __getitem__(self, name: str) -> Seen | None:
        return self.fields[name]


class Site:
    """One browser at one site. Times are in seconds. Methods raise what Selenium raises, unless they say otherwise."""

    def __init__(
        self,
        driver: WebDriver,
        base_url: str,
        *,
        page_timeout: float,
        person_watches: bool,
        on_step: Callable[[str], None],
        selectors: Selectors | None = None,
        why_unseen: str = HIDDEN,
    ) -> None:
        self.driver = driver
        self.base_url = base_url
        self.page_timeout = page_timeout
        self.person_watches = person_watches
        """A person can see the window and act in it."""
        self.why_unseen = why_unseen
        """Why nobody can, where it is so, and what to do; the end of a sentence."""
        self.step = on_step
        self.selectors = selectors or load_selectors()
        self._marks = 0
        self.opened = 0
        """How many pages were asked for."""
        self.signed_in = False
        """Somebody is signed in; from then on only the site's own pages are looked at. Signing in is not watched, since
        a person may do it by another service."""

    # --- pages

    def url(self, path: str) -> str:
        """The absolute address of `path`."""
        return urljoin(f"{self.base_url}/", path.lstrip("/")) if "://" not in path else path

    def open(self, path: str) -> PageState:
        """Load a page and close what lies over it.

        Raises SiteError where the browser shows an error of its own, ForeignPage.
        """
        self.opened += 1
        self.driver.get(self.url(path))
        seen = self.run("arrive", self.stops(), self.candidates("overlay", "close"))
        state = PageState(seen["state"])
        self.refuse_foreign(state.url)
        if seen["overlay"] is not None:
            if self.close_overlays() and self.driver.current_url != state.url:
                # a first-visit dialog that leads to another page when it's answered
                self.driver.get(self.url(path))
            state = self.state()
        if not state.url.startswith("http"):
            raise SiteError(tell("site-not-reached"))
        return state

    def state(self, mark: str = "") -> PageState:
        """What is to be seen right now; with a `mark`, that is left on the page first.

        Raises ForeignPage where it isn't the site's while somebody is signed in.
        """
        state = PageState(self.run("page_state", self.stops(), mark))
        self.refuse_foreign(state.url)
        return state

    def stops(self) -> list[list[dict[str, Any]]]:
        """The candidates that scripts need for a `PageState`."""
        names = (("details_form", "field_error"), ("stops", "captcha"), ("stops", "limit"))
        return [self.candidates(*name) for name in names]

    def refuse_foreign(self, url: str, how: str = "led-to-foreign-page") -> None:
        """Raises ForeignPage when `url` is another site's while somebody is signed in; `how` is the message for it."""
        if self.signed_in and url.startswith("http") and not is_own_host(url, self.base_url):
            raise ForeignPage(tell(how, host=short(host_of(url) or url, 60)))

    def run(self, name: str, *arguments: Any) -> Any:
        """Run a script of ours in the page."""
        return self.driver.execute_script(script(name), *arguments)

    def run_async(self, name: str, *arguments: Any) -> Any:
        """Run a script of ours that calls back when it has done."""
        return self.driver.execute_async_script(script(name), *arguments)

    @contextlib.contextmanager
    def typing(self) -> Iterator[None]:
        """Let the form take keys meanwhile: those of a program that types as a person does."""
        self.run("keys", True)
        try:
            yield
        finally:
            self.run("keys", False)

    def marked_state(self) -> PageState:
        """What is to be seen, on a page that is marked: `state().mark` tells whether it was loaded anew since."""
        self._marks += 1
        return self.state(f"page {self._marks}")

    def wait_until_quiet(self, quiet: float = 0.6, most: float = 5.0) -> None:
        """Wait until the page has not changed for `quiet` seconds: for what is drawn after the page has loaded."""
        self.run_async("quiet", int(quiet * 1000), int(most * 1000))

    # --- fields

    def candidates(self, page: str, field: str, attribute: str = "") -> list[dict[str, Any]]:
        """The candidates of a field, as scripts take them."""
        return self.selectors.candidates(page, field, attribute)

    def refuse_unreadable_selectors(self) -> None:
        """Raises SelectorFileError for a selector of a person's own file that the browser can't read."""
        for page, field in sorted(self.selectors.own):
            if said := self.run("bad_selector", self.candidates(page, field, "x")):
                raise SelectorFileError(
                    tell(
                        "own-selector-unreadable",
                        path=self.selectors.own_file,
                        page=page,
                        field=field,
                        said=short(said),
                    )
                )

    def all(self, page: str, field: str, *, within: WebElement | None = None, shown: bool = False) -> list[WebElement]:
        """The elements of a field's best candidate; `shown`: only visible ones, whatever the table says."""
        return cast("list[WebElement]", self.run("locate", self.candidates(page, field), within, shown))

    def find(
        self, page: str, field: str, *, within: WebElement | None = None, shown: bool = False
    ) -> WebElement | None:
        """The element of a field right now, or None."""
        found = self.all(page, field, within=within, shown=shown)
        return found[0] if found else None

    def look(self, *names: str) -> Glance:
        """What several fields, each named `page.field`, and the page are at one moment, in one round trip."""
        wanted = {name: self.candidates(*name.split(".", 1)) for name in names}
        seen = self.run("look", wanted, self.stops())
        fields = {name: Seen(**field) if field else None for name, field in seen["fields"].items()}
        state = PageState(seen["state"])
        self.refuse_foreign(state.url)
        return Glance(fields, state)

    def require(self, page: str, field: str, *, within: WebElement | None = None, shown: bool = False) -> WebElement:
        """The element of a field, waited for. Raises SelectorNotFound."""
        found = self.wait(lambda: self.find(page, field, within=within, shown=shown))
        if found is None:
            raise SelectorNotFound(page, field)
        return found

    def wait(
        self, condition: Callable[[], T | None], timeout: float | None = None, poll: float = POLL_SECONDS
    ) -> T | None:
        """What `condition` gives as soon as it is true, or None when it isn't in time (`page_timeout` by default).

        An element that was drawn anew while it was looked at is looked for again.
        """
        waiting = WebDriverWait(
            self.driver,
            self.page_timeout if timeout is None else timeout,
            poll_frequency=poll,
            ignored_exceptions=(StaleElementReferenceException,),
        )

        def look(_driver: WebDriver) -> T | None:
            try:
                return condition()
            except WebDriverException as error:
                if any(words in (error.msg or "") for words in _BETWEEN_PAGES):
                    log.debug("looked between two pages")
                    return None
                raise

        try:
            return waiting.until(look)
        except TimeoutException:
            return None

    def nearest(self, page: str, field: str, anchor: WebElement | None, words: str) -> WebElement | None:
        """Of several buttons with one wording ("Change", "Add"), the one that belongs to `anchor`.

        Without an anchor, the one whose surroundings match the pattern `words`; None when there is none.
        """
        found = self.all(page, field)
        return cast("WebElement | None", self.run("nearest", found, anchor, words)) if found else None

    # --- clicks and what is in their way

    def close_overlays(self) -> int:
        """Close the site's dialogs and drawers that are known; how many."""
        closed = 0
        while closed < OVERLAYS_AT_MOST:
            button = self.find("overlay", "close")
            if button is None or not self._dismiss(button):
                break
            closed += 1
        return closed

    def close_unknown_overlay(self) -> bool:
        """Close a dialog or banner of unknown make, for when something covers what must be clicked."""
        button = self.find("overlay", "unknown_close")
        return button is not None and self._dismiss(button)

    def _dismiss(self, button: WebElement) -> bool:
        log.info("closing what lies over the page")
        try:
            # by script: one overlay may cover another's button
            self.driver.execute_script("arguments[0].click()", button)
        except StaleElementReferenceException:
            return True
        return self.wait(lambda: self._is_gone(button), timeout=min(3.0, self.page_timeout)) is not None

    @staticmethod
    def _is_gone(element: WebElement) -> bool:
        try:
            return not element.is_displayed()
        except StaleElementReferenceException:
            return True

    def click(self, find: Callable[[], WebElement | None]) -> None:
        """Click what `find` gives, for clicks that may be repeated; what covers it is closed.

        Raises SiteError when there's nothing to click.
        """
        for _ in range(CLICK_TRIES):
            element = find()
            if element is None:
                raise SiteError(tell("button-went-away"))
            try:
                self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
                element.click()
            except ElementClickInterceptedException:
                if not (self.close_overlays() or self.close_unknown_overlay()):
                    break
            except (StaleElementReferenceException, ElementNotInteractableException):
                self.wait_until_quiet(0.2, 2.0)
            else:
                return
        element = find()
        if element is not None:
            self.driver.execute_script("arguments[0].click()", element)

    @contextlib.contextmanager
    def silent_wire(self) -> Iterator[None]:
        """Keep what is sent to the browser out of Selenium's debug log: for passwords."""
        loggers = [
            logging.getLogger(name)
            for name in ("selenium.webdriver.remote.remote_connection", "urllib3.connectionpool")
        ]
        before = [logger.level for logger in loggers]
        for logger in loggers:
            logger.setLevel(max(logging.INFO, logger.getEffectiveLevel()))
        try:
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
