"""Where the buttons go on a person's own sheet: in sight when it is opened, and over nothing that is theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from xlkijiji.adopt.added_columns import AddedColumns, header_pixels
from xlkijiji.adopt.buttons import Button, add_buttons
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
TALLEST, LOWEST = 30, 20
WORTH = 50
"""How many pixels further to the right each pixel of height is worth, up to the tallest button."""
ARROW = 22
"""Pixels at the right end of a header for the arrow of its filter."""
FONT = 11
"""Points of the font for which `header_pixels` is right."""


_Taken = tuple[int, int, int, int]
"""First and last row, first pixel and last: where something of the person's is."""


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
    sheet is. Where there is no such room, or only further to the right: in the header of our status column, behind its
    text, and that column is made as wide as this takes; where the sheet has a status column already, right of all.
    """
    tree, added = parts.tree(part), plan.added
    geometry = Geometry(tree, added.pixels())
    wide = sum(button.width + GAP for button in buttons)
    spot, wider = _in_header(geometry, added, wide)
    grid = next(one.grid for one in source.sheets if one.name == added.sheet)
    above = grid[: added.header_row - 1]
    taken = [*_texts(tree, above, geometry, styles), *_areas(tree, parts, part, geometry)]
    ways = [_in_band(rows, geometry, taken, wide) for rows in _bands(geometry, added.header_row)]
    ways = [way for way in ways if way.left <= geometry.left(spot.column) + spot.left]
    if not ways:
        return spot, wider
    # of those that are as good the one next to the header
    return min(reversed(ways), key=lambda way: way.left + WORTH * (TALLEST - way.height)), added


def _in_band(rows: range, geometry: Geometry, taken: Sequence[_Taken], wide: int) -> Spot:
    room = sum(geometry.height(row) for row in rows)
    height = max(LOWEST, min(TALLEST, room - 2 * MARGIN))
    top = room - height - min(MARGIN, (room - height) // 2)
    return Spot(1, _free_left(rows, taken, wide), rows[0], top, height)


def _in_header(geometry: Geometry, added: AddedColumns, wide: int) -> tuple[Spot, AddedColumns]:
    """The place for `wide` pixels of buttons in the header's row, and the columns that this takes."""
    row = added.header_row
    height = max(LOWEST, min(TALLEST, geometry.height(row)))
    top = max(0, (geometry.height(row) - height) // 2)
    if STATUS not in added.names:
        return Spot(added.first + len(added.names), GAP, row, top, height), added
    left = header_pixels(BY_NAME[STATUS].header)
    digits = round((left + wide + ARROW) / DIGIT)
    wider = replace(added, status_width=max(added.status_width, digits))
    return Spot(added.column(STATUS), left, row, top, height), wider


def _bands(geometry: Geometry, header_row: int) -> Iterator[range]:
    """Rows above the header that are together just high enough for a button, of each height; from the top down."""
    for last in range(1, header_row):
        for enough in (LOWEST, TALLEST + 2 * MARGIN):
            room = 0
            for first in range(last, 0, -1):
                room += geometry.height(first)
                if room >= enough:
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
    """Where texts and values reach: over the cells beside them as far as these are blank, if they don't wrap."""
    known = {cell.get("r", ""): cell for cell in tree.iter(main("c"))}
    joined = {one.get("ref", "").partition(":")[0] for one in tree.iter(main("mergeCell"))}
    for row, cells in enumerate(grid, 1):
        filled = [column for column, cell in enumerate(cells, 1) if _is_filled(cell, known, row, column)]
        for before, column, after in zip([0, *filled], filled, [*filled[1:], None], strict=False):
            address = f"{column_letter(column)}{row}"
            there = known.get(address)
            number = 0 if there is None else int(there.get("s", "0"))
            horizontal, wraps = styles.alignment(number)
            left, right = geometry.left(column), geometry.left(column + 1)
            text = cells[column - 1]
            if isinstance(text, str) and not wraps and address not in joined:
                pixels = _pixels(text, styles.points(number))
                over = max(0, pixels - (right - left))
                to_left = {"right": over, "center": over // 2}.get(horizontal, 0)
                # a text is cut off where its neighbour has something
                right = right + over - to_left if after is None else min(right + over - to_left, geometry.left(after))
                left = max(left - to_left, geometry.left(before + 1))
            yield row, row, left, right


def _is_filled(cell: object, known: Mapping[str, etree._Element], row: int, column: int) -> bool:
    """Does something stand in the cell? A formula whose value isn't known may show anything."""
    there = known.get(f"{column_letter(column)}{row}")
    return bool(cell_text(cell)) or (there is not None and there.find(main("f")) is not None)


def _pixels(text: str, points: float) -> int:
    longest = max(map(header_pixels, text.splitlines() or [text]))
    return round(longest * max(1.0, points / FONT))


def _areas(tree: etree._Element, parts: Parts, part: str, geometry: Geometry) -> Iterator[_Taken]:
    """Merged cells, pictures, charts and controls."""
    merged = (Area.parse(one.get("ref", "")) for one in tree.iter(main("mergeCell")))
    for area in (*merged, *covered_areas(parts, part)):
        yield area.top, area.bottom, geometry.left(area.left), geometry.left(area.right + 1)


def place_buttons(parts: Parts, part: str, buttons: Sequence[Button], spot: Spot) -> None:
    """Put the buttons in a row, from `spot` on."""
    geometry = Geometry(parts.tree(part))
    left, placed = spot.left, []
    for button in buttons:
        anchor = geometry.anchor(spot.column, left, spot.row, spot.top, button.width, spot.height)
        placed.append(replace(button, anchor=anchor, height=spot.height))
        left += button.width + GAP
    add_buttons(parts, part, placed)
