"""The office page in a real browser, over a real Calc that was opened as its users open it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from desk import eventually, item
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji import calc, data_io
from xlkijiji.kijiji.browser import find_browser, start_browser
from xlkijiji.office_page.server import open_page, running_address
from xlkijiji.paths import HOME_VARIABLE
from xlkijiji.practice import PracticeSite
from xlkijiji.workbook.template import build_workbook

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything that is started here keeps its files."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def start(display: str, home: Path) -> Iterator[Start]:
    """Start `xlkijiji …` as a menu does; it ends with the test, with all that it started."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*words: str) -> subprocess.Popen[bytes]:
        environment = {"BROWSER": "true", **os.environ, "DISPLAY": display, "XLKIJIJI_SHOW_RESULT_SECONDS": "2"}
        environment["XLKIJIJI_OFFLINE"] = "1"  # no test asks the real site
        command = [sys.executable, "-m", "xlkijiji", *words]
        started.append(subprocess.Popen(command, env=environment, start_new_session=True))
        return started[-1]

    yield begin
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()
    state = home / "data" / "calc-office.json"
    if state.exists() and calc.running_pipe() is not None:
        os.kill(json.loads(state.read_text(encoding="utf-8"))["pid"], signal.SIGKILL)


@pytest.fixture
def browser() -> Iterator[WebDriver]:
    """A browser for the page, as wide as a telephone."""
    driver = start_browser(find_browser(), headless=True, profile_dir=None, page_timeout=60)
    driver.set_window_size(420, 900)
    yield driver
    driver.quit()


@pytest.fixture
def workbook(tmp_path: Path, site: PracticeSite) -> Path:
    """An inventory with one row that can be posted and one with a mistake."""
    folder = tmp_path / "Stock d'été"
    (folder / "pictures").mkdir(parents=True)
    Image.new("RGB", (640, 480), (40, 90, 160)).save(folder / "pictures" / "A1.png")
    rows = [item("A1"), item("B2", price="abc", photos="A1.png")]
    build_workbook(folder / "inventaire.xlsm", rows, {"practice_url": site.url, "show_browser": "No"})
    return folder / "inventaire.xlsm"


def address(home: Path) -> str:
    """Where the page is, with a key."""
    assert os.environ[HOME_VARIABLE] == str(home)
    return str(eventually(running_address, "the page is on"))


def text_of(browser: WebDriver, name: str) -> str:
    return browser.find_element(By.ID, name).text


def press(browser: WebDriver, job: str) -> None:
    button = browser.find_element(By.CSS_SELECTOR, f'[data-job="{job}"]')
    eventually(button.is_enabled, f"the button {job} can be pressed")
    button.click()


def test_post_new_on_the_page_posts_the_workbook_in_front(
    start: Start, home: Path, browser: WebDriver, workbook: Path, site: PracticeSite
) -> None:
    page = start("page")
    browser.get(address(home))
    eventually(lambda: "not open" in text_of(browser, "problem"), "the page says that there is no workbook")
    assert not browser.find_element(By.CSS_SELECTOR, '[data-job="post"]').is_enabled()
    start("open", str(workbook))
    eventually(lambda: text_of(browser, "book") == "inventaire.xlsm · Inventory", "the page names the workbook")

    press(browser, "check")
    eventually(lambda: "1 of 2 rows can't be posted" in text_of(browser, "status"), "the check's result is on the page")
    assert site.ads() == []

    press(browser, "post")
    eventually(lambda: browser.find_element(By.ID, "bar").is_displayed(), "the page shows that a run is on")
    stop = browser.find_element(By.CSS_SELECTOR, '[data-job="stop"]')
    eventually(stop.is_enabled, "the run can be stopped")
    eventually(lambda: "1 posted, 1 failed" in text_of(browser, "runs"), "the run's result is on the page")
    assert [ad["title"] for ad in site.ads()] == ["Hydraulic pole saw A1"]
    browser.find_element(By.LINK_TEXT, "Report").click()
    eventually(lambda: len(browser.window_handles) == 2, "the report opens")
    browser.switch_to.window(browser.window_handles[-1])
    eventually(lambda: "B2" in browser.page_source and "abc" in browser.page_source, "the report names the mistake")
    browser.close()
    browser.switch_to.window(browser.window_handles[0])

    browser.find_element(By.ID, "quit").click()
    eventually(lambda: "has ended" in text_of(browser, "over"), "the page says that it has ended")
    assert page.wait(30) == 0
    assert not (home / "data" / "office-page.json").exists()


def test_where_no_browser_opens_the_address_is_said(
    start: Start, home: Path, browser: WebDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    start("page")
    address(home)
    monkeypatch.setattr("webbrowser.open", lambda _address: False)
    said: list[str] = []
    open_page(said.append)
    assert [text.partition(": ")[0].startswith("No browser could be opened.") for text in said] == [True]
    browser.get(said[0].rpartition(" ")[2])
    eventually(lambda: "not open" in text_of(browser, "problem"), "the address that was said shows the page")


def test_the_page_stops_a_run_and_the_sheet_says_so(
    start: Start, home: Path, browser: WebDriver, workbook: Path, site: PracticeSite
) -> None:
    rows = [item(f"A{number}", photos="A1.png", title=f"Pole saw number {number}") for number in range(1, 7)]
    workbook.unlink()
    build_workbook(workbook, rows, {"practice_url": site.url, "show_browser": "No"})
    start("open", str(workbook))
    start("page")
    browser.get(address(home))
    press(browser, "post")
    eventually(lambda: len(site.ads()) >= 1, "the first ad is on the site")
    press(browser, "stop")
    eventually(lambda: "posted" in text_of(browser, "runs"), "the run ends")
    assert 1 <= len(site.ads()) < len(rows)
    calc.activate(calc.running_pipe())
    import xlwings as xw

    book = xw.apps.active.books.active
    book.save()
    frame = data_io.load_inventory(workbook)
    assert sum(text.startswith("Posted") for text in frame["posting_status"].fillna("")) == len(site.ads())


def test_post_all_asks_on_the_page_and_replaces_the_ads_after_a_yes(
    start: Start, home: Path, browser: WebDriver, workbook: Path, site: PracticeSite
) -> None:
    workbook.unlink()
    build_workbook(workbook, [item("A1")], {"practice_url": site.url, "show_browser": "No"})
    start("page")
    browser.get(address(home))
    start("open", str(workbook))

    def live() -> list[str]:
        return [str(ad["id"]) for ad in site.ads() if ad["state"] == "active"]

    def enabled() -> list[str | None]:
        buttons = browser.find_elements(By.CSS_SELECTOR, "[data-job]:enabled")
        return [one.get_attribute("data-job") for one in buttons]

    def asks() -> bool:
        return "1 ad would be replaced" in text_of(browser, "status")

    press(browser, "post")
    eventually(lambda: "1 posted" in text_of(browser, "runs"), "the ad is posted")
    (first,) = live()

    press(browser, "all")
    eventually(asks, "the page shows the question")
    eventually(lambda: enabled() == ["all", "stop"], "it can be answered, and nothing else done")
    press(browser, "stop")
    eventually(lambda: "Post All was left" in text_of(browser, "status"), "it is left")
    assert live() == [first]

    press(browser, "all")
    eventually(lambda: any(f"within {left} s" in text_of(browser, "status") for left in range(40, 58)), "it asks again")
    assert live() == [first], "nothing is done before the yes"
    press(browser, "all")
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, "#runs a")) == 2, "the second run ends")
    (second,) = live()
    assert second != first
    assert [str(ad["id"]) for ad in site.ads() if ad["state"] != "active"] == [first], "nothing was posted twice"


def test_check_setup_on_the_page_lists_what_was_found_in_the_language_of_the_page(
    start: Start, home: Path, browser: WebDriver
) -> None:
    start("page")
    browser.get(address(home))
    browser.find_element(By.LINK_TEXT, "Français").click()
    eventually(lambda: text_of(browser, "check-setup") == "Vérifier maintenant", "the page is French")
    browser.find_element(By.ID, "check-setup").click()
    # nobody has signed in here, which is a note: so it isn't said that nothing at all is missing
    eventually(lambda: text_of(browser, "setup-word").startswith("Rien de ce qu’il faut"), "the doctor is done")
    findings = [one.text for one in browser.find_elements(By.CSS_SELECTOR, "#findings li")]
    assert any(one.startswith("navigateur ") for one in findings), findings


def test_a_second_start_opens_the_page_that_is_on(
    start: Start, home: Path, browser: WebDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = home.parent / "viewer.sh"  # what a person's own browser would show
    viewer.write_text(f'#!/bin/sh\necho "$1" >> "{home.parent}/shown"\n', encoding="utf-8")
    viewer.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{viewer} %s")
    start("page")
    shown = home.parent / "shown"
    eventually(shown.exists, "the page is opened")
    eventually(lambda: shown.read_text(encoding="utf-8").endswith("\n"), "all of its address is there")
    assert start("page").wait(60) == 0
    first, second = shown.read_text(encoding="utf-8").splitlines()
    assert urlsplit(first).netloc == urlsplit(second).netloc
    browser.get(second)
    assert text_of(browser, "check-setup") == "Check setup now"
    assert urlsplit(browser.current_url).query == "", "the key has left the address"
    browser.get(f"{first}&again")
    assert text_of(browser, "check-setup") == "Check setup now", "the browser is in already"
    browser.delete_all_cookies()
    browser.get(second)
    assert "belongs to the window that xlkijiji opened" in browser.page_source, "a key serves once"


def test_a_check_that_broke_off_is_told_in_red(
    start: Start, home: Path, browser: WebDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends_at_the_key_store = "import os, keyring\nkeyring.get_password = lambda *_: os._exit(7)\n"
    (tmp_path / "sitecustomize.py").write_text(ends_at_the_key_store, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    start("page")
    browser.get(address(home))
    browser.find_element(By.ID, "check-setup").click()
    eventually(lambda: "Something is missing" in text_of(browser, "setup-word"), "the check is over")
    assert "broke off" in browser.find_element(By.CSS_SELECTOR, "#findings .missing:last-child").text
