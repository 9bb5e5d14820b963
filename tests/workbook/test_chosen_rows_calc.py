"""Hidden, filtered and grouped rows, and selections, as the real Calc tells of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwings as xw

from xlkijiji import calc
from xlkijiji.calc.connection import uno_type
from xlkijiji.row_choice import choose_selected
from xlkijiji.workbook.chosen_rows import rows_at, visible_rows
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.session import Host
from xlkijiji.workbook.template import build_workbook

HEADER, COUNT = 3, 12
KINDS = ["saw", "drill", "lift"]
Open = Callable[[Callable[[xlsxwriter.Workbook], object]], xw.Book]


def _fill(heights: Sequence[float]) -> Callable[[xlsxwriter.Workbook], object]:
    """Headers in row 3, twelve rows below them."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("Stock")
        sheet.write_row(HEADER - 1, 0, ["sku", "kind", "title"])
        for number in range(COUNT):
            sheet.write_row(HEADER + number, 0, [f"A{number}", KINDS[number % 3], f"Item {number}"])
            sheet.set_row(HEADER + number, heights[number % len(heights)])

    return fill


@pytest.fixture(params=[[15.0], [15.0, 30.0, 15.0, 45.0]], ids=["rows alike", "rows of several heights"])
def sheet(request: pytest.FixtureRequest, opened: Open) -> xw.Sheet:
    """A sheet with items in rows 4 to 15."""
    return opened(_fill(request.param)).sheets["Stock"]


def _by_hand(page: Any) -> set[int]:
    for first, last in ((4, 5), (9, 9), (15, 15)):
        page.getCellRangeByPosition(0, first - 1, 0, last - 1).Rows.IsVisible = False
    return {6, 7, 8, 10, 11, 12, 13, 14}


def _by_filter(page: Any) -> set[int]:
    area = page.getCellRangeByPosition(0, HEADER - 1, 2, HEADER + COUNT - 1)
    wish = area.createFilterDescriptor(True)
    wish.ContainsHeader = True
    field = uno_type("com.sun.star.sheet.TableFilterField")()
    field.Field, field.StringValue, field.Operator = 1, "drill", uno_type("com.sun.star.sheet.FilterOperator.EQUAL")
    wish.setFilterFields((field,))
    area.filter(wish)
    return {5, 8, 11, 14}


def _by_group(page: Any) -> set[int]:
    rows = page.getCellRangeByPosition(0, 6, 0, 9).RangeAddress
    page.group(rows, uno_type("com.sun.star.table.TableOrientation.ROWS"))
    page.hideDetail(rows)
    return {4, 5, 6, 11, 12, 13, 14, 15}


def _all(page: Any) -> set[int]:
    page.getCellRangeByPosition(0, 3, 0, 14).Rows.IsVisible = False
    return set()


def _none(_page: Any) -> set[int]:
    return set(range(4, 16))


def _hidden_column_too(page: Any) -> set[int]:
    page.Columns.getByIndex(0).IsVisible = False
    page.Columns.getByIndex(page.Columns.Count - 1).IsVisible = False
    return _by_filter(page)


@pytest.mark.parametrize("hide", [_none, _by_hand, _by_filter, _by_group, _all, _hidden_column_too])
def test_only_what_can_be_seen_is_seen(sheet: xw.Sheet, hide: Callable[[Any], set[int]]) -> None:
    expected = hide(sheet.impl.xl)
    assert visible_rows(sheet, range(4, 16)) == expected


def test_heights_are_excels(sheet: xw.Sheet) -> None:
    """0 for hidden rows, None for rows that differ; a hidden row adds nothing to the height of an area."""
    _by_hand(sheet.impl.xl)
    assert sheet["A4:A5"].row_height == 0
    assert sheet["A4:A5"].height == 0
    assert sheet["A9"].row_height == 0
    assert sheet["A8:A9"].row_height is None
    assert sheet["A8:A9"].height == pytest.approx(sheet["A8"].height, abs=0.1)
    assert sheet["A8"].row_height == pytest.approx(sheet["A8"].height, abs=0.1)


def test_rows_that_differ_have_no_common_height(opened: Open) -> None:
    page = opened(_fill([15.0, 30.0])).sheets["Stock"]
    assert page["A4:A5"].row_height is None
    assert page["A4"].row_height == pytest.approx(15, abs=0.1)


def test_a_long_sheet_with_a_filter_is_looked_at_in_a_few_blocks(opened: Open) -> None:
    """Every third of 300 rows is hidden: each has to be told from its neighbours."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        page = workbook.add_worksheet("Stock")
        for row in range(300):
            page.write(row, 0, f"A{row}")
            page.set_row(row, 15, None, {"hidden": row % 3 == 0})

    page = opened(fill).sheets["Stock"]
    assert visible_rows(page, range(1, 301)) == {row for row in range(1, 301) if (row - 1) % 3}


@pytest.fixture
def inventory(office: calc.Office, tmp_path: Path) -> Iterator[calc.OpenWorkbook]:
    """Our own workbook with rows 4 to 7."""
    rows = [{"sku": f"A{number}", "title": f"Hydraulic pole saw {number}", "price": 5} for number in range(4)]
    build_workbook(tmp_path / "inventory.xlsm", rows)
    book = calc.open_workbook(tmp_path / "inventory.xlsm", office=office, hidden=True)
    yield book
    book.close()


def test_the_live_view_tells_which_of_its_rows_are_seen(inventory: calc.OpenWorkbook) -> None:
    inventory.book.sheets["Inventory"].impl.xl.getCellRangeByPosition(0, 4, 0, 5).Rows.IsVisible = False
    view = LiveView(Host(inventory.book.fullname, "Inventory"))
    view.start()
    try:
        table, settings, shown = view.read_shown()
        assert table.frame["sku"].tolist() == ["A0", "A1", "A2", "A3"]
        assert shown == {0, 3}
        assert settings["Practice mode"] == "Yes"
        assert view.settings() == settings
    finally:
        view.close()


def test_what_stands_in_the_selected_rows_is_read_as_the_inventory_reads_it(inventory: calc.OpenWorkbook) -> None:
    page = inventory.book.sheets["Inventory"]
    page.range("A5").value = 17  # a number, as people type stock numbers
    rows = rows_at(page, "$A$5,$B$6:$C$7,$20000:$20001")
    assert list(rows) == [5, 6, 7]
    view = LiveView(Host(inventory.book.fullname, "Inventory"))
    view.start()
    try:
        table, _settings, shown = view.read_shown()
    finally:
        view.close()
    assert table.frame["sku"].tolist() == ["A0", "17", "A2", "A3"]
    assert choose_selected(table, shown, "$A$5,$B$6:$C$7", rows).only == {1, 2, 3}
    every = rows_at(page, "$B:$B")
    assert choose_selected(table, shown, "$B:$B", every).only == {0, 1, 2, 3}


def test_a_selection_of_several_areas_has_the_address_of_all_of_them(inventory: calc.OpenWorkbook) -> None:
    document = inventory.book.impl.xl
    page = document.Sheets.getByIndex(0)
    areas = document.createInstance("com.sun.star.sheet.SheetCellRanges")
    for left, top, right, bottom in ((0, 3, 0, 3), (1, 5, 2, 6)):
        address = page.getCellRangeByPosition(left, top, right, bottom).RangeAddress
        areas.addRangeAddress(address, False)
    document.CurrentController.select(areas)
    selected = inventory.book.app.selection
    assert selected is not None
    assert selected.address == "$A$4,$B$6:$C$7"
