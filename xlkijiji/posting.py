"""The order of events of a run: check every row, sign in, post one record after the other, note each outcome at once.

Knows neither Excel nor the site: a run has a DataFrame, a bot, and people who want to hear of it.

The counts of a result always add up: ``total_records == successful_posts + failed_posts + skipped_records``. Total is
the rows of the frame; skipped are those that the mode doesn't choose, blank rows, and those that a run which ended
early didn't come to (`remaining_records` of them).
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xlkijiji.attempt import SYSTEM_ERROR, Attempt, Bot, BotPort, Outcome
from xlkijiji.batch import Batch, Pace, batch_result, objection, result_entry
from xlkijiji.errors import InventoryError, XlkijijiError
from xlkijiji.followers import Followers, Observer
from xlkijiji.frame_notes import Checkpoints, FrameNotes
from xlkijiji.inventory import STATUS, Record, is_new, is_unsure, match_header
from xlkijiji.records import Records, SheetRows, as_record, read_records
from xlkijiji.validators import Pictures

__all__ = ["Observer", "post_single", "run_batch"]

log = logging.getLogger(__name__)

MODES = ("new", "all")


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


def run_batch(
    df: pd.DataFrame,
    mode: str,
    bot: Bot,
    images_dir: Path | None = None,
    progress_cb: Callable[[float, str], object] | None = None,
    file_path: Path | str | None = None,
    *,
    save_every: float = 0.1,
    observer: Observer | object | None = None,
    row_numbers: Sequence[int] | None = None,
    pause_seconds: float = 0.0,
    stop_after: int = 0,
    stop: Callable[[], bool] | None = None,
    clock: Callable[[], dt.datetime] = _now,
    sleep: Callable[[float], object] = time.sleep,
) -> dict[str, Any]:
    """Post the rows of `df` that `mode` chooses, and write each outcome into `df['posting_status']` at once.

    `mode` is 'new' (status blank, `pending`, or `Error…`) or 'all'. `bot` has `post_ad(record)`; see `attempt.BotPort`
    for what else is used. Photos named in a row must be pictures in `images_dir`; without a folder, photos that aren't
    named by a full path are the bot's business. `progress_cb(percentage, message)` hears of each record, and of the
    end. `file_path` is saved after every `save_every` of the records (below 1 a share, else a count; 0 only at the
    end), and always at the end.

    `observer` follows each record (see `Observer`). `row_numbers` are the sheet's rows, for messages. Between two ads
    the run waits `pause_seconds` through `sleep`. It ends early, in good order, after `stop_after` ads (0: no limit)
    or when `stop()`, asked between records, says so. `clock` gives the time with its zone.

    After a KeyboardInterrupt the record in hand is settled first: its row is as it was when the ad surely wasn't
    submitted, else `Error: Unsure …`, which no run posts before the site was looked at. Only a bot whose `post_ad` has
    `before_submit` can tell; with any other one, an interrupt inside `post_ad` leaves the row unsure.

    Never raises an `Exception`. The result: `success` (False only when the run could not begin or was broken off),
    `total_records`, `successful_posts`, `failed_posts`, `skipped_records`, `remaining_records`, `results`, `message`,
    and `ended`: done, limit, stopped, interrupted or critical. Each entry of `results`: `success`, `message`,
    `status_update`, `ad_url`, `ad_id`, `record_id`, `row`, `timestamp` (ISO with zone), `duration_s` (seconds),
    `error_kind`.
    """
    followers = Followers(progress_cb, observer)
    folder = None if images_dir is None else Path(images_dir)
    try:
        port = _port(df, mode, bot)
        if not len(df):
            return _nothing(df, followers)
        records = read_records(df, folder)
        numbers = _row_numbers(df, records, row_numbers)
        notes = FrameNotes(df, records.columns)
    except InventoryError as error:
        return _refused(df, str(error))
    except Exception:
        log.exception("the inventory could not be read")
        return _refused(df, "The inventory could not be read. Nothing was posted; the log has the details.")
    chosen = [at for at, status in enumerate(notes.statuses()) if _is_chosen(status, mode) and records.has_content(at)]
    batch = Batch(
        records=records,
        chosen=chosen,
        numbers=numbers,
        notes=notes,
        port=port,
        pictures=Pictures(folder),
        followers=followers,
        checkpoints=Checkpoints(df, file_path, save_every, len(chosen)),
        pace=Pace(pause_seconds, stop_after, stop or (lambda: False), sleep),
        clock=clock,
        replace_old=mode == "all",
    )
    return batch.carry_out()


def post_single(
    record: Any,
    bot: Bot,
    images_dir: Path | None = None,
    *,
    status: str = "",
    clock: Callable[[], dt.datetime] = _now,
) -> dict[str, Any]:
    """Check and post one record (a `Record`, a dict, or a row of a DataFrame); its entry as in `run_batch`'s results.

    The caller signs the bot in and out. `status` is what its row says: after an unknown outcome the site is looked at
    first. Never raises an `Exception`; an interrupt comes through.
    """
    started = time.monotonic()
    try:
        folder = None if images_dir is None else Path(images_dir)
        port, filled = BotPort(bot), as_record(record, folder)
        outcome = objection(filled, port, Pictures(folder))
        if outcome is None:
            outcome = Attempt(port, filled, lambda: clock().date()).carry_out(status or filled.get("posting_status"))
    except XlkijijiError as error:
        filled, outcome = Record(), Outcome.failed(str(error), error.kind)
    except Exception:
        log.exception("a single record could not be posted")
        filled, outcome = Record(), Outcome.failed(SYSTEM_ERROR, "system")
    return result_entry(filled, outcome, clock(), time.monotonic() - started)


# --- before the run


def _port(df: object, mode: object, bot: object) -> BotPort:
    if not isinstance(df, pd.DataFrame):
        raise InventoryError(
            f"The inventory must be a pandas DataFrame, not {type(df).__name__}. Read the file with load_inventory."
        )
    if not isinstance(mode, str) or mode not in MODES:
        raise InventoryError(
            f"The mode {mode!r} isn't known. Use 'new' (rows that aren't on the site yet) or 'all' (every row)."
        )
    return BotPort(bot)


def _nothing(df: pd.DataFrame, followers: Followers) -> dict[str, Any]:
    """No rows: nothing to do, whichever columns are there."""
    if match_header(STATUS) not in map(match_header, df.columns):
        df[STATUS] = pd.Series(dtype=object)
    result = batch_result(0, 0, [], "done", "Done: the inventory has no rows, so there was nothing to post.")
    followers.progress(100.0, result["message"])
    return result


def _row_numbers(df: pd.DataFrame, records: Records, given: Sequence[int] | None) -> list[int | None]:
    if given is not None and len(given) == len(records):
        return list(given)
    if given is not None:
        log.warning("row_numbers has %d numbers for %d rows, and is not used", len(given), len(records))
    noted = df.attrs.get("rows")
    return noted.match(records.skus) if isinstance(noted, SheetRows) else [None] * len(records)


def _is_chosen(status: object, mode: str) -> bool:
    # a row that an earlier run left "Posting…" is unsure, and is settled like any other unsure one
    return mode == "all" or is_new(status) or is_unsure(status)


def _refused(df: object, message: str) -> dict[str, Any]:
    total = len(df) if isinstance(df, pd.DataFrame) else 0
    return batch_result(total, 0, [], "critical", message)
