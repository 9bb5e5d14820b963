"""How the sheets of the workbook look, and what they have in common: colours, the band on top, how they are printed."""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import quote_sheetname
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from xlkijiji.messages import tell

__all__ = ["HEADER_ROW", "address", "head_style", "prepare_print", "write_band"]

HEADER_ROW = 3
"""The row of the headers on all sheets that have any, counted from 1 as Excel does; above it is the band."""
BAND_HEIGHTS = (32.0, 20.0)
"""Points, of the two rows of the band."""
LETTER = 1
"""Excel's number of the paper that Canadian printers have."""

INK, PALE_INK, BAND = "#1F2A44", "#5B6780", "#EAF0FA"
REQUIRED_FILL, OPTIONAL_FILL, OURS_FILL = "#1F4E8C", "#5C79A6", "#7A828C"
INPUT_FILL, INPUT_BORDER = "#FFF9E0", "#D9C77A"
GREEN, RED, AMBER, BLUE = "#0B5A23", "#8E1B10", "#7A4B00", "#124A86"
GREEN_FILL, RED_FILL, AMBER_FILL, BLUE_FILL = "#C6E9CE", "#F8CFCB", "#FFE3A8", "#D3E5FA"


def write_band(
    book: Workbook, sheet: Worksheet, title: str, hint: str, heights: tuple[float, float] = BAND_HEIGHTS
) -> None:
    """The two rows on top: a title, and a sentence that says what to do here."""
    fill = {"bg_color": BAND, "valign": "vcenter"}
    for row, height in enumerate(heights):
        sheet.set_row(row, height, book.add_format(fill))
    sheet.write_string(0, 0, title, book.add_format({**fill, "bold": True, "font_size": 16, "font_color": INK}))
    sheet.write_string(1, 0, hint, book.add_format({**fill, "font_color": PALE_INK}))


def head_style(fill: str = REQUIRED_FILL, *, bold: bool = True) -> dict[str, Any]:
    """Of the cells that name columns."""
    return {"bold": bold, "font_color": "#FFFFFF", "bg_color": fill, "valign": "vcenter", "text_wrap": True}


def prepare_print(sheet: Worksheet, *, landscape: bool = True, pages_wide: int = 1, pages_high: int = 0) -> None:
    """So many pages wide; `pages_high` 0: as many pages as it takes. Its name and the page number are below."""
    sheet.set_paper(LETTER)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(pages_wide, pages_high)
    sheet.set_footer(f"&L&8&F – &A&R&8{tell('print-footer', page='&P', pages='&N')}")


def address(sheet: str, cells: str) -> str:
    """`cells` of the sheet that is called so, as formulas write it."""
    return f"{quote_sheetname(sheet)}!{cells}"
