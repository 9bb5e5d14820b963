"""A new inventory file with a whole frame in it: there is no older one whose other parts could be kept."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import xlsxwriter

from xlkijiji.errors import InventoryError
from xlkijiji.inventory import cell_text
from xlkijiji.messages import tell

__all__ = ["new_file"]


def new_file(df: pd.DataFrame, path: Path, sheet: str) -> bytes:
    """The bytes of a file that holds the headers and all rows of `df`, in the format that the name `path` asks for.

    That is .csv (UTF-8 with a mark, so that Excel knows it) or .xlsx (one worksheet, named `sheet`). Numbers are
    numbers, all else is text, also what begins like a formula. Raises InventoryError for any other format: the macros
    of an .xlsm can't be made up.
    """
    suffix = path.suffix.casefold()
    if suffix == ".csv":
        return _csv_bytes(df)
    if suffix == ".xlsx":
        return _workbook_bytes(df, sheet)
    raise InventoryError(tell("no-file-to-save-into", path=path))


def _csv_bytes(df: pd.DataFrame) -> bytes:
    # a number as a person reads it: pandas makes 2016.0 of a year when another row of its column is blank
    cells = df.map(lambda value: cell_text(value) if isinstance(value, float) else value)
    return cells.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _workbook_bytes(df: pd.DataFrame, name: str) -> bytes:
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    workbook = xlsxwriter.Workbook(target, options)
    sheet = workbook.add_worksheet(name)
    bold = workbook.add_format({"bold": True})
    for column, header in enumerate(df.columns):
        sheet.write_string(0, column, cell_text(header), bold)
        for row, value in enumerate(df.iloc[:, column].tolist(), 1):
            if (
                isinstance(value, (int, float))
                and not isinstance(value, bool)
                and cell_text(value) not in {"", "inf", "-inf"}
            ):
                sheet.write_number(row, column, value)
            elif cell_text(value):
                sheet.write_string(row, column, cell_text(value)[:32767])
    workbook.close()
    return target.getvalue()
