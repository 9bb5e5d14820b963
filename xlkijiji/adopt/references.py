"""Formulas of our own sheets, which speak of other sheets by name and of columns by letter, made to fit a person's.

They may have renamed a sheet, inserted a column or moved the headers since the workbook was made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree
from xlsxwriter.utility import quote_sheetname

from xlkijiji.adopt.elements import main
from xlkijiji.inventory import column_letter
from xlkijiji.xlsx_parts import column_number

__all__ = ["DoesNotFitError", "Layout", "fit_formulas", "layout_of"]

SEARCHED_ROWS = 20
_REFERENCE = re.compile(
    r"(?P<sheet>'(?:[^']|'')+'|[^\W\d][\w.]*)!(?P<cells>\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)"
)
_CELL = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)")


class DoesNotFitError(Exception):
    """A column that is counted isn't there."""

    def __init__(self, sheet: str, column: str) -> None:
        super().__init__(f"{sheet} has no column {column}")
        self.sheet = sheet
        self.column = column
        """Its header in our own workbook."""


@dataclass(frozen=True)
class Layout:
    """Where things are on a sheet; without columns it is known by its name alone."""

    sheet: str
    header_row: int = 0
    """From 1."""
    columns: Mapping[str, int] = field(default_factory=dict)
    """Canonical name of a column → its number, from 1."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Canonical name of a column → the header that stands there."""


def layout_of(sheet: str, grid: Sequence[Sequence[object]], name_of: Callable[[object], str | None]) -> Layout:
    """The layout of a sheet with these cells (the first is A1), by the row with the most headers that `name_of` knows.

    Of two headers with the same meaning the left one counts.
    """
    best = Layout(sheet)
    for at, cells in enumerate(grid[:SEARCHED_ROWS], 1):
        columns: dict[str, int] = {}
        for number, cell in enumerate(cells, 1):
            name = name_of(cell) if isinstance(cell, str) else None
            if name is not None:
                columns.setdefault(name, number)
        if len(columns) > len(best.columns):
            best = Layout(sheet, at, columns, {name: str(cells[number - 1]) for name, number in columns.items()})
    return best


def fit_formulas(tree: etree._Element, places: Sequence[tuple[Layout, Layout]]) -> None:
    """Let the formulas of a worksheet speak of the sheets as they are: `places` are pairs of ours and theirs.

    Raises DoesNotFitError for a column that isn't there.
    """
    known = {ours.sheet.casefold(): (ours, theirs) for ours, theirs in places}
    for formula in tree.iter(main("f")):
        if formula.text:
            formula.text = _REFERENCE.sub(lambda found: _fitted(found, known), formula.text)


def _fitted(found: re.Match[str], known: Mapping[str, tuple[Layout, Layout]]) -> str:
    named = found["sheet"]
    name = named[1:-1].replace("''", "'") if named.startswith("'") else named
    if name.casefold() not in known:
        return found[0]
    ours, theirs = known[name.casefold()]
    cells = _CELL.sub(lambda cell: _moved(cell, ours, theirs), found["cells"]) if ours.columns else found["cells"]
    return f"{quote_sheetname(theirs.sheet)}!{cells}"


def _moved(cell: re.Match[str], ours: Layout, theirs: Layout) -> str:
    """The same cell there. A row other than that of the headers is how far down is counted, and stays."""
    number = column_number(cell[2])
    name = next((one for one, column in ours.columns.items() if column == number), None)
    if name is None or name not in theirs.columns:
        raise DoesNotFitError(theirs.sheet, ours.headers.get(name or "", cell[2]))
    row = str(theirs.header_row) if int(cell[4]) == ours.header_row else cell[4]
    return f"{cell[1]}{column_letter(theirs.columns[name])}{cell[3]}{row}"
