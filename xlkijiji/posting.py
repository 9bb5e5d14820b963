"""The order of events of a run: check every row, sign in, post one record after the other, note each outcome at once.

Knows neither Excel nor the site: a run has a DataFrame, a bot, and people who want to hear of it.

The counts of a result always add up: ``total_records == successful_posts + failed_posts + skipped_records``. Total is
the rows of the frame; skipped are those that the mode or `only` doesn't choose, blank rows, those of which the journal
knows that their ad is live or was removed by the site (`redrawn_records` of them), and those that a run which ended
early didn't come to (`remaining_records`).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import time
from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xlkijiji import logs
from xlkijiji.attempt import Attempt
from xlkijiji.batch import Batch
from xlkijiji.books import Books
from xlkijiji.bot_port import Bot, BotPort
from xlkijiji.crew import Crew
from xlkijiji.errors import InventoryError, JournalError, XlkijijiError
from xlkijiji.followers import Followers, Observer
from xlkijiji.frame_notes import Checkpoints, FrameNotes
from xlkijiji.inventory import STATUS, Record, is_unsure, match_header
from xlkijiji.journal import Journal
from xlkijiji.ledger import Ledger
from xlkijiji.manners import Manners, Pace, parse_quiet_hours
from xlkijiji.messages import tell
from xlkijiji.outcome import Outcome, result_entry
from xlkijiji.records import Records, SheetRows, as_record, read_records
from xlkijiji.run_result import objection, remarks, run_result
from xlkijiji.stopping import StopSignal, request_stop
from xlkijiji.surroundings import Neighbours, Patience, Surroundings
from xlkijiji.validators import Pictures

__all__ = ["Observer", "Patience", "post_single", "request_stop", "run_batch"]

log = logging.getLogger(__name__)

MODES = ("new", "all")


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


def run_batch(
    df: pd.DataFrame,
    mode: str,
    bot: Bot | Sequence[Bot],
    images_dir: Path | None = None,
    progress_cb: Callable[[float, str], object] | None = None,
    file_path: Path | str | None = None,
    *,
    journal: Journal | None = None,
    persist_every: float = 0.1,
    observer: Observer | object | None = None,
    row_numbers: Sequence[int] | None = None,
    only: Container[int] | None = None,
    workers: int = 1,
    make_bot: Callable[[], Bot] | None = None,
    pause_seconds: float = 0.0,
    pause_jitter: float = 0.0,
    ads_per_minute: float = 0.0,
    stop_after: int = 0,
    quiet_hours: str = "",
    workbook: str = "",
    patience: Patience | None = None,
    stop: Callable[[], bool] | None = None,
    clock: Callable[[], dt.datetime] = _now,
    sleep: Callable[[float], None] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Post the rows of `df` that `mode` chooses, and write each outcome into `df['posting_status']` at once.

    `mode` is 'new' (status blank, `pending`, or `Error…`) or 'all'. `bot` has `post_ad(record)`; see `bot_port.BotPort`
    for what else is used. Photos named in a row must be pictures in `images_dir`; without a folder, photos that aren't
    named by a full path are the bot's business. `progress_cb(percentage, message)` hears of each record, and of the
    end. `file_path` is saved after every `persist_every` of the records (below 1 a share, at least every record; from 1
    on a count; 0 only at the end), and always at the end; the file as it was before is kept as `NAME.backup.EXT`.

    With a `journal` the intent is on the disk before each click and the outcome before anybody hears of it; what an
    earlier run left open is settled first, by looking; a record that is live is not posted again in mode new, and is
    replaced in mode all. It lets one run at a time work for the bot's `account`. `workbook` names the inventory in it
    (else `file_path` does).

    `workers` bots post at the same time: `bot` may be a list of them, and `make_bot()` makes further ones, also in the
    place of one whose browser has gone. All of them keep one pace: between two ads `pause_seconds`, plus up to
    `pause_jitter` of it by chance; at most `ads_per_minute` (0: any number) and `stop_after` ads (0: no limit); none in
    the `quiet_hours` ("22:00-07:00", by `clock`). `patience`: how often a hiccup of the site is tried again, and how
    long a person is waited for.

    The run ends after the record in hand when `stop()` says so, at `request_stop()`, and at the first Ctrl+C (in the
    main thread). The second Ctrl+C, or a KeyboardInterrupt out of the bot, breaks off: a row whose ad surely wasn't
    submitted is as it was, else it's `Error: Unsure …`, which no run posts before the site was looked at. Only a bot
    whose `post_ad` has `before_submit` can tell.

    `observer` follows each record (see `Observer`). `row_numbers` are the sheet's rows, for messages. `only`: the
    positions (from 0) of rows that may be chosen, None for all; the others count as skipped, and are left alone in the
    frame and the journal, but a stock number that one of them shares is still a repeated one. `clock` gives the time
    with its zone, `sleep` waits so many seconds, `monotonic` tells the seconds that passed.

    Never raises an `Exception`. The result: `success` (False only when the run could not begin or was broken off),
    `total_records`, `successful_posts`, `failed_posts`, `skipped_records`, `remaining_records`, `redrawn_records`,
    `results`, `statistics` (see `run_statistics.statistics_of`), `message`, `run_id` ('' without a journal), and
    `ended`: done, limit, stopped, interrupted or critical. Each entry of `results`: `success`, `message`,
    `status_update`, `ad_url`, `ad_id`, `record_id`, `row`, `timestamp` and `posted_at` (ISO with zone), `duration_s`
    (seconds), `error_kind`, `error_code`, `last_error`, `evidence`, `tries` (in this run), `attempts` (in all),
    `warnings` (a list of sentences about what didn't keep it from being posted; of these `last_error` has what only
    posting could show).
    """
    followers = Followers(progress_cb, observer)
    folder = None if images_dir is None else Path(images_dir).absolute()
    signal = StopSignal(stop)
    wait = sleep or signal.wait
    try:
        crew = _crew(df, mode, bot, make_bot, workers)
        pace = Pace(pause_seconds, pause_jitter, ads_per_minute, stop_after, parse_quiet_hours(quiet_hours))
        if not len(df):
            return _nothing(df, followers)
        records = read_records(df, folder)
        numbers = _row_numbers(df, records, row_numbers)
        notes = FrameNotes(df, records.columns)
    except XlkijijiError as error:
        return _refused(df, str(error))
    except Exception:
        log.exception("the inventory could not be read")
        return _refused(df, tell("inventory-not-read"))

    def batch(ledger: Ledger) -> Batch:
        books = Books(
            records=records,
            numbers=numbers,
            notes=notes,
            ledger=ledger,
            followers=followers,
            manners=Manners(pace, signal, sleep=wait, monotonic=monotonic, clock=clock, say=followers.say),
            clock=clock,
            monotonic=monotonic,
        )
        return Batch(
            mode=mode,
            books=books,
            crew=crew,
            pictures=Pictures(folder),
            checkpoints=lambda count: Checkpoints(df, file_path, persist_every, count),
            stop=signal,
            patience=patience or Patience(),
            sleep=wait,
            only=only,
        )

    with signal.listening(followers.say):
        result = _with_journal(batch, journal, crew.first.account, workbook or str(file_path or ""), mode, clock, df)
    done, left = len(result["results"]), result["remaining_records"]
    followers.progress(100.0 if result["success"] else 100.0 * done / max(1, done + left), result["message"])
    return result


def _with_journal(
    batch: Callable[[Ledger], Batch],
    journal: Journal | None,
    account: str,
    workbook: str,
    mode: str,
    clock: Callable[[], dt.datetime],
    df: pd.DataFrame,
) -> dict[str, Any]:
    """Carry the run out, with its beginning and end in the journal; alone for its account."""
    if journal is None:
        return batch(Ledger(None, account, "", clock)).carry_out()
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(journal.only_run(account))
            run_id = journal.begin_run(account, workbook, mode, clock())
            ledger = Ledger(journal, account, run_id, clock)
        except JournalError as error:
            log.warning("the run could not begin: %s", error)
            return _refused(df, str(error))
        with logs.context(run=run_id):
            result = batch(ledger).carry_out()
        try:
            journal.end_run(run_id, result["ended"], result["statistics"], clock())
        except JournalError as error:
            log.warning("the end of run %s could not be noted: %s", run_id, error)
        return result


def post_single(
    record: Any,
    bot: Bot,
    images_dir: Path | None = None,
    *,
    status: str = "",
    clock: Callable[[], dt.datetime] = _now,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Check and post one record (a `Record`, a dict, or a row of a DataFrame); its entry as in `run_batch`'s results.

    The caller signs the bot in and out. `status` is what its row says: after an unknown outcome the site is looked at
    first. Never raises an `Exception`; an interrupt comes through.
    """
    started = time.monotonic()
    try:
        folder = None if images_dir is None else Path(images_dir).absolute()
        port, filled = BotPort(bot), as_record(record, folder)
        pictures = Pictures(folder)
        outcome = objection(filled, port, pictures)
        said = remarks(filled, port)
        if outcome is None:
            pictures.fetch(filled)
            outcome = _single(port, filled, status or filled.get("posting_status"), clock, sleep)
    except XlkijijiError as error:
        filled, outcome, said = Record(), Outcome.failed(str(error), error.kind), []
    except Exception as error:
        filled, outcome, said = Record(), Outcome.unforeseen(error), []
        log.exception("a single record could not be posted, code %s", outcome.code)
    return result_entry(filled, outcome, clock(), time.monotonic() - started, warnings=said)


def _single(
    port: BotPort, record: Record, status: object, clock: Callable[[], dt.datetime], sleep: Callable[[float], None]
) -> Outcome:
    around = Surroundings(
        now=clock,
        sleep=sleep,
        stopping=lambda: False,
        step=lambda _text: None,
        neighbours=Neighbours,
        another_bot=lambda _broken: None,
        patience=Patience(),
        ledger=Ledger(None, port.account, "", clock),
    )
    attempt = Attempt(port, record, around)
    outcome = attempt.settle(status) if is_unsure(status) else None
    return outcome if outcome is not None else attempt.post(status)


# --- before the run


def _crew(df: object, mode: object, bot: Any, make_bot: Callable[[], Bot] | None, workers: int) -> Crew:
    if not isinstance(df, pd.DataFrame):
        given = "None" if df is None else type(df).__name__
        raise InventoryError(
            f"The inventory must be a pandas DataFrame, not {given}. Read the file with load_inventory."
        )
    if not isinstance(mode, str) or mode not in MODES:
        raise InventoryError(
            f"The mode {mode!r} isn't known. Use 'new' (rows that aren't on the site yet) or 'all' (every row)."
        )
    return Crew(bot, make_bot, workers)


def _nothing(df: pd.DataFrame, followers: Followers) -> dict[str, Any]:
    """No rows: nothing to do, whichever columns are there."""
    if match_header(STATUS) not in map(match_header, df.columns):
        df[STATUS] = pd.Series(dtype=object)
    result = run_result(0, 0, [], "done", tell("inventory-has-no-rows"))
    followers.progress(100.0, result["message"])
    return result


def _row_numbers(df: pd.DataFrame, records: Records, given: Sequence[int] | None) -> list[int | None]:
    if given is not None and len(given) == len(records):
        return list(given)
    if given is not None:
        log.warning("row_numbers has %d numbers for %d rows, and is not used", len(given), len(records))
    noted = df.attrs.get("rows")
    return noted.match(records.skus) if isinstance(noted, SheetRows) else [None] * len(records)


def _refused(df: object, message: str) -> dict[str, Any]:
    total = len(df) if isinstance(df, pd.DataFrame) else 0
    return run_result(total, 0, [], "critical", message)
