"""Inventories in closed files: read one, and write its statuses back without changing anything else in it."""

from __future__ import annotations

import hashlib
import io
import logging
import zipfile
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import python_calamine as calamine

from xlkijiji.closed_settings import labels_of
from xlkijiji.column_words import ColumnWords
from xlkijiji.csv_cells import CsvSheet
from xlkijiji.errors import InventoryError, system_reason
from xlkijiji.file_replacement import refuse_read_only, replace_file
from xlkijiji.inventory import BY_NAME, STATUS, cell_text, match_columns
from xlkijiji.messages import tell
from xlkijiji.new_file import new_file
from xlkijiji.records import InventoryTable, find_header_row, read_records, table_from_grid
from xlkijiji.sheet_names import INVENTORY, is_called
from xlkijiji.xlsx_cells import CellEdits
from xlkijiji.xlsx_package import NewColumn, set_cells, table_right_edge

__all__ = ["UnmatchedRows", "load_inventory", "refuse_if_open", "save_inventory", "save_matching_rows"]

log = logging.getLogger(__name__)

WORKBOOKS = frozenset({".xlsx", ".xlsm"})
WRITTEN = (STATUS, "ad_id", "ad_url", "posted_at", "attempts", "last_error")
"""The columns that a save may change, where frame and file have them."""

DIGEST = "file_digest"
"""Where a frame keeps the SHA-256 (hex) of the file that it was read from, or saved into last."""

TRIES = 3
"""How often a save begins anew because another program wrote the file meanwhile."""

_OLE = b"\xd0\xcf\x11\xe0"
"""What an .xls begins with, and an .xlsx that a password protects [MS-CFB]."""


def load_inventory(path: Path | str, sheet: str | None = None) -> pd.DataFrame:
    """The inventory in a closed .xlsx, .xlsm or .csv file, with canonical column names (see `InventoryTable.frame`).

    Of a workbook it is the worksheet named `sheet`; with None the one named Inventory, or else the first one with a
    header row. A CSV has but one, whatever `sheet` says. ``df.attrs`` has `headers` (canonical name → header in the
    file), `rows` (the sheet's row numbers) and `file_digest` (of the bytes that were read).

    Raises InventoryError, whose text says what is the matter with the file and what to do.
    """
    opened = _open(Path(path), sheet)
    opened.table.frame.attrs[DIGEST] = _digest(opened.content)
    return opened.table.frame


def save_inventory(
    df: pd.DataFrame, path: Path | str, sheet: str | None = None, *, rows: Collection[int] | None = None
) -> None:
    """Write the statuses of `df` (and the other columns of `WRITTEN` that both have) into the file it came from.

    `sheet` as in `load_inventory`. `rows` are the positions in `df` (from 0) of the rows to be written; None: all.
    Rows are matched in order while the file is as it was read, and by sku when it was changed since. All
    else in the file stays as it is, byte for byte; a column for the status is added when there is none. The old file is
    replaced only by a complete new one. A file that doesn't exist (.xlsx, .csv) is created with the whole frame.

    Raises UnmatchedRows when a row to be written can't be found in the file any more, and InventoryError when the file
    can't be read or replaced; it is then as it was.
    """
    path = Path(path)
    for _ in range(TRIES):
        if not _exists(path):
            saved = _create(df, path, sheet or "Inventory")
        else:
            saved = (rows is not None and not rows) or _update(df, path, sheet, rows)
        if saved:
            return
        log.info("another program wrote %s while it was being saved", path.name)
    raise InventoryError(tell("file-keeps-changing", name=path.name))


def save_matching_rows(
    df: pd.DataFrame, path: Path | str, sheet: str | None = None, *, rows: Collection[int]
) -> str | None:
    """As `save_inventory`, but rows that can't be found any more don't keep the others from being saved.

    A sentence about those that couldn't, else None. Raises InventoryError when nothing could be saved.
    """
    try:
        save_inventory(df, path, sheet, rows=rows)
    except UnmatchedRows as error:
        log.warning("not all statuses could be saved: %s", error)
        save_inventory(df, path, sheet, rows=frozenset(rows) - error.positions)
        return str(error)
    return None


class UnmatchedRows(InventoryError):
    """The file was changed, and rows that are to be written can't be told apart in it any more.

    `positions` are theirs in the frame.
    """

    def __init__(self, message: str, positions: Collection[int]) -> None:
        self.positions = frozenset(positions)
        super().__init__(message)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def refuse_if_open(path: Path | str) -> None:
    """Raise InventoryError when the file is open in Excel or LibreOffice, or can't be written: asked before a run.

    While a file is open, Excel keeps `~$NAME` beside it, and LibreOffice `.~lock.NAME#`; Excel on Windows lets nobody
    else write into it. What is saved meanwhile is lost when the person saves there. A file that doesn't exist is fine.
    """
    path = Path(path)
    there = _exists(path)
    for program, name in (("Excel", f"~${path.name}"), ("LibreOffice", f".~lock.{path.name}#")):
        if path.with_name(name).exists():
            raise InventoryError(tell("file-is-open", file=path.name, program=program, lock=name))
    if not there or not path.is_file():
        return
    refuse_read_only(path)
    try:
        with path.open("r+b"):
            pass
    except OSError as error:
        raise InventoryError(tell("file-not-writable", name=path.name)) from error


# --- reading


@dataclass(frozen=True)
class _Opened:
    """A file's bytes, and the inventory found in them."""

    content: bytes
    sheet: str
    """Name of the worksheet; '' for a CSV."""
    grid: list[list[object]]
    table: InventoryTable


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:  # a folder that may not be looked into
        raise InventoryError(tell("folder-not-readable", name=path.name, reason=system_reason(error))) from error


def _open(path: Path, sheet: str | None) -> _Opened:
    suffix = path.suffix.casefold()
    if suffix == ".xls":
        raise InventoryError(tell("old-xls", name=path.name))
    if suffix not in WORKBOOKS and suffix != ".csv":
        raise InventoryError(tell("unknown-format", name=path.name, suffix=suffix))
    content = _read(path)
    if suffix == ".csv":
        return _open_csv(path, content)
    return _open_workbook(path, content, sheet)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InventoryError(tell("no-such-file", path=path)) from None
    except PermissionError as error:
        raise InventoryError(tell("file-not-readable", name=path.name)) from error
    except OSError as error:
        raise InventoryError(tell("file-read-failed", name=path.name, reason=system_reason(error))) from error


def _open_csv(path: Path, content: bytes) -> _Opened:
    try:
        sheet = CsvSheet.parse(content)
    except UnicodeDecodeError as error:
        raise InventoryError(tell("letters-not-read", name=path.name)) from error
    grid = sheet.grid()
    return _Opened(content, "", grid, table_from_grid(grid, path.name))


def _open_workbook(path: Path, content: bytes, wanted: str | None) -> _Opened:
    if content.startswith(_OLE):
        raise InventoryError(tell("file-has-password", name=path.name))
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        words = ColumnWords.from_labels(labels_of(workbook))
        if wanted is None and words.sheet in names:
            wanted = words.sheet
        candidates = _candidates(path, names, wanted)
        return _find_inventory(path, content, workbook, candidates, words)
    except (calamine.CalamineError, zipfile.BadZipFile) as error:
        raise InventoryError(tell("no-workbook", name=path.name)) from error


def _candidates(path: Path, names: Sequence[str], wanted: str | None) -> Sequence[str]:
    """The worksheets that may be the inventory: the `wanted` one, or the one named Inventory (Inventaire), or any."""
    # Excel, too, takes no notice of capitals in the name of a sheet
    named = [
        name
        for name in names
        if (name.strip().casefold() == wanted.strip().casefold() if wanted else is_called(name, INVENTORY))
    ]
    if wanted and not named:
        there = ", ".join(tell("quoted", text=name) for name in names) or tell("none-of-them")
        raise InventoryError(tell("no-such-sheet", name=path.name, wanted=wanted, there=there))
    return sorted(named, key=lambda name: name != wanted)[:1] or names


def _find_inventory(
    path: Path, content: bytes, workbook: calamine.CalamineWorkbook, names: Sequence[str], words: ColumnWords
) -> _Opened:
    first_error: InventoryError | None = None
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        grid: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
        merged = [
            (top + 1, left + 1, bottom + 1, right + 1)
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        ]
        try:
            table = table_from_grid(grid, tell("sheet-name", name=name), merged=merged, words=words)
            return _Opened(content, name, grid, table)
        except InventoryError as error:
            # a sheet that has our headers, with something wrong about them, is more likely the one than any other
            if first_error is None or find_header_row(grid, words) is not None:
                first_error = error
    raise first_error or InventoryError(tell("no-sheet-with-cells", name=path.name))


# --- what to write


def _update(df: pd.DataFrame, path: Path, sheet: str | None, rows: Collection[int] | None) -> bool:
    """Write into the file that is there; False when it isn't the one any more that was read for this a moment ago."""
    refuse_read_only(path)
    opened = _open(path, sheet)
    edits = _edits(df, opened, path, rows)
    new = None if STATUS in opened.table.columns else _new_column(opened)
    content = opened.content
    if edits or new is not None:
        if new is not None:
            log.info("adding the column %s to %s", STATUS, path.name)
        content = _with_edits(opened, edits, new)
        if not replace_file(path, content, only_if=lambda: _bytes_now(path) == opened.content):
            return False
    # Rows that look alike may have been swapped by whoever changed the file. Its new digest would say that the frame
    # has them in the file's order, so the frame keeps the old one, and they are never matched in order again.
    skus: list[str] = opened.table.frame["sku"].tolist()
    if _in_step(df, opened) or (all(skus) and len(set(skus)) == len(skus)):
        df.attrs[DIGEST] = _digest(content)
    return True


def _in_step(df: pd.DataFrame, opened: _Opened) -> bool:
    """Is the file as it was when the frame was read from it? A frame that wasn't read by us has its word taken."""
    return df.attrs.get(DIGEST) in {None, _digest(opened.content)}


def _bytes_now(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _edits(df: pd.DataFrame, opened: _Opened, path: Path, rows: Collection[int] | None) -> CellEdits:
    """(row, column) of the file, from 1 → new text or number, for each cell that says something else than the frame."""
    table = opened.table
    known = match_columns(list(df.columns))
    if "sku" not in known:
        raise InventoryError(tell("no-sku-to-save-by", name=path.name))
    columns = [name for name in WRITTEN if name in known and (name in table.columns or name == STATUS)]
    theirs = {name: df.iloc[:, known[name]].tolist() for name in columns}
    file_column = table.columns if STATUS in table.columns else {**table.columns, STATUS: _new_column(opened).column}
    ours = {name: _file_cells(table, name) for name in columns}
    edits: dict[tuple[int, int], str | int] = {}
    wanted = range(len(df)) if rows is None else frozenset(rows)
    for position, at in _matches(df, known, opened, path, wanted):
        if position not in wanted:
            continue
        for name in columns:
            text = cell_text(theirs[name][position])
            if text != cell_text(ours[name][at]):
                # as text, Excel would mark it as a number that is stored as text, and sort it behind all others
                number = BY_NAME[name].kind == "integer" and text.isascii() and text.isdigit()
                edits[table.rows[at], file_column[name]] = int(text) if number else text
    return edits


def _file_cells(table: InventoryTable, name: str) -> list[object]:
    return table.frame[name].tolist() if name in table.frame else [""] * len(table.frame)


def _matches(
    df: pd.DataFrame, known: dict[str, int], opened: _Opened, path: Path, wanted: Collection[int]
) -> list[tuple[int, int]]:
    """Pairs of positions, in the frame and in the file, of the same row."""
    skus = [cell_text(value) for value in df.iloc[:, known["sku"]].tolist()]
    filled = _filled_positions(df, skus)
    in_file: list[str] = opened.table.frame["sku"].tolist()
    here, there = Counter(skus), Counter(in_file)
    if [skus[position] for position in filled] == in_file:
        in_order = list(zip(filled, range(len(in_file)), strict=True))
        # a file that was changed may have swapped rows that look alike
        if _in_step(df, opened) or all(skus[at] and here[skus[at]] == 1 for at in filled if at in wanted):
            return in_order
    place = {sku: at for at, sku in enumerate(in_file)}
    matches = [(at, place[sku]) for at, sku in enumerate(skus) if sku and here[sku] == 1 and there[sku] == 1]
    if filled and not matches:
        raise InventoryError(tell("no-sku-in-file", name=path.name))
    found = {at for at, _place in matches}
    missing = [at for at in filled if at in wanted and at not in found]
    if missing:
        raise UnmatchedRows(_unmatched_sentence(path, [skus[at] for at in missing]), missing)
    return matches


def _unmatched_sentence(path: Path, skus: Sequence[str]) -> str:
    shown = ", ".join(sku or tell("blank-sku") for sku in skus[:6])
    if len(skus) > 6:
        shown = tell("list-and-more", names=shown, count=len(skus) - 6)
    return tell("rows-not-found-again", name=path.name, shown=shown)


def _filled_positions(df: pd.DataFrame, skus: Sequence[str]) -> list[int]:
    """Rows that aren't blank: a reader of files leaves blank rows out, a frame made otherwise may have them."""
    if all(skus):
        return list(range(len(skus)))
    records = read_records(df)
    return [position for position in range(len(skus)) if records.has_content(position)]


def _new_column(opened: _Opened) -> NewColumn:
    """Where a status column goes: right beside the Excel table if that place is free, else behind all that is used."""
    header_row = opened.table.header_row
    used = max((at + 1 for row in opened.grid for at, cell in enumerate(row) if cell_text(cell)), default=0)
    header = "Posting status" if opened.table.frame.attrs["headers"].get("sku") == "SKU" else STATUS
    edge = table_right_edge(opened.content, opened.sheet, header_row) if opened.sheet else None
    if edge is not None:
        beside = [row[edge] for row in opened.grid[header_row - 1 :] if len(row) > edge]
        if not any(cell_text(cell) for cell in beside):
            return NewColumn(header_row, edge + 1, header)
    return NewColumn(header_row, used + 1, header)


def _with_edits(opened: _Opened, edits: CellEdits, new: NewColumn | None) -> bytes:
    if opened.sheet:
        return set_cells(opened.content, opened.sheet, edits, new)
    sheet = CsvSheet.parse(opened.content)
    if new is not None:
        edits = {**edits, (new.header_row, new.column): new.header}
    for (row, column), text in edits.items():
        sheet.set_cell(row, column, str(text))
    return sheet.content()


# --- a new file


def _create(df: pd.DataFrame, path: Path, sheet: str) -> bool:
    """A new file with all of `df`: there's no older one whose other parts could be kept. False when there is by now."""
    content = new_file(df, path, sheet)
    if not replace_file(path, content, only_if=lambda: not path.exists()):
        return False
    df.attrs[DIGEST] = _digest(content)
    return True
