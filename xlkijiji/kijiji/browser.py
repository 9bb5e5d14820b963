"""Finding and starting the browser, and what its failures mean."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
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

__all__ = ["choose_headless", "explain", "find_browser", "foreseen", "has_display", "start_browser"]

log = logging.getLogger(__name__)

NAMES = (
    *("google-chrome", "google-chrome-stable", "chrome", "chromium", "chromium-browser"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge"),
)
MAC_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
WINDOWS_PLACES = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
WINDOWS_BASES = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
# what a browser that works for us needn't do in the background; nothing here hides that it is automated
FLAGS = (
    *("--disable-quic", "--no-first-run", "--no-default-browser-check", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--window-size=1280,1024"),
)
GET_ONE = (
    "Install Google Chrome (https://www.google.com/chrome) or Microsoft Edge, then try again; "
    "on Debian or Ubuntu: sudo apt install chromium chromium-driver."
)


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


def find_browser(wish: str | Path | None = None) -> Path:
    """The browser's program: the one named in `wish`, or the first one found. Raises BrowserGone when there's none."""
    if wish:
        named = shutil.which(str(wish)) or (str(wish) if Path(wish).is_file() else None)
        if named is None:
            raise BrowserGone(f"There is no browser '{wish}'. Correct its name or path, or leave it out; {GET_ONE}")
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    for place in _usual_places():
        if place.is_file():
            return place
    raise BrowserGone(f"No browser that xlkijiji can drive was found on this computer. {GET_ONE}")


def _usual_places(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Iterator[Path]:
    if platform == "darwin":
        yield from map(Path, MAC_PLACES)
    elif platform == "win32":
        for place in WINDOWS_PLACES:
            yield from (Path(environment[base]) / place for base in WINDOWS_BASES if base in environment)


def start_browser(program: Path, *, headless: bool, profile_dir: Path | None, page_timeout: float) -> WebDriver:
    """A running browser with a driver. Raises BrowserGone with a sentence on what to do.

    `page_timeout` is in seconds. Without `profile_dir` the driver uses a profile that is thrown away.
    """
    is_edge = "edge" in program.name.casefold()
    options: ChromiumOptions = webdriver.EdgeOptions() if is_edge else webdriver.ChromeOptions()
    options.binary_location = str(program)
    for flag in _flags(headless, profile_dir):
        options.add_argument(flag)
    driver_program = shutil.which("msedgedriver" if is_edge else "chromedriver")
    # with no driver installed, Selenium Manager looks for one, and downloads it if it must
    try:
        driver = _start(is_edge, options, driver_program)
    except (webdriver_errors.WebDriverException, OSError) as error:
        log.info("browser start failed: %s", error)
        raise BrowserGone(_start_sentence(error, profile_dir)) from error
    driver.implicitly_wait(0)
    driver.set_page_load_timeout(page_timeout)
    driver.set_script_timeout(page_timeout)
    return driver


def _start(is_edge: bool, options: ChromiumOptions, driver_program: str | None) -> WebDriver:
    apart = _apart_from_terminal()
    if is_edge:
        edge = webdriver.EdgeService(executable_path=driver_program, popen_kw=apart)
        return webdriver.Edge(options=options, service=edge)  # type: ignore[arg-type]  # made as EdgeOptions above
    service: ChromiumService = webdriver.ChromeService(executable_path=driver_program, popen_kw=apart)
    return webdriver.Chrome(options=options, service=service)  # type: ignore[arg-type]  # made as Chrome's own above


def _apart_from_terminal() -> dict[str, object]:
    """How to start the driver so that a terminal's Ctrl+C doesn't reach it: the run finishes the record in hand."""
    if sys.stdin is None or not sys.stdin.isatty():
        return {}
    return {"creation_flags": 0x200} if sys.platform == "win32" else {"start_new_session": True}


def _flags(headless: bool, profile_dir: Path | None) -> Iterator[str]:
    yield from FLAGS
    if headless:
        yield "--headless=new"
        yield "--disable-gpu"
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield "--no-sandbox"  # Chromium refuses to start as root with its sandbox
        yield "--disable-dev-shm-usage"
    if profile_dir is not None:
        profile_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield f"--user-data-dir={profile_dir}"


def _start_sentence(error: Exception, profile_dir: Path | None) -> str:
    text = str(error)
    if "user data directory is already in use" in text or _profile_in_use(profile_dir):
        return (
            "The browser window of an earlier run is still open, and two can't share one sign-in. Close it, then try "
            "again."
        )
    if "only supports" in text and "version" in text:
        return "The installed browser driver is for another version of the browser. Update both, then try again."
    if "obtain driver" in text or "Unable to locate" in text:
        return (
            "The browser is here, but the program that drives it (chromedriver or msedgedriver) could not be found or "
            "downloaded. Connect to the internet once, or install it, then try again."
        )
    return f"The browser could not be started. Close other browser windows and try again, or reinstall it. {GET_ONE}"


def _profile_in_use(profile_dir: Path | None) -> bool:
    """Has a running browser locked the profile? Chromium leaves a link (Linux, Mac) or a file (Windows) there."""
    return profile_dir is not None and any(
        os.path.lexists(profile_dir / name)  # the link leads nowhere, so Path.exists() would deny it
        for name in ("SingletonLock", "lockfile")
    )


_GONE = (
    webdriver_errors.InvalidSessionIdException,
    webdriver_errors.NoSuchWindowException,
    webdriver_errors.SessionNotCreatedException,
)
_GONE_WORDS = ("disconnected", "not connected to devtools", "chrome not reachable", "tab crashed", "session deleted")
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
    if isinstance(error, _GONE) or any(word in text for word in _GONE_WORDS):
        return _gone()
    if any(word in text for word in _UNREACHABLE):
        reason = text.split("net::", 1)[-1].split()[0] if "net::" in text else "no answer"
        return SiteError(
            f"The site can't be reached ({reason}). Check the internet connection, then try again; "
            "nothing was posted for this row."
        )
    if isinstance(error, webdriver_errors.TimeoutException):
        return SiteError("The site took too long to answer; nothing was posted for this row. Try again later.")
    first = " ".join(text.split())[:160]
    return SiteError(f"The page did not behave as expected ({first}); nothing was posted for this row. Try again.")


def _gone() -> BrowserGone:
    return BrowserGone(
        "The browser was closed, or has crashed, and the run can't go on. Leave its window open, then try again."
    )
