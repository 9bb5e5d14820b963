"""One run, in a process of its own: attach to the open workbook, read it, post, show, finish. Or another button's job.

Started by `addin`, never from a terminal: what the person sees is the workbook, and what a maintainer sees is the log.
"""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from xlkijiji import calc, data_io, jobs, logs
from xlkijiji.bot_port import waits_for_person
from xlkijiji.clicked_rows import take_over
from xlkijiji.done_signal import signal_done
from xlkijiji.errors import InventoryError, NotWritable, XlkijijiError
from xlkijiji.inventory import CHECKING, in_hand_status
from xlkijiji.messages import LANGUAGES, language, tell, use
from xlkijiji.post_all import Foreseen, foresee, may_go_on
from xlkijiji.records import InventoryTable
from xlkijiji.row_choice import Choice, choose_all, choose_new, choose_selected
from xlkijiji.run_bar import RunBar
from xlkijiji.runlock import RunLock
from xlkijiji.settings import Settings
from xlkijiji.sheet_check import SheetCheck
from xlkijiji.side_jobs import SetupCheck, SignIn
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.run_lines import keep_run, note_run
from xlkijiji.workbook.session import Host, is_read_only

__all__ = ["Run", "main"]

log = logging.getLogger("xlkijiji.worker")  # also when it runs as a program

SHOW_RESULT_SECONDS = float(os.environ.get("XLKIJIJI_SHOW_RESULT_SECONDS", "20"))
"""For how long the status bar says how a run ended, before the program has it back."""

LOOK_FOR_UNDO_SECONDS = 2.0
"""How often it's seen to meanwhile that an undo takes no status away."""

SHOW_SECONDS = 30.0
"""For how long a workbook that refuses every call is asked to show what a second click would mean."""

LOOK_AGAIN_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 12 * 3600.0
"""A day at the office; then even a workbook that refuses every call is given up."""


class Run:
    """A run over the sheet that was in front at the click, and its face in the workbook (run_batch's `Observer`)."""

    mode = "new"
    button = "button-post-new"
    """The key of the caption of the button that means such a run."""

    def __init__(self, host: Host, view: LiveView, lock: RunLock) -> None:
        self._host = host
        self._view = view
        self._lock = lock
        self._in_hand: int | None = None
        self._table: InventoryTable | None = None
        self._outcomes: set[int] = set()
        self._message = ""
        self._run_bar = RunBar()
        self._bar = ""
        """What the status bar said of the run's progress last."""
        self._statuses: dict[int, str] = {}
        """What the rows in hand show."""
        self._unwritable = False
        """The person has said to post though the sheet can't be written."""
        self._waits = False
        """The status bar says that the person is waited for."""

    @property
    def unexpected(self) -> str:
        """What is said when the run breaks off."""
        return tell("worker-unforeseen")

    # --- what run_batch tells

    def progress(self, percentage: float, message: str) -> None:
        """Show how far the run is; a second click is answered here, as this run owns the status bar."""
        again = f"   {tell('one-click-is-enough')}" if self._lock.clicked_meanwhile() else ""
        self._bar = f"{self._run_bar.line(percentage, message)}{again}"
        self._view.show(self._bar)

    def record_started(self, position: int, _record: Any) -> None:
        """Mark the row in hand."""
        self._in_hand = position
        self._run_bar.started(position)
        self._statuses[position] = CHECKING
        self._view.write(position, posting_status=CHECKING)

    def record_step(self, position: int, text: str) -> None:
        """Show in the row what is being done with it."""
        self._statuses[position] = in_hand_status(text, self._statuses.get(position, CHECKING))
        self._view.write(position, posting_status=self._statuses[position])

    def step(self, text: str) -> None:
        """What the bot is doing: with the row in hand, or, before there is one, for the run as a whole."""
        if self._in_hand is None:
            self._view.show(f"xlkijiji: {text}")
        else:
            self.record_step(self._in_hand, text)
            # who is needed may not look at the row
            waits = waits_for_person(text)
            if waits or self._waits:
                self._view.show(f"xlkijiji: {text}" if waits else self._bar)
            self._waits = waits

    def record_finished(self, position: int, _record: Any, result: dict[str, Any]) -> None:
        """Show how it went."""
        self._in_hand = None
        self._statuses.pop(position, None)
        self._run_bar.finished(position)
        self._outcomes.add(position)
        values: dict[str, object] = {"posting_status": result["status_update"], "attempts": result["attempts"]}
        values["last_error"] = result["last_error"] or ""
        if result["success"]:
            values |= {"ad_id": result["ad_id"], "ad_url": result["ad_url"]}
            # a cell's date has no zone; the journal keeps it with one
            values["posted_at"] = dt.datetime.fromisoformat(result["posted_at"]).replace(tzinfo=None)
        self._view.write(position, **values)

    def record_known(self, position: int, record: Any, result: dict[str, Any]) -> None:
        """Redraw a row whose ad is live already, and whose sheet has missed that."""
        self.record_finished(position, record, result)

    # --- the run itself

    def choose(self) -> tuple[InventoryTable, Settings, Choice]:
        """Read the sheet; which of its rows this run may post. Raises XlkijijiError where it is to end here."""
        table, labels, shown = self.read_rows()
        return table, Settings.from_labels(labels), choose_new(table, shown)

    def carry_out(self) -> dict[str, Any]:
        """Read, post, and leave the outcome in the sheet; run_batch's result."""
        self._view.show(tell("reading-the-sheet"))
        self._table, settings, choice = self.choose()
        table = self._table
        if choice.note:
            self._view.show(f"xlkijiji: {choice.note}")
        result = jobs.carry_out(
            table.frame,
            self.mode,
            settings,
            folder=self._host.folder,
            workbook=self._host.fullname,
            on_step=self.step,
            progress=self.progress,
            stop=self._lock.stop_requested,
            observer=self,
            row_numbers=table.rows,
            only=choice.only,
        )
        result["button"] = self.button
        self._message = result["message"]
        if result["practice"] and result["successful_posts"]:
            self._message += " " + tell("only-practised")
        if choice.note:
            self._message += f" {choice.note}"
        if result["mail"]:
            self._message += f" {result['mail']}"
        if result["failed_posts"]:
            self._message += " " + tell("failed-rows-say")
        self._view.show(f"xlkijiji: {self._message}")
        # a thread of its own: Windows keeps a notification for as long as its icon is there
        threading.Thread(target=signal_done, args=(settings.tell_when_done, self._message)).start()
        self.see_all_written()
        name = jobs.run_name()
        report = jobs.keep_report_of(self._host.fullname, result, name)
        if self._unwritable:
            self._message += " " + tell("kept-elsewhere", runs=tell("page-runs"), report=tell("page-report"))
            if report is not None:
                self._message += " " + tell("kept-as-file", file=report)
            self._view.show(f"xlkijiji: {self._message}")
            keep_run(self._host.fullname, result, report)
        else:
            note_run(self._view, result, report)
        jobs.keep_result(self._host.fullname, result, name)
        return result

    def read_rows(self) -> tuple[InventoryTable, dict[str, object], frozenset[int]]:
        """As `LiveView.read_shown`; a sheet that can't be written only on the person's word: a second click."""
        if self._unwritable:
            return self._view.read_shown(even_unwritable=True)
        try:
            return self._view.read_shown()
        except NotWritable as error:
            wish = [self.button, self._host.sheet, self._host.selection]
            if not self._lock.take_word(wish, self._host.clicked):
                question = NotWritable(f"{error} {tell('word-for-unwritable', button=tell(self.button))}")
                self._view.show(f"xlkijiji: {question}")
                if self._view.settle(SHOW_SECONDS):  # nobody says yes to what can't be seen
                    self._lock.ask_for_word(wish)
                raise question from error
        self._unwritable = True
        log.info("the sheet can't be written; posting all the same, as the person wants it")
        return self._view.read_shown(even_unwritable=True)

    def see_all_written(self) -> None:
        """Stay until what this run found out is in the sheet, or, when the workbook is closed, in its file.

        A person may be in a cell's editor, or at lunch with a dialog open. Whoever clicked again before that would
        start a run that reads old statuses, so the workbook's lock is kept meanwhile.
        """
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        self._view.check_lost()
        while not (written := self._view.settle(LOOK_AGAIN_SECONDS)):
            if self._view.trouble == "gone":
                self._tell_of_rows_that_are_gone()
                break
            refused = self._unwritable and self._view.trouble
            if self._view.trouble == "closed" or refused or time.monotonic() > deadline:
                break
        if self._unwritable:
            self._view.forget_unwritten()
            self._unwritable = not written or self._is_read_only()
        if self._outcomes and not self._view.is_open():
            self._save_into_closed_file()

    def _is_read_only(self) -> bool:
        try:
            return bool(self._view.with_book(is_read_only))
        except Exception as error:  # noqa: BLE001 — closed or busy: nobody can say that what it shows will be saved
            log.info("whether it is read-only is not known: %s", error)
            return True

    def _tell_of_rows_that_are_gone(self) -> None:
        skus = sorted({str(key[0]) for key in self._view.unwritten()})
        log.warning("no row for the outcome of %s", ", ".join(skus))
        self._view.forget_unwritten()
        self._view.show(f"xlkijiji: {self._message} {tell('not-in-sheet', skus=', '.join(skus[:8]))}")

    def _save_into_closed_file(self) -> None:
        """The workbook was closed while the run was on: its file gets the statuses instead."""
        if self._table is None:
            return
        try:
            data_io.save_matching_rows(
                self._table.frame, self._view.host.fullname, rows=sorted(self._outcomes), sheet=self._view.host.sheet
            )
        except (XlkijijiError, OSError):
            log.exception("statuses could not be written, neither into the open workbook nor into its file")


class SelectedRun(Run):
    """Post Selected: a run over the rows that were selected at the click."""

    button = "button-post-selected"

    def __init__(self, host: Host, view: LiveView, lock: RunLock) -> None:
        super().__init__(host, view, lock)
        self._clicked_rows = take_over(host.fullname, host.clicked)

    def choose(self) -> tuple[InventoryTable, Settings, Choice]:
        """As in `Run`. Raises InventoryError when nothing among them could be posted."""
        table, labels, shown = self.read_rows()
        return (
            table,
            Settings.from_labels(labels),
            choose_selected(table, shown, self._host.selection, self._clicked_rows),
        )


class AllRun(Run):
    """Post All: a run in mode all, once the person has said yes to what it would do."""

    mode = "all"
    button = "button-post-all"

    def choose(self) -> tuple[InventoryTable, Settings, Choice]:
        """As in `Run`, and asked about. Raises InventoryError when the answer isn't yes.

        What was agreed to is worked out anew afterwards: where it would be something else by now, it's asked again.
        """
        agreed: Foreseen | None = None
        self._view.show(tell("post-all-looking"))
        while True:
            table, labels, shown = self.read_rows()
            settings, choice = Settings.from_labels(labels), choose_all(table, shown)
            foreseen = foresee(table, settings, choice.only)
            if foreseen == agreed:
                return table, settings, choice
            if not foreseen:
                raise InventoryError(tell("post-all-nothing", note=choice.note).strip())
            notes = [] if agreed is None else [foreseen.change_since(agreed)]
            if 0 < settings.stop_after < foreseen.count:
                # the next click would begin with the same rows: what was replaced may be replaced again
                notes.append(tell("post-all-limit", limit=settings.stop_after))
            if not may_go_on(self._view, self._lock, self._view.host, foreseen, " ".join([*notes, choice.note])):
                raise InventoryError(tell("post-all-left"))
            agreed = foreseen


def _end(view: LiveView, lock: RunLock) -> None:
    """Leave the last message for a while, then give the status bar back, unless another run has it by then."""
    view.settle(10.0)
    lock.release()
    end = time.monotonic() + SHOW_RESULT_SECONDS
    while (left := end - time.monotonic()) > 0:
        threading.Event().wait(min(left, LOOK_FOR_UNDO_SECONDS))
        if not lock.is_on():  # else the rows are another run's by now
            view.check_lost()
            view.settle(1.0)
    if lock.acquire(0):
        try:
            view.give_back_status_bar()
        except Exception as error:  # noqa: BLE001 — each program refuses in its own way, and the run is over
            log.info("the status bar was not given back: the workbook does not answer, or is closed (%s)", error)
        finally:
            lock.release()


JOBS: dict[str, type[Run | SheetCheck | SignIn | SetupCheck]] = {
    "post": Run,
    "all": AllRun,
    "selected": SelectedRun,
    "check": SheetCheck,
    "sign-in": SignIn,
    "setup": SetupCheck,
}


def run(host: Host, prepare: Callable[[], object] | None = None, job: str = "post") -> int:
    """One run or check for `host`, or a word that one is on already; the exit code."""
    lock = RunLock(host.fullname)
    view = LiveView(host, prepare)
    view.start()
    if not lock.acquire():
        take_over(host.fullname, host.clicked)  # nobody else will, and a later click brings its own
        view.show(tell("already-running"))
        view.settle(10.0)
        view.close()
        return 0
    code = 0
    one = JOBS[job](host, view, lock)
    try:
        result = one.carry_out()
        log.info("%s ended: %s", job, result["message"])
    except XlkijijiError as error:
        log.info("%s refused: %s", job, error)
        view.show(f"xlkijiji: {error}")
        code = 1
    except Exception:
        log.exception("%s broken off", job)
        view.show(one.unexpected)
        one.see_all_written()
        code = 2
    finally:
        _end(view, lock)
        view.close()
    return code


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m xlkijiji.worker --fullname=… --sheet=… --pid=… --job=post`."""
    parser = argparse.ArgumentParser(prog="xlkijiji worker")
    parser.add_argument("--fullname", required=True)
    parser.add_argument("--sheet", required=True)
    parser.add_argument("--pid", type=int, default=0)
    parser.add_argument("--selection", default="")
    parser.add_argument("--clicked", type=float, default=0.0)
    parser.add_argument("--language", choices=LANGUAGES, default=language())
    parser.add_argument("--job", choices=sorted(JOBS), default="post")
    given = parser.parse_args(arguments)
    logs.configure()
    use(given.language)  # what the Settings say of it is read only with the sheet
    host = Host(given.fullname, given.sheet, given.pid, given.selection, given.clicked)
    return run(host, calc.activate_running if calc.PIPE_VARIABLE in os.environ else None, given.job)


if __name__ == "__main__":
    sys.exit(main())
