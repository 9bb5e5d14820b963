"""The sheets of the template that tell how it goes: Runs, and a Dashboard that is counted by formulas alone.

The formulas use nothing that Excel 2010 or LibreOffice 7 lacks. They name whole columns below the headers, so that
rows may be sorted, inserted and deleted; the list of categories that they count by is on the hidden sheet Lists.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from xlkijiji.category_table import category_rows
from xlkijiji.messages import tell
from xlkijiji.workbook.runs_sheet import COLUMNS
from xlkijiji.workbook.template_inventory import CATEGORIES_NAME
from xlkijiji.workbook.template_look import (
    BLUE,
    GREEN,
    HEADER_ROW,
    INK,
    PALE_INK,
    RED,
    address,
    head_style,
    prepare_print,
    write_band,
)

__all__ = ["InventoryColumns", "write_dashboard", "write_lists", "write_runs"]

REACH = 50_000
"""The last row that is counted."""
RUNS_FILTERED = 2_000
"""How far down the filter of Runs reaches."""
WEEKS = 12
TOP_CATEGORIES = 8
NO_MATCH = "·"
"""What no cell of an inventory holds: in the place of a name that several categories have."""
COUNTS: dict[str, Any] = {
    "num_format": '[<1]"";0',
    "min": 0,
    "num_font": {"size": 8},
    "line": {"none": True},
    "major_gridlines": {"visible": True, "line": {"color": "#E3E8F0"}},
}
"""Of the axis of numbers: an empty chart has no fractions on it."""
CARD = {"num_format": "#,##0", "align": "left"}
SOFT_GREEN, SOFT_RED, SOFT_GREY, SOFT_AMBER = "#4CA66B", "#D9776C", "#B9C2D0", "#E0B04F"


@dataclass(frozen=True)
class InventoryColumns:
    """The columns of the inventory that are counted, as formulas write them: from the header down."""

    title: str
    status: str
    category: str

    @classmethod
    def of(cls, sheet: str, letters: dict[str, str]) -> InventoryColumns:
        """`letters` are those of the columns by name; `sheet` is what the inventory is called."""

        def column(name: str) -> str:
            return address(sheet, f"${letters[name]}${HEADER_ROW}:${letters[name]}${REACH}")

        return cls(column("title"), column("posting_status"), column("category"))


def write_runs(book: Workbook, sheet: Worksheet) -> None:
    """A header for each fact of a run; the worker writes the lines."""
    write_band(book, sheet, tell("sheet-runs"), tell("band-runs"))
    head = book.add_format(head_style())
    for position, column in enumerate(COLUMNS):
        aligned = {"align": "right" if column.counts else "left"}
        style: dict[str, Any] = {"valign": "top", "num_format": column.number_format, **aligned}
        if column.name == "report":
            style |= {"font_color": "#0B57D0", "underline": 1}
        sheet.set_column(position, position, column.width, book.add_format(style))
        # the filter's arrow covers the right end of a header
        sheet.write_string(HEADER_ROW - 1, position, tell(column.header_key), head)
    sheet.set_row(HEADER_ROW - 1, 24)
    sheet.autofilter(HEADER_ROW - 1, 0, HEADER_ROW - 1 + RUNS_FILTERED, len(COLUMNS) - 1)
    sheet.freeze_panes(HEADER_ROW, 1)
    sheet.set_selection(HEADER_ROW, 0, HEADER_ROW, 0)
    prepare_print(sheet)
    sheet.repeat_rows(HEADER_ROW - 1)


def _runs_column(name: str) -> str:
    position = [column.name for column in COLUMNS].index(name)
    first, last = (xl_rowcol_to_cell(row, position, True, True) for row in (HEADER_ROW - 1, REACH - 1))
    return address(tell("sheet-runs"), f"{first}:{last}")


# --- the hidden list of categories


def write_lists(book: Workbook, sheet: Worksheet, inventory: InventoryColumns) -> None:
    """Categories to choose from, and how often each is in the inventory, by whichever of its names."""
    sheet.write_row(0, 0, ("path", "number", "name", "end of path", "rows", "", "place", *("criterion",) * 4))
    rows = sorted(category_rows(), key=lambda row: row["path"].casefold())
    endings = Counter(ending for row in rows for ending in _endings(row["path"]))
    for at, row in enumerate(rows, start=1):
        path, line = row["path"], at + 1
        sheet.write_string(at, 0, path)
        sheet.write_number(at, 1, int(row["category_id"]))
        for position, ending in enumerate(_endings(path), start=2):
            sheet.write_string(at, position, ending if endings[ending] == 1 and ending != path else NO_MATCH)
        # less a little that differs, so that no two are the same
        counted = f"SUMPRODUCT(COUNTIF({inventory.category},A{line}:D{line}))"
        sheet.write_formula(at, 4, f"={counted}-ROW()/100000", None, "")
    last = len(rows) + 1
    for place in range(1, TOP_CATEGORIES + 1):
        line = place + 1
        sheet.write_formula(place, 6, f"=MATCH(LARGE($E$2:$E${last},{place}),$E$2:$E${last},0)", None, "")
        for offset, letter in enumerate("ABCD"):
            sheet.write_formula(place, 7 + offset, f"=INDEX(${letter}$2:${letter}${last},$G{line})", None, "")
    name = sheet.get_name()
    book.define_name(CATEGORIES_NAME, f"={address(name, f'$A$2:$A${last}')}")
    sheet.very_hidden()


def _endings(path: str) -> list[str]:
    """The last name of a path, and its last two."""
    names = path.split(" > ")
    return [names[-1], " > ".join(names[-2:])]


# --- the dashboard


def write_dashboard(book: Workbook, sheet: Worksheet, inventory: InventoryColumns) -> None:
    """Numbers and charts, of formulas over Inventory and Runs."""
    write_band(book, sheet, tell("sheet-dashboard"), tell("band-dashboard"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 10, 13)
    _write_tiles(book, sheet, inventory)
    _write_weeks(book, sheet, 6)
    _write_categories(book, sheet, inventory, 6 + WEEKS + 4)
    prepare_print(sheet, pages_high=1)
    sheet.set_selection(HEADER_ROW, 0, HEADER_ROW, 0)


def _write_tiles(book: Workbook, sheet: Worksheet, inventory: InventoryColumns) -> None:
    status, title = inventory.status, inventory.title
    live = f'COUNTIF({status},"Posted*")'
    failed = f'COUNTIF({status},"Error*")'
    waiting = f'(COUNTIFS({title},"<>",{status},"")+COUNTIF({status},"pending"))'
    sold = f'(COUNTIF({status},"sold*")+COUNTIF({status},"vendu*"))'
    rows = f"(COUNTA({title})-1)"
    tiles = (
        ("tile-live", live, GREEN),
        ("tile-failed", failed, RED),
        ("tile-waiting", waiting, BLUE),
        ("tile-sold", sold, PALE_INK),
        ("tile-other", f"MAX(0,{rows}-{live}-{failed}-{waiting}-{sold})", PALE_INK),
        ("tile-all", rows, INK),
    )
    sheet.set_row(HEADER_ROW, 18)
    sheet.set_row(HEADER_ROW + 1, 34)
    for position, (key, formula, ink) in enumerate(tiles):
        label = {"font_color": PALE_INK, "valign": "bottom", "align": "left"}
        sheet.write_string(HEADER_ROW, position, tell(key), book.add_format(label))
        number = {**CARD, "font_size": 24, "bold": True, "font_color": ink, "valign": "vcenter"}
        sheet.write_formula(HEADER_ROW + 1, position, f"={formula}", book.add_format(number), "")


def _write_table_head(book: Workbook, sheet: Worksheet, row: int, title: str, heads: list[str]) -> None:
    big = {"bold": True, "font_size": 12, "font_color": INK}
    sheet.write_string(row, 0, title, book.add_format(big))
    style = book.add_format({"bold": True, "font_color": PALE_INK, "bottom": 1, "bottom_color": SOFT_GREY})
    right = book.add_format(
        {"bold": True, "font_color": PALE_INK, "bottom": 1, "bottom_color": SOFT_GREY, "align": "right"}
    )
    for position, head in enumerate(heads):
        sheet.write_string(row + 1, position, head, right if position else style)


def _write_weeks(book: Workbook, sheet: Worksheet, row: int) -> None:
    """The last weeks, the present one at the end; a week begins on Monday."""
    heads = [tell("weeks-week"), tell("weeks-real"), tell("weeks-practice")]
    _write_table_head(book, sheet, row, tell("weeks-title"), heads)
    when, posted, site = _runs_column("when"), _runs_column("posted"), _runs_column("site")
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "font_color": INK})
    number = book.add_format({"num_format": "#,##0", "font_color": INK})
    first = row + 2
    for week in range(WEEKS):
        at = first + week
        ago = 7 * (WEEKS - 1 - week)
        sheet.write_formula(at, 0, f"=TODAY()-WEEKDAY(TODAY(),2)+1-{ago}", day, "")
        begin = f"$A{at + 1}"
        span = f'{when},">="&{begin},{when},"<"&({begin}+7)'
        sheet.write_formula(at, 1, f'=SUMIFS({posted},{span},{site},"Kijiji")', number, "")
        sheet.write_formula(at, 2, f'=SUMIFS({posted},{span},{site},"<>Kijiji")', number, "")
    chart = book.add_chart({"type": "column", "subtype": "stacked"})
    for position, colour in ((1, SOFT_GREEN), (2, SOFT_AMBER)):
        _add_series(chart, sheet, row + 1, first, first + WEEKS - 1, position, colour)
    chart.set_x_axis({"num_format": "mm-dd", "text_axis": True, "num_font": {"size": 8}})
    chart.set_y_axis(COUNTS)
    _place_chart(chart, sheet, row, tell("weeks-title"), 300)


def _write_categories(book: Workbook, sheet: Worksheet, inventory: InventoryColumns, row: int) -> None:
    keys = ("categories-name", "categories-live", "categories-failed", "categories-rest-of-rows", "categories-all")
    _write_table_head(book, sheet, row, tell("categories-title"), list(map(tell, keys)))
    text = book.add_format({"font_color": INK})
    number = book.add_format({"num_format": "#,##0", "font_color": INK})
    category, status, title = inventory.category, inventory.status, inventory.title
    lists = tell("sheet-lists")
    first = row + 2
    last = first + TOP_CATEGORIES + 1
    for place in range(TOP_CATEGORIES):
        line, at = place + 2, first + place
        count = address(lists, f"$E$2:$E${REACH}")
        here = address(lists, f"$G${line}")
        words = address(lists, f"$H${line}:$K${line}")
        path, _number, name, ending = (address(lists, f"${letter}${line}") for letter in "HIJK")
        found = f"ROUND(INDEX({count},{here}),0)"
        shortest = f'IF({name}<>"{NO_MATCH}",{name},IF({ending}<>"{NO_MATCH}",{ending},{path}))'
        sheet.write_formula(at, 0, f'=IF({found}=0,"",{shortest})', text, "")
        for position, beginning in ((1, "Posted*"), (2, "Error*")):
            counted = f'SUMPRODUCT(COUNTIFS({category},{words},{status},"{beginning}"))'
            sheet.write_formula(at, position, f'=IF({found}=0,"",{counted})', number, "")
        sheet.write_formula(at, 4, f'=IF({found}=0,"",{found})', number, "")
    # what has a category by no name that is listed, and what has none
    rest, none = last - 1, last
    sheet.write_string(rest, 0, tell("categories-rest"), text)
    sheet.write_string(none, 0, tell("categories-none"), text)
    blank = f'{title},"<>",{category},""'
    for position, beginning in ((1, "Posted*"), (2, "Error*")):
        letter = "ABCDE"[position]
        above = f"SUM({letter}{first + 1}:{letter}{rest})+{letter}{none + 1}"
        sheet.write_formula(rest, position, f'=MAX(0,COUNTIF({status},"{beginning}")-({above}))', number, "")
        sheet.write_formula(none, position, f'=COUNTIFS({blank},{status},"{beginning}")', number, "")
    above = f"SUM(E{first + 1}:E{rest})+E{none + 1}"
    sheet.write_formula(rest, 4, f"=MAX(0,COUNTA({title})-1-({above}))", number, "")
    sheet.write_formula(none, 4, f"=COUNTIFS({blank})", number, "")
    for at in range(first, last + 1):
        sheet.write_formula(at, 3, f'=IF(E{at + 1}="","",MAX(0,E{at + 1}-B{at + 1}-C{at + 1}))', number, "")
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    for position, colour in ((1, SOFT_GREEN), (2, SOFT_RED), (3, SOFT_GREY)):
        _add_series(chart, sheet, row + 1, first, last, position, colour)
    chart.set_y_axis({"reverse": True, "crossing": "max", "num_font": {"size": 8}})
    chart.set_x_axis(COUNTS)
    _place_chart(chart, sheet, row, tell("categories-title"), 280)


def _add_series(chart: Any, sheet: Worksheet, head: int, first: int, last: int, position: int, colour: str) -> None:
    name = sheet.get_name()
    chart.add_series(
        {
            "name": [name, head, position],
            "categories": [name, first, 0, last, 0],
            "values": [name, first, position, last, position],
            "fill": {"color": colour},
            "gap": 60,
        }
    )


def _place_chart(chart: Any, sheet: Worksheet, row: int, title: str, height: int) -> None:
    """Right of the table that begins in `row`."""
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": True, "color": INK}})
    chart.set_legend({"position": "bottom", "font": {"size": 9}})
    chart.set_size({"width": 520, "height": height})
    chart.set_chartarea({"border": {"color": "#D5DBE6"}})
    sheet.insert_chart(row, 5, chart, {"x_offset": 14, "y_offset": 0})
