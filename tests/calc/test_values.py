"""Values in cells: what is written is read again, in the types that Excel gives."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import xlwings as xw

from xlkijiji.calc.values import MAX_TEXT, CellError, prepare


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        -0.25,
        1e300,
        True,
        False,
        "text",
        "Camion à nacelle",
        "🚚 beyond the BMP 𝄞",
        "two\nlines",
        "007",
        "1/2",
        "+1 555 0100",
        "-5",
        "=",
        "TRUE",
        " blanks around ",
        "tab\tinside",
        "x" * MAX_TEXT,
        dt.datetime(2024, 5, 6),
        dt.datetime(2024, 5, 6, 7, 8, 9, 123000),
        dt.datetime(1900, 3, 1),
        None,
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_value_comes_back_as_it_was_written(sheet: xw.Sheet, value: object) -> None:
    sheet["B2"].value = value
    assert sheet["B2"].value == value
    assert type(sheet["B2"].value) is type(value)


def test_a_block_goes_and_comes_as_a_whole(sheet: xw.Sheet) -> None:
    rows = [["a", 1.0, None, True], [dt.datetime(2024, 1, 2), "🚚", False, "="], [None, None, None, -3.5]]
    sheet["C3"].value = rows
    assert sheet["C3:F5"].value == rows
    assert sheet.used_range.address == "$C$3:$F$5"


def test_numpy_and_pandas_values_are_cells_too(sheet: xw.Sheet) -> None:
    sheet["A1"].value = [
        np.int64(3),
        np.float32(0.5),
        np.bool_(True),
        np.nan,
        pd.NaT,
        pd.NA,
        pd.Timestamp("2024-01-02 03:04"),
        np.datetime64("2024-01-02"),
        Decimal("1.25"),
        dt.date(2024, 1, 2),
    ]
    expected = [3.0, 0.5, True, None, None, None, dt.datetime(2024, 1, 2, 3, 4), dt.datetime(2024, 1, 2), 1.25]
    assert sheet["A1:J1"].value == [*expected, dt.datetime(2024, 1, 2)]


def test_a_frame_makes_the_round_trip(sheet: xw.Sheet) -> None:
    frame = pd.DataFrame({"sku": ["a", "b"], "price": [1.0, np.nan], "seen": pd.to_datetime(["2024-01-02", None])})
    sheet["A1"].options(index=False).value = frame
    again = sheet["A1:C3"].options(pd.DataFrame, index=False).value
    assert again["sku"].tolist() == ["a", "b"]
    assert again["price"][0] == 1
    assert pd.isna(again["price"][1])
    assert again["seen"][0] == dt.datetime(2024, 1, 2)


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        prepare(object())


def test_a_text_that_excel_could_not_hold_is_refused_and_nothing_written(sheet: xw.Sheet) -> None:
    sheet["A1"].value = "before"
    with pytest.raises(ValueError, match="32,767"):
        sheet["A1"].value = "x" * (MAX_TEXT + 1)
    assert sheet["A1"].value == "before"


def test_an_apostrophe_marks_text_as_in_excel(sheet: xw.Sheet) -> None:
    sheet["A1:B1"].value = ["'=1+1", "''quoted"]
    assert sheet["A1:B1"].value == ["=1+1", "'quoted"]
    assert sheet["A1"].formula == "=1+1"


def test_formulas_have_excels_notation(sheet: xw.Sheet) -> None:
    sheet.book.sheets.add("Two words", after=sheet)["B2"].value = 7
    sheet["A1:A3"].value = [[1], [2], [3]]
    sheet["B1"].value = [["=SUM(A1,A$2)", "='Two words'!B2*2", '=IF(A1>0,"ja;nein","")', "text"]]
    assert sheet["B1:E1"].value == [3, 14, "ja;nein", "text"]
    assert sheet["B1:E1"].formula == (("=SUM(A1,A$2)", "='Two words'!B2*2", '=IF(A1>0,"ja;nein","")', "text"),)


def test_one_formula_fills_a_range_with_shifted_references(sheet: xw.Sheet) -> None:
    sheet["A1:A3"].value = [[1], [2], [3]]
    sheet["B1:C3"].formula = "=$A1*10"
    assert sheet["B1:C3"].value == [[10, 10], [20, 20], [30, 30]]
    assert sheet["C3"].formula == "=$A3*10"


def test_errors_have_excels_names(sheet: xw.Sheet) -> None:
    sheet["A1"].value = [["=1/0", "=NA()", "=nosuch", '="a"*1', "=10^400", "ok"]]
    assert sheet["A1:F1"].options(err_to_str=True).value == ["#DIV/0!", "#N/A", "#NAME?", "#VALUE!", "#NUM!", "ok"]
    assert sheet["A1:F1"].value == [None] * 5 + ["ok"]
    assert sheet["A1"].raw_value == CellError("#DIV/0!")


def test_a_number_over_a_truth_value_shows_as_a_number(sheet: xw.Sheet) -> None:
    sheet["A1"].value = True
    sheet["A1"].value = 5
    assert sheet["A1"].value == 5
    assert sheet["A1"].api.getCellByPosition(0, 0).String == "5"


def test_a_date_takes_a_format_that_is_there_already(sheet: xw.Sheet) -> None:
    sheet["A1"].number_format = "yyyy-mm-dd"
    sheet["A1"].value = dt.datetime(2024, 5, 6)
    assert sheet["A1"].api.getCellByPosition(0, 0).String == "2024-05-06"


def test_only_dates_among_numbers_become_dates(book: xw.Book) -> None:
    sheet = book.sheets["Inventory"]
    assert sheet["F5"].value == dt.datetime(2024, 5, 6, 6)
    assert sheet["C5:F6"].value == [[45000, None, None, dt.datetime(2024, 5, 6, 6)], [12500.5, "pending", None, True]]
    assert sheet["F7:F8"].options(err_to_str=True).value == ["#DIV/0!", 57500.5]


def test_a_large_block_is_one_round_trip_each_way(sheet: xw.Sheet) -> None:
    rows = [[float(row), f"row {row}", None] for row in range(20_000)]
    sheet["A1"].value = rows
    assert sheet["A1:C20000"].value == rows
