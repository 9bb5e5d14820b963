"""Formats of one workbook, added behind those of another: no format that is there gets another number.

A cell names its format by a number in `cellXfs`, which names a font, a fill, a border and a number format by theirs
[ECMA-376 part 1, 18.8]. So a sheet that moves to another workbook needs all of them there, and new numbers.
"""

from __future__ import annotations

import copy

from lxml import etree

from xlkijiji.adopt.elements import STYLESHEET, add_relation, child, declare_part, main
from xlkijiji.xlsx_parts import MAIN, Parts, relations, workbook_part

__all__ = ["Styles", "styles_part"]

_PART = "xl/styles.xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
# What a workbook without formats of its own has in Excel's eyes.
_EMPTY = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
).encode()
_USUAL_POINTS = 11.0
_FIRST_OWN_FORMAT = 164
"""Numbers below mean formats that every Excel knows [ECMA-376 part 1, 18.8.30]."""


def styles_part(parts: Parts) -> str:
    """The name of the part with the formats; it is made when the workbook has none."""
    workbook = workbook_part(parts)
    for kind, target in relations(parts, workbook).values():
        if kind == _RELATION:
            return target
    parts.add(_PART, _EMPTY)
    declare_part(parts, _PART, _CONTENT_TYPE)
    add_relation(parts, workbook, _RELATION, _PART)
    return _PART


class Styles:
    """The formats of the workbook `parts`, to which those of `source` are added as they are asked for."""

    def __init__(self, parts: Parts, source: Parts) -> None:
        self._parts = parts
        self._part = styles_part(parts)
        self._tree = parts.tree(self._part)
        self._source = source.tree(styles_part(source))
        self._known: dict[tuple[str, int], int] = {}
        self._changed = False

    def xf(self, number: int) -> int:
        """The number that the cell format `number` of the source has here."""
        if ("xf", number) not in self._known:
            xf = copy.deepcopy(_entries(self._source, "cellXfs")[number])
            for attribute, group in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
                xf.set(attribute, str(self._moved(group, int(xf.get(attribute, "0")))))
            xf.set("numFmtId", str(self._number_format(int(xf.get("numFmtId", "0")))))
            xf.set("xfId", "0")
            self._known["xf", number] = self._append("cellXfs", xf)
        return self._known["xf", number]

    def dxf(self, number: int) -> int:
        """The number that the format `number` of a conditional format of the source has here."""
        return self._moved("dxfs", number)

    def like(self, number: int, number_format: str = "", *, top: bool = False) -> int:
        """A new cell format with the font of the format `number` that is here, and nothing else of it."""
        theirs = _entries(self._tree, "cellXfs")
        font = theirs[number].get("fontId", "0") if number < len(theirs) else "0"
        code = self._format_of(number_format) if number_format else 0
        xf = etree.Element(main("xf"), numFmtId=str(code), fontId=font, fillId="0", borderId="0", xfId="0")
        if code:
            xf.set("applyNumberFormat", "1")
        xf.set("applyFont", "1")
        if top:
            xf.set("applyAlignment", "1")
            etree.SubElement(xf, main("alignment"), vertical="top")
        return self._append("cellXfs", xf)

    def alignment(self, number: int) -> tuple[str, bool]:
        """How the cell format `number` that is here aligns (`general` where nothing is said), and whether it wraps."""
        formats = _entries(self._tree, "cellXfs")
        found = formats[number].find(main("alignment")) if number < len(formats) else None
        if found is None:
            return "general", False
        return found.get("horizontal", "general"), found.get("wrapText") in {"1", "true"}

    def points(self, number: int) -> float:
        """The size of the font of the cell format `number` that is here."""
        formats, fonts = _entries(self._tree, "cellXfs"), _entries(self._tree, "fonts")
        font = int(formats[number].get("fontId", "0")) if number < len(formats) else 0
        size = fonts[font].find(main("sz")) if font < len(fonts) else None
        return _USUAL_POINTS if size is None else float(size.get("val", _USUAL_POINTS))

    def save(self) -> None:
        """Put the formats into the file, if any were added."""
        if self._changed:
            self._parts.replace_tree(self._part, self._tree)

    def _moved(self, group: str, number: int) -> int:
        if (group, number) not in self._known:
            element = copy.deepcopy(_entries(self._source, group)[number])
            self._known[group, number] = self._append(group, element)
        return self._known[group, number]

    def _append(self, group: str, element: etree._Element) -> int:
        """Its number in the group; one that looks just like it serves too."""
        parent = child(self._tree, group, STYLESHEET)
        wanted = etree.tostring(element, method="c14n")
        here = list(parent)
        for at, other in enumerate(here):
            if etree.tostring(other, method="c14n") == wanted:
                return at
        parent.append(element)
        parent.set("count", str(len(here) + 1))
        self._changed = True
        return len(here)

    def _number_format(self, number: int) -> int:
        for entry in _entries(self._source, "numFmts"):
            if entry.get("numFmtId") == str(number):
                return self._format_of(entry.get("formatCode", "General"))
        return number

    def _format_of(self, code: str) -> int:
        group = child(self._tree, "numFmts", STYLESHEET)
        for entry in group:
            if entry.get("formatCode") == code:
                return int(entry.get("numFmtId", "0"))
        number = max([_FIRST_OWN_FORMAT - 1, *(int(entry.get("numFmtId", "0")) for entry in group)]) + 1
        etree.SubElement(group, main("numFmt"), numFmtId=str(number), formatCode=code)
        group.set("count", str(len(group)))
        self._changed = True
        return number


def _entries(tree: etree._Element, group: str) -> list[etree._Element]:
    parent = tree.find(main(group))
    return [] if parent is None else [one for one in parent if isinstance(one.tag, str)]
