"""How a run is asked to end: from another thread, by Ctrl+C, and through whatever its caller looks at."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from xlkijiji.messages import tell

__all__ = ["StopSignal", "request_stop"]

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.2
"""How soon a wait notices that it should end."""

_RUNNING: set[StopSignal] = set()


def request_stop() -> int:
    """Ask every run of this process to end after the record in hand; how many were asked. From any thread."""
    running = list(_RUNNING)
    for one in running:
        one.request()
    return len(running)


class StopSignal:
    """Whether one run should end. `asked_elsewhere` is asked too, between records and while the run waits."""

    def __init__(self, asked_elsewhere: Callable[[], bool] | None = None) -> None:
        self._asked_elsewhere = asked_elsewhere
        self._failed = False
        # plain flags, no Event: a signal handler may come while this very thread holds an Event's lock
        self._requested = False
        self.interrupted = False
        """Was it Ctrl+C?"""
        self.closing = False
        """The run writes down what it knows, which takes a moment, and isn't interrupted any more."""

    def request(self) -> None:
        """End after the record in hand."""
        self._requested = True

    @property
    def requested(self) -> bool:
        """Should the run end?"""
        if not self._requested and self._asked_elsewhere is not None:
            try:
                self._requested = bool(self._asked_elsewhere())
            except Exception as error:
                if not self._failed:
                    log.exception("whether to stop could not be asked; the run goes on")
                else:
                    log.warning("whether to stop could not be asked again: %s", error)
                self._failed = True
        return self._requested

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass, or fewer when the run should end meanwhile."""
        end = time.monotonic() + seconds
        while not self.requested and (left := end - time.monotonic()) > 0:
            time.sleep(min(LOOK_EVERY_SECONDS, left))

    @contextmanager
    def listening(self, say: Callable[[str], object]) -> Iterator[None]:
        """Inside, `request_stop` reaches this run, and the first Ctrl+C asks it to end; the second interrupts.

        Ctrl+C is taken over only in the main thread, and only where Python's own handler has it: a program with
        another one knows what it wants. `say` gets a sentence for the person, from another thread: the signal may
        have come while this one is inside of what `say` calls.
        """
        _RUNNING.add(self)
        ours = threading.current_thread() is threading.main_thread() and (
            signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )

        def on_interrupt(number: int, frame: FrameType | None) -> None:
            if self.closing:
                return
            if self.interrupted:
                signal.default_int_handler(number, frame)
            self.interrupted = self._requested = True

        over, telling = threading.Event(), threading.Lock()

        def tell_of_interrupt() -> None:
            while not self.interrupted:
                if over.wait(LOOK_EVERY_SECONDS):
                    return
            with telling:
                if not over.is_set():  # after its end nobody wants to hear of it
                    say(tell("stopping-by-ctrl-c"))

        if ours:
            signal.signal(signal.SIGINT, on_interrupt)
            threading.Thread(target=tell_of_interrupt, daemon=True, name="tells of Ctrl+C").start()
        try:
            yield
        finally:
            if ours:
                signal.signal(signal.SIGINT, signal.default_int_handler)
            with telling:
                over.set()
            _RUNNING.discard(self)
