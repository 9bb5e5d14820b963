"""A script that runs first on each page that the browser opens: for pages that are other than the site made them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from selenium.webdriver.chromium.webdriver import ChromiumDriver
from selenium.webdriver.remote.webdriver import WebDriver


@contextmanager
def on_each_page(driver: WebDriver, source: str) -> Iterator[None]:
    """Inside, `source` runs on each new page before its own scripts."""
    assert isinstance(driver, ChromiumDriver), "Firefox has another way"
    added = driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
    try:
        yield
    finally:
        driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
