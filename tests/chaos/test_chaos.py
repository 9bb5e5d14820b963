"""A person goes on working in the workbook while a run is on, in the real Calc.

After each step every status is in the right row, no other cell has changed, and nothing is posted twice or left out;
what could not be written is written at the next chance. First step by step, then in sequences by lot.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest
from chaos_desk import Desk

from xlkijiji.calc.connection import property_values, uno_type

OpenDesk = Callable[[int], Desk]
Act = Callable[[Desk, float], None]
"""A step of the person's; the number from 0 to 1 chooses which row, column and so on."""


def _one_of(choices: list[int], lot: float) -> int:
    return choices[min(int(lot * len(choices)), len(choices) - 1)]


def sort(desk: Desk, lot: float) -> None:
    """Sort the filled rows by one of the columns, up or down."""
    top, bottom, right = desk.place()
    if bottom <= top + 1:
        return
    field = uno_type("com.sun.star.table.TableSortField")()
    field.Field, field.IsAscending = int(lot * (right + 1)), int(lot * 1000) % 2 == 0
    fields = uno_type("com.sun.star.table.TableSortField")
    area = desk.sheet.getCellRangeByPosition(0, top + 1, right, bottom)
    with desk.step():
        import uno

        area.sort(
            property_values(
                SortFields=uno.Any(f"[]{fields.__pyunostruct__}", (field,)), ContainsHeader=False, IsSortColumns=False
            )
        )


def filter_rows(desk: Desk, lot: float) -> None:
    """Show only the rows with a certain status; or all again."""
    top, bottom, right = desk.place()
    column = desk.column("Posting status")
    if column is None:
        return
    area = desk.sheet.getCellRangeByPosition(0, top, right, bottom)
    rules = area.createFilterDescriptor(True)
    rules.ContainsHeader = True
    if lot < 0.6:
        rule = uno_type("com.sun.star.sheet.TableFilterField")()
        rule.Field = column
        rule.Operator = uno_type("com.sun.star.sheet.FilterOperator.EMPTY")
        if lot < 0.3:
            rule.Operator = uno_type("com.sun.star.sheet.FilterOperator.NOT_EMPTY")
        rules.setFilterFields((rule,))
    with desk.step():
        area.filter(rules)


def insert_row(desk: Desk, lot: float) -> None:
    """Anywhere, also above the headers."""
    _top, bottom, _right = desk.place()
    if bottom < 75:
        with desk.step():
            desk.sheet.Rows.insertByIndex(1 + int(lot * bottom), 1)


def delete_row(desk: Desk, lot: float) -> None:
    """A blank one, or one of the inventory's, whose ad may be on its way."""
    top, bottom, _right = desk.place()
    grid = desk.grid(desk.model.sheet)
    if bottom <= top + 3:
        return
    at = top + 1 + int(lot * (bottom - top - 1))
    column = desk.column("SKU")
    with desk.step():
        desk.sheet.Rows.removeByIndex(at, 1)
        if column is not None:
            desk.model.rows.pop(grid[at][column], None)


def insert_column(desk: Desk, lot: float) -> None:
    """A blank one, anywhere among the others."""
    _top, _bottom, right = desk.place()
    if right < 30:
        with desk.step():
            desk.sheet.Columns.insertByIndex(int(lot * (right + 1)), 1)


def delete_column(desk: Desk, lot: float) -> None:
    """One that the run can do without, one of its own, or, for a moment, the one with the stock numbers."""
    names = [name for name in ("Tags", "Notes", "Ad id", "Last error", "Phone") if name in desk.model.headers]
    if not names:
        return
    name = names[int(lot * len(names)) % len(names)]
    column = desk.column(name)
    assert column is not None
    with desk.step():
        desk.sheet.Columns.removeByIndex(column, 1)
        desk.model.headers.remove(name)


def rename_sheet(desk: Desk, lot: float) -> None:
    """Give the sheet another name."""
    name = f"Stock {int(lot * 1000)}"
    if name != desk.model.sheet:
        with desk.step():
            desk.sheet.setName(name)
            desk.model.sheet = name


def switch_sheet(desk: Desk, lot: float) -> None:
    """Look at another sheet."""
    sheets = desk.doc.Sheets
    desk.doc.CurrentController.setActiveSheet(sheets.getByIndex(int(lot * sheets.Count)))


def edit_cell(desk: Desk, lot: float) -> None:
    """Type into a cell of a column of their own."""
    column, skus = desk.column("Notes"), desk.column("SKU")
    if column is None or skus is None:
        return
    grid = desk.grid(desk.model.sheet)
    rows = [at for at, row in enumerate(grid) if row[skus] in desk.model.rows]
    at = _one_of(rows, lot)
    with desk.step():
        desk.sheet.getCellByPosition(column, at).setString(f"typed {lot:.6f}")
        desk.model.rows[grid[at][skus]]["Notes"] = f"typed {lot:.6f}"


def hide_column(desk: Desk, lot: float) -> None:
    """Hide a column, or show it again."""
    _top, _bottom, right = desk.place()
    column = desk.sheet.Columns.getByIndex(int(lot * (right + 1)))
    with desk.step():
        column.IsVisible = not column.IsVisible


def undo(desk: Desk, _lot: float) -> None:
    """Ctrl+Z."""
    desk.undo()


def save(desk: Desk, _lot: float) -> None:
    """Ctrl+S."""
    desk.save()


def save_as(desk: Desk, lot: float) -> None:
    """Under another name."""
    desk.save_as(f"copy {int(lot * 100)}.xlsm")


def open_twin(desk: Desk, _lot: float) -> None:
    """Open a second workbook of the same name, or close it."""
    desk.open_twin()


def close_and_reopen(desk: Desk, lot: float) -> None:
    """Close the workbook, saved or not; an ad is posted meanwhile; open it again."""
    if lot < 0.5:
        desk.save()
    desk.close()
    desk.post_one()
    desk.open()


def kill_and_reopen(desk: Desk, lot: float) -> None:
    """Kill the program; an ad is posted meanwhile; start it again."""
    if lot < 0.5:
        desk.save()
    desk.kill()
    desk.post_one()
    desk.start_again()


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        sort,
        filter_rows,
        insert_row,
        delete_row,
        insert_column,
        delete_column,
        rename_sheet,
        switch_sheet,
        edit_cell,
        hide_column,
        undo,
        save,
        save_as,
        open_twin,
        close_and_reopen,
        kill_and_reopen,
    )
}
OFTEN = ("sort", "sort", "sort", "insert_row", "delete_row", "insert_column", "edit_cell", "undo", "undo", "undo")


def carry_out(desk: Desk, steps: list[tuple[str, float]]) -> None:
    """Do these steps while a run is on, an ad being posted at each; then let it end, and click once more."""
    desk.start()
    desk.until_in_hand()
    desk.check()
    for name, lot in steps:
        desk.steps.append(f"{name}@{lot:.6f}")
        assert desk.running, "there are rows for all steps"
        desk.post_one()
        ACTS[name](desk, lot)
        desk.check()
    desk.finish()
    desk.check()
    assert sorted([*desk.bot.accepted, *desk.bot.refused]) == [f"S{number:03}" for number in range(1, desk.count + 1)]
    _click_again(desk)


def _click_again(desk: Desk) -> None:
    """The next run posts nothing that is posted, and tries only what was refused."""
    accepted = list(desk.bot.accepted)
    desk.start()
    desk.finish()
    assert desk.bot.accepted == accepted
    desk.check()


@pytest.mark.parametrize("name", [name for name in ACTS if name not in {"undo", "sort", "kill_and_reopen"}])
def test_the_run_goes_on_and_each_status_finds_its_row(desk: OpenDesk, name: str) -> None:
    one = desk(9)
    carry_out(one, [(name, 0.15), (name, 0.85), ("undo", 0.0)])


def test_sorting_by_each_column(desk: OpenDesk) -> None:
    one = desk(26)
    _top, _bottom, right = one.place()
    steps = [("sort", (column + 0.25 + 0.001 * (column % 2)) / (right + 1)) for column in range(right + 1)]
    carry_out(one, [*steps[: len(steps) // 2], ("undo", 0.0), *steps[len(steps) // 2 :]])


def test_killing_the_program(desk: OpenDesk) -> None:
    carry_out(desk(9), [("kill_and_reopen", 0.9), ("sort", 0.1)])


SEEDS = range(1, 1 + int(os.environ.get("XLKIJIJI_SOAK_SEQUENCES", "8")))
STEPS = 26
"""Of each sequence: 208 in all; `make soak` wants thousands."""


@pytest.mark.parametrize("seed", SEEDS)
def test_sequences_by_lot(desk: OpenDesk, seed: int) -> None:
    """A failure names its steps; `carry_out(desk(…), [("sort", 0.1), …])` with fewer of them narrows it down."""
    lots = random.Random(seed)  # noqa: S311 — steps by lot, not a secret
    names = [*(name for name in ACTS if name != "kill_and_reopen"), *OFTEN]
    steps = [(lots.choice(names), lots.random()) for _step in range(STEPS)]
    if seed % 3 == 0:
        steps[STEPS // 2] = ("kill_and_reopen", lots.random())
    carry_out(desk(3 * STEPS // 2), steps)
