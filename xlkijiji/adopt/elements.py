"""Putting an element where a schema of SpreadsheetML wants it, and parts where a package wants them.

The order of elements is that of ECMA-376 part 1: CT_Worksheet, CT_Stylesheet and CT_Workbook. Excel offers to repair a
file in which it is another.
"""

from __future__ import annotations

import posixpath
import re

from lxml import etree

from xlkijiji.xlsx_parts import CONTENT_TYPES, MAIN, PACKAGE, Parts, relations_part

__all__ = [
    "STYLESHEET",
    "WORKBOOK",
    "WORKSHEET",
    "add_relation",
    "child",
    "declare_ending",
    "declare_part",
    "free_part_name",
    "insert_in_order",
    "main",
]

WORKSHEET = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
    "ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects AlternateContent "
    "controls webPublishItems tableParts extLst"
)
"""Form controls and embedded objects stand in an AlternateContent, which therefore comes behind the drawings."""
STYLESHEET = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
WORKBOOK = (
    "fileVersion fileSharing AlternateContent workbookPr workbookProtection bookViews sheets functionGroups "
    "externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes "
    "webPublishing fileRecoveryPr webPublishObjects extLst"
)


def main(name: str) -> str:
    """The full name of an element of SpreadsheetML."""
    return f"{{{MAIN}}}{name}"


def child(parent: etree._Element, name: str, order: str) -> etree._Element:
    """The child `name` of `parent`; made at its place when there is none."""
    found = parent.find(main(name))
    if found is None:
        found = etree.Element(main(name))
        insert_in_order(parent, found, order)
    return found


def insert_in_order(parent: etree._Element, element: etree._Element, order: str) -> None:
    """Put `element` behind its like, or else before what must follow it."""
    names = order.split()
    place = names.index(etree.QName(element).localname)
    for at, other in enumerate(parent):
        name = etree.QName(other).localname if isinstance(other.tag, str) else ""
        if name in names and names.index(name) > place:
            parent.insert(at, element)
            return
    parent.append(element)


def add_relation(
    parts: Parts, owner: str, kind: str, target: str, *, external: bool = False, identifier: str = ""
) -> str:
    """Have `owner` refer to the part `target` (or an address outside); the new relation's id, or the one given."""
    name = relations_part(owner)
    if parts.has(name):
        tree = parts.tree(name)
    else:
        parts.add(name, b"")
        tree = etree.fromstring(f'<Relationships xmlns="{PACKAGE}"/>')
    taken = {entry.get("Id") for entry in tree}
    new = identifier or next(one for one in (f"rId{number}" for number in range(1, len(taken) + 2)) if one not in taken)
    entry = etree.SubElement(tree, f"{{{PACKAGE}}}Relationship", Id=new, Type=kind)
    if external:
        entry.set("Target", target)
        entry.set("TargetMode", "External")
    else:
        entry.set("Target", posixpath.relpath(target, posixpath.dirname(owner) or "."))
    parts.replace_tree(name, tree)
    return new


def declare_part(parts: Parts, name: str, content_type: str) -> None:
    """Say in the file what a part is, in the place of what was said before."""
    types = parts.tree("[Content_Types].xml")
    for entry in types.findall(f"{{{CONTENT_TYPES}}}Override"):
        if entry.get("PartName", "").casefold() == f"/{name}".casefold():
            entry.set("ContentType", content_type)
            break
    else:
        etree.SubElement(types, f"{{{CONTENT_TYPES}}}Override", PartName=f"/{name}", ContentType=content_type)
    parts.replace_tree("[Content_Types].xml", types)


def declare_ending(parts: Parts, ending: str, content_type: str) -> bool:
    """Say what parts with this ending are, where nothing is said yet; False where it is said otherwise."""
    types = parts.tree("[Content_Types].xml")
    for entry in types.findall(f"{{{CONTENT_TYPES}}}Default"):
        if entry.get("Extension", "").casefold() == ending.casefold():
            return entry.get("ContentType") == content_type
    types.insert(0, etree.Element(f"{{{CONTENT_TYPES}}}Default", Extension=ending, ContentType=content_type))
    parts.replace_tree("[Content_Types].xml", types)
    return True


def free_part_name(parts: Parts, like: str) -> str:
    """`xl/drawings/vmlDrawing3.vml` for one like `xl/drawings/vmlDrawing1.vml`, when 1 and 2 are there."""
    stem, dot, ending = like.rpartition(".")
    stem = re.sub(r"\d+$", "", stem)
    number = 1
    while parts.has(f"{stem}{number}{dot}{ending}"):
        number += 1
    return f"{stem}{number}{dot}{ending}"
