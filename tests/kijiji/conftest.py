"""One browser per module for all tests here, and both stand-in sites."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from other_site import PICTURES, OtherSite
from PIL import Image
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.kijiji.browser import find_browser, start_browser
from xlkijiji.practice import PracticeSite


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three pictures of three kinds."""
    folder = tmp_path_factory.mktemp("pictures")
    for number, name in enumerate(PICTURES):
        Image.new("RGB", (640, 420), (40 + 70 * number, 90, 200)).save(folder / name)
    return folder


@pytest.fixture(scope="module")
def driver() -> Iterator[WebDriver]:
    """A real browser, hidden."""
    driver = start_browser(find_browser(), headless=True, profile_dir=None, page_timeout=20)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def other() -> Iterator[OtherSite]:
    """The second stand-in site."""
    with OtherSite() as site:
        yield site


@pytest.fixture(scope="module")
def upload_seconds() -> float:
    """How long the practice site takes for a thumbnail; a module may have one of its own."""
    return 0.2


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory, upload_seconds: float) -> Iterator[PracticeSite]:
    """The practice site."""
    with PracticeSite(tmp_path_factory.mktemp("practice"), upload_seconds=upload_seconds) as site:
        yield site
