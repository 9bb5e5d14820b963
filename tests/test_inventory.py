"""What cells, headers and statuses mean."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from xlkijiji.errors import InventoryError
from xlkijiji.inventory import (
    CHECKING,
    COLUMNS,
    IN_HAND,
    Record,
    cell_number,
    cell_text,
    column_letter,
    error_status,
    fill_placeholders,
    in_hand_status,
    is_blank,
    is_in_hand,
    is_new,
    is_unsure,
    match_columns,
    match_header,
    posted_status,
    price_type_code,
    split_list,
)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("SKU", "sku"),
        (" bucket_truck_id ", "sku"),
        ("Bucket Truck ID", "sku"),
        ("Stock No", "sku"),
        ("STOCK-NO.", "sku"),
        ("id", "sku"),
        ("image_filename", "photos"),
        ("Images", "photos"),
        ("Price *", "price"),
        ("Posting\nStatus", "posting_status"),
        ("postingstatus", "posting_status"),
        ("fuel_type", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_headers_match_without_regard_to_case_blanks_and_underscores(header: object, name: str | None) -> None:
    assert match_header(header) == name


def test_each_name_header_and_alias_means_its_own_column() -> None:
    for column in COLUMNS:
        for text in (column.name, column.header, *column.aliases):
            assert match_header(text) == column.name


def test_two_columns_that_mean_the_same_are_refused_by_letter() -> None:
    with pytest.raises(InventoryError, match=r"Row 3: the columns 'id' \(A\) and 'Stock' \(C\) both mean SKU"):
        match_columns(["id", "title", "Stock"], "Row 3")


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_columns_have_excels_letters(number: int, letters: str) -> None:
    assert column_letter(number) == letters


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (pd.NaT, ""),
        (pd.NA, ""),
        ("  x\x00 ", "x"),
        (5.0, "5"),
        (np.float64(5), "5"),
        (np.int64(7), "7"),
        (Decimal("2.50"), "2.50"),
        (12.5, "12.5"),
        (True, "TRUE"),
        (dt.datetime(2026, 11, 23), "2026-11-23"),
        (dt.datetime(2026, 11, 23, 14, 5), "2026-11-23 14:05"),
        (dt.date(2026, 11, 23), "2026-11-23"),
        (1e20, "1e+20"),
        (float("inf"), "inf"),
        ("a\tb\nc", "a\tb\nc"),
    ],
)
def test_a_cell_is_read_as_a_person_reads_it(value: object, text: str) -> None:
    assert cell_text(value) == text
    assert is_blank(value) == (text == "")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5.0),
        ("$1,299.95", 1299.95),
        ("1 299,95 $", 1299.95),
        ("12 500", 12500.0),
        ("12'500 CAD", 12500.0),
        ("1,250,000", 1250000.0),
        ("-3", -3.0),
        (".5", 0.5),
        ("abc", None),
        ("1.2.3", None),
        ("", None),
        (True, None),
        (float("inf"), None),
        ("1e5", None),
    ],
)
def test_numbers_may_be_typed_as_people_write_them(value: object, number: float | None) -> None:
    assert cell_number(value) == number


@pytest.mark.parametrize(
    ("status", "new", "unsure"),
    [
        ("", True, False),
        (None, True, False),
        (" Pending ", True, False),
        ("error", True, False),
        ("ERROR: no", True, False),
        ("Error: Unsure – look", True, True),
        ("Posting…", False, True),
        (" posting… – uploading 3 photos ", False, True),
        ("hold, waiting for Bob…", False, False),
        ("Posting… maybe next week", False, False),
        ("Checking…", False, True),
        ("Checking… – opening the form", False, True),
        (" uploading photos 2/5… ", False, True),
        ("Uploading photos 2/5", False, False),
        ("Uploading photos…", False, False),
        ("Checking with Bob…", False, False),
        ("…", False, False),
        ("Posted 2026-01-01", False, False),
        ("sold", False, False),
        (5.0, False, False),
    ],
)
def test_what_a_status_means(status: Any, new: bool, unsure: bool) -> None:
    assert (is_new(status), is_unsure(status)) == (new, unsure)


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("", "Posting…"),
        ("Posting…", "Posting…"),
        ("Uploading photos 2/5…", "Uploading photos 2/5…"),
        ("Looking at My Ads...", "Posting… – looking at My Ads"),
        ("VIN is checked", "Posting… – VIN is checked"),
    ],
)
def test_a_step_in_a_row_is_known_as_ours(step: str, status: str) -> None:
    assert in_hand_status(step) == status
    assert is_in_hand(status)
    assert is_unsure(status)
    assert not is_new(status)


def test_a_row_in_hand_goes_from_checking_over_its_photos_to_posting() -> None:
    steps = [
        "Looking at My Ads…",
        "Uploading photos 0/2…",
        "Uploading photos 2/2…",
        "Waiting for you: please solve the check in the browser window…",
        IN_HAND,
        "Looking for the new ad under My Ads…",
        "Posting…",
    ]
    status, seen = CHECKING, []
    for step in steps:
        status = in_hand_status(step, status)
        seen.append(status)
        assert is_in_hand(status)
        assert not is_new(status)
    assert seen == [
        "Checking… – looking at My Ads",
        "Uploading photos 0/2…",
        "Uploading photos 2/2…",
        "Checking… – waiting for you: please solve the check in the browser window",
        "Posting…",
        "Posting… – looking for the new ad under My Ads",
        "Posting…",
    ]


@pytest.mark.parametrize("status", ["Posting…", "Posting… – uploading 3 photos"])
def test_the_words_of_older_versions_are_still_known(status: str) -> None:
    assert is_in_hand(status)
    assert is_unsure(status)
    assert not is_new(status)


def test_statuses_are_one_line_of_some_length() -> None:
    assert posted_status(dt.date(2026, 11, 3)) == "Posted 2026-11-03"
    assert error_status("two\n lines ") == "Error: two lines"
    assert len(error_status("x" * 40_000)) == len("Error: ") + 500


@pytest.mark.parametrize(
    ("value", "code"),
    [("", "FIXED"), ("fixed", "FIXED"), ("Please Contact", "CONTACT"), ("give away", "GIVE_AWAY"), ("odd", None)],
)
def test_price_types_have_the_sites_codes(value: str, code: str | None) -> None:
    assert price_type_code(value) == code


def test_lists_in_a_cell_are_split_without_blanks_and_repeats() -> None:
    assert split_list(" a.jpg; b.jpg |a.jpg\nc, d.jpg;") == ["a.jpg", "b.jpg", "c", "d.jpg"]
    assert split_list(["a", " ", "a", 5.0]) == ["a", "5"]
    assert split_list(None) == []


def test_a_record_is_found_by_alias_too() -> None:
    record = Record(sku="A1", photos=[])

    assert record["bucket_truck_id"] == record["Stock No"] == record.record_id == "A1"
    assert record.get("image_filename") == []
    assert record.get("colour", "red") == "red"
    with pytest.raises(KeyError):
        record["title"]


def test_placeholders_take_the_rows_values() -> None:
    values = {"price": 24500.0, "Fuel type": "Diesel", "tags": ["a", "b"], "note": None}

    filled = fill_placeholders("{Price} {fuel_type} {tags} {note}{unknown} {} {a{b}}", values)

    assert filled == "24500 Diesel a, b {unknown} {} {a{b}}"
