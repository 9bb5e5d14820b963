"""Apps, workbooks, sheets, names and tables."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import xlwings as xw

from xlkijiji import calc


def test_the_engine_is_registered_once(office: calc.Office) -> None:
    first, again = calc.activate(office.pipe), calc.activate(office.pipe)
    assert first is again is xw.engines.active
    assert [engine.name for engine in xw.engines].count("calc") == 1


def test_without_a_pipe_the_sentence_says_what_to_do(office: calc.Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(calc.PIPE_VARIABLE, raising=False)
    calc.activate()
    with pytest.raises(calc.NotConnectedError, match="xlkijiji open FILE"):
        _ = xw.apps.active
    calc.activate(office.pipe)


def test_a_pipe_without_an_office_is_said_to_be_gone() -> None:
    calc.activate("nobody-listens-here").impl.pipe = "nobody-listens-here"
    with pytest.raises(calc.NotConnectedError, match="does not answer"):
        calc.connection.connect("nobody-listens-here", timeout=0)


def test_the_one_app_is_the_office(office: calc.Office, book: xw.Book) -> None:
    assert xw.apps.keys() == [office.pid]
    assert xw.apps.active.pid == office.pid == xw.apps[office.pid].pid
    os.kill(office.pid, 0)
    assert book.app.version >= 15
    assert book.app.visible is True
    assert book.app.impl.office_version.split(".")[0].isdigit()


def test_switches_can_be_set_and_read_back(book: xw.Book) -> None:
    app = book.app
    with app.properties(screen_updating=False, display_alerts=False, calculation="manual"):
        assert (app.screen_updating, app.display_alerts, app.calculation) == (False, False, "manual")
    assert (app.screen_updating, app.display_alerts, app.calculation) == (True, True, "automatic")


def test_calculate_computes_what_is_out_of_date(book: xw.Book) -> None:
    sheet = book.sheets["Inventory"]
    book.app.calculation = "manual"
    sheet["C5"].value = 1
    book.app.calculate()
    assert sheet["F8"].value == 12501.5
    book.app.calculation = "automatic"


def test_a_book_is_found_by_name_and_by_path(book: xw.Book, workbook_file: Path) -> None:
    assert book.name == workbook_file.name
    assert book.fullname == str(workbook_file)
    assert xw.books[workbook_file.name.upper()] == book
    assert xw.Book(workbook_file) == book
    assert xw.books.active == book
    assert workbook_file.name in xw.books
    with pytest.raises(KeyError):
        xw.books["not open.xlsx"]


def test_books_are_opened_and_closed(office: calc.Office, workbook_file: Path) -> None:
    calc.activate(office.pipe)
    opened = xw.books.open(workbook_file)
    assert opened.sheets.active.name == "Inventory"
    assert xw.books.open(workbook_file) == opened
    count = len(xw.books)
    opened.close()
    assert len(xw.books) == count - 1


def test_what_is_no_workbook_is_refused_with_a_sentence(office: calc.Office, tmp_path: Path) -> None:
    with pytest.raises(calc.WorkbookError, match="There is no file"):
        calc.open_workbook(tmp_path / "missing.xlsm", office=office)
    broken = tmp_path / "broken.xlsm"
    broken.write_bytes(b"PK\x03\x04 this is no workbook")
    with pytest.raises(calc.WorkbookError, match="cannot open"):
        calc.open_workbook(broken, office=office)


def test_sheets_come_by_name_and_number(book: xw.Book) -> None:
    assert [sheet.name for sheet in book.sheets] == ["Inventory", "Two words", "Picture"]
    assert book.sheets["two WORDS"].index == book.sheets[1].index == 2
    assert "two words" in book.sheets
    with pytest.raises(KeyError, match="no sheet named Nothing"):
        book.sheets["Nothing"]


def test_sheets_are_added_renamed_hidden_and_deleted(book: xw.Book) -> None:
    added = book.sheets.add("Neu & schön", after=book.sheets["Inventory"])
    assert (added.index, book.sheets.active) == (2, added)
    added.name = "Anders"
    added["A1"].value = "still the same sheet"
    assert book.sheets["Anders"]["A1"].value == "still the same sheet"
    added.visible = False
    assert added.visible is False
    added.delete()
    assert "Anders" not in book.sheets


def test_a_sheet_is_activated_copied_and_moved(book: xw.Book) -> None:
    book.sheets["Two words"].activate()
    assert book.sheets.active.name == "Two words"
    copied = book.sheets["Two words"].copy()
    assert copied["B2"].value == "x"
    copied.move(before=book.sheets[0])
    assert book.sheets[0].name == copied.name


def test_a_chart_sheet_is_an_empty_sheet(book: xw.Book) -> None:
    chart = book.sheets["Picture"]
    assert chart.used_range.value is None
    assert len(chart.tables) == 0


def test_names_lead_to_cells(book: xw.Book) -> None:
    assert book.names["price"].refers_to_range == book.sheets["Inventory"]["C5"]
    assert book.sheets["Inventory"].range("Price").value == 45000
    book.names.add("Both", "=Inventory!$C$5:$C$6")
    assert book.names["Both"].refers_to == "=Inventory!$C$5:$C$6"
    assert "Both" in book.names
    book.names["Both"].delete()
    assert "Both" not in book.names


def test_a_table_has_headers_and_rows(book: xw.Book) -> None:
    sheet = book.sheets["Inventory"]
    assert [table.name for table in sheet.tables] == ["Ads"]
    table = sheet.tables["ads"]
    assert table.range.address == "$A$4:$D$6"
    assert table.header_row_range.value == ["sku", "title", "price", "posting_status"]
    assert table.data_body_range.address == "$A$5:$D$6"
    assert table.totals_row_range is None
    assert sheet["B5"].table.name == "Ads"
    assert sheet["F5"].table is None
    assert len(book.sheets["Two words"].tables) == 0


def test_rows_typed_under_a_table_belong_to_it_as_in_excel(book: xw.Book) -> None:
    sheet = book.sheets["Inventory"]
    sheet["A7"].value = "BT003"
    sheet["B8"].value = "a title without a number"
    sheet["A10"].value = "after a gap"
    assert sheet.tables["Ads"].range.address == "$A$4:$D$8"
    assert sheet.tables["Ads"].data_body_range.rows.count == 4


def test_a_table_is_made(sheet: xw.Sheet) -> None:
    sheet["B2"].value = [["sku", "price"], ["a", 1]]
    table = sheet.tables.add(sheet["B2:C3"], name="Mine")
    assert sheet.tables["Mine"].range.address == table.range.address == "$B$2:$C$3"


def test_a_macro_is_run_by_its_name(book: xw.Book) -> None:
    with pytest.raises(KeyError, match="no macro Nothing"):
        book.macro("Nothing")()


@pytest.mark.parametrize("ending", [".xlsx", ".ods", ".csv"])
def test_a_book_is_saved_in_the_format_of_its_ending(sheet: xw.Sheet, tmp_path: Path, ending: str) -> None:
    sheet["A1"].value = "é🚚"
    target = tmp_path / f"blank & é{ending}"
    sheet.book.save(target)
    assert sheet.book.fullname == str(target)
    again = xw.books.open(target) if ending != ".csv" else None
    assert (again.sheets[0]["A1"].value if again else target.read_text(encoding="utf-8").strip().strip('"')) == "é🚚"


def test_a_book_that_cannot_be_saved_says_so(sheet: xw.Sheet, tmp_path: Path) -> None:
    with pytest.raises(calc.WorkbookError, match="ends in one of"):
        sheet.book.save(tmp_path / "x.docx")
    (tmp_path / "file").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(calc.WorkbookError, match="could not save"):
        sheet.book.save(tmp_path / "file" / "x.xlsx")
