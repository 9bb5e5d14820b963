"""Check Sheet: each row that Post New would post is checked without a browser, and told beside it what is wrong.

*Last error* gets what was found, behind a mark, so that the next check takes back its own words and nobody else's. A
*Posting status* becomes `Error: …`, as a run's own check writes it, only where it means the same to the next run.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlkijiji import logs
from xlkijiji.bots import checking_bot
from xlkijiji.cell_values import on_one_line
from xlkijiji.errors import XlkijijiError
from xlkijiji.inventory import BY_NAME, POSTED, STATUS, cell_text, error_status, is_new, is_unsure
from xlkijiji.inventory_check import Finding, check_inventory, rows_to_check
from xlkijiji.messages import tell
from xlkijiji.records import InventoryTable
from xlkijiji.recovery import NOT_THERE
from xlkijiji.runlock import RunLock
from xlkijiji.settings import Settings
from xlkijiji.validators import Problem, problems_sentence
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.reader import row_keys_of
from xlkijiji.workbook.session import Host

__all__ = ["MARK", "SheetCheck", "SheetNotes", "sheet_notes"]

log = logging.getLogger(__name__)

MARK = "Check Sheet: "
"""Before what a check writes into *Last error*; what stands before it there is a run's."""
LOOK_AGAIN_SECONDS = 5.0
LOOKS = 120
"""For ten minutes a workbook that refuses every call is asked again; a check can be had anew at any time."""


class _Stopped(Exception):
    """Somebody clicked Stop."""


@dataclass(frozen=True)
class SheetNotes:
    """What a check writes into a sheet, and says at its end."""

    cells: dict[int, dict[str, str]]
    """By position and column name; only cells that change."""
    first: Finding | None
    """What the person should look at first: the first row that can't be posted, else the first warning."""
    message: str


def sheet_notes(table: InventoryTable, findings: Sequence[Finding], only: Set[int] | None = None) -> SheetNotes:
    """What is to be written beside the rows of `table`, of which `findings` were found by `check_inventory`.

    `only` are the positions that were looked at (None: all); nothing is written beside another row.
    """
    frame = table.frame
    to_check = rows_to_check(frame)
    chosen = [position for position in to_check if only is None or position in only]
    by_row: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_row[finding.position].append(finding)
    statuses = frame[STATUS].tolist()
    errors = frame["last_error"].tolist() if "last_error" in frame else [None] * len(frame)
    cells: dict[int, dict[str, str]] = {}
    runs_errors = 0
    looks_posted = by_row.keys() - set(to_check)
    ads = frame["ad_id"].tolist() if "ad_id" in frame else [None] * len(frame)
    no_copies_now = {
        at
        for at, ad in enumerate(ads)
        if cell_text(ad) and MARK in cell_text(errors[at]) and cell_text(statuses[at]).startswith(POSTED)
    }
    looked_at = set(to_check) | looks_posted | no_copies_now
    for position in sorted(looked_at if only is None else looked_at & only):
        before = {STATUS: cell_text(statuses[position]), "last_error": cell_text(errors[position])}
        after = _note(before[STATUS], before["last_error"], by_row[position])
        runs_errors += not by_row[position] and _is_error(after[STATUS])
        changed = {name: value for name, value in after.items() if value != before[name]}
        if changed:
            cells[position] = changed
    first = min(findings, key=lambda one: (not one.blocks, one.position), default=None)
    message = _counts(len(chosen), [one for one in findings if one.position not in looks_posted])
    if looks_posted:
        message += " " + tell("rows-with-one-ad", count=len(looks_posted), ad_id=_column(by_row[min(looks_posted)][0]))
    if first is not None:
        message += _where_to_look(first, "last_error" in table.columns)
    if nameless := frame.attrs.get("nameless"):
        sku, title = BY_NAME["sku"].header, BY_NAME["title"].header
        message += " " + tell("rows-without-name", count=len(nameless), row=nameless[0], sku=sku, title=title)
    if runs_errors:
        message += " " + tell("rows-to-try-again", count=runs_errors)
    if hidden := len(to_check) - len(chosen):
        message += " " + tell("unchecked-hidden", count=hidden)
    if left_out := len(frame) - len(to_check):
        message += " " + tell("rows-not-checked", count=left_out)
    return SheetNotes(cells, first, message)


def _is_error(status: str) -> bool:
    """Does the row still show why it failed, so that the next run takes it again?"""
    return is_new(status) and status.casefold() not in {"", "pending"} and not is_unsure(status)


def _note(status: str, last_error: str, findings: Sequence[Finding]) -> dict[str, str]:
    """The row's two cells, as they should be after a check."""
    of_run, _mark, of_check = last_error.partition(MARK)
    of_run = of_run.rstrip()
    told = of_check.splitlines()
    if told and not of_run and status == error_status(told[0]):
        status = ""  # a check wrote it, so a check may take it back
    blocks = [one.problem for one in findings if one.blocks]
    lines = [_warning(one) for one in findings if not one.blocks]
    if blocks:
        sentence = _sentence(blocks, findings[0])
        lines.insert(0, sentence)
        if is_new(status) and not is_unsure(status) and not status.casefold().startswith(NOT_THERE):
            # what a run said of this attempt is over, as it would be after the run's own check
            status, of_run = error_status(sentence), ""
    found = MARK + "\n".join(lines) if lines else ""
    return {STATUS: status, "last_error": "\n".join(part for part in (of_run, found) if part)}


def _sentence(problems: Sequence[object], row: Finding) -> str:
    """All that keeps the row from being posted, on one line, in the words of a run."""
    if len(problems) == 1 and isinstance(problems[0], XlkijijiError):
        text = str(problems[0])
    else:
        text = problems_sentence(problems, row.record_id or tell("record-number", number=row.position + 1), row.row)
    return on_one_line(text)


def _warning(finding: Finding) -> str:
    text = on_one_line(str(finding.problem))
    if finding.row is None:
        return tell("warning", text=text)
    return f"{finding.place}, {tell('warning-of-row', text=text)}"


def _column(finding: Finding) -> str:
    """The header that a finding names."""
    problem = finding.problem
    return problem.column if isinstance(problem, Problem) else str(problem).partition(":")[0].strip()


def _counts(checked: int, findings: Sequence[Finding]) -> str:
    if not checked:
        return tell("no-row-to-check")
    blocked = len({one.position for one in findings if one.blocks})
    warned = len({one.position for one in findings if not one.blocks})
    if blocked:
        text = tell("some-rows-blocked", blocked=blocked, count=checked)
    else:
        text = tell("all-rows-good", count=checked)
    return tell("counts-with-warnings", counts=text, warned=warned) if warned else tell("counts", counts=text)


def _where_to_look(first: Finding, told_in_last_error: bool) -> str:
    if not told_in_last_error or first.row is None:  # a sheet of the person's own, without that column
        return f" {first}"
    status, last_error = BY_NAME[STATUS].header, BY_NAME["last_error"].header
    if first.blocks:
        return " " + tell("look-at-row-first", row=first.row, status=status, last_error=last_error)
    return " " + tell("look-at-warning-first", row=first.row, last_error=last_error)


class SheetCheck:
    """A check of the sheet that was in front at the click. It opens no browser and no journal, and posts nothing."""

    @property
    def unexpected(self) -> str:
        """What is said when something unforeseen ended the check."""
        return tell("check-unforeseen")

    def __init__(self, host: Host, view: LiveView, lock: RunLock) -> None:
        self._host = host
        self._view = view
        self._lock = lock

    def carry_out(self) -> dict[str, Any]:
        """Read, check, write beside the rows, put the cursor on the first mistake; `message` says the counts."""
        self._view.show(tell("reading-the-sheet"))
        table, labels, shown = self._view.read_shown()
        settings = Settings.from_labels(labels)
        folder = self._host.folder
        try:
            findings = check_inventory(
                table.frame,
                checking_bot(settings, folder),
                settings.images_dir(folder),
                only=shown,
                before_row=self._before_row,
            )
        except _Stopped:
            return self._end(tell("check-stopped"))
        notes = sheet_notes(table, findings, shown)
        places, changed = self._places_now(table)
        for position, values in notes.cells.items():
            if position in places:
                self._view.write(places[position], **values)
        if not self.see_all_written():
            return self._end(f"{notes.message} {tell('not-all-written')}")
        if notes.first is not None and notes.first.position in places:
            self._view.select(places[notes.first.position], _column(notes.first))
        logs.event(log, "sheet checked", workbook=Path(self._host.fullname).name, rows=len(table.frame))
        again = " " + tell("rows-changed-meanwhile", count=changed) if changed else ""
        return self._end(notes.message + again)

    def see_all_written(self) -> bool:
        """Stay until all is in the sheet; False when it is closed, its rows are gone, or it refuses for very long."""
        for _look in range(LOOKS):
            if self._view.settle(LOOK_AGAIN_SECONDS):
                return True
            if self._view.trouble in {"closed", "gone"}:
                break
        log.info("what the check found could not all be written: %s", self._view.trouble)
        self._view.forget_unwritten()
        return False

    def _before_row(self, place: int, count: int) -> None:
        if self._lock.stop_requested():
            raise _Stopped
        again = "   " + tell("one-click-is-enough") if self._lock.clicked_meanwhile() else ""
        text = tell("checking-row", place=place, total=count)
        self._view.show(f"[{100 * (place - 1) / count:.1f}%] {text}{again}")

    def _places_now(self, before: InventoryTable) -> tuple[dict[int, int], int]:
        """Where the rows are by now (position before → now), without those that the person has changed meanwhile.

        Photos from the web may take minutes, and somebody may have typed `sold` into a row since it was read.
        """
        now, _settings = self._view.read()
        names = sorted({*before.columns, *now.columns})
        at = {key: place for place, key in enumerate(row_keys_of(now))}
        old, new = (_cells(table, names) for table in (before, now))
        places = {
            position: at[key]
            for position, key in enumerate(row_keys_of(before))
            if key in at and new[at[key]] == old[position]
        }
        return places, len(before.frame) - len(places)

    def _end(self, message: str) -> dict[str, Any]:
        self._view.show(tell("says", message=message))
        return {"message": message}


def _cells(table: InventoryTable, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The rows' cells of these columns as text; those of columns that the sheet lacks are blank."""
    blank = [None] * len(table.frame)
    columns = [table.frame[name].tolist() if name in table.frame else blank for name in names]
    return [tuple(map(cell_text, row)) for row in zip(*columns, strict=True)]
