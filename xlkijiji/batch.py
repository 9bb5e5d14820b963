"""A run from its first check to its last save: `posting.run_batch` without the reading of its arguments."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlkijiji.attempt import SYSTEM_ERROR, Attempt, BotPort, Neighbours, Outcome
from xlkijiji.errors import XlkijijiError
from xlkijiji.followers import Followers
from xlkijiji.frame_notes import Checkpoints, FrameNotes
from xlkijiji.inventory import POSTED, Record, cell_text, is_unsure
from xlkijiji.records import Records
from xlkijiji.validators import Pictures, check_record, check_repeats, problems_sentence

__all__ = ["Batch", "Pace", "batch_result", "objection", "result_entry"]

log = logging.getLogger(__name__)


def objection(
    record: Record, port: BotPort, pictures: Pictures, others: Sequence[object] = (), name: str = "This record"
) -> Outcome | None:
    """What keeps `record` from being posted, found before the bot touches the site; None when nothing does.

    `others` are problems known already; `name` stands for a record without a sku.
    """
    problems: list[object] = [*others]
    try:
        problems += check_record(record, pictures)
        problems += port.check(record)
    except XlkijijiError as error:
        if not problems:
            return Outcome.failed(str(error), error.kind)
        problems.append(error)
    except Exception:
        log.exception("record %s: its check failed", record.record_id)
        return Outcome.failed(SYSTEM_ERROR, "system")
    if not problems:
        return None
    return Outcome.failed(problems_sentence(problems, record.record_id or name, record.row), "record")


def result_entry(record: Record, outcome: Outcome, when: dt.datetime, seconds: float) -> dict[str, Any]:
    """One entry of `results`; `seconds` is how long the bot had the record."""
    return {
        "success": outcome.success,
        "message": outcome.message,
        "status_update": outcome.status,
        "ad_url": outcome.ad_url or None,
        "ad_id": outcome.ad_id or None,
        "record_id": record.record_id,
        "row": record.row,
        "timestamp": when.isoformat(timespec="seconds"),
        "duration_s": round(seconds, 3),
        "error_kind": outcome.error_kind,
    }


def batch_result(total: int, chosen: int, entries: list[dict[str, Any]], ended: str, message: str) -> dict[str, Any]:
    """`run_batch`'s result for `total` rows, of which `chosen` were to be posted and `entries` tell how it went."""
    posted = sum(entry["success"] for entry in entries)
    return {
        "success": ended in {"done", "limit"},
        "total_records": total,
        "successful_posts": posted,
        "failed_posts": len(entries) - posted,
        "skipped_records": total - len(entries),
        "remaining_records": chosen - len(entries),
        "results": entries,
        "message": message,
        "ended": ended,
    }


def _title_key(cell: object) -> str:
    """A title as the site compares it, or more loosely."""
    return " ".join(cell_text(cell).split()).casefold()


def _may_be_on_site(status: str) -> bool:
    return is_unsure(status) or cell_text(status).casefold().startswith(POSTED.casefold())


class _EndRun(Exception):  # not an error: how a run ends early
    """The run ends here: `ended` as in the result, `reason` a sentence."""

    def __init__(self, ended: str, reason: str) -> None:
        super().__init__(reason)
        self.ended = ended
        self.reason = reason


@dataclass
class Pace:
    """How fast, and how long."""

    pause_seconds: float = 0.0
    """Between two records that the bot gets."""
    stop_after: int = 0
    """Ads per run; 0 is no limit."""
    stop: Callable[[], bool] = lambda: False
    sleep: Callable[[float], object] = time.sleep
    _given: int = 0
    _ads: int = 0

    def before_next(self) -> None:
        """Wait as long as manners ask; raises _EndRun when no more ads may be posted."""
        self.ask_to_stop()
        if 0 < self.stop_after <= self._ads:
            raise _EndRun("limit", f"This run's limit of {self.stop_after} ads is reached.")
        if self._given and self.pause_seconds > 0:
            self.sleep(self.pause_seconds)
            self.ask_to_stop()
        self._given += 1

    def ask_to_stop(self) -> None:
        """Raises _EndRun when someone wants the run to end."""
        try:
            asked = self.stop()
        except Exception:
            log.exception("whether to stop could not be asked; the run goes on")
            return
        if asked:
            raise _EndRun("stopped", "Stopped, as asked.")

    def count(self, outcome: Outcome) -> None:
        """An ad that may be on the site counts as one."""
        self._ads += outcome.success or outcome.error_kind == "unknown"


@dataclass
class _InHand:
    """The record that the bot has, with all that an interrupt needs to settle it."""

    position: int
    record: Record
    attempt: Attempt
    started: float


@dataclass
class Batch:
    """One run. `carry_out` may be called once."""

    records: Records
    chosen: list[int]
    """Positions of the rows that the mode chooses, in order."""
    numbers: Sequence[int | None]
    """The sheet's row of each record, where known."""
    notes: FrameNotes
    port: BotPort
    pictures: Pictures
    followers: Followers
    checkpoints: Checkpoints
    pace: Pace
    clock: Callable[[], dt.datetime]
    replace_old: bool
    """Mode all: an ad that a row already has is deleted before the new one is posted."""
    _entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    _in_hand: _InHand | None = None
    _signed_in: bool = False

    def carry_out(self) -> dict[str, Any]:
        """Check, sign in, post, save, sign out; `run_batch`'s result."""
        ended, reason = "done", ""
        try:
            self._check_all()
            if len(self._entries) < len(self.chosen):
                self.pace.ask_to_stop()
                self._sign_in()
            self._post_all()
        except _EndRun as end:
            ended, reason = end.ended, end.reason
        except KeyboardInterrupt:
            ended = "interrupted"
            self._settle_in_hand()
        except BaseException:
            self._settle_in_hand()  # the program is being ended, by SystemExit and the like: it ends, with all noted
            raise
        finally:
            self.checkpoints.save()
            self._sign_out()
        return self._finish(ended, reason)

    def _record(self, position: int) -> Record:
        record = self.records[position]
        record.row = self.numbers[position]
        return record

    def _check_all(self) -> None:
        """Tell every row that can't be posted so at once: it costs no browser time, and nobody waits for it."""
        headers = self.records.headers
        repeats = check_repeats(self.records.skus, self.numbers, headers)
        for position in self.chosen:
            repeat = [repeats[position]] if position in repeats else []
            record, outcome = self._check(position, repeat)
            if outcome is None:
                continue
            self._note(position, record, outcome, 0.0)
            if outcome.ends_run:
                raise _EndRun("critical", outcome.message)

    def _check(self, position: int, repeat: Sequence[object]) -> tuple[Record, Outcome | None]:
        """The record, and what keeps it from being posted. A cell that can't be read at all costs its row alone."""
        try:
            record = self._record(position)
        except Exception:
            log.exception("record %d can't be read", position + 1)
            unreadable = Record(sku=self.records.skus[position])
            unreadable.row = self.numbers[position]
            return unreadable, Outcome.failed(SYSTEM_ERROR, "system")
        return record, objection(record, self.port, self.pictures, repeat, f"Record {position + 1}")

    def _sign_in(self) -> None:
        refused = "Nobody could sign in to the site. Check the account and the password, then try again."
        self._signed_in = True  # a sign-in that broke off half-way is tidied up too
        try:
            if not self.port.login():
                raise _EndRun("critical", refused)
        except XlkijijiError as error:
            raise _EndRun("critical", str(error)) from error
        except _EndRun:
            raise
        except Exception as error:
            log.exception("signing in failed")
            raise _EndRun("critical", refused) from error

    def _sign_out(self) -> None:
        if not self._signed_in:
            return
        try:
            self.port.logout()
        except Exception:
            log.exception("signing out failed")

    def _post_all(self) -> None:
        count = len(self.chosen)
        for number, position in enumerate(self.chosen, 1):
            checked = position in self._entries
            if not checked:
                self.pace.before_next()
            name = self.records.skus[position] or f"record {position + 1}"
            self.followers.progress(100 * number / count, f"Processing record {number}/{count}: {name}")
            if not checked:
                self._post(position)

    def _post(self, position: int) -> None:
        record = self._record(position)
        attempt = Attempt(
            self.port,
            record,
            lambda: self.clock().date(),
            lambda text: self.followers.step(position, text),
            lambda: self._neighbours(position),
        )
        self._in_hand = _InHand(position, record, attempt, time.monotonic())
        self.followers.started(position, record)
        old_ad_id = cell_text(record.get("ad_id")) if self.replace_old else ""
        outcome = attempt.carry_out(self.notes.status(position), old_ad_id)
        self._settle(self._in_hand, outcome)
        if outcome.ends_run:
            raise _EndRun("critical", outcome.message)

    def _neighbours(self, position: int) -> Neighbours:
        """The other rows' ads, as their cells and this run know them."""
        ids = {
            at: ad_id
            for at, cell in enumerate(self.records.cells("ad_id"))
            if at != position and (ad_id := cell_text(cell))
        }
        new = {at: entry["ad_id"] for at, entry in self._entries.items() if at != position and entry["ad_id"]}
        titles = self.records.cells("title")
        title = _title_key(titles[position])
        namesakes = (at for at, cell in enumerate(titles) if at != position and _title_key(cell) == title)
        unknown = (at for at in namesakes if at not in ids and at not in new)
        return Neighbours(
            frozenset([*ids.values(), *new.values()]), any(_may_be_on_site(self.notes.status(at)) for at in unknown)
        )

    def _settle(self, in_hand: _InHand, outcome: Outcome) -> None:
        self.pace.count(outcome)
        self._note(in_hand.position, in_hand.record, outcome, time.monotonic() - in_hand.started)
        self._in_hand = None

    def _settle_in_hand(self) -> None:
        """After an interrupt: note what is known of the record in hand; nothing when its row is as it was."""
        in_hand = self._in_hand
        if in_hand is None or in_hand.position in self._entries:
            return
        outcome = in_hand.attempt.interrupted()
        if outcome is not None:
            self._settle(in_hand, outcome)

    def _note(self, position: int, record: Record, outcome: Outcome, seconds: float) -> None:
        when = self.clock()
        self.notes.write(position, outcome, when)
        entry = result_entry(record, outcome, when, seconds)
        self._entries[position] = entry
        self.followers.finished(position, record, entry)
        self.checkpoints.tick(position)

    def _finish(self, ended: str, reason: str) -> dict[str, Any]:
        entries = [self._entries[position] for position in self.chosen if position in self._entries]
        result = batch_result(len(self.records), len(self.chosen), entries, ended, "")
        result["message"] = self._summary(result, reason)
        done = 100.0 if result["success"] else 100.0 * len(entries) / max(1, len(self.chosen))
        self.followers.progress(done, result["message"])
        return result

    def _summary(self, result: dict[str, Any], reason: str) -> str:
        count, done, remaining = len(self.chosen), len(result["results"]), result["remaining_records"]
        tally = f"{result['successful_posts']} posted, {result['failed_posts']} failed"
        if result["ended"] == "done":
            text = (
                f"Done: {tally}, {result['skipped_records']} skipped." if count else "Done: there was no row to post."
            )
        elif result["ended"] == "interrupted":
            text = f"Interrupted after {done} of {count} records: {tally}. {remaining} remain; run it again to go on."
        elif result["ended"] == "critical":
            text = f"{reason} The run ended after {done} of {count} records: {tally}, {remaining} not tried."
        else:
            text = f"{reason} {tally}. {remaining} of {count} records remain; run it again to go on."
        if self.checkpoints.error is not None:
            text += f" The file could not be saved: {self.checkpoints.error}"
        return text
