"""The program that is tried: how its workbook is opened, its buttons are pressed, and its window is photographed."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import xlwings as xw
from PIL import ImageGrab

from xlkijiji import calc
from xlkijiji.demo.desktop import click, screen, screenshot, wait_until_drawn
from xlkijiji.errors import XlkijijiError
from xlkijiji.messages import tell

__all__ = ["Program", "SelftestError", "spreadsheet", "until"]

LOOK_EVERY_SECONDS = 0.2
CLICK_SECONDS = 45.0
"""How long a click may take to show anything; starting Python on an old computer takes its time."""
PERSON_SECONDS = 120.0
"""How long somebody is given to click when asked to."""


class SelftestError(XlkijijiError):
    """What was waited for did not happen."""

    kind = "selftest"


def until(condition: Callable[[], Any], what: str, seconds: float) -> Any:
    """What `condition` gives once it is true; another process makes it so. Raises SelftestError after `seconds`."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not (value := condition()):
        if time.monotonic() > end:
            raise SelftestError(tell("selftest-too-late", seconds=f"{seconds:.0f}", what=what))
        pause.wait(LOOK_EVERY_SECONDS)
    return value


class Program(Protocol):
    """Excel or Calc, with one workbook of ours open."""

    name: str
    """With its version, for the report."""

    def open(self, path: Path) -> xw.Book:
        """Open the workbook, with its macros."""

    def press(self, book: xw.Book, label: str, macro: str, answered: Callable[[], bool]) -> str:
        """Have a button pressed; how it was done. Raises SelftestError when `answered` doesn't become true."""

    def buttons(self, book: xw.Book) -> int:
        """How many buttons the sheet in front has."""

    def photograph(self, book: xw.Book, path: Path) -> None:
        """A picture of the screen with the workbook in front."""

    def close(self, book: xw.Book) -> None:
        """Close the workbook without saving it."""


class Calc:
    """LibreOffice Calc in a profile of its own, under a real mouse."""

    def __init__(self, office: calc.Office, display: str) -> None:
        self._office = office
        self._display = display
        self._opened: dict[str, calc.OpenWorkbook] = {}
        calc.activate(office.pipe)
        self.name = f"LibreOffice Calc {next(iter(xw.apps)).impl.office_version}"

    def open(self, path: Path) -> xw.Book:
        """See `Program.open`."""
        opened = calc.open_workbook(path, office=self._office)
        calc.place_window(opened, 0, 0, 1600, 900)
        self._opened[opened.book.fullname] = opened
        return opened.book

    def press(self, book: xw.Book, label: str, _macro: str, answered: Callable[[], bool]) -> str:
        """See `Program.press`: moves the mouse to the button and clicks."""
        opened = self._opened[book.fullname]
        calc.focus_window(opened)
        centre = calc.button_centre(opened, label)
        wait_until_drawn(self._display, *centre)
        click(self._display, *centre)
        until(answered, tell("selftest-answers-click", label=label), CLICK_SECONDS)
        return tell("selftest-mouse-click")

    def buttons(self, book: xw.Book) -> int:
        """See `Program.buttons`."""
        return len(calc.button_labels(self._opened[book.fullname]))

    def photograph(self, book: xw.Book, path: Path) -> None:
        """See `Program.photograph`."""
        calc.focus_window(self._opened[book.fullname])
        screenshot(self._display, path)

    def close(self, book: xw.Book) -> None:
        """See `Program.close`."""
        self._opened.pop(book.fullname).close()


class Excel:
    """Excel on Windows or the Mac. Somebody is asked to click; without them the button's macro is run."""

    def __init__(self, app: xw.App, ask: Callable[[str], object] | None) -> None:
        self._app = app
        self._ask = ask
        self.name = tell(
            "selftest-excel", version=app.version, system="Windows" if sys.platform == "win32" else "macOS"
        )

    def open(self, path: Path) -> xw.Book:
        """See `Program.open`."""
        book = self._app.books.open(str(path))
        book.activate(steal_focus=True)
        return book

    def press(self, book: xw.Book, label: str, macro: str, answered: Callable[[], bool]) -> str:
        """See `Program.press`."""
        if self._ask is not None:
            self._ask(label)
            with contextlib.suppress(SelftestError):
                until(answered, label, PERSON_SECONDS)
                return tell("selftest-hand-click")
        book.macro(macro)()
        until(answered, tell("selftest-answers-macro", macro=macro), CLICK_SECONDS)
        return tell("selftest-macro-instead") if self._ask is not None else tell("selftest-macro")

    def buttons(self, book: xw.Book) -> int:
        """See `Program.buttons`."""
        return sum(shape.type == "form_control" for shape in book.sheets.active.shapes)

    def photograph(self, book: xw.Book, path: Path) -> None:
        """See `Program.photograph`; macOS asks once whether the screen may be recorded."""
        book.activate(steal_focus=True)
        ImageGrab.grab().save(path)

    def close(self, book: xw.Book) -> None:
        """See `Program.close`."""
        book.close()


@contextlib.contextmanager
def spreadsheet(home: Path, ask: Callable[[str], object] | None) -> Iterator[Program]:
    """Start Excel where there may be one, else Calc, whose profile is put below `home`; it ends with the block.

    `ask(label)` tells a person which button to click. Raises what the program's start raises.
    """
    if sys.platform in {"win32", "darwin"}:
        app = xw.App(visible=True, add_book=False)
        try:
            yield Excel(app, ask)
        finally:
            app.quit()
        return
    with screen(show=False) as display, calc.Office.start(home / "calc-profile", display=display) as office:
        yield Calc(office, display)
