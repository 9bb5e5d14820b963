"""A closed .xlsx or .xlsm as a zip of parts: which part is which sheet, and a save that copies all the others.

Parts, relations and content types are those of ECMA-376 part 2 (Open Packaging Conventions).
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass
from xml.parsers import expat

from lxml import etree

from xlkijiji.errors import InventoryError
from xlkijiji.inventory import column_letter
from xlkijiji.xlsx_cells import CellEdits, edit_sheet

__all__ = ["NewColumn", "set_cells", "table_right_edge"]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


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
            parts = _Parts(source)
            part = _sheet_part(parts, sheet)
            edited = edit_sheet(parts.read(part), wanted, header_row)
            parts.replace(part, edited.xml)
            if edited.formulas:
                _drop_from_calc_chain(parts, set(edited.formulas), sheet)
            if new_column is not None:
                _extend_table(parts, part, new_column)
            return parts.write()
    except (zipfile.BadZipFile, expat.ExpatError, etree.XMLSyntaxError, KeyError, RuntimeError) as error:
        raise InventoryError(
            f"The workbook file is damaged, so nothing was saved into it ({error}). Open it in Excel and save it anew."
        ) from error


def table_right_edge(package: bytes, sheet: str, header_row: int) -> int | None:
    """The last column (from 1) of the Excel table whose headers stand in `header_row`; None when there is none."""
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        parts = _Parts(source)
        for _, tree in _tables(parts, _sheet_part(parts, sheet)):
            area = _Area.parse(tree.get("ref", ""))
            if area.top == header_row:
                return area.right
    return None


# --- the zip


class _Parts:
    """The parts of a workbook's zip file, in their order; what isn't replaced is copied."""

    def __init__(self, source: zipfile.ZipFile) -> None:
        self._source = source
        self._changed: dict[str, bytes | None] = {}
        self._names = {info.filename.casefold(): info.filename for info in source.infolist()}

    def has(self, name: str) -> bool:
        return name.casefold() in self._names

    def read(self, name: str) -> bytes:
        """A part's bytes, with the changes made so far. Part names don't depend on case [ECMA-376 part 2]."""
        actual = self._names[name.casefold()]
        changed = self._changed.get(actual)
        return changed if changed is not None else self._source.read(actual)

    def tree(self, name: str) -> etree._Element:
        return etree.fromstring(self.read(name), _PARSER)

    def replace(self, name: str, content: bytes | None) -> None:
        """Give a part other bytes; None takes it out of the file."""
        self._changed[self._names[name.casefold()]] = content

    def replace_tree(self, name: str, tree: etree._Element) -> None:
        self.replace(name, etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))

    def write(self) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as out:
            out.comment = self._source.comment
            for info in self._source.infolist():
                content = self._changed[info.filename] if info.filename in self._changed else self._source.read(info)
                if content is None:
                    continue
                copy = zipfile.ZipInfo(info.filename, info.date_time)
                copy.compress_type = info.compress_type
                copy.external_attr, copy.internal_attr = info.external_attr, info.internal_attr
                copy.create_system, copy.comment = info.create_system, info.comment
                out.writestr(copy, content)
        return target.getvalue()


def _relations_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relations(parts: _Parts, part: str) -> dict[str, tuple[str, str]]:
    """Id → (type, part) of what `part` refers to inside the file."""
    folder = posixpath.dirname(part)
    rels = _relations_part(part)
    if not parts.has(rels):
        return {}
    return {
        str(relation.get("Id")): (
            str(relation.get("Type")),
            posixpath.normpath(posixpath.join("/", folder, str(relation.get("Target")))).lstrip("/"),
        )
        for relation in parts.tree(rels).iter(f"{{{PACKAGE}}}Relationship")
        if relation.get("TargetMode") != "External"
    }


def _workbook_part(parts: _Parts) -> str:
    for kind, target in _relations(parts, "").values():
        if kind.endswith("/officeDocument"):
            return target
    raise InventoryError("This file is not an Excel workbook. Save it from Excel as .xlsx or .xlsm, then try again.")


def _sheet_element(parts: _Parts, workbook: str, sheet: str) -> etree._Element:
    root = parts.tree(workbook)
    if etree.QName(root).namespace != MAIN:
        raise InventoryError(
            "The workbook is in the format 'Strict Open XML', which can't be saved into. In Excel choose Save As, "
            "'Excel Workbook (*.xlsx)', then try again."
        )
    for element in root.iter(f"{{{MAIN}}}sheet"):
        if element.get("name") == sheet:
            return element
    raise InventoryError(f"The workbook has no sheet '{sheet}' any more.")


def _sheet_part(parts: _Parts, sheet: str) -> str:
    """The name of the part that holds the worksheet named `sheet`."""
    workbook = _workbook_part(parts)
    relation = _sheet_element(parts, workbook, sheet).get(f"{{{RELATIONS}}}id")
    return _relations(parts, workbook)[str(relation)][1]


# --- what else knows of the sheet's cells


@dataclass(frozen=True)
class _Area:
    """A range, rows and columns from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, reference: str) -> _Area:
        """From `A3:R15`; a single cell is a range as well. Raises KeyError for what is neither."""
        corners = re.findall(r"\$?([A-Z]+)\$?(\d+)", reference.upper())
        if not corners:
            raise KeyError(f"'{reference}' is not a range")
        first, last = corners[0], corners[-1]
        return cls(int(first[1]), _number(first[0]), int(last[1]), _number(last[0]))

    def __str__(self) -> str:
        return f"{column_letter(self.left)}{self.top}:{column_letter(self.right)}{self.bottom}"


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _tables(parts: _Parts, sheet_part: str) -> list[tuple[str, etree._Element]]:
    relations = _relations(parts, sheet_part).values()
    return [(target, parts.tree(target)) for kind, target in relations if kind.endswith("/table")]


def _extend_table(parts: _Parts, sheet_part: str, new: NewColumn) -> None:
    """Take the new column into the Excel table that it stands beside, if there is one."""
    for name, tree in _tables(parts, sheet_part):
        area = _Area.parse(tree.get("ref", ""))
        if area.top != new.header_row or area.right != new.column - 1:
            continue
        wider = str(_Area(area.top, area.left, area.bottom, new.column))
        tree.set("ref", wider)
        for filtered in tree.findall(f"{{{MAIN}}}autoFilter"):
            old = _Area.parse(filtered.get("ref", ""))
            filtered.set("ref", str(_Area(old.top, old.left, old.bottom, new.column)))
        columns = tree.find(f"{{{MAIN}}}tableColumns")
        if columns is None:
            raise KeyError(f"{name} has no columns")
        ids = [int(column.get("id", "0")) for column in columns]
        etree.SubElement(columns, f"{{{MAIN}}}tableColumn", {"id": str(max(ids, default=0) + 1), "name": new.header})
        columns.set("count", str(len(columns)))
        parts.replace_tree(name, tree)


def _drop_from_calc_chain(parts: _Parts, addresses: set[str], sheet: str) -> None:
    """Cells that hold no formula any more must leave the calculation chain, or Excel offers to repair the file.

    An entry without `i` (the sheet's id) has that of the entry before it, so it gets its own once that one goes.
    """
    workbook = _workbook_part(parts)
    relations = _relations(parts, workbook).items()
    chain = next(((relation, part) for relation, (kind, part) in relations if kind.endswith("/calcChain")), None)
    if chain is None or not parts.has(chain[1]):
        return
    sheet_id = _sheet_element(parts, workbook, sheet).get("sheetId")
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


def _drop_part(parts: _Parts, owner: str, relation: str, name: str) -> None:
    parts.replace(name, None)
    rels = _relations_part(owner)
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
