"""One run per workbook at a time.

The lock is the operating system's own file lock (filelock), so it ends with the process that holds it: a worker that
died leaves nothing behind that the next click would have to clear away.
"""

from __future__ import annotations

import time

from filelock import FileLock, Timeout

from xlkijiji.paths import run_files

__all__ = ["RunLock"]

NOTE_SECONDS = 6.0
"""For how long the run that is on repeats to the status bar that there was another click."""


WORD_SECONDS = 60.0
"""For how long a second click is the person's word that ads are to be posted though the sheet can't be written."""


class RunLock:
    """The lock of one workbook, named by its full path."""

    def __init__(self, fullname: str) -> None:
        lock, self._note, self._stop = run_files(fullname)
        self._lock = FileLock(lock, thread_local=False)
        self._word = lock.with_suffix(".word")

    def acquire(self, wait_seconds: float = 1.0) -> bool:
        """Take the lock; False when another process keeps it for all of `wait_seconds`."""
        try:
            self._lock.acquire(timeout=wait_seconds)
        except Timeout:
            return False
        self._stop.unlink(missing_ok=True)  # it was meant for a run before this one
        return True

    def request_stop(self) -> bool:
        """Ask the run that is on, in whichever process, to end after the record in hand; False when none is on."""
        if self.acquire(0):
            self.release()
            return False
        self._stop.touch()
        return True

    def stop_requested(self) -> bool:
        """Does somebody want this run to end?"""
        return self._stop.exists()

    def ask_for_word(self) -> None:
        """The next click within a minute will be the person's word: see `take_word`."""
        self._word.touch()

    def take_word(self) -> bool:
        """Was the person asked within the last minute? It counts once."""
        try:
            asked = self._word.stat().st_mtime
        except FileNotFoundError:
            return False
        self._word.unlink(missing_ok=True)
        return 0 <= time.time() - asked < WORD_SECONDS

    def release(self) -> None:
        """Give the lock back. Nothing happens when it is not held."""
        self._lock.release()

    def held_elsewhere(self) -> bool:
        """Is a run on? Asked by a click, which then leaves a note for that run."""
        if self.acquire(0):
            self.release()
            return False
        self._note.touch()
        return True

    def clicked_meanwhile(self) -> bool:
        """Was there a click on the button in the last few seconds, while this run was on?"""
        try:
            return time.time() - self._note.stat().st_mtime < NOTE_SECONDS
        except FileNotFoundError:
            return False
