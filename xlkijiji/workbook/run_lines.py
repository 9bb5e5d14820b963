"""Each run's line on the sheet Runs, written when the run has ended.

Where the workbook is closed by then, or refuses, the line is kept in a file, and the workbook's next run writes it.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from xlkijiji.paths import runs_dir
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.runs_sheet import RunLine, add_line, line_of

__all__ = ["keep_run", "note_run"]

log = logging.getLogger(__name__)

TRIES, TRY_AGAIN_SECONDS = 6, 5.0
"""How often, and after which pause, a spreadsheet that refuses is asked again: a person may be editing a cell."""
ENDING = ".line"
"""Of a file beside the results of the runs."""


@dataclass(frozen=True)
class _Kept:
    """What such a file holds."""

    workbook: str
    line: RunLine


_KEPT = TypeAdapter(_Kept)


def note_run(view: LiveView, result: Mapping[str, Any], report: Path | None) -> None:
    """Write the run's line, and those that wait, into the open workbook, within a minute or so; else keep it."""
    line = _line_of(result, report)
    pause = threading.Event()  # never set: a wait between two tries
    for attempt in range(1, TRIES + 1):
        try:
            workbook = view.host.fullname
            for path, earlier in _waiting(workbook):
                view.with_book(functools.partial(add_line, line=earlier))
                path.unlink()
            view.with_book(lambda book: add_line(book, line))
        except Exception as error:  # noqa: BLE001 — each program refuses in its own way, and the line is no outcome
            log.warning("the sheet Runs could not be written, try %d of %d: %s", attempt, TRIES, error)
            if view.trouble == "closed" or attempt == TRIES:
                break
            pause.wait(TRY_AGAIN_SECONDS)
        else:
            return
    _keep(view.host.fullname, line)


def keep_run(workbook: str, result: Mapping[str, Any], report: Path | None) -> None:
    """Keep the run's line for the next run of the workbook, which can't be written to now."""
    _keep(workbook, _line_of(result, report))


def _line_of(result: Mapping[str, Any], report: Path | None) -> RunLine:
    return line_of(result, report, dt.datetime.now().astimezone())


def _keep(workbook: str, line: RunLine) -> None:
    """What can't be kept is logged: a line is no outcome."""
    name = f"{line.when:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}{ENDING}"
    try:
        half = runs_dir() / f"{name}.tmp"
        half.write_bytes(_KEPT.dump_json(_Kept(workbook, line)))
        half.replace(runs_dir() / name)
    except OSError as error:
        log.warning("the line of a run could not be kept in %s: %s", name, error)


def _waiting(workbook: str) -> Iterator[tuple[Path, RunLine]]:
    """The lines that wait for this workbook, oldest first, each with its file, which is to be removed once written."""
    for path in sorted(runs_dir().glob(f"*{ENDING}")):
        try:
            kept = _KEPT.validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            log.warning("the line of a run in %s can't be read: %s", path.name, error)
        else:
            if os.path.normcase(kept.workbook) == os.path.normcase(workbook):
                yield path, kept.line
