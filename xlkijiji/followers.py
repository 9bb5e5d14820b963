"""Who hears of a run while it is on: a progress callback and an observer, neither of which can harm it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

from xlkijiji.inventory import Record

__all__ = ["Followers", "Observer"]

log = logging.getLogger(__name__)


class Observer(Protocol):
    """Someone who follows a run record by record. Each method is optional, and one that raises is logged.

    `position` is the row's place in the frame, from 0. Rows that fail their check are told before anything is posted.
    """

    def record_started(self, position: int, record: Record) -> None:
        """The bot gets this record now."""

    def record_step(self, position: int, text: str) -> None:
        """What is being done with it, for people."""

    def record_finished(self, position: int, record: Record, result: dict[str, Any]) -> None:
        """How it went: the record's entry in `results`. The frame has its status already."""

    def record_known(self, position: int, record: Record, result: dict[str, Any]) -> None:
        """The row was to be posted, but its ad is live already: an entry as in `results`, where it isn't counted."""


class Followers:
    """Tells the callback and the observer; what they raise is logged, in full the first time."""

    def __init__(self, progress_cb: Callable[[float, str], object] | None, observer: object | None) -> None:
        self._progress = progress_cb
        self._observer = observer
        self._failed: set[str] = set()
        self._lock = threading.RLock()
        """One call at a time, whichever thread it comes from."""
        self._percentage = 0.0

    def progress(self, percentage: float, message: str) -> None:
        """How far the run is, 0 to 100, and a word about it."""
        self._percentage = percentage
        if self._progress is not None:
            self._call("progress callback", self._progress, percentage, message)

    def say(self, text: str) -> None:
        """A word in between: the run is as far as it was."""
        self.progress(self._percentage, text)

    def started(self, position: int, record: Record) -> None:
        """See `Observer.record_started`."""
        self._tell("record_started", position, record)

    def step(self, position: int, text: str) -> None:
        """See `Observer.record_step`."""
        self._tell("record_step", position, text)

    def finished(self, position: int, record: Record, result: dict[str, Any]) -> None:
        """See `Observer.record_finished`."""
        self._tell("record_finished", position, record, result)

    def known(self, position: int, record: Record, result: dict[str, Any]) -> None:
        """See `Observer.record_known`."""
        self._tell("record_known", position, record, result)

    def _tell(self, name: str, *arguments: object) -> None:
        method = getattr(self._observer, name, None)
        if method is not None:
            self._call(name, method, *arguments)

    def _call(self, name: str, function: Callable[..., object], *arguments: object) -> None:
        with self._lock:
            try:
                function(*arguments)
            except Exception as error:
                if name in self._failed:
                    log.warning("the %s failed again: %s", name, error)
                else:
                    log.exception("the %s failed; the run goes on", name)
                    self._failed.add(name)
