"""Where the buttons go on a person's own sheet: in sight when it is opened, and over nothing that is theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from xlkijiji.adopt.added_columns import AddedColumns, header_pixels
from xlkijiji.adopt.buttons import Button, add_buttons, buttons_of
from xlkijiji.adopt.elements import main
from xlkijiji.adopt.geometry import DIGIT, Geometry
from xlkijiji.adopt.planning import Plan, covered_areas
from xlkijiji.adopt.source import Source
from xlkijiji.adopt.styles import Styles
from xlkijiji.inventory import BY_NAME, STATUS, cell_text, column_letter
from xlkijiji.xlsx_parts import Area, Parts

__all__ = ["Spot", "place_buttons", "spot_for"]

GAP, MARGIN = 6, 2
"""Pixels between two buttons, and above and below them."""
TALLEST, LOWEST = 30, 17
ARROW = 22
"""Pixels at the right end of a header for the arrow of its filter."""
FONT = 11
"""Points of the font for which `header_pixels` is right."""


@dataclass(frozen=True)
class Spot:
    """Where the first button of a row of buttons goes."""

    column: int
    """From 1."""
    left: int
    """Pixels from the column's left edge."""
    row: int
    """From 1."""
    top: int
    """Pixels from the row's upper edge."""
    height: int
    """Pixels."""


def spot_for(
    parts: Parts, part: str, source: Source, plan: Plan, buttons: Sequence[Button], styles: Styles
) -> tuple[Spot, AddedColumns]:
    """Where the buttons go on the worksheet whose part is `part`.

    Above the header, as far to the left as nothing of the person's is covered: there they are seen as soon as the
    sheet is. Where there is no such room, in the header of our status column, behind its text, and that column is made
    as wide as this takes; where the sheet has a status column already, right of all columns.
    """
    tree, added = parts.tree(part), plan.added
    geometry = Geometry(tree)
    wide = sum(button.width + GAP for button in buttons)
    grid = next(one.grid for one in source.sheets if one.name == added.sheet)
    above = grid[: added.header_row - 1]
    taken = [*_texts(tree, above, geometry, styles), *_areas(tree, parts, part, geometry)]
    bands = list(_bands(geometry, added.header_row))
    if bands:
        rows = min(bands, key=lambda band: (_free_left(band, taken, wide), added.header_row - band[0]))
        room = sum(geometry.height(row) for row in rows)
        height = min(TALLEST, room - 2 * MARGIN)
        return Spot(1, _free_left(rows, taken, wide), rows[0], room - height - MARGIN, height), added
    column = added.column(STATUS) if STATUS in added.names else added.first + len(added.names)
    row = added.header_row
    height = max(LOWEST, min(TALLEST, geometry.height(row)))
    top = max(0, (geometry.height(row) - height) // 2)
    if STATUS not in added.names:
        return Spot(column, GAP, row, top, height), added
    left = header_pixels(BY_NAME[STATUS].header)
    digits = round((left + wide + ARROW) / DIGIT)
    return Spot(column, left, row, top, height), replace(added, status_width=max(added.status_width, digits))


_Taken = tuple[int, int, int, int]
"""First and last row, first pixel and last: where something of the person's is."""


def _bands(geometry: Geometry, header_row: int) -> Iterator[range]:
    """Rows above the header that are together just high enough for a button."""
    for last in range(header_row - 1, 0, -1):
        room = 0
        for first in range(last, 0, -1):
            room += geometry.height(first)
            if room >= LOWEST + 2 * MARGIN:
                yield range(first, last + 1)
                break


def _free_left(rows: range, taken: Sequence[_Taken], wide: int) -> int:
    """The first pixel from the left from which `wide` pixels of these rows are free."""
    left = GAP
    in_rows = sorted((start, end) for first, last, start, end in taken if first <= rows[-1] and last >= rows[0])
    for start, end in in_rows:
        if start < left + wide and end > left:
            left = end + GAP
    return left


def _texts(
    tree: etree._Element, grid: Sequence[Sequence[object]], geometry: Geometry, styles: Styles
) -> Iterator[_Taken]:
    """Where the texts and values of the cells reach, over the cells beside them where these are blank."""
    known = {cell.get("r", ""): cell for cell in tree.iter(main("c"))}
    for row, cells in enumerate(grid, 1):
        for column, cell in enumerate(cells, 1):
            text, there = cell_text(cell), known.get(f"{column_letter(column)}{row}")
            if not text and (there is None or there.find(main("f")) is None):
                continue
            points = styles.points(0 if there is None else int(there.get("s", "0")))
            left = geometry.left(column)
            longest = max(map(header_pixels, text.splitlines() or [text]))
            pixels = round(longest * max(1.0, points / FONT)) if isinstance(cell, str) else 0
            yield row, row, left, left + max(geometry.width(column), pixels)


def _areas(tree: etree._Element, parts: Parts, part: str, geometry: Geometry) -> Iterator[_Taken]:
    """Merged cells, pictures, charts and buttons."""
    merged = (Area.parse(one.get("ref", "")) for one in tree.iter(main("mergeCell")))
    for area in (*merged, *covered_areas(parts, part)):
        yield area.top, area.bottom, geometry.left(area.left), geometry.left(area.right + 1)
    for button in buttons_of(parts, part):
        start, dx, top, _dy, end, right, bottom, _below = button.anchor
        yield top + 1, bottom + 1, geometry.left(start + 1) + dx, geometry.left(end + 1) + right


def place_buttons(parts: Parts, part: str, buttons: Sequence[Button], spot: Spot) -> None:
    """Put the buttons in a row, from `spot` on."""
    geometry = Geometry(parts.tree(part))
    left, placed = spot.left, []
    for button in buttons:
        anchor = geometry.anchor(spot.column, left, spot.row, spot.top, button.width, spot.height)
        placed.append(replace(button, anchor=anchor))
        left += button.width + GAP
    add_buttons(parts, part, placed)
