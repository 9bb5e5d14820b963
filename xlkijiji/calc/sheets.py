"""Worksheets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from .missing import says_what_is_missing
from .names import Names
from .ranges import Range
from .references import Block, parse
from .tables import Tables

if TYPE_CHECKING:
    from .books import Book


@says_what_is_missing
class Sheets(base_classes.Sheets):
    """The sheets of a workbook. A chart sheet of Excel is, in Calc, a blank worksheet with a chart on it."""

    def __init__(self, book: Book) -> None:
        self.book = book

    @property
    def api(self) -> Any:
        """Calc's sheets."""
        return self.book.xl.Sheets

    @property
    def active(self) -> Sheet:
        """The sheet in front; the first one when the workbook has no window."""
        controller = self.book.xl.CurrentController
        return Sheet(self.book, controller.getActiveSheet() if controller else self.api.getByIndex(0))

    def __call__(self, name_or_index: str | int) -> Sheet:
        """The sheet of that name, in any case, or of that number, counted from 1.

        Raises:
            KeyError: no sheet has this name.
            IndexError: there are fewer sheets.
        """
        if isinstance(name_or_index, str):
            name = self._own_name(name_or_index)
            if name is None:
                raise KeyError(f"The workbook {self.book.name} has no sheet named {name_or_index}.")
            return Sheet(self.book, self.api.getByName(name))
        if not 1 <= name_or_index <= len(self):
            raise IndexError(f"The workbook {self.book.name} has {len(self)} sheets, and no number {name_or_index}.")
        return Sheet(self.book, self.api.getByIndex(name_or_index - 1))

    def _own_name(self, name: str) -> str | None:
        return next((own for own in self.api.ElementNames if own.lower() == name.lower()), None)

    def __contains__(self, key: str | int) -> bool:
        return self._own_name(key) is not None if isinstance(key, str) else 1 <= key <= len(self)

    def __len__(self) -> int:
        return int(self.api.Count)

    def __iter__(self) -> Iterator[Sheet]:
        for index in range(len(self)):
            yield self(index + 1)

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        """Insert an empty sheet, by default before the active one, and make it active."""
        if name is None:
            number = len(self) + 1
            while f"Sheet{number}" in self:
                number += 1
            name = f"Sheet{number}"
        position = after.index if after else (before or self.active).index - 1
        self.api.insertNewByName(name, position)
        added = self(name)
        added.activate()
        return added


@says_what_is_missing
class Sheet(base_classes.Sheet):
    """A sheet. It stays the same one when it is renamed or moved."""

    def __init__(self, book: Book, xl: Any) -> None:
        self._book = book
        self._handle = xl
        address = xl.RangeAddress
        self._size = (int(address.EndRow) + 1, int(address.EndColumn) + 1)

    @property
    def xl(self) -> Any:
        """Calc's sheet, `com.sun.star.sheet.Spreadsheet`.

        An object of Calc that stands for a sheet is a range of cells too. In LibreOffice 7.4 it shrinks when anybody
        deletes cells with a shift upwards, and then gives wrong cells; only its name stays right. So it is fetched
        anew when it is not as large as it was.
        """
        rows, columns = self.size
        address = self._handle.RangeAddress
        place = (address.StartRow, address.StartColumn, address.EndRow, address.EndColumn)
        if place != (0, 0, rows - 1, columns - 1):
            self._handle = self._book.xl.Sheets.getByName(self._handle.Name)
        return self._handle

    @property
    def api(self) -> Any:
        """Calc's sheet, `com.sun.star.sheet.Spreadsheet`."""
        return self.xl

    @property
    def book(self) -> Book:
        """Its workbook."""
        return self._book

    @property
    def name(self) -> str:
        """The text on its tab."""
        return str(self._handle.Name)

    @name.setter
    def name(self, value: str) -> None:
        self._handle.Name = value

    @property
    def names(self) -> Names:
        """The names that are defined for this sheet alone."""
        return Names(self.book, self.xl.NamedRanges)

    @property
    def index(self) -> int:
        """Its place, counted from 1."""
        return int(self._handle.RangeAddress.Sheet) + 1

    @property
    def size(self) -> tuple[int, int]:
        """How many rows and columns a sheet has."""
        return self._size

    def range(self, arg1: str | tuple[int, ...] | Range, arg2: str | tuple[int, int] | Range | None = None) -> Range:
        """The cells from `arg1` to `arg2`, each an A1 reference, a name, a table, a pair (row, column), or a range.

        Raises:
            IndexError: a pair counts from 0 instead of 1.
            ValueError: there is no such reference, name or table.
        """
        first = self._block(arg1)
        last = self._block(arg2) if arg2 is not None else first
        return Range(
            self,
            Block.between(
                min(first.row, last.row),
                min(first.column, last.column),
                max(first.last_row, last.last_row),
                max(first.last_column, last.last_column),
            ),
        )

    def _block(self, argument: str | tuple[int, ...] | Range) -> Block:
        if isinstance(argument, Range):
            return argument.block
        if isinstance(argument, tuple):
            if 0 in argument:
                raise IndexError("Rows and columns of a range are counted from 1.")
            row, column, *size = argument  # xlwings itself also gives (row, column, rows, columns)
            return Block(row, column, *(size or (1, 1)))
        rows, columns = self.size
        block = parse(argument, max_rows=rows, max_columns=columns)
        if block is not None:
            return block
        table = self.tables.find(argument)
        if table is not None and table.data_body_range is not None:
            return table.data_body_range.block
        for names in (self.names, self.book.names):
            if names.contains(argument):
                return names(argument).refers_to_range.block
        raise ValueError(f"The sheet {self.name} has no cells, name or table called {argument}.")

    @property
    def cells(self) -> Range:
        """All cells."""
        return Range(self, Block(1, 1, *self.size))

    @property
    def used_range(self) -> Range:
        """From the first to the last cell with content, at least A1. As in Excel, it starts where content does."""
        cursor = self.xl.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        return Range.of(self, cursor.RangeAddress)

    @property
    def tables(self) -> Tables:
        """Its tables."""
        return Tables(self)

    def activate(self) -> None:
        """Show it."""
        controller = self.book.xl.CurrentController
        if controller is not None:
            controller.setActiveSheet(self.xl)

    select = activate

    @property
    def visible(self) -> bool:
        """Whether its tab is shown."""
        return bool(self.xl.IsVisible)

    @visible.setter
    def visible(self, value: bool) -> None:
        self.xl.IsVisible = bool(value)

    @property
    def protected(self) -> bool:
        """Whether it is protected (not a part of xlwings' interface: `sheet.impl.protected`)."""
        return bool(self.xl.isProtected())

    def clear_contents(self) -> None:
        """Empty all cells and leave their formats."""
        self.used_range.clear_contents()

    def clear_formats(self) -> None:
        """Take the formats from all cells."""
        self.cells.clear_formats()

    def clear(self) -> None:
        """Empty all cells and take their formats."""
        self.cells.clear()

    def autofit(self, axis: str | None = None) -> None:
        """Make columns ("c") or rows ("r"), or both, as large as their content."""
        self.used_range.autofit(axis)

    def delete(self) -> None:
        """Delete the sheet."""
        self.book.xl.Sheets.removeByName(self.name)

    def copy(self, before: Sheet | None, after: Sheet | None) -> None:
        """Copy it to another place in the same workbook, under a name with a number."""
        self._same_book(before or after)
        number = 2
        while f"{self.name} ({number})" in self.book.sheets:
            number += 1
        self.book.xl.Sheets.copyByName(self.name, f"{self.name} ({number})", _position(before, after))

    def move(self, before: Sheet | None, after: Sheet | None) -> None:
        """Move it to another place in the same workbook."""
        self._same_book(before or after)
        self.book.xl.Sheets.moveByName(self.name, _position(before, after))

    def _same_book(self, other: Sheet | None) -> None:
        if other is not None and other.book.uid != self.book.uid:
            raise NotImplementedError("In LibreOffice Calc, a sheet can be copied or moved only within its workbook.")


def _position(before: Sheet | None, after: Sheet | None) -> int:
    if before is not None:
        return before.index - 1
    return after.index if after is not None else 0
