"""A macro workbook made of a person's own: their parts, with ours added."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lxml import etree

from xlkijiji.adopt.added_columns import (
    AddedColumns,
    add_columns,
    colour_statuses,
    header_pixels,
    keep_print_area,
    used_columns,
)
from xlkijiji.adopt.buttons import Button, add_buttons
from xlkijiji.adopt.code import put_code
from xlkijiji.adopt.elements import main
from xlkijiji.adopt.geometry import DIGIT, Geometry
from xlkijiji.adopt.graft import graft_sheet
from xlkijiji.adopt.our_workbook import SETTINGS_CODE, OurWorkbook
from xlkijiji.adopt.planning import Plan, covered_columns
from xlkijiji.adopt.settings_rows import SettingsRows
from xlkijiji.adopt.source import Source
from xlkijiji.adopt.styles import Styles
from xlkijiji.column_words import column_label, inventory_sheet_label
from xlkijiji.errors import InventoryError
from xlkijiji.file_replacement import replace_file
from xlkijiji.inventory import BY_NAME, STATUS
from xlkijiji.messages import speaking, tell
from xlkijiji.xlsx_parts import Area, Parts, sheet_part

__all__ = ["adopted", "default_target", "free_target", "write_adopted"]

_GAP, _MARGIN = 6, 2
"""Pixels between two buttons, and above and below them."""
_TALLEST, _LOWEST = 30, 17
_ARROW = 22
"""Pixels at the right end of a header for the arrow of its filter."""


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


def write_adopted(source: Source, plan: Plan, target: Path, ours: OurWorkbook) -> Path:
    """Make the workbook at `target`, with a folder for its pictures beside it; its full path.

    Never replaces a file. Raises InventoryError when there is one, or it can't be written.
    """
    target = target.expanduser().resolve()
    if target.suffix.casefold() != ".xlsm":
        target = target.with_name(target.name + ".xlsm")
    if target.exists():
        raise InventoryError(tell("adopt-target-there", path=target))
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
        before = max([used_columns(parts, part), *(high for _low, high in covered_columns(parts, part))])
        buttons = ours.buttons()
        spot, added = _place(parts.tree(part), source, plan, buttons)
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


def _note_settings(parts: Parts, plan: Plan) -> None:
    rows = SettingsRows(parts, plan.settings_sheet)
    rows.append(inventory_sheet_label(), plan.proposal.sheet, tell("adopt-about-inventory-sheet"))
    for name, header in plan.proposal.words.items():
        rows.append(column_label(BY_NAME[name].header), header, tell("adopt-about-column"))


Spot = tuple[int, int, int, int, int]
"""Where the first button goes: column (from 1), pixels from its left, row, pixels from its top; and the height."""


def _place(tree: etree._Element, source: Source, plan: Plan, buttons: Sequence[Button]) -> tuple[Spot, AddedColumns]:
    """Where the buttons go: over our status column, so that nothing of the person's is covered.

    That is above its header, where the rows there are free over our columns; else in its header, behind the text, and
    the column is made as wide as that takes. Where the sheet has a status column already: right of all columns.
    """
    added, geometry = plan.added, Geometry(tree)
    wide = sum(button.width + _GAP for button in buttons)
    rows = _free_rows_above(tree, source, added)
    heights = [geometry.height(row) for row in rows]
    room = sum(heights)
    column = added.column(STATUS) if STATUS in added.names else added.first + len(added.names)
    if room >= _LOWEST + 2 * _MARGIN:
        height = min(_TALLEST, room - 2 * _MARGIN)
        return (column, _GAP, rows[0], room - height - _MARGIN, height), added
    row = added.header_row
    height = max(_LOWEST, min(_TALLEST, geometry.height(row)))
    top = max(0, (geometry.height(row) - height) // 2)
    if STATUS not in added.names:
        return (column, _GAP, row, top, height), added
    left = header_pixels(BY_NAME[STATUS].header)
    digits = (left + wide + _ARROW) / DIGIT
    return (column, left, row, top, height), replace(added, status_width=max(added.status_width, round(digits)))


def _free_rows_above(tree: etree._Element, source: Source, added: AddedColumns) -> list[int]:
    """The rows right above the header in which nothing stands over our columns or beyond them."""
    sheet = next(one for one in source.sheets if one.name == added.sheet)
    merged = [Area.parse(one.get("ref", "")) for one in tree.iter(main("mergeCell"))]
    free: list[int] = []
    for row in range(added.header_row - 1, 0, -1):
        cells = sheet.grid[row - 1] if row <= len(sheet.grid) else []
        if any(str(cell).strip() for cell in cells[added.first - 1 :] if cell is not None):
            break
        if any(area.top <= row <= area.bottom and area.right >= added.first for area in merged):
            break
        free.insert(0, row)
    return free


def place_buttons(parts: Parts, part: str, buttons: Sequence[Button], spot: Spot) -> None:
    """Put the buttons in a row, from `spot` on."""
    column, left, row, top, height = spot
    geometry = Geometry(parts.tree(part))
    placed = []
    for button in buttons:
        anchor = geometry.anchor(column, left, row, top, button.width, height)
        placed.append(replace(button, anchor=anchor))
        left += button.width + _GAP
    add_buttons(parts, part, placed)
