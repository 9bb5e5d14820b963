"""The sheet Runs of an open workbook: one line for each run, written when it has ended.

A workbook without such a sheet is left as it is.
"""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlkijiji.inventory import header_key, is_blank
from xlkijiji.messages import LANGUAGES, tell
from xlkijiji.report_values import button_of
from xlkijiji.sheet_names import RUNS, is_called

__all__ = ["COLUMNS", "RunColumn", "RunLine", "add_line", "line_of", "run_column"]

HEADER_SEARCH_ROWS = 20


@dataclass(frozen=True)
class RunColumn:
    """One fact of a run: its name here, the message of its header, and how the sheet shows it."""

    name: str
    header_key: str
    width: float
    number_format: str = "General"

    @property
    def counts(self) -> bool:
        """Is it a number, or a duration?"""
        return self.number_format in {"0", "[h]:mm:ss"}


COLUMNS = (
    RunColumn("when", "runs-when", 17, "yyyy-mm-dd hh:mm"),
    RunColumn("who", "runs-who", 16, "@"),
    RunColumn("mode", "runs-mode", 26),
    RunColumn("site", "runs-site", 14),
    RunColumn("posted", "runs-posted", 11, "0"),
    RunColumn("failed", "runs-failed", 11, "0"),
    RunColumn("skipped", "runs-skipped", 11, "0"),
    RunColumn("duration", "runs-duration", 11, "[h]:mm:ss"),
    RunColumn("report", "runs-report", 24),
)
_NAMES = {header_key(tell(column.header_key, language)): column.name for column in COLUMNS for language in LANGUAGES}


def run_column(header: object) -> str | None:
    """The name of the column of Runs that a header means, in any language; None for one of the person's own."""
    return _NAMES.get(header_key(header))


@dataclass(frozen=True)
class RunLine:
    """What the sheet says of one run."""

    when: dt.datetime
    """When it began, without a zone, as a cell has none."""
    who: str
    mode: str
    site: str
    posted: int
    failed: int
    skipped: int
    seconds: float
    report: Path | None

    def cells(self) -> dict[str, object]:
        """The value of each column but the report's, which is a link."""
        return {
            "when": self.when,
            "who": self.who,
            "mode": self.mode,
            "site": self.site,
            "posted": self.posted,
            "failed": self.failed,
            "skipped": self.skipped,
            "duration": self.seconds / 86_400,  # a cell counts days
        }


def line_of(result: Mapping[str, Any], report: Path | None, now: dt.datetime) -> RunLine:
    """The line of a run that ended `now`, of `jobs.carry_out`'s result."""
    seconds = float(result["statistics"]["duration_s"])
    return RunLine(
        when=(now - dt.timedelta(seconds=seconds)).replace(microsecond=0, tzinfo=None),
        who=_user(),
        mode=button_of(result) if result["ended"] == "done" else tell("runs-ended-early", button=button_of(result)),
        site=tell("runs-practice-site") if result["practice"] else "Kijiji",
        posted=result["successful_posts"],
        failed=result["failed_posts"],
        skipped=result["skipped_records"],
        seconds=seconds,
        report=report,
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name; the error differs between Pythons
        return ""


def add_line(book: Any, line: RunLine) -> bool:
    """Write `line` below the last one of the sheet Runs; False when the workbook has no such sheet, or no header of it.

    Raises what the spreadsheet program raises, and PermissionError when the sheet keeps silent and takes nothing, as a
    protected one does on the Mac [xlwings].
    """
    sheet = next((one for one in book.sheets if is_called(one.name, RUNS)), None)
    if sheet is None:
        return False
    used = sheet.used_range
    grid = used.options(ndim=2).value
    at, columns = _header(grid)
    if "when" not in columns:
        return False
    cells = line.cells()
    told = ("when", "who") if "who" in columns else ("when",)
    if any(all(row[columns[name]] == cells[name] for name in told) for row in grid[at + 1 :]):
        return True  # an earlier try wrote it, and was refused afterwards
    filled = [n for n, row in enumerate(grid) if n >= at and not all(is_blank(row[c]) for c in columns.values())]
    last = grid[max(filled)]
    begun = max(filled) > at and is_blank(last[columns["when"]]) and last[columns[told[-1]]] == cells[told[-1]]
    row = used.row + max(filled) + (0 if begun else 1)
    # when it was comes last: a line without it is one that a try has begun
    for name, column in sorted(columns.items(), key=lambda item: item[0] == "when"):
        cell = sheet.range((row, used.column + column))
        if name in cells:
            cell.value = cells[name]
        elif line.report is not None:
            cell.add_hyperlink(line.report.as_uri(), line.report.name)
    if is_blank(sheet.range((row, used.column + columns["when"])).value):
        raise PermissionError(f"Sheet '{sheet.name}' takes no writes")
    return True


def _header(grid: list[list[object]]) -> tuple[int, dict[str, int]]:
    """The row (from 0) with the most of our headers, and the column (from 0) of each."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, row in enumerate(grid[:HEADER_SEARCH_ROWS]):
        found = {name: column for column, cell in enumerate(row) if (name := _NAMES.get(header_key(cell)))}
        if len(found) > max(1, len(best[1])):
            best = (at, found)
    return best
