"""The committed template as LibreOffice Calc reads it: converted by Calc itself to flat OpenDocument."""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from xlkijiji.workbook.template import VBA_FOLDER
from xlkijiji.workbook.template_inventory import SPARE_ROWS
from xlkijiji.workbook.template_look import HEADER_ROW
from xlkijiji.workbook.vba_project import load_modules

COMMITTED = Path(__file__).parents[2] / "workbook_template.xlsm"
BASIC = "{http://openoffice.org/2004/office}"
NAMES = {
    "form": "urn:oasis:names:tc:opendocument:xmlns:form:1.0",
    "script": "urn:oasis:names:tc:opendocument:xmlns:script:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> ElementTree.Element:
    folder = tmp_path_factory.mktemp("calc")
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "fods",
            "--outdir",
            str(folder),
            str(COMMITTED),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return ElementTree.parse(folder / f"{COMMITTED.stem}.fods").getroot()  # noqa: S314  # Calc made it from our file


def without_attributes(source: str) -> list[str]:
    """The lines of a module that are code: Calc turns the Attribute lines into marks of its own."""
    marks = ("Attribute ", "Rem Attribute VBA_ModuleType", "Option VBASupport", "Option ClassModule")
    return [line.rstrip() for line in source.splitlines() if line.strip() and not line.startswith(marks)]


def test_calc_reads_our_modules(document: ElementTree.Element) -> None:
    """Calc, which didn't write the project, finds the same names and sources."""
    libraries = [
        library for library in document.iter(f"{BASIC}library-embedded") if library.get(f"{BASIC}name") == "VBAProject"
    ]
    found = {
        module.get(f"{BASIC}name"): str(module.findtext(f"{BASIC}source-code"))
        for library in libraries
        for module in library.iter(f"{BASIC}module")
    }
    ours = {module.name: module.source for module in load_modules(VBA_FOLDER)}
    assert set(found) == set(ours)
    for name, source in ours.items():
        assert without_attributes(found[name]) == without_attributes(source), name


def test_calc_connects_the_button_with_the_macro(document: ElementTree.Element) -> None:
    button = document.find(".//form:button", NAMES)
    assert button is not None
    assert button.get(f"{{{NAMES['form']}}}label") == "Post New"
    listener = button.find(".//script:event-listener", NAMES)
    assert listener is not None
    assert "VBAProject.XlKijiji.PostNew" in str(listener.get("{http://www.w3.org/1999/xlink}href"))


def test_calc_has_the_table_as_a_database_range_with_filters(document: ElementTree.Element) -> None:
    area = document.find(".//table:database-range", NAMES)
    assert area is not None
    table = f"{{{NAMES['table']}}}"
    assert area.get(f"{table}name") == "Inventory"
    assert area.get(f"{table}target-range-address") == f"Inventory.A{HEADER_ROW}:Inventory.T{HEADER_ROW + SPARE_ROWS}"
    assert area.get(f"{table}display-filter-buttons") == "true"
