"""Workbooks as offices have them, made for a test: each feature of a spreadsheet that adopting must not touch."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection
from pathlib import Path

import xlsxwriter
from PIL import Image

FEATURES = sorted(
    {
        "table",
        "filter",
        "band",
        "comment",
        "picture",
        "chart",
        "chart_sheet",
        "names",
        "print_area",
        "hidden_sheet",
        "validation",
        "colours",
        "formulas",
        "frozen",
        "wide_columns",
        "custom_xml",
        "protected",
        "merged",
        "links",
        "rich",
        "header_footer",
        "outline",
        "second_comment",
        "used_right",
        "images",
    }
)
HEADERS = ["Stock No", "Title", "Description", "Asking price", "Photos", "Cost", "Margin"]
WORDS = {"Asking price": "price"}


def make_workbook(path: Path, features: Collection[str], rows: int = 4) -> Path:
    """A workbook with the sheets Notes and Stock, and in them what `features` name."""
    with xlsxwriter.Workbook(path) as book:
        _fill(book, features, rows)
    if "custom_xml" in features:
        _add_custom_xml(path)
    return path


def _fill(book: xlsxwriter.Workbook, features: Collection[str], rows: int) -> None:
    notes, sheet = book.add_worksheet("Notes & more"), book.add_worksheet("Stock d'été")
    notes.write("A1", "Our house rules")
    top = 2 if "band" in features else 0
    bold = book.add_format({"bold": True, "bg_color": "#DDEEFF", "border": 1})
    money = book.add_format({"num_format": '#,##0.00 "$"', "font_name": "Verdana", "border": 1})
    if "band" in features:
        sheet.write("A1", "ACME trucks", book.add_format({"bold": True, "font_size": 20}))
    last = top + rows
    if "table" in features:
        sheet.add_table(top, 0, last, 6, {"columns": [{"header": header} for header in HEADERS], "name": "Trucks"})
    else:
        sheet.write_row(top, 0, HEADERS, bold)
        if "filter" in features:
            sheet.autofilter(top, 0, last, 6)
    for at in range(rows):
        row = top + 1 + at
        sheet.write_row(
            row, 0, [f"T{at}", f"Truck number {at} é", "Runs, and looks fine.", 1000.5 + at, "", 900], money
        )
        if "formulas" in features:
            sheet.write_formula(row, 6, f"=D{row + 1}-F{row + 1}", money, 100.5 + at)
    _decorate(book, notes, sheet, features, top, last)
    if "hidden_sheet" in features:
        book.add_worksheet("Secret").hide()
    if "chart_sheet" in features:
        tab = book.add_chartsheet("Diagram")
        drawn = book.add_chart({"type": "line"})
        drawn.add_series({"values": ["Stock d'été", top + 1, 3, last, 3]})
        tab.set_chart(drawn)
    if "names" in features:
        book.define_name("Prices", f"='Stock d''été'!$D${top + 2}:$D${last + 1}")
        book.define_name("'Notes & more'!Local", "='Notes & more'!$A$1")


def _decorate(
    book: xlsxwriter.Workbook,
    notes: xlsxwriter.workbook.Worksheet,
    sheet: xlsxwriter.workbook.Worksheet,
    features: Collection[str],
    top: int,
    last: int,
) -> None:
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": ["Stock d'été", top + 1, 3, last, 3]})
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(picture, "PNG")
    amber = book.add_format({"bg_color": "#FFE3A8"})
    doings = {
        "comment": lambda: sheet.write_comment(top + 1, 1, "the yellow one"),
        "second_comment": lambda: notes.write_comment("A1", "read this"),
        "picture": lambda: sheet.insert_image(last + 3, 1, "red.png", {"image_data": picture}),
        "images": lambda: sheet.set_header("&L&G", {"image_left": "red.png", "image_data_left": picture}),
        "chart": lambda: notes.insert_chart("C3", chart),
        "print_area": lambda: sheet.print_area(0, 0, last, 5),
        "validation": lambda: sheet.data_validation(
            top + 1, 3, last, 3, {"validate": "decimal", "criteria": ">", "value": 0}
        ),
        "colours": lambda: sheet.conditional_format(
            top + 1, 3, last, 3, {"type": "cell", "criteria": ">", "value": 1001, "format": amber}
        ),
        "frozen": lambda: sheet.freeze_panes(top + 1, 2),
        "wide_columns": lambda: sheet.set_column(7, 16383, 3, None, {"hidden": True}),
        "protected": lambda: notes.protect("word"),
        "merged": lambda: notes.merge_range("A5:C6", "merged", amber),
        "links": lambda: notes.write_url("A8", "https://example.com/", string="our site"),
        "rich": lambda: notes.write_rich_string("A9", "plain ", amber, "coloured"),
        "header_footer": lambda: sheet.set_footer("&CPage &P of &N"),
        "outline": lambda: sheet.set_row(last + 8, None, None, {"level": 1, "hidden": True}),
        "used_right": lambda: sheet.write(0, 20, "far away") if top else None,
    }
    for name in sorted(features):
        if name in doings:
            doings[name]()


def _add_custom_xml(path: Path) -> None:
    """Parts that no library of ours knows, as document management systems put them in."""
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("customXml/item1.xml", "<memo xmlns='urn:acme'>kept</memo>")
        file.writestr(
            "customXml/_rels/item1.xml.rels",
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'/>",
        )
