"""Which rows each button takes, of those that a person sees; and what is said of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from xlkijiji.errors import InventoryError
from xlkijiji.inventory import POSTED, STATUS, cell_text, is_new, is_unsure
from xlkijiji.inventory_check import rows_to_check
from xlkijiji.messages import tell
from xlkijiji.records import InventoryTable
from xlkijiji.workbook.chosen_rows import selected_spans

__all__ = ["Choice", "choose_all", "choose_new", "choose_selected"]

_OURS = (POSTED.casefold(), "removed –")
"""How a status begins that a run wrote of a row whose ad is, or was, on the site."""


@dataclass(frozen=True)
class Choice:
    """The rows that a click means."""

    only: frozenset[int]
    """Positions in the frame; no other row may be touched."""
    note: str = ""
    """What is said of the rows that were left out; blank when there are none."""


def choose_new(table: InventoryTable, shown: Set[int]) -> Choice:
    """Post New: what is visible. Hidden rows are told of only if they would have been posted."""
    left = len(set(rows_to_check(table.frame)) - shown)
    return Choice(frozenset(shown), tell("left-out-hidden", count=left) if left else "")


def choose_selected(
    table: InventoryTable, shown: Set[int], address: str, clicked: Mapping[int, Sequence[str]]
) -> Choice:
    """Post Selected: the visible rows that the selection touches. `clicked` is what stood in them at the click.

    Raises InventoryError, with what to do, when there's nothing among them that could be posted, and when other items
    stand there by now.
    """
    spans = selected_spans(address)
    touched = {at for at, row in enumerate(table.rows) if any(first <= row <= last for first, last in spans)}
    _refuse_moved(table, touched, clicked)
    if not touched:
        raise InventoryError(tell("selected-no-row"))
    waiting = touched & set(rows_to_check(table.frame))
    if not waiting:
        raise InventoryError(tell("selected-all-posted", count=len(touched)))
    if not waiting & shown:
        raise InventoryError(tell("selected-hidden"))
    left = len(waiting - shown)
    return Choice(frozenset(touched & shown), tell("left-out-hidden", count=left) if left else "")


def _refuse_moved(table: InventoryTable, touched: Set[int], clicked: Mapping[int, Sequence[str]]) -> None:
    """Raises InventoryError unless each of these rows holds the item that it held at the click."""
    names = [name for name in ("sku", "title") if name in table.columns]
    columns = [(table.frame[name].tolist(), table.columns[name]) for name in names]

    def then(row: int, column: int) -> str:
        cells = clicked.get(row, ())
        return cells[column - 1] if column <= len(cells) else ""

    if any(cell_text(cells[at]) != then(table.rows[at], column) for at in touched for cells, column in columns):
        raise InventoryError(tell("selected-moved"))


def choose_all(table: InventoryTable, shown: Set[int]) -> Choice:
    """Post All: what is visible, but not what a person has written another word beside, such as `sold`."""
    every = set(rows_to_check(table.frame, "all"))
    statuses = table.frame[STATUS].tolist()
    own_words = {at for at in every if _is_own_word(cell_text(statuses[at]))}
    notes = [
        tell(key, count=len(rows))
        for key, rows in (("left-out-hidden", every - shown - own_words), ("left-out-own-word", own_words & shown))
        if rows
    ]
    return Choice(frozenset(every & shown - own_words), " ".join(notes))


def _is_own_word(status: str) -> bool:
    return not (is_new(status) or is_unsure(status) or status.casefold().startswith(_OURS))
