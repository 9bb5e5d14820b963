"""Our own workbook as a store of parts: its buttons, the colours of its statuses, its Settings sheet.

What an adopted or upgraded workbook gets is taken from there, so that it looks like a new one.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from lxml import etree

from xlkijiji.adopt.buttons import Button, buttons_of
from xlkijiji.adopt.code import code_name
from xlkijiji.adopt.elements import main
from xlkijiji.adopt.settings_rows import SettingsRows
from xlkijiji.install import create_workbook
from xlkijiji.inventory import STATUS, column_letter, match_header
from xlkijiji.settings import sheet_language
from xlkijiji.xlsx_package import tables_of
from xlkijiji.xlsx_parts import Area, Parts, column_number, sheet_part, workbook_part

__all__ = ["INVENTORY_CODE", "SETTINGS_CODE", "OurWorkbook", "code_names", "sheet_with_code"]

INVENTORY_CODE, SETTINGS_CODE = "InventorySheet", "SettingsSheet"
"""By these names the sheets are known in every language, and after somebody has renamed their tabs."""


def code_names(parts: Parts) -> dict[str, str]:
    """The code name of each sheet, by the name on its tab; blank where it has none."""
    names = [str(sheet.get("name")) for sheet in parts.tree(workbook_part(parts)).iter(main("sheet"))]
    return {name: code_name(parts.read(sheet_part(parts, name))) for name in names}


def sheet_with_code(parts: Parts, code: str) -> str | None:
    """The name of the sheet with this code name; None when there is none."""
    return next((name for name, known in code_names(parts).items() if known == code), None)


class OurWorkbook:
    """The workbook that `xlkijiji new` makes."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        self._file = zipfile.ZipFile(io.BytesIO(self.content))
        self.parts = Parts(self._file)
        self.inventory = sheet_with_code(self.parts, INVENTORY_CODE) or ""
        self.settings = sheet_with_code(self.parts, SETTINGS_CODE) or ""
        rows = SettingsRows(self.parts, self.settings).rows()
        self.language = sheet_language([label for _row, label, _value, _note in rows])

    @classmethod
    def in_language(cls, language: str) -> OurWorkbook:
        """The one in a language of `messages.LANGUAGES`. Raises InventoryError where the template isn't to be found."""
        with tempfile.TemporaryDirectory(prefix="xlkijiji-") as folder:
            return cls(create_workbook(Path(folder) / "new.xlsm", language))

    def buttons(self) -> list[Button]:
        """The buttons above the inventory, from left to right."""
        return buttons_of(self.parts, sheet_part(self.parts, self.inventory))

    def status_colours(self) -> list[etree._Element]:
        """The conditional formats of the status column."""
        part = sheet_part(self.parts, self.inventory)
        (_name, table), *_others = tables_of(self.parts, part)
        headers = [match_header(column.get("name")) for column in table.iter(main("tableColumn"))]
        letter = column_letter(Area.parse(table.get("ref", "")).left + headers.index(STATUS))
        blocks = self.parts.tree(part).iter(main("conditionalFormatting"))
        return [block for block in blocks if column_number(_letters(block.get("sqref", ""))) == column_number(letter)]


def _letters(reference: str) -> str:
    return reference.partition(":")[0].rstrip("0123456789")
