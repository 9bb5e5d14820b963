"""Post All: what it would do, worked out beforehand without changing anything; and the question whether it may."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import sqlite3
import tempfile
import threading
import time
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from xlkijiji import jobs
from xlkijiji.bots import account_name
from xlkijiji.errors import InventoryError
from xlkijiji.inventory import STATUS, cell_text
from xlkijiji.journal import Journal
from xlkijiji.journal_schema import in_plain_words
from xlkijiji.ledger import Ledger
from xlkijiji.messages import tell
from xlkijiji.question import Question
from xlkijiji.records import InventoryTable, read_records
from xlkijiji.recovery import make_plan
from xlkijiji.runlock import RunLock
from xlkijiji.settings import Settings
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.reader import RowKey, row_keys_of
from xlkijiji.workbook.session import Host

__all__ = ["Foreseen", "foresee", "may_go_on"]

ANSWER_SECONDS = 60
SHOW_SECONDS = 30.0
"""For how long a workbook that refuses every call is asked to show the question."""


@dataclass(frozen=True)
class Foreseen:
    """What a run in mode all would do with each row; equal when it would do the same with the same rows and ads."""

    replaced: Mapping[RowKey, str]
    """The old ad's id, blank where only the site knows it."""
    first: frozenset[RowKey]
    """Posted for the first time, as far as anybody knows."""
    unsure: frozenset[RowKey]
    """Looked for on the site first."""
    account: str
    """Whose ads they are."""
    site: str
    """Its address."""

    @property
    def count(self) -> int:
        """How many rows."""
        return len(self.replaced) + len(self.first) + len(self.unsure)

    def __bool__(self) -> bool:
        return self.count > 0

    def change_since(self, agreed: Foreseen) -> str:
        """Why this isn't what was agreed to, in a sentence."""
        if (self.account, self.site) != (agreed.account, agreed.site):
            return tell("post-all-elsewhere", site=urlsplit(self.site).netloc)
        return tell("post-all-changed")

    def __str__(self) -> str:
        counts = {
            "post-all-replaced": len(self.replaced),
            "post-all-first": len(self.first),
            "post-all-unsure": len(self.unsure),
        }
        return ", ".join(tell(key, count=count) for key, count in counts.items() if count or key == "post-all-replaced")


def foresee(table: InventoryTable, settings: Settings, only: Container[int]) -> Foreseen:
    """What a run in mode all over these rows would do, by the very plan of such a run.

    It is made with a copy of the journal: a plan notes a person's words in it. Nothing else is opened or changed.
    Raises SettingsError, InventoryError, JournalError.
    """
    jobs.refuse_replacing_drafts(settings, "all")
    records = read_records(table.frame)
    statuses = [cell_text(cell) for cell in records.cells(STATUS)]
    with _copy_of_journal(jobs.journal_file(settings)) as journal:
        account = account_name(settings)
        ledger = Ledger(journal, account, journal.begin_run(account, "", "all", _now()), _now)
        plan = make_plan(records, statuses, "all", ledger, only)
    keys = row_keys_of(table)
    return Foreseen(
        {keys[at]: old for at, old in plan.old_ads.items()},
        frozenset(keys[at] for at in plan.chosen if at not in plan.old_ads and at not in plan.unsettled),
        frozenset(keys[at] for at in plan.unsettled),
        account,
        settings.base_url,
    )


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


@contextlib.contextmanager
def _copy_of_journal(path: Path) -> Iterator[Journal]:
    """The journal in a place of its own, gone afterwards; an empty one where there is none yet."""
    with tempfile.TemporaryDirectory(prefix="xlkijiji-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / path.name
        if path.exists():
            try:
                with (
                    contextlib.closing(sqlite3.connect(path)) as source,
                    contextlib.closing(sqlite3.connect(copy)) as to,
                ):
                    source.backup(to)
            except sqlite3.Error as error:
                raise in_plain_words(error, path) from error
        with Journal(copy) as journal:
            yield journal


def may_go_on(view: LiveView, lock: RunLock, host: Host, foreseen: Foreseen, note: str = "") -> bool:
    """Ask in the status bar; True when Post All is clicked again in time, False for Stop and for no answer.

    It names the workbook and the sheet, since a program has one status bar for all its workbooks, and only a click on
    that sheet is an answer.

    Raises InventoryError when the workbook doesn't show the question.
    """

    def show(seconds: int) -> None:
        book = Path(host.fullname).name
        question = tell("post-all-question", what=foreseen, seconds=seconds, sheet=host.sheet, book=book)
        view.show(f"xlkijiji: {question} {note}".rstrip())

    show(ANSWER_SECONDS)
    if not view.settle(SHOW_SECONDS):
        raise InventoryError(tell("post-all-not-asked"))
    question = Question(host.fullname, host.sheet, host.pid)
    shown, end = ANSWER_SECONDS, time.monotonic() + ANSWER_SECONDS
    with question.asked():
        # written anew each second: any click on a button puts a greeting into the status bar
        while (left := math.ceil(end - time.monotonic())) > 0:
            if lock.stop_requested():
                return False
            if question.is_answered():
                return True
            if left != shown:
                show(left)
                shown = left
            threading.Event().wait(0.1)
    return False
