"""Put text and whole numbers into single cells of a worksheet's XML, and leave every other byte of it as it was.

A library that loads and saves a workbook loses what it doesn't know (buttons, macros, drop-downs). Here the XML is read
by a real parser for one thing only: where in the bytes the wanted cells are. Only those bytes change. Elements and
attributes are those of ECMA-376 part 1, chapter 18 (SpreadsheetML).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from xlkijiji.errors import InventoryError
from xlkijiji.inventory import column_letter
from xlkijiji.messages import tell

__all__ = ["CellEdits", "EditedSheet", "edit_sheet"]

LONGEST_TEXT = 32767
"""Characters that a cell can hold [Excel specifications and limits]."""

CellEdits = Mapping[tuple[int, int], str | int]
"""(row, column), both from 1 → the text or number that the cell shall hold; '' empties it and keeps its format."""


@dataclass(frozen=True)
class EditedSheet:
    """A worksheet's XML with its edits made."""

    xml: bytes
    formulas: list[str]
    """Addresses of the cells that held a formula and hold text now."""


def edit_sheet(xml: bytes, edits: CellEdits, header_row: int = 0) -> EditedSheet:
    """The worksheet part `xml` with `edits` made.

    A new cell in `header_row` looks like the header left of it; elsewhere it has the format of its row or column.
    Raises InventoryError for a sheet that can't be changed safely, and expat's error for bytes that are no XML.
    """
    finder = _Finder(xml, edits, header_row)
    finder.run()
    pieces, at = [], 0
    # by end too: a cell put in before another one starts where that one does, and ends there. The sort is stable, so
    # several put in at one place stay in the order of their columns.
    for start, end, new in sorted(finder.replacements, key=lambda change: change[:2]):
        pieces += [xml[at:start], new]
        at = end
    pieces.append(xml[at:])
    return EditedSheet(b"".join(pieces), finder.formulas)


@dataclass
class _Row:
    """A row of the sheet: where it is in the bytes, and what was found of it."""

    number: int
    start: int
    prefix: str
    style: str | None
    spans: str | None
    next_column: int = 1
    last_style: str | None = None
    insertions: dict[int, int] = field(default_factory=dict)
    """Wanted column → offset of the first cell right of it, for cells that don't exist."""


@dataclass
class _Cell:
    """A wanted cell that exists."""

    row: int
    column: int
    start: int
    attributes: dict[str, str]
    formula: bool = False
    shared: bool = False


class _Finder:
    """Reads a sheet's XML and collects the byte ranges to be replaced: (start, end, new bytes)."""

    def __init__(self, xml: bytes, edits: CellEdits, header_row: int) -> None:
        self._xml = xml
        self._header_row = header_row
        self._bottom = max((row for row, _ in edits), default=0)
        self._right = max((column for _, column in edits), default=0)
        self._edits: dict[int, dict[int, str | int]] = {}
        for (row, column), text in edits.items():
            self._edits.setdefault(row, {})[column] = text
        self.replacements: list[tuple[int, int, bytes]] = []
        self.formulas: list[str] = []
        self._row: _Row | None = None
        self._row_number = 0
        self._wanted: dict[int, str | int] = {}
        self._left: list[int] = []
        self._cell: _Cell | None = None
        self._column_styles: list[tuple[int, int, str]] = []
        self._in_data = False
        self._data_prefix = ""
        self._data_start = 0
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.XmlDeclHandler = self._declared
        self._parser = parser

    def run(self) -> None:
        self._parser.Parse(self._xml, True)

    def _refuse_doctype(self, *_details: object) -> None:
        raise InventoryError(tell("sheet-has-doctype"))

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.casefold() not in {"utf-8", "us-ascii"}:
            raise InventoryError(tell("sheet-in-encoding", encoding=encoding))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        prefix, _, local = name.rpartition(":")
        if not self._in_data:
            if local == "sheetData":
                self._in_data = True
                self._data_prefix = prefix
                self._data_start = self._parser.CurrentByteIndex
            elif local == "dimension":
                self._widen_dimension(attributes.get("ref", ""))
            elif local == "col" and "style" in attributes:
                self._column_styles.append((int(attributes["min"]), int(attributes["max"]), attributes["style"]))
        elif local == "row":
            self._start_row(prefix, attributes)
        elif local == "c" and self._row is not None:
            self._start_cell(attributes)
        elif local == "f" and self._cell is not None:
            self._cell.formula = True
            # a formula that only points to a shared one (no `ref`) may go; the one that others point to may not
            self._cell.shared = attributes.get("t", "normal") != "normal" and "ref" in attributes

    def _end(self, name: str) -> None:
        if not self._in_data:
            return
        local = name.rpartition(":")[2]
        if local == "c" and self._cell is not None:
            self._end_cell(self._cell)
        elif local == "row" and self._row is not None:
            self._end_row(self._row)
        elif local == "sheetData":
            self._end_data()

    def _start_row(self, prefix: str, attributes: dict[str, str]) -> None:
        at = self._parser.CurrentByteIndex
        number = int(attributes.get("r", self._row_number + 1))
        self._insert_rows(at, before=number, prefix=prefix)
        self._row_number = number
        self._wanted = self._edits.pop(number, {})
        self._left = sorted(self._wanted)
        style = attributes.get("s") if attributes.get("customFormat") in {"1", "true"} else None
        self._row = _Row(number, at, prefix, style, attributes.get("spans"))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        row = self._row
        if row is None or not self._wanted:
            return
        at = self._parser.CurrentByteIndex
        column = _column_number(attributes["r"]) if "r" in attributes else row.next_column
        row.next_column = column + 1
        if row.number == self._header_row:
            row.last_style = attributes.get("s", row.last_style)
        while self._left and self._left[0] < column:
            row.insertions[self._left.pop(0)] = at
        if self._left and self._left[0] == column:
            self._left.pop(0)
            self._cell = _Cell(row.number, column, at, attributes)

    def _end_cell(self, cell: _Cell) -> None:
        self._cell = None
        row = self._row
        if row is None:
            return
        address = f"{column_letter(cell.column)}{cell.row}"
        if cell.shared:
            raise InventoryError(tell("cell-has-shared-formula", address=address))
        if cell.formula:
            self.formulas.append(address)
        end = self._end_of_element(cell.start)
        kept: dict[str, str] = {name: cell.attributes[name] for name in ("s", "ph") if name in cell.attributes}
        self.replacements.append((cell.start, end, _cell_xml(row.prefix, address, self._wanted[cell.column], kept)))

    def _end_row(self, row: _Row) -> None:
        self._row = None
        if not self._wanted:
            return
        tag_end = _tag_end(self._xml, row.start)
        self_closing = self._xml[tag_end - 2 : tag_end] == b"/>"
        close = self._parser.CurrentByteIndex
        late = b""
        for column in self._left:
            late += self._new_cell(row, column)
        for column, at in row.insertions.items():
            self.replacements.append((at, at, self._new_cell(row, column)))
        if late and self_closing:
            name = b"%s:row" % row.prefix.encode() if row.prefix else b"row"
            self.replacements.append((tag_end - 2, tag_end, b">" + late + b"</" + name + b">"))
        elif late:
            self.replacements.append((close, close, late))
        self._widen_spans(row, tag_end)

    def _new_cell(self, row: _Row, column: int) -> bytes:
        style = row.last_style or row.style
        if style is None:
            style = next((style for low, high, style in self._column_styles if low <= column <= high), None)
        kept = {} if style is None else {"s": style}
        text = self._wanted[column]
        return b"" if text == "" else _cell_xml(row.prefix, f"{column_letter(column)}{row.number}", text, kept)

    def _widen_spans(self, row: _Row, tag_end: int) -> None:
        """`spans` is a hint about which columns a row uses; a wrong one is worse than none."""
        if row.spans is None or not self._wanted:
            return
        ends = [int(number) for span in row.spans.split() for number in span.split(":")]
        low, high = min([*ends, *self._wanted]), max([*ends, *self._wanted])
        if low < min(ends) or high > max(ends):
            found = re.compile(rb"""\sspans\s*=\s*(["'])[^"']*\1""").search(self._xml, row.start, tag_end)
            if found is not None:
                self.replacements.append((*found.span(), f' spans="{low}:{high}"'.encode()))

    def _widen_dimension(self, reference: str) -> None:
        """`dimension` says which range is in use; some readers look no further."""
        first, _, last = reference.rpartition(":")
        if not last:
            return
        right, bottom = _column_number(last), int(last.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
        if right >= self._right and bottom >= self._bottom:
            return
        corner = f"{column_letter(max(right, self._right))}{max(bottom, self._bottom)}"
        start = self._parser.CurrentByteIndex
        found = re.compile(rb"""ref\s*=\s*(["'])[^"']*\1""").search(self._xml, start, _tag_end(self._xml, start))
        if found is not None:
            self.replacements.append((*found.span(), f'ref="{first or last}:{corner}"'.encode()))

    def _insert_rows(self, at: int, before: int | None, prefix: str) -> None:
        for number in sorted(self._edits):
            if before is not None and number >= before:
                break
            self._wanted = self._edits.pop(number)
            row = _Row(number, at, prefix, None, None)
            cells = b"".join(self._new_cell(row, column) for column in sorted(self._wanted))
            name = f"{prefix}:row" if prefix else "row"
            if cells:
                self.replacements.append((at, at, f'<{name} r="{number}">'.encode() + cells + f"</{name}>".encode()))
        self._wanted = {}

    def _end_data(self) -> None:
        self._in_data = False
        if not self._edits:
            return
        tag_end = _tag_end(self._xml, self._data_start)
        if self._xml[tag_end - 2 : tag_end] != b"/>":
            self._insert_rows(self._parser.CurrentByteIndex, before=None, prefix=self._data_prefix)

    def _end_of_element(self, start: int) -> int:
        """Where the element that is ending now ends; expat stands at its end tag, or behind an empty one."""
        tag_end = _tag_end(self._xml, start)
        if self._xml[tag_end - 2 : tag_end] == b"/>":
            return tag_end
        return self._xml.index(b">", self._parser.CurrentByteIndex) + 1


_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")


def _tag_end(xml: bytes, start: int) -> int:
    """The offset behind the tag that starts at `start`."""
    found = _TAG.match(xml, start)
    if found is None:  # expat has read the tag already
        raise InventoryError(tell("sheet-not-understood"))
    return found.end()


def _column_number(address: str) -> int:
    number = 0
    for letter in address:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number


_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def _cell_xml(prefix: str, address: str, text: str | int, attributes: Mapping[str, str]) -> bytes:
    """A cell that holds a number, or `text` as text: also '=1+1' is no formula there."""
    p = f"{prefix}:" if prefix else ""
    kept = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    if isinstance(text, int):
        return f'<{p}c r="{address}"{kept}><{p}v>{text}</{p}v></{p}c>'.encode()
    if not text:
        return f'<{p}c r="{address}"{kept}/>'.encode()
    # Excel reads _x0041_ as the letter A, so an underscore that would begin such a word is written as one itself
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = _LOOKS_ESCAPED.sub("_x005F_", _UNWRITABLE.sub("", lines)[:LONGEST_TEXT])
    inner = f'<{p}is><{p}t xml:space="preserve">{escape(clean)}</{p}t></{p}is>'
    return f'<{p}c r="{address}"{kept} t="inlineStr">{inner}</{p}c>'.encode()
