"""A CSV file whose single cells can be changed while encoding, delimiter, line ends and quotes stay as they were."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xlkijiji.inventory import match_header

__all__ = ["CsvSheet"]

_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_FORMULA_STARTS = ("=", "+", "-", "@", "\t")


@dataclass
class CsvSheet:
    """The cells of a CSV file, each as it stands there, quotes and all."""

    mark: bytes
    """The byte order mark; b'' when there's none."""
    encoding: str
    delimiter: str
    rows: list[list[str]]
    line_ends: list[str]

    @classmethod
    def parse(cls, content: bytes) -> CsvSheet:
        """UTF-8, UTF-16 with a mark, or else Windows' western code page, as Excel in Canada writes it.

        The delimiter is that of comma, semicolon and tab which finds the most known headers. Raises
        UnicodeDecodeError for bytes that are none of these.
        """
        mark, encoding, text = _decode(content)
        tables = [(delimiter, *_split(text, delimiter)) for delimiter in (",", ";", "\t")]
        delimiter, rows, ends = max(tables, key=lambda table: _known_headers(table[1]))
        return cls(mark, encoding, delimiter, rows, ends)

    def grid(self) -> list[list[object]]:
        """The cells' values, all of them text."""
        return [[_value(cell) for cell in row] for row in self.rows]

    def set_cell(self, row: int, column: int, text: str) -> None:
        """Put `text` into a cell (from 1); a short row is filled up with empty cells."""
        cells = self.rows[row - 1]
        cells.extend([""] * (column - len(cells)))
        neighbours = [cell for cell in self.rows[0] if cell]
        quoted = bool(neighbours) and all(cell.startswith('"') for cell in neighbours)
        cells[column - 1] = self._written(text, cells[column - 1].startswith('"') or quoted)

    def content(self) -> bytes:
        """The file's bytes. A character that the file's encoding lacks becomes a question mark."""
        lines = (self.delimiter.join(row) + end for row, end in zip(self.rows, self.line_ends, strict=True))
        return self.mark + "".join(lines).encode(self.encoding, errors="replace")

    def _written(self, text: str, quoted: bool) -> str:
        if text.startswith(_FORMULA_STARTS):
            text = (
                f"'{text}"  # Excel would take it for a formula; in CSV nothing but an apostrophe says that it is none
            )
        if quoted or any(sign in text for sign in (self.delimiter, '"', "\r", "\n")) or text != text.strip():
            return '"' + text.replace('"', '""') + '"'
        return text


def _decode(content: bytes) -> tuple[bytes, str, str]:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return mark, encoding, content[len(mark) :].decode(encoding)
    try:
        return b"", "utf-8", content.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "cp1252", content.decode("cp1252")


def _split(text: str, delimiter: str) -> tuple[list[list[str]], list[str]]:
    """Rows of cells as written, and the end of each line ('' where the file ends without one)."""
    sign = re.escape(delimiter)
    cell = re.compile(rf'((?:"(?:[^"]|"")*")?[^{sign}\r\n]*)({sign}|\r\n|\n|\r|\Z)')
    rows: list[list[str]] = []
    ends: list[str] = []
    row: list[str] = []
    at = 0
    while at < len(text) or row:
        found = cell.match(text, at)
        if found is None:  # can't be: every alternative of the pattern ends somewhere
            raise ValueError(f"no cell at character {at}")
        row.append(found[1])
        at = found.end()
        if found[2] != delimiter:
            rows.append(row)
            ends.append(found[2])
            row = []
    return rows, ends


def _known_headers(rows: list[list[str]]) -> tuple[int, int]:
    best = max((sum(match_header(_value(cell)) is not None for cell in row) for row in rows[:40]), default=0)
    return best, max(map(len, rows[:40]), default=0)


def _value(cell: str) -> str:
    if not cell.startswith('"'):
        return cell
    quoted = re.match(r'"((?:[^"]|"")*)"', cell)
    if quoted is None:
        return cell
    return quoted[1].replace('""', '"') + cell[quoted.end() :]
