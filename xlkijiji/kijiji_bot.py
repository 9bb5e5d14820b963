"""KijijiBot: one ad on Kijiji through a real browser, once, and believed only when it shows under My Ads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.errors import (
    BatchStopped,
    BrowserGone,
    DraftNotPosted,
    PersonNeeded,
    RecordError,
    SettingsError,
    XlkijijiError,
    failure,
)
from xlkijiji.inventory import cell_text
from xlkijiji.kijiji.ads import Ads
from xlkijiji.kijiji.browser import foreseen, has_display
from xlkijiji.kijiji.checks import check_listing
from xlkijiji.kijiji.draft import DRAFT_SECONDS
from xlkijiji.kijiji.evidence import Evidence
from xlkijiji.kijiji.hosts import is_loopback
from xlkijiji.kijiji.listing import Defaults, to_record
from xlkijiji.kijiji.remarks import remarks_on
from xlkijiji.kijiji.session import Session
from xlkijiji.kijiji.site_doctor import SiteLook, look_at_site
from xlkijiji.messages import tell
from xlkijiji.validators import Problem

__all__ = ["KijijiBot"]

log = logging.getLogger(__name__)

SIGN_IN = "sign-in"
"""What the evidence of a sign-in that failed is called."""


class KijijiBot:
    """Posts, finds, revises and deletes the ads of one account. Also a context manager, which closes the browser.

    `images_dir`: the pictures folder; nothing outside of it is uploaded. None: paths are the caller's own choice.
    `description_footer` is put at the end of each description, with `{column}` filled in.
    `password` None: the person signs in, in the browser window, and with a `profile_dir` needs to do so only once.
    `headless` None: hidden where there's no display, or where the site is on this computer and a password is known.
    `grid_url`: the address of a Selenium Grid, on which the browser is started instead of here: hidden, with a fresh
    profile, so `headless` and `profile_dir` don't count; see `grid_address` for which addresses are taken.
    `driver`: a browser that is running already; it is used as it is and not closed. `headless` then only says whether
    a person can see it.
    Times are in seconds: `page_timeout` for a page or a part of it, `sign_in_timeout` for what the person does,
    `confirm_timeout` for a new ad to show under My Ads; `recheck_delay` after which an ad that is still there is no
    duplicate that the site takes off again (None: 15, on this computer 2; the site takes seconds for that
    [kijiji-site facts]). `on_step` is told in a few words what is being done.
    `selectors_file` replaces single fields of `kijiji/selectors.toml`; None: the file `selectors.toml` in xlkijiji's
    data folder does, where there is one. `evidence_dir` is where a picture and the source of the page are kept on which
    a record failed, without password, keys and cookies; None: nowhere.
    `draft`: `post_ad` fills in the form, and a person presses its button, or leaves the page, within `draft_timeout`
    seconds. The browser must be visible then. `sign_in_stopping()` says when to wait no longer for a person who is to
    sign in.

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
        description_footer: str = "",
        headless: bool | None = None,
        browser: str | Path | None = None,
        profile_dir: Path | None = None,
        driver: WebDriver | None = None,
        page_timeout: float = 30,
        sign_in_timeout: float = 300,
        confirm_timeout: float = 60,
        recheck_delay: float | None = None,
        on_step: Callable[[str], None] | None = None,
        selectors_file: Path | str | None = None,
        evidence_dir: Path | str | None = None,
        grid_url: str | None = None,
        draft: bool = False,
        draft_timeout: float = DRAFT_SECONDS,
        sign_in_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._defaults = Defaults(
            category=default_category,
            location=default_location,
            for_sale_by=default_for_sale_by,
            footer=description_footer,
            images_dir=Path(images_dir).absolute() if images_dir is not None else None,
        )
        self._confirm_timeout = confirm_timeout
        usual = 2.0 if is_loopback(base_url) else 15.0
        self.recheck_delay = usual if recheck_delay is None else recheck_delay
        """Seconds after which an ad that is still there stays; see `run_batch`."""
        if draft and headless is None and driver is None and has_display():
            headless = False
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
            selectors_file=Path(selectors_file) if selectors_file is not None else None,
            grid_url=grid_url,
            sign_in_stopping=sign_in_stopping,
        )
        self._ads = Ads(self._session, self._defaults, confirm_timeout, draft_timeout if draft else None)
        self._evidence = Evidence(Path(evidence_dir)) if evidence_dir is not None else None

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
        with foreseen():
            self._ads.refuse_unseen_draft()
        try:
            done = self._session.login()
        except BrowserGone:
            raise
        except XlkijijiError as error:
            error.evidence = self._keep_evidence(SIGN_IN)
            raise
        if not done:
            self._keep_evidence(SIGN_IN)
        return done

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
            return [Problem(tell("columns"), "", tell("cannot-be-read", error=error), "")]

    def warnings(self, record: Mapping[str, Any]) -> list[Problem]:
        """What a person should know of a row, and what doesn't keep it from being posted; empty when there's nothing.

        Such as what the category's form has no field for, and where it goes.
        """
        try:
            return remarks_on(to_record(record, self._defaults.images_dir), self._defaults)
        except RecordError:  # told by `check`
            return []

    def post_ad(
        self,
        record: Mapping[str, Any],
        *,
        before_submit: Callable[..., None] | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> dict[str, Any]:
        """Post one ad, with one click at most; as a draft, with a person's.

        Gives `success`, `message`, `ad_url` (absolute), `ad_id`, `notes` (what the row has and the site's form has no
        field for), `remarks` (sentences about that, as far as `warnings` couldn't say it before); for a failure
        `error_kind` too. `before_submit(ids_before=[…])`, or without a parameter if it takes none, is called right
        before the click that can't be undone; `ids_before` are the ids under My Ads.
        For a draft it is called before the person is asked to press, also with `within=` the seconds for it, and again
        with `title=…` when the person gives the ad another one. It ends with kind `draft` when nobody pressed, also
        because `stopping()` said so meanwhile.

        Raises BatchStopped and PersonNeeded, after which other rows would fail as well; SettingsError.
        """
        return self._answered(lambda: self._ads.post(record, before_submit, stopping), _name(record))

    def find_ad(self, record: Mapping[str, Any], *, ids_before: Collection[str] | None = None) -> dict[str, Any] | None:
        """The ad under My Ads that has the record's title and isn't one of `ids_before`; None when there is none.

        Gives `ad_id`, `ad_url`, `title`. Raises UnknownOutcome when several ads might be it, and what `login` raises.
        """
        return self._ads.find(record, frozenset(map(str, ids_before or ())))

    def live_ads(self) -> list[str]:
        """The ids of all active ads of the account, as My Ads lists them. Raises what `login` raises, SiteError."""
        return self._ads.live()

    def delete_ad(self, ad_id: str) -> dict[str, Any]:
        """Take an ad off the site, and see that it's no longer under My Ads; success too when it wasn't there.

        Gives `success`, `message`, `ad_id`; for a failure `error_kind` too. Raises as `post_ad`.
        """
        return self._answered(lambda: self._ads.delete(str(ad_id)), f"ad {ad_id}")

    def revise_ad(self, record: Mapping[str, Any], ad_id: str) -> dict[str, Any]:
        """Change a live ad to what the record says now, in place; its photos stay as they are.

        Gives what `post_ad` gives. Raises as `post_ad`.
        """
        return self._answered(lambda: self._ads.revise(record, str(ad_id)), _name(record))

    def look_at_site(self, category: str = "") -> SiteLook:
        """Which candidate of each field matches on the site's pages; posts and changes nothing.

        `category` is the id of the form to look at. Raises what `login` raises, SignInRefused too.
        """
        return look_at_site(self._session, category)

    # --- how

    def _answered(self, action: Callable[[], dict[str, Any]], name: str) -> dict[str, Any]:
        """What `action` gives; a failure with evidence of it, named `name`."""
        opened = self._pages_opened
        try:
            with foreseen():
                return action()
        except BrowserGone:
            self.close()
            raise
        except XlkijijiError as error:
            # else no page has to do with it, or nothing is wrong with one
            if self._pages_opened != opened and error.kind != DraftNotPosted.kind:
                error.evidence = self._keep_evidence(name)
            if isinstance(error, BatchStopped | PersonNeeded | SettingsError):
                raise
            log.info("not done: %s", error)
            return failure(error, ad_id="") | ({"evidence": error.evidence} if error.evidence else {})

    @property
    def _pages_opened(self) -> tuple[int, int]:
        """Changes whenever a page is opened."""
        site = self._session.running
        return (id(site), site.opened) if site is not None else (0, 0)

    def _keep_evidence(self, name: str) -> str:
        site = self._session.running
        if self._evidence is None or site is None:
            return ""
        return str(self._evidence.keep(site, name, self._session.secrets) or "")


def _name(record: Mapping[str, Any]) -> str:
    """What a record is called in the name of a file."""
    return cell_text(record.get("sku")) or cell_text(record.get("title")) or "record"


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
