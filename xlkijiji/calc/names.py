"""Defined names, such as `TaxRate` for `=Settings!$B$2`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from .connection import uno_type
from .formulas import to_tokens
from .missing import says_what_is_missing
from .ranges import Range
from .references import quoted

if TYPE_CHECKING:
    from .books import Book


@says_what_is_missing
class Names(base_classes.Names):
    """The names of a workbook, or those of one sheet."""

    def __init__(self, book: Book, xl: Any) -> None:
        self.book = book
        self.xl = xl

    @property
    def api(self) -> Any:
        """Calc's `com.sun.star.sheet.NamedRanges`."""
        return self.xl

    def _own_name(self, name: str) -> str | None:
        return next((own for own in self.xl.ElementNames if own.lower() == name.lower()), None)

    def __call__(self, name_or_index: str | int) -> Name:
        """The name, in any case, or the one of that number, counted from 1.

        Raises:
            KeyError: there is none.
        """
        if isinstance(name_or_index, int):
            return Name(self, self.xl.ElementNames[name_or_index - 1])
        own = self._own_name(name_or_index)
        if own is None:
            raise KeyError(name_or_index)
        return Name(self, own)

    def snapshot(self) -> list[tuple[str, Name]]:
        """Every name with its object."""
        return [(name, Name(self, name)) for name in self.xl.ElementNames]

    def contains(self, name_or_index: str | int) -> bool:
        """Whether there is such a name."""
        if isinstance(name_or_index, int):
            return 1 <= name_or_index <= len(self)
        return self._own_name(name_or_index) is not None

    def __len__(self) -> int:
        return len(self.xl.ElementNames)

    def add(self, name: str, refers_to: str) -> Name:
        """Define a name for what `refers_to` says in Excel's notation, such as `=Sheet1!$A$1:$B$2`."""
        origin = uno_type("com.sun.star.table.CellAddress")()
        self.xl.addNewByName(name, "0", origin, 0)
        added = Name(self, name)
        added.refers_to = refers_to
        return added


@says_what_is_missing
class Name(base_classes.Name):
    """One defined name."""

    def __init__(self, names: Names, name: str) -> None:
        self._names = names
        self._name = name

    @property
    def api(self) -> Any:
        """Calc's `com.sun.star.sheet.NamedRange`."""
        return self._names.xl.getByName(self._name)

    def delete(self) -> None:
        """Take the definition away; the cells stay."""
        self._names.xl.removeByName(self._name)

    @property
    def name(self) -> str:
        """The name itself."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self.api.setName(value)
        self._name = value

    @property
    def refers_to(self) -> str:
        """What it stands for, in Excel's notation."""
        cells = self.api.getReferredCells()
        if cells is None:
            return "=" + str(self.api.getContent())
        found = self.refers_to_range
        return f"={quoted(found.sheet.name)}!{found.address}"

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self.api.setTokens(to_tokens(self._names.book.xl, value, self.api.getReferencePosition()))

    @property
    def refers_to_range(self) -> Range:
        """The cells it stands for.

        Raises:
            ValueError: it stands for a value or a formula.
        """
        cells = self.api.getReferredCells()
        if cells is None:
            raise ValueError(f"The name {self._name} does not stand for cells.")
        return Range.of(self._names.book.sheets(cells.Spreadsheet.Name), cells.RangeAddress)
