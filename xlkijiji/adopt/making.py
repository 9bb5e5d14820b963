"""A macro workbook made of a person's own: their parts, with ours added."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from xlkijiji.adopt.added_columns import (
    add_columns,
    colour_statuses,
    keep_print_area,
    used_columns,
)
from xlkijiji.adopt.button_place import place_buttons, spot_for
from xlkijiji.adopt.buttons import buttons_of
from xlkijiji.adopt.code import put_code
from xlkijiji.adopt.graft import graft_sheet, sheet_names
from xlkijiji.adopt.our_workbook import SETTINGS_CODE, OurWorkbook
from xlkijiji.adopt.planning import Plan, covered_areas
from xlkijiji.adopt.settings_rows import SettingsRows
from xlkijiji.adopt.source import Source
from xlkijiji.adopt.styles import Styles
from xlkijiji.column_words import column_label, inventory_sheet_label
from xlkijiji.errors import InventoryError
from xlkijiji.file_replacement import replace_file
from xlkijiji.inventory import BY_NAME, STATUS, column_letter
from xlkijiji.messages import speaking, tell
from xlkijiji.xlsx_parts import Parts, sheet_part

__all__ = ["adopted", "default_target", "free_target", "refuse_target", "where_buttons_are", "write_adopted"]


def default_target(source: Path) -> Path:
    """Where the adopted workbook goes: beside the person's file, under its name."""
    return source.with_suffix(".xlsm")


def free_target(folder: Path, stem: str) -> Path:
    """A name in the folder that no file has yet: `stock.xlsm`, or `stock 2.xlsm`."""
    target, number = folder / f"{stem}.xlsm", 1
    while target.exists():
        number += 1
        target = folder / f"{stem} {number}.xlsm"
    return target


def refuse_target(target: Path) -> Path:
    """The full path of the workbook to be made. Raises InventoryError where there is a file already."""
    target = target.expanduser().resolve()
    if target.suffix.casefold() != ".xlsm":
        target = target.with_name(target.name + ".xlsm")
    if target.exists():
        raise InventoryError(tell("adopt-target-there", path=target))
    return target


def write_adopted(source: Source, plan: Plan, target: Path, ours: OurWorkbook) -> Path:
    """Make the workbook at `target`, with a folder for its pictures beside it; its full path.

    Never replaces a file. Raises InventoryError when there is one, or it can't be written.
    """
    target = refuse_target(target)
    content = adopted(source, plan, ours)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        (target.parent / "pictures").mkdir(exist_ok=True)
    except OSError as error:
        raise InventoryError(tell("adopt-no-folder", path=target.parent)) from error
    if not replace_file(target, content, only_if=lambda: not target.exists()):
        raise InventoryError(tell("adopt-target-there", path=target))
    return target


def adopted(source: Source, plan: Plan, ours: OurWorkbook) -> bytes:
    """The bytes of the macro workbook; what is added is in the language of `ours`."""
    with speaking(ours.language), zipfile.ZipFile(io.BytesIO(source.content)) as file:
        parts = Parts(file)
        part = sheet_part(parts, plan.added.sheet)
        styles = Styles(parts, ours.parts)
        before = max([used_columns(parts, part), *(area.right for area in covered_areas(parts, part))])
        buttons = ours.buttons()
        spot, added = spot_for(parts, part, source, plan, buttons, styles)
        add_columns(parts, added, styles)
        column = added.column(STATUS) if STATUS in added.names else plan.proposal.columns[STATUS]
        colour_statuses(parts, added.sheet, added.header_row, column, ours, styles)
        keep_print_area(parts, added, before)
        place_buttons(parts, part, buttons, spot)
        graft_sheet(parts, ours.parts, ours.settings, plan.settings_sheet, styles)
        _note_settings(parts, plan)
        styles.save()
        put_code(parts, {plan.settings_sheet: SETTINGS_CODE})
        return parts.write()


def where_buttons_are(made: Path) -> str:
    """A sentence that says where the buttons of an adopted workbook begin; '' when it has none any more."""
    with zipfile.ZipFile(made) as file:
        parts = Parts(file)
        for sheet in sheet_names(parts):
            for button in buttons_of(parts, sheet_part(parts, sheet))[:1]:
                column, _left, row, *_rest = button.anchor
                return tell("adopt-buttons-at", sheet=sheet, cell=f"{column_letter(column + 1)}{row + 1}")
    return ""


def _note_settings(parts: Parts, plan: Plan) -> None:
    rows = SettingsRows(parts, plan.settings_sheet)
    rows.append(inventory_sheet_label(), plan.proposal.sheet, tell("adopt-about-inventory-sheet"))
    for name, header in plan.proposal.words.items():
        rows.append(column_label(BY_NAME[name].header), header, tell("adopt-about-column"))
