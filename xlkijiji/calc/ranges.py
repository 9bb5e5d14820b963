"""Ranges: values, formulas, formats and structure of cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from xlkijiji.messages import tell

from . import formulas
from .connection import uno_type
from .errors import ProtectedSheetError
from .looks import Look
from .missing import says_what_is_missing
from .references import Block, quoted
from .transfer import read_values, write_values
from .undo import unlisted

if TYPE_CHECKING:
    from .names import Name
    from .sheets import Sheet
    from .tables import Table

# com.sun.star.sheet.CellFlags
_CONTENTS = 1 | 2 | 4 | 16  # numbers, dates, texts, formulas
_FORMATS = 32 | 64 | 256 | 1024  # hard attributes, styles, edit attributes, formats of parts of the text
_STEPS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1), "u": (-1, 0), "d": (1, 0)}
_STEPS |= {"l": (0, -1), "r": (0, 1)}


@says_what_is_missing
class Range(Look, base_classes.Range):
    """A rectangle of cells. Its place is fixed by numbers: rows that the user inserts do not move it."""

    def __init__(self, sheet: Sheet, block: Block) -> None:
        self.sheet = sheet
        self.block = block
        self.options: dict[str, Any] = {}  # xlwings puts the options of Range.options() here

    @classmethod
    def of(cls, sheet: Sheet, address: Any) -> Range:
        """The range of a `com.sun.star.table.CellRangeAddress`, which counts from 0."""
        return cls(
            sheet,
            Block.between(address.StartRow + 1, address.StartColumn + 1, address.EndRow + 1, address.EndColumn + 1),
        )

    @property
    def xl(self) -> Any:
        """Calc's range, `com.sun.star.sheet.SheetCellRange`."""
        block = self.block
        return self.sheet.xl.getCellRangeByPosition(
            block.column - 1, block.row - 1, block.last_column - 1, block.last_row - 1
        )

    api = xl

    @property
    def document(self) -> Any:
        return self.sheet.book.xl

    def writable(self) -> Any:
        """Calc's range, to be changed.

        Raises:
            ProtectedSheetError: it holds locked cells of a protected sheet. Calc itself would often change nothing
            and say nothing.
        """
        cells = self.xl
        if self.sheet.protected:
            protection = cells.CellProtection
            if protection is None or protection.IsLocked:
                raise ProtectedSheetError(tell("calc-protected", sheet=self.sheet.name, cells=self.address))
        return cells

    # Where it is

    @property
    def row(self) -> int:
        """Its first row, counted from 1."""
        return self.block.row

    @property
    def column(self) -> int:
        """Its first column, counted from 1."""
        return self.block.column

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        return self.block.rows, self.block.columns

    @property
    def coords(self) -> tuple[str, int, int, int, int]:
        """Sheet, first row and column, number of rows and columns."""
        return self.sheet.name, self.block.row, self.block.column, self.block.rows, self.block.columns

    def __len__(self) -> int:
        return self.block.rows * self.block.columns

    def __iter__(self) -> Iterator[Range]:
        for number in range(1, len(self) + 1):
            yield self(number)

    def __call__(self, arg1: int, arg2: int | None = None) -> Range:
        """The cell in row `arg1` and column `arg2` of the range, or the `arg1`-th cell row by row; all counted from 1.

        Raises:
            IndexError: that is left of or above the sheet.
        """
        row, column = (arg1 - 1, arg2 - 1) if arg2 is not None else divmod(arg1 - 1, self.block.columns)
        block = Block(self.block.row + row, self.block.column + column, 1, 1)
        if block.row < 1 or block.column < 1:
            raise IndexError("Rows and columns of a range are counted from 1.")
        return Range(self.sheet, block)

    def get_address(self, row_absolute: bool, col_absolute: bool, external: bool) -> str:
        """Its A1 address, with `$` where it is absolute, and with `[workbook]sheet!` when `external`."""
        address = self.block.address(row_absolute=row_absolute, column_absolute=col_absolute)
        if not external:
            return address
        return f"{quoted(f'[{self.sheet.book.name}]{self.sheet.name}')}!{address}"

    @property
    def address(self) -> str:
        """Its A1 address, `$A$1:$B$2`."""
        return self.block.address()

    def _cursor(self) -> Any:
        return self.sheet.xl.createCursorByRange(self.xl)

    @property
    def current_region(self) -> Range:
        """The cells around it up to blank rows and columns."""
        cursor = self._cursor()
        cursor.collapseToCurrentRegion()
        return Range.of(self.sheet, cursor.RangeAddress)

    def end(self, direction: str) -> Range:
        """Where Ctrl and an arrow key lead from its first cell: "up", "down", "left" or "right"."""
        row_step, column_step = _STEPS[direction]
        rows, columns = self.sheet.size
        block = self.block
        last = {(1, 0): rows, (0, 1): columns, (-1, 0): 1, (0, -1): 1}[row_step, column_step]
        used = self.sheet.used_range.block
        # Nothing stands beyond the used range, so only the cells up to there have to be looked at.
        if row_step:
            stop = min(last, max(used.last_row + 1, block.row)) if row_step > 0 else last
            strip = Block.between(block.row, block.column, stop, block.column)
        else:
            stop = min(last, max(used.last_column + 1, block.column)) if column_step > 0 else last
            strip = Block.between(block.row, block.column, block.row, stop)
        filled = [bool(text) for line in Range(self.sheet, strip).xl.getFormulaArray() for text in line]
        if row_step + column_step < 0:
            filled.reverse()
        steps = _steps_to_edge(filled)
        if steps is None:
            end = (last, block.column) if row_step else (block.row, last)
        else:
            end = (block.row + steps * row_step, block.column + steps * column_step)
        return Range(self.sheet, Block(*end, 1, 1))

    @property
    def table(self) -> Table | None:
        """The table in which its first cell lies."""
        for table in self.sheet.tables:
            area = table.range.block
            if area.row <= self.row <= area.last_row and area.column <= self.column <= area.last_column:
                return table
        return None

    @property
    def name(self) -> Name | None:
        """The defined name of exactly these cells."""
        for name in self.sheet.book.names.snapshot():
            if name[1].refers_to == f"={quoted(self.sheet.name)}!{self.address}":
                return name[1]
        return None

    @name.setter
    def name(self, value: str) -> None:
        self.sheet.book.names.add(value, f"={quoted(self.sheet.name)}!{self.address}")

    # What is in it

    @property
    def raw_value(self) -> Any:
        """The value of one cell, or the nested rows of a block; see `values` for the types."""
        rows = read_values(self.document, self.xl)
        return rows[0][0] if len(self) == 1 else rows

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        cells = self.writable()
        with unlisted(self.document):
            write_values(self.document, cells, value)

    @property
    def formula(self) -> str | tuple[tuple[str, ...], ...]:
        """The formula of one cell, or those of a block row by row; a cell without one gives its content as text."""
        rows = formulas.read(self.document, self.xl)
        return rows[0][0] if len(self) == 1 else tuple(tuple(row) for row in rows)

    @formula.setter
    def formula(self, value: Any) -> None:
        # A single formula fills the range with shifted references; everything else is written as values are.
        self.raw_value = value

    formula2 = formula

    @property
    def has_array(self) -> bool:
        """Whether it holds an array formula."""
        return bool(self.xl.getArrayFormula())

    def clear_contents(self) -> None:
        """Empty the cells and leave their formats."""
        self.writable().clearContents(_CONTENTS)

    def clear_formats(self) -> None:
        """Take the formats away."""
        self.writable().clearContents(_FORMATS)

    def clear(self) -> None:
        """Empty the cells and take their formats away."""
        self.writable().clearContents(_CONTENTS | _FORMATS)

    @property
    def hyperlink(self) -> str:
        """The address of the link in its first cell.

        Raises:
            ValueError: there is none.
        """
        fields = self(1).xl.getCellByPosition(0, 0).TextFields
        if not fields.Count:
            raise ValueError(f"The cell {self(1).address} holds no link.")
        return str(fields.getByIndex(0).URL)

    def add_hyperlink(
        self,
        address: str,
        text_to_display: str | None = None,
        screen_tip: str | None = None,  # noqa: ARG002 - Calc shows the address as the tip
    ) -> None:
        """Put a link into its first cell, in place of what is there."""
        cell = self(1).writable().getCellByPosition(0, 0)
        field = self.document.createInstance("com.sun.star.text.TextField.URL")
        field.URL = address
        field.Representation = text_to_display or address
        with unlisted(self.document):
            cell.setString("")
            cell.insertTextContent(cell.createTextCursor(), field, False)

    # Merged cells

    def _with_merged(self) -> Block:
        """The block, widened to the whole of every merged area that it touches."""
        cursor = self._cursor()
        cursor.collapseToMergedArea()
        return Range.of(self.sheet, cursor.RangeAddress).block

    @property
    def merge_cells(self) -> bool | None:
        """Whether the cells belong to one merged area; None when only some of them do."""
        first = self(1)._with_merged()
        if (
            first.rows * first.columns > 1
            and Block.between(
                first.row,
                first.column,
                max(first.last_row, self.block.last_row),
                max(first.last_column, self.block.last_column),
            )
            == first
        ):
            return True
        return None if self.xl.getIsMerged() or self._with_merged() != self.block else False

    @property
    def merge_area(self) -> Range:
        """The merged cells around its first cell, or that cell alone."""
        return Range(self.sheet, self(1)._with_merged())

    def merge(self, across: bool) -> None:
        """Merge the cells, or with `across` those of each row."""
        if not across:
            self.writable().merge(True)
            return
        for row in range(self.block.rows):
            line = Block(self.block.row + row, self.block.column, 1, self.block.columns)
            Range(self.sheet, line).writable().merge(True)

    def unmerge(self) -> None:
        """Undo a merge."""
        self.writable().merge(False)

    # Structure

    def select(self) -> None:
        """Select the cells on their sheet, which becomes the active one."""
        controller = self.document.CurrentController
        if controller is not None:
            controller.setActiveSheet(self.sheet.xl)
            controller.select(self.xl)
            if self.block.rows == self.block.columns == 1:
                # Calc marks it as an area, in which Enter goes round: selecting nothing leaves the cursor there alone
                controller.select(self.document.createInstance("com.sun.star.sheet.SheetCellRanges"))

    def insert(
        self,
        shift: str | None = None,
        copy_origin: object = None,  # noqa: ARG002 - Calc takes the format from above or left
    ) -> None:
        """Insert cells and move what was here "right" or "down" (the default unless the range is higher than wide)."""
        mode = self._shift("insert", {"right": "RIGHT", "down": "DOWN"}, shift)
        self.sheet.xl.insertCells(self.xl.RangeAddress, uno_type(f"com.sun.star.sheet.CellInsertMode.{mode}"))

    def delete(self, shift: str | None = None) -> None:
        """Delete the cells; what is beside moves "left" or "up" (the default unless the range is higher than wide)."""
        mode = self._shift("delete", {"left": "LEFT", "up": "UP"}, shift)
        self.sheet.xl.removeRange(self.xl.RangeAddress, uno_type(f"com.sun.star.sheet.CellDeleteMode.{mode}"))

    def _shift(self, action: str, modes: dict[str, str], shift: str | None) -> str:
        """Which of Calc's modes is meant."""
        self.writable()
        rows, columns = self.sheet.size
        if self.block.columns == columns:
            return "ROWS"
        if self.block.rows == rows:
            return "COLUMNS"
        sideways, along = modes
        if shift is None:
            shift = sideways if self.block.rows > self.block.columns else along
        if shift not in modes:
            raise ValueError(f"To {action} cells, shift is one of {', '.join(modes)}, not {shift!r}.")
        return modes[shift]

    def copy(self, destination: Any = None) -> None:
        """Copy the cells with their formats to `destination`, a range of the same workbook."""
        if destination is None:
            raise NotImplementedError("In LibreOffice Calc, xlkijiji does not use the clipboard: name a destination.")
        target = destination.impl if hasattr(destination, "impl") else destination
        place = target.writable().getCellByPosition(0, 0).CellAddress
        self.sheet.xl.copyRange(place, self.xl.RangeAddress)

    def move(self, destination: Any) -> None:
        """Move the cells to `destination`, a range of the same workbook."""
        self.writable()
        target = destination.impl if hasattr(destination, "impl") else destination
        place = target.writable().getCellByPosition(0, 0).CellAddress
        self.sheet.xl.moveRange(place, self.xl.RangeAddress)


class SeveralAreas(Range):
    """The first area of a selection that has several; its address is that of all of them, as Excel gives it."""

    def __init__(self, areas: Sequence[Range]) -> None:
        super().__init__(areas[0].sheet, areas[0].block)
        self._areas = areas

    @property
    def address(self) -> str:
        """The areas' A1 addresses, `$A$1:$B$2,$D$4`."""
        return ",".join(area.address for area in self._areas)


def _steps_to_edge(filled: list[bool]) -> int | None:
    """How far Ctrl+arrow goes, given which cells from the start on are filled; None: to the edge of the sheet."""
    if len(filled) < 2:
        return None
    if filled[0] and filled[1]:
        return next((steps - 1 for steps in range(1, len(filled)) if not filled[steps]), len(filled) - 1)
    return next((steps for steps in range(1, len(filled)) if filled[steps]), None)
