"""A run over an open workbook in which somebody works meanwhile, and what both together should look like.

The run is the worker's own, with its view, lock and journal, in a process of its own; its bot posts to a table kept
here, one ad for each permit that the test gives (`chaos_worker`). The person acts over UNO, as the menus do.
`Desk.problems` compares the sheet with what the person did and with what the table holds.
"""

from __future__ import annotations

import copy
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos_worker import Runs, Site

from xlkijiji import calc
from xlkijiji.calc.connection import property_values
from xlkijiji.calc.office import documents
from xlkijiji.calc.stand_in import load
from xlkijiji.inventory import is_in_hand
from xlkijiji.workbook.template import build_workbook

LONGEST = 30.0
OURS = ("Posting status", "Ad id", "Ad link", "Posted at", "Attempts", "Last error")
XLSM = "Calc MS Excel 2007 VBA XML"
WIDTH, HEIGHT = 34, 90
"""The part of a sheet that is looked at; the inventory and all that is inserted stay within."""

Grid = list[list[Any]]


def eventually(condition: Callable[[], Any], what: Callable[[], object]) -> Any:
    """What `condition` gives once it is true; the run's thread makes it so, and tells nobody when."""
    end, pause = time.monotonic() + LONGEST, threading.Event()
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {LONGEST:.0f} s: {what()}"
        pause.wait(0.03)
    return value


@dataclass
class Model:
    """What the person's part of the workbook should be."""

    rows: dict[str, dict[str, Any]]
    """By stock number: header → value, of columns that aren't ours."""
    headers: list[str]
    sheet: str = "Inventory"


@dataclass
class Desk:
    """The workbook, its run, and the person."""

    office: calc.Office
    folder: Path
    profile: Path
    count: int
    runs: Runs
    steps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bot = self.runs.site = Site()
        self.path = self.folder / "inventory.xlsm"
        rows = [
            {
                "sku": f"S{number:03}",
                "title": f"Title number {number * 37 % 100:02}",
                "description": f"Text of {number}",
                "price": 1000 + number * 53 % 200,
                "Notes": f"note {number * 71 % 100:02}",
            }
            for number in range(1, self.count + 1)
        ]
        build_workbook(self.path, rows, {"stop_after": 0})
        self.open()
        grid = self.grid()
        at = _header_row(grid)
        self.band = _filled(grid[:at])
        headers = [str(cell) for cell in grid[at] if cell != ""]
        own = [header for header in headers if header not in OURS]
        table = {row[0]: {name: row[grid[at].index(name)] for name in own} for row in grid[at + 1 :] if row[0]}
        self.model = Model(table, headers)
        self.saved = copy.deepcopy(self.model)
        self.others = {name: self.grid(name) for name in ("Settings",)}
        self.history: list[tuple[int, Model]] = []
        self.twin: tuple[Any, Grid] | None = None

    # --- the documents

    @property
    def doc(self) -> Any:
        """Calc's document of the workbook."""
        found = [one for one in documents(self.office.connection) if self.path.as_uri() == one.URL]
        assert len(found) == 1, [one.URL for one in documents(self.office.connection)]
        return found[0]

    def open(self) -> None:
        """Open the workbook, as its file is."""
        load(self.office.connection, self.path)

    @property
    def sheet(self) -> Any:
        """Calc's sheet of the inventory."""
        return self.doc.Sheets.getByName(self.model.sheet)

    def grid(self, name: str = "Inventory", doc: Any = None) -> Grid:
        """The cells of a sheet, from A1."""
        sheets = (doc or self.doc).Sheets
        return [list(row) for row in sheets.getByName(name).getCellRangeByPosition(0, 0, WIDTH, HEIGHT).getDataArray()]

    def place(self) -> tuple[int, int, int]:
        """The header's row, the last filled row, the last filled column; from 0."""
        grid = self.grid(self.model.sheet)
        top = _header_row(grid)
        bottom = max(at for at, row in enumerate(grid) if any(cell != "" for cell in row))
        right = max(at for at, cell in enumerate(grid[top]) if cell != "")
        return top, bottom, right

    def column(self, header: str) -> int | None:
        """Where that header is; None when it isn't there."""
        row = self.grid(self.model.sheet)
        cells = row[_header_row(row)]
        return cells.index(header) if header in cells else None

    # --- the run

    def start(self) -> None:
        """Click Post New, in effect."""
        self.bot.pace()
        self.runs.start(self.path, self.model.sheet, self.office.pipe)

    def until_in_hand(self) -> None:
        """Wait until a row is in hand."""
        eventually(lambda: self.bot.current or not self.running, lambda: "no row is in hand")

    def post_one(self) -> None:
        """Let the record in hand be posted, and see the next one taken."""
        before = len(self.bot.accepted) + len(self.bot.refused)
        if self.running and before < self.count:
            self.bot.permit()
            eventually(
                lambda: len(self.bot.accepted) + len(self.bot.refused) > before or not self.running,
                lambda: f"{self.bot.current} is not posted",
            )

    @property
    def running(self) -> bool:
        """Is the run on?"""
        return self.runs.running

    @property
    def last_words(self) -> str:
        """What a run said in the status bar last, before the program had it back."""
        return self.bot.said[-1] if self.bot.said else ""

    def finish(self) -> None:
        """Let the run come to its end."""
        self.bot.permit_all()
        assert self.runs.wait(LONGEST * 2), "the run does not end"
        self.bot.current = ""

    # --- the person

    @contextmanager
    def step(self) -> Iterator[None]:
        """One step of the person's, noted for an undo: Calc may have taken it as one with the step before."""
        undo = self.doc.getUndoManager()
        before, model = len(undo.getAllUndoActionTitles()), copy.deepcopy(self.model)
        yield
        added = len(undo.getAllUndoActionTitles()) - before
        if added > 0:
            self.history.append((added, model))
        elif added < 0 or not self.history:
            self.history.clear()

    def undo(self) -> None:
        """Take the last step back, where Calc's list is what this knows of it."""
        undo = self.doc.getUndoManager()
        if not self.history or len(undo.getAllUndoActionTitles()) != sum(count for count, _model in self.history):
            return
        count, self.model = self.history.pop()
        for _one in range(count):
            eventually(lambda: _undone(undo), lambda: "Calc takes nothing back")

    def save(self) -> None:
        """Ctrl+S."""
        self.doc.store()
        self.saved = copy.deepcopy(self.model)

    def save_as(self, name: str) -> None:
        """Save it under another name; from then on that is the workbook's."""
        new = self.folder / name
        self.doc.storeAsURL(new.as_uri(), property_values(FilterName=XLSM, Overwrite=True))
        self.path = new
        self.saved = copy.deepcopy(self.model)

    def close(self) -> None:
        """Close it without saving."""
        doc = self.doc
        doc.setModified(False)
        doc.close(True)
        self.history.clear()
        self.model = copy.deepcopy(self.saved)

    def kill(self) -> None:
        """End the whole program at once, as the task manager does."""
        os.kill(self.office.pid, signal.SIGKILL)
        # while it is about to go, one that is started would hand its work over to it
        eventually(
            lambda: _has_ended(self.office.pid) and not self.office.running, lambda: "the killed program does not end"
        )
        self.history.clear()
        self.model = copy.deepcopy(self.saved)
        self.twin = None

    def start_again(self) -> None:
        """Start the program again, and open the workbook."""
        self.office = calc.Office.start(self.profile, headless=True, pipe=self.office.pipe)
        self.open()

    def open_twin(self) -> None:
        """Open a workbook of the same name from another folder; or close it."""
        if self.twin is not None:
            self.twin[0].setModified(False)
            self.twin[0].close(True)
            self.twin = None
            return
        other = self.folder / "other"
        other.mkdir(exist_ok=True)
        shutil.copy(self.path, other / self.path.name)
        twin = load(self.office.connection, other / self.path.name)
        self.twin = twin, self.grid(self.saved.sheet, twin)

    # --- the judgement

    def problems(self) -> list[str]:
        """What is not as it should be."""
        grid = self.grid(self.model.sheet)
        at = _header_row(grid)
        found = []
        headers = grid[at]
        if sorted(cell for cell in headers if cell != "") != sorted(self.model.headers):
            found.append(f"headers {headers}")
        if _filled(grid[:at]) != self.band:
            found.append("something above the headers has changed")
        skus = headers.index("SKU") if "SKU" in headers else None
        seen = []
        for number, row in enumerate(grid[at + 1 :], at + 2):
            if skus is None:
                break
            if row[skus] == "":
                if any(cell != "" for cell in row):
                    found.append(f"row {number} has no stock number, and holds {[cell for cell in row if cell != '']}")
                continue
            seen.append(row[skus])
            found += self._wrong_in(row[skus], {name: row[place] for place, name in enumerate(headers) if name})
        if skus is not None and sorted(seen) != sorted(self.model.rows):
            found.append(f"rows {sorted(set(seen) ^ set(self.model.rows))}, twice {_twice(seen)}")
        if twice := _twice(self.bot.accepted):
            found.append(f"posted twice: {twice}")
        return found or self._changed_elsewhere()

    def _changed_elsewhere(self) -> list[str]:
        doc = self.doc
        found = [f"sheet {name} has changed" for name, cells in self.others.items() if self.grid(name, doc) != cells]
        if self.twin is not None and self.grid(_sheet_of(self.twin[0]), self.twin[0]) != self.twin[1]:
            found.append("the other workbook of that name has changed")
        return found

    def _wrong_in(self, sku: str, row: dict[str, Any]) -> list[str]:
        own = self.model.rows.get(sku, {})
        wrong = [
            f"{sku} {name}: {row[name]!r}, not {own[name]!r}" for name in row if name in own and row[name] != own[name]
        ]
        status, ad_id = row.get("Posting status"), row.get("Ad id")
        if sku in self.bot.accepted:
            right = str(status).startswith("Posted 2")
            if ad_id is not None and str(ad_id).removesuffix(".0") != self.bot.ad_id(sku):
                wrong.append(f"{sku} Ad id: {ad_id!r}")
        elif sku in self.bot.refused:
            right = str(status).startswith(f"Error: The site says no to {sku}")
        elif sku == self.bot.current:
            right = is_in_hand(status)
        else:
            right = status == "" and not ad_id
        if status is not None and not right:
            wrong.append(f"{sku} Posting status: {status!r}")
        return wrong

    def check(self) -> None:
        """All must be as it should be, once what is under way is written."""
        said: list[list[str]] = [[]]

        def fine() -> bool:
            said[0] = self.problems()
            return not said[0]

        eventually(fine, lambda: "\n".join([*said[0][:12], "after: " + " ".join(self.steps)]))


def _filled(rows: Grid) -> Grid:
    """The cells that hold something, row by row: blank rows and columns among them may be a person's."""
    cells = [[cell for cell in row if cell != ""] for row in rows]
    return [row for row in cells if row]


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def _undone(undo: Any) -> bool:
    """Ctrl+Z; pressed again where it fell into the moment of a write, in which Calc takes none."""
    try:
        undo.undo()
    except Exception as error:
        if "UndoContextNotClosed" not in type(error).__name__:
            raise
        return False
    return True


def _header_row(grid: Grid) -> int:
    return next(at for at, row in enumerate(grid) if "Title" in row and "Price" in row)


def _sheet_of(doc: Any) -> str:
    return str(doc.Sheets.ElementNames[0])


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
