"""Reading an open sheet in the real Calc: what is an inventory, and which sentence says why something isn't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
import xlwings as xw
from hypothesis import given
from hypothesis import strategies as st

from xlkijiji import messages
from xlkijiji.errors import InventoryError
from xlkijiji.workbook.reader import add_status_column, locate, read_sheet, row_keys, widen_table
from xlkijiji.workbook.session import worksheet
from xlkijiji.workbook.settings_sheet import read_settings

Fill = Callable[[xlsxwriter.Workbook], object]
Opened = Callable[[Fill], xw.Book]

HEADERS = ["SKU", "Title", "Description", "Price", "Posting status"]
ROW = ["A1", "A good title", "A description", 100, ""]


def _rows(*rows: list[Any], at: int = 0, name: str = "Stock") -> Fill:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet(name)
        for offset, row in enumerate(rows):
            sheet.write_row(at + offset, 0, row)

    return fill


def _read_error(book: xw.Book, sheet: str = "Stock") -> str:
    with pytest.raises(InventoryError) as caught:
        read_sheet(worksheet(book, sheet))
    return str(caught.value)


def test_headers_are_found_below_a_band_by_alias_and_cells_have_their_types(opened: Opened) -> None:
    rows = [
        ["Our stock"],
        [],
        ["Stock No", "TITLE ", "description", "Price", "image_filename"],
        [5, "T", "D", "abc", "a.jpg"],
    ]
    table = read_sheet(opened(_rows(*rows)).sheets["Stock"])
    assert (table.header_row, table.rows) == (3, [4])
    row = table.frame.iloc[0]
    assert (row["sku"], row["title"], row["price"], row["photos"], row["posting_status"]) == (
        "5",
        "T",
        "abc",
        "a.jpg",
        "",
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], ["'Stock'", "empty"]),
        ([["one", "two"], [1, 2]], ["'Stock'", "no header row", "SKU"]),
        ([["SKU", "Title", "Price"], ["A1", "T", 1]], ["'Stock'", "row 1", "Description", "missing"]),
        ([[*HEADERS, "Stock no"], [*ROW, 7]], ["SKU", "(A)", "Stock no", "(F)", "both mean"]),
    ],
)
def test_a_sheet_that_is_no_inventory_gets_a_sentence(opened: Opened, rows: list[list[Any]], words: list[str]) -> None:
    message = _read_error(opened(_rows(*rows)))
    assert all(word in message for word in words), message


def test_a_merged_header_is_named_with_its_cell(opened: Opened) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("Stock")
        sheet.merge_range("A1:E1", "Everything we have")  # a merged banner is no header, and no harm
        sheet.write_row("A2", HEADERS)
        sheet.merge_range("G2:H2", "Photos")
        sheet.write_row("A3", ROW)

    message = _read_error(opened(fill))
    assert "G2" in message
    assert "Photos" in message
    assert "merged" in message


def test_a_chart_in_front_is_not_a_sheet_with_cells(opened: Opened) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        _rows(HEADERS, ROW)(workbook)
        chart = workbook.add_chart({"type": "column"})
        chart.add_series({"values": "=Stock!$D$2:$D$2"})
        workbook.add_chartsheet("Sales chart").set_chart(chart)

    book = opened(fill)
    with pytest.raises(InventoryError) as caught:
        read_sheet(worksheet(book, "Sales chart"))
    # Excel keeps chart sheets apart from worksheets; Calc turns them into an empty sheet with a chart on it
    assert "'Sales chart'" in str(caught.value)
    assert any(word in str(caught.value) for word in ("chart", "empty"))


def test_rows_typed_below_a_table_belong_to_it_and_notes_further_down_do_not(opened: Opened) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("Stock")
        sheet.add_table(2, 1, 3, 5, {"columns": [{"header": header} for header in HEADERS], "data": [ROW]})
        sheet.write_row(4, 1, ["A2", *ROW[1:]])
        sheet.write(6, 1, "Call the printer on Monday")

    sheet = opened(fill).sheets["Stock"]
    assert read_sheet(sheet).rows == [4, 5]
    layout = locate(sheet)
    assert layout.rows == {("A1", 0): 4, ("A2", 0): 5}
    assert layout.columns["sku"] == 2


def test_columns_added_beside_a_table_belong_to_it_up_to_a_gap(opened: Opened) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("Stock")
        rows = [[f"A{number}", *ROW[1:]] for number in (3, 1, 2)]
        sheet.add_table(2, 1, 5, 5, {"columns": [{"header": header} for header in HEADERS], "data": rows})
        sheet.write_column(2, 6, ["Make", "three", "one", "two"])
        sheet.write_column(2, 7, ["Colour", "red", "blue", "green"])
        sheet.write_column(2, 9, ["Mine", "x", "y", "z"])

    sheet = opened(fill).sheets["Stock"]
    frame = read_sheet(sheet).frame
    assert frame["Make"].tolist() == ["three", "one", "two"]
    assert "Mine" not in frame, "behind a blank column"
    table = next(iter(sheet.tables))
    assert table.range.address == "$B$3:$F$6"
    undo = sheet.book.api.getUndoManager()
    sheet.range("L1").value = "the person's own"
    steps = len(undo.getAllUndoActionTitles())
    widen_table(sheet)
    assert len(undo.getAllUndoActionTitles()) == steps
    assert next(iter(sheet.tables)).range.address == "$B$3:$H$6"
    widen_table(sheet)
    assert next(iter(sheet.tables)).range.address == "$B$3:$H$6", "once is enough"


@pytest.mark.parametrize(("language", "header"), [("en", "Posting status"), ("fr", "État de publication")])
def test_a_sheet_without_a_status_column_gets_one_in_the_language_in_use(
    opened: Opened, language: str, header: str
) -> None:
    sheet = opened(_rows(["No de stock", "Titre", "Description", "Prix"], ROW[:4])).sheets["Stock"]
    with messages.speaking(language):
        add_status_column(sheet, read_sheet(sheet))
        assert sheet.range("D1:F1").value == ["Prix", header, None]
        assert locate(sheet).columns["posting_status"] == 5
        add_status_column(sheet, read_sheet(sheet))
    assert sheet.range("E1:F1").value == [header, None], "not a second time"


def test_settings_are_label_and_value(opened: Opened) -> None:
    book = opened(
        _rows(["Settings"], [], ["Setting", "Value"], ["Practice mode", "No"], ["Category", None], name="Settings")
    )
    settings = read_settings(book)
    assert settings["Practice mode"] == "No"
    assert settings["Category"] is None
    assert read_settings(opened(_rows(HEADERS, ROW))) == {}


@given(
    st.lists(st.tuples(st.sampled_from(["", "5", "A1", "b"]), st.sampled_from(["", "T", "U"])), max_size=30),
    st.randoms(),
)
def test_row_keys_are_unique_and_those_of_unique_skus_survive_any_sort(
    rows: list[tuple[str, str]], chance: Any
) -> None:
    keys = row_keys(*zip(*rows, strict=True)) if rows else []
    assert len(set(keys)) == len(rows)
    shuffled = list(rows)
    chance.shuffle(shuffled)
    again = row_keys(*zip(*shuffled, strict=True)) if rows else []
    skus = [sku for sku, _ in rows]
    for sku, title in rows:
        if sku and skus.count(sku) == 1:
            assert again[shuffled.index((sku, title))] == keys[rows.index((sku, title))]
