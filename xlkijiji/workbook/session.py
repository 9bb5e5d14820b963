"""Which open workbook is meant: found by the button's own process, and found again by the worker's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import xlwings as xw

from xlkijiji.errors import InventoryError

__all__ = ["Host", "WorkbookClosed", "attach", "calling_host", "host_of", "tell_caller", "worksheet"]


class WorkbookClosed(InventoryError):
    """The workbook isn't open (any more) in Excel or Calc."""


@dataclass(frozen=True)
class Host:
    """An open workbook and its sheet in front, in words that another process understands."""

    fullname: str
    sheet: str
    pid: int = 0
    """Process id of Excel, where several may run; 0 when it doesn't matter."""

    @property
    def folder(self) -> Path:
        """The folder that the workbook lies in. For a workbook in the cloud, or never saved, the user's home."""
        if "://" in self.fullname or not Path(self.fullname).parent.is_dir() or not Path(self.fullname).is_absolute():
            return Path.home()
        return Path(self.fullname).parent

    def as_arguments(self) -> list[str]:
        """Command-line arguments, each one word, that `xlkijiji.worker` reads back."""
        return [f"--{name}={value}" for name, value in asdict(self).items()]


def calling_host() -> Host:
    """The workbook whose button started this process, and its active sheet.

    The only place that asks xlwings who called: RunPython says so in this process's arguments [xlwings source].
    """
    _let_busy_excel_say_so()
    return host_of(xw.Book.caller())


def host_of(book: xw.Book) -> Host:
    """An open workbook and its sheet in front."""
    return Host(_fullname(book), book.sheets.active.name, book.app.pid if sys.platform == "win32" else 0)


def _let_busy_excel_say_so() -> None:
    """Have xlwings give up after a few refusals: by itself it asks a busy Excel again for ever, without a pause [S].

    The live view waits and asks again at its own pace.
    """
    if sys.platform == "win32":
        import xlwings._xlwindows

        xlwings._xlwindows.N_COM_ATTEMPTS = 20


def _fullname(book: xw.Book) -> str:
    """The book's full path; its address where it lies in the cloud without a local copy that xlwings can find."""
    try:
        return str(book.fullname)
    except xw.XlwingsError:
        return str(book.api.FullName) if sys.platform == "win32" else str(book.name)


def tell_caller(text: str) -> None:
    """Put `text` into the status bar of the program whose button started this process."""
    xw.Book.caller().app.status_bar = text


def _open_books(pid: int) -> Iterator[xw.Book]:
    for app in xw.apps:
        if not pid or app.pid == pid:
            yield from app.books


def _same_file(one: str, other: str) -> bool:
    return os.path.normcase(one) == os.path.normcase(other)


def attach(host: Host) -> xw.Book:
    """The open workbook that `host` names.

    Call it in the thread that will use the book: xlwings' objects never change threads. Raises WorkbookClosed.
    """
    _let_busy_excel_say_so()
    for book in _open_books(host.pid):
        if _same_file(_fullname(book), host.fullname):
            return book
    raise WorkbookClosed(f"The workbook '{Path(host.fullname).name}' is not open any more. Open it, then try again.")


def worksheet(book: xw.Book, name: str) -> Any:
    """The worksheet `name` of `book`; InventoryError when that tab holds a chart instead of cells."""
    for sheet in book.sheets:
        if sheet.name == name:
            return sheet
    raise InventoryError(
        f"'{name}' is not a sheet with cells (is it a chart?). Click the tab of your inventory, then click again."
    )
