"""A spreadsheet program looks at adopted workbooks, and hands in files of its own formats to be adopted."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from adopt_corpus import FEATURES, make_workbook
from test_adopt_parts import adopt, assert_all_kept, assert_same_values
from typer.testing import CliRunner

from xlkijiji import calc
from xlkijiji.adopt.converting import find_libreoffice
from xlkijiji.cli import app
from xlkijiji.column_words import ColumnWords
from xlkijiji.data_io import load_inventory
from xlkijiji.workbook.reader import read_sheet
from xlkijiji.workbook.settings_sheet import read_settings

SOME = sorted(set(FEATURES) - {"filter", "protected"})


def converted(source: Path, target: Path) -> Path:
    """The file as Calc itself saves it in another format."""
    program = find_libreoffice()
    assert program is not None
    profile = target.parent / "profile of the test"
    kinds = {".xlsx": "xlsx:Calc MS Excel 2007 XML", ".ods": "ods", ".xls": "xls:MS Excel 97"}
    copy = target.parent / "in" / f"{target.stem}{source.suffix}"
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(source, copy)
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", kinds[target.suffix]]
    subprocess.run([*command, "--outdir", str(target.parent), str(copy)], check=True, timeout=180, capture_output=True)
    assert target.is_file()
    return target


def what_is_seen(path: Path, office: calc.Office) -> dict[str, dict[str, Any]]:
    """Of each sheet: its formulas and values, charts, pictures, notes, formats, rules and print areas."""
    opened = calc.open_workbook(path, office=office, hidden=True)
    try:
        document = opened.document
        seen = {}
        for at in range(document.Sheets.Count):
            sheet = document.Sheets.getByIndex(at)
            cursor = sheet.createCursor()
            cursor.gotoEndOfUsedArea(False)
            area = sheet.getCellRangeByPosition(0, 0, 6, cursor.RangeAddress.EndRow)
            page = sheet.DrawPage
            shapes = [page.getByIndex(one) for one in range(page.Count)]
            notes = [sheet.Annotations.getByIndex(one).String for one in range(sheet.Annotations.Count)]
            cells = [sheet.getCellByPosition(column, row) for column in range(7) for row in range(10)]
            seen[sheet.Name] = {
                "formulas": area.getFormulaArray(),
                "values": area.getDataArray(),
                "visible": sheet.IsVisible,
                "charts": sheet.Charts.ElementNames,
                "shapes": sorted(one.ShapeType for one in shapes if "Control" not in one.ShapeType),
                "notes": notes,
                "fills": [cell.CellBackColor for cell in cells],
                "fonts": [(cell.CharFontName, cell.CharHeight, cell.CharWeight) for cell in cells],
                "formats": [cell.NumberFormat for cell in cells],
                "rules": [len(cell.ConditionalFormat.ElementNames) for cell in cells],
                "limits": [cell.Validation.Type.value for cell in cells],
                "widths": [sheet.Columns.getByIndex(one).Width for one in range(7)],
                "merged": [cell.IsMerged for cell in cells],
                "protected": sheet.isProtected(),
                "own print areas": bool(sheet.PrintAreas),
            }
        seen["names"] = {
            name: document.NamedRanges.getByName(name).Content for name in document.NamedRanges.ElementNames
        }
        seen["database ranges"] = {"count": document.DatabaseRanges.Count}
        return seen
    finally:
        opened.close()


def test_calc_shows_all_that_it_showed_before(office: calc.Office, tmp_path: Path) -> None:
    source, target = make_workbook(tmp_path / "theirs.xlsx", SOME), tmp_path / "ours.xlsm"
    adopt(source, target)
    before, after = what_is_seen(source, office), what_is_seen(target, office)
    settings = after.pop("Settings")
    assert settings["formulas"][0][0] == "Settings"
    assert list(after) == list(before)
    for sheet, seen in before.items():
        for what, value in seen.items():
            assert after[sheet][what] == value, (sheet, what)


def test_calc_reads_an_adopted_sheet_as_the_person_says(office: calc.Office, tmp_path: Path) -> None:
    source, target = make_workbook(tmp_path / "theirs.xlsx", ["band", "formulas"]), tmp_path / "ours.xlsm"
    adopt(source, target)
    opened = calc.open_workbook(target, office=office, hidden=True)
    try:
        words = ColumnWords.from_labels(read_settings(opened.book))
        table = read_sheet(opened.book.sheets["Stock d'été"], words)
        assert table.frame["price"].tolist() == [1000.5, 1001.5, 1002.5, 1003.5]
        assert table.columns["price"] == 4
        assert table.columns["posting_status"] == 8
    finally:
        opened.close()


def test_a_workbook_that_calc_wrote_is_adopted_part_by_part(tmp_path: Path) -> None:
    source = converted(make_workbook(tmp_path / "theirs.xlsx", SOME), tmp_path / "by-calc.xlsx")
    target = tmp_path / "ours.xlsm"
    plan = adopt(source, target)
    assert_all_kept(source, target, plan)
    assert_same_values(source, target)


@pytest.mark.parametrize("suffix", [".ods", ".xls"])
def test_other_formats_are_taken_by_way_of_calc(suffix: str, tmp_path: Path) -> None:
    made = make_workbook(tmp_path / "made.xlsx", ["band", "formulas", "colours", "chart", "comment"])
    source = converted(made, tmp_path / f"theirs{suffix}")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    result = CliRunner().invoke(app, ["adopt", str(source), "--yes", "--column", "Asking price=price"])
    assert result.exit_code == 0, result.output
    assert "was converted by LibreOffice" in " ".join(result.output.split())
    assert hashlib.sha256(source.read_bytes()).hexdigest() == digest
    assert load_inventory(tmp_path / "theirs.xlsm")["price"].tolist() == [1000.5, 1001.5, 1002.5, 1003.5]
    assert not list(tmp_path.glob(".~lock*"))


def test_a_new_dashboard_counts_a_sheet_that_was_renamed_and_changed(office: calc.Office, tmp_path: Path) -> None:
    """Nothing of what it shows says that it looks in the wrong place, so its numbers are compared."""
    path = tmp_path / "inventory.xlsm"
    shutil.copyfile(Path(__file__).parent / "data" / "with-stop.xlsm", path)
    opened = calc.open_workbook(path, office=office, hidden=True)
    sheet = opened.document.Sheets.getByName("Inventory")
    titled = opened.book.sheets["Inventory"].range("A3:Z3").value.index("Title")
    sheet.Columns.insertByIndex(titled, 2)
    sheet.Rows.insertByIndex(0, 1)
    sheet.setName("Stock d'été")
    book = opened.book.sheets["Stock d'été"]
    headers = book.range("A4:AB4").value
    for at, status in enumerate(("Posted 2026-11-25", "Posted 2026-11-24", "Error: x", "", "sold"), 5):
        for header, value in (("SKU", f"A{at}"), ("Title", f"Crane {at}"), ("Posting status", status)):
            book.range((at, headers.index(header) + 1)).value = value
    opened.book.save()
    opened.close()
    result = CliRunner().invoke(app, ["upgrade", str(path)])
    assert result.exit_code == 0, result.output
    assert "Dashboard" in result.output
    again = calc.open_workbook(path, office=office, hidden=True)
    try:
        again.document.calculateAll()
        assert again.book.sheets["Dashboard"].range("A5:F5").value == [2, 1, 1, 1, 0, 5]
        used = again.document.Sheets.getByName("Lists")
        assert not used.queryFormulaCells(4).Count, "no formula ends with an error"
    finally:
        again.close()


def test_an_old_workbook_that_calc_has_saved_is_upgraded(office: calc.Office, tmp_path: Path) -> None:
    path = tmp_path / "inventory.xlsm"
    shutil.copyfile(Path(__file__).parent / "data" / "with-stop.xlsm", path)
    opened = calc.open_workbook(path, office=office, hidden=True)
    opened.book.sheets["Inventory"].range("A4").value = "A1"
    opened.book.save()
    opened.close()
    result = CliRunner().invoke(app, ["upgrade", str(path)])
    assert result.exit_code == 0, result.output
    again = calc.open_workbook(path, office=office, hidden=True)
    try:
        page = again.document.Sheets.getByName("Inventory").DrawPage
        shapes = [page.getByIndex(at) for at in range(page.Count)]
        labels = [one.Control.Label for one in shapes if one.supportsService("com.sun.star.drawing.ControlShape")]
        assert {"Post New", "Check Sheet", "Stop"} <= set(labels)
        assert len(labels) == len(set(labels))
        assert again.book.sheets["Inventory"].range("A4").value == "A1"
    finally:
        again.close()
