"""A run with everything around it: the journal, the bots, the result that is kept, the summary by e-mail.

What the button does for an open workbook (`worker`) and the terminal for a closed file (`terminal`) is the same job.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
import re
from collections.abc import Callable, Container, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from xlkijiji import logs, paths
from xlkijiji.bots import make_bot
from xlkijiji.errors import SettingsError
from xlkijiji.followers import Observer
from xlkijiji.journal import Journal
from xlkijiji.messages import tell
from xlkijiji.notify import send_summary
from xlkijiji.posting import run_batch
from xlkijiji.run_report import keep_report
from xlkijiji.settings import Settings

__all__ = [
    "EVIDENCE_DAYS",
    "carry_out",
    "drop_old_evidence",
    "journal_file",
    "keep_report_of",
    "keep_result",
    "refuse_replacing_drafts",
    "run_name",
]

log = logging.getLogger(__name__)

PAUSE_JITTER = 0.25
"""On Kijiji a pause between two ads is up to so much longer, so that they don't come like clockwork."""

EVIDENCE_DAYS = 30
"""How long the pictures of failed records are kept: over a holiday, and not for ever. They show what only the account
may see."""
EVIDENCE_ENDINGS = frozenset({".png", ".html"})
_TIME = "%Y%m%d-%H%M%S"
_RUN_NAME = re.compile(r"(\d{8}-\d{6})-\d+")


def journal_file(settings: Settings) -> Path:
    """The journal of these settings' site: what was practised is never taken for posted, nor the reverse."""
    if not settings.practice_mode:
        return paths.journal_file()
    site = urlsplit(settings.practice_url)
    return paths.data_dir("practice") / f"journal-{site.port}.sqlite3"


def carry_out(
    frame: pd.DataFrame,
    mode: str,
    settings: Settings,
    *,
    folder: Path,
    workbook: str,
    on_step: Callable[[str], None],
    progress: Callable[[float, str], object],
    stop: Callable[[], bool],
    observer: Observer | object | None = None,
    row_numbers: Sequence[int] | None = None,
    only: Container[int] | None = None,
    file_path: Path | None = None,
    workers: int = 1,
) -> dict[str, Any]:
    """Post the rows of `frame` as `settings` ask; run_batch's result, with `mode`, `practice`, `account`, and
    `mail`: why no summary was sent, or None.

    `folder` is where a relative pictures folder lies; `workbook` names the file in the journal and in the summary.
    Raises SettingsError, and JournalError when the journal can't be opened.
    """
    refuse_replacing_drafts(settings, mode)
    practice = settings.practice_mode
    drop_old_evidence(dt.datetime.now().astimezone())
    evidence_dir = paths.runs_dir() / run_name()
    with contextlib.ExitStack() as open_things:
        journal = open_things.enter_context(Journal(journal_file(settings)))

        def another_bot() -> Any:
            return open_things.enter_context(make_bot(settings, folder, on_step, evidence_dir))

        bot = another_bot()
        logs.event(log, "run", workbook=Path(workbook).name, mode=mode, rows=len(frame), practice=practice)
        result = run_batch(
            frame,
            mode,
            bot,
            settings.images_dir(folder),
            progress,
            file_path,
            journal=journal,
            observer=observer,
            row_numbers=row_numbers,
            only=only,
            workbook=workbook,
            workers=workers,
            make_bot=another_bot,
            pause_seconds=0 if practice else settings.pause_seconds,
            pause_jitter=0 if practice else PAUSE_JITTER,
            ads_per_minute=0 if practice else settings.ads_per_minute,
            quiet_hours="" if practice else settings.quiet_hours,
            stop_after=settings.stop_after,
            stop=stop,
        )
        account = str(getattr(bot, "account", ""))
    result |= {"mode": mode, "practice": practice, "account": account}
    result["mail"] = send_summary(settings, result, workbook=workbook, account=account)
    logs.event(
        log, "run ended", run=result["run_id"], ended=result["ended"], seconds=result["statistics"]["duration_s"]
    )
    return result


def refuse_replacing_drafts(settings: Settings, mode: str) -> None:
    """Raises SettingsError for mode all in draft mode."""
    if settings.draft_mode and mode != "new":
        raise SettingsError(tell("draft-mode-only-new"))


def drop_old_evidence(now: dt.datetime) -> None:
    """Remove the pictures and page sources of runs that began more than EVIDENCE_DAYS before `now`.

    Only those, and the folders that they leave empty: the results of the runs stay, and so does what else lies there.
    """
    for folder in paths.runs_dir().iterdir():
        found = _RUN_NAME.fullmatch(folder.name)
        if found is None or folder.is_symlink() or not folder.is_dir():
            continue
        try:
            began = dt.datetime.strptime(found[1], _TIME).astimezone()
            if now - began > dt.timedelta(days=EVIDENCE_DAYS):
                for file in folder.iterdir():
                    if file.suffix in EVIDENCE_ENDINGS:
                        file.unlink()
                folder.rmdir()
        except (ValueError, OSError) as error:  # no day of the calendar, a file that is open, or one that isn't ours
            log.warning("the old evidence in %s stays: %s", folder, error)


def run_name() -> str:
    """What the files that are kept of a run are called: its time, and the process's number."""
    return f"{dt.datetime.now().astimezone():{_TIME}}-{os.getpid()}"


def keep_report_of(workbook: str, result: dict[str, Any], name: str) -> Path | None:
    """Keep the page for people beside the result; its path, or None when it could not be written."""
    return keep_report(paths.runs_dir() / f"{name}.html", workbook, result)


def keep_result(workbook: str, result: dict[str, Any], name: str) -> Path | None:
    """Keep the result as the file `name`, when all of it is in the sheet; the file, or None when it can't be kept."""
    path = paths.runs_dir() / f"{name}.json"
    whole = {"workbook": workbook, "ended_at": dt.datetime.now().astimezone().isoformat(), "result": result}
    text = json.dumps(whole, ensure_ascii=False, indent=1, default=str)
    try:
        # whoever waits for the file must not find half of it
        half = path.with_suffix(".tmp")
        half.write_text(text, encoding="utf-8")
        return half.replace(path)
    except OSError as error:
        log.warning("the result could not be kept in %s: %s", path, error)
        return None
