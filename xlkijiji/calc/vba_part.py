"""The VBA project inside an .xlsm file: read it, and put it back after Calc has written its own.

Calc writes a new `xl/vbaProject.bin` without class modules, and with the stand-in instead of the module `xlwings`.
Excel must find the original, byte for byte. It also leaves out the code names, by which Excel knows which module of
the project belongs to which sheet. Everything else stays as Calc wrote it.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.sax.saxutils import quoteattr

from lxml import etree

PART = "xl/vbaProject.bin"
_WORKBOOK = "xl/workbook.xml"
_TYPES = "[Content_Types].xml"
_WORKBOOK_LINKS = "xl/_rels/workbook.xml.rels"
_PART_TYPE = "application/vnd.ms-office.vbaProject"
_LINK_TYPE = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_TYPES_SPACE = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_LINKS_SPACE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
# The properties of a sheet stand at its beginning.
_HEAD = 4096
_MAIN_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


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
        root = etree.fromstring(package.read(_WORKBOOK))
        properties = root.find(f"{_MAIN_SPACE}workbookPr")
        sheets = {}
        for name, part in _sheet_parts(package, root).items():
            match = re.search(rb'<sheetPr\b[^>]*\bcodeName="([^"]*)"', package.read(part)[:_HEAD])
            if match:
                sheets[name] = match[1].decode("utf-8")
    return CodeNames("" if properties is None else properties.get("codeName", ""), sheets)


def put_vba_project(path: Path, project: bytes, code_names: CodeNames) -> bool:
    """Make `project` the workbook's VBA project, and name its sheets as it does; whether the file was changed.

    The old file is replaced by a complete new one. The new one has the *same time of change*: Calc remembers that time
    from its own save, and would otherwise say at the next one that somebody else has changed the file
    (`SfxMedium::CheckFileDate` in LibreOffice's sources).

    Raises:
        OSError: the file cannot be read or replaced.
        zipfile.BadZipFile: it is no workbook.
    """
    path = path.resolve()  # a link must stay one
    with zipfile.ZipFile(path) as package:
        changed = _changed_parts(package, project) | _named_parts(package, code_names)
        if not changed:
            return False
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".xlkijiji-", suffix=path.suffix)
        new = Path(name)
        try:
            with os.fdopen(handle, "w+b") as stream:
                _copy(package, changed, stream)
                stream.flush()
                os.fsync(stream.fileno())
            before = path.stat()
            shutil.copymode(path, new)
            os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
            new.replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                new.unlink()
            raise
    return True


def _changed_parts(package: zipfile.ZipFile, project: bytes) -> dict[str, bytes]:
    """The parts that must become something else, with their new content."""
    present = set(package.namelist())
    changed: dict[str, bytes] = {}
    if PART not in present or package.read(PART) != project:
        changed[PART] = project
    types = etree.fromstring(package.read(_TYPES))
    if not any(one.get("PartName") == f"/{PART}" for one in types.iter(f"{_TYPES_SPACE}Override")) and not any(
        one.get("Extension") == "bin" and one.get("ContentType") == _PART_TYPE
        for one in types.iter(f"{_TYPES_SPACE}Default")
    ):
        etree.SubElement(types, f"{_TYPES_SPACE}Override", PartName=f"/{PART}", ContentType=_PART_TYPE)
        changed[_TYPES] = etree.tostring(types, xml_declaration=True, encoding="UTF-8", standalone=True)
    links = etree.fromstring(package.read(_WORKBOOK_LINKS))
    entries = list(links.iter(f"{_LINKS_SPACE}Relationship"))
    if not any(entry.get("Type") == _LINK_TYPE for entry in entries):
        taken = {entry.get("Id") for entry in entries}
        free = next(name for name in (f"rId{number}" for number in range(1, len(taken) + 2)) if name not in taken)
        etree.SubElement(links, f"{_LINKS_SPACE}Relationship", Id=free, Type=_LINK_TYPE, Target="vbaProject.bin")
        changed[_WORKBOOK_LINKS] = etree.tostring(links, xml_declaration=True, encoding="UTF-8", standalone=True)
    return changed


def _sheet_parts(package: zipfile.ZipFile, workbook: etree._Element) -> dict[str, str]:
    """The name of each sheet → its part in the package."""
    links = etree.fromstring(package.read(_WORKBOOK_LINKS))
    targets = {
        str(one.get("Id")): str(one.get("Target")).removeprefix("/xl/")
        for one in links.iter(f"{_LINKS_SPACE}Relationship")
    }
    return {
        str(sheet.get("name")): f"xl/{targets[str(sheet.get(_LINK_ID))]}"
        for sheet in workbook.iter(f"{_MAIN_SPACE}sheet")
    }


def _named_parts(package: zipfile.ZipFile, code_names: CodeNames) -> dict[str, bytes]:
    """The parts of the workbook and of sheets that lack their code name, with it."""
    changed: dict[str, bytes] = {}
    root = etree.fromstring(package.read(_WORKBOOK))
    properties = root.find(f"{_MAIN_SPACE}workbookPr")
    if code_names.workbook and properties is not None and not properties.get("codeName"):
        properties.set("codeName", code_names.workbook)
        changed[_WORKBOOK] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    for name, part in _sheet_parts(package, root).items():
        if name not in code_names.sheets:
            continue
        content = package.read(part)
        found = re.search(rb"<sheetPr\b(?P<attributes>[^>]*)", content[:_HEAD])
        if found and b"codeName=" not in found["attributes"]:
            # Only the head is looked at: a large sheet need not be parsed for one attribute.
            end = found.start() + len(b"<sheetPr")
            attribute = f" codeName={quoteattr(code_names.sheets[name])}".encode()
            changed[part] = content[:end] + attribute + content[end:]
    return changed


def _copy(package: zipfile.ZipFile, changed: dict[str, bytes], stream: IO[bytes]) -> None:
    """Write the package anew, with the changed parts in their old places and new ones at the end."""
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in package.infolist():
            if entry.filename not in changed:
                copy.writestr(entry, package.read(entry))
            else:
                copy.writestr(entry, changed.pop(entry.filename))
        for name, content in changed.items():
            copy.writestr(name, content)
