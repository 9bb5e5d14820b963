"""Values on their way into an inventory that a person works in at the same time.

Between looking where a row is and writing into it, somebody may sort, insert or delete: no program can forbid that. So
each round remembers what stood there before, looks again afterwards, and puts right what went into a wrong cell.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from xlkijiji.column_words import ColumnWords
from xlkijiji.errors import InventoryError, NotWritable
from xlkijiji.inventory import STATUS, cell_text, is_blank, is_in_hand, is_new, is_unsure, match_header
from xlkijiji.messages import tell
from xlkijiji.records import InventoryTable
from xlkijiji.workbook.reader import NO_WORDS, Layout, RowKey, column_values, locate, row_keys_of, row_values
from xlkijiji.workbook.session import is_busy

__all__ = ["LOOKS", "Cells", "InventoryCells", "prove_writable"]

log = logging.getLogger(__name__)

Cells = dict[tuple[RowKey, str], object]
"""What cells should show, by row key and column name."""

GREEN, AMBER, BLUE = (198, 239, 206), (255, 199, 206), (221, 235, 247)


LOOKS = 5
"""How often a sheet is read anew when its rows move meanwhile."""


class RowsKeepMoving(Exception):
    """The sheet was never the same for long enough to be read."""


@dataclass(frozen=True)
class _Write:
    """One value, and where it was put; row and column as in `Layout`."""

    key: RowKey
    name: str
    value: object
    row: int
    column: int


@dataclass(frozen=True)
class _Before:
    """What stood in the sheet before a round of writing, as far as that round can touch it."""

    layout: Layout
    columns: dict[str, dict[RowKey, object]]
    rows: dict[RowKey, list[object]]
    """Whole rows, a formula as its text; from the layout's left column on."""


class InventoryCells:
    """What a run has put into its sheet, and the way in. Used in the live view's thread alone."""

    def __init__(self) -> None:
        self.paint = True
        """Colour the status cells? Our own template colours them by rules, which follow a sort."""
        self.names: frozenset[str] = frozenset()
        """The columns of ours that the sheet had when it was read; others are never written."""
        self.words = NO_WORDS
        """What the Settings sheet says of the headers."""
        self._written: Cells = {}

    @property
    def wrote(self) -> bool:
        """Has anything been written? Then it can get lost."""
        return bool(self._written)

    def write(self, sheet: Any, cells: Cells, *, opened_anew: bool = False) -> tuple[Cells, Cells]:
        """Write cell by cell: a block over filtered rows lands in the wrong ones [xlwings 679, 2619].

        Gives what is to be written once more, since the rows moved meanwhile, and what waits for rows and columns that
        aren't in the sheet now. Written again is also what the sheet has lost since: by an undo, or, where it was
        `opened_anew`, by being closed without saving.

        Raises InventoryError when the headers are gone, and what the program raises when it refuses.
        """
        before, writes, waiting = self._look(sheet, cells, opened_anew=opened_anew)
        for one in writes:
            self._put(sheet, one.row, one.column, one.name, one.value)
        again = self._see_all_in_place(sheet, before, writes) if writes else {}
        self._written |= {(one.key, one.name): one.value for one in writes if (one.key, one.name) not in again}
        return again, waiting

    def _look(self, sheet: Any, cells: Cells, *, opened_anew: bool) -> tuple[_Before, list[_Write], Cells]:
        """Where everything is to go, what stands there, and what can't go anywhere; read while nothing moved."""
        for _look in range(LOOKS):
            layout = locate(sheet, self.words)
            columns = {STATUS: column_values(sheet, layout, STATUS)}
            lost = self._lost(sheet, layout, columns[STATUS], opened_anew=opened_anew)
            waiting: Cells = {}
            writes = []
            for (key, name), value in {**lost, **cells}.items():
                if name not in layout.columns or key not in layout.rows:
                    if name in self.names:
                        waiting[key, name] = value
                else:
                    writes.append(_Write(key, name, value, layout.rows[key], layout.columns[name]))
            columns |= {name: column_values(sheet, layout, name) for name in {one.name for one in writes} - {STATUS}}
            rows = {key: row_values(sheet, layout, row) for key, row in {one.key: one.row for one in writes}.items()}
            if locate(sheet, self.words) == layout:
                return _Before(layout, columns, rows), writes, waiting
        raise RowsKeepMoving

    # --- what has been lost

    def _lost(self, sheet: Any, layout: Layout, statuses: dict[RowKey, object], *, opened_anew: bool) -> Cells:
        """What was written and doesn't show any more, except where a person has put a word of their own."""
        lost = []
        ids = column_values(sheet, layout, "ad_id") if self._wrote_ids and "ad_id" in layout.columns else None
        for (key, name), value in self._written.items():
            if name != STATUS or key not in layout.rows:
                continue
            now, ours = cell_text(statuses.get(key)), cell_text(value)
            if now == ours and ids is not None and cell_text(self._written.get((key, "ad_id"))) and is_blank(ids[key]):
                lost.append(key)  # the number of the ad alone has gone
            if now == ours or not (is_new(now) or is_in_hand(now)):
                continue
            # a person who has corrected a row clears its Error; an undo takes the other cells back as well
            cleared = is_new(now) and is_new(ours) and not is_unsure(ours) and not opened_anew
            if not cleared or self._others_lost(sheet, layout, key):
                lost.append(key)
        return {at: value for at, value in self._written.items() if at[0] in lost}

    @property
    def _wrote_ids(self) -> bool:
        return any(name == "ad_id" and cell_text(value) for (_key, name), value in self._written.items())

    def _others_lost(self, sheet: Any, layout: Layout, key: RowKey) -> bool:
        for name in ("last_error", "attempts"):
            if name in layout.columns and cell_text(ours := self._written.get((key, name))):
                now = sheet.range((layout.rows[key], layout.columns[name])).value
                if cell_text(now) != cell_text(ours):
                    return True
        return False

    # --- what went astray

    def _see_all_in_place(self, sheet: Any, before: _Before, writes: Collection[_Write]) -> Cells:
        """Look where the rows are after writing; put right what went into wrong cells. What has to be written again."""
        after = self._locate_after(sheet, before.layout, writes)
        again: Cells = {}
        values = {(one.key, one.name): one.value for one in writes}
        vanished = []
        for one in writes:
            shown = cell_text(sheet.range((one.row, one.column)).value)
            if (after.rows.get(one.key), after.columns.get(one.name)) == (one.row, one.column):
                undone = cell_text(before.columns[one.name].get(one.key))
                if shown != cell_text(one.value) and shown == undone:  # an undo came between two writes
                    again[one.key, one.name] = one.value
                    vanished.append(one)
                continue
            again[one.key, one.name] = one.value
            if shown == cell_text(one.value):
                name, value = _rightful(before, after, one, values)
                self._put(sheet, one.row, one.column, name, value)
        if vanished:
            self._take_back_strays(sheet, before, after, vanished, values)
        if again:
            log.info("the sheet was changed while it was written to: %d cells are written again", len(again))
        return again

    def _take_back_strays(
        self, sheet: Any, before: _Before, after: Layout, vanished: Collection[_Write], values: Cells
    ) -> None:
        """Rows or columns were moved before a write and moved back after it: what it put down lies in another cell.

        That is a cell beside it, in its row or its column, that has changed meanwhile, and to that very value.
        """
        for name in {one.name for one in vanished}:
            ours = {cell_text(one.value) for one in vanished if one.name == name} - {""}
            for key, now in column_values(sheet, after, name).items():
                was = before.columns[name].get(key)
                if (key, name) not in values and cell_text(now) in ours and cell_text(was) != cell_text(now):
                    self._put(sheet, after.rows[key], after.columns[name], name, was)
        for key in {one.key for one in vanished} & before.rows.keys():
            ours = {cell_text(one.value) for one in vanished if one.key == key} - {""}
            names = {column - after.left: name for name, column in after.columns.items()}
            for at, now in enumerate(row_values(sheet, after, after.rows[key])):
                header, own = after.headers[at], names.get(at, "")
                if (key, own) in values or not header or header not in before.layout.headers:
                    continue
                was = before.rows[key][before.layout.headers.index(header)]
                if cell_text(now) in ours and cell_text(was) != cell_text(now):
                    self._put(sheet, after.rows[key], after.left + at, own or header, was)

    def _locate_after(self, sheet: Any, before: Layout, writes: Collection[_Write]) -> Layout:
        """Where everything is after writing, the headers among it where values have landed in them."""
        with contextlib.suppress(InventoryError):  # the header of the status is one of those
            after = locate(sheet, self.words)
            if all(one.row != after.top for one in writes):
                return after
        _restore_headers(sheet, before, writes)
        return locate(sheet, self.words)

    def _put(self, sheet: Any, row: int, column: int, name: str, value: object) -> None:
        cell = sheet.range((row, column))
        if name == "ad_url" and value:
            cell.add_hyperlink(str(value), str(value))
        elif isinstance(value, str) and value.startswith("=") and match_header(name) is None:
            cell.formula = value
        else:
            cell.value = value
        if name == STATUS and self.paint:
            cell.color = _colour(cell_text(value))


def prove_writable(sheet: Any, table: InventoryTable, words: ColumnWords = NO_WORDS) -> None:
    """Write a status cell and put it back: what could not be noted afterwards is better not posted.

    The value written for the moment means the same as the one that was there (`pending` for blank, a stray blank after
    any other). Raises NotWritable when the sheet takes no writes; on the Mac a protected one keeps silent [xlwings].
    """
    key = row_keys_of(table)[0]
    layout = locate(sheet, words)
    before = sheet.range((layout.rows[key], layout.columns[STATUS])).value
    probe = f"{cell_text(before)} " if cell_text(before) else "pending"
    # a sort at this very moment would put them into another row, which the round itself notices and puts right
    cells = InventoryCells()
    cells.paint, cells.words, cells.names = False, words, frozenset({STATUS})
    try:
        _again, _waiting = cells.write(sheet, {(key, STATUS): probe})
        layout = locate(sheet, words)
        took = str(sheet.range((layout.rows[key], layout.columns[STATUS])).value) == probe
        again, waiting = cells.write(sheet, {(key, STATUS): before})
        for _look in range(LOOKS):
            if not again and not waiting:
                break
            again, waiting = cells.write(sheet, {**again, **waiting})
    except Exception as error:  # each program refuses in its own way
        if is_busy(error):
            raise  # not for good
        raise NotWritable(tell("sheet-not-writable", sheet=sheet.name)) from error
    if not took:
        raise NotWritable(tell("sheet-not-writable", sheet=sheet.name))


def _rightful(before: _Before, after: Layout, one: _Write, values: Cells) -> tuple[str, object]:
    """What should stand in a cell that got another's value: its column's name, or header, and its value."""
    owner = next((key for key, row in after.rows.items() if row == one.row), None)
    name = next((name for name, column in after.columns.items() if column == one.column), "")
    if owner is None:
        return name, None
    if (owner, name) in values:
        return name, values[owner, name]
    if name in before.columns:
        return name, before.columns[name].get(owner)
    at = one.column - after.left
    header = after.headers[at] if 0 <= at < len(after.headers) else ""
    if header and header in before.layout.headers and owner in before.rows:
        return name or header, before.rows[owner][before.layout.headers.index(header)]
    return name or header, None


def _restore_headers(sheet: Any, before: Layout, writes: Collection[_Write]) -> None:
    """A row was inserted above the headers, and values have landed in them."""
    for one in writes:
        at = one.column - before.left
        holes = {other.column - before.left for other in writes if other.row == one.row}
        row = sheet.range((one.row, before.left), (one.row, before.left + len(before.headers) - 1)).value
        texts = list(map(cell_text, row))
        kept = [place for place in range(len(texts)) if place not in holes]
        if texts[at] == cell_text(one.value) and all(texts[place] == before.headers[place] for place in kept):
            sheet.range((one.row, one.column)).value = before.headers[at]


def _colour(status: str) -> tuple[int, int, int] | None:
    if status.startswith("Posted"):
        return GREEN
    if status.startswith("Error"):
        return AMBER
    return BLUE if is_in_hand(status) else None
