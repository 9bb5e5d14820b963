"""What is the person's stays the person's, while a run writes into the same window: with real keys and a real mouse."""

from __future__ import annotations

import math
import os
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from desk import LONGEST, Desk, eventually, item

from xlkijiji import calc
from xlkijiji.calc.connection import property_values
from xlkijiji.inventory import is_in_hand

OpenDesk = Callable[..., Desk]


PRESS_AGAIN_SECONDS = 5.0


def _keys(desk: Desk, *arguments: str) -> None:
    subprocess.run(["xdotool", *arguments], check=True, timeout=30, env={**os.environ, "DISPLAY": desk.display})


def _go_to(desk: Desk, address: str) -> None:
    """Put the selection somewhere, as the name box does."""
    frame = desk.opened.document.CurrentController.Frame
    helper = desk.book.app.impl.connection.service("com.sun.star.frame.DispatchHelper")
    helper.executeDispatch(frame, ".uno:GoToCell", "", 0, property_values(ToPoint=address))


def _type_from(desk: Desk, address: str) -> None:
    """Put the cursor there, with the keyboard in the sheet: an arrow key moves it."""

    def moves() -> bool:
        calc.focus_window(desk.opened)
        _go_to(desk, address)
        _keys(desk, "key", "Right")
        return bool(desk.book.app.selection.address != address)

    eventually(moves, "the sheet has the keyboard")
    _go_to(desk, address)


def _view(desk: Desk) -> tuple[str, int, int]:
    controller = desk.opened.document.CurrentController
    return desk.book.app.selection.address, controller.getFirstVisibleRow(), controller.getFirstVisibleColumn()


def _cell(desk: Desk, address: str) -> Any:
    return desk.book.sheets["Inventory"].range(address).value


def _steps(desk: Desk) -> int:
    return len(desk.opened.document.getUndoManager().getAllUndoActionTitles())


def _take_back(desk: Desk, address: str, what: str, left: int) -> None:
    """Ctrl+Z takes one step, the person's own; pressed again where it fell into the moment of a write.

    In such a moment Calc takes none. So many steps are `left` then, which are the person's.
    """
    pressed = [-math.inf]

    def taken() -> bool:
        if _cell(desk, address) is None:
            return True
        if time.monotonic() - pressed[0] > PRESS_AGAIN_SECONDS:
            _keys(desk, "key", "ctrl+z")
            pressed[0] = time.monotonic()
        return False

    eventually(taken, what)
    eventually(lambda: _steps(desk) == left, "no step of ours is among the person's")


def test_selection_scroll_position_clipboard_and_undo_stay_the_persons(desk: OpenDesk) -> None:
    one = desk([item(sku) for sku in ("A1", "B2", "C3", "D4")])
    assert _steps(one) == 0, "nobody has done anything yet"
    _type_from(one, "$H$40")
    _keys(one, "type", "copy me")
    _keys(one, "key", "Return")
    eventually(lambda: _cell(one, "H40") == "copy me", "the first cell is typed")
    _go_to(one, "$H$40")
    _keys(one, "key", "ctrl+c")
    _go_to(one, "$H$42")
    _keys(one, "type", "undo me")
    _keys(one, "key", "Return")
    eventually(lambda: _cell(one, "H42") == "undo me", "the second cell is typed")
    _go_to(one, "$A$4")  # the buttons are in sight again
    one.click()
    eventually(lambda: any(map(is_in_hand, one.statuses().values())), "a row is in hand")
    _go_to(one, "$H$44:$I$47")
    one.opened.document.CurrentController.setFirstVisibleRow(30)
    before = _view(one)
    assert before[:2] == ("$H$44:$I$47", 30)
    eventually(lambda: one.statuses()["B2"].startswith("Posted"), "two rows are posted meanwhile")
    assert _view(one) == before, "neither the selection nor the scroll position has moved"
    calc.focus_window(one.opened)
    _take_back(one, "H42", "Ctrl+Z takes back what the person typed, and not a status first", 1)
    _go_to(one, "$H$50")
    _keys(one, "key", "ctrl+v")
    eventually(lambda: _cell(one, "H50") == "copy me", "the clipboard has what the person copied")
    eventually(lambda: len(one.new_results()) == 1, "the run ends")
    assert all(text.startswith("Posted") for text in one.statuses().values()), "what the undo took along is back"
    assert one.ads_by_title() == {f"Hydraulic pole saw {sku}": 1 for sku in ("A1", "B2", "C3", "D4")}
    _take_back(one, "H50", "the pasted cell can be undone, too", 1)
    eventually(
        lambda: all(text.startswith("Posted") for text in one.statuses().values()), "and the statuses are there again"
    )


@pytest.mark.parametrize(
    ("where", "longer"),
    [("a cell of another column", False), ("the status of the row in hand", False), ("a cell of another column", True)],
    ids=["another-cell", "status-in-hand", "a-minute"],
)
def test_an_open_cell_editor_keeps_what_is_typed_into_it_and_the_run_goes_on(
    desk: OpenDesk, where: str, longer: bool
) -> None:
    skus = ["A1", "B2", "C3", "D4", "E5"] if longer else ["A1", "B2", "C3"]
    one = desk([item(sku) for sku in skus])
    if longer:
        one.site.fault("upload_slow", None, "15")  # with five photos the run lasts for more than a minute
    calc.focus_window(one.opened)
    address = "$H$40" if where.startswith("a cell") else "$C$5"
    one.click()
    eventually(lambda: any(map(is_in_hand, one.statuses().values())), "a row is in hand")
    _type_from(one, address)
    _keys(one, "type", "so")
    opened = time.monotonic()
    assert not longer or not one.site.ads(), "nothing is posted yet"
    eventually(lambda: len(one.site.ads()) == len(skus), "the run goes on while the editor is open", 2 * LONGEST)
    assert not longer or time.monotonic() - opened > 60, "the editor was open for a minute"
    _keys(one, "type", "ld")
    _keys(one, "key", "Return")
    eventually(lambda: _cell(one, address) == "sold", "what was typed before and after is in the cell")
    eventually(lambda: len(one.new_results()) == 1, "the run ends")
    statuses = one.statuses()
    others = [text for sku, text in statuses.items() if sku != "B2" or address == "$H$40"]
    assert all(text.startswith("Posted") for text in others)
    assert statuses["B2"].startswith("Posted") or statuses["B2"] == "sold", "a person's own word is left alone"
    assert one.ads_by_title() == {f"Hydraulic pole saw {sku}": 1 for sku in skus}


def test_what_is_typed_after_a_click_goes_into_the_cell_and_presses_no_button(desk: OpenDesk) -> None:
    one = desk([item("A1", price="abc")])
    one.click("Check Sheet")
    eventually(lambda: one.statuses()["A1"].startswith("Error: Row 4, Price"), "the row is checked")
    eventually(lambda: one.worker() is None, "the check ends")
    eventually(lambda: one.book.app.selection.address == "$E$4", "the bad cell is selected")
    _keys(one, "type", "350")
    _keys(one, "key", "Return")
    eventually(lambda: _cell(one, "E4") == 350, "the person's number is in the bad cell")
    _keys(one, "type", "40")
    _keys(one, "key", "Tab")
    _keys(one, "type", "Free")
    _keys(one, "key", "Return")
    eventually(lambda: (_cell(one, "E5"), _cell(one, "F5")) == (40, "Free"), "and so is what comes next")
