"""Form buttons and notes in a file that Calc has saved, so that they are still there when it is opened again.

LibreOffice 7.4 writes each control twice, in the sheet (`<control shapeId="1001">`) and in a VML drawing, and the
drawing's id must be `_x0000_s1001`. It writes `shape_0` there, and the label without the `<font>` that readers look
for: after the next opening, also in Calc, the buttons are gone. Newer versions write the right id. Where a button or a
note is, each version writes so that it reads something else (see `placement`).
"""

from __future__ import annotations

import logging
import re

from lxml import etree

from .package import Parts
from .placement import Anchor, Placement

_log = logging.getLogger(__name__)
_VML_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/vmlDrawing"
_VML = "{urn:schemas-microsoft-com:vml}"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
_ID = "_x0000_s"
# As XlsxWriter and Excel write it: the size is in twentieths of a point.
_FONT = {"face": "Calibri", "size": "220", "color": "#000000"}
# Excel's sign for "a macro of this workbook".
_HERE = "[0]!"
_CONTROL_ANCHOR = re.compile(
    rb'(?P<head><control\b[^>]*\bshapeId="(?P<id>\d+)".*?<anchor\b[^>]*>)(?P<place>.*?)(?=</anchor>)', re.DOTALL
)
# English metric units in a pixel of 96 to the inch: Excel's own measure, whatever the screen.
_EMU = 9525


def repair_controls(parts: Parts, sheet: str, placement: Placement) -> None:
    """Mend the controls and notes of the sheet whose part is named `sheet`, if Calc has broken them."""
    content = parts.read(sheet)
    ids = [number.decode() for number in re.findall(rb'<control\b[^>]*\bshapeId="(\d+)"', content)]
    if not ids and not placement.notes:
        return
    # In the controls' properties alone can an attribute be called "macro": text in cells has its quotes escaped.
    content = re.sub(rb'(<controlPr\b[^>]*\bmacro=")(?!\[0\]!)(?=[^"])', rb"\1" + _HERE.encode(), content)
    for kind, drawing in parts.links(sheet).values():
        if kind == _VML_LINK:
            root = etree.fromstring(parts.read(drawing))
            before = etree.tostring(root)
            content = _place_in_sheet(content, _repair_drawing(root, drawing, ids, placement))
            if etree.tostring(root) != before:
                parts.write_xml(drawing, root)
    parts.write(sheet, content)


def _repair_drawing(root: etree._Element, name: str, ids: list[str], placement: Placement) -> dict[str, Anchor]:
    """Mend the drawing called `name`; where each control is, by its number, as far as that is known."""
    shapes = list(root.iter(f"{_VML}shape"))
    for note in shapes:
        if _kind(note) == "Note":
            _place(note, placement.notes.get((_number(note, "Row"), _number(note, "Column"))))
    controls = [shape for shape in shapes if _kind(shape) not in (None, "Note")]
    if len(controls) != len(ids):
        _log.warning("%s has %d controls, and its sheet %d; they stay as they are.", name, len(controls), len(ids))
        return {}
    for shape, number in zip(controls, ids, strict=True):
        if not str(shape.get("id")).startswith(_ID):
            shape.set("id", f"{_ID}{number}")
        for line in shape.iter("div"):
            if line.text and not len(line):
                font = etree.SubElement(line, "font", _FONT)
                font.text, line.text = line.text, None
        for macro in shape.iter(f"{_EXCEL}FmlaMacro"):
            if macro.text and not macro.text.startswith("["):
                macro.text = _HERE + macro.text
    if not _are_the_same(controls, [label for label, _anchor in placement.controls]):
        return {}
    anchors = [anchor for _label, anchor in placement.controls]
    for shape, anchor in zip(controls, anchors, strict=True):
        _place(shape, anchor)
    return dict(zip(ids, anchors, strict=True))


def _are_the_same(shapes: list[etree._Element], labels: list[str]) -> bool:
    """Are there as many as Calc has, in the same order? Where either side has no label, it is taken for the other's."""
    pairs = zip(map(_label, shapes), (" ".join(label.split()) for label in labels), strict=False)
    return len(shapes) == len(labels) and all(one == other or not one or not other for one, other in pairs)


def _place(shape: etree._Element, anchor: Anchor | None) -> None:
    written = shape.find(f"{_EXCEL}ClientData/{_EXCEL}Anchor")
    if anchor is not None and written is not None:
        written.text = ", ".join(map(str, anchor))


def _place_in_sheet(content: bytes, anchors: dict[str, Anchor]) -> bytes:
    """The same places in the sheet's own list of controls, which is the one that Excel looks at."""

    def replaced(control: re.Match[bytes]) -> bytes:
        anchor, place = anchors.get(control["id"].decode()), control["place"]
        if anchor is None or len(re.findall(rb">-?\d+<", place)) != len(anchor):
            return control[0]
        numbers = iter([number * _EMU if at % 2 else number for at, number in enumerate(anchor)])
        return control["head"] + re.sub(rb">-?\d+<", lambda _: b">%d<" % next(numbers), place)

    return _CONTROL_ANCHOR.sub(replaced, content)


def _label(shape: etree._Element) -> str:
    texts = (text for box in shape.iter(f"{_VML}textbox") for text in box.itertext())
    return " ".join("".join(map(str, texts)).split())


def _number(shape: etree._Element, name: str) -> int:
    text = shape.findtext(f"{_EXCEL}ClientData/{_EXCEL}{name}") or ""
    return int(text) if text.strip().isdigit() else -1


def _kind(shape: etree._Element) -> str | None:
    """What the shape is for Excel: "Button", "Checkbox", "Note", …; None when it is a drawing only."""
    data = shape.find(f"{_EXCEL}ClientData")
    return None if data is None else data.get("ObjectType")
