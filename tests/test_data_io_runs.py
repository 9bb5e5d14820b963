"""Closed files around a run: which rows a save may touch, which sheet is meant, and files that are open elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from posting_bots import PlainBot, at_noon, trucks

from xlkijiji.data_io import load_inventory, refuse_if_open, save_inventory
from xlkijiji.errors import InventoryError
from xlkijiji.inventory import Record
from xlkijiji.posting import run_batch
from xlkijiji.terminal import post_file

HEADERS = ["sku", "title", "description", "price", "Posting status"]


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = xlsxwriter.Workbook(path)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate([HEADERS, *rows]):
            sheet.write_row(at, 0, row)
    book.close()
    return path


# --- rows


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_only_the_rows_that_are_asked_for_are_saved(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    save_inventory(trucks("", "pending", ""), path)
    df = trucks("Posted x", "Error: y", "Posted z")

    save_inventory(df, path, rows=[0, 2])
    assert load_inventory(path)["posting_status"].tolist() == ["Posted x", "pending", "Posted z"]

    before = path.read_bytes()
    save_inventory(df, path, rows=[])
    assert path.read_bytes() == before

    save_inventory(df, path)
    assert load_inventory(path)["posting_status"].tolist() == ["Posted x", "Error: y", "Posted z"]


def test_what_a_person_types_into_the_file_during_a_run_stays(tmp_path: Path) -> None:
    path = tmp_path / "trucks.xlsx"
    save_inventory(trucks("", "Posted 2026-01-01", ""), path)

    class Busy(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            if record["sku"] == "BT003":
                theirs = load_inventory(path)
                theirs.loc[1, "posting_status"] = "sold"
                save_inventory(theirs, path)
            return super().post_ad(record)

    run_batch(load_inventory(path), "new", Busy(), file_path=path, clock=at_noon)

    assert load_inventory(path)["posting_status"].tolist() == ["Posted 2026-11-23", "sold", "Posted 2026-11-23"]


# --- sheets


def test_a_sheet_may_be_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", Inventory=[["A", "t", "d", 1, ""]], Vans=[["B", "u", "e", 2, ""]])
    assert load_inventory(path)["sku"].tolist() == ["A"]

    df = load_inventory(path, "vans")
    df["posting_status"] = "Posted x"
    save_inventory(df, path, "Vans")

    assert load_inventory(path, "Vans")["posting_status"].tolist() == ["Posted x"]
    assert load_inventory(path)["posting_status"].tolist() == [""]


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", Inventory=[["A", "t", "d", 1, ""]], Vans=[])

    with pytest.raises(InventoryError, match=r"a\.xlsx has no sheet 'Trucks'\. .* 'Inventory', 'Vans'\."):
        load_inventory(path, "Trucks")


def test_a_csv_has_one_sheet_whatever_it_is_called(tmp_path: Path) -> None:
    save_inventory(pd.DataFrame([["A", "t", "d", 1, ""]], columns=HEADERS), tmp_path / "a.csv")

    assert load_inventory(tmp_path / "a.csv", "Vans")["sku"].tolist() == ["A"]


# --- files that are open elsewhere


@pytest.mark.parametrize(
    ("beside", "program"), [("~$trücks 1.xlsx", "Excel"), (".~lock.trücks 1.xlsx#", "LibreOffice")]
)
def test_a_file_that_is_open_is_refused_before_the_run(tmp_path: Path, beside: str, program: str) -> None:
    path = tmp_path / "trücks 1.xlsx"
    save_inventory(trucks(""), path)
    refuse_if_open(path)
    (tmp_path / beside).write_text("someone")

    with pytest.raises(InventoryError, match=f"is open in {program}. Close it there, then try again") as raised:
        post_file(path, "new", real=False, account="", pictures=None)

    assert beside in str(raised.value)
    assert load_inventory(path)["posting_status"].tolist() == [""]


def test_a_file_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    path = tmp_path / "trucks.csv"
    save_inventory(trucks(""), path)
    path.chmod(0o444)

    with pytest.raises(InventoryError, match="write-protected"):
        refuse_if_open(path)


def test_a_file_that_does_not_exist_is_not_open(tmp_path: Path) -> None:
    refuse_if_open(tmp_path / "new.xlsx")
