"""`xlkijiji doctor --site`: which candidate of each field matches on the live pages. Fills in no ad, clicks no submit.

What is reported holds names of ours, numbers and days only: no text of a page, no address with a query, no account.
It is shown in the language of whoever asked. The two files, which are for sending in, are in English, whoever sent
them: `SiteLook.as_text` and `SiteLook.as_dict`.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit

from xlkijiji import __version__
from xlkijiji.errors import BatchStopped, PersonNeeded, SettingsError, XlkijijiError
from xlkijiji.kijiji.browser import foreseen
from xlkijiji.kijiji.categories import all_categories
from xlkijiji.kijiji.category_step import CategoryStep
from xlkijiji.kijiji.my_ads import MyAds
from xlkijiji.kijiji.session import HOME, Session
from xlkijiji.kijiji.sign_in import SignInPage
from xlkijiji.kijiji.site import Site
from xlkijiji.messages import speaking, tell

__all__ = ["FieldLook", "PageLook", "SiteLook", "look_at_site", "page_title"]

log = logging.getLogger(__name__)

DEFAULT_CATEGORY = "339"
TITLE = "Wooden garden chair"
"""Typed into the title step to see a suggestion; no ad is made of it."""
NEEDS_MORE = {
    ("overlay", "close"): "site-why-overlay",
    ("overlay", "unknown_close"): "site-why-overlay",
    ("stops", "captcha"): "site-why-check",
    ("stops", "limit"): "site-why-limit",
    ("sign_in", "message"): "site-why-refused-sign-in",
    ("header", "sign_in_link"): "site-why-signed-out",
    ("category_step", "suggestion"): "site-why-title",
    ("details_form", "attribute"): "site-why-one-by-one",
    ("details_form", "tags_add"): "site-why-no-button",
    ("details_form", "photo_remove"): "site-why-photo",
    ("details_form", "video"): "site-why-not-every-form",
    ("details_form", "location"): "site-why-change",
    ("details_form", "location_option"): "site-why-place-typed",
    ("details_form", "location_change"): "site-why-place",
    ("details_form", "postal_code"): "site-why-older-forms",
    ("details_form", "extras"): "site-why-not-every-category",
    ("details_form", "checkout_price"): "site-why-other-total",
    ("details_form", "package"): "site-why-packages",
    ("details_form", "terms"): "site-why-some-categories",
    ("details_form", "field_error"): "site-why-refused-form",
    ("details_form", "photo_error"): "site-why-refused-photo",
    ("details_form", "save_changes"): "site-why-live-form",
    ("my_ads", "empty"): "site-why-no-ads",
    ("my_ads", "row"): "site-why-ads",
    ("my_ads", "delete_button"): "site-why-ads",
    ("my_ads", "loading"): "site-why-loading",
}
"""Fields that a page may do without, and the message that says why."""
NOT_IN_EDIT = {"submit", "total", "photo_input", "photo_list", "category_id"}
"""Fields of a new ad's form that one of a live ad need not have."""
PAGES = {
    "sign-in": "site-page-sign-in",
    "home": "site-page-home",
    "title and category": "site-page-title-step",
    "details form": "site-page-form",
    "my ads": "site-page-my-ads",
    "form of a live ad": "site-page-live-form",
}
"""The pages by the names that they have in the files, and what they are called to people."""
UNSEEN = {("delete_dialog", "reason"): "site-why-delete"}


def page_title(name: str) -> str:
    """What a page is called; a field that was not looked at has its own name."""
    return tell(PAGES[name]) if name in PAGES else name


@dataclass(frozen=True)
class FieldLook:
    """What was found of one field."""

    page: str
    field: str
    matches: tuple[int, ...]
    """How many elements each candidate found, in the file's order."""
    known: str
    """The day and how sure, of the candidate that is used; of the first one where none is."""
    sure: str
    excuse: str = ""
    """The message that says why it may be missing; empty: the bot needs it."""

    @property
    def used(self) -> int:
        """The number of the candidate that is used, from 1; 0: none."""
        return next((number for number, count in enumerate(self.matches, 1) if count), 0)

    @property
    def verdict(self) -> str:
        """In words, in the language in use: first, a later one, missing, or not there with a reason."""
        if self.used == 1:
            return tell("site-look-first")
        if self.used:
            return tell("site-look-later", used=self.used, total=len(self.matches))
        return tell("site-look-excused", why=tell(self.excuse)) if self.excuse else tell("site-look-missing")

    @property
    def good(self) -> bool:
        """The bot can work with it."""
        return bool(self.used or self.excuse)


@dataclass(frozen=True)
class PageLook:
    """One page that was opened, or could not be."""

    name: str
    path: str
    """Where the browser was, without host and query."""
    status: int
    """The HTTP status; 0 where the browser doesn't tell."""
    fields: tuple[FieldLook, ...] = ()
    trouble: str = ""
    """The kind of error that kept it from being read."""


@dataclass
class SiteLook:
    """All that was seen."""

    host: str
    browser: str
    category: str
    when: dt.datetime
    version: str = __version__
    own_file: bool = False
    """A person's own selectors were in use."""
    pages: list[PageLook] = field(default_factory=list)
    not_seen: dict[str, str] = field(default_factory=lambda: {".".join(key): why for key, why in UNSEEN.items()})
    """What was not looked at, and the message that says why."""

    @property
    def good(self) -> bool:
        """Every page could be read, and has what the bot needs."""
        return all(not page.trouble and all(one.good for one in page.fields) for page in self.pages)

    def left_out(self) -> list[str]:
        """A line about each page or field that was not looked at."""
        return [tell("site-look-left-out", name=page_title(name), why=tell(why)) for name, why in self.not_seen.items()]

    def as_dict(self) -> dict[str, Any]:
        """For a JSON file that can be sent in; in English."""
        whole = {**asdict(self), "when": self.when.isoformat(timespec="seconds"), "good": self.good}
        with speaking("en"):
            whole["not_seen"] = {name: tell(why) for name, why in self.not_seen.items()}
            for one in (one for page in whole["pages"] for one in page["fields"]):
                one["excuse"] = tell(one["excuse"]) if one["excuse"] else ""
        return whole

    def as_text(self) -> str:
        """The same for the people it is sent to; in English too."""
        with speaking("en"):
            return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        own = f", {tell('site-look-own')}" if self.own_file else ""
        when, category = f"{self.when:%Y-%m-%d %H:%M %z}", tell("site-look-category", number=self.category)
        yield f"xlkijiji {self.version}, {when}, {self.host}, {self.browser}, {category}{own}"
        for page in self.pages:
            where = page.path or tell("site-look-not-opened")
            yield ""
            yield f"{page_title(page.name)}: {where}{f' (HTTP {page.status})' if page.status else ''}"
            if page.trouble:
                yield f"  {tell('site-look-unread', kind=page.trouble)}"
            yield from (f"  {one.field:<32} {one.verdict:<28} {one.known} {one.sure}" for one in page.fields)
        yield ""
        yield from self.left_out()
        yield ""
        yield tell("site-look-whole") if self.good else tell("site-look-broken")


def look_at_site(session: Session, category: str = "") -> SiteLook:
    """Sign in, open one page after the other, and see which candidates match; posts and changes nothing.

    `category` is the id of the details form that is opened. A page that can't be read is part of what is seen. Raises
    what `Session.login` raises, BrowserGone, and SettingsError.
    """
    with foreseen():
        site = session.site
        found = SiteLook(
            host=urlsplit(session.base_url).hostname or "",
            browser=_browser_name(site),
            category=category or DEFAULT_CATEGORY,
            when=dt.datetime.now().astimezone(),
            own_file=bool(site.selectors.own),
        )
    looks = _Looks(site, found)
    site.step(tell("site-look-at-sign-in"))
    looks.page("sign-in", lambda: _open_sign_in(site), ["sign_in"])
    session.require_login()
    site.step(tell("site-look-at-pages"))
    looks.page("home", lambda: site.open(HOME), ["header", "overlay", "stops"])
    looks.page("title and category", lambda: _open_title_step(site), ["category_step"])
    known = all_categories().get(found.category)
    attributes = dict.fromkeys(known.attributes, False) | dict.fromkeys(known.required, True) if known else {}
    path = f"/p-post-ad.html?{urlencode({'categoryId': found.category})}"
    looks.page("details form", lambda: _open_form(site, path), ["details_form"], attributes=attributes)
    ids: list[str] = []
    looks.page("my ads", lambda: ids.extend(_open_my_ads(site)), ["my_ads"])
    if ids:
        edit = f"/p-edit-ad.html?adId={ids[0]}"
        looks.page("form of a live ad", lambda: _open_form(site, edit), ["details_form"], edit=True)
    else:
        found.not_seen["form of a live ad"] = "site-why-no-ad-listed"
    return found


class _Looks:
    """Opens pages and notes what they have."""

    def __init__(self, site: Site, found: SiteLook) -> None:
        self._site = site
        self._found = found

    def page(
        self,
        name: str,
        open_page: Callable[[], object],
        tables: Sequence[str],
        *,
        attributes: Mapping[str, bool] = MappingProxyType({}),
        edit: bool = False,
    ) -> None:
        """Open one page and look at the fields of `tables` on it; `attributes`: codes, and whether each is required."""
        trouble: str = ""
        fields: tuple[FieldLook, ...] = ()
        try:
            with foreseen():
                open_page()
                fields = tuple(self._fields(tables, attributes, edit))
        except (BatchStopped, PersonNeeded, SettingsError):
            raise
        except XlkijijiError as error:
            log.info("%s could not be read: %s", name, error)
            trouble = type(error).__name__
        if not fields and not trouble:
            self._found.not_seen[name] = "site-why-signed-in"
            return
        path, status = self._where()
        self._found.pages.append(PageLook(name, path, status, fields, trouble))

    def _where(self) -> tuple[str, int]:
        try:
            with foreseen():
                state = self._site.state()
        except XlkijijiError:
            return "", 0
        return urlsplit(state.url).path, state.status

    def _fields(self, tables: Sequence[str], attributes: Mapping[str, bool], edit: bool) -> Iterator[FieldLook]:
        if "sign_in" in tables and self._site.find("sign_in", "username") is None:
            return  # somebody is signed in, so the site shows no such page
        every = [(page, name, "") for page in tables for name in self._site.selectors.pages[page]]
        names = [one for one in every if one[1] != "attribute"]
        names += [("details_form", "attribute", code) for code in attributes]
        asked = [self._site.candidates(page, name, code) for page, name, code in names]
        counts: list[list[int]] = self._site.run("which", asked)
        for (page, name, code), matches in zip(names, counts, strict=True):
            candidates = self._site.selectors.pages[page][name]
            used = next((at for at, count in enumerate(matches) if count), 0)
            yield FieldLook(
                page,
                f"{name} {code}".strip(),
                tuple(matches),
                candidates[used].known.isoformat(),
                candidates[used].sure,
                "" if attributes.get(code) else _excuse(page, name, edit),
            )


def _excuse(page: str, name: str, edit: bool) -> str:
    if edit and name in NOT_IN_EDIT:
        return "site-why-not-live-form"
    if edit and name == "save_changes":
        return ""
    if name == "attribute":
        return "site-why-not-every-form-here"
    return NEEDS_MORE.get((page, name), "")


def _browser_name(site: Site) -> str:
    known = site.driver.capabilities
    return f"{known.get('browserName', 'browser')} {known.get('browserVersion', '')}".strip()


def _open_sign_in(site: Site) -> None:
    site.open(HOME)
    if site.find("header", "my_account") is None or site.find("header", "sign_in_link") is not None:
        SignInPage(site).open()


def _open_title_step(site: Site) -> None:
    step = CategoryStep(site)
    step.open()
    site.require("category_step", "title")
    step.ask_for_suggestion(TITLE)


def _open_form(site: Site, path: str) -> None:
    site.open(path)
    site.wait(
        lambda: site.find("details_form", "title") is not None or site.find("details_form", "package") is not None
    )
    site.wait_until_quiet()


def _open_my_ads(site: Site) -> list[str]:
    ids = list(MyAds(site).ads())
    site.open("/m-my-ads/active/1")
    site.wait(lambda: not ids or site.find("my_ads", "row") is not None)
    return ids
