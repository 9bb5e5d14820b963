"""A run from its first check to its last save: `posting.run_batch` without the reading of its arguments.

The order is always the same: choose the rows (`recovery`), redraw those that are live already, check the others, sign
in, settle what an earlier run left open, then post one after the other. Whatever is written down is written under one
lock, so it makes no difference whether one bot posts or several do.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import tenacity

from xlkijiji import logs
from xlkijiji.attempt import Attempt, Neighbours, Patience, Surroundings
from xlkijiji.bot_port import BotPort
from xlkijiji.crew import Crew
from xlkijiji.errors import JournalError, PersonNeeded, XlkijijiError
from xlkijiji.followers import Followers
from xlkijiji.frame_notes import Checkpoints, FrameNotes
from xlkijiji.inventory import Record, cell_text
from xlkijiji.ledger import Ledger
from xlkijiji.manners import EndRun, Manners, weight
from xlkijiji.outcome import Outcome, fault_code, result_entry
from xlkijiji.records import Records
from xlkijiji.recovery import Neighbourhood, Plan, live_status, make_plan
from xlkijiji.run_result import objection, run_result, summary
from xlkijiji.stopping import StopSignal
from xlkijiji.validators import Pictures, check_repeats

__all__ = ["Batch"]

log = logging.getLogger(__name__)


@dataclass
class _InHand:
    """A record that a bot has, with all that an interrupt needs to settle it."""

    position: int
    record: Record
    attempt: Attempt
    started: float


@dataclass
class Batch:
    """One run. `carry_out` may be called once."""

    records: Records
    mode: str
    numbers: Sequence[int | None]
    """The sheet's row of each record, where known."""
    notes: FrameNotes
    crew: Crew
    ledger: Ledger
    pictures: Pictures
    followers: Followers
    checkpoints: Callable[[int], Checkpoints]
    """Given how many records the run deals with."""
    manners: Manners
    stop: StopSignal
    patience: Patience
    clock: Callable[[], dt.datetime]
    sleep: Callable[[float], None]
    _plan: Plan = field(default_factory=Plan)
    _entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    _in_hand: dict[int, _InHand] = field(default_factory=dict)
    _order: Iterator[tuple[int, int]] = field(default_factory=lambda: iter(()))
    _writing: threading.RLock = field(default_factory=threading.RLock)
    _given_up: bool = False
    _end: BaseException | None = None
    _saved: Checkpoints | None = None
    _hood: Neighbourhood | None = None
    _started: float = field(default_factory=time.monotonic)

    def carry_out(self) -> dict[str, Any]:
        """Check, sign in, settle, post, save, sign out; `run_batch`'s result."""
        ended, reason = "done", ""
        try:
            self._begin()
            self._go_through()
        except EndRun as end:
            ended, reason = end.ended, end.reason
        except XlkijijiError as error:
            ended, reason = "critical", str(error)
        except KeyboardInterrupt:
            ended = "interrupted"
        except Exception as error:
            code = fault_code(error)
            log.exception("the run broke off, code %s", code)
            ended, reason = "critical", f"Something unforeseen went wrong (code {code}; the log has the details)."
        finally:  # also when the program is being ended, by SystemExit and the like: it ends, with all noted
            self._settle_in_hand()
            if self._saved is not None:
                self._saved.save()
            self.crew.sign_out()
        return self._finish(ended, reason)

    # --- before the bots

    def _begin(self) -> None:
        self._plan = make_plan(self.records, self.notes.statuses(), self.mode, self.ledger)
        self._saved = self.checkpoints(len(self._plan.chosen) + len(self._plan.live))
        for position, status in self._plan.statuses.items():
            self.notes.tell(position, status)
        for position in self._plan.live:
            self._redraw(position)
        self._check_all()

    def _redraw(self, position: int) -> None:
        """The sheet has missed that this row's ad is live."""
        known = self._plan.live[position]
        record = Record(sku=self.records.skus[position])
        record.row = self.numbers[position]
        status = live_status(known, cell_text(self.records.cells("title")[position]))
        outcome = Outcome(
            True, "It is on the site already.", status, "posted", ad_id=known.ad_id, ad_url=known.ad_url, tries=0
        )
        when = dt.datetime.fromisoformat(known.posted_at) if known.posted_at else self.clock()
        entry = result_entry(record, outcome, when, 0.0, known.attempts)
        self.notes.write(position, outcome, entry)
        self.followers.known(position, record, entry)
        if self._saved is not None:
            self._saved.tick(position)

    def _check_all(self) -> None:
        """Tell every row that can't be posted so at once: it costs no browser time, and nobody waits for it."""
        self._repeats = check_repeats(self.records.skus, self.numbers, self.records.headers)
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
            record = Record(sku=self.records.skus[position])
            record.row = self.numbers[position]
            outcome: Outcome | None = Outcome.unforeseen(error)
            code = fault_code(error)
            log.exception("record %d can't be read, code %s", position + 1, code)
        else:
            outcome = objection(record, self.crew.first, self.pictures, repeat, f"Record {position + 1}")
        if outcome is None:
            return
        self._note(position, record, outcome, 0.0)
        if outcome.ends_run:
            raise EndRun("critical", outcome.message)

    def _record(self, position: int) -> Record:
        record = self.records[position]
        record.row = self.numbers[position]
        return record

    # --- with the bots

    def _go_through(self) -> None:
        todo = [position for position in self._plan.chosen if position not in self._entries]
        if todo:
            self.manners.ask_to_stop()
            port = self._sign_in(0)
            for position in todo:
                if position in self._plan.unsettled:
                    self.manners.ask_to_stop()
                    port = self._settle_earlier(position, port)
        self._order = iter(list(enumerate(self._plan.chosen, 1)))
        if self.crew.size == 1 or not todo:
            self._work(0)
        else:
            self._work_together()

    def _sign_in(self, number: int) -> BotPort:
        """The bot with this number, signed in; a person who is needed for that is waited for."""

        def needs_person(error: BaseException) -> bool:
            cause = error.__cause__
            return isinstance(cause, PersonNeeded) and not cause.waited and not self.stop.requested

        retrying: tenacity.Retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(needs_person),
            stop=lambda state: state.idle_for + self.patience.person_poll > self.patience.person_timeout,
            wait=tenacity.wait_fixed(self.patience.person_poll),
            sleep=self.sleep,
            reraise=True,
            before_sleep=lambda now: self.followers.say(f"Waiting for you: {now.outcome and now.outcome.exception()}"),
        )
        try:
            port: BotPort = retrying(self.crew.port, number)
        except EndRun:
            self.manners.ask_to_stop()  # whoever stopped the run meanwhile knows why it ends
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
            with self._writing:
                if not self._given_up:
                    self._settle_one(number)
                self._end = end if self._end is None else max(self._end, end, key=weight)
            if not (isinstance(end, EndRun) and end.ended == "limit"):
                self.stop.request()

    def _work(self, number: int) -> None:
        """Post one record after the other with the bot that has this number, until there's none left."""
        count = len(self._plan.chosen)
        while True:
            with self.manners.turn:
                following = next(self._order, None)
                if following is None:
                    return
                place, position = following
                checked = position in self._entries
                if not checked:
                    self.manners.before_next()
                name = self.records.skus[position] or f"record {position + 1}"
                with self._writing:
                    self.followers.progress(100 * place / count, f"Processing record {place}/{count}: {name}")
            if not checked:
                self._post(number, position)

    def _attempt(self, position: int, record: Record, port: BotPort) -> Attempt:
        around = Surroundings(
            now=self.clock,
            sleep=self.sleep,
            stopping=lambda: self.stop.requested,
            step=lambda text: self._step(position, text),
            neighbours=lambda: self._neighbours(position),
            another_bot=self.crew.instead_of,
            patience=self.patience,
            ledger=self.ledger,
        )
        return Attempt(port, record, around)

    def _step(self, position: int, text: str) -> None:
        with self._writing:
            if not self._given_up:
                self.followers.step(position, text)

    def _neighbours(self, position: int) -> Neighbours:
        with self._writing:  # as other bots' outcomes change what is known
            if self._hood is None:
                self._hood = Neighbourhood(self.records, self.ledger)
                for position, entry in self._entries.items():
                    self._hood.note(position, entry["ad_id"] or "")
            return self._hood.of(position, self.notes.view)

    def _settle_earlier(self, position: int, port: BotPort) -> BotPort:
        """Look what became of an ad whose outcome nobody saw; one that is surely not there is posted in its turn."""
        started = time.monotonic()
        record = self._record(position)
        attempt = self._attempt(position, record, port)
        with self._at_work(position, record):
            outcome = attempt.settle(self.notes.status(position))
        if outcome is None or outcome.error_kind != "browser":
            self.crew.worked()
        if outcome is None and position in self._plan.not_again:
            outcome = replace(Outcome.unsure("The row says Posted, but its ad is not on the site."), tries=0)
        if outcome is None:
            self._check(position)
            return attempt.port
        self._note(position, record, outcome, time.monotonic() - started)
        if outcome.ends_run:
            raise EndRun("critical", outcome.message)
        return attempt.port

    def _post(self, number: int, position: int) -> None:
        record = self._record(position)
        attempt = self._attempt(position, record, self.crew.port(number))
        in_hand = _InHand(position, record, attempt, time.monotonic())
        with self._writing:
            if self._given_up:  # this thread was late, and nobody would settle what it does now
                raise EndRun("interrupted", "")
            self._in_hand[number] = in_hand
        with self._at_work(position, record):
            outcome = attempt.post(self.notes.status(position), self._plan.old_ads.get(position))
        if outcome.error_kind != "browser":
            self.crew.worked()
        self._settle(number, in_hand, outcome)
        if outcome.ends_run:
            raise EndRun("critical", outcome.message)

    @contextmanager
    def _at_work(self, position: int, record: Record) -> Iterator[None]:
        """Tell followers and the log which record a bot has."""
        with self._writing:
            self.followers.started(position, record)
        description = cell_text(record.get("description"))
        with (
            logs.context(run=self.ledger.run_id, record=record.record_id),
            logs.hiding(description),
        ):
            yield

    # --- writing down

    def _settle(self, number: int, in_hand: _InHand, outcome: Outcome) -> None:
        with self._writing:
            if self._given_up:
                return
            self.manners.settle(may_be_on_site=outcome.success or outcome.state == "uncertain")
            self._note(in_hand.position, in_hand.record, outcome, time.monotonic() - in_hand.started)
            self._in_hand.pop(number, None)

    def _settle_in_hand(self) -> None:
        """After an interrupt: note what is known of the records in hand; nothing where a row is as it was."""
        with self._writing:
            for number in list(self._in_hand):
                self._settle_one(number)
            self._given_up = True

    def _settle_one(self, number: int) -> None:
        in_hand = self._in_hand.get(number)
        if in_hand is None or in_hand.position in self._entries:
            return
        outcome = in_hand.attempt.abandon()
        try:
            if outcome is not None:
                self._settle(number, in_hand, outcome)
            else:
                self.manners.settle(may_be_on_site=False)
                known = self.ledger.now(in_hand.record.record_id)
                if known is not None and known.state == "submitting":
                    self.ledger.not_submitted(in_hand.record.record_id, "interrupted before the click")
        except Exception:
            log.exception("the record in hand could not be settled")
        self._in_hand.pop(number, None)

    def _note(self, position: int, record: Record, outcome: Outcome, seconds: float) -> None:
        """Write an outcome down: in the journal, then in the frame, then for everybody else."""
        with self._writing:
            trouble: JournalError | None = None
            attempts = self.ledger.attempts(record, outcome.tries)
            try:
                self.ledger.settle(record, outcome, seconds)
            except JournalError as error:
                trouble = error  # the sheet hears of it all the same: two who forget are worse than one
            entry = result_entry(record, outcome, self.clock(), seconds, attempts)
            self._entries[position] = entry
            self.notes.write(position, outcome, entry)
            if self._hood is not None:
                self._hood.note(position, outcome.ad_id if outcome.success else "")
            logs.event(
                log,
                "posted" if outcome.success else "failed",
                run=self.ledger.run_id,
                record=record.record_id,
                state=outcome.state,
                kind=outcome.error_kind or "",
                ad=outcome.ad_id,
                tries=outcome.tries,
                seconds=round(seconds, 3),
            )
            self.followers.finished(position, record, entry)
            if self._saved is not None:
                self._saved.tick(position)
            if trouble is not None:
                raise trouble

    def _finish(self, ended: str, reason: str) -> dict[str, Any]:
        entries = [self._entries[position] for position in self._plan.chosen if position in self._entries]
        seconds = time.monotonic() - self._started
        result = run_result(
            len(self.records), len(self._plan.chosen), entries, ended, redrawn=len(self._plan.live), seconds=seconds
        )
        result["run_id"] = self.ledger.run_id
        file_error = None if self._saved is None else self._saved.error
        result["message"] = summary(result, len(self._plan.chosen), reason, file_error)
        return result
