"""What waits for the live view's thread: values for the sheet, and jobs whose answers somebody waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal

from xlkijiji.workbook.cells import Cells

__all__ = ["Pending", "Rest", "Trouble", "carry_out"]

Trouble = Literal["", "closed", "busy", "gone"]
"""Why cells wait: the workbook is closed, refuses calls, or has no such rows any more."""

Rest = Callable[[threading.Condition, Callable[[], object], float], object]
"""Waits so many seconds, or until what is given becomes true, as `threading.Condition.wait_for` does."""


@dataclass
class Pending:
    """What the sheet should show and doesn't yet."""

    status_bar: str | None = None
    cells: Cells = field(default_factory=dict)
    look: bool = False
    """Look whether what was written is still there."""
    forgotten: bool = False
    """Its cells are not wanted any more."""

    def __bool__(self) -> bool:
        return self.status_bar is not None or self.look or bool(self.cells)


def carry_out(job: Callable[[], Any], answer: Future[Any]) -> None:
    """Do the job in the thread that serves it; what it gives, or raises, is the answer."""
    if not answer.set_running_or_notify_cancel():
        return  # whoever asked has given up
    try:
        answer.set_result(job())
    except BaseException as error:  # noqa: BLE001 — whoever asked gets it raised
        answer.set_exception(error)
