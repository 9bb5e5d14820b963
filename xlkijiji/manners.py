"""How fast a run may post, and how much: one set of manners for all bots of a run together."""

from __future__ import annotations

import datetime as dt
import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from xlkijiji.errors import SettingsError
from xlkijiji.messages import tell
from xlkijiji.stopping import LOOK_EVERY_SECONDS, StopSignal

__all__ = ["EndRun", "Manners", "Pace", "parse_quiet_hours", "weight"]

QUIET_LOOK_SECONDS = 60.0
"""How often the clock is looked at in quiet hours: it may be set meanwhile."""


class EndRun(Exception):  # not an error: how a run ends early
    """The run ends here: `ended` as in `run_batch`'s result, `reason` a sentence."""

    def __init__(self, ended: str, reason: str) -> None:
        super().__init__(reason)
        self.ended = ended
        self.reason = reason


def weight(end: BaseException) -> int:
    """Of several ends of one run, as bots meet them, the one that weighs most is told; of equals the first."""
    return {"limit": 0, "critical": 2}.get(end.ended, 1) if isinstance(end, EndRun) else 3


@dataclass(frozen=True)
class Pace:
    """What manners ask for; see `run_batch`'s parameters of the same names."""

    pause_seconds: float = 0.0
    pause_jitter: float = 0.0
    ads_per_minute: float = 0.0
    stop_after: int = 0
    quiet_hours: tuple[dt.time, dt.time] | None = None


def parse_quiet_hours(text: str) -> tuple[dt.time, dt.time] | None:
    """`22:00-07:00` as its two times; None for a blank. Raises SettingsError for anything else."""
    if not text.strip():
        return None
    found = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*(?:-|–|to|until)\s*(\d{1,2}):(\d{2})\s*", text)
    if found:
        hours = [int(part) for part in found.groups()]
        if max(hours[0], hours[2]) < 24 and max(hours[1], hours[3]) < 60 and hours[:2] != hours[2:]:
            return dt.time(hours[0], hours[1]), dt.time(hours[2], hours[3])
    raise SettingsError(tell("quiet-hours-unread", text=text))


def seconds_of_quiet(now: dt.datetime, hours: tuple[dt.time, dt.time]) -> float:
    """For how many seconds after `now` the quiet hours go on; 0 outside them."""
    begin, end = hours
    time = now.time().replace(tzinfo=None)
    quiet = begin <= time < end if begin < end else time >= begin or time < end
    if not quiet:
        return 0.0
    until = dt.datetime.combine(now.date(), end, now.tzinfo)
    if until <= now:
        until += dt.timedelta(days=1)
    return (until - now).total_seconds()


class Manners:
    """Lets one record after the other begin. All times in seconds.

    `sleep` waits; `monotonic` tells how much time has passed; `clock` the time of day; `say` shows a sentence.
    """

    def __init__(
        self,
        pace: Pace,
        stop: StopSignal,
        *,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        clock: Callable[[], dt.datetime],
        say: Callable[[str], object],
    ) -> None:
        self._pace = pace
        self._stop = stop
        self._sleep = sleep
        self._monotonic = monotonic
        self._clock = clock
        self._say = say
        self._turn = threading.Lock()
        self._settled = threading.Condition()
        self._began: float | None = None
        self._ads = 0
        self._in_hand = 0

    @property
    def turn(self) -> threading.Lock:
        """Held by whoever lets a record begin: also while waiting, so that the others wait behind."""
        return self._turn

    def before_next(self) -> None:
        """Wait as long as manners ask, with `turn` held; raises EndRun when no more ads may be posted."""
        self.ask_to_stop()
        self._see_limit()
        if self._began is not None:
            self._pause(self._pace.pause_seconds * (1 + random.uniform(0, self._pace.pause_jitter)))  # noqa: S311 — a pause, not a secret
            if self._pace.ads_per_minute > 0:
                self._pause(self._began + 60.0 / self._pace.ads_per_minute - self._monotonic())
        self._wait_out_quiet_hours()
        self._began = self._monotonic()
        with self._settled:
            self._in_hand += 1

    def ask_to_stop(self) -> None:
        """Raises EndRun when someone wants the run to end."""
        if self._stop.interrupted:
            raise EndRun("interrupted", "")
        if self._stop.requested:
            raise EndRun("stopped", tell("stopped-as-asked"))

    def settle(self, *, may_be_on_site: bool) -> None:
        """A record that `before_next` let begin has its outcome; an ad that may be on the site counts as one."""
        with self._settled:
            self._in_hand -= 1
            self._ads += may_be_on_site
            self._settled.notify_all()

    def _see_limit(self) -> None:
        limit = self._pace.stop_after
        if limit <= 0:
            return
        with self._settled:
            # the others' records may fail, and then there is room for this one
            while self._in_hand and self._ads + self._in_hand >= limit:
                self._settled.wait(LOOK_EVERY_SECONDS)
                self.ask_to_stop()
            if self._ads >= limit:
                raise EndRun("limit", tell("run-limit-reached", limit=limit))

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)
            self.ask_to_stop()

    def _wait_out_quiet_hours(self) -> None:
        hours = self._pace.quiet_hours
        told = False
        while hours is not None and (left := seconds_of_quiet(self._clock(), hours)) > 0:
            if not told:
                self._say(tell("quiet-until", time=f"{hours[1]:%H:%M}"))
                told = True
            self._pause(min(left, QUIET_LOOK_SECONDS))
