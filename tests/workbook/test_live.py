"""The live view in the real Calc: values reach the right row, whatever the person does to the sheet meanwhile."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwings as xw

from xlkijiji import calc
from xlkijiji.errors import InventoryError
from xlkijiji.workbook import live
from xlkijiji.workbook.cells import InventoryCells
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.session import Host, WorkbookClosed
from xlkijiji.workbook.template import build_workbook

ROWS = [
    {"sku": sku, "title": f"Title of {sku}", "description": "A long enough text", "price": price, "posting_status": ""}
    for sku, price in (("C3", 300), ("A1", 100), ("B2", 200))
]
WAIT = 30.0


@pytest.fixture
def workbook(office: calc.Office, tmp_path: Path) -> Iterator[calc.OpenWorkbook]:
    """Our own workbook with three rows, in rows 4 to 6 of the sheet."""
    path = tmp_path / "inventory.xlsm"
    build_workbook(path, ROWS)
    book = calc.open_workbook(path, office=office, hidden=True)
    yield book
    if not book.keeper.closed.is_set():
        book.close()


@pytest.fixture
def view(workbook: calc.OpenWorkbook) -> Iterator[LiveView]:
    """A live view of that workbook, its sheet read."""
    shown = LiveView(Host(workbook.book.fullname, "Inventory"))
    shown.start()
    table, _ = shown.read()
    assert table.frame["sku"].tolist() == ["C3", "A1", "B2"]
    yield shown
    shown.close()
    assert not shown.is_alive()


def _column(sheet: Any, header: str) -> int:
    return [cell.value for cell in sheet.range("A3:Z3")].index(header) + 1


def _statuses(book: xw.Book) -> dict[str, str]:
    sheet = book.sheets["Inventory"]
    column = _column(sheet, "Posting status")
    rows = range(4, 14)
    return {
        sheet.range((row, 1)).value: sheet.range((row, column)).value for row in rows if sheet.range((row, 1)).value
    }


def _sort(book: xw.Book) -> None:
    """By SKU, as a person would: the rows change places."""
    sheet = book.sheets["Inventory"]
    cells = sheet.range("A4:R6")
    cells.value = sorted(cells.value, key=lambda row: row[0])


def _insert_row(book: xw.Book) -> None:
    book.sheets["Inventory"].range("5:5").insert("down")


def _insert_column(book: xw.Book) -> None:
    book.sheets["Inventory"].range("B:B").insert("right")


def _nothing(_book: xw.Book) -> None:
    """Leave the sheet as it is."""


@pytest.mark.parametrize("meddle", [_nothing, _sort, _insert_row, _insert_column])
def test_a_status_goes_to_its_own_row(
    workbook: calc.OpenWorkbook, view: LiveView, meddle: Callable[[xw.Book], None]
) -> None:
    view.write(0, posting_status="Posting…")
    assert view.settle(WAIT)
    meddle(workbook.book)
    view.write(0, posting_status="Posted 2026-11-23", ad_id="1700000001", ad_url="http://127.0.0.1:9/v-x/1700000001")
    view.write(1, posting_status="Error: =1+1")
    assert view.settle(WAIT)
    assert _statuses(workbook.book) == {"C3": "Posted 2026-11-23", "A1": "Error: =1+1", "B2": None}


def test_the_ad_is_linked_and_dated(workbook: calc.OpenWorkbook, view: LiveView) -> None:
    when = dt.datetime(2026, 11, 23, 19, 30)
    view.write(2, ad_url="http://127.0.0.1:9/v-x/17", posted_at=when, ad_id="17")
    assert view.settle(WAIT)
    sheet = workbook.book.sheets["Inventory"]
    assert sheet.range((6, _column(sheet, "Ad link"))).hyperlink == "http://127.0.0.1:9/v-x/17"
    assert sheet.range((6, _column(sheet, "Posted at"))).value == when
    assert sheet.range((6, _column(sheet, "Ad id"))).value == "17", "an id is a name, not a number"


def test_only_the_latest_of_many_changes_counts(workbook: calc.OpenWorkbook, view: LiveView) -> None:
    for number in range(500):
        view.write(0, posting_status=f"Uploading photos {number}/500…")
        view.show(f"[{number / 5}%]")
    assert view.settle(WAIT)
    assert _statuses(workbook.book)["C3"] == "Uploading photos 499/500…"
    assert workbook.book.app.status_bar == "[99.8%]"
    view.give_back_status_bar()
    assert workbook.book.app.status_bar is False


@pytest.mark.parametrize("meddle", [_nothing, _sort, _insert_row, _insert_column])
def test_the_cursor_goes_to_the_rows_own_cell(
    workbook: calc.OpenWorkbook, view: LiveView, meddle: Callable[[xw.Book], None]
) -> None:
    meddle(workbook.book)
    assert view.select(1, "Price")
    cell = workbook.book.app.selection
    assert cell.shape == (1, 1)
    assert cell.value == 100


def test_the_cursor_goes_to_a_column_of_the_persons_own_and_to_the_status_where_there_is_none(
    workbook: calc.OpenWorkbook, view: LiveView
) -> None:
    sheet = workbook.book.sheets["Inventory"]
    sheet.range("U3").value = "Stock #"
    assert view.select(2, "Stock #")
    assert workbook.book.app.selection.address == "$U$6", "beside SKU it is another column"
    assert view.select(2, "Category on the Settings sheet")
    assert workbook.book.app.selection.address == "$C$6"


def test_the_cursor_of_a_person_in_another_sheet_stays(workbook: calc.OpenWorkbook, view: LiveView) -> None:
    workbook.book.sheets["Settings"].activate()
    workbook.book.sheets["Settings"].range("B5").select()
    assert not view.select(1, "Price")
    assert workbook.book.sheets.active.name == "Settings"
    assert workbook.book.app.selection.address == "$B$5"


def test_a_row_that_is_gone_leaves_the_others_alone(workbook: calc.OpenWorkbook, view: LiveView) -> None:
    workbook.book.sheets["Inventory"].range("4:4").delete()
    view.write(0, posting_status="Posted 2026-11-23")
    view.write(2, posting_status="Posted 2026-11-24")
    assert not view.settle(1.0)
    assert view.unwritten() == {("C3", 0): {"posting_status": "Posted 2026-11-23"}}
    assert _statuses(workbook.book) == {"A1": None, "B2": "Posted 2026-11-24"}


def test_what_comes_last_is_tried_before_it_is_given_up_with_rows_that_are_gone(
    workbook: calc.OpenWorkbook, view: LiveView
) -> None:
    workbook.book.sheets["Inventory"].range("4:4").delete()
    view.write(0, posting_status="Posted 2026-11-23")
    assert not view.settle(1.0)
    assert view.trouble == "gone"
    goes_on, held = threading.Event(), threading.Event()

    def hold(_book: xw.Book) -> None:
        held.set()
        goes_on.wait(WAIT)

    holder = threading.Thread(target=view.with_book, args=(hold, WAIT))
    holder.start()
    assert held.wait(WAIT)
    view.write(2, posting_status="Posted 2026-11-24")
    assert view.trouble == "", "nobody has looked for that row yet"
    goes_on.set()
    holder.join(WAIT)
    for _second in range(int(WAIT)):
        assert not view.settle(1.0), "the row that is gone waits still"
        if view.trouble == "gone":
            break
    assert view.trouble == "gone"
    view.forget_unwritten()
    assert view.settle(WAIT)
    assert _statuses(workbook.book) == {"A1": None, "B2": "Posted 2026-11-24"}


def test_a_workbook_closed_and_opened_again_gets_what_it_missed(
    office: calc.Office, workbook: calc.OpenWorkbook, view: LiveView
) -> None:
    path = Path(workbook.book.fullname)
    workbook.close()
    view.write(1, posting_status="Posted 2026-11-23")
    assert not view.settle(1.0)
    again = calc.open_workbook(path, office=office, hidden=True)
    assert view.settle(WAIT)
    assert _statuses(again.book)["A1"] == "Posted 2026-11-23"
    again.close()


def test_a_workbook_closed_and_opened_again_in_the_midst_of_a_write_gets_what_it_missed(
    office: calc.Office, workbook: calc.OpenWorkbook, view: LiveView, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(workbook.book.fullname)
    view.write(1, posting_status="Error: no such category")
    assert view.settle(WAIT)
    writing, reopened = threading.Event(), threading.Event()
    put = InventoryCells._put

    def late(cells: InventoryCells, *where: Any) -> None:
        writing.set()
        assert reopened.wait(WAIT)
        put(cells, *where)

    monkeypatch.setattr(InventoryCells, "_put", late)
    view.write(2, posting_status="Posted 2026-11-23")
    assert writing.wait(WAIT)
    workbook.close()  # the view's next call is refused, and by the one after it the workbook is open
    again = calc.open_workbook(path, office=office, hidden=True)
    reopened.set()
    assert view.settle(WAIT)
    assert _statuses(again.book) == {"C3": None, "A1": "Error: no such category", "B2": "Posted 2026-11-23"}
    again.close()


def test_an_error_that_a_person_clears_after_opening_the_workbook_again_stays_cleared(
    office: calc.Office, workbook: calc.OpenWorkbook, view: LiveView
) -> None:
    path = Path(workbook.book.fullname)
    view.write(1, posting_status="Error: no such category")
    assert view.settle(WAIT)
    workbook.close()
    view.write(2, posting_status="Checking…")
    assert not view.settle(1.0)
    again = calc.open_workbook(path, office=office, hidden=True)
    assert view.settle(WAIT)
    assert _statuses(again.book)["A1"] == "Error: no such category", "what wasn't saved is there again, once"
    sheet = again.book.sheets["Inventory"]
    sheet.range((5, _column(sheet, "Posting status"))).value = None
    view.write(2, posting_status="Posted 2026-11-23")
    assert view.settle(WAIT)
    assert _statuses(again.book) == {"C3": None, "A1": None, "B2": "Posted 2026-11-23"}
    again.close()


def test_what_an_undo_took_away_is_there_again_though_the_run_has_no_news(
    workbook: calc.OpenWorkbook, view: LiveView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_EVERY", 0.1)
    view.write(1, posting_status="Checking…")
    assert view.settle(WAIT)
    view.write(1, posting_status="Posted 2026-11-23")
    assert view.settle(WAIT)
    sheet = workbook.book.sheets["Inventory"]
    cell = sheet.range((5, _column(sheet, "Posting status")))
    cell.value = "Checking…"
    end, pause = time.monotonic() + WAIT, threading.Event()
    while cell.value != "Posted 2026-11-23":
        assert time.monotonic() < end, "nobody looks"
        pause.wait(0.05)


def test_a_workbook_that_is_not_open_is_said_so(office: calc.Office, tmp_path: Path) -> None:
    calc.activate(office.pipe)
    shown = LiveView(Host(str(tmp_path / "not open.xlsm"), "Inventory"))
    shown.start()
    with pytest.raises(WorkbookClosed, match=r"not open\.xlsm"):
        shown.read()
    shown.close()


def test_a_sheet_without_a_status_column_gets_one(office: calc.Office, tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        sheet.write_row("B2", ["SKU", "Title", "Description", "Price", "Notes"])
        sheet.write_row("B3", ["X1", "A title here", "Some text here", 10, "mine"])
    opened = calc.open_workbook(path, office=office, hidden=True)
    shown = LiveView(Host(opened.book.fullname, "Stock"))
    shown.start()
    shown.read()
    shown.write(0, posting_status="Error: the photo is missing")
    assert shown.settle(WAIT)
    cells = opened.book.sheets["Stock"].range("B2:H3").value
    assert cells[0] == ["SKU", "Title", "Description", "Price", "Notes", "Posting status", None]
    assert cells[1] == ["X1", "A title here", "Some text here", 10, "mine", "Error: the photo is missing", None]
    assert opened.book.sheets["Stock"].range("G3").color is not None, "a sheet without our rules is coloured by us"
    shown.close()
    opened.close()


def test_a_table_without_a_status_column_gets_one_that_is_found_again(office: calc.Office, tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        columns = [{"header": header} for header in ("SKU", "Title", "Description", "Price")]
        rows = [["X1", "A title here", "Some text here", 10], ["X2", "Another title", "More text here", 20]]
        sheet.add_table("A1:D3", {"columns": columns, "data": rows})
    opened = calc.open_workbook(path, office=office, hidden=True)
    shown = LiveView(Host(opened.book.fullname, "Stock"))
    shown.start()
    shown.read()
    shown.write(1, posting_status="Posted 2026-11-23")
    assert shown.settle(WAIT)
    shown.close()
    assert opened.book.sheets["Stock"].range("E1:E3").value == ["Posting status", None, "Posted 2026-11-23"]
    again = LiveView(Host(opened.book.fullname, "Stock"))
    again.start()
    table, _ = again.read()
    assert table.frame["posting_status"].tolist() == ["", "Posted 2026-11-23"]
    again.close()
    opened.close()


def test_a_protected_sheet_is_refused_before_anything_is_posted(workbook: calc.OpenWorkbook) -> None:
    workbook.document.Sheets.getByName("Inventory").protect("")
    shown = LiveView(Host(workbook.book.fullname, "Inventory"))
    shown.start()
    with pytest.raises(InventoryError, match=r"'Inventory' can't be written to.*Unprotect"):
        shown.read()
    shown.close()
    assert _statuses(workbook.book) == {"C3": None, "A1": None, "B2": None}


def test_what_a_workbook_forgot_by_closing_without_saving_is_written_again(
    office: calc.Office, workbook: calc.OpenWorkbook, view: LiveView
) -> None:
    path = Path(workbook.book.fullname)
    view.write(0, posting_status="Posted 2026-11-23")
    assert view.settle(WAIT)
    workbook.close()
    assert not view.is_open()
    view.write(1, posting_status="Posted 2026-11-24")
    assert not view.settle(1.0)
    assert view.trouble == "closed"
    again = calc.open_workbook(path, office=office, hidden=True)
    assert view.settle(WAIT)
    assert _statuses(again.book) == {"C3": "Posted 2026-11-23", "A1": "Posted 2026-11-24", "B2": None}
    again.close()


def test_reading_gives_up_on_a_spreadsheet_that_does_not_answer(workbook: calc.OpenWorkbook) -> None:
    stuck = threading.Event()
    shown = LiveView(Host(workbook.book.fullname, "Inventory"), prepare=stuck.wait)
    shown.start()
    with pytest.raises(InventoryError, match="does not answer"):
        shown.read(timeout=0.2)
    stuck.set()
    shown.close()
