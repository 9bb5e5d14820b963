"""Where things are on the screen, so that a real mouse can reach them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

from xlkijiji.messages import tell

from .errors import CalcError

_POSITION_AND_SIZE = 15  # com.sun.star.awt.PosSize.POSSIZE


def _document(workbook: Any) -> Any:
    """Calc's document of an `OpenWorkbook`, an `xw.Book` of the engine "calc", or itself."""
    return getattr(workbook, "document", None) or getattr(workbook, "api", None) or workbook


def _controller(workbook: Any) -> Any:
    controller = _document(workbook).CurrentController
    if controller is None:
        raise CalcError(tell("calc-no-window"))
    return controller


def place_window(workbook: Any, x: int, y: int, width: int, height: int) -> None:
    """Put the workbook's window at (x, y) and give it a size, all in pixels of the screen.

    Args:
        workbook: as for `button_centre`.

    Raises:
        CalcError: it has no window.
    """
    window = _controller(workbook).Frame.ContainerWindow
    window.setPosSize(x, y, width, height, _POSITION_AND_SIZE)


def focus_window(workbook: Any, timeout: float = 15.0) -> None:
    """Bring the workbook's window to the front, and wait until it is the active one and has nothing left to do.

    A form button of a window that isn't active yet may lose a click: LibreOffice 7.4 connects its forms to their macros
    when the window is activated, and the click itself does that, too late for itself.

    Args:
        workbook: as for `button_centre`.
        timeout: seconds.

    Raises:
        CalcError: it has no window, or the window does not become active.
    """
    frame = _controller(workbook).Frame
    frame.ContainerWindow.toFront()
    frame.ContainerWindow.setFocus()
    frame.activate()
    end, pause = time.monotonic() + timeout, threading.Event()
    while not frame.isActive():
        if time.monotonic() > end:
            raise CalcError(tell("calc-not-in-front"))
        pause.wait(0.05)
    frame.ContainerWindow.Toolkit.processEventsToIdle()


def button_centre(workbook: Any, label: str, timeout: float = 10.0) -> tuple[int, int]:
    """The centre of a form button of the active sheet, in pixels of the screen.

    Args:
        workbook: an `OpenWorkbook`, an `xw.Book` of the engine "calc", or Calc's document.
        label: the text on the button; the case and stray blanks do not matter.
        timeout: seconds in which it must come into sight: a busy LibreOffice lays a window out some time after it got
            another size.

    Raises:
        CalcError: the sheet has no such button, or it cannot be seen (scrolled away, or no window).
    """
    end, pause = time.monotonic() + timeout, threading.Event()
    while True:
        x, y, in_sight = _centre(workbook, label)
        if in_sight:
            return x, y
        if time.monotonic() > end:
            raise CalcError(tell("calc-button-outside", label=label))
        pause.wait(0.05)


def _centre(workbook: Any, label: str) -> tuple[int, int, bool]:
    """Where the button's centre is now, and whether that is within the window."""
    controller = _controller(workbook)
    control = controller.getControl(_button(controller.getActiveSheet(), label))
    with _scrolled_back(controller):
        context = control.getAccessibleContext()
        place, size = context.getLocationOnScreen(), context.getSize()
    x, y = place.X + size.Width // 2, place.Y + size.Height // 2
    area = controller.Frame.ComponentWindow.getAccessibleContext()
    corner, extent = area.getLocationOnScreen(), area.getSize()
    return x, y, corner.X <= x < corner.X + extent.Width and corner.Y <= y < corner.Y + extent.Height


@contextlib.contextmanager
def _scrolled_back(controller: Any) -> Iterator[None]:
    """Scroll a sheet with frozen rows or columns to its beginning meanwhile.

    LibreOffice tells where a control of the part that scrolls would be, though the frozen part shows it too.
    """
    if not controller.hasFrozenPanes():
        yield
        return
    pane = controller.getByIndex(controller.Count - 1)
    row, column = pane.FirstVisibleRow, pane.FirstVisibleColumn
    pane.FirstVisibleRow, pane.FirstVisibleColumn = controller.SplitRow, controller.SplitColumn
    try:
        yield
    finally:
        pane.FirstVisibleRow, pane.FirstVisibleColumn = row, column


def button_labels(workbook: Any) -> list[str]:
    """The texts on the form buttons of the active sheet."""
    document = _document(workbook)
    sheet = document.CurrentController.getActiveSheet() if document.CurrentController else document.Sheets.getByIndex(0)
    return [str(model.Label) for model in buttons_on(sheet)]


def buttons_on(sheet: Any) -> list[Any]:
    """The models of the form buttons of Calc's sheet."""
    page = sheet.DrawPage
    shapes = [page.getByIndex(index) for index in range(page.Count)]
    models = [shape.Control for shape in shapes if shape.supportsService("com.sun.star.drawing.ControlShape")]
    return [model for model in models if hasattr(model, "Label")]


def _button(sheet: Any, label: str) -> Any:
    wanted = label.strip().casefold()
    for model in buttons_on(sheet):
        if model.Label.strip().casefold() == wanted:
            return model
    raise CalcError(tell("calc-no-button", sheet=sheet.Name, label=label))
