"""My Ads: which ads the account has, and taking one off the site."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from selenium.webdriver.remote.webelement import WebElement

from xlkijiji.errors import SelectorNotFound, SiteError
from xlkijiji.kijiji.hosts import is_own_host
from xlkijiji.kijiji.sign_in import is_sign_in_page
from xlkijiji.kijiji.site import PageState, Site
from xlkijiji.messages import tell

__all__ = ["ListedAd", "MyAds", "SignedOutError", "own_address", "same_title"]

log = logging.getLogger(__name__)

PAGES_AT_MOST = 200
EMPTY_SECONDS = 3.5
"""How long a list without rows must stay as it is until it's believed to be one without ads."""
EMPTY_SAID_SECONDS = 1.0
"""The same where the page says that there are none: some say so until the ads have come."""
EMPTY_SERVED_SECONDS = 0.6
"""The same after a page of the list that had its rows from the server, without asking for them by script."""
EMPTY_POLL_SECONDS = 0.15
SETTLE_SECONDS = 15.0
"""How long a list without rows may keep changing, at least."""
NOT_AFTER_THE_END = frozenset({401, 403, 408, 425, 429})
"""Answers below 500 by which a page of the list is refused, rather than said not to be."""


class SignedOutError(SiteError):
    """The site asks to sign in where it should show the account's own pages."""


@dataclass(frozen=True)
class ListedAd:
    """One row of My Ads."""

    ad_id: str
    ad_url: str
    """Absolute; empty when the row has no link to the ad."""
    texts: tuple[str, ...]
    """Every text of the row that may be its title, likeliest first."""
    page: int

    def has_title(self, title: str) -> bool:
        """Is this the row's title? A row may cut a long one off."""
        return any(same_title(text, title) for text in self.texts)


def same_title(shown: str, title: str) -> bool:
    """Do two titles say the same, apart from blanks and case, or is `shown` the cut-off beginning of `title`?"""
    shown, title = " ".join(shown.split()).casefold(), " ".join(title.split()).casefold()
    beginning = shown.removesuffix("…").removesuffix("...").rstrip()
    return shown == title or (beginning != shown and len(beginning) >= 8 and title.startswith(beginning))


class MyAds:
    """The account's active ads, over all pages of the list."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def arrived(self, state: PageState) -> bool:
        """The page is the list's, not an error or another one; its rows may still be to come."""
        return "/m-my-ads/" in state.url and not state.failed

    def ads(self, patience: float = EMPTY_SECONDS, until: str = "") -> dict[str, ListedAd]:
        """All active ads by id, in the site's order; those up to the ad with the id `until`, where that is one of them.

        A list may be drawn after its page has loaded, so one without rows counts as empty only when it says so, or
        when it has stayed without rows and unchanged for `patience` seconds; less than the default is for those who
        look again anyway. Raises SignedOutError; SiteError when a page can't be read, or doesn't come to rest.
        """
        found: dict[str, ListedAd] = {}
        for number in range(1, PAGES_AT_MOST + 1):
            rows, last, served = self._page(number, patience)
            new = {ad.ad_id: ad for ad in rows if ad.ad_id not in found}
            found |= new
            if served:
                patience = min(patience, EMPTY_SERVED_SECONDS)
            if not new or last or until in new:
                break
        log.info("My Ads lists %d ads", len(found))
        return found

    def _page(self, number: int, patience: float) -> tuple[list[ListedAd], bool, bool]:
        """The rows of one page, whether it is surely the last one, and whether the server itself drew it."""
        site = self._site
        state = site.open(f"/m-my-ads/active/{number}")
        if not self.arrived(state):
            self._see_sign_in()
            # a page after the last one may not exist or lead elsewhere, but a site that fails says nothing
            refused = state.status >= 500 or state.status in NOT_AFTER_THE_END
            if number > 1 and not refused:
                return [], True, False
            raise SiteError(
                tell("my-ads-answered", status=state.status) if state.status else tell("my-ads-answered-other-page")
            )
        site.signed_in = True  # signed out, it had led to the sign-in
        seen = self._settled(patience)
        rows = [
            ListedAd(row["id"], own_address(row["url"], site.base_url), tuple(row["texts"]), number)
            for row in seen["rows"]
        ]
        numbers: list[int] = [page for page in seen["pages"] if page]
        # a pager of links that shows no later page is believed; without one the next page is tried
        paged = any(page > 1 for page in numbers)
        return rows, paged and max(numbers) <= number, bool(rows) and not seen["asked"]

    def _see_sign_in(self) -> None:
        if is_sign_in_page(self._site):
            raise SignedOutError(tell("sign-in-again"))

    def _settled(self, patience: float) -> dict[str, Any]:
        """What the page shows once it has rows, or has none for good. Raises SignedOutError, SiteError."""
        looks, since = "", 0.0

        def look() -> dict[str, Any] | None:
            nonlocal looks, since
            seen = self._read()
            if seen["rows"]:
                return seen
            if not looks:
                self._see_sign_in()
            said = bool(seen["saysEmpty"])
            # what a page says is watched alone: a banner that keeps changing beside it doesn't matter
            looking = "it says so" if said else str(seen["looks"])
            now = time.monotonic()
            if seen["loading"] or looking != looks:
                looks, since = looking, now
            return seen if now - since >= (min(EMPTY_SAID_SECONDS, patience) if said else patience) else None

        most = max(self._site.page_timeout, SETTLE_SECONDS)
        seen = self._site.wait(look, timeout=most, poll=EMPTY_POLL_SECONDS)
        if seen is None:
            raise SiteError(tell("my-ads-unfinished"))
        if not seen["rows"]:
            self._see_sign_in()
        return seen

    def _read(self) -> dict[str, Any]:
        names = ("row", "empty", "loading")
        seen: dict[str, Any] = self._site.run("my_ads_rows", *(self._site.candidates("my_ads", name) for name in names))
        return seen

    def row(self, ad_id: str) -> WebElement | None:
        """The row of an ad on the page that is open."""
        for row in self._site.all("my_ads", "row"):
            names = [row.get_dom_attribute(name) or "" for name in ("data-testid", "data-qa-id")]
            if any(name.endswith(f"-id-{ad_id}") for name in names):
                return row
        return None

    def delete(self, ad: ListedAd) -> None:
        """Click through the delete dialog of an ad. Whether it's gone is to be seen in `ads()`.

        Steps: kijiji-site facts, sure A. Raises SiteError when a step isn't there.
        """
        site = self._site
        site.open(f"/m-my-ads/active/{ad.page}")

        def button() -> WebElement | None:
            row = self.row(ad.ad_id)
            return site.find("my_ads", "delete_button", within=row) if row is not None else None

        if site.wait(button) is None:
            raise SelectorNotFound("my_ads", "delete_button")
        site.click(button)
        site.wait(lambda: site.find("delete_dialog", "reason") or site.find("delete_dialog", "confirm"))
        if site.find("delete_dialog", "reason") is not None:
            site.click(
                lambda: next(reversed(site.all("delete_dialog", "reason")), None)
            )  # "Prefer not to say" is the last
        confirm = site.wait(self._ready_confirm)
        if confirm is None:
            raise SelectorNotFound("delete_dialog", "confirm")
        site.click(self._ready_confirm)
        site.wait(lambda: site.find("delete_dialog", "confirm") is None)
        site.close_overlays()

    def _ready_confirm(self) -> WebElement | None:
        button = self._site.find("delete_dialog", "confirm")
        return button if button is not None and button.is_enabled() else None


def own_address(url: str, base_url: str) -> str:
    """An ad's address without what only the moment needs; empty where it isn't on the site's own host."""
    whole = urljoin(base_url, url)
    if not url or not is_own_host(whole, base_url):
        return ""
    parts = urlsplit(whole)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
