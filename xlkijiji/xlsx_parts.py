"""A closed .xlsx or .xlsm as a zip of parts: which part is which sheet, and a file in which all others are copied.

Parts, relations and content types are those of ECMA-376 part 2 (Open Packaging Conventions).
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass

from lxml import etree

from xlkijiji.errors import InventoryError
from xlkijiji.inventory import column_letter
from xlkijiji.messages import tell

__all__ = [
    "CONTENT_TYPES",
    "MAIN",
    "PACKAGE",
    "PARSER",
    "RELATIONS",
    "Area",
    "Parts",
    "column_number",
    "relations",
    "relations_part",
    "sheet_element",
    "sheet_part",
    "workbook_part",
]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


class Parts:
    """The parts of a workbook's zip file, in their order; what isn't replaced is copied."""

    def __init__(self, source: zipfile.ZipFile) -> None:
        self._source = source
        self._changed: dict[str, bytes | None] = {}
        self._added: list[str] = []
        self._names = {info.filename.casefold(): info.filename for info in source.infolist()}

    def has(self, name: str) -> bool:
        """Is there such a part?"""
        return name.casefold() in self._names

    def read(self, name: str) -> bytes:
        """A part's bytes, with the changes made so far. Part names don't depend on case [ECMA-376 part 2]."""
        actual = self._names[name.casefold()]
        changed = self._changed.get(actual)
        return changed if changed is not None else self._source.read(actual)

    def tree(self, name: str) -> etree._Element:
        """A part's XML, parsed."""
        return etree.fromstring(self.read(name), PARSER)

    def replace(self, name: str, content: bytes | None) -> None:
        """Give a part other bytes; None takes it out of the file."""
        self._changed[self._names[name.casefold()]] = content

    def replace_tree(self, name: str, tree: etree._Element) -> None:
        """Give a part other XML."""
        self.replace(name, etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))

    def add(self, name: str, content: bytes) -> None:
        """Put a new part at the end of the file."""
        self._names[name.casefold()] = name
        self._changed[name] = content
        self._added.append(name)

    @property
    def names(self) -> list[str]:
        """The names of all parts, with those that were added."""
        return list(self._names.values())

    def write(self) -> bytes:
        """The bytes of the file with all changes."""
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
            for name in self._added:
                # a fixed time: the same input gives the same file
                added = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
                added.compress_type = zipfile.ZIP_DEFLATED
                out.writestr(added, self._changed[name] or b"")
        return target.getvalue()


def relations_part(part: str) -> str:
    """The part that holds the relations of `part`; `part` is '' for the file as a whole."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def relations(parts: Parts, part: str) -> dict[str, tuple[str, str]]:
    """Id → (type, part) of what `part` refers to inside the file."""
    folder = posixpath.dirname(part)
    rels = relations_part(part)
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


def workbook_part(parts: Parts) -> str:
    """The workbook's own part, usually `xl/workbook.xml`. Raises InventoryError where there is none."""
    for kind, target in relations(parts, "").values():
        if kind.endswith("/officeDocument"):
            return target
    raise InventoryError(tell("not-a-workbook"))


def sheet_element(parts: Parts, workbook: str, sheet: str) -> etree._Element:
    """The entry of the sheet named `sheet` in the workbook's part. Raises InventoryError where there is none."""
    root = parts.tree(workbook)
    if etree.QName(root).namespace != MAIN:
        raise InventoryError(tell("strict-format"))
    for element in root.iter(f"{{{MAIN}}}sheet"):
        if element.get("name") == sheet:
            return element
    raise InventoryError(tell("no-sheet-any-more", sheet=sheet))


def sheet_part(parts: Parts, sheet: str) -> str:
    """The name of the part that holds the worksheet named `sheet`."""
    workbook = workbook_part(parts)
    relation = sheet_element(parts, workbook, sheet).get(f"{{{RELATIONS}}}id")
    return relations(parts, workbook)[str(relation)][1]


@dataclass(frozen=True)
class Area:
    """A range, rows and columns from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, reference: str) -> Area:
        """From `A3:R15`; a single cell is a range as well. Raises KeyError for what is neither."""
        corners = re.findall(r"\$?([A-Z]+)\$?(\d+)", reference.upper())
        if not corners:
            raise KeyError(f"'{reference}' is not a range")
        first, last = corners[0], corners[-1]
        return cls(int(first[1]), column_number(first[0]), int(last[1]), column_number(last[0]))

    def __str__(self) -> str:
        return f"{column_letter(self.left)}{self.top}:{column_letter(self.right)}{self.bottom}"


def column_number(letters: str) -> int:
    """Excel's number of a column: A → 1, AB → 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
