"""Two workbooks part by part: the adopted one, with our additions taken out again, is the person's."""

from __future__ import annotations

import copy
import posixpath
import re
import zipfile
from pathlib import Path

from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WORKBOOK = "xl/workbook.xml"


def parts_of(path: Path) -> dict[str, bytes]:
    """Name → bytes of each part."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def relations_of(parts: dict[str, bytes], part: str) -> dict[str, str]:
    """Id → part that it leads to."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in parts:
        return {}
    return {
        str(one.get("Id")): posixpath.normpath(posixpath.join("/", folder, str(one.get("Target")))).lstrip("/")
        for one in etree.fromstring(parts[rels])
        if one.get("TargetMode") != "External"
    }


def sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """Name of each sheet → its part."""
    known = relations_of(parts, WORKBOOK)
    sheets = etree.fromstring(parts[WORKBOOK]).iter(f"{MAIN}sheet")
    return {str(one.get("name")): known[str(one.get(f"{RELATIONS}id"))] for one in sheets}


def differing(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """Parts that are not byte for byte what they were."""
    return {name for name, content in before.items() if after.get(name) != content}


def canonical(tree: etree._Element) -> bytes:
    """The XML as such: no matter how attributes are ordered and quoted, or prefixes declared."""
    return bytes(etree.tostring(tree, method="c14n", exclusive=True))


def assert_superset(before: bytes, after: bytes, changed: dict[str, str]) -> None:
    """Every entry is still there; `changed` are the new content types of parts."""
    kept = {canonical(one) for one in etree.fromstring(after)}
    for entry in etree.fromstring(before):
        name = entry.get("PartName", "")
        if name in changed:
            entry.set("ContentType", changed[name])
        assert canonical(entry) in kept, etree.tostring(entry)


def assert_styles_appended(before: bytes, after: bytes) -> None:
    """Each group begins with what it had, in the same order."""
    old, new = etree.fromstring(before), etree.fromstring(after)
    groups = {child.tag: child for child in old}
    for group in list(new):
        if group.tag not in groups:
            assert group.tag in {f"{MAIN}numFmts", f"{MAIN}dxfs"}, group.tag
            new.remove(group)
            continue
        was = groups[group.tag]
        if group.get("count") != was.get("count"):
            for extra in list(group)[len(was) :]:
                group.remove(extra)
            if was.get("count") is not None:
                group.set("count", str(was.get("count")))
    assert canonical(old) == canonical(new)


def without_code_name(xml: bytes, had_properties: bool) -> bytes:
    """A sheet's bytes as they were before it got a code name."""
    if not had_properties:
        return re.sub(rb"<(?:\w+:)?sheetPr codeName=\"\w+\"/>", b"", xml, count=1)
    return re.sub(rb"(<(?:\w+:)?sheetPr) codeName=\"\w+\"", rb"\1", xml, count=1)


def without_our_columns(before: bytes, after: bytes, columns: set[str]) -> tuple[bytes, bytes]:
    """Both sheets without what adopting may change in the inventory's: canonical, to be compared."""
    old, new = etree.fromstring(before), etree.fromstring(after)
    rules = [canonical(one) for one in old.iter(f"{MAIN}conditionalFormatting")]
    for block in list(new.iter(f"{MAIN}conditionalFormatting")):
        if canonical(block) not in rules:
            letters = {re.match(r"[A-Z]+", one)[0] for one in str(block.get("sqref")).split()}
            assert letters <= columns
            new.remove(block)
    if old.find(f"{MAIN}legacyDrawing") is None:
        new.remove(new.find(f"{MAIN}legacyDrawing"))
    for row in new.iter(f"{MAIN}row"):
        for cell in list(row):
            if re.match(r"[A-Z]+", str(cell.get("r")))[0] in columns:
                row.remove(cell)
    for tree in (old, new):
        for properties in tree.findall(f"{MAIN}sheetPr"):
            properties.attrib.pop("codeName", None)
            if not properties.attrib and not len(properties):
                tree.remove(properties)
        for name in ("cols", "dimension"):  # compared by `widths`; the range in use is a hint for readers
            for one in tree.findall(f"{MAIN}{name}"):
                tree.remove(one)
        for one in tree.findall(f"{MAIN}autoFilter"):
            one.set("ref", re.sub(r":[A-Z]+", ":", str(one.get("ref"))))
        for row in list(tree.iter(f"{MAIN}row")):
            row.attrib.pop("spans", None)
    return canonical(old), canonical(new)


def widths(sheet: bytes, columns: set[int]) -> dict[int, dict[str, str]]:
    """Column → what the sheet says of it, for all but `columns`."""
    found: dict[int, dict[str, str]] = {}
    for col in etree.fromstring(sheet).iter(f"{MAIN}col"):
        values = {str(name): str(value) for name, value in col.attrib.items() if name not in {"min", "max"}}
        for number in range(int(col.get("min", "0")), min(int(col.get("max", "0")), 300) + 1):
            if number not in columns:
                found[number] = values
    return found


def without_our_names(before: bytes, after: bytes, settings: str) -> tuple[bytes, bytes]:
    """The workbook's own part without our sheet, our print area and the code name; canonical, to be compared."""
    old, new = etree.fromstring(before), etree.fromstring(after)
    for one in list(new.iter(f"{MAIN}sheet")):
        if one.get("name") == settings:
            one.getparent().remove(one)
    known = {(one.get("name"), one.get("localSheetId")) for one in old.iter(f"{MAIN}definedName")}
    for one in list(new.iter(f"{MAIN}definedName")):
        if (one.get("name"), one.get("localSheetId")) not in known:
            assert one.get("name") == "_xlnm.Print_Area"
            one.getparent().remove(one)
    for tree in (old, new):
        for one in tree.iter(f"{MAIN}definedName"):
            if one.get("name") == "_xlnm._FilterDatabase":
                one.text = re.sub(r"\$[A-Z]+(\$\d+)$", r"\1", one.text or "")
        for one in tree.findall(f"{MAIN}definedNames"):
            if not len(one):
                tree.remove(one)
        for one in tree.findall(f"{MAIN}workbookPr"):
            one.attrib.pop("codeName", None)
            if not one.attrib:
                tree.remove(one)
    return canonical(old), canonical(new)


def without_our_table_columns(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    """A table's XML without the columns behind its own; canonical, to be compared."""
    old, new = copy.deepcopy(etree.fromstring(before)), etree.fromstring(after)
    was, now = old.find(f"{MAIN}tableColumns"), new.find(f"{MAIN}tableColumns")
    assert was is not None
    assert now is not None
    for extra in list(now)[len(was) :]:
        now.remove(extra)
    now.set("count", str(was.get("count")))
    for tree in (old, new):
        for one in tree.iter(f"{MAIN}table", f"{MAIN}autoFilter"):
            one.set("ref", re.sub(r":[A-Z]+", ":", str(one.get("ref"))))
    return canonical(old), canonical(new)
