"""The Settings sheet of the template: a label, a yellow cell and a sentence for each setting."""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from xlkijiji import __version__
from xlkijiji.inventory import header_key, is_blank
from xlkijiji.messages import tell
from xlkijiji.settings import FIELDS, VERSION_KEY, VERSION_NOTE_KEY, YES_NO, Field
from xlkijiji.workbook.template_look import (
    HEADER_ROW,
    INK,
    INPUT_BORDER,
    INPUT_FILL,
    PALE_INK,
    head_style,
    prepare_print,
    write_band,
)

__all__ = ["write_settings"]

SETTING_HEIGHT = 28
"""Points: two lines of text."""


def write_settings(book: Workbook, sheet: Worksheet, settings: Mapping[str, object]) -> tuple[str, object]:
    """Fill the sheet; return the address of the practice mode's value, and that value.

    Raises ValueError for a setting that doesn't exist.
    """
    values = _setting_values(settings)
    write_band(book, sheet, tell("sheet-settings"), tell("band-settings"))
    heads = ("settings-head-name", 24), ("settings-head-value", 32), ("settings-head-note", 72)
    for position, (key, width) in enumerate(heads):
        sheet.set_column(position, position, width)
        sheet.write_string(HEADER_ROW - 1, position, tell(key), book.add_format(head_style()))
    sheet.set_row(HEADER_ROW - 1, 24)
    label_style = book.add_format({"bold": True, "font_color": INK, "valign": "vcenter", "text_wrap": True})
    plain = {"align": "left", "valign": "vcenter"}
    input_style = book.add_format({**plain, "bg_color": INPUT_FILL, "border": 1, "border_color": INPUT_BORDER})
    note_style = book.add_format({"font_color": PALE_INK, "text_wrap": True, "valign": "vcenter", "indent": 1})
    for row, field in enumerate(FIELDS, start=HEADER_ROW):
        sheet.set_row(row, SETTING_HEIGHT)
        sheet.write_string(row, 0, field.label, label_style)
        _write_setting(sheet, row, field, values[field.name], input_style)
        sheet.write_string(row, 2, field.note, note_style)
    below = HEADER_ROW + len(FIELDS)
    sheet.set_row(below, SETTING_HEIGHT)
    sheet.write_string(below, 0, tell(VERSION_KEY), label_style)
    sheet.write_string(below, 1, __version__, book.add_format({**plain, "font_color": PALE_INK}))
    sheet.write_string(below, 2, tell(VERSION_NOTE_KEY), note_style)
    sheet.freeze_panes(HEADER_ROW, 0)
    sheet.hide_gridlines(2)
    sheet.set_selection(HEADER_ROW, 1, HEADER_ROW, 1)
    prepare_print(sheet, pages_high=1)
    mode_row = HEADER_ROW + 1 + [field.name for field in FIELDS].index("practice_mode")
    return f"$B${mode_row}", values["practice_mode"]


def _setting_values(settings: Mapping[str, object]) -> dict[str, object]:
    names = {header_key(key): field.name for field in FIELDS for key in (field.name, field.label)}
    values: dict[str, object] = {field.name: field.shown_default for field in FIELDS}
    for key, value in settings.items():
        if header_key(key) not in names:
            raise ValueError(f"There is no setting {key!r}.")
        yes, no = map(tell, YES_NO)
        values[names[header_key(key)]] = (yes if value else no) if isinstance(value, bool) else value
    return values


def _write_setting(sheet: Worksheet, row: int, field: Field, value: object, style: Format) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, 1, value, style)
    elif is_blank(value):
        sheet.write_blank(row, 1, None, style)
    else:
        sheet.write_string(row, 1, str(value), style)
    if field.choices:
        offered = {"validate": "list", "source": list(field.choices), "error_type": "warning"}
        words = tell("pick-one-of", choices=", ".join(field.choices))
        sheet.data_validation(row, 1, row, 1, {**offered, "error_title": field.label[:32], "error_message": words})
    elif isinstance(field.default, int):
        rule = {"validate": "decimal", "criteria": ">=", "value": 0, "error_title": field.label[:32]}
        sheet.data_validation(row, 1, row, 1, {**rule, "error_message": tell("enter-a-number")})
