"""Excel saves a workbook of another format as .xlsx."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import xlwings as xw

__all__ = ["resave_with_excel"]

log = logging.getLogger(__name__)
_NO_MACROS = 3
"""msoAutomationSecurityForceDisable [Microsoft documentation]: for the Excel that is started here alone."""


def resave_with_excel(source: Path, target: Path) -> bool:
    """Open `source` in an Excel of our own without windows, and save it as `target`; False where that can't be done.

    The file's macros don't run. Whoever asks has another way, so what keeps Excel from it is logged and no more.
    """
    try:
        with xw.App(visible=False, add_book=False) as app:
            app.display_alerts = False
            if sys.platform == "win32":
                app.api.AutomationSecurity = _NO_MACROS
            book = app.books.open(str(source), update_links=False, read_only=True)
            book.save(str(target))
            book.close()
    except Exception as error:  # noqa: BLE001 — Excel isn't installed, or refuses in one of its many ways
        log.info("Excel did not convert %s: %s", source.suffix, error)
        return False
    return target.is_file()
