"""Where the buttons and notes of an open workbook lie, told as a file tells it: by cells, and pixels from their edges.

LibreOffice reads such pixels as those of the screen that it is on, but writes pixels of 96 to the inch, and counts the
lower right corner from a cell that it isn't in. On a screen of another fineness (Windows at 125 %, or a screen in
memory) each opening would move what the last save had written, until buttons lie over each other.
"""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_log = logging.getLogger(__name__)
# From column, pixels, row, pixels; to column, pixels, row, pixels. Columns and rows count from 0.
Anchor = tuple[int, int, int, int, int, int, int, int]
# Asking for each note takes some milliseconds. Whoever has more of them doesn't want to wait at each save.
MOST_NOTES = 200
_CONTROL = "com.sun.star.drawing.ControlShape"
_HUNDREDTHS_OF_MM_PER_METRE = 100_000


@dataclass(frozen=True)
class Placement:
    """What lies on one sheet.

    Attributes:
        controls: the label of each control ("" where it has none) and where it is, in the order of the drawing.
        notes: row and column of a note's cell, from 0 → where the note's box is.
    """

    controls: tuple[tuple[str, Anchor], ...] = ()
    notes: Mapping[tuple[int, int], Anchor] = field(default_factory=dict)


def placements(document: Any) -> dict[str, Placement]:
    """The name of each sheet → what lies on it; of sheets that have anything, and could be asked."""
    found = {}
    for index in range(document.Sheets.Count):
        sheet = document.Sheets.getByIndex(index)
        try:
            placement = _placement(document, sheet)
        except Exception:  # noqa: BLE001 - any of UNO's; the workbook's macros are to be put back all the same
            _log.warning("The buttons of the sheet %s could not be asked where they are.", sheet.Name, exc_info=True)
            continue
        if placement.controls or placement.notes:
            found[sheet.Name] = placement
    return found


def _placement(document: Any, sheet: Any) -> Placement:
    page = sheet.DrawPage
    shapes = [shape for shape in map(page.getByIndex, range(page.Count)) if shape.supportsService(_CONTROL)]
    notes = sheet.Annotations
    noted = [notes.getByIndex(index) for index in range(notes.Count)] if notes.Count <= MOST_NOTES else []
    if not shapes and not noted:
        return Placement()
    grid = _Grid(document, sheet)
    return Placement(
        tuple((str(getattr(shape.Control, "Label", "")), grid.anchor(shape)) for shape in shapes),
        {(note.Position.Row, note.Position.Column): grid.anchor(note.AnnotationShape) for note in noted},
    )


class _Grid:
    """The edges of a sheet's cells, in hundredths of a millimetre, and the size of the screen's pixels."""

    def __init__(self, document: Any, sheet: Any) -> None:
        cell = sheet.getCellByPosition
        screen = document.CurrentController.Frame.ContainerWindow.getInfo()
        self._across = _Edges(sheet.Columns.Count, lambda at: cell(at, 0).Position.X, screen.PixelPerMeterX)
        self._down = _Edges(sheet.Rows.Count, lambda at: cell(0, at).Position.Y, screen.PixelPerMeterY)

    def anchor(self, shape: Any) -> Anchor:
        """Where a shape of Calc's is."""
        place, size = shape.Position, shape.Size
        left, right = map(self._across.offset, (place.X, place.X + size.Width))
        top, bottom = map(self._down.offset, (place.Y, place.Y + size.Height))
        return (*left, *top, *right, *bottom)


class _Edges:
    """The beginnings of columns or rows. Each is asked for once, and only those that are needed."""

    def __init__(self, count: int, start: Callable[[int], int], per_metre: float) -> None:
        self._count = count
        self._ask = start
        self._known: dict[int, int] = {}
        self._pixel = _HUNDREDTHS_OF_MM_PER_METRE / per_metre

    def _start(self, at: int) -> int:
        if at not in self._known:
            self._known[at] = int(self._ask(at))
        return self._known[at]

    def offset(self, position: int) -> tuple[int, int]:
        """The column or row that holds the position, and how many pixels behind its beginning that is."""
        at = max(0, bisect_right(range(self._count), position, key=self._start) - 1)
        return at, max(0, round((position - self._start(at)) / self._pixel))
