"""Which open workbook is meant: found by the button's own process, and found again by the worker's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import xlwings as xw

from xlkijiji.errors import InventoryError
from xlkijiji.messages import tell
from xlkijiji.workbook.chosen_rows import rows_at
from xlkijiji.workbook.settings_sheet import speak_as_set

__all__ = [
    "Host",
    "WorkbookClosed",
    "attach",
    "caller_rows",
    "calling_host",
    "for_status_bar",
    "host_of",
    "is_busy",
    "is_gone",
    "is_read_only",
    "place_of",
    "tell_caller",
    "worksheet",
]


_BUSY = frozenset(
    {
        -0x7FFEFFFF,  # 0x80010001, RPC_E_CALL_REJECTED [Microsoft documentation]
        -0x7FFEFEF6,  # 0x8001010A, RPC_E_SERVERCALL_RETRYLATER
        -0x7FF53B8E,  # 0x800AC472, while a cell is being edited [xlwings source]
        -1712,  # the Mac: no answer in time [Apple documentation]
    }
)


STATUS_BAR_LONGEST = 255
"""Characters; whether today's Excel takes more was not seen."""


class WorkbookClosed(InventoryError):
    """The workbook isn't open (any more) in Excel or Calc."""


@dataclass(frozen=True)
class Host:
    """An open workbook and its sheet in front, in words that another process understands."""

    fullname: str
    sheet: str
    pid: int = 0
    """Process id of Excel, where several may run; 0 when it doesn't matter."""
    selection: str = ""
    """The address of what was selected at the click, for a button that asks for it; blank when it wasn't cells."""
    clicked: float = 0.0
    """When the button was clicked, as files have the time."""

    @property
    def folder(self) -> Path:
        """The folder that the workbook lies in. For a workbook in the cloud, or never saved, the user's home."""
        if "://" in self.fullname or not Path(self.fullname).parent.is_dir() or not Path(self.fullname).is_absolute():
            return Path.home()
        return Path(self.fullname).parent

    def as_arguments(self) -> list[str]:
        """Command-line arguments, each one word, that `xlkijiji.worker` reads back."""
        return [f"--{name}={value}" for name, value in asdict(self).items()]


def calling_host(with_selection: bool = False, clicked: float = 0.0) -> Host:
    """The workbook whose button started this process, its active sheet, and what is selected there where it's wanted.

    The only place that asks xlwings who called: RunPython says so in this process's arguments [xlwings source].
    From then on this process speaks the language that the workbook asks for.
    """
    _let_busy_excel_say_so()
    book = xw.Book.caller()
    speak_as_set(book)
    return replace(host_of(book, with_selection), clicked=clicked)


def host_of(book: xw.Book, with_selection: bool = False) -> Host:
    """An open workbook, its sheet in front, and what is selected there where it's wanted: it may change any moment."""
    selected = book.app.selection if with_selection else None
    return Host(
        _fullname(book),
        book.sheets.active.name,
        book.app.pid if sys.platform == "win32" else 0,
        selected.address if selected is not None else "",
    )


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


def caller_rows(host: Host) -> dict[int, list[str]]:
    """What stands in the calling workbook's selected rows: number → its cells from column A.

    Raises InventoryError for a selection that isn't believed, and where the sheet holds a chart.
    """
    return rows_at(worksheet(xw.Book.caller(), host.sheet), host.selection)


def place_of(book: xw.Book, sheet: Any, host: Host) -> Host:
    """`host`, with the names that book and sheet have now: after Save As, and after the sheet was renamed."""
    return replace(host, fullname=_fullname(book), sheet=sheet.name)


def tell_caller(text: str) -> None:
    """Put `text` into the status bar of the program whose button started this process."""
    app = xw.Book.caller().app
    app.status_bar = for_status_bar(app, text)


def for_status_bar(app: Any, text: str) -> str:
    """`text` as the status bar takes it: Excel was known to cut or refuse longer ones [Microsoft, KB Q105416]."""
    longest = 10_000 if app.engine.name == "calc" else STATUS_BAR_LONGEST
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _open_books(pid: int) -> Iterator[xw.Book]:
    try:
        apps = list(xw.apps)
    except ConnectionError:  # Calc was closed, or killed
        return
    # one that was killed, and started again, is another process
    for app in [app for app in apps if pid and app.pid == pid] or apps:
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
    raise WorkbookClosed(tell("workbook-closed", name=Path(host.fullname).name))


def is_busy(error: BaseException) -> bool:
    """Does the program refuse calls for the moment only, because a cell is being edited or a dialog is open?"""
    inner = getattr(error, "excepinfo", None) or ()  # DISP_E_EXCEPTION outside, the reason within [xlwings source]
    numbers = {getattr(error, "hresult", None), getattr(error, "errornumber", None), *inner[5:6]}
    return type(error).__name__ == "ExcelBusyError" or not numbers.isdisjoint(_BUSY)


def is_gone(book: xw.Book) -> bool:
    """Has this very book been closed, whether or not its file was opened again? One that is busy has not.

    On the Mac a book is known by its name alone, and lives on in the one that was opened again [xlwings source].
    """
    try:
        _fullname(book)
    except Exception as error:  # noqa: BLE001 — each program says so in its own way
        return not is_busy(error)
    return False


def is_read_only(book: xw.Book) -> bool:
    """Was the workbook opened so that it can't be saved under its own name? xlwings itself doesn't say."""
    api = book.api
    if book.app.engine.name == "calc":
        return bool(api.isReadonly())
    # Workbook.ReadOnly [Microsoft documentation]; appscript names it in the Mac's way
    return bool(api.ReadOnly if sys.platform == "win32" else api.read_only.get())


def worksheet(book: xw.Book, name: str) -> Any:
    """The worksheet `name` of `book`; InventoryError when that tab holds a chart instead of cells."""
    for sheet in book.sheets:
        if sheet.name == name:
            return sheet
    raise InventoryError(tell("not-a-sheet", name=name))
