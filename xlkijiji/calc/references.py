"""Cell references in A1 notation, as plain arithmetic: nothing here talks to Calc."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CELL = re.compile(r"\$?(?P<column>[A-Za-z]{1,3})?\$?(?P<row>[0-9]{1,7})?")


@dataclass(frozen=True)
class Block:
    """A rectangle of cells: first row and column counted from 1, and its size."""

    row: int
    column: int
    rows: int
    columns: int

    @classmethod
    def between(cls, row1: int, column1: int, row2: int, column2: int) -> Block:
        """The rectangle with these two opposite corners, counted from 1."""
        top, bottom = sorted((row1, row2))
        left, right = sorted((column1, column2))
        return cls(top, left, bottom - top + 1, right - left + 1)

    @property
    def last_row(self) -> int:
        """Its bottom row."""
        return self.row + self.rows - 1

    @property
    def last_column(self) -> int:
        """Its rightmost column."""
        return self.column + self.columns - 1

    def address(self, *, row_absolute: bool = True, column_absolute: bool = True) -> str:
        """Its A1 address, such as `$A$1:$B$2`, or `$A$1` for one cell."""
        row_sign, column_sign = "$" * row_absolute, "$" * column_absolute
        corners = [
            f"{column_sign}{column_letters(column)}{row_sign}{row}"
            for row, column in ((self.row, self.column), (self.last_row, self.last_column))
        ]
        return corners[0] if self.rows == self.columns == 1 else ":".join(corners)


def column_letters(column: int) -> str:
    """The letters of a column counted from 1: 1 → A, 27 → AA."""
    letters = ""
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def column_number(letters: str) -> int:
    """The number of a column: A → 1, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def parse(text: str, *, max_rows: int, max_columns: int) -> Block | None:
    """The block that `A1`, `A1:B2`, `A:C` or `2:5` names on a sheet of that size; None when it is no such reference."""
    parts = text.strip().split(":")
    if len(parts) > 2:
        return None
    matches = [_CELL.fullmatch(part) for part in parts]
    if any(match is None for match in matches):
        return None
    columns = [match["column"] for match in matches if match]
    rows = [match["row"] for match in matches if match]
    # Both ends have the same form: cell:cell, column:column, or row:row. Alone stands only a cell.
    if len({bool(column) for column in columns}) > 1 or len({bool(row) for row in rows}) > 1:
        return None
    if not (rows[0] and columns[0]) and (len(parts) == 1 or not (rows[0] or columns[0])):
        return None
    row1, row2 = (int(rows[0]), int(rows[-1])) if rows[0] else (1, max_rows)
    column1, column2 = (column_number(columns[0]), column_number(columns[-1])) if columns[0] else (1, max_columns)
    if min(row1, row2) < 1 or max(row1, row2) > max_rows or max(column1, column2) > max_columns:
        return None
    return Block.between(row1, column1, row2, column2)


def quoted(name: str) -> str:
    """A sheet's name as a reference needs it: in quotes unless it is a plain word."""
    return name if re.fullmatch(r"[^\W\d]\w*", name) else "'" + name.replace("'", "''") + "'"
