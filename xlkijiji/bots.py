"""The bot that a workbook's settings ask for, ready to post."""

from __future__ import annotations

import logging
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from xlkijiji.addin import start_detached
from xlkijiji.errors import SettingsError
from xlkijiji.kijiji.browser import has_display
from xlkijiji.kijiji.credentials import kept_password
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.messages import tell
from xlkijiji.paths import data_dir
from xlkijiji.practice import DEFAULT_ACCOUNTS
from xlkijiji.settings import Settings

__all__ = ["account_name", "checking_bot", "ensure_practice_site", "make_bot", "sign_in_bot"]

log = logging.getLogger(__name__)

SIGN_IN_SECONDS = 900.0
"""How long `xlkijiji sign-in` waits for the person: two-step codes come by mail."""

CONFIRM_SECONDS = 60.0
"""For so long a new ad may take to show under My Ads; so long, too, one is looked for whose outcome nobody saw."""
PRACTICE_CONFIRM_SECONDS = 15.0
PRACTICE_IDLE_MINUTES = 120
PRACTICE_START_SECONDS = 30.0


def make_bot(
    settings: Settings, folder: Path, on_step: Callable[[str], None], evidence_dir: Path | None = None
) -> KijijiBot:
    """A KijijiBot for these settings; in practice mode the practice site is running afterwards.

    `evidence_dir` is where it keeps pictures of the pages on which records fail.
    Raises SettingsError when the account is missing, the practice site doesn't answer, or nobody could see a draft.
    """
    password: str | None
    display = has_display()
    if settings.draft_mode and not display:
        raise SettingsError(tell("no-screen-for-draft"))
    username = account_name(settings)
    if settings.practice_mode:
        ensure_practice_site(settings.practice_url)
        password = DEFAULT_ACCOUNTS[username]
    else:
        # without a stored password the person signs in, in the browser window that opens
        password = kept_password(username)
    return KijijiBot(
        username,
        password,
        base_url=settings.base_url,
        **_for_rows(settings, folder),
        # a window is for whoever can see it; None: hidden where there is no screen, as over ssh
        headless=(settings.practice_mode and not (settings.show_browser or settings.draft_mode)) if display else None,
        draft=settings.draft_mode,
        # practice needs no sign-in that is kept, and a fresh profile is never in use
        browser=settings.browser or None,
        profile_dir=None if settings.practice_mode or settings.grid_url else data_dir("browser"),
        grid_url=settings.grid_url or None,
        # the site on this computer lists an ad at once, and whoever rehearses a crash need not wait a minute for it
        confirm_timeout=PRACTICE_CONFIRM_SECONDS if settings.practice_mode else CONFIRM_SECONDS,
        on_step=on_step,
        evidence_dir=evidence_dir,
    )


def account_name(settings: Settings) -> str:
    """Whose ads these settings' runs post. Raises SettingsError when that is missing."""
    if settings.practice_mode:
        # never the person's own account: what belongs to Kijiji stays away from the practice site, and the reverse
        return next(iter(DEFAULT_ACCOUNTS))
    if not settings.account:
        raise SettingsError(tell("account-is-blank"))
    return settings.account


def sign_in_bot(
    settings: Settings, on_step: Callable[[str], None], stopping: Callable[[], bool] = lambda: False
) -> KijijiBot:
    """A bot in whose visible window the person signs in; the profile that keeps the sign-in is that of later runs.

    On the practice site it is a profile of its own. The waiting ends, with PersonNeeded, when `stopping()` says so.
    Raises SettingsError when nobody could see the window.
    """
    if not has_display():
        raise SettingsError(tell("no-screen"))
    return KijijiBot(
        settings.account,
        None,
        base_url=settings.base_url,
        headless=False,
        browser=settings.browser or None,
        profile_dir=data_dir("practice", "browser") if settings.practice_mode else data_dir("browser"),
        sign_in_timeout=SIGN_IN_SECONDS,
        on_step=on_step,
        sign_in_stopping=stopping,
    )


def checking_bot(settings: Settings, folder: Path) -> KijijiBot:
    """A KijijiBot that knows the site's rules, and neither signs in nor starts anything."""
    return KijijiBot("", None, base_url=settings.base_url, **_for_rows(settings, folder))


def _for_rows(settings: Settings, folder: Path) -> dict[str, Any]:
    """What the settings say of rows: where their pictures are, and what stands for blank cells."""
    return {
        "images_dir": settings.images_dir(folder),
        "default_category": settings.category,
        "default_location": settings.location,
        "default_for_sale_by": settings.for_sale_by,
        "description_footer": settings.description_footer,
    }


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/practice/health", timeout=2) as answer:  # noqa: S310 — checked to be loopback http
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def ensure_practice_site(url: str) -> None:
    """Start the practice site at `url` (on this computer), unless it is there already; it ends itself when idle.

    Raises SettingsError when it can't be had.
    """
    if _answers(url):
        return
    port = urlsplit(url).port or 80
    start_detached(
        [
            *(sys.executable, "-m", "xlkijiji.practice"),
            *("--port", str(port), "--sign-in-port", str(port + 1)),
            *("--data-dir", str(data_dir("practice")), "--idle-exit", str(PRACTICE_IDLE_MINUTES)),
        ]
    )
    deadline = time.monotonic() + PRACTICE_START_SECONDS
    while not _answers(url):
        if time.monotonic() > deadline:
            raise SettingsError(tell("practice-site-not-started", url=url))
        threading.Event().wait(0.1)
