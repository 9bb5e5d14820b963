"""A run from its first check to its last save: `posting.run_batch` without the reading of its arguments.

The order is always the same: choose the rows (`recovery`), redraw those that are live already, check the others, sign
in, settle what an earlier run left open, then post one after the other. Whatever is written down is written under one
lock, so it makes no difference whether one bot posts or several do.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import tenacity

from xlkijiji import logs
from xlkijiji.attempt import Attempt
from xlkijiji.books import Books, InHand
from xlkijiji.bot_port import BotPort
from xlkijiji.crew import Crew
from xlkijiji.errors import BrowserGone, PersonNeeded, SiteError, XlkijijiError
from xlkijiji.frame_notes import Checkpoints
from xlkijiji.inventory import Record, cell_text
from xlkijiji.manners import EndRun, weight
from xlkijiji.messages import tell
from xlkijiji.outcome import Outcome, fault_code
from xlkijiji.recovery import Plan, make_plan
from xlkijiji.run_result import objection, remarks, run_result, summary
from xlkijiji.search import LOOK_AGAIN_SECONDS
from xlkijiji.stopping import StopSignal
from xlkijiji.surroundings import Patience, Surroundings
from xlkijiji.validators import Pictures, Problem, check_copies, check_repeats, check_twins

__all__ = ["Batch"]

log = logging.getLogger(__name__)


@dataclass
class Batch:
    """One run. `carry_out` may be called once."""

    mode: str
    books: Books
    crew: Crew
    pictures: Pictures
    checkpoints: Callable[[int], Checkpoints]
    """Given how many records the run deals with."""
    stop: StopSignal
    patience: Patience
    sleep: Callable[[float], None]
    only: Container[int] | None = None
    """The positions that may be chosen; None: all."""
    _plan: Plan = field(default_factory=Plan)
    _copies: list[Problem] = field(default_factory=list)
    """Of rows that are left alone."""
    _order: Iterator[tuple[int, int]] = field(default_factory=lambda: iter(()))
    _ending: threading.Lock = field(default_factory=threading.Lock)
    _end: BaseException | None = None
    _started: float = 0.0

    def carry_out(self) -> dict[str, Any]:
        """Check, sign in, settle, post, save, sign out; `run_batch`'s result."""
        ended, reason = "done", ""
        self._started = self.books.monotonic()
        try:
            self._begin()
            try:
                self._go_through()
            except EndRun as end:
                ended, reason = end.ended, end.reason
            if ended in {"done", "limit"}:
                self._look_again()
        except EndRun as end:
            ended, reason = end.ended, end.reason
        except XlkijijiError as error:
            ended, reason = "critical", str(error)
        except KeyboardInterrupt:
            ended = "interrupted"
        except Exception as error:
            code = fault_code(error)
            log.exception("the run broke off, code %s", code)
            ended, reason = "critical", tell("run-unforeseen", code=code)
        finally:  # also when the program is being ended, by SystemExit and the like: it ends, with all noted
            self.stop.closing = True
            self.books.close()
            self.crew.sign_out()
        return self._finish(ended, reason)

    # --- before the bots

    def _begin(self) -> None:
        books = self.books
        self._plan = make_plan(books.records, books.notes.statuses(), self.mode, books.ledger, self.only)
        books.begin(self._plan, self.checkpoints(len(self._plan.chosen) + len(self._plan.known)))
        self._check_all()

    def _check_all(self) -> None:
        """Tell every row that can't be posted so at once: it costs no browser time, and nobody waits for it."""
        records, numbers = self.books.records, self.books.numbers
        self._repeats = check_repeats(records.skus, numbers, records.headers)
        self._twins = check_twins(records.cells("title"), records.cells("price"), numbers, records.headers)
        statuses = self.books.notes.statuses()
        copies = check_copies(records.cells("ad_id"), statuses, numbers, records.headers)
        left = copies.keys() - set(self._plan.chosen) - self._plan.known.keys()
        self._copies = [copies[at] for at in sorted(left) if self.only is None or at in self.only]
        for position in self._plan.chosen:
            # whether an ad is on the site is asked first, however the row looks by now
            if position not in self._plan.unsettled:
                self._check(position)

    def _check(self, position: int) -> None:
        """Note what keeps the row from being posted. A cell that can't be read at all costs its row alone."""
        repeat = [self._repeats[position]] if position in self._repeats else []
        try:
            record = self._record(position)
        except Exception as error:
            record = Record(sku=self.books.records.skus[position])
            record.row = self.books.numbers[position]
            outcome: Outcome | None = Outcome.unforeseen(error)
            code = fault_code(error)
            log.exception("record %d can't be read, code %s", position + 1, code)
        else:
            outcome = objection(
                record, self.crew.first, self.pictures, repeat, tell("record-number", number=position + 1)
            )
            twin = [self._twins[position]] if position in self._twins else []
            self.books.warnings[position] = remarks(record, self.crew.first, twin)
        if outcome is None:
            return
        if position in self._plan.old_ads and not outcome.ends_run:
            # its ad is live: an Error in the row would have the next run in mode new post another one
            status = self.books.notes.status(position)
            outcome = Outcome.kept(
                status, outcome.message, outcome.error_kind or "record", self._plan.old_ads[position]
            )
        self.books.note(position, record, replace(outcome, shared=bool(repeat)), 0.0)
        if outcome.ends_run:
            raise EndRun("critical", outcome.message)

    def _record(self, position: int) -> Record:
        record = self.books.records[position]
        record.row = self.books.numbers[position]
        return record

    # --- with the bots

    def _go_through(self) -> None:
        todo = [position for position in self._plan.chosen if position not in self.books.entries]
        if todo:
            self.books.manners.ask_to_stop()
            port = self._sign_in(0)
            for position in todo:
                if position in self._plan.unsettled:
                    self.books.manners.ask_to_stop()
                    port = self._settle_earlier(position, port)
        self._order = iter(list(enumerate(self._plan.chosen, 1)))
        if self.crew.size == 1 or not todo:
            self._work(0)
        else:
            self._work_together()

    def _sign_in(self, number: int) -> BotPort:
        """The bot with this number, signed in; a hiccup is tried again, and a person who is needed is waited for."""

        def is_hiccup(error: BaseException) -> bool:
            return isinstance(error.__cause__, SiteError) and not self.stop.requested

        def needs_person(error: BaseException) -> bool:
            cause = error.__cause__
            return isinstance(cause, PersonNeeded) and not cause.waited and not self.stop.requested

        hiccups: tenacity.Retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(is_hiccup),
            stop=tenacity.stop_after_attempt(max(1, self.patience.site_tries)),
            wait=tenacity.wait_exponential_jitter(multiplier=self.patience.first_wait, max=self.patience.longest_wait),
            sleep=self.sleep,
            reraise=True,
            before_sleep=lambda _state: self.books.followers.say(tell("sign-in-again-soon")),
        )
        retrying: tenacity.Retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(needs_person),
            stop=lambda state: state.idle_for + self.patience.person_poll > self.patience.person_timeout,
            wait=tenacity.wait_fixed(self.patience.person_poll),
            sleep=self.sleep,
            reraise=True,
            before_sleep=lambda now: self.books.followers.say(
                tell("waiting-because", reason=now.outcome and now.outcome.exception())
            ),
        )
        try:
            port: BotPort = retrying(hiccups, self.crew.port, number)
        except EndRun:
            self.books.manners.ask_to_stop()  # whoever stopped the run meanwhile knows why it ends
            raise
        return port

    def _work_together(self) -> None:
        """One thread for each bot; the first that ends early ends the run, when each has done what it has in hand."""
        threads = [
            threading.Thread(target=self._work_in_thread, args=(number,), daemon=True, name=f"bot {number + 1}")
            for number in range(self.crew.size)
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)  # so that Ctrl+C reaches this thread
        except KeyboardInterrupt:
            self.stop.request()
            raise
        if self._end is not None:
            raise self._end

    def _work_in_thread(self, number: int) -> None:
        try:
            self._sign_in(number)
            self._work(number)
        except BaseException as end:  # noqa: BLE001 — the run's own thread raises it again
            self.books.break_off(number)
            with self._ending:
                self._end = end if self._end is None else max(self._end, end, key=weight)
            if not (isinstance(end, EndRun) and end.ended == "limit"):
                self.stop.request()

    def _work(self, number: int) -> None:
        """Post one record after the other with the bot that has this number, until there's none left."""
        count = len(self._plan.chosen)
        while True:
            with self.books.manners.turn:
                following = next(self._order, None)
                if following is None:
                    return
                place, position = following
                checked = position in self.books.entries
                if not checked:
                    self.books.manners.before_next()
                name = self.books.records.skus[position] or tell("a-record", number=position + 1)
                self.books.progress(100 * place / count, tell("processing-record", place=place, total=count, name=name))
            if not checked:
                self._post(number, position)

    def _attempt(self, position: int, record: Record, port: BotPort) -> Attempt:
        around = Surroundings(
            now=self.books.clock,
            sleep=self.sleep,
            stopping=lambda: self.stop.requested,
            step=lambda text: self.books.step(position, text),
            neighbours=lambda: self.books.neighbours(position),
            another_bot=self.crew.instead_of,
            patience=self.patience,
            ledger=self.books.ledger,
        )
        return Attempt(port, record, around)

    def _settle_earlier(self, position: int, port: BotPort) -> BotPort:
        """Look what became of an ad whose outcome nobody saw; one that is surely not there is posted in its turn."""
        books, started = self.books, self.books.monotonic()
        record = self._record(position)
        attempt = self._attempt(position, record, port)
        with self._at_work(position, record):
            outcome = attempt.settle(books.notes.status(position))
        if outcome is None or outcome.error_kind != BrowserGone.kind:
            self.crew.worked(attempt.port)
        if outcome is None and position in self._plan.not_again:
            outcome = replace(Outcome.unsure(tell("posted-but-not-there")), tries=0)
        if outcome is None:
            self._check(position)
            return attempt.port
        books.note(position, record, outcome, books.monotonic() - started)
        if outcome.ends_run:
            raise EndRun("critical", outcome.message)
        return attempt.port

    def _post(self, number: int, position: int) -> None:
        record = self._record(position)
        self.pictures.fetch(record)
        attempt = self._attempt(position, record, self.crew.port(number))
        in_hand = InHand(position, record, attempt, self.books.monotonic())
        self.books.take(number, in_hand)
        with self._at_work(position, record):
            outcome = attempt.post(self.books.notes.status(position), self._plan.old_ads.get(position))
        gone_twice = outcome.browser_gone and self.crew.broke(attempt.port)
        if not outcome.browser_gone and outcome.error_kind != BrowserGone.kind:
            self.crew.worked(attempt.port)
        self.books.settle(number, in_hand, outcome)
        if gone_twice:
            raise EndRun("critical", tell("browser-gone-twice"))
        if outcome.ends_run:
            raise EndRun("critical", outcome.message)

    def _look_again(self) -> None:
        """See whether the ads of this run are still there: a site takes off duplicates a while after it took them."""
        books, posted = self.books, self.books.posted_now()
        port = self.crew.first
        if not posted or not port.has("live_ads"):
            return
        last = max(one.at for one in posted.values())
        if (left := last + port.recheck_delay - books.monotonic()) > 0:
            books.followers.say(tell("looking-once-more"))
            self.sleep(left)
        if self.stop.requested:
            return
        try:
            live = self.crew.port(0).live_ads()
            gone = {at: one for at, one in posted.items() if one.ad_id not in live}
            if gone:  # one look may fall into a bad moment
                self.sleep(LOOK_AGAIN_SECONDS)
                live = self.crew.port(0).live_ads()
        except Exception:
            log.exception("whether the new ads are still there could not be seen")
            return
        for position, one in gone.items():
            if one.ad_id not in live:
                books.note(position, self._record(position), replace(Outcome.taken_off(one.ad_id), tries=0), 0.0)

    @contextmanager
    def _at_work(self, position: int, record: Record) -> Iterator[None]:
        """Tell followers and the log which record a bot has."""
        self.books.started(position, record)
        description = cell_text(record.get("description"))
        with (
            logs.context(run=self.books.ledger.run_id, record=record.record_id),
            logs.hiding(description),
        ):
            yield

    def _finish(self, ended: str, reason: str) -> dict[str, Any]:
        books, chosen = self.books, self._plan.chosen
        entries = [books.entries[position] for position in chosen if position in books.entries]
        result = run_result(
            len(books.records),
            len(chosen),
            entries,
            ended,
            redrawn=len(self._plan.known),
            seconds=books.monotonic() - self._started,
        )
        result["run_id"] = books.ledger.run_id
        file_error = None if books.saved is None else books.saved.error
        taken_off = sum(known.taken_off for known in self._plan.known.values())
        result["message"] = summary(
            result, len(chosen), reason, file_error, taken_off, self._copies, replacing=self.mode != "new"
        )
        return result
