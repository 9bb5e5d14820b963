"""The buttons: form controls in a sheet's legacy drawing (VML), beside the notes that it may hold already.

Their form is the one that XlsxWriter writes, which Excel and Calc take. A drawing that is there is not written anew:
what is added stands behind what it has, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from xlkijiji.adopt.elements import (
    WORKSHEET,
    add_relation,
    child,
    declare_ending,
    declare_part,
    free_part_name,
)
from xlkijiji.adopt.geometry import Anchor
from xlkijiji.xlsx_parts import RELATIONS, Parts, relations

__all__ = ["Button", "add_buttons", "buttons_of", "shown_controls"]

_RELATION = f"{RELATIONS}/vmlDrawing"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_VML, _OFFICE, _EXCEL = (
    "urn:schemas-microsoft-com:vml",
    "urn:schemas-microsoft-com:office:office",
    ("urn:schemas-microsoft-com:office:excel"),
)
_NAMESPACES = f'xmlns:v="{_VML}" xmlns:o="{_OFFICE}" xmlns:x="{_EXCEL}"'
_IDS_IN_BLOCK = 1024
FONT, SMALL_FONT, ROOMY = 220, 180, 26
"""Of a caption, in twentieths of a point; the smaller one below so many pixels of height, where it would be cut."""
_SHAPE_TYPE = (
    '<v:shapetype id="_x0000_t201" coordsize="21600,21600" o:spt="201" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path shadowok="f" o:extrusionok="f" strokeok="f" fillok="f" '
    'o:connecttype="rect"/><o:lock v:ext="edit" shapetype="t"/></v:shapetype>'
)


@dataclass(frozen=True)
class Button:
    """A button of a sheet."""

    macro: str
    caption: str
    width: int
    """Pixels."""
    height: int = 30
    """Pixels, as a new one is drawn; of one that is there its anchor tells."""
    anchor: Anchor = (0, 0, 0, 0, 0, 0, 0, 0)


def drawing_of(parts: Parts, sheet: str) -> str | None:
    """The legacy drawing of the worksheet whose part is `sheet`; None when it has none."""
    element = parts.tree(sheet).find("{*}legacyDrawing")
    if element is None:
        return None
    return relations(parts, sheet)[element.get(f"{{{RELATIONS}}}id", "")][1]


def buttons_of(parts: Parts, sheet: str) -> list[Button]:
    """The buttons with a macro in the worksheet whose part is `sheet`, from left to right."""
    drawing = drawing_of(parts, sheet)
    if drawing is None:
        return []
    found = []
    for data in _client_data(parts, drawing):
        macro, anchor = data.findtext(f"{{{_EXCEL}}}FmlaMacro", ""), _anchor(data)
        if data.get("ObjectType") != "Button" or not macro or anchor is None:
            continue
        shape = data.getparent()
        caption = "" if shape is None else "".join(map(str, shape.itertext("{*}font", "font"))).strip()
        style = "" if shape is None else shape.get("style", "")
        points = re.search(r"(?:^|;)\s*width:\s*([\d.]+)pt", style)
        width = round(float(points[1]) * 4 / 3) if points else anchor[5] - anchor[1]
        found.append(Button(macro.rpartition("!")[2].rpartition(".")[2], caption, width, anchor=anchor))
    return sorted(found, key=lambda button: button.anchor[:2])


def shown_controls(parts: Parts, sheet: str) -> list[Anchor]:
    """Where the controls of the worksheet whose part is `sheet` are, and the notes that are always shown."""
    drawing = drawing_of(parts, sheet)
    if drawing is None:
        return []
    found: list[Anchor] = []
    for data in _client_data(parts, drawing):
        numbers = _anchor(data)
        if numbers is not None and (data.get("ObjectType") != "Note" or data.find(f"{{{_EXCEL}}}Visible") is not None):
            found.append(numbers)
    return found


def _client_data(parts: Parts, drawing: str) -> list[etree._Element]:
    # Excel itself leaves elements such as <br> open there
    root = etree.fromstring(parts.read(drawing), etree.XMLParser(recover=True, resolve_entities=False))
    return list(root.iter(f"{{{_EXCEL}}}ClientData"))


def _anchor(data: etree._Element) -> Anchor | None:
    numbers = [int(number) for number in re.findall(r"-?\d+", data.findtext(f"{{{_EXCEL}}}Anchor", ""))]
    if len(numbers) != 8:
        return None
    a, b, c, d, e, f, g, h = numbers
    return a, b, c, d, e, f, g, h


def add_buttons(parts: Parts, sheet: str, buttons: Sequence[Button]) -> None:
    """Add the buttons, each at its anchor, to the worksheet whose part is `sheet`."""
    drawing = drawing_of(parts, sheet)
    if drawing is None:
        drawing = _new_drawing(parts, sheet)
    content = parts.read(drawing)
    first, content = _free_ids(parts, content, len(buttons))
    text = "" if b"_x0000_t201" in content else _SHAPE_TYPE
    if f'xmlns:x="{_EXCEL}"'.encode() not in content:
        raise KeyError(f"{drawing} has none of Excel's own elements")
    for at, button in enumerate(buttons):
        text += _shape(button, first + at)
    end = content.rindex(b"</xml>")
    parts.replace(drawing, content[:end] + text.encode() + content[end:])


def _new_drawing(parts: Parts, sheet: str) -> str:
    name = free_part_name(parts, "xl/drawings/vmlDrawing1.vml")
    block = max(_blocks(parts), default=0) + 1
    layout = f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{block}"/></o:shapelayout>'
    parts.add(name, f"<xml {_NAMESPACES}>{layout}</xml>".encode())
    if not declare_ending(parts, "vml", _CONTENT_TYPE):
        declare_part(parts, name, _CONTENT_TYPE)
    relation = add_relation(parts, sheet, _RELATION, name)
    tree = parts.tree(sheet)
    child(tree, "legacyDrawing", WORKSHEET).set(f"{{{RELATIONS}}}id", relation)
    parts.replace_tree(sheet, tree)
    return name


def _blocks(parts: Parts) -> list[int]:
    """The blocks of 1024 shape ids that the workbook's drawings use."""
    contents = [parts.read(name) for name in parts.names if name.endswith(".vml")]
    lists = [found for content in contents for found in re.findall(rb"""<o:idmap\b[^>]*\bdata=["']([^"']*)""", content)]
    return [int(number) for one in lists for number in re.findall(rb"\d+", one)]


def _free_ids(parts: Parts, content: bytes, count: int) -> tuple[int, bytes]:
    """The first of `count` shape ids that are free, and the drawing, to which a block of ids may have been added."""
    used = [int(number) for number in re.findall(rb"_x0000_s(\d+)", content)]
    found = re.search(rb"""(<o:idmap\b[^>]*\bdata=["'])([^"']*)""", content)
    own = [int(number) for number in re.findall(rb"\d+", found[2])] if found else []
    if own:
        first = max([own[-1] * _IDS_IN_BLOCK, *(number for number in used if number // _IDS_IN_BLOCK == own[-1])]) + 1
        if (first + count) // _IDS_IN_BLOCK == own[-1]:
            return first, content
    block = max([*_blocks(parts), *(number // _IDS_IN_BLOCK for number in used)], default=0) + 1
    if found is not None:
        content = content[: found.end()] + b",%d" % block + content[found.end() :]
    return block * _IDS_IN_BLOCK + 1, content


def _shape(button: Button, number: int) -> str:
    anchor = ", ".join(map(str, button.anchor))
    name = quoteattr(f"_x0000_s{number}")
    size = FONT if button.height >= ROOMY else SMALL_FONT
    return (
        f'<v:shape id={name} type="#_x0000_t201" style="position:absolute;width:{button.width * 0.75:g}pt;'
        f'height:{button.height * 0.75:g}pt;z-index:{number % _IDS_IN_BLOCK};mso-wrap-style:tight" o:button="t" '
        'fillcolor="buttonFace [67]" strokecolor="windowText [64]" o:insetmode="auto">'
        '<v:fill color2="buttonFace [67]" o:detectmouseclick="t"/><o:lock v:ext="edit" rotation="t"/>'
        '<v:textbox style="mso-direction-alt:auto" o:singleclick="f"><div style="text-align:center">'
        f'<font face="Calibri" size="{size}" color="#000000">{escape(button.caption)}</font></div></v:textbox>'
        f'<x:ClientData ObjectType="Button"><x:Anchor>{anchor}</x:Anchor><x:PrintObject>False</x:PrintObject>'
        f"<x:AutoFill>False</x:AutoFill><x:FmlaMacro>[0]!{escape(button.macro)}</x:FmlaMacro>"
        "<x:TextHAlign>Center</x:TextHAlign><x:TextVAlign>Center</x:TextVAlign></x:ClientData></v:shape>"
    )
