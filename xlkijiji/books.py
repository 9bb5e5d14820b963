"""What a run writes down, in one order and under one lock: the journal, the frame, the file, and whoever follows."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlkijiji import logs
from xlkijiji.attempt import Attempt
from xlkijiji.errors import JournalError
from xlkijiji.followers import Followers
from xlkijiji.frame_notes import Checkpoints, FrameNotes
from xlkijiji.inventory import Record, cell_text
from xlkijiji.ledger import Ledger
from xlkijiji.manners import EndRun, Manners
from xlkijiji.outcome import Outcome, result_entry
from xlkijiji.records import Records
from xlkijiji.recovery import Neighbourhood, Plan, known_outcome
from xlkijiji.surroundings import Neighbours

__all__ = ["Books", "InHand"]

log = logging.getLogger(__name__)


@dataclass
class InHand:
    """A record that a bot has, with all that an interrupt needs to settle it."""

    position: int
    record: Record
    attempt: Attempt
    started: float


@dataclass(frozen=True)
class Posted:
    """An ad that this run has posted: its number, and when, by the run's monotonic clock."""

    ad_id: str
    at: float


@dataclass
class Books:
    """A run's books. Every bot's thread writes into them; once they are closed, nobody does."""

    records: Records
    numbers: Sequence[int | None]
    """The sheet's row of each record, where known."""
    notes: FrameNotes
    ledger: Ledger
    followers: Followers
    manners: Manners
    clock: Callable[[], dt.datetime]
    monotonic: Callable[[], float]
    saved: Checkpoints | None = None
    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    """`run_batch`'s results by position."""
    _posted: dict[int, Posted] = field(default_factory=dict)
    warnings: dict[int, list[str]] = field(default_factory=dict)
    """What was said of a row that doesn't keep it from being posted, by position."""
    _in_hand: dict[int, InHand] = field(default_factory=dict)
    _writing: threading.RLock = field(default_factory=threading.RLock)
    _closed: bool = False
    _hood: Neighbourhood | None = None

    def begin(self, plan: Plan, saved: Checkpoints) -> None:
        """Draw what the journal knows better than the sheet; from here on outcomes are saved into the file."""
        self.saved = saved
        for position, status in plan.statuses.items():
            self.notes.tell(position, status)
        titles = self.records.cells("title")
        for position, known in plan.known.items():
            record = Record(sku=self.records.skus[position])
            record.row = self.numbers[position]
            outcome = known_outcome(known, cell_text(titles[position]))
            when = dt.datetime.fromisoformat(known.posted_at) if known.posted_at else self.clock()
            entry = result_entry(record, outcome, when, 0.0, known.attempts)
            self.notes.write(position, outcome, entry)
            self.followers.known(position, record, entry)
            saved.tick(position)

    def note(self, position: int, record: Record, outcome: Outcome, seconds: float) -> None:
        """Write an outcome down: in the journal, then in the frame, then for everybody else."""
        with self._writing:
            trouble: JournalError | None = None
            attempts = self.ledger.attempts(record, outcome.tries)
            try:
                self.ledger.settle(record, outcome, seconds)
            except JournalError as error:
                trouble = error  # the sheet hears of it all the same: two who forget are worse than one
            entry = result_entry(record, outcome, self.clock(), seconds, attempts, self.warnings.get(position, ()))
            self.entries[position] = entry
            if outcome.success and outcome.ad_id:
                self._posted[position] = Posted(outcome.ad_id, self.monotonic())
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
            try:
                self.followers.finished(position, record, entry)
            finally:  # an interrupt there must not keep the row out of the file
                if self.saved is not None:
                    self.saved.tick(position)
            if trouble is not None:
                raise trouble

    def posted_now(self) -> dict[int, Posted]:
        """The ads of this run that have a number, by position; those found that an earlier one had posted, too."""
        with self._writing:
            return dict(self._posted)

    # --- records in hand

    def take(self, number: int, in_hand: InHand) -> None:
        """The bot with this number has a record now. Raises EndRun when the books are closed."""
        with self._writing:
            if self._closed:  # this thread was late, and nobody would settle what it does now
                raise EndRun("interrupted", "")
            self._in_hand[number] = in_hand

    def settle(self, number: int, in_hand: InHand, outcome: Outcome) -> None:
        """That bot has done with it."""
        with self._writing:
            if self._closed:
                return
            self.manners.settle(may_be_on_site=outcome.success or outcome.state == "uncertain")
            self.note(in_hand.position, in_hand.record, outcome, self.monotonic() - in_hand.started)
            self._in_hand.pop(number, None)

    def break_off(self, number: int) -> None:
        """That bot will do no more: note what is known of its record; nothing where the row is as it was."""
        with self._writing:
            if self._closed:
                return
            in_hand = self._in_hand.get(number)
            if in_hand is None or in_hand.position in self.entries:
                return
            outcome = in_hand.attempt.abandon()
            try:
                if outcome is not None:
                    self.settle(number, in_hand, outcome)
                else:
                    self.manners.settle(may_be_on_site=False)
                    known = self.ledger.now(in_hand.record.record_id)
                    if known is not None and known.state == "submitting":
                        self.ledger.not_submitted(in_hand.record.record_id, "interrupted before the click")
            except Exception:
                log.exception("the record in hand could not be settled")
            self._in_hand.pop(number, None)

    def close(self) -> None:
        """The run is over: settle what is in hand, and save."""
        with self._writing:
            for number in list(self._in_hand):
                self.break_off(number)
            self._closed = True
            self.ledger.close()
        if self.saved is not None:
            self.saved.save()

    # --- while a bot is at work

    def progress(self, percentage: float, text: str) -> None:
        """Tell how far the run is."""
        with self._writing:
            if not self._closed:
                self.followers.progress(percentage, text)

    def started(self, position: int, record: Record) -> None:
        """Tell which record a bot has."""
        with self._writing:
            self.followers.started(position, record)

    def step(self, position: int, text: str) -> None:
        """Tell what is being done with it."""
        with self._writing:
            if not self._closed:
                self.followers.step(position, text)

    def neighbours(self, position: int) -> Neighbours:
        """What is known of the other records' ads now."""
        with self._writing:  # as other bots' outcomes change it
            if self._hood is None:
                self._hood = Neighbourhood(self.records, self.ledger)
                for other, entry in self.entries.items():
                    self._hood.note(other, entry["ad_id"] or "")
            return self._hood.of(position, self.notes.view)
