"""What the status bar says of a run: percentage, record, a bar of blocks, and the time that is left."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from xlkijiji.messages import tell

__all__ = ["RunBar"]

BLOCKS = 10
_COUNT = re.compile(r"\d+/(\d+)")


class RunBar:
    """Puts the line together, from what `run_batch` tells; `monotonic` gives seconds.

    Each ad is taken to need as long as those before it did on average, pauses and a person's part included.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._began: float | None = None
        self._in_hand: set[int] = set()
        self._done: set[int] = set()
        self._ads = 0

    def started(self, position: int) -> None:
        """A bot has the row at this position."""
        if self._began is None:
            self._began = self._monotonic()
        self._in_hand.add(position)

    def finished(self, position: int) -> None:
        """The row has its outcome; one that no bot ever had, since it failed its check, tells nothing about time."""
        self._done.add(position)
        self._ads += position in self._in_hand
        self._in_hand.discard(position)

    def line(self, percentage: float, message: str) -> str:
        """`[45.5%] Processing record 5/11: BT005   █████░░░░░   about 4 min left`."""
        full = min(BLOCKS, max(0, round(percentage * BLOCKS / 100)))
        line = f"[{percentage:.1f}%] {message}   {'█' * full}{'░' * (BLOCKS - full)}"
        left = self._left(message)
        return f"{line}   {left}" if left else line

    def _left(self, message: str) -> str:
        count = _COUNT.search(message)
        if count is None or self._began is None or not self._ads:
            return ""
        rows = max(0, int(count[1]) - len(self._done))
        return _words((self._monotonic() - self._began) / self._ads * rows) if rows else ""


def _words(seconds: float) -> str:
    """A span of time, no more exact than such a guess is."""
    if seconds < 45:
        return tell("less-than-a-minute-left")
    minutes = max(1, round(seconds / 60))
    return tell("minutes-left", count=minutes) if minutes < 90 else tell("hours-left", count=round(minutes / 60))
