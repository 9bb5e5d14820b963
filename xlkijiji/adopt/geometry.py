"""Where the columns and rows of a worksheet lie, in pixels, as far as its file tells.

Excel counts a column in widths of a digit; with the default font a digit is 7 pixels wide [ECMA-376 part 1, 18.3.1.13].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from xlkijiji.adopt.elements import main

__all__ = ["DIGIT", "Anchor", "Geometry"]

DIGIT = 7
"""Pixels of one digit in the default font."""
_COLUMN = 64
_ROW_POINTS = 15.0

Anchor = tuple[int, int, int, int, int, int, int, int]
"""Left column (from 0) and pixels in it, top row and pixels in it, and the same of the right and lower edge."""


class Geometry:
    """Sizes of one worksheet; `wider` are columns (from 1) that will have another width, in pixels."""

    def __init__(self, sheet: etree._Element, wider: Mapping[int, int] | None = None) -> None:
        self._wider = wider or {}
        form = sheet.find(main("sheetFormatPr"))
        width = None if form is None else form.get("defaultColWidth")
        height = None if form is None else form.get("defaultRowHeight")
        self._column = round(float(width) * DIGIT) if width else _COLUMN
        self._row = _pixels(float(height) if height else _ROW_POINTS)
        self._columns = [
            (int(col.get("min", "0")), int(col.get("max", "0")), col) for col in sheet.iterfind(f".//{main('col')}")
        ]
        self._rows = {int(row.get("r", "0")): row for row in sheet.iterfind(f".//{main('row')}") if row.get("r")}

    def width(self, column: int) -> int:
        """Pixels of a column (from 1); 0 when it is hidden."""
        if column in self._wider:
            return self._wider[column]
        for low, high, col in self._columns:
            if low <= column <= high:
                if col.get("hidden") in {"1", "true"}:
                    return 0
                return round(float(col.get("width", "0")) * DIGIT) if col.get("width") else self._column
        return self._column

    def left(self, column: int) -> int:
        """Pixels from the sheet's left edge to a column (from 1)."""
        return sum(map(self.width, range(1, column)))

    def height(self, row: int) -> int:
        """Pixels of a row (from 1); 0 when it is hidden."""
        known = self._rows.get(row)
        if known is None:
            return self._row
        if known.get("hidden") in {"1", "true"}:
            return 0
        return _pixels(float(known.get("ht", "0"))) if known.get("ht") else self._row

    def anchor(self, column: int, left: int, top_row: int, top: int, width: int, height: int) -> Anchor:
        """The anchor of something `left` and `top` pixels into a cell, which may reach over the cells beside it."""
        first_column, dx = self._along(column, left, self.width)
        last_column, right = self._along(column, left + width, self.width)
        first_row, dy = self._along(top_row, top, self.height)
        last_row, bottom = self._along(top_row, top + height, self.height)
        return first_column, dx, first_row, dy, last_column, right, last_row, bottom

    @staticmethod
    def _along(place: int, offset: int, size: Callable[[int], int]) -> tuple[int, int]:
        while offset > size(place):
            offset -= size(place)
            place += 1
        return place - 1, offset


def _pixels(points: float) -> int:
    return round(points * 4 / 3)
