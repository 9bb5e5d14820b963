"""The button's own worker, attached to a workbook that is open in a real Calc, and killed again and again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlwings as xw
from kill_harness import Office, inventory, skus

from xlkijiji import calc
from xlkijiji.workbook.reader import locate
from xlkijiji.workbook.template import build_workbook

ROWS = 2
OURS = ("posting_status", "ad_id", "ad_url", "posted_at", "attempts", "last_error")


@pytest.fixture(scope="module")
def calc_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[calc.Office]:
    """LibreOffice without a window."""
    with calc.Office.start(tmp_path_factory.mktemp("profile"), headless=True) as running:
        yield running


@pytest.fixture
def sheet(calc_office: calc.Office, tmp_path: Path) -> Iterator[xw.Sheet]:
    """The inventory, open in Calc."""
    path = tmp_path / "stock.xlsm"
    rows = inventory(ROWS)[["sku", "title", "description", "price"]].to_dict("records")
    build_workbook(path, rows)
    opened = calc.open_workbook(path, office=calc_office, hidden=True)
    yield opened.book.sheets["Inventory"]
    opened.close()


def _shown(sheet: xw.Sheet) -> dict[str, dict[str, Any]]:
    """What the open sheet says of each item."""
    layout = locate(sheet)
    return {
        str(key[0]): {name: sheet.range((row, layout.columns[name])).value for name in OURS}
        for key, row in layout.rows.items()
    }


def _clear(sheet: xw.Sheet) -> None:
    """As the sheet was before the first click."""
    layout = locate(sheet)
    for row in layout.rows.values():
        for name in OURS:
            sheet.range((row, layout.columns[name])).value = None


def test_a_killed_worker_leaves_a_sheet_that_the_next_click_completes(
    office: Office, sheet: xw.Sheet, calc_office: calc.Office
) -> None:
    order = {"through": "worker", "path": str(sheet.book.fullname), "pipe": calc_office.pipe}
    step, stale = 1, 0
    while True:
        office.begin(ROWS)
        _clear(sheet)
        if not office.run(last=step, **order):
            break
        shown = _shown(sheet)
        stale += any(state == "posted" and not shown[sku]["ad_id"] for sku, state, _ad in office.records())

        office.recover(**order)

        ads = office.site.ask("all")
        assert sorted(ad["sku"] for ad in ads) == skus(ROWS), f"killed at step {step}: {ads}"
        shown = _shown(sheet)
        assert {sku: one["ad_id"] for sku, one in shown.items()} == {ad["sku"]: ad["id"] for ad in ads}
        assert all(str(one["posting_status"]).startswith("Posted ") for one in shown.values()), shown
        assert [(state, ad) for _sku, state, ad in office.records()] == [("posted", ad["id"]) for ad in ads]
        office.judge_history()
        step += 5
    print(f"{office.kills} kills of the worker; states when killed: {dict(office.states)}; {stale} sheets were behind")
    assert office.kills >= 8
    assert office.states["submitting"]
    assert office.states["posted"]
    assert stale, "a sheet that had missed an outcome was redrawn"
