"""The columns that xlkijiji fills in, added at the right of a person's own: headers, widths, colours, filters.

Nothing of theirs moves. A column that belongs to a table or to a filter takes part in its sorting, so ours are taken
into both; without that, a sort would leave each status in another item's row.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass

from lxml import etree

from xlkijiji.adopt.elements import WORKBOOK, WORKSHEET, child, insert_in_order, main
from xlkijiji.adopt.geometry import DIGIT
from xlkijiji.adopt.graft import sheet_names
from xlkijiji.adopt.our_workbook import OurWorkbook
from xlkijiji.adopt.styles import Styles
from xlkijiji.inventory import BY_NAME, STATUS, column_letter
from xlkijiji.xlsx_cells import edit_sheet
from xlkijiji.xlsx_package import NewColumn, extend_table
from xlkijiji.xlsx_parts import Area, Parts, column_number, sheet_part, workbook_part

__all__ = ["AddedColumns", "add_columns", "colour_statuses", "header_pixels", "keep_print_area", "used_columns"]

PADDING = 0.7109375
"""What Excel adds to a width in digits for the margins of a cell: 5 pixels of 7."""
COLOURED_ROWS = 5000
"""How far below the header the colours of a status reach, as in the workbook that xlkijiji makes."""


@dataclass(frozen=True)
class AddedColumns:
    """Which columns are added, and where."""

    sheet: str
    header_row: int
    first: int
    """The sheet's column (from 1) of the first one."""
    names: tuple[str, ...]
    """Canonical names, from left to right."""
    status_width: float = BY_NAME[STATUS].width
    """Digits; wider where buttons stand in its header."""

    def column(self, name: str) -> int:
        """The sheet's column of one that is added."""
        return self.first + self.names.index(name)

    def width(self, name: str) -> float:
        """Its width in digits."""
        return self.status_width if name == STATUS else BY_NAME[name].width

    def pixels(self) -> dict[int, int]:
        """The widths of the columns (from 1) that are added, in pixels."""
        return {self.column(name): round((self.width(name) + PADDING) * DIGIT) for name in self.names}


def add_columns(parts: Parts, added: AddedColumns, styles: Styles) -> None:
    """Write the headers, and let table, filter and widths of the sheet know of them."""
    part = sheet_part(parts, added.sheet)
    headers = {(added.header_row, added.column(name)): BY_NAME[name].header for name in added.names}
    parts.replace(part, edit_sheet(parts.read(part), headers, added.header_row).xml)
    for name in added.names:
        extend_table(parts, part, NewColumn(added.header_row, added.column(name), BY_NAME[name].header))
    tree = parts.tree(part)
    font = _font_of_data(tree, added)
    formats = {name: _format(styles, name, font) for name in added.names}
    _set_widths(tree, added, formats)
    _widen_filter(parts, tree, added)
    parts.replace_tree(part, tree)


def _font_of_data(tree: etree._Element, added: AddedColumns) -> int:
    """The format of the cell below the header left of ours: our columns are written in its font."""
    address = f"{column_letter(added.first - 1)}{added.header_row + 1}"
    for cell in tree.iterfind(f".//{main('c')}"):
        if cell.get("r") == address:
            return int(cell.get("s", "0"))
    return 0


def _format(styles: Styles, name: str, font: int) -> int:
    column = BY_NAME[name]
    if column.kind == "time":
        return styles.like(font, "yyyy-mm-dd hh:mm")
    # numbers that are names: Excel would mark them as numbers that are stored as text
    return styles.like(font, "@" if name in {"ad_id", "sku", "phone"} else "")


def _set_widths(tree: etree._Element, added: AddedColumns, formats: dict[str, int]) -> None:
    """Give the new columns their width and format; a range of columns that reaches over them is split."""
    first, last = added.first, added.first + len(added.names) - 1
    columns = child(tree, "cols", WORKSHEET)
    for col in list(columns):
        low, high = int(col.get("min", "0")), int(col.get("max", "0"))
        if high < first or low > last:
            continue
        at = columns.index(col)
        columns.remove(col)
        for start, end in ((last + 1, high), (low, first - 1)):
            if start <= end:
                piece = copy.deepcopy(col)
                piece.set("min", str(start))
                piece.set("max", str(end))
                columns.insert(at, piece)
    place = sum(int(col.get("max", "0")) < first for col in columns)
    for offset, name in enumerate(added.names):
        number = str(added.column(name))
        width = str(added.width(name) + PADDING)
        element = etree.Element(
            main("col"), min=number, max=number, width=width, style=str(formats[name]), customWidth="1"
        )
        columns.insert(place + offset, element)


def _widen_filter(parts: Parts, tree: etree._Element, added: AddedColumns) -> None:
    """A filter over the headers, which no table has: the new columns are sorted with it."""
    element = tree.find(main("autoFilter"))
    if element is None:
        return
    area = Area.parse(element.get("ref", ""))
    if area.top != added.header_row or area.right != added.first - 1:
        return
    right = added.first + len(added.names) - 1
    element.set("ref", str(Area(area.top, area.left, area.bottom, right)))
    workbook = workbook_part(parts)
    book = parts.tree(workbook)
    position = str(sheet_names(parts).index(added.sheet))
    for name in book.iter(main("definedName")):
        if name.get("name") == "_xlnm._FilterDatabase" and name.get("localSheetId") == position:
            name.text = re.sub(r"\$[A-Z]+(\$\d+)$", rf"${column_letter(right)}\1", name.text or "")
            parts.replace_tree(workbook, book)


def keep_print_area(parts: Parts, added: AddedColumns, right: int) -> bool:
    """Let the sheet be printed as before, up to the column `right`; False where it has a print area of its own, or
    nothing was there to be printed.
    """
    workbook = workbook_part(parts)
    tree = parts.tree(workbook)
    position = str(sheet_names(parts).index(added.sheet))
    names = tree.find(main("definedNames"))
    known = [] if names is None else list(names)
    if (
        not right
        or right >= added.first
        or any(name.get("name") == "_xlnm.Print_Area" and name.get("localSheetId") == position for name in known)
    ):
        return False
    if names is None:
        names = etree.Element(main("definedNames"))
        insert_in_order(tree, names, WORKBOOK)
    area = etree.SubElement(names, main("definedName"), name="_xlnm.Print_Area", localSheetId=position)
    quoted = added.sheet.replace("'", "''")
    area.text = f"'{quoted}'!$A:${column_letter(right)}"
    parts.replace_tree(workbook, tree)
    return True


def colour_statuses(parts: Parts, sheet: str, header_row: int, column: int, ours: OurWorkbook, styles: Styles) -> None:
    """Colour the status in `column` of a sheet as our own workbook does; the sheet's own rules come first.

    The rules of the sheet keep their place before ours, and Excel follows them in the order of their priorities.
    """
    part = sheet_part(parts, sheet)
    tree = parts.tree(part)
    priority = max((int(rule.get("priority", "0")) for rule in tree.iter(main("cfRule"))), default=0)
    first = f"{column_letter(column)}{header_row + 1}"
    for block in ours.status_colours():
        old = block.get("sqref", "").partition(":")[0]
        new = copy.deepcopy(block)
        new.set("sqref", f"{first}:{column_letter(column)}{header_row + COLOURED_ROWS}")
        for rule in new.iter(main("cfRule")):
            priority += 1
            rule.set("priority", str(priority))
            rule.set("dxfId", str(styles.dxf(int(rule.get("dxfId", "0")))))
            for formula in rule.iter(main("formula")):
                formula.text = re.sub(rf"\b{old}\b", first, formula.text or "")
        insert_in_order(tree, new, WORKSHEET)
    parts.replace_tree(part, tree)


def header_pixels(text: str) -> int:
    """About how wide a header is, with a margin behind it."""
    return round((len(text) + 1) * DIGIT * 1.4)


def used_columns(parts: Parts, sheet: str) -> int:
    """The last column (from 1) in which a cell of the worksheet whose part is `sheet` stands; 0 where there is none.

    A cell without an address stands right of the one before it [ECMA-376 part 1, 18.3.1.4].
    """
    last = 0
    for row in parts.tree(sheet).iter(main("row")):
        column = 0
        for cell in row.iterchildren(main("c")):
            letters = cell.get("r", "").rstrip("0123456789")
            column = column_number(letters) if letters else column + 1
            last = max(last, column)
    return last
