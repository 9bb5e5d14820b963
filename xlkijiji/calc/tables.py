"""Excel's tables, which Calc keeps as database ranges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from .missing import says_what_is_missing
from .ranges import Range
from .references import Block
from .undo import unlisted

if TYPE_CHECKING:
    from .sheets import Sheet

# Calc's own ranges behind an AutoFilter without a table.
_NAMELESS = "__Anonymous"


@says_what_is_missing
class Tables(base_classes.Collection, base_classes.Tables):
    """The tables of a sheet, in the order of their names."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def api(self) -> Any:
        """Calc's database ranges of the whole workbook."""
        return self._sheet.book.xl.DatabaseRanges

    @property
    def parent(self) -> Sheet:
        """The sheet."""
        return self._sheet

    def _all(self) -> list[Table]:
        ranges = self.api
        number = self._sheet.index - 1
        named = [(name, ranges.getByName(name)) for name in ranges.ElementNames if not name.startswith(_NAMELESS)]
        return [Table(self._sheet, name, one) for name, one in named if one.DataArea.Sheet == number]

    def find(self, name: str) -> Table | None:
        """The table of that name, in any case, or None."""
        return next((table for table in self._all() if table.name.lower() == name.lower()), None)

    def __call__(self, key: str | int) -> Table:
        """The table of that name, or of that number, counted from 1.

        Raises:
            KeyError: there is none.
        """
        tables = self._all()
        if isinstance(key, int) and 1 <= key <= len(tables):
            return tables[key - 1]
        found = self.find(str(key))
        if found is None:
            raise KeyError(key)
        return found

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Table]:
        return iter(self._all())

    def __contains__(self, key: str) -> bool:
        return self.find(key) is not None

    def add(
        self,
        source_type: object = None,  # noqa: ARG002 - xlwings' signature
        source: Range | None = None,
        link_source: object = None,  # noqa: ARG002 - same
        has_headers: object = None,
        destination: object = None,  # noqa: ARG002 - same
        table_style_name: object = None,  # noqa: ARG002 - Calc has no styles of tables
        name: str | None = None,
    ) -> Table:
        """Make the cells `source` a table."""
        if source is None:
            raise ValueError("A table needs cells: give their range as source.")
        number = 1
        while name is None or self.api.hasByName(name):
            name = f"Table{number}"
            number += 1
        cells = source.impl if hasattr(source, "impl") else source
        self.api.addNewByName(name, cells.xl.RangeAddress)
        made = self.api.getByName(name)
        made.ContainsHeader = has_headers not in (False, "no")
        made.AutoFilter = True
        return Table(self._sheet, name, made)


@says_what_is_missing
class Table(base_classes.Table):
    """One table."""

    def __init__(self, sheet: Sheet, name: str, api: Any) -> None:
        self._sheet = sheet
        self._name = name
        self._api = api

    @property
    def api(self) -> Any:
        """Calc's `com.sun.star.sheet.DatabaseRange`."""
        return self._api

    @property
    def parent(self) -> Sheet:
        """Its sheet."""
        return self._sheet

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self.api.setName(value)
        self._name = value

    @property
    def display_name(self) -> str:
        """The same as its name."""
        return self._name

    @display_name.setter
    def display_name(self, value: str) -> None:
        self.name = value

    @property
    def show_headers(self) -> bool:
        """Whether its first row holds the headers."""
        return bool(self.api.ContainsHeader)

    @show_headers.setter
    def show_headers(self, value: bool) -> None:
        self.api.ContainsHeader = bool(value)

    @property
    def show_totals(self) -> bool:
        """Whether its last row holds totals."""
        return bool(self.api.TotalsRow)

    @show_totals.setter
    def show_totals(self, value: bool) -> None:
        self.api.TotalsRow = bool(value)

    @property
    def show_autofilter(self) -> bool:
        """Whether its headers have the buttons of a filter."""
        return bool(self.api.AutoFilter)

    @show_autofilter.setter
    def show_autofilter(self, value: bool) -> None:
        self.api.AutoFilter = bool(value)

    @property
    def _address(self) -> Any:
        """Where it is. Raises KeyError when it was taken away or renamed: then Calc's object goes on, as A1."""
        address = self.api.DataArea
        if not (address.EndRow or address.EndColumn) and not self._sheet.book.xl.DatabaseRanges.hasByName(self._name):
            raise KeyError(self._name)
        return address

    @property
    def range(self) -> Range:
        """All of it, with headers and totals.

        Excel lets a table grow when something is typed right under it; Calc does not. So rows that follow without a
        gap, and have something in one of the table's columns, are counted in here.
        """
        area = Range.of(self._sheet, self._address)
        if self.show_totals:
            return area
        below = self._sheet.used_range.block.last_row - area.block.last_row
        if below <= 0:
            return area
        block = area.block
        rest = Range(self._sheet, Block(block.last_row + 1, block.column, below, block.columns))
        grown = 0
        for row in rest.xl.getFormulaArray():
            if not any(row):
                break
            grown += 1
        return Range(self._sheet, Block(block.row, block.column, block.rows + grown, block.columns))

    @property
    def header_row_range(self) -> Range | None:
        """The row of headers, if it has one."""
        if not self.show_headers:
            return None
        block = Range.of(self._sheet, self._address).block  # what is below it needn't be looked at
        return Range(self._sheet, Block(block.row, block.column, 1, block.columns))

    @property
    def totals_row_range(self) -> Range | None:
        """The row of totals, if it has one."""
        if not self.show_totals:
            return None
        block = self.range.block
        return Range(self._sheet, Block(block.last_row, block.column, 1, block.columns))

    @property
    def data_body_range(self) -> Range | None:
        """The rows between headers and totals; None when there are none."""
        block, headers = self.range.block, self.show_headers
        first, rows = block.row + headers, block.rows - headers - self.show_totals
        return Range(self._sheet, Block(first, block.column, rows, block.columns)) if rows > 0 else None

    @property
    def insert_row_range(self) -> None:
        """Calc's tables have no row for new entries."""
        return

    def resize(self, range: Any) -> None:
        """Let it cover other cells."""
        cells = range.impl if hasattr(range, "impl") else range
        with unlisted(self._sheet.book.xl):
            self.api.DataArea = cells.xl.RangeAddress
