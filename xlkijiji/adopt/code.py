"""The macros of a workbook: our modules, with a document module for each sheet that it has.

Excel finds the module of a sheet by the sheet's code name [MS-OVBA 2.3.1, ECMA-376 part 1, 18.3.1.82]. So the project
is built for exactly the sheets there are, and each of them gets its code name. Sheets that are added later get theirs
from Excel itself.
"""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lxml import etree

from xlkijiji.adopt.elements import WORKBOOK, add_relation, child, declare_part, main
from xlkijiji.workbook.vba_project import ModuleKind, VbaModule, build_vba_project, load_modules
from xlkijiji.xlsx_parts import RELATIONS, Parts, relations, workbook_part

__all__ = ["VBA_PART", "code_name", "our_modules", "put_code", "set_code_name"]

VBA_PART = "xl/vbaProject.bin"
MACRO_WORKBOOK = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_VBA_TYPE = "application/vnd.ms-office.vbaProject"
_VBA_RELATION = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_WORKBOOK_CLASS, _WORKSHEET_CLASS, _CHART_CLASS = "00020819", "00020820", "00020821"
"""The classes of Excel's Workbook, Worksheet and Chart, as Excel writes them into VB_Base."""
_NAME = re.compile(r"[A-Za-z]\w{0,30}", re.ASCII)
_ROOT = re.compile(rb"""<(?P<prefix>[\w.-]+:)?(?:work|chart|dialog|macro)sheet\b(?:[^>"']|"[^"]*"|'[^']*')*>""")
_CODE_NAME = re.compile(rb"""\scodeName\s*=\s*(?:"[^"]*"|'[^']*')""")


def our_modules() -> list[VbaModule]:
    """The modules that every workbook of ours has, in the language in use, without those of its sheets."""
    with resources.as_file(resources.files("xlkijiji") / "workbook" / "vba") as folder:
        return [module for module in load_modules(Path(folder)) if module.kind is not ModuleKind.DOCUMENT]


def put_code(parts: Parts, wanted: dict[str, str] | None = None) -> None:
    """Make the file a macro workbook with our code.

    `wanted` are code names by sheet name; other sheets keep theirs, or get `Sheet1` and so on. One that can't be the
    name of a module is replaced: without macros nothing refers to it.
    """
    modules = our_modules()
    taken = {module.name.casefold() for module in modules}
    workbook = workbook_part(parts)
    tree = parts.tree(workbook)
    properties = child(tree, "workbookPr", WORKBOOK)
    book = _free_name(properties.get("codeName", ""), "ThisWorkbook", taken)
    documents = [_document(book, _WORKBOOK_CLASS)]
    # the names that are wanted first, so that no sheet of the person's takes them
    sheets = sorted(tree.iter(main("sheet")), key=lambda sheet: str(sheet.get("name")) not in (wanted or {}))
    known = relations(parts, workbook)
    made: dict[str, VbaModule] = {}
    for sheet in sheets:
        name = str(sheet.get("name"))
        kind, part = known[str(sheet.get(f"{{{RELATIONS}}}id"))]
        code = _free_name((wanted or {}).get(name) or code_name(parts.read(part)), "Sheet1", taken)
        parts.replace(part, set_code_name(parts.read(part), code))
        made[name] = _document(code, _CHART_CLASS if kind.endswith("/chartsheet") else _WORKSHEET_CLASS)
    documents += [made[str(sheet.get("name"))] for sheet in tree.iter(main("sheet"))]
    if properties.get("codeName") != book:
        properties.set("codeName", book)
        parts.replace_tree(workbook, tree)
    project = build_vba_project([*documents, *modules])
    declare_part(parts, workbook, MACRO_WORKBOOK)
    if parts.has(VBA_PART):
        parts.replace(VBA_PART, project)
        return
    parts.add(VBA_PART, project)
    declare_part(parts, VBA_PART, _VBA_TYPE)
    add_relation(parts, workbook, _VBA_RELATION, VBA_PART)


def _free_name(present: str, usual: str, taken: set[str]) -> str:
    """`present` where it can be a module's name and is free, else `usual`, with the next number that is free."""
    name = present if _NAME.fullmatch(present) else usual
    stem, number = name.rstrip("0123456789"), 1
    while name.casefold() in taken:
        name = f"{stem}{number}"
        number += 1
    taken.add(name.casefold())
    return name


def _document(name: str, class_id: str) -> VbaModule:
    """A module without code, as Excel makes it for a workbook or a sheet."""
    lines = (
        f'Attribute VB_Name = "{name}"',
        f'Attribute VB_Base = "0{{{class_id}-0000-0000-C000-000000000046}}"',
        "Attribute VB_GlobalNameSpace = False",
        "Attribute VB_Creatable = False",
        "Attribute VB_PredeclaredId = True",
        "Attribute VB_Exposed = True",
        "Attribute VB_TemplateDerived = False",
        "Attribute VB_Customizable = True",
    )
    return VbaModule(name, ModuleKind.DOCUMENT, "\n".join(lines))


def _properties(xml: bytes) -> tuple[re.Match[bytes], re.Match[bytes] | None]:
    """The root's tag, and the tag of the sheet's properties, which can only stand right behind it."""
    root = _ROOT.search(xml)
    if root is None:
        raise KeyError("a sheet's XML has no sheet in it")
    tag = rb"""\s*<%ssheetPr\b(?:[^>"']|"[^"]*"|'[^']*')*>""" % (root["prefix"] or b"")
    return root, re.compile(tag).match(xml, root.end())


def code_name(xml: bytes) -> str:
    """The code name in a sheet's XML; blank when it has none."""
    _root, found = _properties(xml)
    name = _CODE_NAME.search(found[0]) if found else None
    return etree.fromstring(b"<a%s/>" % name[0]).get("codeName", "") if name else ""


def set_code_name(xml: bytes, name: str) -> bytes:
    """A sheet's XML with this code name; every other byte stays as it is."""
    root, found = _properties(xml)
    attribute = f" codeName={quoteattr(name)}".encode()
    if found is None:
        element = b"<%ssheetPr%s/>" % (root["prefix"] or b"", attribute)
        return xml[: root.end()] + element + xml[root.end() :]
    known = _CODE_NAME.search(xml, found.start(), found.end())
    if known is not None:
        return xml[: known.start()] + attribute + xml[known.end() :]
    at = xml.index(b"sheetPr", found.start()) + len(b"sheetPr")
    return xml[:at] + attribute + xml[at:]
