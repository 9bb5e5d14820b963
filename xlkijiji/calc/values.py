"""Cell values on their way between xlwings and Calc.

Rules, the same for one cell and for a block:

* numbers are floats; a cell with a date format is a `datetime`, one with the format of a truth value a `bool`, a
  blank one None, an error a `CellError` (as text `#N/A`, `#DIV/0!`, …); times of day alone stay numbers, as in Excel;
* a text that starts with `=` and goes on is written as a formula. **Every other text stays the text it is**, also
  `007`, `1/2` and `+1 555 0100`, which Excel itself might turn into a number, a date or an error;
* one leading apostrophe is Excel's sign for "this is text" and is not part of the text: `'=x` gives the text `=x`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

# Excel's limit per cell, https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3 ; Calc takes more,
# but the file is for Excel too.
MAX_TEXT = 32_767
# Calc's error codes (com.sun.star.table.XCell.getError) and Excel's names of the same errors.
_ERRORS = {
    32767: "#N/A",
    532: "#DIV/0!",
    519: "#VALUE!",
    524: "#REF!",
    525: "#NAME?",
    503: "#NUM!",
    523: "#NUM!",
    521: "#NULL!",
}
_DAY = 86_400


class CellError(str):
    """The value of a cell that shows an error, such as `CellError("#DIV/0!")`."""

    __slots__ = ()

    @classmethod
    def of(cls, code: int) -> CellError:
        """The error of that Calc code; the rarer ones count as `#VALUE!`, as in a saved .xlsx."""
        return cls(_ERRORS.get(code, "#VALUE!"))


def is_formula(value: object) -> bool:
    """Whether writing this value makes a formula."""
    return isinstance(value, str) and not isinstance(value, CellError) and len(value) > 1 and value.startswith("=")


def prepare(value: Any) -> Any:
    """One value as a user gives it → None, bool, float, `datetime` or str (for xlwings' `prepare_xl_data_element`).

    Raises:
        TypeError: a cell cannot hold it.
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, float, np.number)):
        number = float(value)
        return None if math.isnan(number) else number
    if isinstance(value, str):
        return str(value) if not isinstance(value, CellError) else value
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False).replace(tzinfo=None)
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, dt.timedelta):
        return value.total_seconds() / _DAY
    if isinstance(value, dt.time):
        return (dt.datetime.combine(dt.date.min, value) - dt.datetime.min).total_seconds() / _DAY
    try:
        return float(value)  # Decimal, Fraction
    except (TypeError, ValueError) as error:
        raise TypeError(f"A cell cannot hold a value of the type {type(value).__name__}.") from error


def plain_text(text: str) -> str:
    """The text that is to stand in the cell.

    Raises:
        ValueError: it is longer than a cell of Excel holds.
    """
    text = text[1:] if text.startswith("'") else text
    # Calc and Excel break lines in a cell with a single line feed.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise ValueError(f"A cell holds at most {MAX_TEXT:,} characters, and this text has more. Make it shorter.")
    return text


def serial(moment: dt.datetime, null_date: dt.datetime) -> float:
    """The day number that stands for `moment` in a workbook whose day 0 is `null_date`."""
    return (moment - null_date).total_seconds() / _DAY


def moment(number: float, null_date: dt.datetime) -> dt.datetime | float:
    """The date and time of a day number, to the millisecond as in Excel; the number itself if none is so far off."""
    try:
        return null_date + dt.timedelta(milliseconds=round(number * _DAY * 1000))
    except OverflowError:
        return number


def clean(
    rows: Sequence[Sequence[Any]],
    datetime_builder: Callable[..., Any],
    empty_as: Any,
    number_builder: Callable[[float], Any] | None,
    err_to_str: bool,
) -> list[list[Any]]:
    """Raw rows → what the user asked for by `Range.options` (for xlwings' `clean_value_data`)."""

    def one(value: Any) -> Any:
        if value is None or (isinstance(value, str) and not value):
            return empty_as
        if isinstance(value, CellError):
            return str(value) if err_to_str else empty_as
        if isinstance(value, dt.datetime) and datetime_builder is not dt.datetime:
            return datetime_builder(
                year=value.year,
                month=value.month,
                day=value.day,
                hour=value.hour,
                minute=value.minute,
                second=value.second,
                microsecond=value.microsecond,
                tzinfo=None,
            )
        if number_builder is not None and isinstance(value, float):
            return number_builder(value)
        return value

    return [[one(value) for value in row] for row in rows]


def as_rows(value: Any, rows: int, columns: int) -> list[list[Any]]:
    """A scalar, a row, or nested rows → `rows` × `columns` of nested lists. A scalar fills the whole block.

    Raises:
        ValueError: the nested rows have another shape.
    """
    if not isinstance(value, (list, tuple)):
        return [[value] * columns for _ in range(rows)]
    nested = [list(row) if isinstance(row, (list, tuple)) else [row] for row in value]
    if value and not isinstance(value[0], (list, tuple)):
        nested = [list(value)]
    if len(nested) != rows or any(len(row) != columns for row in nested):
        raise ValueError(f"The values do not have the shape of the range, {rows} × {columns}.")
    return nested
