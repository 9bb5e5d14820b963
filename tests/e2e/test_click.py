"""The button, clicked with a real mouse in the real Calc: one run at a time, and none that harms another."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import xlwings as xw
from desk import Desk, eventually, item

from xlkijiji import calc, data_io
from xlkijiji.demo.desktop import click
from xlkijiji.inventory import cell_text, is_in_hand
from xlkijiji.messages import tell
from xlkijiji.workbook.reader import locate

OpenDesk = Callable[..., Desk]


def grid(book: xw.Book) -> list[list[object]]:
    """The cells of the inventory's first rows."""
    values: list[list[object]] = book.sheets["Inventory"].range("A1:U12").value
    return values


def _all_done(desk: Desk) -> bool:
    return len(desk.new_results()) > 0


def _type(desk: Desk, *arguments: str) -> None:
    """Use the keyboard."""
    subprocess.run(["xdotool", *arguments], check=True, timeout=30, env={**os.environ, "DISPLAY": desk.display})


def test_a_click_posts_and_the_status_bar_goes_back_to_normal(desk: OpenDesk) -> None:
    one = desk([item("A1"), item("B2", price="abc"), item("C3", posting_status="sold")])
    one.site.fault("upload_slow", None, "3")  # a busy computer shows what lasts
    one.click()
    eventually(lambda: "Processing record" in one.status_bar, "the status bar follows the run")
    eventually(lambda: _all_done(one), "the run ends")
    eventually(lambda: "1 posted, 1 failed" in one.status_bar, "the status bar says what happened")
    eventually(lambda: not one.status_bar, "the status bar goes back to normal")
    statuses = one.statuses()
    assert statuses["A1"].startswith("Posted 20")
    assert statuses["B2"].startswith("Error: ")
    assert "abc" in statuses["B2"]
    assert statuses["C3"] == "sold"
    assert one.ads_by_title() == {"Hydraulic pole saw A1": 1}
    eventually(lambda: one.worker() is None, "the worker ends")


def test_a_run_leaves_a_line_on_the_sheet_runs_that_leads_to_its_report(desk: OpenDesk) -> None:
    one = desk([item("A1"), item("B2", price="abc"), item("C3", posting_status="sold")])
    one.click()
    eventually(lambda: _all_done(one), "the run ends")
    runs = one.book.sheets["Runs"]
    assert runs.range("C4:G4").value == ["Post New", "Practice site", 1, 1, 1]
    (result,) = one.new_results()
    report = result.with_suffix(".html")
    assert runs.range("I4").hyperlink == report.as_uri()
    page = report.read_text(encoding="utf-8")
    assert one.statuses()["A1"] in page
    assert "abc" in page
    assert runs.range("A5").value is None


def test_the_workbook_stays_usable_and_a_second_click_says_that_a_run_is_on(desk: OpenDesk) -> None:
    one = desk([item("A1"), item("B2"), item("C3")])
    one.click()
    eventually(lambda: any(map(is_in_hand, one.statuses().values())), "a row is in hand")
    worker = one.worker()
    one.click()
    eventually(
        lambda: one.status_bar == tell("already-running") or "already running" in one.status_bar,
        "the click is answered",
    )
    assert one.worker() == worker, "there is one worker, and it is the first one"
    # a person types into a cell while the run is on
    x, y = calc.button_centre(one.opened, "Post New")
    click(one.display, x + 150, y + 500)  # a cell of the column Title, far below the rows
    eventually(lambda: one.book.app.selection.row > 8, "the cell is selected")
    cell = one.book.sheets["Inventory"].range(one.book.app.selection.address)
    _type(one, "type", "Next week")
    _type(one, "key", "Return")
    eventually(lambda: cell.value == "Next week", "what was typed is in the cell")
    assert not _all_done(one), "the run was still on when the cell was typed"
    eventually(lambda: _all_done(one), "the run ends")
    eventually(
        lambda: all(text.startswith("Posted") for sku, text in one.statuses().items() if len(sku) == 2), "all posted"
    )
    assert one.ads_by_title() == {f"Hydraulic pole saw {sku}": 1 for sku in ("A1", "B2", "C3")}
    assert cell.value == "Next week"
    assert len(one.new_results()) == 1


MOMENTS: dict[str, tuple[str, str, Callable[[Desk], bool]]] = {
    "before the click on Post Your Ad": (
        "upload_slow",
        "6",
        lambda desk: desk.statuses()["B2"].startswith("Uploading photos"),
    ),
    "the site has the ad, and the worker is about to see it": (
        "my_ads_lag",
        "4s",
        lambda desk: len(desk.site.ads()) == 2,
    ),
}
"""What the site does meanwhile, so that the moment lasts, and how it is seen."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_after_a_killed_worker_the_next_click_goes_on_and_posts_nothing_twice(desk: OpenDesk, moment: str) -> None:
    one = desk([item("A1"), item("B2"), item("C3")])
    fault, value, is_now = MOMENTS[moment]
    one.site.fault(fault, None, value)
    one.click()
    eventually(lambda: one.statuses()["A1"].startswith("Posted"), "the first row is posted")
    eventually(lambda: is_now(one), moment)
    worker = one.worker()
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: one.worker() is None, "the worker is gone")
    os.killpg(worker, signal.SIGKILL)  # the browser that it left behind
    one.site.clear_faults()
    assert not _all_done(one)
    one.click()
    eventually(lambda: _all_done(one), "the second run ends")
    eventually(
        lambda: all(text.startswith("Posted") for text in one.statuses().values()), f"all posted: {one.statuses()}"
    )
    assert one.ads_by_title() == {f"Hydraulic pole saw {sku}": 1 for sku in ("A1", "B2", "C3")}


def test_stop_ends_the_run_after_the_record_in_hand_and_the_next_click_goes_on(desk: OpenDesk) -> None:
    one = desk([item("A1"), item("B2"), item("C3"), item("D4")])
    one.click()
    eventually(lambda: is_in_hand(one.statuses()["A1"]), "the first row is in hand")
    one.click("Stop")
    eventually(lambda: _all_done(one), "the run ends")
    eventually(lambda: "Stopped, as asked." in one.status_bar, "the status bar says so")
    posted = [sku for sku, text in one.statuses().items() if text.startswith("Posted")]
    assert posted == ["A1", "B2", "C3", "D4"][: len(posted)], "what was in hand is posted, in order"
    assert 1 <= len(posted) < 4, "the run ended early"
    assert len(one.site.ads()) == len(posted)
    eventually(lambda: one.worker() is None, "the worker ends")
    one.click()
    eventually(lambda: len(one.new_results()) == 2, "the second run ends")
    eventually(lambda: all(text.startswith("Posted") for text in one.statuses().values()), "all are posted")
    assert one.ads_by_title() == {f"Hydraulic pole saw {sku}": 1 for sku in ("A1", "B2", "C3", "D4")}


def test_a_workbook_that_was_closed_without_saving_forgets_nothing(desk: OpenDesk) -> None:
    one = desk([item("A1"), item("B2")])
    one.click()
    eventually(lambda: _all_done(one), "the run ends")
    eventually(lambda: one.worker() is None, "the worker ends")
    statuses = one.book.sheets["Inventory"]
    layout = locate(statuses)
    for row in layout.rows.values():  # as an older copy of the workbook shows it
        for name in ("posting_status", "ad_id", "ad_url", "posted_at"):
            statuses.range((row, layout.columns[name])).value = None
    one.click()
    eventually(lambda: len(one.new_results()) == 2, "the second run ends")
    eventually(lambda: all(text.startswith("Posted") for text in one.statuses().values()), "the rows are redrawn")
    assert one.ads_by_title() == {"Hydraulic pole saw A1": 1, "Hydraulic pole saw B2": 1}
    ids = {str(statuses.range((row, layout.columns["ad_id"])).value) for row in layout.rows.values()}
    assert ids == {str(ad["id"]) for ad in one.site.ads()}


def test_check_sheet_says_what_is_wrong_without_posting_anything(desk: OpenDesk, office_home: Path) -> None:
    rows = [
        item("A1"),
        item("B2", price="abc"),
        item("C3", title="short", posting_status="pending"),
        item("D4", price="abc", posting_status="Posted 2026-01-01"),
        item("E5", price="abc", posting_status="sold"),
        item("F6", price="abc", posting_status="Error: Unsure – look under My Ads."),
        item("G7", colour="Zorgon"),
    ]
    one = desk(rows)
    before = grid(one.book)
    one.click("Check Sheet")
    eventually(lambda: "can't be posted" in one.status_bar, "the status bar says the counts")
    assert one.status_bar.startswith(
        "xlkijiji: 3 of 5 rows can't be posted; 1 with warnings. Nothing was posted. Look at row 5 first: Posting "
        "status and Last error say what to do."
    )
    assert one.book.app.selection.address == "$E$5", "the first bad cell is selected"
    eventually(lambda: one.worker() is None, "the worker ends")
    eventually(lambda: not one.status_bar, "the status bar goes back to normal")
    one.book.save()
    saved = data_io.load_inventory(one.book.fullname)
    statuses = dict(zip(saved["sku"], saved["posting_status"], strict=True))
    told = dict(zip(saved["sku"], map(cell_text, saved["last_error"]), strict=True))
    price = "Price: 'abc' is not a number. Type the amount alone, such as 24500 or 1299.95."
    assert statuses["B2"] == f"Error: Row 5, {price}"
    assert told["B2"] == f"Check Sheet: Row 5, {price}"
    assert statuses["C3"].startswith("Error: Row 6, Title: 'short' has 5 characters")
    assert told["F6"] == f"Check Sheet: Row 9, {price}"
    assert told["G7"].startswith("Check Sheet: Row 10, warning: Colour: 'Zorgon' has no field")
    kept = {"A1": "", "D4": "Posted 2026-01-01", "E5": "sold", "F6": "Error: Unsure – look under My Ads.", "G7": ""}
    assert {sku: statuses[sku] for sku in kept} == kept
    assert [told[sku] for sku in ("A1", "D4", "E5")] == ["", "", ""]
    changed = {
        (row, column)
        for row, (old, new) in enumerate(zip(before, grid(one.book), strict=True), 1)
        for column, (was, now) in enumerate(zip(old, new, strict=True), 1)
        if was != now
    }
    assert changed == {(5, 3), (5, 20), (6, 3), (6, 20), (9, 20), (10, 20)}, "no other cell of the sheet has changed"
    assert one.site.ads() == []
    assert one.new_results() == []
    assert not list((office_home / "data" / "practice").glob("journal-*")), "no journal was opened"

    one.book.sheets["Inventory"].range("E5").value = 450
    one.click("Check Sheet")
    eventually(lambda: "2 of 5 rows" in one.status_bar, "the counts follow the correction")
    assert one.statuses()["B2"] == ""
    assert one.book.sheets["Inventory"].range("T5").value is None


def test_a_sheet_that_is_no_inventory_is_said_in_the_status_bar(desk: OpenDesk) -> None:
    one = desk([item("A1")])
    headers = one.book.sheets["Inventory"].range("A3:Z3")
    headers.value = [None] * 26
    one.click()
    eventually(lambda: "no header row" in one.status_bar, "the status bar says what is missing")
    eventually(lambda: one.worker() is None, "the worker ends")
    assert one.site.ads() == []


def test_saving_from_calc_keeps_macros_and_statuses(desk: OpenDesk) -> None:
    from zipfile import ZipFile

    from xlkijiji.install import template_path

    one = desk([item("A1")])
    one.click()
    eventually(lambda: _all_done(one), "the run ends")
    one.book.save()
    path = one.book.fullname
    with ZipFile(path) as saved, ZipFile(template_path()) as template:
        assert saved.read("xl/vbaProject.bin") == template.read("xl/vbaProject.bin")
    frame = data_io.load_inventory(path)
    assert frame["posting_status"].tolist()[0].startswith("Posted 20")
    assert frame["ad_id"].tolist()[0] == str(one.site.ads()[0]["id"])
    assert frame["ad_url"].tolist()[0] == one.site.ads()[0]["url"]
