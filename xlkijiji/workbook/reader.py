"""An open sheet as an inventory: read once at the start, and found again for each write.

People sort, insert and rename while a run is on, so nothing here remembers a row by its number: a row is found by its
key, and a column by its header, in the sheet as it is at that moment.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from xlkijiji.column_words import ColumnWords
from xlkijiji.errors import InventoryError, NotWritable
from xlkijiji.inventory import BY_NAME, STATUS, cell_text, header_key, is_blank
from xlkijiji.messages import tell
from xlkijiji.records import HEADER_SEARCH_ROWS, InventoryTable, table_from_grid
from xlkijiji.workbook.session import worksheet

__all__ = [
    "NO_WORDS",
    "Layout",
    "RowKey",
    "column_under",
    "column_values",
    "find_sheet",
    "locate",
    "read_sheet",
    "row_keys",
    "row_values",
    "widen_table",
]

log = logging.getLogger(__name__)

NO_WORDS = ColumnWords()

RowKey = tuple[Hashable, int]
"""(sku, or title where there is no sku; which of the rows that share it, from 0)."""


def row_keys(skus: Iterable[object], titles: Iterable[object]) -> list[RowKey]:
    """One key per row. Unique skus give keys that survive any sort; rows that share a sku are told apart by order."""
    seen: Counter[Hashable] = Counter()
    keys: list[RowKey] = []
    for sku, title in zip(skus, titles, strict=True):
        base: Hashable = cell_text(sku) or ("", cell_text(title))
        keys.append((base, seen[base]))
        seen[base] += 1
    return keys


@dataclass(frozen=True)
class Layout:
    """Where things are in the sheet right now; rows and columns are 1-based, as Excel counts."""

    columns: dict[str, int]
    rows: dict[RowKey, int]
    left: int = 1
    """The inventory's first column."""
    headers: tuple[str, ...] = ()
    """All headers from there on, the person's own too."""
    top: int = 0
    """The row of the headers."""
    height: int = 0
    """How many rows there are below it, blank ones too."""


def _grid(area: Any) -> list[list[object]]:
    """The values of a range as rows of cells, whatever its shape."""
    values = area.options(ndim=2).value
    return [list(row) for row in values]


def _inventory_range(sheet: Any, words: ColumnWords) -> Any:
    """The Excel table that has our headers, or else all that is used of the sheet."""
    for table in _tables(sheet):
        headers = table.header_row_range
        if headers is not None and sum(words.name(cell) is not None for cell in _grid(headers)[0]) >= 2:
            return _with_rows_below(sheet, table)
    return sheet.used_range


def _with_rows_below(sheet: Any, table: Any) -> Any:
    """The table from its header down, with rows typed right below it: Calc's tables don't grow, Excel's usually do.

    A totals row is no item, and what stands below one is not the table's.
    """
    # each question to the program takes a while, and these are asked again and again while a run is on
    whole, used = table.range, sheet.used_range
    top, left, (height, width) = whole.row, whole.column, whole.shape
    right = _last_column_beside(sheet, top, left + width - 1, used)
    last = top + height - 1
    bottom = used.row + used.shape[0] - 1
    if table.totals_row_range is not None:
        last -= 1
    elif bottom > last and not (height == 2 and _is_blank_row(sheet, last, left, right)):
        for row in _grid(sheet.range((last + 1, left), (bottom, right))):
            if all(is_blank(cell) for cell in row):
                break
            last += 1
    return sheet.range((top, left), (last, right))


def _is_blank_row(sheet: Any, row: int, left: int, right: int) -> bool:
    """Of a table of two rows it's the one that Excel shows in an empty one; nothing below belongs to that."""
    return all(is_blank(cell) for cell in _grid(sheet.range((row, left), (row, right)))[0])


def _last_column_beside(sheet: Any, header_row: int, right: int, used: Any) -> int:
    """The table's last column, `right`, or that of the last header right beside it: a column that somebody added.

    Excel takes such a column into its table while it is typed; Calc does not.
    """
    end = used.column + used.shape[1] - 1
    if end <= right:
        return right
    for header in _grid(sheet.range((header_row, right + 1), (header_row, end)))[0]:
        if is_blank(header):
            break
        right += 1
    return right


def _tables(sheet: Any) -> Iterable[Any]:
    try:
        return list(sheet.tables)
    except NotImplementedError:  # an engine without tables: the used range serves
        return []


def read_sheet(sheet: Any, words: ColumnWords = NO_WORDS) -> InventoryTable:
    """The worksheet as an inventory. `words` is what the Settings sheet says of its headers, here and below.

    Raises InventoryError when it is empty, has no header row, lacks a column, or can't be understood otherwise.
    """
    area = _inventory_range(sheet, words)
    merged = _merged_around_headers(sheet, area, words)
    return table_from_grid(_grid(area), f"Sheet '{sheet.name}'", area.row, area.column, merged, words)


def _merged_around_headers(sheet: Any, area: Any, words: ColumnWords) -> list[tuple[int, int, int, int]]:
    """Merged areas (top, left, bottom, right) that touch the header row; asked cell by cell only when there are any."""
    header = area.row + _headers(_top(area), words)[0]
    first, last = area.column, area.column + area.shape[1] - 1
    if sheet.range((header, first), (header, last)).merge_cells is False:
        return []
    merged = []
    for column in range(first, last + 1):
        cell = sheet.range((header, column))
        if cell.merge_cells:
            whole = cell.merge_area
            merged.append((whole.row, whole.column, whole.row + whole.shape[0] - 1, whole.column + whole.shape[1] - 1))
    return merged


def add_status_column(sheet: Any, table: InventoryTable, words: ColumnWords = NO_WORDS) -> None:
    """Write the header of the status column, in the language in use, into the first free column; none where it has one.

    Raises NotWritable.
    """
    if STATUS in table.columns:
        return
    area = _inventory_range(sheet, words)
    column = area.column + area.shape[1]
    cell = sheet.range((table.header_row, column))
    try:
        cell.value = BY_NAME[STATUS].header
        cell.font.bold = True
    except Exception as error:  # each program refuses in its own way
        raise NotWritable(tell("sheet-not-writable", sheet=sheet.name)) from error


def widen_table(sheet: Any, words: ColumnWords = NO_WORDS) -> None:
    """Take the columns and rows that were typed right beside the inventory's table into it.

    Else a sort by the arrow in a header would leave them where they are, beside other items. What the program doesn't
    take is left as it is.
    """
    for table in _tables(sheet):
        headers = table.header_row_range
        if headers is None or sum(words.name(cell) is not None for cell in _grid(headers)[0]) < 2:
            continue
        top, left, (height, width) = table.range.row, table.range.column, table.range.shape
        right = _last_column_beside(sheet, top, left + width - 1, sheet.used_range)
        if right >= left + width:
            try:
                table.resize(sheet.range((top, left), (top + height - 1, right)))
            except Exception as error:  # noqa: BLE001 — each program refuses in its own way, and the rows are read all the same
                log.info("the table stays as wide as it is: %s", error)
        return


def row_keys_of(table: InventoryTable) -> list[RowKey]:
    """The keys of a table's rows, in its order."""
    blank = [""] * len(table.frame)
    return row_keys(table.frame.get("sku", blank), table.frame.get("title", blank))


def locate(sheet: Any, words: ColumnWords = NO_WORDS) -> Layout:
    """Where the rows and columns of the inventory are now. Raises InventoryError when the headers are gone."""
    area = _inventory_range(sheet, words)
    grid = _grid(area[:1, :])  # a table begins with its headers; for others it's looked further down
    header, columns = _headers(grid, words)
    if STATUS not in columns:
        grid = _top(area)
        header, columns = _headers(grid, words)
    if STATUS not in columns:
        raise InventoryError(tell("status-column-gone", sheet=sheet.name))
    first, count = header + 1, area.shape[0] - header - 1
    places = {name: area.column + at for name, at in columns.items()}
    headers = tuple(map(cell_text, grid[header]))
    if count <= 0:
        return Layout(places, {}, area.column, headers, area.row + header)
    body = area[first : first + count, :]
    blank: Sequence[object] = [None] * count
    skus = _column(body, columns.get("sku")) or blank
    titles = _column(body, columns.get("title")) or blank
    rows: dict[RowKey, int] = {}
    filled = [at for at in range(count) if cell_text(skus[at]) or cell_text(titles[at])]
    for key, at in zip(row_keys([skus[a] for a in filled], [titles[a] for a in filled]), filled, strict=True):
        rows[key] = area.row + first + at
    return Layout(places, rows, area.column, headers, area.row + header, count)


def column_values(sheet: Any, layout: Layout, name: str) -> dict[RowKey, object]:
    """The values of one column by row key, read in one call."""
    if not layout.rows:
        return {}
    column, first = layout.columns[name], layout.top + 1
    values = _grid(sheet.range((first, column), (layout.top + layout.height, column)))
    return {key: values[row - first][0] for key, row in layout.rows.items()}


def row_values(sheet: Any, layout: Layout, row: int) -> list[object]:
    """All cells of a row, below the layout's headers: a formula as its text, else the value."""
    cells = sheet.range((row, layout.left), (row, layout.left + len(layout.headers) - 1))
    formulas = cells.formula
    texts = formulas[0] if isinstance(formulas, tuple | list) else [formulas]
    pairs = zip(_grid(cells)[0], texts, strict=True)
    return [formula if isinstance(formula, str) and formula.startswith("=") else value for value, formula in pairs]


def find_sheet(book: Any, name: str, keys: Collection[RowKey], words: ColumnWords = NO_WORDS) -> Any:
    """The worksheet that had these rows under that name: a person may have renamed it since.

    Raises InventoryError when there is none, or when several may be it.
    """
    if not keys:
        return worksheet(book, name)
    wanted = frozenset(keys)
    counts = {sheet.name: _rows_of(sheet, wanted, words) for sheet in book.sheets}
    most = max(counts.values(), default=0)
    best = [found for found, count in counts.items() if count == most > 0]
    if counts.get(name):
        return worksheet(book, name)
    if len(best) == 1:
        return worksheet(book, best[0])
    raise InventoryError(tell("sheet-gone", name=name))


def _rows_of(sheet: Any, keys: frozenset[RowKey], words: ColumnWords) -> int:
    try:
        return len(keys & locate(sheet, words).rows.keys())
    except InventoryError:
        return 0


def column_under(sheet: Any, header: str, words: ColumnWords = NO_WORDS) -> int | None:
    """The sheet's column (from 1) under this header, also under one of the person's own; None when there is none."""
    area = _inventory_range(sheet, words)
    top = _top(area)
    at, _columns = _headers(top, words)
    wanted = header_key(header)
    found = [column for column, cell in enumerate(top[at]) if wanted and header_key(cell) == wanted]
    return area.column + found[0] if found else None


def _top(area: Any) -> list[list[object]]:
    """The rows among which the headers are."""
    return _grid(area[: min(HEADER_SEARCH_ROWS, area.shape[0]), :])


def _headers(top: list[list[object]], words: ColumnWords) -> tuple[int, dict[str, int]]:
    best: tuple[int, dict[str, int]] = (0, {})
    for at, row in enumerate(top):
        found = {name: column for column, name in enumerate(words.names(row)) if name is not None}
        if len(found) > len(best[1]):
            best = (at, found)
    return best


def _column(body: Any, at: int | None) -> list[object] | None:
    return None if at is None else [row[0] for row in _grid(body[:, at : at + 1])]
