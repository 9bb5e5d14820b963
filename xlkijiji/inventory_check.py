"""A whole inventory, checked without a browser: what keeps rows from being posted, and what should be known of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from xlkijiji.bot_port import Bot, BotPort
from xlkijiji.errors import InventoryError, XlkijijiError
from xlkijiji.inventory import STATUS, Record, is_new, is_unsure
from xlkijiji.messages import tell
from xlkijiji.outcome import fault_code
from xlkijiji.records import Records, SheetRows, read_records
from xlkijiji.run_result import remarks
from xlkijiji.validators import Pictures, Problem, check_copies, check_record, check_repeats, check_twins, distinct

__all__ = ["Finding", "check_inventory", "rows_to_check"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finding:
    """One thing that was found in one row; its text is a sentence that begins with where it is."""

    position: int
    """Of the row in the frame, from 0."""
    row: int | None
    """Its number in the sheet, where that is known."""
    record_id: str
    blocks: bool
    """True: the row can't be posted. False: a warning."""
    problem: object
    """A `Problem`, with column, value, rule and advice; or a sentence of the bot's."""

    def __str__(self) -> str:
        name = f" ({self.record_id})" if self.record_id else ""
        text = str(self.problem).strip()
        return f"{self.place}{name}, {text if self.blocks else tell('warning-of-row', text=text)}"

    @property
    def place(self) -> str:
        """Where it is, in words."""
        if self.row is not None:
            return tell("row-number", row=self.row)
        return tell("record-number", number=self.position + 1)


def rows_to_check(df: pd.DataFrame, mode: str = "new") -> list[int]:
    """The rows (by position) that `check_inventory` looks at: in mode 'new' those that a run in mode new takes.

    Raises InventoryError when columns are missing, or for another mode than 'new' and 'all'.
    """
    return _chosen(read_records(df), mode)


def _chosen(records: Records, mode: str) -> list[int]:
    if mode not in {"new", "all"}:
        raise InventoryError(f"The mode {mode!r} isn't known. Use 'new' (rows that would be posted) or 'all'.")
    return [
        position
        for position, status in enumerate(records.cells(STATUS))
        if records.has_content(position) and (mode == "all" or is_new(status) or is_unsure(status))
    ]


def check_inventory(
    df: pd.DataFrame,
    bot: Bot,
    images_dir: Path | None = None,
    *,
    mode: str = "new",
    only: Container[int] | None = None,
    before_row: Callable[[int, int], object] | None = None,
) -> list[Finding]:
    """Everything that `run_batch` would say of the rows before its bot starts, in the sheet's order; errors first.

    In mode 'new' rows that look posted, but have the Ad id of another row, are told of, too.

    `bot` is asked by its `check` and `warnings` only. `mode` is 'new' (rows that a run in mode new takes) or 'all';
    `only` are the positions that are looked at (None: any).
    Photos with web addresses are downloaded. `before_row` is called with which row comes next (from 1) and how many
    there are; what it raises ends the check. Raises InventoryError when columns are missing, or for another mode.
    """
    folder = None if images_dir is None else Path(images_dir).absolute()
    records = read_records(df, folder)
    chosen = [at for at in _chosen(records, mode) if only is None or at in only]
    port, pictures = BotPort(bot), Pictures(folder)
    noted = df.attrs.get("rows")
    numbers = noted.match(records.skus) if isinstance(noted, SheetRows) else [None] * len(records)
    repeats = check_repeats(records.skus, numbers, records.headers)
    twins = check_twins(records.cells("title"), records.cells("price"), numbers, records.headers)
    findings: list[Finding] = []
    if mode == "new":
        copies = check_copies(records.cells("ad_id"), records.cells(STATUS), numbers, records.headers)
        findings += [
            Finding(at, numbers[at], records.skus[at], False, problem)
            for at, problem in copies.items()
            if only is None or at in only
        ]
    for place, position in enumerate(chosen, 1):
        if before_row is not None:
            before_row(place, len(chosen))
        name, row = records.skus[position], numbers[position]
        known = [repeats[position]] if position in repeats else []
        record, problems = _checked(records, position, port, pictures, known)
        findings += [Finding(position, row, name, True, problem) for problem in problems]
        twin = [twins[position]] if position in twins else []
        if record:
            findings += [Finding(position, row, name, False, text) for text in remarks(record, port, twin)]
    return sorted(findings, key=lambda one: one.position)


def _checked(
    records: Records, position: int, port: BotPort, pictures: Pictures, known: list[Problem]
) -> tuple[Record, list[object]]:
    """The row, empty when it can't be read, and what blocks it, each problem once."""
    record, problems = Record(), list[object](known)
    try:
        record = records[position]
        problems += check_record(record, pictures)
        problems += port.check(record)
    except XlkijijiError as error:
        problems.append(error)
    except Exception as error:
        code = fault_code(error)
        log.exception("record %d: its check failed, code %s", position + 1, code)
        problems.append(tell("row-not-checked", code=code))
    return record, distinct(problems)
