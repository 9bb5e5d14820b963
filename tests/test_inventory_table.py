"""From a raw sheet to a frame, and from a frame to records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from xlkijiji.errors import InventoryError
from xlkijiji.records import as_record, read_records, table_from_grid

HEADERS: list[object] = ["Stock No", "Title", None, "Description", "Price", "Colour", "Colour"]
BAND: list[list[object]] = [["Our trucks", "", "", ""], [None] * 4]


def grid(*rows: list[object]) -> list[list[object]]:
    return [*BAND, HEADERS, *rows]


def test_the_header_row_is_found_below_a_band_and_rows_keep_their_numbers() -> None:
    table = table_from_grid(
        grid([5.0, "T", "scribble", "D", 1, "red", "blue"], [None] * 7, ["B", "U"]), "Sheet 'X'", 2, 3
    )

    assert table.header_row == 4
    assert table.rows == [5, 7]
    assert table.columns == {"sku": 3, "title": 4, "description": 6, "price": 7}
    assert list(table.frame.columns) == [
        "sku",
        "title",
        "description",
        "price",
        "Colour",
        "Colour (I)",
        "posting_status",
    ]
    assert table.frame["sku"].tolist() == ["5", "B"]
    assert table.frame["posting_status"].tolist() == ["", ""]
    assert table.frame["price"].tolist() == [1, None]


def test_headers_without_rows_are_nothing_to_do() -> None:
    table = table_from_grid(grid(), "Sheet 'X'")

    assert len(table.frame) == 0
    assert table.rows == []


def test_a_row_that_holds_only_our_notes_is_blank() -> None:
    rows: list[list[object]] = [
        ["sku", "title", "description", "price", "Posting status", "Ad id"],
        ["", "", "", "", "Error: x", "7"],
    ]

    assert len(table_from_grid(rows, "Sheet 'X'").frame) == 0


def test_a_total_below_the_items_is_no_item() -> None:
    rows: list[list[object]] = [
        ["sku", "title", "description", "price", "Notes"],
        ["A", "T", "D", 5, ""],
        ["", "", "", 5, "in all"],
        ["", "", "Total", 5, ""],
        ["", "An item without a number", "", 5, ""],
    ]
    table = table_from_grid(rows, "Sheet 'X'")

    assert table.rows == [2, 5]
    assert table.frame.attrs["nameless"] == [4]


def test_a_sheet_with_price_types_may_do_without_prices() -> None:
    rows: list[list[object]] = [["sku", "title", "description", "price type"], ["A", "T", "D", "Free"]]

    assert table_from_grid(rows, "Sheet 'X'").frame["price_type"].tolist() == ["Free"]


@pytest.mark.parametrize(
    ("cells", "merged", "sentence"),
    [
        ([], [], "Sheet 'X' is empty."),
        ([["", None], [float("nan")]], [], "Sheet 'X' is empty."),
        ([["Title"], ["A truck"]], [], "Sheet 'X' has no header row"),
        ([["A1", "Truck", 5]], [], "Sheet 'X' has no header row"),
        ([["sku", "title", "price"]], [], "Sheet 'X', row 1: the column 'Description' is missing."),
        ([["sku", "title", "id"]], [], "Sheet 'X', row 1: the columns 'sku' (A) and 'id' (C) both mean SKU."),
        (
            [["sku", "title", "description", "price", None]],
            [(1, 4, 1, 5)],
            "Sheet 'X', cell D1: the header 'price' is merged over several cells.",
        ),
        (
            [["sku", "title", "description", "price"], ["A"]],
            [(1, 1, 2, 1)],
            "Sheet 'X', cell A1: the header 'sku' is merged over several cells.",
        ),
    ],
)
def test_what_is_no_inventory_gives_a_sentence(cells: list[list[object]], merged: Any, sentence: str) -> None:
    with pytest.raises(InventoryError) as raised:
        table_from_grid(cells, "Sheet 'X'", merged=merged)

    assert str(raised.value).startswith(sentence)
    assert len(str(raised.value)) > len(sentence)


def test_merged_cells_elsewhere_do_no_harm() -> None:
    table = table_from_grid(
        grid(["A", "T", "", "D", 1]), "Sheet 'X'", merged=[(1, 1, 2, 4), (5, 5, 6, 5), (3, 9, 3, 10)]
    )

    assert table.frame["sku"].tolist() == ["A"]


def test_records_have_typed_values_and_the_cells_as_they_were(tmp_path: Path) -> None:
    df = pd.DataFrame(
        {
            "id": [5.0],
            "title": ["T"],
            "description": ["{Colour} {unknown}"],
            "price": ["$5"],
            "images": ["a.jpg; sub\\b.jpg"],
            "tags": ["x, y;z"],
            "Colour": [float("nan")],
        }
    )

    record = read_records(df, tmp_path)[0]

    assert record["sku"] == record["id"] == "5"
    assert record["price"] == 5.0
    assert record["photos"] == [tmp_path / "a.jpg", tmp_path / "sub" / "b.jpg"]
    assert record["images"] == "a.jpg; sub\\b.jpg"
    assert record["tags"] == ["x", "y", "z"]
    assert record["Colour"] is None
    assert record["description"] == "{unknown}"
    assert record.raw["price"] == "$5"


@pytest.mark.parametrize("column", ["photos", "image_filename"])
def test_a_description_is_filled_once_and_never_names_a_folder(tmp_path: Path, column: str) -> None:
    row = {
        "sku": "A",
        "title": "T",
        "description": "{Photos}|{image filename}|{note}",
        "price": 5,
        column: "a.jpg; sub\\b.jpg; C:\\Users\\me\\c.jpg",
        "note": "{title}",
    }

    for record in (as_record(row, tmp_path), read_records(pd.DataFrame([row]), tmp_path)[0]):
        assert record["description"] == "a.jpg, b.jpg, c.jpg|a.jpg, b.jpg, c.jpg|{title}"
        assert as_record(record)["description"] == record["description"]
        assert record.raw["description"] == "{Photos}|{image filename}|{note}"


def test_a_loaded_sheets_own_headers_still_name_the_columns() -> None:
    table = table_from_grid(
        [["bucket_truck_id", "image_filename", "title", "description", "price"], ["A", "a.jpg", "T", "D", 1]], "X"
    )

    record = read_records(table.frame)[0]

    assert record["bucket_truck_id"] == "A"
    assert record["image_filename"] == "a.jpg"
    assert record["photos"] == [Path("a.jpg")]


def test_row_numbers_survive_sorting_and_filtering() -> None:
    frame = table_from_grid(grid(["A", "T"], ["B", "T"], ["C", "T"], ["C", "T"]), "X").frame
    rows = frame.attrs["rows"]

    assert rows.match(frame["sku"].tolist()) == [4, 5, 6, 7]
    changed = frame.sort_values("sku", ascending=False).query("sku != 'A'")
    assert changed.attrs["rows"].match(changed["sku"].tolist()) == [None, None, 5]


def test_a_record_is_made_of_any_mapping_once() -> None:
    record = as_record(pd.Series({"SKU": 5.0, "Title": "T"}))

    assert record["sku"] == "5"
    assert as_record(record) is record
    with pytest.raises(InventoryError, match="both mean SKU"):
        as_record({"sku": 1, "id": 2})
