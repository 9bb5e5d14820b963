"""The How to sheet of the template: five steps on one page, with pictures of the real workbook.

The pictures are made by `scripts/how_to_pictures.py`.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from xlkijiji.messages import language, tell
from xlkijiji.workbook.template_look import (
    HEADER_ROW,
    INK,
    PALE_INK,
    REQUIRED_FILL,
    prepare_print,
    write_band,
)

__all__ = ["PICTURES", "write_how_to"]

PICTURES = Path(__file__).parent / "pictures"
STEPS = (
    ("how-to-1-title", "how-to-1-text", "rows"),
    ("how-to-2-title", "how-to-2-text", "settings"),
    ("how-to-3-title", "how-to-3-text", "buttons"),
    ("how-to-4-title", "how-to-4-text", "statuses"),
    ("how-to-5-title", "how-to-5-text", "dashboard"),
)
"""Title, text, and the name of the picture."""
STEP_HEIGHT = 150
"""Points."""
PICTURE_WIDTH, PICTURE_HEIGHT = 500, 184
"""Pixels that a picture may take on the sheet."""


def write_how_to(book: Workbook, sheet: Worksheet) -> None:
    """Fill the sheet, in the language in use."""
    write_band(book, sheet, tell("sheet-how-to"), tell("band-how-to"))
    sheet.hide_gridlines(2)
    for position, width in enumerate((5, 46, 72)):
        sheet.set_column(position, position, width)
    number = {"bold": True, "font_size": 20, "font_color": REQUIRED_FILL, "valign": "top", "align": "center"}
    number_style = book.add_format(number)
    cell = book.add_format({"text_wrap": True, "valign": "top", "font_color": INK})
    title_style = book.add_format({"bold": True, "font_size": 12, "font_color": INK})
    text_style = book.add_format({"font_color": PALE_INK, "font_size": 11})
    for step, (title, text, picture) in enumerate(STEPS):
        row = HEADER_ROW + step
        sheet.set_row(row, STEP_HEIGHT)
        sheet.write_number(row, 0, step + 1, number_style)
        sheet.write_rich_string(row, 1, title_style, f"{tell(title)}\n", text_style, f"\n{tell(text)}", cell)
        _insert(sheet, row, PICTURES / f"{picture}-{language()}.png", tell(title))
    sheet.set_selection(HEADER_ROW, 0, HEADER_ROW, 0)
    prepare_print(sheet, landscape=False, pages_high=1)


def _insert(sheet: Worksheet, row: int, path: Path, description: str) -> None:
    """The picture right of the text, as large as fits."""
    with Image.open(path) as image:
        scale = min(PICTURE_WIDTH / image.width, PICTURE_HEIGHT / image.height, 1.0)
    place = {"x_scale": scale, "y_scale": scale, "x_offset": 8, "y_offset": 4, "description": description}
    sheet.insert_image(row, 2, str(path), place)
