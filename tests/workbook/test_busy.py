"""A busy spreadsheet refuses every call for minutes: nothing is lost, nothing is hurried, and nobody waits for it.

The refusals are Excel's, raised by an engine that is else the real Calc's; the minutes pass on a clock of the test.
"""

from __future__ import annotations

import ast
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlwings as xw
from busy_engine import REFUSALS, ComError, Gate, activate_busy

from xlkijiji import calc
from xlkijiji.workbook import session
from xlkijiji.workbook.live import SLOWEST_RETRY, LiveView
from xlkijiji.workbook.reader import locate
from xlkijiji.workbook.runs_sheet import RunLine, add_line
from xlkijiji.workbook.session import Host
from xlkijiji.workbook.template import build_workbook

WAIT = 30.0
MINUTES = 10 * 60.0
MANY = 300


class Clock:
    """Time that passes only while the view rests; `at` calls something once it is that late."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, Callable[[], None]]] = []
        self.rests: list[float] = []

    def __call__(self) -> float:
        return self.now

    def at(self, when: float, action: Callable[[], None]) -> None:
        self._due.append((when, action))

    def rest(self, changed: threading.Condition, until: Callable[[], object], seconds: float) -> object:
        """Instead of waiting: nothing can become true meanwhile, other than by those who hold `changed`."""
        self.rests.append(seconds)
        self.now += seconds
        for when, action in list(self._due):
            if when <= self.now:
                self._due.remove((when, action))
                action()
        return changed.wait_for(until, 0)


@pytest.fixture
def gate(office: calc.Office) -> Iterator[Gate]:
    """The gate of the engine in use."""
    one = Gate()
    yield one
    one.refusal = None
    calc.activate(office.pipe)


@pytest.fixture
def book(office: calc.Office, tmp_path: Path) -> Iterator[xw.Book]:
    """A workbook with three rows, seen through the plain engine."""
    path = tmp_path / "inventory.xlsm"
    names = ("A1", "B2", "C3")
    build_workbook(path, [{"sku": sku, "title": f"Title {sku}", "description": "d", "price": 1} for sku in names])
    opened = calc.open_workbook(path, office=office, hidden=True)
    yield opened.book
    opened.close()


def _statuses(book: xw.Book) -> list[object]:
    sheet = book.sheets["Inventory"]
    layout = locate(sheet)
    return [sheet.range((row, layout.columns["posting_status"])).value for row in sorted(layout.rows.values())]


@pytest.mark.parametrize(("refusal", "calls_before"), list(zip(REFUSALS, [0, 1, 4, 2, 3, 5, 9, 17, 33], strict=True)))
def test_ten_minutes_of_refusals_lose_nothing_and_cost_next_to_nothing(
    office: calc.Office, book: xw.Book, gate: Gate, refusal: str, calls_before: int
) -> None:
    clock = Clock()
    gate.clock = clock
    view = LiveView(Host(book.fullname, "Inventory"), rest=clock.rest)
    activate_busy(office.pipe, gate)
    view.start()
    view.read()
    free = threading.Event()

    def let_go() -> None:
        gate.refusal = None
        free.set()

    gate.lets_through = calls_before
    gate.refusal = REFUSALS[refusal]
    clock.at(MINUTES, let_go)
    # the run goes on as if nothing were: no call of it waits for the view
    for number in range(MANY):
        view.show(f"[{number}]")
        view.write(0, posting_status=f"Uploading photos {number}/{MANY}…")
        view.write(number % 3, attempts=number)
    view.write(0, posting_status="Posted 2026-11-23", ad_id="17")
    view.write(2, posting_status="Error: no photo")
    view.show("done")
    assert view.settle(WAIT), "all is written once it's free again"
    assert free.is_set(), "it was busy for all that time"
    assert view.unwritten() == {}
    view.close()
    assert _statuses(book) == ["Posted 2026-11-23", None, "Error: no photo"]
    layout = locate(book.sheets["Inventory"])
    attempts = [book.sheets["Inventory"].range((row, layout.columns["attempts"])).value for row in (4, 5, 6)]
    assert attempts == [297, 298, 299], "the latest value of each cell, and no older one"
    assert book.app.status_bar == "done"
    assert len(gate.threads) == 1, "all of xlwings is asked in one thread"
    assert gate.threads.isdisjoint({threading.get_ident()})
    # at most one refused round in each pause, after the first few quick ones; a round ends at its first refusal
    assert 100 <= len(gate.refused) <= MINUTES / SLOWEST_RETRY + 10
    pauses = [pause for pause in clock.rests if pause in {0.5, 1.0, 2.0, 4.0, SLOWEST_RETRY}]
    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert set(pauses[4:]) == {SLOWEST_RETRY}


PASSES = ("RPC_E_CALL_REJECTED", "VBA_E_IGNORE", "VBA_E_IGNORE within", "RPC_E_SERVERCALL_RETRYLATER")
"""What Excel for Windows says while a cell is being edited, or a dialog is open."""


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_program_that_is_busy_is_told_from_one_that_has_gone(refusal: str) -> None:
    assert session.is_busy(REFUSALS[refusal]()) == (refusal in {*PASSES, "AppleEvent timed out"})


def test_cells_are_never_written_over_by_older_values(office: calc.Office, book: xw.Book, gate: Gate) -> None:
    """What was taken and refused goes back behind what came meanwhile."""
    clock = Clock()
    view = LiveView(Host(book.fullname, "Inventory"), rest=clock.rest)
    activate_busy(office.pipe, gate)
    view.start()
    view.read()
    gate.refusal = REFUSALS["VBA_E_IGNORE"]
    view.write(1, posting_status="Checking…")
    clock.at(60.0, lambda: view.write(1, posting_status="Posted 2026-11-23"))
    clock.at(120.0, lambda: setattr(gate, "refusal", None))
    assert view.settle(WAIT)
    view.close()
    assert _statuses(book) == [None, "Posted 2026-11-23", None]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_program_that_refuses_to_list_its_workbooks_is_not_taken_for_closed(
    office: calc.Office, book: xw.Book, gate: Gate, refusal: str
) -> None:
    view = LiveView(Host(book.fullname, "Inventory"))
    activate_busy(office.pipe, gate)
    view.start()
    gate.refusal = REFUSALS[refusal]
    assert view.is_open(), "else its file would be written under the person's hands"
    assert gate.refused
    view.close()


def test_xlwings_still_asks_a_busy_excel_as_often_as_we_tell_it() -> None:
    """Our bound is a module's variable of xlwings, which runs on Windows alone: its source must still read it there."""
    source = Path(xw.__file__).with_name("_xlwindows.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    assigned = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign)
        and [target.id for target in node.targets if isinstance(target, ast.Name)] == ["N_COM_ATTEMPTS"]
    ]
    assert len(assigned) == 1, "one variable of the module"
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.While)]
    bounded = [loop for loop in loops if "N_COM_ATTEMPTS" in ast.dump(loop)]
    assert len(bounded) >= 3, "calling, reading and setting ask it"
    assert all(isinstance(loop.test, ast.Constant) for loop in bounded), "they end by it alone"
    ours = ast.parse(Path(session.__file__).read_text(encoding="utf-8"))
    assert "N_COM_ATTEMPTS" in ast.dump(ours)


@pytest.mark.parametrize("refusal", PASSES)
@pytest.mark.parametrize("calls_before", [0, 9, 50, 120, 300, 700])
def test_a_click_while_a_cell_is_being_edited_waits_until_the_sheet_can_be_read(
    office: calc.Office, book: xw.Book, gate: Gate, refusal: str, calls_before: int
) -> None:
    clock = Clock()
    view = LiveView(Host(book.fullname, "Inventory"), rest=clock.rest)
    activate_busy(office.pipe, gate)
    view.start()
    gate.lets_through, gate.refusal = calls_before, REFUSALS[refusal]
    clock.at(40.0, lambda: setattr(gate, "refusal", None))
    table, _settings = view.read()
    assert list(table.frame["sku"]) == ["A1", "B2", "C3"]
    assert gate.refused, "it was refused, and asked again"
    assert len(gate.refused) < 20
    gate.refusal, gate.lets_through = REFUSALS[refusal], 0
    assert view.is_open(), "what refuses is open"
    gate.refusal = None
    view.close()
    first, *others = _statuses(book)
    assert first in {None, "pending"}, "which mean the same"
    assert others == [None, None]


def test_a_refusal_in_the_middle_of_a_line_of_runs_makes_no_second_line(
    office: calc.Office, book: xw.Book, gate: Gate
) -> None:
    activate_busy(office.pipe, gate)
    seen = xw.books[book.name]
    begun = dt.datetime(2026, 11, 23, 9)
    moments = range(0, 90, 4)
    for number, calls_before in enumerate(moments):
        line = RunLine(begun + dt.timedelta(hours=number), "office", "Post New", "Kijiji", number, 0, 0, 5.0, None)
        gate.lets_through, gate.refusal = calls_before, REFUSALS["RPC_E_CALL_REJECTED"]
        try:
            add_line(seen, line)
        except ComError:
            gate.refusal = None
            assert add_line(seen, line)
        gate.refusal = None
    lines = book.sheets["Runs"].range((4, 1), (3 + len(moments) + 5, 5)).value
    assert [row[4] for row in lines] == [*range(len(moments)), *[None] * 5], "one line for each run, in order"
    assert all(row[0] is not None for row in lines[: len(moments)])
