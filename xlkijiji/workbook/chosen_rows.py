"""Which rows of a sheet a click means: those that can be seen, and those that are selected.

All of it by xlwings' own properties, the same ones in Excel for Windows, Excel for the Mac and Calc.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from xlkijiji.cell_values import cell_text
from xlkijiji.errors import InventoryError
from xlkijiji.messages import tell

__all__ = ["LONGEST_ADDRESS", "rows_at", "selected_spans", "visible_rows"]

LAST_ROW = 1_048_576
LONGEST_ADDRESS = 240
"""Characters. Excel cuts the address of many areas off at 255 and doesn't say so, so a long one isn't believed."""
_AREA = re.compile(
    r"\$?[A-Z]{1,3}\$?(?P<first>[1-9]\d{0,6})(?::\$?[A-Z]{1,3}\$?(?P<last>[1-9]\d{0,6}))?"
    r"|\$?(?P<top>[1-9]\d{0,6}):\$?(?P<bottom>[1-9]\d{0,6})"
    r"|(?P<columns>\$?[A-Z]{1,3}:\$?[A-Z]{1,3})"
)


def visible_rows(sheet: Any, rows: Iterable[int]) -> set[int]:
    """Those of `rows` (from 1) that aren't hidden: by hand, by any filter, or in a closed group.

    A sheet in which nothing is hidden, and whose rows are alike, costs a few calls whatever its size; else blocks are
    halved until each is hidden or seen as a whole.
    """
    wanted = set(rows)
    seen: set[int] = set()
    blocks = [(min(wanted), max(wanted))] if wanted else []
    while blocks:
        top, bottom = blocks.pop()
        hidden = _hidden(sheet.range((top, 1), (bottom, 1)), bottom - top + 1)
        if hidden is None:
            middle = (top + bottom) // 2
            blocks += [(top, middle), (middle + 1, bottom)]
        elif not hidden:
            seen.update(range(top, bottom + 1))
    return seen & wanted


def _hidden(area: Any, count: int) -> bool | None:
    """Are these rows hidden, all of them or none? None: some may be.

    A hidden row takes no room, so it adds nothing to the area's height. `row_height` is None where rows differ
    [xlwings documentation]; where it isn't, the sum proves that none is missing.
    """
    total = float(area.height)
    if total == 0:
        return True
    if count == 1:
        return False
    each = area.row_height
    return False if each and abs(total - each * count) < each / 2 else None


def selected_spans(address: str) -> list[tuple[int, int]]:
    """The rows (first, last; from 1) of each area of a selection's address, such as `$A$4:$C$6,$9:$9,$B:$B`.

    Raises InventoryError when no cells are selected, or in too many places for the address to be believed.
    """
    if len(address) > LONGEST_ADDRESS:
        raise InventoryError(tell("selected-too-many"))
    spans = []
    for part in address.split(","):
        found = _AREA.fullmatch(part.strip())
        if found is None:
            raise InventoryError(tell("selected-nothing"))
        if found["columns"]:
            spans.append((1, LAST_ROW))
            continue
        first = int(found["first"] or found["top"])
        last = int(found["last"] or found["bottom"] or first)
        spans.append((min(first, last), max(first, last)))
    return spans


def rows_at(sheet: Any, address: str) -> dict[int, list[str]]:
    """The rows that a selection's address touches, as far as the sheet is used: number → its cells' text from column A.

    One call for each area. Raises InventoryError as `selected_spans`.
    """
    used = sheet.used_range
    bottom, right = used.row + used.shape[0] - 1, used.column + used.shape[1] - 1
    rows: dict[int, list[str]] = {}
    for first, last in selected_spans(address):
        if first > bottom:
            continue
        area = sheet.range((first, 1), (min(last, bottom), right)).options(ndim=2).value
        rows.update((first + at, [cell_text(cell) for cell in cells]) for at, cells in enumerate(area))
    return rows
