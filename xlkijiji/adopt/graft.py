"""One sheet of a workbook, put into another with all that belongs to it: formats, texts, pictures, charts, notes.

The sheet's own formulas and names stay as they are, so what they mean by name must be in the other workbook too.
"""

from __future__ import annotations

import copy
import posixpath
import re

from lxml import etree

from xlkijiji.adopt.elements import (
    WORKBOOK,
    add_relation,
    child,
    declare_ending,
    declare_part,
    free_part_name,
    insert_in_order,
    main,
)
from xlkijiji.adopt.styles import Styles
from xlkijiji.xlsx_parts import (
    CONTENT_TYPES,
    PACKAGE,
    RELATIONS,
    Parts,
    relations,
    relations_part,
    sheet_part,
    workbook_part,
)

__all__ = ["add_sheet", "graft_sheet", "sheet_names"]

_WORKSHEET = f"{RELATIONS}/worksheet"
_ID = f"{{{RELATIONS}}}id"


def sheet_names(parts: Parts) -> list[str]:
    """The names of all sheets, in the order of their tabs."""
    return [str(sheet.get("name")) for sheet in parts.tree(workbook_part(parts)).iter(main("sheet"))]


def graft_sheet(parts: Parts, source: Parts, sheet: str, name: str, styles: Styles) -> str:
    """Put the worksheet `sheet` of `source` behind the sheets of `parts`, as `name`; the name of its part.

    `styles` gives the source's formats their numbers here, and is saved by the caller.
    """
    origin = sheet_part(source, sheet)
    tree = source.tree(origin)
    _move_formats(tree, styles)
    _inline_texts(tree, _shared_texts(source))
    for view in tree.iter(main("sheetView")):
        view.set("tabSelected", "0")
    part = free_part_name(parts, origin)
    parts.add(part, b"")
    parts.replace_tree(part, tree)
    declare_part(parts, part, _content_type(source, origin) or "")
    _copy_relations(parts, source, origin, part, {origin: part})
    add_sheet(parts, part, name)
    _copy_names(parts, source, sheet, name)
    return part


def add_sheet(parts: Parts, part: str, name: str) -> None:
    """Let the workbook know of a new worksheet, as its last one."""
    workbook = workbook_part(parts)
    relation = add_relation(parts, workbook, _WORKSHEET, part)
    tree = parts.tree(workbook)
    sheets = child(tree, "sheets", WORKBOOK)
    number = max((int(one.get("sheetId", "0")) for one in sheets), default=0) + 1
    entry = etree.SubElement(sheets, main("sheet"), name=name, sheetId=str(number))
    entry.set(_ID, relation)
    parts.replace_tree(workbook, tree)


def _move_formats(tree: etree._Element, styles: Styles) -> None:
    for element in tree.iter(main("c"), main("row"), main("col"), main("cfRule")):
        for attribute in ("s", "style"):
            if element.get(attribute) is not None:
                element.set(attribute, str(styles.xf(int(element.get(attribute, "0")))))
        if element.get("dxfId") is not None:
            element.set("dxfId", str(styles.dxf(int(element.get("dxfId", "0")))))
    # a cell without a format would take the other workbook's default font
    plain = styles.xf(0)
    for cell in tree.iter(main("c")):
        if cell.get("s") is None and plain:
            cell.set("s", str(plain))


def _shared_texts(source: Parts) -> list[etree._Element]:
    for kind, target in relations(source, workbook_part(source)).values():
        if kind.endswith("/sharedStrings"):
            return list(source.tree(target).iterchildren(main("si")))
    return []


def _inline_texts(tree: etree._Element, texts: list[etree._Element]) -> None:
    """The workbook's list of texts stays as it is: these texts move into their cells."""
    for cell in tree.iter(main("c")):
        value = cell.find(main("v"))
        if cell.get("t") != "s" or value is None:
            continue
        text = etree.Element(main("is"))
        for piece in texts[int(value.text or "0")]:
            text.append(copy.deepcopy(piece))
        cell.replace(value, text)
        cell.set("t", "inlineStr")


def _content_type(source: Parts, part: str) -> str | None:
    """What the source says that a part is, by its name; None where only its ending says so."""
    for entry in source.tree("[Content_Types].xml").findall(f"{{{CONTENT_TYPES}}}Override"):
        if entry.get("PartName", "").casefold() == f"/{part}".casefold():
            return entry.get("ContentType")
    return None


def _copy_relations(parts: Parts, source: Parts, origin: str, part: str, moved: dict[str, str]) -> None:
    """Copy what `origin` refers to, and what that refers to, under names that are free."""
    if not source.has(relations_part(origin)):
        return
    for entry in source.tree(relations_part(origin)).iter(f"{{{PACKAGE}}}Relationship"):
        kind, target, old = (entry.get(name, "") for name in ("Type", "Target", "Id"))
        if entry.get("TargetMode") == "External":
            add_relation(parts, part, kind, target, external=True, identifier=old)
            continue
        there = posixpath.normpath(posixpath.join("/", posixpath.dirname(origin), target)).lstrip("/")
        if there not in moved:
            moved[there] = _copy_part(parts, source, there)
            _copy_relations(parts, source, there, moved[there], moved)
        add_relation(parts, part, kind, moved[there], identifier=old)


def _copy_part(parts: Parts, source: Parts, there: str) -> str:
    name = free_part_name(parts, there)
    content = source.read(there)
    if posixpath.dirname(there) == "xl/tables":
        content = _own_table_number(parts, content)
    parts.add(name, content)
    declared = _content_type(source, there)
    if declared is not None:
        declare_part(parts, name, declared)
    else:
        _declare_like(parts, source, there, name)
    return name


def _declare_like(parts: Parts, source: Parts, there: str, name: str) -> None:
    ending = there.rpartition(".")[2]
    for entry in source.tree("[Content_Types].xml").findall(f"{{{CONTENT_TYPES}}}Default"):
        content_type = entry.get("ContentType", "")
        if entry.get("Extension", "").casefold() == ending.casefold() and not declare_ending(
            parts, ending, content_type
        ):
            declare_part(parts, name, content_type)


def _own_table_number(parts: Parts, content: bytes) -> bytes:
    """A table's number must be its own in the workbook; our table names are."""
    tables = [name for name in parts.names if posixpath.dirname(name) == "xl/tables" and name.endswith(".xml")]
    taken = [int(parts.tree(name).get("id", "0")) for name in tables]
    return re.sub(rb'(<table\b[^>]*?\sid=")\d+"', rb"\g<1>%d" % (max(taken, default=0) + 1) + b'"', content, count=1)


def _copy_names(parts: Parts, source: Parts, sheet: str, name: str) -> None:
    """Names that belong to the sheet alone, such as its print area."""
    known = source.tree(workbook_part(source))
    position = sheet_names(source).index(sheet)
    workbook = workbook_part(parts)
    tree = parts.tree(workbook)
    here = sheet_names(parts).index(name)
    found = [one for one in known.iter(main("definedName")) if one.get("localSheetId") == str(position)]
    for one in found:
        own = copy.deepcopy(one)
        own.set("localSheetId", str(here))
        plain = (own.text or "").replace(f"'{sheet}'!", f"{sheet}!")
        own.text = plain.replace(f"{sheet}!", f"'{name}'!")
        names = tree.find(main("definedNames"))
        if names is None:
            names = etree.Element(main("definedNames"))
            insert_in_order(tree, names, WORKBOOK)
        names.append(own)
    if found:
        parts.replace_tree(workbook, tree)
