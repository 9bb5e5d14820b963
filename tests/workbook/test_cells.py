"""Somebody moves rows or columns in the very moment of a write: what went astray is put right, in the real Calc."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xlkijiji import calc
from xlkijiji.workbook import cells as module
from xlkijiji.workbook.cells import Cells, InventoryCells
from xlkijiji.workbook.template import build_workbook

SKUS = ("C3", "A1", "B2")
OLD = {"C3": "Error: of C3", "A1": "hold", "B2": "Posted 2026-01-02"}


@pytest.fixture
def sheet(office: calc.Office, tmp_path: Path) -> Iterator[Any]:
    """An inventory whose rows all have a status, with a formula beside it."""
    path = tmp_path / "inventory.xlsm"
    rows = [
        {"sku": sku, "title": f"Title {sku}", "description": f"About {sku}", "price": 5, "posting_status": OLD[sku]}
        for sku in SKUS
    ]
    build_workbook(path, rows)
    opened = calc.open_workbook(path, office=office, hidden=True)
    page = opened.book.sheets["Inventory"]
    for row in (4, 5, 6):
        page.range((row, 4)).formula = f'=A{row}&"!"'  # a description that is worked out
    yield page
    opened.close()


def _sort(page: Any) -> None:
    area = page.range("A4:T6")
    area.value = sorted(area.value, key=lambda row: row[0])
    for row in (4, 5, 6):
        page.range((row, 4)).formula = f'=A{row}&"!"'


MOVES: dict[str, Callable[[Any], object]] = {
    "nothing": lambda page: page.range("A1").value,
    "sorted": _sort,
    "a row inserted above the row": lambda page: page.range("5:5").insert("down"),
    "a row inserted above the headers": lambda page: page.range("2:2").insert("down"),
    "a row deleted above the row": lambda page: page.range("4:4").delete(),
    "a column inserted before the status": lambda page: page.range("B:B").insert("right"),
    "a column inserted right before the status": lambda page: page.range("C:C").insert("right"),
    "a column deleted before the status": lambda page: page.range("B:B").delete(),
}


def _table(page: Any) -> dict[str, dict[str, object]]:
    """sku → header → value, and below "" whatever stands in rows without a stock number."""
    grid = page.range("A1:Z14").value
    top = next(at for at, row in enumerate(grid) if "SKU" in row and "Price" in row)
    headers = grid[top]
    table: dict[str, dict[str, object]] = {"": {}}
    for row in grid[top + 1 :]:
        cells = {str(name): cell for name, cell in zip(headers, row, strict=True) if cell is not None}
        if sku := cells.get("SKU"):
            table[str(sku)] = cells
        else:
            table[""] |= cells
    return table


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("sku", SKUS)
def test_a_write_that_meets_a_move_ends_in_its_own_row(
    sheet: Any, monkeypatch: pytest.MonkeyPatch, move: str, sku: str
) -> None:
    before = _table(sheet)
    meanwhile = [MOVES[move]]
    reads = module.row_values

    def row_values(page: Any, *where: Any) -> list[object]:
        """The last look before the writes; right after it the person does something."""
        read = reads(page, *where)
        while meanwhile:
            meanwhile.pop()(page)
        return read

    monkeypatch.setattr(module, "row_values", row_values)
    inventory = InventoryCells()
    inventory.paint = False
    inventory.names = frozenset({"posting_status", "ad_id"})
    wanted: Cells = {((sku, 0), "posting_status"): "Posted 2026-11-23", ((sku, 0), "ad_id"): "17"}
    again, waiting = inventory.write(sheet, wanted)
    assert bool(again) == (move != "nothing" and _moved(move, sku))
    if again:
        again, waiting = inventory.write(sheet, again)
    assert again == {}
    after = _table(sheet)
    gone = "deleted above" in move and "row" in move
    expected = {name: dict(row) for name, row in before.items() if not (gone and name == "C3")}
    if sku in expected:
        expected[sku] |= {"Posting status": "Posted 2026-11-23", "Ad id": "17"}
        assert waiting == {}
    if move == "a column deleted before the status":
        for row in expected.values():
            row.pop("Title", None)
    assert after == expected


def _moved(move: str, sku: str) -> bool:
    """Is the row, or the column of the status, elsewhere afterwards?"""
    if move == "sorted":
        return True
    return not (move == "a row inserted above the row" and sku == "C3")
