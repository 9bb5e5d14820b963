"""Finding and starting the browser, and what its failures mean."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import urllib3.exceptions
from selenium import webdriver
from selenium.common import exceptions as webdriver_errors
from selenium.webdriver.chromium.options import ChromiumOptions
from selenium.webdriver.chromium.service import ChromiumService
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.errors import BrowserGone, SiteError
from xlkijiji.kijiji.programs import BrowserKind, find_browser, find_driver, kind_of
from xlkijiji.messages import tell

__all__ = [
    "choose_headless",
    "chromium_flags",
    "explain",
    "find_browser",
    "foreseen",
    "has_display",
    "set_firefox",
    "set_timeouts",
    "start_browser",
]

log = logging.getLogger(__name__)

WIDEST, HIGHEST = 1280, 1024
NARROWEST, LOWEST = 1000, 560
"""Pixels; the site shows its pages in another way to a window that is narrower."""
BUTTONS_WIDTH = 420
"""Pixels from the screen's left edge in which a workbook that fills the screen has its buttons."""
STATUS_BAR = 32
"""Pixels at the screen's lower edge in which such a workbook has the status bar, where the run says how far it is."""
_SCREEN = "return [screen.availLeft || 0, screen.availTop || 0, screen.availWidth, screen.availHeight];"
"""Of the monitor that the window is on, without its bars; with several ones it needn't begin at 0."""
# what a browser that works for us needn't do in the background; nothing here hides that it is automated
FLAGS = (
    *("--disable-quic", "--no-first-run", "--no-default-browser-check", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", f"--window-size={WIDEST},{HIGHEST}"),
)
FIREFOX_PREFERENCES: Mapping[str, bool | int | str] = {
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.auto": False,
}


def has_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Can a window be shown to a person?"""
    if platform in {"win32", "darwin"}:
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def choose_headless(wish: bool | None, *, loopback: bool, person_signs_in: bool, display: bool) -> bool:
    """Should the browser be invisible? `wish` decides where there is one.

    Else: without a display it must be; a site on this computer needs no person to watch, unless the person signs in.
    """
    if wish is not None:
        return wish
    return not display or (loopback and not person_signs_in)


def start_browser(program: Path, *, headless: bool, profile_dir: Path | None, page_timeout: float) -> WebDriver:
    """A running browser with a driver. Raises BrowserGone with a sentence on what to do.

    `page_timeout` is in seconds. Without `profile_dir` the driver uses a profile that is thrown away. Firefox has its
    own folder within it, as no two makes of browser can share one.
    """
    kind = kind_of(program)
    if profile_dir is not None:
        profile_dir = profile_dir / "firefox" if kind.is_firefox else profile_dir
        profile_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    # with no driver installed, Selenium Manager looks for one, and downloads it if it must
    driver_program = find_driver(kind)
    path = str(driver_program) if driver_program is not None else None
    try:
        if kind.is_firefox and profile_dir is not None and _firefox_has(profile_dir):
            raise BrowserGone(tell("browser-still-open"))
        if kind.is_firefox:
            driver = _start_firefox(program, path, headless, profile_dir)
        else:
            driver = _start_chromium(kind, program, path, headless, profile_dir)
    except (webdriver_errors.WebDriverException, OSError) as error:
        log.info("browser start failed: %s", error)
        raise BrowserGone(_start_sentence(error, kind, profile_dir)) from error
    set_timeouts(driver, page_timeout)
    if not headless:
        _stand_aside(driver)
    return driver


def _stand_aside(driver: WebDriver) -> None:
    """Put the window to the lower right, above the status bar: the workbook's buttons are at the upper left.

    A person may move it where they like. Where a desktop places windows itself it stays as it came.
    """
    try:
        left, top, wide, high = driver.execute_script(_SCREEN)
        width = min(wide, WIDEST, max(NARROWEST, wide - BUTTONS_WIDTH))
        height = min(high, HIGHEST, max(LOWEST, high * 3 // 4 - STATUS_BAR))
        driver.set_window_rect(left + wide - width, max(top, top + high - height - STATUS_BAR), width, height)
    except (webdriver_errors.WebDriverException, urllib3.exceptions.HTTPError, ConnectionError) as error:
        log.info("the window stays where it is: %s", error)  # a browser that has gone is told of at its next step


def set_timeouts(driver: WebDriver, page_timeout: float) -> None:
    """How long a page or a script may take, in seconds; nothing is waited for that isn't asked for."""
    driver.implicitly_wait(0)
    driver.set_page_load_timeout(page_timeout)
    driver.set_script_timeout(page_timeout)


def _start_chromium(
    kind: BrowserKind, program: Path, driver_path: str | None, headless: bool, profile_dir: Path | None
) -> WebDriver:
    is_edge = kind.name == "Edge"
    options: ChromiumOptions = webdriver.EdgeOptions() if is_edge else webdriver.ChromeOptions()
    options.binary_location = str(program)
    for flag in _flags(headless, profile_dir):
        options.add_argument(flag)
    apart = _apart_from_terminal()
    if is_edge:
        edge = webdriver.EdgeService(executable_path=driver_path, popen_kw=apart)
        return webdriver.Edge(options=options, service=edge)  # type: ignore[arg-type]  # made as EdgeOptions above
    service: ChromiumService = webdriver.ChromeService(executable_path=driver_path, popen_kw=apart)
    return webdriver.Chrome(options=options, service=service)  # type: ignore[arg-type]  # made as Chrome's own above


def _start_firefox(program: Path, driver_path: str | None, headless: bool, profile_dir: Path | None) -> WebDriver:
    options = webdriver.FirefoxOptions()
    options.binary_location = str(program)
    set_firefox(options, headless=headless)
    if profile_dir is not None:
        options.add_argument("-profile")
        options.add_argument(str(profile_dir))
    service = webdriver.FirefoxService(executable_path=driver_path, popen_kw=_apart_from_terminal())
    return webdriver.Firefox(options=options, service=service)


def set_firefox(options: webdriver.FirefoxOptions, *, headless: bool) -> None:
    """What every Firefox is started with, here or elsewhere."""
    for name, value in FIREFOX_PREFERENCES.items():
        options.set_preference(name, value)
    for argument in (f"--width={WIDEST}", f"--height={HIGHEST}", *(("-headless",) if headless else ())):
        options.add_argument(argument)


def _apart_from_terminal() -> dict[str, object]:
    """How to start the driver so that a terminal's Ctrl+C doesn't reach it: the run finishes the record in hand."""
    if sys.stdin is None or not sys.stdin.isatty():
        return {}
    return {"creation_flags": 0x200} if sys.platform == "win32" else {"start_new_session": True}


def chromium_flags(*, headless: bool) -> Iterator[str]:
    """What every browser of Chromium's family is started with, here or elsewhere."""
    yield from FLAGS
    if headless:
        yield "--headless=new"
        yield "--disable-gpu"


def _flags(headless: bool, profile_dir: Path | None) -> Iterator[str]:
    yield from chromium_flags(headless=headless)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield "--no-sandbox"  # Chromium refuses to start as root with its sandbox
        yield "--disable-dev-shm-usage"
    if profile_dir is not None:
        yield f"--user-data-dir={profile_dir}"


def _start_sentence(error: Exception, kind: BrowserKind, profile_dir: Path | None) -> str:
    text = str(error)
    if "user data directory is already in use" in text or _profile_in_use(profile_dir):
        return tell("browser-still-open")
    if "only supports" in text and "version" in text:
        return tell("driver-does-not-fit")
    if "obtain driver" in text or "Unable to locate" in text:
        return tell("no-driver", name=kind.name, driver=kind.driver)
    return tell("browser-not-started", advice=tell("get-a-browser"))


def _profile_in_use(profile_dir: Path | None) -> bool:
    """Has a running browser locked the profile? It leaves a link (Linux, Mac) or a file (Windows) there."""
    return profile_dir is not None and any(
        os.path.lexists(profile_dir / name)  # the link leads nowhere, so Path.exists() would deny it
        for name in ("SingletonLock", "lockfile")
    )


def _firefox_has(profile_dir: Path) -> bool:
    """Is a running Firefox in this profile? It holds a lock on a file that it leaves there afterwards."""
    try:
        if sys.platform == "win32":
            with (profile_dir / "parent.lock").open("r+b"):
                return False
        import fcntl  # not on Windows

        with (profile_dir / ".parentlock").open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


_GONE = (
    webdriver_errors.InvalidSessionIdException,
    webdriver_errors.NoSuchWindowException,
    webdriver_errors.SessionNotCreatedException,
)
_GONE_WORDS = ("disconnected", "not connected to devtools", "chrome not reachable", "tab crashed", "session deleted")
_GONE_FROM_GRID = ("Unable to find session", "Cannot find session", "request for an existing session")
"""What a Selenium Grid says of a session that was ended or timed out there, then of one whose driver has died
[seen with 4.48]; the last comes as an exception of no kind of its own."""
_UNREACHABLE = ("net::ERR_", "about:neterror")


@contextlib.contextmanager
def foreseen() -> Iterator[None]:
    """Turns what Selenium raises into what xlkijiji foresees: BrowserGone, or SiteError for anything on a page."""
    try:
        yield
    except (urllib3.exceptions.HTTPError, ConnectionError) as error:
        raise _gone() from error
    except webdriver_errors.WebDriverException as error:
        raise explain(error) from error


def explain(error: webdriver_errors.WebDriverException) -> BrowserGone | SiteError:
    """What an exception of Selenium's means for the person."""
    text = error.msg or ""
    if any(words in text for words in _GONE_FROM_GRID):
        return BrowserGone(tell("grid-browser-gone"))
    if isinstance(error, _GONE) or any(word in text for word in _GONE_WORDS):
        return _gone()
    if any(word in text for word in _UNREACHABLE):
        reason = text.split("net::", 1)[-1].split()[0] if "net::" in text else tell("no-answer")
        return SiteError(tell("site-not-reached-for-row", reason=reason))
    if isinstance(error, webdriver_errors.TimeoutException):
        return SiteError(tell("site-too-slow"))
    first = " ".join(text.split())[:160]
    return SiteError(tell("page-misbehaved", first=first))


def _gone() -> BrowserGone:
    return BrowserGone(tell("browser-gone"))
