"""LibreOffice Calc for xlwings: an engine, so that code written for Excel runs there too, and a stand-in for RunPython.

Importing this is cheap: xlwings and `uno` are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .connection import PIPE_VARIABLE
    from .errors import (
        CalcError,
        NotConnectedError,
        OfficeMissingError,
        ProtectedSheetError,
        UnoMissingError,
        WorkbookError,
    )
    from .office import Office
    from .opening import OpenWorkbook, activate, activate_running, open_and_keep, open_workbook, running_pipe
    from .screen import button_centre, button_labels, focus_window, place_window

__all__ = [
    "PIPE_VARIABLE",
    "CalcError",
    "NotConnectedError",
    "Office",
    "OfficeMissingError",
    "OpenWorkbook",
    "ProtectedSheetError",
    "UnoMissingError",
    "WorkbookError",
    "activate",
    "activate_running",
    "button_centre",
    "button_labels",
    "focus_window",
    "open_and_keep",
    "open_workbook",
    "place_window",
    "running_pipe",
]

_HOMES = {
    "PIPE_VARIABLE": "connection",
    "Office": "office",
    "OpenWorkbook": "opening",
    "activate": "opening",
    "activate_running": "opening",
    "button_centre": "screen",
    "button_labels": "screen",
    "focus_window": "screen",
    "open_and_keep": "opening",
    "open_workbook": "opening",
    "place_window": "screen",
    "running_pipe": "opening",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)
