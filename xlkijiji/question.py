"""A question in the status bar, answered by a second click on the same button.

No dialog: a message box that another process raises over Excel keeps it from everything else, and may stay behind a
window. The worker that asks and the click that answers are two processes, so they meet in two files.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from xlkijiji.paths import question_files

__all__ = ["TOO_QUICK_SECONDS", "Question"]

TOO_QUICK_SECONDS = 1.5
"""A click so soon after the question was shown is the second half of a double click, and answers nothing."""


class Question:
    """The question about one sheet of a workbook.

    `pid` is that of the program: two may have the workbook open, one of them read-only.
    """

    def __init__(self, fullname: str, sheet: str, pid: int = 0) -> None:
        self._asked, self._answered = question_files(fullname)
        self._about = [sheet, pid]
        self._since = 0.0

    @contextmanager
    def asked(self) -> Iterator[None]:
        """The question is to be seen now; at the end of the block nobody can answer it any more."""
        self._answered.unlink(missing_ok=True)  # it was meant for a question before this one
        self._since = time.time()  # as files have it
        self._asked.write_text(json.dumps(self._about), encoding="utf-8")
        try:
            yield
        finally:
            self._asked.unlink(missing_ok=True)
            self._answered.unlink(missing_ok=True)

    def answer(self, clicked: float) -> bool:
        """Say yes by a click at the time `clicked`; False when no question waits, or one about another sheet.

        Only to be asked while the workbook's run lock is held elsewhere.
        """
        try:
            about = json.loads(self._asked.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # ValueError: it is being written
            return False
        if about != self._about:
            return False
        answer = self._answered.with_suffix(".answer")
        answer.touch()
        os.utime(answer, (clicked, clicked))
        answer.replace(self._answered)  # so that it's never seen with another time
        return True

    def is_answered(self) -> bool:
        """Was there a click that means yes? One that came too quickly is forgotten."""
        try:
            clicked = self._answered.stat().st_mtime
        except FileNotFoundError:
            return False
        if clicked - self._since >= TOO_QUICK_SECONDS:
            return True
        self._answered.unlink(missing_ok=True)
        return False
