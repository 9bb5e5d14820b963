"""Form buttons in a file that Calc has saved, so that they are still there when it is opened again.

LibreOffice 7.4 writes each control twice, in the sheet (`<control shapeId="1001">`) and in a VML drawing, and the
drawing's id must be `_x0000_s1001`. It writes `shape_0` there, and the label without the `<font>` that readers look
for: after the next opening, also in Calc, the buttons are gone. Newer versions write the right id.
"""

from __future__ import annotations

import logging
import re

from lxml import etree

from .package import Parts

_log = logging.getLogger(__name__)
_VML_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/vmlDrawing"
_VML = "{urn:schemas-microsoft-com:vml}"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
_ID = "_x0000_s"
# As XlsxWriter and Excel write it: the size is in twentieths of a point.
_FONT = {"face": "Calibri", "size": "220", "color": "#000000"}
# Excel's sign for "a macro of this workbook".
_HERE = "[0]!"


def repair_controls(parts: Parts, sheet: str) -> None:
    """Mend the controls of the sheet whose part is named `sheet`, if Calc has broken them."""
    content = parts.read(sheet)
    ids = [number.decode() for number in re.findall(rb'<control\b[^>]*\bshapeId="(\d+)"', content)]
    if not ids:
        return
    # In the controls' properties alone can an attribute be called "macro": text in cells has its quotes escaped.
    parts.write(sheet, re.sub(rb'(<controlPr\b[^>]*\bmacro=")(?!\[0\]!)(?=[^"])', rb"\1" + _HERE.encode(), content))
    for kind, drawing in parts.links(sheet).values():
        if kind == _VML_LINK:
            _repair_drawing(parts, drawing, ids)


def _repair_drawing(parts: Parts, drawing: str, ids: list[str]) -> None:
    root = etree.fromstring(parts.read(drawing))
    shapes = [shape for shape in root.iter(f"{_VML}shape") if _kind(shape) not in (None, "Note")]
    if len(shapes) != len(ids):
        _log.warning("%s has %d controls, and its sheet %d; they stay as they are.", drawing, len(shapes), len(ids))
        return
    before = etree.tostring(root)
    for shape, number in zip(shapes, ids, strict=True):
        if not str(shape.get("id")).startswith(_ID):
            shape.set("id", f"{_ID}{number}")
        for line in shape.iter("div"):
            if line.text and not len(line):
                font = etree.SubElement(line, "font", _FONT)
                font.text, line.text = line.text, None
        for macro in shape.iter(f"{_EXCEL}FmlaMacro"):
            if macro.text and not macro.text.startswith("["):
                macro.text = _HERE + macro.text
    if etree.tostring(root) != before:
        parts.write_xml(drawing, root)


def _kind(shape: etree._Element) -> str | None:
    """What the shape is for Excel: "Button", "Checkbox", "Note", …; None when it is a drawing only."""
    data = shape.find(f"{_EXCEL}ClientData")
    return None if data is None else data.get("ObjectType")
