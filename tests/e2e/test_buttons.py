"""The other buttons under a real mouse: what is replaced, what is left out, who signs in."""

from __future__ import annotations

import html
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from desk import Desk, eventually, item
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from xlkijiji import calc
from xlkijiji.calc.connection import uno_type
from xlkijiji.demo.desktop import click
from xlkijiji.practice import DEFAULT_ACCOUNTS
from xlkijiji.workbook.reader import locate

OpenDesk = Callable[..., Desk]
((USER, PASSWORD),) = DEFAULT_ACCOUNTS.items()


def _live(desk: Desk) -> list[tuple[str, str]]:
    """(title, id) of each ad that is on the site now."""
    return sorted((str(ad["title"]), str(ad["id"])) for ad in desk.site.ads() if ad["state"] == "active")


def _write(desk: Desk, sku: str, column: str, value: object) -> None:
    page = desk.book.sheets["Inventory"]
    layout = locate(page)
    page.range((layout.rows[sku, 0], layout.columns[column])).value = value


def _run_ends(desk: Desk, count: int) -> None:
    eventually(lambda: len(desk.new_results()) == count, f"run {count} ends: {desk.status_bar}")
    eventually(lambda: desk.worker() is None, "the worker ends")


def test_post_all_asks_first_and_replaces_each_ad_once(desk: OpenDesk) -> None:
    one = desk([item("A1"), item("B2", posting_status="hold"), item("C3", posting_status="sold")])
    one.click()
    _run_ends(one, 1)
    before, statuses = _live(one), one.statuses()
    assert [title for title, _id in before] == ["Hydraulic pole saw A1"]

    one.click("Post All")
    eventually(lambda: "Click Post All again within" in one.status_bar, "it asks")
    assert "1 ad would be replaced" in one.status_bar
    assert "2 rows with a word of your own" in one.status_bar
    one.click("Stop")
    eventually(lambda: "Post All was left" in one.status_bar, "it is left")
    eventually(lambda: one.worker() is None, "the worker ends")
    assert _live(one) == before
    assert one.statuses() == statuses
    assert len(one.new_results()) == 1

    _write(one, "B2", "posting_status", None)
    one.click("Post All")
    eventually(lambda: "1 ad would be replaced" in one.status_bar, "it asks again")
    assert "1 row posted for the first time" in one.status_bar
    assert _live(one) == before
    eventually(lambda: any(f"within {left} s" in one.status_bar for left in range(40, 58)), "a moment later")
    one.click("Post All")
    _run_ends(one, 2)
    after = _live(one)
    assert [title for title, _id in after] == ["Hydraulic pole saw A1", "Hydraulic pole saw B2"]
    assert not set(before) & set(after), "the old ad is gone"
    assert len(one.site.ads()) == 3, "nothing was posted twice on the way"
    statuses = one.statuses()
    assert statuses["A1"].startswith("Posted")
    assert statuses["B2"].startswith("Posted")
    assert statuses["C3"] == "sold"


def test_what_changed_since_the_question_is_asked_about_again(desk: OpenDesk) -> None:
    one = desk([item("A1"), item("B2", posting_status="hold")])
    one.click("Post All")
    eventually(lambda: any(f"within {left} s" in one.status_bar for left in range(40, 58)), "it asks, for a moment")
    assert "1 row posted for the first time" in one.status_bar
    _write(one, "B2", "posting_status", None)
    one.click("Post All")
    eventually(lambda: "The sheet has changed since the question" in one.status_bar, "it asks anew")
    assert "2 rows posted for the first time" in one.status_bar
    assert one.site.ads() == []
    one.click("Stop")
    eventually(lambda: "Post All was left" in one.status_bar, "it is left")
    eventually(lambda: one.worker() is None, "the worker ends")
    assert one.site.ads() == []


def test_filtered_rows_are_left_out_and_counted(desk: OpenDesk, office_home: Path) -> None:
    one = desk([item("A1"), item("B2", condition="New"), item("C3"), item("D4", condition="New", price="abc")])
    page = one.book.sheets["Inventory"]
    columns = locate(page).columns
    area = page.impl.xl.getCellRangeByPosition(0, 2, 19, 6)
    wish = area.createFilterDescriptor(True)
    wish.ContainsHeader = True
    field = uno_type("com.sun.star.sheet.TableFilterField")()
    field.Field, field.StringValue = columns["condition"] - 1, "Used - Good"
    field.Operator = uno_type("com.sun.star.sheet.FilterOperator.EQUAL")
    wish.setFilterFields((field,))
    area.filter(wish)

    one.click("Check Sheet")
    eventually(lambda: "2 hidden rows were left out" in one.status_bar, "the check says how many")
    assert "All 2 rows can be posted" in one.status_bar
    eventually(lambda: one.worker() is None, "the worker ends")
    assert one.statuses()["D4"] == ""

    one.click()
    eventually(lambda: "2 hidden rows were skipped" in one.status_bar, "the run says how many, at its start")
    eventually(lambda: len(one.new_results()) == 1, "the run ends")
    eventually(lambda: "2 posted" in one.status_bar, "the status bar says what happened")
    assert "2 hidden rows were skipped" in one.status_bar, "and at its end"
    statuses = one.statuses()
    assert [sku for sku, text in statuses.items() if text.startswith("Posted")] == ["A1", "C3"]
    assert (statuses["B2"], statuses["D4"]) == ("", "")
    assert one.ads_by_title() == {"Hydraulic pole saw A1": 1, "Hydraulic pole saw C3": 1}


def test_the_selected_rows_alone_are_posted(desk: OpenDesk) -> None:
    one = desk([item("A1"), item("B2"), item("C3")])
    calc.focus_window(one.opened)
    x, y = calc.button_centre(one.opened, "Post New")
    first_row = y + 161
    click(one.display, x, first_row)
    eventually(lambda: one.book.app.selection.address == "$A$4", "the first row's SKU is selected")
    keys = {**os.environ, "DISPLAY": one.display}
    subprocess.run(["xdotool", "keydown", "ctrl"], check=True, timeout=30, env=keys)
    click(one.display, x, first_row + 2 * 56)
    subprocess.run(["xdotool", "keyup", "ctrl"], check=True, timeout=30, env=keys)
    eventually(lambda: one.book.app.selection.address == "$A$4,$A$6", "the third row's too")
    one.click("Post Selected")
    _run_ends(one, 1)
    assert one.ads_by_title() == {"Hydraulic pole saw A1": 1, "Hydraulic pole saw C3": 1}
    assert one.statuses()["B2"] == ""
    runs = one.book.sheets["Runs"]
    assert runs.range("C4").value == "Post Selected"
    assert "Post Selected" in one.new_results()[0].with_suffix(".html").read_text(encoding="utf-8")
    assert one.book.app.selection.address == "$A$4,$A$6", "the selection is the person's"

    one.click("Post Selected")
    eventually(lambda: "None of the 2 selected rows needs posting" in one.status_bar, "all of them are posted")
    eventually(lambda: one.worker() is None, "the worker ends")
    assert len(one.new_results()) == 1


@pytest.fixture
def practice_profile(office_home: Path) -> Path:
    """The browser profile of Sign In in practice mode, in which nobody is signed in."""
    profile = office_home / "data" / "practice" / "browser"
    shutil.rmtree(profile, ignore_errors=True)
    return profile


def test_sign_in_opens_a_window_and_waits_for_the_person(desk: OpenDesk, practice_profile: Path) -> None:
    one = desk([item("A1")])
    one.click("Sign In")
    eventually(lambda: "please sign in, in the browser window" in one.status_bar, "it waits for the person")
    port = (practice_profile / "DevToolsActivePort").read_text(encoding="utf-8").split("\n")[0]
    options = webdriver.ChromeOptions()
    options.debugger_address = f"127.0.0.1:{port}"
    view = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        WebDriverWait(view, 60).until(lambda page: page.find_elements(By.ID, "password"))
        view.find_element(By.ID, "username").send_keys(USER)
        view.find_element(By.ID, "password").send_keys(PASSWORD)
        view.find_element(By.ID, "login-submit").click()
        eventually(lambda: "You are signed in at the practice site" in one.status_bar, "it says so")
    finally:
        view.service.stop()
    eventually(lambda: one.worker() is None, "the worker ends")
    assert one.site.ads() == []


def test_stop_ends_the_waiting_for_a_sign_in(desk: OpenDesk, practice_profile: Path) -> None:
    one = desk([item("A1")])
    stop = calc.button_centre(one.opened, "Stop")
    one.click("Sign In")
    eventually(lambda: "please sign in, in the browser window" in one.status_bar, "it waits for the person")
    assert practice_profile.exists()
    calc.focus_window(one.opened)
    click(one.display, *stop)
    eventually(lambda: "Nobody was signed in" in one.status_bar, "it says so")
    eventually(lambda: one.worker() is None, "the worker ends")


def test_check_setup_says_what_is_missing_and_opens_a_page(desk: OpenDesk, office_home: Path) -> None:
    one = desk([item("A1")])
    one.click("Check Setup")
    eventually(lambda: "The page that has opened" in one.status_bar, "the status bar says how many")
    shown = Path((office_home / "shown").read_text(encoding="utf-8").strip().removeprefix("file://"))
    page = html.unescape(shown.read_text(encoding="utf-8"))
    assert "LibreOffice (" in page
    assert "the browser was started once" in page
    assert f"workbook {one.book.fullname}, whose macros" in page, "the macros of this very workbook were looked at"
    assert "kijiji.ca" not in page, "no test asks the real site"
    assert "Traceback" not in page
    eventually(lambda: one.worker() is None, "the worker ends")
    assert one.site.ads() == []
