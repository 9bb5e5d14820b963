"""My Ads: which ads the account has, and taking one off the site."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from selenium.webdriver.remote.webelement import WebElement

from xlkijiji.errors import SelectorNotFound, SiteError
from xlkijiji.kijiji.sign_in import is_sign_in_page
from xlkijiji.kijiji.site import PageState, Site

__all__ = ["ListedAd", "MyAds", "SignedOutError", "same_title"]

log = logging.getLogger(__name__)

PAGES_AT_MOST = 200


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

    def loaded(self, state: PageState) -> bool:
        """The list itself is shown, not an error or the sign-in."""
        return "/m-my-ads/" in state.url and not state.failed and state.ready

    def ads(self) -> dict[str, ListedAd]:
        """All active ads by id, in the site's order. Raises SignedOutError, SiteError."""
        found: dict[str, ListedAd] = {}
        for number in range(1, PAGES_AT_MOST + 1):
            rows, last = self._page(number, found)
            new = {ad.ad_id: ad for ad in rows if ad.ad_id not in found}
            found |= new
            if not new or last:
                break
        log.info("My Ads lists %d ads", len(found))
        return found

    def _page(self, number: int, known: Collection[str]) -> tuple[list[ListedAd], bool]:
        """The rows of one page, and whether it is surely the last one."""
        site = self._site
        state = site.open(f"/m-my-ads/active/{number}")
        if is_sign_in_page(site):
            raise SignedOutError("The site asks to sign in again. Sign in, then try again.")
        if state.failed or not self.loaded(state):
            if number > 1:  # a page after the last one may be an error or lead elsewhere
                return [], True
            raise SiteError(
                f"My Ads could not be read (the site answered {state.status or 'with another page'}); try again later."
            )
        seen = self._read()
        if not seen["rows"] and not known:
            # nothing yet, or nothing at all: the list may be drawn after the page has loaded
            site.wait_until_quiet()
            if is_sign_in_page(site):
                raise SignedOutError("The site asks to sign in again. Sign in, then try again.")
            seen = self._read()
        rows = [
            ListedAd(
                row["id"], _clean(urljoin(site.base_url, row["url"])) if row["url"] else "", tuple(row["texts"]), number
            )
            for row in seen["rows"]
        ]
        numbers: list[int] = [page for page in seen["pages"] if page]
        # a pager of links that shows no later page is believed; without one the next page is tried
        paged = any(page > 1 for page in numbers)
        return rows, paged and max(numbers) <= number

    def _read(self) -> dict[str, Any]:
        seen: dict[str, Any] = self._site.run("my_ads_rows", self._site.candidates("my_ads", "row"))
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


def _clean(url: str) -> str:
    """The address without what only the moment needs."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
