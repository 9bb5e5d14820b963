"""The Settings sheet of a closed workbook."""

from __future__ import annotations

from pathlib import Path

import python_calamine as calamine

from xlkijiji.column_words import find_settings_sheet
from xlkijiji.errors import InventoryError
from xlkijiji.inventory import cell_text
from xlkijiji.messages import tell

__all__ = ["labels_of", "settings_labels"]


def settings_labels(path: Path) -> dict[str, object]:
    """What stands beside each label on the sheet *Settings* of a workbook; empty where there is no such sheet.

    A CSV file has none. Raises InventoryError for a workbook that can't be read.
    """
    if path.suffix.casefold() not in {".xlsx", ".xlsm"}:
        return {}
    try:
        workbook = calamine.CalamineWorkbook.from_path(path)
        return labels_of(workbook)
    except (calamine.CalamineError, OSError) as error:
        raise InventoryError(tell("settings-unreadable", name=path.name)) from error


def labels_of(workbook: calamine.CalamineWorkbook) -> dict[str, object]:
    """As `settings_labels`, of a workbook that is read already."""
    sheets = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    name = find_settings_sheet(sheets)
    if name is None:
        return {}
    rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return {cell_text(row[0]): row[1] for row in rows if len(row) > 1 and cell_text(row[0])}
