"""Ranges: where they are, how they look, and how they change the sheet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xlwings as xw

from xlkijiji import calc
from xlkijiji.calc.references import Block, column_letters, column_number, parse


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (16384, "XFD")])
def test_columns_have_letters(number: int, letters: str) -> None:
    assert column_letters(number) == letters
    assert column_number(letters) == number


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("A1", Block(1, 1, 1, 1)),
        ("$b$2:C3", Block(2, 2, 2, 2)),
        ("C3:A1", Block(1, 1, 3, 3)),
        ("B:C", Block(1, 2, 1048576, 2)),
        ("2:3", Block(2, 1, 2, 16384)),
        ("A", None),
        ("7", None),
        ("A0", None),
        ("A1:B", None),
        ("A1:B2:C3", None),
        ("XFE1", None),
        ("Price", None),
        ("", None),
    ],
)
def test_references_are_understood_or_refused(text: str, block: Block | None) -> None:
    assert parse(text, max_rows=1048576, max_columns=16384) == block


def test_addresses_are_excels(sheet: xw.Sheet) -> None:
    assert sheet["B2:C3"].address == "$B$2:$C$3"
    assert sheet[1, 2].get_address(False, False) == "C2"
    assert sheet.range((1, 1), (3, 3)).get_address(True, False, external=True).endswith("]Sheet1'!A$1:C$3")
    assert sheet["B2:C3"](2, 2).address == "$C$3"
    assert sheet["B2:C3"][0].address == "$B$2"
    assert [cell.address for cell in sheet["B2:C3"]] == ["$B$2", "$C$2", "$B$3", "$C$3"]
    assert sheet["B2"].offset(1, 1).resize(2, 2).address == "$C$3:$D$4"
    assert sheet["B2:C3"].rows[1].address == "$B$3:$C$3"
    assert sheet["B2:C3"].last_cell.address == "$C$3"


def test_a_wrong_address_is_a_sentence(sheet: xw.Sheet) -> None:
    with pytest.raises(ValueError, match="no cells, name or table called nowhere"):
        sheet.range("nowhere")
    with pytest.raises(IndexError, match="counted from 1"):
        sheet.range((0, 1))


@pytest.mark.parametrize(
    ("start", "direction", "end"),
    [
        ("A1", "down", "$A$2"),
        ("A2", "down", "$A$5"),
        ("A5", "down", "$A$6"),
        ("A6", "down", "$A$1048576"),
        ("A6", "up", "$A$5"),
        ("A1", "right", "$C$1"),
        ("C1", "right", "$XFD$1"),
        ("C1", "left", "$A$1"),
        ("A2", "up", "$A$1"),
        ("E9", "left", "$A$9"),
        ("E9", "up", "$E$1"),
    ],
)
def test_end_goes_where_ctrl_and_arrow_go(sheet: xw.Sheet, start: str, direction: str, end: str) -> None:
    sheet["A1"].value = [["a", "b", "c"], ["d", None, None], [None] * 3, [None] * 3, ["e", None, None], [1, None, None]]
    assert sheet[start].end(direction).address == end


def test_expand_and_current_region_find_the_block(sheet: xw.Sheet) -> None:
    sheet["B2"].value = [["sku", "price"], ["a", 1], ["b", None], ["c", 3]]
    assert sheet["B2"].expand("table").address == "$B$2:$C$5"
    assert sheet["B2"].expand("right").address == "$B$2:$C$2"
    assert sheet["C2"].expand("down").address == "$C$2:$C$3"
    assert sheet["C4"].current_region.address == "$B$2:$C$5"


def test_the_used_range_of_an_empty_sheet_is_its_first_cell(sheet: xw.Sheet) -> None:
    assert sheet.used_range.address == "$A$1"
    assert sheet.used_range.value is None


def test_colours_are_set_read_and_taken_away(sheet: xw.Sheet) -> None:
    sheet["A1"].color = (255, 199, 206)
    sheet["A2"].color = "#c6efce"
    assert sheet["A1"].color == (255, 199, 206)
    assert sheet["A2"].color == (198, 239, 206)
    assert sheet["A1:A2"].color is None
    sheet["A1"].color = None
    assert sheet["A1"].color is None
    sheet["B1:C1"].set_colors([[(1, 2, 3), ...]])
    assert sheet["B1"].color == (1, 2, 3)
    assert sheet["C1"].color is None


def test_fonts_formats_and_sizes_are_set_and_read(sheet: xw.Sheet) -> None:
    cell = sheet["B2"]
    cell.font.bold, cell.font.italic, cell.font.size, cell.font.color, cell.font.name = (
        True,
        True,
        14,
        "#ff0000",
        "Arial",
    )
    assert (cell.font.bold, cell.font.italic, cell.font.size, cell.font.name) == (True, True, 14, "Arial")
    assert cell.font.color == (255, 0, 0)
    assert sheet["A1"].font.bold is False
    cell.number_format, cell.value = "0.00", 1.5
    assert cell.number_format == "0.00"
    assert cell.api.getCellByPosition(0, 0).String == "1.50"
    cell.wrap_text, cell.horizontal_alignment, cell.vertical_alignment = True, "center", "top"
    assert (cell.wrap_text, cell.horizontal_alignment, cell.vertical_alignment) == (True, "center", "top")
    cell.column_width, cell.row_height = 20, 30
    assert (cell.column_width, cell.row_height) == (pytest.approx(20, abs=0.1), pytest.approx(30, abs=0.1))
    cell.rows.hidden = True
    assert (cell.rows.hidden, sheet["B3"].rows.hidden) == (True, False)


def test_autofit_makes_room(sheet: xw.Sheet) -> None:
    sheet["A1"].value = "a text that is much wider than a column at first"
    before = sheet["A1"].column_width
    sheet["A1"].columns.autofit()
    assert sheet["A1"].column_width > before


@pytest.mark.parametrize(
    ("cells", "merged"),
    [("A1", True), ("B1", True), ("A1:B1", True), ("B1:D1", None), ("A1:D1", None), ("C1:D1", False), ("D1", False)],
)
def test_merged_cells_are_told_apart(sheet: xw.Sheet, cells: str, merged: bool | None) -> None:
    sheet["A1:B1"].merge()
    assert sheet[cells].merge_cells is merged


def test_a_merged_area_is_found_and_undone(sheet: xw.Sheet) -> None:
    sheet["A1:B2"].merge()
    assert sheet["B2"].merge_area.address == "$A$1:$B$2"
    sheet["A1:B2"].unmerge()
    assert sheet["B2"].merge_area.address == "$B$2"


def test_rows_and_cells_are_inserted_and_deleted(sheet: xw.Sheet) -> None:
    sheet["A1"].value = [[1, 10], [2, 20], [3, 30]]
    sheet["2:2"].insert("down")
    assert sheet["A1:A4"].value == [1, None, 2, 3]
    sheet["2:2"].delete()
    sheet["A1"].insert("right")
    assert sheet["A1:C1"].value == [None, 1, 10]
    sheet["A1"].delete("left")
    sheet["A1"].delete("up")
    assert sheet["A1:B3"].value == [[2, 10], [3, 20], [None, 30]]


def test_a_sheet_stays_whole_when_somebody_deletes_cells(sheet: xw.Sheet) -> None:
    sheet["A1"].value = [[1], [2], [3]]
    other = sheet.book.sheets[sheet.name]
    other["A1"].delete("up")
    assert other["A1:A3"].value == sheet["A1:A3"].value == [2, 3, None]
    assert sheet.cells.shape == (1048576, 16384)


def test_a_single_write_goes_to_its_row_also_when_rows_are_filtered_out(book: xw.Book) -> None:
    sheet = book.sheets["Inventory"]
    sheet["5:5"].rows.hidden = True
    sheet["D6"].value = "Posted 2024-05-06"
    sheet["D5"].value = "Error: no photo"
    assert sheet["D5:D6"].value == ["Error: no photo", "Posted 2024-05-06"]


def test_clearing_takes_content_formats_or_both(sheet: xw.Sheet) -> None:
    for cell in sheet["A1:C1"]:
        cell.value, cell.color = "x", (1, 2, 3)
    sheet["A1"].clear_contents()
    sheet["B1"].clear_formats()
    sheet["C1"].clear()
    assert sheet["A1:C1"].value == [None, "x", None]
    assert [cell.color for cell in sheet["A1:C1"]] == [(1, 2, 3), None, None]


def test_a_link_shows_its_text_and_keeps_its_address(sheet: xw.Sheet) -> None:
    sheet["A1"].value = 5
    sheet["A1"].add_hyperlink("https://www.kijiji.ca/v-view?adId=1&x=é", "the ad", "tip")
    assert sheet["A1"].value == "the ad"
    assert sheet["A1"].hyperlink == "https://www.kijiji.ca/v-view?adId=1&x=é"
    sheet["A1"].value = "gone"
    assert sheet["A1"].value == "gone"
    with pytest.raises(ValueError, match="no link"):
        _ = sheet["A1"].hyperlink


def test_a_selection_is_a_range(sheet: xw.Sheet) -> None:
    sheet["B2:C3"].select()
    assert sheet.book.app.selection.address == "$B$2:$C$3"


def test_copies_and_moves_keep_formats(sheet: xw.Sheet) -> None:
    sheet["A1"].value, sheet["A1"].color = "x", (1, 2, 3)
    sheet["A1"].copy(sheet["B2"])
    assert (sheet["B2"].value, sheet["B2"].color, sheet["A1"].value) == ("x", (1, 2, 3), "x")


@pytest.mark.parametrize(
    "change",
    [
        lambda cell: setattr(cell, "value", "after"),
        lambda cell: setattr(cell, "color", (1, 2, 3)),
        lambda cell: setattr(cell.font, "bold", True),
        lambda cell: cell.clear(),
    ],
    ids=["value", "color", "bold", "clear"],
)
def test_a_protected_sheet_says_so_instead_of_doing_nothing(
    sheet: xw.Sheet, change: Callable[[xw.Range], None]
) -> None:
    cell = sheet["A1"]
    cell.value = "before"
    sheet.api.protect("")
    with pytest.raises(calc.ProtectedSheetError, match="is protected"):
        change(cell)
    assert (cell.value, cell.color, cell.font.bold) == ("before", None, False)


def test_an_unlocked_cell_of_a_protected_sheet_can_be_written(sheet: xw.Sheet) -> None:
    protection = sheet["A1"].api.CellProtection
    protection.IsLocked = False
    sheet["A1"].api.CellProtection = protection
    sheet.api.protect("")
    sheet["A1"].value = "after"
    assert sheet["A1"].value == "after"


def test_what_calc_does_not_have_is_named(sheet: xw.Sheet) -> None:
    with pytest.raises(NotImplementedError, match=r"no Range\.borders"):
        _ = sheet["A1"].borders
    with pytest.raises(NotImplementedError, match=r"no Sheet\.to_html"):
        sheet.to_html("x")
