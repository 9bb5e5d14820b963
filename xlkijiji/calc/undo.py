"""What programs write stays out of the person's way when they undo.

Calc lists each write over UNO among the person's own steps, where Ctrl+Z would meet it first, and locking the list
(`XUndoManager.lock`) doesn't keep it out [seen in 7.4]. So a write is hidden within the step before it: Ctrl+Z undoes
what the person did last, and takes back what was written since. `IsUndoEnabled` would keep it out, and clear the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["unlisted"]


@contextmanager
def unlisted(document: Any) -> Iterator[None]:
    """Change cells of `document` within this, without a step of its own in the list of what can be undone."""
    undo = document.getUndoManager()
    try:
        undo.enterHiddenUndoContext()
        empty = False
    except Exception as error:
        if type(error).__name__.rpartition(".")[2] != "EmptyUndoStackException":
            raise
        empty = True  # nothing of the person's to hide it in
    try:
        yield
    finally:
        if empty:
            undo.clear()
        else:
            undo.leaveUndoContext()
