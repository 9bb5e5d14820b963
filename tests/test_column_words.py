"""What the Settings sheet says of headers counts before every alias, and for nothing else."""

from __future__ import annotations

import pytest

from xlkijiji.column_words import ColumnWords, column_label, find_settings_sheet, inventory_sheet_label
from xlkijiji.errors import InventoryError
from xlkijiji.messages import LANGUAGES, speaking
from xlkijiji.records import read_records, table_from_grid

HEADERS = ["Id", "Ref", "Item name", "Description", "Price", "Condition"]
ROW = [7, "R1", "Crane", "Big", 900, "B+"]


def words(**chosen: str) -> ColumnWords:
    """As from a sheet with these lines."""
    return ColumnWords.from_labels({column_label(name): header for name, header in chosen.items()})


def test_a_header_that_no_alias_knows_is_understood_and_fills_in_its_own_name() -> None:
    table = table_from_grid([HEADERS, ROW], "Sheet 'Stock'", words=words(Title="item NAME"))
    assert table.columns["title"] == 3
    record = read_records(table.frame)[0]
    assert record["title"] == "Crane"
    assert record["sku"] == "7"
    with pytest.raises(InventoryError, match="the column 'Title' is missing"):
        table_from_grid([HEADERS, ROW], "Sheet 'Stock'")


def test_it_settles_which_of_two_is_meant_and_what_is_not_meant_at_all() -> None:
    said = words(Title="Item name", SKU="Ref", Condition="-")
    table = table_from_grid([HEADERS, ROW], "Sheet 'Stock'", words=said)
    assert table.columns == {"sku": 2, "title": 3, "description": 4, "price": 5}
    record = read_records(table.frame)[0]
    assert record["sku"] == "R1"
    assert "condition" not in record
    assert record["Condition (F)"] == "B+", "it can still be used in a description"


def test_labels_are_taken_in_french_too_and_blank_ones_say_nothing() -> None:
    said = ColumnWords.from_labels({"Colonne\u00a0: Title": "Nom", "Column: Price": None, "Inventory sheet": "Stock"})
    assert said == ColumnWords({"title": "nom"}, "Stock")
    assert said.names(["Nom", "Title", "Price"]) == ["title", None, "price"]
    for language in LANGUAGES:
        with speaking(language):
            labels = {column_label("Titre"): "Nom", column_label("Prix"): "Coût", inventory_sheet_label(): "Stock"}
        assert ColumnWords.from_labels(labels) == ColumnWords({"title": "nom", "price": "coût"}, "Stock")
    assert ColumnWords.from_labels({"Column: Nonsense": "x", "Category": "174"}) == ColumnWords()


def test_our_settings_sheet_is_found_beside_one_of_the_person_s_own() -> None:
    assert find_settings_sheet(["Stock", "SETTINGS"]) == "SETTINGS"
    assert find_settings_sheet(["Settings", "Stock", "xlkijiji Settings"]) == "xlkijiji Settings"
    assert find_settings_sheet(["Stock"]) is None
