"""What adopting a file would do to it: which sheet, which columns, where ours go. Nothing is written here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from xlkijiji.adopt.added_columns import AddedColumns
from xlkijiji.adopt.buttons import shown_controls
from xlkijiji.adopt.elements import main
from xlkijiji.adopt.geometry import Geometry
from xlkijiji.adopt.matching import Choices, Proposal, propose, status_columns
from xlkijiji.adopt.source import Source, SourceSheet, names_of
from xlkijiji.column_words import find_settings_sheet
from xlkijiji.errors import InventoryError
from xlkijiji.inventory import BY_NAME, cell_text, column_letter
from xlkijiji.messages import tell
from xlkijiji.xlsx_package import tables_of
from xlkijiji.xlsx_parts import Area, Parts, relations, sheet_part

__all__ = ["MissingColumns", "NoHeaders", "Plan", "choose_sheet", "covered_areas", "make_plan"]

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_ANCHORS = tuple(f"{_DRAWING}{kind}Anchor" for kind in ("twoCell", "oneCell", "absolute"))
_EMU = 9525
"""English Metric Units of a pixel [ECMA-376 part 1, 20.1.2.1]."""
_OWN_SETTINGS = "xlkijiji {usual}"
"""The name of our sheet where the person's workbook has a sheet Settings; `find_settings_sheet` knows it."""


class NoHeaders(InventoryError):
    """No sheet has a row of headers that can be understood. Its words are for a terminal."""


class MissingColumns(InventoryError):
    """The sheet lacks required columns. Its words are for a terminal."""

    def __init__(self, sentence: str, sheet: str, columns: str) -> None:
        super().__init__(sentence)
        self.sheet, self.columns = sheet, columns


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before a workbook is made."""

    source: Path
    proposal: Proposal
    added: AddedColumns
    settings_sheet: str
    """The name that our Settings sheet gets."""
    notes: tuple[str, ...]
    """What the person should know beforehand, in sentences."""


def make_plan(
    source: Source,
    choices: Choices,
    *,
    sheet: str = "",
    settings_name: str = "Settings",
    add_missing: bool = False,
    own_settings: bool = False,
) -> Plan:
    """How `source` would be adopted.

    `choices`, see `matching.propose`. `sheet`: the one with the items; '': the one with the most headers that are
    understood. `add_missing`: required columns that the sheet lacks are added as blank ones; else InventoryError.
    `own_settings`: the workbook has our Settings sheet already, and keeps it.

    Raises InventoryError where no sheet can be understood, columns are missing (MissingColumns) or can't be told apart,
    or there is no room for ours.
    """
    chosen, proposal = choose_sheet(source, choices, sheet)
    proposal.refuse_same_headers()
    missing = proposal.missing
    if missing and not add_missing:
        raise _missing_error(proposal, missing)
    with zipfile.ZipFile(io.BytesIO(source.content)) as file:
        parts = Parts(file)
        part = sheet_part(parts, chosen.name)
        tree = parts.tree(part)
        right = _right_edge(parts, part, tree, chosen, proposal)
        added = AddedColumns(chosen.name, proposal.header_row, right + 1, (*missing, *status_columns(proposal.columns)))
        _refuse_occupied(chosen, proposal, added)
        notes = _notes(source, parts, part, tree, added)
    names = [one.name for one in source.sheets]
    settings = "" if own_settings else _settings_name(source.path, names, settings_name)
    return Plan(source.path, proposal, added, settings, tuple(notes))


def choose_sheet(source: Source, choices: Choices, wanted: str) -> tuple[SourceSheet, Proposal]:
    """The sheet with the items, and how it is understood. Arguments as of `make_plan`. Raises InventoryError."""
    named = [one for one in source.sheets if one.name.casefold() == wanted.strip().casefold()]
    if wanted and not named:
        raise InventoryError(
            tell("adopt-no-such-sheet", name=source.path.name, sheet=wanted, sheets=names_of(source.sheets))
        )
    best: tuple[SourceSheet, Proposal] | None = None
    for one in named or [one for one in source.sheets if one.visible]:
        # a choice belongs to one sheet; another one isn't wrong because it lacks that header
        try:
            proposal = propose(one.grid, one.name, choices)
        except InventoryError:
            if named or len(source.sheets) == 1:
                raise
            continue
        if proposal is not None and (best is None or _fit(proposal) > _fit(best[1])):
            best = (one, proposal)
    if best is None:
        if choices and not named:
            for one in source.sheets:
                propose(one.grid, one.name, choices)  # says which header isn't there
        raise NoHeaders(tell("adopt-no-headers", name=source.path.name))
    header = best[1].header_row
    for top, left, bottom, right in best[0].merged:
        if top <= header <= bottom and (top, left) != (bottom, right):
            raise InventoryError(tell("adopt-merged", cell=f"{column_letter(left)}{top}", sheet=best[0].name))
    return best


def _fit(proposal: Proposal) -> tuple[int, int]:
    return -len(proposal.missing), len(proposal.columns)


def _missing_error(proposal: Proposal, missing: Sequence[str]) -> MissingColumns:
    free = [match.header for match in proposal.matches if match.name is None]
    example = f"{free[0] if free else 'Your header'}={BY_NAME[missing[0]].header}"
    headers = ", ".join(f"'{BY_NAME[name].header}'" for name in missing)
    sentence = tell("adopt-missing", sheet=proposal.sheet, columns=headers, example=example)
    return MissingColumns(sentence, proposal.sheet, headers)


def _right_edge(parts: Parts, part: str, tree: etree._Element, sheet: SourceSheet, proposal: Proposal) -> int:
    """The last column of the items: of their table, of their filter, or that of the last header."""
    row = proposal.header_row
    last = max(match.column for match in proposal.matches)
    for _name, table in tables_of(parts, part):
        area = Area.parse(table.get("ref", ""))
        if area.top == row and any(area.left <= column <= area.right for column in proposal.columns.values()):
            return area.right
    filtered = tree.find(main("autoFilter"))
    if filtered is not None:
        area = Area.parse(filtered.get("ref", ""))
        if area.top == row:
            last = max(last, area.right)
    # a column without a header right beside, with something in it, belongs to the items as well
    while any(len(cells) > last and cell_text(cells[last]) for cells in sheet.grid[row - 1 :]):
        last += 1
    return last


def _refuse_occupied(sheet: SourceSheet, proposal: Proposal, added: AddedColumns) -> None:
    """The place of our columns must be free from the header down; above it anything may stand."""
    first, last = added.first, added.first + len(added.names) - 1
    for number, cells in enumerate(sheet.grid[proposal.header_row - 1 :], proposal.header_row):
        for column, cell in enumerate(cells[first - 1 : last], first):
            if cell_text(cell):
                raise InventoryError(
                    tell(
                        "adopt-no-room",
                        cell=f"{column_letter(column)}{number}",
                        sheet=sheet.name,
                        needed=len(added.names),
                        first=column_letter(first),
                    )
                )


def _notes(source: Source, parts: Parts, part: str, tree: etree._Element, added: AddedColumns) -> list[str]:
    notes = []
    if source.converted_by:
        notes.append(tell("adopt-note-converted", name=source.path.name, program=source.converted_by))
    last = added.first + len(added.names) - 1
    if any(one.left <= last and one.right >= added.first for one in covered_areas(parts, part)):
        first, right = column_letter(added.first), column_letter(last)
        notes.append(tell("adopt-note-covered", first=first, last=right))
    protection = tree.find(main("sheetProtection"))
    if protection is not None and protection.get("sheet") in {"1", "true"}:
        notes.append(tell("adopt-note-protected", sheet=added.sheet))
    return notes


def covered_areas(parts: Parts, sheet: str) -> list[Area]:
    """The cells below each picture, chart and control of the worksheet whose part is `sheet`."""
    geometry = Geometry(parts.tree(sheet))
    found = []
    for kind, target in relations(parts, sheet).values():
        if not kind.endswith("/drawing"):
            continue
        # also those inside mc:AlternateContent: what Excel writes for slicers and its own controls
        for anchor in parts.tree(target).iter(*_ANCHORS):
            found.append(_area(anchor, geometry))
    found += [
        Area(top + 1, left + 1, bottom + 1, right + 1)
        for left, _dx, top, _dy, right, _dx2, bottom, _dy2 in shown_controls(parts, sheet)
    ]
    return found


def _area(anchor: etree._Element, geometry: Geometry) -> Area:
    """The cells below one drawing; its size stands in cells, or in units of its own."""
    left, top = _cell(anchor, "from")
    if anchor.find(f"{_DRAWING}to") is not None:
        right, bottom = _cell(anchor, "to")
        return Area(top, left, bottom, right)
    place, size = anchor.find(f"{_DRAWING}pos"), anchor.find(f"{_DRAWING}ext")
    across, down = (0, 0) if place is None else _pixels(place, "x", "y")
    wide, high = (0, 0) if size is None else _pixels(size, "cx", "cy")
    first, _dx, upper, _dy, last, _dx2, lower, _dy2 = geometry.anchor(left, across, top, down, wide, high)
    return Area(upper + 1, first + 1, lower + 1, last + 1)


def _cell(anchor: etree._Element, corner: str) -> tuple[int, int]:
    """Column and row of a corner, from 1; the sheet's first cell where there is none."""
    column, row = (anchor.findtext(f"{_DRAWING}{corner}/{_DRAWING}{side}") for side in ("col", "row"))
    return int(column or "0") + 1, int(row or "0") + 1


def _pixels(element: etree._Element, *names: str) -> tuple[int, int]:
    across, down = (round(int(element.get(name, "0")) / _EMU) for name in names)
    return across, down


def _settings_name(path: Path, names: Sequence[str], usual: str) -> str:
    taken = {name.casefold() for name in names}
    if usual.casefold() not in taken and find_settings_sheet(names) is None:
        return usual
    own = _OWN_SETTINGS.format(usual=usual)
    if own.casefold() in taken:
        raise InventoryError(tell("adopt-settings-there", name=path.name, sheet=own))
    return own
