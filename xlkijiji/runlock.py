"""One run per workbook at a time.

The lock is the operating system's own file lock (filelock), so it ends with the process that holds it: a worker that
died leaves nothing behind that the next click would have to clear away.

There are two: a run keeps both. Only a run ever takes the first one. Whoever wants to know whether a run is on tries
the second one, so that no look, however often it is made, can be taken for a run by a click in that very moment.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Sequence

from filelock import FileLock, Timeout

from xlkijiji.paths import run_files
from xlkijiji.question import TOO_QUICK_SECONDS

__all__ = ["RunLock"]

NOTE_SECONDS = 6.0
"""For how long the run that is on repeats to the status bar that there was another click."""


WORD_SECONDS = 60.0
"""For how long a second click is the person's word that ads are to be posted though the sheet can't be written."""

LOOK_SECONDS = 0.1
"""For how long a look waits for another look: each one takes an instant."""

LONGEST_LOOK_SECONDS = 2.0
"""For how long a run that begins waits for a look; it goes on without being seen then."""


class RunLock:
    """The lock of one workbook, named by its full path."""

    def __init__(self, fullname: str) -> None:
        lock, self._note, self._stop = run_files(fullname)
        self._lock = FileLock(lock, thread_local=False)
        self._seen = FileLock(lock.with_suffix(".seen"), thread_local=False)
        self._word = lock.with_suffix(".word")

    def acquire(self, wait_seconds: float = 1.0) -> bool:
        """Take the lock; False when another process keeps it for all of `wait_seconds`."""
        try:
            self._lock.acquire(timeout=wait_seconds)
        except Timeout:
            return False
        self._stop.unlink(missing_ok=True)  # it was meant for a run before this one
        with contextlib.suppress(Timeout):
            self._seen.acquire(timeout=LONGEST_LOOK_SECONDS, poll_interval=0.01)
        return True

    def is_on(self) -> bool:
        """Does another process hold the lock? Asking leaves nothing behind, and is in no run's and no click's way."""
        try:
            self._seen.acquire(timeout=LOOK_SECONDS, poll_interval=0.01)
        except Timeout:
            return True
        self._seen.release()
        return False

    def request_stop(self) -> bool:
        """Ask the run that is on, in whichever process, to end after the record in hand; False when none is on."""
        if not self.is_on():
            return False
        self._stop.touch()
        return True

    def stop_requested(self) -> bool:
        """Does somebody want this run to end?"""
        return self._stop.exists()

    def ask_for_word(self, wish: Sequence[str]) -> None:
        """The person sees now what the next click would mean, for a minute: see `take_word`.

        `wish` is what that click has to want as well: the job, the sheet, the rows.
        """
        self._word.write_text(json.dumps(list(wish)), encoding="utf-8")

    def take_word(self, wish: Sequence[str], clicked: float) -> bool:
        """Was a click at the time `clicked` the person's word for this very wish? It counts once.

        Not a click before the person could have read what it would mean, such as the second half of a double click.
        """
        try:
            asked = self._word.stat().st_mtime
            same = json.loads(self._word.read_text(encoding="utf-8")) == list(wish)
        except (FileNotFoundError, ValueError):  # ValueError: a computer that went off in the middle of it
            return False
        self._word.unlink(missing_ok=True)
        return same and TOO_QUICK_SECONDS <= clicked - asked < WORD_SECONDS

    def release(self) -> None:
        """Give the lock back. Nothing happens when it is not held."""
        self._seen.release()
        self._lock.release()

    def held_elsewhere(self) -> bool:
        """Is a run on? Asked by a click, which then leaves a note for that run."""
        if not self.is_on():
            return False
        self._note.touch()
        return True

    def clicked_meanwhile(self) -> bool:
        """Was there a click on the button in the last few seconds, while this run was on?"""
        try:
            return time.time() - self._note.stat().st_mtime < NOTE_SECONDS
        except FileNotFoundError:
            return False
