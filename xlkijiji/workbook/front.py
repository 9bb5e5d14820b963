"""The workbook in front, for a process that no button started: the office page's."""

from __future__ import annotations

from typing import Any

import xlwings as xw

from xlkijiji.messages import tell
from xlkijiji.workbook.session import Host, WorkbookClosed, _let_busy_excel_say_so, host_of
from xlkijiji.workbook.settings_sheet import read_settings

__all__ = ["become_caller", "front_host", "settings_of_front", "status_in_front"]


def _front() -> xw.Book:
    """The workbook whose window was used last. Raises WorkbookClosed when none is open."""
    _let_busy_excel_say_so()
    app = xw.apps.active if len(xw.apps) else None
    if app is None or not len(app.books):
        raise WorkbookClosed(tell("page-no-workbook"))
    return app.books.active


def front_host() -> Host:
    """The workbook in front and its active sheet. Raises WorkbookClosed when none is open."""
    return host_of(_front())


def become_caller() -> Host:
    """Let the workbook in front be what `calling_host` gives in this process, as if its button had started it."""
    book = _front()
    book.set_mock_caller()
    return host_of(book)


def status_in_front() -> str:
    """What the status bar says; blank when the program has it."""
    text = _front().app.status_bar
    return text if isinstance(text, str) else ""  # Excel says False then [Microsoft documentation]


def settings_of_front() -> dict[str, Any]:
    """Label → value of the Settings sheet; empty without one."""
    return read_settings(_front())
