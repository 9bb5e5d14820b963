"""Single cells of a closed .xlsx or .xlsm, with what else in the file knows of them: tables, the calculation chain."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from xml.parsers import expat

from lxml import etree

from xlkijiji.errors import InventoryError
from xlkijiji.messages import tell
from xlkijiji.xlsx_cells import CellEdits, edit_sheet
from xlkijiji.xlsx_parts import (
    CONTENT_TYPES,
    MAIN,
    PACKAGE,
    Area,
    Parts,
    relations,
    relations_part,
    sheet_element,
    sheet_part,
    workbook_part,
)

__all__ = ["NewColumn", "extend_table", "set_cells", "table_right_edge", "tables_of"]


@dataclass(frozen=True)
class NewColumn:
    """A column that the sheet doesn't have yet."""

    header_row: int
    column: int
    header: str


def set_cells(package: bytes, sheet: str, edits: CellEdits, new_column: NewColumn | None = None) -> bytes:
    """The workbook `package` (the file's bytes) with `edits` made in the worksheet named `sheet`.

    With `new_column` its header is written too, and an Excel table that ends right beside it is extended. Raises
    InventoryError for what isn't such a workbook, and where a change would break a formula that other cells share.
    """
    wanted = dict(edits)
    header_row = 0
    if new_column is not None:
        header_row = new_column.header_row
        wanted[header_row, new_column.column] = new_column.header
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as source:
            parts = Parts(source)
            part = sheet_part(parts, sheet)
            edited = edit_sheet(parts.read(part), wanted, header_row)
            parts.replace(part, edited.xml)
            if edited.formulas:
                _drop_from_calc_chain(parts, set(edited.formulas), sheet)
            if new_column is not None:
                extend_table(parts, part, new_column)
            return parts.write()
    except (zipfile.BadZipFile, expat.ExpatError, etree.XMLSyntaxError, KeyError, RuntimeError) as error:
        raise InventoryError(tell("workbook-damaged", error=error)) from error


def table_right_edge(package: bytes, sheet: str, header_row: int) -> int | None:
    """The last column (from 1) of the Excel table whose headers stand in `header_row`; None when there is none."""
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        parts = Parts(source)
        for _, tree in tables_of(parts, sheet_part(parts, sheet)):
            area = Area.parse(tree.get("ref", ""))
            if area.top == header_row:
                return area.right
    return None


# --- what else knows of the sheet's cells


def tables_of(parts: Parts, sheet: str) -> list[tuple[str, etree._Element]]:
    """The Excel tables of the sheet whose part is `sheet`: name of the part, and its XML."""
    return [
        (target, parts.tree(target)) for kind, target in relations(parts, sheet).values() if kind.endswith("/table")
    ]


def extend_table(parts: Parts, sheet: str, new: NewColumn) -> None:
    """Take the new column into the Excel table that it stands beside, if there is one."""
    for name, tree in tables_of(parts, sheet):
        area = Area.parse(tree.get("ref", ""))
        if area.top != new.header_row or area.right != new.column - 1:
            continue
        wider = str(Area(area.top, area.left, area.bottom, new.column))
        tree.set("ref", wider)
        for filtered in tree.findall(f"{{{MAIN}}}autoFilter"):
            old = Area.parse(filtered.get("ref", ""))
            filtered.set("ref", str(Area(old.top, old.left, old.bottom, new.column)))
        columns = tree.find(f"{{{MAIN}}}tableColumns")
        if columns is None:
            raise KeyError(f"{name} has no columns")
        ids = [int(column.get("id", "0")) for column in columns]
        etree.SubElement(columns, f"{{{MAIN}}}tableColumn", {"id": str(max(ids, default=0) + 1), "name": new.header})
        columns.set("count", str(len(columns)))
        parts.replace_tree(name, tree)


def _drop_from_calc_chain(parts: Parts, addresses: set[str], sheet: str) -> None:
    """Cells that hold no formula any more must leave the calculation chain, or Excel offers to repair the file.

    An entry without `i` (the sheet's id) has that of the entry before it, so it gets its own once that one goes.
    """
    workbook = workbook_part(parts)
    known = relations(parts, workbook).items()
    chain = next(((relation, part) for relation, (kind, part) in known if kind.endswith("/calcChain")), None)
    if chain is None or not parts.has(chain[1]):
        return
    sheet_id = sheet_element(parts, workbook, sheet).get("sheetId")
    tree = parts.tree(chain[1])
    current: str | None = None
    for entry in list(tree):
        current = entry.get("i", current)
        if current == sheet_id and entry.get("r") in addresses:
            tree.remove(entry)
        elif current is not None:
            entry.set("i", current)
    if len(tree):
        parts.replace_tree(chain[1], tree)
    else:
        _drop_part(parts, workbook, *chain)


def _drop_part(parts: Parts, owner: str, relation: str, name: str) -> None:
    parts.replace(name, None)
    rels = relations_part(owner)
    tree = parts.tree(rels)
    for element in tree.findall(f"{{{PACKAGE}}}Relationship"):
        if element.get("Id") == relation:
            tree.remove(element)
    parts.replace_tree(rels, tree)
    types = parts.tree("[Content_Types].xml")
    for element in types.findall(f"{{{CONTENT_TYPES}}}Override"):
        if element.get("PartName", "").casefold() == f"/{name}".casefold():
            types.remove(element)
    parts.replace_tree("[Content_Types].xml", types)
