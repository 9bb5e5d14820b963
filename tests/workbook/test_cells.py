"""Somebody moves rows or columns in the very moment of a write: what went astray is put right, in the real Calc."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xlkijiji import calc
from xlkijiji.workbook import cells as module
from xlkijiji.workbook.cells import Cells, InventoryCells
from xlkijiji.workbook.reader import locate
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


MOMENTS = ("before the last look", "before the writes", "between the writes", "after them", "at the second look")


def _at(moment: str, meanwhile: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have something done at that moment of the first round of writing."""
    reads, looks, puts = module.row_values, module.locate, InventoryCells._put
    passed: list[str] = []

    def come(to: str) -> None:
        passed.append(to)
        if to == moment and passed.count(to) == 1:
            meanwhile()

    def row_values(*where: Any) -> list[object]:
        come("before the last look")
        return reads(*where)

    def locate(*where: Any) -> module.Layout:
        if "between the writes" in passed:
            come("after them")
        layout = looks(*where)
        if "between the writes" in passed:
            come("at the second look")
        elif "before the last look" in passed:
            come("before the writes")
        return layout

    def put(*values: Any) -> None:
        puts(*values)
        come("between the writes")

    monkeypatch.setattr(module, "row_values", row_values)
    monkeypatch.setattr(module, "locate", locate)
    monkeypatch.setattr(InventoryCells, "_put", put)


# each row right before the writes; at the other moments the first one, which is next to the headers
CASES = [(sku, move, "before the writes") for sku in SKUS for move in MOVES]
CASES += [
    ("C3", move, moment) for move in MOVES for moment in MOMENTS if (move, moment) not in {case[1:] for case in CASES}
]


@pytest.mark.parametrize(("sku", "move", "moment"), CASES)
def test_a_write_that_meets_a_move_ends_in_its_own_row(
    sheet: Any, monkeypatch: pytest.MonkeyPatch, move: str, sku: str, moment: str
) -> None:
    before = _table(sheet)
    done: list[str] = []

    def meanwhile() -> None:
        MOVES[move](sheet)
        done.append(move)

    _at(moment, meanwhile, monkeypatch)
    inventory = InventoryCells()
    inventory.paint = False
    inventory.names = frozenset({"posting_status", "ad_id"})
    wanted: Cells = {((sku, 0), "posting_status"): "Posted 2026-11-23", ((sku, 0), "ad_id"): "17"}
    again, waiting = inventory.write(sheet, wanted)
    assert done == [move], "once, at its moment"
    if moment == "before the writes":
        assert bool(again) == (move != "nothing" and _moved(move, sku)), "only what moved is written again"
    while again:
        again, waiting = inventory.write(sheet, again)
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


BACK_AGAIN: dict[str, tuple[str, Callable[[Any], object], Callable[[Any], object]]] = {
    "a column, beside one of the person's": (
        "ad_id",
        lambda page: page.range("B:B").insert("right"),
        lambda page: page.range("B:B").delete(),
    ),
    "a row": (
        "posting_status",
        lambda page: page.range("4:4").insert("down"),
        lambda page: page.range("4:4").delete(),
    ),
}


@pytest.mark.parametrize("move", BACK_AGAIN)
def test_what_moves_before_a_write_and_back_after_it_leaves_nothing_behind(
    sheet: Any, monkeypatch: pytest.MonkeyPatch, move: str
) -> None:
    name, there, back = BACK_AGAIN[move]
    before = _table(sheet)
    puts, left = InventoryCells._put, [move]

    def put(cells: InventoryCells, page: Any, row: int, column: int, column_name: str, value: object) -> None:
        moves = column_name == name and left and bool(left.pop())
        if moves:
            there(page)
        puts(cells, page, row, column, column_name, value)
        if moves:
            back(page)

    monkeypatch.setattr(InventoryCells, "_put", put)
    inventory = InventoryCells()
    inventory.paint = False
    inventory.names = frozenset({"posting_status", "ad_id"})
    again: Cells = {(("A1", 0), "posting_status"): "Posted 2026-11-23", (("A1", 0), "ad_id"): "17"}
    for _round in range(5):
        again, waiting = inventory.write(sheet, again)
        assert waiting == {}
    assert again == {}
    expected = {sku: dict(row) for sku, row in before.items()}
    expected["A1"] |= {"Posting status": "Posted 2026-11-23", "Ad id": "17"}
    assert _table(sheet) == expected


def _moved(move: str, sku: str) -> bool:
    """Is the row, or the column of the status, elsewhere afterwards?"""
    if move == "sorted":
        return True
    return not (move == "a row inserted above the row" and sku == "C3")


def test_an_ads_number_that_has_gone_alone_is_written_again(sheet: Any) -> None:
    cells = InventoryCells()
    cells.names = frozenset({"posting_status", "ad_id"})
    posted = {(("A1", 0), "posting_status"): "Posted 2026-11-23", (("A1", 0), "ad_id"): "1700000017"}
    assert cells.write(sheet, posted) == ({}, {})
    where = locate(sheet)
    number = sheet.range((where.rows["A1", 0], where.columns["ad_id"]))
    number.value = None  # as an undo takes it
    other = {(("B2", 0), "posting_status"): "Checking…"}
    assert cells.write(sheet, other) == ({}, {})
    assert str(number.value) == "1700000017"
