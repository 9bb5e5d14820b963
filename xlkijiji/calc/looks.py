"""How cells look: fonts, number formats, colours, sizes and alignment of a range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .connection import uniform, uno_type
from .fonts import Font, calc_color, rgb

if TYPE_CHECKING:
    from .ranges import Range

# Calc measures in hundredths of a millimetre, Excel in points, and widths of columns in characters of 7 pixels beside a
# margin of 5 pixels (ECMA-376 part 1, 18.3.1.13, for Calibri 11 at 96 pixels an inch).
_POINT = 2540 / 72
_PIXEL = 2540 / 96
_CHARACTER_PIXELS = 7
_MARGIN_PIXELS = 5
_NOTHING = 1  # the height of hidden rows alone, as Calc has it
_FEW_ROWS = 8  # that are asked one by one: faster than a query, which looks at all hidden rows of the sheet

_HORIZONTAL = {
    "general": "STANDARD",
    "left": "LEFT",
    "center": "CENTER",
    "right": "RIGHT",
    "fill": "REPEAT",
    "justify": "BLOCK",
}
_VERTICAL = {"top": 1, "center": 2, "bottom": 3, "justify": 4}


class Look:
    """The part of `Range` that is about looks."""

    xl: Any  # Calc's range
    document: Any  # Calc's document

    def writable(self) -> Any:
        """Calc's range, to be changed; see `Range`."""
        raise NotImplementedError

    def __call__(self, arg1: int, arg2: int | None = None) -> Range:
        """One cell; see `Range`."""
        raise NotImplementedError

    @property
    def font(self) -> Font:
        """The font."""
        return Font(self)

    @property
    def number_format(self) -> str | None:
        """The number format in English; None when the cells have several."""
        key = uniform(self.xl, "NumberFormat")
        if key is None:
            return None
        return str(self.document.NumberFormats.getByKey(key).FormatString)

    @number_format.setter
    def number_format(self, value: str) -> None:
        formats = self.document.NumberFormats
        english = uno_type("com.sun.star.lang.Locale")()
        english.Language, english.Country = "en", "US"
        key = formats.queryKey(value, english, False)
        self.writable().NumberFormat = formats.addNew(value, english) if key == -1 else key

    @property
    def color(self) -> tuple[int, int, int] | None:
        """The colour of the background as (red, green, blue); None when there is none, or several."""
        number = uniform(self.xl, "CellBackColor")
        return None if number is None or number == -1 else rgb(number)

    @color.setter
    def color(self, color_or_rgb: tuple[int, int, int] | int | str | None) -> None:
        self.writable().CellBackColor = -1 if color_or_rgb is None else calc_color(color_or_rgb)

    def set_colors(self, colors: list[list[Any]]) -> None:
        """Colour cell by cell; `...` leaves a cell as it is."""
        for row, line in enumerate(colors, start=1):
            for column, color in enumerate(line, start=1):
                if color is not ...:
                    self(row, column).color = color

    @property
    def column_width(self) -> float:
        """Width of its first column, in characters."""
        return float((self._columns.getByIndex(0).Width / _PIXEL - _MARGIN_PIXELS) / _CHARACTER_PIXELS)

    @column_width.setter
    def column_width(self, value: float) -> None:
        self._columns.Width = round((value * _CHARACTER_PIXELS + _MARGIN_PIXELS) * _PIXEL)

    @property
    def row_height(self) -> float | None:
        """Height of its rows, in points: 0 when all are hidden, None when they differ.

        Hidden rows are told exactly; of visible ones only the sum of their heights is looked at.
        """
        cells = self.xl
        rows, size = cells.Rows, cells.Size.Height
        count, first = rows.Count, rows.getByIndex(0).Height  # the height that a hidden row has had
        if size <= _NOTHING:
            return 0.0
        # each height was rounded to a hundredth of a millimetre
        if abs(size - first * count) > count or not self._all_rows_visible(cells, count):
            return None
        return float(first / _POINT)

    @row_height.setter
    def row_height(self, value: float) -> None:
        self._rows.Height = round(value * _POINT)

    def _all_rows_visible(self, cells: Any, count: int) -> bool:
        """Is none of its rows hidden, by hand, by a filter or in a closed group?"""
        if count <= _FEW_ROWS:
            return all(cells.Rows.getByIndex(number).IsVisible for number in range(count))
        address, sheet = cells.RangeAddress, cells.Spreadsheet
        columns = sheet.Columns
        # of one column alone, as a hidden one would hide its cells, and all columns together take seconds
        order = (columns.Count - 1, *range(columns.Count - 1))
        column = next((number for number in order if columns.getByIndex(number).IsVisible), 0)
        strip = sheet.getCellRangeByPosition(column, address.StartRow, column, address.EndRow)
        return bool(count == sum(one.EndRow - one.StartRow + 1 for one in strip.queryVisibleCells().RangeAddresses))

    @property
    def _columns(self) -> Any:
        return self.xl.Columns

    @property
    def _rows(self) -> Any:
        return self.xl.Rows

    @property
    def row_hidden(self) -> bool:
        """Whether its first row is hidden, by hand or by a filter."""
        return not self._rows.getByIndex(0).IsVisible

    @row_hidden.setter
    def row_hidden(self, value: bool) -> None:
        self._rows.IsVisible = not value

    @property
    def column_hidden(self) -> bool:
        """Whether its first column is hidden."""
        return not self._columns.getByIndex(0).IsVisible

    @column_hidden.setter
    def column_hidden(self, value: bool) -> None:
        self._columns.IsVisible = not value

    @property
    def left(self) -> float:
        """Distance from the left edge of the sheet, in points."""
        return float(self.xl.Position.X / _POINT)

    @property
    def top(self) -> float:
        """Distance from the top of the sheet, in points."""
        return float(self.xl.Position.Y / _POINT)

    @property
    def width(self) -> float:
        """Its width in points."""
        return float(self.xl.Size.Width / _POINT)

    @property
    def height(self) -> float:
        """Its height in points; hidden rows add nothing."""
        size = self.xl.Size.Height
        return float(size / _POINT) if size > _NOTHING else 0.0

    @property
    def wrap_text(self) -> bool | None:
        """Whether long text goes on in a new line; None when the cells differ."""
        value = uniform(self.xl, "IsTextWrapped")
        return None if value is None else bool(value)

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self.writable().IsTextWrapped = bool(value)

    @property
    def horizontal_alignment(self) -> str | None:
        """One of xlwings' words for it; None when the cells differ."""
        found = uniform(self.xl, "HoriJustify")
        return next((word for word, name in _HORIZONTAL.items() if found is not None and found.value == name), None)

    @horizontal_alignment.setter
    def horizontal_alignment(self, value: str) -> None:
        if value not in _HORIZONTAL:
            raise NotImplementedError(f"LibreOffice Calc has no horizontal alignment {value!r}.")
        self.writable().HoriJustify = uno_type(f"com.sun.star.table.CellHoriJustify.{_HORIZONTAL[value]}")

    @property
    def vertical_alignment(self) -> str | None:
        """One of xlwings' words for it; None when the cells differ. Calc's standard is at the bottom, as in Excel."""
        found = uniform(self.xl, "VertJustify")
        if found is None:
            return None
        return next((word for word, number in _VERTICAL.items() if number == found), "bottom")

    @vertical_alignment.setter
    def vertical_alignment(self, value: str) -> None:
        if value not in _VERTICAL:
            raise NotImplementedError(f"LibreOffice Calc has no vertical alignment {value!r}.")
        self.writable().VertJustify = _VERTICAL[value]

    def autofit(self, axis: str | None = None) -> None:
        """Make columns ("c"), rows ("r"), or both, as large as their content."""
        if axis in (None, "c", "columns"):
            self._columns.OptimalWidth = True
        if axis in (None, "r", "rows"):
            self._rows.OptimalHeight = True
