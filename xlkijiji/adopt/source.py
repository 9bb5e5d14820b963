"""The person's own file, read for being adopted: as an .xlsx in memory, whatever its format is."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import olefile
import python_calamine as calamine
import xlsxwriter
from lxml import etree

from xlkijiji.adopt import converting
from xlkijiji.csv_cells import CsvSheet
from xlkijiji.errors import InventoryError
from xlkijiji.inventory import match_header
from xlkijiji.messages import tell
from xlkijiji.records import find_header_row
from xlkijiji.sheet_names import INVENTORY
from xlkijiji.xlsx_parts import Parts, relations, workbook_part

__all__ = ["FORMATS", "Source", "SourceSheet", "names_of", "read_source", "sheets_of"]

_AS_THEY_ARE = (".xlsx", ".xlsm")
_CONVERTED = (".xls", ".ods")
FORMATS = (*_AS_THEY_ARE, *_CONVERTED, ".csv")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_MACRO_FOLDERS = ("Basic/", "Scripts/")
"""Where LibreOffice keeps macros: those in Basic, and those in other languages."""
_MACRO_STREAM = "_VBA_PROJECT_CUR"
"""The storage in which an .xls has its macros [MS-XLS 2.1.1]."""


@dataclass(frozen=True)
class SourceSheet:
    """A worksheet of the file."""

    name: str
    grid: list[list[object]]
    """Its cells from A1 on."""
    merged: tuple[tuple[int, int, int, int], ...]
    """Merged cells: top, left, bottom, right, from 1."""
    visible: bool


@dataclass(frozen=True)
class Source:
    """The file's content."""

    path: Path
    content: bytes
    """Of an .xlsx or .xlsm: the file's own bytes, or those of what it was converted into."""
    sheets: tuple[SourceSheet, ...]
    converted_by: str = ""
    """The program that has converted it; '' where nothing had to be."""


def read_source(path: Path) -> Source:
    """Read the file, which stays as it is.

    Raises InventoryError for a file that can't be read, or has in it what would not survive.
    """
    suffix = path.suffix.casefold()
    if suffix not in FORMATS:
        raise InventoryError(tell("adopt-format", name=path.name, suffix=suffix or "?", known=", ".join(FORMATS)))
    if not path.is_file():
        raise InventoryError(tell("adopt-no-file", path=path))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InventoryError(tell("adopt-unreadable", name=path.name)) from error
    converted_by = ""
    if suffix == ".csv":
        content = _from_csv(path, content)
    elif suffix in _CONVERTED:
        _refuse_old_macros(path)
        content, converted_by = converting.as_xlsx(path)
    elif content.startswith(olefile.MAGIC):
        raise InventoryError(tell("adopt-protected", name=path.name))
    try:
        refuse_what_would_not_survive(path, content)
        return Source(path, content, tuple(sheets_of(content)), converted_by)
    except (calamine.CalamineError, zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, ValueError) as error:
        raise InventoryError(tell("adopt-damaged", name=path.name)) from error


def _refuse_old_macros(path: Path) -> None:
    """Macros in a file that is to be converted: of an .xls, and of an .ods, which has them in folders of its zip."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            if any(name.startswith(_MACRO_FOLDERS) and not name.endswith("/") for name in package.namelist()):
                raise InventoryError(tell("adopt-own-macros", name=path.name))
    if not olefile.isOleFile(path):
        return
    with olefile.OleFileIO(path) as file:
        if file.exists(_MACRO_STREAM):
            raise InventoryError(tell("adopt-own-macros", name=path.name))


def refuse_what_would_not_survive(path: Path, content: bytes) -> None:
    """Macros of the person's own, a signature, and a workbook that several people edit at the same time the old way."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = Parts(file)
        kinds = {kind.rpartition("/")[2] for kind, _part in relations(parts, workbook_part(parts)).values()}
        if {"vbaProject", "xlMacrosheet", "xlIntlMacrosheet"} & kinds:
            raise InventoryError(tell("adopt-own-macros", name=path.name))
        if any(name.casefold().startswith("_xmlsignatures/") for name in parts.names):
            raise InventoryError(tell("adopt-signed", name=path.name))
        if "revisionHeaders" in kinds:
            raise InventoryError(tell("adopt-shared", name=path.name))


def sheets_of(content: bytes) -> list[SourceSheet]:
    """The worksheets of an .xlsx or .xlsm, with their cells."""
    workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    found = []
    for known in workbook.sheets_metadata:
        if known.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(known.name)
        merged = tuple(
            (top + 1, left + 1, bottom + 1, right + 1)
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        )
        grid: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
        visible = known.visible == calamine.SheetVisibleEnum.Visible
        found.append(SourceSheet(known.name, grid, merged, visible))
    return found


def _from_csv(path: Path, content: bytes) -> bytes:
    """A workbook with the cells of a CSV file: a number is one only where that changes nothing of how it reads."""
    try:
        grid = CsvSheet.parse(content).grid()
    except UnicodeDecodeError as error:
        raise InventoryError(tell("adopt-letters", name=path.name)) from error
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(tell(INVENTORY))
        bold, wide = book.add_format({"bold": True}), 18
        header = find_header_row(grid)
        names = [] if header is None else [match_header(cell) for cell in grid[header]]
        sheet.set_column(0, max(map(len, grid), default=1) - 1, wide)
        for row, cells in enumerate(grid):
            for column, cell in enumerate(cells):
                text = str(cell)
                name = names[column] if column < len(names) else None
                number = float(text) if _NUMBER.fullmatch(text) else None
                if number is not None and f"{number:.15g}" == text and name not in {"sku", "phone", "photos"}:
                    sheet.write_number(row, column, number)
                elif text:
                    sheet.write_string(row, column, text, bold if row == header else None)
    return target.getvalue()


def names_of(sheets: Sequence[SourceSheet]) -> str:
    """The names of the sheets that people see, for a sentence."""
    return ", ".join(f"'{sheet.name}'" for sheet in sheets if sheet.visible)
