"""A running practice site, and clients of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from person import Person, console_errors
from practice_client import Client, picture
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from xlkijiji.practice import PracticeSite


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PracticeSite]:
    """A practice site without any ads, on ports of its own."""
    with PracticeSite(tmp_path / "site", upload_seconds=0, ads_per_page=3) as running:
        yield running


@pytest.fixture
def visitor(site: PracticeSite) -> Client:
    """A browser that is signed out."""
    return Client(site)


@pytest.fixture
def dealer(site: PracticeSite) -> Client:
    """A browser that is signed in as the practice dealer."""
    client = Client(site)
    assert client.sign_in().status == 200
    return client


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A real Chromium without a window, with a profile of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    profile = tmp_path_factory.mktemp("profile")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,1600",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def person(browser: webdriver.Chrome, site: PracticeSite) -> Iterator[Person]:
    """Somebody at the browser, signed in."""
    console_errors(browser)  # those of the test before
    yield Person(browser, site).sign_in()
    browser.delete_all_cookies()  # those of the page in sight, so before leaving it: language and session
    browser.get("about:blank")


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Three pictures that differ."""
    files = []
    for number, colour in enumerate(("red", "green", "blue"), start=1):
        file = tmp_path / f"photo {number}.jpg"
        file.write_bytes(picture(colour=colour))
        files.append(file)
    return files
