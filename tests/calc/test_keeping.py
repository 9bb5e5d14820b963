"""Saving from Calc keeps the macros, byte for byte, and the file stays a workbook for Excel."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from lxml import etree

from xlkijiji import calc
from xlkijiji.calc.connection import property_values
from xlkijiji.calc.vba_part import PART, CodeNames, put_vba_project, read_code_names, read_vba_project

from .conftest import eventually


@pytest.fixture
def original(workbook_file: Path) -> bytes:
    """The VBA project before anything was saved."""
    project = read_vba_project(workbook_file)
    assert project
    return project


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def test_ctrl_s_keeps_the_macros_again_and_again(
    opened: calc.OpenWorkbook, workbook_file: Path, original: bytes, keys: Callable[..., None]
) -> None:
    """The second save is the one at which Calc would say that somebody else has changed the file."""
    calc.place_window(opened, 0, 0, 1200, 800)
    document = opened.document
    for number in range(3):
        opened.book.sheets["Inventory"]["H1"].value = number
        assert document.isModified()
        keys("mousemove", 600, 500, "click", 1, "key", "ctrl+s")
        eventually(lambda: not document.isModified())
        parts = _parts(workbook_file)
        assert parts[PART] == original
        assert f"<v>{number}</v>".encode() in parts["xl/worksheets/sheet1.xml"]
    assert not list(workbook_file.parent.glob(".xlkijiji-*"))


def test_save_from_python_keeps_the_macros_without_a_keeper(
    office: calc.Office, workbook_file: Path, original: bytes, tmp_path: Path
) -> None:
    calc.activate(office.pipe)
    opened = calc.open_workbook(workbook_file, office=office)
    opened.document.removeDocumentEventListener(opened.keeper.listener)  # as if the process that opened it had died
    opened.book.sheets[0]["H1"].value = "x"
    opened.book.save()
    assert read_vba_project(workbook_file) == original
    copy = tmp_path / "copy é.xlsm"
    opened.book.save(copy)
    assert read_vba_project(copy) == original
    opened.close()


def test_save_as_in_calc_keeps_the_macros_in_the_new_file(
    opened: calc.OpenWorkbook, tmp_path: Path, original: bytes
) -> None:
    copy = tmp_path / "under another name.xlsm"
    opened.document.storeAsURL(copy.as_uri(), property_values(FilterName="Calc MS Excel 2007 VBA XML"))
    assert read_vba_project(copy) == original
    assert opened.book.name == copy.name


def test_save_as_another_format_leaves_the_file_alone(opened: calc.OpenWorkbook, tmp_path: Path) -> None:
    opened.book.save(tmp_path / "plain.xlsx")
    assert PART not in _parts(tmp_path / "plain.xlsx")


def test_the_saved_file_opens_again_with_its_button_and_code_names(
    office: calc.Office, opened: calc.OpenWorkbook, workbook_file: Path, original: bytes
) -> None:
    opened.book.sheets["Two words"].name = "Renamed"
    opened.book.save()
    opened.close()
    assert read_code_names(workbook_file) == CodeNames("ThisWorkbook", {"Inventory": "Sheet1", "Renamed": "Sheet2"})
    again = calc.open_workbook(workbook_file, office=office)
    assert calc.button_labels(again) == ["Post New"]
    button = again.document.Sheets.getByName("Inventory").DrawPage.getByIndex(0).Control
    events = again.document.Sheets.getByName("Inventory").DrawPage.Forms.getByIndex(0).getScriptEvents(0)
    assert button.Label == "Post New"
    assert [event.ScriptCode for event in events] == [
        "vnd.sun.star.script:VBAProject.XlKijiji.PostNew?language=Basic&location=document"
    ]
    assert again.book.sheets["Inventory"].tables["Ads"].range.address == "$A$4:$D$6"
    again.close()


def test_the_package_names_the_part_as_excel_needs_it(opened: calc.OpenWorkbook, workbook_file: Path) -> None:
    opened.book.save()
    parts = _parts(workbook_file)
    types = etree.fromstring(parts["[Content_Types].xml"])
    kinds = {one.get("PartName"): one.get("ContentType") for one in types}
    assert kinds[f"/{PART}"] == "application/vnd.ms-office.vbaProject"
    assert kinds["/xl/workbook.xml"] == "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    links = etree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    assert [link.get("Target") for link in links if str(link.get("Type")).endswith("/vbaProject")] == ["vbaProject.bin"]


def test_a_file_that_lost_the_part_gets_it_with_type_and_link(tmp_path: Path) -> None:
    path = tmp_path / "plain.xlsm"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("A & <B>").write("A1", "x")
    book.close()
    path.chmod(0o640)
    before, parts = path.stat(), _parts(path)
    assert put_vba_project(path, b"macros", CodeNames("Me", {"A & <B>": 'Q"1'}))
    assert read_vba_project(path) == b"macros"
    changed = {name for name, content in _parts(path).items() if parts.get(name) != content}
    assert {PART, "[Content_Types].xml", "xl/_rels/workbook.xml.rels"} <= changed
    after = path.stat()
    assert (after.st_mtime_ns, stat.S_IMODE(after.st_mode)) == (before.st_mtime_ns, 0o640)
    assert not put_vba_project(path, b"macros", CodeNames("Me", {"A & <B>": 'Q"1'}))


def test_a_link_to_a_workbook_stays_a_link(tmp_path: Path, workbook_file: Path) -> None:
    link = tmp_path / "link.xlsm"
    link.symlink_to(workbook_file)
    assert put_vba_project(link, b"other", CodeNames())
    assert link.is_symlink()
    assert read_vba_project(workbook_file) == b"other"


def test_what_is_no_workbook_has_no_macros(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsm"
    path.write_bytes(b"no package")
    assert read_vba_project(path) is None
    with pytest.raises(zipfile.BadZipFile):
        put_vba_project(path, b"macros", CodeNames())
    assert path.read_bytes() == b"no package"
