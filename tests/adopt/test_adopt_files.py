"""The command: what it shows, makes and refuses; and that later runs understand the person's headers."""

from __future__ import annotations

import hashlib
import re
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from adopt_compare import parts_of, relations_of, sheet_parts
from adopt_corpus import make_workbook
from click.testing import Result
from lxml import etree
from typer.testing import CliRunner

from xlkijiji import messages
from xlkijiji.adopt.added_columns import AddedColumns, keep_print_area, used_columns
from xlkijiji.adopt.buttons import buttons_of
from xlkijiji.adopt.source import sheets_of
from xlkijiji.cli import app
from xlkijiji.closed_settings import settings_labels
from xlkijiji.data_io import load_inventory, save_inventory
from xlkijiji.install import template_path
from xlkijiji.inventory import BY_NAME, COLUMNS, STATUS
from xlkijiji.settings import sheet_language
from xlkijiji.xlsx_parts import Parts

with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # olevba uses old names of pyparsing
    from oletools.olevba import VBA_Parser

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HEADERS = ("Stock No", "Title", "Description", "Price")


def sheet_with(path: Path, *rows: tuple[object, ...], name: str = "Stock") -> Path:
    """A workbook with one sheet."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return path


def run(*arguments: object, answer: str = "") -> Result:
    """`xlkijiji` with these words, and what a person types."""
    return CliRunner().invoke(app, list(map(str, arguments)), input=answer)


def words(result: Result) -> str:
    """What was said, without line ends."""
    return " ".join(result.output.split())


def test_the_preview_is_shown_before_anything_is_made(tmp_path: Path) -> None:
    source = sheet_with(
        tmp_path / "stock.xlsx", ("Ref", "Item name", "Description", "Price", "Id", "SKU", "Cost", "Colour")
    )
    refused = run("adopt", source, answer="n\n")
    assert refused.exit_code == 1
    said = words(refused)
    assert "a guess: please check" in said
    assert "another column is used for it" in said
    assert re.search(r"Cost\W+yours, left alone", said)
    assert re.search(r"Colour\W+yours; fills in this field of the ad", said)
    assert "Posting status, Ad id, Ad link, Posted at, Attempts, Last error" in said
    assert "No column with photos was found." in said
    assert "Nothing was made." in said
    assert [path.name for path in tmp_path.iterdir()] == ["stock.xlsx"]
    assert run("adopt", source, answer="y\n").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures", "stock.xlsm", "stock.xlsx"]


def test_what_the_person_says_of_the_columns_holds_for_every_later_run(tmp_path: Path) -> None:
    rows = [("Ref", "Id", "Nom de l'objet", "Description", "Price", "Condition"), ("A1", 77, "Chariot", "Bon", 5, "B+")]
    source = sheet_with(tmp_path / "stock.xlsx", *rows)
    given = ["--column", "Nom de l'objet=Title", "--column", "Ref=sku", "--column", "Condition="]
    result = run("adopt", source, "--yes", *given)
    assert result.exit_code == 0, result.output
    made = tmp_path / "stock.xlsm"
    labels = settings_labels(made)
    assert labels["Column: Title"] == "Nom de l'objet"
    assert labels["Column: SKU"] == "Ref"
    assert labels["Column: Condition"] == "-"
    assert labels["Inventory sheet"] == "Stock"
    frame = load_inventory(made)
    assert frame["sku"].tolist() == ["A1"]
    assert frame["title"].tolist() == ["Chariot"]
    assert "condition" not in frame
    assert frame.attrs["headers"]["title"] == "Nom de l'objet"
    frame.loc[0, "posting_status"] = "Posted 2026-11-25"
    save_inventory(frame, made)
    assert load_inventory(made)["posting_status"].tolist() == ["Posted 2026-11-25"]


def test_the_sheet_with_the_items_is_found_by_the_settings_whatever_stands_before_it(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "stock.xlsx") as book:
        book.add_worksheet("Old").write_row(0, 0, [*HEADERS])
        new = book.add_worksheet("New")
        new.write_row(0, 0, [*HEADERS])
        new.write_row(1, 0, ["N1", "Crane", "Big", 10])
    assert run("adopt", tmp_path / "stock.xlsx", "--yes", "--sheet", "new").exit_code == 0
    assert load_inventory(tmp_path / "stock.xlsm")["sku"].tolist() == ["N1"]


def test_required_columns_that_are_missing_are_named_or_added(tmp_path: Path) -> None:
    source = sheet_with(tmp_path / "stock.xlsx", ("SKU", "Title", "Wert"), ("A1", "Crane", 5))
    refused = run("adopt", source, "--yes")
    assert refused.exit_code == 1
    assert "'Description', 'Price'" in words(refused)
    assert '--column "Wert=Description"' in words(refused)
    added = run("adopt", source, "--yes", "--add-missing", "--column", "Wert=price")
    assert added.exit_code == 0
    assert "To be filled in by you, since your sheet has no such columns: Description." in words(added)
    assert load_inventory(tmp_path / "stock.xlsm").columns[:4].tolist() == ["sku", "title", "price", "description"]


@pytest.mark.parametrize(
    ("rows", "arguments", "sentence"),
    [
        ([HEADERS], ["--column", "Nope=title"], "has no column 'Nope'. Choose one of its headers: 'Stock No', 'Title'"),
        ([HEADERS], ["--column", "Title=colour of it"], "There is no column 'colour of it'. Choose one of: SKU"),
        ([HEADERS], ["--column", "Title"], "please write which of your columns is which of ours"),
        ([HEADERS], ["--column", "Title=price", "--column", "Price=price"], "can't both be Price"),
        ([HEADERS], ["--sheet", "Other"], "has no sheet 'Other'. Choose one of its sheets: 'Stock'"),
        ([("a", "b"), (1, 2)], [], "No sheet of stock.xlsx has a row of headers"),
        ([(*HEADERS, "Price")], [], "Two columns of the sheet are called 'Price'"),
    ],
)
def test_what_can_t_be_understood_is_said_with_what_to_do(
    rows: list[tuple[object, ...]], arguments: list[str], sentence: str, tmp_path: Path
) -> None:
    result = run("adopt", sheet_with(tmp_path / "stock.xlsx", *rows), "--yes", *arguments)
    assert result.exit_code == 1
    assert sentence in words(result)
    assert [path.name for path in tmp_path.iterdir()] == ["stock.xlsx"]


def test_files_that_would_lose_something_are_refused(tmp_path: Path) -> None:
    with_macros = tmp_path / "macros.xlsm"
    shutil.copyfile(template_path(), with_macros)
    assert "has macros of its own" in words(run("adopt", with_macros, "--yes", "--to", tmp_path / "new.xlsm"))
    for entry in ("Basic/Standard/Module1.xml", "Scripts/python/mine.py"):
        by_calc = tmp_path / "macros.ods"
        with zipfile.ZipFile(by_calc, "w") as file:
            file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            file.writestr(entry, "Sub Mine")
        assert "has macros of its own" in words(run("adopt", by_calc, "--yes"))
    signed = sheet_with(tmp_path / "signed.xlsx", HEADERS)
    with zipfile.ZipFile(signed, "a") as file:
        file.writestr("_xmlsignatures/origin.sigs", "")
    assert "has a digital signature" in words(run("adopt", signed, "--yes"))
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert "is protected by a password" in words(run("adopt", locked, "--yes"))
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK not really")
    assert "can't be read as a workbook" in words(run("adopt", broken, "--yes"))
    text = tmp_path / "list.docx"
    text.write_bytes(b"x")
    assert "the format '.docx' is not one of .xlsx, .xlsm, .xls, .ods, .csv" in words(run("adopt", text, "--yes"))
    assert "There is no file" in words(run("adopt", tmp_path / "none.xlsx", "--yes"))
    assert not list(tmp_path.glob("*new*"))


@pytest.mark.parametrize("header", ["Photos", "Pics", "Photo file", "Image file"])
def test_a_column_with_photos_is_found_by_what_people_call_it(tmp_path: Path, header: str) -> None:
    said = words(run("adopt", sheet_with(tmp_path / "stock.xlsx", (*HEADERS, header)), answer="n\n"))
    assert "No column with photos" not in said


def test_a_file_that_is_there_is_said_before_the_preview(tmp_path: Path) -> None:
    (tmp_path / "stock.xlsm").touch()
    refused = words(run("adopt", sheet_with(tmp_path / "stock.xlsx", HEADERS)))
    assert "there already" in refused
    assert "Is used as" not in refused


def test_no_file_is_ever_replaced(tmp_path: Path) -> None:
    source = sheet_with(tmp_path / "stock.xlsx", HEADERS)
    there = tmp_path / "stock.xlsm"
    there.write_bytes(b"mine")
    assert "is there already, and was left as it is" in words(run("adopt", source, "--yes"))
    assert there.read_bytes() == b"mine"
    assert run("adopt", source, "--yes", "--to", tmp_path / "other" / "new").exit_code == 0
    assert (tmp_path / "other" / "new.xlsm").is_file()


def test_a_place_that_is_taken_is_refused_and_one_that_is_covered_is_told(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "stock.xlsx") as book:
        sheet = book.add_worksheet("Stock")
        sheet.add_table(0, 0, 3, 3, {"columns": [{"header": header} for header in HEADERS]})
        sheet.write("G3", "a note of mine")
    assert "since G3 is not blank. Insert 6 blank columns before column E" in words(
        run("adopt", tmp_path / "stock.xlsx", "--yes")
    )
    with xlsxwriter.Workbook(tmp_path / "chart.xlsx") as book:
        sheet = book.add_worksheet("Stock")
        sheet.write_row(0, 0, HEADERS)
        chart = book.add_chart({"type": "pie"})
        chart.add_series({"values": "=Stock!$D$2:$D$3"})
        sheet.insert_chart("F2", chart)
        sheet.protect()
    said = words(run("adopt", tmp_path / "chart.xlsx", "--yes"))
    assert "A picture or chart stands over the new columns E to J." in said
    assert "Sheet 'Stock' is protected." in said


def test_a_sheet_settings_of_their_own_stays_and_ours_has_another_name(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "stock.xlsx") as book:
        book.add_worksheet("Stock").write_row(0, 0, HEADERS)
        book.add_worksheet("Settings").write_row(0, 0, ["Practice mode", "their own words"])
    assert run("adopt", tmp_path / "stock.xlsx", "--yes").exit_code == 0
    made = tmp_path / "stock.xlsm"
    assert list(sheet_parts(parts_of(made))) == ["Stock", "Settings", "xlkijiji Settings"]
    assert settings_labels(made)["Practice mode"] == "Yes"
    made.rename(tmp_path / "again.xlsm")


def test_every_sheet_has_its_module_and_the_buttons_their_macros(tmp_path: Path) -> None:
    source = make_workbook(tmp_path / "stock.xlsx", {"chart_sheet", "hidden_sheet", "comment", "band"})
    assert run("adopt", source, "--yes", "--column", "Asking price=price").exit_code == 0
    parts = parts_of(tmp_path / "stock.xlsm")
    codes = {name: etree.fromstring(parts[part])[0].get("codeName") for name, part in sheet_parts(parts).items()}
    assert None not in codes.values()
    parser = VBA_Parser(str(tmp_path / "stock.xlsm"))
    modules = {name.rpartition(".")[0]: code for _file, _stream, name, code in parser.extract_macros()}
    parser.close()
    assert set(codes.values()) | {"ThisWorkbook", "XlKijiji", "xlwings", "Dictionary"} == set(modules)
    with zipfile.ZipFile(tmp_path / "stock.xlsm") as file:
        buttons = buttons_of(Parts(file), sheet_parts(parts)["Stock d'été"])
    assert [button.caption for button in buttons][:2] == ["Post New", "Check Sheet"]
    for button in buttons:
        assert f"Public Sub {button.macro}()" in modules["XlKijiji"]


def test_table_and_filter_take_our_columns_in_so_that_a_sort_keeps_rows_together(tmp_path: Path) -> None:
    table = make_workbook(tmp_path / "table.xlsx", {"table", "band"})
    assert run("adopt", table, "--yes", "--column", "Asking price=price").exit_code == 0
    parts = parts_of(tmp_path / "table.xlsm")
    inventory = sheet_parts(parts)["Stock d'été"]
    part = next(one for one in relations_of(parts, inventory).values() if "/tables/" in one)
    tree = etree.fromstring(parts[part])
    assert tree.get("ref") == "A3:M7"
    ours = [column.header for column in BY_NAME.values() if column.ours]
    assert [one.get("name") for one in tree.iter(f"{MAIN}tableColumn")][7:] == ["Posting status", *ours]
    filtered = make_workbook(tmp_path / "filter.xlsx", {"filter"})
    assert run("adopt", filtered, "--yes", "--column", "Asking price=price").exit_code == 0
    parts = parts_of(tmp_path / "filter.xlsm")
    assert b'<autoFilter ref="A1:M5"' in parts[sheet_parts(parts)["Stock d'été"]]
    names = {one.get("name"): one.text for one in etree.fromstring(parts["xl/workbook.xml"]).iter(f"{MAIN}definedName")}
    assert names["_xlnm._FilterDatabase"] == "'Stock d''été'!$A$1:$M$5"
    assert names["_xlnm.Print_Area"] == "'Stock d''été'!$A:$G", "it is printed as before"


def test_cells_without_addresses_are_counted_as_excel_counts_them(tmp_path: Path) -> None:
    """Some programs leave them out; the print area then was 'Stock'!$A:$, which Excel repairs."""
    source = sheet_with(tmp_path / "stock.xlsx", HEADERS, ("A1", "Crane", "Big", 5))
    with zipfile.ZipFile(source) as file:
        parts = Parts(file)
        sheet = parts.read("xl/worksheets/sheet1.xml")
        plain = re.sub(rb'(<c) r="[A-Z]+\d+"', rb"\1", sheet)
        assert plain != sheet
        parts.replace("xl/worksheets/sheet1.xml", plain)
        content = parts.write()
    source.write_bytes(content)
    assert run("adopt", source, "--yes").exit_code == 0
    made = parts_of(tmp_path / "stock.xlsm")
    names = {one.get("name"): one.text for one in etree.fromstring(made["xl/workbook.xml"]).iter(f"{MAIN}definedName")}
    assert names["_xlnm.Print_Area"] == "'Stock'!$A:$D"
    assert load_inventory(tmp_path / "stock.xlsm")["title"].tolist() == ["Crane"]


def test_a_sheet_with_nothing_in_it_gets_no_print_area(tmp_path: Path) -> None:
    empty = sheet_with(tmp_path / "empty.xlsx")
    with zipfile.ZipFile(empty) as file:
        parts = Parts(file)
        part = sheet_parts(parts_of(empty))["Stock"]
        assert used_columns(parts, part) == 0
        assert not keep_print_area(parts, AddedColumns("Stock", 1, 1, ("ad_id",)), 0)
        assert b"Print_Area" not in parts.read("xl/workbook.xml")


def french(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The person's system is French."""
    monkeypatch.setenv("LANGUAGE", "fr_CA:en")
    return []


@pytest.mark.parametrize("asked", [lambda _monkeypatch: ["--language", "fr"], french], ids=["asked", "system"])
def test_in_french_all_that_is_added_is_french_and_is_understood(
    asked: Callable[[pytest.MonkeyPatch], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("Ref", "Nom de l'objet", "Description", "Prix"), ("A1", "Chariot", "Bon", 5)]
    source = sheet_with(tmp_path / "stock.xlsx", *rows)
    given = asked(monkeypatch)
    with messages.speaking("en"):  # afterwards too, whichever language the command spoke
        result = run("adopt", source, "--yes", "--column", "Nom de l'objet=Titre", *given)
    assert result.exit_code == 0, result.output
    made = tmp_path / "stock.xlsm"
    assert messages.tell("adopt-made", "fr", path=made, name="stock.xlsx", pictures=tmp_path / "pictures") in words(
        result
    )
    assert list(sheet_parts(parts_of(made))) == ["Stock", "Paramètres"]
    labels = settings_labels(made)
    assert labels["Feuille d’inventaire"] == "Stock"
    assert labels["Colonne\u00a0: Titre"] == "Nom de l'objet"
    assert sheet_language(labels) == "fr"
    (sheet,) = [one for one in sheets_of(made.read_bytes()) if one.name == "Stock"]
    ours = [column for column in COLUMNS if column.ours or column.name == STATUS]
    assert sheet.grid[0][4:] == [messages.tell(column.header_key, "fr") for column in ours]
    with zipfile.ZipFile(made) as file:
        captions = [one.caption for one in buttons_of(Parts(file), sheet_parts(parts_of(made))["Stock"])]
    assert captions[0] == messages.tell("button-post-new", "fr")
    frame = load_inventory(made)
    assert frame[["sku", "title", "price"]].to_numpy().tolist() == [["A1", "Chariot", 5]]
    with messages.speaking("en"):
        assert "est à jour" in words(run("upgrade", made))


def test_a_language_that_is_not_there_is_said(tmp_path: Path) -> None:
    result = run("adopt", sheet_with(tmp_path / "stock.xlsx", HEADERS), "--yes", "--language", "de")
    assert result.exit_code == 1
    assert "xlkijiji doesn't speak 'de'. Use en or fr." in words(result)


def test_a_csv_becomes_a_workbook_with_its_values(tmp_path: Path) -> None:
    source = tmp_path / "stock.csv"
    source.write_bytes("Stock No;Title;Description;Price;Year\r\n007;Été;=1+1;24500;2016\r\n".encode("cp1252"))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    assert run("adopt", source, "--yes").exit_code == 0
    assert hashlib.sha256(source.read_bytes()).hexdigest() == digest
    row = load_inventory(tmp_path / "stock.xlsm").iloc[0]
    assert [row["sku"], row["title"], row["description"], row["price"], row["year"]] == [
        "007",
        "Été",
        "=1+1",
        24500,
        2016,
    ]
