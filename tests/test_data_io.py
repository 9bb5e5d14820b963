"""Closed files: what is read from them, and that a save changes the status cells and nothing else."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from lxml import etree

from xlkijiji.data_io import load_inventory, save_inventory
from xlkijiji.errors import InventoryError

HEADERS = ["SKU", "Title", "Description", "Price", "Looks", "Posting status", "Ad id"]
ROWS: list[list[Any]] = [
    ["A1", "Truck é 🚚", "Good", 24500, "=D4*2", "", ""],
    ["A2", "Crane", "Old", 12.5, "x", "Posted 2026-01-01", "17"],
    [5, "Van", "White", "abc", None, "pending", ""],
]


def workbook(
    path: Path, *, headers: list[str] = HEADERS, rows: list[list[Any]] = ROWS, table: bool = True, macros: bool = False
) -> Path:
    """A workbook with what such workbooks have: a band above the table, buttons, drop-downs, colours, other sheets."""
    book = xlsxwriter.Workbook(path)
    notes = book.add_worksheet("Notes")
    notes.write("A1", "nothing here")
    sheet = book.add_worksheet("Inventory")
    shaded = book.add_format({"bg_color": "#EEEEEE", "num_format": "0.00"})
    sheet.write("A1", "Our trucks", book.add_format({"bold": True, "font_size": 20}))
    if macros:
        vba = path.with_suffix(".bin")
        vba.write_bytes(b"not read by anyone here" * 50)
        book.add_vba_project(str(vba))
        sheet.insert_button("D1", {"macro": "PostNew", "caption": "Post New"})
    last = 3 + len(rows) - 1
    if table:
        sheet.add_table(2, 0, last, len(headers) - 1, {"columns": [{"header": header} for header in headers]})
    else:
        sheet.write_row(2, 0, headers)
    for at, row in enumerate(rows, 3):
        for column, value in enumerate(row):
            if value != "":
                sheet.write(at, column, value, shaded if column == 5 else None)
    sheet.data_validation(3, 3, last, 3, {"validate": "decimal", "criteria": ">=", "value": 0})
    sheet.conditional_format(3, 5, last, 5, {"type": "text", "criteria": "begins with", "value": "Posted"})
    sheet.write_comment("B4", "seen")
    sheet.freeze_panes(3, 1)
    book.close()
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {info.filename: file.read(info) for info in file.infolist()}


def cells(xml: bytes) -> dict[str, bytes]:
    """Address → the cell's element; and everything else of the sheet under the key ''."""
    root = etree.fromstring(xml)
    found = {}
    for cell in list(root.iter("{*}c")):
        found[cell.get("r", "")] = etree.tostring(cell, with_tail=False)
        parent = cell.getparent()
        assert parent is not None
        parent.remove(cell)
    return found | {"": etree.tostring(root)}


def changed_cells(before: bytes, after: bytes) -> set[str]:
    old, new = cells(before), cells(after)
    return {address for address in old | new if old.get(address) != new.get(address)}


# --- reading


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsm"])
def test_a_workbook_is_read_with_our_names_and_its_own_columns(tmp_path: Path, name: str) -> None:
    df = load_inventory(workbook(tmp_path / name, macros=name.endswith("m")))

    assert list(df.columns) == ["sku", "title", "description", "price", "Looks", "posting_status", "ad_id"]
    assert df["sku"].tolist() == ["A1", "A2", "5"]
    assert df["title"][0] == "Truck é 🚚"
    assert df["price"].tolist() == [24500, 12.5, "abc"]
    assert df["posting_status"].tolist() == ["", "Posted 2026-01-01", "pending"]
    assert df.attrs["headers"]["posting_status"] == "Posting status"
    assert df.attrs["rows"].numbers == (4, 5, 6)


def test_the_sheet_named_inventory_is_preferred_and_else_the_first_with_headers(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for name, sku in [("Old", "X"), ("INVENTORY", "Y")]:
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["sku", "title", "description", "price"])
        sheet.write_row(1, 0, [sku, "t", "d", 1])
    book.add_chartsheet("Chart").set_chart(_chart(book))
    book.close()
    assert load_inventory(tmp_path / "a.xlsx")["sku"].tolist() == ["Y"]

    book = xlsxwriter.Workbook(tmp_path / "b.xlsx")
    book.add_worksheet("Cover").write("A1", "Welcome")
    sheet = book.add_worksheet("Trucks")
    sheet.write_row(4, 2, ["sku", "title", "description", "price"])
    sheet.write_row(5, 2, ["Z", "t", "d", 1])
    book.close()
    df = load_inventory(tmp_path / "b.xlsx")
    assert df["sku"].tolist() == ["Z"]
    assert df.attrs["rows"].numbers == (6,)


def _chart(book: Any) -> Any:
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=Old!$D$2:$D$2"})
    return chart


CSV = (
    'sku;Title;description;price;"Posting status"\r\n'
    'A1;"A ""good"" truck";d;5;\r\n'
    'A2;Grue é;"d;d";"1 299,95";pending\r\n'
)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252", "utf-16"])
def test_a_csv_is_read_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CSV.encode(encoding))

    df = load_inventory(path)

    assert df["title"].tolist() == ['A "good" truck', "Grue é"]
    assert df["description"].tolist() == ["d", "d;d"]
    assert df["posting_status"].tolist() == ["", "pending"]


def _encrypted(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def _without_headers(path: Path) -> None:
    workbook(path, headers=["a", "b", "c", "d", "e", "f", "g"])


def _merged(path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Inventory")
    sheet.write_row(0, 0, ["sku", "title", "description"])
    sheet.merge_range("D1:E1", "price")
    sheet.write_row(1, 0, ["A", "t", "d", 5, 6])
    book.close()


def _empty(path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Inventory")
    book.close()


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("a.xls", _encrypted, ["a.xls", "Save it from Excel as .xlsx"]),
        ("a.xlsx", _encrypted, ["protected by a password", "without a password"]),
        ("a.ods", _encrypted, ["'.ods' is not known", "Save it as .xlsx"]),
        ("a.xlsx", lambda path: path.write_bytes(b"hello"), ["can't be read as a workbook"]),
        ("a.xlsx", lambda path: path.mkdir(), ["a.xlsx can't be read"]),
        ("a.xlsx", lambda _path: None, ["There is no file"]),
        ("a.xlsx", _without_headers, ["Sheet 'Inventory' has no header row", "SKU, Title"]),
        ("a.xlsx", _empty, ["Sheet 'Inventory' is empty"]),
        ("a.xlsx", _merged, ["cell D1", "'price' is merged over several cells"]),
        ("a.csv", lambda path: path.write_bytes(b""), ["a.csv is empty"]),
        ("a.csv", lambda path: path.write_bytes(b"sku,title\nA,t\n"), ["row 1", "'Description', 'Price' are missing"]),
        ("a.csv", lambda path: path.write_bytes(b"\x81\x8d\xff"), ["CSV UTF-8"]),
        (
            "a.csv",
            lambda path: path.write_bytes(b"sku,title,Stock No,description,price\nA,t,B,d,1\n"),
            ["a.csv, row 1", "'sku' (A)", "'Stock No' (C)", "both mean SKU"],
        ),
    ],
)
def test_a_file_that_cannot_be_used_gives_a_sentence(tmp_path: Path, name: str, make: Any, words: list[str]) -> None:
    path = tmp_path / name
    make(path)

    with pytest.raises(InventoryError) as raised:
        load_inventory(path)

    for word in words:
        assert word in str(raised.value)


# --- saving workbooks


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsm"])
def test_a_save_changes_the_status_cells_and_nothing_else(tmp_path: Path, name: str) -> None:
    path = workbook(tmp_path / name, macros=name.endswith("m"))
    before = parts(path)
    df = load_inventory(path)
    df.loc[0, ["posting_status", "ad_id"]] = ["Posted 2026-11-23", "18"]
    df.loc[2, "posting_status"] = 'Error: =1+1 <b> & "é" 🚚'
    df["title"] = "not saved"

    save_inventory(df, path)

    after = parts(path)
    sheet = "xl/worksheets/sheet2.xml"
    assert list(after) == list(before)
    assert {part for part in before if before[part] != after[part]} == {sheet}
    assert changed_cells(before[sheet], after[sheet]) == {"F4", "G4", "F6"}
    saved = load_inventory(path)
    assert saved["posting_status"].tolist() == df["posting_status"].tolist()
    assert saved["ad_id"].tolist() == ["18", "17", ""]
    assert saved["title"][1] == "Crane"


def _cell(xml: bytes, address: str) -> etree._Element:
    return next(cell for cell in etree.fromstring(xml).iter("{*}c") if cell.get("r") == address)


def test_a_changed_cell_keeps_its_format_and_holds_text(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    before = _cell(parts(path)["xl/worksheets/sheet2.xml"], "F5")
    df = load_inventory(path)
    df.loc[1, "posting_status"] = "=1+1"

    save_inventory(df, path)

    after = _cell(parts(path)["xl/worksheets/sheet2.xml"], "F5")
    assert after.get("s") == before.get("s") is not None
    assert after.get("t") == "inlineStr"
    assert after.find("{*}f") is None
    assert load_inventory(path)["posting_status"][1] == "=1+1"


def test_a_save_without_changes_leaves_the_file_untouched(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    before = path.read_bytes(), path.stat().st_ino

    save_inventory(load_inventory(path), path)

    assert (path.read_bytes(), path.stat().st_ino) == before


def test_rows_are_matched_by_sku_when_the_frame_was_sorted_and_filtered(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    df = load_inventory(path).sort_values("sku").query("sku != 'A1'")
    df["posting_status"] = [f"Error: {sku}" for sku in df["sku"]]

    save_inventory(df, path)

    assert load_inventory(path)["posting_status"].tolist() == ["", "Error: A2", "Error: 5"]


def test_rows_that_share_a_sku_are_told_apart_by_order(tmp_path: Path) -> None:
    rows = [["B", "t", "d", 1, "", "", ""], ["B", "u", "d", 1, "", "", ""], ["", "v", "d", 1, "", "", ""]]
    path = workbook(tmp_path / "a.xlsx", rows=rows)
    df = load_inventory(path)
    df["posting_status"] = ["Error: 1", "Error: 2", "Error: 3"]

    save_inventory(df, path)

    assert load_inventory(path)["posting_status"].tolist() == ["Error: 1", "Error: 2", "Error: 3"]


def test_a_file_with_none_of_the_rows_is_refused_and_stays(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    before = path.read_bytes()
    df = load_inventory(path)
    df["sku"] = ["X", "Y", "Z"]

    with pytest.raises(InventoryError, match="no SKU in it"):
        save_inventory(df, path)

    assert path.read_bytes() == before


@pytest.mark.parametrize("table", [True, False])
def test_a_missing_status_column_is_added_and_taken_into_the_table(tmp_path: Path, table: bool) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        headers=["bucket_truck_id", "title", "description", "price"],
        rows=[["A", "t", "d", 1], ["B", "u", "d", 2]],
        table=table,
    )
    before = parts(path)
    df = load_inventory(path)
    df["posting_status"] = ["Posted 2026-11-23", ""]

    save_inventory(df, path)

    after = parts(path)
    assert changed_cells(before["xl/worksheets/sheet2.xml"], after["xl/worksheets/sheet2.xml"]) >= {"E3", "E4"}
    changed = {part for part in before if before[part] != after[part]}
    assert changed == {"xl/worksheets/sheet2.xml"} | ({"xl/tables/table1.xml"} if table else set())
    if table:
        root = etree.fromstring(after["xl/tables/table1.xml"])
        assert root.get("ref") == "A3:E5"
        assert [column.get("name") for column in root.iter("{*}tableColumn")][-1] == "posting_status"
        assert root.find("{*}tableColumns").get("count") == "5"  # type: ignore[union-attr]  # it has columns
    assert load_inventory(path)["posting_status"].tolist() == ["Posted 2026-11-23", ""]
    assert load_inventory(path).attrs["headers"]["posting_status"] == "posting_status"


def test_a_formula_in_a_status_cell_leaves_the_calculation_chain_too(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", rows=[[*ROWS[0][:5], '=""', ""], *ROWS[1:]])
    _add_calc_chain(path, '<c r="E4" i="2"/><c r="F4"/><c r="E9" i="1"/>')
    df = load_inventory(path)
    df.loc[0, "posting_status"] = "Posted 2026-11-23"

    save_inventory(df, path)

    chain = etree.fromstring(parts(path)["xl/calcChain.xml"])
    assert [(entry.get("r"), entry.get("i")) for entry in chain] == [("E4", "2"), ("E9", "1")]
    assert load_inventory(path)["posting_status"][0] == "Posted 2026-11-23"


def test_an_empty_calculation_chain_goes_altogether(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", rows=[[*ROWS[0][:5], '=""', ""], *ROWS[1:]])
    _add_calc_chain(path, '<c r="F4" i="2"/>')
    df = load_inventory(path)
    df.loc[0, "posting_status"] = "Posted 2026-11-23"

    save_inventory(df, path)

    after = parts(path)
    assert "xl/calcChain.xml" not in after
    assert b"calcChain" not in after["xl/_rels/workbook.xml.rels"] + after["[Content_Types].xml"]


def _add_calc_chain(path: Path, entries: str) -> None:
    content = parts(path)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    content["xl/calcChain.xml"] = f'<calcChain xmlns="{main}">{entries}</calcChain>'.encode()
    content["xl/_rels/workbook.xml.rels"] = content["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>", f'<Relationship Id="rId99" Type="{kind}" Target="calcChain.xml"/></Relationships>'.encode()
    )
    content["[Content_Types].xml"] = content["[Content_Types].xml"].replace(
        b"</Types>", b'<Override PartName="/xl/calcChain.xml" ContentType="x/calcChain"/></Types>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in content.items():
            file.writestr(name, data)


# --- saving CSV


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252", "utf-16"])
def test_a_csv_keeps_everything_but_its_statuses(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CSV.encode(encoding))
    df = load_inventory(path)
    df["posting_status"] = ["Error: a; b", "Posted 2026-11-23"]

    save_inventory(df, path)

    expected = CSV.replace("d;5;\r\n", 'd;5;"Error: a; b"\r\n').replace("pending", "Posted 2026-11-23")
    assert path.read_bytes() == expected.encode(encoding)


def test_a_csv_without_a_status_column_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,title,description,price\nA,t,d,1\nB,u,d,2")
    df = load_inventory(path)
    df["posting_status"] = ["", "Posted 2026-11-23"]

    save_inventory(df, path)

    assert path.read_bytes() == b"id,title,description,price,posting_status\nA,t,d,1\nB,u,d,2,Posted 2026-11-23"


# --- the file itself


def test_permissions_stay_and_no_temporary_file_is_left(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    path.chmod(0o640)
    df = load_inventory(path)
    df["posting_status"] = "Error: x"

    save_inventory(df, path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = workbook(tmp_path / "a.xlsx")
    link = tmp_path / "link.xlsx"
    link.symlink_to(real)
    df = load_inventory(link)
    df["posting_status"] = "Error: x"

    save_inventory(df, link)

    assert link.is_symlink()
    assert load_inventory(real)["posting_status"][0] == "Error: x"


def test_a_write_protected_file_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    before = path.read_bytes()
    df = load_inventory(path)
    df["posting_status"] = "Error: x"
    path.chmod(0o444)

    with pytest.raises(InventoryError, match="write-protected"):
        save_inventory(df, path)

    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["new.xlsx", "new.csv"])
def test_a_file_that_does_not_exist_is_created_with_the_whole_frame(tmp_path: Path, name: str) -> None:
    df = pd.DataFrame(
        {
            "sku": ["A", "007"],
            "title": ["=1+1", "é 🚚"],
            "description": ["d", "d"],
            "price": [5, None],
            "posting_status": ["", "x"],
        }
    )

    save_inventory(df, tmp_path / name)

    loaded = load_inventory(tmp_path / name)
    assert loaded["sku"].tolist() == ["A", "007"]
    assert loaded["title"].tolist() == ["=1+1", "é 🚚"]
    assert loaded["posting_status"].tolist() == ["", "x"]
    assert os.listdir(tmp_path) == [name]  # noqa: PTH208 — names are what is asked for
