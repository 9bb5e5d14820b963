"""Rows of a Settings sheet in the file: read by their labels, changed, and added below the last one."""

from __future__ import annotations

import copy

from lxml import etree

from xlkijiji.adopt.elements import WORKSHEET, child, main
from xlkijiji.inventory import header_key
from xlkijiji.xlsx_cells import edit_sheet
from xlkijiji.xlsx_parts import Parts, relations, sheet_part, workbook_part

__all__ = ["SettingsRows"]


class SettingsRows:
    """The Settings sheet named `sheet`: labels in column A, values in B, sentences in C."""

    def __init__(self, parts: Parts, sheet: str) -> None:
        self._parts = parts
        self._part = sheet_part(parts, sheet)
        self._texts = _shared_texts(parts)

    def labels(self) -> dict[str, int]:
        """Each label, as `header_key` leaves it → its row (from 1)."""
        found: dict[str, int] = {}
        for row in self._parts.tree(self._part).iter(main("row")):
            text = self._text(row, "A")
            if text:
                found.setdefault(header_key(text), int(row.get("r", "0")))
        return found

    def rows(self) -> list[tuple[int, str, str | int, str]]:
        """Number, label, value and sentence of each setting: what stands below the row of headers."""
        found, below = [], False
        for row in self._parts.tree(self._part).iter(main("row")):
            label, value, note = (self._text(row, letter) for letter in "ABC")
            if below and label:
                number = value.isdigit() and not self._is_text(row, "B")
                found.append((int(row.get("r", "0")), label, int(value) if number else value, note))
            below = below or bool(label and value and note)
        return found

    def value(self, row: int) -> str | int:
        """The value in a row."""
        return next((value for number, _label, value, _note in self.rows() if number == row), "")

    def copy_rule(self, source: Parts, sheet: str, origin: int, row: int) -> None:
        """Give the value in `row` the drop-down or limit that row `origin` of another settings sheet has."""
        rules = source.tree(sheet_part(source, sheet)).iter(main("dataValidation"))
        found = next((rule for rule in rules if rule.get("sqref") == f"B{origin}"), None)
        if found is None:
            return
        tree = self._parts.tree(self._part)
        group = child(tree, "dataValidations", WORKSHEET)
        new = copy.deepcopy(found)
        new.set("sqref", f"B{row}")
        group.append(new)
        group.set("count", str(len(group)))
        self._parts.replace_tree(self._part, tree)

    def set_value(self, row: int, value: str | int) -> None:
        """Put another value into a row."""
        content = self._parts.read(self._part)
        self._parts.replace(self._part, edit_sheet(content, {(row, 2): value}).xml)

    def append(self, label: str, value: str | int, note: str) -> int:
        """A new row below the last one, which looks like that one; its number."""
        tree = self._parts.tree(self._part)
        data = child(tree, "sheetData", WORKSHEET)
        number = int(data[-1].get("r", "0")) + 1
        row = copy.deepcopy(next(one for one in reversed(data) if self._text(one, "A")))
        row.set("r", str(number))
        for cell in list(row):
            letters = cell.get("r", "").rstrip("0123456789")
            cell.set("r", f"{letters}{number}")
            if "t" in cell.attrib:
                del cell.attrib["t"]
            for content in list(cell):
                cell.remove(content)
        data.append(row)
        self._parts.replace_tree(self._part, tree)
        texts: dict[tuple[int, int], str | int] = {(number, 1): label, (number, 2): value, (number, 3): note}
        self._parts.replace(self._part, edit_sheet(self._parts.read(self._part), texts).xml)
        return number

    @staticmethod
    def _is_text(row: etree._Element, letter: str) -> bool:
        cells = (cell for cell in row.iter(main("c")) if cell.get("r", "").rstrip("0123456789") == letter)
        return any(cell.get("t", "n") != "n" for cell in cells)

    def _text(self, row: etree._Element, letter: str) -> str:
        for cell in row.iter(main("c")):
            if cell.get("r", "").rstrip("0123456789") == letter:
                if cell.get("t") == "s":
                    return self._texts[int(cell.findtext(main("v"), "0"))]
                inline = cell.find(main("is"))
                return cell.findtext(main("v"), "") if inline is None else _plain(inline)
        return ""


def _shared_texts(parts: Parts) -> list[str]:
    for kind, target in relations(parts, workbook_part(parts)).values():
        if kind.endswith("/sharedStrings"):
            return [_plain(item) for item in parts.tree(target).iterchildren(main("si"))]
    return []


def _plain(item: etree._Element) -> str:
    """The text without its formats, and without how it is read aloud."""
    pieces = [one for one in item.iter(main("t")) if etree.QName(one.getparent()).localname != "rPh"]
    return "".join(piece.text or "" for piece in pieces)
