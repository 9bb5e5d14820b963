"""Blocks of values to and from Calc, each in one round trip wherever the cells allow it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from . import formulas
from .connection import uniform, uno_type
from .values import CellError, as_rows, is_formula, moment, plain_text, serial

# com.sun.star.util.NumberFormat
_DATE = 2
_DATETIME = 6
_LOGICAL = 1024
# So many cells are asked one by one for their formats: sooner done than having Calc list those of the whole range.
_FEW_CELLS = 8

_Rows = list[list[Any]]


def read_values(document: Any, cells: Any) -> _Rows:
    """The values of Calc's range `cells`, row by row: None, float, bool, `datetime`, str or `CellError`."""
    raw = cells.getDataArray()
    rows: _Rows = [[None if value == "" else value for value in row] for row in raw]
    if any(isinstance(value, float) for row in rows for value in row):
        _apply_formats(document, cells, rows)
    for row, line in enumerate(raw):
        for column, value in enumerate(line):
            if value is None:  # so Calc gives an error; a blank is ""
                rows[row][column] = CellError.of(cells.getCellByPosition(column, row).getError())
    return rows


def _apply_formats(document: Any, cells: Any, rows: _Rows) -> None:
    """Turn numbers in cells with a date format into dates, and those with a truth value's format into bools."""
    null_date = _null_date(document)
    numbers = [(row, at) for row, line in enumerate(rows) for at, value in enumerate(line) if isinstance(value, float)]
    if len(numbers) <= _FEW_CELLS:
        formats = document.NumberFormats
        for row, column in numbers:
            kind = formats.getByKey(cells.getCellByPosition(column, row).NumberFormat).Type
            if kind & (_DATE | _LOGICAL):
                rows[row][column] = _special(kind, rows[row][column], null_date)
        return
    for kind, (top, left, bottom, right) in _special_formats(document, cells):
        for line in rows[top : bottom + 1]:
            for column in range(left, right + 1):
                value = line[column]
                if isinstance(value, float):
                    line[column] = _special(kind, value, null_date)


def _special(kind: int, value: float, null_date: dt.datetime) -> bool | float | dt.datetime:
    return bool(value) if kind & _LOGICAL else moment(value, null_date)


def _special_formats(document: Any, cells: Any) -> Iterator[tuple[int, tuple[int, int, int, int]]]:
    """(kind of format, (top, left, bottom, right) from 0 within `cells`) for the parts with dates or truth values."""
    formats = document.NumberFormats
    kinds: dict[int, int] = {}

    def kind_of(key: int) -> int:
        if key not in kinds:
            kinds[key] = formats.getByKey(key).Type
        return kinds[key]

    area = cells.RangeAddress
    key = uniform(cells, "NumberFormat")
    if key is not None:
        if kind_of(key) & (_DATE | _LOGICAL):
            yield kind_of(key), (0, 0, area.EndRow - area.StartRow, area.EndColumn - area.StartColumn)
        return
    groups = cells.getUniqueCellFormatRanges()
    for index in range(groups.Count):
        group = groups.getByIndex(index)
        kind = kind_of(group.NumberFormat)
        if not kind & (_DATE | _LOGICAL):
            continue
        for part in group.getRangeAddresses():
            yield (
                kind,
                (
                    part.StartRow - area.StartRow,
                    part.StartColumn - area.StartColumn,
                    part.EndRow - area.StartRow,
                    part.EndColumn - area.StartColumn,
                ),
            )


def _null_date(document: Any) -> dt.datetime:
    """Day 0 of the workbook: 30 December 1899, or 1 January 1904 in some from the Mac."""
    date = document.NullDate
    return dt.datetime(date.Year, date.Month, date.Day)


def write_values(document: Any, cells: Any, value: Any) -> None:
    """Write a scalar to all of `cells`, or nested rows of the same shape.

    Raises:
        ValueError: another shape, or a text that is too long for a cell. Nothing was written then.
    """
    area = cells.RangeAddress
    if is_formula(value):
        formulas.write(document, cells, value)
        return
    rows = as_rows(value, area.EndRow - area.StartRow + 1, area.EndColumn - area.StartColumn + 1)
    null_date = _null_date(document) if any(isinstance(one, dt.datetime) for row in rows for one in row) else None
    plain = tuple(tuple(_stored(one, null_date) for one in row) for row in rows)
    cells.setDataArray(plain)
    for row, line in enumerate(rows):
        for column, one in enumerate(line):
            if is_formula(one):
                formulas.write(document, cells.getCellRangeByPosition(column, row, column, row), one)
    _settle_formats(document, cells, rows)


def _stored(value: Any, null_date: dt.datetime | None) -> float | str:
    """A value as setDataArray takes it: a number or a text. (Given a None there, LibreOffice 7.4 ends.)"""
    if value is None or is_formula(value):
        return ""
    if isinstance(value, (bool, int, float)):
        return float(value)
    if isinstance(value, dt.datetime) and null_date is not None:
        return serial(value, null_date)
    return plain_text(str(value))


def _settle_formats(document: Any, cells: Any, rows: _Rows) -> None:
    """Give dates and truth values a format that shows them, and other numbers none of a truth value."""
    has_special = any(isinstance(one, (bool, dt.datetime)) for row in rows for one in row)
    present: dict[tuple[int, int], int] = {}
    for kind, (top, left, bottom, right) in _special_formats(document, cells):
        present.update({(row, column): kind for row in range(top, bottom + 1) for column in range(left, right + 1)})
    if not present and not has_special:
        return
    formats = document.NumberFormats
    locale = uno_type("com.sun.star.lang.Locale")()
    for row, line in enumerate(rows):
        for column, one in enumerate(line):
            kind = present.get((row, column), 0)
            wanted = None
            if isinstance(one, bool):
                wanted = None if kind & _LOGICAL else _LOGICAL
            elif isinstance(one, dt.datetime):
                midnight = one.time() == dt.time()
                wanted = None if kind & _DATE else _DATE if midnight else _DATETIME
            elif isinstance(one, float) and kind & _LOGICAL:
                wanted = 0
            if wanted is not None:
                cells.getCellByPosition(column, row).NumberFormat = formats.getStandardFormat(wanted, locale)
