"""The Inventory sheet of the template: a table with a note on each header, lists to choose from and status colours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from xlkijiji.inventory import COLUMNS, STATUS, Column, cell_text, header_key, is_blank, match_header
from xlkijiji.messages import tell
from xlkijiji.workbook.template_look import (
    AMBER,
    AMBER_FILL,
    BAND,
    BLUE,
    BLUE_FILL,
    GREEN,
    GREEN_FILL,
    HEADER_ROW,
    OPTIONAL_FILL,
    OURS_FILL,
    PALE_INK,
    RED,
    RED_FILL,
    REQUIRED_FILL,
    address,
    head_style,
    prepare_print,
    write_band,
)

__all__ = [
    "CATEGORIES_NAME",
    "RULED_ROWS",
    "SPARE_ROWS",
    "TABLE_NAME",
    "sheet_columns",
    "write_inventory",
    "write_mode",
]

TABLE_NAME = "Inventory"
"""The same in each language, for formulas."""
CATEGORIES_NAME = "xlkijiji_categories"
"""The workbook's name for the list of categories."""
SPARE_ROWS = 200
"""Blank rows in the table below the data. An Excel table grows when one types below it, a database range of Calc
doesn't: with room in it, both work alike for as long as most inventories last. Readers skip the blank rows."""
RULED_ROWS = 5000
"""How far down the drop-downs and status colours reach, for rows that are added below the table in Calc."""
FROZEN = 3
"""The columns that never scroll away: stock number, title and status."""
TALL_BAND = (50.0, 43.0)
"""Points: two rows of buttons, and below them as much as Calc lets a note reach up from the header that it belongs to:
15 mm. A button would cover it, and Calc asks nobody else where a note is to open."""
PAGES_WIDE = 3
"""Printed on one page's width, so many columns could not be read. SKU and title stand on each page."""
ROW_HEIGHT = 42
"""Points: three lines of text, which most error sentences need."""
# Fill and text of the status cell by the beginning of its text. The first that fits wins; the last one is for any
# other text, such as "Posting…" while a run is on.
STATUS_COLOURS = (
    ("Posted", GREEN_FILL, GREEN),
    ("Error: Unsure", AMBER_FILL, AMBER),
    ("Error", RED_FILL, RED),
    ("", BLUE_FILL, BLUE),
)


def sheet_columns(rows: Sequence[Mapping[str, object]]) -> list[Column | str]:
    """The columns of the sheet from left to right: ours, then the headers that only `rows` have.

    The status stands beside the title, because a person who clicks Post New looks for it, and must not need to scroll.
    """
    status = next(column for column in COLUMNS if column.name == STATUS)
    known: list[Column | str] = [column for column in COLUMNS if column is not status]
    known.insert(2, status)
    others: dict[str, str] = {}
    for row in rows:
        for key in row:
            if match_header(key) is None:
                others.setdefault(header_key(key), key)
    return known + list(others.values())


def write_inventory(book: Workbook, sheet: Worksheet, rows: Sequence[Mapping[str, object]]) -> None:
    """Fill the sheet, all but its buttons."""
    columns = sheet_columns(rows)
    header, last = HEADER_ROW - 1, HEADER_ROW - 1 + len(rows) + SPARE_ROWS
    write_band(book, sheet, "", tell("band-inventory"), TALL_BAND)
    formats = [book.add_format(_body_style(column)) for column in columns]
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width if isinstance(column, Column) else 14, formats[position])
    for row in range(header + 1, last + 1):
        # a height of our own, or a long description makes its row fill the window
        sheet.set_row(row, ROW_HEIGHT)
    _add_table(book, sheet, columns, last)
    for offset, values in enumerate(rows):
        _write_row(sheet, header + 1 + offset, columns, values)
    _add_rules(book, sheet, columns)
    sheet.freeze_panes(HEADER_ROW, FROZEN)
    sheet.set_selection(HEADER_ROW, 0, HEADER_ROW, 0)
    prepare_print(sheet, pages_wide=PAGES_WIDE)
    sheet.repeat_rows(header)
    sheet.repeat_columns(0, 1)
    _print_filled_rows_only(book, sheet, len(columns))


def _print_filled_rows_only(book: Workbook, sheet: Worksheet, width: int) -> None:
    """Without this Excel prints the table's blank rows too: a print area that ends with the last title."""
    name, end = sheet.get_name(), HEADER_ROW + RULED_ROWS
    titles = address(name, f"$B${HEADER_ROW + 1}:$B${end}")
    right = xl_col_to_name(width - 1)
    column = address(name, f"${right}$1:${right}${end}")
    last = f'MAX({HEADER_ROW + 1},SUMPRODUCT(MAX(({titles}<>"")*ROW({titles}))))'
    book.define_name(f"{address(name, '_xlnm.Print_Area')}", f"={address(name, '$A$1')}:INDEX({column},{last})")


def write_mode(book: Workbook, sheet: Worksheet, mode_cell: str, mode: object) -> None:
    """Say in the band where the ads go. A formula, so that it is right as soon as the setting is changed."""
    practice, live = tell("band-practice"), tell("band-live")
    style = book.add_format({"bg_color": BAND, "valign": "vcenter", "bold": True, "font_color": "#8A5A00"})
    is_live = ",".join(f'{mode_cell}="{word}"' for word in ("No", "Non"))
    now = live if header_key(mode) in {"no", "non"} else practice
    sheet.write_formula(0, 2, f'=IF(OR({is_live}),"{live}","{practice}")', style, now)


def _body_style(column: Column | str) -> dict[str, Any]:
    style: dict[str, Any] = {"valign": "top"}
    if isinstance(column, str):
        return {**style, "text_wrap": True}
    if column.kind == "number":
        style["num_format"] = "#,##0.00"
    elif column.kind == "integer":
        style["num_format"] = "0" if column.name == "year" else "#,##0"
    elif column.kind == "time":
        style |= {"num_format": "yyyy-mm-dd hh:mm", "align": "left"}
    elif column.name in {"sku", "phone", "ad_id"}:
        style["num_format"] = "@"  # numbers that are names: 007 stays 007
    if column.kind == "link":
        style |= {"font_color": "#0B57D0", "underline": 1}
    elif column.kind in {"text", "long"}:
        style["text_wrap"] = True
    if column.ours:
        style["font_color"] = PALE_INK if column.kind != "link" else style["font_color"]
    return style


def _is_to_be_filled_in(column: Column | str) -> bool:
    """The status is required too, but the run fills it in."""
    return isinstance(column, Column) and column.required and column.name != STATUS


def _header_style(column: Column | str) -> dict[str, Any]:
    required = _is_to_be_filled_in(column)
    ours = isinstance(column, Column) and (column.ours or column.name == STATUS)
    return head_style(OURS_FILL if ours else REQUIRED_FILL if required else OPTIONAL_FILL, bold=required)


def _add_table(book: Workbook, sheet: Worksheet, columns: Sequence[Column | str], last: int) -> None:
    header = HEADER_ROW - 1
    heads = [
        {
            "header": column.header if isinstance(column, Column) else column,
            "header_format": book.add_format(_header_style(column)),
        }
        for column in columns
    ]
    options = {"name": TABLE_NAME, "style": "Table Style Light 1", "columns": heads}
    sheet.add_table(header, 0, last, len(columns) - 1, options)
    sheet.set_row(header, 32)
    sheet.set_comments_author("xlkijiji")
    for position, column in enumerate(columns):
        if isinstance(column, Column):
            text = tell("required-note", note=column.note) if _is_to_be_filled_in(column) else column.note
            sheet.write_comment(header, position, text, {"width": 240, "height": 40 + 18 * (len(text) // 38)})


def _write_row(sheet: Worksheet, row: int, columns: Sequence[Column | str], values: Mapping[str, object]) -> None:
    by_name = {match_header(key) or header_key(key): value for key, value in values.items()}
    for position, column in enumerate(columns):
        value = by_name.get(column.name if isinstance(column, Column) else header_key(column))
        if not is_blank(value):
            _write_value(sheet, row, position, column, value)


def _write_value(sheet: Worksheet, row: int, position: int, column: Column | str, value: object) -> None:
    """Numbers as numbers where the column holds numbers, dates as dates, all else as the text it is."""
    name, kind = (column.name, column.kind) if isinstance(column, Column) else (column, "text")
    if isinstance(value, dt.datetime | dt.date):
        sheet.write_datetime(row, position, value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and name not in {"sku", "phone", "ad_id"}:
        sheet.write_number(row, position, value)
    elif kind == "link" and cell_text(value).startswith(("http://", "https://")):
        sheet.write_url(row, position, cell_text(value))
    else:
        sheet.write_string(row, position, str(value) if isinstance(value, str) else cell_text(value))


def _add_rules(book: Workbook, sheet: Worksheet, columns: Sequence[Column | str]) -> None:
    """Lists to choose from, and status colours: rules of the sheet, so that they follow when it is sorted.

    The lists ask nothing about other words. A category has a number and a last name too, Calc makes an en dash of a
    hyphen that is typed between blanks, and Check Sheet tells which word is none.
    """
    first, last = HEADER_ROW, HEADER_ROW + RULED_ROWS
    for position, column in enumerate(columns):
        if not isinstance(column, Column):
            continue
        cells = (first, position, last, position)
        if column.choices:
            sheet.data_validation(*cells, {"validate": "list", "source": list(column.choices), "show_error": False})
        elif column.name == "category":
            sheet.data_validation(*cells, {"validate": "list", "source": f"={CATEGORIES_NAME}", "show_error": False})
        elif column.name == STATUS:
            for beginning, fill, ink in STATUS_COLOURS:
                style = {"format": book.add_format({"bg_color": fill, "font_color": ink}), "stop_if_true": True}
                begins = {"type": "text", "criteria": "begins with", "value": beginning}
                sheet.conditional_format(*cells, (begins if beginning else {"type": "no_blanks"}) | style)
