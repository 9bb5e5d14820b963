"""The way out of a damaged journal: keep the damaged file, and save every record that can still be read from it.

A record of which nothing can be read is lost to the journal, so the sheet's own status counts for it again.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlkijiji.errors import JournalError, system_reason
from xlkijiji.journal import Journal
from xlkijiji.messages import tell

__all__ = ["repair"]

TABLES = ("records", "events", "runs", "outcomes")


def repair(path: Path) -> tuple[Path | None, dict[str, int]]:
    """Put a sound journal in the place of the one at `path`; (where the damaged one is kept, rows saved by table).

    A sound journal is left as it is: (None, {}). Raises JournalError when there is none, when a run is using it, or
    when the new one can't be written.
    """
    if not path.exists():
        raise JournalError(tell("no-journal", path=path))
    try:
        Journal(path).close()
    except JournalError:
        pass
    else:
        return None, {}
    damaged = path.with_name(f"{path.stem}.damaged-{dt.datetime.now().astimezone():%Y%m%d-%H%M%S}{path.suffix}")
    fresh = path.with_name(f"{path.stem}.repaired{path.suffix}")
    fresh.unlink(missing_ok=True)
    try:
        with Journal(fresh) as journal:
            saved = {table: journal.restore(table, list(_readable(path, table))) for table in TABLES}
        for suffix in ("-wal", "-shm"):
            beside = Path(f"{path}{suffix}")
            if beside.exists():
                beside.rename(f"{damaged}{suffix}")
        path.rename(damaged)
        fresh.rename(path)
    except OSError as error:
        raise JournalError(tell("journal-not-replaced", path=path, reason=system_reason(error))) from error
    return damaged, saved


def _readable(path: Path, table: str) -> Iterator[dict[str, Any]]:
    """The rows of `table` that SQLite can still read, one by one: a bad page costs its own rows only."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    database.text_factory = lambda content: content.decode("utf-8", errors="replace")
    try:
        try:
            last = database.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0  # noqa: S608 — from TABLES
        except sqlite3.Error:
            last = 0
        at, step = 0, 256
        while at < last:
            try:
                rows = database.execute(
                    f"SELECT * FROM {table} NOT INDEXED WHERE rowid > ? AND rowid <= ?",  # noqa: S608 — same
                    (at, at + step),
                ).fetchall()
            except sqlite3.Error:
                if step > 1:
                    step //= 2
                    continue
                rows = []
            yield from map(dict, rows)
            at, step = at + step, min(256, step * 2)
    finally:
        database.close()
