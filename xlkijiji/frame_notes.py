"""What a run writes into its DataFrame, by position and in place, and when the file gets it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xlkijiji import data_io
from xlkijiji.errors import XlkijijiError
from xlkijiji.file_replacement import backup_inventory
from xlkijiji.inventory import STATUS, cell_text
from xlkijiji.messages import tell
from xlkijiji.outcome import Outcome

__all__ = ["Checkpoints", "FrameNotes"]

log = logging.getLogger(__name__)

_OURS = ("ad_id", "ad_url", "posted_at", "attempts", "last_error")


class FrameNotes:
    """The columns of a frame that belong to xlkijiji.

    The frame is the caller's own, so it is changed in place and by position: its index may have gaps, repeats or text.
    The status becomes a column of text, with '' for blanks: pandas refuses text in a column of NaN, or of categories.
    """

    def __init__(self, df: pd.DataFrame, columns: dict[str, int]) -> None:
        self._df = df
        if STATUS in columns:
            self._status_at = columns[STATUS]
            cells = df.iloc[:, self._status_at].tolist()
            self._statuses = [cell if isinstance(cell, str) and cell.strip() else cell_text(cell) for cell in cells]
            self._make_objects(self._status_at, self._statuses)
        else:
            self._status_at = df.shape[1]
            self._statuses = [""] * len(df)
            df.insert(self._status_at, STATUS, pd.Series(self._statuses, index=df.index, dtype=object))
        self._ours = {name: columns[name] for name in _OURS if name in columns}
        self._ours_are_objects = False

    def statuses(self) -> list[str]:
        """The status of each row, in order."""
        return list(self._statuses)

    def status(self, position: int) -> str:
        """The status of one row, as this run knows it."""
        return self._statuses[position]

    @property
    def view(self) -> Sequence[str]:
        """The statuses themselves, always as they are now; not to be changed."""
        return self._statuses

    def tell(self, position: int, status: str) -> None:
        """Note a status alone."""
        self._statuses[position] = status
        self._df.iat[position, self._status_at] = status

    def write(self, position: int, outcome: Outcome, entry: Mapping[str, Any]) -> None:
        """Note the outcome of the row at `position`, and of its `entry` what the frame has columns for."""
        self.tell(position, outcome.status)
        if not self._ours:
            return
        values: dict[str, str | int] = {"attempts": entry["attempts"], "last_error": outcome.last_error}
        if outcome.success:
            values |= {"ad_id": outcome.ad_id, "ad_url": outcome.ad_url, "posted_at": entry["posted_at"]}
        elif outcome.old_ad_gone:
            values |= {"ad_id": "", "ad_url": "", "posted_at": ""}
        if not self._ours_are_objects:
            for at in self._ours.values():
                self._make_objects(at, self._df.iloc[:, at].tolist())
            self._ours_are_objects = True
        for name, at in self._ours.items():
            if name in values:
                self._df.iat[position, at] = values[name]

    def _make_objects(self, at: int, cells: list[Any]) -> None:
        # a Series, as pandas 3 would make its own text type of a bare array, and copy all of it at each write
        column = pd.Series(cells, index=self._df.index, dtype=object)
        self._df.isetitem(at, column)  # type: ignore[arg-type]  # pandas takes a Series; its stubs forget it


class Checkpoints:
    """Saves the statuses of this run into the frame's file every so many records.

    Only rows that have an outcome are written: what a person or another program puts into the other ones meanwhile
    stays. A file that can't be written stops nobody.

    `every` below 1 is a share of the `total` records of the run, at least one record; from 1 on it is a count; 0 or
    less means only `save`.
    """

    def __init__(self, df: pd.DataFrame, path: Path | str | None, every: float, total: int) -> None:
        self._df = df
        self._path = None if path is None else Path(path)
        if every <= 0:
            self._interval = 0
        else:
            self._interval = max(1, int(total * every)) if every < 1 else int(every)
        self._waiting = 0
        self._kept = False
        self._noted: set[int] = set()
        self.error: str | None = None
        """A sentence about what the latest save could not do; None when it did all."""

    def tick(self, position: int) -> None:
        """The row at `position` has its outcome."""
        self._noted.add(position)
        self._waiting += 1
        if self._interval and self._waiting >= self._interval:
            self.save()

    def save(self) -> None:
        """Save now; a failure is logged and kept in `error`."""
        self._waiting = 0
        if self._path is None:
            return
        try:
            if not self._noted and self._path.exists():
                return
            self.error = self._keep_old_file()
            unmatched = data_io.save_matching_rows(self._df, self._path, rows=self._noted)
        except Exception as error:  # a run posts on, whatever is the matter with the file
            log.exception("statuses could not be saved into %s", self._path.name)
            self.error = tell("file-not-saved", reason=_reason(error))
        else:
            self.error = unmatched or self.error

    def _keep_old_file(self) -> str | None:
        """Before the first save of the run, keep the file as it was; why that failed, or None."""
        if self._kept or self._path is None:
            return None
        try:
            backup_inventory(self._path)
        except Exception as error:  # a backup is for comfort: without one the statuses are saved all the same
            log.exception("%s could not be kept as it was before the run", self._path.name)
            return tell("no-backup", reason=_reason(error))
        self._kept = True
        return None


def _reason(error: Exception) -> str:
    """What a person can do with; the words of a library are for the log."""
    return str(error) if isinstance(error, XlkijijiError) else tell("log-has-details")
