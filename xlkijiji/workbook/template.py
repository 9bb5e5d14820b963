"""Builds the workbook: an Inventory sheet with the buttons, a Settings sheet, and the VBA project.

`python -m xlkijiji.workbook.template [PATH]` writes `workbook_template.xlsm`. The same input gives the same bytes on
every machine: dates and order are fixed, and the parts are stored without compression, whose output would depend on
the zlib at hand.
"""

from __future__ import annotations

import copy
import datetime as dt
import io
import sys
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from xlkijiji.inventory import COLUMNS, STATUS, Column, cell_text, header_key, is_blank, match_header
from xlkijiji.messages import tell
from xlkijiji.settings import FIELDS, Field
from xlkijiji.workbook.vba_project import build_vba_project, load_modules

__all__ = ["HEADER_ROW", "TABLE_NAME", "build_workbook"]

VBA_FOLDER = Path(__file__).parent / "vba"
TABLE_NAME = "Inventory"
INVENTORY_SHEET = "Inventory"
SETTINGS_SHEET = "Settings"
HEADER_ROW = 3
"""The row of the headers on both sheets, counted from 1 as Excel does; above it is the band."""
SPARE_ROWS = 200
"""Blank rows in the table below the data. An Excel table grows when one types below it, a database range of Calc
doesn't: with room in it, both work alike for as long as most inventories last. Readers skip the blank rows."""
RULED_ROWS = 5000
"""How far down the drop-downs and status colours reach, for rows that are added below the table in Calc."""
ROW_HEIGHT = 42
"""Points: three lines of text, which most error sentences need."""
SETTING_HEIGHT = 28
"""Points: two lines of text."""
BUTTONS = (
    ("PostNew", "button-post-new", 0),
    ("PostSelected", "button-post-selected", 0),
    ("PostAll", "button-post-all", 0),
    ("CheckSheet", "button-check-sheet", 1),
    ("StopRun", "button-stop", 1),
    ("SignIn", "button-sign-in", 1),
    ("CheckSetup", "button-check-setup", 1),
)
"""Macro, the message that is its caption, and which row of buttons it stands in: the rows are over the columns SKU and
Title, which are frozen, so that they are always to be seen."""
BUTTON_HEIGHT, BUTTON_GAP = 32, 5
BAND_HEIGHT = 60
"""Points: two rows of buttons, whose sizes are in pixels."""
CREATED = dt.datetime(2026, 1, 1)
OPTIONS = {
    "in_memory": True,
    "strings_to_urls": False,
    # Windows and the Mac have Arial, and LibreOffice brings a font of the same widths; for Calibri it doesn't.
    "default_format_properties": {"font_name": "Arial", "font_size": 10},
}

INK, PALE_INK, BAND = "#1F2A44", "#5B6780", "#EAF0FA"
REQUIRED_FILL, OPTIONAL_FILL, OURS_FILL = "#1F4E8C", "#7C93B5", "#9AA0A8"
INPUT_FILL, INPUT_BORDER = "#FFF9E0", "#D9C77A"
# Fill and text of the status cell by the beginning of its text. The first that fits wins; the last one is for any
# other text, such as "Posting…" while a run is on.
STATUS_COLOURS = (
    ("Posted", "#C6E9CE", "#0B5A23"),
    ("Error: Unsure", "#FFE3A8", "#7A4B00"),
    ("Error", "#F8CFCB", "#8E1B10"),
    ("", "#D3E5FA", "#124A86"),
)


def build_workbook(
    path: Path, rows: Sequence[Mapping[str, object]] = (), settings: Mapping[str, object] | None = None
) -> None:
    """Write the macro workbook to `path`, with `rows` in its inventory and `settings` on its Settings sheet.

    Keys of `rows` are column names, headers or aliases; a key that means no column of ours becomes a column at the
    end, under that header. Keys of `settings` are names or labels of `FIELDS`; what isn't given has its default.

    Raises ValueError for a setting that doesn't exist, and OSError when the file can't be written.
    """
    content = io.BytesIO()
    # XlsxWriter changes the options that it is given, so each workbook gets a copy
    with xlsxwriter.Workbook(content, copy.deepcopy(OPTIONS)) as book:
        book.set_properties({"title": "xlkijiji inventory", "author": "xlkijiji", "created": CREATED})
        book.set_calc_mode("auto")
        inventory = book.add_worksheet(INVENTORY_SHEET)
        settings_sheet = book.add_worksheet(SETTINGS_SHEET)
        mode_cell, mode = _write_settings(book, settings_sheet, settings or {})
        _write_inventory(book, inventory, rows)
        _write_mode(book, inventory, mode_cell, mode)
        _add_code(book, {"InventorySheet": inventory, "SettingsSheet": settings_sheet})
        inventory.activate()
    path.write_bytes(_repacked(content.getvalue()))


def _add_code(book: Workbook, sheets: Mapping[str, Worksheet]) -> None:
    book.add_vba_project(io.BytesIO(build_vba_project(load_modules(VBA_FOLDER))), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    for code_name, sheet in sheets.items():
        sheet.set_vba_name(code_name)


def _repacked(content: bytes) -> bytes:
    """The same parts in the same order, stored plainly, with everything that depends on the machine fixed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(packed, "w") as target:
        for part in source.infolist():
            info = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            info.create_system = 0
            target.writestr(info, source.read(part))
    return packed.getvalue()


# The band and the Inventory sheet


def sheet_columns(rows: Sequence[Mapping[str, object]]) -> list[Column]:
    """The columns of the sheet from left to right: ours, then those that only `rows` have.

    The status stands beside the title, because a person who clicks Post New looks for it, and must not need to scroll.
    """
    status = next(column for column in COLUMNS if column.name == STATUS)
    known = [column for column in COLUMNS if column is not status]
    known.insert(2, status)
    others: dict[str, Column] = {}
    for row in rows:
        for key in row:
            if match_header(key) is None:
                others.setdefault(header_key(key), Column(key, key, ""))
    return known + list(others.values())


def _write_inventory(book: Workbook, sheet: Worksheet, rows: Sequence[Mapping[str, object]]) -> None:
    columns = sheet_columns(rows)
    header, last = HEADER_ROW - 1, HEADER_ROW - 1 + len(rows) + SPARE_ROWS
    _write_band(
        book,
        sheet,
        "",
        "One row for each item; Check Sheet, then Post New. Headers: dark blue is required, light blue is optional, "
        "grey is filled in for you.",
        BAND_HEIGHT,
    )
    _add_buttons(sheet)
    formats = {column.name: book.add_format(_body_style(column)) for column in columns}
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width, formats[column.name])
    for row in range(header + 1, last + 1):
        # a height of our own, or a long description makes its row fill the window
        sheet.set_row(row, ROW_HEIGHT)
    _add_table(book, sheet, columns, last)
    for offset, values in enumerate(rows):
        _write_row(sheet, header + 1 + offset, columns, values)
    _add_rules(book, sheet, columns)
    sheet.freeze_panes(HEADER_ROW, 2)
    sheet.set_selection(HEADER_ROW, 0, HEADER_ROW, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)


def _add_buttons(sheet: Worksheet) -> None:
    left: defaultdict[int, int] = defaultdict(lambda: BUTTON_GAP)
    for macro, key, row in BUTTONS:
        caption = tell(key)
        place = {"x_offset": left[row], "y_offset": BUTTON_GAP + row * (BUTTON_HEIGHT + BUTTON_GAP)}
        size = {"width": _caption_width(caption), "height": BUTTON_HEIGHT}
        sheet.insert_button(0, 0, {"macro": macro, "caption": caption, **place, **size})
        left[row] += size["width"] + BUTTON_GAP


def _caption_width(caption: str) -> int:
    """Pixels that a caption needs in Excel's and in Calc's font for buttons, with room at its sides."""
    return 25 + 7 * len(caption)


def _write_band(book: Workbook, sheet: Worksheet, title: str, hint: str, height: float = 32) -> None:
    fill = {"bg_color": BAND, "valign": "vcenter"}
    sheet.set_row(0, height, book.add_format(fill))
    sheet.set_row(1, 20, book.add_format(fill))
    sheet.write_string(0, 0, title, book.add_format({**fill, "bold": True, "font_size": 16, "font_color": INK}))
    sheet.write_string(1, 0, hint, book.add_format({**fill, "font_color": PALE_INK}))


def _write_mode(book: Workbook, sheet: Worksheet, mode_cell: str, mode: object) -> None:
    """Say in the band where the ads go. A formula, so that it is right as soon as the setting is changed."""
    practice = "Practice mode: ads go to the practice site on this computer"
    live = "Live: ads go to Kijiji"
    style = book.add_format({"bg_color": BAND, "valign": "vcenter", "bold": True, "font_color": "#8A5A00"})
    formula = f'=IF({SETTINGS_SHEET}!{mode_cell}="No","{live}","{practice}")'
    sheet.write_formula(0, 2, formula, style, live if cell_text(mode).casefold() == "no" else practice)


def _body_style(column: Column) -> dict[str, Any]:
    style: dict[str, Any] = {"valign": "top"}
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


def _header_style(column: Column) -> dict[str, Any]:
    fill = OURS_FILL if column.ours or column.name == STATUS else REQUIRED_FILL if column.required else OPTIONAL_FILL
    return {"bold": True, "font_color": "#FFFFFF", "bg_color": fill, "valign": "vcenter", "text_wrap": True}


def _add_table(book: Workbook, sheet: Worksheet, columns: Sequence[Column], last: int) -> None:
    header = HEADER_ROW - 1
    sheet.add_table(
        header,
        0,
        last,
        len(columns) - 1,
        {
            "name": TABLE_NAME,
            "style": "Table Style Light 1",
            "columns": [
                {"header": column.header, "header_format": book.add_format(_header_style(column))} for column in columns
            ],
        },
    )
    sheet.set_row(header, 32)
    sheet.set_comments_author("xlkijiji")
    for position, column in enumerate(columns):
        if column.note:
            text = f"Required. {column.note}" if column.required and column.name != STATUS else column.note
            sheet.write_comment(header, position, text, {"width": 240, "height": 40 + 18 * (len(text) // 38)})


def _write_row(sheet: Worksheet, row: int, columns: Sequence[Column], values: Mapping[str, object]) -> None:
    by_name = {match_header(key) or header_key(key): value for key, value in values.items()}
    for position, column in enumerate(columns):
        value = by_name.get(column.name, by_name.get(header_key(column.name)))
        if not is_blank(value):
            _write_value(sheet, row, position, column, value)


def _write_value(sheet: Worksheet, row: int, position: int, column: Column, value: object) -> None:
    """Numbers as numbers where the column holds numbers, dates as dates, all else as the text it is."""
    if isinstance(value, dt.datetime | dt.date):
        sheet.write_datetime(row, position, value)
    elif (
        isinstance(value, int | float) and not isinstance(value, bool) and column.name not in {"sku", "phone", "ad_id"}
    ):
        sheet.write_number(row, position, value)
    elif column.kind == "link" and cell_text(value).startswith(("http://", "https://")):
        sheet.write_url(row, position, cell_text(value))
    else:
        sheet.write_string(row, position, str(value) if isinstance(value, str) else cell_text(value))


def _add_rules(book: Workbook, sheet: Worksheet, columns: Sequence[Column]) -> None:
    """Drop-downs, and the colours of the status: rules of the sheet, so that they follow when it is sorted."""
    first, last = HEADER_ROW, HEADER_ROW + RULED_ROWS
    for position, column in enumerate(columns):
        if column.choices:
            _add_choices(sheet, (first, position, last, position), column.header, column.choices)
        if column.name == STATUS:
            for beginning, fill, ink in STATUS_COLOURS:
                style = book.add_format({"bg_color": fill, "font_color": ink})
                rule = (
                    {"type": "text", "criteria": "begins with", "value": beginning}
                    if beginning
                    else {"type": "no_blanks"}
                )
                sheet.conditional_format(
                    first, position, last, position, {**rule, "format": style, "stop_if_true": True}
                )


def _add_choices(sheet: Worksheet, cells: tuple[int, int, int, int], label: str, choices: Sequence[str]) -> None:
    sheet.data_validation(
        *cells,
        {
            "validate": "list",
            "source": list(choices),
            "error_title": label,
            "error_message": f"Please pick one of: {', '.join(choices)}.",
        },
    )


# The Settings sheet


def _write_settings(book: Workbook, sheet: Worksheet, settings: Mapping[str, object]) -> tuple[str, object]:
    """Fill the sheet; return the address of the practice mode's value, and that value."""
    values = _setting_values(settings)
    _write_band(
        book,
        sheet,
        "Settings",
        "Change the yellow cells. What is left blank has its default. No password belongs here.",
    )
    for position, (title, width) in enumerate((("Setting", 22), ("Value", 32), ("What it does", 72))):
        sheet.set_column(position, position, width)
        sheet.write_string(
            HEADER_ROW - 1,
            position,
            title,
            book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": REQUIRED_FILL, "valign": "vcenter"}),
        )
    sheet.set_row(HEADER_ROW - 1, 24)
    label_style = book.add_format({"bold": True, "font_color": INK, "valign": "vcenter"})
    input_style = book.add_format(
        {"bg_color": INPUT_FILL, "border": 1, "border_color": INPUT_BORDER, "align": "left", "valign": "vcenter"}
    )
    note_style = book.add_format({"font_color": PALE_INK, "text_wrap": True, "valign": "vcenter", "indent": 1})
    for row, field in enumerate(FIELDS, start=HEADER_ROW):
        sheet.set_row(row, SETTING_HEIGHT)
        sheet.write_string(row, 0, field.label, label_style)
        _write_setting(sheet, row, field, values[field.name], input_style)
        sheet.write_string(row, 2, field.note, note_style)
    sheet.freeze_panes(HEADER_ROW, 0)
    sheet.hide_gridlines(2)
    sheet.set_selection(HEADER_ROW, 1, HEADER_ROW, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    mode_row = HEADER_ROW + 1 + [field.name for field in FIELDS].index("practice_mode")
    return f"$B${mode_row}", values["practice_mode"]


def _setting_values(settings: Mapping[str, object]) -> dict[str, object]:
    names = {header_key(key): field.name for field in FIELDS for key in (field.name, field.label)}
    values: dict[str, object] = {field.name: field.default for field in FIELDS}
    for key, value in settings.items():
        if header_key(key) not in names:
            raise ValueError(f"There is no setting {key!r}.")
        values[names[header_key(key)]] = ("Yes" if value else "No") if isinstance(value, bool) else value
    return values


def _write_setting(sheet: Worksheet, row: int, field: Field, value: object, style: Format) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, 1, value, style)
    elif is_blank(value):
        sheet.write_blank(row, 1, None, style)
    else:
        sheet.write_string(row, 1, str(value), style)
    if field.choices:
        _add_choices(sheet, (row, 1, row, 1), field.label, field.choices)
    elif isinstance(field.default, int):
        sheet.data_validation(
            row,
            1,
            row,
            1,
            {
                "validate": "decimal",
                "criteria": ">=",
                "value": 0,
                "error_title": field.label,
                "error_message": "Please enter a number of 0 or more.",
            },
        )


if __name__ == "__main__":
    build_workbook(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("workbook_template.xlsm"))
