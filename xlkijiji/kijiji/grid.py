"""Starting a browser on a Selenium Grid: on another computer, where nobody can see its window."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import urllib3
from selenium import webdriver
from selenium.common import exceptions as webdriver_errors
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.common.proxy import Proxy, ProxyType
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.file_detector import UselessFileDetector
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.errors import BrowserGone, SettingsError
from xlkijiji.kijiji.browser import chromium_flags, set_firefox, set_timeouts
from xlkijiji.kijiji.hosts import is_loopback
from xlkijiji.kijiji.programs import CHROME, CHROMIUM, EDGE, FIREFOX, BrowserKind
from xlkijiji.messages import tell

__all__ = ["NOBODY_SEES", "refuse_unreachable_site", "start_on_grid"]

log = logging.getLogger(__name__)

NOBODY_SEES = "browser-is-on-grid"
"""The message that ends a sentence on what only a person may do."""
STATUS = "gridStatus"
CONNECT_SECONDS = 10.0
START_SECONDS = 330.0
"""A Grid that is full lets a request wait for 300 seconds by itself; whoever hangs up earlier gets a browser later
that nobody ends."""
ANSWER_SECONDS = 120.0
"""For so long, at least, a step in the browser may take before the Grid counts as gone; as for a browser here."""
_NAMES = {"chrome": CHROME, "MicrosoftEdge": EDGE, "firefox": FIREFOX}
"""The kinds of browser, by what Grids call them."""
_ONCE = urllib3.Retry(2, connect=2, read=0, redirect=0, status=0, other=0)
"""What is typed goes to the Grid's own address only, and each step at most once."""


class _GridConnection(RemoteConnection):
    """The connection to a Grid, which can also be asked what it has."""

    def __init__(self, config: ClientConfig) -> None:
        super().__init__(client_config=config)
        self.extra_commands = {STATUS: ("GET", "/status")}  # type: ignore[dict-item]  # its own commands are such pairs


def refuse_unreachable_site(base_url: str, grid_url: str) -> None:
    """Raises SettingsError for a site on this computer and a Grid on another: its browsers would look there for it."""
    if is_loopback(base_url) and not is_loopback(grid_url):
        raise SettingsError(tell("grid-not-in-practice"))


def start_on_grid(address: str, browser: str | Path | None, *, page_timeout: float) -> WebDriver:
    """A hidden browser on the Grid at `address` (see `grid_address`), with a fresh profile.

    Raises SettingsError when `browser` is none that a Grid can have, BrowserGone with a sentence on what to do.
    """
    kind = _kind(browser)
    config = ClientConfig(
        address,
        # a proxy would read what goes to one's own network over http
        proxy=Proxy(raw={"proxyType": ProxyType.DIRECT}) if address.startswith("http:") else None,
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=START_SECONDS),  # type: ignore[arg-type]  # handed on to urllib3, which takes it
        init_args_for_pool_manager={
            "init_args_for_pool_manager": {"retries": _ONCE}
        },  # twice, as Selenium looks for it
    )
    connection = _GridConnection(config)
    try:
        driver = webdriver.Remote(connection, options=_options(kind))
    except (webdriver_errors.WebDriverException, urllib3.exceptions.HTTPError, OSError) as error:
        log.info("the Grid gave no browser: %s", error)
        raise BrowserGone(_sentence(error, address, kind, connection)) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # Selenium's, about an answer that is no Grid's
        log.info("no answer of a Grid: %r", error)
        raise BrowserGone(_no_grid(address)) from error
    config.timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=max(ANSWER_SECONDS, 2 * page_timeout))
    # typed text that happens to be the name of a file here is still text; `photos` sends what shall be sent
    driver.file_detector = UselessFileDetector()
    set_timeouts(driver, page_timeout)
    return driver


def _kind(browser: str | Path | None) -> BrowserKind:
    wish = str(browser or CHROME.name).strip()
    kind = next((one for one in (CHROME, CHROMIUM, EDGE, FIREFOX) if one.name.casefold() == wish.casefold()), None)
    if kind is None:
        raise SettingsError(tell("grid-browser-kinds", wish=wish))
    return CHROME if kind is CHROMIUM else kind  # one driver, and one name, for both


def _options(kind: BrowserKind) -> ArgOptions:
    if kind is FIREFOX:
        firefox = webdriver.FirefoxOptions()
        set_firefox(firefox, headless=True)
        return firefox
    options = webdriver.EdgeOptions() if kind is EDGE else webdriver.ChromeOptions()
    for flag in chromium_flags(headless=True):
        options.add_argument(flag)
    return options


def _sentence(error: Exception, address: str, kind: BrowserKind, connection: RemoteConnection) -> str:
    """Why there is no browser, and what to do."""
    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        return _full(address)
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return tell("grid-certificate", address=address)
    if not isinstance(error, webdriver_errors.WebDriverException):
        return tell("grid-silent", address=address, advice=tell("check-the-grid"))
    text = error.msg or ""
    if "Authorization Required" in text:
        return tell("grid-wants-password", address=address)
    if not isinstance(error, webdriver_errors.SessionNotCreatedException):
        return _no_grid(address)
    offered = _offered(connection)
    if offered and kind not in offered:
        names = ", ".join(one.name for one in offered)
        return tell("grid-lacks-browser", address=address, name=kind.name, names=names)
    if "timed out" in text:
        return _full(address)
    first = " ".join((text.splitlines() or [""])[0].split())[:160]
    return tell("grid-not-started", address=address, name=kind.name, first=first)


def _offered(connection: RemoteConnection) -> list[BrowserKind]:
    """The kinds of browser that the Grid has at this moment; empty where it doesn't tell."""
    try:
        answer: Any = connection.execute(STATUS, {})  # type: ignore[no-untyped-call]  # Selenium gives it no types
        slots = [slot for node in answer["value"]["nodes"] for slot in node["slots"]]
        names = {slot["stereotype"]["browserName"] for slot in slots}
    except (webdriver_errors.WebDriverException, urllib3.exceptions.HTTPError, OSError, KeyError, TypeError) as error:
        log.info("the Grid doesn't tell what it has: %r", error)
        return []
    return [kind for name, kind in _NAMES.items() if name in names]


def _full(address: str) -> str:
    return tell("grid-full", address=address)


def _no_grid(address: str) -> str:
    return tell("is-no-grid", address=address, advice=tell("check-the-grid"))
