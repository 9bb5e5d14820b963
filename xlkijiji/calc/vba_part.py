"""The VBA project inside an .xlsm file: read it, and put it back after Calc has written its own.

Calc writes a new `xl/vbaProject.bin` without class modules, and with the stand-in instead of the module `xlwings`.
Excel must find the original, byte for byte. Calc also leaves out the code names, by which Excel knows which module of
the project belongs to which sheet, breaks the link between a button and its drawing, moves buttons and notes (see
`form_controls`), and lets the axis of a chart become another one (see `chart_axes`). Everything else stays as it wrote
it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lxml import etree

from .chart_axes import repair_axes
from .form_controls import repair_controls
from .package import LINKS_SPACE, Parts, change_package
from .placement import Placement

PART = "xl/vbaProject.bin"
_WORKBOOK = "xl/workbook.xml"
_WORKBOOK_LINKS = "xl/_rels/workbook.xml.rels"
_TYPES = "[Content_Types].xml"
_PART_TYPE = "application/vnd.ms-office.vbaProject"
_LINK_TYPE = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_TYPES_SPACE = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_MAIN_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# The properties of a sheet stand at its beginning. Only that is looked at: a large sheet need not be parsed for them.
_HEAD = 4096


@dataclass(frozen=True)
class CodeNames:
    """The names that the modules of the VBA project have for the workbook and its sheets.

    Attributes:
        workbook: such as "ThisWorkbook"; blank when there is none.
        sheets: the name on the sheet's tab → its code name.
    """

    workbook: str = ""
    sheets: dict[str, str] = field(default_factory=dict)


def has_macros(path: Path) -> bool:
    """Whether the file's ending is that of a workbook with macros."""
    return path.suffix.lower() == ".xlsm"


def read_vba_project(path: Path) -> bytes | None:
    """The VBA project of the workbook, or None when it has none (or is no such file)."""
    try:
        with zipfile.ZipFile(path) as package:
            return package.read(PART) if PART in package.namelist() else None
    except zipfile.BadZipFile:
        return None


def read_code_names(path: Path) -> CodeNames:
    """The code names that the workbook's file gives."""
    with zipfile.ZipFile(path) as package:
        parts = Parts(package)
        root = etree.fromstring(parts.read(_WORKBOOK))
        properties = root.find(f"{_MAIN_SPACE}workbookPr")
        sheets = {}
        for name, part in _sheet_parts(parts, root).items():
            match = re.search(rb'<sheetPr\b[^>]*\bcodeName="([^"]*)"', parts.read(part)[:_HEAD])
            if match:
                sheets[name] = match[1].decode("utf-8")
    return CodeNames("" if properties is None else properties.get("codeName", ""), sheets)


def put_vba_project(
    path: Path, project: bytes, code_names: CodeNames, placements: Mapping[str, Placement] | None = None
) -> bool:
    """Make `project` the workbook's VBA project, with what belongs to it; whether the file was changed.

    `placements` says by the sheets' names where buttons and notes are; what isn't in it stays where the file has it.
    The file's time of change stays (see `change_package`).

    Raises:
        OSError: the file cannot be read or replaced.
        zipfile.BadZipFile: it is no workbook.
    """

    def change(parts: Parts) -> None:
        root = etree.fromstring(parts.read(_WORKBOOK))
        sheets = _sheet_parts(parts, root)
        parts.write(PART, project)
        _declare(parts)
        _name_workbook(parts, root, code_names.workbook)
        for name, part in sheets.items():
            if name in code_names.sheets:
                _name_sheet(parts, part, code_names.sheets[name])
            repair_controls(parts, part, (placements or {}).get(name, Placement()))
        repair_axes(parts)

    return change_package(path, change)


def _sheet_parts(parts: Parts, workbook: etree._Element) -> dict[str, str]:
    """The name of each sheet → its part in the package."""
    links = parts.links(_WORKBOOK)
    return {
        str(sheet.get("name")): links[str(sheet.get(_LINK_ID))][1] for sheet in workbook.iter(f"{_MAIN_SPACE}sheet")
    }


def _declare(parts: Parts) -> None:
    """Give the VBA project its content type, and a relationship from the workbook, where they are missing."""
    types = etree.fromstring(parts.read(_TYPES))
    declared = any(one.get("PartName") == f"/{PART}" for one in types.iter(f"{_TYPES_SPACE}Override")) or any(
        one.get("Extension") == "bin" and one.get("ContentType") == _PART_TYPE
        for one in types.iter(f"{_TYPES_SPACE}Default")
    )
    if not declared:
        etree.SubElement(types, f"{_TYPES_SPACE}Override", PartName=f"/{PART}", ContentType=_PART_TYPE)
        parts.write_xml(_TYPES, types)
    links = etree.fromstring(parts.read(_WORKBOOK_LINKS))
    entries = list(links.iter(f"{LINKS_SPACE}Relationship"))
    if not any(entry.get("Type") == _LINK_TYPE for entry in entries):
        taken = {entry.get("Id") for entry in entries}
        free = next(name for name in (f"rId{number}" for number in range(1, len(taken) + 2)) if name not in taken)
        etree.SubElement(links, f"{LINKS_SPACE}Relationship", Id=free, Type=_LINK_TYPE, Target="vbaProject.bin")
        parts.write_xml(_WORKBOOK_LINKS, links)


def _name_workbook(parts: Parts, root: etree._Element, code_name: str) -> None:
    properties = root.find(f"{_MAIN_SPACE}workbookPr")
    if code_name and properties is not None and not properties.get("codeName"):
        properties.set("codeName", code_name)
        parts.write_xml(_WORKBOOK, root)


def _name_sheet(parts: Parts, part: str, code_name: str) -> None:
    content = parts.read(part)
    found = re.search(rb"<sheetPr\b(?P<attributes>[^>]*)", content[:_HEAD])
    if found and b"codeName=" not in found["attributes"]:
        end = found.start() + len(b"<sheetPr")
        parts.write(part, content[:end] + f" codeName={quoteattr(code_name)}".encode() + content[end:])
