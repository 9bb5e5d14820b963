"""A run, shown in the open workbook while it is on.

One thread owns every xlwings object. The run hands it what should be seen: the latest text for the status bar, the
latest value of each cell. A few times a second the thread writes what has changed. While the spreadsheet is busy (a
cell editor or a dialog is open, so it refuses calls) it waits and tries again, ever more slowly; the run never waits
for it.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from xlkijiji.column_words import ColumnWords
from xlkijiji.errors import InventoryError, NotWritable, XlkijijiError
from xlkijiji.inventory import STATUS, match_header
from xlkijiji.messages import tell, use
from xlkijiji.records import InventoryTable
from xlkijiji.settings import spoken_language
from xlkijiji.workbook.cells import LOOKS, Cells, InventoryCells, prove_writable
from xlkijiji.workbook.chosen_rows import visible_rows
from xlkijiji.workbook.pending import Pending, Rest, Trouble, carry_out
from xlkijiji.workbook.reader import (
    RowKey,
    add_status_column,
    column_under,
    find_sheet,
    locate,
    read_sheet,
    row_keys_of,
    widen_table,
)
from xlkijiji.workbook.session import Host, WorkbookClosed, attach, for_status_bar, is_gone, is_read_only, place_of
from xlkijiji.workbook.settings_sheet import read_settings

__all__ = ["LiveView"]

log = logging.getLogger(__name__)

WRITE_EVERY = 0.25
"""Seconds between two rounds of writing: often enough to look live, rare enough not to be in the person's way."""

SLOWEST_RETRY = 5.0
"""Seconds between two tries while the spreadsheet refuses calls for long."""

LOOK_EVERY = 3.0
"""Seconds without news after which the sheet is looked at: an undo that takes a status away tells nobody."""

REST_PER_WORK = 3.0
"""The program is left alone for at least so many times as long as a round of writing has taken."""

_Answer = TypeVar("_Answer")


class LiveView(threading.Thread):
    """The thread that reads the sheet once and then shows the run in it.

    `prepare` makes this thread able to reach the spreadsheet program (it activates Calc's engine where that is meant);
    `rest` is how it waits between two rounds.
    """

    def __init__(
        self,
        host: Host,
        prepare: Callable[[], object] | None = None,
        rest: Rest = threading.Condition.wait_for,
    ) -> None:
        super().__init__(name="live view", daemon=True)
        self._hosts = [host]
        self._prepare = prepare
        self._rest = rest
        self._changed = threading.Condition()
        self._pending = Pending()
        self._jobs: list[tuple[Callable[[], Any], Future[Any]]] = []
        self._in_flight = Pending()
        self._closing = False
        self._book: Any = None
        self._former: Any = None
        """The book that refused something, until another one has taken it."""
        self._was_closed = False
        self._app: Any = None
        self._sheet: Any = None
        self._keys: list[RowKey] = []
        self._cells = InventoryCells()
        self._words = ColumnWords()
        self.trouble: Trouble = ""

    # --- called by the run, from any thread; none of these waits for the spreadsheet unless it says so

    @property
    def host(self) -> Host:
        """The workbook and its sheet, under the names that they had when something was written last."""
        return self._hosts[0]

    def read(self, timeout: float = 60.0, *, even_unwritable: bool = False) -> tuple[InventoryTable, dict[str, object]]:
        """The inventory and the settings (label → value), read in the view's thread; waits up to `timeout` seconds.

        Raises InventoryError, also when the spreadsheet does not answer; NotWritable when the sheet takes no writes or
        the workbook can't be saved, unless it's to be read `even_unwritable`.
        """
        return self._answer(functools.partial(self._read, even_unwritable=even_unwritable), timeout)

    def read_shown(
        self, timeout: float = 300.0, *, even_unwritable: bool = False
    ) -> tuple[InventoryTable, dict[str, object], frozenset[int]]:
        """As `read`, and the positions of the rows that a person sees: not hidden, filtered out or in a closed group.

        It takes longer where thousands of rows are hidden here and there: each one is asked for. Raises as `read`.
        """
        return self._answer(functools.partial(self._read_shown, even_unwritable=even_unwritable), timeout)

    def settings(self, timeout: float = 60.0) -> dict[str, object]:
        """The settings alone (label → value), whatever sheet is in front. Raises InventoryError."""
        return self._answer(self._read_settings, timeout)

    def _answer(self, job: Callable[[], _Answer], timeout: float) -> _Answer:
        """What `job` gives; while the program refuses (a cell is being edited) it's asked again at the view's pace."""
        end, wait = time.monotonic() + timeout, WRITE_EVERY
        while True:
            try:
                answer: _Answer = self._ask(job).result(max(0.0, end - time.monotonic()))
            except XlkijijiError:
                raise
            except TimeoutError as error:
                raise InventoryError(tell("workbook-silent")) from error
            except Exception as error:
                log.info("it refused to be read: %s", error, exc_info=wait == WRITE_EVERY)
                wait = min(wait * 2, SLOWEST_RETRY)
                if time.monotonic() + wait > end:
                    raise InventoryError(tell("workbook-silent")) from error
            else:
                return answer
            with self._changed:
                self._rest(self._changed, lambda: self._closing, wait)

    def show(self, text: str) -> None:
        """Put `text` into the status bar at the next chance."""
        with self._changed:
            self._pending.status_bar = text
            self._changed.notify()

    def write(self, position: int, **values: object) -> None:
        """Put values into the row at `position` (0-based, as read), by column name, at the next chance."""
        with self._changed:
            for column, value in values.items():
                self._pending.cells[self._keys[position], column] = value
            self._hope()
            self._changed.notify()

    def check_lost(self) -> None:
        """Have it written again, at the next chance, where the sheet shows less than was written (after an undo)."""
        with self._changed:
            self._pending.look = True
            self._hope()
            self._changed.notify()

    def _hope(self) -> None:
        """Rows are known to be gone only when nothing else waits: what is new has to be tried first."""
        self.trouble = "" if self.trouble == "gone" else self.trouble

    def settle(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds until all is written; False when something could not be."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._pending and not self._in_flight, timeout)

    def is_open(self, timeout: float = 10.0) -> bool:
        """Is the workbook open now? False also when the program doesn't answer within `timeout` seconds.

        One that refuses has it open: a cell of it may be being edited.
        """
        try:
            self._ask(self._find).result(timeout)
        except (WorkbookClosed, TimeoutError):
            return False
        except Exception as error:  # noqa: BLE001 — a program that refuses calls, each in its own way, is there
            log.info("it refused to say which workbooks are open: %s", error)
        return True

    def give_back_status_bar(self, timeout: float = 10.0) -> None:
        """Let the program show its own status bar again; it goes on when the workbook was closed."""
        self._ask(lambda: setattr(self._app, "status_bar", False)).result(timeout)

    def select(self, position: int, header: str, timeout: float = 10.0) -> bool:
        """Put the cursor on the row's cell under `header`, or on its status where the sheet has no such column.

        Not for a person who is in another sheet by now, nor while the program refuses: then False.
        """
        key = self._keys[position]
        try:
            return bool(self._ask(lambda: self._select(key, header)).result(timeout))
        except Exception as error:  # noqa: BLE001 — each program refuses in its own way, and the cursor is no outcome
            log.info("the cursor stays where it is: %s", error)
            return False

    def with_book(self, job: Callable[[Any], Any], timeout: float = 10.0) -> Any:
        """What `job` gives for the open workbook, asked in the view's thread; raises what it raises.

        Also WorkbookClosed, and TimeoutError when the thread didn't come to it in time: it isn't done later either.
        """
        answer = self._ask(lambda: self._carry_out_with_book(job))
        try:
            return answer.result(timeout)
        except TimeoutError:
            if answer.cancel():
                raise
            return answer.result()  # it had been begun

    def unwritten(self) -> dict[RowKey, dict[str, object]]:
        """Cells that could not be written yet, by row key and column name."""
        with self._changed:
            rows: dict[RowKey, dict[str, object]] = {}
            for (key, column), value in {**self._in_flight.cells, **self._pending.cells}.items():
                rows.setdefault(key, {})[column] = value
            return rows

    def forget_unwritten(self) -> None:
        """Give up what waits for rows that are not in the sheet any more."""
        with self._changed:
            self._pending.cells.clear()
            self._in_flight.forgotten = True

    def close(self) -> None:
        """End the thread; what is still unwritten stays so."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self.join(10.0)

    # --- the thread itself

    def run(self) -> None:
        """Serve requests and write changes until `close`."""
        if sys.platform == "win32":
            import pythoncom  # COM wants each thread to say that it will use it [pywin32 documentation]

            pythoncom.CoInitialize()
        retry = WRITE_EVERY
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._closing or self._jobs or self._pending, LOOK_EVERY):
                    self._pending.look = self._cells.wrote
                if self._closing:
                    return
                jobs, self._jobs = self._jobs, []
                self._in_flight, self._pending = self._pending, Pending()
            for job, answer in jobs:
                carry_out(job, answer)
            began = time.monotonic()
            if self._flush(self._in_flight):
                retry = WRITE_EVERY
                # a sheet of many thousand rows takes a while to look through: most of the time is the person's
                wait = max(WRITE_EVERY, min(REST_PER_WORK * (time.monotonic() - began), SLOWEST_RETRY))
            else:
                wait = retry = min(retry * 2, SLOWEST_RETRY)
            with self._changed:
                self._in_flight = Pending()
                self._changed.notify_all()
                self._rest(self._changed, lambda: self._closing or self._jobs, wait)

    def _ask(self, job: Callable[[], Any]) -> Future[Any]:
        answer: Future[Any] = Future()
        with self._changed:
            self._jobs.append((job, answer))
            self._changed.notify()
        return answer

    def _attach(self) -> None:
        if self._prepare is not None:
            self._prepare()
        self._book = self._find()
        self._was_closed |= self._former is not None and is_gone(self._former)
        self._app = self._book.app
        self._sheet = find_sheet(self._book, self.host.sheet, self._keys, self._words)
        self._note_names()

    def _find(self) -> Any:
        """The workbook, under the name that it had last, or else an earlier one: Save As gave it another meanwhile."""
        for host in self._hosts:
            with contextlib.suppress(WorkbookClosed):
                return attach(host)
        return attach(self.host)

    def _note_names(self) -> None:
        now = place_of(self._book, self._sheet, self.host)
        if now != self.host:
            self._hosts = [now, *(host for host in self._hosts if host.fullname != now.fullname)]

    def _read(self, *, even_unwritable: bool = False) -> tuple[InventoryTable, dict[str, object]]:
        settings = self._read_settings()
        self._words = self._cells.words = ColumnWords.from_labels(settings)
        table = read_sheet(self._sheet, self._words)
        if len(table.frame):
            with contextlib.suppress(NotWritable) if even_unwritable else contextlib.nullcontext():
                if is_read_only(self._book):
                    raise NotWritable(tell("book-read-only", book=self._book.name))
                add_status_column(self._sheet, table, self._words)
                prove_writable(self._sheet, table, self._words)
                widen_table(self._sheet, self._words)
        self._cells.paint = not settings
        self._keys = row_keys_of(table)
        self._cells.names = frozenset({*table.columns, STATUS})
        return table, settings

    def _read_shown(self, *, even_unwritable: bool) -> tuple[InventoryTable, dict[str, object], frozenset[int]]:
        for _look in range(LOOKS):
            table, settings = self._read(even_unwritable=even_unwritable)
            seen = visible_rows(self._sheet, table.rows)
            # a sort or an insertion in between would put what was seen beside other rows
            again = read_sheet(self._sheet, self._words)
            if row_keys_of(again) == self._keys and again.rows == table.rows:
                return table, settings, frozenset(at for at, row in enumerate(table.rows) if row in seen)
        raise InventoryError(tell("rows-keep-moving"))

    def _read_settings(self) -> dict[str, object]:
        self._attach()
        settings = read_settings(self._book)
        use(spoken_language(settings))  # from here on people are told everything in their language
        return settings

    def _carry_out_with_book(self, job: Callable[[Any], Any]) -> Any:
        try:
            return job(self._find())
        except WorkbookClosed:
            self.trouble = "closed"
            raise

    def _select(self, key: RowKey, header: str) -> bool:
        if self._book is None:
            self._attach()
        layout = locate(self._sheet, self._words)
        # xlwings brings a sheet to the front in order to select in it
        if self._book.sheets.active.name != self._sheet.name or key not in layout.rows:
            return False
        # the header itself first: beside SKU, a column "Stock #" is another one
        column = column_under(self._sheet, header, self._words) or layout.columns.get(match_header(header) or "")
        self._sheet.range((layout.rows[key], column or layout.columns[STATUS])).select()
        return True

    def _flush(self, taken: Pending) -> bool:
        """Write what was taken, and say whether to go on at the usual pace.

        What could not be written goes back, unless something newer came meanwhile.
        """
        if not taken:
            return True
        again: Cells = {}
        count = len(taken.cells)
        try:
            if self._book is None:
                self._attach()
            if taken.status_bar is not None:
                self._app.status_bar = for_status_bar(self._app, taken.status_bar)
                taken.status_bar = None
            # soon after the opening: an Error that is blank later was cleared by a person
            if taken.cells or taken.look or (self._was_closed and self._keys):
                again, taken.cells = self._cells.write(self._sheet, taken.cells, opened_anew=self._was_closed)
                taken.look = self._was_closed = False
                self._former = None
                self._note_names()
        except WorkbookClosed:
            self._refused("closed", taken, "the workbook is closed")
            return False
        except InventoryError as error:  # the headers are gone, or the whole sheet: an undo may bring them back
            self._refused("gone", taken, str(error))
            return False
        except Exception as error:  # noqa: BLE001 — each program refuses calls in its own way; all of them pass or repeat
            self._refused("busy", taken, f"it refused a write: {error}")
            return False
        self.trouble = ""
        if taken.cells:
            log.info("%d cells wait for rows or columns that are not in the sheet now", len(taken.cells))
            with self._changed:
                self.trouble = "" if again or self._pending.cells else "gone"
        moved_on = bool(again) or len(taken.cells) < count or not count
        taken.cells |= again
        self._put_back(taken)
        return moved_on

    def _refused(self, trouble: Trouble, taken: Pending, why: str) -> None:
        """Attach anew next time: the workbook may be closed by then, and opened again, also in the midst of a write."""
        self._former, self._book = self._former or self._book, None
        self.trouble = trouble
        self._was_closed |= trouble == "closed"
        log.info("%d cells wait: %s", len(taken.cells), why)
        self._put_back(taken)

    def _put_back(self, taken: Pending) -> None:
        with self._changed:
            if self._pending.status_bar is None:
                self._pending.status_bar = taken.status_bar
            if not taken.forgotten:
                self._pending.cells = {**taken.cells, **self._pending.cells}
            self._pending.look |= taken.look
