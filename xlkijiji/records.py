"""From cells to records: a raw sheet becomes a DataFrame, and each row of a DataFrame the `Record` that a bot gets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import Any, overload

import pandas as pd

from xlkijiji.column_words import ColumnWords
from xlkijiji.errors import InventoryError
from xlkijiji.inventory import (
    BY_NAME,
    COLUMNS,
    REQUIRED,
    STATUS,
    Record,
    cell_number,
    cell_text,
    column_letter,
    column_names,
    english_choice,
    fill_placeholders,
    is_blank,
    match_columns,
    match_header,
    split_list,
)
from xlkijiji.messages import tell
from xlkijiji.photo_sources import expand_photos, split_photos

__all__ = [
    "InventoryTable",
    "Records",
    "SheetRows",
    "as_record",
    "find_header_row",
    "missing_columns",
    "read_records",
    "table_from_grid",
]

_NO_WORDS = ColumnWords()
HEADER_SEARCH_ROWS = 40
"""How far down a header row is looked for: a band with a title and buttons may stand above it."""

_OURS = {STATUS, *(name for name, column in BY_NAME.items() if column.ours)}
"""A row that holds nothing but these is a blank row: someone cleared it, and our notes stayed behind."""
# what has neither is a total, or a note: nothing could be written beside it, as nothing names it
_NAMES_AN_ITEM = {"sku", "title"}
_DESCRIBES = {"description"}


# --- a raw sheet


class SheetRows:
    """Which sheet row each row of a loaded frame came from: kept in ``df.attrs['rows']``.

    `attrs` are copied deeply with every frame made from this one; a note that never changes need not be.
    """

    def __init__(self, numbers: Sequence[int], skus: Sequence[str]) -> None:
        self.numbers = tuple(numbers)
        self.skus = tuple(skus)

    def __deepcopy__(self, _memo: object) -> SheetRows:
        return self

    def match(self, skus: Sequence[str]) -> list[int | None]:
        """The sheet's row for each of `skus`: in order while nothing was filtered or sorted, else by unique sku."""
        if tuple(skus) == self.skus:
            return list(self.numbers)
        known: dict[str, int | None] = {}
        for sku, number in zip(self.skus, self.numbers, strict=True):
            known[sku] = None if sku in known or not sku else number
        return [known.get(sku) for sku in skus]


@dataclass(frozen=True)
class InventoryTable:
    """An inventory found in a sheet."""

    frame: pd.DataFrame
    """Canonical column names, the person's own columns under their headers, cells raw, sku and status as text."""
    header_row: int
    """As Excel counts, from 1."""
    rows: list[int]
    """The sheet's row of each row in `frame`."""
    columns: dict[str, int]
    """The sheet's column (from 1) of each canonical column that the sheet has."""


def table_from_grid(
    grid: Sequence[Sequence[object]],
    where: str,
    first_row: int = 1,
    first_column: int = 1,
    merged: Sequence[tuple[int, int, int, int]] = (),
    words: ColumnWords = _NO_WORDS,
) -> InventoryTable:
    """Find the inventory in the cells of a sheet.

    `grid` is rows of cells; its first cell stands in `first_row`, `first_column` (from 1). `where` begins each error
    sentence ("Sheet 'Inventory'"). `merged` are ranges (top, left, bottom, right) in the sheet's own numbers.
    `words` is what the Settings sheet says of the headers.
    A sheet with headers and no rows gives an empty frame: that is nothing to do, not a mistake.

    Raises InventoryError: an empty sheet, no header row, two columns that mean the same, a required column missing, or
    a merged header.
    """
    width = max(map(len, grid), default=0)
    cells = [[*row, *[None] * (width - len(row))] for row in grid]
    if all(is_blank(cell) for row in cells for cell in row):
        raise InventoryError(tell("sheet-is-empty", where=where))
    at = find_header_row(cells, words)
    if at is None:
        raise InventoryError(tell("no-header-row", where=where))
    headers = cells[at]
    header_row = first_row + at
    _refuse_merged(headers, header_row, first_column, merged, where)
    place = tell("row-of-sheet", where=where, row=header_row)
    # padded, so that positions are the sheet's own: they name columns in messages
    padded = [None] * (first_column - 1) + list(headers)
    positions = match_columns(padded, place, words.names(padded))
    columns = {name: position + 1 for name, position in positions.items()}
    absent = missing_columns(columns)
    if absent:
        raise InventoryError(_absent_sentence(place, absent))
    names = _column_names(headers, first_column, words)
    body = [(first_row + at + 1 + n, row) for n, row in enumerate(cells[at + 1 :])]
    kept = [(number, row) for number, row in body if _has(row, names, _NAMES_AN_ITEM)]
    named = {number for number, _row in kept}
    nameless = [number for number, row in body if number not in named and _has(row, names, _DESCRIBES)]
    frame = _frame([row for _, row in kept], names)
    rows = [number for number, _ in kept]
    frame.attrs["headers"] = {name: cell_text(headers[column - first_column]) for name, column in columns.items()}
    frame.attrs["rows"] = SheetRows(rows, frame["sku"].tolist())
    frame.attrs["nameless"] = nameless
    return InventoryTable(frame, header_row, rows, columns)


def missing_columns(found: Sequence[str] | dict[str, int]) -> list[str]:
    """Required columns, canonical, that `found` lacks.

    `posting_status` is added where it is missing. A sheet with a price type can do without a price, as each row may
    be free or a swap.
    """
    return [
        name
        for name in REQUIRED
        if name not in found and name != STATUS and not (name == "price" and "price_type" in found)
    ]


def _absent_sentence(place: str, absent: Sequence[str]) -> str:
    names = ", ".join(tell("quoted", text=BY_NAME[name].header) for name in absent)
    return tell("columns-missing", place=place, names=names, count=len(absent))


def find_header_row(cells: Sequence[Sequence[object]], words: ColumnWords = _NO_WORDS) -> int | None:
    """The row (0-based) that holds the most known headers: at least two, one of them SKU or Title."""
    best, best_count = None, 1
    for at, row in enumerate(cells[:HEADER_SEARCH_ROWS]):
        found = {name for cell in row if isinstance(cell, str) and (name := words.name(cell)) is not None}
        if len(found) > best_count and found & {"sku", "title"}:
            best, best_count = at, len(found)
    return best


def _refuse_merged(
    headers: Sequence[object],
    header_row: int,
    first_column: int,
    merged: Sequence[tuple[int, int, int, int]],
    where: str,
) -> None:
    named = [first_column + at for at, cell in enumerate(headers) if not is_blank(cell)]
    for top, left, bottom, right in merged:
        touches = top <= header_row <= bottom and left <= named[-1] and right >= named[0]
        if touches and (top, left) != (bottom, right):
            cell = headers[left - first_column] if 0 <= left - first_column < len(headers) else None
            raise InventoryError(
                tell("header-is-merged", where=where, letter=column_letter(left), top=top, header=cell_text(cell))
            )


def _column_names(headers: Sequence[object], first_column: int, words: ColumnWords) -> list[str | None]:
    """A unique name for each column; None where there's no header, whatever was scribbled below it."""
    names: list[str | None] = []
    known, by_alias = words.names(headers), column_names(headers)
    for at, header in enumerate(headers):
        name = known[at] or cell_text(header) or None
        # one that the settings rule out mustn't be taken for ours again by its name in the frame
        ruled_out = known[at] is None and by_alias[at] is not None
        if name is not None and (name in names or ruled_out):
            name = f"{name} ({column_letter(first_column + at)})"
        names.append(name)
    return names


def _has(row: Sequence[object], names: Sequence[str | None], wanted: Collection[str]) -> bool:
    """Does something stand in one of these columns?"""
    return any(name in wanted and not is_blank(row[at]) for at, name in enumerate(names))


def _frame(rows: Sequence[Sequence[object]], names: Sequence[str | None]) -> pd.DataFrame:
    # object throughout: a whole number must not become 5.0 because another row of its column is blank
    data = {
        name: pd.Series([row[at] for row in rows], dtype=object) for at, name in enumerate(names) if name is not None
    }
    for name in ("sku", STATUS):
        cells = data[name].tolist() if name in data else [""] * len(rows)
        data[name] = pd.Series([cell_text(cell) for cell in cells], dtype=object)
    return pd.DataFrame(data)


# --- records


def read_records(df: pd.DataFrame, images_dir: Path | None = None) -> Records:
    """The rows of `df` as records, in order.

    Raises InventoryError when two columns mean the same, or a required one is missing.
    """
    return Records(df, images_dir)


class Records(Sequence[Record]):
    """A frame's rows, each made into a `Record` when asked for: a hundred thousand of them need not exist at once."""

    def __init__(self, df: pd.DataFrame, images_dir: Path | None = None) -> None:
        self.columns = match_columns(list(df.columns))
        """Position (0-based) in the frame of each canonical column."""
        absent = missing_columns(self.columns)
        if absent:
            raise InventoryError(_absent_sentence(tell("the-inventory"), absent))
        self._images_dir = images_dir
        self._known = {name: _plain(df, at) for name, at in self.columns.items()}
        taken = set(self.columns)
        self._own: dict[str, list[object]] = {}
        for at, header in enumerate(df.columns):
            key = str(header)
            if key not in taken and key not in self._own:
                self._own[key] = _plain(df, at)
        self._original = _original_headers(df, self.columns)
        self._sku_aliases = [header for header, name in self._original.items() if name == "sku"]
        self.headers = {name: header for header, name in self._original.items()}
        self._makers = {name: _MAKERS.get(name, cell_text) for name in self._known}
        self._length = len(df)
        self.skus = [cell_text(value) for value in self._known["sku"]]

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, position: int) -> Record: ...
    @overload
    def __getitem__(self, position: slice) -> list[Record]: ...
    def __getitem__(self, position: int | slice) -> Record | list[Record]:
        if isinstance(position, slice):
            return [self._record(at) for at in range(*position.indices(self._length))]
        return self._record(range(self._length)[position])

    def __iter__(self) -> Iterator[Record]:
        return map(self._record, range(self._length))

    def cells(self, name: str) -> list[object]:
        """The raw cells of the canonical column `name`; blanks when the frame has no such column."""
        return self._known.get(name) or [None] * self._length

    def has_content(self, position: int) -> bool:
        """False for a row that holds nothing but what xlkijiji itself writes."""
        known = any(not is_blank(cells[position]) for name, cells in self._known.items() if name not in _OURS)
        return known or any(
            not is_blank(cells[position]) for header, cells in self._own.items() if match_header(header) not in _OURS
        )

    def _record(self, position: int) -> Record:
        raw = {name: cells[position] for name, cells in self._known.items()}
        own = {name: cells[position] for name, cells in self._own.items()}
        for header, name in self._original.items():
            own[header] = raw[name]
        record = _build(raw, own, self._makers, self._sku_aliases, self._images_dir)
        record.headers = self.headers
        return record


def as_record(values: Any, images_dir: Path | None = None) -> Record:
    """A `Record` from one mapping of headers to cells (a dict, or a row of a DataFrame); a `Record` stays as it is.

    Raises InventoryError when two headers mean the same column.
    """
    if isinstance(values, Record):
        return values
    items = {str(header): _blank_as_none(value) for header, value in dict(values).items()}
    headers = list(items)
    columns = match_columns(headers)
    raw = {name: items[headers[at]] for name, at in columns.items()}
    own = {header: value for header, value in items.items() if header not in raw}
    original = {headers[at]: name for name, at in columns.items() if headers[at] != name}
    sku_aliases = [header for header, name in original.items() if name == "sku"]
    record = _build(raw, own, {name: _MAKERS.get(name, cell_text) for name in raw}, sku_aliases, images_dir)
    record.headers = {name: header for header, name in original.items()}
    return record


def _build(
    raw: dict[str, object],
    own: dict[str, object],
    makers: dict[str, Callable[[object], Any]],
    sku_aliases: Sequence[str],
    images_dir: Path | None,
) -> Record:
    record = Record(own)
    for name, maker in makers.items():
        record[name] = maker(raw[name])
    for header in sku_aliases:
        record[header] = record["sku"]  # a stock number is one text, by whatever name a bot asks for it
    record["photos"] = expand_photos(split_photos(raw.get("photos")), record.record_id, images_dir)
    for name in ("price", "tags"):
        record.setdefault(name, _MAKERS[name](None))
    if "{" in record.get("description", ""):
        # here and nowhere else, so that braces in a value are never taken for a placeholder
        record["description"] = fill_placeholders(record["description"], _for_ad({**own, **record}, raw)).strip()
    record.raw, record.images_dir = raw, images_dir
    return record


def _for_ad(values: dict[str, object], raw: dict[str, object]) -> dict[str, object]:
    """Values as an ad may show them: of a photo its file name, as this computer's folders are private."""
    names = [PureWindowsPath(name).name for name in split_photos(raw.get("photos"))]
    return {header: names if match_header(header) == "photos" else value for header, value in values.items()}


def _price(value: object) -> float | None:
    return cell_number(value)


def _tags(value: object) -> list[str]:
    return split_list(value, ",;|\n")


def _nothing_yet(_value: object) -> None:
    return None


_MAKERS: dict[str, Callable[[object], Any]] = {
    "price": _price,
    "tags": _tags,
    "photos": _nothing_yet,
    **{column.name: partial(english_choice, column.name) for column in COLUMNS if column.choice_keys},
}
"""How a cell becomes a value, where that isn't its text. Photos need the pictures folder too, so they come after."""


def _plain(df: pd.DataFrame, at: int) -> list[object]:
    """One column as Python's own values (no numpy scalars), every kind of blank as None."""
    return [_blank_as_none(value) for value in df.iloc[:, at].tolist()]


def _blank_as_none(value: object) -> object:
    return None if not isinstance(value, str) and is_blank(value) else value


def _original_headers(df: pd.DataFrame, columns: dict[str, int]) -> dict[str, str]:
    """Headers by which a bot may ask for a known column too: as the frame has them, or as the sheet had them."""
    found = {str(df.columns[at]): name for name, at in columns.items()}
    noted = df.attrs.get("headers")
    if isinstance(noted, dict):
        found.update((str(header), name) for name, header in noted.items() if name in columns)
    return {header: name for header, name in found.items() if header not in columns}
